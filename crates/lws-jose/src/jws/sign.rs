//! Signing.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use lws_gencrypto::{Provider, RsaSignature};

use super::Alg;
use super::encode::{SIGNATURE_MAX, compact_text, push_string};
use crate::error::{Error, KeyError};
use crate::json::{Object, Value};
use crate::jwk::{Jwk, Purpose};
use crate::live::{Signs, hash};
use crate::{base64url, header, limits};

/// Signs with one key and one algorithm. Made once, used often: the key is parsed and the header encoded here.
pub struct Signer {
    alg: Alg,
    key: Signs,
    protected: Object<'static>,
    unprotected: Object<'static>,
    /// Of `protected`.
    encoded: String,
    unencoded_payload: bool,
}

impl Signer {
    /// The header will have `alg`, and the key's `kid` if it has one.
    ///
    /// Errors: the key is not for signing with `alg`, or the library does not take it.
    #[doc(alias = "lws_jws_sign_from_b64")]
    pub fn new(provider: &Arc<dyn Provider>, alg: Alg, key: &Jwk) -> Result<Self, Error> {
        key.check(Purpose::Sign(alg)).map_err(KeyError::Unfit)?;
        let mut signer = Signer {
            alg,
            key: Signs::new(&**provider, key, alg)?,
            protected: Object::new().with("alg", alg.name()),
            unprotected: Object::new(),
            encoded: String::new(),
            unencoded_payload: false,
        };
        if let Some(kid) = key.kid() {
            signer.protected.set("kid", String::from(kid));
        }
        signer.encode();
        Ok(signer)
    }

    /// The algorithm.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// Adds a member to the protected header, such as `typ`. Those that the algorithm sets cannot be changed.
    pub fn header<'v>(mut self, name: &str, value: impl Into<Value<'v>>) -> Result<Self, Error> {
        header::add(&mut self.protected, name, value)?;
        self.encode();
        Ok(self)
    }

    /// Adds a member to the header that is not protected; the JSON serialisations only.
    pub fn unprotected<'v>(mut self, name: &str, value: impl Into<Value<'v>>) -> Result<Self, Error> {
        if self.protected.find(name).is_some() {
            return Err(Error::Misuse("this header member is protected already"));
        }
        header::add(&mut self.unprotected, name, value)?;
        Ok(self)
    }

    /// Moves `kid` out of the protected header: to the unprotected one, or away with a compact token.
    #[must_use]
    pub fn without_kid(mut self) -> Self {
        self.protected.0.retain(|(name, _)| name != "kid");
        self.encode();
        self
    }

    /// Signs payloads as they are, not their base64url: `"b64":false` (RFC 7797).
    #[must_use]
    pub fn unencoded(mut self) -> Self {
        self.unencoded_payload = true;
        self.protected.set("b64", false);
        self.protected.set("crit", Vec::from(["b64"]));
        self.encode();
        self
    }

    /// A compact token.
    ///
    /// Errors: the library's; an unencoded payload that cannot stand between two points.
    #[doc(alias = "lws_jws_write_compact")]
    pub fn sign(&self, payload: &[u8]) -> Result<String, Error> {
        self.only_protected()?;
        let mut token = self.signing_input_with_room(payload.len());
        if self.unencoded_payload {
            token.push_str(compact_text(payload)?);
        } else {
            base64url::encode_to(payload, &mut token);
        }
        self.append_signature(token)
    }

    /// A compact token without its payload, which the recipient must have (RFC 7515 appendix F).
    pub fn sign_detached(&self, payload: &[u8]) -> Result<String, Error> {
        self.only_protected()?;
        let mut buffer = [0; SIGNATURE_MAX];
        let signature = self.raw(&self.signing_input(payload), &mut buffer)?;
        let mut token =
            String::with_capacity(self.encoded.len() + 2 + base64url::encoded_len(signature.len()));
        token.push_str(&self.encoded);
        token.push_str("..");
        base64url::encode_to(signature, &mut token);
        Ok(token)
    }

    /// The flattened JSON serialisation.
    #[doc(alias = "lws_jws_write_flattened_json")]
    pub fn sign_flattened(&self, payload: &[u8]) -> Result<String, Error> {
        let mut text = String::from("{\"payload\":");
        self.push_payload(payload, &mut text)?;
        text.push(',');
        self.push_signature(payload, &mut text)?;
        text.push('}');
        Ok(text)
    }

    fn only_protected(&self) -> Result<(), Error> {
        if self.unprotected.is_empty() {
            Ok(())
        } else {
            Err(Error::Misuse("a compact token has no unprotected header: use the flattened form"))
        }
    }

    /// RFC 7515 §5.1: ASCII(BASE64URL(header) '.' BASE64URL(payload)), as far as the point.
    fn signing_input_with_room(&self, payload_len: usize) -> String {
        let room = base64url::encoded_len(payload_len) + 1 + base64url::encoded_len(self.signature_len());
        let mut input = String::with_capacity(self.encoded.len() + 1 + room);
        input.push_str(&self.encoded);
        input.push('.');
        input
    }

    fn signing_input(&self, payload: &[u8]) -> Vec<u8> {
        let mut input = self.signing_input_with_room(payload.len());
        if self.unencoded_payload {
            // RFC 7797 §3: the octets themselves.
            let mut input = input.into_bytes();
            input.extend_from_slice(payload);
            return input;
        }
        base64url::encode_to(payload, &mut input);
        input.into_bytes()
    }

    fn signature_len(&self) -> usize {
        match &self.key {
            Signs::Hmac(_) => self.alg.hash_len(),
            Signs::Rsa(key) => key.public().modulus_len(),
            Signs::Ec(key) => key.point().curve().signature_len(),
            Signs::Ed25519(_) => 64,
        }
    }

    fn append_signature(&self, mut token: String) -> Result<String, Error> {
        let mut buffer = [0; SIGNATURE_MAX];
        let signature = self.raw(token.as_bytes(), &mut buffer)?;
        token.push('.');
        base64url::encode_to(signature, &mut token);
        Ok(token)
    }

    fn raw<'b>(&self, input: &[u8], buffer: &'b mut [u8; SIGNATURE_MAX]) -> Result<&'b [u8], Error> {
        let hash = hash(self.alg);
        let len = match &self.key {
            Signs::Hmac(key) => copy(&key.mac(&[input])?, buffer),
            Signs::Rsa(key) => key.sign(rsa_scheme(self.alg), input, buffer)?,
            Signs::Ec(key) => key.sign(hash, input, buffer)?,
            Signs::Ed25519(key) => copy(&key.sign(input)?, buffer),
        };
        buffer.get(..len).ok_or(Error::Misuse("a signature is longer than its buffer"))
    }

    fn push_payload(&self, payload: &[u8], text: &mut String) -> Result<(), Error> {
        if !self.unencoded_payload {
            text.push('"');
            base64url::encode_to(payload, text);
            text.push('"');
            return Ok(());
        }
        let payload = core::str::from_utf8(payload)
            .map_err(|_| Error::Misuse("an unencoded payload in JSON must be UTF-8: detach it"))?;
        push_string(payload, text);
        Ok(())
    }

    /// `"protected":…,"header":…,"signature":…`
    fn push_signature(&self, payload: &[u8], text: &mut String) -> Result<(), Error> {
        let mut buffer = [0; SIGNATURE_MAX];
        let signature = self.raw(&self.signing_input(payload), &mut buffer)?;
        push_member("protected", &self.encoded, text);
        if !self.unprotected.is_empty() {
            use core::fmt::Write as _;
            write!(text, ",\"header\":{}", self.unprotected).expect("a string takes everything");
        }
        text.push(',');
        push_member("signature", &base64url::encode(signature), text);
        Ok(())
    }

    fn encode(&mut self) {
        self.encoded = base64url::encode(alloc::format!("{}", self.protected).as_bytes());
    }
}

