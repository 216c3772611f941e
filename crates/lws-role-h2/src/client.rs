//! HTTP/2 (RFC 9113) as a role that hosts many, client side.
//!
//! ```text
//!                             ┌ stream 1: a call ── Call::send, response, body, end
//!   bytes ◀▶ lws-h2 ◀▶ H2Client ┤ stream 3: a call ── ...
//!                             └ stream 5: a tunnel ── Box<dyn Role>        WebSocket by extended CONNECT (RFC 8441)
//! ```
//! * **Calls** are asked for while the server takes more streams; those that wait do so with whoever makes them. A call
//!   is the same thing as on HTTP/1 ([`lws_http::client`]).
//! * **Receiving.** What a call does not take waits with its stream, uncredited, and holds nobody else up.
//! * **Sending.** Streams that have something to say and a window to say it through stand in one queue and get a
//!   bounded turn each.
//! * **Going.** After `GOAWAY` no call is begun; those that the server says it has not processed hear
//!   [`Cause::Unprocessed`], the others go on.
//!
//! Server push is refused by our settings (RFC 9113 §8.4).

mod content;
mod deadlines;
mod head;
mod live;

use crate::exchange::Line;
use crate::limits;
use crate::queue::Queue;
use crate::serve::Stall;
use crate::watch::Watch;
use alloc::boxed::Box;
use content::{Content, Kind, Verdict};
use core::time::Duration;
use head::Head;
use live::Live;
use lws_h2::settings::Local;
use lws_h2::{Code, Connection, Error, Event, HeadMemo, HeadRoom, NotOpened, Response};
use lws_http::client::{Call, Calls, Cause, Failure};
use lws_http::limits::RESPONSE_ROOM_BYTES;
use lws_role::{Closed, Cx, Next, Place, Role, Step, Timer};
use lws_wire::{Out, Time};

/// One HTTP/2 connection, client side: by ALPN under TLS, by prior knowledge on plain streams.
#[doc(alias = "lws_client_connect_info")]
pub struct H2Client {
    calls: Box<dyn Calls>,
    conn: Connection<Content>,
    queue: Queue,
    watch: Watch,
    /// A call that waits for a stream.
    waiting: Option<Waiting>,
    /// There may be another call.
    asks: bool,
    /// The server's settings have come.
    is_agreed: bool,
    /// [`Calls::going`] has been said.
    is_going: bool,
    born: Time,
    /// When the last stream ended, and how long it may be without one from then on.
    idle_since: Time,
    idle_timeout: Duration,
    /// How long the server may be silent before it is pinged, and how long after that.
    ping_after: Duration,
    ping_timeout: Duration,
    /// Since when a frame is incomplete.
    partial_since: Option<Time>,
    /// When something came last.
    heard_at: Time,
    /// When a sign of life was asked for, if nothing has come since.
    pinged_at: Option<Time>,
    ping_due: bool,
    /// A deadline passed: all are to be looked at, when there is room to say what follows from it. `true`: strictly;
    /// else output waited, so nobody read, and what the server has said meanwhile is not known.
    sweep_due: Option<bool>,
    /// The connection ends.
    end: Option<(Closed, Cause)>,
    /// Calls that were complete.
    done: u32,
}

/// A call that waits for a stream.
struct Waiting {
    call: Box<dyn Call>,
    deadline: Option<Time>,
    stall: Duration,
    since: Time,
}

impl H2Client {
    /// A connection that asks what `calls` has.
    pub fn new(calls: Box<dyn Calls>) -> Self {
        let usual = [limits::CLIENT_PING_AFTER, limits::CLIENT_PING_TIMEOUT];
        let [ping_after, ping_timeout] = calls.validity().unwrap_or(usual);
        Self {
            calls,
            conn: Connection::client(Local::default()),
            queue: Queue::default(),
            watch: Watch::default(),
            waiting: None,
            asks: true,
            is_agreed: false,
            is_going: false,
            born: Time::ZERO,
            idle_since: Time::ZERO,
            idle_timeout: limits::CLIENT_IDLE_TIMEOUT,
            ping_after,
            ping_timeout,
            partial_since: None,
            heard_at: Time::ZERO,
            pinged_at: None,
            ping_due: false,
            sweep_due: None,
            end: None,
            done: 0,
        }
    }

