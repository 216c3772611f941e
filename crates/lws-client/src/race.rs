//! Connecting: the addresses of a host are raced (RFC 8305 §5), one after the other gets its start.
//!
//! ```text
//!   250 ms apart, or as soon as the one before has failed:  Dial  Dial  Dial
//!                                                             └ the first one that connects takes the job
//! ```

use crate::conn::Conn;
use crate::limits::ATTEMPT_DELAY;
use lws_role::{Closed, Cx, Handle, Hub, Next, Role, Step, Target};
use lws_wire::Out;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A race: connections that are opened for one job. The first one gets it.
pub(crate) struct Race {
    pub(crate) conn: Rc<Conn>,
    /// What the client calls it.
    id: u64,
    over: Cell<bool>,
    /// Those who run, in the order of their starts.
    handles: RefCell<Vec<Handle>>,
    failed: Cell<usize>,
}

impl Race {
    /// A race for the job in the place of `conn`.
    pub(crate) fn new(conn: Rc<Conn>, id: u64) -> Rc<Self> {
        let (over, failed) = (Cell::new(false), Cell::new(0));
        Rc::new(Self { conn, id, over, handles: RefCell::default(), failed })
    }

    /// Lets one more run, if the loop can open it.
    pub(crate) fn enter(self: &Rc<Self>, hub: &mut Hub, target: Target) -> bool {
        let mut handles = self.handles.borrow_mut();
        let starts = ATTEMPT_DELAY * u32::try_from(handles.len()).unwrap_or(u32::MAX);
        let entered = hub.connect_after(starts, target, Box::new(Dial { race: self.clone() }));
        handles.extend(entered);
        entered.is_some()
    }

    /// Nobody wins, and nobody goes on.
    pub(crate) fn give_up(&self, hub: &mut Hub) {
        self.over.set(true);
        for handle in self.handles.borrow().iter() {
            hub.abort(*handle);
        }
    }

    /// It is decided: the client need not watch it any longer.
    fn decide(&self, cx: &mut Cx<'_>) {
        self.over.set(true);
        let (client, _) = cx.split(self.conn.client);
        client.done_waiting(self.id);
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
        if self.race.over.get() {
            return Next::Close(Closed::Aborted);
        }
        self.race.decide(cx);
        let own = cx.handle();
        for other in self.race.handles.borrow().iter().filter(|other| **other != own) {
            cx.hub().abort(*other);
        }
        Next::Become(self.race.conn.first(cx))
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        // It has become another role before there is input.
        Step::stay(0)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        let race = self.race.clone();
        if race.over.get() {
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
        } else {
            race.decide(cx);
            race.conn.ended(cx, why);
        }
    }
}
