//! A server that says what a test makes it say, to a client of ours.

use super::desk::{One, Shared, ask, client, desk};
use super::{block, frame, kind, settings};
use lws_hpack::{Decoder, Limits};
use lws_http::client::Cause;
use lws_role::{Closed, Handle};
use lws_sim::{Conditions, PeerId, Sim};
use std::time::Duration;

/// A frame of the client's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// The error code of `RST_STREAM` and `GOAWAY`, the increment of `WINDOW_UPDATE`.
    pub(crate) fn word(&self) -> u32 {
        let at = if self.kind == kind::GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

pub(crate) struct Script {
    pub(crate) sim: Sim,
    pub(crate) peer: PeerId,
    decoder: Decoder,
    rest: Vec<u8>,
}

/// What a good server says first: its settings, and that it has seen the client's.
pub(crate) fn hello(entries: &[(u16, u32)]) -> Vec<u8> {
    [settings(entries), frame(kind::SETTINGS, 1, 0, b"")].concat()
}

pub(crate) fn goaway(last: u32, code: u32) -> Vec<u8> {
    frame(kind::GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())
}

pub(crate) fn response(flags: u8, stream: u32, status: &str, more: &[(&str, &str)]) -> Vec<u8> {
    frame(kind::HEADERS, flags, stream, &block(&[&[(":status", status)][..], more].concat()))
}

impl Script {
    /// A client of this desk; nothing is said yet.
    pub(crate) fn fresh(conditions: Conditions, seed: u64, desk: &Shared) -> Self {
        let mut sim = Sim::under(conditions, seed);
        let peer = sim.start(client(desk));
        sim.run();
        Self { sim, peer, decoder: Decoder::new(Limits::default()), rest: Vec::new() }
    }

    /// The same, behind a good beginning; the client's own is taken off.
    pub(crate) fn new(desk: &Shared, entries: &[(u16, u32)]) -> Self {
        let mut this = Self::fresh(Conditions::CALM, 0, desk);
        let preface = this.sim.take_received(this.peer);
        assert!(preface.starts_with(super::PREFACE));
        this.rest = preface[super::PREFACE.len()..].to_vec();
        this.say(hello(entries));
        this
    }

    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.sim.send(self.peer, bytes.as_ref());
        self.sim.run();
    }

    /// There are new calls.
    pub(crate) fn wake(&mut self, sub: u32) {
        self.sim.world().hub.wake(Handle { conn: 0, generation: 0, sub });
        self.sim.run();
    }

    pub(crate) fn advance(&mut self, seconds: f64) {
        self.sim.advance(Duration::from_secs_f64(seconds));
    }

    pub(crate) fn closed(&self) -> Option<Closed> {
        self.sim.closed(self.peer)
    }

    /// What the client has said since the last time.
    pub(crate) fn frames(&mut self) -> Vec<Frame> {
        self.rest.extend(self.sim.take_received(self.peer));
        let mut frames = Vec::new();
        let mut at = 0;
        while let Some(head) = self.rest.get(at..at + 9) {
            let len = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let Some(payload) = self.rest.get(at + 9..at + 9 + len) else { break };
            let stream = u32::from_be_bytes(head[5..9].try_into().unwrap());
            frames.push(Frame { kind: head[3], flags: head[4], stream, payload: payload.to_vec() });
            at += 9 + len;
        }
        self.rest.drain(..at);
        frames
    }

    /// The same, of one kind.
    pub(crate) fn of_kind(&mut self, kind: u8) -> Vec<Frame> {
        self.frames().into_iter().filter(|frame| frame.kind == kind).collect()
    }

    /// The fields of a head, in order.
    pub(crate) fn fields(&mut self, frame: &Frame) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        let used = self
            .decoder
            .decode(&frame.payload, &mut [0; 16_384], |f| {
                assert!(f.is_well_formed(), "{f:?}");
                fields.push((text(f.name), text(f.value)));
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(self.decoder.finish(&frame.payload[used..]).unwrap().refused, None);
        fields
    }
}

/// A client that has asked `n` times, on the streams 1, 3, 5 …
pub(crate) fn asked(n: usize) -> (Shared, Script) {
    let desk = desk();
    for name in &["a", "b", "c", "d", "e"][..n] {
        ask(&desk, One::get(&desk, name, "/x"));
    }
    let mut script = Script::new(&desk, &[]);
    script.frames();
    (desk, script)
}

pub(crate) fn causes(desk: &Shared) -> Vec<Cause> {
    desk.borrow().failures.iter().map(|failure| failure.cause).collect()
}
