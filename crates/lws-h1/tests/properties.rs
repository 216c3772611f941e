//! What holds for every message: any split gives one answer, what is written is what is read, and no field is read
//! differently from how httparse reads it.

mod common;

use common::{Outcome, SeenBody, SeenRequest, body_in, request_in, response_in};
use lws_h1::{Error, Framing, HeadEncoder, Peer, chunk, last_chunk};
use lws_head::{Method, Status};
use lws_wire::Out;
use proptest::prelude::*;

const CASES: u32 = 2_000;

/// Start lines and field lines, right and wrong.
const LINES: &[&[u8]] = &[
    b"Host: a\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Connection: close, upgrade\r\n",
    b"Upgrade: x\r\n",
    b"Expect: 100-continue\r\n",
    b"X-Y:\t z \r\n",
    b"B: \xc3\xa9\xff\r\n",
    b"Empty:\r\n",
    b"A: b\n",
    b" folded\r\n",
    b"no colon\r\n",
    b"\r\n",
];

/// Chunks, last chunks and trailers, right and wrong.
const CHUNKS: &[&[u8]] = &[
    b"3\r\nabc\r\n",
    b"0A\r\n012\r\n56789\r\n",
    b"1;a=b;c\r\nx\r\n",
    b"2 ; a = \"\\\";\"\r\nab\r\n",
    b"0\r\n\r\n",
    b"0;z\r\nA: b\r\nCookie: c\r\n\r\n",
    b"0\r\nHost: a\r\n\r\n",
    b"1\nx\n",
];

/// `bytes` with up to two of them changed.
fn damage(bytes: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let change = prop_oneof![any::<u8>(), prop::sample::select(b"\r\n\t :;\"\0aZ0/".to_vec())];
    let changes = prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec((any::<usize>(), change), 0..3)];
    (bytes, changes).prop_map(|(mut bytes, changes)| {
        for (at, b) in changes {
            let at = at % bytes.len();
            bytes[at] = b;
        }
        bytes
    })
}

/// A head that begins with one of `starts`; one in three is damaged.
fn heads(starts: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    let lines = prop::collection::vec(prop_oneof![4 => 0..9usize, 1 => 9..LINES.len()], 0..6);
    let head = (prop::sample::select(starts), any::<bool>(), lines);
    damage(head.prop_map(|(start, host, lines)| {
        let lines = lines.iter().flat_map(|i| LINES[*i]);
        start.iter().chain(if host { LINES[0] } else { b"" }).chain(lines).chain(b"\r\n").copied().collect()
    }))
}

fn requests() -> impl Strategy<Value = Vec<u8>> {
    heads(&[
        b"GET / HTTP/1.1\r\n",
        b"POST /a/b?c=d HTTP/1.1\r\n",
        b"\r\nGET http://a/x HTTP/1.0\r\n",
        b"OPTIONS * HTTP/1.0\r\n",
        b"CONNECT a:80 HTTP/1.1\r\n",
    ])
}

