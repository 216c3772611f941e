//! RFC 9113 §5 for a client: stream states and identifiers; and the frames of a stream, §6.1 to §6.4 and §6.10.

use super::{Case, case};
use crate::case::Flaw;
use crate::hpack::Fields;
use crate::referee::Event;
use crate::served::Served;
use crate::wire;

const IDLE: &str = "idle: Receiving any frame other than HEADERS or PRIORITY on a stream in this state MUST be treated \
    as a connection error of type PROTOCOL_ERROR.";
const NOT_THEIRS: &str = "§5.1.1: An endpoint that receives an unexpected stream identifier MUST respond with a \
    connection error of type PROTOCOL_ERROR (a server opens streams by PUSH_PROMISE only).";
const PADDING: &str = "If the length of the padding is the length of the frame payload or greater, the recipient MUST \
    treat this as a connection error of type PROTOCOL_ERROR.";
const NO_STREAM: &str =
    "On stream 0x00 the recipient MUST respond with a connection error of type PROTOCOL_ERROR.";

pub(super) const CASES: &[Case] = &[
    case("c9113/5.1/1", IDLE, |s| {
        s.send(wire::DATA, wire::END_STREAM, 99, b"x");
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/5.1/2", IDLE, |s| {
        s.reset(99, wire::CANCEL);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/5.1/3", IDLE, |s| {
        s.window_update(99, 1);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/5.1/4", "The same for a stream that the server has not promised.", |s| {
        s.send(wire::DATA, 0, 2, b"x");
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/5.1/5", "PRIORITY can be received in any state.", |s| {
        for stream in [s.stream, 2, 99] {
            s.send(wire::PRIORITY, 0, stream, wire::priority(0, false, 9));
        }
        s.works()
    }),
    case("c9113/5.1/6", "half-closed (local): a receiver can ignore WINDOW_UPDATE; it is no error.", |s| {
        s.conn.window_update(s.stream, 1000);
        s.works()
    }),
    case(
        "c9113/5.1/7",
        "closed: DATA after END_STREAM MAY be a connection error STREAM_CLOSED, and is no content.",
        |s| {
            let head = wire::frame(wire::HEADERS, wire::END_HEADERS, s.stream, &Served::ok().block());
            let whole = wire::frame(wire::DATA, wire::END_STREAM, s.stream, b"hello");
            let more = wire::frame(wire::DATA, wire::END_STREAM, s.stream, b"more");
            s.raw(&[head, whole, more].concat());
            let deadline = s.deadline();
            loop {
                match s.next(deadline)? {
                    Event::Closed | Event::Late => break,
                    Event::Goaway {
                        code: wire::NO_ERROR | wire::STREAM_CLOSED | wire::PROTOCOL_ERROR,
                        ..
                    } => {}
                    Event::Reset { code: wire::STREAM_CLOSED | wire::PROTOCOL_ERROR, .. } => {}
                    Event::Goaway { .. } | Event::Reset { .. } => {
                        return Err(s.wrong("STREAM_CLOSED, or nothing"));
                    }
                    _ => {}
                }
            }
            Ok(())
        },
    ),
    case("c9113/5.1.1/1", "Streams initiated by a client MUST use odd-numbered stream identifiers.", |s| {
        // The referee has looked; that the first one is 1 is what every client does.
        if s.stream % 2 == 1 { s.works() } else { Err(s.wrong("an odd stream")) }
    }),
    case("c9113/5.1.1/2", NOT_THEIRS, |s| {
        s.send(wire::HEADERS, wire::WHOLE, 2, Served::ok().block());
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/5.1.1/3", NOT_THEIRS, |s| {
        s.send(wire::HEADERS, wire::WHOLE, 99, Served::ok().block());
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case(
        "c9113/5.4.1/1",
        "After sending the GOAWAY frame for an error condition, the endpoint MUST close the TCP connection.",
        |s| {
            s.send(wire::DATA, 0, 0, b"x");
            s.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case("c9113/5.4.2/1", "An endpoint MUST NOT send a RST_STREAM in response to a RST_STREAM frame.", |s| {
        s.conn.reset(s.stream, wire::INTERNAL_ERROR);
        let deadline = s.deadline();
        loop {
            match s.next(deadline)? {
                Event::Reset { .. } => return Err(s.wrong("no RST_STREAM")),
                Event::Closed | Event::Late => break,
                _ => {}
            }
        }
        s.rejected()
    }),
    case("c9113/5.4.2/2", "A connection that ends in the middle of an answer is no whole answer.", |s| {
        s.head(&Served::ok().with("content-length", "5"), false);
        s.content(b"hel", false);
        s.fence()?;
        s.pipe.shut_writing();
        s.rejected()
    }),
    case(
        "c9113/5.4.2/3",
        "The same for RST_STREAM in the middle of an answer without content-length.",
        |s| {
            s.head(&Served::ok(), false);
            s.content(b"hel", false);
            s.fence()?;
            s.conn.reset(s.stream, wire::INTERNAL_ERROR);
            s.rejected()
        },
    ),
    case("c9113/6.1/1", NO_STREAM, |s| {
        s.send(wire::DATA, wire::END_STREAM, 0, b"x");
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.1/2", PADDING, |s| {
        s.head(&Served::ok(), false);
        s.send(wire::DATA, wire::END_STREAM | wire::PADDED, s.stream, wire::padded(9, b"12345678", 0));
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.1/3", "DATA with padding, and DATA of nothing but padding, is DATA.", |s| {
        s.head(&Served::ok().with("content-length", "5"), false);
        s.send(wire::DATA, wire::PADDED, s.stream, wire::padded(200, b"hello", 200));
        s.send(wire::DATA, wire::PADDED | wire::END_STREAM, s.stream, wire::padded(0, b"", 0));
        s.accepted()
    }),
    case("c9113/6.2/1", NO_STREAM, |s| {
        s.send(wire::HEADERS, wire::WHOLE, 0, Served::ok().block());
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.2/2", PADDING, |s| {
        let block = Served::ok().block();
        let claimed = u8::try_from(block.len() + 1).unwrap_or(255);
        s.send(wire::HEADERS, wire::WHOLE | wire::PADDED, s.stream, wire::padded(claimed, &block, 0));
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("c9113/6.2/3", "HEADERS with padding and priority are HEADERS.", |s| {
        let block = Served::ok().with("content-length", "5").block();
        let content = [wire::priority(0, true, 9), block].concat();
        let flags = wire::END_HEADERS | wire::PADDED | wire::PRIORITIZED;
        s.send(wire::HEADERS, flags, s.stream, wire::padded(33, &content, 33));
        s.content(b"hello", true);
        s.accepted()
    }),
    case("c9113/6.3/1", NO_STREAM, |s| {
        s.send(wire::PRIORITY, 0, 0, wire::priority(0, false, 9));
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case(
        "c9113/6.3/2",
        "A PRIORITY frame with a length other than 5 octets MUST be treated as a stream error FRAME_SIZE_ERROR.",
        |s| {
            s.send(wire::PRIORITY, 0, s.stream, [0, 0, 0, 1]);
            s.conn.stream_error(s.stream, &[wire::FRAME_SIZE_ERROR])
        },
    ),
    case("c9113/6.4/1", NO_STREAM, |s| {
        s.reset(0, wire::CANCEL);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case(
        "c9113/6.4/2",
        "A RST_STREAM frame with a length other than 4 octets MUST be a connection error FRAME_SIZE_ERROR.",
        |s| {
            s.send(wire::RST_STREAM, 0, s.stream, [0, 0, 8]);
            s.connection_error(&[wire::FRAME_SIZE_ERROR])
        },
    ),
    case("c9113/6.10/1", NO_STREAM, |s| {
        let block = Served::ok().block();
        s.send(wire::HEADERS, 0, s.stream, &block[..2]);
        s.send(wire::CONTINUATION, wire::END_HEADERS, 0, &block[2..]);
        s.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case(
        "c9113/6.10/2",
        "A CONTINUATION frame MUST be preceded by HEADERS without END_HEADERS, else PROTOCOL_ERROR.",
        |s| {
            s.head(&Served::ok(), false);
            s.send(wire::CONTINUATION, wire::END_HEADERS, s.stream, Fields::default().with("a", "b").block());
            s.connection_error(&[wire::PROTOCOL_ERROR])
        },
    ),
    case(
        "c9113/7/1",
        "Unknown error codes MUST NOT trigger any special behavior: the request has failed.",
        |s| {
            s.conn.reset(s.stream, 0xfafa_fafa);
            s.rejected()
        },
    ),
    case(
        "c9113/8.7/1",
        "REFUSED_STREAM: any request that was sent on the reset stream can be safely retried, or has failed.",
        |s| {
            s.conn.reset(s.stream, wire::REFUSED_STREAM);
            // A second request on this connection is the retry; no answer to it, so no success either way.
            s.mark();
            let deadline = s.deadline();
            loop {
                match s.next(deadline)? {
                    Event::Head { .. } => return Ok(()),
                    Event::Reset { .. } => return Err(s.wrong("a retry or the end, no RST_STREAM")),
                    Event::Closed => return s.rejected(),
                    Event::Late => return Err(Flaw::skip("the client retries elsewhere, and waits")),
                    _ => {}
                }
            }
        },
    ),
];
