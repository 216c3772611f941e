//! Keys by their numbers, and implicit rejection.

use super::*;
use alloc::format;

fn modulus(bits: usize) -> Vec<u8> {
    let mut n = alloc::vec![0x5a; bits.div_ceil(8)];
    n[0] = 1 << ((bits - 1) % 8);
    *n.last_mut().unwrap() |= 1;
    n
}

#[test]
fn jose_13_lengths() {
    let check = |n: usize, e: &[u8]| RsaPublic::new(&modulus(n), e).map(|key| key.bits());
    assert_eq!(check(2048, &[1, 0, 1]), Ok(2048));
    assert_eq!(check(8192, &[3]), Ok(8192));
    assert_eq!(check(2047, &[1, 0, 1]), Err(KeyFault::TooSmall.into()));
    assert_eq!(check(8193, &[1, 0, 1]), Err(KeyFault::TooLarge.into()));
    assert_eq!(check(2048, &[2, 0, 0, 0, 1]), Err(KeyFault::TooLarge.into()));
    assert_eq!(check(2048, &[1, 0, 0, 0, 1]), Ok(2048));
    for e in [&[][..], &[0], &[1], &[2], &[1, 0, 0]] {
        assert_eq!(check(2048, e), Err(KeyFault::Invalid.into()), "{e:?}");
    }
    let mut even = modulus(2048);
    even[255] = 0;
    assert_eq!(RsaPublic::new(&even, &[3]), Err(KeyFault::Invalid.into()));
}

#[test]
fn leading_zeros_are_dropped() {
    let mut n = alloc::vec![0, 0];
    n.extend(modulus(2048));
    let key = RsaPublic::new(&n, &[0, 1, 0, 1]).unwrap();
    assert_eq!((key.modulus_len(), key.e()), (256, &[1, 0, 1][..]));
}

#[test]
fn jose_14_debug_shows_no_numbers() {
    let public = RsaPublic::new(&modulus(2048), &[1, 0, 1]).unwrap();
    let key = RsaPrivate::new(public, &modulus(2040)).unwrap();
    let key = key.with_factors(&modulus(1024), &modulus(1024)).unwrap();
    let key = key.with_crt(&[1], &[2], &[3]).unwrap();
    assert_eq!(format!("{key:?} {:?}", key.crt().unwrap()), "RsaPrivate(2048 bits) RsaCrt(..)");
}

/// Opens to what it is told.
#[derive(Debug)]
struct Opens(RsaPublic, Result<Vec<u8>, Error>);

impl RsaPrivateKey for Opens {
    fn public(&self) -> &RsaPublic {
        &self.0
    }
    fn public_key(&self) -> Arc<dyn RsaPublicKey> {
        unreachable!("not asked for")
    }
    fn sign(&self, _: RsaSignature, _: &[u8], _: &mut [u8]) -> Result<usize, Error> {
        Err(Error::Library("a test"))
    }
    fn decrypt(&self, _: RsaEncryption, _: &[u8]) -> Result<Secret, Error> {
        self.1.clone().map(Secret::from)
    }
    fn export_private(&self) -> Result<RsaPrivate, Error> {
        Err(KeyFault::NotExportable.into())
    }
}

#[test]
fn jose_03_failure_keeps_the_random_key() {
    let into = |opened: Result<&[u8], Error>| {
        let public = RsaPublic::new(&modulus(2048), &[1, 0, 1]).unwrap();
        let mut out = *b"random";
        let answer = Opens(public, opened.map(<[u8]>::to_vec)).decrypt_pkcs1_into(&[], &mut out);
        answer.map(|()| out)
    };
    assert_eq!(into(Ok(b"sesame")), Ok(*b"sesame"));
    for opened in [Ok(&b"sesam"[..]), Ok(b"sesame "), Ok(b""), Err(Error::Decrypt), Err(Error::Library("x"))]
    {
        assert_eq!(into(opened), Ok(*b"random"), "{opened:?}");
    }
    let unsupported = Error::Unsupported {
        operation: crate::Operation::RsaDecrypt(RsaEncryption::Pkcs1),
        backend: "test",
        instead: "nothing",
    };
    assert_eq!(into(Err(unsupported)), Err(unsupported));
}
