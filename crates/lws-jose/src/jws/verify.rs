//! Verifying.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use lws_gencrypto::{Error as CryptoError, Provider};

use super::Alg;
use super::encode::{SIGNATURE_MAX, is_encoded};
use super::sign::rsa_scheme;
use crate::candidates::{Candidates, Entry, Usable, add_set};
use crate::error::{Error, KeyError, TokenError, Unfit};
use crate::header::{self, Headers};
use crate::json::{Limits, Object, Value};
use crate::jwk::{Jwk, JwkSet, Purpose};
use crate::live::{Verifies, hash};
use crate::{base64url, limits};

/// Verifies tokens with the algorithms and keys it was given, and no others.
pub struct Verifier {
    provider: Arc<dyn Provider>,
    allowed: Vec<Alg>,
    entries: Vec<Entry<Verifies>>,
    limits: Limits,
}

/// A token whose signature is good.
#[derive(Debug, Clone)]
pub struct Verified {
    /// What was signed.
    pub payload: Vec<u8>,
    /// What it was signed with. Of several signatures: the first good one.
    pub signed: Signed,
    /// The JSON text of that signature's protected header. Empty if there was none.
    pub protected: Vec<u8>,
}

/// How a signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed {
    /// The algorithm.
    pub alg: Alg,
    /// Which of the verifier's keys, counted from 0 as they were given.
    pub key: usize,
}

/// How many signatures of a JSON serialisation must be good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// One: others may be for other recipients.
    Any,
    /// Every one.
    All,
}

impl Verified {
    /// The protected header.
    ///
    /// Errors: none, for what a verifier returned.
    pub fn header(&self) -> Result<Object<'_>, Error> {
        if self.protected.is_empty() {
            return Ok(Object::new());
        }
        Ok(Object::parse_within(&self.protected, Limits::new().bytes(usize::MAX).depth(usize::MAX))
            .map_err(TokenError::Json)?)
    }
}

impl Verifier {
    /// Accepts these algorithms, and no key yet.
    #[must_use]
    pub fn new(provider: &Arc<dyn Provider>, allowed: &[Alg]) -> Self {
        let (provider, allowed) = (Arc::clone(provider), allowed.to_vec());
        Verifier { provider, allowed, entries: Vec::new(), limits: Limits::new() }
    }

    /// Accepts this key too; its private half is not used.
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

    pub(crate) fn add(&mut self, key: &Jwk, tag: usize) -> Result<(), Error> {
        let fits = |alg: &Alg| key.check(Purpose::Verify(*alg));
        let usable: Vec<Alg> = self.allowed.iter().copied().filter(|alg| fits(alg).is_ok()).collect();
        if usable.is_empty() {
            let why = self.allowed.iter().filter_map(|alg| fits(alg).err()).max_by_key(|why| nearness(*why));
            return Err(match why {
                Some(why) => KeyError::Unfit(why).into(),
                None => Error::Misuse("a verifier without algorithms accepts nothing"),
            });
        }
        if self.entries.len() >= limits::SET_KEYS_MAX {
            return Err(Error::Misuse("too many keys"));
        }
        let live = Verifies::new(&*self.provider, key, &usable)?;
        let jwk = key.public().unwrap_or_else(|| key.clone());
        // The public half of a key for "sign" is one for "verify"; that was checked on the key itself.
        let jwk = Jwk { operations: key.operations.clone(), ..jwk };
        self.entries.push(Entry { jwk, live, tag });
        Ok(())
    }

    /// Verifies a compact token.
    #[doc(alias = "lws_jws_sig_confirm_compact")]
    #[doc(alias = "lws_jws_sig_confirm_compact_b64")]
    pub fn verify(&self, token: &str) -> Result<Verified, Error> {
        self.verify_where(token, None, &|_| Ok(()))
    }

    /// Verifies a compact token whose payload came another way.
    pub fn verify_detached(&self, token: &str, payload: &[u8]) -> Result<Verified, Error> {
        self.verify_where(token, Some(payload), &|_| Ok(()))
    }

    /// `usable` may refuse a key, by its tag.
    pub(crate) fn verify_where(
        &self,
        token: &str,
        detached: Option<&[u8]>,
        usable: Usable<'_>,
    ) -> Result<Verified, Error> {
        self.check_size(token)?;
        let parts = compact_parts(token)?;
        let text = header::decode_protected(parts.protected)?;
        let object = header::parse(&text, self.limits)?;
        let headers = Headers::only(&object);
        let (alg, encoded) = self.check_header(headers)?;
        let candidates = Candidates::choose(&self.entries, headers.kid()?, Purpose::Verify(alg), usable)?;
        let mut buffer = [0; SIGNATURE_MAX];
        let signature = decode_signature(parts.signature, &mut buffer)?;
        let (payload, key) = match detached {
            Some(payload) if parts.payload.is_empty() => {
                let input = signing_input(parts.protected, payload, encoded);
                (payload.to_vec(), self.try_keys(&candidates, alg, &input, signature)?)
            }
            Some(_) => return Err(TokenError::Form("the token has a payload of its own").into()),
            None => {
                // The payload is decoded after the signature was found good.
                let key = self.try_keys(&candidates, alg, parts.signing_input.as_bytes(), signature)?;
                (compact_payload(parts.payload, encoded)?, key)
            }
        };
        drop(object);
        Ok(Verified { payload, signed: Signed { alg, key }, protected: text })
    }

