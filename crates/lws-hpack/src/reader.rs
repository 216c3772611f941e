//! Integers, strings and literals as they lie on the wire (RFC 7541 §5, §6.2), read but not yet decoded.
//!
//! Reading looks at lengths and skips text. So an instruction that is cut off is found out in constant time, and a
//! block that arrives octet by octet costs no more than a few look-ups per octet.

use crate::error::{Error, Exceeded, Malformed};
use crate::limits;

/// Why there is no instruction.
pub(crate) enum Stop {
    /// It is not complete.
    More,
    Fail(Error),
}

/// §6.2: the name and the value of a literal.
pub(crate) struct Literal<'a> {
    pub(crate) name: Name<'a>,
    pub(crate) value: Text<'a>,
}

pub(crate) enum Name<'a> {
    Index(usize),
    Text(Text<'a>),
}

/// §5.2: a string.
pub(crate) struct Text<'a> {
    pub(crate) huffman: bool,
    pub(crate) octets: &'a [u8],
}

/// A position in a piece of a block.
pub(crate) struct Reader<'a> {
    input: &'a [u8],
    /// `at <= input.len() <= budget`
    at: usize,
    /// More bytes than this the block must not have.
    budget: usize,
}

// Results of more than two words travel through memory, which was half the time of a short literal: hence `inline`.
impl<'a> Reader<'a> {
    /// Reads `input`, of which more than `budget` bytes are an error.
    pub(crate) fn new(input: &'a [u8], budget: usize) -> Result<Self, Error> {
        if input.len() > budget {
            Err(Error::Limit(Exceeded::BlockBytes))
        } else {
            Ok(Self { input, at: 0, budget })
        }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    #[inline(always)]
    pub(crate) fn octet(&mut self) -> Result<u8, Stop> {
        let octet = *self.input.get(self.at).ok_or(Stop::More)?;
        self.at += 1;
        Ok(octet)
    }

    /// §5.1: the integer that begins in the low `prefix` bits of `first`.
    #[inline(always)]
    pub(crate) fn integer(&mut self, first: u8, prefix: u32) -> Result<usize, Stop> {
        let mask = 0xff_u8 >> (8 - prefix);
        let value = first & mask;
        if value < mask { Ok(usize::from(value)) } else { self.long_integer(mask) }
    }

    fn long_integer(&mut self, mask: u8) -> Result<usize, Stop> {
        let mut value = u32::from(mask);
        for nth in 0..limits::INTEGER_OCTETS {
            let octet = self.octet()?;
            value += u32::from(octet & 0x7f) << (7 * nth); // at most 255 + 2^28 - 1
            if octet & 0x80 == 0 {
                if value > limits::INTEGER {
                    break;
                }
                return Ok(value as usize);
            }
        }
        // RFC 7541 §5.1: integers beyond the limits of an implementation, in value or length, are decoding errors.
        Err(Stop::Fail(Error::Peer(Malformed::Integer)))
    }

    #[inline(always)]
    fn text(&mut self) -> Result<Text<'a>, Stop> {
        let first = self.octet()?;
        let end = self.integer(first, 7)?.saturating_add(self.at);
        let Some(octets) = self.input.get(self.at..end) else {
            // What can never become complete is not waited for.
            return Err(if end > self.budget {
                Stop::Fail(Error::Limit(Exceeded::BlockBytes))
            } else {
                Stop::More
            });
        };
        self.at = end;
        Ok(Text { huffman: first & 0x80 != 0, octets })
    }

    #[inline(always)]
    pub(crate) fn literal(&mut self, first: u8, prefix: u32) -> Result<Literal<'a>, Stop> {
        let name = match self.integer(first, prefix)? {
            0 => Name::Text(self.text()?),
            index => Name::Index(index),
        };
        Ok(Literal { name, value: self.text()? })
    }
}
