//! The numbers of an RSA key: derived where a JWK leaves them out (RFC 7518 §6.3.2), and checked that they belong
//! together. That p and q are prime is not checked: it takes long, and the key is its owner's.

use lws_gencrypto::{Error, KeyFault, RsaPrivate, Secret};
use openssl::bn::{BigNum, BigNumContext, BigNumContextRef, BigNumRef};
use openssl::error::ErrorStack;

use super::failed;

/// Bases that are tried to factor a modulus. One that is not fit has a chance of at most one half.
const BASES: u32 = 64;

/// All numbers of the key, which belong together.
pub(super) fn complete(key: &RsaPrivate) -> Result<RsaPrivate, Error> {
    let mut numbers = Numbers::of(key).map_err(failed("memory"))?;
    let (p, q) = match key.factors() {
        Some((p, q)) => (secret(p).map_err(failed("memory"))?, secret(q).map_err(failed("memory"))?),
        None => numbers.factor().map_err(failed("RSA"))?.ok_or(KeyFault::Mismatch)?,
    };
    let crt = numbers.remainders(&p, &q).ok().flatten().ok_or(KeyFault::Mismatch)?;
    let [dp, dq, qi] = crt.map(|number| Secret::from(number.to_vec()));
    let whole =
        key.clone().with_factors(Secret::from(p.to_vec()).expose(), Secret::from(q.to_vec()).expose())?;
    let whole = whole.with_crt(dp.expose(), dq.expose(), qi.expose())?;
    match key.crt() {
        Some(given) if Some(given) != whole.crt() => Err(KeyFault::Mismatch.into()),
        _ => Ok(whole),
    }
}

struct Numbers {
    n: BigNum,
    e: BigNum,
    d: BigNum,
    context: BigNumContext,
}

impl Numbers {
    fn of(key: &RsaPrivate) -> Result<Self, ErrorStack> {
        Ok(Self {
            n: BigNum::from_slice(key.public().n())?,
            e: BigNum::from_slice(key.public().e())?,
            d: secret(key.d())?,
            context: BigNumContext::new()?,
        })
    }

    /// dp, dq and qi; `None` if p, q, d, e and n do not belong together.
    fn remainders(&mut self, p: &BigNumRef, q: &BigNumRef) -> Result<Option<[BigNum; 3]>, ErrorStack> {
        let context = &mut self.context;
        let mut product = BigNum::new()?;
        product.checked_mul(p, q, context)?;
        if product != self.n {
            return Ok(None);
        }
        let one = BigNum::from_u32(1)?;
        let mut remainders = [BigNum::new_secure()?, BigNum::new_secure()?, BigNum::new_secure()?];
        for (prime, remainder) in [p, q].into_iter().zip(&mut remainders) {
            let mut less_one = secret_copy(prime)?;
            less_one.sub_word(1)?;
            remainder.nnmod(&self.d, &less_one, context)?;
            // RFC 8017 §3.2: e times d is 1 modulo each.
            let mut product = BigNum::new_secure()?;
            product.mod_mul(&self.e, remainder, &less_one, context)?;
            if product != one {
                return Ok(None);
            }
        }
        let [_, _, qi] = &mut remainders;
        qi.mod_inverse(q, p, context)?;
        Ok(Some(remainders))
    }

    /// SP 800-56B Appendix C.1: p and q, p the greater one, from n, e and d.
    fn factor(&mut self) -> Result<Option<(BigNum, BigNum)>, ErrorStack> {
        let context = &mut self.context;
        let one = BigNum::from_u32(1)?;
        let mut minus_one = BigNum::new()?;
        minus_one.checked_sub(&self.n, &one)?;
        // A multiple of lambda(n), so g^k = 1 for every g; halving k leads to a root of 1 that tells the factors apart.
        let mut odd = BigNum::new_secure()?;
        odd.checked_mul(&self.e, &self.d, context)?;
        odd.sub_word(1)?;
        let mut halvings = 0;
        while odd.is_even() && odd.num_bits() > 0 {
            let mut half = BigNum::new_secure()?;
            half.rshift1(&odd)?;
            (odd, halvings) = (half, halvings + 1);
        }
        odd.set_const_time();
        for base in 2..2 + BASES {
            let mut root = BigNum::new_secure()?;
            root.mod_exp(&*BigNum::from_u32(base)?, &odd, &self.n, context)?;
            for _ in 0..halvings {
                if root == one || root == minus_one {
                    break;
                }
                let mut square = BigNum::new_secure()?;
                square.mod_sqr(&root, &self.n, context)?;
                if square == one {
                    root.sub_word(1)?;
                    return split(&self.n, &root, context).map(Some);
                }
                root = square;
            }
            // g^k is not 1: d does not belong to n and e, and no other base will help.
            if root != one && root != minus_one {
                return Ok(None);
            }
        }
        Ok(None)
    }
}

/// n's factor that `multiple` has too, and the other one; the greater one first.
fn split(
    n: &BigNumRef,
    multiple: &BigNumRef,
    context: &mut BigNumContextRef,
) -> Result<(BigNum, BigNum), ErrorStack> {
    let (mut p, mut q) = (BigNum::new_secure()?, BigNum::new_secure()?);
    p.gcd(multiple, n, context)?;
    q.checked_div(n, &p, context)?;
    Ok(if p > q { (p, q) } else { (q, p) })
}

fn secret(bytes: &Secret) -> Result<BigNum, ErrorStack> {
    let mut number = BigNum::new_secure()?;
    number.copy_from_slice(bytes.expose())?;
    number.set_const_time();
    Ok(number)
}

fn secret_copy(number: &BigNumRef) -> Result<BigNum, ErrorStack> {
    let mut copy = number.to_owned()?;
    copy.set_const_time();
    Ok(copy)
}
