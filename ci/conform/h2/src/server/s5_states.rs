//! RFC 9113 §5.1, Stream States; §5.1.1, Stream Identifiers; §5.1.2, Stream Concurrency.

use super::{Case, case, with};
use crate::case::{Flaw, Outcome};
use crate::referee::Event;
use crate::session::Session;
use crate::wire::{self, INITIAL_WINDOW_SIZE};

const IDLE: &str = "idle: Receiving any frame other than HEADERS or PRIORITY on a stream in this state MUST be treated \
    as a connection error of type PROTOCOL_ERROR.";
const SERVERS: &str = "If this stream is initiated by the server, then receiving a HEADERS frame MUST also be treated as \
    a connection error of type PROTOCOL_ERROR.";
const HALF: &str = "half-closed (remote): If an endpoint receives additional frames, other than WINDOW_UPDATE, PRIORITY, \
    or RST_STREAM, it MUST respond with a stream error of type STREAM_CLOSED.";
const HALF_GOOD: &str = "half-closed (remote): WINDOW_UPDATE, PRIORITY and RST_STREAM may still come.";
const CLOSED: &str = "closed: An endpoint MAY treat receipt of any other type of frame on a closed stream as a \
    connection error of type STREAM_CLOSED. For DATA (§6.1) it MUST respond with a stream error STREAM_CLOSED.";
const CLOSED_GOOD: &str = "closed: An endpoint that sends END_STREAM or RST_STREAM might receive a WINDOW_UPDATE or RST_STREAM frame.";
const UNEXPECTED: &str = "An endpoint that receives an unexpected stream identifier MUST respond with a connection error \
    of type PROTOCOL_ERROR.";
const EXCEEDED: &str = "An endpoint that receives a HEADERS frame that causes its advertised concurrent stream limit to \
    be exceeded MUST treat this as a stream error of type PROTOCOL_ERROR or REFUSED_STREAM.";

const NO_WINDOW: &[(u16, u32)] = &[(INITIAL_WINDOW_SIZE, 0)];
/// More streams than this are not opened for a case.
const MANY: u32 = 1000;

