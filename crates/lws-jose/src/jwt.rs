//! JSON Web Tokens: the claims of RFC 7519 §4.1, checked against what the caller expects.
//!
//! ```
//! use lws_jose::jwt::Expect;
//!
//! let expect = Expect::at(1_300_819_000).issuer("joe").leeway_s(30);
//! let claims = expect.check(br#"{"iss":"joe","exp":1300819380}"#)?;
//! assert_eq!(claims.expires_s(), Some(1_300_819_380));
//! assert!(Expect::at(1_400_000_000).check(br#"{"exp":1300819380}"#).is_err());
//! # Ok::<(), lws_jose::Error>(())
//! ```
//! * No clock is read: "now" is given in seconds since 1970, UTC, as the claims are.
//! * `exp` is demanded unless told otherwise: a token without an end is a password.
//! * Unknown claims are the application's; a name that is twice is refused.
//! * Signature first, claims after: [`Expect::verify`] and [`Expect::decrypt`] do both in that order.

use alloc::boxed::Box;

use crate::error::{ClaimError, Error};
use crate::header;
use crate::json::{Limits, Object, Value};
use crate::jwe::Decrypter;
use crate::jws::Verifier;

/// What a token must say.
#[derive(Debug, Clone)]
pub struct Expect<'e> {
    now_s: u64,
    leeway_s: u64,
    issuer: Option<&'e str>,
    subject: Option<&'e str>,
    audience: Option<&'e str>,
    typ: Option<&'e str>,
    forever: bool,
    age_max_s: Option<u64>,
}

/// The claims of a token that is as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims(Object<'static>);

impl<'e> Expect<'e> {
    /// A token that is valid now, in seconds since 1970, UTC.
    #[must_use]
    pub fn at(now_s: u64) -> Self {
        let (issuer, subject, audience, typ) = (None, None, None, None);
        Expect { now_s, leeway_s: 0, issuer, subject, audience, typ, forever: false, age_max_s: None }
    }

    /// Allows clocks to differ by so many seconds.
    #[must_use]
    pub fn leeway_s(mut self, seconds: u64) -> Self {
        self.leeway_s = seconds;
        self
    }

