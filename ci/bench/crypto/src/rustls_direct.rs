//! Through `lws_backend_rustls::crypto()`, and by aws-lc-rs.

use std::hint::black_box;

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, UnparsedPublicKey};
use aws_lc_rs::cipher::{
    AES_128, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::key_wrap::{self, AesKek, KeyWrap as _};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, ParsedPublicKey, RsaKeyPair};
use aws_lc_rs::{digest, hmac};
use lws_backend_rustls::crypto;
use lws_gencrypto::{AesMode, Curve, Hash, PrivateParts, Provider as _, RsaEncryption, RsaSignature};

use crate::{Pair, SIZES, done, sized};

pub fn pairs() -> Vec<Pair> {
    let mut all = Vec::new();
    for size in SIZES {
        hashes(size, &mut all);
        aes(size, &mut all);
        gcm(size, &mut all);
    }
    wrap(&mut all);
    rsa(&mut all);
    ec(&mut all);
    okp(&mut all);
    all
}

fn hashes(size: usize, all: &mut Vec<Pair>) {
    let (data, copy) = (vec![7; size], vec![7; size]);
    all.push(Pair::new(
        sized("SHA-256", size),
        move || done(black_box(crypto().hash(Hash::Sha256, &data).unwrap())),
        move || done(black_box(digest::digest(&digest::SHA256, &copy))),
    ));
    let (data, copy) = (vec![7; size], vec![7; size]);
    let ours = crypto().hmac(Hash::Sha256, &[1; 32]).unwrap();
    let direct = hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]);
    all.push(Pair::new(
        sized("HMAC-SHA-256", size),
        move || done(black_box(ours.mac(&[&data]).unwrap())),
        move || done(black_box(hmac::sign(&direct, &copy))),
    ));
}

fn aes(size: usize, all: &mut Vec<Pair>) {
    let unbound = || UnboundCipherKey::new(&AES_128, &[1; 16]).unwrap();
    for (mode, encrypting, decrypting) in [
        (AesMode::Cbc, EncryptingKey::cbc(unbound()).unwrap(), DecryptingKey::cbc(unbound()).unwrap()),
        (AesMode::Ctr, EncryptingKey::ctr(unbound()).unwrap(), DecryptingKey::ctr(unbound()).unwrap()),
    ] {
        let ours = crypto().aes(mode, &[1; 16]).unwrap();
        let (mut data, mut copy) = (vec![7; size], vec![7; size]);
        let key = ours.clone();
        all.push(Pair::new(
            sized(&format!("AES-128-{mode} encryption"), size),
            move || key.encrypt(black_box(&[2; 16]), black_box(&mut data)).unwrap(),
            move || {
                let context = EncryptionContext::Iv128(FixedLength::from(black_box([2; 16])));
                done(encrypting.less_safe_encrypt(black_box(&mut copy), context).unwrap());
            },
        ));
        let (mut data, mut copy) = (vec![7; size], vec![7; size]);
        all.push(Pair::new(
            sized(&format!("AES-128-{mode} decryption"), size),
            move || ours.decrypt(black_box(&[2; 16]), black_box(&mut data)).unwrap(),
            move || {
                let context = DecryptionContext::Iv128(FixedLength::from(black_box([2; 16])));
                black_box(decrypting.decrypt(black_box(&mut copy), context).unwrap());
            },
        ));
    }
}

fn gcm(size: usize, all: &mut Vec<Pair>) {
    let direct = || LessSafeKey::new(UnboundKey::new(&aead::AES_128_GCM, &[1; 16]).unwrap());
    let ours = crypto().aes_gcm(&[1; 16]).unwrap();
    let (mut data, mut copy) = (vec![7; size], vec![7; size]);
    let (key, library, mut tag) = (ours.clone(), direct(), [0; 16]);
    all.push(Pair::new(
        sized("AES-128-GCM seal", size),
        move || key.seal(black_box(&[2; 12]), b"aad", black_box(&mut data), &mut tag).unwrap(),
        move || {
            let nonce = Nonce::assume_unique_for_key(black_box([2; 12]));
            let tag = library.seal_in_place_separate_tag(nonce, Aad::from(b"aad"), black_box(&mut copy));
            done(black_box(tag.unwrap()));
        },
    ));
    let (mut sealed, mut tag) = (vec![7; size], [0; 16]);
    ours.seal(&[2; 12], b"aad", &mut sealed, &mut tag).unwrap();
    let (copy, mut out, mut other, library) = (sealed.clone(), vec![0; size], vec![0; size], direct());
    all.push(Pair::new(
        sized("AES-128-GCM open", size),
        move || ours.open(black_box(&[2; 12]), b"aad", &sealed, &tag, black_box(&mut out)).unwrap(),
        move || {
            let nonce = Nonce::assume_unique_for_key(black_box([2; 12]));
            library
                .open_separate_gather(nonce, Aad::from(b"aad"), &copy, &tag, black_box(&mut other))
                .unwrap();
        },
    ));
}

fn wrap(all: &mut Vec<Pair>) {
    let ours = crypto().aes_kw(&[1; 16]).unwrap();
    let (mut out, mut other) = ([0; 40], [0; 40]);
    all.push(Pair::new(
        "AES-128-KW, 32 bytes",
        move || ours.wrap(&[7; 32], black_box(&mut out)).unwrap(),
        move || {
            let kek = AesKek::new(&key_wrap::AES_128, &[1; 16]).unwrap();
            black_box(kek.wrap(&[7; 32], black_box(&mut other)).unwrap());
        },
    ));
}