pub(super) const CASES: &[Case] = &[
    case("9113/5.1/1", IDLE, |c| {
        c.send(wire::DATA, wire::END_STREAM, 1, b"x");
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/2", IDLE, |c| {
        c.reset(1, wire::CANCEL);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/3", IDLE, |c| {
        c.window_update(1, 100);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/4", IDLE, |c| {
        c.send(wire::CONTINUATION, wire::END_HEADERS, 1, c.get().block());
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/5", "The same above streams that were used.", |c| {
        c.works()?;
        c.send(wire::DATA, 0, 33, b"x");
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/6", "The same for a stream that the server might open.", |c| {
        c.window_update(2, 100);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/7", "The same for a stream that the server might open.", |c| {
        c.send(wire::DATA, wire::END_STREAM, 2, b"x");
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/8", "The same for a stream that the server might open.", |c| {
        c.reset(2, wire::CANCEL);
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/9", SERVERS, |c| {
        c.send(wire::HEADERS, wire::WHOLE, 2, c.get().block());
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/10", "idle: PRIORITY can be received.", |c| {
        c.send(wire::PRIORITY, 0, 5, wire::priority(0, false, 10));
        c.works()
    }),
    with("9113/5.1/11", HALF, NO_WINDOW, |c| {
        let stream = c.held()?;
        c.send(wire::DATA, wire::END_STREAM, stream, b"x");
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    with("9113/5.1/12", HALF, NO_WINDOW, |c| {
        let stream = c.held()?;
        c.send(wire::HEADERS, wire::WHOLE, stream, c.get().block());
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    with("9113/5.1/13", "The same for a block without END_STREAM.", NO_WINDOW, |c| {
        let stream = c.held()?;
        c.send(wire::HEADERS, wire::END_HEADERS, stream, c.get().block());
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    with("9113/5.1/14", "The same after DATA that ended the stream.", NO_WINDOW, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::DATA, wire::END_STREAM, stream, b"x");
        c.send(wire::DATA, 0, stream, b"y");
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    with("9113/5.1/15", "The same after trailers that ended the stream.", NO_WINDOW, |c| {
        let stream = c.begin_ask(&c.post());
        let trailers = crate::hpack::Fields::default().with("x-sum", "1").block();
        c.send(wire::HEADERS, wire::WHOLE, stream, &trailers);
        c.send(wire::HEADERS, wire::WHOLE, stream, &trailers);
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    // §6.10 is stricter: CONTINUATION without a block to continue is a PROTOCOL_ERROR of the connection.
    with("9113/5.1/16", "half-closed (remote): CONTINUATION.", NO_WINDOW, |c| {
        let stream = c.held()?;
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, c.get().block());
        c.connection_error(&[wire::PROTOCOL_ERROR, wire::STREAM_CLOSED])
    }),
    with("9113/5.1/17", HALF_GOOD, NO_WINDOW, |c| {
        let stream = c.held()?;
        c.window_update(stream, 1 << 20);
        c.success(stream)
    }),
    with("9113/5.1/18", HALF_GOOD, NO_WINDOW, |c| {
        let stream = c.held()?;
        c.send(wire::PRIORITY, 0, stream, wire::priority(0, false, 200));
        c.window_update(stream, 1 << 20);
        c.success(stream)
    }),
    with("9113/5.1/19", HALF_GOOD, NO_WINDOW, |c| {
        let stream = c.held()?;
        c.reset(stream, wire::CANCEL);
        c.fence()?;
        silent(c, stream)
    }),
    case("9113/5.1/20", CLOSED, |c| {
        let stream = finished(c)?;
        c.send(wire::DATA, wire::END_STREAM, stream, b"x");
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    case(
        "9113/5.1/21",
        "The same for HEADERS, which could also be an unexpected identifier (§5.1.1).",
        |c| {
            let stream = finished(c)?;
            c.send(wire::HEADERS, wire::WHOLE, stream, c.get().block());
            c.stream_error(stream, &[wire::STREAM_CLOSED, wire::PROTOCOL_ERROR])
        },
    ),
    case("9113/5.1/22", "The same for CONTINUATION, which §6.10 calls a PROTOCOL_ERROR.", |c| {
        let stream = finished(c)?;
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, c.get().block());
        c.connection_error(&[wire::STREAM_CLOSED, wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/23", CLOSED, |c| {
        let stream = c.begin_ask(&c.post());
        c.reset(stream, wire::CANCEL);
        c.send(wire::DATA, wire::END_STREAM, stream, b"x");
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    case("9113/5.1/24", "The same for HEADERS after RST_STREAM.", |c| {
        let stream = c.begin_ask(&c.post());
        c.reset(stream, wire::CANCEL);
        c.send(wire::HEADERS, wire::WHOLE, stream, c.get().block());
        c.stream_error(stream, &[wire::STREAM_CLOSED, wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/25", "The same for CONTINUATION after RST_STREAM.", |c| {
        let stream = c.begin_ask(&c.post());
        c.reset(stream, wire::CANCEL);
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, c.get().block());
        c.connection_error(&[wire::STREAM_CLOSED, wire::PROTOCOL_ERROR])
    }),
    case("9113/5.1/26", CLOSED_GOOD, |c| {
        let stream = finished(c)?;
        c.window_update(stream, 1);
        c.works()
    }),
    case("9113/5.1/27", CLOSED_GOOD, |c| {
        let stream = finished(c)?;
        c.reset(stream, wire::NO_ERROR);
        c.works()
    }),
    case("9113/5.1/28", "closed: PRIORITY can be received.", |c| {
        let stream = finished(c)?;
        c.send(wire::PRIORITY, 0, stream, wire::priority(0, true, 7));
        c.works()
    }),
    case("9113/5.1/29", "closed: WINDOW_UPDATE after RST_STREAM is no error (§6.9).", |c| {
        let stream = c.begin_ask(&c.post());
        c.reset(stream, wire::CANCEL);
        c.window_update(stream, 1);
        c.works()
    }),
    case(
        "9113/5.1/30",
        "Opening a stream with a higher-valued identifier causes lower idle ones to become closed: no error of an idle stream.",
        |c| {
            c.next = 7;
            c.works()?;
            c.send(wire::PRIORITY, 0, 3, wire::priority(0, false, 7));
            c.window_update(5, 1);
            c.works()
        },
    ),
    case("9113/5.1.1/1", "Streams initiated by a client MUST use odd-numbered stream identifiers.", |c| {
        c.works()?;
        c.send(wire::HEADERS, wire::WHOLE, 4, c.get().block());
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    // §5.1 lets the same frame be one on a closed stream.
    case("9113/5.1.1/2", UNEXPECTED, |c| {
        c.next = 5;
        c.works()?;
        c.send(wire::HEADERS, wire::WHOLE, 3, c.get().block());
        c.connection_error(&[wire::PROTOCOL_ERROR, wire::STREAM_CLOSED])
    }),
    case("9113/5.1.1/3", "The same while the higher stream is open.", |c| {
        c.next = 5;
        c.begin_ask(&c.post());
        c.send(wire::HEADERS, wire::WHOLE, 1, c.get().block());
        c.connection_error(&[wire::PROTOCOL_ERROR, wire::STREAM_CLOSED])
    }),
    case("9113/5.1.1/4", "Stream identifiers cannot be reused.", |c| {
        let stream = finished(c)?;
        c.works()?;
        c.send(wire::HEADERS, wire::WHOLE, stream, c.get().block());
        c.connection_error(&[wire::PROTOCOL_ERROR, wire::STREAM_CLOSED])
    }),
    case("9113/5.1.1/5", "An endpoint may skip a stream identifier.", |c| {
        c.next = 101;
        c.works()?;
        c.next = 1_000_001;
        c.works()
    }),
    case("9113/5.1.1/6", "Streams are identified by an unsigned 31-bit integer: the last one.", |c| {
        let stream = c.ask_last();
        c.success(stream)
    }),
    // §5.1.1: a server "can send a GOAWAY frame so that the client is forced to open a new connection": then it may close.
    case("9113/5.1.1/7", "After the last one there is no other.", |c| {
        let stream = c.ask_last();
        c.success(stream)?;
        c.send(wire::HEADERS, wire::WHOLE, 1, c.get().block());
        match c.connection_error(&[wire::PROTOCOL_ERROR, wire::STREAM_CLOSED]) {
            Err(Flaw::Weak { .. }) if c.graceful() => Ok(()),
            other => other,
        }
    }),
    case("9113/5.1.2/1", EXCEEDED, |c| {
        let limit = limit(c)?;
        for _ in 0..limit {
            c.begin_ask(&c.post());
        }
        let stream = c.begin_ask(&c.post());
        c.stream_error(stream, &[wire::PROTOCOL_ERROR, wire::REFUSED_STREAM])
    }),
    with(
        "9113/5.1.2/2",
        "Streams in either of the half-closed states count toward the limit.",
        NO_WINDOW,
        |c| {
            let limit = limit(c)?;
            for _ in 0..limit {
                c.ask(&c.get());
            }
            let stream = c.ask(&c.get());
            c.stream_error(stream, &[wire::PROTOCOL_ERROR, wire::REFUSED_STREAM])
        },
    ),
    case("9113/5.1.2/3", "Streams that are closed do not count.", |c| {
        let limit = limit(c)?;
        let open: Vec<u32> = (0..limit).map(|_| c.begin_ask(&c.post())).collect();
        // A few: a client that resets all it asked for is an attack, and may be treated so.
        for stream in open.into_iter().take(5) {
            c.reset(stream, wire::CANCEL);
        }
        c.works()
    }),
    with("9113/5.1.2/4", "The others go on when one is refused.", NO_WINDOW, |c| {
        let limit = limit(c)?;
        let first = c.ask(&c.get());
        for _ in 0..limit {
            c.ask(&c.get());
        }
        let refused = c.next - 2;
        c.stream_error(refused, &[wire::PROTOCOL_ERROR, wire::REFUSED_STREAM])?;
        if c.ended() {
            return Err(Flaw::skip("the server ends the connection for the limit"));
        }
        c.window_update(first, 1 << 20);
        c.success(first)
    }),
    case(
        "9113/5.1.2/5",
        "That clients specify the number of streams the server can initiate says nothing of theirs.",
        |c| {
            c.settings(&[(wire::MAX_CONCURRENT_STREAMS, 0)]);
            c.settings_applied()?;
            c.works()
        },
    ),
];

/// A stream on which everything was said by both sides.
fn finished(c: &mut Session<'_>) -> Result<u32, Flaw> {
    let stream = c.ask(&c.get());
    c.success(stream)?;
    Ok(stream)
}

/// How many streams the server allows, where that is a number for a test.
fn limit(c: &Session<'_>) -> Result<u32, Flaw> {
    match c.referee.theirs.value(wire::MAX_CONCURRENT_STREAMS) {
        Some(limit) if limit <= MANY => Ok(limit),
        _ => Err(Flaw::skip("the server allows very many streams, or names no limit")),
    }
}

/// After RST_STREAM, "the receiver MUST NOT send additional frames for that stream, except for PRIORITY" (§6.4).
fn silent(c: &mut Session<'_>, stream: u32) -> Outcome {
    let on = move |e: &Event| match e {
        Event::Data { stream: s, .. } | Event::Head { stream: s, .. } | Event::Reset { stream: s, .. } => {
            *s == stream
        }
        _ => false,
    };
    if c.fence_with(on)? { Err(c.wrong(&format!("nothing more on stream {stream}"))) } else { Ok(()) }
}
