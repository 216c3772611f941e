//! WS-12, WS-14 and WS-15: peers that are silent, that do not answer, that do not read. All on the virtual clock.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
#[path = "../../lws-sim/tests/support/counting.rs"]
mod counting;

use common::{Echo, Line, Notes};
use lws_role_ws::{CloseCode, Closed, Kind, Message, Protocol, Validity, Ws, limits, ws as websocket};
use lws_sim::ws::{self, Heard};
use lws_sim::{Conditions, Sizes};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn ws_14_a_silent_peer_is_pinged_and_then_given_up() {
    let mut line = Line::echo(Conditions::CALM);
    line.advance(299.9);
    assert_eq!(line.heard(), []);
    line.advance(0.2);
    assert_eq!(line.heard(), [Heard::Ping(vec![])]);
    line.advance(9.8);
    assert_eq!(line.closed(), None);
    line.advance(0.2);
    assert_eq!((line.closed(), line.heard().len()), (Some(Closed::Timeout), 1));
    assert_eq!(*line.notes.lock().unwrap(), ["open", "closed: Timeout"]);
    line.end();
}

#[test]
fn ws_14_any_sign_of_life_counts() {
    for sign in [ws::whole(ws::PONG, b""), ws::text("x"), ws::ping(b""), b"\x81".to_vec()] {
        let mut line = Line::echo(Conditions::CALM);
        line.advance(305.0);
        assert_eq!(line.heard(), [Heard::Ping(vec![])]);
        line.say(&sign);
        line.advance(299.9);
        assert_eq!(
            (line.closed(), line.heard().iter().filter(|h| matches!(h, Heard::Ping(_))).count()),
            (None, 1)
        );
        line.advance(0.2);
        assert_eq!(line.heard().iter().filter(|h| matches!(h, Heard::Ping(_))).count(), 2, "asked again");
        line.advance(10.0);
        assert_eq!(line.closed(), Some(Closed::Timeout));
        line.end();
    }
    // Who speaks now and then is never asked.
    let mut line = Line::echo(Conditions::CALM);
    for _ in 0..20 {
        line.advance(250.0);
        line.say(ws::text("x"));
    }
    assert_eq!(line.heard(), vec![Heard::Text("x".into()); 20]);
    line.end();
}

#[test]
fn ws_14_is_configurable() {
    for (ping, hangup) in [(1.0, 2.0), (5.0, 5.0), (10.0, 3_600.0)] {
        let validity = Validity {
            ping_after: Duration::from_secs_f64(ping),
            hangup_after: Duration::from_secs_f64(hangup),
        };
        let mut line = Line::to(websocket(|| Echo(Notes::default())).validity(validity), Conditions::CALM);
        line.advance(ping - 0.1);
        assert_eq!(line.heard(), []);
        line.advance(hangup - ping);
        assert_eq!(line.closed(), None);
        line.advance(0.2);
        assert_eq!(line.closed(), Some(Closed::Timeout));
        line.end();
    }
}

/// Who reads slowly has no chance to answer.
#[test]
fn ws_14_a_peer_that_is_still_reading_is_not_dead() {
    let validity = Validity { ping_after: Duration::from_secs(5), hangup_after: Duration::from_secs(10) };
    let mut line = Line::to(websocket(|| Echo(Notes::default())).validity(validity), Conditions::CALM);
    let data = vec![7; 60_000];
    line.sim.window(line.peer, Some(1_000));
    line.say(ws::binary(&data));
    for _ in 0..55 {
        line.advance(1.0);
        line.sim.window(line.peer, Some(1_000));
        // Its answers to pings would not even be read meanwhile.
        assert_eq!(line.closed(), None);
    }
    line.sim.window(line.peer, None);
    line.sim.run();
    assert_eq!(line.heard().first(), Some(&Heard::Binary(data)));
    line.end();
}

/// Closes at the first message.
struct Rude;

impl Protocol for Rude {
    type Session = ();
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, _message: Message<'_>) {
        ws.close(CloseCode::NORMAL, "enough");
    }
}

