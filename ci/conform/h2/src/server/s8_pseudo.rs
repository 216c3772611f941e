//! RFC 9113 §8.3, HTTP Control Data; §10.3, what the values of pseudo-header fields must not be.

use super::{Case, case, should};
use crate::case::Outcome;
use crate::hpack::Fields;
use crate::session::Session;

const UNDEFINED: &str =
    "Endpoints MUST treat a request that contains undefined or invalid pseudo-header fields as malformed.";
const BEFORE: &str = "Any request that contains a pseudo-header field that appears in a field block after a regular \
    field line MUST be treated as malformed.";
const REPEATED: &str =
    "A field block that contains a repeated pseudo-header field name MUST be treated as malformed.";
const EXACTLY: &str = "All HTTP/2 requests MUST include exactly one valid value for the \":method\", \":scheme\", and \
    \":path\" pseudo-header fields; one that omits mandatory pseudo-header fields is malformed.";
const PATH: &str = "The \":path\" pseudo-header field MUST NOT be empty for \"http\" or \"https\" URIs.";
const ABSOLUTE: &str =
    "\":path\" includes the absolute-path production and optionally a query, or is `*` for OPTIONS.";
const HOST: &str = "A server SHOULD treat a request as malformed if it contains a Host header field that differs from \
    the entity in the \":authority\" pseudo-header field.";
const USERINFO: &str =
    "\":authority\" MUST NOT include the deprecated userinfo subcomponent for \"http\" or \"https\".";
const VALIDATED: &str = "§10.3: if the values of pseudo-header fields are used, additional validation is necessary (no delimiters of HTTP/1).";