    /// Demands this `iss`.
    #[must_use]
    pub fn issuer(mut self, issuer: &'e str) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// Demands this `sub`.
    #[must_use]
    pub fn subject(mut self, subject: &'e str) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Demands that `aud` is or contains this. Without it a token with an `aud` is refused: RFC 7519 §4.1.3.
    #[must_use]
    pub fn audience(mut self, audience: &'e str) -> Self {
        self.audience = Some(audience);
        self
    }

    /// Demands this `typ` in the header, without regard to case and to `application/` in front (RFC 8725 §3.11).
    #[must_use]
    pub fn typ(mut self, typ: &'e str) -> Self {
        self.typ = Some(typ);
        self
    }

    /// Demands an `iat` that is at most so many seconds ago.
    #[must_use]
    pub fn age_max_s(mut self, seconds: u64) -> Self {
        self.age_max_s = Some(seconds);
        self
    }

    /// Accepts tokens without `exp`.
    #[must_use]
    pub fn without_expiry(mut self) -> Self {
        self.forever = true;
        self
    }

    /// Verifies a compact JWS, then its claims.
    pub fn verify(&self, verifier: &Verifier, token: &str) -> Result<Claims, Error> {
        let verified = verifier.verify(token)?;
        self.check_typ(&verified.header()?)?;
        self.check(&verified.payload)
    }

    /// Decrypts a compact JWE, then checks its claims. A JWE to a public key can be from anybody.
    pub fn decrypt(&self, decrypter: &Decrypter, token: &str) -> Result<Claims, Error> {
        let decrypted = decrypter.decrypt(token)?;
        self.check_typ(&decrypted.header()?)?;
        self.check(&decrypted.plaintext)
    }

    /// Checks claims whose signature is known to be good; `typ` is not theirs.
    pub fn check(&self, payload: &[u8]) -> Result<Claims, Error> {
        let limits = Limits::new().bytes(payload.len()); // the token's limit held already
        let object = Object::parse_within(payload, limits).map_err(ClaimError::Json)?;
        let claims = Claims(object.into_owned());
        self.check_time(&claims)?;
        self.check_names(&claims)?;
        Ok(claims)
    }

    fn check_typ(&self, header: &Object<'_>) -> Result<(), Error> {
        let Some(wanted) = self.typ else { return Ok(()) };
        let Some(typ) = header::string(header, "typ")? else { return Err(ClaimError::Missing("typ").into()) };
        let short = |name: &str| name.to_ascii_lowercase().trim_start_matches("application/").into();
        let (short_typ, short_wanted): (Box<str>, Box<str>) = (short(typ), short(wanted));
        if short_typ == short_wanted { Ok(()) } else { Err(ClaimError::Typ(typ.into()).into()) }
    }

    fn check_time(&self, claims: &Claims) -> Result<(), ClaimError> {
        let (exp, nbf, iat) = (claims.date("exp")?, claims.date("nbf")?, claims.date("iat")?);
        // Dates are rounded away from now, by less than a second: to the token's disadvantage.
        match exp {
            // RFC 7519 §4.1.4: "on or after which the JWT MUST NOT be accepted".
            Some(exp) if self.now_s >= floor(exp).saturating_add(self.leeway_s) => {
                return Err(ClaimError::Expired(
                    self.now_s.saturating_sub(floor(exp).saturating_add(self.leeway_s)),
                ));
            }
            None if !self.forever => return Err(ClaimError::Missing("exp")),
            _ => {}
        }
        let latest = self.now_s.saturating_add(self.leeway_s);
        match nbf {
            // RFC 7519 §4.1.5: "before which the JWT MUST NOT be accepted".
            Some(nbf) if latest < ceil(nbf) => return Err(ClaimError::NotYet(ceil(nbf) - latest)),
            _ => {}
        }
        match (iat, self.age_max_s) {
            (Some(iat), _) if latest < floor(iat) => Err(ClaimError::IssuedInFuture(floor(iat) - latest)),
            (Some(iat), Some(age)) => {
                let end = floor(iat).saturating_add(age).saturating_add(self.leeway_s);
                if self.now_s > end { Err(ClaimError::Expired(self.now_s - end)) } else { Ok(()) }
            }
            (None, Some(_)) => Err(ClaimError::Missing("iat")),
            _ => Ok(()),
        }
    }

    fn check_names(&self, claims: &Claims) -> Result<(), ClaimError> {
        match (claims.text("iss")?, self.issuer) {
            (None, Some(_)) => return Err(ClaimError::Missing("iss")),
            (Some(found), Some(wanted)) if found != wanted => return Err(ClaimError::Issuer(found.into())),
            _ => {}
        }
        match (claims.text("sub")?, self.subject) {
            (None, Some(_)) => return Err(ClaimError::Missing("sub")),
            (Some(found), Some(wanted)) if found != wanted => return Err(ClaimError::Subject(found.into())),
            _ => {}
        }
        claims.text("jti")?;
        // RFC 7519 §4.1.3: whoever does not find itself in `aud` "MUST" reject.
        match (claims.0.find("aud"), self.audience) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(ClaimError::Missing("aud")),
            (Some(aud), wanted) => {
                let one = |value: &Value<'_>| value.as_str().map(|text| Some(text) == wanted);
                let found = match aud {
                    Value::Array(list) => {
                        let each = list.iter().map(one);
                        each.reduce(|a, b| Some(a? | b?)).unwrap_or(Some(false))
                    }
                    single => one(single),
                };
                match found {
                    Some(true) => Ok(()),
                    Some(false) => Err(ClaimError::Audience),
                    None => Err(ClaimError::Type("aud")),
                }
            }
        }
    }
}

impl Claims {
    /// Every claim.
    #[must_use]
    pub fn all(&self) -> &Object<'static> {
        &self.0
    }

    /// One claim.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Value<'static>> {
        self.0.find(name)
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.find("iss")?.as_str()
    }

    /// `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.find("sub")?.as_str()
    }

    /// `exp`, seconds since 1970, rounded down.
    #[must_use]
    pub fn expires_s(&self) -> Option<u64> {
        self.date("exp").ok()?.map(floor)
    }

    fn text(&self, name: &'static str) -> Result<Option<&str>, ClaimError> {
        self.0.find(name).map(|value| value.as_str().ok_or(ClaimError::Type(name))).transpose()
    }

    /// RFC 7519 §2: NumericDate, a number of seconds, fractions allowed.
    fn date(&self, name: &'static str) -> Result<Option<f64>, ClaimError> {
        let number = |value: &Value<'_>| value.as_f64().filter(|seconds| *seconds >= 0.0);
        self.0.find(name).map(|value| number(value).ok_or(ClaimError::Type(name))).transpose()
    }
}

/// Whole seconds; beyond `u64` they are its end, as the conversion has it.
fn floor(seconds: f64) -> u64 {
    seconds as u64
}

fn ceil(seconds: f64) -> u64 {
    let whole = floor(seconds);
    if whole as f64 == seconds { whole } else { whole.saturating_add(1) }
}

#[cfg(test)]
mod tests;
