//! Response heads (RFC 9113 §8.3.2).

use lws_head::{Fields, ResponseHead, Status, Version};
use lws_hpack::Decoder;

use super::collect::{Allowed, Pseudo};
use super::{HeadRoom, Verdict, collect};
use crate::error::{Error, Peer};

/// A response's head, and what it says about the body.
pub(crate) struct Response<'r> {
    pub(crate) head: ResponseHead<'r>,
    pub(crate) content_length: Option<u64>,
}

/// Decodes a response's head, interim ones included.
pub(crate) fn response<'r>(
    decoder: &mut Decoder,
    block: &[u8],
    room: &'r mut HeadRoom<'_>,
) -> Result<Verdict<Response<'r>>, Error> {
    let list = match collect(decoder, block, room, Allowed::Response)? {
        Verdict::Good((list, _)) => list,
        Verdict::Malformed(fault) => return Ok(Verdict::Malformed(fault)),
        Verdict::Answer(status) => return Ok(Verdict::Answer(status)),
    };
    // RFC 9113 §8.3.2: exactly one `:status`.
    let Some(digits) = list.value(Pseudo::Status) else { return Ok(Verdict::Malformed(Peer::Pseudo)) };
    let Some(status) = status(digits) else { return Ok(Verdict::Malformed(Peer::Status)) };
    let content_length = list.content_length;
    let list = list.finish();
    let fields = Fields::new(list.text, list.index);
    let head = ResponseHead { status, version: Version::Http2, reason: b"", fields };
    Ok(Verdict::Good(Response { head, content_length }))
}

fn status(digits: &[u8]) -> Option<Status> {
    let &[a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = digits else { return None };
    let code = [a, b, c].into_iter().fold(0_u16, |n, d| n * 10 + u16::from(d - b'0'));
    // RFC 9113 §8.6: HTTP/2 has no 101.
    Status::new(code).filter(|status| *status != Status::SWITCHING_PROTOCOLS)
}
