//! Every bound of the extension; that of a message's size is the caller's, for each inflater.

/// Bytes that one call inflates at most, however much room it is lent: a bomb is felt, and can be stopped, after each
/// such step (WS-06).
pub const MAX_STEP: usize = 64 * 1024;

/// Default of [`Options::min_message`](crate::Options::min_message): a message of fewer bytes goes out as it is.
/// Below this the frame hardly shrinks and the compressor has to be reset all the same.
pub const MIN_MESSAGE: usize = 64;

/// Spare contexts of each kind that a [`Codec`](crate::Codec) keeps. One more is freed when it is given back.
pub const SPARE_CONTEXTS: usize = 4;

/// Compression levels: from the fastest to the one that tries hardest. Others are taken for the nearer of the two.
pub const LEVELS: core::ops::RangeInclusive<u8> = 1..=9;

/// Bytes of a message that is compressed by itself, with fixed codes and without a context, if it has no past (no context
/// takeover) and the fastest level is asked for. A longer one needs a context.
pub const SMALL_MESSAGE_BYTES: usize = 4096;

/// Messages of so many bytes are looked at before they are compressed: one whose bytes are as good as random goes out as it
/// is. Shorter ones are compressed to find out.
pub const LOOK_BYTES: usize = 1024;
