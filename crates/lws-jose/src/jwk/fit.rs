//! Whether a key is for what it is asked to do, before any cryptography runs.
//!
//! Type, curve, size, the private half, `use`, `key_ops` and `alg` must all agree (RFC 7517 §4, RFC 7518 §3 to §4).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{Curve, Jwk, Kty, Material};
use crate::error::Unfit;
use crate::jwe::{self, Enc};
use crate::jws;
use crate::limits;

/// What a key is asked to do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Sign(jws::Alg),
    Verify(jws::Alg),
    Encrypt(jwe::Alg, Enc),
    Decrypt(jwe::Alg, Enc),
}

impl Jwk {
    pub(crate) fn check(&self, purpose: Purpose) -> Result<(), Unfit> {
        match purpose {
            Purpose::Sign(alg) | Purpose::Verify(alg) => self.check_signature(alg)?,
            Purpose::Encrypt(alg, enc) | Purpose::Decrypt(alg, enc) => self.check_encryption(alg, enc)?,
        }
        if matches!(purpose, Purpose::Sign(_) | Purpose::Decrypt(..)) && !self.is_private() {
            return Err(Unfit::Public);
        }
        self.check_words(purpose)
    }

    fn check_signature(&self, alg: jws::Alg) -> Result<(), Unfit> {
        if self.kty() != alg.kty() {
            return Err(Unfit::Type(self.kty()));
        }
        match self.curve() {
            Some(curve) if alg.curve() != Some(curve) => Err(Unfit::Curve(curve)),
            Some(_) => Ok(()),
            // RFC 7518 §3.2: "A key of the same size as the hash output … or larger MUST be used".
            None if self.kty() == Kty::Oct && self.bits() < alg.hash_len() * 8 => {
                Err(Unfit::Size(self.bits()))
            }
            None => self.check_rsa(),
        }
    }

    fn check_encryption(&self, alg: jwe::Alg, enc: Enc) -> Result<(), Unfit> {
        if !alg.takes(self.kty()) {
            return Err(Unfit::Type(self.kty()));
        }
        let exact =
            |bytes: usize| if self.bits() == bytes * 8 { Ok(()) } else { Err(Unfit::Size(self.bits())) };
        match alg.kind() {
            jwe::Kind::Rsa => self.check_rsa(),
            jwe::Kind::Wrap | jwe::Kind::GcmWrap => exact(alg.wrap_len()),
            jwe::Kind::Direct => exact(enc.key_len()),
            jwe::Kind::Password if self.bits() == 0 => Err(Unfit::Size(0)),
            jwe::Kind::Password => Ok(()),
            jwe::Kind::Agree | jwe::Kind::AgreeWrap => match self.curve() {
                Some(Curve::Ed25519) => Err(Unfit::Curve(Curve::Ed25519)),
                _ => Ok(()),
            },
        }
    }

    /// RFC 7518 §3.3, §4.2: 2048 bits or larger. Other keys pass.
    fn check_rsa(&self) -> Result<(), Unfit> {
        match &self.material {
            Material::Rsa { .. } if !(limits::RSA_BITS_MIN..=limits::RSA_BITS_MAX).contains(&self.bits()) => {
                Err(Unfit::Size(self.bits()))
            }
            material if !material.has_good_exponent() => Err(Unfit::Exponent),
            _ => Ok(()),
        }
    }

    /// What the key says of itself.
    fn check_words(&self, purpose: Purpose) -> Result<(), Unfit> {
        let signature = matches!(purpose, Purpose::Sign(_) | Purpose::Verify(_));
        if self.usage.as_deref().is_some_and(|usage| usage != if signature { "sig" } else { "enc" }) {
            return Err(Unfit::Use);
        }
        let named = match purpose {
            Purpose::Sign(alg) | Purpose::Verify(alg) => [alg.name(); 2],
            // A key for direct encryption may name the content algorithm: RFC 7520 §5.6.
            Purpose::Encrypt(jwe::Alg::Dir, enc) | Purpose::Decrypt(jwe::Alg::Dir, enc) => {
                ["dir", enc.name()]
            }
            Purpose::Encrypt(alg, _) | Purpose::Decrypt(alg, _) => [alg.name(); 2],
        };
        if self.alg.as_deref().is_some_and(|alg| !named.contains(&alg)) {
            return Err(Unfit::Algorithm);
        }
        let Some(operations) = &self.operations else { return Ok(()) };
        let any = allowing(purpose);
        // A public ECDH key has no operation of its own: WebCrypto writes an empty list.
        let nothing_to_say = operations.is_empty() && !self.is_private() && any.contains(&"deriveKey");
        if nothing_to_say || operations.iter().any(|have| any.contains(&&**have)) {
            return Ok(());
        }
        Err(Unfit::Operation(any.first().copied().unwrap_or_default()))
    }
}

/// The `key_ops` of which one is enough (RFC 7517 §4.3).
fn allowing(purpose: Purpose) -> &'static [&'static str] {
    match purpose {
        Purpose::Sign(_) => &["sign"],
        Purpose::Verify(_) => &["verify"],
        Purpose::Encrypt(alg, _) => match alg.kind() {
            jwe::Kind::Rsa => &["wrapKey", "encrypt"],
            jwe::Kind::Wrap | jwe::Kind::GcmWrap => &["wrapKey"],
            jwe::Kind::Direct => &["encrypt"],
            jwe::Kind::Agree | jwe::Kind::AgreeWrap => &["deriveKey", "deriveBits"],
            jwe::Kind::Password => &["deriveKey", "deriveBits", "wrapKey"],
        },
        Purpose::Decrypt(alg, _) => match alg.kind() {
            jwe::Kind::Rsa => &["unwrapKey", "decrypt"],
            jwe::Kind::Wrap | jwe::Kind::GcmWrap => &["unwrapKey"],
            jwe::Kind::Direct => &["decrypt"],
            jwe::Kind::Agree | jwe::Kind::AgreeWrap => &["deriveKey", "deriveBits"],
            jwe::Kind::Password => &["deriveKey", "deriveBits", "unwrapKey"],
        },
    }
}

/// What the public half is for, if the private one is for this.
pub(super) fn public_operations(operations: &[Box<str>]) -> Vec<Box<str>> {
    let mut public: Vec<Box<str>> = Vec::new();
    for operation in operations {
        let half = match &**operation {
            "sign" => "verify",
            "decrypt" => "encrypt",
            "unwrapKey" => "wrapKey",
            other => other,
        };
        if !public.iter().any(|have| &**have == half) {
            public.push(half.into());
        }
    }
    public
}
