//! The content key as a recipient gets it: RFC 7518 §4, backwards.

use alloc::vec::Vec;

use lws_gencrypto as gencrypto;
use lws_gencrypto::{EcPoint, Provider, Secret};

use super::alg::{Alg, Enc, Kind};
use super::content::undecryptable;
use super::wrap::{agreed_key, password_key, rsa_scheme};
use crate::error::{Error, TokenError};
use crate::header::Headers;
use crate::json::{Object, Value};
use crate::jwk::Jwk;
use crate::live::Decrypts;
use crate::{base64url, limits};

/// What the header says about the key, read before any cryptography.
pub(super) enum Given<'h> {
    Nothing,
    Gcm { iv: Vec<u8>, tag: Vec<u8> },
    Agree { epk: &'h Object<'h>, apu: Vec<u8>, apv: Vec<u8> },
    Password { p2s: Vec<u8>, p2c: u32 },
}

impl<'h> Given<'h> {
    pub(super) fn read(alg: Alg, headers: Headers<'h, 'h>) -> Result<Self, TokenError> {
        let bytes = |name| headers.bytes(name)?.ok_or(TokenError::Missing(name));
        match alg.kind() {
            Kind::GcmWrap => {
                let (iv, tag) = (bytes("iv")?, bytes("tag")?);
                // RFC 7518 §4.7.1: 96 and 128 bits.
                if iv.len() != 12 {
                    return Err(TokenError::Member("iv".into()));
                }
                if tag.len() != 16 {
                    return Err(TokenError::Member("tag".into()));
                }
                Ok(Given::Gcm { iv, tag })
            }
            Kind::Agree | Kind::AgreeWrap => {
                let epk = headers.find("epk").ok_or(TokenError::Missing("epk"))?;
                let epk = epk.as_object().ok_or_else(|| TokenError::Member("epk".into()))?;
                let party = |name| Ok::<_, TokenError>(headers.bytes(name)?.unwrap_or_default());
                Ok(Given::Agree { epk, apu: party("apu")?, apv: party("apv")? })
            }
            Kind::Password => {
                let count = headers.find("p2c").ok_or(TokenError::Missing("p2c"))?;
                let count = count.as_u64().ok_or_else(|| TokenError::Member("p2c".into()))?;
                let bounds = u64::from(limits::P2C_MIN)..=u64::from(limits::P2C_MAX);
                if !bounds.contains(&count) {
                    return Err(TokenError::Iterations(count));
                }
                let p2s = bytes("p2s")?;
                // RFC 7518 §4.8.1.1: "A Salt Input value containing 8 or more octets MUST be used".
                if p2s.len() < 8 {
                    return Err(TokenError::Member("p2s".into()));
                }
                let p2c = u32::try_from(count).map_err(|_| TokenError::Iterations(count))?;
                Ok(Given::Password { p2s, p2c })
            }
            Kind::Rsa | Kind::Wrap | Kind::Direct => Ok(Given::Nothing),
        }
    }
}

/// What a peer sent and what we have.
pub(super) struct Unwrap<'u> {
    pub(super) provider: &'u dyn Provider,
    pub(super) alg: Alg,
    pub(super) enc: Enc,
    pub(super) encrypted: &'u [u8],
    pub(super) given: &'u Given<'u>,
}

