//! What is written, at every size of room, and what cannot be written.

mod common;

use common::Pairs;
use lws_h1::limits::CHUNK_OUT_MAX;
use lws_h1::{Error, Framing, HeadEncoder, Misuse, chunk, continue_100, error_response, last_chunk};
use lws_head::{Method, Status};
use lws_wire::Out;

/// Writes into rooms of every size: all of `expect`, or no byte at all.
#[track_caller]
fn all_or_nothing(expect: &str, write: impl Fn(&mut Out<'_>) -> bool) {
    let mut buf = [0; 512];
    for room in 0..=expect.len() + 1 {
        let mut out = Out::new(&mut buf[..3 + room]);
        assert!(out.put(b"old"));
        let fits = write(&mut out);
        assert_eq!(fits, room >= expect.len(), "room {room}");
        let wrote = if fits { expect } else { "" };
        assert_eq!(
            out.written().escape_ascii().to_string(),
            format!("old{wrote}").escape_default().to_string()
        );
    }
}

#[test]
fn responses() {
    all_or_nothing(
        "HTTP/1.1 200 OK\r\nserver: lws\r\nX-Empty: \r\ncontent-length: 1234567890\r\n\r\n",
        |out| {
            let write = |out: &mut Out<'_>| -> Result<usize, Error> {
                let mut head = HeadEncoder::response(out, Status::OK)?;
                head.field("server", b"lws")?;
                head.field("X-Empty", b"")?;
                head.framing(Framing::Length(1_234_567_890))?;
                head.finish()
            };
            match write(out) {
                Ok(len) => len == out.len() - 3,
                Err(e) => e != Error::Full,
            }
        },
    );
}

#[test]
fn requests() {
    all_or_nothing("PUT /a?b HTTP/1.1\r\nHost: a\r\ntransfer-encoding: chunked\r\n\r\n", |out| {
        let Ok(mut head) = HeadEncoder::request(out, Method::Put, "/a?b") else { return false };
        // Errors may be ignored: a head that lost a line for want of room is never finished.
        let _ = head.field("Host", b"a");
        let _ = head.framing(Framing::Chunked);
        head.finish().is_ok()
    });
}

#[test]
fn small_answers() {
    all_or_nothing("HTTP/1.1 100 Continue\r\n\r\n", continue_100);
    all_or_nothing("0\r\n\r\n", last_chunk);
    all_or_nothing(
        "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: 14\r\n\r\n404 Not Found\n",
        |out| error_response(out, Status::NOT_FOUND),
    );
    all_or_nothing("0\r\nsum: 1\r\n\r\n", |out| {
        let Ok(mut end) = HeadEncoder::trailers(out) else { return false };
        end.field("sum", b"1").is_ok() && end.finish().is_ok()
    });
    all_or_nothing("HTTP/1.1 799 \r\n\r\n", |out| {
        HeadEncoder::response(out, Status::new(799).unwrap()).is_ok_and(|head| head.finish().is_ok())
    });
}

#[test]
fn h1_22_fields_cannot_split_a_head() {
    let bad_values: [&[u8]; 7] =
        [b"a\r\nSet-Cookie: x", b"a\nb", b"a\rb", b"a\0b", b"\x7f", b"/\r\n\r\n<html>", b"a\x0b"];
    let bad_names = ["", "a b", "a:", "a\r\nb", "a\n", "caf\u{e9}", "(a)", "a\0"];
    let mut buf = [0; 256];
    let mut out = Out::new(&mut buf);
    let mut head = HeadEncoder::response(&mut out, Status::FOUND).unwrap();
    for value in bad_values {
        assert_eq!(head.field("location", value), Err(Misuse::FieldValue.into()), "{}", value.escape_ascii());
    }
    for name in bad_names {
        assert_eq!(head.field(name, b"x"), Err(Misuse::FieldName.into()), "{name:?}");
    }
    head.field("ok", b"caf\xc3\xa9\t1").unwrap();
    head.finish().unwrap();
    assert_eq!(out.written(), b"HTTP/1.1 302 Found\r\nok: caf\xc3\xa9\t1\r\n\r\n");
}

