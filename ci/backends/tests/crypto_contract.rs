//! What the contract of lws-gencrypto promises, on every library: the same errors for the same faults.

use backends::crypto::{Outcome, providers, run, test_rsa};
use lws_gencrypto::limits::{GCM_IV_MAX, KEY_WRAP_MAX, PBKDF2_ITERATIONS_MAX};
use lws_gencrypto::{
    AesMode, Curve, Direction, EcPoint, Error, Hash, KeyFault, Misuse, Operation, Provider, RsaEncryption,
    RsaPrivate, RsaSignature,
};

/// What each library answers, which must be `expected` unless it lacks the operation.
fn all(expected: Error, call: impl Fn(&dyn Provider) -> Result<(), Error>) {
    for provider in providers() {
        match call(&*provider) {
            Err(Error::Unsupported { backend, .. }) => assert_eq!(backend, provider.name()),
            answer => assert_eq!(answer, Err(expected), "{}", provider.name()),
        }
    }
}

fn misuse(expected: Misuse, call: impl Fn(&dyn Provider) -> Result<(), Error>) {
    all(expected.into(), call);
}

fn key_fault(expected: KeyFault, call: impl Fn(&dyn Provider) -> Result<(), Error>) {
    all(expected.into(), call);
}

#[test]
fn every_operation_works_or_is_said_to_be_lacking() {
    for provider in providers() {
        let mut lacking = 0;
        for operation in Operation::all() {
            match run(&*provider, operation) {
                Outcome::Works => {}
                Outcome::Unsupported(instead) => {
                    lacking += 1;
                    println!("{}: {operation}: {instead}", provider.name());
                }
                Outcome::Fails(why) => panic!("{}: {operation}: {why}", provider.name()),
            }
        }
        assert!(lacking < Operation::all().len() / 5, "{} lacks {lacking}", provider.name());
    }
}

#[test]
fn md5_signs_nothing() {
    for provider in providers() {
        let key = provider.rsa_private(&test_rsa().unwrap()).unwrap();
        let scheme = RsaSignature::Pkcs1(Hash::Md5);
        let answers = [
            (key.sign(scheme, b"", &mut [0; 256]).map(drop), Operation::RsaSign(scheme)),
            (key.public_key().verify(scheme, b"", &[0; 256]), Operation::RsaVerify(scheme)),
        ];
        for (answer, what) in answers {
            match answer {
                Err(Error::Unsupported { operation, backend, .. }) => {
                    assert_eq!((operation, backend), (what, provider.name()));
                }
                other => panic!("{}: {other:?}", provider.name()),
            }
        }
    }
}

#[test]
fn aes_lengths() {
    for mode in AesMode::ALL {
        let lengths = if mode == AesMode::Xts { [0, 16, 24, 48, 63, 65] } else { [0, 1, 15, 17, 33, 64] };
        for len in lengths {
            let key: Vec<u8> = (0..len).collect();
            key_fault(KeyFault::Length, |p| p.aes(mode, &key).map(drop));
        }
        let key: Vec<u8> = (0..32).collect();
        for len in [0, 8, 12, 15, 16, 17, 32].into_iter().filter(|len| *len != mode.iv_len()) {
            let iv = vec![0; len];
            misuse(Misuse::IvLength, |p| p.aes(mode, &key)?.encrypt(&iv, &mut [0; 16]));
            misuse(Misuse::IvLength, |p| p.aes(mode, &key)?.decrypt(&iv, &mut [0; 16]));
            if mode != AesMode::Xts {
                misuse(Misuse::IvLength, |p| {
                    p.aes(mode, &key)?.start(Direction::Encrypt, &iv, false).map(drop)
                });
            }
        }
        let iv = vec![0; mode.iv_len()];
        if mode.in_blocks() {
            misuse(Misuse::DataLength, |p| p.aes(mode, &key)?.encrypt(&iv, &mut [0; 17]));
            misuse(Misuse::DataLength, |p| p.aes(mode, &key)?.decrypt(&iv, &mut [0; 31]));
        } else {
            misuse(Misuse::Mode, |p| p.aes(mode, &key)?.encrypt_padded(&iv, &mut vec![0; 16]));
            misuse(Misuse::Mode, |p| p.aes(mode, &key)?.decrypt_padded(&iv, &mut vec![0; 16]));
            misuse(Misuse::Mode, |p| p.aes(mode, &key)?.start(Direction::Decrypt, &iv, true).map(drop));
        }
    }
}

