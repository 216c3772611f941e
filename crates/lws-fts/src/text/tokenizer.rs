//! The tokenizer: a state that survives between chunks.

use alloc::vec::Vec;

use super::{Class, classify};
use crate::limits::{MAX_TERM, TERM_HEAD};

/// Stands between the head of a long term and its hash; no word contains it.
const CUT: &str = "…";

/// One term of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// UTF-8, not empty.
    pub(crate) term: &'a [u8],
    /// What [`start`] makes of it.
    pub(crate) word: u64,
    /// Counts the terms of the text, from 0.
    pub(crate) position: u32,
    /// Where it starts in the text, in bytes.
    pub(crate) start: u64,
    /// Where it ends.
    pub(crate) end: u64,
    /// A character of a script without spaces that has no next one.
    pub(crate) lone: bool,
    /// Two such characters.
    pub(crate) pair: bool,
}

/// The first eight bytes of a term as a number, zeros behind it if it is shorter.
pub(crate) fn start(term: &[u8]) -> u64 {
    let mut eight = [0; 8];
    eight.iter_mut().zip(term).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(eight)
}

/// Who receives what the tokenizer finds.
pub(crate) trait Sink {
    fn token(&mut self, token: Token<'_>);
    /// A line ended just before byte `end`, its newline included; `position` terms came before that.
    fn line(&mut self, end: u64, position: u32);
}

/// Cuts a text into terms.
#[derive(Debug, Default)]
pub(crate) struct Tokenizer {
    /// Bytes before what comes next.
    offset: u64,
    position: u32,
    invalid: u64,
    word: Word,
    gram: Option<(char, u64)>,
    /// The start of a character that the chunk cut, < 4 bytes.
    carry: Vec<u8>,
}

/// Bytes that a [`Word`] has room for: [`MAX_TERM`], one more that tells that it is longer, and eight that are written at once.
const ROOM: usize = MAX_TERM + 16;

/// The word being read.
#[derive(Debug)]
struct Word {
    bytes: [u8; ROOM],
    /// Of `bytes`, 0 between words; at most `MAX_TERM + 8`.
    len: usize,
    start: u64,
    end: u64,
    /// FNV-1a of the whole word, once it is longer than [`MAX_TERM`].
    hash: Option<u64>,
}

impl Default for Word {
    fn default() -> Self {
        Word { bytes: [0; ROOM], len: 0, start: 0, end: 0, hash: None }
    }
}

impl Word {
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Adds the first `n` of eight bytes.
    #[inline]
    fn extend(&mut self, eight: [u8; 8], n: usize) {
        if let Some(hash) = &mut self.hash {
            *hash = fnv(*hash, &eight[..n]);
            return;
        }
        self.bytes[self.len..self.len + 8].copy_from_slice(&eight);
        self.len += n;
        if self.len > MAX_TERM {
            self.hash = Some(fnv(0xCBF2_9CE4_8422_2325, self.as_bytes()));
        }
    }

    /// Cuts a long word down.
    fn seal(&mut self) {
        let Some(hash) = self.hash.take() else { return };
        let mut head = TERM_HEAD;
        while self.bytes[head] & 0xC0 == 0x80 {
            head -= 1;
        }
        let digits = (0..16).map(|i| b"0123456789abcdef"[(hash >> (60 - 4 * i)) as usize & 15]);
        self.len = head;
        for byte in CUT.bytes().chain(digits) {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
    }
}

/// Whether a term is a whole word, rather than the head of one and a hash.
pub(crate) fn is_whole(term: &[u8]) -> bool {
    term.len() <= TERM_HEAD || !term.windows(CUT.len()).any(|w| w == CUT.as_bytes())
}

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3))
}

