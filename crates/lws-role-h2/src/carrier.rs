//! How a reply goes out: head, body, end, each through the windows and into the room there is.
//!
//! ```text
//!   Silent ── status ──▶ Head ── head_end ──▶ Body ── end, or all of a known length ──▶ Ended
//!      ▲                  │ plain, in scratch  └── keep(body): the rest goes out as windows open
//!      └── head_abandon ──┘
//! ```
//! The head is encoded when it is complete, and not before: compression has a memory that cannot be taken back.
//! Body goes straight into the `Out`, unless the windows are so small that a handler could do nothing with them; then
//! a few KiB are kept beside it ([`STREAM_ROOM_BYTES`](crate::limits::STREAM_ROOM_BYTES)).

use crate::limits::{STREAM_ROOM_BYTES, TURN_BYTES};
use crate::pending::{Pending, put_data};
use crate::raw::{RawFields, put_raw, raw_status};
use alloc::{boxed::Box, vec::Vec};
use lws_h2::{Flow, HeadMemo, Sender};
use lws_head::{Fields, Method, Status};
use lws_http::limits::MAX_RESPONSE_HEAD_BYTES;
use lws_http::{Body, Carrier, Length, Misuse, Phase};
use lws_wire::Out;

/// One reply, between two calls.
pub(crate) struct ReplyState {
    pub(crate) phase: Phase,
    pub(crate) status: Option<Status>,
    /// The handler gave up in the middle.
    pub(crate) aborted: bool,
    is_head_request: bool,
    /// Bytes of a known length that are still to come.
    left: Option<u64>,
    /// Bytes that this turn may still send.
    turn: usize,
    /// Bytes of the head under way, in this call's scratch.
    raw: usize,
    /// Body that the windows did not let out.
    pending: Pending,
    /// Body that the role sends by itself, behind that.
    kept: Option<Kept>,
    /// What is to be said behind all body.
    tail: Tail,
}

struct Kept {
    bytes: Body,
    at: usize,
}

enum Tail {
    Nothing,
    End,
    /// Trailers, in the form of [`RawFields`].
    Trailers(Box<[u8]>),
}

impl ReplyState {
    pub(crate) fn new(method: Method) -> Self {
        Self {
            phase: Phase::Silent,
            status: None,
            aborted: false,
            is_head_request: method == Method::Head,
            left: None,
            turn: TURN_BYTES,
            raw: 0,
            pending: Pending::default(),
            kept: None,
            tail: Tail::Nothing,
        }
    }

    /// A new turn begins.
    pub(crate) fn begin_turn(&mut self) {
        self.turn = TURN_BYTES;
    }

    /// Whether the handler may still say something.
    pub(crate) fn is_open(&self) -> bool {
        self.phase != Phase::Ended && !self.aborted
    }

    /// Whether everything has been written.
    pub(crate) fn is_complete(&self) -> bool {
        self.phase == Phase::Ended && !self.is_sending()
    }

    /// Whether the role itself still has something to send.
    pub(crate) fn is_sending(&self) -> bool {
        self.has_body() || !matches!(self.tail, Tail::Nothing)
    }

    /// Whether body waits, for which a window is needed.
    pub(crate) fn has_body(&self) -> bool {
        !self.pending.is_empty() || self.kept.is_some()
    }

    /// Sends what this turn, the windows and the room allow of what waits.
    pub(crate) fn flush(&mut self, sender: &mut Sender, flow: &mut Flow, out: &mut Out<'_>) {
        while self.turn > 0 && self.has_body() {
            let ends = matches!(self.tail, Tail::End);
            let n = if self.pending.is_empty() {
                self.send_kept(sender, flow, out, ends)
            } else {
                self.pending.send(sender, flow, out, self.turn, ends && self.kept.is_none())
            };
            if n == 0 {
                return;
            }
            self.turn -= n.min(self.turn);
        }
        if self.has_body() {
            return;
        }
        let said = match &self.tail {
            Tail::Nothing => return,
            // The last frame has said so.
            Tail::End if !flow.state().is_local_open() => true,
            Tail::End => sender.end(flow, out),
            Tail::Trailers(raw) => sender.trailers(flow, out, RawFields(raw)),
        };
        if said {
            self.tail = Tail::Nothing;
        }
    }

