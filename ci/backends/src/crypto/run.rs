//! Runs any operation once, to see whether a library can do it and does it right.

use lws_gencrypto::{
    AesBits, AesMode, Curve, EcPoint, EcPrivate, Error, Hash, Operation, PrivateParts, Provider,
    RsaEncryption, RsaPrivate, RsaSignature,
};

/// An RSA key of 2048 bits (PKCS#8), for tests only.
const RSA: &[u8] = include_bytes!("../../vectors/crypto/rsa2048.der");

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It worked, and what it made was taken back.
    Works,
    /// The library says it cannot; with what to do instead.
    Unsupported(&'static str),
    /// Anything else: a fault.
    Fails(String),
}

/// Runs `operation` on `provider`.
pub fn run(provider: &dyn Provider, operation: Operation) -> Outcome {
    match attempt(provider, operation) {
        Ok(true) => Outcome::Works,
        Ok(false) => Outcome::Fails("a wrong result".into()),
        // Only what was asked for may be lacking, and only by the one that was asked.
        Err(Error::Unsupported { operation: what, backend, instead })
            if what == operation && backend == provider.name() && !instead.is_empty() =>
        {
            Outcome::Unsupported(instead)
        }
        Err(error) => Outcome::Fails(format!("{error:?}")),
    }
}

fn attempt(p: &dyn Provider, operation: Operation) -> Result<bool, Error> {
    use Operation as O;
    match operation {
        O::Random => random(p),
        O::Hash(hash) => {
            Ok(p.hash(hash, b"abc")?.len() == hash.len() && p.hasher(hash)?.finish()? == p.hash(hash, b"")?)
        }
        O::Hmac(hash) => {
            let key = p.hmac(hash, b"key")?;
            key.verify(&[b"a", b"bc"], &key.mac(&[b"abc"])?).map(|()| true)
        }
        O::Aes(mode, bits) => aes(p, mode, bits),
        O::AesGcm(bits) => gcm(p, bits, 12, 16),
        O::AesGcmIv(bits) => gcm(p, bits, 13, 16),
        O::AesGcmTag(bits) => gcm(p, bits, 12, 12),
        O::AesKw(bits) => {
            let key = p.aes_kw(&vec![7; bits.bytes()])?;
            let (mut wrapped, mut back) = ([0; 40], [0; 32]);
            key.wrap(&[9; 32], &mut wrapped)?;
            key.unwrap(&wrapped, &mut back)?;
            Ok(back == [9; 32])
        }
        O::RsaGenerate(bits) => rsa_generate(p, bits),
        O::RsaImport => {
            let key = test_rsa()?;
            let bare = RsaPrivate::new(key.public().clone(), key.d().expose())?;
            Ok(p.rsa_private(&bare)?.export_private()?.crt().is_some())
        }
        O::RsaSign(scheme) => rsa_sign(p, scheme),
        O::RsaVerify(scheme) => match p.rsa_public(test_rsa()?.public())?.verify(scheme, b"m", &[1; 256]) {
            Err(Error::Verify) => Ok(true),
            Err(error) => Err(error),
            Ok(()) => Ok(false),
        },
        O::RsaEncrypt(scheme) => Ok(p.rsa_public(test_rsa()?.public())?.encrypt(scheme, b"m")?.len() == 256),
        O::RsaDecrypt(scheme) => rsa_decrypt(p, scheme),
        O::EcGenerate(curve) => {
            let key = p.ec_generate(curve)?;
            Ok(p.ec_private(&key.export_private()?)?.point() == key.point())
        }
        O::EcImport(curve) => Ok(p.ec_private(&test_ec(p, curve)?)?.point().curve() == curve),
        O::EcdsaSign(curve, hash) | O::EcdsaVerify(curve, hash) => ecdsa(p, curve, hash),
        O::Ecdh(curve) => {
            let (ours, theirs) = (p.ec_generate(curve)?, p.ec_generate(curve)?);
            Ok(ours.agree(theirs.point())? == theirs.agree(ours.point())?)
        }
        O::Ed25519Generate => Ok(p.ed25519_generate()?.export_private()?.len() == 32),
        O::Ed25519Sign => Ok(p.ed25519_private(&[7; 32])?.sign(b"m")?.len() == 64),
        O::Ed25519Verify => ed25519_verify(p),
        O::X25519Generate => Ok(p.x25519_generate()?.export_private()?.len() == 32),
        O::X25519 => {
            let (ours, theirs) = (p.x25519_private(&[7; 32])?, p.x25519_private(&[9; 32])?);
            Ok(ours.agree(theirs.public_bytes())? == theirs.agree(ours.public_bytes())?)
        }
        O::ConcatKdf(hash) => derive(|out| p.concat_kdf(hash, b"z", &[b"info"], out)),
        O::Hkdf(hash) => derive(|out| p.hkdf(hash, b"salt", b"secret", b"info", out)),
        O::Pbkdf2(hash) => derive(|out| p.pbkdf2(hash, b"password", b"salt", 2, out)),
        other => Err(Error::Unsupported { operation: other, backend: "this test", instead: "" }),
    }
}

