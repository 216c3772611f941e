//! Window sizes (RFC 7692 §7.1.2).

use core::fmt;

/// The base-2 logarithm of an LZ77 window's size in bytes: from 8 to 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 256 bytes.
    pub const MIN: Self = Self(8);
    /// 32 KiB: what holds without a parameter that says otherwise.
    pub const MAX: Self = Self(15);

    /// `None` unless 8 to 15.
    pub const fn new(bits: u8) -> Option<Self> {
        match bits {
            8..=15 => Some(Self(bits)),
            _ => None,
        }
    }

    /// The number.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// RFC 7692 §7.1.2.1: a decimal integer without leading zeros between 8 to 15 inclusive.
    pub(crate) fn parse(mut digits: impl Iterator<Item = u8>) -> Option<Self> {
        match [digits.next(), digits.next(), digits.next()] {
            [Some(digit @ b'8'..=b'9'), None, None] => Some(Self(digit - b'0')),
            [Some(b'1'), Some(digit @ b'0'..=b'5'), None] => Some(Self(10 + digit - b'0')),
            _ => None,
        }
    }
}

impl fmt::Display for WindowBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ws_07_values_of_a_window() {
        for bits in 0..=u8::MAX {
            let text = std::format!("{bits}");
            let parsed = WindowBits::parse(text.bytes());
            assert_eq!(parsed, WindowBits::new(bits), "{bits}");
            assert_eq!(parsed.is_some(), (8..=15).contains(&bits), "{bits}");
        }
        for bad in [
            "",
            "08",
            "008",
            "015",
            "+8",
            "-8",
            " 8",
            "8 ",
            "0x8",
            "8.0",
            "1",
            "100",
            "150",
            "256",
            "99999999999999999999",
        ] {
            assert_eq!(WindowBits::parse(bad.bytes()), None, "{bad:?}");
        }
    }
}
