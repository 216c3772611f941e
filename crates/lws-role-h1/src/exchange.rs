//! One request and its reply.

use crate::carrier::{H1Carrier, ReplyState, trailers};
use crate::limits;
use lws_h1::{BodyDecoder, Error, Framing, HeadIndex, Request, continue_100};
use lws_head::Fields;
use lws_http::{Closed, Exchange, Phase, Site};
use lws_role::{Cx, SlotKey, Timer};
use lws_wire::Out;

/// One request and its reply, while either is incomplete.
pub(crate) struct Live {
    /// `None` once the handler is done with it.
    exchange: Option<Exchange>,
    body: BodyDecoder,
    /// The request has been received to its end.
    heard: bool,
    pub(crate) reply: ReplyState,
    /// Bytes of body received.
    received: u64,
    /// Bytes of body thrown away after the reply.
    discarded: u64,
    /// Bytes of body received when the deadline was set last.
    watched: u64,
    /// The handler held the body back when it was offered last.
    held: bool,
}

/// Bytes of a request's body, if its head tells.
pub(crate) fn body_length(framing: Framing) -> Option<u64> {
    match framing {
        Framing::Length(n) => Some(n),
        Framing::None => Some(0),
        _ => None,
    }
}

/// What became of input offered to a body.
pub(crate) struct Heard {
    pub(crate) consumed: usize,
    pub(crate) held: bool,
}

impl Live {
    /// A request's head has arrived: its handler runs.
    #[inline]
    pub(crate) fn begin(
        site: SlotKey<Site>,
        cx: &mut Cx<'_>,
        request: &Request<'_>,
        keep_alive: bool,
        out: &mut Out<'_>,
    ) -> Self {
        let has_body = body_length(request.framing) != Some(0);
        // A client that waits for 100 and gets a final answer may send the body or not: nobody can tell what its
        // next bytes are (H1-18). Nor is it worth reading a body that is too long to throw away.
        let unread = match request.framing {
            Framing::Length(n) => n > limits::DISCARD_BYTES,
            _ => false,
        };
        let keep_alive_if_answered_now = keep_alive && !request.expect_continue && !unread;
        let mut this = Self {
            exchange: None,
            body: BodyDecoder::new(request.framing),
            heard: !has_body,
            reply: ReplyState::new(request.head.method, request.head.version, keep_alive_if_answered_now),
            received: 0,
            discarded: 0,
            watched: 0,
            held: false,
        };
        let length = body_length(request.framing);
        let (state, env) = cx.split(site);
        let mut carrier = H1Carrier { reply: &mut this.reply, out };
        this.exchange = Some(state.request(&request.head, length, &mut carrier, env));
        if this.reply.phase == Phase::Silent {
            this.reply.keep_alive = keep_alive;
            if request.expect_continue && !continue_100(out) {
                this.reply.keep_alive = false;
            }
        }
        if !has_body {
            this.body_end(site, cx, Fields::new(&[], &[]), out);
        }
        this
    }

    /// Whether the request has been received and the reply written, to their ends.
    pub(crate) fn is_over(&self) -> bool {
        self.heard && self.reply.is_complete()
    }

    /// Whether the request has been received to its end.
    pub(crate) fn is_heard(&self) -> bool {
        self.heard
    }

    /// Offers bytes that belong to the request's body.
    pub(crate) fn hear(
        &mut self,
        site: SlotKey<Site>,
        cx: &mut Cx<'_>,
        input: &[u8],
        out: &mut Out<'_>,
    ) -> Result<Heard, Error> {
        let decoded = self.body.decode(input)?;
        let data = decoded.payload(input);
        let taken = self.take(site, cx, data, out);
        self.body.consume(taken);
        self.received += taken as u64;
        self.held = taken < data.len();
        if decoded.done && !self.held {
            self.heard = true;
            cx.cancel_timer(Timer::Role);
            let mut index = HeadIndex::new();
            self.body_end(site, cx, trailers(decoded.trailers(input), &mut index), out);
        }
        Ok(Heard { consumed: decoded.skip + taken, held: self.held })
    }

    /// Gives a piece of the body to the handler, or throws it away if the reply is complete already.
    fn take(&mut self, site: SlotKey<Site>, cx: &mut Cx<'_>, data: &[u8], out: &mut Out<'_>) -> usize {
        if data.is_empty() {
            return 0;
        }
        let Some(exchange) = self.exchange.as_ref().filter(|_| self.reply.phase != Phase::Ended) else {
            self.discarded += data.len() as u64;
            if self.discarded > limits::DISCARD_BYTES {
                self.reply.keep_alive = false;
                self.heard = true;
            }
            return data.len();
        };
        let (state, env) = cx.split(site);
        let mut carrier = H1Carrier { reply: &mut self.reply, out };
        if self.received + data.len() as u64 > exchange.max_body {
            carrier.reply.keep_alive = false;
            state.too_large(exchange, &mut carrier, env);
            return data.len();
        }
        state.body(exchange, data, &mut carrier, env)
    }

    fn body_end(&mut self, site: SlotKey<Site>, cx: &mut Cx<'_>, trailers: Fields<'_>, out: &mut Out<'_>) {
        if self.reply.phase == Phase::Ended {
            return;
        }
        let Some(exchange) = &self.exchange else { return };
        let (state, env) = cx.split(site);
        state.body_end(exchange, trailers, &mut H1Carrier { reply: &mut self.reply, out }, env);
    }

    /// There is room.
    pub(crate) fn speak(&mut self, site: SlotKey<Site>, cx: &mut Cx<'_>, out: &mut Out<'_>) {
        if self.reply.is_sending() {
            self.reply.send_kept(out);
        } else if let Some(exchange) = &self.exchange
            && self.reply.phase != Phase::Ended
        {
            let (state, env) = cx.split(site);
            state.writable(exchange, &mut H1Carrier { reply: &mut self.reply, out }, env);
        }
    }

    /// The handler's timer passed.
    pub(crate) fn timer(&mut self, site: SlotKey<Site>, cx: &mut Cx<'_>, out: &mut Out<'_>) {
        if let Some(exchange) = &self.exchange {
            let (state, env) = cx.split(site);
            state.timer(exchange, &mut H1Carrier { reply: &mut self.reply, out }, env);
        }
    }

    /// Watches that the body comes (CONN-02).
    pub(crate) fn watch(&mut self, cx: &mut Cx<'_>) {
        self.watched = self.received;
        cx.set_timer(Timer::Role, limits::BODY_TIMEOUT);
    }

    /// Whether the body came fast enough since [`Live::watch`].
    pub(crate) fn is_prompt(&self) -> bool {
        let owed = limits::BODY_TIMEOUT.as_secs() * limits::BODY_RATE_BYTES_S;
        self.held || self.received - self.watched >= owed
    }

    /// The handler's part ends, unless it has ended already.
    pub(crate) fn close(&mut self, site: SlotKey<Site>, cx: &mut Cx<'_>, why: Closed) {
        cx.cancel_timer(Timer::App);
        if let Some(exchange) = self.exchange.take() {
            let (state, env) = cx.split(site);
            state.closed(exchange, why, self.reply.status, self.reply.body_bytes, &env);
        }
    }
}
