//! What one character is to the index.

use super::table::{DROPPED, LONG, MARKS, ONE};

/// The role of a character.
#[derive(Debug, Clone)]
pub(crate) enum Class {
    /// Part of a word, as these characters.
    Word(Folded),
    /// Of a script without spaces: indexed in pairs, unchanged.
    Gram,
    /// Not there: a mark or joiner.
    Dropped,
    /// Ends a word.
    Separator,
}

/// One to three characters.
#[derive(Debug, Clone)]
pub(crate) enum Folded {
    One(Option<char>),
    Lower(core::char::ToLowercase),
    Many(core::str::Chars<'static>),
}

impl Iterator for Folded {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Folded::One(c) => c.take(),
            Folded::Lower(chars) => chars.next(),
            Folded::Many(chars) => chars.next(),
        }
    }
}

/// Scripts that do not put spaces between words; inclusive ranges, sorted.
const GRAMS: [(u32, u32); 22] = [
    (0x0E01, 0x0E2E),   // Thai consonants
    (0x0E30, 0x0E3A),   // Thai vowels
    (0x0E40, 0x0E4E),   // Thai vowels and tones
    (0x0E81, 0x0ECD),   // Lao
    (0x1000, 0x103F),   // Myanmar
    (0x1780, 0x17D3),   // Khmer
    (0x3005, 0x3007),   // iteration mark, closing mark, zero
    (0x3041, 0x3096),   // Hiragana
    (0x3099, 0x309A),   // voicing marks
    (0x309D, 0x309F),   // Hiragana iteration
    (0x30A1, 0x30FA),   // Katakana
    (0x30FC, 0x30FF),   // length mark, Katakana iteration
    (0x3105, 0x312F),   // Bopomofo
    (0x31F0, 0x31FF),   // small Katakana
    (0x3400, 0x4DBF),   // Han
    (0x4E00, 0x9FFF),   // Han
    (0xAC00, 0xD7A3),   // Hangul syllables
    (0xF900, 0xFAFF),   // Han, compatibility
    (0xFF66, 0xFF9F),   // half-width Katakana
    (0x1B000, 0x1B16F), // more kana
    (0x20000, 0x2FA1F), // Han
    (0x30000, 0x3134F), // Han
];

fn within(ranges: &[(u32, u32)], code: u32) -> bool {
    let after = ranges.partition_point(|range| range.0 <= code);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|range| code <= range.1)
}

/// The role of `c`.
pub(crate) fn classify(c: char) -> Class {
    let code = u32::from(c);
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() { one(c.to_ascii_lowercase()) } else { Class::Separator };
    }
    if code >= 0xE00 && within(&GRAMS, code) {
        return Class::Gram;
    }
    // Full-width forms of ASCII lie there in the same order.
    if (0xFF01..=0xFF5E).contains(&code) {
        return char::from_u32(code - 0xFF01 + 0x21).map_or(Class::Separator, classify);
    }
    if let Ok(short) = u16::try_from(code) {
        if let Ok(at) = ONE.binary_search_by_key(&short, |pair| pair.0) {
            return char::from_u32(u32::from(ONE[at].1)).map_or(Class::Separator, one);
        }
        if let Ok(at) = LONG.binary_search_by_key(&short, |pair| pair.0) {
            return Class::Word(Folded::Many(LONG[at].1.chars()));
        }
    }
    if within(&DROPPED, code) {
        Class::Dropped
    } else if c.is_alphanumeric() {
        Class::Word(Folded::Lower(c.to_lowercase()))
    } else if within(&MARKS, code) {
        one(c)
    } else {
        Class::Separator
    }
}

fn one(c: char) -> Class {
    Class::Word(Folded::One(Some(c)))
}
