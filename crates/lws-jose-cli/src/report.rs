//! Errors in words: what, why, and what to do.

use std::fmt;

use lws_jose::{ClaimError, Error, KeyError, TokenError, Unfit};

/// Why the program ends with another status than 0.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    message: String,
    help: String,
}

/// The token is refused.
const REFUSED: u8 = 1;
/// Arguments, files or keys.
const USAGE: u8 = 2;

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Failure { code: USAGE, message: message.into(), help: help.into() }
    }

    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Failure { code: REFUSED, message: message.into(), help: String::new() }
    }

    /// Names the file or argument it is about.
    pub(crate) fn about(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.message)?;
        if self.help.is_empty() { Ok(()) } else { writeln!(f, "help: {}", self.help) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = if matches!(error, Error::Token(_) | Error::Claim(_)) { REFUSED } else { USAGE };
        Failure { code, message: error.to_string(), help: help(&error) }
    }
}

/// What to do about it; empty if there is nothing to add.
fn help(error: &Error) -> String {
    match error {
        Error::Token(error) => token_help(error),
        Error::Claim(ClaimError::Missing("exp")) => "--no-exp accepts tokens without an end".into(),
        Error::Claim(ClaimError::Expired(_) | ClaimError::NotYet(_)) => {
            "--leeway allows for clocks that differ; --now is the time to compare with".into()
        }
        Error::Claim(ClaimError::Audience) => "--aud says who you are".into(),
        Error::Key(KeyError::Unfit(why)) => unfit_help(*why),
        Error::Key(KeyError::Missing("kty")) => "a JWK set has the member `keys`, a JWK has `kty`".into(),
        Error::Key(KeyError::Member("e" | "n" | "p" | "q" | "dp" | "dq" | "qi")) => {
            "RFC 7518 section 2: base64url without padding and without leading zero bytes".into()
        }
        Error::Key(KeyError::Member("x" | "y" | "d")) => {
            "RFC 7518 section 6.2: base64url without padding, in the full length of the curve".into()
        }
        Error::Crypto(lws_gencrypto::Error::Unsupported { .. }) => {
            "lws-jose alg tells which library can".into()
        }
        _ => String::new(),
    }
}

fn token_help(error: &TokenError) -> String {
    match error {
        TokenError::Unsecured => "jwt decode --unverified shows what is in it".into(),
        TokenError::NotAllowed("RSA1_5") => "add --unsafe-rsa1-5 if you know what it costs".into(),
        TokenError::NotAllowed(name) => format!("add it: --alg or --enc {name}, if that is what you expect"),
        TokenError::NoKey(Some(_)) => "it was made with another key, or the key set is old".into(),
        TokenError::NoKey(None) => "is the right key among those of -k?".into(),
        TokenError::Unfit(why) => unfit_help(*why),
        TokenError::Signature => "another key made it, or it was changed".into(),
        TokenError::Base64(_) => "is there a line end or padding in it?".into(),
        TokenError::Form(why) if why.contains("compact JWS") => {
            "a JWE has five parts: jwe decrypt. A JSON form starts with {".into()
        }
        TokenError::Form(why) if why.contains("compact JWE") => {
            "a JWS has three parts: jws verify. A JSON form starts with {".into()
        }
        _ => String::new(),
    }
}

fn unfit_help(why: Unfit) -> String {
    match why {
        Unfit::Public => "use the private key; jwk pub makes the public one from it".into(),
        Unfit::Algorithm | Unfit::Use | Unfit::Operation(_) => {
            "the key's `alg`, `use` and `key_ops` say what it may be used for".into()
        }
        Unfit::Type(_) | Unfit::Curve(_) | Unfit::Size(_) => {
            "lws-jose jwk gen --alg makes a key that fits".into()
        }
        _ => String::new(),
    }
}
