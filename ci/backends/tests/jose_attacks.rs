//! The rows JOSE-01 to JOSE-08 of the attack table, on every library.

mod jose_support;

use jose_support::{
    forged_hs256, generate, hs_key, is_unsupported, join, jwk, parts, provider, providers, rsa, signing_key,
    token_error,
};
use lws_gencrypto::Provider;
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Curve, Jwk, Template};
use lws_jose::jws::{self, Need, Signer, Verifier};
use lws_jose::{Error, KeyError, TokenError, Unfit, base64url, limits};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn jose_01_alg_none() {
    for provider in providers() {
        let mut verifier = Verifier::new(&provider, jws::Alg::ALL).key(&hs_key()).unwrap();
        verifier = verifier.key(&signing_key(jws::Alg::Es256)).unwrap().key(rsa()).unwrap();
        let payload = base64url::encode(b"{\"admin\":true}");
        let spellings = [
            "none",
            "None",
            "NONE",
            "nOnE",
            " none",
            "none ",
            "none\\u0000",
            "\\u006eone",
            "",
            "null",
            "no ne",
            "NonE\\t",
        ];
        for spelling in spellings {
            let header = base64url::encode(format!("{{\"alg\":\"{spelling}\"}}").as_bytes());
            for token in [
                format!("{header}.{payload}."),
                format!("{header}.{payload}"),
                format!("{header}.{payload}.AA"),
            ] {
                assert!(verifier.verify(&token).is_err(), "{token}");
            }
            let json = format!("{{\"payload\":\"{payload}\",\"protected\":\"{header}\",\"signature\":\"\"}}");
            assert!(verifier.verify_json(&json, Need::Any).is_err(), "{json}");
        }
        for header in [
            r#"{"alg":null}"#,
            r#"{"alg":false}"#,
            r#"{"alg":["none"]}"#,
            r#"{"alg":0}"#,
            "{}",
            r#"{"typ":"JWT"}"#,
        ] {
            let token = format!("{}.{payload}.", base64url::encode(header.as_bytes()));
            assert!(verifier.verify(&token).is_err(), "{header}");
        }
        let token = jws::unsecured(b"x");
        assert_eq!(token_error("none", verifier.verify(&token)), TokenError::Unsecured);
    }
    // The other way: the function for unsecured tokens takes no signed one.
    let signed = Signer::new(&provider(), jws::Alg::Hs256, &hs_key()).unwrap().sign(b"x").unwrap();
    assert!(jws::read_unsecured(&signed).is_err());
    let stripped = format!("{}.", signed.rsplit_once('.').unwrap().0);
    assert!(jws::read_unsecured(&stripped).is_err());
    assert!(jws::read_unsecured(&format!("{}AA", jws::unsecured(b"x"))).is_err());
}

