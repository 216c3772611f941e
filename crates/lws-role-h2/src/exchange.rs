//! One request and its reply, on one stream.

use crate::carrier::{H2Carrier, ReplyState};
use crate::limits;
use alloc::boxed::Box;
use lws_h2::{Field, Flow, HeadMemo, Request, Sender};
use lws_head::{FieldPos, Fields, Method, Status};
use lws_http::{Body, Carrier, Closed, Exchange, Length, Phase, Refusal, Site};
use lws_role::{Place, SlotKey, Stream};
use lws_wire::{Out, Stash, Time};

/// What a stream lends to whoever speaks on it.
pub(crate) struct Line<'a, 'o, 'm> {
    pub(crate) sender: &'a mut Sender,
    pub(crate) flow: &'a mut Flow,
    pub(crate) out: &'a mut Out<'o>,
    /// A pool block.
    pub(crate) block: &'a mut [u8],
    pub(crate) memo: &'a mut HeadMemo<'m>,
}

/// One request and its reply, while either is incomplete.
pub(crate) struct Live {
    /// `None` once the handler is done with it.
    exchange: Option<Exchange>,
    pub(crate) reply: ReplyState,
    /// What the loop keeps about the stream: deadlines, wishes.
    record: Stream,
    /// Body that the handler did not take.
    stash: Stash,
    end: End,
    /// The handler's deadline passed.
    pub(crate) timer_due: bool,
    /// Bytes of body taken.
    received: u64,
    /// Bytes taken and sent when body was offered last.
    offered_at: (u64, u64),
    /// The same, when the body was watched last.
    watched: u64,
    pub(crate) watched_at: Time,
}

/// How the request's end stands.
enum End {
    /// It has not come.
    Open,
    /// It has; the handler hears of it when it has taken what was before it.
    Due(Option<Box<Trailers>>),
    Told,
}

/// Trailers that wait until the handler has taken the body.
struct Trailers {
    block: Box<[u8]>,
    index: Box<[FieldPos]>,
}

impl Live {
    #[inline]
    pub(crate) fn new(method: Method, now: Time) -> Self {
        Self {
            exchange: None,
            reply: ReplyState::new(method),
            record: Stream::default(),
            stash: Stash::new(),
            end: End::Open,
            timer_due: false,
            received: 0,
            offered_at: (0, 0),
            watched: 0,
            watched_at: now,
        }
    }

    /// A request has arrived: its handler runs.
    pub(crate) fn begin(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        request: &Request<'_>,
        line: &mut Line<'_, '_, '_>,
    ) {
        let mut cx = place.cx(&mut self.record);
        let (state, env) = cx.split(site);
        let mut carrier = line.carrier(&mut self.reply);
        self.exchange = Some(state.request(&request.head, request.length, &mut carrier, env));
        if request.expect_continue && self.reply.phase == Phase::Silent {
            // Without room for it the client sends the body after a while all the same (RFC 9110 §10.1.1).
            let _ = line.sender.interim(line.flow, line.out, [Field::new(b":status", b"100")]);
        }
        if request.ends {
            self.end = End::Due(None);
            if self.reply.is_open() {
                self.tell_end(site, place, line);
            } else {
                // Answered already, as is the rule: nobody waits to hear it.
                self.end = End::Told;
            }
        }
    }

    /// An answer that the role gives itself: a request to upgrade does not qualify, or nobody speaks that protocol.
    pub(crate) fn refuse(&mut self, refusal: &Refusal, line: &mut Line<'_, '_, '_>) {
        let length = refusal.why.len() as u64 + 1;
        let mut carrier = line.carrier(&mut self.reply);
        carrier.status(refusal.status);
        let fields = refusal.fields.iter().map(|(name, value)| (*name, value.as_bytes()));
        let typed = core::iter::once(("content-type", &b"text/plain; charset=utf-8"[..]));
        let put = fields.chain(typed).try_for_each(|(name, value)| carrier.field(name, value));
        match put.and_then(|()| carrier.head_end(Length::Known(length))) {
            Ok(()) => carrier.keep(Body::from(alloc::format!("{}\n", refusal.why))),
            Err(_) => carrier.abort(),
        }
    }

    /// Whether the request has been received to its end, or nobody cares.
    fn is_heard(&self) -> bool {
        !matches!(self.end, End::Open)
    }

