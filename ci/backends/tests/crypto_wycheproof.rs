//! The applicable files of Wycheproof, on every library.
//!
//! `valid` must work, `invalid` must fail, `acceptable` may do either. All libraries together: what one accepts the others
//! accept (JOSE-15).

use std::collections::BTreeMap;
use std::str::FromStr as _;

use backends::crypto::{hex, providers};
use lws_gencrypto::limits::GCM_IV_MAX;
use lws_gencrypto::{
    AesMode, Curve, EcPoint, EcPrivate, Error, Hash, KeyFault, PrivateParts, Provider, PublicParts,
    RsaEncryption, RsaSignature, ecdsa_from_der,
};
use serde_json::Value;

/// One test case with its group.
struct Case<'a> {
    group: &'a Value,
    test: &'a Value,
}

impl Case<'_> {
    fn bytes(&self, name: &str) -> Vec<u8> {
        let value = if self.test[name].is_null() { &self.group[name] } else { &self.test[name] };
        hex(value.as_str().unwrap_or_else(|| panic!("no {name}")))
    }

    fn number(&self, name: &str) -> usize {
        let value = if self.test[name].is_null() { &self.group[name] } else { &self.test[name] };
        value.as_u64().unwrap_or_else(|| panic!("no {name}")) as usize
    }

    fn flag(&self, name: &str) -> bool {
        self.test["flags"].as_array().is_some_and(|flags| flags.iter().any(|flag| flag == name))
    }
}

/// A file's JSON, by the module of the crate `wycheproof` and the file's name.
macro_rules! json {
    ($module:ident, $name:expr) => {{
        let name = wycheproof::$module::TestName::from_str($name).expect("a known file");
        serde_json::from_str::<Value>(name.json_data()).expect("JSON")
    }};
}

