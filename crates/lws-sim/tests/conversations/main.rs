//! Whole conversations, from seeds: HTTP/1.1 with everything it can do, then WebSocket, under every chunking, into
//! every room, with a transport that takes what it likes, and with every way to end.
//!
//! `LWS_SIM_CONVERSATIONS` says how many there are in all; the rest of the time it is what a CI run can afford.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod chat;
mod plan;
mod server;

use lws_role::Closed;
use lws_sim::ws::Heard;
use lws_sim::{Conditions, PeerId, Rng, Sim, Sizes, for_seeds, http, ws};
use plan::Plan;
use std::time::Duration;

/// Seeds for one of `parts` equal parts of all conversations.
pub(crate) fn seeds(part: u64, parts: u64) -> std::ops::Range<u64> {
    let default = if cfg!(debug_assertions) { 4_000 } else { 100_000 };
    let all = std::env::var("LWS_SIM_CONVERSATIONS").map_or(Ok(default), |n| n.parse()).expect("a number");
    let each = u64::div_ceil(all, parts);
    // To be seen with --nocapture.
    eprintln!("{each} conversations of {all}");
    part * each..(part + 1) * each
}

/// How a conversation is broken off, and behind how many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// The peer sends no more, and says so.
    Finish(usize),
    /// The peer sends no more, and does not say so as it should.
    Cut(usize),
    /// The transport breaks.
    Reset(usize),
    /// The peer sends no more, and says nothing.
    Stall(usize),
}

impl Fault {
    fn draw(rng: &mut Rng, len: usize) -> Self {
        let at = rng.below(len + 1);
        match rng.below(10) {
            0 => Self::Finish(at),
            1 => Self::Cut(at),
            2 => Self::Reset(at),
            3 => Self::Stall(at),
            _ => Self::None,
        }
    }

    fn at(self) -> usize {
        match self {
            Self::None => usize::MAX,
            Self::Finish(at) | Self::Cut(at) | Self::Reset(at) | Self::Stall(at) => at,
        }
    }

    /// Whether everything that was asked for before must be answered.
    fn is_fair(self) -> bool {
        matches!(self, Self::None | Self::Finish(_) | Self::Stall(_))
    }
}

/// The largest bodies and messages that are worth their time under these conditions.
fn most(conditions: &Conditions) -> usize {
    match conditions.chunk {
        Sizes { most: 1, .. } => 300,
        Sizes { most: ..=16, .. } => 2_000,
        _ => 70_000,
    }
}

fn converse(seed: u64) {
    let mut rng = Rng::new(seed);
    let conditions = Conditions::rough(&mut rng);
    let plan = Plan::draw(&mut rng, most(&conditions));
    let fault = Fault::draw(&mut rng, plan.len());
    let mut sim = Sim::under(conditions, seed);
    let acceptor = sim.install(&*server::SITE);
    let peer = sim.accept(&*acceptor);
    speak(&mut sim, peer, &plan, fault);
    check(&sim, peer, &plan, fault);
    check_end(&mut sim, peer, &plan, fault);
    sim.end();
}

/// Says what is planned, as far as the fault allows.
fn speak(sim: &mut Sim, peer: PeerId, plan: &Plan, fault: Fault) {
    let mut left = fault.at();
    for (bytes, wait) in &plan.parts {
        let n = left.min(bytes.len());
        left -= n;
        sim.send(peer, &bytes[..n]);
        if *wait {
            sim.run();
        }
        if n < bytes.len() {
            break;
        }
    }
    match fault {
        Fault::None | Fault::Stall(_) => {}
        Fault::Finish(_) => sim.finish(peer),
        Fault::Cut(_) => sim.cut(peer),
        Fault::Reset(_) => sim.reset(peer),
    }
    // Long enough for handlers that take their time, too short for any deadline of the protocols.
    sim.advance(Duration::from_secs(4));
}

