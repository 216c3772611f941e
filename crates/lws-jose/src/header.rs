//! What JWS and JWE headers have in common: RFC 7515 §4, RFC 7516 §4.

use alloc::vec::Vec;

use crate::base64url;
use crate::error::{Error, TokenError};
use crate::json::{JsonError, Limits, Object, Value};
use crate::limits;

/// The JOSE header: the union of up to three objects, of which the first one is protected.
#[derive(Clone, Copy)]
pub(crate) struct Headers<'h, 'a> {
    pub(crate) protected: Option<&'h Object<'a>>,
    pub(crate) shared: Option<&'h Object<'a>>,
    pub(crate) own: Option<&'h Object<'a>>,
}

impl<'h, 'a> Headers<'h, 'a> {
    pub(crate) fn only(protected: &'h Object<'a>) -> Self {
        Headers { protected: Some(protected), shared: None, own: None }
    }

    fn parts(self) -> impl Iterator<Item = &'h Object<'a>> {
        [self.protected, self.shared, self.own].into_iter().flatten()
    }

    pub(crate) fn find(self, name: &str) -> Option<&'h Value<'a>> {
        self.parts().find_map(|object| object.find(name))
    }

    /// A member that must be a string if it is there.
    pub(crate) fn text(self, name: &'static str) -> Result<Option<&'h str>, TokenError> {
        self.find(name).map(|value| value.as_str().ok_or_else(|| TokenError::Member(name.into()))).transpose()
    }

    /// A member that must be base64url if it is there.
    pub(crate) fn bytes(self, name: &'static str) -> Result<Option<Vec<u8>>, TokenError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if text.len() > base64url::encoded_len(limits::PARTY_MAX) {
            return Err(TokenError::Member(name.into()));
        }
        base64url::decode(text).map(Some).map_err(|_| TokenError::Member(name.into()))
    }

    pub(crate) fn kid(self) -> Result<Option<&'h str>, TokenError> {
        match self.text("kid")? {
            Some(kid) if kid.len() > limits::KID_MAX => Err(TokenError::Member("kid".into())),
            kid => Ok(kid),
        }
    }

    /// What must hold of every header; `understood` are the extensions that may be in `crit`.
    pub(crate) fn check(self, understood: &[&str]) -> Result<(), TokenError> {
        if self.parts().any(|object| object.len() > limits::HEADER_MEMBERS_MAX) {
            return Err(TokenError::Form("the header has too many members"));
        }
        // RFC 7515 §4, RFC 7516 §4: "the Header Parameter names in the … locations MUST be disjoint".
        for (i, object) in self.parts().enumerate() {
            for (name, _) in object.iter() {
                if self.parts().skip(i + 1).any(|other| other.find(name).is_some()) {
                    return Err(TokenError::Member(name.into()));
                }
            }
        }
        self.text("typ")?;
        self.text("cty")?;
        match self.find("crit") {
            Some(crit) => self.check_critical(crit, understood),
            None => Ok(()),
        }
    }

    /// RFC 7515 §4.1.11: `crit` is protected, a list that is not empty, of names that are in the header, each once, and
    /// not of those that the RFC defines.
    fn check_critical(self, crit: &Value<'_>, understood: &[&str]) -> Result<(), TokenError> {
        let bad = || TokenError::Member("crit".into());
        let protected = self.protected.filter(|object| object.find("crit").is_some()).ok_or_else(bad)?;
        let names = crit.as_array().filter(|names| !names.is_empty()).ok_or_else(bad)?;
        for (i, name) in names.iter().enumerate() {
            let text = name.as_str().ok_or_else(bad)?;
            let twice = names.iter().skip(i + 1).any(|other| other == name);
            if twice || REGISTERED.contains(&text) || self.find(text).is_none() {
                return Err(bad());
            }
            // RFC 7797 §6: and `b64` itself is protected too.
            if !understood.contains(&text) || protected.find(text).is_none() {
                return Err(TokenError::Critical(text.into()));
            }
        }
        Ok(())
    }
}

/// Members of RFC 7515 §4.1, RFC 7516 §4.1 and RFC 7518 §4: everybody must understand them anyway.
const REGISTERED: &[&str] = &[
    "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc", "zip", "epk",
    "apu", "apv", "iv", "tag", "p2s", "p2c",
];

/// Decodes a protected header to its JSON text.
pub(crate) fn decode_protected(encoded: &str) -> Result<Vec<u8>, TokenError> {
    base64url::decode(encoded).map_err(|_| TokenError::Base64("protected header"))
}

pub(crate) fn parse(text: &[u8], limits: Limits) -> Result<Object<'_>, TokenError> {
    Object::parse_within(text, limits).map_err(TokenError::Json)
}

/// A header object that a caller adds to: names and values, checked when they are added.
pub(crate) fn add<'v>(
    object: &mut Object<'static>,
    name: &str,
    value: impl Into<Value<'v>>,
) -> Result<(), Error> {
    let ours = ["alg", "enc", "crit", "b64", "zip", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"];
    if ours.contains(&name) || object.find(name).is_some() {
        return Err(Error::Misuse("this header member is set by the algorithm, or already there"));
    }
    if object.len() >= limits::HEADER_MEMBERS_MAX / 2 {
        return Err(Error::Misuse("too many header members"));
    }
    object.set(alloc::string::String::from(name), value.into().into_owned());
    Ok(())
}

/// A member of a JSON serialisation that must be a string if it is there.
pub(crate) fn string<'o>(object: &'o Object<'_>, name: &'static str) -> Result<Option<&'o str>, TokenError> {
    object.find(name).map(|value| value.as_str().ok_or_else(|| TokenError::Member(name.into()))).transpose()
}

/// A member of a JSON serialisation that must be an object if it is there.
pub(crate) fn object<'o, 'a>(
    object: &'o Object<'a>,
    name: &'static str,
) -> Result<Option<&'o Object<'a>>, TokenError> {
    object
        .find(name)
        .map(|value| value.as_object().ok_or_else(|| TokenError::Member(name.into())))
        .transpose()
}

impl From<JsonError> for TokenError {
    fn from(error: JsonError) -> Self {
        TokenError::Json(error)
    }
}
