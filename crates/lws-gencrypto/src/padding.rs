//! The padding of PKCS#7 (RFC 5652 §6.3), here once for every library: taken off in constant time.

use alloc::vec::Vec;
use core::hint::black_box;

use zeroize::Zeroize;

use crate::Error;
use crate::aes::BLOCK;

/// RFC 5652 §6.3: n bytes of value n, 1 to 16, so that whole blocks come out.
pub(crate) fn pad(data: &mut Vec<u8>) {
    let count = BLOCK - data.len() % BLOCK;
    data.resize(data.len() + count, count as u8);
}

/// Takes the padding off, or everything if it is wrong. The time does not tell which byte was wrong.
pub(crate) fn unpad(data: &mut Vec<u8>) -> Result<(), Error> {
    match padding_len(data) {
        Some(count) => {
            data.truncate(data.len() - count);
            Ok(())
        }
        None => {
            data.zeroize();
            Err(Error::Decrypt)
        }
    }
}

/// Length of the padding at the end of `data`, 1 to 16; `None` if there is none.
pub(crate) fn padding_len(data: &[u8]) -> Option<usize> {
    let last: &[u8; BLOCK] = data.last_chunk()?;
    let count = last[BLOCK - 1];
    // All 16 bytes are looked at, whatever the count says.
    let mut wrong = 0u8;
    for (i, byte) in last.iter().rev().enumerate() {
        // 0xff while i < count, then 0: the borrow of i - count, spread.
        let inside = (((i as u16).wrapping_sub(u16::from(count))) >> 8) as u8;
        wrong = black_box(wrong | (inside & (byte ^ count)));
    }
    // 1 <= count <= 16 without a branch: the borrow of 16 - count, and of count - 1.
    let long = (16u16.wrapping_sub(u16::from(count)) >> 8) as u8;
    let short = (u16::from(count).wrapping_sub(1) >> 8) as u8;
    (black_box(wrong | long | short) == 0).then_some(usize::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_and_back() {
        for len in 0..50 {
            let mut data = alloc::vec![0xa5; len];
            pad(&mut data);
            assert!(data.len() % BLOCK == 0 && data.len() > len && data.len() <= len + BLOCK);
            unpad(&mut data).unwrap();
            assert_eq!(data, alloc::vec![0xa5; len]);
        }
    }

    #[test]
    fn what_is_no_padding() {
        for last in [0u8, 17, 32, 255] {
            assert_eq!(padding_len(&[last; 16]), None, "{last}");
        }
        assert_eq!(padding_len(&[]), None);
        assert_eq!(padding_len(&[1; 15]), None);
        for count in 1..=16u8 {
            let mut block = [count; 16];
            assert_eq!(padding_len(&block), Some(usize::from(count)));
            if count > 1 {
                block[16 - usize::from(count)] ^= 1;
                assert_eq!(padding_len(&block), None, "{count}");
            }
        }
    }
}
