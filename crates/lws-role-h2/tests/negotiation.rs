//! How a connection comes to HTTP/2: prior knowledge, sniffing, ALPN, `Upgrade: h2c`.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::site::{self, Notes};
use common::*;
use lws_http::Sites;
use lws_role::{Blueprint, Closed, World, sniff};
use lws_role_h1::h1;
use lws_role_h2::{h2, h2c};
use lws_sim::{Conditions, Sim, for_seeds, http, ws};
use lws_wire::Time;

fn both(notes: &Notes) -> impl Blueprint + use<> {
    let sites = site::sites(notes);
    sniff().or(h2(sites.clone())).or(h1(sites))
}

#[test]
fn h2_18_one_port_for_both_at_any_chunking() {
    for_seeds!(0..50, |seed| {
        let mut sim = Sim::new(seed);
        let acceptor = sim.install(&both(&Notes::default()));
        let (old, new) = (sim.accept(&*acceptor), sim.accept(&*acceptor));
        sim.send(old, b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
        sim.run();
        let (answers, _) = http::responses(sim.received(old), &[], false).unwrap();
        assert_eq!((answers[0].status, sim.role(old)), (200, Some("h1")));
        let mut client = Client::on(sim, new);
        client.say([hello(&[]), get(1, "/x")].concat());
        assert_eq!((client.stream(1).text(), client.sim.role(new)), ("root /x".into(), Some("h2")));
        client.end();
    });
}

#[test]
fn h2_18_a_preface_with_one_wrong_byte_is_http_1_and_refused_there() {
    for at in 0..24 {
        let mut sim = Sim::under(Conditions::CALM, 0);
        let acceptor = sim.install(&both(&Notes::default()));
        let peer = sim.accept(&*acceptor);
        let mut preface = PREFACE.to_vec();
        preface[at] ^= 1;
        sim.send(peer, &preface);
        sim.run();
        assert_eq!(sim.role(peer).unwrap_or("h1"), "h1", "byte {at}");
        sim.advance(std::time::Duration::from_secs(11));
        let answer = String::from_utf8_lossy(sim.received(peer)).into_owned();
        assert!(answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"), "byte {at}: {answer}");
        assert!(sim.closed(peer).is_some());
    }
}

#[test]
fn h2_18_the_preface_to_http_1_alone_is_refused() {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let acceptor = sim.install(&h1(site::sites(&Notes::default())));
    let peer = sim.accept(&*acceptor);
    sim.send(peer, &[PREFACE, &settings(&[])].concat());
    sim.run();
    let answer = String::from_utf8_lossy(sim.received(peer)).into_owned();
    assert!(answer.starts_with("HTTP/1.1 505") || answer.starts_with("HTTP/1.1 501"), "{answer}");
    assert_eq!(sim.closed(peer), Some(Closed::Protocol));
}

#[test]
fn h2_18_http_1_to_http_2_alone_is_refused() {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let acceptor = sim.install(&site::h2(&Notes::default()));
    let peer = sim.accept(&*acceptor);
    let mut client = Client::on(sim, peer);
    client.say(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!((client.closed(), client.goaway.unwrap().1), (Some(Closed::Protocol), PROTOCOL_ERROR));
}

#[test]
fn who_says_nothing_is_not_waited_for_long() {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let acceptor = sim.install(&both(&Notes::default()));
    let [silent, slow, ended] = [(); 3].map(|()| sim.accept(&*acceptor));
    sim.send(slow, &PREFACE[..20]);
    sim.finish(ended);
    sim.run();
    assert_eq!(sim.closed(ended), Some(Closed::Ended));
    sim.advance(std::time::Duration::from_secs(6));
    assert_eq!((sim.closed(silent), sim.closed(slow)), (Some(Closed::Timeout), Some(Closed::Timeout)));
    sim.end();
}

#[test]
fn both_carriers_share_one_site() {
    let sites: Sites = site::sites(&Notes::default());
    let mut world = World::new(Time::ZERO);
    let one = sites.install(&mut world).unwrap();
    let h2 = h2(sites.clone()).install(&mut world).unwrap();
    let _ = h1(sites.clone()).install(&mut world).unwrap();
    assert_eq!(format!("{one:?}"), format!("{:?}", sites.install(&mut world).unwrap()));
    assert_eq!(h2.alpn(), b"h2");
}

fn upgrade_request(settings: &str, more: &str) -> String {
    format!(
        "GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\
         HTTP2-Settings: {settings}\r\n{more}\r\n"
    )
}

#[test]
fn h2_18_h2c_is_off_unless_a_vhost_says_so() {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let acceptor = sim.install(&h1(site::sites(&Notes::default())));
    let peer = sim.accept(&*acceptor);
    sim.send(peer, upgrade_request("AAMAAABkAAQAAP__", "").as_bytes());
    sim.run();
    let (answers, _) = http::responses(sim.received(peer), &[], false).unwrap();
    assert_eq!((answers[0].status, sim.role(peer)), (200, Some("h1")));
}

#[test]
fn h2c_answers_the_request_on_stream_1() {
    for_seeds!(0..50, |seed| {
        let mut sim = Sim::new(seed);
        let acceptor = sim.install(&h1(site::vhost(&Notes::default()).upgrade("/", h2c())));
        let peer = sim.accept(&*acceptor);
        // SETTINGS_INITIAL_WINDOW_SIZE 5.
        sim.send(peer, upgrade_request("AAQAAAAF", "").as_bytes());
        sim.run();
        let received = sim.take_received(peer);
        let end = received.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        assert!(received.starts_with(b"HTTP/1.1 101 "));
        assert_eq!(sim.role(peer), Some("h2"));
        let mut client = Client::on(sim, peer);
        client.take(&received[end..]);
        assert_eq!((client.stream(1).status, client.stream(1).body.len()), (200, 5), "as the settings said");
        client.say([hello(&[]), get(3, "/y")].concat());
        assert_eq!(client.stream(1).text(), "root /x");
        assert_eq!(client.stream(3).text(), "root /y");
        client.end();
    });
}

#[test]
fn h2c_that_does_not_qualify_is_refused() {
    for bad in [
        upgrade_request("not base64!", ""),
        upgrade_request("AAQ", ""),
        upgrade_request("AAQAAAAF", "HTTP2-Settings: AAQAAAAF\r\n"),
        upgrade_request("AAQAAAAF", "Content-Length: 3\r\n"),
        upgrade_request("AAIAAAAF", ""),
        upgrade_request("AAQAAAAF", "").replace(", HTTP2-Settings", ""),
    ] {
        let mut sim = Sim::under(Conditions::CALM, 0);
        let acceptor = sim.install(&h1(site::vhost(&Notes::default()).upgrade("/", h2c())));
        let peer = sim.accept(&*acceptor);
        sim.send(peer, bad.as_bytes());
        sim.run();
        assert!(sim.received(peer).starts_with(b"HTTP/1.1 400 "), "{bad}");
        assert!(sim.closed(peer).is_some());
    }
}

#[test]
fn a_websocket_beside_h2c_is_a_websocket() {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let acceptor = sim.install(&h1(site::vhost(&Notes::default()).upgrade("/", h2c())));
    let peer = sim.accept(&*acceptor);
    sim.send(peer, &ws::upgrade("/ws"));
    sim.send(peer, &ws::text("hello"));
    sim.run();
    assert_eq!(ws::heard_after_upgrade(sim.received(peer)).unwrap(), [ws::Heard::Text("hello".into())]);
}
