//! Encrypting.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Write as _;

use lws_gencrypto::{Provider, Secret, wipe};

use super::alg::{Alg, CEK_MAX, Enc, Kind};
use super::content::TAG_MAX;
use super::wrap::Recipient;
use crate::error::{Error, KeyError};
use crate::json::{Object, Value};
use crate::jwk::{Jwk, Purpose};
use crate::{base64url, header, limits};

/// Encrypts for one key. Made once, used often; content keys and initialisation vectors are new each time.
pub struct Encrypter {
    provider: Arc<dyn Provider>,
    enc: Enc,
    recipient: Recipient,
    protected: Object<'static>,
    unprotected: Object<'static>,
    /// The encoded header, if it is the same for every token.
    fixed: Option<String>,
}

impl Encrypter {
    /// The header will have `alg`, `enc`, and the key's `kid` if it has one.
    ///
    /// Errors: the key is not for encrypting with `alg`, or the library does not take it.
    #[doc(alias = "lws_jwe_encrypt")]
    pub fn new(provider: &Arc<dyn Provider>, alg: Alg, enc: Enc, key: &Jwk) -> Result<Self, Error> {
        key.check(Purpose::Encrypt(alg, enc)).map_err(KeyError::Unfit)?;
        let recipient = Recipient::new(&**provider, alg, key)?;
        let provider = Arc::clone(provider);
        let (protected, unprotected) = (Object::new(), Object::new());
        let mut encrypter = Encrypter { provider, enc, recipient, protected, unprotected, fixed: None };
        encrypter.encode();
        Ok(encrypter)
    }

    /// The algorithms.
    #[must_use]
    pub fn algorithms(&self) -> (Alg, Enc) {
        (self.recipient.alg, self.enc)
    }

    /// Adds a member to the protected header, such as `cty`. Those that the algorithm sets cannot be changed.
    pub fn header<'v>(mut self, name: &str, value: impl Into<Value<'v>>) -> Result<Self, Error> {
        if name == "kid" && self.recipient.kid.is_some() {
            return Err(Error::Misuse("the key has a kid of its own"));
        }
        header::add(&mut self.protected, name, value)?;
        self.encode();
        Ok(self)
    }

    /// Adds a member to the shared header that is not protected; the JSON serialisations only.
    pub fn unprotected<'v>(mut self, name: &str, value: impl Into<Value<'v>>) -> Result<Self, Error> {
        if self.protected.find(name).is_some() {
            return Err(Error::Misuse("this header member is protected already"));
        }
        header::add(&mut self.unprotected, name, value)?;
        self.encode();
        Ok(self)
    }

    /// PBES2: so many iterations, [`P2C_MIN`](limits::P2C_MIN) to [`P2C_MAX`](limits::P2C_MAX), instead of
    /// [`P2C_DEFAULT`](limits::P2C_DEFAULT).
    pub fn iterations(mut self, p2c: u32) -> Result<Self, Error> {
        if !(limits::P2C_MIN..=limits::P2C_MAX).contains(&p2c) {
            return Err(Error::Misuse("p2c is out of bounds (1000 to 100000)"));
        }
        self.recipient.p2c = p2c;
        Ok(self)
    }

    /// ECDH-ES: who sends and who receives, `apu` and `apv`, which enter the key (RFC 7518 §4.6.1). At most
    /// [`PARTY_MAX`](limits::PARTY_MAX) bytes each; empty ones are left out.
    pub fn parties(mut self, apu: &[u8], apv: &[u8]) -> Result<Self, Error> {
        if apu.len().max(apv.len()) > limits::PARTY_MAX {
            return Err(Error::Misuse("apu and apv are too long"));
        }
        (self.recipient.apu, self.recipient.apv) = (apu.to_vec(), apv.to_vec());
        Ok(self)
    }

    /// A compact token.
    #[doc(alias = "lws_jwe_render_compact")]
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<String, Error> {
        if !self.unprotected.is_empty() {
            return Err(Error::Misuse("a compact token has no unprotected header: use the flattened form"));
        }
        let sealed = self.seal(plaintext, None)?;
        let lens = [sealed.protected.len(), sealed.encrypted_key.len(), sealed.data.len()];
        let mut token =
            String::with_capacity(lens.iter().map(|len| len * 4 / 3 + 4).sum::<usize>() + 24 + 48);
        token.push_str(&sealed.protected);
        for part in [&sealed.encrypted_key, sealed.iv(), &sealed.data, sealed.tag()] {
            token.push('.');
            base64url::encode_to(part, &mut token);
        }
        Ok(token)
    }

    /// The flattened JSON serialisation, with further authenticated data or none (RFC 7516 §7.2.1 `aad`).
    #[doc(alias = "lws_jwe_render_flattened")]
    pub fn encrypt_flattened(&self, plaintext: &[u8], aad: Option<&[u8]>) -> Result<String, Error> {
        let sealed = self.seal(plaintext, aad)?;
        let mut text = String::new();
        open_json(&mut text, &sealed.protected, &self.unprotected);
        if !sealed.encrypted_key.is_empty() {
            push(&mut text, "encrypted_key", &base64url::encode(&sealed.encrypted_key));
        }
        sealed.close_json(&mut text, aad);
        Ok(text)
    }

    /// One recipient: everything is protected.
    fn seal(&self, plaintext: &[u8], aad: Option<&[u8]>) -> Result<Sealed<'_>, Error> {
        let provider = &*self.provider;
        let mut more = Object::new();
        let own = self.recipient.own_content_key(provider, self.enc, &mut more)?;
        let cek = match own {
            Some(key) => key,
            None => random_key(provider, self.enc)?,
        };
        let encrypted_key = self.recipient.encrypt_key(provider, cek.expose(), &mut more)?;
        let protected = match &self.fixed {
            Some(header) => Cow::Borrowed(header.as_str()),
            None => {
                let mut header = self.common();
                header.0.extend(more.0);
                Cow::Owned(encode_header(&header))
            }
        };
        seal_content(provider, self.enc, &cek, protected, aad, plaintext, encrypted_key)
    }

    /// The members that are the same for every token.
    fn common(&self) -> Object<'static> {
        let mut header = Object::new().with("alg", self.recipient.alg.name()).with("enc", self.enc.name());
        if let Some(kid) = self.recipient.kid.as_ref().filter(|_| self.unprotected.find("kid").is_none()) {
            header.set("kid", kid.clone());
        }
        header.0.extend(self.protected.0.iter().cloned());
        header
    }

    fn encode(&mut self) {
        let fixed = matches!(self.recipient.alg.kind(), Kind::Rsa | Kind::Wrap | Kind::Direct);
        self.fixed = fixed.then(|| encode_header(&self.common()));
    }
}

