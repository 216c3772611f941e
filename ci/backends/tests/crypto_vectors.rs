//! Published vectors, on every library: NIST's and the RFCs'. An operation that a library lacks must say so.

use backends::crypto::{Vector, providers, vectors};
use lws_gencrypto::{AesMode, Curve, Direction, EcPoint, EcPrivate, Error, Hash, KeyFault, Provider};

/// Runs `check` for every library and vector; returns how many were checked.
fn each(file: &str, mut check: impl FnMut(&dyn Provider, &Vector) -> Result<(), Error>) {
    let vectors = vectors(file);
    for provider in providers() {
        let mut checked = 0;
        for vector in &vectors {
            match check(&*provider, vector) {
                Ok(()) => checked += 1,
                Err(Error::Unsupported { backend, instead, .. }) => {
                    assert!(backend == provider.name() && !instead.is_empty());
                }
                Err(error) => panic!("{}: {error:?} at {vector:?}", provider.name()),
            }
        }
        assert!(checked > 0, "{} does none of {}", provider.name(), vectors.len());
    }
}

fn hash_of(vector: &Vector) -> Hash {
    Hash::ALL.into_iter().find(|hash| hash.name() == vector.text("hash")).expect("a hash")
}

#[test]
fn hashes() {
    each(include_str!("../vectors/crypto/hash.txt"), |p, v| {
        let (hash, message, digest) = (hash_of(v), v.bytes("message"), v.bytes("digest"));
        assert_eq!(&p.hash(hash, &message)?[..], digest);
        let mut hasher = p.hasher(hash)?;
        // Twice: after its end it begins anew.
        for _ in 0..2 {
            message.chunks(message.len() / 7 + 1).for_each(|part| hasher.update(part));
            assert_eq!(&hasher.finish()?[..], digest);
        }
        Ok(())
    });
}

#[test]
fn hmac() {
    each(include_str!("../vectors/crypto/hmac.txt"), |p, v| {
        let (hash, message, code) = (hash_of(v), v.bytes("message"), v.bytes("code"));
        let key = p.hmac(hash, &v.bytes("key"))?;
        assert_eq!(key.hash(), hash);
        assert_eq!(&key.mac(&[&message])?[..], code);
        let (front, back) = message.split_at(message.len() / 3);
        assert_eq!(&key.mac(&[front, &[], back])?[..], code);
        key.verify(&[front, back], &code)?;
        assert_eq!(key.verify(&[front, b"x", back], &code), Err(Error::Verify));
        assert_eq!(key.verify(&[&message], &code[1..]), Err(Error::Verify));
        let mut hasher = key.start()?;
        for _ in 0..2 {
            message.chunks(5).for_each(|part| hasher.update(part));
            assert_eq!(&hasher.finish()?[..], code);
        }
        Ok(())
    });
}

#[test]
fn aes_modes() {
    each(include_str!("../vectors/crypto/aes.txt"), |p, v| {
        let mode = AesMode::ALL.into_iter().find(|mode| mode.name() == v.text("mode")).expect("a mode");
        let iv = if v.has("iv") { v.bytes("iv") } else { Vec::new() };
        let (plain, cipher) = (v.bytes("plaintext"), v.bytes("ciphertext"));
        let key = p.aes(mode, &v.bytes("key"))?;
        let mut data = plain.clone();
        // Twice, for a key is used often.
        for _ in 0..2 {
            key.encrypt(&iv, &mut data)?;
            assert_eq!(data, cipher, "{}: {v:?}", p.name());
            key.decrypt(&iv, &mut data)?;
            assert_eq!(data, plain);
        }
        if mode == AesMode::Xts {
            return Ok(());
        }
        for (direction, from, to) in
            [(Direction::Encrypt, &plain, &cipher), (Direction::Decrypt, &cipher, &plain)]
        {
            for piece in [1, 3, 16, 17, 33, 1000] {
                let (mut stream, mut out) = (key.start(direction, &iv, false)?, Vec::new());
                for piece in from.chunks(piece) {
                    stream.update(piece, &mut out)?;
                }
                stream.finish(&mut out)?;
                assert_eq!(&out, to, "{} {direction:?} in pieces of {piece}: {v:?}", p.name());
            }
        }
        Ok(())
    });
}

#[test]
fn gcm() {
    each(include_str!("../vectors/crypto/gcm.txt"), |p, v| {
        let (iv, aad, plain, cipher) =
            (v.bytes("iv"), v.bytes("aad"), v.bytes("plaintext"), v.bytes("ciphertext"));
        let full = v.bytes("tag");
        let key = p.aes_gcm(&v.bytes("key"))?;
        for len in [16, 15, 14, 13, 12, 8, 4] {
            let (mut data, mut tag, mut out) = (plain.clone(), vec![0; len], vec![0; plain.len()]);
            if let Err(error) = key.seal(&iv, &aad, &mut data, &mut tag) {
                if len == 16 {
                    return Err(error);
                }
                assert!(matches!(error, Error::Unsupported { .. }), "{error:?}");
                continue;
            }
            assert_eq!((&data, &tag[..]), (&cipher, &full[..len]), "{}: {v:?}", p.name());
            key.open(&iv, &aad, &cipher, &tag, &mut out)?;
            assert_eq!(out, plain);
            data.extend(&tag);
            assert_eq!(key.open_in_place(&iv, &aad, &mut data, len), Ok(plain.len()));
            assert_eq!(data[..plain.len()], plain);

            let mut wrong = tag.clone();
            wrong[len - 1] ^= 1;
            let mut out = vec![1; plain.len()];
            assert_eq!(key.open(&iv, &aad, &cipher, &wrong, &mut out), Err(Error::Decrypt));
            assert_eq!(out, vec![0; plain.len()], "nothing unverified may be seen");
            assert_eq!(key.open(&iv, b"other", &cipher, &tag, &mut out), Err(Error::Decrypt));
            let mut data = [&cipher[..], &wrong].concat();
            assert_eq!(key.open_in_place(&iv, &aad, &mut data, len), Err(Error::Decrypt));
            assert_eq!(data, vec![0; cipher.len() + len]);
        }
        Ok(())
    });
}

