//! H1-01 to H1-16, H1-20 and H1-24: what two readers might understand differently is refused, by the whole role: one
//! response, a close, and whatever stands behind is not looked at.
//!
//! Each payload arrives at once and byte by byte. Behind each stands a canary: a request that must not be answered.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::Line;
use lws_sim::Conditions;

const CANARY: &str = "GET /canary HTTP/1.1\r\nHost: a\r\n\r\n";

/// One of these codes is the only answer, and the end.
fn refused(payload: impl AsRef<[u8]>, codes: &[u16]) {
    let payload = payload.as_ref();
    let show = String::from_utf8_lossy(&payload[..payload.len().min(200)]);
    for conditions in [Conditions::CALM, Conditions::BYTES] {
        let mut line = Line::new(conditions);
        line.say([payload, CANARY.as_bytes()].concat());
        assert!(line.closed().is_some(), "still open: {show:?}");
        let answers = line.responses();
        let got = line.codes();
        assert!(got.len() == 1 && codes.contains(&got[0]), "{got:?}, not {codes:?}: {show:?}");
        assert!(answers[0].closes(), "says nothing of the close: {show:?}");
        assert!(line.notes.lock().unwrap().iter().all(|note| note != "canary"), "the canary sang: {show:?}");
        line.end();
    }
}

/// A POST to a handler that waits for the body, with these lines in its head.
fn post(lines: &str, body: &str) -> String {
    format!("POST /sum HTTP/1.1\r\nHost: a\r\n{lines}\r\n{body}")
}

/// The same to a handler that answers at once: its answer is the only one, and the connection ends all the same.
fn refused_body(lines: &str, body: &str) {
    refused(post(lines, body), &[400, 431]);
    let early = format!("POST /static HTTP/1.1\r\nHost: a\r\n{lines}\r\n{body}{CANARY}");
    for conditions in [Conditions::CALM, Conditions::BYTES] {
        let mut line = Line::new(conditions);
        line.say(&early);
        assert!(line.closed().is_some(), "still open: {early:?}");
        assert_eq!(line.codes(), [200], "{early:?}");
        assert!(line.notes.lock().unwrap().is_empty(), "the canary sang: {early:?}");
        line.end();
    }
}

/// One request, answered with 200, and the connection goes on.
fn accepted(payload: &str) {
    for conditions in [Conditions::CALM, Conditions::BYTES] {
        let mut line = Line::new(conditions);
        line.say(payload);
        line.say(CANARY);
        assert_eq!(line.codes(), [200, 200], "{payload:?}");
        line.end();
    }
}

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";
const EMPTY: &str = "0\r\n\r\n";

#[test]
fn the_yardstick_is_straight() {
    accepted(&post("Content-Length: 3\r\n", "abc"));
    accepted(&post(CHUNKED, "3\r\nabc\r\n0\r\n\r\n"));
    accepted("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn h1_01_cl_and_te() {
    for lines in [
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "content-length: 5\r\nTRANSFER-ENCODING: CHUNKED\r\n",
        "Content-Length: 0\r\nX: y\r\nTransfer-Encoding: chunked\r\n",
    ] {
        refused(post(lines, EMPTY), &[400]);
    }
}

#[test]
fn h1_02_conflicting_cl() {
    for lines in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3, 3\r\n",
        "Content-Length: 3,4\r\n",
        "Content-Length: 3\r\nX: y\r\nCONTENT-LENGTH: 3\r\n",
    ] {
        refused(post(lines, "abc"), &[400]);
    }
}

#[test]
fn h1_03_cl_syntax() {
    let zeros = format!("{}3", "0".repeat(64));
    for length in [
        "+3",
        "-3",
        "0x3",
        "0_3",
        "",
        "3 3",
        "3x",
        "x",
        "3;",
        "3.0",
        "\"3\"",
        "9223372036854775808",
        "18446744073709551619",
        "99999999999999999999999999",
        &zeros,
    ] {
        refused(post(&format!("Content-Length: {length}\r\n"), "abc"), &[400]);
    }
}

