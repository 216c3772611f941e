//! Every operation there is, by name.

use alloc::vec::Vec;
use core::fmt;

use crate::{AesBits, AesMode, Curve, Hash, RsaEncryption, RsaSignature};

/// An operation. [`Operation::all`] lists them, for tables of who can do what.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Random bytes.
    Random,
    /// A hash.
    Hash(Hash),
    /// An HMAC.
    Hmac(Hash),
    /// AES in a mode without authentication.
    Aes(AesMode, AesBits),
    /// AES-GCM with an initialisation vector of 12 bytes and a tag of 16.
    AesGcm(AesBits),
    /// AES-GCM with an initialisation vector of another length.
    AesGcmIv(AesBits),
    /// AES-GCM with a shorter tag.
    AesGcmTag(AesBits),
    /// AES key wrap.
    AesKw(AesBits),
    /// An RSA key of so many bits.
    RsaGenerate(usize),
    /// A private RSA key from its numbers.
    RsaImport,
    /// Signing with RSA.
    RsaSign(RsaSignature),
    /// Verifying with RSA.
    RsaVerify(RsaSignature),
    /// Encrypting with RSA.
    RsaEncrypt(RsaEncryption),
    /// Decrypting with RSA.
    RsaDecrypt(RsaEncryption),
    /// An EC key.
    EcGenerate(Curve),
    /// A private EC key from its numbers.
    EcImport(Curve),
    /// Signing with ECDSA.
    EcdsaSign(Curve, Hash),
    /// Verifying with ECDSA.
    EcdsaVerify(Curve, Hash),
    /// A shared secret of two EC keys.
    Ecdh(Curve),
    /// An Ed25519 key.
    Ed25519Generate,
    /// Signing with Ed25519.
    Ed25519Sign,
    /// Verifying with Ed25519.
    Ed25519Verify,
    /// An X25519 key.
    X25519Generate,
    /// A shared secret of two X25519 keys.
    X25519,
    /// Concat KDF.
    ConcatKdf(Hash),
    /// HKDF.
    Hkdf(Hash),
    /// PBKDF2 with HMAC.
    Pbkdf2(Hash),
}

/// SHA-2 is what ECDSA and PSS are used with.
const SHA2: [Hash; 3] = [Hash::Sha256, Hash::Sha384, Hash::Sha512];
const SHA: [Hash; 4] = [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512];
/// Common lengths of RSA keys, in bits, and an uncommon one.
const RSA: [usize; 4] = [2048, 2560, 3072, 4096];

impl Operation {
    /// All of them, related ones together.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = Vec::from([Self::Random]);
        all.extend(Hash::ALL.map(Self::Hash));
        all.extend(Hash::ALL.map(Self::Hmac));
        for mode in AesMode::ALL {
            // IEEE 1619 has no XTS-AES-192.
            let bits = AesBits::ALL.into_iter().filter(|bits| mode != AesMode::Xts || *bits != AesBits::B192);
            all.extend(bits.map(|bits| Self::Aes(mode, bits)));
        }
        for make in [Self::AesGcm, Self::AesGcmIv, Self::AesGcmTag, Self::AesKw] {
            all.extend(AesBits::ALL.map(make));
        }
        all.extend(RSA.map(Self::RsaGenerate));
        all.push(Self::RsaImport);
        for make in [Self::RsaSign, Self::RsaVerify] {
            all.extend(SHA.map(|hash| make(RsaSignature::Pkcs1(hash))));
            all.extend(SHA.map(|hash| make(RsaSignature::Pss(hash))));
        }
        for make in [Self::RsaEncrypt, Self::RsaDecrypt] {
            all.push(make(RsaEncryption::Pkcs1));
            all.extend(SHA.map(|hash| make(RsaEncryption::Oaep(hash))));
        }
        all.extend(Curve::ALL.map(Self::EcGenerate));
        all.extend(Curve::ALL.map(Self::EcImport));
        for make in [Self::EcdsaSign, Self::EcdsaVerify] {
            all.extend(Curve::ALL.into_iter().flat_map(|curve| SHA2.map(|hash| make(curve, hash))));
        }
        all.extend(Curve::ALL.map(Self::Ecdh));
        all.extend([Self::Ed25519Generate, Self::Ed25519Sign, Self::Ed25519Verify]);
        all.extend([Self::X25519Generate, Self::X25519]);
        for make in [Self::ConcatKdf, Self::Hkdf, Self::Pbkdf2] {
            all.extend(SHA.map(make));
        }
        all
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random => f.write_str("random bytes"),
            Self::Hash(hash) => hash.fmt(f),
            Self::Hmac(hash) => write!(f, "HMAC-{hash}"),
            Self::Aes(mode, bits) => write!(f, "AES-{}-{mode}", bits.bits()),
            Self::AesGcm(bits) => write!(f, "AES-{}-GCM", bits.bits()),
            Self::AesGcmIv(bits) => write!(f, "AES-{}-GCM, IV other than 96 bits", bits.bits()),
            Self::AesGcmTag(bits) => write!(f, "AES-{}-GCM, tag shorter than 128 bits", bits.bits()),
            Self::AesKw(bits) => write!(f, "AES-{}-KW", bits.bits()),
            Self::RsaGenerate(bits) => write!(f, "RSA-{bits} key generation"),
            Self::RsaImport => f.write_str("RSA private key from n, e, d"),
            Self::RsaSign(scheme) => write!(f, "{scheme} signature"),
            Self::RsaVerify(scheme) => write!(f, "{scheme} verification"),
            Self::RsaEncrypt(scheme) => write!(f, "{scheme} encryption"),
            Self::RsaDecrypt(scheme) => write!(f, "{scheme} decryption"),
            Self::EcGenerate(curve) => write!(f, "{curve} key generation"),
            Self::EcImport(curve) => write!(f, "{curve} private key from x, y, d"),
            Self::EcdsaSign(curve, hash) => write!(f, "ECDSA {curve} {hash} signature"),
            Self::EcdsaVerify(curve, hash) => write!(f, "ECDSA {curve} {hash} verification"),
            Self::Ecdh(curve) => write!(f, "ECDH {curve}"),
            Self::Ed25519Generate => f.write_str("Ed25519 key generation"),
            Self::Ed25519Sign => f.write_str("Ed25519 signature"),
            Self::Ed25519Verify => f.write_str("Ed25519 verification"),
            Self::X25519Generate => f.write_str("X25519 key generation"),
            Self::X25519 => f.write_str("X25519"),
            Self::ConcatKdf(hash) => write!(f, "Concat KDF {hash}"),
            Self::Hkdf(hash) => write!(f, "HKDF {hash}"),
            Self::Pbkdf2(hash) => write!(f, "PBKDF2 HMAC-{hash}"),
        }
    }
}

impl fmt::Display for RsaSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pkcs1(hash) => write!(f, "RSA PKCS#1 1.5 {hash}"),
            Self::Pss(hash) => write!(f, "RSA PSS {hash}"),
        }
    }
}

impl fmt::Display for RsaEncryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pkcs1 => f.write_str("RSA PKCS#1 1.5"),
            Self::Oaep(hash) => write!(f, "RSA OAEP {hash}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::string::ToString;

    #[test]
    fn each_once_and_named_differently() {
        let all = Operation::all();
        let names: BTreeSet<_> = all.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), all.len());
    }
}
