//! Key derivation: Concat KDF, HKDF, PBKDF2. Written once, on top of a provider's hashes.

use crate::limits::{DIGEST_MAX, PBKDF2_ITERATIONS_MAX};
use crate::{Error, Hash, Hmac, Misuse, Provider};

use zeroize::Zeroize;

/// Concat KDF (SP 800-56A §5.8.1, RFC 7518 §4.6.2): `out` is filled from the shared secret `z` and the concatenation of
/// `other_info`.
///
/// # Errors
/// [`Misuse::OutputLength`] for more than 255 digests; [`Error::Unsupported`], [`Error::Library`].
pub fn concat_kdf(
    provider: &(impl Provider + ?Sized),
    hash: Hash,
    z: &[u8],
    other_info: &[&[u8]],
    out: &mut [u8],
) -> Result<(), Error> {
    check_len(hash, out)?;
    let mut hasher = provider.hasher(hash)?;
    for (block, counter) in out.chunks_mut(hash.len()).zip(1u32..) {
        // RFC 7518 §4.6.2: each round hashes the round, Z, and OtherInfo.
        hasher.update(&counter.to_be_bytes());
        hasher.update(z);
        other_info.iter().for_each(|part| hasher.update(part));
        let digest = hasher.finish()?;
        block.copy_from_slice(&digest[..block.len()]);
    }
    Ok(())
}

/// HKDF (RFC 5869): extract, then expand into `out`.
///
/// # Errors
/// [`Misuse::OutputLength`] for more than 255 digests; [`Error::Unsupported`], [`Error::Library`].
pub fn hkdf(
    provider: &(impl Provider + ?Sized),
    hash: Hash,
    salt: &[u8],
    secret: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<(), Error> {
    let key = hkdf_extract(provider, hash, salt, secret)?;
    hkdf_expand(provider, hash, &key, info, out)
}

/// The first half of HKDF (RFC 5869 §2.2).
///
/// # Errors
/// [`Error::Unsupported`], [`Error::Library`].
pub fn hkdf_extract(
    provider: &(impl Provider + ?Sized),
    hash: Hash,
    salt: &[u8],
    secret: &[u8],
) -> Result<crate::Digest, Error> {
    // RFC 5869 §2.2: no salt is as many zeros as the hash is long. HMAC fills a shorter key with zeros itself, but not
    // every library takes an empty one.
    let zeros = [0; DIGEST_MAX];
    let salt = if salt.is_empty() { &zeros[..hash.len()] } else { salt };
    provider.hmac(hash, salt)?.mac(&[secret])
}

/// The second half of HKDF (RFC 5869 §2.3).
///
/// # Errors
/// [`Misuse::OutputLength`] for more than 255 digests; [`Error::Unsupported`], [`Error::Library`].
pub fn hkdf_expand(
    provider: &(impl Provider + ?Sized),
    hash: Hash,
    key: &[u8],
    info: &[u8],
    out: &mut [u8],
) -> Result<(), Error> {
    check_len(hash, out)?;
    let key = provider.hmac(hash, key)?;
    let mut last = [0; DIGEST_MAX];
    for (block, counter) in out.chunks_mut(hash.len()).zip(1u8..=255) {
        // RFC 5869 §2.3: T(n) = HMAC(PRK, T(n-1) | info | n), T(0) is empty.
        let before = if counter == 1 { &[][..] } else { &last[..hash.len()] };
        let digest = key.mac(&[before, info, &[counter]])?;
        block.copy_from_slice(&digest[..block.len()]);
        last[..hash.len()].copy_from_slice(&digest);
    }
    last.zeroize();
    Ok(())
}

/// PBKDF2 (RFC 8018 §5.2) over `key`, the HMAC of the password.
///
/// # Errors
/// [`Misuse::Iterations`]; [`Misuse::OutputLength`] for more than 2^32 - 1 digests; [`Error::Library`].
pub fn pbkdf2(key: &dyn Hmac, salt: &[u8], iterations: u32, out: &mut [u8]) -> Result<(), Error> {
    check_iterations(iterations)?;
    let mut counter = 0u32;
    for block in out.chunks_mut(key.hash().len()) {
        counter = counter.checked_add(1).ok_or(Misuse::OutputLength)?;
        // RFC 8018 §5.2: U1 = PRF(P, S | INT(i)), Un = PRF(P, Un-1), T = U1 ^ ... ^ Uc.
        let mut u = key.mac(&[salt, &counter.to_be_bytes()])?;
        let mut sum = [0; DIGEST_MAX];
        sum[..u.len()].copy_from_slice(&u);
        for _ in 1..iterations {
            u = key.mac(&[&u])?;
            sum.iter_mut().zip(u.iter()).for_each(|(sum, u)| *sum ^= u);
        }
        block.copy_from_slice(&sum[..block.len()]);
        sum.zeroize();
    }
    Ok(())
}

/// Checks the number of iterations of PBKDF2, so that every backend answers alike.
///
/// # Errors
/// [`Misuse::Iterations`].
pub const fn check_iterations(iterations: u32) -> Result<(), Error> {
    if iterations == 0 || iterations > PBKDF2_ITERATIONS_MAX {
        return Err(Error::Misuse(Misuse::Iterations));
    }
    Ok(())
}

/// RFC 5869 §2.3: L <= 255 * HashLen. Concat KDF could do more; nobody needs it.
const fn check_len(hash: Hash, out: &[u8]) -> Result<(), Error> {
    if out.len() <= 255 * hash.len() { Ok(()) } else { Err(Error::Misuse(Misuse::OutputLength)) }
}
