//! Object identifiers, and those that keys have.

use core::fmt;

use super::Error;

/// An object identifier: a path of numbers, in its encoded form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid<'a>(&'a [u8]);

impl Oid<'static> {
    /// rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017).
    pub const RSA_ENCRYPTION: Self = Self(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
    /// id-ecPublicKey, 1.2.840.10045.2.1 (RFC 5480).
    pub const EC_PUBLIC_KEY: Self = Self(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);
    /// secp256r1, that is P-256, 1.2.840.10045.3.1.7 (RFC 5480).
    pub const SECP256R1: Self = Self(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
    /// secp384r1, that is P-384, 1.3.132.0.34 (RFC 5480).
    pub const SECP384R1: Self = Self(&[0x2b, 0x81, 0x04, 0x00, 0x22]);
    /// secp521r1, that is P-521, 1.3.132.0.35 (RFC 5480).
    pub const SECP521R1: Self = Self(&[0x2b, 0x81, 0x04, 0x00, 0x23]);
    /// id-X25519, 1.3.101.110 (RFC 8410).
    pub const X25519: Self = Self(&[0x2b, 0x65, 0x6e]);
    /// id-X448, 1.3.101.111 (RFC 8410).
    pub const X448: Self = Self(&[0x2b, 0x65, 0x6f]);
    /// id-Ed25519, 1.3.101.112 (RFC 8410).
    pub const ED25519: Self = Self(&[0x2b, 0x65, 0x70]);
    /// id-Ed448, 1.3.101.113 (RFC 8410).
    pub const ED448: Self = Self(&[0x2b, 0x65, 0x71]);
}

impl<'a> Oid<'a> {
    /// One from its encoded content, for constants. What it is given is not checked.
    #[must_use]
    pub const fn from_encoded(content: &'a [u8]) -> Self {
        Self(content)
    }

    /// One from the content of an OBJECT IDENTIFIER.
    ///
    /// # Errors
    /// [`Error::Oid`] if it is not well formed.
    pub fn from_content(content: &'a [u8]) -> Result<Self, Error> {
        let mut rest = content;
        while !rest.is_empty() {
            (_, rest) = subidentifier(rest).ok_or(Error::Oid)?;
        }
        if content.is_empty() { Err(Error::Oid) } else { Ok(Self(content)) }
    }

    /// The content of its encoding, without tag and length.
    #[must_use]
    pub const fn content(&self) -> &'a [u8] {
        self.0
    }
}

/// One number from seven bits each, and what follows it.
fn subidentifier(input: &[u8]) -> Option<(u128, &[u8])> {
    // X.690 §8.19.2: the fewest possible octets.
    if input.first() == Some(&0x80) {
        return None;
    }
    let last = input.iter().position(|byte| byte & 0x80 == 0)?;
    let (bytes, rest) = input.split_at_checked(last + 1)?;
    let number = bytes.iter().try_fold(0_u128, |number, byte| {
        (number.leading_zeros() >= 7).then_some(number << 7 | u128::from(byte & 0x7f))
    })?;
    Some((number, rest))
}

/// With dots, as in `1.2.840.113549.1.1.1`.
impl fmt::Display for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((joint, mut rest)) = subidentifier(self.0) else { return Ok(()) };
        // X.690 §8.19.4: the first two numbers share one.
        let first = (joint / 40).min(2);
        write!(f, "{first}.{}", joint - first * 40)?;
        while let Some((number, behind)) = subidentifier(rest) {
            write!(f, ".{number}")?;
            rest = behind;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}
