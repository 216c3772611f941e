//! Content that is coded (CLI-04).

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Loop, Origin, Then, ok};
use lws_client::{CodingError, Error, Request, Url};
use lws_head::Method;

/// gzip as zlib makes it.
fn gzip(data: &[u8]) -> Vec<u8> {
    let config = zlib_rs::DeflateConfig { window_bits: 31, ..zlib_rs::DeflateConfig::new(6) };
    let mut engine = zlib_rs::Deflate::new_with_config(config);
    let mut out = vec![0; data.len() + 1000];
    engine.compress(data, &mut out, zlib_rs::DeflateFlush::Finish).unwrap();
    out.truncate(usize::try_from(engine.total_out()).unwrap());
    out
}

fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn request(origin: &Origin) -> Request {
    Request::get(Url::parse(&origin.url("/")).unwrap())
}

fn text(n: u32) -> Vec<u8> {
    (0..n).flat_map(|i| format!("line {i}\n").into_bytes()).collect()
}

#[test]
fn what_is_asked_for_comes_decoded() {
    let text = text(50_000);
    let body = gzip(&text);
    let origin = Origin::saying(coded("gzip", &body));
    let mut own = Loop::new();
    let got = own.fetch(request(&origin));
    assert!(got.text().as_bytes() == text);
    assert!(
        got.fields
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("content-encoding") && value == "gzip")
    );
    // As it is, for whoever wants that.
    assert!(own.fetch(request(&origin).raw()).body == body);
    let own_choice = request(&origin).field("Accept-Encoding", "gzip;q=0.5").unwrap();
    assert!(own.fetch(own_choice).body == body);
    assert!(own.fetch(request(&origin).field("Range", "bytes=0-").unwrap()).body == body);
    let seen = origin.seen();
    assert!(seen[0].has("\r\naccept-encoding: br, gzip, deflate\r\n"), "{}", seen[0].text);
    assert!(!seen[1].has("accept-encoding") && !seen[3].has("accept-encoding"));
    assert!(seen[2].has("accept-encoding: gzip;q=0.5"));
    assert!(seen.iter().all(|seen| seen.conn == 0));
    for codings in ["identity", "gzip, identity", "X-GZIP"] {
        let body = if codings == "identity" { &text } else { &body };
        let origin = Origin::saying(coded(codings, body));
        assert!(own.fetch(request(&origin)).text().as_bytes() == text, "{codings}");
    }
    let twice = Origin::saying(coded("gzip, gzip", &gzip(&body)));
    assert!(own.fetch(request(&twice)).text().as_bytes() == text);
    let empty = Origin::saying(coded("gzip", b""));
    assert_eq!(own.fetch(request(&empty)).text(), "");
    let head =
        Origin::saying(&b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n"[..]);
    let got = own.fetch(Request::new(Method::Head, Url::parse(&head.url("/")).unwrap()));
    assert_eq!(got.text(), "");
}

/// In every piece a server may send it in, and however little is taken at a time.
#[test]
fn cli_04_a_slow_hearer_of_coded_content() {
    let text = text(40_000);
    let body = gzip(&text);
    for chunked in [false, true] {
        let answer = if chunked {
            let mut answer =
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            for piece in body.chunks(7777) {
                answer.extend(format!("{:x}\r\n", piece.len()).bytes());
                answer.extend([piece, b"\r\n"].concat());
            }
            [answer, b"0\r\n\r\n".to_vec()].concat()
        } else {
            coded("gzip", &body)
        };
        let origin = Origin::saying(answer);
        let mut own = Loop::new();
        let got = own.send(request(&origin));
        got.borrow_mut().credit = 0;
        own.turn_until(|| got.borrow().connection.is_some());
        let connection = got.borrow().connection.unwrap();
        let mut wakes = 0;
        while got.borrow().results.is_empty() {
            own.settle();
            let had = got.borrow().body.len();
            assert!(got.borrow().results.is_empty() || had == text.len());
            got.borrow_mut().credit = 10_007;
            own.service.world().hub.wake(connection);
            own.settle();
            assert!(got.borrow().body.len() - had <= 10_007);
            wakes += 1;
        }
        assert!(got.borrow().text().as_bytes() == text && wakes >= text.len() / 10_007);
        assert_eq!(own.get(&origin.url("/")).results, [Ok(())], "the connection is as good as before");
        assert!(origin.seen().iter().all(|seen| seen.conn == 0));
    }
}

#[test]
fn cli_04_bombs_and_what_cannot_be_decoded() {
    let bomb = gzip(&vec![0; 100_000_000]);
    let whole = gzip(b"some text");
    for (coding, body, expected) in [
        ("gzip", &bomb[..], CodingError::Bomb),
        ("gzip", &whole[..whole.len() - 1], CodingError::Truncated),
        ("gzip", &whole[..5], CodingError::Truncated),
        ("gzip", b"plain text after all", CodingError::Corrupt),
        ("br", b"\xff\xff\xff\xff", CodingError::Corrupt),
        ("deflate", b"\xff\xff\xff\xff", CodingError::Corrupt),
        ("zstd", b"x", CodingError::Unknown),
        ("gzip, compress", b"x", CodingError::Unknown),
        ("gzip,gzip,gzip,gzip,gzip,gzip", b"x", CodingError::TooMany),
    ] {
        let answer = coded(coding, body);
        let origin = Origin::new(move |seen| match seen.line() {
            "GET / HTTP/1.1" => (answer.clone(), Then::Stay),
            _ => (ok("next"), Then::Stay),
        });
        let mut own = Loop::new();
        let got = own.fetch(request(&origin));
        assert_eq!(got.error(), Error::Coding(expected), "{coding}");
        assert!(
            got.body.len() < 101_000_000 && (expected != CodingError::Bomb || got.body.len() < 99_999_999)
        );
        assert_eq!(own.get(&origin.url("/next")).text(), "next");
    }
}
