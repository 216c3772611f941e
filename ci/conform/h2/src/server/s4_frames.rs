//! RFC 9113 §4, HTTP Frames: format, size, field blocks, compression state.

use super::{Case, case, with};
use crate::case::{Flaw, Outcome};
use crate::hpack::{self, Form};
use crate::session::Session;
use crate::wire;

const IGNORED: &str = "Implementations MUST ignore and discard frames of unknown types.";
const FLAGS: &str = "Unused flags MUST be ignored on receipt.";
const RESERVED: &str = "The reserved bit MUST be ignored when receiving.";
const TOO_LARGE: &str = "An endpoint MUST send an error code of FRAME_SIZE_ERROR if a frame exceeds the size defined in SETTINGS_MAX_FRAME_SIZE.";
const WHOLE_CONNECTION: &str = "A frame size error in a frame that could alter the state of the entire connection MUST \
    be treated as a connection error; this includes any frame carrying a field block, SETTINGS, and any frame on stream 0.";
const TOO_SMALL: &str = "An endpoint MUST send an error code of FRAME_SIZE_ERROR if a frame is too small to contain mandatory frame data.";
const CONTIGUOUS: &str = "Field blocks MUST be transmitted as a contiguous sequence of frames, with no interleaved \
    frames of any other type or from any other stream.";
const DECODING: &str =
    "A decoding error in a field block MUST be treated as a connection error of type COMPRESSION_ERROR.";
const SHRINK: &str = "Once an endpoint acknowledges a change to SETTINGS_HEADER_TABLE_SIZE that reduces the maximum \
    below the current size, its HPACK encoder MUST start the next field block with a Dynamic Table Size Update.";

const RESERVED_BIT: u32 = 1 << 31;

