//! The numbers of an RSA key that a JWK may leave out (RFC 7518 §6.3.2), and aws-lc wants.
//!
//! `num-bigint` is neither constant in time nor does it wipe. It runs once per key, when the owner imports it, and never
//! with anything that a peer sent.

use lws_gencrypto::{Error, KeyFault, RsaPrivate, Secret};
use num_bigint::BigUint;

/// Bases that are tried to factor a modulus. One that is not fit has a chance of at most one half.
const BASES: u32 = 64;

/// All numbers of the key. What is there is kept; the library checks it.
pub(super) fn complete(key: &RsaPrivate) -> Result<RsaPrivate, Error> {
    if key.factors().is_some() && key.crt().is_some() {
        return Ok(key.clone());
    }
    let d = number(key.d());
    let (p, q) = match key.factors() {
        Some((p, q)) => (number(p), number(q)),
        None => factor(key, &d).ok_or(KeyFault::Mismatch)?,
    };
    let one = BigUint::from(1u8);
    if p <= one || q <= one {
        return Err(KeyFault::Mismatch.into());
    }
    let (dp, dq) = (&d % (&p - &one), &d % (&q - &one));
    let qi = q.modinv(&p).ok_or(KeyFault::Mismatch)?;
    let key = key.clone().with_factors(&p.to_bytes_be(), &q.to_bytes_be())?;
    key.with_crt(&dp.to_bytes_be(), &dq.to_bytes_be(), &qi.to_bytes_be())
}

/// SP 800-56B Appendix C.1: p and q, p the greater one, from n, e and d.
fn factor(key: &RsaPrivate, d: &BigUint) -> Option<(BigUint, BigUint)> {
    let one = BigUint::from(1u8);
    let n = BigUint::from_bytes_be(key.public().n());
    let minus_one = &n - &one;
    // A multiple of lambda(n), so g^k = 1 for every g; halving k leads to a root of 1 that tells the factors apart.
    let k = BigUint::from_bytes_be(key.public().e()) * d - &one;
    let halvings = k.trailing_zeros().filter(|count| *count > 0)?;
    let odd = &k >> halvings;
    for base in 2..2 + BASES {
        let mut root = BigUint::from(base).modpow(&odd, &n);
        for _ in 0..halvings {
            if root == one || root == minus_one {
                break;
            }
            let square = &root * &root % &n;
            if square == one {
                let p = gcd(&root - &one, n.clone());
                let q = &n / &p;
                return Some(if p > q { (p, q) } else { (q, p) });
            }
            root = square;
        }
        // g^k is not 1: d does not belong to n and e, and no other base will help.
        if root != one && root != minus_one {
            return None;
        }
    }
    None
}

fn gcd(mut a: BigUint, mut b: BigUint) -> BigUint {
    let zero = BigUint::ZERO;
    while b != zero {
        (a, b) = (b.clone(), a % b);
    }
    a
}

fn number(secret: &Secret) -> BigUint {
    BigUint::from_bytes_be(secret.expose())
}
