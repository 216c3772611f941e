//! Sets of keys: RFC 7517 §5.

use alloc::string::String;
use alloc::vec::Vec;

use lws_gencrypto::Secret;

use super::{Jwk, parse, write};
use crate::error::{Error, KeyError};
use crate::json::{Limits, Object};
use crate::limits;

/// Keys, in their order.
#[derive(Debug, Clone, Default)]
pub struct JwkSet {
    /// The keys that could be read.
    pub keys: Vec<Jwk>,
    /// Where in the list others are, and why they could not be: another may be able to (RFC 7517 §5).
    pub skipped: Vec<(usize, KeyError)>,
}

impl JwkSet {
    /// The set that a JSON text is: an object with the member `keys`. Of one with more than
    /// [`SET_KEYS_MAX`](limits::SET_KEYS_MAX) keys none is read. Keys that cannot be read are
    /// [`skipped`](JwkSet::skipped), as RFC 7517 §5 recommends.
    #[doc(alias = "lws_jwk_import")]
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        // A set is as long as its keys are many.
        let limits = Limits::new().bytes(limits::SET_KEYS_MAX * 8192);
        let object = Object::parse_within(text, limits).map_err(KeyError::Json)?;
        let list = object.find("keys").ok_or(KeyError::Missing("keys"))?;
        let list = list.as_array().ok_or(KeyError::Member("keys"))?;
        if list.len() > limits::SET_KEYS_MAX {
            return Err(KeyError::Limit("the set has too many keys").into());
        }
        let mut set = JwkSet::default();
        for (i, value) in list.iter().enumerate() {
            match value.as_object().ok_or(KeyError::Member("keys")).and_then(parse::jwk) {
                Ok(key) => set.keys.push(key),
                Err(why) => set.skipped.push((i, why)),
            }
        }
        Ok(set)
    }

    /// The public halves as JSON text. Symmetric keys, which have none, are left out.
    #[must_use]
    pub fn public_json(&self) -> String {
        let list: Vec<String> = self.keys.iter().filter_map(|key| key.public_json().ok()).collect();
        alloc::format!("{{\"keys\":[{}]}}", list.join(","))
    }

    /// All keys as they are, as JSON text; wiped when it is dropped.
    #[must_use]
    pub fn private_json(&self) -> Secret {
        let list: Vec<Secret> =
            self.keys.iter().map(|key| Secret::from(write::jwk(key).into_bytes())).collect();
        let mut text = Vec::with_capacity(list.iter().map(|key| key.len() + 1).sum::<usize>() + 16);
        text.extend_from_slice(b"{\"keys\":[");
        for (i, key) in list.iter().enumerate() {
            text.extend_from_slice(if i == 0 { b"" } else { b"," });
            text.extend_from_slice(key.expose());
        }
        text.extend_from_slice(b"]}");
        Secret::from(text)
    }

    /// The keys with this `kid`.
    pub fn named<'s>(&'s self, kid: &'s str) -> impl Iterator<Item = &'s Jwk> {
        self.keys.iter().filter(move |key| key.kid() == Some(kid))
    }
}