    fn send_kept(&mut self, sender: &mut Sender, flow: &mut Flow, out: &mut Out<'_>, ends: bool) -> usize {
        let Some(kept) = &mut self.kept else { return 0 };
        let rest = kept.bytes.bytes().get(kept.at..).unwrap_or_default();
        let n = put_data(sender, flow, out, rest, self.turn, ends);
        kept.at += n;
        if kept.at == kept.bytes.bytes().len() {
            self.kept = None;
        }
        n
    }
}

/// Where body would go now.
enum Lend {
    Nowhere,
    /// Into the `Out`, so many bytes.
    Direct(usize),
    /// Beside it, so many bytes.
    Beside(usize),
}

/// The reply, with room to write.
pub(crate) struct H2Carrier<'a, 'o, 'm> {
    pub(crate) reply: &'a mut ReplyState,
    pub(crate) sender: &'a mut Sender,
    pub(crate) flow: &'a mut Flow,
    pub(crate) out: &'a mut Out<'o>,
    /// Where heads are put together: [`MAX_RESPONSE_HEAD_BYTES`] or more.
    pub(crate) scratch: &'a mut [u8],
    /// What the head before this one was encoded as.
    pub(crate) memo: &'a mut HeadMemo<'m>,
}

impl H2Carrier<'_, '_, '_> {
    fn lend(&self) -> Lend {
        if self.reply.phase != Phase::Body {
            return Lend::Nowhere;
        }
        let left = self.reply.left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        let most = left.min(self.reply.turn);
        let enough = most.min(STREAM_ROOM_BYTES);
        let direct = self.sender.room(self.flow, self.out).min(most);
        if self.reply.pending.is_empty() && direct >= enough {
            return Lend::Direct(direct);
        }
        // If only the room is short there will be more in the next turn; but a turn is never for nothing.
        let is_shut = self.sender.window(self.flow) < enough;
        if !is_shut && self.reply.turn < TURN_BYTES {
            return Lend::Nowhere;
        }
        Lend::Beside(STREAM_ROOM_BYTES.saturating_sub(self.reply.pending.len()).min(most))
    }

    /// Counts body that was filled.
    fn filled(&mut self, n: usize) {
        self.reply.turn -= n.min(self.reply.turn);
        if let Some(left) = &mut self.reply.left {
            *left = left.saturating_sub(n as u64);
            if *left == 0 {
                self.reply.phase = Phase::Ended;
            }
        }
    }

    /// Whether the response has no body whatever its head says (RFC 9110 §6.4.1).
    fn is_bodiless(&self) -> bool {
        let status = self.reply.status.unwrap_or(Status::OK);
        self.reply.is_head_request || status == Status::NO_CONTENT || status == Status::NOT_MODIFIED
    }

    fn flush(&mut self) {
        self.reply.flush(self.sender, self.flow, self.out);
    }
}