/// The general JSON serialisation: one ciphertext for several recipients, whose encrypters have the same `enc`. The
/// protected and shared members are the first one's; `alg`, `kid` and what an algorithm adds stand with each recipient.
///
/// Errors: `dir` and ECDH-ES are for one recipient only (RFC 7516 §5.1); another `enc`; too many recipients.
#[doc(alias = "lws_jwe_render_flattened")]
pub fn general(plaintext: &[u8], aad: Option<&[u8]>, encrypters: &[&Encrypter]) -> Result<String, Error> {
    let Some(first) = encrypters.first() else { return Err(Error::Misuse("a token needs a recipient")) };
    if encrypters.len() > limits::SIGNATURES_MAX {
        return Err(Error::Misuse("too many recipients"));
    }
    if encrypters.iter().any(|encrypter| encrypter.enc != first.enc) {
        return Err(Error::Misuse("all recipients share one enc"));
    }
    if encrypters.len() > 1 && encrypters.iter().any(|encrypter| encrypter.recipient.alg.is_direct()) {
        return Err(Error::Misuse("dir and ECDH-ES are for one recipient only"));
    }
    let mut protected = first.protected.clone();
    protected.set("enc", first.enc.name());
    let mut cek = None;
    let mut recipients = Vec::new();
    for encrypter in encrypters {
        let mut header = Object::new().with("alg", encrypter.recipient.alg.name());
        if let Some(kid) = &encrypter.recipient.kid {
            header.set("kid", kid.clone());
        }
        let provider = &*encrypter.provider;
        if cek.is_none() {
            cek = encrypter.recipient.own_content_key(provider, first.enc, &mut header)?;
        }
        let cek = match &mut cek {
            Some(cek) => cek,
            none => none.insert(random_key(provider, first.enc)?),
        };
        let key = encrypter.recipient.encrypt_key(provider, cek.expose(), &mut header)?;
        recipients.push((header, key));
    }
    let cek = cek.ok_or(Error::Misuse("a token needs a recipient"))?;
    let sealed = {
        let protected = Cow::Owned(encode_header(&protected));
        seal_content(&*first.provider, first.enc, &cek, protected, aad, plaintext, Vec::new())?
    };
    let mut text = String::new();
    open_json(&mut text, &sealed.protected, &first.unprotected);
    for (i, (header, key)) in recipients.iter().enumerate() {
        let opening = if i == 0 { ",\"recipients\":[{" } else { "},{" };
        write!(text, "{opening}\"header\":{header}").expect("a string takes everything");
        if !key.is_empty() {
            push(&mut text, "encrypted_key", &base64url::encode(key));
        }
    }
    text.push_str("}]");
    sealed.close_json(&mut text, aad);
    Ok(text)
}

