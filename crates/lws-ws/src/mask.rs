//! Masking (RFC 6455 §5.3): XOR with four bytes, over and over.
//!
//! Both functions return the key for the byte after the last one, so that a payload may come in pieces. They go by
//! words of eight bytes, which compilers turn into whatever vectors the machine has.

/// Masks or unmasks `data` in place, from the first byte of `key` on. Returns the key for what follows `data`.
#[inline]
pub fn apply(data: &mut [u8], key: [u8; 4]) -> [u8; 4] {
    let next = rotate(key, data.len());
    let (words, rest) = data.as_chunks_mut();
    for word in words {
        *word = xor_word(*word, key);
    }
    let (halves, rest) = rest.as_chunks_mut();
    for half in halves {
        *half = xor_half(*half, key);
    }
    for (byte, key) in rest.iter_mut().zip(&key) {
        *byte ^= key;
    }
    next
}

/// Copies `from` to the front of `to`, masked. Returns the key for what follows.
///
/// # Panics
/// If `to` is shorter than `from`.
#[inline]
pub fn copy(from: &[u8], to: &mut [u8], key: [u8; 4]) -> [u8; 4] {
    let next = rotate(key, from.len());
    let to = &mut to[..from.len()];
    let ((from_words, from), (to_words, to)) = (from.as_chunks(), to.as_chunks_mut());
    for (from, to) in from_words.iter().zip(to_words) {
        *to = xor_word(*from, key);
    }
    let ((from_halves, from), (to_halves, to)) = (from.as_chunks(), to.as_chunks_mut());
    for (from, to) in from_halves.iter().zip(to_halves) {
        *to = xor_half(*from, key);
    }
    for ((from, to), key) in from.iter().zip(to).zip(&key) {
        *to = from ^ key;
    }
    next
}

#[inline]
fn xor_word(word: [u8; 8], key: [u8; 4]) -> [u8; 8] {
    // The key twice, as a number: put together from its bytes it costs more than masking twenty.
    let key = u64::from(u32::from_ne_bytes(key));
    (u64::from_ne_bytes(word) ^ (key | key << 32)).to_ne_bytes()
}

#[inline]
fn xor_half(half: [u8; 4], key: [u8; 4]) -> [u8; 4] {
    (u32::from_ne_bytes(half) ^ u32::from_ne_bytes(key)).to_ne_bytes()
}

/// The key for the byte `by` bytes on.
#[inline]
fn rotate(key: [u8; 4], by: usize) -> [u8; 4] {
    // As a number: `<[u8; 4]>::rotate_left` costs more than masking a hundred bytes.
    u32::from_le_bytes(key).rotate_right(8 * (by % 4) as u32).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::vec::Vec;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_phase_any_alignment_as_the_rfc_says(
            key: [u8; 4],
            data in proptest::collection::vec(any::<u8>(), 0..200),
            start in 0_usize..8,
            cut: proptest::sample::Index,
        ) {
            // RFC 6455 §5.3: octet i is XORed with octet i modulo 4 of the key.
            let expected: Vec<u8> = data.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
            let cut = cut.index(data.len() + 1);

            let mut moved = std::vec![0; start];
            moved.extend_from_slice(&data);
            let (first, second) = moved[start..].split_at_mut(cut);
            let next = apply(first, key);
            prop_assert_eq!(apply(second, next), rotate(key, data.len()));
            prop_assert_eq!(&moved[start..], &expected[..]);

            let mut copied = std::vec![0; start + data.len()];
            let (first, second) = copied[start..].split_at_mut(cut);
            let next = copy(&data[..cut], first, key);
            copy(&data[cut..], second, next);
            prop_assert_eq!(&copied[start..], &expected[..]);
        }
    }
}
