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

use alloc::boxed::Box;
use alloc::vec::Vec;

use lws_role::{Closed, Cx};
use lws_wire::Out;
use lws_ws::{CloseCode, Data, Kind, utf8};

use super::{Took, WsRole};
use crate::coding::{AnyDecoder, Fault};
use crate::limits::CODED_PER_RUN;
use crate::tx::Closing;
use crate::{Fragment, Protocol};

/// The decoding side of one connection.
pub(super) struct Decoding {
    decoder: AnyDecoder,
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

/// How a connection has it: rarely.
pub(super) type Held = Box<Decoding>;

impl Decoding {
    pub(super) fn new(decoder: AnyDecoder) -> Box<Self> {
        Box::new(Self {
            decoder,
            decoded: 0,
            ended: false,
            first: true,
            waits: false,
            text: utf8::Validator::new(),
            budget: 0,
            yielded: false,
        })
    }

    /// The connection is there.
    pub(super) fn join(&mut self, cx: &mut Cx<'_>) {
        self.decoder.join(cx);
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
    fn step(&mut self, data: &Data<'_>, check_utf8: bool, room: &mut Out<'_>) -> Result<(), Fault> {
        let progress = self.decoder.decode(&data.bytes[self.decoded..], data.fin, room)?;
        self.decoded += progress.consumed;
        self.ended = progress.done;
        self.budget = self.budget.saturating_sub(room.len());
        // RFC 6455 §8.1: a text message that is not UTF-8 fails the connection.
        let is_text = data.kind == Kind::Text && check_utf8;
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
    pub(super) fn encoded(&mut self, cx: &mut Cx<'_>, data: &Data<'_>, out: &mut Out<'_>) -> Took {
        // The receiver lets them through only if an extension was agreed on.
        let Some(mut decoding) = self.decoding.take() else { return Took::Bytes(data.bytes.len()) };
        let mut block = cx.hub().blocks.take();
        let took = self.decode(&mut decoding, cx, data, &mut block, out);
        cx.hub().blocks.give(block);
        self.decoding = Some(decoding);
        took
    }

    fn decode(
        &mut self,
        decoding: &mut Decoding,
        cx: &mut Cx<'_>,
        data: &Data<'_>,
        block: &mut [u8],
        out: &mut Out<'_>,
    ) -> Took {
        loop {
            if !matches!(self.tx.closing, Closing::No) {
                // RFC 6455 §1.4: after our close frame, what still comes in is discarded.
                self.assembly = Vec::new();
                return Took::Bytes(data.bytes.len());
            }
            if decoding.waits {
                decoding.waits = !self.hand_over(decoding, cx, data.kind, b"", out);
                if decoding.waits {
                    return Took::Nothing;
                }
            }
            if decoding.ended || decoding.decoded == data.bytes.len() && !data.fin {
                return decoding.release();
            }
            if decoding.budget == 0 {
                decoding.yielded = true;
                let this = cx.handle();
                cx.wake(this);
                return if decoding.decoded > 0 { decoding.release() } else { Took::Nothing };
            }
            let mut room = Out::new(block);
            if let Err(fault) = decoding.step(data, self.settings.receiver.check_utf8, &mut room) {
                return self.refuse(&fault, out);
            }
            decoding.waits = !self.hand_over(decoding, cx, data.kind, room.written(), out);
        }
    }

    /// Gives the protocol what waits in `assembly` and `fresh` behind it. False if not all of that, or the end, has
    /// found its way: then it waits there.
    fn hand_over(
        &mut self,
        decoding: &mut Decoding,
        cx: &mut Cx<'_>,
        kind: Kind,
        fresh: &[u8],
        out: &mut Out<'_>,
    ) -> bool {
        if P::STREAMING {
            return self.hand_over_piece(decoding, cx, kind, fresh, out);
        }
        if decoding.ended && self.whole(cx, kind, fresh, out) {
            return true;
        }
        self.assembly.extend_from_slice(fresh);
        !decoding.ended
    }

    fn hand_over_piece(
        &mut self,
        decoding: &mut Decoding,
        cx: &mut Cx<'_>,
        kind: Kind,
        fresh: &[u8],
        out: &mut Out<'_>,
    ) -> bool {
        debug_assert!(
            self.assembly.is_empty() || fresh.is_empty(),
            "nothing is decoded while something waits"
        );
        let waiting = core::mem::take(&mut self.assembly);
        let bytes = if fresh.is_empty() { &waiting } else { fresh };
        if bytes.is_empty() && !decoding.ended {
            return true;
        }
        // An empty piece cannot be refused: it comes when it can be answered.
        if bytes.is_empty() && !self.tx.can_answer(out, 0) {
            return false;
        }
        let part = Fragment { kind, first: decoding.first, last: decoding.ended, data: bytes };
        let most = bytes.len();
        let taken = self.call(cx, out, |p, s, ws| p.fragment(s, ws, part)).unwrap_or(most).min(most);
        decoding.first &= taken == 0;
        self.assembly.extend_from_slice(&bytes[taken..]);
        cx.hub().metrics.messages_in += u64::from(decoding.ended && taken == most);
        taken == most
    }

    /// RFC 6455 §7.1.7: fail the connection.
    fn refuse(&mut self, fault: &Fault, out: &mut Out<'_>) -> Took {
        self.say_close(out, fault.code, "");
        Took::End(fault.why)
    }
}
