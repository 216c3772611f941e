//! Limits of the clients; those of each connection are in [`lws_role_h1::limits`] and [`lws_role_ws::limits`].

use std::time::Duration;

/// Bytes in a URL; a longer one is refused.
pub const URL_BYTES: usize = 8192;

/// Redirects that one request follows; one more ends it (CLI-02).
pub const REDIRECTS: u32 = 4;

/// How long one request may take once it is sent, to the last byte of the response, unless told otherwise. Each
/// redirect begins anew; resolving and connecting have limits of their own.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Addresses of one host that are tried; further ones are ignored (CLI-09).
pub const ADDRESSES: usize = 16;

/// Names that wait for the resolver's thread; more are refused (CLI-09).
pub const RESOLVING: usize = 256;

/// Idle connections kept for each origin; further ones are closed.
pub const IDLE_PER_ORIGIN: usize = 6;

/// Idle connections kept in all; further ones are closed.
pub const IDLE: usize = 64;

/// Bytes of field lines in one request, names and values; more is refused.
pub const FIELDS_BYTES: usize = 32 * 1024;

/// How long one address of a host has to answer before the next one is tried beside it (RFC 8305 §5).
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