/// The general JSON serialisation: one payload, several signatures. All signers or none are
/// [`unencoded`](Signer::unencoded) (RFC 7797 §3).
#[doc(alias = "lws_jws_write_flattened_json")]
pub fn general(payload: &[u8], signers: &[&Signer]) -> Result<String, Error> {
    let Some(first) = signers.first() else { return Err(Error::Misuse("a signature needs a signer")) };
    if signers.len() > limits::SIGNATURES_MAX {
        return Err(Error::Misuse("too many signers"));
    }
    if signers.iter().any(|signer| signer.unencoded_payload != first.unencoded_payload) {
        return Err(Error::Misuse("either all signers have b64:false or none (RFC 7797 section 3)"));
    }
    let mut text = String::from("{\"payload\":");
    first.push_payload(payload, &mut text)?;
    for (i, signer) in signers.iter().enumerate() {
        text.push_str(if i == 0 { ",\"signatures\":[{" } else { "},{" });
        signer.push_signature(payload, &mut text)?;
    }
    text.push_str("}]}");
    Ok(text)
}

pub(super) fn rsa_scheme(alg: Alg) -> RsaSignature {
    match alg {
        Alg::Ps256 | Alg::Ps384 | Alg::Ps512 => RsaSignature::Pss(hash(alg)),
        _ => RsaSignature::Pkcs1(hash(alg)),
    }
}

fn copy(from: &[u8], to: &mut [u8]) -> usize {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
    from.len()
}

fn push_member(name: &str, value: &str, text: &mut String) {
    text.push('"');
    text.push_str(name);
    text.push_str("\":\"");
    text.push_str(value);
    text.push('"');
}

/// What it signs with, never the key.
impl core::fmt::Debug for Signer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Signer({})", self.protected)
    }
}
