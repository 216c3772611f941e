//! The numbers of a key.

use alloc::vec::Vec;
use lws_gencrypto::Secret;

use super::Curve;

/// Big-endian numbers. RSA numbers have no leading zero byte; those on curves have the curve's length.
#[derive(Clone)]
pub(crate) enum Material {
    Oct(Secret),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
        private: Option<RsaPrivate>,
    },
    /// `y` is empty for OKP.
    Ec {
        curve: Curve,
        x: Vec<u8>,
        y: Vec<u8>,
        private: Option<EcPrivate>,
    },
}

#[derive(Clone)]
pub(crate) struct RsaPrivate {
    pub(crate) d: Secret,
    /// RFC 7518 §6.3.2: all five of them or none.
    pub(crate) factors: Option<RsaFactors>,
}

#[derive(Clone)]
pub(crate) struct RsaFactors {
    pub(crate) p: Secret,
    pub(crate) q: Secret,
    pub(crate) dp: Secret,
    pub(crate) dq: Secret,
    pub(crate) qi: Secret,
}

#[derive(Clone)]
pub(crate) struct EcPrivate {
    pub(crate) d: Secret,
}

impl Material {
    pub(super) fn bits(&self) -> usize {
        match self {
            Material::Oct(bytes) => bytes.len() * 8,
            Material::Rsa { n, .. } => bit_length(n),
            Material::Ec { curve, .. } => curve.bits(),
        }
    }

    pub(super) fn is_private(&self) -> bool {
        match self {
            Material::Oct(_) => true,
            Material::Rsa { private, .. } => private.is_some(),
            Material::Ec { private, .. } => private.is_some(),
        }
    }

    pub(super) fn public(&self) -> Option<Material> {
        match self {
            Material::Oct(_) => None,
            Material::Rsa { n, e, .. } => Some(Material::Rsa { n: n.clone(), e: e.clone(), private: None }),
            Material::Ec { curve, x, y, .. } => {
                Some(Material::Ec { curve: *curve, x: x.clone(), y: y.clone(), private: None })
            }
        }
    }

    pub(super) fn is_same_key(&self, other: &Material) -> bool {
        match (self, other) {
            (Material::Oct(a), Material::Oct(b)) => same(a.expose(), b.expose()),
            (Material::Rsa { n: n1, e: e1, .. }, Material::Rsa { n: n2, e: e2, .. }) => n1 == n2 && e1 == e2,
            (Material::Ec { curve: c1, x: x1, y: y1, .. }, Material::Ec { curve: c2, x: x2, y: y2, .. }) => {
                c1 == c2 && x1 == x2 && y1 == y2
            }
            _ => false,
        }
    }

    /// Whether an RSA exponent is odd and at least 65537 (NIST SP 800-56B §6.2); true for other keys.
    pub(super) fn has_good_exponent(&self) -> bool {
        let Material::Rsa { e, .. } = self else { return true };
        bit_length(e) > 16 && e.last().is_some_and(|byte| byte & 1 == 1)
    }
}

pub(crate) fn bit_length(number: &[u8]) -> usize {
    let Some(first) = number.iter().position(|byte| *byte != 0) else { return 0 };
    let leading = number.get(first).map_or(0, |byte| byte.leading_zeros() as usize);
    (number.len() - first) * 8 - leading
}

/// Whether both are the same, in a time that tells their length only.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    lws_gencrypto::constant_time_eq(a, b)
}
