//! The role: heads become exchanges, one after the other.

use crate::exchange::{Heard, Live, body_length};
use crate::limits;
use alloc::boxed::Box;
use core::time::Duration;
use lws_h1::{Error, Framing, HeadEncoder, HeadIndex, Limits, Request, RequestParser, error_response};
use lws_head::Status;
use lws_http::limits::RESPONSE_ROOM_BYTES;
use lws_http::{Phase, Refusal, Site, Upgraded};
use lws_role::{Closed, Cx, Next, Role, SlotKey, Step, Timer};
use lws_wire::{Out, Time};

/// One HTTP/1 connection, server side.
pub struct H1Role {
    site: SlotKey<Site>,
    parser: RequestParser,
    /// An exchange that could not be completed at once, and the memory for it, which stays once it was needed. Most can,
    /// and then there is nothing to keep.
    live: Option<Box<Option<Live>>>,
    born: Time,
    /// When the last exchange ended.
    rested: Time,
    requests: u32,
    most_requests: u32,
    /// The deadline that is set was set for an idle connection: not later than `rested` asks for.
    resting: bool,
}

impl H1Role {
    /// A connection that serves `site`, for [`limits::REQUESTS_PER_CONNECTION`] requests.
    pub fn new(site: SlotKey<Site>) -> Self {
        Self::with_requests(site, limits::REQUESTS_PER_CONNECTION)
    }

    /// A connection that serves `site`, for so many requests.
    pub(crate) fn with_requests(site: SlotKey<Site>, most_requests: u32) -> Self {
        Self {
            site,
            parser: RequestParser::new(),
            live: None,
            born: Time::ZERO,
            rested: Time::ZERO,
            requests: 0,
            most_requests,
            resting: false,
        }
    }

    /// Serves the requests in `input`, one after the other, as long as each can be completed at once.
    fn heads(&mut self, cx: &mut Cx<'_>, input: &[u8], out: &mut Out<'_>) -> Step {
        let mut index = HeadIndex::new();
        let mut last: Option<Request<'_>> = None;
        let mut consumed = 0;
        while consumed < input.len() {
            // A handler is promised room for its response head; an empty `Out` has it.
            if out.room() < RESPONSE_ROOM_BYTES {
                return Step::hold(consumed);
            }
            let rest = &input[consumed..];
            let request = match last {
                // Who sends requests ahead mostly sends the same again, and the same bytes mean the same.
                Some(last) if last.is_repeated_in(rest) => last,
                _ => {
                    let was_idle = self.parser.is_idle();
                    match self.parser.parse(rest, &mut index, &Limits::default()) {
                        Ok(Some(request)) => request,
                        Ok(None) => {
                            if was_idle && self.requests > 0 {
                                // From here on it is no longer idle: the head has its own, absolute deadline.
                                self.watch(cx, limits::HEAD_TIMEOUT);
                            }
                            return Step::stay(consumed);
                        }
                        Err(error) => return refuse(out, error, input.len()),
                    }
                }
            };
            consumed += request.len;
            match self.begin(cx, &request, out) {
                Next::Stay if self.live().is_none() => last = Some(request),
                next => return Step { consumed, next },
            }
        }
        Step::stay(consumed)
    }

    /// A request's head has arrived.
    fn begin(&mut self, cx: &mut Cx<'_>, request: &Request<'_>, out: &mut Out<'_>) -> Next {
        self.requests += 1;
        if !self.resting {
            cx.cancel_timer(Timer::Role);
        }
        if request.upgrade
            && let Some(next) = self.upgrade(cx, request, out)
        {
            return next;
        }
        let keep_alive = request.keep_alive
            && self.requests < self.most_requests
            && cx.now().since(self.born) < limits::CONNECTION_LIFE
            && !cx.is_draining();
        let mut live = Live::begin(self.site, cx, request, keep_alive, out);
        if !live.is_heard() {
            self.resting = false;
            live.watch(cx);
        }
        match self.after(cx, &mut live) {
            After::Over => Next::Stay,
            After::Goes => {
                self.keep(live);
                Next::Stay
            }
            After::Closes(why) => {
                self.keep(live);
                Next::Close(why)
            }
        }
    }

