//! The examples of RFC 7515 to 7520, 7797 and 8037, on every library.

mod jose_support;

use jose_support::{bytes, is_unsupported, jwk, providers, text, vectors};
use lws_gencrypto::Provider;
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Jwk, JwkSet, Template};
use lws_jose::jws::{self, Need, Signer, Verifier};
use lws_jose::{Error, TokenError, base64url, jwt};
use serde_json::Value;
use std::sync::Arc;

/// How many examples were checked, and which a library has declared that it cannot do.
#[derive(Default)]
struct Tally {
    checked: usize,
    unsupported: Vec<String>,
}

impl Tally {
    fn note<T>(&mut self, what: &str, outcome: Result<T, Error>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.checked += 1;
                Some(value)
            }
            Err(error) if is_unsupported(&error) => {
                self.unsupported.push(what.to_owned());
                None
            }
            Err(error) => panic!("{what}: {error}"),
        }
    }
}

fn jws_algs(case: &Value) -> Vec<jws::Alg> {
    let named = |name: &str| jws::Alg::from_name(name).expect("a known algorithm");
    match case["algs"].as_array() {
        Some(list) => list.iter().map(|name| named(name.as_str().unwrap())).collect(),
        None => vec![named(text(case, "alg"))],
    }
}

fn keys(case: &Value) -> Vec<Jwk> {
    case["keys"].as_array().unwrap().iter().map(jwk).collect()
}

/// `json` is a text or a list of texts.
fn json_texts(case: &Value) -> Vec<String> {
    match &case["json"] {
        Value::Null => vec![],
        Value::String(one) => vec![one.clone()],
        list => list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
    }
}

fn check_jws(provider: &Arc<dyn Provider>, file: &str, tally: &mut Tally) {
    for case in vectors(file)["jws"].as_array().unwrap() {
        let what = format!("{file} {} on {}", text(case, "section"), provider.name());
        let payload = bytes(case, "payload");
        let set = JwkSet { keys: keys(case), skipped: vec![] };
        let verifier = Verifier::new(provider, &jws_algs(case)).keys(&set);
        let Some(verifier) = tally.note(&what, verifier) else { continue };
        if let Some(token) = case["compact"].as_str() {
            if let Some(good) = tally.note(&what, verifier.verify(token)) {
                assert_eq!(good.payload, payload, "{what}");
            }
            check_remade(provider, case, &set.keys[0], token, tally, &what);
        }
        if let Some(token) = case["detached"].as_str() {
            tally.note(&what, verifier.verify_detached(token, &payload));
            assert!(verifier.verify(token).is_err(), "{what}: an empty payload was not signed");
        }
        for json in json_texts(case) {
            for need in [Need::Any, Need::All] {
                if let Some(good) = tally.note(&what, verifier.verify_json(&json, need)) {
                    assert_eq!(good.payload, payload, "{what}");
                }
            }
        }
    }
}

/// Algorithms without chance make the RFC's very token again.
fn check_remade(
    provider: &Arc<dyn Provider>,
    case: &Value,
    key: &Jwk,
    token: &str,
    tally: &mut Tally,
    what: &str,
) {
    let alg = jws::Alg::from_name(text(case, "alg")).unwrap();
    let chance = matches!(alg.name(), "ES256" | "ES384" | "ES512" | "PS256" | "PS384" | "PS512");
    // Our header is {"alg":…,"kid":…}; other headers cannot come out.
    let header = token.split('.').next().unwrap();
    let Some(signer) = tally.note(what, Signer::new(provider, alg, key)) else { return };
    let Some(remade) = tally.note(what, signer.sign(&bytes(case, "payload"))) else { return };
    if !chance && remade.starts_with(&format!("{header}.")) {
        assert_eq!(remade, token, "{what}");
    }
    let public = key.public().unwrap_or_else(|| key.clone());
    let verifier = Verifier::new(provider, &[alg]).key(&public).unwrap();
    verifier.verify(&remade).unwrap_or_else(|error| panic!("{what}, remade: {error}"));
}

