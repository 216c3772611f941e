//! What the peer's bytes say.
//!
//! ```text
//!   input:  | header | clear | masked still ......... | next frame
//!                    ^ consume(n) moves this on
//!
//!   Between ──header──▶ Frame ──last byte consumed──▶ Between
//!                         └────── a close frame ────▶ Closed          anything illegal ▶ Failed
//! ```
//! The caller owns the input, which always starts with the first byte it has not taken. [`Receiver::receive`] looks
//! at it and unmasks in place; the receiver remembers how much of the payload is `clear`, so a piece may be offered
//! as often as it takes. Text is checked when it becomes clear: exactly once, and before anybody sees it.
//!
//! Invariant: `clear <= left`, and both count from the first payload byte not consumed.

use crate::close::Close;
use crate::error::{Error, Excess, Violation};
use crate::header::{Header, Opcode, Parsed};
use crate::limits::{FRAGMENT_BYTES, MAX_FRAGMENTS, MAX_MESSAGE};
use crate::{mask, utf8};
pub use whole::Whole;

mod whole;

/// Which end of the connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Frames come masked and leave unmasked.
    Server,
    /// Frames come unmasked and leave masked.
    Client,
}

/// What a receiver allows.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Payload bytes of a message on the wire; beyond it 1009. [`MAX_MESSAGE`] by default.
    pub max_message: u64,
    /// Payload bytes of a frame; beyond it 1009. No bound of its own by default.
    pub max_frame: u64,
    /// Whether an extension claimed the bit RSV1 of a message's first frame. It did not, by default.
    pub allow_rsv1: bool,
    /// Whether text must be UTF-8, as RFC 6455 §8.1 asks; else 1007. It must, by default.
    ///
    /// Messages with RSV1 set are not checked: what they say is known only after decompression.
    #[doc(alias = "LWS_SERVER_OPTION_VALIDATE_UTF8")]
    pub check_utf8: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_message: MAX_MESSAGE, max_frame: u64::MAX, allow_rsv1: false, check_utf8: true }
    }
}

impl Options {
    /// Sets the bound of a message's payload, in bytes.
    pub const fn max_message(self, max_message: u64) -> Self {
        Self { max_message, ..self }
    }

    /// Sets the bound of a frame's payload, in bytes.
    pub const fn max_frame(self, max_frame: u64) -> Self {
        Self { max_frame, ..self }
    }

    /// Sets whether an extension claimed RSV1.
    pub const fn allow_rsv1(self, allow_rsv1: bool) -> Self {
        Self { allow_rsv1, ..self }
    }

    /// Sets whether text must be UTF-8.
    pub const fn check_utf8(self, check_utf8: bool) -> Self {
        Self { check_utf8, ..self }
    }
}

/// What a message is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// UTF-8.
    Text,
    /// Bytes.
    #[doc(alias = "lws_frame_is_binary")]
    Binary,
}

impl Kind {
    /// The opcode of such a message's first frame.
    pub const fn opcode(self) -> Opcode {
        match self {
            Self::Text => Opcode::Text,
            Self::Binary => Opcode::Binary,
        }
    }
}

/// What one look at the input found.
#[derive(Debug)]
pub struct Received<'b> {
    /// Bytes in front of the payload. They are dealt with, whatever becomes of the event.
    pub header: usize,
    /// Bytes of payload in `event`, unmasked where they lie behind the header.
    pub payload: usize,
    /// What it is.
    pub event: Event<'b>,
}