    fn keep(&mut self, live: Live) {
        match &mut self.live {
            Some(kept) => **kept = Some(live),
            None => self.live = Some(Box::new(Some(live))),
        }
    }

    /// The exchange that is under way, if it could not be completed at once.
    fn live(&mut self) -> Option<&mut Live> {
        self.live.as_deref_mut()?.as_mut()
    }

    /// Sets the deadline of what is under way: not lazily.
    fn watch(&mut self, cx: &mut Cx<'_>, after: Duration) {
        self.resting = false;
        cx.set_timer(Timer::Role, after);
    }

    /// The connection is idle from now on. A deadline that an earlier rest has left is good enough: when it comes, it is
    /// put off, so that a busy connection touches the timers every few seconds and not with every request.
    fn rest(&mut self, cx: &mut Cx<'_>) {
        self.rested = cx.now();
        if !self.resting {
            self.resting = true;
            cx.set_timer(Timer::Role, limits::KEEP_ALIVE_TIMEOUT);
        }
    }

    /// The request asks for another protocol. `None`: it is served as an ordinary one.
    fn upgrade(&mut self, cx: &mut Cx<'_>, request: &Request<'_>, out: &mut Out<'_>) -> Option<Next> {
        let (site, env) = cx.split(self.site);
        // RFC 9110 §7.8: a server may ignore any or all of the protocols named.
        let length = body_length(request.framing);
        let (token, answer) = request.head.fields.list("upgrade").find_map(|token| {
            let token = core::str::from_utf8(token).ok()?;
            Some((token, site.upgrade(&request.head, length, token, &env)?))
        })?;
        let written = match &answer {
            Ok(granted) => switch(out, token, granted).is_ok(),
            Err(refusal) => decline(out, refusal).is_ok(),
        };
        Some(match answer {
            Ok(granted) if written => Next::Become(granted.role),
            _ => Next::Close(Closed::Done),
        })
    }

    /// After every call of the handler of a kept exchange: is the exchange over, and what then?
    fn settle(&mut self, cx: &mut Cx<'_>) -> Next {
        let Some(mut kept) = self.live.take() else { return Next::Stay };
        let after = kept.as_mut().as_mut().map_or(After::Over, |live| self.after(cx, live));
        if matches!(after, After::Over) {
            *kept = None;
        }
        self.live = Some(kept);
        match after {
            After::Goes | After::Over => Next::Stay,
            After::Closes(why) => Next::Close(why),
        }
    }

    /// After every call of a handler: is the exchange over, and what then?
    fn after(&mut self, cx: &mut Cx<'_>, live: &mut Live) -> After {
        if live.reply.aborted {
            return After::Closes(Closed::Aborted);
        }
        if live.reply.is_sending() {
            cx.want_write();
        }
        if !live.reply.is_complete() {
            return After::Goes;
        }
        live.close(self.site, cx, Closed::Done);
        match live.reply.keep_alive {
            true if !live.is_over() => After::Goes,
            true => {
                self.rest(cx);
                After::Over
            }
            false => After::Closes(Closed::Done),
        }
    }

    /// What was waited for did not come in time.
    fn deadline(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let rested = core::mem::take(&mut self.resting).then_some(self.rested);
        let idle = self.parser.is_idle();
        match self.live() {
            Some(live) if live.is_heard() => {}
            Some(live) if live.is_prompt() || cx.output_waits() => live.watch(cx),
            Some(_) => return Next::Close(self.break_off(out, Status::REQUEST_TIMEOUT, Closed::Timeout)),
            // The client is still reading; the driver sees to it that it does not take for ever.
            None if cx.output_waits() && idle => self.rest(cx),
            None if cx.output_waits() => self.watch(cx, limits::HEAD_TIMEOUT),
            None if idle => {
                match rested.map(|at| at + limits::KEEP_ALIVE_TIMEOUT) {
                    // There were requests since it was set.
                    Some(at) if at > cx.now() => {
                        self.resting = true;
                        cx.set_deadline(Timer::Role, at);
                    }
                    // An idle connection is not kept for ever; that is nobody's fault.
                    _ => return Next::Close(Closed::Done),
                }
            }
            None => {
                let _ = error_response(out, Status::REQUEST_TIMEOUT);
                return Next::Close(Closed::Timeout);
            }
        }
        Next::Stay
    }

