//! What waits: for an address, for one of them to answer, for another try; and the letters that come of it.

use super::{Client, Letter, Post};
use crate::alarm::Alarm;
use crate::conn::Conn;
use crate::job::Job;
use crate::race::Race;
use crate::resolve::Addresses;
use crate::timeouts::Stage;
use crate::{Error, limits};
use lws_role::{Closed, Env, Handle, Hub, Mail, Target};
use lws_wire::Time;
use std::rc::Rc;

/// Something that waits, until then at most.
pub(super) struct Waiting {
    pub(super) until: Option<Time>,
    pub(super) what: What,
}

pub(super) enum What {
    /// For its host's addresses.
    Addresses(Rc<Conn>),
    /// For one of them to answer.
    Race(Rc<Race>),
    /// For another try, or to hear why there is none.
    Job(Box<Job>),
}

/// What waits.
impl Client {
    pub(super) fn wait(&mut self, hub: &mut Hub, until: Option<Time>, what: What) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.waiting.insert(id, Waiting { until, what });
        self.alarm_by(hub, until);
        id
    }

    /// It does not wait any longer.
    pub(crate) fn done_waiting(&mut self, id: u64) {
        self.waiting.remove(&id);
    }

    /// Sees to it that the alarm rings in time.
    pub(super) fn set_alarm(&mut self, hub: &mut Hub) {
        let waits = self.waiting.values().filter_map(|waiting| waiting.until);
        let first = waits.chain(self.pool.deadline()).min();
        self.alarm_by(hub, first);
    }

    /// The alarm must ring then, or before.
    pub(super) fn alarm_by(&mut self, hub: &mut Hub, at: Option<Time>) {
        let (Some(at), Some(key)) = (at, self.key) else { return };
        if self.alarm.as_ref().is_some_and(|alarm| alarm.at <= at) {
            return;
        }
        if let Some(late) = self.alarm.take() {
            late.stop(hub);
        }
        self.alarm = Alarm::set(hub, key, at);
    }

    /// An alarm has rung, or was stopped.
    pub(crate) fn rings(&mut self, hub: &mut Hub, handle: Handle) {
        if self.alarm.as_ref().is_some_and(|alarm| alarm.is(handle)) {
            self.alarm = None;
        }
        let (now, over) = (hub.now, hub.is_draining());
        let due = |waiting: &Waiting| waiting.until.is_some_and(|until| until <= now || over);
        let ids: Vec<u64> = self.waiting.iter().filter(|(_, w)| due(w)).map(|(id, _)| *id).collect();
        for id in ids {
            match self.waiting.remove(&id).map(|waiting| waiting.what) {
                Some(What::Addresses(conn)) => self.too_late(hub, &conn),
                Some(What::Race(race)) => {
                    race.give_up(hub);
                    self.too_late(hub, &race.conn);
                }
                Some(What::Job(job)) if over => job.fail(hub, Error::Connect(Closed::Shutdown)),
                Some(What::Job(job)) => self.start(hub, job),
                None => {}
            }
        }
        for job in self.pool.take(|job| job.deadline.is_some_and(|deadline| deadline <= now || over)) {
            let error = if over { Error::Connect(Closed::Shutdown) } else { Error::Timeout(Stage::Wait) };
            job.fail(hub, error);
        }
        self.set_alarm(hub);
    }

    /// There is no connection in time.
    fn too_late(&mut self, hub: &mut Hub, conn: &Rc<Conn>) {
        let why = if hub.is_draining() { Closed::Shutdown } else { Closed::Timeout };
        for job in conn.take_all() {
            let error = conn.error(why);
            self.fail(hub, job, error);
        }
        self.released(hub, conn);
    }
}

impl Mail<Letter> for Client {
    fn mail(&mut self, env: &mut Env<'_>, letter: Letter) {
        let hub = env.hub();
        for order in self.caller.orders(&letter) {
            order(self, hub);
        }
        let Some(waiting) = self.waiting.remove(&letter.id) else { return };
        match (waiting.what, letter.result) {
            (What::Addresses(conn), result) => {
                let error = match result {
                    Ok(found) if !found.is_empty() => {
                        let targets = found.into_iter().take(limits::ADDRESSES).map(Target::Inet);
                        return self.connect(hub, &conn, targets);
                    }
                    Ok(_) => Error::Resolve("the host has no address".into()),
                    Err(error) => error,
                };
                for job in conn.take_all() {
                    self.fail(hub, job, error.clone());
                }
                self.released(hub, &conn);
            }
            (What::Job(job), Err(error)) => self.fail(hub, job, error),
            // Nobody writes such letters.
            (What::Job(_) | What::Race(_), _) => {}
        }
    }
}

/// A resolver's way back; it answers even if it is dropped.
pub(super) struct Reply {
    pub(super) post: Post,
    pub(super) id: u64,
    pub(super) told: bool,
}

impl Reply {
    pub(super) fn tell(mut self, found: Addresses) {
        self.told = true;
        (self.post)(Letter { id: self.id, result: found.map_err(Error::Resolve) });
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.told {
            let result = Err(Error::Resolve("the resolver gave up".into()));
            (self.post)(Letter { id: self.id, result });
        }
    }
}
