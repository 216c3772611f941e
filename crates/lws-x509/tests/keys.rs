//! Keys in files.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

use lws_gencrypto::der::{Oid, Tag, Writer};
use lws_gencrypto::{Curve, Error as CryptoError, KeyFault, Provider};
use lws_x509::{Error, PrivateKey, PublicKey, SigningKey, pem};

fn all_kinds(provider: &dyn Provider) -> Vec<PrivateKey> {
    let mut keys: Vec<_> = Curve::ALL
        .into_iter()
        .map(|curve| PrivateKey::Ec(provider.ec_generate(curve).unwrap().export_private().unwrap()))
        .collect();
    keys.push(PrivateKey::Rsa(provider.rsa_generate(2048).unwrap().export_private().unwrap()));
    keys.push(PrivateKey::Ed25519(provider.ed25519_generate().unwrap().export_private().unwrap()));
    keys.push(PrivateKey::X25519(provider.x25519_generate().unwrap().export_private().unwrap()));
    keys
}

#[test]
fn every_kind_goes_round() {
    let provider = lws_backend_rustls::crypto();
    for key in all_kinds(&provider) {
        let text = key.to_pem().unwrap();
        assert!(PrivateKey::from_pem(text.expose()) == Ok(key.clone()), "{key:?}");
        let public = key.public(&provider).unwrap();
        assert_eq!(PublicKey::from_pem(public.to_pem().as_bytes()), Ok(public.clone()));
        // A private key is no public one, nor the other way round.
        let missing = Error::Pem { line: 0, fault: pem::Fault::Missing };
        assert_eq!(PublicKey::from_pem(text.expose()), Err(missing.clone()));
        assert_eq!(PrivateKey::from_pem(public.to_pem().as_bytes()), Err(missing));
        assert_eq!(SigningKey::new(&provider, &key).is_ok(), !matches!(key, PrivateKey::X25519(_)));
        assert!(!format!("{key:?}").to_lowercase().contains("secret"));
    }
}

#[test]
fn older_forms_are_read() {
    let provider = lws_backend_rustls::crypto();
    for key in all_kinds(&provider) {
        // PKCS#8 holds the older form.
        let pkcs8 = key.to_der().unwrap();
        let mut fields = lws_gencrypto::der::Reader::new(pkcs8.expose()).sequence().unwrap();
        assert_eq!(fields.uint(), Ok(0));
        fields.any().unwrap();
        let inner = fields.octet_string().unwrap();
        match &key {
            PrivateKey::Rsa(_) => {
                let text = pem::encode(pem::RSA_PRIVATE_KEY, inner);
                assert!(PrivateKey::from_pem(text.as_bytes()) == Ok(key));
            }
            PrivateKey::Ec(ec) => {
                // Alone it has to name its curve.
                assert!(PrivateKey::from_der(inner) == Err(CryptoError::from(KeyFault::Encoding).into()));
                let mut writer = Writer::new();
                writer.sequence(|fields| {
                    fields.uint(1);
                    fields.octet_string(ec.d().expose());
                    fields.explicit(0, |named| {
                        named.oid(match ec.public().curve() {
                            Curve::P256 => Oid::SECP256R1,
                            Curve::P384 => Oid::SECP384R1,
                            Curve::P521 => Oid::SECP521R1,
                        });
                    });
                    fields.explicit(1, |point| point.bit_string(ec.public().sec1()));
                });
                // As OpenSSL writes it, with its parameters in front.
                let parameters = pem::encode("EC PARAMETERS", &[6, 1, 0]);
                let text = parameters + &pem::encode(pem::EC_PRIVATE_KEY, writer.as_bytes());
                assert!(PrivateKey::from_pem(text.as_bytes()) == Ok(key));
            }
            _ => {}
        }
    }
}

