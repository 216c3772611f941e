//! A protocol spoken over a byte stream.

use crate::{Closed, Cx, Timer};
use alloc::boxed::Box;
use lws_wire::Out;

/// A protocol spoken over a byte stream. Hosted by a socket, or by another role.
///
/// Each method may write into `out` as far as it has room, and may record effects in `cx`. The host sends what was
/// written and then does what [`Next`] says.
#[doc(alias = "lws_role_ops")]
pub trait Role {
    /// A short name for statistics and logs: `h1`, `ws`, `tls`.
    fn name(&self) -> &'static str;

    /// The stream is yours. Called once, before anything else.
    fn start(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        Next::Stay
    }

    /// Bytes arrived: take a prefix of `input` (the role may change it in place) and put any answer in `out`.
    ///
    /// What is not taken is offered again, at the front of a longer input, when more arrives ([`Next::Stay`]) or
    /// when output drained or a wake came ([`Next::Hold`]).
    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step;

    /// There is room, and the role had asked for it ([`crate::StreamEnv::want_write`]) or was woken.
    fn transmit(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        Next::Stay
    }

    /// A deadline passed. `cx.handle()` names the stream it belongs to: a role that hosts many passes it on.
    fn timeout(&mut self, _cx: &mut Cx<'_>, _which: Timer, _out: &mut Out<'_>) -> Next {
        Next::Stay
    }

    /// The peer will send no more; `truncated` if its security layer did not say so itself. What was offered and
    /// not taken is lost unless the role stays and takes it later.
    fn ended(&mut self, _cx: &mut Cx<'_>, truncated: bool, _out: &mut Out<'_>) -> Next {
        Next::Close(if truncated { Closed::Truncated } else { Closed::Ended })
    }

    /// Somebody woke the stream `cx.handle()`. The default asks for room; a role that hosts many passes it on.
    fn woken(&mut self, cx: &mut Cx<'_>) {
        cx.want_write();
    }

    /// The service is going away: finish what is in flight, start nothing new, close when done.
    fn drain(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        Next::Stay
    }

    /// The stream is gone, or could not be opened ([`crate::Hub::connect`]). The last call.
    fn closed(&mut self, _cx: &mut Cx<'_>, _why: Closed) {}
}

/// What a role did with the input it was offered.
pub struct Step {
    /// Bytes taken from the front of the input.
    pub consumed: usize,
    /// What should happen now.
    pub next: Next,
}

impl Step {
    /// Took `consumed` bytes; offer the rest again together with more.
    pub fn stay(consumed: usize) -> Self {
        Self { consumed, next: Next::Stay }
    }

    /// Took `consumed` bytes and holds the rest back: offer it again when output drained or a wake came.
    pub fn hold(consumed: usize) -> Self {
        Self { consumed, next: Next::Hold }
    }

    /// Took `consumed` bytes; the rest belongs to `role`.
    pub fn turn_into(consumed: usize, role: Box<dyn Role>) -> Self {
        Self { consumed, next: Next::Become(role) }
    }

    /// Took `consumed` bytes and ends the stream.
    pub fn close(consumed: usize, why: Closed) -> Self {
        Self { consumed, next: Next::Close(why) }
    }
}

/// What should happen to the stream after a call.
pub enum Next {
    /// Go on.
    Stay,
    /// Go on, but offer no input until output drained or a wake came (from [`Role::receive`]; elsewhere as `Stay`).
    #[doc(alias = "lws_rx_flow_control")]
    Hold,
    /// The stream belongs to another role from here on.
    Become(Box<dyn Role>),
    /// Send what was written, then end the stream.
    Close(Closed),
}
