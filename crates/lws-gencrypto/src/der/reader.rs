//! From bytes to values, without copying.

use super::{DateTime, Error, Oid, Tag};
use crate::limits::DER_DEPTH;

/// One value: its type and the bytes inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// The type.
    pub tag: Tag,
    /// What is inside, without tag and length.
    pub content: &'a [u8],
    /// The whole value, tag and length included: what signatures are made over.
    pub whole: &'a [u8],
}

/// The content of a BIT STRING. `unused <= 7`; the unused bits are the low ones of the last byte and are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitString<'a> {
    /// Bits of the last byte that do not count.
    pub unused: u8,
    /// The bits, the first one the highest of the first byte.
    pub bytes: &'a [u8],
}

impl<'a> BitString<'a> {
    /// The bytes, if it is made of whole ones, as keys and signatures are.
    ///
    /// # Errors
    /// [`Error::BitString`] if some bits of the last byte do not count.
    pub fn octets(&self) -> Result<&'a [u8], Error> {
        if self.unused == 0 { Ok(self.bytes) } else { Err(Error::BitString) }
    }

    /// Whether bit `number` is set, counted from the first; bits that are not there are not set.
    #[must_use]
    pub fn bit(&self, number: usize) -> bool {
        self.bytes.get(number / 8).is_some_and(|byte| byte & (0x80 >> (number % 8)) != 0)
    }
}

/// Walks over the values of one level.
///
/// Every method either takes one value or, failing, leaves the reader where it was.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    /// How many levels may still be entered from here.
    levels: u8,
}

impl<'a> Reader<'a> {
    /// A reader of the values in `input`, one behind the other.
    #[must_use]
    pub const fn new(input: &'a [u8]) -> Self {
        Self { rest: input, levels: DER_DEPTH }
    }

    /// What has not been read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything has been read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The type of the next value, if there is one.
    #[must_use]
    pub fn peek(&self) -> Option<Tag> {
        self.rest.first().copied().map(Tag)
    }

