//! Requests that come in one read and repeat each other are answered as if each had come alone.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::Line;
use lws_http::{Method, Reply, Request, Status, Vhost, respond};
use lws_role_h1::h1;
use lws_sim::{Conditions, Rng, http};

/// What comes over a connection: some of it twice in a row, some of it almost.
fn conversation(rng: &mut Rng) -> Vec<u8> {
    let get =
        |path: &str, fields: &str| format!("GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n").into_bytes();
    let kinds: [Vec<u8>; 13] = [
        get("/number/1", ""),
        get("/number/1", ""),
        get("/number/2", ""),
        get("/number/1", "A: b\r\n"),
        get("/static?x=1", ""),
        get("/static", "A:\tb \r\n"),
        get("/empty", ""),
        get("/static", "Expect: 100-continue\r\n"),
        [b"\r\n", &get("/static", "")[..]].concat(),
        http::request("HEAD", "/static", &[], b""),
        http::request("POST", "/sum", &[], b"body"),
        http::request("POST", "/sum", &[], &get("/static", "")),
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n".to_vec(),
    ];
    let ends: [&[u8]; 4] = [
        b"",
        b"GET /number/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /number/1 HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        b"GET /number/1 HTTP/1.1\r\nHost: a\r\n",
    ];
    let mut all = Vec::new();
    for _ in 0..1 + rng.below(20) {
        let kind = &kinds[rng.below(kinds.len())];
        all.extend(kind.repeat(1 + rng.below(4)));
    }
    all.extend(ends[rng.below(ends.len())]);
    all
}

#[test]
fn repeats_are_answered_like_everything_else() {
    for seed in 0..200 {
        let bytes = conversation(&mut Rng::new(seed));
        let [calm, slow] = [Conditions::CALM, Conditions::BYTES].map(|conditions| {
            let mut line = Line::new(conditions);
            line.say(&bytes);
            let heard = (line.text(), line.closed());
            line.end();
            heard
        });
        assert_eq!(calm, slow, "seed {seed}: {}", bytes.escape_ascii());
    }
}

/// What a vhost adds is there once, unless the handler says it itself.
#[test]
fn fields_of_the_vhost() {
    let answer = |request: &Request<'_>, reply: &mut Reply<'_>| {
        let response = reply.status(Status::OK);
        match request.path() {
            "/date" => response.field("Date", "today").empty(),
            "/second" => response.field("x-second", "own").field("X-SECOND", "too").empty(),
            "/all" => response.field("date", "d").field("x-first", "f").field("x-second", "s").empty(),
            _ => response.empty(),
        }
    };
    let vhost = Vhost::new("a").mount("", respond(answer)).header("x-first", "1").header("X-Second", "2");
    let mut line = Line::to(&h1(vhost), common::Notes::default(), Conditions::CALM);
    for path in ["/none", "/none", "/date", "/second", "/all", "/none"] {
        line.say(http::get(path));
    }
    let all: Vec<String> = line
        .responses()
        .iter()
        .map(|response| {
            let mut own: Vec<String> = response
                .fields
                .iter()
                .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
                .map(|(name, value)| match &**value {
                    value if value.ends_with(" GMT") => format!("{name}=now"),
                    value => format!("{name}={value}"),
                })
                .collect();
            own.sort_by_key(|line| line.to_ascii_lowercase());
            own.join(" ").to_ascii_lowercase()
        })
        .collect();
    let none = "date=now x-first=1 x-second=2";
    let (date, second) = ("date=today x-first=1 x-second=2", "date=now x-first=1 x-second=own x-second=too");
    assert_eq!(all, [none, none, date, second, "date=d x-first=f x-second=s", none]);
    line.end();
}

/// The date in the fields of the vhost is that of the second.
#[test]
fn the_date_goes_on() {
    let mut line = Line::of(respond(|request: &Request<'_>, reply: &mut Reply<'_>| {
        assert_eq!(request.method(), Method::Get);
        reply.status(Status::OK).empty();
    }));
    let mut dates = Vec::new();
    for _ in 0..3 {
        line.say(http::get("/").repeat(2));
        line.advance(1.0);
        let all = line.responses();
        let two: Vec<_> = all[all.len() - 2..].iter().map(|r| r.field("date").unwrap().to_owned()).collect();
        assert_eq!(two[0], two[1]);
        dates.push(two[0].clone());
    }
    dates.dedup();
    assert_eq!(dates.len(), 3, "{dates:?}");
    line.end();
}
