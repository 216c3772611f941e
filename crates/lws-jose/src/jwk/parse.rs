//! A key from its JSON.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use lws_gencrypto::Secret;

use super::material::bit_length;
use super::{Curve, EcPrivate, Jwk, Kty, Material, RsaFactors, RsaPrivate};
use crate::base64url;
use crate::error::{Error, KeyError};
use crate::json::{Limits, Object, Value};
use crate::limits;

impl Jwk {
    /// The key that a JSON text is. Duplicate names, wrong lengths and other spellings of base64url are errors; unknown
    /// members are ignored.
    #[doc(alias = "lws_jwk_import")]
    pub fn from_json(text: &[u8]) -> Result<Self, Error> {
        let object = Object::parse_within(text, Limits::new()).map_err(KeyError::Json)?;
        Ok(jwk(&object)?)
    }

    /// The same, from an object that is already read.
    pub fn from_object(object: &Object<'_>) -> Result<Self, Error> {
        Ok(jwk(object)?)
    }
}

pub(super) fn jwk(object: &Object<'_>) -> Result<Jwk, KeyError> {
    if object.len() > limits::HEADER_MEMBERS_MAX {
        return Err(KeyError::Limit("the key has too many members"));
    }
    let kty = text(object, "kty")?.ok_or(KeyError::Missing("kty"))?;
    let material = match Kty::from_name(kty) {
        Some(Kty::Oct) => oct(object)?,
        Some(Kty::Rsa) => rsa(object)?,
        Some(kty @ (Kty::Ec | Kty::Okp)) => on_curve(object, kty)?,
        None => return Err(KeyError::UnknownType(kty.into())),
    };
    let mut jwk = Jwk::from_material(material);
    jwk.kid = text(object, "kid")?.map(Into::into);
    if jwk.kid.as_ref().is_some_and(|kid| kid.len() > limits::KID_MAX) {
        return Err(KeyError::Limit("the kid is too long"));
    }
    jwk.usage = text(object, "use")?.map(Into::into);
    jwk.alg = text(object, "alg")?.map(Into::into);
    if let Some(list) = object.find("key_ops") {
        let names = list.as_array().ok_or(KeyError::Member("key_ops"))?;
        let names: Option<Vec<Box<str>>> = names.iter().map(|name| name.as_str().map(Into::into)).collect();
        let names = names.ok_or(KeyError::Member("key_ops"))?;
        check_operations(&names)?;
        jwk.operations = Some(names);
    }
    if let Some(list) = object.find("x5c") {
        jwk.x5c = x5c(list)?;
        super::pem::check_x5c(&jwk)?;
    }
    Ok(jwk)
}

/// RFC 7517 §4.3: "Duplicate key operation values MUST NOT be present in the array."
pub(super) fn check_operations(names: &[Box<str>]) -> Result<(), KeyError> {
    let twice = names.iter().enumerate().any(|(i, name)| names.iter().skip(i + 1).any(|other| other == name));
    if twice || names.len() > limits::HEADER_MEMBERS_MAX { Err(KeyError::Member("key_ops")) } else { Ok(()) }
}

fn text<'o>(object: &'o Object<'_>, name: &'static str) -> Result<Option<&'o str>, KeyError> {
    object.find(name).map(|value| value.as_str().ok_or(KeyError::Member(name))).transpose()
}

fn bytes(object: &Object<'_>, name: &'static str) -> Result<Option<Vec<u8>>, KeyError> {
    let Some(text) = text(object, name)? else { return Ok(None) };
    base64url::decode(text).map(Some).map_err(|_| KeyError::Member(name))
}

fn secret(object: &Object<'_>, name: &'static str) -> Result<Option<Secret>, KeyError> {
    Ok(bytes(object, name)?.map(Secret::from))
}

fn oct(object: &Object<'_>) -> Result<Material, KeyError> {
    let key = secret(object, "k")?.ok_or(KeyError::Missing("k"))?;
    if key.len() > limits::OCT_MAX {
        return Err(KeyError::Limit("the symmetric key is too long"));
    }
    Ok(Material::Oct(key))
}

/// RFC 7518 §2, Base64urlUInt: "the minimum number of octets".
fn minimal(number: &[u8], name: &'static str) -> Result<(), KeyError> {
    match number.first() {
        Some(0) | None => Err(KeyError::Member(name)),
        Some(_) => Ok(()),
    }
}