    /// Verifies a flattened or general JSON serialisation.
    #[doc(alias = "lws_jws_sig_confirm_json")]
    pub fn verify_json(&self, text: &str, need: Need) -> Result<Verified, Error> {
        self.verify_json_where(text, None, need, &|_| Ok(()))
    }

    /// The same, of a serialisation without `payload`, which came another way.
    pub fn verify_json_detached(&self, text: &str, payload: &[u8], need: Need) -> Result<Verified, Error> {
        self.verify_json_where(text, Some(payload), need, &|_| Ok(()))
    }

    pub(crate) fn verify_json_where(
        &self,
        text: &str,
        detached: Option<&[u8]>,
        need: Need,
        usable: Usable<'_>,
    ) -> Result<Verified, Error> {
        self.check_size(text)?;
        let whole = header::parse(text.as_bytes(), self.limits)?;
        let own = header::string(&whole, "payload")?;
        let source = match (own, detached) {
            (Some(text), None) => Payload::Text(text),
            (None, Some(bytes)) => Payload::Detached(bytes),
            (Some(_), Some(_)) => return Err(TokenError::Form("it has a payload of its own").into()),
            (None, None) => {
                return Err(TokenError::Form("it has no payload: it is detached, or no JWS").into());
            }
        };
        let mut found: Option<(Verified, bool)> = None;
        let mut failed: Option<Error> = None;
        for signature in signatures(&whole)? {
            let outcome = self.verify_one(signature, source, usable);
            match (outcome, need) {
                // RFC 7797 §3: "b64" is the same for all signatures.
                (Ok((_, encoded)), _) if found.as_ref().is_some_and(|(_, first)| *first != encoded) => {
                    return Err(TokenError::Member("b64".into()).into());
                }
                (Ok(good), _) => found = found.or(Some(good)),
                (Err(error), Need::All) => return Err(error),
                (Err(error), Need::Any) => failed = failed.or(Some(error)),
            }
        }
        let (verified, _) = found.ok_or(failed.unwrap_or(TokenError::Form("it has no signature").into()))?;
        Ok(verified)
    }

    fn verify_one(
        &self,
        of: &Object<'_>,
        source: Payload<'_>,
        usable: Usable<'_>,
    ) -> Result<(Verified, bool), Error> {
        let encoded_header = header::string(of, "protected")?.unwrap_or_default();
        let text = header::decode_protected(encoded_header)?;
        // RFC 7515 §7.2.1: `protected` is absent if the header is empty.
        let protected = if text.is_empty() { Object::new() } else { header::parse(&text, self.limits)? };
        let headers =
            Headers { protected: Some(&protected), shared: None, own: header::object(of, "header")? };
        let (alg, encoded) = self.check_header(headers)?;
        let candidates = Candidates::choose(&self.entries, headers.kid()?, Purpose::Verify(alg), usable)?;
        let mut buffer = [0; SIGNATURE_MAX];
        let signature = header::string(of, "signature")?.ok_or(TokenError::Form("a signature is missing"))?;
        let signature = decode_signature(signature, &mut buffer)?;
        let payload = match source {
            Payload::Detached(bytes) => bytes.to_vec(),
            Payload::Text(text) if encoded => {
                base64url::decode(text).map_err(|_| TokenError::Base64("payload"))?
            }
            Payload::Text(text) => text.as_bytes().to_vec(),
        };
        let input = signing_input(encoded_header, &payload, encoded);
        let key = self.try_keys(&candidates, alg, &input, signature)?;
        drop(protected);
        Ok((Verified { payload, signed: Signed { alg, key }, protected: text }, encoded))
    }

    fn check_size(&self, token: &str) -> Result<(), TokenError> {
        if token.len() > self.limits.bytes { Err(TokenError::TooLong(self.limits.bytes)) } else { Ok(()) }
    }

    /// The algorithm, and whether the payload is signed as base64url.
    fn check_header(&self, headers: Headers<'_, '_>) -> Result<(Alg, bool), TokenError> {
        headers.check(&["b64"])?;
        let name = headers.text("alg")?.ok_or(TokenError::Missing("alg"))?;
        let alg = Alg::from_name(name).ok_or_else(|| match name {
            "none" => TokenError::Unsecured,
            other => TokenError::UnknownAlgorithm(other.into()),
        })?;
        if !self.allowed.contains(&alg) {
            return Err(TokenError::NotAllowed(alg.name()));
        }
        Ok((alg, is_encoded(headers)?))
    }

