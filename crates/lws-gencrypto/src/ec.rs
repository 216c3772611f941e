//! Elliptic curves of NIST (SP 800-186): keys by their numbers, ECDSA (FIPS 186-5) and ECDH (SP 800-56A).

use alloc::sync::Arc;
use core::fmt;

use crate::limits::EC_POINT_MAX;
use crate::{Error, Hash, KeyFault, Secret};

/// A curve.
#[doc(alias = "lws_ec_curves")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Curve {
    /// secp256r1.
    P256,
    /// secp384r1.
    P384,
    /// secp521r1.
    P521,
}

impl Curve {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// Length of a coordinate, of the private number, of r and of s, and of an agreed secret, in bytes.
    #[must_use]
    pub const fn field_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Length of a signature as r and s, in bytes.
    #[must_use]
    pub const fn signature_len(self) -> usize {
        2 * self.field_len()
    }

    /// Its name in JOSE (RFC 7518 §6.2.1.1).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A public key: a point, as two coordinates. Whether it is *on* the curve is checked by whoever makes a key of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EcPoint {
    curve: Curve,
    /// SEC 1 §2.3.3, uncompressed: 4, x, y. Zeros follow.
    bytes: [u8; EC_POINT_MAX],
}

impl EcPoint {
    /// From two coordinates of [`Curve::field_len`] bytes each, big-endian.
    ///
    /// # Errors
    /// [`KeyFault::Length`] (RFC 7518 §6.2.1.2: leading zeros are written).
    pub fn from_xy(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, Error> {
        let len = curve.field_len();
        if x.len() != len || y.len() != len {
            return Err(KeyFault::Length.into());
        }
        let mut bytes = [0; EC_POINT_MAX];
        bytes[0] = 4;
        bytes[1..=len].copy_from_slice(x);
        bytes[1 + len..=2 * len].copy_from_slice(y);
        Ok(Self { curve, bytes })
    }

    /// From the uncompressed form of SEC 1 §2.3.3.
    ///
    /// # Errors
    /// [`KeyFault::Length`]; [`KeyFault::Encoding`] for the compressed form and the point at infinity.
    pub fn from_sec1(curve: Curve, point: &[u8]) -> Result<Self, Error> {
        match point.split_first() {
            Some((4, xy)) if xy.len() == 2 * curve.field_len() => {
                let (x, y) = xy.split_at(curve.field_len());
                Self::from_xy(curve, x, y)
            }
            Some((4, _)) | None => Err(KeyFault::Length.into()),
            Some(_) => Err(KeyFault::Encoding.into()),
        }
    }

    /// Its curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// The first coordinate.
    #[must_use]
    pub fn x(&self) -> &[u8] {
        &self.sec1()[1..=self.curve.field_len()]
    }

    /// The second coordinate.
    #[must_use]
    pub fn y(&self) -> &[u8] {
        &self.sec1()[1 + self.curve.field_len()..]
    }

    /// The uncompressed form of SEC 1 §2.3.3: 4, x, y.
    #[must_use]
    pub fn sec1(&self) -> &[u8] {
        &self.bytes[..=2 * self.curve.field_len()]
    }
}

impl fmt::Debug for EcPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcPoint({}, ", self.curve)?;
        self.sec1().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// The numbers of a private key. `Debug` shows the public part only.
#[doc(alias = "lws_gencrypto_keyelem")]
#[derive(Clone, PartialEq, Eq)]
pub struct EcPrivate {
    public: EcPoint,
    d: Secret,
}

impl EcPrivate {
    /// From the point and the private number, [`Curve::field_len`] bytes, big-endian. Whether they belong together is
    /// checked by whoever makes a key of them.
    ///
    /// # Errors
    /// [`KeyFault::Length`].
    pub fn new(public: EcPoint, d: &[u8]) -> Result<Self, Error> {
        // RFC 7518 §6.2.2.1: leading zeros are written.
        if d.len() == public.curve.field_len() {
            Ok(Self { public, d: d.into() })
        } else {
            Err(KeyFault::Length.into())
        }
    }

    /// The point.
    #[must_use]
    pub const fn public(&self) -> &EcPoint {
        &self.public
    }

    /// The private number.
    #[must_use]
    pub const fn d(&self) -> &Secret {
        &self.d
    }
}

impl fmt::Debug for EcPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EcPrivate({:?})", self.public)
    }
}

