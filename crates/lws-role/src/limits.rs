//! Limits of the contract.

/// Bytes of an empty [`lws_wire::Out`] that a host can lend at any time, and of a block of output that waits.
///
/// A role that asked for room and writes nothing into an empty one of this size is not asked again until it asks anew.
pub const OUT_BYTES: usize = 64 * 1024;

/// Bytes of one offer of input, for most hosts: never larger than an empty `Out` can answer (law 2).
pub const OFFER_BYTES: usize = 64 * 1024;

/// Bytes of one offer, and of the empty `Out` lent with it, by a host that has so much input and memory to spare. No role
/// may count on more than [`OUT_BYTES`].
pub const LARGE_OFFER_BYTES: usize = 256 * 1024;

/// Bytes of input that a host keeps for a role which needs more before it can take any. A role that takes nothing
/// of so much is closed with [`crate::Closed::Limit`].
pub const STASH_BYTES: usize = 64 * 1024;

/// Spare blocks of [`OUT_BYTES`] a loop keeps for connections whose peer reads slowly; further ones are freed at once.
pub const SPARE_BLOCKS: usize = 64;

/// Bytes by which [`crate::sniff`] must know what is spoken; then the last of its list gets the stream.
pub const SNIFF_BYTES: usize = 4096;

/// How long a client has to say what it speaks, where several protocols share a port and none of them begins with the
/// server. Absolute; then the stream is closed.
pub const SNIFF_TIMEOUT: core::time::Duration = core::time::Duration::from_secs(5);
