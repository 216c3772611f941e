//! What is waited for, and how long.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::site::{self, Notes};
use common::*;
use lws_role::Closed;
use lws_role_h2::limits;
use lws_sim::{Conditions, Sim};

fn silent() -> Client {
    let mut sim = Sim::under(Conditions::CALM, 0);
    let acceptor = sim.install(&site::h2(&Notes::default()));
    let peer = sim.accept(&*acceptor);
    Client::on(sim, peer)
}

#[test]
fn a_preface_that_does_not_come() {
    let mut client = silent();
    for byte in &PREFACE[..12] {
        client.say([*byte]);
        client.advance(0.8);
    }
    assert_eq!(client.closed(), None);
    client.advance(1.0);
    assert_eq!((client.closed(), client.goaway.unwrap().1), (Some(Closed::Timeout), SETTINGS_TIMEOUT));
    client.end();
}

#[test]
fn settings_that_are_not_acknowledged() {
    let mut client = silent();
    client.say([PREFACE, &settings(&[])].concat());
    client.say(get(1, "/never"));
    client.advance(9.9);
    assert_eq!(client.closed(), None);
    client.advance(0.2);
    assert_eq!((client.closed(), client.goaway.unwrap().1), (Some(Closed::Timeout), SETTINGS_TIMEOUT));
    client.end();
}

#[test]
fn conn_01_a_head_that_trickles() {
    let mut client = Client::calm();
    client.say(post(1, "/never"));
    let head = get(3, "/");
    for byte in &head[..11] {
        client.say([*byte]);
        client.advance(0.9);
    }
    assert_eq!(client.closed(), None);
    client.advance(0.2);
    assert_eq!((client.closed(), client.goaway.unwrap().1), (Some(Closed::Timeout), CALM));
    client.end();
}

#[test]
fn conn_01_heads_that_come_in_time_are_not_added_up() {
    let mut client = Client::calm();
    for n in 0..5 {
        let head = get(2 * n + 1, "/");
        client.say(&head[..20]);
        client.advance(6.0);
        client.say(&head[20..]);
        assert_eq!(client.stream(2 * n + 1).status, 200);
    }
    assert_eq!(client.closed(), None);
    client.end();
}

#[test]
fn an_idle_connection_ends_gracefully() {
    let mut client = Client::calm();
    client.advance(20.0);
    client.say(get(1, "/"));
    client.advance(29.0);
    client.say(frame(kind::PING, 0, 0, &[0; 8]));
    assert_eq!((client.closed(), client.pongs), (None, 1));
    client.advance(1.1);
    assert_eq!((client.closed(), client.goaway), (Some(Closed::Done), Some((1, NO_ERROR))));
    client.end();
}

#[test]
fn conn_02_a_body_that_stalls() {
    let mut client = Client::calm();
    client.say([post(1, "/sum"), data(0, 1, b"a little")].concat());
    client.advance(19.0);
    client.say(data(0, 1, b"a little more"));
    client.advance(1.5);
    let heard = client.stream(1).clone();
    assert_eq!((heard.status, heard.ended, heard.reset), (408, true, None));
    client.advance(5.1);
    assert_eq!(client.stream(1).reset, Some(NO_ERROR));
    assert_eq!(client.closed(), None, "only the stream ends");
    // Whose answer has begun is reset.
    client.say([post(3, "/echo"), data(0, 3, b"a little")].concat());
    client.advance(21.0);
    assert_eq!((client.stream(3).status, client.stream(3).reset), (200, Some(2)));
    client.end();
}

#[test]
fn conn_02_a_body_at_the_rate_goes_on() {
    let mut client = Client::calm();
    client.say(post(1, "/sum"));
    for _ in 0..60 {
        client.advance(1.0);
        client.say(data(0, 1, &[7; 600]));
    }
    client.say(data(END_STREAM, 1, b""));
    assert_eq!(client.stream(1).text(), "36000 bytes, trailers []");
}

#[test]
fn a_handler_that_holds_a_body_back_is_not_held_against_the_client() {
    let notes = Notes::default();
    let mut client = Client::to(&site::h2(&notes), Conditions::CALM, 0);
    client.say(settings(&[(4, 0)]));
    // The echo takes 8 KiB and waits for its own window.
    client.say([post(1, "/echo"), data(0, 1, &[1; 16_000])].concat());
    client.advance(25.0);
    assert_eq!(client.stream(1).reset, None);
    client.end();
}

#[test]
fn a_connection_has_a_life() {
    let mut client = Client::calm();
    let mut requests = 0;
    while client.goaway.is_none() {
        client.say(get(2 * requests + 1, "/x"));
        client.run();
        assert_eq!(client.stream(2 * requests + 1).status, 200, "the last one is answered, too");
        requests += 1;
        client.advance(20.0);
        assert!(requests < 1_000);
    }
    assert_eq!(u64::from(requests - 1) * 20, limits::CONNECTION_LIFE.as_secs());
    assert_eq!(client.closed(), Some(Closed::Done));
    client.end();
}

#[test]
fn while_output_waits_the_client_is_not_blamed_for_silence() {
    let mut client = Client::calm();
    client.say([post(1, "/sum"), get(3, "/large")].concat());
    // The transport is stuck; the driver sees to that.
    client.sim.window(client.peer, Some(10));
    client.sim.send(client.peer, &get(5, "/large"));
    client.sim.run();
    assert!(client.sim.pending(client.peer) > 0);
    client.advance(25.0);
    assert_eq!(client.closed(), None);
    client.sim.window(client.peer, None);
    client.say(data(END_STREAM, 1, b"late"));
    assert_eq!(client.stream(1).text(), "4 bytes, trailers []");
    client.end();
}
