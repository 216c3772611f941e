//! What the JOSE layer itself costs: the same cryptographic calls are made with it and without it.

use std::alloc::System;
use std::hint::black_box;

use lws_gencrypto::{Hash, Secret};
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::Jwk;
use lws_jose::jws::{self, Signer, Verifier};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use crate::cases::{CLAIMS, providers};
use crate::measure::Case;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

pub struct Layer {
    pub name: &'static str,
    pub ns: f64,
    pub allocations: isize,
}

pub fn all(turns: usize) -> Vec<Layer> {
    vec![sign(turns), verify(turns), encrypt(turns), decrypt(turns)]
}

fn layer(name: &'static str, turns: usize, with: Box<dyn Fn()>, without: Box<dyn Fn()>) -> Layer {
    let allocations = count(&with) - count(&without);
    let case = Case { name: name.to_owned(), contenders: vec![("with", with), ("without", without)] };
    let results = case.measure(turns);
    Layer { name, ns: results[0].ns - results[1].ns, allocations }
}

fn count(run: &dyn Fn()) -> isize {
    run();
    let region = Region::new(ALLOCATOR);
    run();
    let change = region.change();
    (change.allocations + change.reallocations) as isize
}

fn sign(turns: usize) -> Layer {
    let [provider, _] = providers();
    let key = Jwk::oct(&[7; 32]).expect("a key").with_kid("2026-11").expect("short");
    let signer = Signer::new(&provider, jws::Alg::Hs256, &key).expect("it fits");
    let token = signer.sign(CLAIMS.as_bytes()).expect("it signs");
    let input = token.rsplit_once('.').expect("three parts").0.to_owned();
    let hmac = provider.hmac(Hash::Sha256, &[7; 32]).expect("a key");
    layer(
        "sign (HS256)",
        turns,
        Box::new(move || drop(black_box(signer.sign(CLAIMS.as_bytes()).expect("it signs")))),
        Box::new(move || {
            black_box(hmac.mac(&[input.as_bytes()]).expect("it signs"));
        }),
    )
}

fn verify(turns: usize) -> Layer {
    let [provider, _] = providers();
    let key = Jwk::oct(&[7; 32]).expect("a key").with_kid("2026-11").expect("short");
    let token = Signer::new(&provider, jws::Alg::Hs256, &key)
        .and_then(|it| it.sign(CLAIMS.as_bytes()))
        .expect("it signs");
    let verifier = Verifier::new(&provider, &[jws::Alg::Hs256]).key(&key).expect("it fits");
    let (input, code) = token.rsplit_once('.').expect("three parts");
    let (input, code) = (input.to_owned(), lws_jose::base64url::decode(code).expect("base64url"));
    let hmac = provider.hmac(Hash::Sha256, &[7; 32]).expect("a key");
    layer(
        "verify (HS256)",
        turns,
        Box::new(move || drop(black_box(verifier.verify(&token).expect("it is good")))),
        Box::new(move || black_box(hmac.verify(&[input.as_bytes()], &code)).expect("it is good")),
    )
}

fn encrypt(turns: usize) -> Layer {
    let [provider, _] = providers();
    let key = Jwk::oct(&[7; 16]).expect("a key").with_kid("2026-11").expect("short");
    let encrypter = Encrypter::new(&provider, jwe::Alg::A128Kw, Enc::A128Gcm, &key).expect("it fits");
    let wrap = provider.aes_kw(&[7; 16]).expect("a key");
    let without = move || {
        let (mut cek, mut iv, mut wrapped, mut tag) = ([0; 16], [0; 12], [0; 24], [0; 16]);
        provider.random(&mut cek).expect("random");
        provider.random(&mut iv).expect("random");
        wrap.wrap(&cek, &mut wrapped).expect("it wraps");
        let mut data = [0; CLAIMS.len()];
        provider
            .aes_gcm(&cek)
            .expect("a key")
            .seal(&iv, b"header", &mut data, &mut tag)
            .expect("it encrypts");
        black_box((data, tag, wrapped));
    };
    layer(
        "encrypt (A128KW A128GCM)",
        turns,
        Box::new(move || drop(black_box(encrypter.encrypt(CLAIMS.as_bytes()).expect("it encrypts")))),
        Box::new(without),
    )
}

fn decrypt(turns: usize) -> Layer {
    let [provider, _] = providers();
    let key = Jwk::oct(&[7; 16]).expect("a key").with_kid("2026-11").expect("short");
    let (alg, enc) = (jwe::Alg::A128Kw, Enc::A128Gcm);
    let token = Encrypter::new(&provider, alg, enc, &key)
        .and_then(|it| it.encrypt(CLAIMS.as_bytes()))
        .expect("it encrypts");
    let decrypter = Decrypter::new(&provider, &[alg], &[enc]).key(&key).expect("it fits");
    let wrap = provider.aes_kw(&[7; 16]).expect("a key");
    let parts: Vec<Vec<u8>> =
        token.split('.').skip(1).map(|part| lws_jose::base64url::decode(part).expect("base64url")).collect();
    let header = token.split('.').next().expect("five parts").to_owned();
    let without = move || {
        let mut cek = Secret::zeroed(16);
        wrap.unwrap(&parts[0], cek.expose_mut()).expect("it unwraps");
        let mut data = [0; CLAIMS.len() + 16];
        data[..CLAIMS.len()].copy_from_slice(&parts[2]);
        data[CLAIMS.len()..].copy_from_slice(&parts[3]);
        let gcm = provider.aes_gcm(cek.expose()).expect("a key");
        black_box(gcm.open_in_place(&parts[1], header.as_bytes(), &mut data, 16).expect("it decrypts"));
    };
    layer(
        "decrypt (A128KW A128GCM)",
        turns,
        Box::new(move || drop(black_box(decrypter.decrypt(&token).expect("it decrypts")))),
        Box::new(without),
    )
}
