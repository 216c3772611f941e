//! What a client waits for, and how long.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::desk::*;
use common::script::*;
use common::{CANCEL, END_HEADERS, WHOLE, data, frame, kind};
use lws_http::client::Cause;
use lws_role::Closed;
use lws_role_h2::limits;
use lws_sim::Conditions;
use std::time::Duration;

#[test]
fn a_silent_server_is_asked_for_a_sign_of_life() {
    let (desk, mut script) = asked(1);
    script.advance(9.0);
    assert!(script.of_kind(kind::PING).is_empty());
    script.advance(1.5);
    let pings = script.of_kind(kind::PING);
    assert_eq!((pings.len(), pings[0].flags), (1, 0));
    script.advance(9.0);
    assert_eq!(script.closed(), None);
    script.advance(1.5);
    assert_eq!((script.closed(), causes(&desk)), (Some(Closed::Timeout), vec![Cause::Timeout]));
    // One that answers is slow, and no more than that; but not for ever.
    let (desk, mut script) = asked(1);
    let mut waited = 0;
    while desk.borrow().failures.is_empty() {
        script.advance(1.0);
        for ping in script.of_kind(kind::PING) {
            script.say(frame(kind::PING, 1, 0, &ping.payload));
        }
        waited += 1;
        assert!(waited < 100);
    }
    assert!(Duration::from_secs(waited) >= limits::CLIENT_STALL_TIMEOUT);
    assert_eq!((script.closed(), causes(&desk)), (None, vec![Cause::Timeout]));
    script.sim.end();
}

#[test]
fn how_soon_that_is_can_be_told() {
    let desk = desk();
    desk.borrow_mut().validity = Some([Duration::from_secs(2), Duration::from_secs(1)]);
    ask(&desk, One::get(&desk, "a", "/x"));
    let mut script = Script::new(&desk, &[]);
    script.frames();
    script.advance(1.5);
    assert!(script.of_kind(kind::PING).is_empty());
    script.advance(0.8);
    assert_eq!((script.of_kind(kind::PING).len(), script.closed()), (1, None));
    script.advance(1.2);
    assert_eq!((script.closed(), causes(&desk)), (Some(Closed::Timeout), vec![Cause::Timeout]));
    script.sim.end();
}

#[test]
fn a_call_has_a_deadline_whatever_moves() {
    let desk = desk();
    let deadline = Some(Duration::from_secs(5));
    ask(&desk, One { deadline, ..One::get(&desk, "a", "/x") });
    let mut script = Script::new(&desk, &[]);
    script.say(response(END_HEADERS, 1, "200", &[]));
    for _ in 0..4 {
        script.advance(1.1);
        script.say(data(0, 1, b"x"));
    }
    assert!(causes(&desk).is_empty());
    script.advance(1.1);
    assert_eq!(causes(&desk), [Cause::Timeout]);
    assert_eq!(script.of_kind(kind::RST_STREAM)[0].word(), CANCEL);
    assert_eq!(script.closed(), None);
    script.sim.end();
}

#[test]
fn who_holds_back_is_not_given_up() {
    let (desk, mut script) = asked(1);
    desk.borrow_mut().credit = 0;
    script.say([response(END_HEADERS, 1, "200", &[]), data(0, 1, b"held")].concat());
    for _ in 0..20 {
        script.advance(5.0);
        for ping in script.of_kind(kind::PING) {
            script.say(frame(kind::PING, 1, 0, &ping.payload));
        }
    }
    assert!(causes(&desk).is_empty(), "it is us who wait");
    script.sim.end();
}

#[test]
fn a_server_that_says_nothing_at_all() {
    let desk = desk();
    ask(&desk, One::get(&desk, "a", "/x"));
    let mut script = Script::fresh(Conditions::CALM, 0, &desk);
    script.advance(9.0);
    assert_eq!(script.closed(), None);
    script.advance(1.5);
    assert_eq!((script.closed(), causes(&desk)), (Some(Closed::Timeout), vec![Cause::Timeout]));
}

#[test]
fn conn_01_a_frame_that_does_not_end() {
    let (desk, mut script) = asked(1);
    let head = response(WHOLE, 1, "204", &[]);
    script.say(&head[..head.len() - 1]);
    for _ in 0..3 {
        script.advance(3.0);
    }
    assert_eq!(script.closed(), None);
    script.advance(1.5);
    assert_eq!((script.closed(), causes(&desk)), (Some(Closed::Timeout), vec![Cause::Timeout]));
}

#[test]
fn a_server_that_takes_no_streams() {
    let desk = desk();
    let mut script = Script::new(&desk, &[(3, 0)]);
    ask(&desk, One::get(&desk, "a", "/x"));
    script.wake(0);
    assert_eq!(desk.borrow().calls.len(), 1);
    script.advance(limits::CLIENT_IDLE_TIMEOUT.as_secs_f64() + 0.5);
    assert_eq!((script.closed(), heard(&desk)), (Some(Closed::Done), vec!["closed Done".to_owned()]));
}

#[test]
fn idle_it_waits_for_another_call() {
    let (desk, mut script) = asked(1);
    script.say(response(WHOLE, 1, "204", &[]));
    script.advance(14.0);
    ask(&desk, One::get(&desk, "b", "/x"));
    script.wake(0);
    script.say(response(WHOLE, 3, "204", &[]));
    script.advance(14.0);
    assert_eq!(script.closed(), None);
    script.advance(1.5);
    assert_eq!((script.closed(), script.of_kind(kind::GOAWAY)[0].word()), (Some(Closed::Done), 0));
}

#[test]
fn the_callers_own_limits() {
    let second = Some(Duration::from_secs(1));
    // How long nothing may move.
    let desk = desk();
    ask(&desk, One { stall: second, ..One::get(&desk, "a", "/x") });
    let mut script = Script::new(&desk, &[]);
    script.advance(0.9);
    script.say(response(END_HEADERS, 1, "200", &[]));
    script.advance(0.9);
    assert!(causes(&desk).is_empty(), "something moved");
    script.advance(0.2);
    assert_eq!((causes(&desk), script.closed()), (vec![Cause::Timeout], None));
    // Whoever has nothing to send for a while is not the server's fault.
    let post = One::post(&desk, "b", "/x", lws_http::client::Framing::Chunked, b"some");
    ask(&desk, One { stall: second, complete: false, ..post });
    script.wake(0);
    script.advance(5.0);
    assert_eq!(causes(&desk).len(), 1);
    // How long the connection may be idle.
    desk.borrow_mut().idle = second;
    script.say(response(WHOLE, 3, "204", &[]));
    script.advance(0.9);
    assert_eq!(script.closed(), None);
    script.advance(0.2);
    assert_eq!(script.closed(), Some(Closed::Done));
}