#[test]
fn xts_units_and_halves() {
    let key: Vec<u8> = (0..64).collect();
    for len in [0, 1, 15] {
        misuse(Misuse::DataLength, |p| p.aes(AesMode::Xts, &key)?.encrypt(&[0; 16], &mut vec![0; len]));
    }
    misuse(Misuse::Mode, |p| p.aes(AesMode::Xts, &key)?.start(Direction::Encrypt, &[0; 16], false).map(drop));
    key_fault(KeyFault::EqualHalves, |p| p.aes(AesMode::Xts, &[7; 64]).map(drop));
}

#[test]
fn nothing_is_a_message_too() {
    for provider in providers() {
        for mode in AesMode::ALL.into_iter().filter(|mode| *mode != AesMode::Xts) {
            let key = provider.aes(mode, &[7; 16]).unwrap();
            let iv = vec![1; mode.iv_len()];
            key.encrypt(&iv, &mut []).unwrap();
            key.decrypt(&iv, &mut []).unwrap();
            let mut out = Vec::new();
            let mut stream = key.start(Direction::Encrypt, &iv, false).unwrap();
            stream.update(&[], &mut out).unwrap();
            stream.finish(&mut out).unwrap();
            assert!(out.is_empty());
        }
        let key = provider.aes_gcm(&[7; 16]).unwrap();
        let mut tag = [0; 16];
        key.seal(&[1; 12], &[], &mut [], &mut tag).unwrap();
        key.open(&[1; 12], &[], &[], &tag, &mut []).unwrap();
        assert_eq!(key.open_in_place(&[1; 12], &[], &mut tag, 16), Ok(0));
    }
}

#[test]
fn jose_11_gcm_lengths() {
    misuse(Misuse::IvLength, |p| p.aes_gcm(&[1; 16])?.seal(&[], &[], &mut [], &mut [0; 16]));
    let iv = vec![1; GCM_IV_MAX + 1];
    misuse(Misuse::IvLength, |p| p.aes_gcm(&[1; 16])?.seal(&iv, &[], &mut [], &mut [0; 16]));
    for len in [0, 1, 3, 5, 11, 17] {
        let mut tag = vec![0; len];
        for provider in providers() {
            let key = provider.aes_gcm(&[1; 16]).unwrap();
            let expected = Misuse::TagLength.into();
            assert_eq!(key.seal(&[1; 12], &[], &mut [], &mut tag), Err(expected));
            assert_eq!(key.open(&[1; 12], &[], &[], &tag, &mut []), Err(expected));
            assert_eq!(key.open_in_place(&[1; 12], &[], &mut [0; 40], len), Err(expected));
        }
    }
    misuse(Misuse::OutputLength, |p| {
        p.aes_gcm(&[1; 16])?.open(&[1; 12], &[], &[0; 4], &[0; 16], &mut [0; 5])
    });
    all(Error::Decrypt, |p| p.aes_gcm(&[1; 16])?.open_in_place(&[1; 12], &[], &mut [0; 15], 16).map(drop));
    key_fault(KeyFault::Length, |p| p.aes_gcm(&[1; 17]).map(drop));
}

/// The counter of GCM has 32 bits and wraps; the initialisation vectors are those for which it does so at once.
#[test]
fn gcm_with_ivs_of_every_length_agrees() {
    let providers = providers();
    for len in (1..40).chain([GCM_IV_MAX]) {
        for seed in 0..20u8 {
            let (iv, message) = (vec![seed; len], vec![seed; 77]);
            let mut results = Vec::new();
            for provider in &providers {
                let (mut data, mut tag) = (message.clone(), [0; 16]);
                let key = provider.aes_gcm(&[seed; 32]).unwrap();
                match key.seal(&iv, b"aad", &mut data, &mut tag) {
                    Ok(()) => results.push((data, tag)),
                    Err(error) => assert!(matches!(error, Error::Unsupported { .. })),
                }
            }
            assert!(results.windows(2).all(|pair| pair[0] == pair[1]), "{len} {seed}");
        }
    }
}

#[test]
fn key_wrap_lengths() {
    for len in [0, 8, 15, 17, 23, KEY_WRAP_MAX + 8] {
        misuse(Misuse::DataLength, |p| p.aes_kw(&[1; 16])?.wrap(&vec![0; len], &mut vec![0; len + 8]));
    }
    for len in [0, 7, 8, 16, 23, 25, KEY_WRAP_MAX + 16] {
        all(Error::Decrypt, |p| {
            p.aes_kw(&[1; 24])?.unwrap(&vec![0; len], &mut vec![0; len.saturating_sub(8)])
        });
    }
    misuse(Misuse::OutputLength, |p| p.aes_kw(&[1; 32])?.wrap(&[0; 16], &mut [0; 25]));
    misuse(Misuse::OutputLength, |p| p.aes_kw(&[1; 32])?.unwrap(&[0; 24], &mut [0; 17]));
    key_fault(KeyFault::Length, |p| p.aes_kw(&[1; 15]).map(drop));
}

