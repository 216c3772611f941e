//! The elements of an input.
//!
//! The model: `text` is as much of the input as is valid UTF-8, `tail` tells what comes after it. The cursor `at` stands behind
//! everything that is done with; it moves only when a whole element, or a blank, or a piece of a comment is. What is decided
//! by a byte that is not there yet (a word at the end, `1.`, a name's `=`) stays in front of the cursor, to be offered again.
//!
//! Speed: branches that guess where a word ends are wrong once per word. So the classes of 64 bytes at a time become bit
//! masks, in which the end of a run is found without a branch; and lines are counted only when somebody asks for one.
//!
//! Errors are found in the same order however the input is cut: the list's grammar when an element starts, then its length,
//! then its form, then what follows it.

use core::str;

use crate::grammar::Class;
use crate::{Error, Grammar, Position, limits};

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One byte that is neither of a word nor blank.
    #[doc(alias = "LWS_TOKZE_DELIMITER")]
    Delimiter,
    /// A word.
    #[doc(alias = "LWS_TOKZE_TOKEN")]
    Token,
    /// A word of digits.
    #[doc(alias = "LWS_TOKZE_INTEGER")]
    Integer,
    /// Digits, a dot and digits.
    #[doc(alias = "LWS_TOKZE_FLOAT")]
    Float,
    /// A word before `=`, without it.
    #[doc(alias = "LWS_TOKZE_TOKEN_NAME_EQUALS")]
    NameEquals,
    /// A word before `:`, without it.
    #[doc(alias = "LWS_TOKZE_TOKEN_NAME_COLON")]
    NameColon,
    /// What is between two quotes.
    #[doc(alias = "LWS_TOKZE_QUOTED_STRING")]
    QuotedString,
}

/// A piece of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'i> {
    /// What it is.
    pub kind: Kind,
    /// Its text, in the input.
    pub text: &'i str,
    /// Bytes of the input before `text`, over all parts.
    pub offset: u64,
}

/// Where a part of an input ended; the next part goes on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes consumed so far.
    offset: u64,
    /// Where the current line started: `line_start <= offset`.
    line_start: u64,
    /// The current line, from 1.
    line: u32,
    /// Bytes behind `offset` that are known to belong to one word or string.
    scanned: u32,
    list: List,
    in_comment: bool,
}

impl Default for Progress {
    /// The start of an input.
    fn default() -> Self {
        Self { offset: 0, line_start: 0, line: 1, scanned: 0, list: List::Start, in_comment: false }
    }
}

/// What a comma-separated list may go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    /// An element, or the end.
    Start,
    /// A comma, or the end.
    Element,
    /// The value of a name, a comma, or the end.
    Name,
    /// An element.
    Comma,
}

/// What comes after the valid text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    /// The end.
    End,
    /// Another part.
    More,
    /// A byte that is not UTF-8.
    Broken,
}

/// Why there is no element now.
enum Stop {
    /// The input, or its part, is used up.
    Out,
    Error(Error),
}

/// The elements of an input, or of a part of it: an iterator that ends after the first error.
pub struct Tokens<'g, 'i> {
    grammar: &'g Grammar,
    text: &'i str,
    tail: Tail,
    /// `at <= text.len()`.
    at: usize,
    /// Offset and line are those of `text`'s start; the rest is of `at`.
    progress: Progress,
    runs: Runs,
    failed: bool,
}

impl<'g, 'i> Tokens<'g, 'i> {
    pub(crate) fn new(grammar: &'g Grammar, from: Progress, input: &'i [u8], last: bool) -> Self {
        let end = if last { Tail::End } else { Tail::More };
        let (text, tail) = match str::from_utf8(input) {
            Ok(text) => (text, end),
            Err(broken) => {
                let text = str::from_utf8(&input[..broken.valid_up_to()]).expect("valid up to there");
                // A character cut off at the end may be completed by the next part.
                let tail = if broken.error_len().is_none() && !last { Tail::More } else { Tail::Broken };
                (text, tail)
            }
        };
        Self { grammar, text, tail, at: 0, progress: from, runs: Runs::default(), failed: false }
    }

