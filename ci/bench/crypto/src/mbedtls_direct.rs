//! Through `lws_backend_mbedtls::crypto()`, and by the crate `mbedtls`, contexts and keys kept where it can keep them.

use std::hint::black_box;
use std::sync::Arc;

use lws_backend_mbedtls::crypto;
use lws_gencrypto::{
    AesMode, Curve, Hash, PrivateParts, Provider as _, RsaEncryption, RsaSignature, ecdsa_to_der,
};
use mbedtls::bignum::Mpi;
use mbedtls::cipher::raw::{Cipher, CipherId, CipherMode, Operation};
use mbedtls::ecp::EcPoint;
use mbedtls::hash::{Hmac, Md, Type};
use mbedtls::pk::{ECDSA_MAX_LEN, EcGroup, EcGroupId, Options, Pk, RsaPadding};
use mbedtls::rng::{CtrDrbg, OsEntropy};

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
    let (data, copy, mut out) = (vec![7; size], vec![7; size], [0; 32]);
    all.push(Pair::new(
        sized("SHA-256", size),
        move || done(black_box(crypto().hash(Hash::Sha256, &data).unwrap())),
        move || done(black_box(Md::hash(Type::Sha256, &copy, &mut out).unwrap())),
    ));
    let (data, copy, mut out) = (vec![7; size], vec![7; size], [0; 32]);
    let ours = crypto().hmac(Hash::Sha256, &[1; 32]).unwrap();
    all.push(Pair::new(
        sized("HMAC-SHA-256", size),
        move || done(black_box(ours.mac(&[&data]).unwrap())),
        move || done(black_box(Hmac::hmac(Type::Sha256, &[1; 32], &copy, &mut out).unwrap())),
    ));
}

fn cipher(mode: CipherMode, operation: Operation) -> Cipher {
    let mut cipher = Cipher::setup(CipherId::Aes, mode, 128).unwrap();
    cipher.set_key(operation, &[1; 16]).unwrap();
    cipher
}

fn aes(size: usize, all: &mut Vec<Pair>) {
    for (mode, library) in [(AesMode::Cbc, CipherMode::CBC), (AesMode::Ctr, CipherMode::CTR)] {
        let ours = crypto().aes(mode, &[1; 16]).unwrap();
        for operation in [Operation::Encrypt, Operation::Decrypt] {
            let encrypt = matches!(operation, Operation::Encrypt);
            let name = if encrypt { "encryption" } else { "decryption" };
            let (mut data, copy, mut out) = (vec![7; size], vec![7; size], vec![0; size + 16]);
            let (key, mut direct) = (ours.clone(), cipher(library, operation));
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
                    direct.set_iv(black_box(&[2; 16])).unwrap();
                    direct.reset().unwrap();
                    black_box(direct.update(&copy, black_box(&mut out)).unwrap());
                },
            ));
        }
    }
}

fn gcm(size: usize, all: &mut Vec<Pair>) {
    let ours = crypto().aes_gcm(&[1; 16]).unwrap();
    let (mut data, mut copy, mut tag, mut other) = (vec![7; size], vec![7; size], [0; 16], [0; 16]);
    let (key, mut direct) = (ours.clone(), cipher(CipherMode::GCM, Operation::Encrypt));
    all.push(Pair::new(
        sized("AES-128-GCM seal", size),
        move || key.seal(black_box(&[2; 12]), b"aad", black_box(&mut data), &mut tag).unwrap(),
        move || {
            direct.set_iv(black_box(&[2; 12])).unwrap();
            black_box(direct.encrypt_auth_inplace(b"aad", black_box(&mut copy), &mut other).unwrap());
        },
    ));
    let (mut sealed, mut tag) = (vec![7; size], [0; 16]);
    ours.seal(&[2; 12], b"aad", &mut sealed, &mut tag).unwrap();
    let copy = [&sealed[..], &tag].concat();
    let (mut out, mut other) = (vec![0; size], vec![0; size]);
    let mut direct = cipher(CipherMode::GCM, Operation::Decrypt);
    all.push(Pair::new(
        sized("AES-128-GCM open", size),
        move || ours.open(black_box(&[2; 12]), b"aad", &sealed, &tag, black_box(&mut out)).unwrap(),
        move || {
            direct.set_iv(black_box(&[2; 12])).unwrap();
            black_box(direct.decrypt_auth(b"aad", &copy, black_box(&mut other), 16).unwrap());
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
            let mut direct = cipher(CipherMode::KW, Operation::Encrypt);
            black_box(direct.encrypt_auth(&[], &[7; 32], black_box(&mut other), 0).unwrap());
        },
    ));
}

fn random() -> CtrDrbg {
    CtrDrbg::new(Arc::new(OsEntropy::new()), None).unwrap()
}

fn pk(parts: &PrivateParts) -> Pk {
    Pk::from_private_key(parts.to_der().unwrap().expose(), None).unwrap()
}

