//! The role: joins the frame codec to the contract.

#[cfg(feature = "deflate")]
mod decode;
#[cfg(not(feature = "deflate"))]
#[path = "role/undecoded.rs"]
mod decode;

use crate::rx::Rx;
use crate::spares::Spares;
use crate::terms::Terms;
use crate::tx::{Closing, Loan, Tx};
use crate::{Fragment, Kind, Message, Protocol, Ws, limits};
use alloc::{boxed::Box, rc::Rc, vec::Vec};
use core::marker::PhantomData;
pub(crate) use decode::Decoding;
use lws_head::RequestHeadBuf;
use lws_role::{Closed, Cx, Membership, Next, Role, SlotKey, Step, Timer};
use lws_wire::{Out, Time};
use lws_ws::{Close, CloseCode, Data, Error, Event, Header, Opcode, Receiver};

/// One WebSocket connection, of either side.
pub struct WsRole<P: Protocol> {
    tx: Tx,
    /// What came of something that is not over.
    rx: Option<Box<Rx>>,
    open: Option<(P::Session, Membership)>,
    heard: Time,
    of: PhantomData<fn() -> P>,
}

/// What became of an event.
enum Took {
    /// So many bytes of its payload.
    Bytes(usize),
    /// Nothing yet: offer it again when there is room.
    Nothing,
    /// The connection ends.
    End(Closed),
}

impl<P: Protocol> WsRole<P> {
    /// `head` is the request that was granted; a server's.
    pub(crate) fn new(terms: Rc<Terms>, head: Option<RequestHeadBuf>) -> Self {
        let rx = head.map(|head| Box::new(Rx { head: Some(head), ..Rx::new(&terms) }));
        Self { tx: Tx::new(terms), rx, open: None, heard: Time::ZERO, of: PhantomData }
    }

    fn slot(&self) -> SlotKey<P> {
        self.tx.terms.slot.typed()
    }

    /// Calls the protocol, if the connection is open.
    fn call<R>(
        &mut self,
        cx: &mut Cx<'_>,
        out: &mut Out<'_>,
        f: impl FnOnce(&mut P, &mut P::Session, &mut Ws<'_, '_>) -> R,
    ) -> Option<R> {
        self.call_with(cx, out, None, f)
    }

    /// The same about a message that lies in a buffer of its own.
    #[inline]
    fn call_with<R>(
        &mut self,
        cx: &mut Cx<'_>,
        out: &mut Out<'_>,
        loan: Option<&mut Loan>,
        f: impl FnOnce(&mut P, &mut P::Session, &mut Ws<'_, '_>) -> R,
    ) -> Option<R> {
        let (protocol, env) = cx.split(self.slot());
        let (session, _) = self.open.as_mut()?;
        let mut ws = Ws { env, out, tx: &mut self.tx, head: None, loan };
        Some(f(protocol, session, &mut ws))
    }

    fn event(&mut self, rx: &mut Rx, cx: &mut Cx<'_>, event: Event<'_>, out: &mut Out<'_>) -> Took {
        match event {
            Event::Data(data) if data.rsv1 => self.encoded(rx, cx, &data, out),
            Event::Data(data) if P::STREAMING => self.piece(cx, &data, out),
            Event::Data(data) => self.data(rx, cx, &data, out),
            Event::Ping(payload) => self.ping(cx, payload, out),
            Event::Pong(payload) => self.pong(cx, payload, out),
            Event::Close(close) => self.peer_close(cx, &close, out),
        }
    }

    /// A piece, for a protocol that takes pieces.
    fn piece(&mut self, cx: &mut Cx<'_>, data: &Data<'_>, out: &mut Out<'_>) -> Took {
        let part = Fragment { kind: data.kind, first: data.first, last: data.fin, data: data.bytes };
        if !matches!(self.tx.closing, Closing::No) {
            return Took::Bytes(data.bytes.len());
        }
        let most = data.bytes.len();
        // An empty piece cannot be refused: it comes when it can be answered.
        if most == 0 && !self.tx.can_answer(out, 0) {
            return Took::Nothing;
        }
        let taken = self.call(cx, out, |p, s, ws| p.fragment(s, ws, part)).unwrap_or(most).min(most);
        cx.hub().metrics.messages_in += u64::from(data.fin && taken == most);
        if taken == 0 && most > 0 { Took::Nothing } else { Took::Bytes(taken) }
    }

