//! The client's side: what a hostile or a good server can say.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::*;
use lws_h2::{Asked, Code, Connection, Field, NotOpened, PREFACE, limits, settings};

fn client() -> Host {
    let mut host = Host::fresh(Connection::client(settings::Local::default()));
    assert!(host.out.starts_with(PREFACE));
    host.feed(&[settings_frame(&[]), frame(kind::SETTINGS, ACK, 0, b"")].concat()).unwrap();
    host.out.clear();
    host
}

fn ask(host: &mut Host, asked: Asked, method: &str, ends: bool) -> Result<u32, NotOpened> {
    host.with_out(|conn, out| {
        let fields = [
            Field::new(b":method", method.as_bytes()),
            Field::new(b":scheme", b"https"),
            Field::new(b":path", b"/"),
            Field::new(b":authority", b"a"),
        ];
        conn.request(asked, fields, ends, (), out)
    })
}

fn opened() -> Host {
    let mut host = client();
    assert_eq!(ask(&mut host, Asked::Other, "GET", true), Ok(1));
    host.sent();
    host
}

#[test]
fn a_request_and_its_response() {
    let mut host = client();
    assert_eq!(ask(&mut host, Asked::Other, "GET", true), Ok(1));
    assert_eq!(ask(&mut host, Asked::Other, "POST", false), Ok(3));
    let sent = host.sent();
    assert_eq!(
        sent.iter().map(|f| (f.kind, f.flags, f.stream)).collect::<Vec<_>>(),
        [(1, WHOLE, 1), (1, END_HEADERS, 3)]
    );
    let told = host
        .feed(
            &[
                headers(END_HEADERS, 1, &[(":status", "103"), ("link", "x")]),
                headers(END_HEADERS, 1, &[(":status", "200"), ("content-length", "2"), ("set-cookie", "a")]),
                data(0, 1, b"ok"),
                headers(WHOLE, 1, &[("x-sum", "1")]),
            ]
            .concat(),
        )
        .unwrap();
    assert!(matches!(told[0], Told::Response { id: 1, status: 103, interim: true, ends: false, .. }));
    assert!(matches!(told[1], Told::Response { id: 1, status: 200, interim: false, ends: false, .. }));
    assert_eq!(told[2], Told::Data { id: 1, data: b"ok".to_vec(), ends: false });
    assert!(matches!(told[3], Told::Trailers { id: 1, .. }));
    assert!(host.conn.stream(1).unwrap().1.flow.is_closed());
}

#[test]
fn cli_03_bodies_where_there_are_none() {
    let mut host = client();
    assert_eq!(ask(&mut host, Asked::Head, "HEAD", true), Ok(1));
    let told = host.feed(&headers(WHOLE, 1, &[(":status", "200"), ("content-length", "500")])).unwrap();
    assert!(matches!(told[0], Told::Response { ends: true, .. }));
    assert_eq!(ask(&mut host, Asked::Other, "GET", true), Ok(3));
    let told = host.feed(&headers(WHOLE, 3, &[(":status", "304"), ("content-length", "500")])).unwrap();
    assert!(matches!(told[0], Told::Response { status: 304, .. }));
    assert_eq!(ask(&mut host, Asked::Connect, "CONNECT", false), Ok(5));
    let told = host.feed(&headers(END_HEADERS, 5, &[(":status", "200"), ("content-length", "1")])).unwrap();
    assert!(matches!(told[0], Told::Response { .. }));
    assert_eq!(host.feed(&data(0, 5, b"a tunnel has no length")).unwrap().len(), 1);
}

#[test]
fn cli_03_malformed_responses_cost_their_stream() {
    let ok = (":status", "200");
    for wrong in [
        headers(END_HEADERS, 1, &[]),
        headers(END_HEADERS, 1, &[(":status", "20")]),
        headers(END_HEADERS, 1, &[(":status", "2000")]),
        headers(END_HEADERS, 1, &[(":status", "abc")]),
        headers(END_HEADERS, 1, &[(":status", "101")]),
        headers(END_HEADERS, 1, &[ok, ok]),
        headers(END_HEADERS, 1, &[("a", "b"), ok]),
        headers(END_HEADERS, 1, &[ok, (":path", "/")]),
        headers(END_HEADERS, 1, &[ok, ("connection", "close")]),
        headers(END_HEADERS, 1, &[ok, ("transfer-encoding", "chunked")]),
        headers(END_HEADERS, 1, &[ok, ("x", "a\r\nb")]),
        headers(END_HEADERS, 1, &[ok, ("content-length", "1"), ("content-length", "1")]),
        headers(WHOLE, 1, &[(":status", "100")]),
        headers(WHOLE, 1, &[ok, ("content-length", "1")]),
        data(0, 1, b"before the head"),
        [headers(END_HEADERS, 1, &[ok, ("content-length", "1")]), data(END_STREAM, 1, b"12")].concat(),
        [headers(WHOLE, 1, &[ok]), data(0, 1, b"behind the end")].concat(),
    ] {
        let mut host = opened();
        let code = host.break_stream(1, &wrong);
        assert!([Code::PROTOCOL_ERROR, Code::STREAM_CLOSED].contains(&code), "{code}");
    }
}