    /// How many bytes of this part are done with. The next part must start with the others.
    pub fn consumed(&self) -> usize {
        self.at
    }

    /// Where the next part goes on. Takes time in proportion to what was consumed.
    pub fn progress(&self) -> Progress {
        let (line, line_start) = self.line(self.at);
        Progress { offset: self.progress.offset + self.at as u64, line, line_start, ..self.progress }
    }

    /// The line of `text[at]`, and where it starts.
    fn line(&self, at: usize) -> (u32, u64) {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        let Some(last) = before.iter().rposition(|&b| b == b'\n') else {
            return (self.progress.line, self.progress.line_start);
        };
        let lines = before.iter().filter(|b| **b == b'\n').count();
        let line = self.progress.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        (line, self.progress.offset + last as u64 + 1)
    }

    fn place(&self, at: usize) -> Position {
        let offset = self.progress.offset + at as u64;
        let (line, line_start) = self.line(at);
        let column = offset.saturating_sub(line_start).saturating_add(1);
        Position { offset, line, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }

    fn class(&self, at: usize) -> Option<Class> {
        self.text.as_bytes().get(at).map(|&b| self.grammar.class[usize::from(b)])
    }

    #[inline]
    fn step(&mut self) -> Result<Element<'i>, Stop> {
        if self.progress.in_comment {
            self.skip_comment();
        }
        loop {
            let start = self.at;
            match self.class(start) {
                // Rare: behind a word they are passed over already.
                Some(Class::Blank) => self.at = self.blank_end(start),
                None => return Err(self.out()),
                Some(Class::Word | Class::Quote) if self.comma_missing() => {
                    return Err(self.error(Error::CommaList, start));
                }
                Some(Class::Word) => return self.word(start),
                Some(Class::Quote) => return self.quoted(start),
                Some(Class::Hash) => self.skip_comment(),
                Some(_) => return self.delimiter(start),
            }
        }
    }

    /// Up to the end of the line, which is blank, or of the text.
    fn skip_comment(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let newline = rest.iter().position(|&b| b == b'\n');
        self.at += newline.unwrap_or(rest.len());
        self.progress.in_comment = newline.is_none();
    }

    /// There is nothing more in the text.
    fn out(&self) -> Stop {
        match self.tail {
            Tail::Broken => self.error(Error::BrokenUtf8, self.text.len()),
            Tail::End if self.grammar.comma_list && self.progress.list == List::Comma => {
                self.error(Error::CommaList, self.at)
            }
            _ => Stop::Out,
        }
    }

    /// What decides about the element at `start` is not in the text. `known` bytes of it need no second look.
    fn undecided(&mut self, known: usize) -> Stop {
        if self.tail == Tail::Broken {
            return self.error(Error::BrokenUtf8, self.text.len());
        }
        self.progress.scanned = u32::try_from(known).unwrap_or(u32::MAX);
        Stop::Out
    }

    /// Whether an element other than a comma must not start here.
    fn comma_missing(&self) -> bool {
        self.grammar.comma_list && self.progress.list == List::Element
    }

    fn too_long(&self, start: usize, end: usize) -> bool {
        (end - start) as u64 > u64::from(self.grammar.max_token)
    }

    /// An error at `at`.
    #[cold]
    fn error(&self, what: fn(Position) -> Error, at: usize) -> Stop {
        Stop::Error(what(self.place(at)))
    }

