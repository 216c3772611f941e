//! WS-16: whatever a protocol does, in whichever callback, under whatever conditions: no panic, frames that a strict
//! client understands, nothing behind the close frame, and one `closed` for each `open`.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Line, Notes};
use lws_role_ws::{CloseCode, Closed, Fragment, Kind, Message, Protocol, Ws, ws as websocket};
use lws_sim::ws::{self, Heard};
use lws_sim::{Conditions, Rng, for_seeds};
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Callback {
    Open,
    Message,
    Fragment,
    Writable,
    Timer,
    Pong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Close,
    CloseTwice,
    SendThenClose,
    CloseThenSend,
    SendLarge,
    SendLargeThenClose,
    BeginFragments,
    FragmentsAndOthers,
    WantWrite,
    WakeSelf,
    WakeAll,
    TimerNow,
    TimerAndCancel,
    TakeNothing,
    CloseWithLongReason,
    Ping,
    PingAndClose,
}

const CALLBACKS: [Callback; 6] = [
    Callback::Open,
    Callback::Message,
    Callback::Fragment,
    Callback::Writable,
    Callback::Timer,
    Callback::Pong,
];

const ACTIONS: [Action; 17] = [
    Action::Close,
    Action::CloseTwice,
    Action::SendThenClose,
    Action::CloseThenSend,
    Action::SendLarge,
    Action::SendLargeThenClose,
    Action::BeginFragments,
    Action::FragmentsAndOthers,
    Action::WantWrite,
    Action::WakeSelf,
    Action::WakeAll,
    Action::TimerNow,
    Action::TimerAndCancel,
    Action::TakeNothing,
    Action::CloseWithLongReason,
    Action::Ping,
    Action::PingAndClose,
];

/// Does one thing in one callback, a few times.
struct Actor<const STREAMING: bool> {
    at: Callback,
    action: Action,
    left: u32,
    notes: Notes,
}

impl<const STREAMING: bool> Actor<STREAMING> {
    fn act(&mut self, now: Callback, ws: &mut Ws<'_, '_>) {
        if now != self.at || self.left == 0 {
            return;
        }
        self.left -= 1;
        match self.action {
            Action::Close => ws.close(CloseCode::NORMAL, ""),
            Action::CloseTwice => {
                ws.close(CloseCode::NORMAL, "first");
                ws.close(CloseCode::POLICY_VIOLATION, "second");
            }
            Action::SendThenClose => {
                ws.send_text("last words");
                ws.close(CloseCode::NORMAL, "");
            }
            Action::CloseThenSend => {
                ws.close(CloseCode::NORMAL, "");
                assert!(!ws.send_text("too late"));
                assert!(!ws.send_fragment(Kind::Text, true, b"too late"));
            }
            Action::SendLarge => drop(ws.send(Kind::Binary, &vec![1; 200_000])),
            Action::SendLargeThenClose => {
                let sent = ws.send(Kind::Binary, &vec![1; 200_000]);
                assert!(!sent || !ws.send(Kind::Binary, &vec![2; 70_000]), "one at a time");
                ws.close(CloseCode::NORMAL, "");
            }
            Action::BeginFragments => drop(ws.send_fragment(Kind::Text, false, b"never ")),
            Action::FragmentsAndOthers => {
                let begun = ws.send_fragment(Kind::Text, false, b"a");
                assert!(!begun || !ws.send_text("in between"));
                ws.send_fragment(Kind::Binary, false, b"b");
                ws.send_fragment(Kind::Text, true, b"c");
                ws.send_text("behind");
            }
            Action::WantWrite => ws.want_write(),
            Action::WakeSelf => {
                let own = ws.handle();
                ws.env().wake(own);
                ws.env().wake(lws_role_ws::Handle { conn: 99, generation: 7, sub: 0 });
            }
            Action::WakeAll => ws.want_write_all(),
            Action::TimerNow => ws.set_timer(Duration::ZERO),
            Action::TimerAndCancel => {
                ws.set_timer(Duration::from_millis(1));
                ws.cancel_timer();
                ws.cancel_timer();
            }
            Action::TakeNothing => ws.want_write(),
            Action::Ping => drop(ws.ping(&[0; 125])),
            Action::PingAndClose => {
                ws.ping(b"");
                ws.close(CloseCode::NORMAL, "");
                assert!(!ws.ping(b"too late"));
            }
            Action::CloseWithLongReason => ws.close(CloseCode::NORMAL, &"long ".repeat(100)),
        }
    }
}

