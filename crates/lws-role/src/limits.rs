//! Limits of the contract.

/// Bytes of the shared output buffer (the cork), and so of the largest [`lws_wire::Out`] a role is ever lent.
///
/// A role that asked for room and writes nothing into an empty one of this size is not asked again until it asks anew.
pub const OUT_BYTES: usize = 64 * 1024;

/// Bytes of one offer of input: never larger than an empty `Out` can answer (law 2).
pub const OFFER_BYTES: usize = 64 * 1024;

/// Bytes of input that a host keeps for a role which needs more before it can take any. A role that takes nothing
/// of so much is closed with [`crate::Closed::Limit`].
pub const STASH_BYTES: usize = 64 * 1024;

/// Spare blocks of [`OUT_BYTES`] a loop keeps for connections whose peer reads slowly; further ones are freed at once.
pub const SPARE_BLOCKS: usize = 64;
