//! One connection of ours, from the socket up.
//!
//! ```text
//!   Dial ── connected ──▶ [TlsRole ── handshake ──▶] H1Client ── asks ──▶ Line ──▶ the job in its place
//!     └── not ──▶ Line::closed: the next address, or the job fails
//! ```

use crate::Error;
use crate::client::{Client, Idle, Place};
use crate::job::Exchange;
use crate::url::Origin;
use lws_role::{Closed, Cx, Next, Role, SlotKey, Step};
use lws_role_h1::H1Client;
use lws_role_h1::client::{Call, Calls};
use lws_role_tls::TlsRole;
use lws_tls::Session;
use lws_wire::Out;
use std::cell::Cell;
use std::rc::Rc;

/// Gives an HTTP/1 connection its jobs.
pub(crate) struct Line {
    key: SlotKey<Client>,
    origin: Origin,
    place: Place,
    reached: Rc<Cell<Reached>>,
    /// The client lists it as idle, unless it has put a job into its place.
    listed: bool,
}

/// How far a connection has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    Nothing,
    Peer,
    Http,
}

impl Line {
    /// The role for a new connection, for the job in `place`.
    pub(crate) fn role(
        key: SlotKey<Client>,
        origin: Origin,
        place: Place,
        session: Option<Box<dyn Session>>,
    ) -> Box<dyn Role> {
        let reached = Rc::new(Cell::new(Reached::Nothing));
        let line = Self { key, origin, place, reached: reached.clone(), listed: false };
        let http: Box<dyn Role> = Box::new(H1Client::new(Box::new(line)));
        let role = match session {
            Some(session) => Box::new(TlsRole::hosting(session, http)),
            None => http,
        };
        Box::new(Dial { role: Some(role), reached })
    }
}

impl Calls for Line {
    fn next(&mut self, cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        self.reached.set(Reached::Http);
        let handle = cx.handle();
        if let Some(job) = self.place.take() {
            self.listed = false;
            return Some(Box::new(Exchange::new(*job, self.key, handle, self.place.clone())));
        }
        if !self.listed {
            self.listed = true;
            let idle = Idle { origin: self.origin.clone(), handle, place: self.place.clone() };
            let (client, mut env) = cx.split(self.key);
            client.keep(env.hub(), idle);
        }
        None
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        let handle = cx.handle();
        let (client, mut env) = cx.split(self.key);
        client.forget(handle);
        let Some(job) = self.place.take() else { return };
        let hub = env.hub();
        match self.reached.get() {
            Reached::Nothing if !job.targets.is_empty() && !hub.is_draining() => client.connect(hub, job),
            Reached::Nothing => job.fail(hub, Error::Connect(why)),
            Reached::Peer => job.fail(hub, Error::Tls(why)),
            // It was idle and is closed just when a job had come to it.
            Reached::Http if hub.is_draining() => job.fail(hub, Error::Connect(why)),
            Reached::Http => client.start(hub, job),
        }
    }
}

/// Notes that the connection is there, and leaves it to its role.
struct Dial {
    role: Option<Box<dyn Role>>,
    reached: Rc<Cell<Reached>>,
}

impl Role for Dial {
    fn name(&self) -> &'static str {
        "dial"
    }

    fn start(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.reached.set(Reached::Peer);
        match self.role.take() {
            Some(role) => Next::Become(role),
            None => Next::Close(Closed::Done),
        }
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        // It has become another role before there is input.
        Step::stay(0)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        if let Some(mut role) = self.role.take() {
            role.closed(cx, why);
        }
    }
}
