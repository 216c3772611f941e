//! Keys in DER: there and back, cut off, and changed at every byte.

use super::*;

fn number(len: usize) -> Vec<u8> {
    let mut number: Vec<u8> = (0..len).map(|i| (i * 7 + 3) as u8).collect();
    number[0] |= 0x80;
    number[len - 1] |= 1;
    number
}

fn rsa() -> RsaPrivate {
    let public = RsaPublic::new(&number(256), &[1, 0, 1]).unwrap();
    let key = RsaPrivate::new(public, &number(255)).unwrap();
    key.with_factors(&number(128), &number(127)).unwrap().with_crt(&number(128), &[5], &number(9)).unwrap()
}

fn ec(curve: Curve) -> EcPrivate {
    let len = curve.field_len();
    EcPrivate::new(EcPoint::from_xy(curve, &number(len), &number(len)).unwrap(), &number(len)).unwrap()
}

fn private_keys() -> Vec<PrivateParts> {
    let mut keys = Vec::from([
        PrivateParts::Rsa(rsa()),
        PrivateParts::Ed25519(number(32).into()),
        PrivateParts::X25519(number(32).into()),
    ]);
    keys.extend(Curve::ALL.map(|curve| PrivateParts::Ec(ec(curve))));
    keys
}

#[test]
fn private_there_and_back() {
    for key in private_keys() {
        let der = key.to_der().unwrap();
        assert_eq!(PrivateParts::from_der(der.expose()).as_ref(), Ok(&key));
        for cut in 0..der.len() {
            assert_eq!(PrivateParts::from_der(&der.expose()[..cut]), Err(KeyFault::Encoding.into()));
        }
    }
}

#[test]
fn public_there_and_back() {
    let mut keys = Vec::from([
        PublicParts::Rsa(rsa().public().clone()),
        PublicParts::Ed25519(number(32).try_into().unwrap()),
        PublicParts::X25519(number(32).try_into().unwrap()),
    ]);
    keys.extend(Curve::ALL.map(|curve| PublicParts::Ec(*ec(curve).public())));
    for key in keys {
        let der = key.to_der();
        assert_eq!(PublicParts::from_der(&der).as_ref(), Ok(&key));
        for cut in 0..der.len() {
            assert_eq!(PublicParts::from_der(&der[..cut]), Err(KeyFault::Encoding.into()));
        }
    }
}

#[test]
fn older_encodings() {
    let key = rsa();
    let pkcs1 = rsa_private_to_der(&key).unwrap();
    assert_eq!(PrivateParts::from_der(pkcs1.expose()), Ok(PrivateParts::Rsa(key.clone())));
    let public = rsa_public_to_der(key.public());
    assert_eq!(PublicParts::from_der(&public), Ok(PublicParts::Rsa(key.public().clone())));

    // SEC 1 on its own must name the curve.
    let key = ec(Curve::P384);
    assert_eq!(PrivateParts::from_der(ec_private_to_der(&key).expose()), Err(KeyFault::Encoding.into()));
    let sec1 = |curve: Oid<'_>| {
        let mut writer = Writer::new();
        writer.sequence(|parts| {
            parts.uint(1);
            parts.octet_string(key.d().expose());
            parts.explicit(0, |parameters| parameters.oid(curve));
            parts.explicit(1, |public| public.bit_string(key.public().sec1()));
        });
        writer.into_bytes()
    };
    assert_eq!(PrivateParts::from_der(&sec1(Oid::SECP384R1)), Ok(PrivateParts::Ec(key.clone())));
    assert_eq!(PrivateParts::from_der(&sec1(Oid::SECP256R1)), Err(KeyFault::Length.into()));
    assert_eq!(PrivateParts::from_der(&sec1(Oid::ED25519)), Err(KeyFault::Encoding.into()));
}

#[test]
fn no_changed_byte_panics() {
    for key in private_keys() {
        let der = key.to_der().unwrap();
        let version = der.expose().windows(3).position(|value| value == [2, 1, 0]).unwrap() + 2;
        // RFC 5958 §2: version 1 is PKCS#8 too, and nothing else may change without a difference.
        for at in (0..der.len().min(80)).filter(|at| *at != version) {
            for flip in [1, 0x80, 0xff] {
                let mut bad = der.expose().to_vec();
                bad[at] ^= flip;
                // Whatever it says: a key that differs, or an error.
                assert_ne!(PrivateParts::from_der(&bad), Ok(key.clone()));
                let _ = PublicParts::from_der(&bad);
            }
        }
    }
}

#[test]
fn without_factors_there_is_no_encoding() {
    let key = RsaPrivate::new(rsa().public().clone(), &number(255)).unwrap();
    assert_eq!(PrivateParts::Rsa(key).to_der(), Err(KeyFault::Encoding.into()));
}