pub(super) const CASES: &[Case] = &[
    case("9113/8.3/1", UNDEFINED, |c| bad(c, |f| f.first(":unknown", "x"))),
    case("9113/8.3/2", "Pseudo-header fields defined for responses MUST NOT appear in requests.", |c| {
        bad(c, |f| f.first(":status", "200"))
    }),
    case("9113/8.3/3", "The same by the static table's entry.", |c| {
        let mut block = c.get().block();
        block.insert(0, 0x88);
        let stream = c.ask_block(block);
        c.malformed(stream)
    }),
    case("9113/8.3/4", UNDEFINED, |c| bad(c, |f| f.first(":", "x"))),
    case("9113/8.3/5", UNDEFINED, |c| bad(c, |f| f.without(":method").first(":Method", "GET"))),
    case("9113/8.3/6", UNDEFINED, |c| bad(c, |f| f.first(":host", "localhost"))),
    case("9113/8.3/7", BEFORE, |c| bad(c, |f| f.first("x-test", "ok"))),
    case("9113/8.3/8", BEFORE, |c| {
        bad(c, |f| f.without(":method").with("x-test", "ok").with(":method", "GET"))
    }),
    case("9113/8.3/9", BEFORE, |c| bad(c, |f| f.without(":path").with("x-test", "ok").with(":path", "/"))),
    case("9113/8.3/10", BEFORE, |c| {
        bad(c, |f| f.without(":authority").with("x-test", "ok").with(":authority", "localhost"))
    }),
    case("9113/8.3/11", REPEATED, |c| bad(c, |f| f.with(":method", "GET"))),
    case("9113/8.3/12", REPEATED, |c| bad(c, |f| f.with(":method", "POST"))),
    case("9113/8.3/13", REPEATED, |c| bad(c, |f| f.with(":path", "/other"))),
    case("9113/8.3/14", REPEATED, |c| bad(c, |f| f.with(":scheme", "https"))),
    case("9113/8.3/15", REPEATED, |c| bad(c, |f| f.with(":authority", "localhost"))),
    case("9113/8.3.1/1", EXACTLY, |c| bad(c, |f| f.without(":method"))),
    case("9113/8.3.1/2", EXACTLY, |c| bad(c, |f| f.without(":scheme"))),
    case("9113/8.3.1/3", EXACTLY, |c| bad(c, |f| f.without(":path"))),
    case("9113/8.3.1/4", EXACTLY, |c| bad(c, |f| f.set(":method", ""))),
    case("9113/8.3.1/5", EXACTLY, |c| bad(c, |f| f.set(":scheme", ""))),
    case("9113/8.3.1/6", "The same for a request without any field.", |c| {
        let stream = c.ask_block([]);
        c.malformed(stream)
    }),
    case("9113/8.3.1/7", "The same for a request with nothing but regular fields.", |c| {
        let stream = c.ask(&Fields::default().with("host", "localhost").with("x-test", "ok"));
        c.malformed(stream)
    }),
    case("9113/8.3.1/8", PATH, |c| bad(c, |f| f.set(":path", ""))),
    case("9113/8.3.1/9", ABSOLUTE, |c| bad(c, |f| f.set(":path", "index.html"))),
    case("9113/8.3.1/10", ABSOLUTE, |c| bad(c, |f| f.set(":path", "*"))),
    case("9113/8.3.1/11", ABSOLUTE, |c| bad(c, |f| f.set(":path", "?query"))),
    case("9113/8.3.1/12", ABSOLUTE, |c| should(bad(c, |f| f.set(":path", "http://localhost/")))),
    // `#` is in neither production, so that the request is as good as one for another path.
    case("9113/8.3.1/13", ABSOLUTE, |c| {
        let stream = c.ask(&c.get().set(":path", "/#fragment"));
        should(c.refused(stream, &[400, 404]))
    }),
    case("9113/8.3.1/14", HOST, |c| {
        let stream = c.ask(&c.get().with("host", "other.example"));
        should(c.refused(stream, &[400, 421]))
    }),
    case("9113/8.3.1/15", "A Host that says the same is good.", |c| {
        let stream = c.ask(&c.get().with("host", &c.target.authority));
        c.success(stream)
    }),
    case(
        "9113/8.3.1/16",
        "An intermediary may leave out :authority where the request had a Host only.",
        |c| {
            let stream = c.ask(&c.get().without(":authority").with("host", &c.target.authority));
            c.success(stream)
        },
    ),
    // The sentence is about senders; that a field which breaks it is an invalid one follows from §8.3. Neither nghttpd
    // 1.52 nor nginx 1.22 looks.
    case("9113/8.3.1/17", USERINFO, |c| {
        let authority = format!("user@{}", c.target.authority);
        let stream = c.ask(&c.get().set(":authority", authority));
        should(c.refused(stream, &[400, 421]))
    }),
    case("9113/8.3.1/18", "The order of pseudo-header fields is free.", |c| {
        let (path, scheme) = (c.target.path.clone(), c.target.scheme());
        let fields = Fields::default().with(":authority", &c.target.authority).with(":path", path);
        let stream = c.ask(&fields.with(":scheme", scheme).with(":method", "GET"));
        c.success(stream)
    }),
    case("9113/10.3/1", VALIDATED, |c| bad(c, |f| f.set(":method", "GET / HTTP/1.1\r\nx: y\r\n\r\nGET"))),
    case("9113/10.3/2", VALIDATED, |c| bad(c, |f| f.set(":method", "GE T"))),
    case("9113/10.3/3", VALIDATED, |c| bad(c, |f| f.set(":path", "/ HTTP/1.1\r\nx-evil: y"))),
    case("9113/10.3/4", VALIDATED, |c| bad(c, |f| f.set(":path", "/a b"))),
    case("9113/10.3/5", VALIDATED, |c| bad(c, |f| f.set(":path", "/a\0b"))),
    case("9113/10.3/6", VALIDATED, |c| bad(c, |f| f.set(":authority", "localhost\r\nx-evil: y"))),
    case("9113/10.3/7", VALIDATED, |c| bad(c, |f| f.set(":authority", "local host"))),
    case("9113/10.3/8", VALIDATED, |c| bad(c, |f| f.set(":scheme", "http://x/?"))),
    case("9113/10.3/9", VALIDATED, |c| should(bad(c, |f| f.set(":authority", "localhost/path")))),
];

/// GET that is changed so is malformed.
fn bad(c: &mut Session<'_>, change: fn(Fields) -> Fields) -> Outcome {
    let stream = c.ask(&change(c.get()));
    c.malformed(stream)
}