#[test]
fn jose_02_key_confusion() {
    for provider in providers() {
        for public in [rsa().public().unwrap(), signing_key(jws::Alg::Es256).public().unwrap()] {
            let json = public.public_json().unwrap();
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            let member = |name: &str| base64url::decode(value[name].as_str().unwrap_or_default()).unwrap();
            let pem = public.public_pem().unwrap();
            let der = public.to_x509_public().unwrap().to_der();
            let guesses: [&[u8]; 9] = [
                pem.as_bytes(),
                pem.trim().as_bytes(),
                &der,
                json.as_bytes(),
                &member("n"),
                &member("e"),
                &member("x"),
                &member("y"),
                b"",
            ];
            // Even a verifier that allows everything does not use a public key as a secret.
            let verifier = Verifier::new(&provider, jws::Alg::ALL).key(&public).unwrap();
            for guess in guesses {
                let token = forged_hs256(&provider, guess, r#"{"alg":"HS256"}"#, b"admin");
                assert_eq!(
                    token_error("HS256 with a public key", verifier.verify(&token)),
                    TokenError::Unfit(Unfit::Type(public.kty()))
                );
            }
        }
        // Allowed for the algorithm, but the key is of another type, curve, or says that it is for another one.
        let ec = signing_key(jws::Alg::Es256);
        let token = Signer::new(&provider, jws::Alg::Es256, &ec).unwrap().sign(b"x").unwrap();
        let other = Verifier::new(&provider, &[jws::Alg::Es384]).key(&signing_key(jws::Alg::Es384)).unwrap();
        assert_eq!(token_error("ES256", other.verify(&token)), TokenError::NotAllowed("ES256"));
        let both = Verifier::new(&provider, &[jws::Alg::Es384, jws::Alg::Es256]);
        let both = both.key(&signing_key(jws::Alg::Es384)).unwrap();
        assert_eq!(token_error("ES256", both.verify(&token)), TokenError::Unfit(Unfit::Curve(Curve::P384)));
        let ps = rsa().clone().with_alg("PS256");
        assert!(matches!(
            Signer::new(&provider, jws::Alg::Rs256, &ps),
            Err(Error::Key(KeyError::Unfit(Unfit::Algorithm)))
        ));
        let verifier =
            Verifier::new(&provider, &[jws::Alg::Rs256]).key(&rsa().public().unwrap().with_alg("PS256"));
        assert_eq!(verifier.unwrap_err(), Error::Key(KeyError::Unfit(Unfit::Algorithm)));
    }
}

#[test]
fn jose_03_rsa_padding_is_no_oracle() {
    let (alg, enc) = (jwe::Alg::Rsa1_5, Enc::A128CbcHs256);
    for provider in providers() {
        let token = Encrypter::new(&provider, alg, enc, &rsa().public().unwrap())
            .unwrap()
            .encrypt(b"secret")
            .unwrap();
        // Off unless asked by name.
        let off = Decrypter::new(&provider, &[alg, jwe::Alg::RsaOaep], &[enc]).key(rsa()).unwrap();
        assert_eq!(token_error("RSA1_5", off.decrypt(&token)), TokenError::NotAllowed("RSA1_5"));
        assert!(Decrypter::new(&provider, &[alg], &[enc]).key(rsa()).is_err());
        // Asked: every damage to the key makes the same error as a damaged tag.
        let on = Decrypter::new(&provider, &[alg], &[enc]).unsafe_allow_rsa1_5().key(rsa()).unwrap();
        assert_eq!(on.decrypt(&token).unwrap().plaintext, b"secret");
        one_error(&on, &token, "RSA1_5");
        for alg in [jwe::Alg::RsaOaep, jwe::Alg::RsaOaep256] {
            let encrypter = Encrypter::new(&provider, alg, enc, &rsa().public().unwrap()).unwrap();
            let on = Decrypter::new(&provider, &[alg], &[enc]).key(rsa()).unwrap();
            one_error(&on, &encrypter.encrypt(b"secret").unwrap(), alg.name());
        }
        // A good padding around a content key of another length.
        let public = lws_gencrypto_public(&provider);
        for len in [0, 1, 16, 31, 33, 64, 245] {
            let mut other = parts(&token);
            other[1] = public.encrypt(lws_gencrypto::RsaEncryption::Pkcs1, &vec![5; len]).unwrap();
            assert_eq!(token_error("length", on.decrypt(&join(&other))), TokenError::Undecryptable, "{len}");
        }
    }
}

fn lws_gencrypto_public(provider: &Arc<dyn Provider>) -> Arc<dyn lws_gencrypto::RsaPublicKey> {
    match rsa().to_x509_public().unwrap() {
        lws_x509::PublicKey::Rsa(numbers) => provider.rsa_public(&numbers).unwrap(),
        other => panic!("{other}"),
    }
}

/// Bits in the encrypted key, its length, the tag: one answer.
fn one_error(decrypter: &Decrypter, token: &str, what: &str) {
    let good = parts(token);
    let mut variants = Vec::new();
    for at in [0, 1, 2, 100, 254, 255] {
        let mut other = good.clone();
        other[1][at] ^= 1;
        variants.push(other);
    }
    for key in [vec![], vec![0; 256], vec![0xff; 256], good[1][1..].to_vec(), [&good[1][..], &[0]].concat()] {
        let mut other = good.clone();
        other[1] = key;
        variants.push(other);
    }
    let mut other = good.clone();
    other[4][0] ^= 1;
    variants.push(other);
    for variant in variants {
        assert_eq!(
            token_error(what, decrypter.decrypt(&join(&variant))),
            TokenError::Undecryptable,
            "{what}"
        );
    }
}

#[test]
fn jose_04_points_that_are_no_keys() {
    let enc = Enc::A128Gcm;
    for provider in providers() {
        for curve in [Curve::P256, Curve::P384, Curve::P521] {
            let key = generate(Template::Curve(curve));
            let decrypter = Decrypter::new(&provider, &[jwe::Alg::EcdhEs], &[enc]).key(&key).unwrap();
            let len = curve.coordinate_len();
            let coordinate = |byte: u8, len: usize| base64url::encode(&vec![byte; len]);
            let (good_x, good_y) = coordinates(&generate(Template::Curve(curve)));
            let mut off_y = base64url::decode(&good_y).unwrap();
            off_y[len - 1] ^= 1;
            let points = [
                (curve.name(), good_x.clone(), base64url::encode(&off_y)),
                (curve.name(), coordinate(0, len), coordinate(0, len)),
                (curve.name(), coordinate(0xff, len), coordinate(0xff, len)),
                (curve.name(), coordinate(1, len), coordinate(1, len)),
                (curve.name(), coordinate(1, len - 1), good_y.clone()),
                (curve.name(), String::new(), String::new()),
                (curve.name(), format!("{good_x}="), good_y.clone()),
                ("secp256k1", good_x.clone(), good_y.clone()),
                (if curve == Curve::P256 { "P-384" } else { "P-256" }, good_x.clone(), good_y.clone()),
            ];
            for (name, x, y) in points {
                let epk = format!(r#"{{"kty":"EC","crv":"{name}","x":"{x}","y":"{y}"}}"#);
                let outcome = decrypter.decrypt(&agreement_token(&epk));
                assert_eq!(token_error(&epk, outcome), TokenError::Point, "{epk} on {}", provider.name());
            }
            // As keys of our own they are refused as well.
            let json = format!(
                r#"{{"kty":"EC","crv":"{}","x":"{good_x}","y":"{}"}}"#,
                curve.name(),
                base64url::encode(&off_y)
            );
            let off = Jwk::from_json(json.as_bytes()).unwrap();
            assert_eq!(off.validate(&provider).unwrap_err(), Error::Key(KeyError::Invalid));
            assert!(Encrypter::new(&provider, jwe::Alg::EcdhEs, enc, &off).is_err());
        }
        low_order_points(&provider, enc);
        halves_of_different_keys(&provider);
    }
}

fn coordinates(key: &Jwk) -> (String, String) {
    let value: serde_json::Value = serde_json::from_str(&key.public_json().unwrap()).unwrap();
    (value["x"].as_str().unwrap().to_owned(), value["y"].as_str().unwrap_or_default().to_owned())
}

fn agreement_token(epk: &str) -> String {
    let header = format!(r#"{{"alg":"ECDH-ES","enc":"A128GCM","epk":{epk}}}"#);
    format!(
        "{}..{}.AAAA.{}",
        base64url::encode(header.as_bytes()),
        base64url::encode(&[0; 12]),
        base64url::encode(&[0; 16])
    )
}

/// RFC 7748 §6.1: the points for which every private key agrees on zero.
fn low_order_points(provider: &Arc<dyn Provider>, enc: Enc) {
    let key = generate(Template::Curve(Curve::X25519));
    let decrypter = match Decrypter::new(provider, &[jwe::Alg::EcdhEs], &[enc]).key(&key) {
        Ok(decrypter) => decrypter,
        Err(error) => return assert!(is_unsupported(&error), "{error}"),
    };
    let mut points = vec![[0; 32], [0; 32]];
    points[1][0] = 1;
    // Of order 8, and p - 1, p, p + 1.
    for hex in [
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        points.push(backends::crypto::hex(hex).try_into().unwrap());
    }
    for point in points {
        let epk = format!(r#"{{"kty":"OKP","crv":"X25519","x":"{}"}}"#, base64url::encode(&point));
        assert_eq!(
            token_error(&epk, decrypter.decrypt(&agreement_token(&epk))),
            TokenError::Point,
            "{}",
            provider.name()
        );
    }
}

fn halves_of_different_keys(provider: &Arc<dyn Provider>) {
    for &curve in Curve::ALL {
        let (one, two) = (generate(Template::Curve(curve)), generate(Template::Curve(curve)));
        let mut mixed: serde_json::Value =
            serde_json::from_slice(one.private_json().unwrap().expose()).unwrap();
        let other: serde_json::Value = serde_json::from_slice(two.private_json().unwrap().expose()).unwrap();
        mixed["d"] = other["d"].clone();
        match jwk(&mixed).validate(provider) {
            Err(Error::Key(KeyError::Invalid)) => {}
            Err(error) if is_unsupported(&error) => {}
            other => panic!("{curve} on {}: {other:?}", provider.name()),
        }
    }
}

#[test]
fn jose_05_pbes2_iterations() {
    let password = Jwk::oct(b"entrapment").unwrap();
    let (alg, enc) = (jwe::Alg::Pbes2Hs256A128Kw, Enc::A128Gcm);
    for provider in providers() {
        let decrypter = Decrypter::new(&provider, &[alg], &[enc]).key(&password).unwrap();
        let start = Instant::now();
        for count in [0, 1, 999, 100_001, 1 << 31, u64::from(u32::MAX), u64::MAX] {
            let header = format!(r#"{{"alg":"{alg}","enc":"{enc}","p2s":"AAAAAAAAAAA","p2c":{count}}}"#);
            let token = format!("{}.AAAA.AAAA.AAAA.AAAA", base64url::encode(header.as_bytes()));
            assert_eq!(token_error("p2c", decrypter.decrypt(&token)), TokenError::Iterations(count));
        }
        assert!(start.elapsed() < Duration::from_millis(50), "no iteration may run: {:?}", start.elapsed());
        for (p2s, p2c) in [
            ("\"AAAA\"", "1000"),
            ("\"\"", "1000"),
            ("7", "1000"),
            ("\"AAAAAAAAAAA\"", "\"1000\""),
            ("\"AAAAAAAAAAA\"", "1e3"),
            ("\"AAAAAAAAAAA\"", "-1000"),
            ("\"AAAAAAAAAAA\"", "1000.5"),
        ] {
            let header = format!(r#"{{"alg":"{alg}","enc":"{enc}","p2s":{p2s},"p2c":{p2c}}}"#);
            let token = format!("{}.AAAA.AAAA.AAAA.AAAA", base64url::encode(header.as_bytes()));
            assert!(
                matches!(token_error("p2", decrypter.decrypt(&token)), TokenError::Member(_)),
                "{header}"
            );
        }
        let encrypter = || Encrypter::new(&provider, alg, enc, &password).unwrap();
        assert!(encrypter().iterations(999).is_err() && encrypter().iterations(100_001).is_err());
        let token = encrypter().iterations(1000).unwrap().encrypt(b"x").unwrap();
        assert_eq!(decrypter.decrypt(&token).unwrap().plaintext, b"x");
    }
}

#[test]
fn jose_06_compression() {
    let (alg, enc) = (jwe::Alg::A128Kw, Enc::A128Gcm);
    let key = Jwk::oct(&[1; 16]).unwrap();
    for provider in providers() {
        let decrypter = Decrypter::new(&provider, &[alg], &[enc]).key(&key).unwrap();
        for zip in ["\"DEF\"", "\"\"", "null", "\"def\""] {
            let header = format!(r#"{{"alg":"{alg}","enc":"{enc}","zip":{zip}}}"#);
            let token = format!("{}.AAAA.AAAA.AAAA.AAAA", base64url::encode(header.as_bytes()));
            assert_eq!(token_error(zip, decrypter.decrypt(&token)), TokenError::Compressed);
        }
        let encrypter = Encrypter::new(&provider, alg, enc, &key).unwrap();
        assert!(encrypter.header("zip", "DEF").is_err());
    }
}

#[test]
fn jose_07_crit() {
    let key = hs_key();
    for provider in providers() {
        let verifier = Verifier::new(&provider, &[jws::Alg::Hs256]).key(&key).unwrap();
        for header in [
            r#"{"alg":"HS256","crit":[]}"#,
            r#"{"alg":"HS256","crit":"b64","b64":true}"#,
            r#"{"alg":"HS256","crit":[1],"1":1}"#,
            r#"{"alg":"HS256","crit":null}"#,
            r#"{"alg":"HS256","crit":["b64"]}"#,
            r#"{"alg":"HS256","crit":["b64","b64"],"b64":true}"#,
            r#"{"alg":"HS256","crit":["alg"]}"#,
            r#"{"alg":"HS256","crit":["kid"],"kid":"x"}"#,
            r#"{"alg":"HS256","crit":["exp"],"exp":1}"#,
            r#"{"alg":"HS256","crit":["b64","exp"],"exp":1,"b64":true}"#,
            r#"{"alg":"HS256","crit":["http://example.invalid/UNDEFINED"],"http://example.invalid/UNDEFINED":true}"#,
            r#"{"alg":"HS256","b64":false}"#,
            r#"{"alg":"HS256","b64":"false","crit":["b64"]}"#,
        ] {
            let token = forged_hs256(&provider, &[7; 32], header, b"x");
            assert!(verifier.verify(&token).is_err(), "{header}");
        }
        let good = forged_hs256(&provider, &[7; 32], r#"{"alg":"HS256","crit":["b64"],"b64":true}"#, b"x");
        assert_eq!(verifier.verify(&good).unwrap().payload, b"x");
        // It must be protected.
        let token = forged_hs256(&provider, &[7; 32], r#"{"alg":"HS256","b64":true}"#, b"x");
        let [protected, payload, signature] = [0, 1, 2].map(|i| token.split('.').nth(i).unwrap());
        let json = format!(
            r#"{{"payload":"{payload}","protected":"{protected}","header":{{"crit":["b64"]}},"signature":"{signature}"}}"#
        );
        assert!(verifier.verify_json(&json, Need::Any).is_err());
        // The same in JWE, which knows no extension at all.
        let wrap = Jwk::oct(&[1; 16]).unwrap();
        let decrypter = Decrypter::new(&provider, &[jwe::Alg::A128Kw], &[Enc::A128Gcm]).key(&wrap).unwrap();
        let header = base64url::encode(br#"{"alg":"A128KW","enc":"A128GCM","b64":true,"crit":["b64"]}"#);
        let outcome = decrypter.decrypt(&format!("{header}.AAAA.AAAA.AAAA.AAAA"));
        assert_eq!(token_error("crit", outcome), TokenError::Critical("b64".into()));
    }
}

#[test]
fn jose_08_keys_in_the_token() {
    let (mine, evil) = (signing_key(jws::Alg::Es256), signing_key(jws::Alg::Es256));
    for provider in providers() {
        let verifier = Verifier::new(&provider, &[jws::Alg::Es256])
            .key(&mine.public().unwrap().with_kid("mine").unwrap())
            .unwrap();
        let evil_jwk = evil.public_json().unwrap();
        let object = lws_jose::json::Value::parse(evil_jwk.as_bytes()).unwrap();
        let signer = |kid: &str| {
            let signer = Signer::new(&provider, jws::Alg::Es256, &evil).unwrap();
            if kid.is_empty() { signer } else { signer.header("kid", kid).unwrap() }
        };
        let urls = "https://evil.example/keys";
        let tokens = [
            signer("").header("jwk", object.clone()).unwrap(),
            signer("mine").header("jwk", object.clone()).unwrap(),
            signer("mine").header("jku", urls).unwrap().header("x5u", urls).unwrap(),
            signer("mine").header("x5c", vec!["MIIB"]).unwrap(),
        ];
        for signer in tokens {
            let token = signer.sign(b"x").unwrap();
            assert_eq!(token_error("its own key", verifier.verify(&token)), TokenError::Signature);
        }
        for kid in ["../../dev/null", "' OR 1=1 --", "mine\u{0}", "/etc/passwd", "Mine", " mine"] {
            let token = signer(kid).sign(b"x").unwrap();
            assert_eq!(token_error(kid, verifier.verify(&token)), TokenError::NoKey(Some(kid.into())));
        }
        let long = "k".repeat(limits::KID_MAX + 1);
        assert_eq!(
            token_error("long", verifier.verify(&signer(&long).sign(b"x").unwrap())),
            TokenError::Member("kid".into())
        );
        // `x5c` in a key is compared with the key, and proves nothing more.
        assert!(mine.clone().with_x5c(vec![vec![0x30, 0]]).is_err());
    }
}
