//! What every client does on a good day: requests, padding, priorities, continuations, several streams at once.

use super::{Case, case};
use crate::wire;

pub(super) const CASES: &[Case] = &[
    case("usual/1", "GET is answered with 2xx and content", |c| {
        let stream = c.ask(&c.get());
        c.success(stream)?;
        if c.message(stream).is_none_or(|m| m.body.is_empty()) {
            Err(c.wrong("some content"))
        } else {
            Ok(())
        }
    }),
    case("usual/2", "HEAD is answered like GET, without content (RFC 9110 §9.3.2)", |c| {
        let stream = c.ask(&c.fields("HEAD"));
        c.success(stream)
    }),
    case("usual/3", "POST with content in one DATA frame is answered", |c| {
        let stream = c.begin_ask(&c.post().with("content-length", "5"));
        c.send(wire::DATA, wire::END_STREAM, stream, b"hello");
        c.success(stream)
    }),
    case("usual/4", "POST with content in several DATA frames, some of them empty", |c| {
        let stream = c.begin_ask(&c.post());
        for part in [&b"he"[..], b"", b"llo", b""] {
            c.send(wire::DATA, 0, stream, part);
        }
        c.send(wire::DATA, wire::END_STREAM, stream, b"");
        c.success(stream)
    }),
    case("usual/5", "POST without content: END_STREAM on HEADERS", |c| {
        let stream = c.ask(&c.post().with("content-length", "0"));
        c.success(stream)
    }),
    case("usual/6", "POST with trailers", |c| {
        let stream = c.begin_ask(&c.post().with("trailer", "x-sum"));
        c.send(wire::DATA, 0, stream, b"hello");
        c.send(
            wire::HEADERS,
            wire::WHOLE,
            stream,
            crate::hpack::Fields::default().with("x-sum", "5").block(),
        );
        c.success(stream)
    }),
    case("usual/7", "POST with `expect: 100-continue` is answered, interim or not", |c| {
        let stream = c.begin_ask(&c.post().with("expect", "100-continue").with("content-length", "2"));
        c.send(wire::DATA, wire::END_STREAM, stream, b"ok");
        c.success(stream)
    }),
    case("usual/8", "DATA with padding", |c| {
        let stream = c.begin_ask(&c.post().with("content-length", "5"));
        c.send(wire::DATA, wire::END_STREAM | wire::PADDED, stream, wire::padded(200, b"hello", 200));
        c.success(stream)
    }),
    case("usual/9", "HEADERS with padding", |c| {
        let (stream, block) = (c.stream(), c.get().block());
        c.send(wire::HEADERS, wire::WHOLE | wire::PADDED, stream, wire::padded(255, &block, 255));
        c.success(stream)
    }),
    case("usual/10", "HEADERS with priority", |c| {
        let stream = c.stream();
        let payload = [wire::priority(0, true, 255), c.get().block()].concat();
        c.send(wire::HEADERS, wire::WHOLE | wire::PRIORITIZED, stream, payload);
        c.success(stream)
    }),
    case("usual/11", "HEADERS with padding and priority", |c| {
        let stream = c.stream();
        let content = [wire::priority(0, false, 15), c.get().block()].concat();
        let flags = wire::WHOLE | wire::PRIORITIZED | wire::PADDED;
        c.send(wire::HEADERS, flags, stream, wire::padded(8, &content, 8));
        c.success(stream)
    }),
    case("usual/12", "a field block in HEADERS and two CONTINUATION frames", |c| {
        let (stream, block) = (c.stream(), c.get().block());
        c.send(wire::HEADERS, wire::END_STREAM, stream, &block[..3]);
        c.send(wire::CONTINUATION, 0, stream, &block[3..7]);
        c.send(wire::CONTINUATION, wire::END_HEADERS, stream, &block[7..]);
        c.success(stream)
    }),
    case("usual/13", "requests one after the other on one connection", |c| {
        for _ in 0..20 {
            c.works()?;
        }
        Ok(())
    }),
    case("usual/14", "requests at once on one connection", |c| {
        let limit = c.referee.theirs.value(wire::MAX_CONCURRENT_STREAMS).unwrap_or(10).min(10);
        let streams: Vec<u32> = (0..limit).map(|_| c.ask(&c.get())).collect();
        streams.into_iter().try_for_each(|stream| c.success(stream))
    }),
    case("usual/15", "a large resource comes whole, with window updates", |c| {
        let stream = c.ask(&c.get_large()?);
        c.success(stream)?;
        if c.message(stream).is_none_or(|m| m.body.len() < 1 << 17) {
            Err(c.wrong("128 KiB or more"))
        } else {
            Ok(())
        }
    }),
    case("usual/16", "256 KiB of POST content within the windows that the server gives", |c| {
        let stream = c.begin_ask(&c.post());
        super::s6_flow::upload(c, stream, 256 << 10)?;
        c.response(stream).map(|_| ())
    }),
    case("usual/17", "an unknown method gets an answer, not an error of the stream", |c| {
        let stream = c.ask(&c.fields("FROBNICATE"));
        c.response(stream).map(|_| ())
    }),
    case("usual/18", "`OPTIONS *` gets an answer (§8.3.1: asterisk form is legal)", |c| {
        let stream = c.ask(&c.fields("OPTIONS").set(":path", "*"));
        c.response(stream).map(|_| ())
    }),
    case("usual/19", "what is absent is answered with another status", |c| {
        let stream = c.ask(&c.get_absent()?);
        c.response(stream).map(|_| ())
    }),
    case("usual/20", "a request for a path with a query", |c| {
        let path = format!("{}?a=1&b=%20", c.target.path);
        let stream = c.ask(&c.get().set(":path", path));
        c.success(stream)
    }),
    case("usual/21", "frames that arrive octet by octet", |c| {
        let stream = c.stream();
        let bytes = wire::frame(wire::HEADERS, wire::WHOLE, stream, &c.get().block());
        for octet in &bytes {
            c.pipe.write(&[*octet]);
        }
        c.sent(&wire::Frame { kind: wire::HEADERS, flags: wire::WHOLE, stream, payload: Vec::new() });
        c.success(stream)
    }),
    case("usual/22", "frames that share a segment", |c| {
        let (a, b) = (c.stream(), c.stream());
        let block = c.get().block();
        let bytes = [
            wire::frame(wire::HEADERS, wire::WHOLE, a, &block),
            wire::frame(wire::PING, 0, 0, b"together"),
            wire::frame(wire::HEADERS, wire::WHOLE, b, &block),
        ];
        c.raw(&bytes.concat());
        c.success(a)?;
        c.success(b)
    }),
];
