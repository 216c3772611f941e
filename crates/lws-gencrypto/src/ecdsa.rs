//! The two forms of an ECDSA signature: r and s side by side (JOSE), and DER (X.509, TLS; RFC 3279 §2.2.3).

use alloc::vec::Vec;

use crate::der::{self, Reader, Writer};
use crate::{Curve, Error, Misuse};

/// r and s, each of [`Curve::field_len`] bytes, into `out`; returns [`Curve::signature_len`].
///
/// # Errors
/// [`Error::Verify`] if `der` is not a signature of that curve: it is a peer's. [`Misuse::OutputLength`].
pub fn ecdsa_from_der(curve: Curve, der: &[u8], out: &mut [u8]) -> Result<usize, Error> {
    let len = curve.field_len();
    let out = out.get_mut(..2 * len).ok_or(Misuse::OutputLength)?;
    let (r, s) = numbers(der).map_err(|_| Error::Verify)?;
    out.fill(0);
    for (number, out) in [r, s].into_iter().zip(out.chunks_exact_mut(len)) {
        let begin = len.checked_sub(number.len()).ok_or(Error::Verify)?;
        out[begin..].copy_from_slice(number);
    }
    Ok(2 * len)
}

/// The DER form of r and s.
///
/// # Errors
/// [`Misuse::DataLength`] if `raw` does not have [`Curve::signature_len`] bytes.
pub fn ecdsa_to_der(curve: Curve, raw: &[u8]) -> Result<Vec<u8>, Error> {
    if raw.len() != curve.signature_len() {
        return Err(Misuse::DataLength.into());
    }
    let (r, s) = raw.split_at(curve.field_len());
    let mut writer = Writer::with_capacity(raw.len() + 12);
    writer.sequence(|numbers| {
        numbers.unsigned(r);
        numbers.unsigned(s);
    });
    Ok(writer.into_bytes())
}

fn numbers(der: &[u8]) -> Result<(&[u8], &[u8]), der::Error> {
    let mut outer = Reader::new(der);
    let mut inner = outer.sequence()?;
    outer.finish()?;
    let numbers = (inner.unsigned()?, inner.unsigned()?);
    inner.finish()?;
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for curve in Curve::ALL {
            let len = curve.field_len();
            for fill in [1u8, 0x7f, 0x80, 0xff] {
                for zeros in [0, 1, 5, len - 1] {
                    let mut raw = alloc::vec![fill; 2 * len];
                    raw[..zeros].fill(0);
                    raw[len..len + zeros].fill(0);
                    let der = ecdsa_to_der(curve, &raw).unwrap();
                    let mut back = alloc::vec![9; 2 * len];
                    assert_eq!(ecdsa_from_der(curve, &der, &mut back), Ok(2 * len));
                    assert_eq!(back, raw);
                    for cut in 0..der.len() {
                        assert_eq!(ecdsa_from_der(curve, &der[..cut], &mut back), Err(Error::Verify));
                    }
                }
            }
        }
    }

    #[test]
    fn jose_09_other_encodings() {
        let check = |der: &[u8]| ecdsa_from_der(Curve::P256, der, &mut [0; 64]);
        assert_eq!(check(&[0x30, 6, 2, 1, 1, 2, 1, 1]), Ok(64));
        for bad in [
            &[0x30, 7, 2, 1, 1, 2, 1, 1, 0][..],   // after s
            &[0x30, 6, 2, 1, 1, 2, 1, 1, 0],       // after the sequence
            &[0x30, 7, 2, 2, 0, 1, 2, 1, 1],       // a zero too many
            &[0x30, 6, 2, 1, 0x80, 2, 1, 1],       // negative
            &[0x30, 5, 2, 0, 2, 1, 1],             // no number
            &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],    // a long form of a short length
            &[0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0], // indefinite
            &[0x31, 6, 2, 1, 1, 2, 1, 1],          // a set
            &[0x30, 6, 3, 1, 1, 2, 1, 1],          // no integer
            &[],
        ] {
            assert_eq!(check(bad), Err(Error::Verify), "{bad:?}");
        }
        let mut long = alloc::vec![0x30, 38, 2, 33];
        long.extend([1; 33]);
        long.extend([2, 1, 1]);
        assert_eq!(check(&long), Err(Error::Verify));
        assert_eq!(ecdsa_from_der(Curve::P256, &[], &mut [0; 63]), Err(Misuse::OutputLength.into()));
        assert_eq!(ecdsa_to_der(Curve::P256, &[0; 63]), Err(Misuse::DataLength.into()));
    }
}