fn check_jwe(provider: &Arc<dyn Provider>, file: &str, tally: &mut Tally) {
    for case in vectors(file)["jwe"].as_array().unwrap() {
        let what = format!("{file} {} on {}", text(case, "section"), provider.name());
        let alg = jwe::Alg::from_name(text(case, "alg")).expect("a known algorithm");
        let enc = Enc::from_name(text(case, "enc")).expect("a known algorithm");
        let key = &keys(case)[0];
        let decrypter = Decrypter::new(provider, &[alg], &[enc]).unsafe_allow_rsa1_5().key(key);
        let Some(decrypter) = tally.note(&what, decrypter) else { continue };
        let compact = case["compact"].as_str().map(|token| decrypter.decrypt(token));
        let json = json_texts(case);
        let outcomes = compact.into_iter().chain(json.iter().map(|text| decrypter.decrypt_json(text)));
        for outcome in outcomes {
            if case["refused"] == "compressed" {
                assert_eq!(outcome.unwrap_err(), Error::Token(TokenError::Compressed), "{what}");
                tally.checked += 1;
            } else if let Some(good) = tally.note(&what, outcome) {
                assert_eq!(good.plaintext, bytes(case, "plaintext"), "{what}");
            }
        }
        let public = key.public().unwrap_or_else(|| key.clone());
        let token =
            Encrypter::new(provider, alg, enc, &public).and_then(|it| it.encrypt(&bytes(case, "plaintext")));
        if let Some(token) = tally.note(&what, token) {
            let again = decrypter.decrypt(&token).unwrap_or_else(|error| panic!("{what}, remade: {error}"));
            assert_eq!(again.plaintext, bytes(case, "plaintext"), "{what}");
        }
    }
}

/// `at_least` guards against a file that lost its examples.
fn on_every_library(at_least: usize, check: impl Fn(&Arc<dyn Provider>, &mut Tally)) {
    for provider in providers() {
        let mut tally = Tally::default();
        check(&provider, &mut tally);
        println!("{}: {} checked, unsupported: {:?}", provider.name(), tally.checked, tally.unsupported);
        let done = tally.checked + 4 * tally.unsupported.len();
        assert!(done >= at_least, "{}: only {}", provider.name(), tally.checked);
    }
}

#[test]
fn rfc_7515_appendix_a() {
    on_every_library(24, |provider, tally| {
        check_jws(provider, "rfc7515.json", tally);
        let file = vectors("rfc7515.json");
        // A.5: only by the function for it.
        let unsecured = &file["unsecured"];
        let token = text(unsecured, "compact");
        assert_eq!(jws::read_unsecured(token).unwrap(), bytes(unsecured, "payload"));
        assert_eq!(jws::unsecured(&bytes(unsecured, "payload")), token);
        let verifier = Verifier::new(provider, jws::Alg::ALL).key(&keys(&file["jws"][0])[0]).unwrap();
        assert_eq!(verifier.verify(token).unwrap_err(), Error::Token(TokenError::Unsecured));
        // E: an extension that nobody understands.
        let critical = text(&file["critical"], "compact");
        let name = "http://example.com/UNDEFINED";
        let expected = Error::Token(TokenError::Critical(name.into()));
        assert_eq!(jws::read_unsecured(critical).unwrap_err(), expected);
        assert_eq!(verifier.verify(critical).unwrap_err(), expected);
        tally.checked += 2;
    });
}

#[test]
fn rfc_7516_appendix_a() {
    on_every_library(18, |provider, tally| check_jwe(provider, "rfc7516.json", tally));
}

#[test]
fn rfc_7517_appendices() {
    let file = vectors("rfc7517.json");
    for (name, count, private) in [("public", 2, false), ("private", 2, true), ("symmetric", 2, true)] {
        let set = JwkSet::from_json(file[name].to_string().as_bytes()).unwrap();
        assert_eq!((set.keys.len(), set.skipped.len()), (count, 0), "{name}");
        assert!(set.keys.iter().all(|key| key.is_private() == private), "{name}");
        for provider in providers() {
            for key in &set.keys {
                key.validate(&provider)
                    .unwrap_or_else(|error| panic!("{name} on {}: {error}", provider.name()));
            }
        }
        // Written and read again it is the same: every member is one of ours.
        let written = set.private_json();
        let written: Value = serde_json::from_slice(written.expose()).unwrap();
        assert_eq!(written, file[name], "{name}");
    }
    let x5c = jwk(&file["x5c"]);
    assert_eq!(x5c.x5c().len(), 1);
    let mut other = file["x5c"].clone();
    other["n"] = file["public"]["keys"][1]["n"].clone();
    assert_eq!(
        Jwk::from_json(other.to_string().as_bytes()).unwrap_err(),
        Error::Key(lws_jose::KeyError::Certificate)
    );
    on_every_library(3, |provider, tally| check_jwe(provider, "rfc7517.json", tally));
}

