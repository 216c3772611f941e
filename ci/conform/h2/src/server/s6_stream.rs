//! RFC 9113 §6.1 DATA, §6.2 HEADERS, §6.3 PRIORITY, §6.4 RST_STREAM, §6.10 CONTINUATION.

use super::{Case, case, with};
use crate::case::Flaw;
use crate::hpack::Fields;
use crate::referee::Event;
use crate::wire::{self, INITIAL_WINDOW_SIZE};

const DATA_PADDING: &str = "DATA: If the length of the padding is the length of the frame payload or greater, the \
    recipient MUST treat this as a connection error of type PROTOCOL_ERROR.";
const DATA_STATE: &str = "If a DATA frame is received whose stream is not in the \"open\" or \"half-closed (local)\" \
    state, the recipient MUST respond with a stream error of type STREAM_CLOSED.";
const HEADERS_PADDING: &str = "HEADERS: If the length of the padding is the length of the frame payload or greater, the \
    recipient MUST treat this as a connection error of type PROTOCOL_ERROR.";
const PRIORITY_SIZE: &str = "A PRIORITY frame with a length other than 5 octets MUST be treated as a stream error of type FRAME_SIZE_ERROR.";
const RESET_SIZE: &str = "A RST_STREAM frame with a length other than 4 octets MUST be treated as a connection error of \
    type FRAME_SIZE_ERROR.";
const SILENT: &str = "After receiving a RST_STREAM on a stream, the receiver MUST NOT send additional frames for that \
    stream, except for PRIORITY.";
const PRECEDED: &str = "A CONTINUATION frame MUST be preceded by a HEADERS, PUSH_PROMISE or CONTINUATION frame without \
    the END_HEADERS flag set, else a connection error of type PROTOCOL_ERROR.";

