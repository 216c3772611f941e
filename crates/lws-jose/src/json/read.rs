//! The reader: one pass, recursion limited by depth.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::{JsonError, JsonFault, Limits, Object, Value};

/// Members up to which all pairs of names are compared; beyond, names are sorted, so that a hostile object costs
/// n log n.
const PAIRWISE_MAX: usize = 16;
/// Members (most headers have fewer) for which an object has room from the start.
const USUAL_MEMBERS: usize = 6;

pub(super) fn parse(text: &[u8], limits: Limits) -> Result<Value<'_>, JsonError> {
    if text.len() > limits.bytes {
        return Err(JsonError { offset: limits.bytes, fault: JsonFault::TooLong });
    }
    let text = core::str::from_utf8(text)
        .map_err(|error| JsonError { offset: error.valid_up_to(), fault: JsonFault::NotUtf8 })?;
    let mut reader = Reader { text, at: 0, depth_left: limits.depth };
    let value = reader.value()?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.error(JsonFault::Trailing)) } else { Ok(value) }
}

struct Reader<'a> {
    text: &'a str,
    /// Invariant: 0 <= at <= text.len(), between two characters.
    at: usize,
    depth_left: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, fault: JsonFault) -> JsonError {
        JsonError { offset: self.at, fault }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What is wrong where something else was expected.
    fn unexpected(&self) -> JsonError {
        self.error(if self.peek().is_none() { JsonFault::Truncated } else { JsonFault::Unexpected })
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes `byte`, after white space.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Result<Value<'a>, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            _ => Err(self.unexpected()),
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, JsonError> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                return Err(self.unexpected());
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Value<'a>, JsonError>,
    ) -> Result<Value<'a>, JsonError> {
        self.depth_left = self.depth_left.checked_sub(1).ok_or(self.error(JsonFault::TooDeep))?;
        self.at += 1; // the bracket
        let value = read(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value<'a>, JsonError> {
        let mut elements = Vec::new();
        if self.take(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value()?);
            if self.take(b']') {
                return Ok(Value::Array(elements));
            }
            if !self.take(b',') {
                return Err(self.unexpected());
            }
        }
    }

    fn object(&mut self) -> Result<Value<'a>, JsonError> {
        let mut members: Vec<(Cow<'a, str>, Value<'a>)> = Vec::new();
        if self.take(b'}') {
            return Ok(Value::Object(Object(members)));
        }
        members.reserve(USUAL_MEMBERS);
        loop {
            self.skip_space();
            let start = self.at;
            let name = self.string()?;
            if members.len() < PAIRWISE_MAX && members.iter().any(|(known, _)| *known == name) {
                return Err(JsonError { offset: start, fault: JsonFault::Duplicate });
            }
            if !self.take(b':') {
                return Err(self.unexpected());
            }
            members.push((name, self.value()?));
            if self.take(b'}') {
                break;
            }
            if !self.take(b',') {
                return Err(self.unexpected());
            }
        }
        if members.len() > PAIRWISE_MAX && has_duplicate(&members) {
            return Err(self.error(JsonFault::Duplicate));
        }
        Ok(Value::Object(Object(members)))
    }

    /// RFC 8259 §6: no leading zero, no bare point, no plus in front.
    fn number(&mut self) -> Result<Value<'a>, JsonError> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        // `01` ends here and fails at the 1: every caller needs a delimiter next.
        Ok(Value::Number(Cow::Borrowed(self.since(start))))
    }

    /// One or more.
    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected()) } else { Ok(()) }
    }

    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).expect("both ends are between two characters")
    }

    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected());
        }
        self.at += 1;
        let mut plain = self.at;
        let mut unescaped = String::new();
        loop {
            match self.peek() {
                Some(b'"') => {
                    let rest = self.since(plain);
                    self.at += 1;
                    if unescaped.is_empty() {
                        return Ok(Cow::Borrowed(rest)); // no escape, or none that left a trace: see below
                    }
                    unescaped.push_str(rest);
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => {
                    unescaped.push_str(self.since(plain));
                    unescaped.push(self.escape()?); // at least one character: never empty from here on
                    plain = self.at;
                }
                Some(0..=0x1f) | None => return Err(self.unexpected()),
                Some(_) => self.at += 1,
            }
        }
    }

    /// At a backslash.
    fn escape(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        let bad = JsonError { offset: start, fault: JsonFault::Escape };
        self.at += 2;
        Ok(match self.text.as_bytes().get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex4().ok_or(bad)?;
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first).ok_or(bad); // a low surrogate alone is none
                }
                if self.text.as_bytes().get(self.at..self.at + 2) != Some(b"\\u") {
                    return Err(bad);
                }
                self.at += 2;
                let second = self.hex4().filter(|unit| (0xdc00..0xe000).contains(unit)).ok_or(bad)?;
                return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(bad);
            }
            _ => return Err(bad),
        })
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
        let mut unit = 0;
        for digit in digits {
            unit = unit * 16 + char::from(*digit).to_digit(16)?;
        }
        self.at += 4;
        Some(unit)
    }
}

fn has_duplicate(members: &[(Cow<'_, str>, Value<'_>)]) -> bool {
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair.first() == pair.last())
}
