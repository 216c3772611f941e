//! What this crate bounds, and what happens beyond it.

use crate::budget::Rate;

/// Bytes of a frame's payload that we accept: `SETTINGS_MAX_FRAME_SIZE` stays at its default (RFC 9113 §6.5.2).
/// Beyond: `FRAME_SIZE_ERROR`, before anything is buffered.
pub const FRAME_BYTES: u32 = 16_384;

/// `CONTINUATION` frames behind one `HEADERS` frame. Beyond: the connection ends with `ENHANCE_YOUR_CALM`, and the
/// block is not decoded (H2-03).
pub const CONTINUATION_FRAMES: u32 = 8;

/// Bytes of one encoded header block, all its frames together. Beyond: `ENHANCE_YOUR_CALM`, at the first frame
/// header that says so.
pub const BLOCK_BYTES: usize = lws_hpack::limits::BLOCK_BYTES;

/// Fields in a header list. Beyond: 431; four times as many: `ENHANCE_YOUR_CALM`.
pub const FIELDS: usize = lws_hpack::limits::LIST_FIELDS;

/// Bytes of a header list, 32 per field included; `SETTINGS_MAX_HEADER_LIST_SIZE`. Beyond: 431; four times as many:
/// `ENHANCE_YOUR_CALM`.
pub const LIST_BYTES: usize = lws_hpack::limits::LIST_BYTES;

/// Bytes that a block lent as [`HeadRoom`](crate::HeadRoom) must have: Huffman text on its way into the table, then
/// a whole list, then all its cookies once more, joined.
pub const HEAD_ROOM_BYTES: usize = 3 * LIST_BYTES + 1024;

/// Bytes of an encoded request head that is recognised when it comes again. A longer one is decoded each time.
pub const REPEATED_BLOCK_BYTES: usize = 128;

/// Bytes of a `:path`. Beyond: 414.
pub const PATH_BYTES: usize = 8_192;

/// Streams that a peer may have open at once; `SETTINGS_MAX_CONCURRENT_STREAMS`. Beyond: the stream is refused, the
/// connection goes on (H2-11).
pub const STREAMS: u32 = 100;

/// Bytes that a peer may send on a stream ahead of what was consumed; `SETTINGS_INITIAL_WINDOW_SIZE`. Beyond:
/// `FLOW_CONTROL_ERROR`.
pub const STREAM_WINDOW: u32 = 65_536;

/// Bytes that a peer may send on a connection ahead of what was consumed. So all streams together never hold more.
/// Beyond: `FLOW_CONTROL_ERROR`.
pub const CONNECTION_WINDOW: u32 = 256 * 1024;

/// The largest flow-control window (RFC 9113 §6.9.1). Beyond: `FLOW_CONTROL_ERROR`.
pub const WINDOW_MAX: u32 = 0x7fff_ffff;

/// The largest stream identifier (RFC 9113 §5.1.1). Whoever used it gets a `GOAWAY`.
pub const STREAM_ID_MAX: u32 = 0x7fff_ffff;

/// Entries of one `SETTINGS` frame. Beyond: `ENHANCE_YOUR_CALM`.
pub const SETTINGS_ENTRIES: u32 = 32;

/// Bytes of the priority field of a `PRIORITY_UPDATE`. Beyond, it is not looked at.
pub const PRIORITY_FIELD_BYTES: u32 = 256;

/// `SETTINGS` frames, acknowledgements included. Beyond: `ENHANCE_YOUR_CALM`.
pub const SETTINGS_RATE: Rate = Rate { burst: 50, per_s: 50 };

/// `PING` frames, acknowledgements included. Beyond: `ENHANCE_YOUR_CALM`.
pub const PING_RATE: Rate = Rate { burst: 100, per_s: 100 };

/// Streams reset, by the peer or because of what it did (H2-01, H2-02). Beyond: `ENHANCE_YOUR_CALM`.
pub const RESET_RATE: Rate = Rate { burst: 100, per_s: 33 };

/// Streams reset before their response began, less those that got one. Beyond: `ENHANCE_YOUR_CALM`.
pub const EARLY_RESETS: u32 = 50;

/// Streams that we reset because of what the peer did, in a connection's life (H2-02). Beyond: `ENHANCE_YOUR_CALM`.
pub const MADE_RESETS: u32 = 100;

/// Streams refused because too many were open (H2-11). Beyond: `ENHANCE_YOUR_CALM`.
pub const REFUSED_RATE: Rate = Rate { burst: 100, per_s: 33 };

/// Frames that ask for nothing (priority, unknown types): so many, and as many again per stream opened. Beyond:
/// `ENHANCE_YOUR_CALM`.
pub const IDLE_FRAMES: u64 = 100;

/// `WINDOW_UPDATE` frames before any stream; see [`WINDOW_UPDATES_PER_STREAM`]. Beyond: `ENHANCE_YOUR_CALM`.
pub const WINDOW_UPDATES: u64 = 5;

/// `WINDOW_UPDATE` frames allowed for each stream opened.
pub const WINDOW_UPDATES_PER_STREAM: u64 = 2;

/// `WINDOW_UPDATE` frames allowed for each `DATA` frame that we sent.
pub const WINDOW_UPDATES_PER_DATA: u64 = 20;

/// Empty `DATA` frames that end nothing, less those with payload. Beyond: `ENHANCE_YOUR_CALM` (H2-07).
pub const EMPTY_DATA: u32 = 100;

/// Bytes of framing and padding of `DATA` frames beyond the payload they carry. Beyond: `ENHANCE_YOUR_CALM` (H2-07).
pub const DATA_OVERHEAD: Rate = Rate { burst: 25_600, per_s: 2_560 };

/// Interim responses before one final response (CLI-03). Beyond: `ENHANCE_YOUR_CALM`.
pub const INTERIM_RESPONSES: u8 = 10;

/// Streams reset by us whose late frames are still ignored. Frames on an older one are `STREAM_CLOSED`.
pub const REMEMBERED_RESETS: usize = 128;

/// Bytes of room that [`Connection::receive`](crate::Connection::receive) wants before it looks at a frame, so that
/// it can always answer it.
pub const ANSWER_ROOM: usize = 64;

/// Bytes of our own header-compression table, whatever the peer would allow: what repeats from response to response
/// is little.
pub const ENCODER_TABLE_BYTES: usize = 1024;

const _: () = assert!(CONNECTION_WINDOW >= STREAM_WINDOW);