/// The letters and digits that `text` starts with, at most eight, in lower case, and how many they are.
///
/// Eight bytes at a time, each in its own byte of a word; a sum whose top bit is set says that the byte is large enough.
#[inline]
fn letters(text: &[u8]) -> ([u8; 8], usize) {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    let eight = text.first_chunk().copied().unwrap_or_else(|| {
        let mut eight = [0; 8]; // zero is neither letter nor digit
        eight.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        eight
    });
    let bytes = u64::from_le_bytes(eight);
    // Digits have the bit already that makes letters lower case.
    let lower = bytes | each(0x20);
    let low = lower & each(0x7F); // so that no sum reaches the next byte
    let digit = (low + each(0x80 - b'0')) & !(low + each(0x7F - b'9'));
    let letter = (low + each(0x80 - b'a')) & !(low + each(0x7F - b'z'));
    // What the bit made digits of, such as 0x10, was none; neither was what is beyond ASCII.
    let digit = digit & (bytes << 2);
    let word = (digit | letter) & !bytes & each(0x80);
    (lower.to_le_bytes(), ((word ^ each(0x80)).trailing_zeros() / 8) as usize)
}

/// Whether an ASCII byte ends a word.
fn separates(byte: u8) -> bool {
    byte < 0x80 && !byte.is_ascii_alphanumeric()
}

impl Tokenizer {
    /// Bytes so far, with those of a character that is not complete yet.
    pub(crate) fn size(&self) -> u64 {
        self.offset + self.carry.len() as u64
    }

    /// Bytes of complete characters so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes so far that were not UTF-8.
    pub(crate) fn invalid(&self) -> u64 {
        self.invalid
    }

    /// The next part of the text.
    pub(crate) fn feed(&mut self, mut chunk: &[u8], sink: &mut impl Sink) {
        while !self.carry.is_empty() && !chunk.is_empty() {
            chunk = self.complete(chunk, sink);
        }
        while let Some(&byte) = chunk.first() {
            if byte >= 0x80 {
                let Some(used) = self.wide(chunk, sink) else { return };
                chunk = &chunk[used..];
            } else if byte.is_ascii_alphanumeric() {
                chunk = self.ascii(chunk, sink);
            } else {
                self.separate(sink);
                let run = chunk.iter().position(|b| !separates(*b)).unwrap_or(chunk.len());
                let (run, rest) = chunk.split_at(run);
                for byte in run {
                    self.offset += 1;
                    if *byte == b'\n' {
                        sink.line(self.offset, self.position);
                    }
                }
                chunk = rest;
            }
        }
    }

    /// The text ends; the tokenizer is ready for the next one. Answers how many terms there were.
    pub(crate) fn finish(&mut self, sink: &mut impl Sink) -> u32 {
        for _ in 0..self.carry.len() {
            self.bad_byte(sink);
        }
        self.carry.clear();
        self.separate(sink);
        self.offset = 0;
        self.invalid = 0;
        core::mem::take(&mut self.position)
    }

