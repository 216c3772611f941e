//! Limits of the simulator.

/// Bytes of the smallest `Out` that a simulated transport lends. An HTTP/1 role waits until there are 16 KiB for a
/// response, a WebSocket role until a message of 4000 bytes fits; the rest is for what hosts add themselves.
pub const LEAST_ROOM_BYTES: usize = 17 * 1024;

/// Steps of all streams in one run. A simulation that takes more does not come to rest, and the test fails.
pub const STEPS_PER_RUN: u64 = 20_000_000;

/// Deadlines that expire in one advance of the clock. More than that, and the test fails: a deadline is set in the
/// past again and again.
pub const EXPIRIES_PER_ADVANCE: u64 = 1_000_000;

/// What the wall clock says when a simulation begins, in seconds since 1970: 1 January 2030.
pub const UNIX_START_S: u64 = 1_893_456_000;