fn rsa(all: &mut Vec<Pair>) {
    let ours = crypto().rsa_generate(2048).unwrap();
    let der = PrivateParts::Rsa(ours.export_private().unwrap()).to_der().unwrap();
    let direct = RsaKeyPair::from_pkcs8(der.expose()).unwrap();
    let public_der = direct.public_key().as_ref().to_vec();
    let scheme = RsaSignature::Pkcs1(Hash::Sha256);
    let (mut out, mut other) = ([0; 256], [0; 256]);
    ours.sign(scheme, b"message", &mut out).unwrap();
    let signature = out;
    let key = ours.clone();
    all.push(Pair::new(
        "RSA-2048 PKCS#1 SHA-256 signature",
        move || done(key.sign(scheme, b"message", black_box(&mut out)).unwrap()),
        move || {
            direct
                .sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), b"message", black_box(&mut other))
                .unwrap()
        },
    ));
    let key = ours.public_key();
    let direct = ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, public_der).unwrap();
    all.push(Pair::new(
        "RSA-2048 PKCS#1 SHA-256 verification",
        move || key.verify(scheme, b"message", black_box(&signature)).unwrap(),
        move || direct.verify_sig(b"message", black_box(&signature)).unwrap(),
    ));
    let sealed = ours.public_key().encrypt(RsaEncryption::Oaep(Hash::Sha1), &[7; 32]).unwrap();
    let copy = sealed.clone();
    let direct = aws_lc_rs::rsa::PrivateDecryptingKey::from_pkcs8(der.expose()).unwrap();
    let direct = aws_lc_rs::rsa::OaepPrivateDecryptingKey::new(direct).unwrap();
    all.push(Pair::new(
        "RSA-2048 OAEP SHA-1 decryption",
        move || done(ours.decrypt(RsaEncryption::Oaep(Hash::Sha1), &sealed).unwrap()),
        move || {
            let mut out = vec![0; 256];
            black_box(direct.decrypt(&aws_lc_rs::rsa::OAEP_SHA1_MGF1SHA1, &copy, &mut out, None).unwrap());
        },
    ));
}

fn ec(all: &mut Vec<Pair>) {
    let ours = crypto().ec_generate(Curve::P256).unwrap();
    let numbers = ours.export_private().unwrap();
    let (d, point) = (numbers.d().expose().to_vec(), numbers.public().sec1().to_vec());
    let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let direct = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &d, &point).unwrap();
    let mut out = [0; 64];
    ours.sign(Hash::Sha256, b"message", &mut out).unwrap();
    let signature = out;
    let key = ours.clone();
    all.push(Pair::new(
        "ECDSA P-256 signature",
        move || done(key.sign(Hash::Sha256, b"message", black_box(&mut out)).unwrap()),
        move || done(black_box(direct.sign(&SystemRandom::new(), b"message").unwrap())),
    ));
    let key = ours.public_key().unwrap();
    let direct = ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, &point).unwrap();
    all.push(Pair::new(
        "ECDSA P-256 verification",
        move || key.verify(Hash::Sha256, b"message", black_box(&signature)).unwrap(),
        move || direct.verify_sig(b"message", black_box(&signature)).unwrap(),
    ));
    let peer = *crypto().ec_generate(Curve::P256).unwrap().point();
    let direct = agreement::PrivateKey::from_private_key(&agreement::ECDH_P256, &d).unwrap();
    all.push(Pair::new(
        "ECDH P-256",
        move || done(black_box(ours.agree(&peer).unwrap())),
        move || {
            let peer = UnparsedPublicKey::new(&agreement::ECDH_P256, peer.sec1());
            done(black_box(agreement::agree(&direct, peer, (), |z| Ok(z.to_vec())).unwrap()));
        },
    ));
}

fn okp(all: &mut Vec<Pair>) {
    let ours = crypto().ed25519_private(&[7; 32]).unwrap();
    let direct = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let (public, signature) = (*ours.public_bytes(), ours.sign(b"message").unwrap());
    all.push(Pair::new(
        "Ed25519 signature",
        move || done(black_box(ours.sign(b"message").unwrap())),
        move || done(black_box(direct.sign(b"message"))),
    ));
    let key = crypto().ed25519_public(&public).unwrap();
    let direct = ParsedPublicKey::new(&signature::ED25519, public).unwrap();
    all.push(Pair::new(
        "Ed25519 verification",
        move || key.verify(b"message", black_box(&signature)).unwrap(),
        move || direct.verify_sig(b"message", black_box(&signature)).unwrap(),
    ));
    let ours = crypto().x25519_private(&[7; 32]).unwrap();
    let direct = agreement::PrivateKey::from_private_key(&agreement::X25519, &[7; 32]).unwrap();
    let peer = *crypto().x25519_generate().unwrap().public_bytes();
    all.push(Pair::new(
        "X25519",
        move || done(black_box(ours.agree(&peer).unwrap())),
        move || {
            let peer = UnparsedPublicKey::new(&agreement::X25519, peer);
            done(black_box(agreement::agree(&direct, peer, (), |z| Ok(z.to_vec())).unwrap()));
        },
    ));
}