    /// Takes frames while there is room to answer them.
    fn hear(&mut self, cx: &mut Cx<'_>, input: &mut [u8], block: &mut [u8], out: &mut Out<'_>) -> usize {
        let mut room = HeadRoom::new(block);
        let mut at = 0;
        let mut is_partial = false;
        while self.end.is_none() {
            let received = match self.conn.receive(cx.now(), &mut input[at..], &mut room, out) {
                Ok(received) => received,
                Err(error) => {
                    self.fail(cx, error, out);
                    break;
                }
            };
            at += received.consumed;
            match received.event {
                Event::Full => break,
                Event::Incomplete => {
                    is_partial = at < input.len();
                    break;
                }
                event => self.event(cx, event, out),
            }
        }
        if !is_partial {
            self.partial_since = None;
        } else if self.partial_since.is_none() {
            self.partial_since = Some(cx.now());
            self.watch.note(cx.now() + limits::FRAME_TIMEOUT);
        }
        at
    }

    fn event(&mut self, cx: &mut Cx<'_>, event: Event<'_>, out: &mut Out<'_>) {
        match event {
            Event::Response(response) => self.response(cx, &response, out),
            Event::Data { id, data, ends } => {
                self.with_stream(cx, id, out, |content, place, line| content.hear(place, data, ends, line));
            }
            Event::Trailers { id, fields } => self.with_stream(cx, id, out, |content, place, line| {
                (0, content.hear_trailers(place, fields, line))
            }),
            Event::Reset { id, code, by_peer } => self.reset(cx, id, code, by_peer),
            Event::Settings => {
                // They may allow more streams, and any window may be open now.
                self.is_agreed = true;
                self.enqueue_all();
            }
            Event::Opened { id: 0 } => self.enqueue_all(),
            Event::Opened { id } => self.enqueue(id),
            Event::GoAway { last, .. } => self.server_goes(cx, last),
            _ => {}
        }
    }

    fn response(&mut self, cx: &mut Cx<'_>, response: &Response<'_>, out: &mut Out<'_>) {
        self.with_stream(cx, response.id, out, |content, place, line| {
            (0, content.hear_head(place, response, line))
        });
    }

    /// A stream was reset.
    fn reset(&mut self, cx: &mut Cx<'_>, id: u32, code: Code, by_peer: bool) {
        let Some((_, stream)) = self.conn.stream(id) else { return };
        let cause = match &mut stream.data.kind {
            // RFC 9113 §8.1: a server that has answered may reset the stream, and its answer is none the worse for it.
            Kind::Call(live) if by_peer && live.is_heard() => return live.stop_sending(),
            // RFC 9113 §8.7: nothing was done about it.
            Kind::Call(live) if by_peer && code == Code::REFUSED_STREAM && !live.answered => {
                Cause::Unprocessed
            }
            _ if by_peer => Cause::Reset(code.0),
            _ => Cause::Peer("the response breaks HTTP/2"),
        };
        let why = if by_peer { Closed::Lost } else { Closed::Protocol };
        self.close_stream(cx, id, cause, why);
        self.forget(cx, id);
    }

    /// The server goes away, and has not processed streams above `last`.
    fn server_goes(&mut self, cx: &mut Cx<'_>, last: u32) {
        while let Some(id) = self.conn.len().checked_sub(1).and_then(|place| self.conn.id_at(place))
            && id > last
        {
            self.close_stream(cx, id, Cause::Unprocessed, Closed::Lost);
            self.forget(cx, id);
        }
        self.tell_going(cx);
    }

    /// No more calls can be made here: tells so, once.
    fn tell_going(&mut self, cx: &mut Cx<'_>) {
        if self.end.is_some() || self.conn.takes_requests() || core::mem::replace(&mut self.is_going, true) {
            return;
        }
        self.drop_waiting(cx, Cause::Unprocessed);
        self.calls.going(cx);
    }

    /// Begins calls while the server takes more streams.
    fn ask(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) {
        while self.end.is_none() && out.room() >= RESPONSE_ROOM_BYTES && self.may_ask(cx) {
            let waiting = match self.waiting.take() {
                Some(waiting) => waiting,
                None => {
                    let Some(call) = self.calls.next(cx) else {
                        self.asks = false;
                        return;
                    };
                    let deadline = call.deadline().map(|after| cx.now() + after);
                    let stall = call.stall_timeout().unwrap_or(limits::CLIENT_STALL_TIMEOUT);
                    Waiting { call, deadline, stall, since: cx.now() }
                }
            };
            if let Some(waiting) = self.begin(cx, waiting, out) {
                self.watch.note(waiting.watch_at());
                self.waiting = Some(waiting);
                return;
            }
        }
    }