#[test]
fn ws_12_a_peer_that_does_not_answer_the_close_frame() {
    for noise in [vec![], ws::text("still here"), ws::ping(b"?"), b"\x81".to_vec()] {
        let mut line = Line::to(websocket(|| Rude), Conditions::CALM);
        line.say(ws::text("x"));
        let expected = [Heard::Close(Some(1000), "enough".into())];
        assert_eq!(line.heard(), expected);
        for _ in 0..49 {
            line.say(&noise);
            line.advance(0.1);
        }
        assert_eq!(line.closed(), None);
        line.advance(0.2);
        assert_eq!(line.closed(), Some(Closed::Done), "after {:?}", limits::CLOSE_TIMEOUT);
        assert_eq!(line.heard(), expected, "not a frame more");
        line.end();
    }
}

#[test]
fn ws_12_a_peer_that_answers_the_close_frame() {
    for answer in [ws::close(1000, ""), ws::close(4321, "something else"), ws::whole(ws::CLOSE, b"")] {
        let mut line = Line::to(websocket(|| Rude), Conditions::BYTES);
        line.say(ws::text("x"));
        line.say([ws::binary(&[0; 70_000]), ws::ping(b""), answer].concat());
        assert_eq!(line.heard(), [Heard::Close(Some(1000), "enough".into())]);
        assert_eq!(line.closed(), Some(Closed::Done));
        line.end();
    }
    // Rubbish behind our close frame ends it, too, and is not answered.
    let mut line = Line::to(websocket(|| Rude), Conditions::BYTES);
    line.say(ws::text("x"));
    line.say(b"\xff\xff\xff");
    assert_eq!(line.heard(), [Heard::Close(Some(1000), "enough".into())]);
    assert_eq!(line.closed(), Some(Closed::Protocol));
    line.end();
}

#[test]
fn ws_12_a_reason_is_cut_at_a_character() {
    struct Wordy;
    impl Protocol for Wordy {
        type Session = ();
        fn open(&mut self, ws: &mut Ws<'_, '_>) {
            ws.close(CloseCode::POLICY_VIOLATION, &"é".repeat(100));
        }
        fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}
    }
    let line = Line::to(websocket(|| Wordy), Conditions::CALM);
    assert_eq!(line.heard(), [Heard::Close(Some(1008), "é".repeat(61))]);
    line.end();
}

/// Bytes that are broadcast; a debug build has less time.
const TOTAL: u64 = if cfg!(debug_assertions) { 10_000_000 } else { 100_000_000 };

/// Sends as much as it can; counts how often it was told yes.
struct Hose {
    size: usize,
    yes: Arc<Mutex<u64>>,
}

impl Hose {
    fn pour(&mut self, ws: &mut Ws<'_, '_>) {
        let data = vec![9; self.size];
        while *self.yes.lock().unwrap() < TOTAL / self.size as u64 {
            if !ws.send(Kind::Binary, &data) {
                ws.want_write();
                return;
            }
            *self.yes.lock().unwrap() += 1;
        }
    }
}

impl Protocol for Hose {
    type Session = ();
    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        self.pour(ws);
    }
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, _message: Message<'_>) {
        self.pour(ws);
    }
    fn writable(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        self.pour(ws);
    }
}

#[test]
fn ws_15_a_stalled_peer_costs_a_block_and_a_message() {
    for size in [100, 4_000, 60_000, 500_000] {
        let yes = Arc::<Mutex<u64>>::default();
        let own = Arc::clone(&yes);
        let conditions = Conditions { take: Sizes::from_to(0, 64 * 1024), ..Conditions::CALM };
        let mut line = Line::to(websocket(move || Hose { size, yes: Arc::clone(&own) }), conditions);
        // Everything has gone out; what counts is what is in the way when the peer stops reading.
        let all = TOTAL / size as u64;
        assert_eq!(*yes.lock().unwrap(), all);
        line.sim.take_received(line.peer);
        *yes.lock().unwrap() = 0;
        line.sim.window(line.peer, Some(0));
        counting::reset_peak();
        let before = counting::count().live;
        for _ in 0..100 {
            line.say(ws::text("more"));
            line.advance(0.5);
        }
        let more = counting::count().peak - before;
        let bound = 4 * 64 * 1024 + 2 * size as i64;
        assert!(more <= bound, "{size}: {more} bytes more");
        let kept = *yes.lock().unwrap() * size as u64;
        assert!(kept <= 64 * 1024 + size as u64, "{size}: {kept} bytes promised");
        assert_eq!(line.closed(), None);
        line.end();
    }
}
