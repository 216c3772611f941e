//! Bytes that must not stay in memory nor reach a log.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroize;

/// Secret bytes: wiped when dropped, not shown by `Debug`, compared in constant time.
///
/// Growing a `Vec` leaves copies behind; so a `Secret` has its length from the start.
/// ```
/// use lws_gencrypto::Secret;
///
/// let secret = Secret::from(vec![1, 2, 3]);
/// assert_eq!(format!("{secret:?}"), "Secret(3 bytes)");
/// assert_eq!(secret.expose(), [1, 2, 3]);
/// ```
#[doc(alias = "lws_gencrypto_destroy_elements")]
#[derive(Clone, Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// `len` zero bytes, to be filled in.
    pub fn zeroed(len: usize) -> Self {
        Self(alloc::vec![0; len])
    }

    /// The bytes. The name is long so that it is seen in a review.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, to be filled in.
    pub fn expose_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Number of bytes.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the first `len` bytes and wipes the others. Nothing happens if there are fewer.
    pub fn truncate(&mut self, len: usize) {
        if let Some(rest) = self.0.get_mut(len..) {
            rest.zeroize();
        }
        self.0.truncate(len);
    }
}

/// Takes the bytes over, without a copy.
impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// Copies. Wiping the original is its owner's work.
impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        crate::constant_time_eq(&self.0, &other.0)
    }
}

impl Eq for Secret {}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

/// Wipes what a caller's buffer holds, for backends.
#[doc(alias = "lws_explicit_bzero")]
pub fn wipe(bytes: &mut [u8]) {
    bytes.zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn jose_14_debug_shows_no_secret() {
        let secret = Secret::from(&b"hunter2"[..]);
        assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(7 bytes) Secret(7 bytes)");
    }

    #[test]
    fn truncate_keeps_the_beginning() {
        let mut secret = Secret::from(&b"hunter2"[..]);
        secret.truncate(9);
        assert_eq!(secret.len(), 7);
        secret.truncate(4);
        assert_eq!(secret.expose(), b"hunt");
        assert!(secret == Secret::from(&b"hunt"[..]) && secret != Secret::from(&b"hunT"[..]));
    }
}