    /// One more byte for the character that the last chunk cut.
    fn complete<'a>(&mut self, chunk: &'a [u8], sink: &mut impl Sink) -> &'a [u8] {
        let continues = chunk.first().is_some_and(|b| b & 0xC0 == 0x80);
        if continues {
            self.carry.extend_from_slice(&chunk[..1]);
        }
        let length = self.carry.first().map_or(0, |b| length(*b));
        let done = self.carry.len() >= length;
        if continues && !done {
            return &chunk[1..];
        }
        let carry = core::mem::take(&mut self.carry);
        match core::str::from_utf8(&carry).ok().filter(|_| continues).and_then(|s| s.chars().next()) {
            Some(c) => self.character(c, sink),
            None => (0..carry.len()).for_each(|_| self.bad_byte(sink)),
        }
        if continues { &chunk[1..] } else { chunk }
    }

    /// A character beyond ASCII, or a byte that is none; answers its length, `None` when the chunk cuts it.
    fn wide(&mut self, chunk: &[u8], sink: &mut impl Sink) -> Option<usize> {
        let length = length(chunk[0]);
        let there = chunk.get(..length).unwrap_or(chunk);
        if there.len() < length && there[1..].iter().all(|b| b & 0xC0 == 0x80) {
            self.carry.extend_from_slice(there);
            return None;
        }
        match core::str::from_utf8(there).ok().and_then(|s| s.chars().next()) {
            Some(c) => {
                self.character(c, sink);
                Some(length)
            }
            None => {
                self.bad_byte(sink);
                Some(1)
            }
        }
    }

    fn bad_byte(&mut self, sink: &mut impl Sink) {
        self.separate(sink);
        self.invalid += 1;
        self.offset += 1;
    }

    /// The letters and digits that `chunk` starts with; answers what follows them.
    fn ascii<'a>(&mut self, chunk: &'a [u8], sink: &mut impl Sink) -> &'a [u8] {
        self.end_grams(sink);
        if self.word.len == 0 {
            self.word.start = self.offset;
        }
        let mut rest = chunk;
        loop {
            let (lower, n) = letters(rest);
            self.word.extend(lower, n);
            rest = &rest[n..];
            if n < 8 {
                break;
            }
        }
        self.offset += (chunk.len() - rest.len()) as u64;
        self.word.end = self.offset;
        rest
    }

    fn character(&mut self, c: char, sink: &mut impl Sink) {
        let start = self.offset;
        match classify(c) {
            Class::Separator => self.separate(sink),
            Class::Dropped => {}
            Class::Word(folded) => {
                self.end_grams(sink);
                if self.word.len == 0 {
                    self.word.start = start;
                }
                for c in folded {
                    let mut eight = [0; 8];
                    let n = c.encode_utf8(&mut eight).len();
                    self.word.extend(eight, n);
                }
                self.word.end = start + c.len_utf8() as u64;
            }
            Class::Gram => {
                self.end_word(sink);
                if let Some((before, from)) = self.gram {
                    let mut pair = [0; 8];
                    let first = before.encode_utf8(&mut pair).len();
                    let second = c.encode_utf8(&mut pair[first..]).len();
                    self.gram(sink, &pair[..first + second], from, start + c.len_utf8() as u64, false);
                }
                self.gram = Some((c, start));
            }
        }
        self.offset += c.len_utf8() as u64;
    }

    fn separate(&mut self, sink: &mut impl Sink) {
        self.end_word(sink);
        self.end_grams(sink);
    }

    #[inline]
    fn end_word(&mut self, sink: &mut impl Sink) {
        if self.word.len == 0 {
            return;
        }
        if self.word.hash.is_some() {
            self.word.seal();
        }
        let (term, start, end) = (&self.word.bytes[..self.word.len], self.word.start, self.word.end);
        // What is behind the word in these bytes is of an earlier one.
        let first = self.word.bytes.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight));
        let word = first & (u64::MAX >> (64 - 8 * term.len().min(8)));
        sink.token(Token { term, word, position: self.position, start, end, lone: false, pair: false });
        self.position += 1;
        self.word.len = 0;
    }

    #[inline]
    fn end_grams(&mut self, sink: &mut impl Sink) {
        if self.gram.is_some() {
            self.last_gram(sink);
        }
    }

    fn last_gram(&mut self, sink: &mut impl Sink) {
        if let Some((c, start)) = self.gram.take() {
            let end = start + c.len_utf8() as u64;
            self.gram(sink, c.encode_utf8(&mut [0; 4]).as_bytes(), start, end, true);
        }
    }

    /// One character, if `lone`, or two.
    fn gram(&mut self, sink: &mut impl Sink, term: &[u8], start: u64, end: u64, lone: bool) {
        let word = self::start(term);
        sink.token(Token { term, word, position: self.position, start, end, lone, pair: !lone });
        self.position += 1;
    }
}

/// How long the character that starts with this byte is, 1 for a byte that starts none.
fn length(lead: u8) -> usize {
    match lead {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
