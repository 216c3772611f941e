//! Whatever arrives: no panic, and nothing but the untouched token is accepted.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::sync::Arc;

use lws_gencrypto::Provider;
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Jwk, JwkSet, Template};
use lws_jose::jws::{self, Need, Signer, Verifier};
use lws_jose::jwt::Expect;

fn provider() -> Arc<dyn Provider> {
    Arc::new(lws_backend_rustls::crypto())
}

/// Numbers that look random and are the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// Bytes that mean something to one of the readers, or to none.
const BYTES: &[u8] = b"{}[]\",:.\\0A_-=+/ \n\0\x7fen\xc3\xff";

/// One to four changes: a byte, a cut, a piece twice, a piece moved.
fn mutate(good: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len().max(1)).min(bytes.len());
        let to = at + chance.below(bytes.len() - at + 1);
        match chance.below(5) {
            0 if at < bytes.len() => bytes[at] = BYTES[chance.below(BYTES.len())],
            1 => bytes.insert(at, BYTES[chance.below(BYTES.len())]),
            2 => drop(bytes.drain(at..to.min(at + 8))),
            3 if bytes.len() < 4000 => {
                let piece = bytes[at..to].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.truncate(to),
        }
    }
    bytes
}

/// Gives `times` mutations of `good` to `accepts`; only what says the same as `good` may be accepted.
fn check(good: &str, times: usize, accepts: impl Fn(&str) -> Option<Vec<u8>>) {
    let expected = accepts(good).expect("the token itself is good");
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for _ in 0..times {
        let bytes = mutate(good.as_bytes(), &mut chance);
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        if let Some(payload) = accepts(text) {
            assert_eq!(payload, expected, "{text}");
        }
    }
    for at in 0..good.len() {
        assert!(accepts(&good[..at]).is_none(), "cut at {at}");
    }
}

#[test]
fn tokens() {
    let provider = provider();
    let ec = Template::signature(jws::Alg::Es256).generate(&provider).unwrap().with_kid("k").unwrap();
    let oct = Jwk::oct(&[5; 32]).unwrap();
    let verifier = Verifier::new(&provider, jws::Alg::ALL).key(&ec).unwrap().key(&oct).unwrap();
    let hs = Signer::new(&provider, jws::Alg::Hs256, &oct).unwrap();
    let es = Signer::new(&provider, jws::Alg::Es256, &ec).unwrap();
    let unencoded = Signer::new(&provider, jws::Alg::Hs256, &oct).unwrap().unencoded();
    check(&hs.sign(b"payload").unwrap(), 20_000, |token| {
        verifier.verify(token).ok().map(|good| good.payload)
    });
    check(&unencoded.sign(b"payload").unwrap(), 5_000, |token| {
        verifier.verify(token).ok().map(|good| good.payload)
    });
    let general = jws::general(b"payload", &[&hs, &es]).unwrap();
    for need in [Need::Any, Need::All] {
        check(&general, 5_000, |text| verifier.verify_json(text, need).ok().map(|good| good.payload));
    }
    let decrypter = Decrypter::new(&provider, jwe::Alg::ALL, Enc::ALL).key(&oct).unwrap().key(&ec).unwrap();
    for (alg, enc, key) in [
        (jwe::Alg::A256Kw, Enc::A128CbcHs256, &oct),
        (jwe::Alg::A256GcmKw, Enc::A256Gcm, &oct),
        (jwe::Alg::EcdhEs, Enc::A192Gcm, &ec),
    ] {
        let encrypter = Encrypter::new(&provider, alg, enc, key).unwrap();
        let token = encrypter.encrypt(b"plaintext").unwrap();
        check(&token, 3_000, |token| decrypter.decrypt(token).ok().map(|opened| opened.plaintext));
        let text = encrypter.encrypt_flattened(b"plaintext", Some(b"aad")).unwrap();
        check(&text, 3_000, |text| decrypter.decrypt_json(text).ok().map(|opened| opened.plaintext));
    }
}

#[test]
fn keys_claims_and_sets() {
    let provider = provider();
    let ec = Template::signature(jws::Alg::Es256).generate(&provider).unwrap().with_kid("k").unwrap();
    let rsa = Template::Rsa(2048).generate(&provider).unwrap();
    let mut chance = Chance(77);
    for key in [&ec, &rsa] {
        let json = key.private_json().unwrap();
        for _ in 0..20_000 {
            // What is read can be written, and is read again as the same.
            if let Ok(other) = Jwk::from_json(&mutate(json.expose(), &mut chance)) {
                let again = if other.is_private() {
                    Jwk::from_json(other.private_json().unwrap().expose()).unwrap()
                } else {
                    Jwk::from_json(other.public_json().unwrap().as_bytes()).unwrap()
                };
                assert!(again.is_same_key(&other));
            }
        }
    }
    let set = JwkSet { keys: vec![ec, rsa], skipped: vec![] }.public_json();
    for _ in 0..5_000 {
        let _ = JwkSet::from_json(&mutate(set.as_bytes(), &mut chance));
    }
    let claims = br#"{"iss":"joe","aud":["a","b"],"exp":1.5e9,"nbf":-0,"sub":"\ud83d\ude00"}"#;
    for _ in 0..20_000 {
        let _ = Expect::at(5).audience("a").check(&mutate(claims, &mut chance));
    }
}
