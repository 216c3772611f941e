//! One call under way: what is still to be sent, and what is still to be heard.

use super::{Call, CallHead, Cause, Framing, Supply};
use crate::limits;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;
use lws_h1::{
    BodyDecoder, Error, HeadEncoder, HeadIndex, Limits, ResponseParser, chunk, last_chunk, trailers,
};
use lws_head::{Fields, Method, Status};
use lws_role::{Cx, Role, Timer};
use lws_wire::{Out, Time};

/// One call under way.
pub(super) struct Live {
    /// `None` once it has heard the last of it.
    pub(super) call: Option<Box<dyn Call>>,
    method: Method,
    tx: Tx,
    /// The response's body, once its head has come.
    body: Option<BodyDecoder>,
    /// The connection may carry another call after this one.
    pub(super) keep_alive: bool,
    interims: u32,
    /// Something of a response has come.
    pub(super) answered: bool,
    /// The caller held the body back when it was offered last.
    pub(super) held: bool,
    /// When something moved last.
    pub(super) moved_at: Time,
    /// The caller had no more of the request's body when it was asked last.
    pub(super) waits: bool,
    /// How long to wait for leave to send the body; see [`Call::expect_continue`].
    pub(super) leave: Option<Duration>,
}

/// What is still to be sent.
enum Tx {
    Head,
    /// The body, once the server gives leave (RFC 9110 §10.1.1).
    Leave,
    /// So many bytes of the body.
    Length(u64),
    /// Chunks, and the last one.
    Chunks,
    /// The last chunk, with trailers, for which there was no room.
    LastChunk,
    Done,
}

impl Tx {
    fn body(framing: Framing) -> Self {
        match framing {
            Framing::Length(n) if n > 0 => Self::Length(n),
            Framing::Chunked => Self::Chunks,
            _ => Self::Done,
        }
    }
}

/// What became of input.
pub(super) enum Heard {
    /// So many bytes were taken.
    Some(usize),
    /// So many bytes were taken, and the response is complete.
    End(usize),
    /// So many bytes were taken, and another role takes over; without one the connection ends.
    Switch(usize, Option<Box<dyn Role>>),
}

/// Room that is kept for the last chunk.
const LAST_CHUNK: usize = b"0\r\n\r\n".len();

impl Live {
    pub(super) fn new(call: Box<dyn Call>, now: Time) -> Self {
        Self {
            method: call.head().method,
            leave: if call.head().body == Framing::None { None } else { call.expect_continue() },
            call: Some(call),
            tx: Tx::Head,
            body: None,
            keep_alive: true,
            interims: 0,
            answered: false,
            held: false,
            moved_at: now,
            waits: false,
        }
    }

    /// Whether the request has been sent to its end.
    pub(super) fn is_said(&self) -> bool {
        matches!(self.tx, Tx::Done)
    }

    /// Whether the body waits for the server's leave.
    pub(super) fn awaits_leave(&self) -> bool {
        matches!(self.tx, Tx::Leave)
    }

    /// The body may be sent: the server has given leave, or has taken too long.
    pub(super) fn go_ahead(&mut self, cx: &mut Cx<'_>) {
        if let (Tx::Leave, Some(call)) = (&self.tx, &self.call) {
            self.tx = Tx::body(call.head().body);
            cx.want_write();
        }
    }

