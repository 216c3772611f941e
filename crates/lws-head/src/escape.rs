//! Percent escapes (RFC 3986 §2.1).

/// The byte that two hexadecimal digits mean.
fn hex(hi: u8, lo: u8) -> Option<u8> {
    let digit = |b| char::from(b).to_digit(16);
    u8::try_from(digit(hi)? * 16 + digit(lo)?).ok()
}

/// Takes one byte, or one escape, off the front of `rest`: the byte it means, whether it was escaped, and what
/// follows. `None` for a `%` without two hexadecimal digits. `rest` must not be empty.
pub(crate) fn next(rest: &[u8]) -> Option<(u8, bool, &[u8])> {
    match rest {
        [b'%', hi, lo, after @ ..] => Some((hex(*hi, *lo)?, true, after)),
        [b'%', ..] | [] => None,
        [b, after @ ..] => Some((*b, false, after)),
    }
}