#[test]
fn jose_05_iterations() {
    for iterations in [0, PBKDF2_ITERATIONS_MAX + 1, u32::MAX] {
        misuse(Misuse::Iterations, |p| p.pbkdf2(Hash::Sha256, b"p", b"s", iterations, &mut [0; 16]));
    }
}

#[test]
fn rsa_lengths() {
    let scheme = RsaSignature::Pkcs1(Hash::Sha256);
    let key = test_rsa().unwrap();
    misuse(Misuse::OutputLength, |p| p.rsa_private(&key)?.sign(scheme, b"m", &mut [0; 255]).map(drop));
    for len in [0, 1, 255, 257] {
        all(Error::Verify, |p| p.rsa_public(key.public())?.verify(scheme, b"m", &vec![1; len]));
        for scheme in
            [RsaEncryption::Pkcs1, RsaEncryption::Oaep(Hash::Sha1), RsaEncryption::Oaep(Hash::Sha256)]
        {
            all(Error::Decrypt, |p| p.rsa_private(&key)?.decrypt(scheme, &vec![1; len]).map(drop));
        }
    }
    for scheme in [RsaEncryption::Pkcs1, RsaEncryption::Oaep(Hash::Sha1), RsaEncryption::Oaep(Hash::Sha512)] {
        let longest = scheme.message_max(256);
        misuse(Misuse::MessageLength, |p| {
            p.rsa_public(key.public())?.encrypt(scheme, &vec![1; longest + 1]).map(drop)
        });
        for provider in providers() {
            let private = provider.rsa_private(&key).unwrap();
            for len in [0, 1, longest] {
                match private.public_key().encrypt(scheme, &vec![5; len]) {
                    Ok(sealed) => {
                        assert_eq!(private.decrypt(scheme, &sealed).unwrap().expose(), vec![5; len])
                    }
                    Err(error) => assert!(matches!(error, Error::Unsupported { .. }), "{error:?}"),
                }
            }
        }
    }
    key_fault(KeyFault::TooSmall, |p| p.rsa_generate(1024).map(drop));
    key_fault(KeyFault::TooLarge, |p| p.rsa_generate(16_384).map(drop));
}

#[test]
fn rsa_keys_from_any_of_their_numbers() {
    let whole = test_rsa().unwrap();
    let bare = RsaPrivate::new(whole.public().clone(), whole.d().expose()).unwrap();
    let (p, q) = whole.factors().unwrap();
    let factored = bare.clone().with_factors(p.expose(), q.expose()).unwrap();
    for provider in providers() {
        for numbers in [&whole, &factored, &bare] {
            let key = provider.rsa_private(numbers).unwrap();
            let all = key.export_private().unwrap();
            let crt = all.crt().unwrap();
            assert!(all.factors().unwrap() == (whole.factors().unwrap()) && crt == whole.crt().unwrap());
            let (scheme, mut signature) = (RsaSignature::Pkcs1(Hash::Sha256), [0; 256]);
            assert_eq!(key.sign(scheme, b"m", &mut signature), Ok(256));
            assert_eq!(key.public_key().verify(scheme, b"m", &signature), Ok(()));
        }
    }
}

#[test]
fn rsa_keys_whose_numbers_do_not_fit() {
    let whole = test_rsa().unwrap();
    let (p, q) = whole.factors().unwrap();
    let crt = whole.crt().unwrap();
    let bare = |d: &[u8]| RsaPrivate::new(whole.public().clone(), d).unwrap();
    let changed = |number: &[u8]| {
        let mut number = number.to_vec();
        let middle = number.len() / 2;
        number[middle] ^= 2;
        number
    };
    let d = whole.d().expose();
    let (p, q) = (p.expose(), q.expose());
    let (dp, dq, qi) = (crt.dp.expose(), crt.dq.expose(), crt.qi.expose());
    let keys = [
        bare(&changed(d)),
        bare(&[1]),
        bare(d).with_factors(&changed(p), q).unwrap(),
        bare(&changed(d)).with_factors(p, q).unwrap(),
        bare(d).with_factors(p, q).unwrap().with_crt(&changed(dp), dq, qi).unwrap(),
        bare(d).with_factors(p, q).unwrap().with_crt(dp, &changed(dq), qi).unwrap(),
        bare(d).with_factors(p, q).unwrap().with_crt(dp, dq, &changed(qi)).unwrap(),
        bare(&changed(d)).with_factors(p, q).unwrap().with_crt(dp, dq, qi).unwrap(),
        bare(d).with_factors(p, &changed(q)).unwrap().with_crt(dp, dq, qi).unwrap(),
    ];
    for (number, key) in keys.iter().enumerate() {
        for provider in providers() {
            let answer = provider.rsa_private(key).map(drop);
            assert_eq!(answer, Err(KeyFault::Mismatch.into()), "{} {number}", provider.name());
        }
    }
}