    /// Bytes of the body arrived; `ends`: the last. Returns how many were consumed.
    pub(crate) fn hear(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        data: &[u8],
        ends: bool,
        line: &mut Line<'_, '_, '_>,
    ) -> usize {
        if ends {
            self.end = End::Due(None);
        }
        let taken = if self.stash.is_empty() {
            let taken = self.take(site, place, data, line);
            if taken < data.len() {
                self.stash.push(&data[taken..]);
            }
            taken
        } else {
            // Behind what is held back already; that is offered again when there is a reason to.
            self.stash.push(data);
            0
        };
        self.tell_end(site, place, line);
        taken
    }

    /// The request ends with trailers.
    pub(crate) fn hear_trailers(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        fields: Fields<'_>,
        line: &mut Line<'_, '_, '_>,
    ) {
        if self.stash.is_empty() {
            self.end = End::Told;
            self.body_end(site, place, fields, line);
        } else {
            let trailers = Trailers { block: fields.block().into(), index: fields.index().into() };
            self.end = End::Due(Some(Box::new(trailers)));
        }
    }

    /// Offers again what was held back. Returns how many bytes were consumed.
    fn rehear(&mut self, site: SlotKey<Site>, place: &mut Place<'_>, line: &mut Line<'_, '_, '_>) -> usize {
        let mut stash = core::mem::take(&mut self.stash);
        let taken = self.take(site, place, stash.bytes_mut(), line);
        stash.consume(taken);
        self.stash = stash;
        self.tell_end(site, place, line);
        taken
    }

    /// Gives a piece of the body to the handler, or throws it away if the reply is complete already.
    fn take(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        data: &[u8],
        line: &mut Line<'_, '_, '_>,
    ) -> usize {
        let Some(exchange) = self.exchange.as_ref().filter(|_| self.reply.is_open()) else {
            return data.len();
        };
        if data.is_empty() {
            return 0;
        }
        self.offered_at = (self.received, line.flow.sent());
        let mut cx = place.cx(&mut self.record);
        let (state, env) = cx.split(site);
        let mut carrier = line.carrier(&mut self.reply);
        if self.received + data.len() as u64 > exchange.max_body {
            state.too_large(exchange, &mut carrier, env);
            return data.len();
        }
        let taken = state.body(exchange, data, &mut carrier, env).min(data.len());
        self.received += taken as u64;
        taken
    }

    /// Tells the handler of the request's end, once, behind all of its body.
    fn tell_end(&mut self, site: SlotKey<Site>, place: &mut Place<'_>, line: &mut Line<'_, '_, '_>) {
        if !self.stash.is_empty() || !matches!(self.end, End::Due(_)) {
            return;
        }
        if let End::Due(trailers) = core::mem::replace(&mut self.end, End::Told) {
            let fields = trailers.as_ref().map_or(Fields::default(), |t| Fields::new(&t.block, &t.index));
            self.body_end(site, place, fields, line);
        }
    }

    fn body_end(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        trailers: Fields<'_>,
        line: &mut Line<'_, '_, '_>,
    ) {
        if let Some(exchange) = self.exchange.as_ref().filter(|_| self.reply.is_open()) {
            let mut cx = place.cx(&mut self.record);
            let (state, env) = cx.split(site);
            state.body_end(exchange, trailers, &mut line.carrier(&mut self.reply), env);
        }
    }

    /// It is this stream's turn: does what is due and can be done. Returns how many bytes of body were consumed.
    pub(crate) fn turn(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        line: &mut Line<'_, '_, '_>,
    ) -> usize {
        self.reply.begin_turn();
        if core::mem::take(&mut self.timer_due)
            && let Some(exchange) = &self.exchange
        {
            let mut cx = place.cx(&mut self.record);
            let (state, env) = cx.split(site);
            state.timer(exchange, &mut line.carrier(&mut self.reply), env);
        }
        if self.reply.is_sending() {
            self.reply.flush(line.sender, line.flow, line.out);
        }
        if self.can_write(line) {
            self.write(site, place, line);
        }
        if self.stash.is_empty() { 0 } else { self.rehear(site, place, line) }
    }

