//! Who does what.

use std::hint::black_box;
use std::sync::Arc;

use josekit::jwe as kit_jwe;
use josekit::jws as kit_jws;
use lws_gencrypto::Provider;
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Curve, Jwk, Template};
use lws_jose::jws::{self, Signer, Verifier};
use lws_jose::jwt::Expect;
use serde::{Deserialize, Serialize};

use crate::measure::Case;

/// About 150 bytes, as a token has them.
pub const CLAIMS: &str = r#"{"iss":"https://auth.example.com","sub":"user-4711","aud":"api","exp":4102444800,"iat":1700000000,"jti":"b6a3f4c2d1e0","scope":"read write admin"}"#;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    jti: String,
    scope: String,
}

type Contender = (&'static str, Box<dyn Fn()>);

pub fn providers() -> [Arc<dyn Provider>; 2] {
    [Arc::new(lws_backend_rustls::crypto()), Arc::new(lws_backend_openssl::crypto())]
}

pub fn all() -> Vec<Case> {
    let [aws, openssl] = providers();
    let rsa = Template::Rsa(2048).generate(&aws).expect("a key");
    let mut cases = Vec::new();
    for alg in [jws::Alg::Es256, jws::Alg::Rs256, jws::Alg::Hs256] {
        let key = match Template::signature(alg) {
            Template::Rsa(_) => rsa.clone(),
            template => template.generate(&aws).expect("a key"),
        };
        // The same library underneath: claims as jsonwebtoken has them, payloads as josekit has them.
        cases.push(case(
            format!("{alg} sign, aws-lc-rs"),
            vec![claims_out(&aws, alg, &key), their_claims_out(alg, &key)],
        ));
        cases.push(case(
            format!("{alg} verify, aws-lc-rs"),
            vec![claims_in(&aws, alg, &key), their_claims_in(alg, &key)],
        ));
        cases
            .push(case(format!("{alg} sign, OpenSSL"), vec![sign(&openssl, alg, &key), kit_sign(alg, &key)]));
        cases.push(case(
            format!("{alg} verify, OpenSSL"),
            vec![verify(&openssl, alg, &key), kit_verify(alg, &key)],
        ));
    }
    for (alg, enc) in [
        (jwe::Alg::A128Kw, Enc::A128Gcm),
        (jwe::Alg::A128Kw, Enc::A128CbcHs256),
        (jwe::Alg::EcdhEsA128Kw, Enc::A128Gcm),
        (jwe::Alg::RsaOaep, Enc::A256Gcm),
    ] {
        let key = match Template::encryption(alg, enc) {
            Template::Rsa(_) => rsa.clone(),
            Template::Curve(_) => Template::Curve(Curve::P256).generate(&aws).expect("a key"),
            template => template.generate(&aws).expect("a key"),
        };
        let name = format!("{alg} {enc} there and back");
        cases.push(case(
            format!("{name}, OpenSSL"),
            vec![round_trip(&openssl, alg, enc, &key), kit_round_trip(alg, enc, &key)],
        ));
    }
    cases
}

fn case(name: String, contenders: Vec<Contender>) -> Case {
    Case { name, contenders }
}

fn json(key: &Jwk) -> Vec<u8> {
    key.private_json().expect("it is private").expose().to_vec()
}

fn sign(provider: &Arc<dyn Provider>, alg: jws::Alg, key: &Jwk) -> Contender {
    let signer = Signer::new(provider, alg, key).expect("it fits");
    ("lws-jose", Box::new(move || drop(black_box(signer.sign(CLAIMS.as_bytes()).expect("it signs")))))
}

fn verify(provider: &Arc<dyn Provider>, alg: jws::Alg, key: &Jwk) -> Contender {
    let token = Signer::new(provider, alg, key).and_then(|it| it.sign(CLAIMS.as_bytes())).expect("it signs");
    let verifier = Verifier::new(provider, &[alg]).key(key).expect("it fits");
    ("lws-jose", Box::new(move || drop(black_box(verifier.verify(&token).expect("it is good")))))
}

fn claims_out(provider: &Arc<dyn Provider>, alg: jws::Alg, key: &Jwk) -> Contender {
    let signer = Signer::new(provider, alg, key).and_then(|it| it.header("typ", "JWT")).expect("it fits");
    let claims = lws_jose::json::Object::parse(CLAIMS.as_bytes()).expect("JSON").into_owned();
    (
        "lws-jose",
        Box::new(move || drop(black_box(signer.sign(claims.to_string().as_bytes()).expect("it signs")))),
    )
}

fn claims_in(provider: &Arc<dyn Provider>, alg: jws::Alg, key: &Jwk) -> Contender {
    let token = Signer::new(provider, alg, key).and_then(|it| it.sign(CLAIMS.as_bytes())).expect("it signs");
    let verifier = Verifier::new(provider, &[alg]).key(key).expect("it fits");
    let run = move || {
        let expect = Expect::at(1_800_000_000).audience("api");
        drop(black_box(expect.verify(&verifier, &token).expect("it is good")));
    };
    ("lws-jose", Box::new(run))
}

fn their_alg(alg: jws::Alg) -> jsonwebtoken::Algorithm {
    match alg {
        jws::Alg::Es256 => jsonwebtoken::Algorithm::ES256,
        jws::Alg::Rs256 => jsonwebtoken::Algorithm::RS256,
        _ => jsonwebtoken::Algorithm::HS256,
    }
}

fn their_key(alg: jws::Alg, key: &Jwk) -> jsonwebtoken::EncodingKey {
    let pem = || key.private_pem().expect("it has a PEM form").expose().to_vec();
    match alg {
        jws::Alg::Es256 => jsonwebtoken::EncodingKey::from_ec_pem(&pem()).expect("a key"),
        jws::Alg::Rs256 => jsonwebtoken::EncodingKey::from_rsa_pem(&pem()).expect("a key"),
        _ => jsonwebtoken::EncodingKey::from_secret(&secret(key)),
    }
}

/// The bytes of a symmetric key.
fn secret(key: &Jwk) -> Vec<u8> {
    let json = json(key);
    let value = lws_jose::json::Value::parse(&json).expect("JSON");
    lws_jose::base64url::decode(value["k"].as_str().expect("it is symmetric")).expect("base64url")
}

fn their_claims_out(alg: jws::Alg, key: &Jwk) -> Contender {
    let (header, key) = (jsonwebtoken::Header::new(their_alg(alg)), their_key(alg, key));
    let object = lws_jose::json::Value::parse(CLAIMS.as_bytes()).expect("JSON");
    let text = |name: &str| object[name].as_str().expect("text").to_owned();
    let claims = Claims {
        iss: text("iss"),
        sub: text("sub"),
        aud: text("aud"),
        exp: 4_102_444_800,
        iat: 1_700_000_000,
        jti: text("jti"),
        scope: text("scope"),
    };
    (
        "jsonwebtoken",
        Box::new(move || drop(black_box(jsonwebtoken::encode(&header, &claims, &key).expect("it signs")))),
    )
}

fn their_claims_in(alg: jws::Alg, key: &Jwk) -> Contender {
    let [aws, _] = providers();
    let token = Signer::new(&aws, alg, key).and_then(|it| it.sign(CLAIMS.as_bytes())).expect("it signs");
    let public = key.public().map(|public| public.public_pem().expect("it has a PEM form"));
    let theirs = match (alg, public) {
        (jws::Alg::Es256, Some(pem)) => {
            jsonwebtoken::DecodingKey::from_ec_pem(pem.as_bytes()).expect("a key")
        }
        (_, Some(pem)) => jsonwebtoken::DecodingKey::from_rsa_pem(pem.as_bytes()).expect("a key"),
        (_, None) => jsonwebtoken::DecodingKey::from_secret(&secret(key)),
    };
    let mut validation = jsonwebtoken::Validation::new(their_alg(alg));
    validation.set_audience(&["api"]);
    let run = move || {
        drop(black_box(jsonwebtoken::decode::<Claims>(&token, &theirs, &validation).expect("it is good")))
    };
    ("jsonwebtoken", Box::new(run))
}

fn kit_key(key: &Jwk) -> josekit::jwk::Jwk {
    josekit::jwk::Jwk::from_bytes(json(key)).expect("a key")
}

fn kit_sign(alg: jws::Alg, key: &Jwk) -> Contender {
    let key = kit_key(key);
    let signer: Box<dyn kit_jws::JwsSigner> = match alg {
        jws::Alg::Es256 => Box::new(kit_jws::ES256.signer_from_jwk(&key).expect("it fits")),
        jws::Alg::Rs256 => Box::new(kit_jws::RS256.signer_from_jwk(&key).expect("it fits")),
        _ => Box::new(kit_jws::HS256.signer_from_jwk(&key).expect("it fits")),
    };
    let header = kit_jws::JwsHeader::new();
    let run = move || {
        drop(black_box(kit_jws::serialize_compact(CLAIMS.as_bytes(), &header, &*signer).expect("it signs")));
    };
    ("josekit", Box::new(run))
}

fn kit_verify(alg: jws::Alg, key: &Jwk) -> Contender {
    let [aws, _] = providers();
    let token = Signer::new(&aws, alg, key).and_then(|it| it.sign(CLAIMS.as_bytes())).expect("it signs");
    let key = kit_key(key);
    let verifier: Box<dyn kit_jws::JwsVerifier> = match alg {
        jws::Alg::Es256 => Box::new(kit_jws::ES256.verifier_from_jwk(&key).expect("it fits")),
        jws::Alg::Rs256 => Box::new(kit_jws::RS256.verifier_from_jwk(&key).expect("it fits")),
        _ => Box::new(kit_jws::HS256.verifier_from_jwk(&key).expect("it fits")),
    };
    (
        "josekit",
        Box::new(move || {
            drop(black_box(kit_jws::deserialize_compact(&token, &*verifier).expect("it is good")))
        }),
    )
}

fn round_trip(provider: &Arc<dyn Provider>, alg: jwe::Alg, enc: Enc, key: &Jwk) -> Contender {
    let public = key.public().unwrap_or_else(|| key.clone());
    let encrypter = Encrypter::new(provider, alg, enc, &public).expect("it fits");
    let decrypter = Decrypter::new(provider, &[alg], &[enc]).key(key).expect("it fits");
    let run = move || {
        let token = encrypter.encrypt(CLAIMS.as_bytes()).expect("it encrypts");
        drop(black_box(decrypter.decrypt(&token).expect("it decrypts")));
    };
    ("lws-jose", Box::new(run))
}

fn kit_round_trip(alg: jwe::Alg, enc: Enc, key: &Jwk) -> Contender {
    let key = kit_key(key);
    type Both = (Box<dyn kit_jwe::JweEncrypter>, Box<dyn kit_jwe::JweDecrypter>);
    let (encrypter, decrypter): Both = match alg {
        jwe::Alg::A128Kw => (
            Box::new(kit_jwe::A128KW.encrypter_from_jwk(&key).expect("it fits")),
            Box::new(kit_jwe::A128KW.decrypter_from_jwk(&key).expect("it fits")),
        ),
        jwe::Alg::RsaOaep => (
            Box::new(kit_jwe::RSA_OAEP.encrypter_from_jwk(&key).expect("it fits")),
            Box::new(kit_jwe::RSA_OAEP.decrypter_from_jwk(&key).expect("it fits")),
        ),
        _ => (
            Box::new(kit_jwe::ECDH_ES_A128KW.encrypter_from_jwk(&key).expect("it fits")),
            Box::new(kit_jwe::ECDH_ES_A128KW.decrypter_from_jwk(&key).expect("it fits")),
        ),
    };
    let mut header = kit_jwe::JweHeader::new();
    header.set_content_encryption(enc.name());
    let run = move || {
        let token = kit_jwe::serialize_compact(CLAIMS.as_bytes(), &header, &*encrypter).expect("it encrypts");
        drop(black_box(kit_jwe::deserialize_compact(&token, &*decrypter).expect("it decrypts")));
    };
    ("josekit", Box::new(run))
}