    /// An element of `text[start..end]`; goes on at `next`.
    #[inline]
    fn element(&mut self, kind: Kind, start: usize, end: usize, next: usize) -> Element<'i> {
        self.at = next;
        self.progress.scanned = 0;
        self.progress.list = match kind {
            Kind::Delimiter => List::Comma,
            Kind::NameEquals | Kind::NameColon => List::Name,
            _ => List::Element,
        };
        // Both ends are beside an ASCII byte or an end of the text, so they are between characters.
        Element { kind, text: &self.text[start..end], offset: self.progress.offset + start as u64 }
    }

    #[inline]
    fn delimiter(&mut self, start: usize) -> Result<Element<'i>, Stop> {
        if self.grammar.comma_list {
            let comma = self.text.as_bytes()[start] == b',';
            if !(comma && matches!(self.progress.list, List::Element | List::Name)) {
                return Err(self.error(Error::CommaList, start));
            }
        }
        Ok(self.element(Kind::Delimiter, start, start + 1, start + 1))
    }

    fn quoted(&mut self, start: usize) -> Result<Element<'i>, Stop> {
        let bytes = self.text.as_bytes();
        let known = self.progress.scanned.max(1) as usize; // the quote itself
        let mut i = (start + known).min(bytes.len());
        loop {
            let found = bytes[i..].iter().position(|&b| b == b'"' || (b == b'\\' && self.grammar.escapes));
            i = found.map_or(bytes.len(), |found| i + found);
            if self.too_long(start + 1, i) {
                return Err(self.error(Error::TooLong, start + 1));
            }
            match bytes.get(i) {
                Some(b'"') => break,
                Some(_) if i + 1 < bytes.len() => i += 2,
                // The text ends, or a `\\` does.
                _ if self.tail == Tail::End => return Err(self.error(Error::UnterminatedString, start)),
                _ => return Err(self.undecided(i - start)),
            }
        }
        Ok(self.element(Kind::QuotedString, start + 1, i, i + 1))
    }

    /// Behind the bytes of words from `at` on.
    #[inline]
    fn word_end(&mut self, at: usize) -> usize {
        self.runs.end(at, self.text.as_bytes(), self.grammar, |runs| runs.words)
    }

    /// Behind the blanks from `at` on.
    #[inline]
    fn blank_end(&mut self, at: usize) -> usize {
        self.runs.end(at, self.text.as_bytes(), self.grammar, |runs| runs.blanks)
    }

    #[inline]
    fn word(&mut self, start: usize) -> Result<Element<'i>, Stop> {
        let first = self.word_end(start + self.progress.scanned as usize);
        if self.too_long(start, first) {
            return Err(self.error(Error::TooLong, start));
        }
        let (kind, end) = if self.text.as_bytes()[start].is_ascii_digit() {
            self.number(start, first)?
        } else {
            (Kind::Token, first)
        };
        // Lookahead for a name's `=`.
        let next = self.blank_end(end);
        let near = next - end <= limits::LOOKAHEAD;
        match self.class(next) {
            Some(Class::Equals) if near && kind != Kind::Token => Err(self.error(Error::NumberAsName, start)),
            Some(Class::Equals) if near => Ok(self.element(Kind::NameEquals, start, end, next + 1)),
            Some(Class::Colon) if near && kind == Kind::Token => {
                Ok(self.element(Kind::NameColon, start, end, next + 1))
            }
            None if near && self.tail != Tail::End => Err(self.undecided(first - start)),
            _ => Ok(self.element(kind, start, end, next)),
        }
    }

    /// What the word of `text[start..first]`, which starts with a digit, is, and where it ends: maybe behind a dot.
    fn number(&mut self, start: usize, first: usize) -> Result<(Kind, usize), Stop> {
        let bytes = self.text.as_bytes();
        let digits = |from: usize, to: usize| bytes[from..to].iter().all(u8::is_ascii_digit);
        let integer = if self.grammar.integers { Kind::Integer } else { Kind::Token };
        let run = &bytes[start..first];
        if !digits(start, first) {
            // A dot may be inside words.
            let dot = run.iter().position(|&b| b == b'.').map_or(first, |dot| start + dot);
            let float = dot + 1 < first && digits(start, dot) && digits(dot + 1, first);
            let kind = if float && self.grammar.floats { Kind::Float } else { Kind::Token };
            return Ok((kind, first));
        }
        if !self.grammar.floats || self.class(first) != Some(Class::Dot) {
            return Ok((integer, first));
        }
        let end = match self.class(first + 1) {
            Some(Class::Word) => self.word_end(first + 1),
            Some(Class::Dot) => return Err(self.error(Error::MalformedFloat, first + 1)),
            None if self.tail != Tail::End => return Err(self.undecided(first - start)),
            _ => return Ok((integer, first)), // the dot at the end of a sentence
        };
        if self.too_long(start, end) {
            return Err(self.error(Error::TooLong, start));
        }
        if !digits(first + 1, end) {
            return Ok((Kind::Token, end)); // such as `1.example`
        }
        match (self.class(end), bytes.get(end + 1)) {
            (Some(Class::Dot), Some(b)) if *b == b'.' || b.is_ascii_digit() => {
                Err(self.error(Error::MalformedFloat, end))
            }
            (Some(Class::Dot), None) if self.tail != Tail::End => Err(self.undecided(first - start)),
            _ => Ok((Kind::Float, end)),
        }
    }
}