impl Unwrap<'_> {
    /// The content key, [`Enc::key_len`] bytes long.
    pub(super) fn key(&self, jwk: &Jwk, live: &Decrypts) -> Result<Secret, Error> {
        let key = match (live, self.given, self.alg.kind()) {
            (Decrypts::Rsa(key), _, _) if self.alg == Alg::Rsa1_5 => {
                // RFC 7516 §11.5: a random key takes the place of one that cannot be decrypted.
                let mut cek = Secret::zeroed(self.enc.key_len());
                self.provider.random(cek.expose_mut())?;
                key.decrypt_pkcs1_into(self.encrypted, cek.expose_mut()).map_err(undecryptable)?;
                cek
            }
            (Decrypts::Rsa(key), _, _) => {
                key.decrypt(rsa_scheme(self.alg), self.encrypted).map_err(undecryptable)?
            }
            (Decrypts::Oct { wrap: Some(key), .. }, _, Kind::Wrap) => {
                let mut cek = self.room(8)?;
                key.unwrap(self.encrypted, cek.expose_mut()).map_err(undecryptable)?;
                cek
            }
            (Decrypts::Oct { gcm: Some(key), .. }, Given::Gcm { iv, tag }, Kind::GcmWrap) => {
                let mut cek = self.room(0)?;
                key.open(iv, &[], self.encrypted, tag, cek.expose_mut()).map_err(undecryptable)?;
                cek
            }
            (Decrypts::Oct { .. }, Given::Password { p2s, p2c }, Kind::Password) => {
                let password = jwk.secret_bytes().unwrap_or_default();
                let kek = password_key(self.provider, self.alg, password, p2s, *p2c)?;
                self.unwrap_with(kek.expose())?
            }
            (Decrypts::Oct { .. }, _, Kind::Direct) => {
                self.no_encrypted_key()?;
                Secret::from(jwk.secret_bytes().unwrap_or_default())
            }
            (_, Given::Agree { epk, apu, apv }, Kind::Agree) => {
                self.no_encrypted_key()?;
                let shared = self.shared(live, epk)?;
                agreed_key(self.provider, shared.expose(), self.enc.name(), apu, apv, self.enc.key_len())?
            }
            (_, Given::Agree { epk, apu, apv }, Kind::AgreeWrap) => {
                let shared = self.shared(live, epk)?;
                let kek = agreed_key(
                    self.provider,
                    shared.expose(),
                    self.alg.name(),
                    apu,
                    apv,
                    self.alg.wrap_len(),
                )?;
                self.unwrap_with(kek.expose())?
            }
            _ => return Err(Error::Misuse("the key was not prepared for this algorithm")),
        };
        // RFC 7516 §5.2 step 10: the length must be exactly that of `enc`.
        if key.len() == self.enc.key_len() { Ok(key) } else { Err(TokenError::Undecryptable.into()) }
    }

    /// RFC 7516 §5.2 step 10: with `dir` and ECDH-ES the encrypted key is empty.
    fn no_encrypted_key(&self) -> Result<(), TokenError> {
        if self.encrypted.is_empty() {
            Ok(())
        } else {
            Err(TokenError::Form("with this algorithm the encrypted key is empty"))
        }
    }

    /// Room for a content key of the length it must have.
    fn room(&self, overhead: usize) -> Result<Secret, Error> {
        if self.encrypted.len() != self.enc.key_len() + overhead {
            return Err(TokenError::Undecryptable.into());
        }
        Ok(Secret::zeroed(self.enc.key_len()))
    }

    fn unwrap_with(&self, kek: &[u8]) -> Result<Secret, Error> {
        let mut cek = self.room(8)?;
        self.provider.aes_kw(kek)?.unwrap(self.encrypted, cek.expose_mut()).map_err(undecryptable)?;
        Ok(cek)
    }

    /// RFC 7518 §4.6: our private key and the peer's `epk`, on the same curve.
    fn shared(&self, live: &Decrypts, epk: &Object<'_>) -> Result<Secret, Error> {
        let text = |name| epk.find(name).and_then(Value::as_str).unwrap_or_default();
        let coordinate = |name| base64url::decode(text(name)).map_err(|_| TokenError::Point);
        let point = |error| match error {
            gencrypto::Error::Key(_) => TokenError::Point.into(),
            other => Error::Crypto(other),
        };
        match live {
            Decrypts::Ec(curve, key) if text("kty") == "EC" && text("crv") == curve.name() => {
                let peer = EcPoint::from_xy(*curve, &coordinate("x")?, &coordinate("y")?).map_err(point)?;
                key.agree(&peer).map_err(point)
            }
            Decrypts::X25519(key) if text("kty") == "OKP" && text("crv") == "X25519" => {
                let x = <[u8; 32]>::try_from(coordinate("x")?).map_err(|_| TokenError::Point)?;
                key.agree(&x).map_err(point)
            }
            _ => Err(TokenError::Point.into()),
        }
    }
}