    /// The request's body cannot be understood, or does not come.
    fn break_off(&mut self, out: &mut Out<'_>, status: Status, why: Closed) -> Closed {
        match self.live() {
            Some(live) if live.reply.phase == Phase::Silent => {
                // Without room the client learns it from the close alone.
                let _ = error_response(out, status);
                why
            }
            Some(live) if !live.reply.is_complete() => Closed::Aborted,
            _ => why,
        }
    }
}

/// What becomes of an exchange.
enum After {
    /// It goes on.
    Goes,
    /// It is over, and the connection waits for another.
    Over,
    /// It was the connection's last.
    Closes(Closed),
}

impl Role for H1Role {
    fn name(&self) -> &'static str {
        "h1"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.born = cx.now();
        cx.set_timer(Timer::Role, limits::HEAD_TIMEOUT);
        Next::Stay
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let site = self.site;
        let Some(live) = self.live() else { return self.heads(cx, input, out) };
        if live.is_heard() {
            // The next request waits for the end of this reply.
            return Step::hold(0);
        }
        match live.hear(site, cx, input, out) {
            Ok(Heard { consumed, held }) => match self.settle(cx) {
                Next::Stay if held => Step::hold(consumed),
                next => Step { consumed, next },
            },
            Err(error) => Step::close(input.len(), self.break_off(out, error.status(), fault(error))),
        }
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let site = self.site;
        if let Some(live) = self.live() {
            live.reply.note_handed();
            live.speak(site, cx, out);
        }
        self.settle(cx)
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        match which {
            Timer::App => {
                let site = self.site;
                if let Some(live) = self.live() {
                    live.timer(site, cx, out);
                }
                self.settle(cx)
            }
            Timer::Role => self.deadline(cx, out),
        }
    }

    fn ended(&mut self, _cx: &mut Cx<'_>, truncated: bool, _out: &mut Out<'_>) -> Next {
        let why = if truncated { Closed::Truncated } else { Closed::Ended };
        match self.live() {
            // RFC 9112 §9.6: the client may close its side after a request and still read the response.
            Some(live) if live.is_heard() && !truncated => {
                live.reply.keep_alive = false;
                Next::Stay
            }
            _ => Next::Close(why),
        }
    }

    fn drain(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        let idle = self.parser.is_idle();
        match self.live() {
            Some(live) => {
                live.reply.keep_alive = false;
                // Perhaps all that is missing is a body that nobody wants.
                self.settle(cx)
            }
            None if idle => Next::Close(Closed::Shutdown),
            None => Next::Stay,
        }
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        if let Some(mut live) = self.live.as_deref_mut().and_then(Option::take) {
            live.close(self.site, cx, why);
        }
    }
}

/// A request that cannot be understood is answered, and nothing behind it is looked at.
fn refuse(out: &mut Out<'_>, error: Error, offered: usize) -> Step {
    let _ = error_response(out, error.status());
    Step::close(offered, fault(error))
}

fn fault(error: Error) -> Closed {
    match error {
        Error::Limit(_) => Closed::Limit,
        _ => Closed::Protocol,
    }
}

/// 101 (RFC 9110 §15.2.2).
fn switch(out: &mut Out<'_>, token: &str, granted: &Upgraded) -> Result<usize, Error> {
    let mut head = HeadEncoder::response(out, Status::SWITCHING_PROTOCOLS)?;
    head.field("Upgrade", token.as_bytes())?;
    head.field("Connection", b"Upgrade")?;
    for (name, value) in &granted.fields {
        head.field(name, value.as_bytes())?;
    }
    head.finish()
}

/// The request asked for another protocol and does not qualify.
fn decline(out: &mut Out<'_>, refusal: &Refusal) -> Result<(), Error> {
    let mut head = HeadEncoder::response(out, refusal.status)?;
    for (name, value) in &refusal.fields {
        head.field(name, value.as_bytes())?;
    }
    head.field("content-type", b"text/plain; charset=utf-8")?;
    head.field("connection", b"close")?;
    let body = refusal.why.as_bytes();
    head.framing(Framing::Length(body.len() as u64 + 1))?;
    head.finish()?;
    // The head said how long it is: a body that does not fit is cut off by the close.
    let _ = out.put(body) && out.put(b"\n");
    Ok(())
}
