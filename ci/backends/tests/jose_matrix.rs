//! What one library makes, the others accept: every algorithm, every pair of libraries.

mod jose_support;

use jose_support::{encryption_keys, is_unsupported, providers, rsa, signing_key};
use lws_jose::jwe::{self, Decrypter, Enc, Encrypter};
use lws_jose::jwk::{Jwk, Template};
use lws_jose::jws::{self, Need, Signer, Verifier};
use lws_jose::{Error, limits};

/// The fewest iterations: here only the agreement counts.
const P2C: u32 = limits::P2C_MIN;

/// An outcome, unless the library says that it cannot.
fn able<T>(what: &str, outcome: Result<T, Error>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(error) if is_unsupported(&error) => None,
        Err(error) => panic!("{what}: {error}"),
    }
}

#[test]
fn every_signature_is_verified_by_every_library() {
    let mut checked = 0;
    for &alg in jws::Alg::ALL {
        let key = signing_key(alg);
        let public = key.public().unwrap_or_else(|| key.clone());
        for maker in providers() {
            let what = format!("{alg} by {}", maker.name());
            let Some(signer) = able(&what, Signer::new(&maker, alg, &key)) else { continue };
            let payloads: [&[u8]; 4] =
                [b"", b"x", "It\u{2019}s a dangerous business, Frodo".as_bytes(), &[0xff; 3000]];
            let tokens = payloads.map(|payload| able(&what, signer.sign(payload)));
            let flattened = able(&what, signer.sign_flattened(payloads[2]));
            let detached = able(&what, signer.sign_detached(payloads[3]));
            for checker in providers() {
                let what = format!("{what}, checked by {}", checker.name());
                let verifier = Verifier::new(&checker, &[alg]).key(&public);
                let Some(verifier) = able(&what, verifier) else { continue };
                for (token, payload) in tokens.iter().zip(payloads) {
                    let Some(token) = token else { continue };
                    let Some(good) = able(&what, verifier.verify(token)) else { continue };
                    assert_eq!((&good.payload[..], good.signed.alg), (payload, alg), "{what}");
                    checked += 1;
                }
                if let Some(text) = &flattened {
                    able(&what, verifier.verify_json(text, Need::All));
                }
                if let Some(token) = &detached {
                    able(&what, verifier.verify_detached(token, payloads[3]));
                    assert!(verifier.verify_detached(token, payloads[2]).is_err(), "{what}");
                }
            }
        }
    }
    println!("{checked} tokens");
    assert!(checked >= 4 * (jws::Alg::ALL.len() - 1) * providers().len());
}

#[test]
fn every_encryption_is_decrypted_by_every_library() {
    let mut checked = 0;
    for &alg in jwe::Alg::ALL {
        for &enc in Enc::ALL {
            for key in encryption_keys(alg, enc) {
                checked += check_encryption(alg, enc, &key);
            }
        }
    }
    println!("{checked} tokens");
    assert!(checked >= jwe::Alg::ALL.len() * Enc::ALL.len() * providers().len());
}

fn check_encryption(alg: jwe::Alg, enc: Enc, key: &Jwk) -> usize {
    let mut checked = 0;
    let public = key.public().unwrap_or_else(|| key.clone());
    let plaintext = b"not a multiple of sixteen";
    for maker in providers() {
        let what = format!("{alg} {enc} {:?} by {}", key.curve(), maker.name());
        let made = Encrypter::new(&maker, alg, enc, &public)
            .and_then(|it| it.iterations(P2C)?.parties(b"Alice", b"Bob"))
            .and_then(|it| Ok((it.encrypt(plaintext)?, it.encrypt_flattened(plaintext, Some(b"seen"))?)));
        let Some((compact, flattened)) = able(&what, made) else { continue };
        for opener in providers() {
            let what = format!("{what}, opened by {}", opener.name());
            let decrypter = Decrypter::new(&opener, &[alg], &[enc]).unsafe_allow_rsa1_5().key(key);
            let Some(decrypter) = able(&what, decrypter) else { continue };
            if let Some(opened) = able(&what, decrypter.decrypt(&compact)) {
                assert_eq!(opened.plaintext, plaintext, "{what}");
                checked += 1;
            }
            if let Some(opened) = able(&what, decrypter.decrypt_json(&flattened)) {
                assert_eq!(
                    (&opened.plaintext[..], opened.aad.as_deref()),
                    (&plaintext[..], Some(&b"seen"[..])),
                    "{what}"
                );
            }
        }
    }
    checked
}

