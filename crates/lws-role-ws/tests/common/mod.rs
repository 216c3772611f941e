//! An open WebSocket to some protocol, and a peer that talks to it.

// Each test binary uses a part of this.
#![allow(dead_code, reason = "each test binary uses a part of this")]
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use lws_http::Vhost;
use lws_role_h1::h1;
use lws_role_ws::{Closed, Fragment, Message, Protocol, Ws, WsBlueprint, ws as websocket};
use lws_sim::ws::{self, Heard};
use lws_sim::{Conditions, PeerId, Sim};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a protocol was told, in order.
pub(crate) type Notes = Arc<Mutex<Vec<String>>>;

/// Echoes whole messages, and notes everything.
pub(crate) struct Echo(pub(crate) Notes);

impl Echo {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }
}

impl Protocol for Echo {
    type Session = ();
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {
        self.note("open");
    }
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        assert!(ws.send(message.kind, message.data), "there is always room for an answer of the same size");
    }
    fn peer_closing(&mut self, _session: &mut (), code: Option<u16>, reason: &str) {
        self.note(format!("peer closing {code:?} {reason:?}"));
    }
    fn closed(&mut self, _session: (), why: Closed) {
        self.note(format!("closed: {why:?}"));
    }
}

/// Echoes pieces.
pub(crate) struct Pieces;

impl Protocol for Pieces {
    type Session = ();
    const STREAMING: bool = true;
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}
    fn fragment(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, part: Fragment<'_>) -> usize {
        let n = part.data.len().min(ws.room());
        if n == 0 && !part.data.is_empty() {
            ws.want_write();
            return 0;
        }
        let last = part.last && n == part.data.len();
        assert!(ws.send_fragment(part.kind, last, &part.data[..n]), "{n} bytes, room {}", ws.room());
        n
    }
}

/// One simulated WebSocket.
pub(crate) struct Line {
    pub(crate) sim: Sim,
    pub(crate) peer: PeerId,
    pub(crate) notes: Notes,
}

impl Line {
    /// To an echo.
    pub(crate) fn echo(conditions: Conditions) -> Self {
        let notes = Notes::default();
        let own = Arc::clone(&notes);
        let mut line = Self::to(websocket(move || Echo(Arc::clone(&own))), conditions);
        line.notes = notes;
        line
    }

    /// To the protocol of an endpoint.
    pub(crate) fn to<P: Protocol, F>(endpoint: WsBlueprint<F>, conditions: Conditions) -> Self
    where
        F: Fn() -> P + Send + Sync + 'static,
    {
        let mut sim = Sim::under(conditions, 0);
        let acceptor = sim.install(&h1(Vhost::new("localhost").upgrade("/", endpoint)));
        let peer = sim.accept(&*acceptor);
        let mut line = Self { sim, peer, notes: Notes::default() };
        line.say(ws::upgrade("/"));
        line
    }

    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.sim.send(self.peer, bytes.as_ref());
        self.sim.run();
    }

    pub(crate) fn advance(&mut self, seconds: f64) {
        self.sim.advance(Duration::from_secs_f64(seconds));
    }

    pub(crate) fn closed(&self) -> Option<Closed> {
        self.sim.closed(self.peer)
    }

    /// Everything since the upgrade.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        ws::heard_after_upgrade(self.sim.received(self.peer)).expect("well-formed frames")
    }

    /// The code of the close frame that came last.
    pub(crate) fn code(&self) -> Option<u16> {
        match self.heard().last() {
            Some(Heard::Close(code, _)) => *code,
            _ => None,
        }
    }

    pub(crate) fn end(self) {
        self.sim.end();
    }
}
