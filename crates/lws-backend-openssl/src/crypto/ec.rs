//! ECDSA and ECDH.

use std::fmt;
use std::sync::Arc;

use lws_gencrypto::{
    Curve, EcPoint, EcPrivate, EcPrivateKey, EcPublicKey, Error, Hash, KeyFault, Misuse, Operation, Secret,
};
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcPoint as Point, PointConversionForm};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Private as PrivateOf, Public as PublicOf};

use super::{failed, forget_errors, hashes, unsupported};

fn group(curve: Curve) -> Result<EcGroup, Error> {
    let nid = match curve {
        Curve::P256 => Nid::X9_62_PRIME256V1,
        Curve::P384 => Nid::SECP384R1,
        Curve::P521 => Nid::SECP521R1,
    };
    EcGroup::from_curve_name(nid).map_err(failed("the curve"))
}

/// OpenSSL checks that the point is on the curve. The curves have no other points than those of the prime order, and the
/// uncompressed form has no place for infinity: that is all there is to check (SP 800-56A §5.6.2.3.3).
fn parse(group: &EcGroupRef, point: &EcPoint) -> Result<EcKey<PublicOf>, Error> {
    let mut context = BigNumContext::new().map_err(failed("memory"))?;
    let parsed = Point::from_bytes(group, point.sec1(), &mut context).map_err(invalid)?;
    EcKey::from_public_key(group, &parsed).map_err(invalid)
}

pub(super) struct Public {
    point: EcPoint,
    key: EcKey<PublicOf>,
}

impl Public {
    pub(super) fn new(point: &EcPoint) -> Result<Self, Error> {
        Ok(Self { point: *point, key: parse(&*group(point.curve())?, point)? })
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
        let (r, s) = signature.split_at(curve.field_len());
        let number = |bytes| BigNum::from_slice(bytes).map_err(failed("memory"));
        let signature = EcdsaSig::from_private_components(number(r)?, number(s)?);
        let right = signature.and_then(|signature| signature.verify(&digest, &self.key));
        forget_errors();
        if matches!(right, Ok(true)) { Ok(()) } else { Err(Error::Verify) }
    }
}

impl fmt::Debug for Public {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcPublicKey({})", self.point.curve())
    }
}

pub(super) struct Private {
    numbers: EcPrivate,
    group: EcGroup,
    key: EcKey<PrivateOf>,
}

impl Private {
    pub(super) fn new(numbers: &EcPrivate) -> Result<Self, Error> {
        let group = group(numbers.public().curve())?;
        let public = parse(&group, numbers.public())?;
        let mut d = secure()?;
        d.copy_from_slice(numbers.d().expose()).map_err(failed("memory"))?;
        let key = EcKey::from_private_components(&group, &d, public.public_key()).map_err(mismatch)?;
        // d in range, and d times the generator is the point.
        key.check_key().map_err(mismatch)?;
        Ok(Self { numbers: numbers.clone(), group, key })
    }

    pub(super) fn generate(curve: Curve) -> Result<Self, Error> {
        let group = group(curve)?;
        let key = EcKey::generate(&group).map_err(failed("EC key generation"))?;
        let mut context = BigNumContext::new().map_err(failed("memory"))?;
        let form = PointConversionForm::UNCOMPRESSED;
        let point =
            key.public_key().to_bytes(&group, form, &mut context).map_err(failed("EC key generation"))?;
        let d = Secret::from(padded(key.private_key(), curve)?);
        let numbers = EcPrivate::new(EcPoint::from_sec1(curve, &point)?, d.expose())?;
        Ok(Self { numbers, group, key })
    }
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
        let len = curve.signature_len();
        let out = out.get_mut(..len).ok_or(Misuse::OutputLength)?;
        let digest = hashes::hash(hash, message)?;
        let signature = EcdsaSig::sign(&digest, &self.key).map_err(failed("ECDSA"))?;
        let (r, s) = out.split_at_mut(curve.field_len());
        r.copy_from_slice(&padded(signature.r(), curve)?);
        s.copy_from_slice(&padded(signature.s(), curve)?);
        Ok(len)
    }

    fn agree(&self, peer: &EcPoint) -> Result<Secret, Error> {
        let curve = self.point().curve();
        if peer.curve() != curve {
            return Err(KeyFault::Invalid.into());
        }
        // SP 800-56A §5.7.1.2: the first coordinate of d times the peer's point, in constant time in OpenSSL. Its EVP layer
        // does the same and multiplies by the order too, to check what the curve's cofactor of 1 makes needless.
        let peer = parse(&self.group, peer)?;
        let mut context = BigNumContext::new_secure().map_err(failed("memory"))?;
        let mut shared = Point::new(&self.group).map_err(failed("memory"))?;
        let product = shared.mul2(&self.group, peer.public_key(), self.key.private_key(), &mut context);
        product.map_err(failed("ECDH"))?;
        if shared.is_infinity(&self.group) {
            return Err(KeyFault::Invalid.into());
        }
        let (mut x, mut y) = (secure()?, secure()?);
        shared.affine_coordinates(&self.group, &mut x, &mut y, &mut context).map_err(failed("ECDH"))?;
        Ok(padded(&x, curve)?.into())
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

/// Memory for a secret number, wiped when it is freed.
fn secure() -> Result<BigNum, Error> {
    BigNum::new_secure().map_err(failed("memory"))
}

fn padded(number: &BigNumRef, curve: Curve) -> Result<Vec<u8>, Error> {
    let len = i32::try_from(curve.field_len()).map_err(|_| Error::Library("ECDSA"))?;
    number.to_vec_padded(len).map_err(failed("ECDSA"))
}

fn invalid(_: ErrorStack) -> Error {
    KeyFault::Invalid.into()
}

fn mismatch(_: ErrorStack) -> Error {
    KeyFault::Mismatch.into()
}

const fn no_md5(operation: Operation) -> Error {
    unsupported(operation, "use SHA-256; MD5 is broken")
}