    /// Whether the handler wants to write and something could come of it.
    fn can_write(&self, line: &Line<'_, '_, '_>) -> bool {
        // A head needs no window, body does; and what was kept goes first.
        let open = self.reply.phase == Phase::Silent || line.sender.window(line.flow) > 0;
        self.record.wants_write() && self.reply.phase != Phase::Ended && !self.reply.is_sending() && open
    }

    fn write(&mut self, site: SlotKey<Site>, place: &mut Place<'_>, line: &mut Line<'_, '_, '_>) {
        let Some(exchange) = &self.exchange else { return };
        self.record.void_want_write();
        let before = (self.reply.phase, line.out.len());
        let mut cx = place.cx(&mut self.record);
        let (state, env) = cx.split(site);
        state.writable(exchange, &mut line.carrier(&mut self.reply), env);
        if (self.reply.phase, line.out.len()) == before && !self.reply.is_sending() {
            // It had room and wrote nothing: it is not asked again until it asks anew.
            self.record.void_want_write();
        }
    }

    /// Whether another turn would do something now.
    pub(crate) fn is_ready(&self, sender: &Sender, flow: &Flow) -> bool {
        let open = sender.window(flow) > 0;
        if self.timer_due {
            return true;
        }
        if self.reply.is_sending() {
            return !self.reply.has_body() || open;
        }
        // What was held back is offered again if anything moved since.
        if !self.stash.is_empty() && self.offered_at != (self.received, flow.sent()) {
            return true;
        }
        self.record.wants_write()
            && self.exchange.is_some()
            && match self.reply.phase {
                Phase::Silent => true,
                Phase::Ended => false,
                _ => open,
            }
    }

    /// Whether output waits, or the handler does, for the windows to open.
    pub(crate) fn is_shut(&self, sender: &Sender, flow: &Flow) -> bool {
        let waits = self.reply.has_body() || (self.record.wants_write() && self.reply.phase == Phase::Body);
        waits && sender.window(flow) == 0
    }

    /// Somebody woke the stream.
    pub(crate) fn woken(&mut self, place: &mut Place<'_>) {
        place.cx(&mut self.record).want_write();
    }

    /// When the body must have come a piece further; `None` if nobody waits for it.
    pub(crate) fn body_deadline(&self) -> Option<Time> {
        let waits = !self.is_heard() && self.exchange.is_some();
        waits.then_some(self.watched_at + limits::BODY_TIMEOUT)
    }

    /// Whether the body came fast enough since it was watched last (CONN-02).
    pub(crate) fn is_prompt(&self) -> bool {
        let owed = limits::BODY_TIMEOUT.as_secs() * limits::BODY_RATE_BYTES_S;
        !self.stash.is_empty() || self.received - self.watched >= owed
    }

    /// Watches that the body comes.
    pub(crate) fn watch(&mut self, now: Time) {
        (self.watched, self.watched_at) = (self.received, now);
    }

    /// The body does not come: answered with 408, if nothing was answered yet.
    pub(crate) fn give_up(&mut self, line: &mut Line<'_, '_, '_>) {
        if self.reply.phase != Phase::Silent {
            self.reply.aborted = true;
            return;
        }
        let mut carrier = line.carrier(&mut self.reply);
        carrier.status(Status::REQUEST_TIMEOUT);
        if carrier.head_end(Length::Known(0)).is_err() {
            carrier.abort();
        }
    }

    /// The handler's part ends, unless it has ended already.
    pub(crate) fn close(&mut self, site: SlotKey<Site>, place: &mut Place<'_>, why: Closed, body_bytes: u64) {
        let mut cx = place.cx(&mut self.record);
        cx.cancel_timer(lws_role::Timer::App);
        if let Some(exchange) = self.exchange.take() {
            let (state, env) = cx.split(site);
            state.closed(exchange, why, self.reply.status, body_bytes, &env);
        }
    }
}

impl<'o, 'm> Line<'_, 'o, 'm> {
    /// A carrier for `reply` on this stream.
    pub(crate) fn carrier<'c>(&'c mut self, reply: &'c mut ReplyState) -> H2Carrier<'c, 'o, 'm> {
        H2Carrier {
            reply,
            sender: self.sender,
            flow: self.flow,
            out: self.out,
            scratch: self.block,
            memo: self.memo,
        }
    }
}