/// RFC 7518 appendix B.
#[test]
fn rfc_7518_appendix_b() {
    let key: Vec<u8> = (0..64).collect();
    let plaintext: &[u8] =
        b"A cipher system must not be required to be secret, and it must be able to fall into the hands \
of the enemy without inconvenience";
    let aad = b"The second principle of Auguste Kerckhoffs";
    let iv = [0x1a, 0xf3, 0x8c, 0x2d, 0xc2, 0xb9, 0x6f, 0xfd, 0xd8, 0x66, 0x94, 0x09, 0x23, 0x41, 0xbc, 0x04];
    for provider in providers() {
        for (enc, expected) in [
            (Enc::A128CbcHs256, "652c3fa36b0a7c5b3219fab3a30bc1c4"),
            (Enc::A192CbcHs384, "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7"),
            (Enc::A256CbcHs512, "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5"),
        ] {
            let mut data = plaintext.to_vec();
            let key = &key[..enc.key_len()];
            let tag = enc.seal(&provider, key, &iv, aad, &mut data).unwrap();
            let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, expected, "{enc} on {}", provider.name());
            assert_eq!(enc.open(&provider, key, &iv, aad, data, &tag).unwrap(), plaintext);
        }
    }
}

/// RFC 7518 appendix C: the key that Alice and Bob agree on, seen through a token that only it opens.
#[test]
fn rfc_7518_appendix_c() {
    let bob = br#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
    let header = r#"{"alg":"ECDH-ES","enc":"A128GCM","apu":"QWxpY2U","apv":"Qm9i","epk":{"kty":"EC","crv":"P-256",
        "x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}}"#;
    let agreed = base64url::decode("VqqN6vgjbSBcIijNcacQGg").unwrap();
    for provider in providers() {
        let protected = base64url::encode(header.as_bytes());
        let mut data = b"Alice to Bob".to_vec();
        let tag = Enc::A128Gcm.seal(&provider, &agreed, &[7; 12], protected.as_bytes(), &mut data).unwrap();
        let token = [&[7; 12][..], &data, &tag].map(base64url::encode).join(".");
        let decrypter = Decrypter::new(&provider, &[jwe::Alg::EcdhEs], &[Enc::A128Gcm]);
        let decrypter = decrypter.key(&Jwk::from_json(bob).unwrap()).unwrap();
        let opened = decrypter.decrypt(&format!("{protected}..{token}"));
        assert_eq!(opened.unwrap_or_else(|e| panic!("{}: {e}", provider.name())).plaintext, b"Alice to Bob");
    }
}

#[test]
fn rfc_7519_appendix_a() {
    let file = vectors("rfc7519.json");
    for provider in providers() {
        let decrypter =
            Decrypter::new(&provider, &[jwe::Alg::Rsa1_5], &[Enc::A128CbcHs256]).unsafe_allow_rsa1_5();
        let decrypter = decrypter.key(&jwk(&file["jwe_key"])).unwrap();
        let expect = jwt::Expect::at(1_300_819_379).issuer("joe");
        // A.1: encrypted claims.
        let claims = expect.decrypt(&decrypter, text(&file, "jwe_token")).unwrap();
        assert_eq!(claims.expires_s(), Some(1_300_819_380));
        let late = jwt::Expect::at(1_300_819_380).decrypt(&decrypter, text(&file, "jwe_token"));
        assert!(matches!(late, Err(Error::Claim(lws_jose::ClaimError::Expired(0)))));
        // A.2: signed, then encrypted.
        let nested = decrypter.decrypt(text(&file, "nested")).unwrap();
        assert_eq!(nested.header().unwrap().find("cty").and_then(|cty| cty.as_str()), Some("JWT"));
        let verifier = Verifier::new(&provider, &[jws::Alg::Rs256]).key(&jwk(&file["jws_key"])).unwrap();
        let inner = String::from_utf8(nested.plaintext).unwrap();
        assert_eq!(expect.verify(&verifier, &inner).unwrap().issuer(), Some("joe"));
    }
}

#[test]
fn rfc_7520_sections() {
    on_every_library(90, |provider, tally| {
        check_jws(provider, "rfc7520.json", tally);
        check_jwe(provider, "rfc7520.json", tally);
    });
}

#[test]
fn rfc_7638_thumbprint() {
    let key = jwk(&vectors("rfc7517.json")["public"]["keys"][1]);
    for provider in providers() {
        let thumbprint = base64url::encode(&key.thumbprint(&provider).unwrap());
        assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }
}