#[test]
fn jose_13_keys_that_are_none() {
    let provider = lws_backend_rustls::crypto();
    let keys = all_kinds(&provider);
    let PrivateKey::Ec(p256) = &keys[0] else { panic!("the first is on a curve") };
    // The private part of another key.
    let other = provider.ec_generate(Curve::P256).unwrap().export_private().unwrap();
    let mixed = PrivateKey::Ec(lws_gencrypto::EcPrivate::new(*p256.public(), other.d().expose()).unwrap());
    assert_eq!(mixed.public(&provider), Err(CryptoError::from(KeyFault::Mismatch).into()));

    let pkcs8 = |algorithm: &dyn Fn(&mut Writer), key: &[u8], version| {
        let mut writer = Writer::new();
        writer.sequence(|fields| {
            fields.uint(version);
            fields.sequence(algorithm);
            fields.octet_string(key);
        });
        PrivateKey::from_der(writer.as_bytes()).map(|_| ())
    };
    let unknown = Err(Error::Crypto(KeyFault::Encoding.into()));
    let ed25519 = |w: &mut Writer| w.oid(Oid::ED25519);
    assert_eq!(pkcs8(&ed25519, &[&[4, 32][..], &[1; 32]].concat(), 0), Ok(()));
    assert_eq!(pkcs8(&ed25519, &[&[4, 32][..], &[1; 32]].concat(), 2), unknown);
    assert_eq!(
        pkcs8(&ed25519, &[&[4, 31][..], &[1; 31]].concat(), 0),
        Err(Error::Crypto(KeyFault::Length.into()))
    );
    assert_eq!(pkcs8(&ed25519, &[1; 32], 0), unknown);
    assert_eq!(pkcs8(&|w| w.oid(Oid::ED448), &[4, 0], 0), unknown);
    let named = |oid| {
        move |w: &mut Writer| {
            w.oid(Oid::EC_PUBLIC_KEY);
            w.oid(oid);
        }
    };
    assert_eq!(pkcs8(&named(Oid::ED25519), &[0x30, 0], 0), unknown, "no such curve");
    let text = pem::encode("ENCRYPTED PRIVATE KEY", &[1]);
    assert_eq!(
        PrivateKey::from_pem(text.as_bytes()),
        Err(Error::Pem { line: 1, fault: pem::Fault::Encrypted })
    );
}

#[test]
fn public_keys_that_are_none() {
    let info = |algorithm: &dyn Fn(&mut Writer), key: &[u8]| {
        let mut writer = Writer::new();
        writer.sequence(|fields| {
            fields.sequence(algorithm);
            fields.bit_string(key);
        });
        PublicKey::from_der(writer.as_bytes())
    };
    let unknown = Err(Error::Crypto(KeyFault::Encoding.into()));
    assert_eq!(info(&|w| w.oid(Oid::ED25519), &[7; 32]), Ok(PublicKey::Ed25519([7; 32])));
    assert_eq!(info(&|w| w.oid(Oid::X25519), &[7; 32]), Ok(PublicKey::X25519([7; 32])));
    assert_eq!(info(&|w| w.oid(Oid::ED25519), &[7; 33]), Err(Error::Crypto(KeyFault::Length.into())));
    assert_eq!(info(&|w| w.oid(Oid::ED448), &[7; 57]), unknown);
    let with_null = |w: &mut Writer| {
        w.oid(Oid::ED25519);
        w.null();
    };
    assert_eq!(info(&with_null, &[7; 32]), unknown, "RFC 8410 §3: no parameters");
    // Explicit parameters instead of the name of a curve.
    let explicit = |w: &mut Writer| {
        w.oid(Oid::EC_PUBLIC_KEY);
        w.sequence(|w| w.uint(1));
    };
    assert_eq!(info(&explicit, &[4; 65]), unknown);
    let without = |w: &mut Writer| w.oid(Oid::EC_PUBLIC_KEY);
    assert_eq!(info(&without, &[4; 65]), unknown);
    let trailing = [&[0x30, 6, 2, 1, 3, 2, 1, 3][..], &[0]].concat();
    let rsa = |w: &mut Writer| {
        w.oid(Oid::RSA_ENCRYPTION);
        w.null();
    };
    assert_eq!(info(&rsa, &trailing), unknown);
    let mut bits = Writer::new();
    bits.sequence(|fields| {
        fields.sequence(|w| w.oid(Oid::ED25519));
        fields.primitive(Tag::BIT_STRING, &[&[1][..], &[0; 32]].concat());
    });
    assert!(matches!(PublicKey::from_der(bits.as_bytes()), Err(Error::Malformed { .. })), "not whole bytes");
}
