//! ECDSA and ECDH.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lws_gencrypto::{
    Curve, EcPoint, EcPrivate, EcPrivateKey, EcPublicKey, Error, Hash, KeyFault, Misuse, Operation, Secret,
    ecdsa_from_der, ecdsa_to_der,
};
use mbedtls::bignum::Mpi;
use mbedtls::ecp::EcPoint as Point;
use mbedtls::pk::{ECDSA_MAX_LEN, EcGroup, EcGroupId, Pk};

use super::{failed, ffi, hashes, no_md5};

fn group(curve: Curve) -> Result<EcGroup, Error> {
    EcGroup::new(match curve {
        Curve::P256 => EcGroupId::SecP256R1,
        Curve::P384 => EcGroupId::SecP384R1,
        Curve::P521 => EcGroupId::SecP521R1,
    })
    .map_err(failed("the curve"))
}

/// The curves have no other points than those of the prime order, and the uncompressed form has no place for infinity:
/// being on the curve is all there is to check (SP 800-56A §5.6.2.3.3).
fn parse(point: &EcPoint) -> Result<Pk, Error> {
    let group = group(point.curve())?;
    let parsed = Point::from_binary_no_compress(&group, point.sec1()).map_err(invalid)?;
    if !group.contains_point(&parsed).map_err(invalid)? {
        return Err(KeyFault::Invalid.into());
    }
    Pk::public_from_ec_components(group, parsed).map_err(failed("EC"))
}

pub(super) struct Public {
    point: EcPoint,
    key: Mutex<Pk>,
}

impl Public {
    pub(super) fn new(point: &EcPoint) -> Result<Self, Error> {
        Ok(Self { point: *point, key: Mutex::new(parse(point)?) })
    }
}

impl EcPublicKey for Public {
    fn point(&self) -> &EcPoint {
        &self.point
    }

    fn verify(&self, hash: Hash, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let curve = self.point.curve();
        if hash == Hash::Md5 {
            return Err(no_md5(Operation::EcdsaVerify(curve, hash)));
        }
        if signature.len() != curve.signature_len() {
            return Err(Error::Verify);
        }
        let digest = hashes::hash(hash, message)?;
        let der = ecdsa_to_der(curve, signature)?;
        lock(&self.key).verify(hashes::kind(hash), &digest, &der).map_err(|_| Error::Verify)
    }
}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcPublicKey({})", self.point.curve())
    }
}

pub(super) struct Private {
    numbers: EcPrivate,
    key: Mutex<Pk>,
}

impl Private {
    pub(super) fn new(numbers: &EcPrivate) -> Result<Self, Error> {
        let curve = numbers.public().curve();
        parse(numbers.public())?;
        let d = Mpi::from_binary(numbers.d().expose()).map_err(failed("memory"))?;
        // The library refuses a number that is out of range, and multiplies the generator with it.
        let key =
            Pk::private_from_ec_scalar_with_rng(group(curve)?, d, &mut ffi::random()?).map_err(mismatch)?;
        if point(&key, curve)? != *numbers.public() {
            return Err(KeyFault::Mismatch.into());
        }
        Ok(Self { numbers: numbers.clone(), key: Mutex::new(key) })
    }

    pub(super) fn generate(curve: Curve) -> Result<Self, Error> {
        let key = Pk::generate_ec(&mut ffi::random()?, group(curve)?).map_err(failed("EC key generation"))?;
        let d = key.ec_private().and_then(|d| d.to_binary_padded(curve.field_len()));
        let d = Secret::from(d.map_err(failed("EC key generation"))?);
        let numbers = EcPrivate::new(point(&key, curve)?, d.expose())?;
        Ok(Self { numbers, key: Mutex::new(key) })
    }
}

/// The public point of `key`.
fn point(key: &Pk, curve: Curve) -> Result<EcPoint, Error> {
    let bytes = key.ec_public().and_then(|point| point.to_binary(&key.ec_group()?, false));
    EcPoint::from_sec1(curve, &bytes.map_err(failed("EC"))?)
}

impl EcPrivateKey for Private {
    fn point(&self) -> &EcPoint {
        self.numbers.public()
    }

    fn public_key(&self) -> Result<Arc<dyn EcPublicKey>, Error> {
        Ok(Arc::new(Public::new(self.point())?))
    }

    fn sign(&self, hash: Hash, message: &[u8], out: &mut [u8]) -> Result<usize, Error> {
        let curve = self.point().curve();
        if hash == Hash::Md5 {
            return Err(no_md5(Operation::EcdsaSign(curve, hash)));
        }
        if out.len() < curve.signature_len() {
            return Err(Misuse::OutputLength.into());
        }
        let digest = hashes::hash(hash, message)?;
        let mut der = [0; ECDSA_MAX_LEN];
        let len = lock(&self.key)
            .sign(hashes::kind(hash), &digest, &mut der, &mut ffi::random()?)
            .map_err(failed("ECDSA"))?;
        ecdsa_from_der(curve, der.get(..len).unwrap_or_default(), out).map_err(|_| Error::Library("ECDSA"))
    }

    fn agree(&self, peer: &EcPoint) -> Result<Secret, Error> {
        let curve = self.point().curve();
        if peer.curve() != curve {
            return Err(KeyFault::Invalid.into());
        }
        let peer = parse(peer)?;
        let mut secret = Secret::zeroed(curve.field_len());
        let done = lock(&self.key).agree(&peer, secret.expose_mut(), &mut ffi::random()?);
        match done.map_err(invalid)? {
            len if len == curve.field_len() => Ok(secret),
            _ => Err(Error::Library("ECDH")),
        }
    }

    fn export_private(&self) -> Result<EcPrivate, Error> {
        Ok(self.numbers.clone())
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcPrivateKey({})", self.point().curve())
    }
}

/// What a thread that panicked left is still a key: nothing is changed by its use.
fn lock(key: &Mutex<Pk>) -> MutexGuard<'_, Pk> {
    key.lock().unwrap_or_else(PoisonError::into_inner)
}

#[allow(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn invalid(_: mbedtls::Error) -> Error {
    KeyFault::Invalid.into()
}

#[allow(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn mismatch(_: mbedtls::Error) -> Error {
    KeyFault::Mismatch.into()
}
