//! A field block with all its frames: `HEADERS` and the `CONTINUATION`s behind it (RFC 9113 §4.3, §6.10).
//!
//! The block is taken whole: until its last frame is complete nothing is consumed, and it is offered again, longer.
//! So a connection keeps no half-decoded head between two calls, and what is wrong with the frames is told by their
//! headers, before their payload has come, let alone been decoded (H2-03).

use crate::error::{Error, Limit, Peer, Wrong};
use crate::frame::{HEADER, Header, flag, headers, kind};
use crate::limits;

/// A complete block, which lies in one piece at `fragment` of the input now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Bytes of all frames.
    pub(crate) total: usize,
    pub(crate) fragment: core::ops::Range<usize>,
    /// RFC 7540 §5.3.1: a stream must not depend on itself.
    pub(crate) depends_on: Option<u32>,
}

/// Looks for the whole block that begins at the front of `input` with a `HEADERS` frame.
#[inline]
pub(crate) fn gather(first: Header, input: &mut [u8]) -> Result<Option<Block>, Error> {
    if first.flags & (flag::END_HEADERS | flag::PADDED | flag::PRIORITY) == flag::END_HEADERS {
        // One frame with nothing around the fragment, as is the rule.
        let total = first.total();
        let whole = Block { total, fragment: HEADER..total, depends_on: None };
        return Ok((total <= input.len()).then_some(whole));
    }
    let Some(total) = span(first, input)? else { return Ok(None) };
    let Some(payload) = input.get(HEADER..first.total()) else { return Ok(None) };
    let around = headers::read(first, payload)?;
    let fragment = HEADER + around.fragment.start..HEADER + around.fragment.end;
    let end = join(input, fragment.end, first.total(), total);
    Ok(Some(Block { total, fragment: fragment.start..end, depends_on: around.depends_on }))
}

/// Bytes of all frames of the block, once they are all there. Checks every header there is.
fn span(first: Header, input: &[u8]) -> Result<Option<usize>, Error> {
    // Padding and priority count as well: nobody needs so much of them.
    let mut bytes = first.length as usize;
    let mut header = first;
    let mut at = 0;
    for _ in 0..=limits::CONTINUATION_FRAMES {
        at += header.total();
        if header.has(flag::END_HEADERS) {
            return Ok((at <= input.len()).then_some(at));
        }
        let Some(next) = input.get(at..).and_then(Header::peek) else { return Ok(None) };
        // RFC 9113 §6.10: nothing but CONTINUATION of the same stream may follow.
        if next.kind != kind::CONTINUATION || next.stream != first.stream {
            return Err(Peer::Continuation.into());
        }
        if next.length > limits::FRAME_BYTES {
            return Err(Peer::FrameSize.into());
        }
        bytes += next.length as usize;
        if bytes > limits::BLOCK_BYTES {
            return Err(Limit::Block.into());
        }
        header = next;
    }
    Err(Limit::Continuations.into())
}

/// Moves the fragments behind the first one, which ends at `end`, up to it. Returns where the block ends now.
fn join(input: &mut [u8], mut end: usize, mut at: usize, total: usize) -> usize {
    while at < total
        && let Some(header) = input.get(at..).and_then(Header::peek)
    {
        input.copy_within(at + HEADER..at + header.total(), end);
        end += header.length as usize;
        at += header.total();
    }
    end
}

/// RFC 7540 §5.3.1: a stream that depends on itself is an error of that stream.
pub(crate) fn check_dependency(stream: u32, depends_on: u32) -> Result<(), Wrong> {
    if stream == depends_on { Err(Wrong::Stream(Peer::SelfDependency)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let header = Header { length: payload.len() as u32, kind, flags, stream };
        [&header.bytes()[..], payload].concat()
    }

    fn take(input: &[u8]) -> Result<Option<(usize, Vec<u8>)>, Error> {
        let mut input = input.to_vec();
        let first = Header::peek(&input).expect("a header");
        Ok(gather(first, &mut input)?.map(|b| (b.total, input[b.fragment].to_vec())))
    }

    #[test]
    fn pieces_are_joined_at_every_split() {
        let input = [
            frame(kind::HEADERS, flag::PADDED | flag::PRIORITY, 1, b"\x03\0\0\0\x03\x10one\0\0\0"),
            frame(kind::CONTINUATION, 0, 1, b""),
            frame(kind::CONTINUATION, 0, 1, b"two"),
            frame(kind::CONTINUATION, flag::END_HEADERS, 1, b"three"),
        ]
        .concat();
        let with_more = [&input[..], b"next frame"].concat();
        for n in HEADER..=with_more.len() {
            let want = (n >= input.len()).then(|| (input.len(), b"onetwothree".to_vec()));
            assert_eq!(take(&with_more[..n]), Ok(want), "{n} bytes");
        }
    }

    #[test]
    fn h2_03_continuation_flood_is_cut_at_the_ninth_frame() {
        for payload in [&b""[..], b"x"] {
            let mut input = frame(kind::HEADERS, 0, 1, b"");
            for _ in 0..limits::CONTINUATION_FRAMES {
                input.extend(frame(kind::CONTINUATION, 0, 1, payload));
                assert_eq!(take(&input), Ok(None));
            }
            input.extend(frame(kind::CONTINUATION, 0, 1, payload));
            assert_eq!(take(&input), Err(Limit::Continuations.into()));
        }
    }

    #[test]
    fn a_long_block_is_refused_by_its_frame_headers() {
        let mut input = frame(kind::HEADERS, 0, 1, &[0; 10_000]);
        input.extend(&frame(kind::CONTINUATION, flag::END_HEADERS, 1, &[0; 7_000])[..HEADER]);
        assert_eq!(take(&input), Err(Limit::Block.into()));
    }

    #[test]
    fn nothing_comes_in_between() {
        for (next, fault) in [
            (frame(kind::DATA, 0, 1, b""), Peer::Continuation),
            (frame(kind::CONTINUATION, flag::END_HEADERS, 3, b""), Peer::Continuation),
        ] {
            let input = [frame(kind::HEADERS, 0, 1, b"ab"), next].concat();
            assert_eq!(take(&input), Err(fault.into()));
        }
    }
}