impl<const STREAMING: bool> Protocol for Actor<STREAMING> {
    type Session = ();
    const STREAMING: bool = STREAMING;

    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        self.notes.lock().unwrap().push("open".into());
        ws.want_write();
        ws.set_timer(Duration::from_millis(10));
        self.act(Callback::Open, ws);
    }

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.act(Callback::Message, ws);
        ws.send(message.kind, message.data);
    }

    fn fragment(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, part: Fragment<'_>) -> usize {
        self.act(Callback::Fragment, ws);
        // More than there is counts as all there is.
        let refuses = (self.at, self.action) == (Callback::Fragment, Action::TakeNothing) && self.left > 0;
        if refuses { 0 } else { part.data.len() + 1 }
    }

    fn writable(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        self.act(Callback::Writable, ws);
    }

    fn pong(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, _payload: &[u8]) {
        self.act(Callback::Pong, ws);
    }

    fn timer(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        self.act(Callback::Timer, ws);
    }

    fn closed(&mut self, _session: (), why: Closed) {
        self.notes.lock().unwrap().push(format!("{why:?}"));
    }
}

/// The conversation that all of them have.
fn converse<const STREAMING: bool>(at: Callback, action: Action, seed: u64) {
    let notes = Notes::default();
    let own = Arc::clone(&notes);
    let actor = move || Actor::<STREAMING> { at, action, left: 4, notes: Arc::clone(&own) };
    let mut rng = Rng::new(seed);
    let mut line = Line::to(websocket(actor), Conditions::rough(&mut rng));
    line.say([ws::text("one"), ws::ping(b"p"), ws::binary(&[3; 500])].concat());
    line.say(ws::frame(false, ws::TEXT, b"pie", [1; 4]));
    line.say(ws::whole(ws::PONG, b"unasked"));
    line.advance(0.05);
    line.say(ws::frame(true, ws::CONTINUATION, b"ces", [2; 4]));
    line.advance(0.05);
    match rng.below(4) {
        0 => line.say(ws::close(1000, "")),
        1 => line.sim.reset(line.peer),
        2 => line.sim.finish(line.peer),
        _ => line.sim.drain(),
    }
    line.sim.run();
    line.advance(6.0);
    let heard = line.heard();
    assert!(line.closed().is_some(), "{at:?} {action:?}: {heard:?}");
    assert!(heard.iter().filter(|h| matches!(h, Heard::Close(..))).count() <= 1);
    let notes = notes.lock().unwrap();
    assert!(notes.len() == 2 && notes[0] == "open", "{notes:?}");
    line.end();
}

#[test]
fn ws_16_every_action_in_every_callback() {
    let seeds = if cfg!(debug_assertions) { 8 } else { 40 };
    for at in CALLBACKS {
        for action in ACTIONS {
            for_seeds!(0..seeds, |seed| {
                converse::<false>(at, action, seed);
                converse::<true>(at, action, seed);
            });
        }
    }
}

#[test]
fn ws_16_the_service_is_gone_in_the_middle() {
    for at in CALLBACKS {
        for action in ACTIONS {
            let notes = Notes::default();
            let own = Arc::clone(&notes);
            let actor = move || Actor::<false> { at, action, left: 4, notes: Arc::clone(&own) };
            let mut line = Line::to(websocket(actor), Conditions::CALM);
            line.sim.window(line.peer, Some(100));
            line.sim.send(line.peer, &[ws::text("one"), ws::binary(&vec![1; 70_000])].concat());
            // Ends every connection wherever it is.
            line.end();
            assert_eq!(notes.lock().unwrap().len(), 2, "{at:?} {action:?}");
        }
    }
}
