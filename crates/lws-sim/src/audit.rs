//! A role between the host and the role under test that checks what both of them do.

use alloc::boxed::Box;
use lws_role::{Closed, Cx, Next, Role, Step, Timer};
use lws_wire::Out;

/// Passes everything on, and panics where the contract is broken.
pub(crate) struct Audit {
    role: Box<dyn Role>,
    state: State,
    /// The role has heard that the peer will send no more.
    told_end: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Open,
    /// The role said `Close`; only `closed` may follow.
    Closing,
    /// Another role has the stream.
    Succeeded,
    Closed,
}

impl Audit {
    pub(crate) fn of(role: Box<dyn Role>) -> Box<dyn Role> {
        Box::new(Self { role, state: State::New, told_end: false })
    }

    fn enter(&self, call: &str, out: &Out<'_>) -> usize {
        assert_eq!(
            self.state,
            State::Open,
            "{}: {call} is not called before start or after the end",
            self.name()
        );
        out.len()
    }

    fn leave(&mut self, call: &str, before: usize, next: Next, out: &Out<'_>) -> Next {
        assert!(out.len() >= before, "{}: {call} took back what somebody else wrote", self.name());
        match next {
            Next::Become(role) => {
                self.state = State::Succeeded;
                Next::Become(Self::of(role))
            }
            Next::Close(why) => {
                self.state = State::Closing;
                Next::Close(why)
            }
            next => next,
        }
    }
}

impl Role for Audit {
    fn name(&self) -> &'static str {
        self.role.name()
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        assert_eq!(self.state, State::New, "{}: start comes once, and first", self.name());
        self.state = State::Open;
        let before = self.enter("start", out);
        let next = self.role.start(cx, out);
        self.leave("start", before, next, out)
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let before = self.enter("receive", out);
        assert!(!input.is_empty(), "{}: an offer is never empty", self.name());
        let step = self.role.receive(cx, input, out);
        let (taken, offered) = (step.consumed, input.len());
        assert!(taken <= offered, "{}: took {taken} bytes of {offered}", self.name());
        Step { consumed: taken, next: self.leave("receive", before, step.next, out) }
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let before = self.enter("transmit", out);
        let next = self.role.transmit(cx, out);
        self.leave("transmit", before, next, out)
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        let before = self.enter("timeout", out);
        let next = self.role.timeout(cx, which, out);
        self.leave("timeout", before, next, out)
    }

    fn ended(&mut self, cx: &mut Cx<'_>, truncated: bool, out: &mut Out<'_>) -> Next {
        let before = self.enter("ended", out);
        assert!(!self.told_end, "{}: the end comes once", self.name());
        self.told_end = true;
        let next = self.role.ended(cx, truncated, out);
        self.leave("ended", before, next, out)
    }

    fn woken(&mut self, cx: &mut Cx<'_>) {
        assert_eq!(self.state, State::Open, "{}: woken before start or after the end", self.name());
        self.role.woken(cx);
    }

    fn drain(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let before = self.enter("drain", out);
        let next = self.role.drain(cx, out);
        self.leave("drain", before, next, out)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        let open = matches!(self.state, State::Open | State::Closing);
        assert!(open, "{}: closed comes once, and last; it was {:?}", self.name(), self.state);
        self.state = State::Closed;
        self.role.closed(cx, why);
    }
}
