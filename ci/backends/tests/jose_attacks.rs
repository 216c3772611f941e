//! The rows JOSE-01 to JOSE-15 of the attack table, on every library.

mod jose_support;

use jose_support::{
    generate, is_unsupported, join, jwk, parts, provider, providers, rsa, signing_key, vectors,
};
use lws_gencrypto::Provider;
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Curve, Jwk, Template};
use lws_jose::jws::{self, Need, Signer, Verifier};
use lws_jose::{Error, KeyError, TokenError, Unfit, base64url, limits};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn token_error<T: std::fmt::Debug>(what: &str, outcome: Result<T, Error>) -> TokenError {
    match outcome {
        Err(Error::Token(error)) => error,
        other => panic!("{what}: {other:?}"),
    }
}

/// A token with this header, signed with HS256 by the rules, whatever the header says.
fn forged_hs256(provider: &Arc<dyn Provider>, key: &[u8], header: &str, payload: &[u8]) -> String {
    let input = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload));
    let mac = provider.hmac(lws_gencrypto::Hash::Sha256, key).unwrap().mac(&[input.as_bytes()]).unwrap();
    format!("{input}.{}", base64url::encode(&mac))
}

fn hs_key() -> Jwk {
    Jwk::oct(&[7; 32]).unwrap()
}

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

#[test]
fn jose_09_ecdsa_encodings() {
    for (alg, curve) in
        [(jws::Alg::Es256, Curve::P256), (jws::Alg::Es384, Curve::P384), (jws::Alg::Es512, Curve::P521)]
    {
        let key = signing_key(alg);
        let len = curve.coordinate_len();
        for provider in providers() {
            let verifier = Verifier::new(&provider, &[alg]).key(&key.public().unwrap()).unwrap();
            let token = Signer::new(&provider, alg, &key).unwrap().sign(b"x").unwrap();
            let good = parts(&token);
            let (r, s) = good[2].split_at(len);
            let zero = vec![0; len];
            let one = [vec![0; len - 1], vec![1]].concat();
            let max = vec![0xff; len];
            let nist = match curve {
                Curve::P256 => lws_gencrypto::Curve::P256,
                Curve::P384 => lws_gencrypto::Curve::P384,
                _ => lws_gencrypto::Curve::P521,
            };
            let order = backends::crypto::hex(match curve {
                Curve::P256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
                Curve::P384 => {
                    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
                }
                _ => {
                    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
                }
            });
            let der = lws_gencrypto::ecdsa_to_der(nist, &good[2]).unwrap();
            let bad: Vec<Vec<u8>> = vec![
                vec![],
                vec![0],
                [&zero[..], &zero].concat(),
                [r, &zero].concat(),
                [&zero[..], s].concat(),
                [&one[..], &zero].concat(),
                [&zero[..], &one].concat(),
                [&one[..], &one].concat(),
                [r, &order].concat(),
                [&order[..], s].concat(),
                [&order[..], &order].concat(),
                [&max[..], &max].concat(),
                good[2][1..].to_vec(),
                good[2][..2 * len - 1].to_vec(),
                [&good[2][..], &[0]].concat(),
                [&[0], &good[2][..]].concat(),
                [&zero[..1], r, &zero[..1], s].concat(),
                [s, r].concat(),
                der,
            ];
            for signature in bad {
                let token = join(&[good[0].clone(), good[1].clone(), signature.clone()]);
                assert_eq!(
                    token_error("ECDSA", verifier.verify(&token)),
                    TokenError::Signature,
                    "{signature:02x?} {}",
                    provider.name()
                );
            }
        }
    }
}