    /// Whether a call could be begun, if there is one.
    fn may_ask(&self, cx: &Cx<'_>) -> bool {
        let some = match &self.waiting {
            // RFC 8441 §3: only when the server's settings say so.
            Some(waiting) => self.is_agreed || !waiting.call.wants_switch(),
            None => self.asks && !cx.is_draining(),
        };
        let most = limits::CLIENT_STREAMS.min(self.conn.peer().streams as usize);
        some && self.conn.takes_requests() && self.conn.len() < most
    }

    /// Opens a stream for a call; gives it back if that cannot be done now.
    fn begin(&mut self, cx: &mut Cx<'_>, waiting: Waiting, out: &mut Out<'_>) -> Option<Waiting> {
        let switches = waiting.call.wants_switch();
        let is_extended = switches && head::protocol(waiting.call.head()).is_some();
        if is_extended && !self.is_agreed {
            return Some(waiting);
        }
        if is_extended && !self.conn.peer().connect_protocol {
            self.refuse(cx, waiting.call, Cause::NoSwitch);
            return None;
        }
        let mut block = cx.hub().blocks.take();
        let opened = self.open(cx, &*waiting.call, switches, &mut block, out);
        cx.hub().blocks.give(block);
        match opened {
            Ok(Some((id, ends))) => {
                let live = Live::new(waiting.call, switches, ends, waiting.deadline, waiting.stall, cx.now());
                self.watch.note(live.watch_at());
                self.watch.note(cx.now() + self.ping_after);
                if let Some((_, stream)) = self.conn.stream(id) {
                    stream.data.kind = Kind::Call(live);
                }
                if !ends {
                    self.enqueue(id);
                }
                None
            }
            Ok(None) => Some(waiting),
            Err(cause) => {
                self.refuse(cx, waiting.call, cause);
                None
            }
        }
    }

    /// Says a call's head, on a stream of its own; `None`: not now.
    fn open(
        &mut self,
        cx: &mut Cx<'_>,
        call: &dyn Call,
        switches: bool,
        block: &mut [u8],
        out: &mut Out<'_>,
    ) -> Result<Option<(u32, bool)>, Cause> {
        let head = Head::new(call.head(), switches, cx.facts().is_secure(), block)?;
        let whole = out.is_empty();
        match self.conn.request(head.asked, head.fields(), head.ends, Content::default(), out) {
            Ok(id) => Ok(Some((id, head.ends))),
            Err(NotOpened::Full) if whole => Err(head::TOO_LONG),
            Err(NotOpened::Full | NotOpened::TooMany) => Ok(None),
            Err(_) => Err(Cause::Unprocessed),
        }
    }

    /// A call that gets no stream.
    fn refuse(&mut self, cx: &mut Cx<'_>, call: Box<dyn Call>, cause: Cause) {
        call.failed(cx, Failure { cause, reused: self.done > 0, answered: false });
    }

    fn drop_waiting(&mut self, cx: &mut Cx<'_>, cause: Cause) {
        if let Some(waiting) = self.waiting.take() {
            self.refuse(cx, waiting.call, cause);
        }
    }

    /// Calls whoever lives on a stream, and does what follows from it.
    fn with_stream(
        &mut self,
        cx: &mut Cx<'_>,
        id: u32,
        out: &mut Out<'_>,
        f: impl FnOnce(&mut Content, &mut Place<'_>, &mut Line<'_, '_, '_>) -> (usize, Verdict),
    ) {
        let Some((sender, stream)) = self.conn.stream(id) else { return };
        let (mut block, mut memo) = (cx.hub().blocks.take(), HeadMemo::default());
        let mut line = Line { sender, flow: &mut stream.flow, out, block: &mut block, memo: &mut memo };
        let (consumed, verdict) = f(&mut stream.data, &mut cx.place().of_sub(id), &mut line);
        cx.hub().blocks.give(block);
        self.conn.consumed(id, consumed, out);
        self.settle(cx, id, verdict, out);
    }

