//! Where a record ends (RFC 8446 §5.1), told from its five bytes of header.
//!
//! ```text
//!   | type 1 | legacy version 2 | length 2 | fragment ...... |
//! ```
//! This is all that this crate knows of TLS itself: backends use it to hand their library whole records only,
//! so that partial ones stay with whoever owns the buffer.

use crate::Cause;
use crate::limits::{PLAIN_MAX, RECORD_MAX};

/// Bytes of header in front of each record.
pub const HEADER: usize = 5;

/// The length of the first record in `input`, header included, or `None` if it is not all there yet.
///
/// # Errors
/// [`Cause::NotTls`] for bytes that no record begins with, [`Cause::Malformed`] for a length no record has.
pub fn complete(input: &[u8]) -> Result<Option<usize>, Cause> {
    // The verdict waits for a whole header, so that it does not depend on how the bytes were cut.
    let Some(&[kind, major, _, high, low]) = input.first_chunk::<HEADER>() else { return Ok(None) };
    if !(20..=24).contains(&kind) || major != 3 {
        return Err(Cause::NotTls { http: looks_like_http(input) });
    }
    let len = HEADER + usize::from(u16::from_be_bytes([high, low]));
    // RFC 8446 §5.2: the length MUST NOT exceed 2^14 + 256 bytes (RFC 5246 §6.2.3: 2^14 + 2048).
    if len > RECORD_MAX {
        return Err(Cause::Malformed);
    }
    Ok((input.len() >= len).then_some(len))
}

/// Whether `input` may be the beginning of a TLS connection: a handshake record.
///
/// `None` means that it is too short to tell.
pub fn probe(input: &[u8]) -> Option<bool> {
    match input {
        [] => None,
        [22] => None,
        [kind, major, ..] => Some((*kind, *major) == (22, 3)),
        [_] => Some(false),
    }
}

/// How much plaintext fits into `room` bytes of records that add `overhead` bytes each, header included: what a
/// backend answers to [`Session::plain_room`](crate::Session::plain_room).
pub const fn plain_room(room: usize, overhead: usize) -> usize {
    let full = PLAIN_MAX + overhead;
    let (records, rest) = (room / full, room % full);
    records * PLAIN_MAX + rest.saturating_sub(overhead)
}

/// Whether somebody speaks plain HTTP to a TLS port (or answers in it): a method or `HTTP/`, in capitals.
fn looks_like_http(input: &[u8]) -> bool {
    let word = input.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    match input.get(word) {
        Some(b' ') => (3..=16).contains(&word),
        Some(b'/') => input.starts_with(b"HTTP"),
        Some(_) => false,
        None => word >= 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_of_the_first_record() {
        let two = [22, 3, 1, 0, 2, 9, 9, 23, 3, 3, 0, 0];
        for n in 0..7 {
            assert_eq!(complete(&two[..n]), Ok(None), "{n} bytes");
        }
        assert_eq!(complete(&two), Ok(Some(7)));
        assert_eq!(complete(&two[7..]), Ok(Some(5)));
    }

    #[test]
    fn refuses_a_length_no_record_has() {
        let header = |len: usize| {
            let [.., high, low] = len.to_be_bytes();
            [23, 3, 3, high, low]
        };
        assert_eq!(complete(&header(RECORD_MAX - HEADER)), Ok(None));
        assert_eq!(complete(&header(RECORD_MAX - HEADER + 1)), Err(Cause::Malformed));
    }

    #[test]
    fn tells_http_from_other_bytes() {
        for (input, http) in [
            (&b"GET / HTTP/1.1\r\n"[..], true),
            (b"PROPFIND /x HTTP/1.1", true),
            (b"HTTP/1.1 200 OK", true),
            (b"SSH-2.0-OpenSSH_9", false),
            (b"\x80\x2e\x01\x03\x01", false),
            (b"\x16\x05\x00\x00\x01", false),
        ] {
            assert_eq!(complete(input), Err(Cause::NotTls { http }), "{input:?}");
        }
    }

    #[test]
    fn probes_with_two_bytes() {
        assert_eq!((probe(b""), probe(&[22]), probe(b"G")), (None, None, Some(false)));
        assert_eq!(
            (probe(&[22, 3]), probe(&[22, 3, 1]), probe(&[22, 2])),
            (Some(true), Some(true), Some(false))
        );
        assert_eq!(probe(&[23, 3]), Some(false));
    }

    #[test]
    fn plain_room_counts_the_overhead_of_each_record() {
        for (room, expect) in [
            (0, 0),
            (22, 0),
            (23, 1),
            (PLAIN_MAX + 22, PLAIN_MAX),
            (PLAIN_MAX + 44, PLAIN_MAX),
            (PLAIN_MAX + 45, PLAIN_MAX + 1),
            (2 * (PLAIN_MAX + 22), 2 * PLAIN_MAX),
        ] {
            assert_eq!(plain_room(room, 22), expect, "room {room}");
        }
    }
}
