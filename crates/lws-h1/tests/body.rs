//! Bodies: every framing, every fault, at every split and whatever the receiver's appetite.

mod common;

use common::{Outcome, SeenBody, body, body_in};
use lws_h1::limits::{CHUNK_EXTENSIONS_MAX, CHUNK_LINE_MAX, TRAILERS_MAX};
use lws_h1::{BodyDecoder, Error, Framing, HeadIndex, Limit, Peer, trailers};

#[track_caller]
fn accept(framing: Framing, input: &str, payload: &str, rest: &str) -> SeenBody {
    let seen = match body(framing, input.as_bytes()) {
        Ok(Some(seen)) => seen,
        other => panic!("{other:?} for {input:?}"),
    };
    assert_eq!(String::from_utf8_lossy(&seen.payload), payload, "{input:?}");
    assert_eq!(&input[seen.len..], rest, "{input:?}");
    seen
}

#[track_caller]
fn refuse(input: impl AsRef<[u8]>, error: impl Into<Error>) {
    let input = input.as_ref();
    assert_eq!(body(Framing::Chunked, input), Err(error.into()), "{}", input.escape_ascii());
}

/// Whole, and in the largest pieces a socket gives: for inputs too long for every split.
fn in_pieces(input: &[u8]) -> Outcome<SeenBody> {
    let whole = body_in(Framing::Chunked, input, usize::MAX, &mut [input.len()].into_iter());
    let pieces = (1..=input.len()).filter(|end| end % 1_460 == 0 || *end == input.len());
    assert_eq!(body_in(Framing::Chunked, input, 1_000, &mut pieces.into_iter()), whole);
    whole
}

#[test]
fn lengths() {
    accept(Framing::None, "GET /", "", "GET /");
    accept(Framing::Length(0), "GET /", "", "GET /");
    accept(Framing::Length(5), "helloGET /", "hello", "GET /");
    assert_eq!(body(Framing::Length(5), b"hell"), Ok(None));
    assert_eq!(body(Framing::UntilClose, b"anything"), Ok(None));
}

#[test]
fn ends_are_judged_by_the_framing() {
    let end = |framing, input: &[u8]| {
        let mut decoder = BodyDecoder::new(framing);
        let found = decoder.decode(input).unwrap();
        decoder.consume(found.data);
        decoder.end()
    };
    let truncated = Err(Peer::Truncated.into());
    assert_eq!(end(Framing::None, b""), Ok(()));
    assert_eq!(end(Framing::Length(2), b"ab"), Ok(()));
    assert_eq!(end(Framing::Length(3), b"ab"), truncated);
    assert_eq!(end(Framing::UntilClose, b"ab"), Ok(()));
    assert_eq!(end(Framing::Chunked, b"0\r\n\r\n"), Ok(()));
    assert_eq!(end(Framing::Chunked, b"0\r\n\r"), truncated);
    assert_eq!(end(Framing::Chunked, b"2\r\nab"), truncated);
    assert_eq!(end(Framing::Chunked, b""), truncated);
}

#[test]
fn chunks() {
    accept(Framing::Chunked, "0\r\n\r\nGET /", "", "GET /");
    accept(Framing::Chunked, "3\r\nabc\r\n0\r\n\r\nGET /", "abc", "GET /");
    accept(
        Framing::Chunked,
        "1\r\na\r\nA\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n",
        "a01234567890123456789",
        "",
    );
    accept(Framing::Chunked, "00000000000000a\r\n0123\r\n6789\r\n0\r\n\r\n", "0123\r\n6789", "");
}

#[test]
fn a_slow_receiver_loses_nothing() {
    let mut decoder = BodyDecoder::new(Framing::Chunked);
    let input = b"5\r\nhello\r\n0\r\n\r\n";
    let first = decoder.decode(input).unwrap();
    assert_eq!((first.skip, first.data, first.done), (3, 5, false));
    // It took nothing, three times; the payload stays.
    for _ in 0..3 {
        let again = decoder.decode(&input[3..]).unwrap();
        assert_eq!((again.skip, again.payload(&input[3..])), (0, &b"hello"[..]));
    }
    decoder.consume(2);
    assert_eq!(decoder.decode(&input[5..]).unwrap().payload(&input[5..]), b"llo");
    decoder.consume(3);
    let last = decoder.decode(&input[8..]).unwrap();
    assert_eq!((last.skip, last.data, last.done), (7, 0, true));
}