#[test]
fn key_wrap() {
    each(include_str!("../vectors/crypto/kw.txt"), |p, v| {
        let (plain, wrapped) = (v.bytes("key"), v.bytes("wrapped"));
        let key = p.aes_kw(&v.bytes("kek"))?;
        let mut out = vec![0; wrapped.len()];
        key.wrap(&plain, &mut out)?;
        assert_eq!(out, wrapped);
        let mut out = vec![0; plain.len()];
        key.unwrap(&wrapped, &mut out)?;
        assert_eq!(out, plain);
        for at in 0..wrapped.len() {
            let mut wrong = wrapped.clone();
            wrong[at] ^= 0x40;
            assert_eq!(key.unwrap(&wrong, &mut out), Err(Error::Decrypt));
            assert_eq!(out, vec![0; plain.len()]);
        }
        Ok(())
    });
}

#[test]
fn key_derivation() {
    each(include_str!("../vectors/crypto/kdf.txt"), |p, v| {
        let (hash, expected) = (hash_of(v), v.bytes("out"));
        let mut out = vec![0; expected.len()];
        match v.text("kdf") {
            "concat" => p.concat_kdf(hash, &v.bytes("z"), &[&v.bytes("info")], &mut out)?,
            "hkdf" => p.hkdf(hash, &v.bytes("salt"), &v.bytes("secret"), &v.bytes("info"), &mut out)?,
            "pbkdf2" => {
                p.pbkdf2(hash, &v.bytes("password"), &v.bytes("salt"), v.number("iterations"), &mut out)?;
            }
            other => panic!("no function: {other}"),
        }
        assert_eq!(out, expected, "{}: {v:?}", p.name());
        Ok(())
    });
}

#[test]
fn elliptic_curves() {
    each(include_str!("../vectors/crypto/ec.txt"), |p, v| {
        let curve = Curve::ALL.into_iter().find(|curve| curve.name() == v.text("curve")).expect("a curve");
        let point = EcPoint::from_xy(curve, &v.bytes("x"), &v.bytes("y"))?;
        let key = p.ec_private(&EcPrivate::new(point, &v.bytes("d"))?)?;
        if v.has("shared") {
            let peer = EcPoint::from_xy(curve, &v.bytes("peer_x"), &v.bytes("peer_y"))?;
            assert_eq!(key.agree(&peer)?.expose(), v.bytes("shared"));
            return Ok(());
        }
        let (hash, message, signature) = (hash_of(v), v.bytes("message"), v.bytes("signature"));
        let public = p.ec_public(&point)?;
        public.verify(hash, &message, &signature)?;
        let mut own = vec![0; signature.len()];
        assert_eq!(key.sign(hash, &message, &mut own)?, own.len());
        public.verify(hash, &message, &own)?;
        key.public_key()?.verify(hash, &message, &own)?;
        own[0] ^= 1;
        assert_eq!(public.verify(hash, &message, &own), Err(Error::Verify));

        // d belongs to this point and no other.
        let other = p.ec_generate(curve)?;
        let wrong = EcPrivate::new(*other.point(), &v.bytes("d"))?;
        assert_eq!(p.ec_private(&wrong).map(|_| ()), Err(KeyFault::Mismatch.into()));
        Ok(())
    });
}

#[test]
fn edwards_and_montgomery() {
    each(include_str!("../vectors/crypto/okp.txt"), |p, v| {
        let fixed = |name| <[u8; 32]>::try_from(v.bytes(name)).expect("32 bytes");
        if v.has("scalar") {
            let key = p.x25519_private(&fixed("scalar"))?;
            assert_eq!(key.agree(&fixed("point"))?.expose(), v.bytes("shared"));
            return Ok(());
        }
        let (message, signature) = (v.bytes("message"), v.bytes("signature"));
        let key = p.ed25519_private(&fixed("private"))?;
        assert_eq!((key.public_bytes(), &key.sign(&message)?[..]), (&fixed("public"), &signature[..]));
        assert_eq!(key.export_private()?.expose(), fixed("private"));
        let public = p.ed25519_public(&fixed("public"))?;
        public.verify(&message, &signature)?;
        assert_eq!(public.verify(b"another", &signature), Err(Error::Verify));
        assert_eq!(public.verify(&message, &signature[1..]), Err(Error::Verify));
        Ok(())
    });
}
