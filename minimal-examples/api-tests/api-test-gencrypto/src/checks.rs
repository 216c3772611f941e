//! One check per kind of operation. Each takes any provider.

use lws_gencrypto::{AesMode, Curve, Direction, Error, Hash, Provider, RsaEncryption, RsaSignature, Secret};

type Check = fn(&dyn Provider) -> Result<bool, Error>;

/// All checks, by name.
pub const ALL: [(&str, Check); 8] = [
    ("hash", hash),
    ("hmac", hmac),
    ("aes", aes),
    ("aes-gcm", aes_gcm),
    ("aes-kw", aes_kw),
    ("rsa", rsa),
    ("ec", ec),
    ("ed25519 and x25519", curve25519),
];

/// FIPS 180-4's "abc", in one go and in parts.
fn hash(provider: &dyn Provider) -> Result<bool, Error> {
    let expected = [
        (Hash::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ];
    let mut good = true;
    for (hash, hex) in expected {
        let whole = provider.hash(hash, b"abc")?;
        let mut hasher = provider.hasher(hash)?;
        hasher.update(b"a");
        hasher.update(b"bc");
        good &= format!("{whole:?}") == hex && hasher.finish()? == whole;
    }
    Ok(good)
}

/// RFC 4231's second case.
fn hmac(provider: &dyn Provider) -> Result<bool, Error> {
    let key = provider.hmac(Hash::Sha256, b"Jefe")?; // made once, used often
    let code = key.mac(&[b"what do ya want ", b"for nothing?"])?;
    key.verify(&[b"what do ya want for nothing?"], &code)?;
    Ok(format!("{code:?}") == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
}

/// Every mode there and back; CBC with NIST SP 800-38A F.2.1, and in pieces.
fn aes(provider: &dyn Provider) -> Result<bool, Error> {
    let mut good = true;
    for mode in AesMode::ALL {
        let key: Vec<u8> = (0..if mode == AesMode::Xts { 64 } else { 32 }).collect();
        let key = provider.aes(mode, &key)?;
        let iv = &[7; 16][..mode.iv_len()];
        let mut data = *b"sixteen and 16 more: two blocks.";
        key.encrypt(iv, &mut data)?;
        good &= &data != b"sixteen and 16 more: two blocks.";
        key.decrypt(iv, &mut data)?;
        good &= &data == b"sixteen and 16 more: two blocks.";
    }

    let iv: Vec<u8> = (0..16).collect();
    let key = provider.aes(AesMode::Cbc, &0x2b7e151628aed2a6abf7158809cf4f3c_u128.to_be_bytes())?;
    let mut block = 0x6bc1bee22e409f96e93d7e117393172a_u128.to_be_bytes();
    key.encrypt(&iv, &mut block)?;
    good &= u128::from_be_bytes(block) == 0x7649abac8119b246cee98e9b12e9197d;

    let mut sealed = b"of any length".to_vec();
    key.encrypt_padded(&iv, &mut sealed)?;
    let (mut stream, mut opened) = (key.start(Direction::Decrypt, &iv, true)?, Vec::new());
    for piece in sealed.chunks(5) {
        stream.update(piece, &mut opened)?;
    }
    stream.finish(&mut opened)?;
    Ok(good && opened == b"of any length")
}

/// The second test case of the authors of GCM; and a change is noticed.
fn aes_gcm(provider: &dyn Provider) -> Result<bool, Error> {
    let key = provider.aes_gcm(&[0; 16])?;
    let (mut data, mut tag, mut opened) = ([0; 16], [0; 16], [1; 16]);
    key.seal(&[0; 12], b"", &mut data, &mut tag)?;
    key.open(&[0; 12], b"", &data, &tag, &mut opened)?;
    let good = u128::from_be_bytes(data) == 0x0388dace60b6a392f328c2b971b2fe78
        && u128::from_be_bytes(tag) == 0xab6e47d42cec13bdf53a67b21257bddf
        && opened == [0; 16];
    tag[0] ^= 1;
    Ok(good && key.open(&[0; 12], b"", &data, &tag, &mut opened) == Err(Error::Decrypt))
}

/// RFC 3394 §4.1.
fn aes_kw(provider: &dyn Provider) -> Result<bool, Error> {
    let kek: Vec<u8> = (0..16).collect();
    let key = 0x00112233445566778899aabbccddeeff_u128.to_be_bytes();
    let (mut wrapped, mut back) = ([0; 24], [0; 16]);
    let kek = provider.aes_kw(&kek)?;
    kek.wrap(&key, &mut wrapped)?;
    kek.unwrap(&wrapped, &mut back)?;
    Ok(back == key && wrapped[..8] == 0x1fa68b0a8112b447_u64.to_be_bytes())
}

/// A new key signs and decrypts; a wrong ciphertext leaves the random key that was there.
fn rsa(provider: &dyn Provider) -> Result<bool, Error> {
    let key = provider.rsa_generate(2048)?;
    let public = key.public_key();
    let mut signature = vec![0; public.public().modulus_len()];
    let mut good = true;
    for scheme in [RsaSignature::Pkcs1(Hash::Sha256), RsaSignature::Pss(Hash::Sha256)] {
        key.sign(scheme, b"message", &mut signature)?;
        public.verify(scheme, b"message", &signature)?;
        good &= public.verify(scheme, b"another", &signature) == Err(Error::Verify);
    }
    let sealed = public.encrypt(RsaEncryption::Oaep(Hash::Sha1), b"secret")?;
    good &= key.decrypt(RsaEncryption::Oaep(Hash::Sha1), &sealed)? == Secret::from(&b"secret"[..]);

    // RSA 1.5 without an oracle: nothing says whether it worked.
    let mut content_key = [0; 16];
    provider.random(&mut content_key)?;
    let random = content_key;
    key.decrypt_pkcs1_into(&sealed, &mut content_key)?;
    good &= content_key == random;
    key.decrypt_pkcs1_into(&public.encrypt(RsaEncryption::Pkcs1, &[7; 16])?, &mut content_key)?;
    Ok(good && content_key == [7; 16])
}

/// ECDSA in the form of JOSE, and ECDH.
fn ec(provider: &dyn Provider) -> Result<bool, Error> {
    let mut good = true;
    for (curve, hash) in
        [(Curve::P256, Hash::Sha256), (Curve::P384, Hash::Sha384), (Curve::P521, Hash::Sha512)]
    {
        let (ours, theirs) = (provider.ec_generate(curve)?, provider.ec_generate(curve)?);
        let mut signature = vec![0; curve.signature_len()];
        ours.sign(hash, b"message", &mut signature)?;
        let public = provider.ec_public(ours.point())?;
        public.verify(hash, b"message", &signature)?;
        good &= public.verify(hash, b"another", &signature) == Err(Error::Verify);
        good &= ours.agree(theirs.point())? == theirs.agree(ours.point())?;
    }
    Ok(good)
}

/// Signing and agreeing on the newer curve.
fn curve25519(provider: &dyn Provider) -> Result<bool, Error> {
    let (ours, theirs) = (provider.x25519_generate()?, provider.x25519_generate()?);
    let agreed = ours.agree(theirs.public_bytes())? == theirs.agree(ours.public_bytes())?;
    let key = provider.ed25519_generate()?;
    provider.ed25519_public(key.public_bytes())?.verify(b"message", &key.sign(b"message")?)?;
    Ok(agreed)
}
