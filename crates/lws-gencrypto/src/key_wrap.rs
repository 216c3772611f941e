//! AES key wrap (RFC 3394).

use core::fmt;

use zeroize::Zeroize;

use crate::limits::KEY_WRAP_MAX;
use crate::{Aes, Error, Misuse, constant_time_eq};

/// RFC 3394 §2.2.3.1: the initial value.
const INITIAL: [u8; 8] = [0xa6; 8];

/// An AES key that wraps other keys (RFC 3394, the default initial value).
#[doc(alias = "LWS_GAESM_KW")]
pub trait KeyWrap: fmt::Debug + Send + Sync {
    /// Wraps `key`, a multiple of 8 bytes, at least 16, at most [`KEY_WRAP_MAX`], into `out`, which is 8 bytes longer.
    ///
    /// # Errors
    /// [`Misuse::DataLength`], [`Misuse::OutputLength`], [`Error::Library`].
    fn wrap(&self, key: &[u8], out: &mut [u8]) -> Result<(), Error>;

    /// Unwraps into `out`, which is 8 bytes shorter than `wrapped`.
    ///
    /// # Errors
    /// [`Error::Decrypt`] if it was not wrapped with this key, or has no length that [`wrap`](Self::wrap) makes: `out`
    /// is all zero then. [`Misuse::OutputLength`], [`Error::Library`].
    fn unwrap(&self, wrapped: &[u8], out: &mut [u8]) -> Result<(), Error>;
}

/// Checks what [`KeyWrap::wrap`] promises about lengths, so that every backend answers alike.
///
/// # Errors
/// [`Misuse::DataLength`], [`Misuse::OutputLength`].
pub const fn check_wrap(key: &[u8], out: &[u8]) -> Result<(), Error> {
    if !is_wrappable(key.len()) {
        return Err(Error::Misuse(Misuse::DataLength));
    }
    if out.len() == key.len() + 8 { Ok(()) } else { Err(Error::Misuse(Misuse::OutputLength)) }
}

/// Checks what [`KeyWrap::unwrap`] promises about lengths, so that every backend answers alike.
///
/// # Errors
/// [`Error::Decrypt`], [`Misuse::OutputLength`].
pub const fn check_unwrap(wrapped: &[u8], out: &[u8]) -> Result<(), Error> {
    match wrapped.len().checked_sub(8) {
        Some(len) if is_wrappable(len) => {
            if out.len() == len {
                Ok(())
            } else {
                Err(Error::Misuse(Misuse::OutputLength))
            }
        }
        _ => Err(Error::Decrypt),
    }
}

const fn is_wrappable(len: usize) -> bool {
    len >= 16 && len <= KEY_WRAP_MAX && len.is_multiple_of(8)
}

/// [`KeyWrap::wrap`] on top of `ecb`, an [`Aes`] of [`AesMode::Ecb`](crate::AesMode::Ecb): for libraries without key wrap.
///
/// # Errors
/// Like [`KeyWrap::wrap`].
pub fn key_wrap_with_ecb(ecb: &dyn Aes, key: &[u8], out: &mut [u8]) -> Result<(), Error> {
    check_wrap(key, out)?;
    let mut block = [0; 16];
    block[..8].copy_from_slice(&INITIAL);
    out[8..].copy_from_slice(key);
    // RFC 3394 §2.2.1: A | R[i] = AES(K, A | R[i]), A ^= t, for t = 1, 2, ..., 6n.
    let mut t = 0u64;
    for _ in 0..6 {
        for r in out[8..].chunks_exact_mut(8) {
            t += 1;
            block[8..].copy_from_slice(r);
            ecb.encrypt(&[], &mut block)?;
            r.copy_from_slice(&block[8..]);
            add_count(&mut block, t);
        }
    }
    out[..8].copy_from_slice(&block[..8]);
    block.zeroize();
    Ok(())
}

/// [`KeyWrap::unwrap`] on top of `ecb`, an [`Aes`] of [`AesMode::Ecb`](crate::AesMode::Ecb): for libraries without key
/// wrap.
///
/// # Errors
/// Like [`KeyWrap::unwrap`].
pub fn key_unwrap_with_ecb(ecb: &dyn Aes, wrapped: &[u8], out: &mut [u8]) -> Result<(), Error> {
    check_unwrap(wrapped, out)?;
    let mut block = [0; 16];
    block[..8].copy_from_slice(&wrapped[..8]);
    out.copy_from_slice(&wrapped[8..]);
    // RFC 3394 §2.2.2: the same, backwards.
    let mut t = 6 * (out.len() / 8) as u64;
    for _ in 0..6 {
        for r in out.rchunks_exact_mut(8) {
            add_count(&mut block, t);
            t -= 1;
            block[8..].copy_from_slice(r);
            ecb.decrypt(&[], &mut block)?;
            r.copy_from_slice(&block[8..]);
        }
    }
    let good = constant_time_eq(&block[..8], &INITIAL);
    block.zeroize();
    if good {
        return Ok(());
    }
    out.zeroize();
    Err(Error::Decrypt)
}

fn add_count(block: &mut [u8; 16], t: u64) {
    for (a, t) in block.iter_mut().zip(t.to_be_bytes()) {
        *a ^= t;
    }
}
