//! Decrypting.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use lws_gencrypto::Provider;

use super::alg::{Alg, Enc};
use super::content::TAG_MAX;
use super::parts::{ENCRYPTED_KEY_MAX, Parts, decode_short, recipients};
use super::unwrap::{Given, Unwrap};
use crate::candidates::{Candidates, Entry, Usable, add_set};
use crate::error::{Error, KeyError, TokenError};
use crate::header::{self, Headers};
use crate::json::{Limits, Object};
use crate::jwk::{Jwk, JwkSet, Purpose};
use crate::jws::nearness;
use crate::live::Decrypts;
use crate::{base64url, limits};

/// Decrypts tokens with the algorithms and keys it was given, and no others.
pub struct Decrypter {
    provider: Arc<dyn Provider>,
    algs: Vec<Alg>,
    encs: Vec<Enc>,
    rsa1_5: bool,
    entries: Vec<Entry<Decrypts>>,
    limits: Limits,
}

/// A token that was decrypted, and so was made by somebody who knew the key: for a public key, by anybody.
#[derive(Clone)]
pub struct Decrypted {
    /// What was encrypted.
    pub plaintext: Vec<u8>,
    /// How the content key came.
    pub alg: Alg,
    /// How the content was encrypted.
    pub enc: Enc,
    /// Which of the decrypter's keys, counted from 0 as they were given.
    pub key: usize,
    /// The JSON text of the protected header. Empty if there was none.
    pub protected: Vec<u8>,
    /// The further authenticated data of a JSON serialisation.
    pub aad: Option<Vec<u8>>,
}

impl Decrypted {
    /// The protected header.
    ///
    /// Errors: none, for what a decrypter returned.
    pub fn header(&self) -> Result<Object<'_>, Error> {
        if self.protected.is_empty() {
            return Ok(Object::new());
        }
        Ok(Object::parse_within(&self.protected, Limits::new().bytes(usize::MAX).depth(usize::MAX))
            .map_err(TokenError::Json)?)
    }
}

impl Decrypter {
    /// Accepts these algorithms, and no key yet.
    #[must_use]
    pub fn new(provider: &Arc<dyn Provider>, algs: &[Alg], encs: &[Enc]) -> Self {
        Decrypter {
            provider: Arc::clone(provider),
            algs: algs.to_vec(),
            encs: encs.to_vec(),
            rsa1_5: false,
            entries: Vec::new(),
            limits: Limits::new(),
        }
    }

    /// Decrypts [`Alg::Rsa1_5`] too, if the list has it. Whoever can have many tokens decrypted here, and can tell in
    /// any way which ones had good padding, reads other tokens (Bleichenbacher's attack). A wrong padding makes no other
    /// error and takes no other way than a wrong tag; how evenly the RSA operation itself is timed is the library's
    /// matter. Off unless this is called, and before keys are added.
    #[must_use]
    pub fn unsafe_allow_rsa1_5(mut self) -> Self {
        self.rsa1_5 = true;
        self
    }

    /// Accepts this key too.
    ///
    /// Errors: it is for none of the algorithms, or the library does not take it.
    pub fn key(mut self, key: &Jwk) -> Result<Self, Error> {
        let tag = self.entries.len();
        self.add(key, tag)?;
        Ok(self)
    }

    /// Accepts the keys of a set that are for one of the algorithms, and leaves out the others.
    ///
    /// Errors: none is.
    pub fn keys(mut self, set: &JwkSet) -> Result<Self, Error> {
        let first = self.entries.len();
        add_set(set, first, |key, tag| self.add(key, tag))?;
        Ok(self)
    }