#[test]
fn jose_10_one_spelling_only() {
    let key = hs_key();
    for provider in providers() {
        let verifier = Verifier::new(&provider, &[jws::Alg::Hs256]).key(&key).unwrap();
        let token = Signer::new(&provider, jws::Alg::Hs256, &key).unwrap().sign(b"ab").unwrap();
        verifier.verify(&token).unwrap();
        let [header, payload, signature] = [0, 1, 2].map(|i| token.split('.').nth(i).unwrap());
        // RFC 7515 §2: no padding, white space or other characters; and zero tail bits.
        let mut tail = signature.to_owned();
        let last = tail.pop().unwrap();
        tail.push((last as u8 + 1) as char);
        for bad in [
            format!("{header}.{payload}.{signature}="),
            format!("{header}.{payload}=.{signature}"),
            format!(" {token}"),
            format!("{token}\n"),
            format!("{token} "),
            format!("{header} .{payload}.{signature}"),
            format!("{header}.{payload}.{tail}"),
            format!("{header}.{payload}.{}", signature.replace(['-', '_'], "+")),
            format!("{header}.{payload}.{signature}\0"),
            format!("{header}.{payload}.{signature}.{signature}"),
            format!("{header}..{payload}.{signature}"),
            format!(".{payload}.{signature}"),
            format!("{header}.{payload}"),
            header.to_owned(),
            String::new(),
            "..".to_owned(),
            "....".to_owned(),
            "\u{feff}".to_owned() + &token,
        ] {
            // The last replacement changes nothing if there was no such character.
            assert!(bad == token || verifier.verify(&bad).is_err(), "{bad:?}");
        }
        // Headers that mean two things, or nothing; each is signed, so that nothing but the header is wrong.
        for header in [
            r#"{"alg":"HS256","alg":"HS256"}"#,
            r#"{"alg":"none","alg":"HS256"}"#,
            r#"{"alg":"HS256","\u0061lg":"none"}"#,
            r#"{"alg":"HS256"} "#,
            "{\"alg\":\"HS256\"}\0",
            "\u{feff}{\"alg\":\"HS256\"}",
            r#"{"alg":"HS256",}"#,
            r#"{'alg':'HS256'}"#,
            r#"{"alg":"HS256"}{"alg":"HS256"}"#,
            r#"{"alg":"HS256","x":01}"#,
            r#"{"alg":"HS256","x":"\ud800"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS256\u0000"}"#,
            r#"["HS256"]"#,
            r#""HS256""#,
            "",
            r#"{"alg":"HS256","typ":7}"#,
            r#"{"alg":"HS256","kid":7}"#,
            r#"{"alg":"HS256","cty":[]}"#,
        ] {
            let token = forged_hs256(&provider, &[7; 32], header, b"ab");
            // White space around a value is JSON: only this one of the list is good.
            assert_eq!(verifier.verify(&token).is_ok(), header == r#"{"alg":"HS256"} "#, "{header}");
        }
        sizes(&provider, &verifier, &key);
    }
}

fn sizes(provider: &Arc<dyn Provider>, verifier: &Verifier, key: &Jwk) {
    let header =
        |levels: usize| format!(r#"{{"alg":"HS256","x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    verifier.verify(&forged_hs256(provider, &[7; 32], &header(15), b"x")).unwrap();
    let deep = forged_hs256(provider, &[7; 32], &header(16), b"x");
    assert!(matches!(token_error("depth", verifier.verify(&deep)), TokenError::Json(_)));
    let asked = || Verifier::new(provider, &[jws::Alg::Hs256]).key(key).unwrap();
    asked().limits(lws_jose::Limits::new().depth(20)).verify(&deep).unwrap();
    let signer = Signer::new(provider, jws::Alg::Hs256, key).unwrap();
    let large = signer.sign(&vec![b'x'; 50_000]).unwrap();
    assert_eq!(token_error("size", verifier.verify(&large)), TokenError::TooLong(limits::TOKEN_MAX));
    let larger = lws_jose::Limits::new().bytes(100_000);
    assert_eq!(asked().limits(larger).verify(&large).unwrap().payload.len(), 50_000);
    let members: String = (0..64).map(|i| format!(",\"m{i}\":0")).collect();
    let wide = forged_hs256(provider, &[7; 32], &format!("{{\"alg\":\"HS256\"{members}}}"), b"x");
    assert!(matches!(token_error("members", verifier.verify(&wide)), TokenError::Form(_)));
}

#[test]
fn jose_11_jwe_lengths_and_damage() {
    for provider in providers() {
        for &enc in Enc::ALL {
            for alg in [jwe::Alg::A128Kw, jwe::Alg::A128GcmKw, jwe::Alg::Dir] {
                let key = generate(Template::encryption(alg, enc));
                let encrypter = Encrypter::new(&provider, alg, enc, &key).unwrap();
                let decrypter = Decrypter::new(&provider, &[alg], &[enc]).key(&key).unwrap();
                let token = encrypter.encrypt(b"attack at dawn").unwrap();
                let good = parts(&token);
                let what = format!("{alg} {enc} {}", provider.name());
                // Content keys and IVs are new each time.
                let again = parts(&encrypter.encrypt(b"attack at dawn").unwrap());
                assert_ne!(again[2], good[2], "{what}");
                assert_ne!(again[3], good[3], "{what}");
                // A tag that is cut, and one more byte; iv and key of other lengths; every part empty.
                for part in 1..5 {
                    for len in (0..good[part].len()).chain([good[part].len() + 1, good[part].len() + 8]) {
                        let mut other = good.clone();
                        other[part].resize(len, 0);
                        assert!(
                            decrypter.decrypt(&join(&other)).is_err(),
                            "{what}: part {part} of {len} bytes"
                        );
                    }
                    for at in 0..good[part].len() {
                        let mut other = good.clone();
                        other[part][at] ^= 0x80;
                        let error = token_error(&what, decrypter.decrypt(&join(&other)));
                        assert_eq!(error, TokenError::Undecryptable, "{what}: part {part} byte {at}");
                    }
                }
                // The header is authenticated: another spelling of the same header is another token.
                let mut other = good.clone();
                other[0].push(b' ');
                assert_eq!(token_error(&what, decrypter.decrypt(&join(&other))), TokenError::Undecryptable);
            }
        }
        // RFC 7518 §4.5, §4.6: an encrypted key where there is none.
        let key = Jwk::oct(&[1; 16]).unwrap();
        let token =
            Encrypter::new(&provider, jwe::Alg::Dir, Enc::A128Gcm, &key).unwrap().encrypt(b"x").unwrap();
        let decrypter = Decrypter::new(&provider, &[jwe::Alg::Dir], &[Enc::A128Gcm]).key(&key).unwrap();
        let filled = token.replacen("..", ".AAAA.", 1);
        assert!(matches!(token_error("dir", decrypter.decrypt(&filled)), TokenError::Form(_)));
    }
}

#[test]
fn jose_12_jws_is_not_jwe() {
    for provider in providers() {
        let public = rsa().public().unwrap();
        let verifier = Verifier::new(&provider, jws::Alg::ALL).key(&public).unwrap();
        let decrypter = Decrypter::new(&provider, jwe::Alg::ALL, Enc::ALL).key(rsa()).unwrap();
        // Anybody can encrypt to the signer's public key; that is no signature.
        let jwe = Encrypter::new(&provider, jwe::Alg::RsaOaep, Enc::A128Gcm, &public).unwrap();
        let jws = Signer::new(&provider, jws::Alg::Rs256, rsa()).unwrap();
        assert!(matches!(
            token_error("JWE", verifier.verify(&jwe.encrypt(b"x").unwrap())),
            TokenError::Form(_)
        ));
        assert!(matches!(
            token_error("JWS", decrypter.decrypt(&jws.sign(b"x").unwrap())),
            TokenError::Form(_)
        ));
        let json = jwe.encrypt_flattened(b"x", None).unwrap();
        assert!(matches!(token_error("JWE", verifier.verify_json(&json, Need::Any)), TokenError::Form(_)));
        let json = jws.sign_flattened(b"x").unwrap();
        assert!(matches!(token_error("JWS", decrypter.decrypt_json(&json)), TokenError::Form(_)));
        // A header with the other's algorithm, in the right number of parts.
        let mut other = parts(&jws.sign(b"x").unwrap());
        other[0] = br#"{"alg":"RSA-OAEP","enc":"A128GCM"}"#.to_vec();
        assert!(matches!(
            token_error("alg", verifier.verify(&join(&other))),
            TokenError::UnknownAlgorithm(_)
        ));
    }
}

#[test]
fn jose_13_weak_keys() {
    for provider in providers() {
        for (alg, len) in
            [(jws::Alg::Hs256, 31), (jws::Alg::Hs384, 47), (jws::Alg::Hs512, 63), (jws::Alg::Hs256, 0)]
        {
            let short = Jwk::oct(&vec![1; len]).unwrap();
            let expected = Error::Key(KeyError::Unfit(Unfit::Size(len * 8)));
            assert_eq!(Signer::new(&provider, alg, &short).unwrap_err(), expected);
            assert_eq!(Verifier::new(&provider, &[alg]).key(&short).unwrap_err(), expected);
            Signer::new(&provider, alg, &Jwk::oct(&vec![1; len.max(31) + 1]).unwrap()).unwrap();
        }
        // RSA: 1024 bits; exponents 1, 3, 65536.
        let n = |bits: usize| base64url::encode(&[vec![0xc1; bits / 8 - 1], vec![0xc1]].concat());
        for (bits, e, expected) in [
            (1024, "AQAB", Unfit::Size(1024)),
            (2047, "AQAB", Unfit::Size(2040)),
            (2048, "AQ", Unfit::Exponent),
            (2048, "Aw", Unfit::Exponent),
            (2048, "AQAA", Unfit::Exponent),
        ] {
            let json = format!(r#"{{"kty":"RSA","n":"{}","e":"{e}"}}"#, n(bits));
            let weak = Jwk::from_json(json.as_bytes()).unwrap();
            let expected = Error::Key(KeyError::Unfit(expected));
            assert_eq!(
                Verifier::new(&provider, &[jws::Alg::Rs256]).key(&weak).unwrap_err(),
                expected,
                "{bits} {e}"
            );
            assert_eq!(
                Encrypter::new(&provider, jwe::Alg::RsaOaep, Enc::A128Gcm, &weak).unwrap_err(),
                expected
            );
        }
        for (alg, len) in [(jwe::Alg::A128Kw, 15), (jwe::Alg::A256Kw, 16), (jwe::Alg::A192GcmKw, 32)] {
            let key = Jwk::oct(&vec![1; len]).unwrap();
            let expected = Error::Key(KeyError::Unfit(Unfit::Size(len * 8)));
            assert_eq!(Encrypter::new(&provider, alg, Enc::A128Gcm, &key).unwrap_err(), expected);
        }
    }
}

/// That dropped secrets are wiped is lws-gencrypto's `Secret`; that they are not shown is here.
#[test]
fn jose_14_debug_shows_no_secret() {
    let key = Jwk::oct(b"a secret of thirty-two bytes, ok").unwrap();
    let provider = provider();
    let (alg, enc) = (jwe::Alg::A256Kw, Enc::A128Gcm);
    let token = Encrypter::new(&provider, alg, enc, &key).unwrap().encrypt(b"a secret plaintext").unwrap();
    let decrypter = Decrypter::new(&provider, &[alg], &[enc]).key(&key).unwrap();
    let shown = format!(
        "{key:?} {:?} {:?} {:?} {:?} {decrypter:?} {:?} {:?}",
        Signer::new(&provider, jws::Alg::Hs256, &key).unwrap(),
        Verifier::new(&provider, &[jws::Alg::Hs256]).key(&key).unwrap(),
        Encrypter::new(&provider, alg, enc, &key).unwrap(),
        decrypter.decrypt(&token).unwrap(),
        key.private_json().unwrap(),
        key.thumbprint_input(),
    );
    let encoded = base64url::encode(b"a secret of thirty-two bytes, ok");
    for secret in ["a secret", &encoded, "97, 32", "6120"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

/// The same verdict, and for the same reason, from every library: on what the RFCs made, with every byte changed.
#[test]
fn jose_15_libraries_agree() {
    let all = providers();
    let mut checked = 0;
    for file in ["rfc7515.json", "rfc7520.json", "rfc8037.json"] {
        for case in vectors(file)["jws"].as_array().unwrap() {
            let Some(token) = case["compact"].as_str() else { continue };
            let alg = jws::Alg::from_name(case["alg"].as_str().unwrap()).unwrap();
            let key = jwk(&case["keys"][0]);
            let verifiers: Vec<Verifier> =
                all.iter().filter_map(|provider| Verifier::new(provider, &[alg]).key(&key).ok()).collect();
            checked += agree(token, |token| {
                verifiers.iter().map(|it| it.verify(token).map(|good| good.payload)).collect::<Vec<_>>()
            });
        }
    }
    for file in ["rfc7516.json", "rfc7520.json"] {
        for case in vectors(file)["jwe"].as_array().unwrap() {
            let Some(token) = case["compact"].as_str() else { continue };
            let alg = jwe::Alg::from_name(case["alg"].as_str().unwrap()).unwrap();
            // Its iterations take too long for a thousand tokens.
            if alg.name().starts_with("PBES2") {
                continue;
            }
            let enc = Enc::from_name(case["enc"].as_str().unwrap()).unwrap();
            let key = jwk(&case["keys"][0]);
            let make =
                |provider| Decrypter::new(provider, &[alg], &[enc]).unsafe_allow_rsa1_5().key(&key).ok();
            let decrypters: Vec<Decrypter> = all.iter().filter_map(make).collect();
            checked += agree(token, |token| {
                decrypters.iter().map(|it| it.decrypt(token).map(|good| good.plaintext)).collect::<Vec<_>>()
            });
        }
    }
    println!("{checked} tokens");
    assert!(checked > 300);
}

/// Changes one character at a time, a sample of them, and cuts at a sample of places.
fn agree(token: &str, outcomes: impl Fn(&str) -> Vec<Result<Vec<u8>, Error>>) -> usize {
    let step = (token.len() / 25).max(1);
    let mut tokens = vec![token.to_owned()];
    for at in (0..token.len()).step_by(step) {
        let mut other = token.as_bytes().to_vec();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        tokens.push(String::from_utf8(other).unwrap());
        tokens.push(token[..at].to_owned());
    }
    for (i, token) in tokens.iter().enumerate() {
        let verdicts = outcomes(token);
        let declined = |verdict: &&Result<_, Error>| !matches!(verdict, Err(error) if is_unsupported(error));
        let mut verdicts = verdicts.iter().filter(declined);
        let Some(first) = verdicts.next() else { continue };
        // The whole token and its neighbours differ; a change never goes unnoticed.
        assert!(i == 0 || first.is_err(), "a changed token was accepted: {token}");
        for other in verdicts {
            assert_eq!(other, first, "{token}");
        }
    }
    tokens.len()
}
