//! One connection of ours, from the socket up.
//!
//! ```text
//!   Dial ── connected ──▶ [TlsRole ── handshake ──▶] H1Client ── asks ──▶ Line ──▶ the job in its place
//!     ├── another one was first ──▶ closed
//!     └── not ──▶ the next address at once; after the last, the job fails
//! ```
//! The addresses of a host are raced (RFC 8305 §5): one after the other gets its start.

use crate::Error;
use crate::client::{Client, Idle, Place};
use crate::job::Exchange;
use crate::limits::ATTEMPT_DELAY;
use crate::url::Origin;
use lws_role::{Closed, Cx, Handle, Hub, Next, Role, SlotKey, Step, Target};
use lws_role_h1::H1Client;
use lws_role_h1::client::{Call, Calls};
use lws_role_tls::TlsRole;
use lws_tls::Session;
use lws_wire::Out;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Gives an HTTP/1 connection its jobs.
pub(crate) struct Line {
    key: SlotKey<Client>,
    origin: Origin,
    place: Place,
    reached: Reached,
    /// The client lists it as idle, unless it has put a job into its place.
    listed: bool,
}

/// How far a connection has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reached {
    Peer,
    Http,
}

/// A race: connections that are opened for one job. The first one gets it.
pub(crate) struct Race {
    key: SlotKey<Client>,
    origin: Origin,
    place: Place,
    /// For the winner.
    session: Cell<Option<Box<dyn Session>>>,
    won: Cell<bool>,
    /// Those who run, in the order of their starts.
    handles: RefCell<Vec<Handle>>,
    failed: Cell<usize>,
}

impl Race {
    /// A race for the job in `place`.
    pub(crate) fn new(
        key: SlotKey<Client>,
        origin: Origin,
        place: Place,
        session: Option<Box<dyn Session>>,
    ) -> Rc<Self> {
        Rc::new(Self {
            key,
            origin,
            place,
            session: Cell::new(session),
            won: Cell::new(false),
            handles: RefCell::default(),
            failed: Cell::new(0),
        })
    }

    /// Lets one more run, if the loop can open it.
    pub(crate) fn enter(self: &Rc<Self>, hub: &mut Hub, target: Target) -> bool {
        let mut handles = self.handles.borrow_mut();
        let starts = ATTEMPT_DELAY * u32::try_from(handles.len()).unwrap_or(u32::MAX);
        let entered = hub.connect_after(starts, target, Box::new(Dial { race: self.clone() }));
        handles.extend(entered);
        entered.is_some()
    }

    /// The role of the winner.
    fn role(&self) -> Box<dyn Role> {
        let (origin, place) = (self.origin.clone(), self.place.clone());
        let line = Line { key: self.key, origin, place, reached: Reached::Peer, listed: false };
        let http: Box<dyn Role> = Box::new(H1Client::new(Box::new(line)));
        match self.session.take() {
            Some(session) => Box::new(TlsRole::hosting(session, http)),
            None => http,
        }
    }
}

impl Calls for Line {
    fn next(&mut self, cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        self.reached = Reached::Http;
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
        match self.reached {
            Reached::Peer => job.fail(hub, Error::Tls(why)),
            // It was idle and is closed just when a job had come to it.
            Reached::Http if hub.is_draining() => job.fail(hub, Error::Connect(why)),
            Reached::Http => client.start(hub, job),
        }
    }
}

/// One who runs in a race.
struct Dial {
    race: Rc<Race>,
}

impl Role for Dial {
    fn name(&self) -> &'static str {
        "dial"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        if self.race.won.replace(true) {
            return Next::Close(Closed::Aborted);
        }
        let own = cx.handle();
        for other in self.race.handles.borrow().iter().filter(|other| **other != own) {
            cx.hub().abort(*other);
        }
        Next::Become(self.race.role())
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        // It has become another role before there is input.
        Step::stay(0)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        let Self { race } = self;
        if race.won.get() {
            return;
        }
        race.failed.set(race.failed.get() + 1);
        let handles = race.handles.borrow();
        if race.failed.get() < handles.len() {
            // RFC 8305 §5: the next attempt need not wait for one that has failed.
            let own = handles.iter().position(|handle| *handle == cx.handle());
            if let Some(next) = own.and_then(|own| handles.get(own + 1)) {
                cx.wake(*next);
            }
        } else if let Some(job) = race.place.take() {
            job.fail(cx.hub(), Error::Connect(why));
        }
    }
}
