//! What HTTP/1 and HTTP/2 implement so that handlers can answer.

use crate::{Body, CommonFields};
use core::fmt;
use lws_head::{Fields, Status};

/// One exchange's way back to the client. Handlers use it through [`crate::Reply`], which checks what they say.
///
/// Order: [`Carrier::status`], any number of [`Carrier::field`]s, [`Carrier::head_end`], then body by
/// [`Carrier::fill`] or [`Carrier::keep`], then [`Carrier::end`].
pub trait Carrier {
    /// How far the reply is.
    fn phase(&self) -> Phase;

    /// Begins a response head.
    fn status(&mut self, status: Status);

    /// Adds a field. Name and value have been checked (RFC 9110 §5.1, §5.5).
    ///
    /// # Errors
    /// [`Misuse::HeadTooLong`].
    fn field(&mut self, name: &str, value: &[u8]) -> Result<(), Misuse>;

    /// Adds the fields that every response of the vhost has, all of them.
    ///
    /// # Errors
    /// [`Misuse::HeadTooLong`]. Some may have been added then; what follows is [`Carrier::head_abandon`].
    fn common(&mut self, fields: CommonFields<'_>) -> Result<(), Misuse> {
        fields.iter().try_for_each(|(name, value)| self.field(name, value))
    }

    /// Ends the head and says how the body will be delimited. The carrier adds the framing fields.
    ///
    /// # Errors
    /// [`Misuse::HeadTooLong`].
    fn head_end(&mut self, length: Length) -> Result<(), Misuse>;

    /// Takes the unfinished head back, as if [`Carrier::status`] had not been called.
    fn head_abandon(&mut self);

    /// Bytes of body that [`Carrier::fill`] would lend now.
    fn room(&self) -> usize;

    /// Lends room for body; `f` says how many of its first bytes it filled. Not called when there is no room.
    /// Returns what was filled. Bytes beyond a known length are refused.
    fn fill(&mut self, f: &mut dyn FnMut(&mut [u8]) -> usize) -> usize;

    /// Takes over the rest of the body: sends it as room appears, then ends the reply.
    fn keep(&mut self, body: Body);

    /// The host is about to send all that remains of a body of known length, so many bytes, by itself. False: this
    /// carrier has to see them, or they are not all that remains. The default says that.
    fn hand_over(&mut self, _bytes: u64) -> bool {
        false
    }

    /// Ends the reply, with trailers if there are any. A body shorter than its known length is an abort.
    fn end(&mut self, trailers: Fields<'_>);

    /// Breaks the reply off so that the client can see that it is incomplete.
    fn abort(&mut self);
}

/// How far a reply is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nothing has been said yet.
    Silent,
    /// The head is being written.
    Head,
    /// The head is complete; body may follow.
    Body,
    /// The reply is complete (or the carrier has everything it needs to complete it).
    Ended,
}

/// How the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Exactly so many bytes.
    Known(u64),
    /// Told by the framing when it comes: chunked on HTTP/1.1, by closing on HTTP/1.0, END_STREAM on HTTP/2.
    Unknown,
}

/// What a handler did wrong. It is logged, and the client is answered with 500 if that is still possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// A field name is not a token (RFC 9110 §5.1), or the value has a CR, LF, NUL or other control in it.
    Field,
    /// A field that only the carrier may set: Connection, Content-Length, Transfer-Encoding, Upgrade, Keep-Alive.
    FramingField,
    /// The head exceeds [`crate::limits::MAX_RESPONSE_HEAD_BYTES`] or the room there was.
    HeadTooLong,
    /// A second head.
    SecondHead,
    /// An interim status (1xx) as the answer: the client would take the next answer for this one.
    Interim,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Field => "a response field has an invalid name or a control character in its value",
            Self::FramingField => "a response field that only the carrier may set",
            Self::HeadTooLong => "the response head is too long",
            Self::SecondHead => "a second response head for one request",
            Self::Interim => "an interim status (1xx) as the answer to a request",
        })
    }
}

impl core::error::Error for Misuse {}
