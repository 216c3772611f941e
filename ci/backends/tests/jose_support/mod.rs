//! What the JOSE tests share: keys, and providers.
#![allow(dead_code)] // every test program uses its part

use std::sync::{Arc, OnceLock};

use lws_gencrypto::Provider;
use lws_jose::jwk::{Curve, Jwk, Template};
use lws_jose::{Error, TokenError, base64url, jwe, jws};

pub fn providers() -> Vec<Arc<dyn Provider>> {
    backends::crypto::providers()
}

/// One of them, where it does not matter which.
pub fn provider() -> Arc<dyn Provider> {
    providers().remove(0)
}

/// Whether a library said that it cannot do this: allowed, but only in these words.
pub fn is_unsupported(error: &Error) -> bool {
    matches!(error, Error::Crypto(lws_gencrypto::Error::Unsupported { .. }))
}

pub fn vectors(file: &str) -> serde_json::Value {
    let path = format!("{}/vectors/jose/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).expect("vectors are JSON")
}

pub fn text<'v>(value: &'v serde_json::Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("`{name}` in {value}"))
}

pub fn bytes(value: &serde_json::Value, name: &str) -> Vec<u8> {
    base64url::decode(text(value, name)).expect("vectors are base64url")
}

pub fn jwk(value: &serde_json::Value) -> Jwk {
    Jwk::from_json(value.to_string().as_bytes()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

/// An RSA key, made once: it takes long.
pub fn rsa() -> &'static Jwk {
    static KEY: OnceLock<Jwk> = OnceLock::new();
    KEY.get_or_init(|| generate(Template::Rsa(2048)))
}

/// By the first library that can.
pub fn generate(template: Template) -> Jwk {
    for provider in providers() {
        match template.generate(&provider) {
            Ok(key) => return key,
            Err(error) => assert!(is_unsupported(&error), "{template:?}: {error}"),
        }
    }
    panic!("no library can generate {template:?}");
}

pub fn signing_key(alg: jws::Alg) -> Jwk {
    match Template::signature(alg) {
        Template::Rsa(_) => rsa().clone(),
        other => generate(other),
    }
}

/// One key for each curve that the algorithm takes, else one.
pub fn encryption_keys(alg: jwe::Alg, enc: jwe::Enc) -> Vec<Jwk> {
    match Template::encryption(alg, enc) {
        Template::Rsa(_) => vec![rsa().clone()],
        Template::Curve(_) => [Curve::P256, Curve::P384, Curve::P521, Curve::X25519]
            .map(|curve| generate(Template::Curve(curve)))
            .to_vec(),
        other => vec![generate(other)],
    }
}

/// The parts of a compact token, decoded.
pub fn parts(token: &str) -> Vec<Vec<u8>> {
    token.split('.').map(|part| base64url::decode(part).expect("a good token")).collect()
}

pub fn join(parts: &[Vec<u8>]) -> String {
    parts.iter().map(|part| base64url::encode(part)).collect::<Vec<_>>().join(".")
}

/// Why a token was refused, which it must be.
pub fn token_error<T: std::fmt::Debug>(what: &str, outcome: Result<T, Error>) -> TokenError {
    match outcome {
        Err(Error::Token(error)) => error,
        other => panic!("{what}: {other:?}"),
    }
}

/// A token with this header, signed with HS256 by the rules, whatever the header says.
pub fn forged_hs256(provider: &Arc<dyn Provider>, key: &[u8], header: &str, payload: &[u8]) -> String {
    let input = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload));
    let mac = provider.hmac(lws_gencrypto::Hash::Sha256, key).unwrap().mac(&[input.as_bytes()]).unwrap();
    format!("{input}.{}", base64url::encode(&mac))
}

pub fn hs_key() -> Jwk {
    Jwk::oct(&[7; 32]).unwrap()
}