/// What the peer sent.
#[derive(Debug)]
pub enum Event<'b> {
    /// Some of a message.
    Data(Data<'b>),
    /// Answer with a pong of the same bytes, whole. Of several pings it is enough to answer the last
    /// (RFC 6455 §5.5.3).
    Ping(&'b [u8]),
    /// The answer to a ping, or a sign of life.
    #[doc(alias = "LWS_CALLBACK_RECEIVE_PONG")]
    Pong(&'b [u8]),
    /// The peer's last frame.
    #[doc(alias = "LWS_CALLBACK_WS_PEER_INITIATED_CLOSE")]
    Close(Close<'b>),
}

/// Some of a message's payload, in one frame.
///
/// A message that arrives whole in one piece is `first && fin`.
#[derive(Debug)]
pub struct Data<'b> {
    /// What the message is made of.
    pub kind: Kind,
    /// Whether the message's first frame had RSV1 set: it is compressed.
    pub rsv1: bool,
    /// Whether these are the first bytes of the message.
    #[doc(alias = "lws_is_first_fragment")]
    pub first: bool,
    /// Whether these are the first bytes of a frame.
    pub start_of_frame: bool,
    /// Whether these bytes, if all are taken, end the message.
    #[doc(alias = "lws_is_final_fragment")]
    pub fin: bool,
    /// Bytes of the frame that come after these.
    #[doc(alias = "lws_remaining_packet_payload")]
    pub frame_left: u64,
    /// The payload; empty only if the frame is.
    pub bytes: &'b [u8],
}

/// Reads the frames of one peer. Holds no payload and owns no memory.
#[derive(Clone, Copy, Debug)]
pub struct Receiver {
    side: Side,
    options: Options,
    state: State,
    /// The message whose frames are coming.
    message: Option<Message>,
    /// Of the message, as far as it is clear.
    text: utf8::Validator,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Between,
    Frame(Frame),
    Closed,
    Failed(Error),
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    opcode: Opcode,
    fin: bool,
    /// Nothing was consumed yet.
    start: bool,
    /// The masking key for the first byte that is not clear.
    key: [u8; 4],
    /// Bytes unmasked already; `clear <= left`.
    clear: usize,
    /// Bytes not consumed.
    left: u64,
}

#[derive(Clone, Copy, Debug)]
struct Message {
    kind: Kind,
    rsv1: bool,
    /// Frames so far; `<= MAX_FRAGMENTS + payload / FRAGMENT_BYTES`.
    fragments: u64,
    /// Payload of the frames so far; `<= max_message`.
    payload: u64,
}

impl Receiver {
    /// A receiver at the first byte after the handshake.
    pub const fn new(side: Side, options: Options) -> Self {
        Self { side, options, state: State::Between, message: None, text: utf8::Validator::new() }
    }

    /// Looks at `input`, which starts with the first byte not taken yet; `None` means that it has to be longer.
    ///
    /// With an event in hand, drop [`Received::header`] bytes of the input, see how many of the
    /// [`Received::payload`] bytes can be taken, say so with [`Receiver::consume`], and drop those too. Whoever does
    /// not call `consume` gets the same event again, with `header: 0`.
    ///
    /// Control frames come whole, so `None` may ask for up to [`MAX_LOOKAHEAD`](crate::limits::MAX_LOOKAHEAD) bytes.
    /// After a close frame there is nothing more to see: `None`, always.
    ///
    /// # Errors
    /// The connection has to be failed with [`Error::close_code`]. The receiver stays where it is.
    #[inline]
    pub fn receive<'b>(&mut self, input: &'b mut [u8]) -> Result<Option<Received<'b>>, Error> {
        let result = self.look(input);
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    /// Says how many payload bytes of the last event were taken. The others are offered again.
    ///
    /// This also ends an empty frame, with `n = 0`. Control frames are taken whole, or not (no call).
    #[inline]
    pub fn consume(&mut self, n: usize) {
        let State::Frame(frame) = &mut self.state else { return };
        debug_assert!(n <= frame.clear, "{n} bytes taken of {}", frame.clear);
        let n = n.min(frame.clear);
        frame.clear -= n;
        frame.left -= n as u64;
        frame.start &= n == 0;
        if frame.left > 0 {
            debug_assert!(n == 0 || !frame.opcode.is_control(), "control frames are taken whole");
            return;
        }
        if frame.fin && !frame.opcode.is_control() {
            self.message = None;
        }
        // RFC 6455 §5.5.1: the close frame is the last one; §1.4: what follows it is discarded.
        self.state = if frame.opcode == Opcode::Close { State::Closed } else { State::Between };
    }

    /// Whether the peer's close frame was consumed. Nothing it sends after that has a meaning.
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    /// Whether the next byte begins a frame, and no message is under way: a new receiver is as good as this one.
    pub fn is_between(&self) -> bool {
        matches!(self.state, State::Between) && self.message.is_none()
    }

    /// Whether a message is under way: control frames aside, the next frame continues it.
    pub fn in_message(&self) -> bool {
        self.message.is_some()
    }

    #[inline]
    fn look<'b>(&mut self, input: &'b mut [u8]) -> Result<Option<Received<'b>>, Error> {
        let (mut frame, header) = match self.state {
            State::Frame(frame) => (frame, 0),
            State::Between => {
                let Some(parsed) = Header::parse(input)? else { return Ok(None) };
                let message = self.admit(&parsed)?;
                let frame = Frame::new(&parsed);
                if !frame.worth_a_look(input.len() - parsed.size) {
                    return Ok(None);
                }
                self.message = message;
                (frame, parsed.size)
            }
            State::Closed => return Ok(None),
            State::Failed(error) => return Err(error),
        };
        let body = &mut input[header..];
        if !frame.worth_a_look(body.len()) {
            return Ok(None);
        }
        let len = usize::try_from(frame.left).map_or(body.len(), |left| left.min(body.len()));
        let payload = &mut body[..len];
        if let Some(masked) = payload.get_mut(frame.clear..) {
            if self.side == Side::Server {
                frame.key = mask::apply(masked, frame.key);
            }
            self.check_text(&frame, masked)?;
            frame.clear = len;
        }
        self.state = State::Frame(frame);
        let event = self.event(&frame, payload)?;
        Ok(Some(Received { header, payload: len, event }))
    }

    /// Checks a header against the connection and the message under way; returns the message after it.
    #[inline]
    fn admit(&mut self, parsed: &Parsed) -> Result<Option<Message>, Error> {
        let header = &parsed.header;
        match (self.side, header.mask) {
            // RFC 6455 §5.1: the server MUST close the connection upon a frame that is not masked.
            (Side::Server, None) => return Err(Violation::Unmasked.into()),
            // RFC 6455 §5.1: a client MUST close the connection if it detects a masked frame.
            (Side::Client, Some(_)) => return Err(Violation::Masked.into()),
            _ => {}
        }
        let kind = match header.opcode {
            Opcode::Text => Some(Kind::Text),
            Opcode::Binary => Some(Kind::Binary),
            _ => None,
        };
        // RFC 6455 §5.2: RSV1 MUST be 0 unless an extension defines it; RFC 7692 §6.1: on first frames of messages.
        if header.rsv1 && (kind.is_none() || !self.options.allow_rsv1) {
            return Err(Violation::ReservedBits.into());
        }
        if header.opcode.is_control() {
            return Ok(self.message);
        }
        let mut message = match (self.message, kind) {
            // RFC 6455 §5.4: the fragments of one message MUST NOT be interleaved with those of another.
            (Some(_), Some(_)) => return Err(Violation::Interleaved(header.opcode).into()),
            // RFC 6455 §5.4: a fragmented message starts with an opcode other than 0.
            (None, None) => return Err(Violation::NothingToContinue.into()),
            (Some(message), None) => message,
            (None, Some(kind)) => Message { kind, rsv1: header.rsv1, fragments: 0, payload: 0 },
        };
        message.fragments += 1;
        message.payload = message.payload.saturating_add(parsed.payload);
        if parsed.payload > self.options.max_frame {
            return Err(Excess::Frame.into());
        }
        if message.payload > self.options.max_message {
            return Err(Excess::Message.into());
        }
        if message.fragments > MAX_FRAGMENTS + message.payload / FRAGMENT_BYTES {
            return Err(Excess::Fragments.into());
        }
        Ok(Some(message))
    }

    /// RFC 6455 §8.1: a text message that is not UTF-8 fails the connection.
    #[inline]
    fn check_text(&mut self, frame: &Frame, newly_clear: &[u8]) -> Result<(), Error> {
        match self.message {
            Some(Message { kind: Kind::Text, rsv1: false, .. }) if self.options.check_utf8 => {}
            _ => return Ok(()),
        }
        if frame.opcode.is_control() {
            return Ok(());
        }
        self.text.push(newly_clear).map_err(|utf8::Invalid| Violation::Text)?;
        let all = frame.left == (frame.clear + newly_clear.len()) as u64;
        if frame.fin && all && !self.text.is_complete() {
            return Err(Violation::Text.into());
        }
        Ok(())
    }

    #[inline]
    fn event<'b>(&self, frame: &Frame, payload: &'b [u8]) -> Result<Event<'b>, Error> {
        Ok(match frame.opcode {
            Opcode::Ping => Event::Ping(payload),
            Opcode::Pong => Event::Pong(payload),
            Opcode::Close => Event::Close(Close::parse(payload)?),
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                let message = self.message.ok_or(Violation::NothingToContinue)?;
                let frame_left = frame.left - payload.len() as u64;
                Event::Data(Data {
                    kind: message.kind,
                    rsv1: message.rsv1,
                    first: frame.start && frame.opcode != Opcode::Continuation,
                    start_of_frame: frame.start,
                    fin: frame.fin && frame_left == 0,
                    frame_left,
                    bytes: payload,
                })
            }
        })
    }
}

impl Frame {
    #[inline]
    fn new(parsed: &Parsed) -> Self {
        Self {
            opcode: parsed.header.opcode,
            fin: parsed.header.fin,
            start: true,
            // A client has no use for it.
            key: parsed.header.mask.unwrap_or_default(),
            clear: 0,
            left: parsed.payload,
        }
    }

    /// Whether `available` payload bytes make an event: any, or all if there are none or if it is a control frame.
    #[inline]
    fn worth_a_look(&self, available: usize) -> bool {
        let available = available as u64;
        available >= self.left || available > 0 && !self.opcode.is_control()
    }
}

#[cfg(test)]
mod tests;
