//! Two streams that carry each other's bytes.

use lws_role::{Closed, Cx, Handle, Next, Role, Step};
use lws_wire::Out;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Bytes that wait in one direction; more are held back.
const BYTES: usize = 64 * 1024;

/// Both directions between two ends.
#[derive(Default)]
pub(crate) struct Pipe {
    ends: [Half; 2],
}

/// What one end has heard.
#[derive(Default)]
struct Half {
    /// Its stream, once it is there.
    handle: Option<Handle>,
    /// What it has heard, and the other end has not said.
    bytes: VecDeque<u8>,
    /// It will hear no more.
    ended: bool,
    /// Its stream is gone, and how.
    gone: Option<Closed>,
}

/// One end: whatever it hears, the other end says.
pub(crate) struct End {
    pipe: Rc<RefCell<Pipe>>,
    own: usize,
}

impl Pipe {
    /// Both ends of a new pipe.
    pub(crate) fn ends() -> (End, End) {
        let pipe = Rc::new(RefCell::new(Pipe::default()));
        (End { pipe: pipe.clone(), own: 0 }, End { pipe, own: 1 })
    }
}

impl End {
    /// It will have no stream.
    pub(crate) fn abandon(&self, cx: &mut Cx<'_>, why: Closed) {
        self.pipe.borrow_mut().ends[self.own].gone = Some(why);
        self.wake_other(cx);
    }

    fn wake_other(&self, cx: &mut Cx<'_>) {
        if let Some(handle) = self.pipe.borrow().ends[1 - self.own].handle {
            cx.wake(handle);
        }
    }

    /// Says what the other end has heard, and ends where it has ended.
    fn say(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let mut pipe = self.pipe.borrow_mut();
        let other = &mut pipe.ends[1 - self.own];
        let said = out.put_some(other.bytes.make_contiguous());
        other.bytes.drain(..said);
        if !other.bytes.is_empty() {
            cx.want_write();
        } else if let Some(why) = other.gone {
            return Next::Close(if why.is_abrupt() { Closed::Aborted } else { Closed::Done });
        } else if other.ended {
            return Next::Close(Closed::Done);
        }
        drop(pipe);
        if said > 0 {
            self.wake_other(cx);
        }
        Next::Stay
    }
}

impl Role for End {
    fn name(&self) -> &'static str {
        "pipe"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.pipe.borrow_mut().ends[self.own].handle = Some(cx.handle());
        self.say(cx, out)
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        let mut pipe = self.pipe.borrow_mut();
        let bytes = &mut pipe.ends[self.own].bytes;
        let n = input.len().min(BYTES.saturating_sub(bytes.len()));
        bytes.extend(&input[..n]);
        drop(pipe);
        self.wake_other(cx);
        if n < input.len() { Step::hold(n) } else { Step::stay(n) }
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.say(cx, out)
    }

    fn ended(&mut self, cx: &mut Cx<'_>, _truncated: bool, _out: &mut Out<'_>) -> Next {
        self.pipe.borrow_mut().ends[self.own].ended = true;
        self.wake_other(cx);
        Next::Stay
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.abandon(cx, why);
    }
}