/// What the peer has heard is what it should have heard.
fn check(sim: &Sim, peer: PeerId, plan: &Plan, fault: Fault) {
    let received = sim.received(peer);
    let ended = sim.closed(peer).is_some();
    let heads: Vec<bool> = plan.responses.iter().filter(|r| r.status >= 200).map(|r| r.to_head).collect();
    let (heard, n) = http::responses(received, &heads, ended).expect("well-formed responses");
    assert!(heard.len() <= plan.responses.len(), "{} responses to {}", heard.len(), plan.responses.len());
    for (heard, expected) in heard.iter().zip(&plan.responses) {
        assert_eq!(heard.status, expected.status, "{heard:?}");
        let whole = fault.is_fair() || !heard.until_close;
        if let Some(body) = expected.body.as_ref().filter(|_| whole) {
            assert!(
                heard.body == *body,
                "status {}, {} bytes of {}",
                heard.status,
                heard.body.len(),
                body.len()
            );
        }
        assert_eq!(heard.trailers.len(), usize::from(expected.trailer && !heard.until_close));
        // Behind a peer's half-close every response is the last one.
        let closes =
            heard.closes() == expected.closes || (heard.closes() && matches!(fault, Fault::Finish(_)));
        assert!(closes, "{heard:?}");
    }
    let owed = plan.responses.iter().filter(|r| r.at <= fault.at()).count();
    assert!(!fault.is_fair() || heard.len() >= owed, "{} responses, {owed} owed, {fault:?}", heard.len());
    if let Some(socket) = &plan.socket
        && heard.last().is_some_and(|r| r.status == 101)
    {
        check_socket(&received[n..], socket, fault);
    } else {
        // A request that was broken off may have been answered in part.
        assert!(fault != Fault::None || n == received.len(), "{} bytes behind", received.len() - n);
    }
}

fn check_socket(bytes: &[u8], socket: &plan::Socket, fault: Fault) {
    let heard = ws::heard(bytes).expect("well-formed frames");
    let owed = |at: usize| fault.is_fair() && at <= fault.at();
    let is_message = |h: &&Heard| matches!(h, Heard::Text(_) | Heard::Binary(_));
    let messages: Vec<&Heard> = heard.iter().filter(is_message).collect();
    assert!(messages.len() <= socket.messages.len(), "{} messages", messages.len());
    assert!(
        messages.len() >= socket.messages.iter().filter(|m| owed(m.1)).count(),
        "{} messages",
        messages.len()
    );
    for (heard, (expected, _)) in messages.iter().zip(&socket.messages) {
        assert!(*heard == expected, "a message differs");
    }
    let pongs: Vec<&Heard> = heard.iter().filter(|h| matches!(h, Heard::Pong(_))).collect();
    assert!(pongs.len() >= socket.pongs.iter().filter(|p| owed(p.1)).count(), "{} pongs", pongs.len());
    for (heard, (expected, _)) in pongs.iter().zip(&socket.pongs) {
        assert_eq!(**heard, Heard::Pong(expected.clone()));
    }
    let close = heard.iter().find(|h| matches!(h, Heard::Close(..)));
    match &socket.close {
        Some((expected, at)) if owed(*at) => assert_eq!(close, Some(expected)),
        Some((expected, _)) => assert!(close.is_none_or(|close| close == expected)),
        None => assert_eq!(close, None),
    }
}

/// The conversation ends as it should, in its time.
fn check_end(sim: &mut Sim, peer: PeerId, plan: &Plan, fault: Fault) {
    let ended_by_itself = plan.closes || plan.socket.as_ref().is_some_and(|s| s.close.is_some());
    let closed = sim.closed(peer);
    match fault {
        Fault::None if ended_by_itself => assert_eq!(closed, Some(Closed::Done)),
        Fault::None => assert_eq!(closed, None, "too early"),
        Fault::Finish(_) | Fault::Cut(_) | Fault::Reset(_) => {
            assert!(closed.is_some(), "not closed: {fault:?}")
        }
        Fault::Stall(_) => {}
    }
    // Nobody stays for ever without a word, and without an answer to the ping that a WebSocket gets.
    sim.advance(Duration::from_secs(400));
    assert!(sim.closed(peer).is_some(), "{fault:?}: still open after 400 s");
}

#[test]
fn conversations_part_1() {
    for_seeds!(seeds(0, 5), converse);
}

#[test]
fn conversations_part_2() {
    for_seeds!(seeds(1, 5), converse);
}

#[test]
fn conversations_part_3() {
    for_seeds!(seeds(2, 5), converse);
}

#[test]
fn conversations_part_4() {
    for_seeds!(seeds(3, 5), converse);
}