/// A token before it is written.
struct Sealed<'s> {
    protected: Cow<'s, str>,
    encrypted_key: Vec<u8>,
    iv: [u8; 16],
    iv_len: usize,
    data: Vec<u8>,
    tag: [u8; TAG_MAX],
    tag_len: usize,
}

impl Sealed<'_> {
    fn iv(&self) -> &[u8] {
        self.iv.get(..self.iv_len).unwrap_or_default()
    }

    fn tag(&self) -> &[u8] {
        self.tag.get(..self.tag_len).unwrap_or_default()
    }

    /// The members that both JSON forms end with.
    fn close_json(&self, text: &mut String, aad: Option<&[u8]>) {
        if let Some(aad) = aad {
            push(text, "aad", &base64url::encode(aad));
        }
        push(text, "iv", &base64url::encode(self.iv()));
        push(text, "ciphertext", &base64url::encode(&self.data));
        push(text, "tag", &base64url::encode(self.tag()));
        text.push('}');
    }
}

fn seal_content<'s>(
    provider: &dyn Provider,
    enc: Enc,
    cek: &Secret,
    protected: Cow<'s, str>,
    aad: Option<&[u8]>,
    plaintext: &[u8],
    encrypted_key: Vec<u8>,
) -> Result<Sealed<'s>, Error> {
    let mut iv = [0; 16];
    let (used, _) = iv.split_at_mut(enc.iv_len());
    provider.random(used)?;
    // Room for the padding, so that the plaintext is not copied and left behind.
    let mut data = Vec::with_capacity(plaintext.len() + 16);
    data.extend_from_slice(plaintext);
    let mut tag = [0; TAG_MAX];
    let outcome = match aad {
        // RFC 7516 §5.1 step 14.
        None => enc.seal_into(provider, cek.expose(), used, protected.as_bytes(), &mut data, &mut tag),
        Some(aad) => {
            let aad = authenticated(&protected, &base64url::encode(aad));
            enc.seal_into(provider, cek.expose(), used, aad.as_bytes(), &mut data, &mut tag)
        }
    };
    if let Err(error) = outcome {
        wipe(&mut data);
        return Err(error);
    }
    Ok(Sealed { protected, encrypted_key, iv, iv_len: enc.iv_len(), data, tag, tag_len: enc.tag_len() })
}

/// RFC 7516 §5.1 step 14: the protected header, a point, the encoded `aad`.
pub(super) fn authenticated(protected: &str, aad: &str) -> String {
    [protected, ".", aad].concat()
}

fn encode_header(header: &Object<'_>) -> String {
    let mut json = String::with_capacity(128);
    write!(json, "{header}").expect("a string takes everything");
    base64url::encode(json.as_bytes())
}

fn random_key(provider: &dyn Provider, enc: Enc) -> Result<Secret, Error> {
    debug_assert!(enc.key_len() <= CEK_MAX);
    let mut key = Secret::zeroed(enc.key_len());
    provider.random(key.expose_mut())?;
    Ok(key)
}

fn open_json(text: &mut String, protected: &str, unprotected: &Object<'_>) {
    write!(text, "{{\"protected\":\"{protected}\"").expect("a string takes everything");
    if !unprotected.is_empty() {
        write!(text, ",\"unprotected\":{unprotected}").expect("a string takes everything");
    }
}

/// `,"name":"value"`; `value` is base64url.
fn push(text: &mut String, name: &str, value: &str) {
    for part in [",\"", name, "\":\"", value, "\""] {
        text.push_str(part);
    }
}

/// What it encrypts with, never the key.
impl core::fmt::Debug for Encrypter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Encrypter({}, {})", self.recipient.alg, self.enc)
    }
}