    /// A piece, for a protocol that takes whole messages.
    fn data(&mut self, rx: &mut Rx, cx: &mut Cx<'_>, data: &Data<'_>, out: &mut Out<'_>) -> Took {
        if !matches!(self.tx.closing, Closing::No) {
            // RFC 6455 §1.4: after our close frame, what still comes in is discarded.
            rx.assembly = Vec::new();
            return Took::Bytes(data.bytes.len());
        }
        if !data.fin {
            rx.assemble(cx, data.bytes, data.frame_left);
            return Took::Bytes(data.bytes.len());
        }
        if self.whole(rx, cx, data.kind, data.bytes, out) {
            Took::Bytes(data.bytes.len())
        } else {
            Took::Nothing
        }
    }

    /// A whole message: what was assembled, and `end` behind it. False, and nothing, if it cannot be answered yet.
    fn whole(&mut self, rx: &mut Rx, cx: &mut Cx<'_>, kind: Kind, end: &[u8], out: &mut Out<'_>) -> bool {
        if !self.tx.can_answer(out, rx.assembly.len() + end.len()) {
            return false;
        }
        cx.hub().metrics.messages_in += 1;
        if rx.assembly.is_empty() {
            self.call(cx, out, |p, s, ws| p.message(s, ws, Message { kind, data: end }));
            return true;
        }
        let mut whole = core::mem::take(&mut rx.assembly);
        whole.extend_from_slice(end);
        let mut loan = Loan::of(&whole, cx.sends());
        let message = Message { kind, data: &whole };
        self.call_with(cx, out, Some(&mut loan), |p, s, ws| p.message(s, ws, message));
        if let Some(whole) = self.tx.settle(&loan, whole) {
            cx.shared::<Spares>().give(whole);
        }
        true
    }

    /// Takes whole messages from the front of the input, as long as there are some and each can be answered: most of what
    /// comes, in few instructions. Returns the bytes taken.
    #[inline]
    fn whole_messages(
        &mut self,
        cx: &mut Cx<'_>,
        input: &mut [u8],
        out: &mut Out<'_>,
    ) -> Result<usize, Error> {
        let (protocol, env) = cx.split(self.slot());
        let Some((session, _)) = self.open.as_mut().filter(|_| !P::STREAMING) else { return Ok(0) };
        // Encoded messages are left to `events`, like all that is not plain.
        let terms = &self.tx.terms;
        let mut receiver = Receiver::new(terms.side(), terms.settings.receiver.allow_rsv1(false));
        // One for all of them.
        let mut ws = Ws { env, out, tx: &mut self.tx, head: None, loan: None };
        let (mut at, mut count) = (0, 0);
        let result = loop {
            let rest = &mut input[at..];
            let Some(whole) = receiver.whole(rest) else { break Ok(at) };
            if ws.tx.closing != Closing::No || !ws.tx.can_answer(ws.out, whole.payload()) {
                break Ok(at);
            }
            let data = match receiver.take(&whole, rest) {
                Ok(data) => data,
                Err(error) => break Err(error),
            };
            at += whole.size();
            count += 1;
            protocol.message(session, &mut ws, Message { kind: whole.kind(), data });
        };
        ws.hub().metrics.messages_in += count;
        result
    }