    fn settle(&mut self, cx: &mut Cx<'_>, id: u32, verdict: Verdict, out: &mut Out<'_>) {
        let Some((_, stream)) = self.conn.stream(id) else { return };
        match verdict {
            Verdict::Wait => stream.data.stall = None,
            Verdict::Again => self.enqueue(id),
            Verdict::Shut => {
                let sent = stream.flow.sent();
                stream.data.stall.get_or_insert(Stall { since: cx.now(), sent });
            }
            Verdict::Over => {
                if let Kind::Call(_) = &stream.data.kind {
                    self.done = self.done.saturating_add(1);
                }
                return self.end_stream(cx, id, Cause::Closed(Closed::Done), Closed::Done, out);
            }
            Verdict::Linger(_) if stream.flow.is_closed() => {
                return self.end_stream(cx, id, Cause::Closed(Closed::Done), Closed::Done, out);
            }
            Verdict::Linger(why) => {
                self.close_stream(cx, id, Cause::Closed(why), why);
                if let Some((_, stream)) = self.conn.stream(id) {
                    (stream.data.kind, stream.data.stall) = (Kind::Lingering(cx.now()), None);
                }
            }
            Verdict::Fail(cause) => return self.end_stream(cx, id, cause, Closed::Aborted, out),
            Verdict::Reset(why) => return self.end_stream(cx, id, Cause::Closed(why), why, out),
        }
        if let Some((_, stream)) = self.conn.stream(id)
            && let Some(at) = stream.data.watch_at()
        {
            self.watch.note(at);
        }
    }

    /// A stream ends. Resets it, unless both sides have ended it: what is still to come is not wanted.
    fn end_stream(&mut self, cx: &mut Cx<'_>, id: u32, cause: Cause, why: Closed, out: &mut Out<'_>) {
        self.close_stream(cx, id, cause, why);
        if self.conn.reset(id, Code::CANCEL, out) {
            return self.forget(cx, id);
        }
        if let Some((_, stream)) = self.conn.stream(id) {
            stream.data.kind = Kind::Dead;
        }
        self.enqueue(id);
    }

    /// Whoever lives on a stream ends.
    fn close_stream(&mut self, cx: &mut Cx<'_>, id: u32, cause: Cause, why: Closed) {
        if let Some((_, stream)) = self.conn.stream(id) {
            stream.data.close(&mut cx.place().of_sub(id), cause, why, self.done > 0);
        }
    }

    /// A closed stream leaves the table: there is room for another call.
    fn forget(&mut self, cx: &mut Cx<'_>, id: u32) {
        self.conn.forget(id);
        self.asks = true;
        if self.conn.is_empty() {
            self.idle(cx.now());
        }
    }

    /// There is no stream from now on.
    fn idle(&mut self, now: Time) {
        self.idle_since = now;
        self.idle_timeout = self.calls.idle_timeout().unwrap_or(limits::CLIENT_IDLE_TIMEOUT);
        self.watch.note(now + self.idle_timeout);
    }

    fn enqueue(&mut self, id: u32) {
        if let Some((_, stream)) = self.conn.stream(id)
            && !core::mem::replace(&mut stream.data.queued, true)
        {
            self.queue.push(0, id);
        }
    }

    fn enqueue_all(&mut self) {
        for place in 0..self.conn.len() {
            if let Some(id) = self.conn.id_at(place) {
                self.enqueue(id);
            }
        }
    }

    /// Gives streams their turns while there is room.
    fn speak(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) {
        // Turns in a row that said nothing: whoever wants one after another of those does not get them in one call.
        let mut barren = 0;
        while self.end.is_none()
            && barren <= self.conn.len()
            && let Some(id) = self.queue.pop()
        {
            let Some((_, stream)) = self.conn.stream(id) else { continue };
            if out.room() < RESPONSE_ROOM_BYTES {
                return self.queue.unpop(0, id);
            }
            stream.data.queued = false;
            let before = out.len();
            self.with_stream(cx, id, out, Content::turn);
            barren = if out.len() > before { 0 } else { barren + 1 };
        }
    }

    /// The server broke the protocol, or a limit.
    fn fail(&mut self, cx: &Cx<'_>, error: Error, out: &mut Out<'_>) {
        log::debug!("{}: {error}", cx.facts().peer);
        let (why, cause) = match error {
            Error::Limit(limit) => (Closed::Limit, Cause::Limit(limit.as_str())),
            _ => (Closed::Protocol, Cause::Peer(error.as_str())),
        };
        self.close(error.code(), why, cause, out);
    }

    /// Says why, if there is room, and ends the connection.
    fn close(&mut self, code: Code, why: Closed, cause: Cause, out: &mut Out<'_>) {
        // Without room the server learns it from the close alone.
        let _ = self.conn.goaway(code, out);
        self.end.get_or_insert((why, cause));
    }