pub(super) const CASES: &[Case] = &[
    case("9113/4.1/1", IGNORED, |c| {
        c.send(0xfa, 0, 0, b"whatever");
        c.works()
    }),
    case("9113/4.1/2", IGNORED, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(0xfa, 0xff, stream, b"on an open stream");
        c.send(wire::DATA, wire::END_STREAM, stream, b"x");
        c.success(stream)
    }),
    case(
        "9113/4.1/3",
        "Receipt of frames for which the semantics are unknown cannot be treated as an error (idle).",
        |c| {
            c.send(0xfa, 0, 99, b"on an idle stream");
            c.works()
        },
    ),
    case("9113/4.1/4", IGNORED, |c| {
        for kind in 0x20..0x60 {
            c.send(kind, 0, 0, []);
        }
        c.works()
    }),
    case("9113/4.1/5", FLAGS, |c| {
        let sent = c.fence_with(|_| false)?;
        c.send(wire::PING, 0xfe, 0, b"flagged!");
        let acknowledged = c.fence_with(|_| true)?;
        if acknowledged && !sent { Ok(()) } else { Err(c.wrong("PING ACK")) }
    }),
    case("9113/4.1/6", FLAGS, |c| {
        c.send(wire::SETTINGS, 0xfe, 0, []);
        c.settings_applied()?;
        c.works()
    }),
    case("9113/4.1/7", FLAGS, |c| {
        let stream = c.stream();
        let block = c.get().block();
        // All that HEADERS does not define: 0x02, 0x10, 0x40, 0x80.
        c.send(wire::HEADERS, wire::WHOLE | 0xd2, stream, block);
        c.success(stream)
    }),
    case("9113/4.1/8", FLAGS, |c| {
        let stream = c.begin_ask(&c.post().with("content-length", "2"));
        c.send(wire::DATA, wire::END_STREAM | 0xf6, stream, b"ok");
        c.success(stream)
    }),
    case("9113/4.1/9", FLAGS, |c| {
        c.send(wire::WINDOW_UPDATE, 0xff, 0, 1_u32.to_be_bytes());
        c.send(wire::PRIORITY, 0xff, 9, wire::priority(0, false, 1));
        c.works()
    }),
    case("9113/4.1/10", FLAGS, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::RST_STREAM, 0xff, stream, wire::CANCEL.to_be_bytes());
        c.works()
    }),
    case("9113/4.1/11", FLAGS, |c| {
        let (stream, block) = (c.stream(), c.get().block());
        c.send(wire::HEADERS, wire::END_STREAM, stream, &block[..5]);
        c.send(wire::CONTINUATION, 0xff, stream, &block[5..]);
        c.success(stream)
    }),
    case("9113/4.1/12", RESERVED, |c| {
        c.send(wire::PING, 0, RESERVED_BIT, b"reserved");
        c.send(wire::SETTINGS, 0, RESERVED_BIT, []);
        c.works()
    }),
    case("9113/4.1/13", RESERVED, |c| {
        let (stream, block) = (c.stream(), c.post().block());
        c.send(wire::HEADERS, wire::END_HEADERS, stream | RESERVED_BIT, block);
        c.send(wire::DATA, wire::END_STREAM, stream | RESERVED_BIT, b"x");
        c.success(stream)
    }),
    case("9113/4.1/14", RESERVED, |c| {
        c.send(wire::WINDOW_UPDATE, 0, RESERVED_BIT, 1_u32.to_be_bytes());
        c.works()
    }),
    case(
        "9113/4.2/1",
        "All implementations MUST be capable of receiving and minimally processing frames up to 2^14 octets.",
        |c| {
            let stream = c.begin_ask(&c.post().with("content-length", "16384"));
            if c.referee.theirs.value(wire::INITIAL_WINDOW_SIZE).is_some_and(|w| w < 16_384) {
                return Err(Flaw::skip("the server's initial window is smaller"));
            }
            c.send(wire::DATA, wire::END_STREAM, stream, vec![b'x'; 16_384]);
            c.response(stream).map(|_| ())
        },
    ),
    case("9113/4.2/2", "The same for HEADERS; the request may be refused, the connection goes on.", |c| {
        let (stream, mut block) = (c.stream(), c.get().block());
        let name = hpack::literal(Form::Plain, "x-long", vec![b'a'; 16_384 - block.len() - 11]);
        block.extend_from_slice(&name);
        assert_eq!(block.len(), 16_384);
        c.send(wire::HEADERS, wire::WHOLE, stream, block);
        c.works()
    }),
    case("9113/4.2/3", "The same for frames of unknown types.", |c| {
        c.send(0xfa, 0, 0, vec![0; 16_384]);
        c.works()
    }),
    case("9113/4.2/4", TOO_LARGE, |c| {
        let large = too_large(c)?;
        let stream = c.begin_ask(&c.post());
        c.send(wire::DATA, wire::END_STREAM, stream, large);
        c.stream_error(stream, &[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/4.2/5", WHOLE_CONNECTION, |c| {
        let (mut large, block) = (too_large(c)?, c.get().block());
        large[..block.len()].copy_from_slice(&block);
        let stream = c.stream();
        c.send(wire::HEADERS, wire::WHOLE, stream, large);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    // nghttpd 1.52 does not look at the size of CONTINUATION, nginx 1.22 takes any.
    case("9113/4.2/6", WHOLE_CONNECTION, |c| {
        let large = too_large(c)?;
        let (stream, block) = (c.stream(), c.get().block());
        c.send(wire::HEADERS, wire::END_STREAM, stream, block);
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, large);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/4.2/7", WHOLE_CONNECTION, |c| {
        let large = too_large(c)?;
        // Settings nobody knows, and a whole number of them.
        let count = large.len() / 6 + 1;
        c.send(wire::SETTINGS, 0, 0, wire::settings(&vec![(0xfafa, 0); count]));
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/4.2/8", WHOLE_CONNECTION, |c| {
        let large = too_large(c)?;
        c.send(wire::GOAWAY, 0, 0, large);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/4.2/9", TOO_LARGE, |c| {
        let large = too_large(c)?;
        c.send(0xfa, 0, 0, large);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/4.2/10", "The same is known from the header alone: 2^24-1 octets are not waited for.", |c| {
        too_large(c)?;
        c.raw(&wire::header(0xff_ffff, wire::SETTINGS, 0, 0));
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/4.2/11", TOO_SMALL, |c| {
        let stream = c.stream();
        c.send(wire::HEADERS, wire::WHOLE | wire::PRIORITIZED, stream, [0, 0, 0, 0]);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    // §6.1 and §6.2 call padding that does not fit a PROTOCOL_ERROR, and without a Pad Length both rules speak.
    case("9113/4.2/12", TOO_SMALL, |c| {
        let stream = c.stream();
        c.send(wire::HEADERS, wire::WHOLE | wire::PADDED, stream, []);
        c.connection_error(&[wire::FRAME_SIZE_ERROR, wire::PROTOCOL_ERROR])
    }),
    case("9113/4.2/13", TOO_SMALL, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::DATA, wire::END_STREAM | wire::PADDED, stream, []);
        c.stream_error(stream, &[wire::FRAME_SIZE_ERROR, wire::PROTOCOL_ERROR])
    }),
    case("9113/4.2/14", TOO_SMALL, |c| {
        c.send(wire::GOAWAY, 0, 0, [0; 7]);
        c.connection_error(&[wire::FRAME_SIZE_ERROR])
    }),
    case("9113/4.3/1", DECODING, |c| {
        // A literal whose value is said to be longer than the block.
        c.ask_block(b"\x00\x01a\x7f\x80\x01");
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("9113/4.3/2", DECODING, |c| {
        let stream = c.begin_ask(&c.post());
        c.send(wire::HEADERS, wire::WHOLE, stream, b"\xff\xff\xff");
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("9113/4.3/3", "The same in the second part of a block.", |c| {
        let (stream, block) = (c.stream(), c.get().block());
        c.send(wire::HEADERS, wire::END_STREAM, stream, block);
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, [0x80]);
        c.connection_error(&[wire::COMPRESSION_ERROR])
    }),
    case("9113/4.3/4", CONTIGUOUS, |c| between(c, wire::PRIORITY, 0, 1, &wire::priority(0, false, 1))),
    case("9113/4.3/5", CONTIGUOUS, |c| between(c, wire::DATA, 0, 1, b"x")),
    case("9113/4.3/6", CONTIGUOUS, |c| between(c, wire::PING, 0, 0, b"too soon")),
    case("9113/4.3/7", CONTIGUOUS, |c| between(c, wire::SETTINGS, 0, 0, b"")),
    case("9113/4.3/8", CONTIGUOUS, |c| between(c, wire::WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1])),
    case("9113/4.3/9", CONTIGUOUS, |c| between(c, wire::RST_STREAM, 0, 1, &[0, 0, 0, 8])),
    case("9113/4.3/10", CONTIGUOUS, |c| between(c, wire::GOAWAY, 0, 0, &wire::goaway(0, 0, b""))),
    case("9113/4.3/11", CONTIGUOUS, |c| {
        let block = c.get().block();
        between(c, wire::HEADERS, wire::WHOLE, 1, &block)
    }),
    case("9113/4.3/12", CONTIGUOUS, |c| {
        let block = c.get().block();
        between(c, wire::HEADERS, wire::WHOLE, 3, &block)
    }),
    case("9113/4.3/13", CONTIGUOUS, |c| between(c, wire::CONTINUATION, wire::END_HEADERS, 3, &[])),
    case(
        "9113/4.3/14",
        "The receiving endpoint reassembles the field block: an empty HEADERS, all in CONTINUATION.",
        |c| {
            let (stream, block) = (c.stream(), c.get().block());
            c.send(wire::HEADERS, wire::END_STREAM, stream, []);
            c.send(wire::CONTINUATION, wire::END_HEADERS, stream, block);
            c.success(stream)
        },
    ),
    case("9113/4.3/15", "The same: all in HEADERS, an empty CONTINUATION.", |c| {
        let (stream, block) = (c.stream(), c.get().block());
        c.send(wire::HEADERS, wire::END_STREAM, stream, block);
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, []);
        c.success(stream)
    }),
    case("9113/4.3/16", "The same for trailers.", |c| {
        let stream = c.begin_ask(&c.post());
        let block = hpack::Fields::default().with("x-sum", "1").block();
        c.send(wire::HEADERS, wire::END_STREAM, stream, &block[..4]);
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, &block[4..]);
        c.success(stream)
    }),
    case(
        "9113/4.3/17",
        "An endpoint receiving HEADERS or CONTINUATION frames needs to perform decompression even if the frames are to \
         be discarded.",
        |c| {
            // The first request is malformed and puts `:path` into the table; the second one uses that entry.
            let path = hpack::literal(Form::Incremental, ":path", c.target.path.as_bytes());
            let mut block = c.get().without(":path").with("UPPER", "x").block();
            block.splice(0..0, path);
            let stream = c.ask_block(block);
            c.malformed(stream)?;
            if c.ended() {
                return Err(Flaw::skip("the server ends the connection for a malformed request"));
            }
            let block = [c.get().without(":path").block(), hpack::indexed(62)].concat();
            let stream = c.ask_block(block);
            c.success(stream)
        },
    ),
    case("9113/4.3/18", "The same for a stream that was reset before.", |c| {
        let stream = c.begin_ask(&c.post());
        c.reset(stream, wire::CANCEL);
        let path = hpack::literal(Form::Incremental, ":path", c.target.path.as_bytes());
        let block = [path, c.get().without(":path").block()].concat();
        let second = c.ask_block(block);
        c.success(second)?;
        let block = [c.get().without(":path").block(), hpack::indexed(62)].concat();
        let third = c.ask_block(block);
        c.success(third)
    }),
    with("9113/4.3.1/1", SHRINK, &[(wire::HEADER_TABLE_SIZE, 0)], |c| {
        c.works()?;
        c.works()?;
        no_table(c)
    }),
    case("9113/4.3.1/2", SHRINK, |c| {
        c.works()?;
        c.settings(&[(wire::HEADER_TABLE_SIZE, 0)]);
        c.settings_applied()?;
        c.referee.scans.clear();
        c.works()?;
        c.works()?;
        no_table(c)
    }),
    case(
        "9113/4.3.1/3",
        "Down and up again between two answers: the smallest value has to be told too (RFC 7541 §4.2).",
        |c| {
            c.works()?;
            c.settings(&[(wire::HEADER_TABLE_SIZE, 0)]);
            c.settings(&[(wire::HEADER_TABLE_SIZE, 4096)]);
            c.settings_applied()?;
            c.works()?;
            c.works()
        },
    ),
    with(
        "9113/4.3.1/4",
        "A larger table may be used, and need not be.",
        &[(wire::HEADER_TABLE_SIZE, 1 << 20)],
        |c| {
            c.works()?;
            c.works()
        },
    ),
    case(
        "9113/4.3.1/5",
        "An endpoint MUST treat a field block that follows an acknowledgment of the reduction as COMPRESSION_ERROR if it \
         does not start with a conformant Dynamic Table Size Update.",
        |c| {
            if c.referee.theirs.value(wire::HEADER_TABLE_SIZE).is_none_or(|size| size >= 4096) {
                return Err(Flaw::skip("the server keeps the initial table size"));
            }
            c.ask(&c.get());
            c.connection_error(&[wire::COMPRESSION_ERROR])
        },
    ),
];

/// One octet more than the server takes in a frame; skips the case where that is much.
fn too_large(c: &Session<'_>) -> Result<Vec<u8>, Flaw> {
    let limit = c.referee.theirs.value(wire::MAX_FRAME_SIZE).and_then(|m| usize::try_from(m).ok());
    match limit {
        Some(limit) if limit < 1 << 20 => Ok(vec![0; limit + 1]),
        _ => Err(Flaw::skip("the server takes frames of a mebioctet or more")),
    }
}

/// Something between HEADERS without END_HEADERS on stream 1 and its CONTINUATION.
fn between(c: &mut Session<'_>, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Outcome {
    let block = c.get().block();
    c.send(wire::HEADERS, wire::END_STREAM, 1, &block[..5]);
    c.send(kind, flags, stream, payload);
    c.send(wire::CONTINUATION, wire::END_HEADERS, 1, &block[5..]);
    c.connection_error(&[wire::PROTOCOL_ERROR])
}

/// The server's blocks need no dynamic table.
fn no_table(c: &Session<'_>) -> Outcome {
    if c.referee.scans.iter().any(|scan| scan.dynamic > 0) {
        return Err(c.wrong("no reference to the dynamic table, whose size is 0"));
    }
    Ok(())
}