fn responses() -> impl Strategy<Value = Vec<u8>> {
    heads(&[b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 404 \r\n", b"HTTP/1.1 204\r\n", b"HTTP/1.1 100 Go on\r\n"])
}

fn chunked() -> impl Strategy<Value = Vec<u8>> {
    let chunks = prop::collection::vec(prop_oneof![5 => 0..4usize, 1 => 4..CHUNKS.len()], 1..9);
    damage(
        chunks
            .prop_map(|chunks| chunks.iter().flat_map(|i| CHUNKS[*i]).chain(b"0\r\n\r\n").copied().collect()),
    )
}

/// Increasing ends that finish with the whole input.
fn ends(len: usize, cuts: &[usize]) -> Vec<usize> {
    let mut ends: Vec<_> = cuts.iter().map(|cut| cut % (len + 1)).chain([len]).collect();
    ends.sort_unstable();
    ends
}

fn token() -> impl Strategy<Value = String> {
    "[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}".prop_filter("means something", |name| {
        let lower = name.to_ascii_lowercase();
        !["host", "expect", "connection", "content-length", "transfer-encoding", "upgrade"]
            .contains(&lower.as_str())
    })
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![0x21..0x7fu8, 0x80..=0xffu8, Just(b' '), Just(b'\t')];
    prop::collection::vec(byte, 0..20).prop_map(|v| lws_head::field::trim(&v).to_vec())
}

fn whole_request(input: &[u8]) -> Outcome<SeenRequest> {
    request_in(input, &mut [input.len()].into_iter())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_do_not_depend_on_splits(
        input in requests(),
        cuts in prop::collection::vec(any::<usize>(), 0..6),
    ) {
        let ends = ends(input.len(), &cuts);
        prop_assert_eq!(request_in(&input, &mut ends.into_iter()), whole_request(&input));
    }

    #[test]
    fn responses_do_not_depend_on_splits(input in responses(), cuts in prop::collection::vec(any::<usize>(), 0..6)) {
        let whole = response_in(Method::Get, &input, &mut [input.len()].into_iter());
        prop_assert_eq!(response_in(Method::Get, &input, &mut ends(input.len(), &cuts).into_iter()), whole);
    }

    #[test]
    fn bodies_depend_on_neither_splits_nor_appetite(
        input in chunked(),
        cuts in prop::collection::vec(any::<usize>(), 0..6),
        appetite in 1..9usize,
    ) {
        for framing in [Framing::Chunked, Framing::Length(7)] {
            let whole = body_in(framing, &input, usize::MAX, &mut [input.len()].into_iter());
            prop_assert_eq!(body_in(framing, &input, appetite, &mut ends(input.len(), &cuts).into_iter()), whole);
        }
    }

    #[test]
    fn any_bytes_give_an_answer(input in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = whole_request(&input);
        let _ = response_in(Method::Get, &input, &mut [input.len()].into_iter());
        let _ = body_in(Framing::Chunked, &input, 3, &mut (1..=input.len()));
    }

    #[test]
    fn requests_are_read_as_written(
        method in prop::sample::select(vec![Method::Get, Method::Post, Method::Delete]),
        target in "/[!-\"$-~]{0,30}",
        fields in prop::collection::vec((token(), value()), 0..20),
        framing in prop_oneof![Just(Framing::None), Just(Framing::Chunked), (0..=i64::MAX as u64).prop_map(Framing::Length)],
    ) {
        let mut buf = [0; 4096];
        let mut out = Out::new(&mut buf);
        let mut head = HeadEncoder::request(&mut out, method, &target).unwrap();
        head.field("Host", b"a.example:1").unwrap();
        for (name, value) in &fields {
            head.field(name, value).unwrap();
        }
        head.framing(framing).unwrap();
        let len = head.finish().unwrap();
        let seen = whole_request(out.written()).unwrap().unwrap();
        prop_assert_eq!((seen.method, seen.target, seen.framing, seen.len), (method, target, framing, len));
        prop_assert_eq!(&seen.fields[1..=fields.len()], &fields[..]);
    }

    #[test]
    fn responses_are_read_as_written(
        code in 200..=999u16,
        fields in prop::collection::vec((token(), value()), 0..20),
        length in prop::option::of(0..=i64::MAX as u64),
    ) {
        let status = Status::new(code).unwrap();
        prop_assume!(status != Status::NO_CONTENT && status != Status::NOT_MODIFIED);
        let framing = length.map_or(Framing::Chunked, Framing::Length);
        let mut buf = [0; 4096];
        let mut out = Out::new(&mut buf);
        let mut head = HeadEncoder::response(&mut out, status).unwrap();
        for (name, value) in &fields {
            head.field(name, value).unwrap();
        }
        head.framing(framing).unwrap();
        head.finish().unwrap();
        let input = out.written();
        let seen = response_in(Method::Get, input, &mut [input.len()].into_iter()).unwrap().unwrap();
        prop_assert_eq!((seen.status, seen.framing, seen.len), (code, framing, input.len()));
        prop_assert_eq!(&seen.fields[..fields.len()], &fields[..]);
        prop_assert_eq!(seen.reason, status.reason().as_bytes());
    }

    #[test]
    fn chunks_are_read_as_written(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..50), 0..20)) {
        let mut buf = [0; 2048];
        let mut out = Out::new(&mut buf);
        for piece in &pieces {
            prop_assert_eq!(chunk(&mut out, |out| { out.put_some(piece); }), piece.len());
        }
        prop_assert!(last_chunk(&mut out));
        let input = out.written();
        let expect = SeenBody { payload: pieces.concat(), trailers: vec![], len: input.len() };
        prop_assert_eq!(body_in(Framing::Chunked, input, 7, &mut (1..=input.len())), Ok(Some(expect)));
    }

    #[test]
    fn httparse_reads_what_we_accept_alike(input in requests()) {
        let mut fields = [httparse::EMPTY_HEADER; 100];
        let mut theirs = httparse::Request::new(&mut fields);
        let answer = theirs.parse(&input);
        match whole_request(&input) {
            Ok(Some(ours)) => {
                prop_assert_eq!(answer, Ok(httparse::Status::Complete(ours.len)));
                prop_assert_eq!(theirs.method, Some(ours.method.as_str()));
                prop_assert_eq!(theirs.path, Some(ours.target.as_str()));
                let same = ours.fields.iter().map(|(n, v)| (n.as_str(), v.as_slice()));
                prop_assert!(theirs.headers.iter().map(|h| (h.name, h.value)).eq(same));
            }
            // What we wait for, they must not find complete; what we refuse as text, they must not accept.
            Ok(None) => prop_assert!(!matches!(answer, Ok(httparse::Status::Complete(_)))),
            Err(Error::Peer(Peer::FieldLine | Peer::Fold | Peer::Control)) => {
                prop_assert!(!matches!(answer, Ok(httparse::Status::Complete(_))), "{}", input.escape_ascii());
            }
            Err(_) => (),
        }
    }
}
