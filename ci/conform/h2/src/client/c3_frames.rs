//! RFC 9113 §3 and §4 for a client: preface, frame format, sizes, field blocks.

use super::{Case, case, raw};
use crate::case::{Flaw, Outcome};
use crate::referee::Event;
use crate::served::Served;
use crate::wire;

const FIRST: &str = "The server connection preface is a SETTINGS frame that MUST be the first frame the server sends; \
    an invalid one MUST be treated as a connection error of type PROTOCOL_ERROR.";
const IGNORED: &str = "Implementations MUST ignore and discard frames of unknown types.";
const FLAGS: &str = "Unused flags MUST be ignored on receipt.";
const RESERVED: &str = "The reserved bit MUST be ignored when receiving.";
const TOO_LARGE: &str = "An endpoint MUST send FRAME_SIZE_ERROR if a frame exceeds SETTINGS_MAX_FRAME_SIZE; a connection \
    error in HEADERS, SETTINGS, CONTINUATION and any frame on stream 0.";
const CONTIGUOUS: &str = "Field blocks MUST be transmitted as a contiguous sequence of frames, with no interleaved \
    frames of any other type or from any other stream.";

const RESERVED_BIT: u32 = 1 << 31;

pub(super) const CASES: &[Case] = &[
    raw("c9113/3.4/1", "The client connection preface is 24 octets, followed by a SETTINGS frame.", |s| {
        s.read_preface()?;
        let deadline = s.deadline();
        match s.next(deadline)? {
            Event::Settings => Ok(()),
            _ => Err(s.wrong("SETTINGS")),
        }
    }),
    case("c9113/3.4/2", "SETTINGS of the server are acknowledged; its request is one (§8.3.1).", |s| {
        // Both were waited for; the referee has looked at the request.
        s.works()
    }),
    raw("c9113/3.4/3", FIRST, |s| before_settings(s, &wire::frame(wire::PING, 0, 0, b"too soon"))),
    raw("c9113/3.4/4", FIRST, |s| {
        let block = Served::ok().block();
        before_settings(s, &wire::frame(wire::HEADERS, wire::WHOLE, 1, &block))
    }),
    raw("c9113/3.4/5", FIRST, |s| before_settings(s, &wire::frame(wire::SETTINGS, wire::ACK, 0, &[]))),
    raw("c9113/3.4/6", "The same for what is not HTTP/2 at all.", |s| {
        s.read_preface()?;
        s.pipe.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        s.rejected()
    }),
    raw("c9113/3.4/7", "The same where the server closes at once: no success.", |s| {
        s.read_preface()?;
        s.pipe.shut_writing();
        s.rejected()
    }),
    case("c9113/4.1/1", IGNORED, |s| {
        s.send(0xfa, 0xff, 0, b"on the connection");
        s.send(0xfa, 0, s.stream, b"on the stream");
        s.works()
    }),
    case("c9113/4.1/2", "The same on an idle stream.", |s| {
        s.send(0xfa, 0, 99, b"on an idle stream");
        s.send(0xfa, 0, 2, b"on an idle stream");
        s.works()
    }),
    case("c9113/4.1/3", FLAGS, |s| {
        s.send(wire::PING, 0xfe, 0, b"flagged!");
        s.send(wire::SETTINGS, 0xfe, 0, []);
        s.send(wire::WINDOW_UPDATE, 0xff, 0, 1_u32.to_be_bytes());
        s.works()
    }),
    case("c9113/4.1/4", FLAGS, |s| {
        let block = Served::ok().with("content-length", "5").block();
        s.send(wire::HEADERS, wire::END_HEADERS | 0xd2, s.stream, block);
        s.send(wire::DATA, wire::END_STREAM | 0xf6, s.stream, b"hello");
        s.accepted()
    }),
    case("c9113/4.1/5", RESERVED, |s| {
        s.send(wire::PING, 0, RESERVED_BIT, b"reserved");
        let block = Served::ok().with("content-length", "5").block();
        s.send(wire::HEADERS, wire::END_HEADERS, s.stream | RESERVED_BIT, block);
        s.send(wire::DATA, wire::END_STREAM, s.stream | RESERVED_BIT, b"hello");
        s.accepted()
    }),
    case("c9113/4.2/1", "All implementations MUST be capable of receiving frames up to 2^14 octets.", |s| {
        s.head(&Served::ok().with("content-length", "16384"), false);
        s.content(&[b'x'; 16_384], true);
        s.accepted()
    }),
    case("c9113/4.2/2", TOO_LARGE, |s| {
        let large = s.too_large()?;
        s.head(&Served::ok(), false);
        s.send(wire::DATA, wire::END_STREAM, s.stream, large);
        s.conn.stream_error(s.stream, &[wire::FRAME_SIZE_ERROR])
    }),
    case("c9113/4.2/3", TOO_LARGE, |s| {
        let mut large = s.too_large()?;
        let block = Served::ok().block();
        large[..block.len()].copy_from_slice(&block);
        s.send(wire::HEADERS, wire::WHOLE, s.stream, large);
        s.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("c9113/4.2/4", TOO_LARGE, |s| {
        let large = s.too_large()?;
        s.send(0xfa, 0, 0, large);
        s.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("c9113/4.2/5", "The same is known from the header alone: 2^24-1 octets are not waited for.", |s| {
        let header = s.huge()?;
        s.raw(&header);
        s.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case(
        "c9113/4.3/1",
        "A decoding error in a field block MUST be treated as a connection error of type COMPRESSION_ERROR.",
        |s| {
            s.send(wire::HEADERS, wire::WHOLE, s.stream, b"\x88\x00\x01a\x7f\x80\x01");
            s.connection_error(&[wire::COMPRESSION_ERROR])
        },
    ),
    case("c9113/4.3/2", "The same in trailers.", |s| {
        s.head(&Served::ok(), false);
        s.send(wire::HEADERS, wire::WHOLE, s.stream, [0x80]);
        s.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("c9113/4.3/3", CONTIGUOUS, |s| between(s, wire::PING, 0, 0, b"too soon")),
    case("c9113/4.3/4", CONTIGUOUS, |s| between(s, wire::DATA, 0, s.stream, b"x")),
    case("c9113/4.3/5", CONTIGUOUS, |s| between(s, wire::SETTINGS, 0, 0, b"")),
    case("c9113/4.3/6", CONTIGUOUS, |s| {
        let block = Served::ok().block();
        between(s, wire::HEADERS, wire::WHOLE, s.stream, &block)
    }),
    case("c9113/4.3/7", CONTIGUOUS, |s| between(s, wire::CONTINUATION, wire::END_HEADERS, s.stream + 2, &[])),
    case(
        "c9113/4.3/8",
        "Extension frames in the middle of a field block MUST be a connection error PROTOCOL_ERROR (§5.5).",
        |s| between(s, 0xfa, 0, s.stream, b"extension"),
    ),
    case("c9113/4.3/9", "A block in HEADERS and CONTINUATION frames, some of them empty, is one.", |s| {
        let block = Served::ok().with("content-length", "5").block();
        s.send(wire::HEADERS, 0, s.stream, []);
        s.send(wire::CONTINUATION, 0, s.stream, &block[..3]);
        s.send(wire::CONTINUATION, 0, s.stream, &block[3..]);
        s.send(wire::CONTINUATION, wire::END_HEADERS, s.stream, []);
        s.content(b"hello", true);
        s.accepted()
    }),
    case(
        "c9113/4.3/10",
        "A block without an end gives no answer: the connection's end is no success.",
        |s| {
            s.send(wire::HEADERS, 0, s.stream, Served::ok().block());
            s.pipe.shut_writing();
            s.rejected()
        },
    ),
];

/// Something instead of the server's SETTINGS.
fn before_settings(s: &mut Served, frame: &[u8]) -> Outcome {
    s.read_preface()?;
    s.raw(frame);
    match s.connection_error(&[wire::PROTOCOL_ERROR]) {
        // §3.4: a GOAWAY MAY be omitted.
        Err(Flaw::Weak { .. }) if s.last_error().is_none() => Ok(()),
        other => other,
    }
}

/// Something between HEADERS without END_HEADERS and its CONTINUATION.
fn between(s: &mut Served, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Outcome {
    let block = Served::ok().block();
    s.send(wire::HEADERS, wire::END_STREAM, s.stream, &block[..5]);
    s.send(kind, flags, stream, payload);
    s.send(wire::CONTINUATION, wire::END_HEADERS, s.stream, &block[5..]);
    s.connection_error(&[wire::PROTOCOL_ERROR])
}
