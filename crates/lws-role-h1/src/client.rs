//! HTTP/1.1 as a role, client side.
//!
//! ```text
//!   Idle ── Calls::next ──▶ Live: head and body out, head and body in ── complete, may be reused ──▶ Idle
//!    │ anything comes: close   │                                       └─ else ──▶ Close
//!    │ 15 s: close             └─ 101, and it was asked for ──▶ another role
//! ```
//! One call at a time, no pipelining. Where two readers might not agree on the end of a response, the connection ends
//! with it (CLI-03): bytes behind a response, a response in front of its request, a request that was not sent to its
//! end.

mod live;

pub use lws_http::client::{Call, CallHead, Calls, Cause, Failure, Framing, Supply};

use crate::limits;
use alloc::boxed::Box;
use core::time::Duration;
use live::{Heard, Live};
use lws_h1::ResponseParser;
use lws_role::{Closed, Cx, Next, Role, Step, Timer};
use lws_wire::Out;

/// One HTTP/1.1 connection, client side.
#[doc(alias = "lws_client_connect_info")]
pub struct H1Client {
    calls: Box<dyn Calls>,
    parser: ResponseParser,
    live: Option<Live>,
    /// How long nothing may move in the call under way.
    stall: Duration,
    /// Calls that were complete.
    done: u32,
}

impl H1Client {
    /// A connection that asks what `calls` has.
    pub fn new(calls: Box<dyn Calls>) -> Self {
        Self {
            calls,
            parser: ResponseParser::new(),
            live: None,
            stall: limits::CLIENT_STALL_TIMEOUT,
            done: 0,
        }
    }

    /// The connection is free: asks for the next call.
    fn next(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        cx.cancel_timer(Timer::App);
        let Some(call) = self.calls.next(cx) else {
            cx.set_timer(Timer::Role, self.calls.idle_timeout().unwrap_or(limits::CLIENT_IDLE_TIMEOUT));
            return Next::Stay;
        };
        if let Some(deadline) = call.deadline() {
            cx.set_timer(Timer::App, deadline);
        }
        self.stall = call.stall_timeout().unwrap_or(limits::CLIENT_STALL_TIMEOUT);
        cx.set_timer(Timer::Role, self.stall);
        self.live = Some(Live::new(call, cx.now()));
        self.speak(cx, out)
    }

    fn speak(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let Some(live) = &mut self.live else { return self.next(cx, out) };
        if live.call.as_ref().is_some_and(|call| call.is_cancelled()) {
            return Next::Close(self.fail(cx, Cause::Cancelled));
        }
        match live.speak(cx, out) {
            Ok(()) => Next::Stay,
            Err(cause) => Next::Close(self.fail(cx, cause)),
        }
    }

    /// A call is complete: goes on, or closes. `rest` bytes came behind it.
    fn complete(&mut self, cx: &mut Cx<'_>, rest: usize, out: &mut Out<'_>) -> Next {
        let Some(live) = self.live.take() else { return Next::Stay };
        self.done = self.done.saturating_add(1);
        // RFC 9112 §9.5: a client may close when the whole response has come before all of the request went out.
        // CLI-03: bytes that answer nothing mean that one of us has miscounted.
        if !live.keep_alive || !live.is_said() || rest > 0 || cx.is_draining() {
            return Next::Close(Closed::Done);
        }
        self.next(cx, out)
    }

    /// Tells the call under way that it failed. Returns why the connection ends.
    fn fail(&mut self, cx: &mut Cx<'_>, cause: Cause) -> Closed {
        if let Some(live) = self.live.take()
            && let Some(call) = live.call
        {
            call.failed(cx, Failure { cause, reused: self.done > 0, answered: live.answered });
        }
        match cause {
            Cause::Closed(why) => why,
            Cause::Timeout => Closed::Timeout,
            Cause::Limit(_) | Cause::TooManyInterim => Closed::Limit,
            Cause::Peer(_) | Cause::Unasked | Cause::UnaskedSwitch => Closed::Protocol,
            // The server must see that the request is not complete.
            _ => Closed::Aborted,
        }
    }
}

impl Role for H1Client {
    fn name(&self) -> &'static str {
        "h1-client"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.next(cx, out)
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let Some(live) = &mut self.live else {
            // CLI-03: nothing was asked.
            return Step::close(input.len(), Closed::Protocol);
        };
        match live.hear(cx, &mut self.parser, input) {
            Ok(Heard::Some(consumed)) if live.held => Step::hold(consumed),
            Ok(Heard::Some(consumed)) => Step::stay(consumed),
            Ok(Heard::End(consumed)) => {
                let rest = input.len().saturating_sub(consumed);
                Step { consumed, next: self.complete(cx, rest, out) }
            }
            Ok(Heard::Switch(consumed, Some(role))) => Step::turn_into(consumed, role),
            Ok(Heard::Switch(consumed, None)) => Step::close(consumed, Closed::Protocol),
            Err(cause) => Step::close(input.len(), self.fail(cx, cause)),
        }
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.speak(cx, out)
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, _out: &mut Out<'_>) -> Next {
        let Some(live) = &mut self.live else { return Next::Close(Closed::Done) };
        if which == Timer::Role && live.awaits_leave() {
            // RFC 9110 §10.1.1: a client does not wait for leave for ever.
            cx.set_timer(Timer::Role, self.stall);
            live.go_ahead(cx);
            return Next::Stay;
        }
        if live.held || live.waits || cx.output_waits() {
            live.moved_at = cx.now();
        }
        let due = live.moved_at + self.stall;
        if which == Timer::Role && due > cx.now() {
            cx.set_deadline(Timer::Role, due);
            return Next::Stay;
        }
        Next::Close(self.fail(cx, Cause::Timeout))
    }

    fn ended(&mut self, cx: &mut Cx<'_>, truncated: bool, _out: &mut Out<'_>) -> Next {
        let why = if truncated { Closed::Truncated } else { Closed::Ended };
        let Some(live) = &mut self.live else { return Next::Close(why) };
        // RFC 9112 §8: a body that lasts to the end of the connection is complete if the security layer says so.
        if !truncated && live.ended(cx) {
            self.live = None;
            return Next::Close(Closed::Done);
        }
        Next::Close(self.fail(cx, Cause::Closed(why)))
    }

    fn drain(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        match &mut self.live {
            Some(live) => {
                live.keep_alive = false;
                Next::Stay
            }
            None => Next::Close(Closed::Shutdown),
        }
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.fail(cx, Cause::Closed(why));
        self.calls.closed(cx, why);
    }
}
