//! Limits of the clients; those of each connection are in [`lws_role_h1::limits`] and [`lws_role_ws::limits`].

use std::time::Duration;

/// Bytes in a URL; a longer one is refused.
pub const URL_BYTES: usize = 8192;

/// Redirects that one request follows; one more ends it (CLI-02).
pub const REDIRECTS: u32 = 4;

/// How long one request may take, from sending it off to the last byte of the response, unless told otherwise:
/// looking up the host, connecting, redirects and further tries included. Then [`crate::Error::Timeout`].
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Addresses of one host that are tried; further ones are ignored (CLI-09).
pub const ADDRESSES: usize = 16;

/// Threads that look names up.
pub const RESOLVERS: usize = 4;

/// Names that wait for the resolver's threads; more are refused (CLI-09).
pub const RESOLVING: usize = 256;

/// Idle connections kept for each origin; further ones are closed.
pub const IDLE_PER_ORIGIN: usize = 6;

/// Idle connections kept in all; further ones are closed.
pub const IDLE: usize = 64;

/// Bytes of field lines in one request, names and values; more is refused.
pub const FIELDS_BYTES: usize = 32 * 1024;

/// How long one address of a host has to answer before the next one is tried beside it (RFC 8305 §5).
pub const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// How long looking up a host's addresses may take, unless told otherwise.
pub const RESOLVE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long connecting may take, all addresses of a host together, unless told otherwise.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a proxy may take to open the way to the server, unless told otherwise.
pub const PROXY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a TLS handshake may take, unless told otherwise.
pub const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// How long nothing may move in an exchange, unless told otherwise.
pub const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes in the head of a proxy's answer to CONNECT; a longer one fails the request (CLI-06).
pub const PROXY_HEAD_BYTES: usize = 16 * 1024;

/// Connections to one origin that are open at the same time, unless told otherwise; further requests wait.
pub const CONNECTIONS_PER_ORIGIN: usize = 256;

/// Requests that wait for something other than their answer: an address, a connection, another try. More fail with
/// [`crate::Error::Busy`].
pub const WAITING: usize = 10_000;

/// Bytes of decoded content that wait for whoever takes them.
pub const DECODED_BYTES: usize = 16 * 1024;

/// How long a server that was asked for leave to send a body is waited for, unless told otherwise
/// (RFC 9110 §10.1.1).
pub const EXPECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How often one request is sent again because it failed, whatever its [`crate::Retry`] says.
pub const RETRIES: u32 = 10;

/// The longest `Retry-After` that is waited for; an answer with a longer one is given to whoever asked.
pub const RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Challenges of digest authentication that are remembered, one for each origin; the oldest one goes.
pub const CHALLENGES: usize = 64;

/// Bytes of all fields with challenges of one response that are read; what is behind them is ignored.
pub const CHALLENGE_BYTES: usize = 8192;

/// Parts of a multipart form.
pub const FORM_PARTS: usize = 1000;

/// Entries of a list of hosts that are reached without a proxy; further ones are ignored.
pub const NO_PROXY: usize = 256;
