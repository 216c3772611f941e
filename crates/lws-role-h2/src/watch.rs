//! When to look at the connection's deadlines next: one timer for all of them.
//!
//! Deadlines here only ever move later (more bytes came, a stream ended), so the timer is set when an earlier one
//! appears and otherwise left alone; when it fires, all are looked at, and it is set to the earliest that is left.

use lws_role::{Cx, Timer};
use lws_wire::Time;

#[derive(Default)]
pub(crate) struct Watch {
    armed: Option<Time>,
    soonest: Option<Time>,
}

impl Watch {
    /// There is a deadline at `at`.
    pub(crate) fn note(&mut self, at: Time) {
        self.soonest = Some(self.soonest.map_or(at, |soonest| soonest.min(at)));
    }

    /// The timer fired.
    pub(crate) fn fired(&mut self) {
        (self.armed, self.soonest) = (None, None);
    }

    /// Sets the timer, if there is a deadline before the one it is set for. `cx` is the connection's own.
    pub(crate) fn arm(&mut self, cx: &mut Cx<'_>) {
        let Some(at) = self.soonest.take() else { return };
        if self.armed.is_none_or(|armed| at < armed) {
            cx.set_deadline(Timer::Role, at);
            self.armed = Some(at);
        }
    }
}
