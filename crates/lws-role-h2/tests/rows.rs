//! The rows of the threat table as a whole connection answers them; those that the codec decides alone are in
//! `lws-h2`. Named after their ids.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::site::{self, Notes};
use common::*;
use lws_role::{Closed, Cx, Next, Role, Step, TlsFacts};
use lws_role_h2::limits;
use lws_sim::{Conditions, Sim};
use lws_wire::Out;

fn started(notes: &Notes) -> usize {
    notes.lock().unwrap().iter().filter(|n| *n == "started").count()
}

/// Attacks stream after stream until the connection ends; returns streams opened and handlers started.
fn until_calm(attack: impl Fn(u32) -> Vec<u8>) -> (u32, usize) {
    let notes = Notes::default();
    let mut client = Client::to(&site::h2(&notes), Conditions::CALM, 0);
    for n in 0..10_000 {
        client.say(attack(2 * n + 1));
        if client.closed().is_some() {
            assert_eq!(client.closed(), Some(Closed::Limit));
            assert_eq!(client.goaway.unwrap().1, CALM);
            let ended = notes.lock().unwrap().iter().filter(|n| n.starts_with("never:")).count();
            assert_eq!(ended, started(&notes), "every handler hears of the end, once");
            client.end();
            return (n, started(&notes));
        }
        // 20 000 streams a second.
        client.sim.advance(std::time::Duration::from_micros(50));
    }
    panic!("never calmed down")
}

#[test]
fn h2_01_rapid_reset() {
    let (streams, handlers) = until_calm(|id| [get(id, "/never"), rst(id, 8)].concat());
    assert!(streams <= 200 && handlers <= 100, "{streams} streams, {handlers} handlers");
}

