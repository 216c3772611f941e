//! Limits of the jar.

/// Bytes of a cookie's name and value together; a larger one is refused (CLI-07, RFC 6265bis §5.6).
pub const COOKIE_BYTES: usize = 4096;

/// Bytes of an attribute's value; a longer attribute is ignored (RFC 6265bis §5.5).
pub const ATTRIBUTE_BYTES: usize = 1024;

/// Cookies of one domain; beyond, the one used least recently goes (CLI-07).
pub const PER_DOMAIN: usize = 50;

/// Cookies in all; beyond, the one used least recently goes.
pub const COOKIES: usize = 3000;

/// How long a cookie lives at most, in seconds: 400 days (RFC 6265bis §5.5).
pub const AGE_S: u64 = 400 * 86_400;

/// Bytes of a file of cookies; a longer one is not read.
pub const FILE_BYTES: u64 = 16 * 1024 * 1024;
