//! RFC 9113 §8.2 and §8.3.2 for a client: the fields of an answer.

use super::{Case, case};
use crate::hpack::Fields;
use crate::served::Served;

const NAME: &str = "A field name MUST NOT contain characters in the ranges 0x00-0x20, 0x41-0x5a, or 0x7f-0xff, nor a \
    colon: a response with one is malformed, and clients MUST NOT accept it.";
const VALUE: &str = "A field value MUST NOT contain NUL, LF, or CR at any position.";
const BLANK: &str = "A field value MUST NOT start or end with an ASCII whitespace character.";
const SPECIFIC: &str =
    "Any message containing connection-specific header fields MUST be treated as malformed.";
const PSEUDO: &str = "Pseudo-header fields defined for requests MUST NOT appear in responses; undefined ones and those \
    behind a regular field are malformed.";
const STATUS: &str = "The \":status\" pseudo-header field MUST be included in all responses, once; otherwise, the \
    response is malformed.";

pub(super) const CASES: &[Case] = &[
    case("c9113/8.2.1/1", NAME, |s| s.bad_head(&Served::ok().with("X-Upper", "1"))),
    case("c9113/8.2.1/2", NAME, |s| s.bad_head(&Served::ok().with("x test", "1"))),
    case("c9113/8.2.1/3", NAME, |s| s.bad_head(&Served::ok().with("x\0", "1"))),
    case("c9113/8.2.1/4", NAME, |s| s.bad_head(&Served::ok().with("x-a: b\r\nx-c", "1"))),
    case("c9113/8.2.1/5", NAME, |s| s.bad_head(&Served::ok().with("x:y", "1"))),
    case("c9113/8.2.1/6", NAME, |s| s.bad_head(&Served::ok().with(b"x\xff", "1"))),
    case("c9113/8.2.1/7", NAME, |s| s.bad_head(&Served::ok().with("x\x7f", "1"))),
    case("c9113/8.2.1/8", VALUE, |s| s.bad_head(&Served::ok().with("x-test", "a\0b"))),
    case("c9113/8.2.1/9", VALUE, |s| s.bad_head(&Served::ok().with("x-test", "a\nb"))),
    case("c9113/8.2.1/10", VALUE, |s| s.bad_head(&Served::ok().with("x-test", "a\r\nset-cookie: evil=1"))),
    case("c9113/8.2.1/11", BLANK, |s| s.bad_head(&Served::ok().with("x-test", " a"))),
    case("c9113/8.2.1/12", BLANK, |s| s.bad_head(&Served::ok().with("x-test", "a\t"))),
    case("c9113/8.2.1/13", "The same in trailers.", |s| {
        s.head(&Served::ok(), false);
        s.content(b"hello", false);
        s.head(&Fields::default().with("X-Sum", "1"), true);
        s.malformed()
    }),
    case("c9113/8.2.1/14", "All other characters are good.", |s| {
        let fields = Served::ok().with("x-test", "a \t b").with("x-obs", b"\x80\xff").with("x-empty", "");
        s.head(&fields.with("!#$%&'*+-.^_`|~09az", "ok"), false);
        s.content(b"hello", true);
        s.accepted()
    }),
    case("c9113/8.2.2/1", SPECIFIC, |s| s.bad_head(&Served::ok().with("connection", "close"))),
    case("c9113/8.2.2/2", SPECIFIC, |s| s.bad_head(&Served::ok().with("transfer-encoding", "chunked"))),
    case("c9113/8.2.2/3", SPECIFIC, |s| s.bad_head(&Served::ok().with("keep-alive", "timeout=5"))),
    case("c9113/8.2.2/4", SPECIFIC, |s| s.bad_head(&Served::ok().with("upgrade", "h2c"))),
    case("c9113/8.2.2/5", SPECIFIC, |s| s.bad_head(&Served::ok().with("proxy-connection", "close"))),
    case("c9113/8.3/1", PSEUDO, |s| s.bad_head(&Served::ok().first(":path", "/"))),
    case("c9113/8.3/2", PSEUDO, |s| s.bad_head(&Served::ok().first(":unknown", "1"))),
    case("c9113/8.3/3", PSEUDO, |s| s.bad_head(&Served::ok().without(":status").with(":status", "200"))),
    case("c9113/8.3/4", PSEUDO, |s| s.bad_head(&Served::ok().first("x-test", "1"))),
    case("c9113/8.3.2/1", STATUS, |s| s.bad_head(&Served::ok().without(":status"))),
    case("c9113/8.3.2/2", STATUS, |s| s.bad_head(&Served::ok().first(":status", "200"))),
    case("c9113/8.3.2/3", STATUS, |s| s.bad_head(&Served::ok().set(":status", ""))),
    case("c9113/8.3.2/4", "RFC 9110 §15: a status code is three digits.", |s| {
        s.bad_head(&Served::ok().set(":status", "20"))
    }),
    case("c9113/8.3.2/5", "The same.", |s| s.bad_head(&Served::ok().set(":status", "2000"))),
    case("c9113/8.3.2/6", "The same.", |s| s.bad_head(&Served::ok().set(":status", "abc"))),
    case("c9113/8.3.2/7", "The same.", |s| s.bad_head(&Served::ok().set(":status", "200 OK"))),
];
