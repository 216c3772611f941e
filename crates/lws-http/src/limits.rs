//! Limits that carriers share.

/// Bytes of a request body that a mount accepts unless told otherwise; more is answered 413.
pub const MAX_BODY_BYTES: u64 = 100 * 1024 * 1024;

/// Room in bytes that a carrier guarantees when it hands a request to its handler: a response head always fits, and
/// some body.
pub const RESPONSE_ROOM_BYTES: usize = 16 * 1024;

/// Bytes of a response head, vhost fields included; a handler that exceeds it is answered with 500.
pub const MAX_RESPONSE_HEAD_BYTES: usize = 12 * 1024;

/// Vhosts in one site, and mounts in one vhost; more cannot be installed.
pub const MAX_VHOSTS: usize = 65_535;

/// Bytes of each client-supplied string that an access-log record keeps; the rest is cut off.
pub const LOG_FIELD_BYTES: usize = 1024;

/// Fields that a vhost adds to every response; more cannot be installed.
pub const MAX_VHOST_FIELDS: usize = 63;

/// Most ranges of one field that are obeyed (PATH-09); a field that lists more is ignored and the answer is a 200.
pub const MAX_RANGES: usize = 64;
