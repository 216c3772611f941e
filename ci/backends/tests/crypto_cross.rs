//! What one library makes, every other takes: all pairs, in both roles.

use std::sync::Arc;

use backends::crypto::{providers, test_rsa};
use lws_gencrypto::{
    AesBits, AesMode, Curve, Error, Hash, PrivateParts, Provider, RsaEncryption, RsaSignature,
};

/// Every ordered pair, a library with itself included.
fn pairs(check: impl Fn(&Arc<dyn Provider>, &Arc<dyn Provider>) -> Result<(), Error>) {
    let mut done = 0;
    for maker in &providers() {
        for taker in &providers() {
            match check(maker, taker) {
                Ok(()) => done += 1,
                Err(Error::Unsupported { .. }) => {}
                Err(error) => panic!("{} to {}: {error:?}", maker.name(), taker.name()),
            }
        }
    }
    assert!(done > 0);
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + 7) as u8).collect()
}

#[test]
fn aes_modes() {
    for mode in AesMode::ALL {
        for bits in AesBits::ALL.into_iter().filter(|bits| mode != AesMode::Xts || *bits != AesBits::B192) {
            let key = bytes(if mode == AesMode::Xts { 2 * bits.bytes() } else { bits.bytes() });
            let iv = bytes(mode.iv_len());
            for len in [16, 17, 31, 32, 100, 512, 1000, 1024, 5000] {
                let len = if mode.in_blocks() { len / 16 * 16 } else { len };
                pairs(|maker, taker| {
                    let mut data = bytes(len);
                    maker.aes(mode, &key)?.encrypt(&iv, &mut data)?;
                    taker.aes(mode, &key)?.decrypt(&iv, &mut data)?;
                    assert_eq!(data, bytes(len), "{mode} {len}");
                    Ok(())
                });
            }
        }
    }
}

#[test]
fn padded_cbc_and_ecb() {
    for mode in [AesMode::Cbc, AesMode::Ecb] {
        for len in 0..40 {
            pairs(|maker, taker| {
                let (key, iv, mut data) = (bytes(32), bytes(mode.iv_len()), bytes(len));
                maker.aes(mode, &key)?.encrypt_padded(&iv, &mut data)?;
                taker.aes(mode, &key)?.decrypt_padded(&iv, &mut data)?;
                assert_eq!(data, bytes(len));
                Ok(())
            });
        }
    }
}

#[test]
fn gcm_and_key_wrap() {
    for bits in AesBits::ALL {
        let key = bytes(bits.bytes());
        for len in [0, 1, 16, 100, 4096] {
            pairs(|maker, taker| {
                let (mut data, mut tag, mut out) = (bytes(len), [0; 16], vec![0; len]);
                maker.aes_gcm(&key)?.seal(&bytes(12), b"aad", &mut data, &mut tag)?;
                taker.aes_gcm(&key)?.open(&bytes(12), b"aad", &data, &tag, &mut out)?;
                assert_eq!(out, bytes(len));
                Ok(())
            });
        }
        for len in [16, 24, 32, 64] {
            pairs(|maker, taker| {
                let (mut wrapped, mut out) = (vec![0; len + 8], vec![0; len]);
                maker.aes_kw(&key)?.wrap(&bytes(len), &mut wrapped)?;
                taker.aes_kw(&key)?.unwrap(&wrapped, &mut out)?;
                assert_eq!(out, bytes(len));
                Ok(())
            });
        }
    }
}

#[test]
fn hashes_and_derivation() {
    for hash in Hash::ALL {
        for len in [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 10_000] {
            pairs(|maker, taker| {
                assert_eq!(maker.hash(hash, &bytes(len))?, taker.hash(hash, &bytes(len))?);
                let code = maker.hmac(hash, &bytes(len))?.mac(&[&bytes(100)])?;
                taker.hmac(hash, &bytes(len))?.verify(&[&bytes(100)], &code)
            });
        }
        pairs(|maker, taker| {
            let (mut ours, mut theirs) = ([0; 150], [0; 150]);
            maker.concat_kdf(hash, b"z", &[b"a", b"b"], &mut ours)?;
            taker.concat_kdf(hash, b"z", &[b"ab"], &mut theirs)?;
            assert_eq!(ours, theirs);
            maker.hkdf(hash, b"", b"secret", b"info", &mut ours)?;
            taker.hkdf(hash, b"", b"secret", b"info", &mut theirs)?;
            assert_eq!(ours, theirs);
            maker.pbkdf2(hash, b"password", b"salt", 100, &mut ours)?;
            taker.pbkdf2(hash, b"password", b"salt", 100, &mut theirs)?;
            assert_eq!(ours, theirs);
            Ok(())
        });
    }
}