    fn try_keys(
        &self,
        candidates: &Candidates<'_, Entry<Verifies>>,
        alg: Alg,
        input: &[u8],
        signature: &[u8],
    ) -> Result<usize, Error> {
        for entry in candidates.iter() {
            match entry.live.verify(alg, input, signature) {
                Ok(()) => return Ok(entry.tag),
                Err(CryptoError::Verify) => {}
                Err(other) => return Err(Error::Crypto(other)),
            }
        }
        Err(TokenError::Signature.into())
    }
}

#[derive(Clone, Copy)]
enum Payload<'p> {
    Text(&'p str),
    Detached(&'p [u8]),
}

impl Verifies {
    fn verify(&self, alg: Alg, input: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        match self {
            Verifies::Hmac(keys) => match keys.iter().find(|(known, _)| *known == alg) {
                Some((_, key)) => key.verify(&[input], signature),
                None => Err(CryptoError::Verify),
            },
            Verifies::Rsa(key) => key.verify(rsa_scheme(alg), input, signature),
            // RFC 7518 §3.4: exactly twice the length of a coordinate.
            Verifies::Ec(key) if signature.len() == key.point().curve().signature_len() => {
                key.verify(hash(alg), input, signature)
            }
            Verifies::Ed25519(key) if signature.len() == 64 => key.verify(input, signature),
            Verifies::Ec(_) | Verifies::Ed25519(_) => Err(CryptoError::Verify),
        }
    }
}

struct Parts<'t> {
    protected: &'t str,
    payload: &'t str,
    signature: &'t str,
    signing_input: &'t str,
}

/// RFC 7515 §3.1: exactly two points. An unencoded payload has none (RFC 7797 §5.2).
fn compact_parts(token: &str) -> Result<Parts<'_>, TokenError> {
    let form = TokenError::Form("a compact JWS is three parts with two points between them");
    let Some((signing_input, signature)) = token.rsplit_once('.') else { return Err(form) };
    match signing_input.split_once('.') {
        Some((protected, payload)) if !payload.contains('.') => {
            Ok(Parts { protected, payload, signature, signing_input })
        }
        _ => Err(form),
    }
}

fn compact_payload(text: &str, encoded: bool) -> Result<Vec<u8>, TokenError> {
    if encoded {
        base64url::decode(text).map_err(|_| TokenError::Base64("payload"))
    } else {
        Ok(text.as_bytes().to_vec())
    }
}

fn decode_signature<'b>(text: &str, buffer: &'b mut [u8; SIGNATURE_MAX]) -> Result<&'b [u8], TokenError> {
    if text.len() > base64url::encoded_len(SIGNATURE_MAX) {
        return Err(TokenError::Signature); // longer than any
    }
    base64url::decode_into(text, buffer).map_err(|_| TokenError::Base64("signature"))
}

/// RFC 7515 §5.1 step 8, RFC 7797 §3.
fn signing_input(protected: &str, payload: &[u8], encoded: bool) -> Vec<u8> {
    let mut input = Vec::with_capacity(protected.len() + 1 + base64url::encoded_len(payload.len()));
    input.extend_from_slice(protected.as_bytes());
    input.push(b'.');
    if encoded {
        input.extend_from_slice(base64url::encode(payload).as_bytes());
    } else {
        input.extend_from_slice(payload);
    }
    input
}

/// The objects with `signature`: the whole of a flattened serialisation, the elements of a general one.
fn signatures<'o, 'a>(whole: &'o Object<'a>) -> Result<Vec<&'o Object<'a>>, TokenError> {
    let member = || TokenError::Member("signatures".into());
    let Some(list) = whole.find("signatures") else { return Ok(Vec::from([whole])) };
    // RFC 7515 §7.2.2: the flattened syntax has no `signatures`, the general one none of these at the top.
    if ["protected", "header", "signature"].iter().any(|name| whole.find(name).is_some()) {
        return Err(TokenError::Form("it is neither the flattened nor the general form"));
    }
    let list = list.as_array().filter(|list| !list.is_empty()).ok_or_else(member)?;
    if list.len() > limits::SIGNATURES_MAX {
        return Err(TokenError::Form("it has too many signatures"));
    }
    list.iter().map(|value: &Value<'a>| value.as_object().ok_or_else(member)).collect()
}

/// Of several reasons the one that is told: the later it is found, the nearer the key was.
pub(crate) fn nearness(why: Unfit) -> usize {
    match why {
        Unfit::Type(_) => 0,
        Unfit::Curve(_) => 1,
        Unfit::Size(_) => 2,
        Unfit::Exponent => 3,
        Unfit::Public => 4,
        Unfit::Use => 5,
        Unfit::Algorithm => 6,
        Unfit::Operation(_) => 7,
    }
}

/// What it accepts, never the keys.
impl core::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let keys: Box<[&Jwk]> = self.entries.iter().map(|entry| &entry.jwk).collect();
        f.debug_struct("Verifier")
            .field("allowed", &self.allowed)
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}
