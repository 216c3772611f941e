//! RFC 9113 §8.1, HTTP Message Framing; §8.1.1, Malformed Messages; §8.5, The CONNECT Method; §8.7.

use super::{Case, case, should};
use crate::case::{Flaw, Outcome};
use crate::hpack::Fields;
use crate::referee::Event;
use crate::session::Session;
use crate::wire;

const TRAILERS: &str = "An endpoint that receives a HEADERS frame without the END_STREAM flag set after receiving the \
    HEADERS frame that opens a request MUST treat the corresponding request as malformed.";
const NO_PSEUDO: &str =
    "An endpoint that receives pseudo-header fields in trailers MUST treat the request as malformed.";
const LENGTH: &str = "A request is also malformed if the value of a content-length header field does not equal the sum \
    of the DATA frame payload lengths that form the content.";
const NUMBER: &str =
    "RFC 9110 §8.6: Content-Length is 1*DIGIT, and different values make the message invalid.";
const CONNECT: &str = "CONNECT: The \":scheme\" and \":path\" pseudo-header fields MUST be omitted, \":authority\" is \
    there; a CONNECT request that does not conform to these restrictions is malformed.";

pub(super) const CASES: &[Case] = &[
    case("9113/8.1/1", TRAILERS, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::HEADERS, wire::END_HEADERS, stream, Fields::default().with("x-sum", "1").block());
        c.malformed(stream)
    }),
    case("9113/8.1/2", "The same after DATA.", |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::DATA, 0, stream, b"x");
        c.send(wire::HEADERS, wire::END_HEADERS, stream, Fields::default().with("x-sum", "1").block());
        c.malformed(stream)
    }),
    case("9113/8.1/3", NO_PSEUDO, |c| trailers(c, &Fields::default().with(":method", "POST"))),
    case("9113/8.1/4", NO_PSEUDO, |c| trailers(c, &Fields::default().with(":path", "/"))),
    case("9113/8.1/5", NO_PSEUDO, |c| {
        trailers(c, &Fields::default().with("x-sum", "1").with(":status", "200"))
    }),
    case("9113/8.1/6", NO_PSEUDO, |c| {
        let again = c.post();
        trailers(c, &again)
    }),
    case("9113/8.1/7", "A request that begins with DATA is no request: the stream is idle.", |c| {
        let stream = c.stream();
        c.send(wire::DATA, 0, stream, b"x");
        c.send(wire::HEADERS, wire::WHOLE, stream, c.post().block());
        c.connection_error(&[wire::PROTOCOL_ERROR])
    }),
    case("9113/8.1/8", "Trailers end the stream: DATA behind them is for a half-closed stream.", |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::DATA, 0, stream, b"x");
        c.send(wire::HEADERS, wire::WHOLE, stream, Fields::default().with("x-sum", "1").block());
        c.send(wire::DATA, wire::END_STREAM, stream, b"y");
        c.stream_error(stream, &[wire::STREAM_CLOSED])
    }),
    case("9113/8.1/9", "Empty trailers are trailers.", |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::DATA, 0, stream, b"x");
        c.send(wire::HEADERS, wire::WHOLE, stream, []);
        c.success(stream)
    }),
    case("9113/8.1/10", "GET may have content.", |c| {
        let stream = c.begin_ask(&c.get().with("content-length", "1"));
        c.send(wire::DATA, wire::END_STREAM, stream, b"x");
        // A server may refuse it by a status; the framing is good.
        c.response(stream).map(|_| ())
    }),
    case("9113/8.1.1/1", LENGTH, |c| length(c, "4", &[b"hello"])),
    case("9113/8.1.1/2", LENGTH, |c| length(c, "6", &[b"hello"])),
    case("9113/8.1.1/3", LENGTH, |c| length(c, "1", &[b"he", b"llo"])),
    case("9113/8.1.1/4", LENGTH, |c| length(c, "8", &[b"he", b"llo", b""])),
    case("9113/8.1.1/5", LENGTH, |c| length(c, "0", &[b"x"])),
    case("9113/8.1.1/6", "The same where HEADERS has END_STREAM.", |c| {
        let stream = c.ask(&c.post().with("content-length", "3"));
        c.malformed(stream)
    }),
    case("9113/8.1.1/7", "The same where trailers end the stream too early.", |c| {
        let stream = c.begin_ask(&c.post().with("content-length", "3"));
        c.send(wire::DATA, 0, stream, b"x");
        c.send(wire::HEADERS, wire::WHOLE, stream, Fields::default().with("x-sum", "1").block());
        c.malformed(stream)
    }),
    case("9113/8.1.1/8", "The same for GET.", |c| {
        let stream = c.ask(&c.get().with("content-length", "10"));
        c.malformed(stream)
    }),
    case("9113/8.1.1/9", "Padding is no content.", |c| {
        let stream = c.begin_ask(&c.post().with("content-length", "2"));
        c.send(wire::DATA, wire::PADDED, stream, wire::padded(7, b"o", 7));
        c.send(wire::DATA, wire::PADDED | wire::END_STREAM, stream, wire::padded(7, b"k", 7));
        c.success(stream)
    }),
    case("9113/8.1.1/10", NUMBER, |c| length(c, "+5", &[b"hello"])),
    case("9113/8.1.1/11", NUMBER, |c| length(c, "-5", &[b"hello"])),
    case("9113/8.1.1/12", NUMBER, |c| length(c, "five", &[b"hello"])),
    case("9113/8.1.1/13", NUMBER, |c| length(c, "", &[b"hello"])),
    case("9113/8.1.1/14", NUMBER, |c| length(c, "0x5", &[b"hello"])),
    case("9113/8.1.1/15", NUMBER, |c| length(c, "18446744073709551621", &[b"hello"])),
    case("9113/8.1.1/16", NUMBER, |c| {
        let stream = c.begin_ask(&c.post().with("content-length", "5").with("content-length", "6"));
        c.send(wire::DATA, wire::END_STREAM, stream, b"hello");
        c.malformed(stream)
    }),
    case("9113/8.1.1/17", "The same in one field.", |c| length(c, "5, 6", &[b"hello"])),
    case(
        "9113/8.1.1/18",
        "Malformed requests MUST be treated as a stream error: the connection serves the next request.",
        |c| {
            let stream = c.ask(&c.get().with("UPPER", "x"));
            c.malformed(stream)?;
            if c.ended() {
                return Err(Flaw::skip("the server ends the connection for a malformed request (§5.4.1)"));
            }
            c.works()
        },
    ),
    case("9113/8.5/1", CONNECT, |c| {
        let stream = c.ask(&connect(c).with(":scheme", "http"));
        c.refused(stream, &[400, 405, 501])
    }),
    case("9113/8.5/2", CONNECT, |c| {
        let stream = c.ask(&connect(c).with(":path", "/"));
        c.refused(stream, &[400, 405, 501])
    }),
    case("9113/8.5/3", CONNECT, |c| {
        let stream = c.ask(&connect(c).without(":authority"));
        c.refused(stream, &[400, 405, 501])
    }),
    // A server may wait for the end of the stream before it answers.
    case(
        "9113/8.5/4",
        "A CONNECT request of the right form is a matter of its stream; the connection goes on.",
        |c| {
            c.begin_ask(&connect(c));
            c.works()
        },
    ),
    case(
        "9113/8.6/1",
        "HTTP/2 does not support the 101 (Switching Protocols) status: upgrade to h2c is malformed (§8.2.2).",
        |c| {
            let fields = c.get().with("connection", "upgrade, http2-settings").with("upgrade", "h2c");
            let stream = c.ask(&fields.with("http2-settings", "AAMAAABkAAQAAP__"));
            c.malformed(stream)
        },
    ),
    case(
        "9113/8.7/1",
        "If frames are passed to the application layer, REFUSED_STREAM MUST NOT be used for that stream.",
        |c| {
            // The answer has begun, so the request was processed; what follows may fail, but not with that code.
            c.settings(&[(wire::INITIAL_WINDOW_SIZE, 0)]);
            c.settings_applied()?;
            let stream = c.held()?;
            c.send(wire::DATA, 0, stream, b"x");
            let refused = |e: &Event| matches!(e, Event::Reset { code: wire::REFUSED_STREAM, .. });
            let deadline = c.deadline();
            loop {
                match c.next(deadline)? {
                    event if refused(&event) => return Err(c.wrong("another code than REFUSED_STREAM")),
                    Event::Reset { .. } | Event::Goaway { .. } => return Ok(()),
                    // Whether an error is due is the matter of 9113/5.1/11.
                    Event::Closed | Event::Late => return should(Err(c.wrong("STREAM_CLOSED"))),
                    _ => {}
                }
            }
        },
    ),
];

fn connect(c: &Session<'_>) -> Fields {
    Fields::default().with(":method", "CONNECT").with(":authority", &c.target.authority)
}

/// POST with such trailers is malformed.
fn trailers(c: &mut Session<'_>, fields: &Fields) -> Outcome {
    let stream = c.begin_ask(&c.post());
    c.send(wire::DATA, 0, stream, b"x");
    c.send(wire::HEADERS, wire::WHOLE, stream, fields.block());
    c.malformed(stream)
}

/// POST with such a content-length and such content is malformed.
fn length(c: &mut Session<'_>, length: &str, parts: &[&[u8]]) -> Outcome {
    let stream = c.begin_ask(&c.post().with("content-length", length));
    for (at, part) in parts.iter().enumerate() {
        let flags = if at + 1 == parts.len() { wire::END_STREAM } else { 0 };
        c.send(wire::DATA, flags, stream, part);
    }
    c.refused(stream, &[400, 413])
}