    /// Sends what has room.
    pub(super) fn speak(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Result<(), Cause> {
        let before = out.len();
        let Some(mut call) = self.call.take() else { return Ok(()) };
        let said = self.say(&mut *call, cx, out);
        self.call = Some(call);
        if out.len() > before {
            self.moved_at = cx.now();
        }
        said
    }

    fn say(&mut self, call: &mut dyn Call, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Result<(), Cause> {
        if let Tx::Head = self.tx
            && !self.send_head(call.head(), cx, out)?
        {
            return Ok(());
        }
        let supply = match self.tx {
            Tx::Head | Tx::Leave | Tx::Done => return Ok(()),
            Tx::Length(left) => {
                let mut supply = Supply::Wait;
                let most = usize::try_from(left).unwrap_or(usize::MAX);
                let n = out.nest::<0>(most, |room| supply = call.send(cx, room), |_, _| ());
                let left = left - n as u64;
                self.tx = if left == 0 { Tx::Done } else { Tx::Length(left) };
                if left > 0 && supply == Supply::End {
                    return Err(Cause::ShortBody);
                }
                supply
            }
            Tx::Chunks => self.send_chunk(call, cx, out),
            Tx::LastChunk => Supply::End,
        };
        if supply == Supply::Fail {
            return Err(Cause::Source);
        }
        self.waits = supply == Supply::Wait;
        if let Tx::LastChunk = self.tx {
            self.send_last_chunk(call, cx, out)?;
        }
        if supply == Supply::More && !self.is_said() {
            cx.want_write();
        }
        Ok(())
    }

    /// False: there is no room now.
    fn send_head(&mut self, head: &CallHead, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Result<bool, Cause> {
        let whole = out.is_empty();
        let mut write = || {
            let mut encoder = HeadEncoder::request(out, head.method, &head.target)?;
            for (name, value) in &head.fields {
                encoder.field(name, value)?;
            }
            if self.leave.is_some() {
                encoder.field("expect", b"100-continue")?;
            }
            encoder.framing(framing(head.body))?;
            encoder.finish()
        };
        match write() {
            Ok(_) => {}
            Err(Error::Full) if !whole => {
                cx.want_write();
                return Ok(false);
            }
            Err(error) => return Err(cause(error)),
        }
        self.tx = match self.leave {
            Some(patience) => {
                cx.set_timer(Timer::Role, patience);
                Tx::Leave
            }
            None => Tx::body(head.body),
        };
        Ok(true)
    }

    fn send_chunk(&mut self, call: &mut dyn Call, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Supply {
        let mut supply = Supply::More;
        let room = out.room().saturating_sub(LAST_CHUNK);
        // The chunk is written into what is left in front of the last one's place.
        out.nest::<0>(
            room,
            |out| {
                chunk(out, |room| supply = call.send(cx, room));
            },
            |_, _| (),
        );
        if supply == Supply::End {
            self.tx = Tx::LastChunk;
        }
        supply
    }

    fn send_last_chunk(
        &mut self,
        call: &mut dyn Call,
        cx: &mut Cx<'_>,
        out: &mut Out<'_>,
    ) -> Result<(), Cause> {
        let trailers = call.trailers();
        let put = if trailers.is_empty() { last_chunk(out) } else { put_trailers(out, trailers) };
        if put {
            self.tx = Tx::Done;
        } else if out.is_empty() {
            return Err(Cause::Misuse("the trailers are too long"));
        } else {
            cx.want_write();
        }
        Ok(())
    }

    /// Takes what it can of the response.
    pub(super) fn hear(
        &mut self,
        cx: &mut Cx<'_>,
        parser: &mut ResponseParser,
        input: &[u8],
    ) -> Result<Heard, Cause> {
        self.held = false;
        if let Tx::Head = self.tx {
            return Err(Cause::Unasked);
        }
        if !input.is_empty() {
            self.moved_at = cx.now();
            self.answered = true;
        }
        if self.body.is_some() { self.hear_body(cx, input) } else { self.hear_head(cx, parser, input) }
    }

    fn hear_head(
        &mut self,
        cx: &mut Cx<'_>,
        parser: &mut ResponseParser,
        input: &[u8],
    ) -> Result<Heard, Cause> {
        let mut index = HeadIndex::new();
        let bounds = Limits::default().head(limits::RESPONSE_HEAD_BYTES);
        let parsed = parser.parse(input, &mut index, &bounds, self.method).map_err(cause)?;
        let (Some(response), Some(call)) = (parsed, &mut self.call) else { return Ok(Heard::Some(0)) };
        if response.head.status == Status::SWITCHING_PROTOCOLS {
            if !call.wants_switch() {
                return Err(Cause::UnaskedSwitch);
            }
            let role = self.call.take().and_then(|call| call.switch(cx, &response.head));
            return Ok(Heard::Switch(response.len, role));
        }
        if response.head.status.is_informational() {
            self.interims += 1;
            if self.interims > limits::INTERIM_RESPONSES {
                return Err(Cause::TooManyInterim);
            }
            call.interim(cx, &response.head);
            if response.head.status == Status::CONTINUE {
                self.go_ahead(cx);
            }
            return Ok(Heard::Some(response.len));
        }
        self.keep_alive &= response.keep_alive;
        call.response(cx, &response.head);
        let body = BodyDecoder::new(response.framing);
        let done = body.is_done();
        self.body = Some(body);
        Ok(if done { self.end(cx, response.len, NO_TRAILERS) } else { Heard::Some(response.len) })
    }

    fn hear_body(&mut self, cx: &mut Cx<'_>, input: &[u8]) -> Result<Heard, Cause> {
        let (Some(body), Some(call)) = (&mut self.body, &mut self.call) else { return Ok(Heard::Some(0)) };
        let decoded = body.decode(input).map_err(cause)?;
        let data = decoded.payload(input);
        let taken = if data.is_empty() { 0 } else { call.body(cx, data).min(data.len()) };
        body.consume(taken);
        self.held = taken < data.len();
        let consumed = decoded.skip + taken;
        if !decoded.done || self.held {
            return Ok(Heard::Some(consumed));
        }
        let section = decoded.trailers(input);
        let mut index = HeadIndex::new();
        let trailers = match section {
            [] => NO_TRAILERS,
            section => trailers(section, &mut index).map_err(cause)?,
        };
        Ok(self.end(cx, consumed, trailers))
    }

    /// The server will send no more: whether the response is complete.
    pub(super) fn ended(&mut self, cx: &mut Cx<'_>) -> bool {
        let complete = self.body.as_ref().is_some_and(|body| body.end().is_ok());
        if complete {
            self.end(cx, 0, NO_TRAILERS);
        }
        complete
    }

    fn end(&mut self, cx: &mut Cx<'_>, consumed: usize, trailers: Fields<'_>) -> Heard {
        if let Some(call) = self.call.take() {
            call.end(cx, trailers);
        }
        Heard::End(consumed)
    }
}

/// The last chunk with trailers (RFC 9112 §7.1.2), whole or not at all; those that are not allowed there are left out.
fn put_trailers(out: &mut Out<'_>, trailers: &[(String, Vec<u8>)]) -> bool {
    let Ok(mut encoder) = HeadEncoder::trailers(out) else { return false };
    for (name, value) in trailers {
        if let Err(Error::Full) = encoder.field(name, value) {
            return false;
        }
    }
    encoder.finish().is_ok()
}

fn framing(body: Framing) -> lws_h1::Framing {
    match body {
        Framing::None => lws_h1::Framing::None,
        Framing::Length(n) => lws_h1::Framing::Length(n),
        Framing::Chunked => lws_h1::Framing::Chunked,
    }
}

/// What the call hears of an error of the codec's.
fn cause(error: Error) -> Cause {
    match error {
        Error::Peer(fault) => Cause::Peer(fault.as_str()),
        Error::Limit(limit) => Cause::Limit(limit.as_str()),
        Error::Misuse(misuse) => Cause::Misuse(misuse.as_str()),
        _ => Cause::Misuse("the request's head is too long"),
    }
}

const NO_TRAILERS: Fields<'static> = Fields::new(&[], &[]);
