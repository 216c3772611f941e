//! Through `lws_backend_openssl::crypto()`, and by the crate `openssl` as its documentation shows.

use std::hint::black_box;

use lws_backend_openssl::crypto;
use lws_gencrypto::{AesMode, Curve, Hash, PrivateParts, Provider as _, RsaEncryption, RsaSignature};
use openssl::aes::{AesKey, wrap_key};
use openssl::bn::{BigNum, BigNumContext};
use openssl::derive::Deriver;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::encrypt::Decrypter;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Padding;
use openssl::sha::sha256;
use openssl::sign::{Signer, Verifier};
use openssl::symm::{self, Cipher};

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
        move || done(black_box(sha256(&copy))),
    ));
    let (data, copy) = (vec![7; size], vec![7; size]);
    let ours = crypto().hmac(Hash::Sha256, &[1; 32]).unwrap();
    let direct = PKey::hmac(&[1; 32]).unwrap();
    all.push(Pair::new(
        sized("HMAC-SHA-256", size),
        move || done(black_box(ours.mac(&[&data]).unwrap())),
        move || {
            let mut signer = Signer::new(MessageDigest::sha256(), &direct).unwrap();
            done(black_box(signer.sign_oneshot_to_vec(&copy).unwrap()));
        },
    ));
}

fn aes(size: usize, all: &mut Vec<Pair>) {
    for (mode, cipher) in [(AesMode::Cbc, Cipher::aes_128_cbc()), (AesMode::Ctr, Cipher::aes_128_ctr())] {
        let ours = crypto().aes(mode, &[1; 16]).unwrap();
        for direction in [symm::Mode::Encrypt, symm::Mode::Decrypt] {
            let encrypt = matches!(direction, symm::Mode::Encrypt);
            let name = if encrypt { "encryption" } else { "decryption" };
            let (mut data, copy, mut out) = (vec![7; size], vec![7; size], vec![0; size + 16]);
            let key = ours.clone();
            all.push(Pair::new(
                sized(&format!("AES-128-{mode} {name}"), size),
                move || {
                    let data = black_box(&mut data);
                    if encrypt {
                        key.encrypt(black_box(&[2; 16]), data)
                    } else {
                        key.decrypt(black_box(&[2; 16]), data)
                    }
                    .unwrap();
                },
                move || {
                    let direction = if encrypt { symm::Mode::Encrypt } else { symm::Mode::Decrypt };
                    let mut crypter =
                        symm::Crypter::new(cipher, direction, &[1; 16], Some(black_box(&[2; 16]))).unwrap();
                    crypter.pad(false);
                    black_box(crypter.update(&copy, &mut out).unwrap());
                },
            ));
        }
    }
}

fn gcm(size: usize, all: &mut Vec<Pair>) {
    let ours = crypto().aes_gcm(&[1; 16]).unwrap();
    let (mut data, copy, mut tag, mut other) = (vec![7; size], vec![7; size], [0; 16], [0; 16]);
    let key = ours.clone();
    all.push(Pair::new(
        sized("AES-128-GCM seal", size),
        move || key.seal(black_box(&[2; 12]), b"aad", black_box(&mut data), &mut tag).unwrap(),
        move || {
            let cipher = Cipher::aes_128_gcm();
            let sealed =
                symm::encrypt_aead(cipher, &[1; 16], Some(black_box(&[2; 12])), b"aad", &copy, &mut other);
            done(black_box(sealed.unwrap()));
        },
    ));
    let (mut sealed, mut tag) = (vec![7; size], [0; 16]);
    ours.seal(&[2; 12], b"aad", &mut sealed, &mut tag).unwrap();
    let (copy, mut out) = (sealed.clone(), vec![0; size]);
    all.push(Pair::new(
        sized("AES-128-GCM open", size),
        move || ours.open(black_box(&[2; 12]), b"aad", &sealed, &tag, black_box(&mut out)).unwrap(),
        move || {
            let cipher = Cipher::aes_128_gcm();
            let opened = symm::decrypt_aead(cipher, &[1; 16], Some(black_box(&[2; 12])), b"aad", &copy, &tag);
            done(black_box(opened.unwrap()));
        },
    ));
}

fn wrap(all: &mut Vec<Pair>) {
    let ours = crypto().aes_kw(&[1; 16]).unwrap();
    let direct = AesKey::new_encrypt(&[1; 16]).unwrap();
    let (mut out, mut other) = ([0; 40], [0; 40]);
    all.push(Pair::new(
        "AES-128-KW, 32 bytes",
        move || ours.wrap(&[7; 32], black_box(&mut out)).unwrap(),
        move || done(black_box(wrap_key(&direct, None, black_box(&mut other), &[7; 32]).unwrap())),
    ));
}

fn pkey(parts: &PrivateParts) -> PKey<Private> {
    PKey::private_key_from_der(parts.to_der().unwrap().expose()).unwrap()
}

