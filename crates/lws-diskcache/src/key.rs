//! What names an object.

use std::fmt;

use sha2::{Digest, Sha256};

/// The SHA-256 of everything that makes one object differ from another.
///
/// Give it the whole tuple: for an HTTP answer the method, the host, the path with its query, each header that `Vary` names
/// with its value, and the coding.
///
/// ```
/// use lws_diskcache::Key;
/// assert_ne!(Key::new(["ab", "c"]), Key::new(["a", "bc"]), "each part counts as a whole");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a list of parts, in their order.
    pub fn new<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            let part = part.as_ref();
            // The length in front, so that no two lists run into one.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// A key that is a hash already.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 lower-case hexadecimal digits: the object's file name.
    pub(crate) fn hex(&self) -> [u8; 64] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 64];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        hex
    }

    /// The key of a file name; `None` if it is not exactly as `hex` makes it.
    pub(crate) fn from_hex(name: &[u8]) -> Option<Self> {
        let name: &[u8; 64] = name.try_into().ok()?;
        let digit = |d: u8| match d {
            b'0'..=b'9' => Some(d - b'0'),
            b'a'..=b'f' => Some(d - b'a' + 10),
            _ => None,
        };
        let mut key = [0; 32];
        for (byte, pair) in key.iter_mut().zip(name.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(key))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4's example, with our length in front of nothing: an empty list is the hash of nothing.
    #[test]
    fn is_sha256() {
        let nothing = Key::new([""; 0]);
        assert_eq!(nothing.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn names_are_exact() {
        let key = Key::new(["x"]);
        assert_eq!(Key::from_hex(&key.hex()), Some(key));
        assert_eq!(key.hex(), *key.to_string().as_bytes());
        let mut name = key.hex().to_vec();
        assert_eq!(Key::from_hex(&name[1..]), None);
        name.make_ascii_uppercase();
        assert_eq!(Key::from_hex(&name), None, "one name for each key");
        assert_eq!(Key::from_hex(b"../../../../etc/passwd"), None);
    }

    /// What differs in any part has another name.
    #[test]
    fn dc_04_keys_do_not_collide() {
        let parts = ["GET", "example.com", "/a", "br", ""];
        let base = Key::new(parts);
        for i in 0..parts.len() {
            let mut other = parts;
            other[i] = "x";
            assert_ne!(Key::new(other), base);
        }
        assert_ne!(Key::new(["GET", "example.com", "/a", "br"]), base, "an empty part is a part");
        assert_ne!(
            Key::new(["GET", "example.com/a", "", "br", ""]),
            base,
            "parts do not run into each other"
        );
        assert_ne!(Key::new(["GETexample.com/abr"]), Key::new(["GET", "example.com", "/a", "br"]));
        // A part that looks like the encoding of another list.
        let forged = [&b"a"[..], &1_u64.to_le_bytes(), b"b"].concat();
        assert_ne!(Key::new([&forged[..]]), Key::new([&b"a"[..], b"b"]));
    }
}