fn rsa(object: &Object<'_>) -> Result<Material, KeyError> {
    let n = bytes(object, "n")?.ok_or(KeyError::Missing("n"))?;
    let e = bytes(object, "e")?.ok_or(KeyError::Missing("e"))?;
    minimal(&n, "n")?;
    minimal(&e, "e")?;
    if bit_length(&n) > limits::RSA_BITS_MAX {
        return Err(KeyError::Limit("the RSA key is too large"));
    }
    if n.last().is_some_and(|last| last & 1 == 0) || e.len() > n.len() {
        return Err(KeyError::Invalid);
    }
    Ok(Material::Rsa { private: rsa_private(object, n.len())?, n, e })
}

fn rsa_private(object: &Object<'_>, n_len: usize) -> Result<Option<RsaPrivate>, KeyError> {
    let parts = ["p", "q", "dp", "dq", "qi"];
    // Without `d`, members that belong to it are members that are not understood here.
    let Some(d) = secret(object, "d")? else {
        return match parts.iter().chain(&["oth"]).find(|name| object.find(name).is_some()) {
            Some(_) => Err(KeyError::Missing("d")),
            None => Ok(None),
        };
    };
    // RFC 7518 §6.3.2.7: more than two primes; "the consumer MUST NOT use the key" if it cannot.
    if object.find("oth").is_some() {
        return Err(KeyError::Member("oth"));
    }
    if parts.iter().all(|name| object.find(name).is_none()) {
        return Ok(Some(RsaPrivate { d: checked(d, "d", n_len)?, factors: None }));
    }
    let part = |name: &'static str| -> Result<Secret, KeyError> {
        // RFC 7518 §6.3.2: "if the producer includes any of the other private key parameters, then all … MUST be".
        checked(secret(object, name)?.ok_or(KeyError::Missing(name))?, name, n_len)
    };
    let [p, q, dp, dq, qi] = parts.map(part);
    let factors = RsaFactors { p: p?, q: q?, dp: dp?, dq: dq?, qi: qi? };
    Ok(Some(RsaPrivate { d: checked(d, "d", n_len)?, factors: Some(factors) }))
}

fn checked(number: Secret, name: &'static str, len_max: usize) -> Result<Secret, KeyError> {
    minimal(number.expose(), name)?;
    if number.len() > len_max { Err(KeyError::Member(name)) } else { Ok(number) }
}

fn on_curve(object: &Object<'_>, kty: Kty) -> Result<Material, KeyError> {
    let name = text(object, "crv")?.ok_or(KeyError::Missing("crv"))?;
    let curve = Curve::from_name(name).filter(|curve| curve.kty() == kty);
    let curve = curve.ok_or_else(|| KeyError::UnknownCurve(String::from(name).into()))?;
    // RFC 7518 §6.2.1.2: "The length of this octet string MUST be the full size of a coordinate".
    let full = |name: &'static str, bytes: Option<Vec<u8>>| {
        let bytes = bytes.ok_or(KeyError::Missing(name))?;
        if bytes.len() == curve.coordinate_len() { Ok(bytes) } else { Err(KeyError::Member(name)) }
    };
    let x = full("x", bytes(object, "x")?)?;
    let y = if kty == Kty::Ec { full("y", bytes(object, "y")?)? } else { Vec::new() };
    let private = match secret(object, "d")? {
        Some(d) if d.len() == curve.coordinate_len() => Some(EcPrivate { d }),
        Some(_) => return Err(KeyError::Member("d")),
        None => None,
    };
    Ok(Material::Ec { curve, x, y, private })
}

/// RFC 7517 §4.7: ordinary base64, not base64url.
fn x5c(list: &Value<'_>) -> Result<Vec<Vec<u8>>, KeyError> {
    let list = list.as_array().filter(|list| !list.is_empty()).ok_or(KeyError::Member("x5c"))?;
    if list.len() > limits::X5C_MAX {
        return Err(KeyError::Limit("x5c has too many certificates"));
    }
    let certificate = |value: &Value<'_>| base64url::decode_ordinary(value.as_str()?).ok();
    list.iter().map(|value| certificate(value).ok_or(KeyError::Member("x5c"))).collect()
}
