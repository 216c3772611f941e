//! Bodies, incoming (RFC 9112 §6): which bytes of the stream are payload.
//!
//! ```text
//!   input:   | skip | data ............ | not this body's, or not yet |
//!              │      └ yours to take, all or a part: say how much with `consume`
//!              └ framing: consume it, whatever happens
//! ```
//! Offer, take, drop `skip` and what you took, offer again; until `done`, or until nothing moves and more input is
//! needed. Taking less is how a slow receiver holds a fast peer back.

use crate::chunked::Chunked;
use crate::error::{Error, Peer};
use crate::framing::Framing;

/// What [`BodyDecoder::decode`] found at the beginning of its input.
///
/// Nothing to skip and no data, without `done`, means: come back with more input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// Framing bytes in front. The decoder has passed them: consume them and never offer them again.
    pub skip: usize,
    /// Payload bytes behind those. They stay where they are until [`BodyDecoder::consume`].
    pub data: usize,
    /// The body ends behind this data.
    pub done: bool,
    /// So many bytes at the end of `skip` are the trailer section; see [`Decoded::trailers`].
    pub(crate) trailers: usize,
}

impl Decoded {
    /// The payload in the `input` that was decoded.
    pub fn payload<'i>(&self, input: &'i [u8]) -> &'i [u8] {
        let from_data = input.get(self.skip..).unwrap_or_default();
        from_data.get(..self.data).unwrap_or_default()
    }

    /// The trailer section in the `input` that was decoded, for [`trailers`](crate::trailers); empty if there is
    /// none. It is there only in the call that says `done`.
    pub fn trailers<'i>(&self, input: &'i [u8]) -> &'i [u8] {
        let start = self.skip - self.trailers.min(self.skip);
        input.get(start..self.skip).unwrap_or_default()
    }
}

/// Tells payload from framing in the bytes behind a head. No memory of its own, no copies.
#[derive(Clone, Debug)]
pub struct BodyDecoder {
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    /// So many bytes are left; zero is the end.
    Length(u64),
    Chunked(Chunked),
    UntilClose,
}

impl BodyDecoder {
    /// A decoder for a body framed like that.
    pub const fn new(framing: Framing) -> Self {
        let state = match framing {
            Framing::None => State::Length(0),
            Framing::Length(bytes) => State::Length(bytes),
            Framing::Chunked => State::Chunked(Chunked::new()),
            Framing::UntilClose => State::UntilClose,
        };
        Self { state }
    }

    /// Looks at `input`, which begins at the first byte not consumed.
    ///
    /// A trailer section is only passed once it is whole; until then, offer the same bytes again with those that
    /// follow (at most [`TRAILERS_MAX`](crate::limits::TRAILERS_MAX)). Everything else moves at any split.
    pub fn decode(&mut self, input: &[u8]) -> Result<Decoded, Error> {
        match &mut self.state {
            State::Length(left) => {
                let data = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
                Ok(Decoded { data, done: data as u64 == *left, ..Decoded::default() })
            }
            State::Chunked(chunked) => chunked.decode(input),
            State::UntilClose => Ok(Decoded { data: input.len(), ..Decoded::default() }),
        }
    }

    /// Takes `n` of the payload bytes last shown, at most all of them.
    pub fn consume(&mut self, n: usize) {
        match &mut self.state {
            State::Length(left) => *left = left.saturating_sub(n as u64),
            State::Chunked(chunked) => chunked.consume(n),
            State::UntilClose => (),
        }
    }

    /// Whether the whole body has been consumed. Never true for a body that lasts until the connection ends.
    pub fn is_done(&self) -> bool {
        match &self.state {
            State::Length(left) => *left == 0,
            State::Chunked(chunked) => chunked.is_done(),
            State::UntilClose => false,
        }
    }

    /// The peer will send no more: an error if the body is not complete (RFC 9112 §8).
    pub fn end(&self) -> Result<(), Error> {
        match self.state {
            State::UntilClose => Ok(()),
            _ if self.is_done() => Ok(()),
            _ => Err(Peer::Truncated.into()),
        }
    }
}
