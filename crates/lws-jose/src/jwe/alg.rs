//! The algorithms of RFC 7518 §4 and §5.

use crate::jwk::Kty;
use crate::names::named;

named! {
    /// How the content encryption key reaches the recipient.
    #[doc(alias = "lws_jose_jwe_alg")]
    Alg {
        /// RSA with PKCS #1 v1.5 padding. Decrypting it is off unless
        /// [`unsafe_allow_rsa1_5`](super::Decrypter::unsafe_allow_rsa1_5) is called.
        Rsa1_5 = "RSA1_5",
        /// RSA with OAEP padding, SHA-1 and MGF1 with SHA-1.
        RsaOaep = "RSA-OAEP",
        /// RSA with OAEP padding, SHA-256 and MGF1 with SHA-256.
        RsaOaep256 = "RSA-OAEP-256",
        /// AES key wrap with a key of 16 bytes.
        A128Kw = "A128KW",
        /// AES key wrap with a key of 24 bytes.
        A192Kw = "A192KW",
        /// AES key wrap with a key of 32 bytes.
        A256Kw = "A256KW",
        /// The recipient's key encrypts the content itself.
        Dir = "dir",
        /// The key agreed on encrypts the content itself.
        EcdhEs = "ECDH-ES",
        /// The key agreed on wraps as A128KW does.
        EcdhEsA128Kw = "ECDH-ES+A128KW",
        /// The key agreed on wraps as A192KW does.
        EcdhEsA192Kw = "ECDH-ES+A192KW",
        /// The key agreed on wraps as A256KW does.
        EcdhEsA256Kw = "ECDH-ES+A256KW",
        /// AES-GCM with a key of 16 bytes encrypts the content key.
        A128GcmKw = "A128GCMKW",
        /// AES-GCM with a key of 24 bytes encrypts the content key.
        A192GcmKw = "A192GCMKW",
        /// AES-GCM with a key of 32 bytes encrypts the content key.
        A256GcmKw = "A256GCMKW",
        /// A password, PBKDF2 with HMAC-SHA-256, then A128KW.
        Pbes2Hs256A128Kw = "PBES2-HS256+A128KW",
        /// A password, PBKDF2 with HMAC-SHA-384, then A192KW.
        Pbes2Hs384A192Kw = "PBES2-HS384+A192KW",
        /// A password, PBKDF2 with HMAC-SHA-512, then A256KW.
        Pbes2Hs512A256Kw = "PBES2-HS512+A256KW",
    }
}

/// What an algorithm does with the content key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa,
    Wrap,
    GcmWrap,
    Direct,
    Agree,
    AgreeWrap,
    Password,
}

impl Alg {
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Alg::Rsa1_5 | Alg::RsaOaep | Alg::RsaOaep256 => Kind::Rsa,
            Alg::A128Kw | Alg::A192Kw | Alg::A256Kw => Kind::Wrap,
            Alg::A128GcmKw | Alg::A192GcmKw | Alg::A256GcmKw => Kind::GcmWrap,
            Alg::Dir => Kind::Direct,
            Alg::EcdhEs => Kind::Agree,
            Alg::EcdhEsA128Kw | Alg::EcdhEsA192Kw | Alg::EcdhEsA256Kw => Kind::AgreeWrap,
            Alg::Pbes2Hs256A128Kw | Alg::Pbes2Hs384A192Kw | Alg::Pbes2Hs512A256Kw => Kind::Password,
        }
    }

    /// Whether the content key is the recipient's own or agreed on, so that there can be one recipient only.
    #[must_use]
    pub const fn is_direct(self) -> bool {
        matches!(self, Alg::Dir | Alg::EcdhEs)
    }

    /// Bytes of the AES key that wraps; 0 where none does.
    pub(crate) const fn wrap_len(self) -> usize {
        match self {
            Alg::A128Kw | Alg::A128GcmKw | Alg::EcdhEsA128Kw | Alg::Pbes2Hs256A128Kw => 16,
            Alg::A192Kw | Alg::A192GcmKw | Alg::EcdhEsA192Kw | Alg::Pbes2Hs384A192Kw => 24,
            Alg::A256Kw | Alg::A256GcmKw | Alg::EcdhEsA256Kw | Alg::Pbes2Hs512A256Kw => 32,
            _ => 0,
        }
    }

    /// The key types it can have.
    pub(crate) fn takes(self, kty: Kty) -> bool {
        match self.kind() {
            Kind::Rsa => kty == Kty::Rsa,
            Kind::Agree | Kind::AgreeWrap => matches!(kty, Kty::Ec | Kty::Okp),
            Kind::Wrap | Kind::GcmWrap | Kind::Direct | Kind::Password => kty == Kty::Oct,
        }
    }
}

named! {
    /// How the content is encrypted.
    #[doc(alias = "lws_jose_jwe_jws_enc")]
    Enc {
        /// AES-128-CBC with HMAC-SHA-256.
        A128CbcHs256 = "A128CBC-HS256",
        /// AES-192-CBC with HMAC-SHA-384.
        A192CbcHs384 = "A192CBC-HS384",
        /// AES-256-CBC with HMAC-SHA-512.
        A256CbcHs512 = "A256CBC-HS512",
        /// AES-128-GCM.
        A128Gcm = "A128GCM",
        /// AES-192-GCM.
        A192Gcm = "A192GCM",
        /// AES-256-GCM.
        A256Gcm = "A256GCM",
    }
}

/// Bytes of the longest content key.
pub(crate) const CEK_MAX: usize = 64;

impl Enc {
    /// Bytes of its key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Enc::A128Gcm => 16,
            Enc::A192Gcm => 24,
            Enc::A128CbcHs256 | Enc::A256Gcm => 32,
            Enc::A192CbcHs384 => 48,
            Enc::A256CbcHs512 => 64,
        }
    }

    /// Bytes of its initialisation vector.
    #[must_use]
    pub const fn iv_len(self) -> usize {
        if self.is_gcm() { 12 } else { 16 }
    }

    /// Bytes of its tag.
    #[must_use]
    pub const fn tag_len(self) -> usize {
        if self.is_gcm() { 16 } else { self.key_len() / 2 }
    }

    pub(crate) const fn is_gcm(self) -> bool {
        matches!(self, Enc::A128Gcm | Enc::A192Gcm | Enc::A256Gcm)
    }
}