#[test]
fn h2_02_made_you_reset_in_six_variants() {
    let post_with = |id, length| request(END_HEADERS, id, "POST", "/never", &[("content-length", length)]);
    type Attack<'a> = &'a dyn Fn(u32) -> Vec<u8>;
    let variants: [(&str, Attack<'_>); 6] = [
        ("window update 0", &|id| [post(id, "/never"), window_update(id, 0)].concat()),
        ("window overflow", &|id| [post(id, "/never"), window_update(id, 0x7fff_ffff)].concat()),
        ("data after the end", &|id| [get(id, "/never"), data(0, id, b"x")].concat()),
        ("headers after the end", &|id| [get(id, "/never"), headers(WHOLE, id, &[("a", "b")])].concat()),
        ("priority of the wrong length", &|id| {
            [post(id, "/never"), frame(kind::PRIORITY, 0, id, b"abcd")].concat()
        }),
        ("more than content-length", &|id| [post_with(id, "3"), data(0, id, b"four")].concat()),
    ];
    for (what, attack) in variants {
        let (streams, handlers) = until_calm(attack);
        assert!(streams <= 200 && handlers <= 100, "{what}: {streams} streams, {handlers} handlers");
    }
}

#[test]
fn h2_02_a_stream_that_depends_on_itself() {
    let (streams, _) = until_calm(|id| {
        [post(id, "/never"), frame(kind::PRIORITY, 0, id, &[&id.to_be_bytes()[..], &[1]].concat())].concat()
    });
    assert!(streams <= 200);
}

/// Floods a connection whose client reads nothing; the loop reads no more than its answers find room.
fn flood_unread(frame: &[u8]) {
    let notes = Notes::default();
    let mut client = Client::to(&site::h2(&notes), Conditions::CALM, 0);
    client.say(get(1, "/x"));
    client.sim.window(client.peer, Some(0));
    let batch: Vec<u8> = frame.iter().copied().cycle().take(frame.len() * 1_000).collect();
    for _ in 0..100 {
        client.sim.send(client.peer, &batch);
        client.sim.advance(std::time::Duration::from_millis(10));
        assert!(client.sim.pending(client.peer) <= 64 * 1024, "{}", client.sim.pending(client.peer));
        assert!(client.sim.held(client.peer) <= 128 * 1024, "{}", client.sim.held(client.peer));
        if client.closed().is_some() {
            break;
        }
    }
    // Either it was told, or nobody has read what it goes on sending: the driver ends that.
    let unread = client.sim.in_flight(client.peer);
    assert!(
        client.closed() == Some(Closed::Limit) || unread > 1_000 * frame.len(),
        "{:?} {unread}",
        client.closed()
    );
    client.end();
}

#[test]
fn h2_06_floods_of_a_client_that_never_reads() {
    flood_unread(&frame(kind::PING, 0, 0, b"12345678"));
    flood_unread(&settings(&[]));
    flood_unread(&settings(&[(4, 1), (4, 65_535)]));
    flood_unread(&window_update(0, 1));
    flood_unread(&frame(kind::PRIORITY, 0, 1, &[0, 0, 0, 3, 1]));
    flood_unread(&frame(0xee, 0, 0, b""));
    flood_unread(&rst(1, 8));
}

#[test]
fn h2_06_requests_of_a_client_that_never_reads() {
    let mut client = Client::calm();
    client.sim.window(client.peer, Some(0));
    for n in 0..5_000 {
        client.sim.send(client.peer, &get(2 * n + 1, "/large"));
        if n % 100 == 0 {
            client.sim.run();
            assert!(client.sim.pending(client.peer) <= 64 * 1024);
        }
    }
    client.sim.run();
    assert!(client.sim.in_flight(client.peer) > 10_000, "nobody reads on");
    client.end();
}

#[test]
fn h2_07_empty_data() {
    let mut client = Client::calm();
    client.say(post(1, "/sum"));
    for _ in 0..1_000_000 {
        client.say(data(0, 1, b""));
        if client.closed().is_some() {
            break;
        }
    }
    assert_eq!((client.closed(), client.goaway.unwrap().1), (Some(Closed::Limit), CALM));
}

#[test]
fn h2_08_shut_windows_are_given_up() {
    let mut client = Client::calm();
    client.credits = false;
    client.say(settings(&[(4, 0)]));
    client.say(
        (0..100)
            .flat_map(|n| get(2 * n + 1, if n % 2 == 0 { "/large" } else { "/stream" }))
            .collect::<Vec<u8>>(),
    );
    client.advance(29.0);
    assert_eq!((client.closed(), client.streams.len()), (None, 100));
    client.advance(6.0);
    assert_eq!(client.closed(), Some(Closed::Timeout), "within 35 seconds");
    assert_eq!(client.stream(1).reset, Some(CANCEL));
    client.end();
}

#[test]
fn h2_08_one_shut_stream_costs_itself_only() {
    let mut client = Client::calm();
    client.say([settings(&[(4, 0)]), get(1, "/large"), get(3, "/never")].concat());
    client.advance(31.0);
    assert_eq!((client.stream(1).reset, client.closed()), (Some(CANCEL), None));
    client.end();
}

#[test]
fn h2_08_windows_of_one_byte_still_complete() {
    for path in ["/sum", "/x"] {
        let mut client = Client::calm();
        client.say([settings(&[(4, 1)]), request(WHOLE, 1, "POST", path, &[])].concat());
        let heard = client.stream(1).clone();
        assert!(heard.ended && heard.body.len() > 5 && heard.frames == heard.body.len(), "{heard:?}");
    }
    let mut client = Client::calm();
    client.say([settings(&[(4, 1)]), get(1, "/greedy")].concat());
    assert_eq!((client.stream(1).body.len(), client.stream(1).ended), (200_000, true));
}

#[test]
fn h2_08_dribbling_below_the_rate_is_given_up() {
    let mut client = Client::calm();
    client.credits = false;
    client.say([settings(&[(4, 0)]), get(1, "/large")].concat());
    for _ in 0..35 {
        client.say(window_update(1, 100));
        client.advance(1.0);
    }
    assert_eq!(client.stream(1).reset, Some(CANCEL));
    let mut client = Client::calm();
    client.credits = false;
    client.say([settings(&[(4, 0)]), get(1, "/large")].concat());
    for _ in 0..70 {
        client.say(window_update(1, 600));
        client.advance(1.0);
    }
    assert_eq!((client.stream(1).reset, client.stream(1).body.len()), (None, 42_000));
    client.end();
}

#[test]
fn h2_08_what_waits_for_a_shut_window_is_bounded() {
    let mut client = Client::calm();
    client.credits = false;
    client.say(settings(&[(4, 0)]));
    client.say(post(1, "/echo"));
    client.say([data(0, 1, &[1; 16_000]), data(0, 1, &[2; 16_000])].concat());
    // What the handler was lent, and no more, was taken; the rest is not credited.
    let credited = client.windows.get(&1).copied().unwrap_or(0);
    assert_eq!(credited, 0, "below half of the window");
    client.say([window_update(1, 1 << 20), data(END_STREAM, 1, b"end")].concat());
    assert_eq!((client.stream(1).body.len(), client.stream(1).ended), (32_003, true));
    const { assert!(limits::STREAM_ROOM_BYTES <= 64 * 1024) };
}

#[test]
fn h2_11_the_101st_stream_is_refused() {
    let notes = Notes::default();
    let mut client = Client::to(&site::h2(&notes), Conditions::CALM, 0);
    client.say((0..100).flat_map(|n| post(2 * n + 1, "/sum")).collect::<Vec<u8>>());
    client.say(post(201, "/sum"));
    assert_eq!(client.stream(201).reset, Some(REFUSED_STREAM));
    client.say((0..100).flat_map(|n| data(END_STREAM, 2 * n + 1, b"fine")).collect::<Vec<u8>>());
    let answered = client.streams.values().filter(|h| h.text() == "4 bytes, trailers []" && h.ended).count();
    assert_eq!((answered, client.closed()), (100, None));
    client.say(get(203, "/"));
    assert_eq!(client.stream(203).status, 200);
    client.end();
}

#[test]
fn h2_14_nothing_malformed_reaches_a_handler() {
    let notes = Notes::default();
    let mut client = Client::to(&site::h2(&notes), Conditions::CALM, 0);
    let bad = [("x", "a\r\nb: c"), ("connection", "close"), ("te", "gzip"), ("X", "a"), ("x ", "a")];
    for (n, field) in (0..).zip(bad) {
        client.say(request(WHOLE, 2 * n + 1, "GET", "/never", &[field]));
        assert_eq!(client.stream(2 * n + 1).reset, Some(PROTOCOL_ERROR), "{field:?}");
    }
    assert_eq!((started(&notes), client.closed()), (0, None));
    client.say(get(101, "/"));
    assert_eq!(client.stream(101).status, 200);
}

#[test]
fn h2_16_a_frame_too_large_closes_before_it_has_come() {
    let mut client = Client::calm();
    client.say([0xff, 0xff, 0xff, kind::DATA, 0, 0, 0, 0, 1]);
    assert_eq!((client.closed(), client.goaway.unwrap().1), (Some(Closed::Protocol), 6));
}

/// Says that the stream is secure, and hands it on.
struct Secured {
    server_name: Option<&'static str>,
    next: Option<Box<dyn Role>>,
}

impl Role for Secured {
    fn name(&self) -> &'static str {
        "secured"
    }
    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        cx.facts().set_tls(TlsFacts { server_name: self.server_name.map(Into::into), ..TlsFacts::default() });
        Next::Become(self.next.take().unwrap())
    }
    fn receive(&mut self, _cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        Step::stay(0)
    }
}