#[test]
fn h1_09_chunk_size_syntax() {
    for size in [
        "+3",
        "-3",
        "0x3",
        " 3",
        "",
        "g",
        "10000000000000003",
        "ffffffffffffffff",
        "8000000000000000",
        "00000000000000003",
        "\t3",
        "_3",
        "\"3\"",
        "3g",
        "3_0",
        "\u{e9}",
    ] {
        refuse(format!("{size}\r\nabc\r\n0\r\n\r\n"), Peer::ChunkSize);
    }
    refuse("3 \r\nabc\r\n0\r\n\r\n", Peer::ChunkExtension);
    refuse("3\t\r\nabc\r\n0\r\n\r\n", Peer::ChunkExtension);
    assert_eq!(Error::from(Peer::ChunkSize).status().code(), 400);
    // The largest is legal; nobody sends it whole.
    assert_eq!(body(Framing::Chunked, b"7fffffffffffffff\r\nabc"), Ok(None));
    // A second chunk with the same faults is no better.
    refuse("3\r\nabc\r\n-1\r\n", Peer::ChunkSize);
}

#[test]
fn h1_10_chunk_terminators() {
    for (input, error) in [
        ("3\nabc\r\n0\r\n\r\n", Peer::ChunkSize),
        ("3\rabc\r\n0\r\n\r\n", Peer::ChunkEnd),
        ("3\r\r\nabc\r\n0\r\n\r\n", Peer::ChunkEnd),
        ("3;a\nabc\r\n0\r\n\r\n", Peer::ChunkExtension),
        ("3;a\rb\r\nabc\r\n0\r\n\r\n", Peer::ChunkEnd),
        ("3;a=\"\n\"\r\nabc\r\n0\r\n\r\n", Peer::ChunkExtension),
        ("3;a=\"\r\n\"\r\nabc\r\n0\r\n\r\n", Peer::ChunkExtension),
        ("3;a=\"\\\n\"\r\nabc\r\n0\r\n\r\n", Peer::ChunkExtension),
        ("3;a\0\r\nabc\r\n0\r\n\r\n", Peer::ChunkExtension),
        ("3\r\nabc\n0\r\n\r\n", Peer::ChunkEnd),
        ("3\r\nabc\r0\r\n\r\n", Peer::ChunkEnd),
        ("3\r\nabcXX0\r\n\r\n", Peer::ChunkEnd),
        ("3\r\nabc0\r\n\r\n", Peer::ChunkEnd),
        ("3\r\nabcd\r\n0\r\n\r\n", Peer::ChunkEnd),
        ("4\r\nabc\r\n0\r\n\r\n", Peer::ChunkEnd),
        ("0\n\r\n", Peer::ChunkSize),
        ("0\r\n\n", Peer::LineEnd),
        ("0\r\n\rX", Peer::LineEnd),
    ] {
        refuse(input, error);
    }
}

#[test]
fn h1_10_chunk_extensions() {
    for ext in [
        ";a",
        ";a=b",
        ";a=b;c;d=e",
        ";a=\"b\"",
        ";a=\"\"",
        ";a=\"b;c=d\\\"e\\\\\"",
        ";a=\"\t \u{e9}\"",
        " ;a",
        "\t; a = b ;c",
        ";a =b",
        ";a= \"b\" ;c",
    ] {
        accept(Framing::Chunked, &format!("3{ext}\r\nabc\r\n0{ext}\r\n\r\n"), "abc", "");
    }
    for ext in [
        ";",
        ";;a",
        ";a;",
        ";a=",
        ";=b",
        ";a=b c",
        ";a b",
        ";a=\"b",
        ";a=\"b\"c",
        ";a=b\"c\"",
        ";a ",
        ";a=b ",
        ";a=\"b\" ",
        " a",
        ",a",
        ";a=\"b\\\"",
        ";a,b",
        ";a==b",
        ";(a)",
    ] {
        let input = format!("3{ext}\r\nabc\r\n0\r\n\r\n");
        match ext {
            ",a" => refuse(input, Peer::ChunkSize),
            _ => refuse(input, Peer::ChunkExtension),
        }
    }
}

#[test]
fn h1_11_extensions_are_bounded() {
    let line = |len: u32| format!("1;{}\r\nx\r\n", "e".repeat(len as usize - 1));
    let input = line(CHUNK_LINE_MAX) + "0\r\n\r\n";
    assert_eq!(
        in_pieces(input.as_bytes()).map(|seen| seen.map(|seen| seen.payload)),
        Ok(Some(b"x".to_vec()))
    );
    assert_eq!(in_pieces(line(CHUNK_LINE_MAX + 1).as_bytes()), Err(Limit::ChunkLine.into()));
    let full = line(CHUNK_LINE_MAX).repeat((CHUNK_EXTENSIONS_MAX / CHUNK_LINE_MAX) as usize);
    assert!(in_pieces((full.clone() + "0\r\n\r\n").as_bytes()).unwrap().is_some());
    assert_eq!(in_pieces((full + "0;e\r\n\r\n").as_bytes()), Err(Limit::ChunkExtensions.into()));
    assert_eq!(Error::from(Limit::ChunkExtensions).status().code(), 400);
}

