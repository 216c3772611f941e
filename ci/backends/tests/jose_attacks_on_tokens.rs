//! The rows JOSE-09 to JOSE-15 of the attack table, on every library.

mod jose_support;

use jose_support::{
    forged_hs256, generate, hs_key, is_unsupported, join, jwk, parts, provider, providers, rsa, signing_key,
    token_error, vectors,
};
use lws_gencrypto::Provider;
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Curve, Jwk, Template};
use lws_jose::jws::{self, Need, Signer, Verifier};
use lws_jose::{Error, KeyError, TokenError, Unfit, base64url, limits};
use std::sync::Arc;

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