fn digest(message: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    Md::hash(Type::Sha256, message, &mut out).unwrap();
    out
}

fn rsa(all: &mut Vec<Pair>) {
    let ours = crypto().rsa_generate(2048).unwrap();
    let parts = PrivateParts::Rsa(ours.export_private().unwrap());
    let scheme = RsaSignature::Pkcs1(Hash::Sha256);
    let (mut out, mut other, mut rng, mut direct) = ([0; 256], [0; 256], random(), pk(&parts));
    ours.sign(scheme, b"message", &mut out).unwrap();
    let signature = out;
    let key = ours.clone();
    all.push(Pair::new(
        "RSA-2048 PKCS#1 SHA-256 signature",
        move || done(key.sign(scheme, b"message", black_box(&mut out)).unwrap()),
        move || {
            let digest = digest(b"message");
            done(direct.sign(Type::Sha256, &digest, black_box(&mut other), &mut rng).unwrap());
        },
    ));
    let (key, mut direct) = (ours.public_key(), pk(&parts));
    all.push(Pair::new(
        "RSA-2048 PKCS#1 SHA-256 verification",
        move || key.verify(scheme, b"message", black_box(&signature)).unwrap(),
        move || direct.verify(Type::Sha256, &digest(b"message"), black_box(&signature)).unwrap(),
    ));
    let sealed = ours.public_key().encrypt(RsaEncryption::Oaep(Hash::Sha1), &[7; 32]).unwrap();
    let (copy, mut direct, mut rng) = (sealed.clone(), pk(&parts), random());
    direct.set_options(Options::Rsa { padding: RsaPadding::Pkcs1V21 { mgf: Type::Sha1 } });
    all.push(Pair::new(
        "RSA-2048 OAEP SHA-1 decryption",
        move || done(ours.decrypt(RsaEncryption::Oaep(Hash::Sha1), &sealed).unwrap()),
        move || {
            let mut out = vec![0; 256];
            black_box(direct.decrypt(&copy, &mut out, &mut rng).unwrap());
        },
    ));
}

fn ec(all: &mut Vec<Pair>) {
    let ours = crypto().ec_generate(Curve::P256).unwrap();
    let parts = PrivateParts::Ec(ours.export_private().unwrap());
    let (mut out, mut other, mut rng, mut direct) = ([0; 64], [0; ECDSA_MAX_LEN], random(), pk(&parts));
    ours.sign(Hash::Sha256, b"message", &mut out).unwrap();
    let signature = out;
    let key = ours.clone();
    all.push(Pair::new(
        "ECDSA P-256 signature",
        move || done(key.sign(Hash::Sha256, b"message", black_box(&mut out)).unwrap()),
        move || {
            let digest = digest(b"message");
            done(direct.sign(Type::Sha256, &digest, black_box(&mut other), &mut rng).unwrap());
        },
    ));
    let der = ecdsa_to_der(Curve::P256, &signature).unwrap();
    let (key, mut direct) = (ours.public_key().unwrap(), pk(&parts));
    all.push(Pair::new(
        "ECDSA P-256 verification",
        move || key.verify(Hash::Sha256, b"message", black_box(&signature)).unwrap(),
        move || direct.verify(Type::Sha256, &digest(b"message"), black_box(&der)).unwrap(),
    ));
    let peer = *crypto().ec_generate(Curve::P256).unwrap().point();
    let (mut direct, mut rng) = (pk(&parts), random());
    all.push(Pair::new(
        "ECDH P-256",
        move || done(black_box(ours.agree(&peer).unwrap())),
        move || {
            // A peer's key is new each time.
            let group = EcGroup::new(EcGroupId::SecP256R1).unwrap();
            let point = EcPoint::from_binary_no_compress(&group, peer.sec1()).unwrap();
            assert!(group.contains_point(&point).unwrap());
            let other = Pk::public_from_ec_components(group, point).unwrap();
            let mut secret = vec![0; 32];
            direct.agree(&other, &mut secret, &mut rng).unwrap();
            done(black_box(secret));
        },
    ));
}

fn okp(all: &mut Vec<Pair>) {
    let ours = crypto().x25519_private(&[0x48; 32]).unwrap();
    let peer = *crypto().x25519_generate().unwrap().public_bytes();
    let (group, mut rng) = (|| EcGroup::new(EcGroupId::Curve25519).unwrap(), random());
    let number = Mpi::from_binary(&[0x48; 32]).unwrap();
    let mut direct = Pk::private_from_ec_scalar_with_rng(group(), number, &mut rng).unwrap();
    all.push(Pair::new(
        "X25519",
        move || done(black_box(ours.agree(&peer).unwrap())),
        move || {
            let group = group();
            let point = EcPoint::from_binary_no_compress(&group, &peer).unwrap();
            let other = Pk::public_from_ec_components(group, point).unwrap();
            let mut secret = vec![0; 32];
            direct.agree(&other, &mut secret, &mut rng).unwrap();
            done(black_box(secret));
        },
    ));
}