    /// Accepts larger or deeper tokens, or only smaller ones.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    fn allows(&self, alg: Alg) -> bool {
        self.algs.contains(&alg) && (alg != Alg::Rsa1_5 || self.rsa1_5)
    }

    pub(crate) fn add(&mut self, key: &Jwk, tag: usize) -> Result<(), Error> {
        let fits = |alg: Alg| {
            let each = self.encs.iter().map(|&enc| key.check(Purpose::Decrypt(alg, enc)));
            each.reduce(Result::or)
        };
        let allowed: Vec<Alg> = self.algs.iter().copied().filter(|&alg| self.allows(alg)).collect();
        let usable: Vec<Alg> =
            allowed.iter().copied().filter(|&alg| matches!(fits(alg), Some(Ok(())))).collect();
        if usable.is_empty() {
            let why = allowed.iter().filter_map(|&alg| fits(alg)?.err()).max_by_key(|why| nearness(*why));
            return Err(match why {
                Some(why) => KeyError::Unfit(why).into(),
                None => Error::Misuse("a decrypter without algorithms accepts nothing"),
            });
        }
        if self.entries.len() >= limits::SET_KEYS_MAX {
            return Err(Error::Misuse("too many keys"));
        }
        let live = Decrypts::new(&*self.provider, key, &usable)?;
        self.entries.push(Entry { jwk: key.clone(), live, tag });
        Ok(())
    }

    /// Decrypts a compact token.
    #[doc(alias = "lws_jwe_auth_and_decrypt")]
    pub fn decrypt(&self, token: &str) -> Result<Decrypted, Error> {
        self.decrypt_where(token, &|_| Ok(()))
    }

    pub(crate) fn decrypt_where(&self, token: &str, usable: Usable<'_>) -> Result<Decrypted, Error> {
        self.check_size(token)?;
        let (parts, encrypted_key) = Parts::compact(token)?;
        let text = header::decode_protected(parts.protected)?;
        let object = header::parse(&text, self.limits)?;
        let (alg, enc, key, plaintext) = self.one(&parts, Headers::only(&object), encrypted_key, usable)?;
        drop(object);
        Ok(Decrypted { plaintext, alg, enc, key, protected: text, aad: None })
    }

    /// Decrypts a flattened or general JSON serialisation, with the first recipient that works.
    #[doc(alias = "lws_jwe_json_parse")]
    pub fn decrypt_json(&self, text: &str) -> Result<Decrypted, Error> {
        self.decrypt_json_where(text, &|_| Ok(()))
    }

    pub(crate) fn decrypt_json_where(&self, text: &str, usable: Usable<'_>) -> Result<Decrypted, Error> {
        self.check_size(text)?;
        let whole = header::parse(text.as_bytes(), self.limits)?;
        let parts = Parts::json(&whole)?;
        let protected_text = header::decode_protected(parts.protected)?;
        // RFC 7516 §7.2.1: `protected` is absent if the header is empty.
        let protected = if protected_text.is_empty() {
            Object::new()
        } else {
            header::parse(&protected_text, self.limits)?
        };
        let shared = header::object(&whole, "unprotected")?;
        let list = recipients(&whole)?;
        let alone = list.len() == 1;
        let mut failed: Option<Error> = None;
        for recipient in list {
            let headers =
                Headers { protected: Some(&protected), shared, own: header::object(recipient, "header")? };
            let encrypted_key = header::string(recipient, "encrypted_key")?.unwrap_or_default();
            let outcome = match headers.text("alg")?.and_then(Alg::from_name) {
                Some(alg) if alg.is_direct() && !alone => {
                    Err(TokenError::Form("dir and ECDH-ES are for one recipient only").into())
                }
                _ => self.one(&parts, headers, encrypted_key, usable),
            };
            match outcome {
                Ok((alg, enc, key, plaintext)) => {
                    let aad = parts
                        .aad
                        .map(base64url::decode)
                        .transpose()
                        .map_err(|_| TokenError::Base64("aad"))?;
                    drop(protected);
                    return Ok(Decrypted { plaintext, alg, enc, key, protected: protected_text, aad });
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.unwrap_or(TokenError::Form("it has no recipient").into()))
    }

    fn check_size(&self, token: &str) -> Result<(), TokenError> {
        if token.len() > self.limits.bytes { Err(TokenError::TooLong(self.limits.bytes)) } else { Ok(()) }
    }

    /// One recipient: everything that can be checked without cryptography, then the keys.
    fn one<'h>(
        &self,
        parts: &Parts<'_>,
        headers: Headers<'h, 'h>,
        encrypted_key: &str,
        usable: Usable<'_>,
    ) -> Result<(Alg, Enc, usize, Vec<u8>), Error> {
        let (alg, enc) = self.check_header(headers)?;
        let given = Given::read(alg, headers)?;
        let candidates =
            Candidates::choose(&self.entries, headers.kid()?, Purpose::Decrypt(alg, enc), usable)?;
        let mut buffers = ([0; ENCRYPTED_KEY_MAX], [0; 16], [0; TAG_MAX]);
        let encrypted = decode_short(encrypted_key, &mut buffers.0, "encrypted key")?;
        let iv = decode_short(parts.iv, &mut buffers.1, "initialization vector")?;
        let tag = decode_short(parts.tag, &mut buffers.2, "authentication tag")?;
        let mut ciphertext = parts.ciphertext()?;
        let joined = parts.authenticated()?;
        let aad = joined.as_deref().unwrap_or(parts.protected).as_bytes();
        let unwrap = Unwrap { provider: &*self.provider, alg, enc, encrypted, given: &given };
        let mut failed = Error::Token(TokenError::Undecryptable);
        let last = candidates.len().saturating_sub(1);
        for (i, entry) in candidates.iter().enumerate() {
            let data = if i == last { core::mem::take(&mut ciphertext) } else { ciphertext.clone() };
            let opened = unwrap
                .key(&entry.jwk, &entry.live)
                .and_then(|cek| enc.open_with(&*self.provider, cek.expose(), iv, aad, data, tag));
            match opened {
                Ok(plaintext) => return Ok((alg, enc, entry.tag, plaintext)),
                Err(error @ Error::Token(_)) => failed = error,
                Err(other) => return Err(other),
            }
        }
        Err(failed)
    }

    fn check_header(&self, headers: Headers<'_, '_>) -> Result<(Alg, Enc), TokenError> {
        headers.check(&[])?;
        if headers.find("zip").is_some() {
            return Err(TokenError::Compressed);
        }
        let unknown = |name: &str| match name {
            "none" => TokenError::Unsecured,
            other => TokenError::UnknownAlgorithm(other.into()),
        };
        let alg = headers.text("alg")?.ok_or(TokenError::Missing("alg"))?;
        let alg = Alg::from_name(alg).ok_or_else(|| unknown(alg))?;
        let enc = headers.text("enc")?.ok_or(TokenError::Missing("enc"))?;
        let enc = Enc::from_name(enc).ok_or_else(|| unknown(enc))?;
        if !self.allows(alg) {
            return Err(TokenError::NotAllowed(alg.name()));
        }
        if !self.encs.contains(&enc) {
            return Err(TokenError::NotAllowed(enc.name()));
        }
        Ok((alg, enc))
    }
}

/// What it accepts, never the keys.
impl core::fmt::Debug for Decrypter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let keys: Box<[&Jwk]> = self.entries.iter().map(|entry| &entry.jwk).collect();
        f.debug_struct("Decrypter")
            .field("algs", &self.algs)
            .field("encs", &self.encs)
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

/// How it was encrypted; not what.
impl core::fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Decrypted({} bytes, {}, {}, key {})", self.plaintext.len(), self.alg, self.enc, self.key)
    }
}
