//! Limits of the server program; those of what it is built from are in their crates.

use std::time::Duration;

/// Lines that wait for the thread that writes them. Further ones are dropped and counted (LOG-03); the count is
/// written when the reader goes on.
pub const LOG_QUEUE_LINES: usize = 4096;

/// Bytes that the writer collects from waiting lines before it writes them.
pub const LOG_BATCH_BYTES: usize = 64 * 1024;

/// How long the writer lets lines of requests gather before it writes them: a busy server must not wake it for each.
pub const LOG_GATHER: Duration = Duration::from_millis(10);

/// How long the end of the program waits for the last lines to be written.
pub const LOG_FLUSH: Duration = Duration::from_millis(500);

/// How often a status page is sent new numbers.
pub const STATUS_PERIOD: Duration = Duration::from_secs(1);

/// Rates are averages over at least this long; who asks again sooner is told the same rates.
pub const RATE_WINDOW: Duration = Duration::from_millis(900);

/// Bytes of a message from a status page; pages send none. More ends the connection with 1009.
pub const STATUS_MESSAGE_BYTES: u64 = 125;

/// How often certificate files are looked at. New ones must look the same twice, so that a pair of which only one is
/// written yet is not taken.
pub const CERTIFICATE_CHECK: Duration = Duration::from_millis(500);

/// How often another port is tried when `--port 0` met one that is free on IPv4 and taken on IPv6.
pub const PORT_ATTEMPTS: u32 = 32;

/// How long before the end of a certificate it is warned of, in seconds: two weeks.
pub const CERTIFICATE_WARNING_SECONDS: i64 = 14 * 86_400;

/// How often it is looked whether a certificate ends soon.
pub const CERTIFICATE_AGE_CHECK: Duration = Duration::from_secs(86_400);
