//! The opening handshake over HTTP/1.1 (RFC 6455 §4), without HTTP.
//!
//! ```text
//!   client                                      server
//!   Key::new(random) ── Sec-WebSocket-Key ──▶   Request::field … accept() ──▶ Ok: 101, or Err(Refusal): its status
//!   Response::field … check(key) ◀── 101, Sec-WebSocket-Accept ──┘
//! ```
//! Whoever parsed the head hands over its fields one by one; both types pick what they need and borrow it. They
//! accept fields in any order and any case, repeated where RFC 9110 lets lists be repeated, and nowhere else.
//!
//! [`origin`] tells a page of ours from somebody else's.

mod list;
pub mod origin;
mod request;
mod response;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1_smol::Sha1;

pub use list::{Extension, Extensions, Malformed, Param, Params, Protocols, Value};
pub use request::{Refusal, Request};
pub use response::{Failure, Response};

/// The version of the protocol, as `Sec-WebSocket-Version` has it.
pub const VERSION: &str = "13";

/// What the server appends to the key (RFC 6455 §1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The value of `Sec-WebSocket-Accept` for one of `Sec-WebSocket-Key` (RFC 6455 §4.2.2): ASCII.
///
/// Whether the key is a legal one is not looked at.
pub fn accept_key(key: &[u8]) -> [u8; 28] {
    let mut digest = Sha1::from(key);
    digest.update(GUID);
    let digest = digest.digest().bytes();
    let mut accept = [0; 28];
    STANDARD.encode_slice(digest, &mut accept).expect("20 bytes are 28 in base64");
    accept
}

/// RFC 6455 §4.2.1: a key is 16 bytes in base64.
fn is_key(key: &[u8]) -> bool {
    // The decoder wants room for what the 24 characters of a legal key could hold at most.
    let mut nonce = [0; 18];
    STANDARD.decode_slice(key, &mut nonce) == Ok(16)
}

/// A client's key: the value of `Sec-WebSocket-Key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key([u8; 24]);

impl Key {
    /// From 16 bytes that nobody can predict, new for each connection (RFC 6455 §4.1).
    pub fn new(random: [u8; 16]) -> Self {
        let mut text = [0; 24];
        STANDARD.encode_slice(random, &mut text).expect("16 bytes are 24 in base64");
        Self(text)
    }

    /// The field's value: ASCII.
    pub const fn as_bytes(&self) -> &[u8; 24] {
        &self.0
    }
}

/// A field that may come once.
#[derive(Clone, Copy, Default)]
enum Single<'a> {
    #[default]
    Absent,
    Once(&'a [u8]),
    Repeated,
}

impl<'a> Single<'a> {
    fn add(&mut self, value: &'a [u8]) {
        *self = match self {
            Self::Absent => Self::Once(value),
            Self::Once(_) | Self::Repeated => Self::Repeated,
        };
    }

    /// The value, unless there is none or more than one.
    fn once(self) -> Option<&'a [u8]> {
        match self {
            Self::Once(value) => Some(value),
            Self::Absent | Self::Repeated => None,
        }
    }
}

/// Whether two names or tokens are the same: their case does not matter (RFC 9110 §5.1, §7.6.1).
#[inline(never)] // it has many callers
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_the_rfc() {
        // RFC 6455 §1.3
        assert_eq!(&accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(Key::new(*b"the sample nonce").as_bytes(), b"dGhlIHNhbXBsZSBub25jZQ==");
    }

    #[test]
    fn ws_10_a_key_is_sixteen_bytes_in_base64() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(is_key(b"AAAAAAAAAAAAAAAAAAAAAA=="));
        for bad in [
            &b""[..],
            b"dGhlIHNhbXBsZSBub25jZQ",
            b"dGhlIHNhbXBsZSBub25jZQ= ",
            b"dGhlIHNhbXBsZSBub25jZWU=",
            b"dGhlIHNhbXBsZSBub25jZWVl",
            b"dGhlIHNhbXBsZSBub25j",
            b"SGVsbG8sIHdvcmxkIQ==",
            b"dGhlIHNhbXBsZSBub25jZR==",
            b"dGhlIHNhbXBs*SBub25jZQ==",
            b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff==",
        ] {
            assert!(!is_key(bad), "{bad:?}");
        }
    }
}