    /// After every call: says what is owed, asks for what is needed, tells whether the connection goes on. `cx` is
    /// the connection's own.
    fn after(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let flushed = self.conn.flush(out);
        if self.ping_due && self.conn.ping(*b"\0\0alive?", out) {
            self.ping_due = false;
        }
        self.tell_going(cx);
        if self.conn.is_empty() && self.waiting.is_none() && self.end.is_none() {
            self.queue.shrink();
            if cx.is_draining() {
                self.close(Code::NO_ERROR, Closed::Shutdown, Cause::Closed(Closed::Shutdown), out);
            } else if self.is_going {
                self.close(Code::NO_ERROR, Closed::Done, Cause::Closed(Closed::Done), out);
            }
        }
        if let Some((why, _)) = self.end {
            return Next::Close(why);
        }
        self.watch.arm(cx);
        let is_due = self.ping_due || self.sweep_due.is_some() || self.may_ask(cx);
        if !flushed || is_due || !self.queue.is_empty() {
            cx.want_write();
        }
        Next::Stay
    }
}

impl Waiting {
    fn watch_at(&self) -> Time {
        let stall = self.since + self.stall;
        self.deadline.map_or(stall, |deadline| deadline.min(stall))
    }
}

impl Role for H2Client {
    fn name(&self) -> &'static str {
        "h2-client"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        (self.born, self.heard_at) = (cx.now(), cx.now());
        self.watch.note(self.born + limits::SETTINGS_TIMEOUT);
        self.idle(cx.now());
        if !self.conn.start(out) {
            // A stream that has no room for a hundred bytes when it begins never will.
            return Next::Close(Closed::Aborted);
        }
        self.ask(cx, out);
        self.speak(cx, out);
        self.after(cx, out)
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        (self.heard_at, self.pinged_at, self.ping_due) = (cx.now(), None, false);
        let mut block = cx.hub().blocks.take();
        let consumed = self.hear(cx, input, &mut block, out);
        cx.hub().blocks.give(block);
        let is_short = out.room() < lws_h2::limits::ANSWER_ROOM;
        match self.after(cx, out) {
            Next::Close(why) => Step::close(input.len(), why),
            _ if is_short && consumed < input.len() => Step::hold(consumed),
            _ => Step::stay(consumed),
        }
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        if out.room() >= RESPONSE_ROOM_BYTES
            && let Some(strict) = self.sweep_due.take()
        {
            self.sweep(cx, strict, out);
        }
        self.ask(cx, out);
        self.speak(cx, out);
        self.after(cx, out)
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        match cx.handle().sub {
            0 => {
                self.watch.fired();
                self.sweep_due = Some(!cx.output_waits());
            }
            id => {
                if let Some((_, stream)) = self.conn.stream(id) {
                    stream.data.expired(which);
                }
                self.enqueue(id);
            }
        }
        self.after(&mut cx.of_sub(0), out)
    }

    fn ended(&mut self, _cx: &mut Cx<'_>, truncated: bool, _out: &mut Out<'_>) -> Next {
        // Without the server's frames nothing can go on for long: windows stay as they are.
        Next::Close(if truncated { Closed::Truncated } else { Closed::Ended })
    }

    fn woken(&mut self, cx: &mut Cx<'_>) {
        match cx.handle().sub {
            0 => {
                self.asks = true;
                for place in 0..self.conn.len() {
                    let Some(id) = self.conn.id_at(place) else { continue };
                    if let Some((_, stream)) = self.conn.stream(id)
                        && let Kind::Call(live) = &mut stream.data.kind
                        && live.waits_for_caller()
                    {
                        live.woken();
                        self.enqueue(id);
                    }
                }
            }
            id => {
                if let Some((_, stream)) = self.conn.stream(id) {
                    stream.data.woken(&mut cx.place());
                    self.enqueue(id);
                }
            }
        }
        cx.want_write();
    }

    fn drain(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.drop_waiting(cx, Cause::Closed(Closed::Shutdown));
        for place in 0..self.conn.len() {
            if let Some(id) = self.conn.id_at(place)
                && let Some((_, stream)) = self.conn.stream(id)
                && let Kind::Tunnel(tunnel) = &mut stream.data.kind
            {
                tunnel.drain();
                self.enqueue(id);
            }
        }
        self.after(cx, out)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        let cause = self.end.map_or(Cause::Closed(why), |(_, cause)| cause);
        while let Some(id) = self.conn.id_at(0) {
            self.close_stream(cx, id, cause, why);
            self.conn.forget(id);
        }
        self.drop_waiting(cx, Cause::Unprocessed);
        self.calls.closed(cx, why);
    }
}
