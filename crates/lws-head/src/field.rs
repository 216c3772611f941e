//! The grammar of field lines (RFC 9110 §5.5, §5.6.2), for those who parse them and those who write them.
//!
//! A name that is a token and a value that is a field value cannot end a line early, so a head made of such fields
//! cannot be split (H1-22). Parsers and setters share these two functions and nothing else decides.

/// Bits of [`CLASS`]. RFC 9110 §5.6.2: tchar.
const TOKEN: u8 = 1;
/// RFC 3986 §3.2.2: unreserved and sub-delims, which stand for themselves in a registered name.
pub(crate) const HOST: u8 = 2;
/// What stands for itself in a path wherever it stands: no escape, no slash, no dot, nothing that is refused.
pub(crate) const PATH: u8 = 4;

/// Where each byte may stand.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let b = i as u8;
        let alphanumeric = b.is_ascii_alphanumeric();
        // Common to both grammars.
        let shared = matches!(b, b'!' | b'$' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'_' | b'~');
        if alphanumeric || shared || matches!(b, b'#' | b'%' | b'^' | b'`' | b'|') {
            table[i] |= TOKEN;
        }
        if alphanumeric || shared || matches!(b, b'(' | b')' | b',' | b';' | b'=') {
            table[i] |= HOST;
        }
        if b.is_ascii_graphic() && !matches!(b, b'%' | b'/' | b'.' | b'\\') {
            table[i] |= PATH;
        }
        i += 1;
    }
    table
};

/// Whether `b` is of a class.
#[inline]
pub(crate) fn is_of(class: u8, b: u8) -> bool {
    CLASS[usize::from(b)] & class != 0
}

/// Whether `b` may stand in a token, such as a field name or a method.
#[inline]
pub fn is_token_byte(b: u8) -> bool {
    is_of(TOKEN, b)
}

/// Whether `s` is a token: not empty, and nothing but letters, digits and ``!#$%&'*+-.^_`|~``.
pub fn is_token(s: &[u8]) -> bool {
    !s.is_empty() && s.iter().fold(true, |legal, &b| legal & is_token_byte(b))
}

/// Whether two names or tokens are the same: their case does not matter (RFC 9110 §5.1, §7.6.1).
#[inline(never)] // it has many callers
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether `b` may stand in a field value: anything but the control characters, of which only HTAB is allowed.
#[inline]
pub fn is_value_byte(b: u8) -> bool {
    // RFC 9110 §5.5: field-vchar = VCHAR / obs-text; SP and HTAB between them.
    // Without branches, so that many bytes can be judged at once.
    ((b >= 0x20) & (b != 0x7f)) | (b == b'\t')
}

/// Whether `s` may be sent as a field value: no CR, LF, NUL or other control character. It may be empty.
pub fn is_field_value(s: &[u8]) -> bool {
    let (words, _) = s.as_chunks();
    let plain = match s.last_chunk() {
        // What is behind the last whole word is in the last eight bytes.
        Some(last) => words.iter().fold(controls(*last), |all, word| all | controls(*word)) == 0,
        None => false,
    };
    // Values are legal almost always: no early end, which would keep it to one byte at a time.
    plain || s.iter().fold(true, |legal, &b| legal & is_value_byte(b))
}

/// How many bytes at the beginning of `s` are no control characters. A tab counts as one here.
#[inline]
pub fn text_len(s: &[u8]) -> usize {
    let (words, rest) = s.as_chunks();
    for (i, word) in words.iter().enumerate() {
        let controls = controls(*word);
        if controls != 0 {
            return i * 8 + controls.trailing_zeros() as usize / 8;
        }
    }
    rest.iter().position(u8::is_ascii_control).map_or(s.len(), |at| words.len() * 8 + at)
}

/// Bits in the bytes that are control characters, a tab among them. The lowest one is exact, and zero means that there is none.
#[inline]
const fn controls(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES * 0x80;
    // The classic "has a byte less than n" over eight bytes at once.
    const fn below(word: u64, n: u64) -> u64 {
        word.wrapping_sub(ONES * n) & !word & HIGHS
    }
    let word = u64::from_le_bytes(word);
    below(word, 0x20) | below(word ^ (ONES * 0x7f), 1)
}

/// `s` without the spaces and tabs at both ends (RFC 9110 §5.6.3: OWS).
pub fn trim(mut s: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = s {
        s = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = s {
        s = rest;
    }
    s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for (s, ok) in [
            (&b"Host"[..], true),
            (b"x!#$%&'*+-.^_`|~9", true),
            (b"", false),
            (b"a b", false),
            (b"a:", false),
            (b"a\0", false),
            (b"caf\xe9", false),
            (b"(x)", false),
            (b"\"q\"", false),
        ] {
            assert_eq!(is_token(s), ok, "{s:?}");
        }
        assert_eq!((0..=255).filter(|b| is_token_byte(*b)).count(), 26 + 26 + 10 + 15);
    }

    #[test]
    fn text_ends_at_the_first_control_character() {
        for b in 0..=255u8 {
            for len in 0..20 {
                for at in 0..len {
                    let mut s = [b'x'; 20];
                    s[at] = b;
                    // A second one behind must not hide or move the first.
                    s[len - 1] = if at == len - 1 { b } else { 0x80 };
                    let expect = if b.is_ascii_control() { at } else { len };
                    assert_eq!(text_len(&s[..len]), expect, "{b:#x} at {at} of {len}");
                    assert_eq!(is_field_value(&s[..len]), is_value_byte(b), "{b:#x} at {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn values_hold_no_control_character_but_tab() {
        for b in 0..=255u8 {
            let ctl = b < 0x20 || b == 0x7f;
            assert_eq!(is_field_value(&[b'a', b, b'z']), !ctl || b == b'\t', "{b:#x}");
        }
        assert!(is_field_value(b""));
    }

    #[test]
    fn trims_spaces_and_tabs_only() {
        assert_eq!(trim(b" \t a b\t "), b"a b");
        assert_eq!(trim(b" \t "), b"");
        assert_eq!(trim(b"\x0ba\xa0"), b"\x0ba\xa0");
    }
}
