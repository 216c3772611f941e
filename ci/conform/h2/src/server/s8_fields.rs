//! RFC 9113 §8.2, HTTP Fields: validity, connection-specific fields, cookies.

use super::{Case, case, should};
use crate::case::Outcome;
use crate::hpack::Fields;
use crate::session::Session;
use crate::wire;

const NAME: &str =
    "A field name MUST NOT contain characters in the ranges 0x00-0x20, 0x41-0x5a, or 0x7f-0xff.";
const COLON: &str = "With the exception of pseudo-header fields, field names MUST NOT include a colon.";
const VALUE: &str = "A field value MUST NOT contain NUL, LF, or CR at any position.";
const BLANK: &str = "A field value MUST NOT start or end with an ASCII whitespace character (SP or HTAB).";
const TOKEN: &str = "Implementations SHOULD validate field names and values according to RFC 9110 §5.1 and §5.5 (a name is \
    a token of one or more characters, a value has no control characters).";
const SPECIFIC: &str = "Any message containing connection-specific header fields MUST be treated as malformed (RFC 9110 §7.6.1).";
const TE: &str = "TE MAY be present in an HTTP/2 request; when it is, it MUST NOT contain any value other than \"trailers\".";

pub(super) const CASES: &[Case] = &[
    case(
        "9113/8.2/1",
        "Field names MUST be converted to lowercase: uppercase ones are malformed (§8.1.1).",
        |c| bad(c, "X-Test", "ok"),
    ),
    case("9113/8.2.1/1", NAME, |c| bad(c, "x-tesT", "ok")),
    case("9113/8.2.1/2", NAME, |c| bad(c, "x test", "ok")),
    case("9113/8.2.1/3", NAME, |c| bad(c, "x-test ", "ok")),
    case("9113/8.2.1/4", NAME, |c| bad(c, " x-test", "ok")),
    case("9113/8.2.1/5", NAME, |c| bad(c, "x\0test", "ok")),
    case("9113/8.2.1/6", NAME, |c| bad(c, "x\rtest", "ok")),
    case("9113/8.2.1/7", NAME, |c| bad(c, "x\ntest", "ok")),
    case("9113/8.2.1/8", NAME, |c| bad(c, "x-a: b\r\nx-c", "ok")),
    case("9113/8.2.1/9", NAME, |c| bad(c, "x\x01", "ok")),
    case("9113/8.2.1/10", NAME, |c| bad(c, "x\x1f", "ok")),
    case("9113/8.2.1/11", NAME, |c| bad(c, "x\ttest", "ok")),
    case("9113/8.2.1/12", NAME, |c| bad(c, "x\x7f", "ok")),
    case("9113/8.2.1/13", NAME, |c| bad(c, b"x\x80", "ok")),
    case("9113/8.2.1/14", NAME, |c| bad(c, b"x\xff", "ok")),
    case("9113/8.2.1/15", "The same in trailers.", |c| bad_trailer(c, "X-Sum", "1")),
    case("9113/8.2.1/16", COLON, |c| bad(c, "x:test", "ok")),
    case("9113/8.2.1/17", COLON, |c| bad(c, "x-test:", "ok")),
    case("9113/8.2.1/18", VALUE, |c| bad(c, "x-test", "a\0b")),
    case("9113/8.2.1/19", VALUE, |c| bad(c, "x-test", "a\nb")),
    case("9113/8.2.1/20", VALUE, |c| bad(c, "x-test", "a\rb")),
    case("9113/8.2.1/21", VALUE, |c| bad(c, "x-test", "a\r\nx-other: b")),
    case("9113/8.2.1/22", VALUE, |c| bad(c, "x-test", "a\r\n\r\nGET /evil HTTP/1.1\r\nhost: x")),
    case("9113/8.2.1/23", VALUE, |c| bad(c, "x-test", "\0")),
    case("9113/8.2.1/24", "The same in trailers.", |c| bad_trailer(c, "x-sum", "1\r\nx: y")),
    case("9113/8.2.1/25", BLANK, |c| bad(c, "x-test", " a")),
    case("9113/8.2.1/26", BLANK, |c| bad(c, "x-test", "a ")),
    case("9113/8.2.1/27", BLANK, |c| bad(c, "x-test", "\ta")),
    case("9113/8.2.1/28", BLANK, |c| bad(c, "x-test", "a\t")),
    case("9113/8.2.1/29", BLANK, |c| bad(c, "x-test", " ")),
    case("9113/8.2.1/30", TOKEN, |c| should(bad(c, "", "ok"))),
    case("9113/8.2.1/31", TOKEN, |c| should(bad(c, "x(test)", "ok"))),
    case("9113/8.2.1/32", TOKEN, |c| should(bad(c, "x/test", "ok"))),
    case("9113/8.2.1/33", TOKEN, |c| should(bad(c, "x\"test", "ok"))),
    case("9113/8.2.1/34", TOKEN, |c| should(bad(c, "x-test", "a\x01b"))),
    case("9113/8.2.1/35", TOKEN, |c| should(bad(c, "x-test", "a\x7fb"))),
    case(
        "9113/8.2.1/36",
        "All other characters are good: blanks inside a value, obs-text, an empty value, every tchar.",
        |c| {
            let fields = c.get().with("x-test", "a \t b").with("x-obs", b"\x80\xfe\xff").with("x-empty", "");
            let stream = c.ask(&fields.with("!#$%&'*+-.^_`|~09az", "ok"));
            c.success(stream)
        },
    ),
    case("9113/8.2.2/1", SPECIFIC, |c| bad(c, "connection", "keep-alive")),
    case("9113/8.2.2/2", SPECIFIC, |c| bad(c, "connection", "close")),
    case("9113/8.2.2/3", SPECIFIC, |c| bad(c, "proxy-connection", "keep-alive")),
    case("9113/8.2.2/4", SPECIFIC, |c| bad(c, "keep-alive", "timeout=5")),
    case("9113/8.2.2/5", SPECIFIC, |c| bad(c, "transfer-encoding", "chunked")),
    case("9113/8.2.2/6", SPECIFIC, |c| bad(c, "transfer-encoding", "identity")),
    case("9113/8.2.2/7", SPECIFIC, |c| bad(c, "upgrade", "websocket")),
    case("9113/8.2.2/8", "The same with content.", |c| {
        let stream = c.begin_ask(&c.post().with("transfer-encoding", "chunked"));
        c.send(wire::DATA, wire::END_STREAM, stream, b"0\r\n\r\n");
        c.malformed(stream)
    }),
    case("9113/8.2.2/9", TE, |c| bad(c, "te", "gzip")),
    case("9113/8.2.2/10", TE, |c| bad(c, "te", "trailers, deflate")),
    case("9113/8.2.2/11", "TE with \"trailers\" is good.", |c| {
        let stream = c.ask(&c.get().with("te", "trailers"));
        c.success(stream)
    }),
    case("9113/8.2.3/1", "The Cookie header field MAY be split into separate header fields.", |c| {
        let stream = c.ask(&c.get().with("cookie", "a=b").with("x-test", "1").with("cookie", "c=d; e=f"));
        c.success(stream)
    }),
];

/// GET with such a field is malformed.
fn bad(c: &mut Session<'_>, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Outcome {
    let stream = c.ask(&c.get().with(name, value));
    c.malformed(stream)
}

/// POST with such a trailer is malformed.
fn bad_trailer(c: &mut Session<'_>, name: &str, value: &str) -> Outcome {
    let stream = c.begin_ask(&c.post());
    c.send(wire::DATA, 0, stream, b"x");
    c.send(wire::HEADERS, wire::WHOLE, stream, Fields::default().with(name, value).block());
    c.malformed(stream)
}