/// Runs all cases of `file` on all libraries. `None`: a case that says nothing about us (too small a key, a label).
fn check(name: &str, file: &Value, run: impl Fn(&dyn Provider, &Case<'_>) -> Option<Result<(), Error>>) {
    let providers = providers();
    let (mut ran, mut lacking) = (0, BTreeMap::<&str, usize>::new());
    for group in file["testGroups"].as_array().expect("groups") {
        for test in group["tests"].as_array().expect("tests") {
            let case = Case { group, test };
            let mut verdicts = Vec::new();
            for provider in &providers {
                match run(&**provider, &case) {
                    None => {}
                    Some(Err(Error::Unsupported { backend, .. })) => {
                        *lacking.entry(backend).or_default() += 1
                    }
                    Some(verdict) => verdicts.push((provider.name(), verdict)),
                }
            }
            for (provider, verdict) in &verdicts {
                ran += 1;
                let what = || format!("{name} {} on {provider}: {verdict:?}, {test}", test["tcId"]);
                match test["result"].as_str() {
                    Some("valid") => assert!(verdict.is_ok(), "{}", what()),
                    Some("invalid") => assert!(verdict.is_err(), "{}", what()),
                    _ => assert_eq!(test["result"], "acceptable"),
                }
                assert!(!matches!(verdict, Err(Error::Library(_))), "{}", what());
            }
            let accepted = verdicts.iter().filter(|(_, verdict)| verdict.is_ok()).count();
            assert!(accepted == 0 || accepted == verdicts.len(), "{name} {}: {verdicts:?}", test["tcId"]);
        }
    }
    println!("{name}: {ran} verdicts, lacking {lacking:?}");
    assert!(ran > 0, "{name}: nothing ran");
}

/// `Verify` unless equal.
fn same(ours: &[u8], theirs: &[u8]) -> Result<(), Error> {
    if ours == theirs { Ok(()) } else { Err(Error::Verify) }
}

#[test]
fn aes_gcm() {
    check("aes_gcm", &json!(aead, "aes_gcm"), |p, case| {
        let (iv, aad, plain, cipher) =
            (case.bytes("iv"), case.bytes("aad"), case.bytes("msg"), case.bytes("ct"));
        let tag = case.bytes("tag");
        // Valid, but longer than every library takes.
        if iv.len() > GCM_IV_MAX {
            return None;
        }
        let key = match p.aes_gcm(&case.bytes("key")) {
            Ok(key) => key,
            Err(error) => return Some(Err(error)),
        };
        let mut out = vec![0; plain.len()];
        let opened = key.open(&iv, &aad, &cipher, &tag, &mut out).and_then(|()| same(&out, &plain));
        if case.test["result"] == "valid" && opened.is_ok() {
            let (mut data, mut own) = (plain.clone(), vec![0; tag.len()]);
            let sealed = key.seal(&iv, &aad, &mut data, &mut own);
            return Some(sealed.and_then(|()| same(&[data, own].concat(), &[cipher, tag].concat())));
        }
        Some(opened)
    });
}

#[test]
fn aes_cbc_pkcs7() {
    check("aes_cbc_pkcs5", &json!(cipher, "aes_cbc_pkcs5"), |p, case| {
        let (iv, plain, cipher) = (case.bytes("iv"), case.bytes("msg"), case.bytes("ct"));
        Some(p.aes(AesMode::Cbc, &case.bytes("key")).and_then(|key| {
            let mut data = cipher.clone();
            key.decrypt_padded(&iv, &mut data)?;
            same(&data, &plain)?;
            key.encrypt_padded(&iv, &mut data)?;
            same(&data, &cipher)
        }))
    });
}

#[test]
fn aes_xts() {
    check("aes_xts", &json!(cipher, "aes_xts"), |p, case| {
        let key = case.bytes("key");
        // The file takes 64 bits for the tweak, and keys with 192 bits.
        if key.len() == 48 {
            return None;
        }
        let mut iv = case.bytes("iv");
        iv.resize(16, 0);
        Some(p.aes(AesMode::Xts, &key).and_then(|key| {
            let mut data = case.bytes("msg");
            key.encrypt(&iv, &mut data)?;
            same(&data, &case.bytes("ct"))?;
            key.decrypt(&iv, &mut data)?;
            same(&data, &case.bytes("msg"))
        }))
    });
}

#[test]
fn key_wrap() {
    check("aes_wrap", &json!(keywrap, "aes_wrap"), |p, case| {
        let (plain, wrapped) = (case.bytes("msg"), case.bytes("ct"));
        Some(p.aes_kw(&case.bytes("key")).and_then(|key| {
            let mut out = vec![0; wrapped.len().saturating_sub(8)];
            key.unwrap(&wrapped, &mut out)?;
            same(&out, &plain)?;
            let mut out = vec![0; wrapped.len()];
            key.wrap(&plain, &mut out)?;
            same(&out, &wrapped)
        }))
    });
}

#[test]
fn hmac() {
    for (name, hash) in [
        ("hmac_sha1", Hash::Sha1),
        ("hmac_sha256", Hash::Sha256),
        ("hmac_sha384", Hash::Sha384),
        ("hmac_sha512", Hash::Sha512),
    ] {
        check(name, &json!(mac, name), |p, case| {
            let tag = case.bytes("tag");
            Some(p.hmac(hash, &case.bytes("key")).and_then(|key| {
                if tag.len() == hash.len() {
                    return key.verify(&[&case.bytes("msg")], &tag);
                }
                same(&key.mac(&[&case.bytes("msg")])?[..tag.len()], &tag)
            }))
        });
    }
}

#[test]
fn hkdf() {
    for (name, hash) in [
        ("hkdf_sha1", Hash::Sha1),
        ("hkdf_sha256", Hash::Sha256),
        ("hkdf_sha384", Hash::Sha384),
        ("hkdf_sha512", Hash::Sha512),
    ] {
        check(name, &json!(hkdf, name), |p, case| {
            let mut out = vec![0; case.number("size")];
            let derived =
                p.hkdf(hash, &case.bytes("salt"), &case.bytes("ikm"), &case.bytes("info"), &mut out);
            Some(derived.and_then(|()| same(&out, &case.bytes("okm"))))
        });
    }
}

#[test]
fn pbkdf2() {
    for (name, hash) in [
        ("pbkdf2_hmacsha1", Hash::Sha1),
        ("pbkdf2_hmacsha256", Hash::Sha256),
        ("pbkdf2_hmacsha384", Hash::Sha384),
        ("pbkdf2_hmacsha512", Hash::Sha512),
    ] {
        check(name, &json!(pbkdf2, name), |p, case| {
            let iterations = case.number("iterationCount");
            // Seconds each without optimisation.
            if iterations > 10_000 {
                return None;
            }
            let mut out = vec![0; case.number("dkLen")];
            let (password, salt) = (case.bytes("password"), case.bytes("salt"));
            let derived = p.pbkdf2(hash, &password, &salt, iterations as u32, &mut out);
            Some(derived.and_then(|()| same(&out, &case.bytes("dk"))))
        });
    }
}

#[test]
fn jose_04_ecdh() {
    for (name, curve) in [
        ("ecdh_secp256r1_ecpoint", Curve::P256),
        ("ecdh_secp384r1_ecpoint", Curve::P384),
        ("ecdh_secp521r1_ecpoint", Curve::P521),
    ] {
        check(name, &json!(ecdh, name), |p, case| {
            let d = case.bytes("private");
            // The file gives no point for it, and d in as many bytes as a signed number takes.
            let start = d.len().saturating_sub(curve.field_len());
            let mut padded = vec![0; curve.field_len() - (d.len() - start)];
            padded.extend(&d[start..]);
            let key = match private_from_d(p, curve, &padded) {
                Ok(key) => key,
                Err(error) => return Some(Err(error)),
            };
            Some(EcPoint::from_sec1(curve, &case.bytes("public")).and_then(|point| {
                let shared = p.ec_private(&key)?.agree(&point)?;
                same(shared.expose(), &case.bytes("shared"))
            }))
        });
    }
}

/// The file has private numbers without points. OpenSSL finds the point, and any library may check it.
fn private_from_d(_: &dyn Provider, curve: Curve, d: &[u8]) -> Result<EcPrivate, Error> {
    use openssl::{bn, ec, nid::Nid};
    let nid = match curve {
        Curve::P256 => Nid::X9_62_PRIME256V1,
        Curve::P384 => Nid::SECP384R1,
        Curve::P521 => Nid::SECP521R1,
    };
    let mut context = bn::BigNumContext::new().expect("memory");
    let group = ec::EcGroup::from_curve_name(nid).expect("a curve");
    let mut point = ec::EcPoint::new(&group).expect("memory");
    let number = bn::BigNum::from_slice(d).expect("memory");
    point.mul_generator2(&group, &number, &mut context).expect("a product");
    let form = ec::PointConversionForm::UNCOMPRESSED;
    let sec1 = point.to_bytes(&group, form, &mut context).expect("bytes");
    EcPrivate::new(EcPoint::from_sec1(curve, &sec1)?, d)
}

#[test]
fn jose_04_x25519() {
    check("x25519", &json!(xdh, "x25519"), |p, case| {
        let fixed = |name| <[u8; 32]>::try_from(case.bytes(name)).map_err(|_| KeyFault::Length);
        let (Ok(private), Ok(public)) = (fixed("private"), fixed("public")) else {
            return Some(Err(KeyFault::Length.into()));
        };
        let shared = p.x25519_private(&private).and_then(|key| key.agree(&public));
        // RFC 7748 §6.1: refused here; the file finds it acceptable.
        if case.flag("ZeroSharedSecret") {
            assert_eq!(shared, Err(KeyFault::Invalid.into()), "{}", p.name());
        }
        Some(shared.and_then(|shared| same(shared.expose(), &case.bytes("shared"))))
    });
}

#[test]
fn jose_09_ecdsa() {
    for (name, curve, hash) in [
        ("ecdsa_secp256r1_sha256_p1363", Curve::P256, Hash::Sha256),
        ("ecdsa_secp256r1_sha512_p1363", Curve::P256, Hash::Sha512),
        ("ecdsa_secp384r1_sha384_p1363", Curve::P384, Hash::Sha384),
        ("ecdsa_secp384r1_sha512_p1363", Curve::P384, Hash::Sha512),
        ("ecdsa_secp521r1_sha512_p1363", Curve::P521, Hash::Sha512),
    ] {
        check(name, &json!(ecdsa, name), |p, case| {
            let key = ecdsa_key(p, curve, case);
            Some(key.and_then(|key| key.verify(hash, &case.bytes("msg"), &case.bytes("sig"))))
        });
    }
}

#[test]
fn jose_09_ecdsa_der() {
    for (name, curve, hash) in [
        ("ecdsa_secp256r1_sha256", Curve::P256, Hash::Sha256),
        ("ecdsa_secp256r1_sha512", Curve::P256, Hash::Sha512),
        ("ecdsa_secp384r1_sha256", Curve::P384, Hash::Sha256),
        ("ecdsa_secp384r1_sha384", Curve::P384, Hash::Sha384),
        ("ecdsa_secp521r1_sha512", Curve::P521, Hash::Sha512),
    ] {
        check(name, &json!(ecdsa, name), |p, case| {
            let mut raw = vec![0; curve.signature_len()];
            Some(ecdsa_key(p, curve, case).and_then(|key| {
                ecdsa_from_der(curve, &case.bytes("sig"), &mut raw)?;
                key.verify(hash, &case.bytes("msg"), &raw)
            }))
        });
    }
}

fn ecdsa_key(
    p: &dyn Provider,
    curve: Curve,
    case: &Case<'_>,
) -> Result<std::sync::Arc<dyn lws_gencrypto::EcPublicKey>, Error> {
    match PublicParts::from_der(&case.bytes("publicKeyDer"))? {
        PublicParts::Ec(point) if point.curve() == curve => p.ec_public(&point),
        _ => Err(KeyFault::Encoding.into()),
    }
}

#[test]
fn ed25519() {
    check("ed25519", &json!(eddsa, "ed25519"), |p, case| {
        let Ok(PublicParts::Ed25519(key)) = PublicParts::from_der(&case.bytes("publicKeyDer")) else {
            panic!("a key in DER");
        };
        Some(p.ed25519_public(&key).and_then(|key| key.verify(&case.bytes("msg"), &case.bytes("sig"))))
    });
}

fn rsa_public(case: &Case<'_>) -> Result<lws_gencrypto::RsaPublic, Error> {
    match PublicParts::from_der(&case.bytes("publicKeyAsn"))? {
        PublicParts::Rsa(key) => Ok(key),
        _ => Err(KeyFault::Encoding.into()),
    }
}

fn rsa_verify(name: &str, file: &Value, scheme: impl Fn(Hash) -> RsaSignature) {
    check(name, file, |p, case| {
        let hash = Hash::ALL.into_iter().find(|hash| case.group["sha"] == hash.name())?;
        let key = match rsa_public(case) {
            // What is too small or too large for us says nothing about verification.
            Err(Error::Key(KeyFault::TooSmall | KeyFault::TooLarge)) => return None,
            key => key,
        };
        Some(
            key.and_then(|key| p.rsa_public(&key))
                .and_then(|key| key.verify(scheme(hash), &case.bytes("msg"), &case.bytes("sig"))),
        )
    });
}

#[test]
fn rsa_pkcs1_signatures() {
    for name in [
        "rsa_signature_2048_sha256",
        "rsa_signature_2048_sha384",
        "rsa_signature_2048_sha512",
        "rsa_signature_3072_sha256",
        "rsa_signature_3072_sha384",
        "rsa_signature_3072_sha512",
        "rsa_signature_4096_sha256",
        "rsa_signature_4096_sha384",
        "rsa_signature_4096_sha512",
        "rsa_signature_8192_sha256",
        "rsa_signature_8192_sha384",
        "rsa_signature_8192_sha512",
    ] {
        rsa_verify(name, &json!(rsa_pkcs1_verify, name), RsaSignature::Pkcs1);
    }
}

#[test]
fn rsa_pss_signatures() {
    for name in [
        "rsa_pss_2048_sha1_mgf1_20",
        "rsa_pss_2048_sha256_mgf1_32",
        "rsa_pss_2048_sha384_mgf1_48",
        "rsa_pss_3072_sha256_mgf1_32",
        "rsa_pss_4096_sha256_mgf1_32",
        "rsa_pss_4096_sha384_mgf1_48",
        "rsa_pss_4096_sha512_mgf1_64",
    ] {
        rsa_verify(name, &json!(rsa_pss_verify, name), RsaSignature::Pss);
    }
}

/// Signatures with another salt, or MGF1 with another hash, are not what was asked for: all must be refused.
#[test]
fn rsa_pss_with_other_parameters() {
    for name in
        ["rsa_pss_2048_sha256_mgf1_0", "rsa_pss_2048_sha256_mgf1sha1_20", "rsa_pss_4096_sha512_mgf1_32"]
    {
        let mut file = json!(rsa_pss_verify, name);
        for group in file["testGroups"].as_array_mut().expect("groups") {
            for test in group["tests"].as_array_mut().expect("tests") {
                // What the file alters may become right by it.
                let valid = test["result"] == "valid";
                test["result"] = if valid { "invalid" } else { "acceptable" }.into();
            }
        }
        rsa_verify(name, &file, RsaSignature::Pss);
    }
}

fn rsa_private(
    p: &dyn Provider,
    case: &Case<'_>,
) -> Result<std::sync::Arc<dyn lws_gencrypto::RsaPrivateKey>, Error> {
    match PrivateParts::from_der(&case.bytes("privateKeyPkcs8"))? {
        PrivateParts::Rsa(key) => p.rsa_private(&key),
        _ => Err(KeyFault::Encoding.into()),
    }
}

#[test]
fn jose_03_rsa_oaep() {
    for name in [
        "rsa_oaep_2048_sha1_mgf1sha1",
        "rsa_oaep_2048_sha256_mgf1sha256",
        "rsa_oaep_2048_sha384_mgf1sha384",
        "rsa_oaep_2048_sha512_mgf1sha512",
        "rsa_oaep_3072_sha256_mgf1sha256",
        "rsa_oaep_4096_sha512_mgf1sha512",
    ] {
        check(name, &json!(rsa_oaep, name), |p, case| {
            let hash = Hash::ALL.into_iter().find(|hash| case.group["sha"] == hash.name())?;
            // There are no labels here; a ciphertext with one must not open.
            if case.test["label"] != "" && case.test["result"] == "valid" {
                return None;
            }
            let opened = rsa_private(p, case).and_then(|key| {
                let opened = key.decrypt(RsaEncryption::Oaep(hash), &case.bytes("ct"));
                assert!(
                    matches!(opened, Ok(_) | Err(Error::Decrypt | Error::Unsupported { .. })),
                    "{opened:?}"
                );
                opened
            });
            Some(opened.and_then(|opened| same(opened.expose(), &case.bytes("msg"))))
        });
    }
}

#[test]
fn jose_03_rsa_pkcs1() {
    for name in ["rsa_pkcs1_2048", "rsa_pkcs1_3072", "rsa_pkcs1_4096"] {
        check(name, &json!(rsa_pkcs1_decrypt, name), |p, case| {
            let (message, ciphertext) = (case.bytes("msg"), case.bytes("ct"));
            Some(rsa_private(p, case).and_then(|key| {
                let opened = key.decrypt(RsaEncryption::Pkcs1, &ciphertext);
                assert!(
                    matches!(opened, Ok(_) | Err(Error::Decrypt | Error::Unsupported { .. })),
                    "{opened:?}"
                );
                // Implicit rejection: the same verdict, seen in what is left in the buffer.
                let mut out = vec![0xee; message.len().max(16)];
                key.decrypt_pkcs1_into(&ciphertext, &mut out)?;
                let fits = opened.as_ref().is_ok_and(|opened| opened.len() == out.len());
                let expected = if fits { message.clone() } else { vec![0xee; out.len()] };
                assert_eq!(out, expected, "{} {}", p.name(), case.test);
                same(opened?.expose(), &message)
            }))
        });
    }
}