#[test]
fn h1_22_targets_cannot_split_a_request() {
    let mut buf = [0; 256];
    let mut out = Out::new(&mut buf);
    for target in ["", "/a b", "/\r\nX: y", "/a#b", "/caf\u{e9}", "/\0", "/\t"] {
        assert_eq!(HeadEncoder::request(&mut out, Method::Get, target).err(), Some(Misuse::Target.into()));
    }
    assert!(out.is_empty());
}

#[test]
fn h1_22_a_head_has_one_framing() {
    let mut buf = [0; 256];
    let mut out = Out::new(&mut buf);
    let mut head = HeadEncoder::response(&mut out, Status::OK).unwrap();
    for name in ["Content-Length", "transfer-encoding"] {
        assert_eq!(head.field(name, b"3"), Err(Misuse::Framing.into()));
    }
    head.framing(Framing::None).unwrap();
    head.framing(Framing::Length(3)).unwrap();
    for framing in [Framing::Length(3), Framing::Chunked] {
        assert_eq!(head.framing(framing), Err(Misuse::Framing.into()));
    }
    head.finish().unwrap();
    assert_eq!(out.written(), b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n");
    // RFC 9110 §8.6: none in a 1xx or 204.
    for status in [Status::SWITCHING_PROTOCOLS, Status::NO_CONTENT] {
        let mut head = HeadEncoder::response(&mut out, status).unwrap();
        assert_eq!(head.framing(Framing::Length(0)), Err(Misuse::Framing.into()));
    }
    let mut head = HeadEncoder::response(&mut out, Status::NOT_MODIFIED).unwrap();
    assert_eq!(head.framing(Framing::Length(7)), Ok(()));
}

#[test]
fn h1_12_trailers_that_nobody_would_take_are_not_sent() {
    let mut buf = [0; 64];
    let mut out = Out::new(&mut buf);
    let mut end = HeadEncoder::trailers(&mut out).unwrap();
    for name in ["host", "authorization", "content-type", "set-cookie"] {
        assert_eq!(end.field(name, b"x"), Err(Misuse::Trailer.into()));
    }
    assert_eq!(end.field("content-length", b"1"), Err(Misuse::Framing.into()));
    assert_eq!(end.framing(Framing::Chunked), Err(Misuse::Framing.into()));
}

#[test]
fn chunks_fill_any_room() {
    let mut buf = [0; 40];
    for room in 0..40 {
        let mut out = Out::new(&mut buf[..room]);
        let n = chunk(&mut out, |out| {
            out.put_some(b"0123456789abcdefXYZ");
        });
        assert_eq!(n, room.saturating_sub(8).min(19), "room {room}");
        let expect =
            if n == 0 { String::new() } else { format!("{n:04x}\r\n{}\r\n", &"0123456789abcdefXYZ"[..n]) };
        assert_eq!(out.written(), expect.as_bytes());
    }
}

#[test]
fn an_empty_chunk_is_not_written() {
    let mut buf = [0; 40];
    let mut out = Out::new(&mut buf);
    assert_eq!(chunk(&mut out, |_| ()), 0);
    assert!(out.is_empty());
}

#[test]
fn a_chunk_has_four_digits_at_most() {
    let mut buf = vec![0; CHUNK_OUT_MAX + 100];
    let mut out = Out::new(&mut buf);
    assert_eq!(
        chunk(&mut out, |out| {
            out.fill(|room| room.len());
        }),
        CHUNK_OUT_MAX
    );
    assert_eq!(&out.written()[..6], b"ffff\r\n");
    assert_eq!(out.len(), CHUNK_OUT_MAX + 8);
}

#[test]
fn what_is_written_can_be_read() {
    let mut buf = [0; 512];
    let mut out = Out::new(&mut buf);
    assert_eq!(
        chunk(&mut out, |out| {
            out.put_some(b"hello ");
        }),
        6
    );
    assert_eq!(
        chunk(&mut out, |out| {
            out.put_some(b"world");
        }),
        5
    );
    let mut end = HeadEncoder::trailers(&mut out).unwrap();
    end.field("sum", b"42").unwrap();
    end.finish().unwrap();
    let seen = common::body(Framing::Chunked, out.written()).unwrap().unwrap();
    let expect: Pairs = vec![("sum".to_owned(), b"42".to_vec())];
    assert_eq!((seen.payload.as_slice(), seen.trailers, seen.len), (&b"hello world"[..], expect, out.len()));
}
