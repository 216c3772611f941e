//! The role: one connection, and who speaks on it when.

use crate::exchange::Line;
use crate::limits;
use crate::queue::Queue;
use crate::serve::{Content, Kind, Lingering, Stall, Verdict};
use crate::watch::Watch;
use alloc::boxed::Box;
use lws_h2::limits::HEAD_ROOM_BYTES;
use lws_h2::settings::Local;
use lws_h2::{Code, Connection, Error, Event, HeadMemo, HeadRoom, Request};
use lws_head::RequestHeadBuf;
use lws_http::Site;
use lws_http::limits::RESPONSE_ROOM_BYTES;
use lws_role::{Closed, Cx, Next, Role, SlotKey, Step, Timer};
use lws_wire::{Out, Time};

/// One HTTP/2 connection, server side.
pub struct H2Role {
    site: SlotKey<Site>,
    conn: Connection<Content>,
    queue: Queue,
    watch: Watch,
    born: Time,
    /// When the last stream ended.
    idle_since: Time,
    /// Since when a frame is incomplete.
    partial_since: Option<Time>,
    /// A deadline passed: all are to be looked at, when there is room to say what follows from it.
    sweep_due: Option<Sweep>,
    going: Going,
    /// The connection ends.
    end: Option<Closed>,
    /// The request that came by HTTP/1.1, until stream 1 has had its first turn.
    upgraded: Option<Box<RequestHeadBuf>>,
}

/// How far the graceful end of the connection is (RFC 9113 §6.8).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Going {
    No,
    /// The client is to be told to open no more streams, when there is room for it.
    NoticeDue,
    /// It was told then; what was on its way may still come.
    Noticed(Time),
    /// It is to be told which stream was the last.
    Due,
    Said,
}

/// How the deadlines are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sweep {
    Strict,
    /// Output waited, so nobody read: what the peer has said meanwhile is not known.
    Lenient,
}

impl H2Role {
    /// A connection that serves `site`.
    pub fn new(site: SlotKey<Site>) -> Self {
        Self::with(site, Connection::server(Local::default()), None)
    }

    /// A connection that began with `Upgrade: h2c` (RFC 7540 §3.2): `settings` is the payload that `HTTP2-Settings`
    /// encodes, `head` the request to be answered on stream 1.
    ///
    /// # Errors
    /// The settings are not valid.
    pub fn upgraded(site: SlotKey<Site>, settings: &[u8], head: RequestHeadBuf) -> Result<Self, Error> {
        let conn = Connection::upgraded(Local::default(), settings)?;
        Ok(Self::with(site, conn, Some(Box::new(head))))
    }

    fn with(site: SlotKey<Site>, conn: Connection<Content>, upgraded: Option<Box<RequestHeadBuf>>) -> Self {
        Self {
            site,
            conn,
            queue: Queue::default(),
            watch: Watch::default(),
            born: Time::ZERO,
            idle_since: Time::ZERO,
            partial_since: None,
            sweep_due: None,
            going: Going::No,
            end: None,
            upgraded,
        }
    }

