//! What can go wrong, by whose fault it is.

use alloc::boxed::Box;
use core::fmt;

use crate::json::JsonError;
use crate::jwk::{Curve, Kty};
use crate::limits;

/// Why something did not work.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The token, from somebody else, is refused.
    Token(TokenError),
    /// A claim of a token, whose signature is good, is refused.
    Claim(ClaimError),
    /// A key cannot be read, or not be used for this.
    Key(KeyError),
    /// The caller asked for something that cannot be.
    Misuse(&'static str),
    /// The cryptographic library refused, or cannot do this.
    Crypto(lws_gencrypto::Error),
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than allowed, in bytes.
    TooLong(usize),
    /// Not built as it must be.
    Form(&'static str),
    /// This part is not base64url in its one spelling.
    Base64(&'static str),
    /// The header, or the JSON serialisation, is not acceptable JSON.
    Json(JsonError),
    /// A header member is missing.
    Missing(&'static str),
    /// A header member is of the wrong type or value, or in both headers, or not where it must be.
    Member(Box<str>),
    /// `crit` names an extension that is not understood (RFC 7515 §4.1.11).
    Critical(Box<str>),
    /// Its content is compressed, which is not supported: a small token could become a large one.
    Compressed,
    /// `alg` is `none`: it is not protected at all.
    Unsecured,
    /// An `alg` or `enc` that does not exist here.
    UnknownAlgorithm(Box<str>),
    /// An `alg` or `enc` that the allow-list does not have.
    NotAllowed(&'static str),
    /// `p2c` is out of bounds.
    Iterations(u64),
    /// No key has this `kid`; none: there is no key at all for a token without.
    NoKey(Option<Box<str>>),
    /// The key with this `kid` is retired.
    Retired(Box<str>),
    /// The key is not for this algorithm.
    Unfit(Unfit),
    /// The signature is wrong.
    Signature,
    /// It cannot be decrypted: wrong key, or damaged. Deliberately without detail (RFC 7516 §11.5).
    Undecryptable,
    /// The `epk` of an ECDH-ES token is not a point of the recipient's curve.
    Point,
}

/// Why a claim is refused (RFC 7519 §4.1).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ClaimError {
    /// The claims are not a JSON object.
    Json(JsonError),
    /// A claim that was asked for is missing.
    Missing(&'static str),
    /// A claim is of the wrong type.
    Type(&'static str),
    /// Expired so many seconds ago, leeway included.
    Expired(u64),
    /// Not valid for so many seconds yet, leeway included.
    NotYet(u64),
    /// Issued so many seconds in the future, leeway included.
    IssuedInFuture(u64),
    /// From somebody else.
    Issuer(Box<str>),
    /// About somebody else.
    Subject(Box<str>),
    /// For somebody else.
    Audience,
    /// The header's `typ` is another.
    Typ(Box<str>),
}

/// Why a key cannot be read or used.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not acceptable JSON.
    Json(JsonError),
    /// A member is missing.
    Missing(&'static str),
    /// A member has the wrong type, length or spelling.
    Member(&'static str),
    /// A `kty` that does not exist here.
    UnknownType(Box<str>),
    /// A `crv` that does not exist here.
    UnknownCurve(Box<str>),
    /// A limit of this crate.
    Limit(&'static str),
    /// The certificate in `x5c` is about another key (RFC 7517 §4.7).
    Certificate,
    /// PEM or DER cannot be read, or holds something else.
    Pem(Box<str>),
    /// The key is not for what was asked.
    Unfit(Unfit),
    /// The numbers are no key: not on the curve, or the two halves do not belong together.
    Invalid,
}

/// In what a key and what it should do disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unfit {
    /// The algorithm needs another key type than this one.
    Type(Kty),
    /// The algorithm needs another curve than this one.
    Curve(Curve),
    /// The key has so many bits, and that is not what the algorithm needs.
    Size(usize),
    /// `use` says otherwise.
    Use,
    /// `key_ops` does not have the operation.
    Operation(&'static str),
    /// `alg` names another algorithm.
    Algorithm,
    /// A private key is needed, and this is a public one.
    Public,
    /// An RSA exponent that is even or below 65537.
    Exponent,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Token(error) => write!(f, "token refused: {error}"),
            Error::Claim(error) => write!(f, "claim refused: {error}"),
            Error::Key(error) => write!(f, "key refused: {error}"),
            Error::Misuse(what) => f.write_str(what),
            Error::Crypto(error) => write!(f, "{error}"),
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenError::TooLong(max) => write!(f, "longer than {max} bytes"),
            TokenError::Form(what) => f.write_str(what),
            TokenError::Base64(part) => write!(f, "the {part} is not strict base64url (RFC 7515 section 2)"),
            TokenError::Json(error) => write!(f, "bad JSON: {error}"),
            TokenError::Missing(name) => write!(f, "the header has no `{name}`"),
            TokenError::Member(name) => write!(f, "the header's `{name}` is not as it must be"),
            TokenError::Critical(name) => write!(f, "`crit` demands `{name}`, which is not understood"),
            TokenError::Compressed => f.write_str("compressed content (`zip`) is not supported"),
            TokenError::Unsecured => f.write_str("its alg is `none`: anybody could have made it"),
            TokenError::UnknownAlgorithm(name) => write!(f, "there is no algorithm `{name}`"),
            TokenError::NotAllowed(name) => write!(f, "{name} is not among the allowed algorithms"),
            TokenError::Iterations(count) => {
                write!(f, "p2c is {count}, allowed are {} to {}", limits::P2C_MIN, limits::P2C_MAX)
            }
            TokenError::NoKey(Some(kid)) => write!(f, "no key has the kid `{}`", kid.escape_debug()),
            TokenError::NoKey(None) => f.write_str("it names no kid, and no key is for its algorithm"),
            TokenError::Retired(kid) => write!(f, "the key `{}` is retired", kid.escape_debug()),
            TokenError::Unfit(why) => write!(f, "the key is not for its algorithm: {why}"),
            TokenError::Signature => f.write_str("the signature is wrong"),
            TokenError::Undecryptable => f.write_str("it does not decrypt: another key, or damaged"),
            TokenError::Point => f.write_str("`epk` is not a key on the recipient's curve"),
        }
    }
}

impl fmt::Display for ClaimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClaimError::Json(error) => write!(f, "bad JSON: {error}"),
            ClaimError::Missing(name) => write!(f, "`{name}` is missing"),
            ClaimError::Type(name) => write!(f, "`{name}` has the wrong type"),
            ClaimError::Expired(ago) => write!(f, "expired {ago} s ago"),
            ClaimError::NotYet(wait) => write!(f, "not valid for another {wait} s"),
            ClaimError::IssuedInFuture(wait) => write!(f, "issued {wait} s in the future"),
            ClaimError::Issuer(who) => write!(f, "issued by `{}`", who.escape_debug()),
            ClaimError::Subject(who) => write!(f, "about `{}`", who.escape_debug()),
            ClaimError::Audience => f.write_str("meant for another audience"),
            ClaimError::Typ(typ) => write!(f, "its typ is `{}`", typ.escape_debug()),
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Json(error) => write!(f, "bad JSON: {error}"),
            KeyError::Missing(name) => write!(f, "`{name}` is missing"),
            KeyError::Member(name) => write!(f, "`{name}` is not as it must be"),
            KeyError::UnknownType(name) => write!(f, "there is no key type `{}`", name.escape_debug()),
            KeyError::UnknownCurve(name) => write!(f, "there is no curve `{}`", name.escape_debug()),
            KeyError::Limit(what) => write!(f, "{what}"),
            KeyError::Certificate => f.write_str("the certificate in `x5c` is about another key"),
            KeyError::Pem(why) => write!(f, "PEM or DER: {why}"),
            KeyError::Unfit(why) => write!(f, "{why}"),
            KeyError::Invalid => {
                f.write_str("the numbers are no key: not on the curve, or halves of different keys")
            }
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Type(kty) => write!(f, "the algorithm needs another key type than {kty}"),
            Unfit::Curve(curve) => write!(f, "the algorithm needs another curve than {curve}"),
            Unfit::Size(bits) => write!(f, "the algorithm needs another key size than {bits} bits"),
            Unfit::Use => f.write_str("its `use` says otherwise"),
            Unfit::Operation(name) => write!(f, "its `key_ops` lacks `{name}`"),
            Unfit::Algorithm => f.write_str("its `alg` names another algorithm"),
            Unfit::Public => f.write_str("a private key is needed, and this is a public one"),
            Unfit::Exponent => f.write_str("the RSA exponent is even or below 65537"),
        }
    }
}

impl core::error::Error for Error {}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        Error::Token(error)
    }
}

impl From<ClaimError> for Error {
    fn from(error: ClaimError) -> Self {
        Error::Claim(error)
    }
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Error::Key(error)
    }
}

impl From<lws_gencrypto::Error> for Error {
    fn from(error: lws_gencrypto::Error) -> Self {
        Error::Crypto(error)
    }
}