    /// Sends what fits of a message that is kept; true if none is left.
    fn send_kept(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> bool {
        self.tx.drain(out, |spent| cx.shared::<Spares>().give(spent))
    }

    /// Takes what is no whole message, from the byte `at` on.
    #[inline(never)]
    fn receive_rest(&mut self, cx: &mut Cx<'_>, input: &mut [u8], at: usize, out: &mut Out<'_>) -> Step {
        let mut kept = self.rx.take();
        let mut new = Rx::new(&self.tx.terms);
        let rx = kept.as_deref_mut().unwrap_or(&mut new);
        let step = self.events(rx, cx, input, at, out);
        match (rx.is_spent(), kept) {
            (false, kept) => self.rx = Some(kept.unwrap_or_else(|| cx.shared::<Spares>().boxed(new))),
            (true, Some(spent)) => cx.shared::<Spares>().give_box(spent),
            (true, None) => {}
        }
        step
    }

    fn events(
        &mut self,
        rx: &mut Rx,
        cx: &mut Cx<'_>,
        input: &mut [u8],
        at: usize,
        out: &mut Out<'_>,
    ) -> Step {
        if !rx.decoding.refill() {
            return Step::hold(at);
        }
        let mut seen = core::mem::take(&mut rx.seen).min(input.len());
        let mut at = at.max(seen);
        let mut held = false;
        while (at < input.len() || seen > 0) && !held {
            let received = match rx.receiver.receive(&mut input[at..]) {
                Ok(Some(received)) => received,
                Ok(None) => break,
                Err(error) => return Step::close(input.len(), self.fail(error, out)),
            };
            at += received.header;
            let header = received.header + core::mem::take(&mut seen);
            match self.event(rx, cx, received.event, out) {
                Took::Bytes(n) => {
                    rx.receiver.consume(n);
                    at += n;
                    held = n < received.payload;
                }
                Took::Nothing => {
                    held = true;
                    at -= header;
                    rx.seen = header;
                }
                Took::End(why) => return Step::close(input.len(), why),
            }
        }
        self.tidy(cx, out);
        if held { Step::hold(at) } else { Step::stay(at) }
    }

    fn ping(&mut self, cx: &mut Cx<'_>, payload: &[u8], out: &mut Out<'_>) -> Took {
        // RFC 6455 §5.5.2: answered as soon as is practical; §5.5.1: nothing after our close frame.
        let answered = matches!(self.tx.closing, Closing::Sent)
            || Header::new(Opcode::Pong).mask(self.tx.mask()).put(out, payload);
        match answered {
            true if !self.tx.control.spend(cx.now()) => self.flood(out),
            true => Took::Bytes(payload.len()),
            false => Took::Nothing,
        }
    }

    fn pong(&mut self, cx: &mut Cx<'_>, payload: &[u8], out: &mut Out<'_>) -> Took {
        self.tx.control.pinged = false;
        if !self.tx.control.spend(cx.now()) {
            return self.flood(out);
        }
        if matches!(self.tx.closing, Closing::No) {
            self.call(cx, out, |p, s, ws| p.pong(s, ws, payload));
        }
        Took::Bytes(payload.len())
    }

    /// WS-13: more control frames than anyone needs.
    fn flood(&mut self, out: &mut Out<'_>) -> Took {
        self.say_close(out, Close::new(CloseCode::POLICY_VIOLATION, "too many control frames"));
        Took::End(Closed::Limit)
    }

    fn peer_close(&mut self, cx: &mut Cx<'_>, close: &Close<'_>, out: &mut Out<'_>) -> Took {
        // RFC 6455 §5.5.1: the answer may be delayed until the current message is sent.
        if !self.send_kept(cx, out) {
            return Took::Nothing;
        }
        let answer = match self.tx.closing {
            Closing::Sent => None,
            // Both ends close at once: the protocol's own word goes out.
            Closing::Wanted => self.tx.words(),
            // RFC 6455 §5.5.1: answered with a close frame, typically echoing the code.
            Closing::No => Some(close.code().map_or(Close::EMPTY, |code| Close::new(code, ""))),
        };
        if answer.is_some_and(|answer| !answer.put(out, self.tx.mask())) {
            return Took::Nothing;
        }
        self.tx.closed();
        let code = close.code().map(CloseCode::as_u16);
        self.call(cx, out, |p, s, _| p.peer_closing(s, code, close.reason()));
        Took::End(Closed::Done)
    }

    /// Sends a last close frame, if there is room and none was sent: the connection ends either way.
    fn say_close(&mut self, out: &mut Out<'_>, close: Close<'_>) {
        if !matches!(self.tx.closing, Closing::Sent) && close.put(out, self.tx.mask()) {
            self.tx.closed();
        }
    }

    /// RFC 6455 §7.1.7: fail the connection.
    fn fail(&mut self, error: Error, out: &mut Out<'_>) -> Closed {
        self.say_close(out, Close::new(error.close_code(), ""));
        match error {
            Error::Limit(_) => Closed::Limit,
            _ => Closed::Protocol,
        }
    }

    /// After every callback: has the host send what it sends itself, sends the close frame that the callback asked for, or
    /// asks for room.
    fn tidy(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) {
        if cx.sends().bytes
            && let Some(bulk) = self.tx.hand_over(out)
        {
            cx.send_bulk(bulk);
        }
        if self.tx.send_close(out) {
            cx.set_timer(Timer::Role, limits::CLOSE_TIMEOUT);
        }
        if self.tx.wants_wake() {
            let this = cx.handle();
            cx.wake(this);
        }
        if self.tx.wants_room() {
            cx.want_write();
        }
    }

    /// Nothing was heard for a while: ping, or give up (WS-14).
    fn check_validity(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let validity = self.tx.terms.settings.validity;
        let silence = cx.now().since(self.heard);
        if silence >= validity.hangup_after {
            if !cx.output_waits() {
                return Next::Close(Closed::Timeout);
            }
            // It may have answered, and be reading; the driver sees to it that it does not take for ever.
            cx.set_timer(Timer::Role, validity.ping_after);
            return Next::Stay;
        }
        if silence < validity.ping_after {
            self.tx.control.pinged = false;
        } else if !self.tx.control.pinged {
            // Without room for a ping something else is waiting, and the host watches that.
            self.tx.control.pinged = Header::new(Opcode::Ping).mask(self.tx.mask()).put(out, b"");
        }
        let next = if silence < validity.ping_after { validity.ping_after } else { validity.hangup_after };
        cx.set_deadline(Timer::Role, self.heard + next);
        Next::Stay
    }
}

impl<P: Protocol> Role for WsRole<P> {
    fn name(&self) -> &'static str {
        "ws"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let membership = cx.join(self.slot());
        if let Some(coding) = &self.tx.terms.coding {
            coding.join(cx);
        }
        self.heard = cx.now();
        cx.set_timer(Timer::Role, self.tx.terms.settings.validity.ping_after);
        let request = self.rx.take();
        let head = request.as_ref().and_then(|rx| rx.head.as_ref()).map(|head| head.head());
        let (protocol, env) = cx.split(self.slot());
        let session = protocol.open(&mut Ws { env, out, tx: &mut self.tx, head, loan: None });
        self.open = Some((session, membership));
        if cx.is_draining() {
            // It came too late to hear of it.
            return self.drain(cx, out);
        }
        self.tidy(cx, out);
        Next::Stay
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        self.heard = cx.now();
        let mut at = 0;
        if self.rx.is_none() {
            at = match self.whole_messages(cx, input, out) {
                Ok(taken) => taken,
                Err(error) => return Step::close(input.len(), self.fail(error, out)),
            };
        }
        if at < input.len() {
            return self.receive_rest(cx, input, at, out);
        }
        self.tidy(cx, out);
        Step::stay(at)
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        if self.send_kept(cx, out) && core::mem::take(&mut self.tx.asked) {
            self.call(cx, out, |p, s, ws| p.writable(s, ws));
        }
        self.tidy(cx, out);
        Next::Stay
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        match which {
            // The peer did not answer our close frame in time.
            Timer::Role if matches!(self.tx.closing, Closing::Sent) => Next::Close(Closed::Done),
            Timer::Role => self.check_validity(cx, out),
            Timer::App => {
                self.call(cx, out, |p, s, ws| p.timer(s, ws));
                self.tidy(cx, out);
                Next::Stay
            }
        }
    }

    fn ended(&mut self, _cx: &mut Cx<'_>, truncated: bool, _out: &mut Out<'_>) -> Next {
        // Without a close frame this is an abnormal closure (RFC 6455 §7.1.5), however the transport ended.
        let regular = matches!(self.tx.closing, Closing::Sent);
        Next::Close(match (regular, truncated) {
            (true, _) => Closed::Done,
            (false, true) => Closed::Truncated,
            (false, false) => Closed::Ended,
        })
    }

    fn woken(&mut self, cx: &mut Cx<'_>) {
        if self.rx.as_mut().is_some_and(|rx| rx.decoding.resume()) {
            return;
        }
        self.tx.asked |= !self.tx.resume();
        cx.want_write();
    }

    fn drain(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.tx.close(CloseCode::GOING_AWAY, "");
        self.tidy(cx, out);
        Next::Stay
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        if let Some((session, membership)) = self.open.take() {
            cx.hub().leave(membership);
            let (protocol, _) = cx.split(self.slot());
            protocol.closed(session, why);
        }
    }
}

#[cfg(test)]
mod tests;
