//! Messages that an extension encoded, on their way in.
//!
//! ```text
//!   payload of frames ──▶ Decoder ──▶ a block of the loop's ──▶ text is text? ──▶ whole: assembly ──▶ message
//!           ▲                                                                 └─▶ streaming: fragment
//!           └ not consumed before everything that it stands for is with the protocol
//! ```
//! What the protocol does not take, or what finds no room for its answer, waits decoded in `assembly`, one block of
//! it for those that stream. Meanwhile the payload that stands for it counts as not consumed: that is how the role is
//! offered it again, and the peer's window closes.

use alloc::vec::Vec;

use lws_role::{Closed, Cx};
use lws_wire::Out;
use lws_ws::{Close, CloseCode, Data, Kind, utf8};

use super::{Took, WsRole};
use crate::coding::{Fault, Own};
use crate::limits::CODED_PER_RUN;
use crate::rx::Rx;
use crate::terms::Terms;
use crate::tx::Closing;
use crate::{Fragment, Protocol};

/// The decoding side of one connection.
pub(crate) struct Decoding {
    /// The decoder's own.
    own: Own,
    /// Bytes at the front of the payload on offer that were decoded before; not more than are on offer.
    decoded: usize,
    /// The message is decoded to its end.
    ended: bool,
    /// The protocol has seen none of the message.
    first: bool,
    /// Decoded bytes wait for the protocol, or the end of the message does.
    waits: bool,
    /// Of the message, as far as it is decoded.
    text: utf8::Validator,
    /// Bytes that may still be decoded before others get their turn.
    budget: usize,
    /// That was all; a wake is on its way.
    yielded: bool,
}

impl Default for Decoding {
    fn default() -> Self {
        Self {
            own: None,
            decoded: 0,
            ended: false,
            first: true,
            waits: false,
            text: utf8::Validator::new(),
            budget: CODED_PER_RUN,
            yielded: false,
        }
    }
}

impl Decoding {
    /// Whether a new one is as good as this, once its budget is renewed.
    pub(crate) fn is_idle(&self) -> bool {
        let is_between = self.decoded == 0 && self.first && !self.ended && !self.waits;
        is_between && !self.yielded && self.own.is_none()
    }

    /// Input is on offer. False if it is not our turn yet.
    pub(super) fn refill(&mut self) -> bool {
        self.budget = CODED_PER_RUN;
        !self.yielded
    }

    /// The stream was woken. True if that was our own wake: it is our turn again.
    pub(super) fn resume(&mut self) -> bool {
        core::mem::take(&mut self.yielded)
    }

    /// Decodes once, into `room`. The text is checked as it comes.
    fn step(&mut self, terms: &Terms, data: &Data<'_>, room: &mut Out<'_>) -> Result<(), Fault> {
        let Some(coding) = &terms.coding else { return Ok(()) };
        let progress = coding.decode(&mut self.own, &data.bytes[self.decoded..], data.fin, room)?;
        self.decoded += progress.consumed;
        self.ended = progress.done;
        self.budget = self.budget.saturating_sub(room.len());
        // RFC 6455 §8.1: a text message that is not UTF-8 fails the connection.
        let is_text = data.kind == Kind::Text && terms.settings.receiver.check_utf8;
        if is_text && (self.text.push(room.written()).is_err() || self.ended && !self.text.is_complete()) {
            return Err(Fault { code: CloseCode::INVALID_PAYLOAD, why: Closed::Protocol });
        }
        Ok(())
    }

    /// What was decoded is with the protocol: so much of the payload is consumed.
    fn release(&mut self) -> Took {
        if self.ended {
            (self.ended, self.first, self.text) = (false, true, utf8::Validator::new());
        }
        Took::Bytes(core::mem::take(&mut self.decoded))
    }
}

impl<P: Protocol> WsRole<P> {
    /// A piece of an encoded message.
    pub(super) fn encoded(
        &mut self,
        rx: &mut Rx,
        cx: &mut Cx<'_>,
        data: &Data<'_>,
        out: &mut Out<'_>,
    ) -> Took {
        let mut block = cx.hub().blocks.take();
        let took = self.decode(rx, cx, data, &mut block, out);
        cx.hub().blocks.give(block);
        took
    }

    fn decode(
        &mut self,
        rx: &mut Rx,
        cx: &mut Cx<'_>,
        data: &Data<'_>,
        block: &mut [u8],
        out: &mut Out<'_>,
    ) -> Took {
        loop {
            if !matches!(self.tx.closing, Closing::No) {
                // RFC 6455 §1.4: after our close frame, what still comes in is discarded.
                rx.assembly = Vec::new();
                return Took::Bytes(data.bytes.len());
            }
            if rx.decoding.waits {
                rx.decoding.waits = !self.hand_over(rx, cx, data.kind, b"", out);
                if rx.decoding.waits {
                    return Took::Nothing;
                }
            }
            if rx.decoding.ended || rx.decoding.decoded == data.bytes.len() && !data.fin {
                return rx.decoding.release();
            }
            if rx.decoding.budget == 0 {
                rx.decoding.yielded = true;
                let this = cx.handle();
                cx.wake(this);
                return if rx.decoding.decoded > 0 { rx.decoding.release() } else { Took::Nothing };
            }
            let mut room = Out::new(block);
            if let Err(fault) = rx.decoding.step(&self.tx.terms, data, &mut room) {
                return self.refuse(&fault, out);
            }
            rx.decoding.waits = !self.hand_over(rx, cx, data.kind, room.written(), out);
        }
    }

    /// Gives the protocol what waits in `assembly` and `fresh` behind it. False if not all of that, or the end, has
    /// found its way: then it waits there.
    fn hand_over(
        &mut self,
        rx: &mut Rx,
        cx: &mut Cx<'_>,
        kind: Kind,
        fresh: &[u8],
        out: &mut Out<'_>,
    ) -> bool {
        if P::STREAMING {
            return self.hand_over_piece(rx, cx, kind, fresh, out);
        }
        if rx.decoding.ended && self.whole(rx, cx, kind, fresh, out) {
            return true;
        }
        rx.assembly.extend_from_slice(fresh);
        !rx.decoding.ended
    }

    fn hand_over_piece(
        &mut self,
        rx: &mut Rx,
        cx: &mut Cx<'_>,
        kind: Kind,
        fresh: &[u8],
        out: &mut Out<'_>,
    ) -> bool {
        debug_assert!(rx.assembly.is_empty() || fresh.is_empty(), "nothing is decoded while something waits");
        let waiting = core::mem::take(&mut rx.assembly);
        let bytes = if fresh.is_empty() { &waiting } else { fresh };
        if bytes.is_empty() && !rx.decoding.ended {
            return true;
        }
        // An empty piece cannot be refused: it comes when it can be answered.
        if bytes.is_empty() && !self.tx.can_answer(out, 0) {
            return false;
        }
        let part = Fragment { kind, first: rx.decoding.first, last: rx.decoding.ended, data: bytes };
        let most = bytes.len();
        let taken = self.call(cx, out, |p, s, ws| p.fragment(s, ws, part)).unwrap_or(most).min(most);
        rx.decoding.first &= taken == 0;
        rx.assembly.extend_from_slice(&bytes[taken..]);
        cx.hub().metrics.messages_in += u64::from(rx.decoding.ended && taken == most);
        taken == most
    }

    /// RFC 6455 §7.1.7: fail the connection.
    fn refuse(&mut self, fault: &Fault, out: &mut Out<'_>) -> Took {
        self.say_close(out, Close::new(fault.code, ""));
        Took::End(fault.why)
    }
}
