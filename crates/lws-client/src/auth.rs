//! Who asks: user and password, in one of two schemes.
//!
//! ```text
//!   basic:   request + Authorization                                 (RFC 7617)
//!   digest:  request ──▶ 401 + challenge ──▶ request + Authorization (RFC 7616); the challenge serves further requests
//! ```
//! A server that offers basic authentication alone does not get the password of who wants digest.

mod challenge;
mod digest;

pub(crate) use digest::{Challenge, cnonce};

use crate::FieldError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A user, a password, and how they are shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Auth {
    pub(crate) scheme: Scheme,
    pub(crate) user: String,
    pub(crate) password: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Basic,
    Digest,
}

impl Auth {
    /// Basic authentication (RFC 7617): the password goes with every request, so use TLS.
    ///
    /// # Errors
    /// [`FieldError::Value`]: a colon in the user's name, or a control character.
    pub fn basic(user: &str, password: &str) -> Result<Self, FieldError> {
        // RFC 7617 §2: a user-id that contains a colon cannot be told from the password.
        if user.contains(':') {
            return Err(FieldError::Value);
        }
        Self::new(Scheme::Basic, user, password)
    }

    /// Digest authentication (RFC 7616) with SHA-256 or MD5 and `qop=auth`, whichever the server asks for.
    ///
    /// # Errors
    /// [`FieldError::Value`]: a control character.
    #[doc(alias = "lws_http_digest_auth")]
    pub fn digest(user: &str, password: &str) -> Result<Self, FieldError> {
        Self::new(Scheme::Digest, user, password)
    }

    fn new(scheme: Scheme, user: &str, password: &str) -> Result<Self, FieldError> {
        if [user, password].into_iter().any(|text| text.chars().any(char::is_control)) {
            return Err(FieldError::Value);
        }
        Ok(Self { scheme, user: user.into(), password: password.into() })
    }

    /// The value of `Authorization` or `Proxy-Authorization` for basic authentication.
    pub(crate) fn basic_value(&self) -> Vec<u8> {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.password))).into_bytes()
    }
}

/// Without the password.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("scheme", &self.scheme).field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic() {
        // RFC 7617 §2.
        let auth = Auth::basic("Aladdin", "open sesame").unwrap();
        assert_eq!(auth.basic_value(), b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(Auth::basic("", "").unwrap().basic_value(), b"Basic Og==");
        assert_eq!(Auth::basic("a:b", "c").unwrap_err(), FieldError::Value);
        assert_eq!(Auth::basic("a", "c\r\nX: y").unwrap_err(), FieldError::Value);
        assert_eq!(Auth::digest("a\0", "c").unwrap_err(), FieldError::Value);
        assert!(!format!("{auth:?}").contains("sesame"));
    }
}