    /// Takes frames while there is room to answer them.
    fn hear(&mut self, cx: &mut Cx<'_>, input: &mut [u8], block: &mut [u8], out: &mut Out<'_>) -> usize {
        let (block, rest) = block.split_at_mut(block.len().min(HEAD_ROOM_BYTES));
        let (mut room, mut memo) = (HeadRoom::new(block), HeadMemo::new(rest));
        let mut at = 0;
        let mut is_partial = false;
        // A handler is promised room for its response head; an empty `Out` has it.
        while self.end.is_none() && out.room() >= RESPONSE_ROOM_BYTES {
            let received = match self.conn.receive(cx.now(), &mut input[at..], &mut room, out) {
                Ok(received) => received,
                Err(error) => {
                    self.fail(cx, error, out);
                    break;
                }
            };
            at += received.consumed;
            match received.event {
                Event::Incomplete | Event::Full => {
                    is_partial = at < input.len();
                    break;
                }
                event => self.event(cx, event, &mut memo, out),
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

    fn event(&mut self, cx: &mut Cx<'_>, event: Event<'_>, memo: &mut HeadMemo<'_>, out: &mut Out<'_>) {
        let site = self.site;
        match event {
            Event::Request(request) => {
                self.begin(cx, &request, memo, out);
            }
            Event::Data { id, data, ends } => self.with_stream(cx, id, memo, out, |content, place, line| {
                content.hear(site, place, data, ends, line)
            }),
            Event::Trailers { id, fields } => self.with_stream(cx, id, memo, out, |content, place, line| {
                (0, content.hear_trailers(site, place, fields, line))
            }),
            Event::Reset { id, by_peer, .. } => {
                self.close_stream(cx, id, if by_peer { Closed::Lost } else { Closed::Protocol });
                self.forget(cx, id);
            }
            Event::Opened { id: 0 } | Event::Settings => {
                for place in 0..self.conn.len() {
                    if let Some(id) = self.conn.id_at(place) {
                        self.enqueue(id);
                    }
                }
            }
            Event::Opened { id } => self.enqueue(id),
            // Streams that run go on, and we open none.
            Event::GoAway { .. } => {}
            _ => {}
        }
    }

    /// A request has arrived.
    fn begin(&mut self, cx: &mut Cx<'_>, request: &Request<'_>, memo: &mut HeadMemo<'_>, out: &mut Out<'_>) {
        let site = self.site;
        if cx.now().since(self.born) >= limits::CONNECTION_LIFE {
            self.begin_to_go();
        }
        self.with_stream(cx, request.id, memo, out, |content, place, line| {
            (0, content.begin(site, place, request, line))
        });
    }

    /// It is a stream's turn.
    fn serve(&mut self, cx: &mut Cx<'_>, id: u32, memo: &mut HeadMemo<'_>, out: &mut Out<'_>) {
        if id == 1
            && let Some(head) = self.upgraded.take()
        {
            let head = head.head();
            let request = Request { id, head, length: Some(0), ends: true, expect_continue: false };
            return self.begin(cx, &request, memo, out);
        }
        let site = self.site;
        self.with_stream(cx, id, memo, out, |content, place, line| content.turn(site, place, line));
    }

    /// Calls whoever lives on a stream, and does what follows from it.
    fn with_stream(
        &mut self,
        cx: &mut Cx<'_>,
        id: u32,
        memo: &mut HeadMemo<'_>,
        out: &mut Out<'_>,
        f: impl FnOnce(&mut Content, &mut lws_role::Place<'_>, &mut Line<'_, '_, '_>) -> (usize, Verdict),
    ) {
        let Some((sender, stream)) = self.conn.stream(id) else { return };
        let mut block = cx.hub().blocks.take();
        let mut line = Line { sender, flow: &mut stream.flow, out, block: &mut block, memo };
        let (consumed, verdict) = f(&mut stream.data, &mut cx.place().of_sub(id), &mut line);
        cx.hub().blocks.give(block);
        if let Verdict::Over(why) = verdict
            && stream.flow.is_closed()
        {
            // Both sides have ended, as is the rule: nothing is left to be said.
            let sent = stream.flow.sent();
            stream.data.close(self.site, &mut cx.place().of_sub(id), why, sent);
            return self.forget(cx, id);
        }
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
            Verdict::Over(why) => self.finish_stream(cx, id, why, out),
            Verdict::Reset(code, why) => return self.end_stream(cx, id, why, code, out),
        }
        if let Some((_, stream)) = self.conn.stream(id)
            && let Some(deadline) = stream.data.deadline()
        {
            self.watch.note(deadline);
        }
    }

    /// A stream's business is over, and our side has ended. RFC 9113 §8.1: a client that still sends is told by a reset
    /// that it need not. But some take that amiss, and forget the reply (curl 7.88 says error 92): so what may be on its
    /// way already is awaited; and behind an error, which makes clients stop by themselves, the rest is taken for a
    /// while, and thrown away. Not behind a success: the same curl then waits for ever.
    fn finish_stream(&mut self, cx: &mut Cx<'_>, id: u32, why: Closed, out: &mut Out<'_>) {
        let Some((_, stream)) = self.conn.stream(id) else { return };
        let is_short = stream.flow.owed().is_some_and(|n| n <= limits::AWAIT_BYTES);
        let lingers = match &stream.data.kind {
            Kind::Exchange(live) => is_short || live.reply.status.is_some_and(|status| status.code() >= 400),
            Kind::Tunnel(_) => true,
            _ => false,
        };
        if !lingers || stream.flow.is_closed() {
            return self.end_stream(cx, id, why, Code::NO_ERROR, out);
        }
        self.close_stream(cx, id, why);
        if let Some((_, stream)) = self.conn.stream(id) {
            stream.data.kind = Kind::Lingering(Lingering::since(cx.now()));
            stream.data.stall = None;
        }
    }

    /// A stream ends. Resets it, unless both sides have ended it.
    fn end_stream(&mut self, cx: &mut Cx<'_>, id: u32, why: Closed, code: Code, out: &mut Out<'_>) {
        self.close_stream(cx, id, why);
        if self.conn.reset(id, code, out) {
            return self.forget(cx, id);
        }
        if let Some((_, stream)) = self.conn.stream(id) {
            stream.data.kind = Kind::Dead(code);
        }
        self.enqueue(id);
    }

    /// Whoever lives on a stream ends.
    fn close_stream(&mut self, cx: &mut Cx<'_>, id: u32, why: Closed) {
        if let Some((_, stream)) = self.conn.stream(id) {
            let sent = stream.flow.sent();
            stream.data.close(self.site, &mut cx.place().of_sub(id), why, sent);
        }
    }

    /// A closed stream leaves the table.
    fn forget(&mut self, cx: &mut Cx<'_>, id: u32) {
        self.conn.forget(id);
        if self.conn.is_empty() {
            self.idle_since = cx.now();
            self.watch.note(cx.now() + limits::IDLE_TIMEOUT);
        }
    }

    fn enqueue(&mut self, id: u32) {
        if let Some((_, stream)) = self.conn.stream(id)
            && !core::mem::replace(&mut stream.data.queued, true)
        {
            let urgency = stream.flow.urgency();
            self.queue.push(urgency, id);
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
                self.queue.unpop(stream.flow.urgency(), id);
                return;
            }
            stream.data.queued = false;
            let before = out.len();
            self.serve(cx, id, &mut HeadMemo::default(), out);
            barren = if out.len() > before { 0 } else { barren + 1 };
        }
    }

    /// The peer broke the protocol, or a limit.
    fn fail(&mut self, cx: &Cx<'_>, error: Error, out: &mut Out<'_>) {
        log::debug!("{}: {error}", cx.facts().peer);
        let why = match error {
            Error::Limit(_) => Closed::Limit,
            _ => Closed::Protocol,
        };
        self.close(error.code(), why, out);
    }

    /// Says why, if there is room, and ends the connection.
    fn close(&mut self, code: Code, why: Closed, out: &mut Out<'_>) {
        // Without room the peer learns it from the close alone.
        let _ = self.conn.goaway(code, out);
        self.end.get_or_insert(why);
    }

    /// After every call: says what is owed, asks for what is needed, tells whether the connection goes on. `cx` is
    /// the connection's own.
    fn after(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let flushed = self.conn.flush(out);
        self.go(cx, out);
        if let Some(why) = self.end {
            return Next::Close(why);
        }
        if self.conn.is_empty() {
            self.queue.shrink();
            if self.conn.is_going() {
                return Next::Close(if cx.is_draining() { Closed::Shutdown } else { Closed::Done });
            }
        }
        self.watch.arm(cx);
        if !flushed
            || matches!(self.going, Going::NoticeDue | Going::Due)
            || self.sweep_due.is_some()
            || !self.queue.is_empty()
        {
            cx.want_write();
        }
        Next::Stay
    }

    /// The connection is to end when all that runs, or is on its way, has ended.
    fn begin_to_go(&mut self) {
        if self.going == Going::No {
            self.going = Going::NoticeDue;
        }
    }

    /// Says what is due of that.
    fn go(&mut self, cx: &Cx<'_>, out: &mut Out<'_>) {
        if self.going == Going::NoticeDue && self.conn.notice(out) {
            self.going = Going::Noticed(cx.now());
            self.watch.note(cx.now() + limits::GOAWAY_GRACE);
        }
        if let Going::Noticed(since) = self.going
            && (self.conn.is_notice_heard() || cx.now().since(since) >= limits::GOAWAY_GRACE)
        {
            self.going = Going::Due;
        }
        if self.going == Going::Due && self.conn.goaway(Code::NO_ERROR, out) {
            self.going = Going::Said;
        }
    }

    /// Looks at all deadlines.
    fn sweep(&mut self, cx: &mut Cx<'_>, how: Sweep, out: &mut Out<'_>) {
        let now = cx.now();
        if let Going::Noticed(since) = self.going {
            self.watch.note(since + limits::GOAWAY_GRACE);
        }
        let is_late = |since: Time, limit| how == Sweep::Strict && now.since(since) >= limit;
        if self.conn.awaits_settings() {
            if is_late(self.born, limits::SETTINGS_TIMEOUT) {
                return self.close(Code::SETTINGS_TIMEOUT, Closed::Timeout, out);
            }
            self.watch.note((self.born + limits::SETTINGS_TIMEOUT).max(now + limits::SETTINGS_TIMEOUT / 10));
        }
        if let Some(since) = self.partial_since {
            if is_late(since, limits::FRAME_TIMEOUT) {
                return self.close(Code::ENHANCE_YOUR_CALM, Closed::Timeout, out);
            }
            self.watch.note((since + limits::FRAME_TIMEOUT).max(now + limits::FRAME_TIMEOUT / 10));
        }
        if self.conn.is_empty() {
            if is_late(self.idle_since, limits::IDLE_TIMEOUT) {
                // Nobody's fault.
                return self.close(Code::NO_ERROR, Closed::Done, out);
            }
            self.watch.note((self.idle_since + limits::IDLE_TIMEOUT).max(now + limits::IDLE_TIMEOUT / 10));
            return;
        }
        let mut stalled = false;
        for place in (0..self.conn.len()).rev() {
            if let Some(id) = self.conn.id_at(place) {
                stalled |= self.sweep_stream(cx, id, how, out);
            }
        }
        if stalled && self.conn.is_empty() {
            // H2-08: it takes nothing that it asks for.
            self.close(Code::NO_ERROR, Closed::Timeout, out);
        }
    }

    /// Looks at a stream's deadlines; whether it was given up because its windows stayed shut.
    fn sweep_stream(&mut self, cx: &mut Cx<'_>, id: u32, how: Sweep, out: &mut Out<'_>) -> bool {
        let now = cx.now();
        let Some((_, stream)) = self.conn.stream(id) else { return false };
        let sent = stream.flow.sent();
        if let Some(stall) = &mut stream.data.stall
            && now.since(stall.since) >= limits::SEND_STALL
        {
            let owed = limits::SEND_STALL.as_secs() * limits::SEND_RATE_BYTES_S;
            if how == Sweep::Strict && sent - stall.sent < owed {
                self.expire(cx, id, Code::CANCEL, out);
                return true;
            }
            *stall = Stall { since: now, sent };
        }
        match &mut stream.data.kind {
            Kind::Lingering(lingering) if lingering.is_late(now) => {
                self.end_stream(cx, id, Closed::Done, Code::NO_ERROR, out);
                return false;
            }
            Kind::Lingering(lingering) => lingering.watch(now),
            Kind::Exchange(live) if live.body_deadline().is_some_and(|at| at <= now) => {
                if how == Sweep::Strict && !live.is_prompt() {
                    cx.hub().metrics.timeouts += 1;
                    self.with_stream(cx, id, &mut HeadMemo::default(), out, |content, place, line| {
                        if let Kind::Exchange(live) = &mut content.kind {
                            live.give_up(line);
                        }
                        (0, content.after_timeout(place, line))
                    });
                    return false;
                }
                live.watch(now);
            }
            _ => {}
        }
        if let Some(deadline) = stream.data.deadline() {
            self.watch.note(deadline);
        }
        false
    }

    fn expire(&mut self, cx: &mut Cx<'_>, id: u32, code: Code, out: &mut Out<'_>) {
        cx.hub().metrics.timeouts += 1;
        self.end_stream(cx, id, Closed::Timeout, code, out);
    }
}

impl Role for H2Role {
    fn name(&self) -> &'static str {
        "h2"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        (self.born, self.idle_since) = (cx.now(), cx.now());
        self.watch.note(self.born + limits::SETTINGS_TIMEOUT);
        if !self.conn.start(out) {
            // A stream that has no room for a hundred bytes when it begins never will.
            return Next::Close(Closed::Aborted);
        }
        if self.upgraded.is_some() {
            self.enqueue(1);
        }
        self.after(cx, out)
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let mut block = cx.hub().blocks.take();
        let consumed = self.hear(cx, input, &mut block, out);
        cx.hub().blocks.give(block);
        let is_short = out.room() < RESPONSE_ROOM_BYTES;
        match self.after(cx, out) {
            Next::Close(why) => Step::close(input.len(), why),
            _ if is_short && consumed < input.len() => Step::hold(consumed),
            _ => Step::stay(consumed),
        }
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        if out.room() >= RESPONSE_ROOM_BYTES
            && let Some(how) = self.sweep_due.take()
        {
            self.sweep(cx, how, out);
        }
        self.speak(cx, out);
        self.after(cx, out)
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        match cx.handle().sub {
            0 => {
                self.watch.fired();
                self.sweep_due = Some(if cx.output_waits() { Sweep::Lenient } else { Sweep::Strict });
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
        // Without the peer's frames nothing can go on for long: windows stay as they are.
        Next::Close(if truncated { Closed::Truncated } else { Closed::Ended })
    }

    fn woken(&mut self, cx: &mut Cx<'_>) {
        let id = cx.handle().sub;
        if let Some((_, stream)) = self.conn.stream(id) {
            stream.data.woken(&mut cx.place());
            self.enqueue(id);
        }
        cx.want_write();
    }

    fn drain(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.begin_to_go();
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
        while let Some(id) = self.conn.id_at(0) {
            self.close_stream(cx, id, why);
            self.conn.forget(id);
        }
    }
}
