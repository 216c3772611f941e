//! RFC 9113 §8.1 for a client: interim answers, trailers, content-length.

use super::{Case, case};
use crate::case::Outcome;
use crate::hpack::Fields;
use crate::served::Served;
use crate::wire;

const LENGTH: &str = "A response is malformed if the value of content-length does not equal the sum of the DATA frame \
    payload lengths. Clients MUST NOT accept a malformed response.";

pub(super) const CASES: &[Case] = &[
    case(
        "c9113/8.1/2",
        "A server MAY send any number of interim responses before the final response.",
        |s| {
            s.head(&Fields::default().with(":status", "103").with("link", "</a>; rel=preload"), false);
            s.head(&Fields::default().with(":status", "102"), false);
            s.works()
        },
    ),
    case(
        "c9113/8.1/3",
        "A HEADERS frame with END_STREAM that carries an informational status code is malformed.",
        |s| {
            s.head(&Fields::default().with(":status", "103"), true);
            s.malformed()
        },
    ),
    case(
        "c9113/8.1/4",
        "An endpoint that receives HEADERS without END_STREAM after a final status code: malformed.",
        |s| {
            s.head(&Served::ok(), false);
            s.head(&Fields::default().with("x-sum", "1"), false);
            s.content(b"hello", true);
            s.malformed()
        },
    ),
    case("c9113/8.1/5", "The same for a second final answer.", |s| {
        s.head(&Served::ok(), false);
        s.head(&Served::ok(), true);
        s.malformed()
    }),
    case("c9113/8.1/6", "Trailers are a part of an answer.", |s| {
        s.head(&Served::ok().with("content-length", "5"), false);
        s.content(b"hello", false);
        s.head(&Fields::default().with("x-sum", "5"), true);
        s.accepted()
    }),
    case(
        "c9113/8.1/7",
        "An endpoint that receives pseudo-header fields in trailers MUST treat the response as malformed.",
        |s| {
            s.head(&Served::ok(), false);
            s.content(b"hello", false);
            s.head(&Fields::default().with(":status", "200"), true);
            s.malformed()
        },
    ),
    case("c9113/8.1/8", "DATA before the header section: an answer does not begin so.", |s| {
        s.content(b"hello", false);
        s.malformed()
    }),
    case("c9113/8.1/9", "The same after an interim answer.", |s| {
        s.head(&Fields::default().with(":status", "103"), false);
        s.content(b"hello", true);
        s.malformed()
    }),
    case("c9113/8.1/10", "Empty DATA frames are DATA frames, an empty one may end the stream.", |s| {
        s.head(&Served::ok().with("content-length", "5"), false);
        for part in [&b""[..], b"he", b"", b"llo"] {
            s.content(part, false);
        }
        s.content(b"", true);
        s.accepted()
    }),
    case("c9113/8.1/11", "An answer without content ends with its HEADERS.", |s| {
        s.head(&Fields::default().with(":status", "204"), true);
        s.accepted()
    }),
    case("c9113/8.1.1/1", LENGTH, |s| length(s, "4")),
    case("c9113/8.1.1/2", LENGTH, |s| length(s, "6")),
    case("c9113/8.1.1/3", LENGTH, |s| length(s, "0")),
    case("c9113/8.1.1/4", "The same where HEADERS ends the stream.", |s| {
        s.head(&Served::ok().with("content-length", "5"), true);
        s.malformed()
    }),
    case("c9113/8.1.1/5", "The same where trailers end it too early.", |s| {
        s.head(&Served::ok().with("content-length", "9"), false);
        s.content(b"hello", false);
        s.head(&Fields::default().with("x-sum", "5"), true);
        s.malformed()
    }),
    case("c9113/8.1.1/6", "RFC 9110 §8.6: different content-length values make an answer invalid.", |s| {
        s.bad_head(&Served::ok().with("content-length", "5").with("content-length", "6"))
    }),
    case("c9113/8.1.1/7", "RFC 9110 §8.6: content-length is 1*DIGIT.", |s| length(s, "+5")),
    case("c9113/8.1.1/8", "304 MAY have a content-length though it has no content.", |s| {
        s.head(&Fields::default().with(":status", "304").with("content-length", "500"), true);
        s.accepted()
    }),
    case("c9113/8.6/1", "HTTP/2 does not support the 101 (Switching Protocols) status code.", |s| {
        s.head(&Fields::default().with(":status", "101"), false);
        s.content(b"hello", true);
        s.malformed()
    }),
    case(
        "c9113/8.3.1/1",
        "All requests have :method, :scheme, :path, and :authority, and are not malformed.",
        |s| {
            // The referee has judged the fields; this tells that they are what was asked for.
            let fields = s.message(s.stream).map(|m| m.fields.clone()).unwrap_or_default();
            let has = |name: &[u8], value: &[u8]| fields.iter().any(|(n, v)| n == name && v == value);
            if has(b":method", b"GET") && has(b":path", b"/page") {
                return s.works();
            }
            Err(s.wrong("GET /page"))
        },
    ),
    case("c9113/5.1.2/1", "An answer in one octet per frame.", |s| {
        let block = Served::ok().with("content-length", "5").block();
        let mut bytes = wire::frame(wire::HEADERS, wire::END_HEADERS, s.stream, &block);
        for (at, octet) in b"hello".iter().enumerate() {
            let flags = if at == 4 { wire::END_STREAM } else { 0 };
            bytes.extend(wire::frame(wire::DATA, flags, s.stream, &[*octet]));
        }
        s.raw(&bytes);
        s.accepted()
    }),
];

/// An answer of five octets that says otherwise.
fn length(s: &mut Served, length: &str) -> Outcome {
    s.bad_head(&Served::ok().with("content-length", length))
}
