//! The parts of a segment and where they are.
//!
//! ```text
//! magic, version | LINES | POSTINGS | DICTIONARY | COMPLETIONS | FILES | FILE INDEX | LENGTHS | (zeros) | footer
//! ```
//!
//! * LINES: per file, how long each line is and how many terms it has (`build/lines.rs`).
//! * POSTINGS: per term, the files and positions (`build/postings.rs`).
//! * DICTIONARY: a tree of terms, sorted by their bytes; each node knows the largest count below (`build/dict.rs`).
//!   The key of a file is a zero byte and its path: so a path is found, and a prefix of paths listed, like a term.
//! * COMPLETIONS: the most frequent words of every prefix that many words have (`build/completions.rs`).
//! * FILES: per file, its path, lengths and stamp, in blocks of 8 (`build/files.rs`).
//! * FILE INDEX: for each of these blocks its offset in FILES, 8 bytes.
//! * LENGTHS: for each file how many terms it has, as one byte.
//! * footer: fixed size, the last bytes of the last page: the table below. Everything is little endian.

use alloc::vec::Vec;

use crate::error::{Error, Part, Result, corrupt};
use crate::io::ReadAt;
use crate::page::Pages;

/// The first bytes of a segment and of its footer.
pub(crate) const MAGIC: [u8; 8] = *b"lws-fts\x1A";

/// `major << 16 | minor`. A reader reads every minor version of its major version.
pub(crate) const VERSION: u32 = 2 << 16;

/// Bytes of magic and version at the start of the payload.
pub(crate) const HEAD: u64 = 12;

/// Bytes of the footer.
pub(crate) const FOOTER: usize = 12 + 4 + NUMBERS * 8 + 8;

/// Numbers of 8 bytes in it.
const NUMBERS: usize = 16;

/// A range of the payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Range {
    pub(crate) fn len(self) -> u64 {
        self.end - self.start
    }
}

/// What the footer says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Footer {
    pub(crate) files: u32,
    /// Distinct terms, the paths not counted.
    pub(crate) terms: u64,
    /// Occurrences of terms.
    pub(crate) tokens: u64,
    /// Bytes of all texts.
    pub(crate) bytes: u64,
    /// Lines of all texts.
    pub(crate) lines: u64,
    /// Bytes that were not UTF-8.
    pub(crate) invalid: u64,
    pub(crate) line_tables: Range,
    pub(crate) postings: Range,
    pub(crate) dictionary: Range,
    pub(crate) completions: Range,
    pub(crate) file_table: Range,
    pub(crate) file_index: Range,
    pub(crate) lengths: Range,
    /// The root of the dictionary: start and length, relative to it.
    pub(crate) root: (u64, u64),
    /// The root of the completions: start and length, relative to them.
    pub(crate) best: (u64, u64),
    /// `char::UNICODE_VERSION` of the writer, for information.
    pub(crate) unicode: u32,
}

impl Footer {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(FOOTER);
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.files.to_le_bytes());
        let numbers: [u64; NUMBERS] = [
            self.terms,
            self.tokens,
            self.bytes,
            self.lines,
            self.invalid,
            self.line_tables.end,
            self.postings.end,
            self.dictionary.end,
            self.completions.end,
            self.file_table.end,
            self.file_index.end,
            self.lengths.end,
            self.root.0,
            self.root.1,
            self.best.0,
            self.best.1,
        ];
        numbers.iter().for_each(|n| out.extend_from_slice(&n.to_le_bytes()));
        out.extend_from_slice(&self.unicode.to_le_bytes());
        out.resize(FOOTER, 0); // room for minor versions
        out
    }

    /// Reads and checks the footer of a file.
    pub(crate) fn read<R: ReadAt>(pages: &Pages<R>) -> Result<Self> {
        let start = pages.payload() - FOOTER as u64;
        let bad = || corrupt(Part::Footer, start);
        let mut bytes = Vec::new();
        pages.read(start, FOOTER, &mut bytes)?;
        let word = |at: usize| bytes.get(at..).and_then(|b| b.first_chunk()).map(|b| u32::from_le_bytes(*b));
        let long = |at: usize| {
            let found =
                bytes.get(16 + 8 * at..).and_then(|b| b.first_chunk()).map(|b| u64::from_le_bytes(*b));
            found.ok_or_else(bad)
        };
        if bytes.get(..8) != Some(&MAGIC) {
            return Err(bad());
        }
        let version = word(8).ok_or_else(bad)?;
        if version >> 16 != VERSION >> 16 {
            return Err(Error::Version { found: version });
        }
        let ends = [HEAD, long(5)?, long(6)?, long(7)?, long(8)?, long(9)?, long(10)?, long(11)?];
        if !ends.is_sorted() || ends[7] > start {
            return Err(bad());
        }
        let range = |at: usize| Range { start: ends[at], end: ends[at + 1] };
        let footer = Footer {
            files: word(12).ok_or_else(bad)?,
            terms: long(0)?,
            tokens: long(1)?,
            bytes: long(2)?,
            lines: long(3)?,
            invalid: long(4)?,
            line_tables: range(0),
            postings: range(1),
            dictionary: range(2),
            completions: range(3),
            file_table: range(4),
            file_index: range(5),
            lengths: range(6),
            root: (long(12)?, long(13)?),
            best: (long(14)?, long(15)?),
            unicode: word(16 + NUMBERS * 8).ok_or_else(bad)?,
        };
        let blocks = u64::from(footer.files).div_ceil(crate::limits::FILES_BLOCK as u64);
        let tables = (footer.file_index.len(), footer.lengths.len());
        if tables != (blocks * 8, u64::from(footer.files)) || footer.files > crate::limits::MAX_FILES {
            return Err(bad());
        }
        Ok(footer)
    }
}

/// The length of a file in terms, as one byte: exact below 16, then within an eighth. Monotone.
pub(crate) fn quantise(tokens: u32) -> u8 {
    let bits = crate::bits::width(tokens);
    if bits <= 4 { tokens as u8 } else { ((bits - 3) * 8 + ((tokens >> (bits - 4)) & 7)) as u8 }
}

/// The smallest length that [`quantise`] makes `code` of.
pub(crate) fn unquantise(code: u8) -> u32 {
    let (bits, high) = (u32::from(code / 8) + 3, u32::from(code % 8) + 8);
    if code < 16 { u32::from(code) } else { high.checked_shl(bits - 4).unwrap_or(u32::MAX) }
}

/// 1 plus the number in the file, as the version of Unicode that the tables of the standard library are of.
pub(crate) fn unicode() -> u32 {
    let (major, minor, update) = char::UNICODE_VERSION;
    u32::from(major) << 16 | u32::from(minor) << 8 | u32::from(update)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_as_one_byte_are_monotone_and_near() {
        let mut last = 0;
        for n in (0..100_000).chain([u32::MAX / 2, u32::MAX - 1, u32::MAX]) {
            let code = quantise(n);
            assert!(code >= last);
            last = code;
            let low = unquantise(code);
            assert!(low <= n && n - low <= n / 8, "{n} {code} {low}");
            assert_eq!(quantise(low), code);
        }
    }
}
