//! Every bound of the codec.

/// Bytes of the longest frame header: two, a 64-bit length and a masking key.
pub const MAX_HEADER: usize = 14;

/// Payload bytes of a control frame (RFC 6455 §5.5). A peer that sends more is refused with 1002; none is sent
/// with more.
pub const MAX_CONTROL: usize = 125;

/// Bytes of input that a receiver may have to see at once: a whole control frame. Whoever holds back input needs
/// at least so much room.
pub const MAX_LOOKAHEAD: usize = MAX_HEADER + MAX_CONTROL;

/// Bytes of the reason in a close frame, after the code. What is sent beyond it is cut at a character.
pub const MAX_REASON: usize = MAX_CONTROL - 2;

/// Default bound of a message's payload, in bytes on the wire, over all its frames. Beyond it: 1009, as soon as the
/// header that exceeds it is there.
pub const MAX_MESSAGE: u64 = 16 << 20;

/// Frames of one message, empty ones included, that need no payload to justify them (WS-05). Beyond it, and beyond
/// one more for each [`FRAGMENT_BYTES`] of payload: 1008.
pub const MAX_FRAGMENTS: u64 = 16_384;

/// Payload bytes of a message that allow one more frame beyond [`MAX_FRAGMENTS`]: what is worth sending may come in
/// small pieces, nothing may not come for ever.
pub const FRAGMENT_BYTES: u64 = 32;

/// Payload bytes of a frame that is filled in place (`Header::nest`): as many as a 16-bit length can tell.
pub const MAX_NEST: usize = 0xffff;

/// Items of a list in the handshake (subprotocols, extensions), and parameters of one extension. Beyond it the
/// handshake fails, with 400 on the server's side.
pub const MAX_LIST_ITEMS: usize = 16;