pub(super) const CASES: &[Case] = &[
    case(
        "9113/6.1/1",
        "If a DATA frame is received whose Stream Identifier field is 0x00, the recipient MUST respond with a connection \
         error of type PROTOCOL_ERROR.",
        |c| {
            c.send(wire::DATA, wire::END_STREAM, 0, b"x");
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    with("9113/6.1/2", DATA_STATE, &[(INITIAL_WINDOW_SIZE, 0)], |c| {
        let stream = c.held()?;
        c.send(wire::DATA, 0, stream, b"x");
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    case("9113/6.1/3", DATA_STATE, |c| {
        let stream = c.ask(&c.get());
        c.success(stream)?;
        c.send(wire::DATA, 0, stream, b"");
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    case("9113/6.1/4", DATA_PADDING, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::DATA, wire::END_STREAM | wire::PADDED, stream, wire::padded(5, b"1234", 0));
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.1/5", DATA_PADDING, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::DATA, wire::END_STREAM | wire::PADDED, stream, wire::padded(255, b"", 200));
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case(
        "9113/6.1/6",
        "A frame can be increased in size by one octet by including a Pad Length of zero.",
        |c| {
            let stream = c.begin_ask(&c.post().with("content-length", "2"));
            c.send(wire::DATA, wire::END_STREAM | wire::PADDED, stream, wire::padded(0, b"ok", 0));
            c.success(stream)
        },
    ),
    case("9113/6.1/7", "DATA that is nothing but padding has no content.", |c| {
        let stream = c.begin_ask(&c.post().with("content-length", "0"));
        c.send(wire::DATA, wire::END_STREAM | wire::PADDED, stream, wire::padded(9, b"", 9));
        c.success(stream)
    }),
    case(
        "9113/6.1/8",
        "A receiver is not obligated to verify padding but MAY treat non-zero padding as PROTOCOL_ERROR.",
        |c| {
            let stream = c.begin_ask(&c.post());
            c.send(wire::DATA, wire::END_STREAM | wire::PADDED, stream, b"\x02ok\x01\x02");
            let deadline = c.deadline();
            loop {
                match c.next(deadline)? {
                    Event::Head { stream: s, .. } if s == stream => return Ok(()),
                    Event::Goaway { code: wire::PROTOCOL_ERROR, .. } => return Ok(()),
                    Event::Closed | Event::Late | Event::Reset { .. } | Event::Goaway { .. } => {
                        return Err(c.wrong("an answer, or PROTOCOL_ERROR"));
                    }
                    _ => {}
                }
            }
        },
    ),
    case(
        "9113/6.2/1",
        "A HEADERS frame without the END_HEADERS flag set MUST be followed by a CONTINUATION frame for the same stream.",
        |c| {
            let block = c.get().block();
            c.send(wire::HEADERS, wire::END_STREAM, 1, &block[..5]);
            c.send(wire::HEADERS, wire::WHOLE, 3, &block);
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case(
        "9113/6.2/2",
        "If a HEADERS frame is received whose Stream Identifier field is 0x00, the recipient MUST respond with a \
         connection error of type PROTOCOL_ERROR.",
        |c| {
            c.send(wire::HEADERS, wire::WHOLE, 0, c.get().block());
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case("9113/6.2/3", HEADERS_PADDING, |c| {
        let (stream, block) = (c.stream(), c.get().block());
        let claimed = u8::try_from(block.len() + 1).unwrap_or(255);
        c.send(wire::HEADERS, wire::WHOLE | wire::PADDED, stream, wire::padded(claimed, &block, 0));
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.2/4", "The same where the priority leaves no room for the padding.", |c| {
        let stream = c.stream();
        let flags = wire::WHOLE | wire::PADDED | wire::PRIORITIZED;
        c.send(wire::HEADERS, flags, stream, wire::padded(2, &wire::priority(0, false, 1), 1));
        c.connection_error(&[wire::PROTOCOL_ERROR, wire::FRAME_SIZE_ERROR])
    }),
    case(
        "9113/6.2/5",
        "A HEADERS frame with the END_STREAM flag set can be followed by CONTINUATION frames.",
        |c| {
            let (stream, block) = (c.stream(), c.get().block());
            c.send(wire::HEADERS, wire::END_STREAM, stream, &block[..1]);
            c.send(wire::CONTINUATION, wire::END_HEADERS, stream, &block[1..]);
            c.success(stream)
        },
    ),
    case(
        "9113/6.3/1",
        "If a PRIORITY frame is received with a stream identifier of 0x00, the recipient MUST respond with a connection \
         error of type PROTOCOL_ERROR.",
        |c| {
            c.send(wire::PRIORITY, 0, 0, wire::priority(0, false, 1));
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case("9113/6.3/2", PRIORITY_SIZE, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::PRIORITY, 0, stream, [0, 0, 0, 1]);
        c.stream_error(stream, &[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.3/3", PRIORITY_SIZE, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::PRIORITY, 0, stream, [0, 0, 0, 1, 1, 1]);
        c.stream_error(stream, &[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.3/4", PRIORITY_SIZE, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::PRIORITY, 0, stream, []);
        c.stream_error(stream, &[wire::FRAME_SIZE_ERROR])
    }),
    case(
        "9113/6.4/1",
        "If a RST_STREAM frame is received with a stream identifier of 0x00, the recipient MUST treat this as a \
         connection error of type PROTOCOL_ERROR.",
        |c| {
            c.reset(0, wire::CANCEL);
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case(
        "9113/6.4/2",
        "If a RST_STREAM frame identifying an idle stream is received, the recipient MUST treat this as a connection \
         error of type PROTOCOL_ERROR.",
        |c| {
            c.works()?;
            c.reset(9, wire::CANCEL);
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case("9113/6.4/3", RESET_SIZE, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::RST_STREAM, 0, stream, [0, 0, 8]);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.4/4", RESET_SIZE, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::RST_STREAM, 0, stream, [0, 0, 0, 8, 0]);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/6.4/5", RESET_SIZE, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::RST_STREAM, 0, stream, []);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    with("9113/6.4/6", SILENT, &[(INITIAL_WINDOW_SIZE, 1)], |c| {
        let stream = c.held()?;
        c.reset(stream, wire::CANCEL);
        // All that was on its way comes before the second answer.
        c.fence()?;
        c.window_update(stream, 1000);
        c.no_data(stream)
    }),
    case("9113/6.4/7", "The same in the middle of a large answer.", |c| {
        c.grant = false;
        let stream = c.ask(&c.get_large()?);
        c.head(stream)?;
        c.reset(stream, wire::CANCEL);
        c.fence()?;
        c.fence()?;
        c.window_update(0, 1 << 20);
        c.no_data(stream)?;
        c.grant = true;
        c.works()
    }),
    case(
        "9113/6.4/8",
        "RST_STREAM fully terminates the stream, and only it; what DATA took is given back.",
        |c| {
            for _ in 0..7 {
                let stream = c.begin_ask(&c.post());
                c.send(wire::DATA, 0, stream, [b'x'; 8192]);
                c.reset(stream, wire::CANCEL);
            }
            let stream = c.begin_ask(&c.post());
            super::s6_flow::upload(c, stream, 70_000)?;
            c.response(stream).map(|_| ())
        },
    ),
    case("9113/6.10/1", "Any number of CONTINUATION frames can be sent (six here).", |c| {
        let (stream, block) = (c.stream(), c.get().block());
        let mut parts = block.chunks(block.len().div_ceil(7));
        c.send(wire::HEADERS, wire::END_STREAM, stream, parts.next().unwrap_or_default());
        for part in parts {
            c.send(wire::CONTINUATION, 0, stream, part);
        }
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, []);
        c.success(stream)
    }),
    case(
        "9113/6.10/2",
        "If END_HEADERS is not set, this frame MUST be followed by another CONTINUATION frame.",
        |c| {
            let block = c.get().block();
            c.send(wire::HEADERS, wire::END_STREAM, 1, &block[..2]);
            c.send(wire::CONTINUATION, 0, 1, &block[2..4]);
            c.send(wire::DATA, 0, 1, b"x");
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case("9113/6.10/3", "The same for a frame on a different stream.", |c| {
        let block = c.get().block();
        c.send(wire::HEADERS, wire::END_STREAM, 1, &block[..2]);
        c.send(wire::CONTINUATION, 0, 1, &block[2..4]);
        c.send(wire::CONTINUATION, wire::END_HEADERS, 3, &block[4..]);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case(
        "9113/6.10/4",
        "If a CONTINUATION frame is received with a Stream Identifier field of 0x00, the recipient MUST respond with a \
         connection error of type PROTOCOL_ERROR.",
        |c| {
            let block = c.get().block();
            c.send(wire::HEADERS, wire::END_STREAM, 1, &block[..2]);
            c.send(wire::CONTINUATION, wire::END_HEADERS, 0, &block[2..]);
            c.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case("9113/6.10/5", PRECEDED, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, Fields::default().with("a", "b").block());
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.10/6", PRECEDED, |c| {
        let (stream, block) = (c.stream(), c.post().block());
        c.send(wire::HEADERS, 0, stream, &block[..2]);
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, &block[2..]);
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, Fields::default().with("a", "b").block());
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.10/7", PRECEDED, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::DATA, 0, stream, b"x");
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, Fields::default().with("a", "b").block());
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/6.10/8", "CONTINUATION has no END_STREAM: that bit means nothing on it.", |c| {
        let (stream, block) = (c.stream(), c.post().with("content-length", "1").block());
        c.send(wire::HEADERS, 0, stream, &block[..2]);
        c.send(wire::CONTINUATION, wire::END_HEADERS | wire::END_STREAM, stream, &block[2..]);
        c.fence()?;
        if c.ended() {
            return Err(Flaw::skip("the connection has ended"));
        }
        c.send(wire::DATA, wire::END_STREAM, stream, b"x");
        c.success(stream)
    }),
];
