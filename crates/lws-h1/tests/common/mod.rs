//! Offers messages whole, byte by byte and cut at every place, and insists on one answer.

// Every test binary uses a part of this.
#![allow(dead_code)]

use std::fmt::Debug;

use lws_h1::{BodyDecoder, Error, Framing, HeadIndex, Limits, RequestParser, ResponseParser, trailers};
use lws_head::{Fields, Method, Version};

/// Above this length a message is not cut at every place, only offered whole and byte by byte.
const CUT_EVERYWHERE: usize = 300;

pub(crate) type Pairs = Vec<(String, Vec<u8>)>;

pub(crate) fn pairs(fields: Fields<'_>) -> Pairs {
    fields.iter().map(|f| (f.name.to_owned(), f.value.to_owned())).collect()
}

/// Everything a request head says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeenRequest {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) version: Version,
    pub(crate) scheme: Option<String>,
    pub(crate) authority: Option<String>,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) fields: Pairs,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    pub(crate) expect_continue: bool,
    pub(crate) upgrade: bool,
    pub(crate) len: usize,
}

/// Everything a response head says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeenResponse {
    pub(crate) status: u16,
    pub(crate) version: Version,
    pub(crate) reason: Vec<u8>,
    pub(crate) fields: Pairs,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    pub(crate) len: usize,
}

/// A whole body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SeenBody {
    pub(crate) payload: Vec<u8>,
    pub(crate) trailers: Pairs,
    /// Bytes of input it took.
    pub(crate) len: usize,
}

/// `Ok(None)` is "more input, please" at the end of the input.
pub(crate) type Outcome<T> = Result<Option<T>, Error>;

/// Runs `parse` over all ways to cut `len` bytes; each way is the list of ends offered.
fn over_all_cuts<T: PartialEq + Debug>(
    len: usize,
    parse: impl Fn(&mut dyn Iterator<Item = usize>) -> T,
) -> T {
    let whole = parse(&mut [len].into_iter());
    assert_eq!(parse(&mut (1..=len)), whole, "byte by byte");
    if len <= CUT_EVERYWHERE {
        for cut in 1..len {
            assert_eq!(parse(&mut [cut, len].into_iter()), whole, "cut at {cut}");
        }
    }
    whole
}

pub(crate) fn request_in(input: &[u8], ends: &mut dyn Iterator<Item = usize>) -> Outcome<SeenRequest> {
    let (mut parser, mut index) = (RequestParser::new(), HeadIndex::new());
    for end in ends {
        if let Some(r) = parser.parse(&input[..end], &mut index, &Limits::default())? {
            let seen = SeenRequest {
                method: r.head.method,
                target: r.head.target.to_owned(),
                version: r.head.version,
                scheme: r.head.scheme.map(str::to_owned),
                authority: r.head.authority.map(str::to_owned),
                path: r.head.path.to_owned(),
                query: r.head.query.map(str::to_owned),
                fields: pairs(r.head.fields),
                framing: r.framing,
                keep_alive: r.keep_alive,
                expect_continue: r.expect_continue,
                upgrade: r.upgrade,
                len: r.len,
            };
            assert!(parser.is_idle(), "ready for the next head");
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

pub(crate) fn response_in(
    method: Method,
    input: &[u8],
    ends: &mut dyn Iterator<Item = usize>,
) -> Outcome<SeenResponse> {
    let (mut parser, mut index) = (ResponseParser::new(), HeadIndex::new());
    for end in ends {
        if let Some(r) = parser.parse(&input[..end], &mut index, &Limits::default(), method)? {
            let seen = SeenResponse {
                status: r.head.status.code(),
                version: r.head.version,
                reason: r.head.reason.to_owned(),
                fields: pairs(r.head.fields),
                framing: r.framing,
                keep_alive: r.keep_alive,
                len: r.len,
            };
            assert!(parser.is_idle(), "ready for the next head");
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

/// Decodes a body as a host does; takes at most `appetite` bytes of payload at a time.
pub(crate) fn body_in(
    framing: Framing,
    input: &[u8],
    appetite: usize,
    ends: &mut dyn Iterator<Item = usize>,
) -> Outcome<SeenBody> {
    let mut decoder = BodyDecoder::new(framing);
    let mut seen = SeenBody { payload: vec![], trailers: vec![], len: 0 };
    let mut index = HeadIndex::new();
    for end in ends {
        loop {
            let offered = &input[seen.len..end];
            let found = decoder.decode(offered)?;
            let take = found.data.min(appetite);
            seen.payload.extend_from_slice(&found.payload(offered)[..take]);
            seen.trailers.extend(pairs(trailers(found.trailers(offered), &mut index)?));
            decoder.consume(take);
            seen.len += found.skip + take;
            if found.done && take == found.data {
                assert!(decoder.is_done() && decoder.end().is_ok());
                return Ok(Some(seen));
            }
            assert!(!decoder.is_done(), "over without saying so");
            if found.skip + take == 0 {
                break;
            }
        }
    }
    Ok(None)
}

pub(crate) fn request(input: &[u8]) -> Outcome<SeenRequest> {
    over_all_cuts(input.len(), |ends| request_in(input, ends))
}

pub(crate) fn response(method: Method, input: &[u8]) -> Outcome<SeenResponse> {
    over_all_cuts(input.len(), |ends| response_in(method, input, ends))
}

pub(crate) fn body(framing: Framing, input: &[u8]) -> Outcome<SeenBody> {
    let hungry = over_all_cuts(input.len(), |ends| body_in(framing, input, usize::MAX, ends));
    let picky = over_all_cuts(input.len(), |ends| body_in(framing, input, 1, ends));
    assert_eq!(hungry, picky, "taking less must change nothing");
    hungry
}

/// The request is refused with that error, however it arrives.
#[track_caller]
pub(crate) fn refuse(input: impl AsRef<[u8]>, error: impl Into<Error>) {
    let input = input.as_ref();
    assert_eq!(request(input), Err(error.into()), "{}", input.escape_ascii());
}

/// The request is complete and legal, however it arrives.
#[track_caller]
pub(crate) fn accept(input: impl AsRef<[u8]>) -> SeenRequest {
    let input = input.as_ref();
    match request(input) {
        Ok(Some(seen)) => seen,
        other => panic!("{other:?} for {}", input.escape_ascii()),
    }
}