/// The key of the tests.
///
/// # Errors
/// None that a build has: the file is a key.
pub fn test_rsa() -> Result<RsaPrivate, Error> {
    match PrivateParts::from_der(RSA)? {
        PrivateParts::Rsa(key) => Ok(key),
        _ => Err(lws_gencrypto::KeyFault::Encoding.into()),
    }
}

/// A key of the library itself, taken apart and put together.
fn test_ec(p: &dyn Provider, curve: Curve) -> Result<EcPrivate, Error> {
    let key = p.ec_generate(curve)?.export_private()?;
    EcPrivate::new(EcPoint::from_sec1(curve, key.public().sec1())?, key.d().expose())
}

fn random(p: &dyn Provider) -> Result<bool, Error> {
    let (mut first, mut second) = ([0; 32], [0; 32]);
    p.random(&mut first)?;
    p.random(&mut second)?;
    Ok(first != second && first != [0; 32])
}

fn aes(p: &dyn Provider, mode: AesMode, bits: AesBits) -> Result<bool, Error> {
    let mut key = vec![7; bits.bytes()];
    if mode == AesMode::Xts {
        key.extend(vec![9; bits.bytes()]);
    }
    let key = p.aes(mode, &key)?;
    let iv = &[5; 16][..mode.iv_len()];
    let plain = vec![3; if mode.in_blocks() { 64 } else { 79 }];
    let mut data = plain.clone();
    key.encrypt(iv, &mut data)?;
    let encrypted = data.clone();
    key.decrypt(iv, &mut data)?;
    Ok(data == plain && encrypted != data)
}

fn gcm(p: &dyn Provider, bits: AesBits, iv_len: usize, tag_len: usize) -> Result<bool, Error> {
    let key = p.aes_gcm(&vec![7; bits.bytes()])?;
    let (iv, mut data, mut tag, mut back) = (vec![5; iv_len], [3; 40], vec![0; tag_len], [0; 40]);
    key.seal(&iv, b"aad", &mut data, &mut tag)?;
    key.open(&iv, b"aad", &data, &tag, &mut back)?;
    Ok(back == [3; 40])
}

fn rsa_generate(p: &dyn Provider, bits: usize) -> Result<bool, Error> {
    let key = p.rsa_generate(bits)?;
    Ok(key.public().bits() == bits && p.rsa_private(&key.export_private()?)?.public() == key.public())
}

fn rsa_sign(p: &dyn Provider, scheme: RsaSignature) -> Result<bool, Error> {
    let key = p.rsa_private(&test_rsa()?)?;
    let mut signature = [0; 256];
    let len = key.sign(scheme, b"message", &mut signature)?;
    let verified = key.public_key().verify(scheme, b"message", &signature);
    let other = key.public_key().verify(scheme, b"messagf", &signature);
    Ok(len == 256 && verified == Ok(()) && other == Err(Error::Verify))
}

fn rsa_decrypt(p: &dyn Provider, scheme: RsaEncryption) -> Result<bool, Error> {
    let key = p.rsa_private(&test_rsa()?)?;
    // First, so that what cannot be decrypted is said to be lacking here and not in encryption.
    if let Err(error @ Error::Unsupported { .. }) = key.decrypt(scheme, &[1; 256]) {
        return Err(error);
    }
    let sealed = key.public_key().encrypt(scheme, b"message")?;
    Ok(key.decrypt(scheme, &sealed)?.expose() == b"message")
}

fn ecdsa(p: &dyn Provider, curve: Curve, hash: Hash) -> Result<bool, Error> {
    let key = p.ec_generate(curve)?;
    let mut signature = vec![0; curve.signature_len()];
    let len = key.sign(hash, b"message", &mut signature)?;
    let public = key.public_key()?;
    let verified = public.verify(hash, b"message", &signature);
    Ok(len == signature.len()
        && verified == Ok(())
        && public.verify(hash, b"messagf", &signature) == Err(Error::Verify))
}

/// RFC 8032 §7.1, the first test.
fn ed25519_verify(p: &dyn Provider) -> Result<bool, Error> {
    let public = super::hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let signature = super::hex(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    let public = public.try_into().map_err(|_| lws_gencrypto::KeyFault::Length)?;
    let key = p.ed25519_public(&public)?;
    key.verify(b"", &signature)?;
    Ok(key.verify(b"x", &signature) == Err(Error::Verify))
}

fn derive(kdf: impl Fn(&mut [u8]) -> Result<(), Error>) -> Result<bool, Error> {
    let (mut long, mut short) = ([0; 100], [0; 20]);
    kdf(&mut long)?;
    kdf(&mut short)?;
    // All of them make a longer key by making more of it.
    Ok(long[..20] == short && long[80..] != [0; 20])
}