#[test]
fn h1_04_te_obfuscation() {
    for coding in [
        "xchunked",
        "chunkedx",
        "chunked, identity",
        "gzip, chunked",
        "chunked, chunked",
        ",chunked",
        "chunked,",
        "\"chunked\"",
        "identity",
        "",
        "gzip",
        "chunked;",
        "chunked;q=1",
        "chunked foo",
    ] {
        refused(post(&format!("Transfer-Encoding: {coding}\r\n"), EMPTY), &[400, 501]);
    }
    for lines in [
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Transfer-Encoding: \x0bchunked\r\n",
    ] {
        refused(post(lines, EMPTY), &[400, 501]);
    }
    refused(b"POST /sum HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \xa0chunked\r\n\r\n0\r\n\r\n", &[400, 501]);
    refused("POST /sum HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[400, 501]);
}

#[test]
fn h1_05_space_before_colon() {
    for lines in ["Content-Length : 3\r\n", "Transfer-Encoding\t: chunked\r\n", "X : y\r\n", "Host : a\r\n"] {
        refused(post(lines, "abc"), &[400]);
    }
    refused(b"POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length\xa0: 3\r\n\r\nabc", &[400]);
}

#[test]
fn h1_06_folding() {
    for head in [
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n",
    ] {
        refused(head, &[400]);
    }
}

#[test]
fn h1_07_line_ends_and_controls() {
    for head in [
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\rHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\rX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\nz: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \x07\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\x0c HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        refused(head, &[400]);
    }
    refused_body(CHUNKED, "1\na\r\n0\r\n\r\n");
    refused_body(CHUNKED, "1\r\na\n0\r\n\r\n");
    refused_body(CHUNKED, "0\r\nX: y\n\r\n");
    refused_body(CHUNKED, "0\r\nX: \0\r\n\r\n");
}

#[test]
fn h1_08_field_names() {
    for line in [": x", "foo", "X A: y", "X\tA: y", "X(: y", "\u{feff}X: y", "X@: y", "é: y", "\"X\": y"] {
        refused(format!("GET / HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n"), &[400]);
    }
    accepted("GET / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: y\r\n\r\n");
}

#[test]
fn h1_09_chunk_size() {
    for size in
        ["+3", "-3", "0x3", " 3", "3 ", "", "3g", "g", "3.", "3_", "10000000000000003", "ffffffffffffffff"]
    {
        refused_body(CHUNKED, &format!("{size}\r\nabc\r\n0\r\n\r\n"));
    }
}

#[test]
fn h1_10_chunk_lines() {
    for body in [
        "3\nabc\r\n0\r\n\r\n",
        "3;a\nabc\r\n0\r\n\r\n",
        "3;a\rb\r\nabc\r\n0\r\n\r\n",
        "3\rabc\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3\r\nabcXX0\r\n\r\n",
        "3\r\nabc0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n",
        "3;a=\"\0\"\r\nabc\r\n0\r\n\r\n",
        "3;a=\"b\r\nabc\r\n0\r\n\r\n",
        "3;\r\nabc\r\n0\r\n\r\n",
        "3\r\nabc\r\n0\n\r\n",
        "3\r\nabc\r\n0\r\n\n",
    ] {
        refused_body(CHUNKED, body);
    }
    accepted(&post(CHUNKED, "3;a;b=c;d=\"e f\"\r\nabc\r\n0\r\n\r\n"));
}

#[test]
fn h1_11_chunk_overhead() {
    let tiny = "1\r\na\r\n".repeat(100_000);
    let mut line = Line::new(Conditions::CALM);
    line.say(post(CHUNKED, &tiny));
    assert_eq!(line.codes(), [400]);
    line.end();
    let fair = format!("64\r\n{}\r\n", "a".repeat(100)).repeat(10_000) + EMPTY;
    let mut line = Line::new(Conditions::CALM);
    line.say(post(CHUNKED, &fair));
    line.say(CANARY);
    assert_eq!(line.codes(), [200, 200]);
    line.end();
    refused_body(CHUNKED, &format!("3;{}\r\nabc\r\n0\r\n\r\n", "e".repeat(5_000)));
    refused_body(CHUNKED, &(format!("1;{}\r\na\r\n", "e".repeat(4_000)).repeat(5) + EMPTY));
}

#[test]
fn h1_12_trailers() {
    for trailer in
        ["Content-Length: 9", "Transfer-Encoding: chunked", "Host: b", "X", ": y", "X : y", " X: y"]
    {
        refused_body(CHUNKED, &format!("3\r\nabc\r\n0\r\n{trailer}\r\n\r\n"));
    }
    let many = "X-Trailer: y\r\n".repeat(101);
    refused_body(CHUNKED, &format!("0\r\n{many}\r\n"));
    let large = format!("X-Trailer: {}\r\n", "y".repeat(1_000_000));
    let mut line = Line::new(Conditions::CALM);
    line.say(post(CHUNKED, &format!("0\r\n{large}\r\n{CANARY}")));
    assert_eq!(line.codes(), [431]);
    line.end();
    // What does not belong there is left out, and the rest is never taken for a field of the head.
    let mut line = Line::new(Conditions::BYTES);
    line.say(post(CHUNKED, "0\r\nCookie: a=b\r\nX-Sum: 9\r\nAuthorization: x\r\nConnection: close\r\n\r\n"));
    line.say(CANARY);
    assert_eq!(line.responses()[0].body, b"0 bytes, trailers [\"X-Sum\"]");
    assert_eq!(line.codes(), [200, 200]);
    line.end();
}

#[test]
fn h1_13_host() {
    for lines in [
        "",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nHost: b\r\n",
        "Host: a b\r\n",
        "Host: a/../b\r\n",
        "Host: a@b\r\n",
        "Host: a:99999\r\n",
        "Host:\r\n",
        "Host: [::1\r\n",
    ] {
        refused(format!("GET / HTTP/1.1\r\n{lines}\r\n"), &[400]);
    }
    refused("GET http://evil/ HTTP/1.1\r\nHost: a\r\n\r\n", &[400]);
    refused("GET http://a@evil/ HTTP/1.1\r\nHost: a\r\n\r\n", &[400]);
    refused("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", &[400]);
    accepted("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn h1_14_request_line() {
    for line in [
        "GET\t/ HTTP/1.1",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        " GET / HTTP/1.1",
        "GET / HTTP/2.0",
        "GET / HTTP/1.10",
        "GET / HTTP/1.2",
        "GET / http/1.1",
        "GET / HTTP/1.",
        "GET / HTTP 1.1",
        "GET /",
        "GET",
        "GET / HTTP/1.1 ",
        "GET / HTTP/01.1",
        "G\x01ET / HTTP/1.1",
        "G(T / HTTP/1.1",
        "/ HTTP/1.1",
        "GET / FTP/1.1",
        "GET / HTTP/0.9",
    ] {
        refused(format!("{line}\r\nHost: a\r\n\r\n"), &[400, 505]);
    }
    for method in ["get", "Get", "FOO", "GETT"] {
        refused(format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"), &[501]);
    }
}

#[test]
fn h1_15_targets() {
    for line in [
        "GET a",
        "GET *",
        "GET ?a",
        "GET #",
        "GET /#f",
        "GET /a b",
        "GET //a b",
        "GET http:/a/",
        "GET http://",
        "GET ftp://a/",
        "GET http:///x",
        "GET a:80",
        "POST *",
        "CONNECT /",
        "CONNECT a",
        "CONNECT http://a:80/",
        "GET /\u{e9}",
        "OPTIONS **",
        "OPTIONS a",
    ] {
        refused(format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n"), &[400]);
    }
    let mut line = Line::new(Conditions::CALM);
    line.say("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    line.say("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n");
    line.say(CANARY);
    assert_eq!(line.codes(), [204, 405, 200], "well-formed, and nothing for us");
    line.end();
}

#[test]
fn h1_16_leading_lines() {
    accepted("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    refused("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", &[400]);
    refused("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", &[400]);
    let mut line = Line::new(Conditions::CALM);
    line.say("\r\n".repeat(500_000));
    assert_eq!(line.codes(), [400]);
    let read = line.sim.world().hub.metrics.rx_bytes;
    assert!(read <= 64 * 1024, "{read} bytes were read before the close");
    line.end();
}

#[test]
fn h1_20_sizes_and_counts() {
    let start = "GET / HTTP/1.1\r\nHost: a\r\n";
    refused(format!("{start}{}\r\n", "X: y\r\n".repeat(100)), &[431]);
    refused(format!("{start}X: {}\r\n\r\n", "y".repeat(16 * 1024)), &[431]);
    refused(format!("{start}X: {}\r\n\r\n", "y".repeat(64 * 1024)), &[431]);
    refused(format!("{start}{}: y\r\n\r\n", "X".repeat(16 * 1024)), &[431]);
    refused(format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(8 * 1024)), &[414]);
    accepted(&format!("{start}{}\r\n", "X: y\r\n".repeat(99)));
    accepted(&format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(8 * 1024 - 14)));
    // Without an end, in any chunks: it is over long before 64 KiB.
    for byte in [b'x', b' ', b'\r'] {
        let mut line = Line::new(Conditions::CALM);
        line.say(start);
        line.say(vec![byte; 1_000_000]);
        assert!(matches!(line.codes()[..], [400 | 431]), "{byte}: {:?}", line.codes());
        let read = line.sim.world().hub.metrics.rx_bytes;
        assert!(read <= 65 * 1024, "{read} bytes were read before the close");
        line.end();
    }
    let mut line = Line::new(Conditions { chunk: lws_sim::Sizes::always(1400), ..Conditions::CALM });
    line.say(format!("{start}X: {}", "y".repeat(1_000_000)));
    assert_eq!(line.codes(), [431]);
    let read = line.sim.world().hub.metrics.rx_bytes;
    assert!(read <= 18 * 1024, "{read} bytes were read before the close");
    line.end();
}

#[test]
fn h1_24_other_protocols() {
    refused(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", &[400]);
    refused("SSH-2.0-OpenSSH_9.6\r\n", &[400]);
    refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[400, 501, 505]);
    refused("EHLO example.com\r\n", &[400]);
    refused("\0\0\0\0\r\n\r\n", &[400]);
    let mut line = Line::new(Conditions::CALM);
    line.say("GE");
    line.say("T / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(line.codes(), [200]);
    line.end();
}