#[test]
fn rsa() {
    let numbers = test_rsa().unwrap();
    for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
        for scheme in [RsaSignature::Pkcs1(hash), RsaSignature::Pss(hash)] {
            if hash == Hash::Sha1 {
                // Not every library signs with it.
                continue;
            }
            pairs(|maker, taker| {
                let mut signature = [0; 256];
                maker.rsa_private(&numbers)?.sign(scheme, b"message", &mut signature)?;
                taker.rsa_public(numbers.public())?.verify(scheme, b"message", &signature)?;
                let other = taker.rsa_public(numbers.public())?.verify(scheme, b"other", &signature);
                assert_eq!(other, Err(Error::Verify));
                Ok(())
            });
        }
        pairs(|maker, taker| {
            let scheme = RsaEncryption::Oaep(hash);
            let sealed = maker.rsa_public(numbers.public())?.encrypt(scheme, b"message")?;
            assert_eq!(taker.rsa_private(&numbers)?.decrypt(scheme, &sealed)?.expose(), b"message");
            Ok(())
        });
    }
    pairs(|maker, taker| {
        let sealed = maker.rsa_public(numbers.public())?.encrypt(RsaEncryption::Pkcs1, &[9; 32])?;
        let mut out = [1; 32];
        taker.rsa_private(&numbers)?.decrypt_pkcs1_into(&sealed, &mut out)?;
        assert_eq!(out, [9; 32]);
        Ok(())
    });
}

/// Also through DER, which JOSE and X.509 use.
#[test]
fn generated_keys() {
    pairs(|maker, taker| {
        let parts = PrivateParts::Rsa(maker.rsa_generate(2048)?.export_private()?);
        let PrivateParts::Rsa(back) = PrivateParts::from_der(parts.to_der()?.expose())? else {
            panic!("another kind of key");
        };
        assert_eq!(taker.rsa_private(&back)?.public().bits(), 2048);
        Ok(())
    });
    for curve in Curve::ALL {
        for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            pairs(|maker, taker| {
                let made = maker.ec_generate(curve)?;
                let parts = PrivateParts::Ec(made.export_private()?);
                let PrivateParts::Ec(back) = PrivateParts::from_der(parts.to_der()?.expose())? else {
                    panic!("another kind of key");
                };
                let (taken, peer) = (taker.ec_private(&back)?, taker.ec_generate(curve)?);
                let mut signature = vec![0; curve.signature_len()];
                made.sign(hash, b"message", &mut signature)?;
                taken.public_key()?.verify(hash, b"message", &signature)?;
                taken.sign(hash, b"another", &mut signature)?;
                made.public_key()?.verify(hash, b"another", &signature)?;
                assert_eq!(made.agree(peer.point())?, peer.agree(taken.point())?);
                assert_eq!(taken.agree(peer.point())?, peer.agree(made.point())?);
                Ok(())
            });
        }
    }
    pairs(|maker, taker| {
        let made = maker.ed25519_generate()?;
        let secret = made.export_private()?;
        let taken = taker.ed25519_private(secret.expose().try_into().expect("32 bytes"))?;
        assert_eq!(made.public_bytes(), taken.public_bytes());
        taker.ed25519_public(made.public_bytes())?.verify(b"m", &made.sign(b"m")?)
    });
    pairs(|maker, taker| {
        let (ours, theirs) = (maker.x25519_generate()?, taker.x25519_generate()?);
        assert_eq!(ours.agree(theirs.public_bytes())?, theirs.agree(ours.public_bytes())?);
        let copy = taker.x25519_private(ours.export_private()?.expose().try_into().expect("32 bytes"))?;
        assert_eq!(copy.public_bytes(), ours.public_bytes());
        Ok(())
    });
}
