//! Limits of the HTTP/1 role; those of the messages themselves are in [`lws_h1::limits`].

use core::time::Duration;

/// From the first byte of a connection or request to the end of its head. Absolute: bytes do not prolong it
/// (CONN-01). Then 408, and close.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept for another request.
pub const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may serve requests in all; the response after that says `Connection: close`.
pub const CONNECTION_LIFE: Duration = Duration::from_secs(3600);

/// Requests on one connection; the last one's response says `Connection: close`.
pub const REQUESTS_PER_CONNECTION: u32 = 1000;

/// How long a request's body may stall; and the window over which [`BODY_RATE_BYTES_S`] is averaged. Then 408.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes per second of a request's body that a client must send, unless the handler holds it back (CONN-02).
pub const BODY_RATE_BYTES_S: u64 = 500;

/// Bytes of a request's body that are read and thrown away after its reply is complete; a longer one costs the
/// connection (H1-17).
pub const DISCARD_BYTES: u64 = 256 * 1024;

/// How long a client keeps an idle connection for another request.
pub const CLIENT_IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a client waits while neither its request nor the response moves, unless its own caller holds the response
/// back. Then the call fails.
pub const CLIENT_STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Interim responses (1xx) to one request that a client passes over; more fail the call (CLI-03).
pub const INTERIM_RESPONSES: u32 = 10;

/// Bytes in the head of a response; a longer one fails the call (CLI-04). It may have [`lws_h1::limits::FIELDS_MAX`]
/// fields.
pub const RESPONSE_HEAD_BYTES: usize = lws_h1::limits::HEAD_CEILING;