#[test]
fn h1_11_overhead_is_bounded() {
    // Five bytes of framing per byte: over the budget after some 20 000, whatever is still to come.
    let tiny = "1\r\nx\r\n".repeat(30_000);
    assert_eq!(in_pieces(tiny.as_bytes()), Err(Limit::ChunkOverhead.into()));
    let told = 6 * 21_000;
    assert_eq!(in_pieces(&tiny.as_bytes()[..told]), Err(Limit::ChunkOverhead.into()));
    assert_eq!(in_pieces(&tiny.as_bytes()[..6 * 20_000]), Ok(None));
    let decent = format!("64\r\n{}\r\n", "x".repeat(100)).repeat(10_000) + "0\r\n\r\n";
    let seen = in_pieces(decent.as_bytes()).unwrap().unwrap();
    assert_eq!(seen.payload.len(), 1_000_000);
    assert_eq!(Error::from(Limit::ChunkOverhead).status().code(), 400);
}

#[test]
fn h1_12_trailers_are_read_apart() {
    let seen = accept(Framing::Chunked, "1\r\nx\r\n0\r\nChecksum: abc\r\nX:\r\n\r\nGET /", "x", "GET /");
    assert_eq!(seen.trailers, [("Checksum".to_owned(), b"abc".to_vec()), ("X".to_owned(), vec![])]);
    let seen = accept(
        Framing::Chunked,
        "0\r\nAuthorization: x\r\nA: 1\r\nContent-Type: t\r\nSet-Cookie: c\r\nB: 2\r\nif-match: *\r\n\r\n",
        "",
        "",
    );
    assert_eq!(seen.trailers, [("A".to_owned(), b"1".to_vec()), ("B".to_owned(), b"2".to_vec())]);
}

#[test]
fn h1_12_forbidden_trailers() {
    for name in ["Content-Length: 9", "content-length: 0", "Transfer-Encoding: chunked", "Host: evil"] {
        refuse(format!("1\r\nx\r\n0\r\n{name}\r\n\r\n"), Peer::Trailer);
    }
    for (section, error) in [
        ("X : y\r\n\r\n", Peer::FieldLine),
        ("X: y\n\r\n", Peer::LineEnd),
        ("X: y\r\n z\r\n\r\n", Peer::Fold),
        ("X: \0\r\n\r\n", Peer::Control),
        (" X: y\r\n\r\n", Peer::Fold),
        ("no colon\r\n\r\n", Peer::FieldLine),
    ] {
        refuse(format!("0\r\n{section}"), error);
    }
}

#[test]
fn h1_12_trailers_are_bounded() {
    let filled = |len: usize| format!("0\r\nX: {}\r\n\r\n", "v".repeat(len - "X: \r\n\r\n".len()));
    assert!(in_pieces(filled(TRAILERS_MAX).as_bytes()).unwrap().is_some());
    assert_eq!(in_pieces(filled(TRAILERS_MAX + 1).as_bytes()), Err(Limit::Trailers.into()));
    assert_eq!(in_pieces(filled(1_000_000).as_bytes()), Err(Limit::Trailers.into()));
    assert!(in_pieces(format!("0\r\n{}\r\n", "a:b\r\n".repeat(100)).as_bytes()).unwrap().is_some());
    assert_eq!(
        in_pieces(format!("0\r\n{}\r\n", "a:b\r\n".repeat(101)).as_bytes()),
        Err(Limit::Trailers.into())
    );
    assert_eq!(Error::from(Limit::Trailers).status().code(), 431);
}

#[test]
fn unfinished_trailer_sections_are_not_passed() {
    let mut decoder = BodyDecoder::new(Framing::Chunked);
    let input = b"0\r\nA: b\r\n\r\n";
    let found = decoder.decode(&input[..8]).unwrap();
    assert_eq!((found.skip, found.data, found.done), (3, 0, false));
    let rest = &input[3..];
    let found = decoder.decode(rest).unwrap();
    assert_eq!((found.skip, found.done, found.trailers(rest)), (8, true, rest));
}

#[test]
fn what_is_no_trailer_section_is_an_error() {
    let mut index = HeadIndex::new();
    assert!(trailers(b"", &mut index).unwrap().is_empty());
    assert_eq!(trailers(b"A: b\r\n", &mut index).err(), Some(Peer::Truncated.into()));
    assert_eq!(trailers(b"Host: b\r\n\r\n", &mut index).err(), Some(Peer::Trailer.into()));
}