/// Which of up to 64 bytes, from `start` on, are of words, and which are blank: bit `i` is for the byte at `start + i`.
#[derive(Default)]
struct Runs {
    start: usize,
    words: u64,
    blanks: u64,
    /// How many bytes there are bits for.
    len: usize,
}

impl Runs {
    /// Where the run of `which` bytes ends that goes on at `at`.
    #[inline]
    fn end(&mut self, mut at: usize, bytes: &[u8], grammar: &Grammar, which: fn(&Self) -> u64) -> usize {
        loop {
            let skip = at.wrapping_sub(self.start);
            if skip < self.len {
                let run = (!(which(self) >> skip)).trailing_zeros() as usize;
                if skip + run < self.len {
                    return at + run;
                }
                at = self.start + self.len;
            }
            let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { return bytes.len() };
            let (words, blanks) = masks(rest, grammar);
            *self = Self { start: at, words, blanks, len: rest.len().min(64) };
        }
    }
}

/// The bits of [`Runs`] for the first 64 bytes.
#[inline(never)]
fn masks(bytes: &[u8], grammar: &Grammar) -> (u64, u64) {
    match bytes.first_chunk::<64>() {
        Some(block) => masks_of(block, grammar),
        None => {
            let mut block = [0; 64];
            block[..bytes.len()].copy_from_slice(bytes);
            masks_of(&block, grammar)
        }
    }
}

#[inline]
fn masks_of(block: &[u8; 64], grammar: &Grammar) -> (u64, u64) {
    let (mut words, mut blanks) = (0, 0);
    for (i, eight) in block.as_chunks::<8>().0.iter().enumerate() {
        let classes = u64::from_le_bytes(eight.map(|b| grammar.class[usize::from(b)] as u8));
        words |= lowest_bits(classes) << (8 * i);
        blanks |= lowest_bits(classes >> 1) << (8 * i);
    }
    (words, blanks)
}

/// The lowest bit of each of 8 bytes, side by side.
fn lowest_bits(bytes: u64) -> u64 {
    // The product has bit 8i of the left side at 56 + i, among others below 56 and none that carry.
    (bytes & 0x0101_0101_0101_0101).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

impl<'i> Iterator for Tokens<'_, 'i> {
    type Item = Result<Element<'i>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        match self.step() {
            Ok(element) => Some(Ok(element)),
            Err(Stop::Out) => None,
            Err(Stop::Error(error)) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

impl core::iter::FusedIterator for Tokens<'_, '_> {}

impl core::fmt::Debug for Tokens<'_, '_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let rest = &self.text[self.at..];
        f.debug_struct("Tokens").field("rest", &rest).field("progress", &self.progress()).finish()
    }
}
