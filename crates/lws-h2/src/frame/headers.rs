//! `HEADERS` (RFC 9113 §6.2): where the fragment lies between padding and the priority of old.

use core::ops::Range;

use super::{Header, flag, word};
use crate::error::Peer;

/// What is around the fragment of a field block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Headers {
    /// Where the fragment lies in the payload.
    pub(crate) fragment: Range<usize>,
    /// The stream that this one is said to depend on (RFC 7540 §5.3). Nobody obeys it any more.
    pub(crate) depends_on: Option<u32>,
}

/// Reads a payload that is complete.
pub(crate) fn read(header: Header, payload: &[u8]) -> Result<Headers, Peer> {
    let mut fragment = 0..payload.len();
    if header.has(flag::PADDED) {
        let padding = usize::from(*payload.first().ok_or(Peer::FrameSize)?);
        fragment.start = 1;
        // RFC 9113 §6.2: padding that exceeds what is left for the fragment is a PROTOCOL_ERROR.
        fragment.end = fragment.end.checked_sub(padding).ok_or(Peer::Padding)?;
    }
    let mut depends_on = None;
    if header.has(flag::PRIORITY) {
        depends_on = Some(word(payload, fragment.start) & 0x7fff_ffff);
        fragment.start += 5;
    }
    if fragment.start > fragment.end {
        return Err(if header.has(flag::PADDED) { Peer::Padding } else { Peer::FrameSize });
    }
    Ok(Headers { fragment, depends_on })
}

#[cfg(test)]
mod tests {
    use super::super::kind;
    use super::*;

    #[test]
    fn the_fragment_lies_between_priority_and_padding() {
        let check = |flags, payload: &[u8], want: Result<(Range<usize>, Option<u32>), Peer>| {
            let header = Header { length: payload.len() as u32, kind: kind::HEADERS, flags, stream: 1 };
            assert_eq!(read(header, payload).map(|h| (h.fragment, h.depends_on)), want, "{payload:?}");
        };
        check(0, b"abc", Ok((0..3, None)));
        check(0, b"", Ok((0..0, None)));
        check(flag::PADDED, b"\x02abc\0\0", Ok((1..4, None)));
        check(flag::PADDED, b"", Err(Peer::FrameSize));
        check(flag::PADDED, b"\x02\0", Err(Peer::Padding));
        check(flag::PADDED, b"\x01", Err(Peer::Padding));
        check(flag::PRIORITY, b"\x80\0\0\x03\x10ab", Ok((5..7, Some(3))));
        check(flag::PRIORITY, b"\0\0\0", Err(Peer::FrameSize));
        check(flag::PRIORITY | flag::PADDED, b"\x01\0\0\0\x05\xffab\0", Ok((6..8, Some(5))));
        check(flag::PRIORITY | flag::PADDED, b"\x02\0\0\0\x05\xff\0", Err(Peer::Padding));
    }
}
