//! The padding of RSAES-PKCS1-v1_5 (RFC 8017 §7.2.2), for libraries that give out the padded block: 0, 2, at least 8
//! bytes that are not 0, 0, message.

use core::hint::black_box;

use crate::compare::{mask_eq, select};
use crate::{Error, Secret};

/// Fewest bytes in front of the message.
const OVERHEAD: usize = 11;

/// Takes the message out of `block`, the result of the bare RSA operation, and says whether there is one. The block is
/// read in constant time; the answer is not.
///
/// # Errors
/// [`Error::Decrypt`].
pub fn rsa_unpad_pkcs1(block: &[u8]) -> Result<Secret, Error> {
    let mut wrong = 0xff ^ begins_right(block);
    // `len` counts what follows the first zero after the two bytes, once it has been seen.
    let (mut seen, mut len, mut filling) = (0u8, 0usize, 0usize);
    for byte in block.iter().skip(2) {
        len = black_box(len + usize::from(seen & 1));
        seen = black_box(seen | mask_eq(usize::from(*byte), 0));
        filling = black_box(filling + usize::from(!seen & 1));
    }
    wrong |= !seen;
    // 0xff if filling < 8.
    wrong |= ((filling.wrapping_sub(8)) >> (usize::BITS - 1)) as u8 * 0xff;
    if black_box(wrong) == 0 { Ok(Secret::from(&block[block.len() - len..])) } else { Err(Error::Decrypt) }
}

/// Copies the message of `block` to `out` if it has exactly `out.len()` bytes, otherwise leaves `out` alone; all in
/// constant time, without an answer. For [`decrypt_pkcs1_into`](crate::RsaPrivateKey::decrypt_pkcs1_into).
pub fn rsa_unpad_pkcs1_into(block: &[u8], out: &mut [u8]) {
    // The message's length is known, so is the place of the zero in front of it: nothing is searched for.
    let Some(filling) = block.len().checked_sub(out.len() + OVERHEAD - 8) else { return };
    let Some((filling, message)) = block.get(2..).and_then(|rest| rest.split_at_checked(filling)) else {
        return;
    };
    let Some((zero, message)) = message.split_first() else { return };
    if filling.len() < 8 {
        return;
    }
    let mut right = begins_right(block) & mask_eq(usize::from(*zero), 0);
    for byte in filling {
        right = black_box(right & !mask_eq(usize::from(*byte), 0));
    }
    select(right, message, out);
}

/// 0xff if the block begins with 0, 2.
fn begins_right(block: &[u8]) -> u8 {
    match block {
        [first, second, ..] => mask_eq(usize::from(*first), 0) & mask_eq(usize::from(*second), 2),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn block(first: &[u8], filling: usize, rest: &[u8]) -> Vec<u8> {
        let mut block = first.to_vec();
        block.extend(core::iter::repeat_n(0xa5, filling));
        block.extend(rest);
        block
    }

    fn into(block: &[u8]) -> [u8; 6] {
        let mut out = *b"random";
        rsa_unpad_pkcs1_into(block, &mut out);
        out
    }

    #[test]
    fn jose_03_right_blocks() {
        for filling in [8, 9, 200] {
            let block = block(&[0, 2], filling, b"\0sesame");
            assert_eq!(rsa_unpad_pkcs1(&block).unwrap().expose(), b"sesame");
            assert_eq!(into(&block), *b"sesame");
        }
        // A zero within the message is part of it.
        let block = block(&[0, 2], 8, b"\0se\0ame");
        assert_eq!(rsa_unpad_pkcs1(&block).unwrap().expose(), b"se\0ame");
        assert_eq!(into(&block), *b"se\0ame");
    }

    #[test]
    fn jose_03_wrong_blocks() {
        for wrong in [
            block(&[0, 1], 8, b"\0sesame"),
            block(&[1, 2], 8, b"\0sesame"),
            block(&[0, 2], 7, b"\0sesame"),
            block(&[0, 2], 0, b"\0sesame"),
            block(&[0, 2], 20, b"xsesame"),
            block(&[0, 2], 0, b""),
            Vec::new(),
            Vec::from([0]),
        ] {
            assert_eq!(rsa_unpad_pkcs1(&wrong), Err(Error::Decrypt), "{wrong:?}");
            assert_eq!(into(&wrong), *b"random", "{wrong:?}");
        }
    }

    #[test]
    fn jose_03_other_lengths_are_rejected() {
        for message in [&b"\0sesam"[..], b"\0sesames", b"\0", b"\0sesame\0"] {
            let block = block(&[0, 2], 100, message);
            assert_eq!(rsa_unpad_pkcs1(&block).unwrap().expose(), &message[1..]);
            assert_eq!(into(&block), *b"random");
        }
        let mut none = [];
        rsa_unpad_pkcs1_into(&block(&[0, 2], 9, b"\0"), &mut none);
    }
}