/// lws 3.2 took multiples of 16 only.
#[test]
fn plaintext_of_any_length() {
    for provider in providers() {
        for &enc in Enc::ALL {
            let key = Template::Oct(16).generate(&provider).unwrap();
            let alg = jwe::Alg::A128Kw;
            let encrypter = Encrypter::new(&provider, alg, enc, &key).unwrap();
            let decrypter = Decrypter::new(&provider, &[alg], &[enc]).key(&key).unwrap();
            for len in (0..50).chain([255, 256, 257, 4095, 4096, 40_000]) {
                let plaintext: Vec<u8> = (0..len).map(|i| (i * 7) as u8).collect();
                let opened = decrypter.decrypt(&encrypter.encrypt(&plaintext).unwrap()).unwrap();
                assert_eq!(opened.plaintext, plaintext, "{enc}, {len} bytes, {}", provider.name());
            }
        }
    }
}

#[test]
fn several_recipients_and_several_signatures() {
    let ec = signing_key(jws::Alg::Es256);
    let oct = signing_key(jws::Alg::Hs256);
    for provider in providers() {
        let es = Signer::new(&provider, jws::Alg::Es256, &ec).unwrap();
        let hs = Signer::new(&provider, jws::Alg::Hs256, &oct).unwrap();
        let text = jws::general(b"both", &[&es, &hs]).unwrap();
        let one = Verifier::new(&provider, &[jws::Alg::Hs256]).key(&oct).unwrap();
        assert_eq!(one.verify_json(&text, Need::Any).unwrap().payload, b"both");
        assert!(one.verify_json(&text, Need::All).is_err());
        let both = Verifier::new(&provider, &[jws::Alg::Es256, jws::Alg::Hs256]).key(&oct).unwrap();
        let both = both.key(&ec.public().unwrap()).unwrap();
        let good = both.verify_json(&text, Need::All).unwrap();
        assert_eq!((good.signed.alg, good.signed.key), (jws::Alg::Es256, 1));
        let mixed = hs.unencoded();
        assert!(matches!(jws::general(b"both", &[&es, &mixed]), Err(Error::Misuse(_))));

        let enc = Enc::A256Gcm;
        let wrap = Template::Oct(16).generate(&provider).unwrap();
        let p384 = Template::Curve(lws_jose::jwk::Curve::P384).generate(&provider).unwrap();
        let recipients =
            [(jwe::Alg::RsaOaep, rsa()), (jwe::Alg::A128Kw, &wrap), (jwe::Alg::EcdhEsA256Kw, &p384)];
        let encrypters = recipients.map(|(alg, key)| {
            Encrypter::new(&provider, alg, enc, &key.public().unwrap_or_else(|| key.clone())).unwrap()
        });
        let text = jwe::general(b"to all", Some(b"aad"), &encrypters.each_ref()).unwrap();
        for other in providers() {
            for (alg, key) in recipients {
                let opened =
                    Decrypter::new(&other, &[alg], &[enc]).key(key).unwrap().decrypt_json(&text).unwrap();
                assert_eq!((&opened.plaintext[..], opened.alg), (&b"to all"[..], alg));
            }
        }
        let direct = Encrypter::new(&provider, jwe::Alg::EcdhEs, enc, &p384.public().unwrap()).unwrap();
        assert!(jwe::general(b"x", None, &[&direct]).is_ok());
        assert!(matches!(jwe::general(b"x", None, &[&direct, &encrypters[0]]), Err(Error::Misuse(_))));
    }
}
