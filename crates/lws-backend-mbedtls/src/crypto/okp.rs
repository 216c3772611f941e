//! X25519.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use lws_gencrypto::{Error, KeyFault, Secret, X25519PrivateKey, constant_time_eq};
use mbedtls::bignum::Mpi;
use mbedtls::ecp::EcPoint as Point;
use mbedtls::pk::{EcGroup, EcGroupId, Pk};

use super::{failed, ffi};

pub(super) struct XPrivate {
    seed: Secret,
    public: [u8; 32],
    key: Mutex<Pk>,
}

impl XPrivate {
    pub(super) fn new(seed: &[u8; 32]) -> Result<Self, Error> {
        // RFC 7748 §5: the number is little-endian; three bits at its end are cleared, and one at its beginning is set.
        let mut number = Secret::from(&seed[..]);
        if let [first, .., last] = number.expose_mut() {
            *first &= 248;
            *last = *last & 127 | 64;
        }
        number.expose_mut().reverse();
        let number = Mpi::from_binary(number.expose()).map_err(failed("memory"))?;
        let key = Pk::private_from_ec_scalar_with_rng(group()?, number, &mut ffi::random()?);
        let key = key.map_err(failed("X25519"))?;
        // The first coordinate, big-endian.
        let public = key.ec_public().and_then(|point| point.x()?.to_binary_padded(32));
        let mut public: [u8; 32] =
            public.map_err(failed("X25519"))?.try_into().map_err(|_| Error::Library("X25519"))?;
        public.reverse();
        Ok(Self { seed: Secret::from(&seed[..]), public, key: Mutex::new(key) })
    }
}

fn group() -> Result<EcGroup, Error> {
    EcGroup::new(EcGroupId::Curve25519).map_err(failed("X25519"))
}

impl X25519PrivateKey for XPrivate {
    fn public_bytes(&self) -> &[u8; 32] {
        &self.public
    }

    fn agree(&self, peer: &[u8; 32]) -> Result<Secret, Error> {
        let group = group()?;
        // RFC 7748 §5: the highest bit is not looked at, and numbers beyond the prime are taken modulo it.
        let mut number = *peer;
        number[31] &= 127;
        number.reverse();
        let point = || {
            let x = Mpi::from_binary(&number)?.modulo(&group.p()?)?;
            let mut little = x.to_binary_padded(32)?;
            little.reverse();
            Point::from_binary_no_compress(&group, &little)
        };
        let peer = point()
            .and_then(|point| Pk::public_from_ec_components(EcGroup::new(EcGroupId::Curve25519)?, point));
        let peer = peer.map_err(|_| KeyFault::Invalid)?;
        let mut secret = Secret::zeroed(32);
        let key = self.key.lock();
        let mut key = key.unwrap_or_else(PoisonError::into_inner);
        // The library refuses points of small order.
        match key.agree(&peer, secret.expose_mut(), &mut ffi::random()?) {
            Ok(32) if !constant_time_eq(secret.expose(), &[0; 32]) => Ok(secret),
            _ => Err(KeyFault::Invalid.into()),
        }
    }

    fn export_private(&self) -> Result<Secret, Error> {
        Ok(self.seed.clone())
    }
}

impl fmt::Debug for XPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("X25519PrivateKey")
    }
}