#[test]
fn cli_03_interim_responses_end() {
    let mut host = opened();
    let interim = headers(END_HEADERS, 1, &[(":status", "100")]);
    let taken = (0..10_000).take_while(|_| host.feed(&interim).is_ok()).count();
    assert_eq!(taken, usize::from(limits::INTERIM_RESPONSES));
}

#[test]
fn a_server_opens_and_pushes_nothing() {
    let good = [(":status", "200")];
    assert_eq!(opened().fail(&headers(WHOLE, 2, &good)), Code::PROTOCOL_ERROR);
    assert_eq!(opened().fail(&headers(WHOLE, 3, &good)), Code::PROTOCOL_ERROR);
    assert_eq!(
        opened().fail(&frame(kind::PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2])),
        Code::PROTOCOL_ERROR
    );
    assert_eq!(opened().fail(&settings_frame(&[(2, 1)])), Code::PROTOCOL_ERROR);
    assert_eq!(opened().fail(&frame(0x10, 0, 0, b"\0\0\0\x01u=0")), Code::PROTOCOL_ERROR);
}

#[test]
fn streams_are_opened_within_the_peers_limits() {
    let mut host = client();
    host.feed(&settings_frame(&[(3, 1)])).unwrap();
    assert_eq!(ask(&mut host, Asked::Other, "GET", true), Ok(1));
    assert_eq!(ask(&mut host, Asked::Other, "GET", true), Err(NotOpened::TooMany));
    host.feed(&headers(WHOLE, 1, &[(":status", "204")])).unwrap();
    host.conn.remove(1);
    assert_eq!(ask(&mut host, Asked::Other, "GET", true), Ok(3));
    let told = host.feed(&frame(kind::GOAWAY, 0, 0, &[0; 8])).unwrap();
    assert_eq!(told, [Told::GoAway { last: 0, code: Code::NO_ERROR }]);
    assert_eq!(ask(&mut host, Asked::Other, "GET", true), Err(NotOpened::Going));
    let mut server = Host::server();
    assert_eq!(ask(&mut server, Asked::Other, "GET", true), Err(NotOpened::NotClient));
    let mut tiny = [0; 20];
    let mut host = client();
    let full = host.conn.request(
        Asked::Other,
        [Field::new(b":method", b"GET"), Field::new(b":path", b"/somewhere")],
        true,
        (),
        &mut lws_wire::Out::new(&mut tiny),
    );
    assert_eq!(full, Err(NotOpened::Full));
    assert_eq!(ask(&mut host, Asked::Other, "GET", true), Ok(1), "nothing had happened");
}

#[test]
fn h2_17_goaway_ends_what_is_above_it() {
    let mut host = client();
    for id in [1, 3, 5] {
        assert_eq!(ask(&mut host, Asked::Other, "GET", true), Ok(id));
    }
    let goaway = |last: u8| frame(kind::GOAWAY, 0, 0, &[0, 0, 0, last, 0, 0, 0, 0]);
    assert!(host.conn.takes_requests());
    assert_eq!(host.feed(&goaway(3)).unwrap(), [Told::GoAway { last: 3, code: Code::NO_ERROR }]);
    assert!(!host.conn.takes_requests());
    let closed = [1, 3, 5].map(|id| host.conn.stream(id).unwrap().1.flow.is_closed());
    assert_eq!(closed, [false, false, true]);
    host.conn.remove(5);
    // What comes late on it is ignored; those below go on.
    let late = headers(WHOLE, 5, &[(":status", "200")]);
    assert_eq!(host.feed(&late).unwrap(), []);
    assert!(matches!(
        host.feed(&headers(WHOLE, 3, &[(":status", "200")])).unwrap()[0],
        Told::Response { .. }
    ));
    // RFC 9113 §6.8: the identifier may fall, and must not rise.
    host.feed(&goaway(1)).unwrap();
    assert_eq!(host.fail(&goaway(3)), Code::PROTOCOL_ERROR);
}

#[test]
fn a_server_may_answer_in_small_pieces() {
    let mut host = opened();
    host.feed(&headers(END_HEADERS, 1, &[(":status", "200")])).unwrap();
    for _ in 0..20_000 {
        host.feed(&data(0, 1, b"x")).unwrap();
    }
    // But not in none.
    let empty = (0..1_000).take_while(|_| host.feed(&data(0, 1, b"")).is_ok()).count();
    assert_eq!(empty, limits::EMPTY_DATA as usize);
}

#[test]
fn a_ping_of_ours() {
    let mut host = client();
    host.with_out(|conn, out| assert!(conn.ping(*b"12345678", out)));
    let sent = host.sent();
    assert_eq!((sent[0].kind, sent[0].flags, &sent[0].payload[..]), (kind::PING, 0, &b"12345678"[..]));
    assert_eq!(host.feed(&frame(kind::PING, ACK, 0, b"12345678")).unwrap(), []);
}