impl Carrier for H2Carrier<'_, '_, '_> {
    fn phase(&self) -> Phase {
        self.reply.phase
    }

    fn status(&mut self, status: Status) {
        self.reply.phase = Phase::Head;
        self.reply.status = Some(status);
        let first = raw_status(status);
        // There is always room for so much.
        self.reply.raw = self.scratch.first_chunk_mut().map_or(0, |room| {
            *room = first;
            first.len()
        });
    }

    fn field(&mut self, name: &str, value: &[u8]) -> Result<(), Misuse> {
        // RFC 9113 §8.2.2: nothing about the connection; the other names of that kind are refused for all carriers.
        if name.eq_ignore_ascii_case("proxy-connection") {
            return Ok(());
        }
        let most = self.scratch.len().min(MAX_RESPONSE_HEAD_BYTES);
        let room = self.scratch.get_mut(self.reply.raw..most).unwrap_or_default();
        let n = put_raw(room, name, value).ok_or(Misuse::HeadTooLong)?;
        self.reply.raw += n;
        Ok(())
    }

    fn head_end(&mut self, length: Length) -> Result<(), Misuse> {
        let status = self.reply.status.unwrap_or(Status::OK);
        let ends = self.is_bodiless() || length == Length::Known(0);
        let length_field = match length {
            // RFC 9110 §8.6: none in a 204. A 304 stands for another response, whose length we do not know here.
            Length::Known(n) if status != Status::NO_CONTENT && (n > 0 || status != Status::NOT_MODIFIED) => {
                Some(n)
            }
            _ => None,
        };
        let raw = self.scratch.get(..self.reply.raw).unwrap_or_default();
        let head = (raw, RawFields(raw));
        if !self.sender.head_like(self.flow, self.out, self.memo, head, length_field, ends) {
            return Err(Misuse::HeadTooLong);
        }
        self.reply.left = match length {
            Length::Known(n) => Some(n),
            Length::Unknown => None,
        };
        self.reply.phase = if ends { Phase::Ended } else { Phase::Body };
        Ok(())
    }

    fn head_abandon(&mut self) {
        if self.reply.phase == Phase::Head {
            self.reply.phase = Phase::Silent;
            self.reply.status = None;
            self.reply.raw = 0;
        }
    }

    fn room(&self) -> usize {
        match self.lend() {
            Lend::Nowhere => 0,
            Lend::Direct(n) | Lend::Beside(n) => n,
        }
    }

    fn fill(&mut self, f: &mut dyn FnMut(&mut [u8]) -> usize) -> usize {
        let n = match self.lend() {
            Lend::Nowhere | Lend::Direct(0) | Lend::Beside(0) => 0,
            Lend::Direct(most) => {
                let left = self.reply.left;
                let fill = |room: &mut Out<'_>| {
                    room.fill(|buf| f(buf));
                };
                self.sender.data(self.flow, self.out, most, fill, |n| left == Some(n as u64))
            }
            Lend::Beside(most) => self.reply.pending.fill(most, f),
        };
        self.filled(n);
        if self.reply.phase == Phase::Ended && self.flow.state().is_local_open() {
            self.reply.tail = Tail::End;
        }
        self.flush();
        n
    }

    fn keep(&mut self, body: Body) {
        if self.reply.phase == Phase::Body {
            self.reply.phase = Phase::Ended;
            let fits = body.bytes().len() <= self.reply.turn && !self.reply.is_sending();
            if fits && self.sender.whole(self.flow, self.out, body.bytes()) {
                return;
            }
            self.reply.kept = (!body.bytes().is_empty()).then_some(Kept { bytes: body, at: 0 });
            self.reply.tail = Tail::End;
            self.flush();
        }
    }

    fn end(&mut self, trailers: Fields<'_>) {
        if self.reply.phase != Phase::Body {
            return;
        }
        self.reply.phase = Phase::Ended;
        if self.reply.left.is_some() {
            // Less than was promised: the client must be able to see that.
            return self.abort();
        }
        self.reply.tail = if trailers.is_empty() { Tail::End } else { Tail::Trailers(raw(trailers)) };
        if let Tail::Trailers(raw) = &self.reply.tail
            && raw.len() > MAX_RESPONSE_HEAD_BYTES
        {
            log::error!("a handler's trailers were refused: they are too long");
            return self.abort();
        }
        self.flush();
    }

    fn abort(&mut self) {
        self.reply.aborted = true;
    }
}

/// Trailers that wait for the body to go out. They are rare.
fn raw(trailers: Fields<'_>) -> Box<[u8]> {
    let mut raw = Vec::new();
    for field in trailers.iter() {
        let at = raw.len();
        raw.resize(at + 4 + field.name.len() + field.value.len(), 0);
        let put = put_raw(&mut raw[at..], field.name, field.value);
        raw.truncate(at + put.unwrap_or(0));
    }
    raw.into_boxed_slice()
}