    /// Checks that everything has been read.
    ///
    /// # Errors
    /// [`Error::Trailing`] if not.
    pub const fn finish(self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(Error::Trailing) }
    }

    /// The next value, whatever its type.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::Length`], or [`Error::Tag`] for a tag number above 30.
    pub fn any(&mut self) -> Result<Value<'a>, Error> {
        let (&tag, behind_tag) = self.rest.split_first().ok_or(Error::Truncated)?;
        if tag & 0x1f == 0x1f {
            return Err(Error::Tag);
        }
        let (length, behind_length) = length(behind_tag)?;
        let (content, rest) = behind_length.split_at_checked(length).ok_or(Error::Truncated)?;
        let (whole, _) = self.rest.split_at(self.rest.len() - rest.len());
        self.rest = rest;
        Ok(Value { tag: Tag(tag), content, whole })
    }

    /// The next value, which must be a `tag`.
    ///
    /// # Errors
    /// [`Error::Tag`] if it is something else, [`Error::Truncated`], [`Error::Length`].
    pub fn value(&mut self, tag: Tag) -> Result<Value<'a>, Error> {
        match self.peek() {
            Some(found) if found == tag => self.any(),
            Some(_) => Err(Error::Tag),
            None => Err(Error::Truncated),
        }
    }

    /// The next value if it is a `tag`; otherwise nothing is taken.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::Length`].
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Value<'a>>, Error> {
        if self.peek() == Some(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Steps into the next value, which must be a `tag`.
    ///
    /// # Errors
    /// As [`value`](Self::value), and [`Error::Depth`].
    pub fn nested(&mut self, tag: Tag) -> Result<Reader<'a>, Error> {
        let levels = self.levels.checked_sub(1).ok_or(Error::Depth)?;
        let value = self.value(tag)?;
        Ok(Reader { rest: value.content, levels })
    }

    /// Steps into the next value, which must be a SEQUENCE.
    ///
    /// # Errors
    /// As [`nested`](Self::nested).
    pub fn sequence(&mut self) -> Result<Reader<'a>, Error> {
        self.nested(Tag::SEQUENCE)
    }

    /// Steps into the next value, which must be a SET.
    ///
    /// # Errors
    /// As [`nested`](Self::nested).
    pub fn set(&mut self) -> Result<Reader<'a>, Error> {
        self.nested(Tag::SET)
    }

    /// Steps into `[number] EXPLICIT` if that is next; otherwise nothing is taken.
    ///
    /// # Errors
    /// As [`nested`](Self::nested).
    pub fn explicit(&mut self, number: u8) -> Result<Option<Reader<'a>>, Error> {
        let tag = Tag::explicit(number);
        if self.peek() == Some(tag) { self.nested(tag).map(Some) } else { Ok(None) }
    }

    /// A BOOLEAN.
    ///
    /// # Errors
    /// [`Error::Boolean`], or as [`value`](Self::value).
    pub fn boolean(&mut self) -> Result<bool, Error> {
        self.typed(Tag::BOOLEAN, |content| match content {
            // X.690 §11.1: true is ff.
            [0xff] => Ok(true),
            [0x00] => Ok(false),
            _ => Err(Error::Boolean),
        })
    }

    /// A NULL.
    ///
    /// # Errors
    /// [`Error::Null`], or as [`value`](Self::value).
    pub fn null(&mut self) -> Result<(), Error> {
        self.typed(Tag::NULL, |content| if content.is_empty() { Ok(()) } else { Err(Error::Null) })
    }

    /// An INTEGER as two's complement, big endian, at least one byte and none more than needed.
    ///
    /// # Errors
    /// [`Error::Integer`], or as [`value`](Self::value).
    pub fn integer(&mut self) -> Result<&'a [u8], Error> {
        self.typed(Tag::INTEGER, integer)
    }

    /// An INTEGER that is not negative: its magnitude, big endian, without leading zeros except for zero itself, which
    /// is one byte.
    ///
    /// # Errors
    /// [`Error::Integer`] also for a negative one, or as [`value`](Self::value).
    pub fn unsigned(&mut self) -> Result<&'a [u8], Error> {
        self.typed(Tag::INTEGER, unsigned)
    }

    /// An INTEGER from 0 to 2⁶⁴−1.
    ///
    /// # Errors
    /// [`Error::Integer`] also for one outside of that, or as [`value`](Self::value).
    pub fn uint(&mut self) -> Result<u64, Error> {
        self.typed(Tag::INTEGER, |content| {
            let magnitude = unsigned(content)?;
            if magnitude.len() > 8 {
                return Err(Error::Integer);
            }
            Ok(magnitude.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
        })
    }

    /// An OBJECT IDENTIFIER.
    ///
    /// # Errors
    /// [`Error::Oid`], or as [`value`](Self::value).
    pub fn oid(&mut self) -> Result<Oid<'a>, Error> {
        self.typed(Tag::OID, Oid::from_content)
    }

    /// An OCTET STRING.
    ///
    /// # Errors
    /// As [`value`](Self::value).
    pub fn octet_string(&mut self) -> Result<&'a [u8], Error> {
        self.typed(Tag::OCTET_STRING, Ok)
    }

    /// A BIT STRING.
    ///
    /// # Errors
    /// [`Error::BitString`], or as [`value`](Self::value).
    pub fn bit_string(&mut self) -> Result<BitString<'a>, Error> {
        self.typed(Tag::BIT_STRING, bit_string)
    }

    /// A UTCTime or GeneralizedTime.
    ///
    /// # Errors
    /// [`Error::Time`], or as [`value`](Self::value).
    pub fn time(&mut self) -> Result<DateTime, Error> {
        match self.peek() {
            Some(Tag::GENERALIZED_TIME) => self.typed(Tag::GENERALIZED_TIME, DateTime::from_generalized),
            _ => self.typed(Tag::UTC_TIME, DateTime::from_utc),
        }
    }

    /// Takes a value of type `tag` if `parse` likes its content.
    fn typed<T>(&mut self, tag: Tag, parse: impl FnOnce(&'a [u8]) -> Result<T, Error>) -> Result<T, Error> {
        let mut ahead = *self;
        let parsed = parse(ahead.value(tag)?.content)?;
        *self = ahead;
        Ok(parsed)
    }
}

/// A length, and what follows it.
fn length(input: &[u8]) -> Result<(usize, &[u8]), Error> {
    let (&first, rest) = input.split_first().ok_or(Error::Truncated)?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    // 80 is the indefinite form, which DER forbids (X.690 §10.1).
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return Err(Error::Length);
    }
    let (bytes, rest) = rest.split_at_checked(count).ok_or(Error::Truncated)?;
    let length = bytes.iter().fold(0_u32, |length, byte| length << 8 | u32::from(*byte));
    // X.690 §10.1: the minimum number of octets.
    if bytes.first() == Some(&0) || length < 0x80 {
        return Err(Error::Length);
    }
    Ok((usize::try_from(length).map_err(|_| Error::Length)?, rest))
}

/// X.690 §8.3.2: the first nine bits are not all the same.
fn integer(content: &[u8]) -> Result<&[u8], Error> {
    match content {
        [] => Err(Error::Integer),
        [0x00, next, ..] if next & 0x80 == 0 => Err(Error::Integer),
        [0xff, next, ..] if next & 0x80 != 0 => Err(Error::Integer),
        _ => Ok(content),
    }
}

fn unsigned(content: &[u8]) -> Result<&[u8], Error> {
    match integer(content)? {
        [0x00, rest @ ..] if !rest.is_empty() => Ok(rest),
        [first, ..] if first & 0x80 != 0 => Err(Error::Integer),
        magnitude => Ok(magnitude),
    }
}

fn bit_string(content: &[u8]) -> Result<BitString<'_>, Error> {
    let (&unused, bytes) = content.split_first().ok_or(Error::BitString)?;
    // X.690 §11.2.1: unused bits are zero; §8.6.2.3: an empty string has none.
    let legal = match bytes.last() {
        Some(last) => unused <= 7 && last & ((1 << unused) - 1) == 0,
        None => unused == 0,
    };
    if legal { Ok(BitString { unused, bytes }) } else { Err(Error::BitString) }
}