#[test]
fn jose_04_points() {
    for curve in Curve::ALL {
        let len = curve.field_len();
        let off = EcPoint::from_xy(curve, &vec![1; len], &vec![1; len]).unwrap();
        let out_of_range = EcPoint::from_xy(curve, &vec![0xff; len], &vec![0xff; len]).unwrap();
        for point in [off, out_of_range] {
            key_fault(KeyFault::Invalid, |p| p.ec_public(&point).map(drop));
            key_fault(KeyFault::Invalid, |p| p.ec_generate(curve)?.agree(&point).map(drop));
        }
        for other in Curve::ALL.into_iter().filter(|other| *other != curve) {
            key_fault(KeyFault::Invalid, |p| {
                p.ec_generate(curve)?.agree(p.ec_generate(other)?.point()).map(drop)
            });
        }
        misuse(Misuse::OutputLength, |p| {
            p.ec_generate(curve)?.sign(Hash::Sha256, b"", &mut vec![0; 2 * len - 1]).map(drop)
        });
        for wrong in [0, 1, 2 * len - 1, 2 * len + 1] {
            all(Error::Verify, |p| {
                p.ec_generate(curve)?.public_key()?.verify(Hash::Sha256, b"", &vec![1; wrong])
            });
        }
    }
    for low_order in [[0; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        key_fault(KeyFault::Invalid, |p| p.x25519_generate()?.agree(&low_order).map(drop));
    }
}

/// All that is secret: no `Debug` of a key shows a byte of it.
#[test]
fn jose_14_debug_shows_no_key() {
    for p in providers() {
        let rsa = p.rsa_private(&test_rsa().unwrap()).unwrap();
        let ec = p.ec_generate(Curve::P256).unwrap();
        let shown = format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
            p.hmac(Hash::Sha256, &[0xab; 32]).unwrap(),
            p.aes(AesMode::Cbc, &[0xab; 32]).unwrap(),
            p.aes_gcm(&[0xab; 32]).unwrap(),
            p.aes_kw(&[0xab; 32]).unwrap(),
            p.aes_kw(&[0xab; 24]).unwrap(),
            rsa,
            ec,
            p.x25519_generate().unwrap(),
            p,
        );
        assert!(!shown.contains("171") && !shown.to_lowercase().contains("abab"), "{shown}");
        assert!(shown.len() < 400, "{shown}");
    }
}

/// Bleichenbacher and Manger: whatever is wrong, there is one answer (JOSE-03).
#[test]
fn jose_03_all_rsa_failures_are_one() {
    for provider in providers() {
        let key = provider.rsa_private(&test_rsa().unwrap()).unwrap();
        let good = key.public_key().encrypt(RsaEncryption::Pkcs1, b"0123456789abcdef").unwrap();
        let mut wrong: Vec<Vec<u8>> = vec![vec![0; 256], vec![0xff; 256], good[1..].to_vec(), Vec::new()];
        wrong.extend((0..256).step_by(5).map(|at| {
            let mut flipped = good.clone();
            flipped[at] ^= 1;
            flipped
        }));
        // Right padding, wrong kind: an OAEP message read as PKCS#1 and the other way round.
        wrong.push(key.public_key().encrypt(RsaEncryption::Oaep(Hash::Sha1), b"0123456789abcdef").unwrap());
        for ciphertext in &wrong {
            assert_eq!(
                key.decrypt(RsaEncryption::Pkcs1, ciphertext),
                Err(Error::Decrypt),
                "{}",
                provider.name()
            );
            let mut out = *b"random random ke";
            assert_eq!(key.decrypt_pkcs1_into(ciphertext, &mut out), Ok(()));
            assert_eq!(&out, b"random random ke");
        }
        for ciphertext in [&good, &wrong[0], &wrong[1], &wrong[2], &wrong[5]] {
            let opened = key.decrypt(RsaEncryption::Oaep(Hash::Sha256), ciphertext);
            assert!(matches!(opened, Err(Error::Decrypt | Error::Unsupported { .. })), "{opened:?}");
        }
        let mut out = *b"random random ke";
        key.decrypt_pkcs1_into(&good, &mut out).unwrap();
        assert_eq!(&out, b"0123456789abcdef");
        // Right, but of another length than was expected.
        let mut longer = *b"random random key";
        key.decrypt_pkcs1_into(&good, &mut longer).unwrap();
        assert_eq!(&longer, b"random random key");
    }
}