/// TLS-02: the same for a client that asked for no name, and may have the first vhost only.
#[test]
fn h2_20_tls_02_an_authority_of_another_vhost_is_misdirected() {
    use lws_http::{Vhost, respond};
    let page = |name: &'static str| respond(move |_, reply| reply.text(name));
    let vhosts = [
        Vhost::new("a.example").alias("www.a.example").mount("", page("a")),
        Vhost::new("b.example").mount("", page("b")),
    ];
    let blueprint = lws_role_h2::h2(vhosts);
    for (sni, authority, status) in [
        (Some("a.example"), "a.example", 200),
        (Some("a.example"), "www.a.example:443", 200),
        (Some("a.example"), "unknown.example", 200),
        (Some("a.example"), "b.example", 421),
        (Some("b.example"), "b.example", 200),
        (Some("b.example"), "a.example", 421),
        (Some("b.example"), "unknown.example", 421),
        (Some("unknown.example"), "a.example", 200),
        (Some("unknown.example"), "b.example", 421),
        (None, "a.example", 200),
        (None, "unknown.example", 200),
        (None, "192.0.2.1", 200),
        (None, "b.example", 421),
    ] {
        let mut sim = Sim::under(Conditions::CALM, 0);
        let acceptor = sim.install(&blueprint);
        let next = acceptor.accept(&lws_role::Facts::plain(lws_role::Peer::Memory));
        let peer = sim.start(Box::new(Secured { server_name: sni, next: Some(next) }));
        let mut client = Client::on(sim, peer);
        client.say(hello(&[]));
        let fields = [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", authority)];
        client.say(headers(WHOLE, 1, &fields));
        assert_eq!(client.stream(1).status, status, "{sni:?} {authority}");
        client.end();
    }
}

/// A conversation with some bytes changed, under a seed's conditions.
fn mutated(seed: u64) {
    let mut rng = lws_sim::Rng::new(seed);
    let conditions = Conditions::rough(&mut rng);
    let connect = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":path", "/ws"),
        (":authority", "a"),
        ("sec-websocket-version", "13"),
    ];
    let mut bytes = [
        hello(&[(4, 100)]),
        get(1, "/stream"),
        post(3, "/echo"),
        headers(END_HEADERS, 5, &connect),
        data(0, 3, &[7; 500]),
        data(0, 5, &lws_sim::ws::text("hello")),
        window_update(1, 50_000),
        frame(kind::PING, 0, 0, b"12345678"),
        headers(WHOLE, 3, &[("x-sum", "1")]),
        post(7, "/hold"),
        data(END_STREAM, 7, b"abc"),
        rst(1, 8),
        get(9, "/large"),
    ]
    .concat();
    for _ in 0..1 + rng.below(4) {
        let at = 24 + rng.below(bytes.len() - 24);
        bytes[at] = rng.below(256) as u8;
    }
    let mut sim = Sim::under(conditions, seed);
    let acceptor = sim.install(&site::h2(&Notes::default()));
    let peer = sim.accept(&*acceptor);
    sim.send(peer, &bytes);
    sim.run();
    sim.advance(std::time::Duration::from_secs(70));
    sim.drain();
    sim.end();
}

#[test]
fn sys_01_no_bytes_can_panic() {
    lws_sim::for_seeds!(0..300, |seed| mutated(seed));
}