/// A public key, parsed, on its curve.
#[doc(alias = "lws_genecdsa_set_key")]
pub trait EcPublicKey: fmt::Debug + Send + Sync {
    /// Its point.
    fn point(&self) -> &EcPoint;

    /// Whether `signature` is an ECDSA signature of `message` with this hash. It is r and s, each of
    /// [`Curve::field_len`] bytes (RFC 7518 §3.4); [`ecdsa_from_der`](crate::ecdsa_from_der) makes that of X.509's form.
    ///
    /// # Errors
    /// [`Error::Verify`] if not, [`Error::Unsupported`], [`Error::Library`].
    #[doc(alias = "lws_genecdsa_hash_sig_verify_jws")]
    fn verify(&self, hash: Hash, message: &[u8], signature: &[u8]) -> Result<(), Error>;
}

/// A private key, parsed and checked.
#[doc(alias = "lws_genecdsa_create")]
#[doc(alias = "lws_genecdh_create")]
pub trait EcPrivateKey: fmt::Debug + Send + Sync {
    /// The public key's point.
    fn point(&self) -> &EcPoint;

    /// The public key.
    ///
    /// # Errors
    /// [`Error::Library`].
    fn public_key(&self) -> Result<Arc<dyn EcPublicKey>, Error>;

    /// Signs `message` into the beginning of `out`, as r and s; returns [`Curve::signature_len`].
    ///
    /// # Errors
    /// [`Misuse::OutputLength`](crate::Misuse::OutputLength) if `out` is too small, [`Error::Unsupported`],
    /// [`Error::Library`].
    #[doc(alias = "lws_genecdsa_hash_sign_jws")]
    fn sign(&self, hash: Hash, message: &[u8], out: &mut [u8]) -> Result<usize, Error>;

    /// The secret shared with the owner of `peer`: the first coordinate, [`Curve::field_len`] bytes (SP 800-56A
    /// §5.7.1.2). It is not uniform: run it through a [`concat_kdf`](crate::Provider::concat_kdf).
    ///
    /// # Errors
    /// [`KeyFault::Invalid`] if `peer` is on another curve or not on the curve it claims (SP 800-56A §5.6.2.3);
    /// [`Error::Unsupported`], [`Error::Library`].
    #[doc(alias = "lws_genecdh_compute_shared_secret")]
    fn agree(&self, peer: &EcPoint) -> Result<Secret, Error>;

    /// The private numbers. The name is long so that it is seen in a review.
    ///
    /// # Errors
    /// [`KeyFault::NotExportable`].
    fn export_private(&self) -> Result<EcPrivate, Error>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn point_and_back() {
        for curve in Curve::ALL {
            let len = curve.field_len();
            let (x, y) = (alloc::vec![7; len], alloc::vec![9; len]);
            let point = EcPoint::from_xy(curve, &x, &y).unwrap();
            assert_eq!((point.x(), point.y(), point.sec1().len()), (&x[..], &y[..], 1 + 2 * len));
            assert_eq!(EcPoint::from_sec1(curve, point.sec1()), Ok(point));
            assert_eq!(EcPoint::from_xy(curve, &x[1..], &y), Err(KeyFault::Length.into()));
            assert_eq!(EcPoint::from_sec1(curve, &point.sec1()[1..]), Err(KeyFault::Encoding.into()));
            assert_eq!(EcPoint::from_sec1(curve, &point.sec1()[..9]), Err(KeyFault::Length.into()));
            assert_eq!(EcPoint::from_sec1(curve, &[]), Err(KeyFault::Length.into()));
            assert_eq!(EcPoint::from_sec1(curve, &[0]), Err(KeyFault::Encoding.into()));
        }
    }

    #[test]
    fn jose_14_debug_shows_no_private_number() {
        let point = EcPoint::from_xy(Curve::P256, &[7; 32], &[9; 32]).unwrap();
        let key = EcPrivate::new(point, &[0xaa; 32]).unwrap();
        assert!(!format!("{key:?}").contains("aaaa") && !format!("{key:?}").contains("170"));
        assert_eq!(EcPrivate::new(point, &[1; 31]), Err(KeyFault::Length.into()));
    }
}
