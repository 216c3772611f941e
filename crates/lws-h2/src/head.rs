//! From a field list to a head (RFC 9113 §8.1 - §8.3): the rules that make HTTP/2 safe to translate.
//!
//! ```text
//!   block ──▶ Decoder ──▶ Collector ──▶ request | response | trailers ──▶ RequestHead, ResponseHead, Fields
//!                           │  text, index: in the room that the caller lends
//!                           └─ the first fault: the message is malformed, its stream is reset
//! ```
//! A message that breaks a rule is not repaired: what one reader repairs, another reads differently (H2-14).

mod collect;
mod last;
mod request;
mod response;
mod trailers;

use lws_head::{FieldPos, Status};
use lws_hpack::Decoder;

use crate::error::{Error, Peer};
use crate::limits;

use collect::Collector;
use last::Last;

pub(crate) use request::request;
pub(crate) use response::response;
pub(crate) use trailers::trailers;

/// Room in which heads are put together: lend it from a pool for the length of a call. It remembers the last request of
/// its connection, so make a new one for each call and each connection.
pub struct HeadRoom<'b> {
    /// Huffman text on its way into the decoder's table.
    scratch: &'b mut [u8],
    text: &'b mut [u8],
    index: [FieldPos; limits::FIELDS + 1],
    last: Last,
}

impl<'b> HeadRoom<'b> {
    /// Uses `block`, of [`limits::HEAD_ROOM_BYTES`] or more. In less, large heads are answered with 431.
    pub fn new(block: &'b mut [u8]) -> Self {
        let (scratch, text) = block.split_at_mut(block.len().min(limits::LIST_BYTES));
        let most = text.len().min(lws_head::limits::BLOCK_MAX - 1);
        let index = [FieldPos::default(); limits::FIELDS + 1];
        Self { scratch, text: &mut text[..most], index, last: Last::NOTHING }
    }
}

/// What became of a block that is sound HPACK.
pub(crate) enum Verdict<H> {
    Good(H),
    /// RFC 9113 §8.1.1: the stream is reset.
    Malformed(Peer),
    /// It can be understood, and must be answered with an error.
    Answer(Status),
}

/// Decodes a block whose fields nobody wants, to keep the tables in step.
pub(crate) fn discard(decoder: &mut Decoder, block: &[u8], room: &mut HeadRoom<'_>) -> Result<(), Error> {
    let used = decoder.decode(block, room.scratch, |_| core::ops::ControlFlow::Break(()))?;
    decoder.finish(block.get(used..).unwrap_or_default())?;
    Ok(())
}

/// Decodes a block into the room.
fn collect<'r>(
    decoder: &mut Decoder,
    block: &[u8],
    room: &'r mut HeadRoom<'_>,
    allowed: collect::Allowed,
) -> Result<Verdict<(Collector<'r>, &'r mut Last)>, Error> {
    let HeadRoom { scratch, text, index, last } = room;
    last.forget();
    let mut collector = Collector::new(text, index, allowed);
    let used = decoder.decode(block, scratch, |field| collector.add(&field))?;
    let list = decoder.finish(block.get(used..).unwrap_or_default())?;
    Ok(match (collector.fault, list.refused) {
        (Some(fault), _) => Verdict::Malformed(fault),
        (None, None) => Verdict::Good((collector, last)),
        // H2-04: the list is too large for us, and for nobody else.
        (None, Some(_)) => Verdict::Answer(Status::REQUEST_HEADER_FIELDS_TOO_LARGE),
    })
}
