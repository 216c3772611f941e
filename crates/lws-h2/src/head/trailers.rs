//! Trailer sections (RFC 9110 §6.5, RFC 9113 §8.1): read on their own, never merged into the head.

use lws_head::Fields;
use lws_hpack::Decoder;

use super::collect::Allowed;
use super::{HeadRoom, Verdict, collect};
use crate::error::Error;

/// Decodes a trailer section.
pub(crate) fn trailers<'r>(
    decoder: &mut Decoder,
    block: &[u8],
    room: &'r mut HeadRoom<'_>,
) -> Result<Verdict<Fields<'r>>, Error> {
    Ok(match collect(decoder, block, room, Allowed::Trailers)? {
        Verdict::Good((list, _)) => {
            let list = list.finish();
            Verdict::Good(Fields::new(list.text, list.index))
        }
        Verdict::Malformed(fault) => Verdict::Malformed(fault),
        Verdict::Answer(status) => Verdict::Answer(status),
    })
}
