//! The algorithms of RFC 7518 §3 and RFC 8037 §3.1. `none` is not among them: see [`unsecured`](super::unsecured).

use crate::jwk::{Curve, Kty};
use crate::names::named;

named! {
    /// How a signature is made.
    #[doc(alias = "lws_jose_jwe_alg")]
    Alg {
        /// HMAC with SHA-256; key of 32 bytes or more.
        Hs256 = "HS256",
        /// HMAC with SHA-384; key of 48 bytes or more.
        Hs384 = "HS384",
        /// HMAC with SHA-512; key of 64 bytes or more.
        Hs512 = "HS512",
        /// RSA, PKCS #1 v1.5, SHA-256.
        Rs256 = "RS256",
        /// RSA, PKCS #1 v1.5, SHA-384.
        Rs384 = "RS384",
        /// RSA, PKCS #1 v1.5, SHA-512.
        Rs512 = "RS512",
        /// ECDSA on P-256 with SHA-256.
        Es256 = "ES256",
        /// ECDSA on P-384 with SHA-384.
        Es384 = "ES384",
        /// ECDSA on P-521 with SHA-512.
        Es512 = "ES512",
        /// RSA-PSS with SHA-256, salt of 32 bytes.
        Ps256 = "PS256",
        /// RSA-PSS with SHA-384, salt of 48 bytes.
        Ps384 = "PS384",
        /// RSA-PSS with SHA-512, salt of 64 bytes.
        Ps512 = "PS512",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

impl Alg {
    /// The key type it needs.
    #[must_use]
    pub const fn kty(self) -> Kty {
        match self {
            Alg::Hs256 | Alg::Hs384 | Alg::Hs512 => Kty::Oct,
            Alg::Rs256 | Alg::Rs384 | Alg::Rs512 | Alg::Ps256 | Alg::Ps384 | Alg::Ps512 => Kty::Rsa,
            Alg::Es256 | Alg::Es384 | Alg::Es512 => Kty::Ec,
            Alg::EdDsa => Kty::Okp,
        }
    }

    /// The curve it needs, if it needs one.
    #[must_use]
    pub const fn curve(self) -> Option<Curve> {
        match self {
            Alg::Es256 => Some(Curve::P256),
            Alg::Es384 => Some(Curve::P384),
            Alg::Es512 => Some(Curve::P521),
            Alg::EdDsa => Some(Curve::Ed25519),
            _ => None,
        }
    }

    /// Bytes of its hash.
    pub(crate) const fn hash_len(self) -> usize {
        match self {
            Alg::Hs256 | Alg::Rs256 | Alg::Es256 | Alg::Ps256 => 32,
            Alg::Hs384 | Alg::Rs384 | Alg::Es384 | Alg::Ps384 => 48,
            _ => 64,
        }
    }
}
