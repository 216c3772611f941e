//! As much DER (X.690) as a certificate needs: tag, length, contents; nothing is copied and nothing is believed.

/// Reads elements from the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Der<'a>(pub(crate) &'a [u8]);

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// `[n]`, primitive: an implicit tag.
pub(crate) const fn context(n: u8) -> u8 {
    0x80 | n
}

/// `[n]`, constructed: an explicit tag.
pub(crate) const fn explicit(n: u8) -> u8 {
    0xa0 | n
}

impl<'a> Der<'a> {
    /// The next element: its tag, its contents, and all of it; `None` at the end or where it is not DER.
    pub(crate) fn next(&mut self) -> Option<(u8, &'a [u8], &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        // Tag numbers above 30 take further bytes; certificates have none.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, rest) = rest.split_first()?;
        let (len, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // Definite lengths of up to three bytes: 16 MiB, more than is ever read here.
            0x81..=0x83 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let len = bytes.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
                // DER: the shortest form.
                let shortest = if bytes.len() == 1 { len >= 0x80 } else { bytes.first() != Some(&0) };
                if !shortest {
                    return None;
                }
                (len, rest)
            }
            _ => return None,
        };
        let (contents, after) = rest.split_at_checked(len)?;
        let whole = self.0.get(..self.0.len() - after.len())?;
        self.0 = after;
        Some((tag, contents, whole))
    }

    /// The contents of the next element, which must have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let (found, contents, _) = ahead.next()?;
        if found != tag {
            return None;
        }
        *self = ahead;
        Some(contents)
    }

    /// All of the next element, which must have this tag.
    pub(crate) fn expect_whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let (found, _, whole) = ahead.next()?;
        if found != tag {
            return None;
        }
        *self = ahead;
        Some(whole)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