fn rsa(all: &mut Vec<Pair>) {
    let ours = crypto().rsa_generate(2048).unwrap();
    let parts = PrivateParts::Rsa(ours.export_private().unwrap());
    let direct = pkey(&parts);
    let scheme = RsaSignature::Pkcs1(Hash::Sha256);
    let mut out = [0; 256];
    ours.sign(scheme, b"message", &mut out).unwrap();
    let signature = out;
    let key = ours.clone();
    all.push(Pair::new(
        "RSA-2048 PKCS#1 SHA-256 signature",
        move || done(key.sign(scheme, b"message", black_box(&mut out)).unwrap()),
        move || {
            let mut signer = Signer::new(MessageDigest::sha256(), &direct).unwrap();
            done(black_box(signer.sign_oneshot_to_vec(b"message").unwrap()));
        },
    ));
    let (key, direct) = (ours.public_key(), pkey(&parts));
    all.push(Pair::new(
        "RSA-2048 PKCS#1 SHA-256 verification",
        move || key.verify(scheme, b"message", black_box(&signature)).unwrap(),
        move || {
            let mut verifier = Verifier::new(MessageDigest::sha256(), &direct).unwrap();
            assert!(verifier.verify_oneshot(&signature, b"message").unwrap());
        },
    ));
    let sealed = ours.public_key().encrypt(RsaEncryption::Oaep(Hash::Sha1), &[7; 32]).unwrap();
    let (copy, direct) = (sealed.clone(), pkey(&parts));
    all.push(Pair::new(
        "RSA-2048 OAEP SHA-1 decryption",
        move || done(ours.decrypt(RsaEncryption::Oaep(Hash::Sha1), &sealed).unwrap()),
        move || {
            let mut decrypter = Decrypter::new(&direct).unwrap();
            decrypter.set_rsa_padding(Padding::PKCS1_OAEP).unwrap();
            let mut out = vec![0; 256];
            black_box(decrypter.decrypt(&copy, &mut out).unwrap());
        },
    ));
}

fn ec(all: &mut Vec<Pair>) {
    let ours = crypto().ec_generate(Curve::P256).unwrap();
    let parts = PrivateParts::Ec(ours.export_private().unwrap());
    let direct = pkey(&parts).ec_key().unwrap();
    let mut out = [0; 64];
    ours.sign(Hash::Sha256, b"message", &mut out).unwrap();
    let signature = out;
    let key = ours.clone();
    all.push(Pair::new(
        "ECDSA P-256 signature",
        move || done(key.sign(Hash::Sha256, b"message", black_box(&mut out)).unwrap()),
        move || done(black_box(EcdsaSig::sign(&sha256(b"message"), &direct).unwrap())),
    ));
    let (key, direct) = (ours.public_key().unwrap(), pkey(&parts).ec_key().unwrap());
    let parsed = EcdsaSig::from_private_components(
        BigNum::from_slice(&signature[..32]).unwrap(),
        BigNum::from_slice(&signature[32..]).unwrap(),
    );
    let parsed = parsed.unwrap();
    all.push(Pair::new(
        "ECDSA P-256 verification",
        move || key.verify(Hash::Sha256, b"message", black_box(&signature)).unwrap(),
        move || assert!(parsed.verify(&sha256(b"message"), &direct).unwrap()),
    ));
    let peer = crypto().ec_generate(Curve::P256).unwrap();
    let (point, direct) = (*peer.point(), pkey(&parts));
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    all.push(Pair::new(
        "ECDH P-256",
        move || done(black_box(ours.agree(&point).unwrap())),
        move || {
            // A peer's key is new each time.
            let mut context = BigNumContext::new().unwrap();
            let peer = EcPoint::from_bytes(&group, point.sec1(), &mut context).unwrap();
            let peer = PKey::from_ec_key(EcKey::from_public_key(&group, &peer).unwrap()).unwrap();
            let mut deriver = Deriver::new(&direct).unwrap();
            deriver.set_peer(&peer).unwrap();
            done(black_box(deriver.derive_to_vec().unwrap()));
        },
    ));
}

fn okp(all: &mut Vec<Pair>) {
    let ours = crypto().ed25519_private(&[7; 32]).unwrap();
    let direct = PKey::private_key_from_raw_bytes(&[7; 32], Id::ED25519).unwrap();
    let (public, signature) = (*ours.public_bytes(), ours.sign(b"message").unwrap());
    all.push(Pair::new(
        "Ed25519 signature",
        move || done(black_box(ours.sign(b"message").unwrap())),
        move || {
            let mut signer = Signer::new_without_digest(&direct).unwrap();
            done(black_box(signer.sign_oneshot_to_vec(b"message").unwrap()));
        },
    ));
    let key = crypto().ed25519_public(&public).unwrap();
    let direct = PKey::public_key_from_raw_bytes(&public, Id::ED25519).unwrap();
    all.push(Pair::new(
        "Ed25519 verification",
        move || key.verify(b"message", black_box(&signature)).unwrap(),
        move || {
            let mut verifier = Verifier::new_without_digest(&direct).unwrap();
            assert!(verifier.verify_oneshot(&signature, b"message").unwrap());
        },
    ));
    let ours = crypto().x25519_private(&[7; 32]).unwrap();
    let direct = PKey::private_key_from_raw_bytes(&[7; 32], Id::X25519).unwrap();
    let peer = *crypto().x25519_generate().unwrap().public_bytes();
    all.push(Pair::new(
        "X25519",
        move || done(black_box(ours.agree(&peer).unwrap())),
        move || {
            // A peer's key is new each time.
            let other = PKey::public_key_from_raw_bytes(&peer, Id::X25519).unwrap();
            let mut deriver = Deriver::new(&direct).unwrap();
            deriver.set_peer(&other).unwrap();
            done(black_box(deriver.derive_to_vec().unwrap()));
        },
    ));
}
