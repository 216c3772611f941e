//! A token, taken apart but not yet believed.

use alloc::string::String;
use alloc::vec::Vec;

use super::content::TAG_MAX;
use crate::error::TokenError;
use crate::header;
use crate::json::{Object, Value};
use crate::{base64url, limits};

/// The parts of a token that all recipients share, still encoded.
pub(super) struct Parts<'t> {
    pub(super) protected: &'t str,
    pub(super) iv: &'t str,
    pub(super) ciphertext: &'t str,
    pub(super) tag: &'t str,
    pub(super) aad: Option<&'t str>,
}

impl<'t> Parts<'t> {
    /// RFC 7516 §7.1: four points. The second answer is the encrypted key.
    pub(super) fn compact(token: &'t str) -> Result<(Self, &'t str), TokenError> {
        let mut parts = token.split('.');
        let mut next = || parts.next().ok_or(TokenError::Form(COMPACT));
        let (protected, key, iv, ciphertext, tag) = (next()?, next()?, next()?, next()?, next()?);
        if parts.next().is_some() {
            return Err(TokenError::Form(COMPACT));
        }
        Ok((Parts { protected, iv, ciphertext, tag, aad: None }, key))
    }

    /// RFC 7516 §7.2.
    pub(super) fn json(whole: &'t Object<'_>) -> Result<Self, TokenError> {
        let text = |name| header::string(whole, name);
        Ok(Parts {
            protected: text("protected")?.unwrap_or_default(),
            iv: text("iv")?.unwrap_or_default(),
            ciphertext: text("ciphertext")?.ok_or(TokenError::Form("it has no ciphertext: it is no JWE"))?,
            tag: text("tag")?.unwrap_or_default(),
            aad: text("aad")?,
        })
    }

    /// With room for the tag behind it.
    pub(super) fn ciphertext(&self) -> Result<Vec<u8>, TokenError> {
        let mut bytes = Vec::with_capacity(base64url::decoded_len(self.ciphertext.len()) + TAG_MAX);
        bytes.resize(base64url::decoded_len(self.ciphertext.len()), 0);
        let decoded = base64url::decode_into(self.ciphertext, &mut bytes);
        let len = decoded.map_err(|_| TokenError::Base64("ciphertext"))?.len();
        bytes.truncate(len);
        Ok(bytes)
    }

    /// RFC 7516 §5.2 step 15, if there is `aad`.
    pub(super) fn authenticated(&self) -> Result<Option<String>, TokenError> {
        let Some(aad) = self.aad else { return Ok(None) };
        base64url::decode(aad).map_err(|_| TokenError::Base64("aad"))?;
        Ok(Some(super::encrypt::authenticated(self.protected, aad)))
    }
}

/// Bytes of the longest encrypted key: RSA of [`RSA_BITS_MAX`](limits::RSA_BITS_MAX).
pub(super) const ENCRYPTED_KEY_MAX: usize = limits::RSA_BITS_MAX / 8;

/// Decodes what is never longer than its buffer; if it is, it is of no use to any algorithm.
pub(super) fn decode_short<'b>(
    text: &str,
    buffer: &'b mut [u8],
    name: &'static str,
) -> Result<&'b [u8], TokenError> {
    if text.len() > base64url::encoded_len(buffer.len()) {
        return Err(TokenError::Undecryptable);
    }
    base64url::decode_into(text, buffer).map_err(|_| TokenError::Base64(name))
}

const COMPACT: &str = "a compact JWE is five parts with four points between them";

/// The objects with `header` and `encrypted_key`: the whole of a flattened serialisation, the elements of a general one.
pub(super) fn recipients<'o, 'a>(whole: &'o Object<'a>) -> Result<Vec<&'o Object<'a>>, TokenError> {
    let member = || TokenError::Member("recipients".into());
    let Some(list) = whole.find("recipients") else { return Ok(Vec::from([whole])) };
    if ["header", "encrypted_key"].iter().any(|name| whole.find(name).is_some()) {
        return Err(TokenError::Form("it is neither the flattened nor the general form"));
    }
    let list = list.as_array().filter(|list| !list.is_empty()).ok_or_else(member)?;
    if list.len() > limits::SIGNATURES_MAX {
        return Err(TokenError::Form("it has too many recipients"));
    }
    list.iter().map(|value: &Value<'a>| value.as_object().ok_or_else(member)).collect()
}