#[test]
fn rfc_7797_section_4() {
    let file = vectors("rfc7797.json");
    let (key, payload) = (jwk(&file["key"]), text(&file, "payload").as_bytes());
    for provider in providers() {
        let verifier = Verifier::new(&provider, &[jws::Alg::Hs256]).key(&key).unwrap();
        let signer = || Signer::new(&provider, jws::Alg::Hs256, &key).unwrap().without_kid();
        assert_eq!(signer().sign(payload).unwrap(), text(&file, "regular"));
        assert_eq!(signer().unencoded().sign_detached(payload).unwrap(), text(&file, "unencoded"));
        assert_eq!(verifier.verify(text(&file, "regular")).unwrap().payload, payload);
        assert_eq!(verifier.verify_detached(text(&file, "unencoded"), payload).unwrap().payload, payload);
        // A payload with a point cannot stand in a compact token, but in JSON.
        assert!(matches!(signer().unencoded().sign(payload), Err(Error::Misuse(_))));
        let flattened = signer().unencoded().sign_flattened(payload).unwrap();
        assert!(flattened.contains("\"payload\":\"$.02\""), "{flattened}");
        assert_eq!(verifier.verify_json(&flattened, Need::All).unwrap().payload, payload);
        let plain = signer().unencoded().sign(b"no points").unwrap();
        assert_eq!(verifier.verify(&plain).unwrap().payload, b"no points");
    }
}

#[test]
fn rfc_8037_appendix_a() {
    let file = vectors("rfc8037.json");
    let ed = jwk(&file["jws"][0]["keys"][0]);
    on_every_library(3, |provider, tally| {
        // A.3
        let thumbprint = base64url::encode(&ed.thumbprint(provider).unwrap());
        assert_eq!(thumbprint, text(&file, "thumbprint"));
        check_jws(provider, "rfc8037.json", tally);
        // A.6: Z goes through the KDF with the header's alg, to a key that wraps.
        let x = &file["x25519"];
        let (protected, z) = (text(x, "header"), bytes(x, "z"));
        let (len, alg) = (14u32.to_be_bytes(), b"ECDH-ES+A128KW");
        let mut kek = [0; 16];
        let info: [&[u8]; 5] = [&len, alg, &[0; 4], &[0; 4], &128u32.to_be_bytes()];
        provider.concat_kdf(lws_gencrypto::Hash::Sha256, &z, &info, &mut kek).unwrap();
        let mut wrapped = [0; 24];
        provider.aes_kw(&kek).unwrap().wrap(&[9; 16], &mut wrapped).unwrap();
        let mut data = b"Ephemeral to Bob".to_vec();
        let tag = Enc::A128Gcm.seal(provider, &[9; 16], &[7; 12], protected.as_bytes(), &mut data).unwrap();
        let rest = [&wrapped[..], &[7; 12], &data, &tag].map(base64url::encode).join(".");
        let decrypter =
            Decrypter::new(provider, &[jwe::Alg::EcdhEsA128Kw], &[Enc::A128Gcm]).key(&jwk(&x["bob"]));
        if let Some(decrypter) = tally.note("A.6", decrypter) {
            let opened = decrypter.decrypt(&format!("{protected}.{rest}")).unwrap();
            assert_eq!(opened.plaintext, b"Ephemeral to Bob");
        }
    });
}

/// A new key is exported, read, validated and used.
#[test]
fn keys_are_generated_on_every_library() {
    use lws_jose::jwk::Curve;
    for provider in providers() {
        let curves = Curve::ALL.iter().map(|&curve| Template::Curve(curve));
        for template in curves.chain([Template::Oct(1), Template::Oct(64), Template::Rsa(2048)]) {
            let key = match template.generate(&provider) {
                Ok(key) => key,
                Err(error) => {
                    assert!(is_unsupported(&error), "{template:?} on {}: {error}", provider.name());
                    continue;
                }
            };
            let again = Jwk::from_json(key.private_json().unwrap().expose()).unwrap();
            assert!(again.is_same_key(&key) && again.is_private(), "{template:?}");
            for other in providers() {
                if let Err(error) = again.validate(&other) {
                    assert!(is_unsupported(&error), "{template:?} on {}: {error}", other.name());
                }
            }
            if let Ok(pem) = key.private_pem() {
                let from_pem = Jwk::from_pem(&provider, pem.expose()).unwrap();
                assert!(from_pem.is_same_key(&key), "{template:?}");
                assert_eq!(from_pem.private_json().unwrap(), key.private_json().unwrap(), "{template:?}");
                let public = Jwk::from_pem(&provider, key.public_pem().unwrap().as_bytes()).unwrap();
                assert!(public.is_same_key(&key) && !public.is_private());
            }
        }
        assert!(Template::Oct(0).generate(&provider).is_err());
        assert!(Template::Rsa(1024).generate(&provider).is_err());
        assert!(Template::Rsa(8192).generate(&provider).is_err());
    }
}
