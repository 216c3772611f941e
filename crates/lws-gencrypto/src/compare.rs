//! Comparing secrets.

use core::hint::black_box;

/// Whether `a` and `b` are equal, in a time that depends on their lengths only.
///
/// Lengths are not secret: unequal ones answer at once.
#[doc(alias = "lws_timingsafe_bcmp")]
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    // black_box: or the compiler may notice that one difference is enough and leave the loop.
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| black_box(sum | (a ^ b))) == 0
}

/// 0xff if `a == b`, otherwise 0, without a branch.
pub(crate) fn mask_eq(a: usize, b: usize) -> u8 {
    let difference = black_box(a ^ b);
    // The highest bit of `d | -d` is 0 for d == 0 alone.
    let differs = (difference | difference.wrapping_neg()) >> (usize::BITS - 1);
    black_box((differs as u8).wrapping_sub(1))
}

/// `mask` is 0xff: copies `from` to `to`. It is 0: changes nothing. The same time for both.
pub(crate) fn select(mask: u8, from: &[u8], to: &mut [u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = black_box((*from & mask) | (*to & !mask));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_and_not() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"abd"));
        assert!(!constant_time_eq(b"abc", b"bbc"));
        assert!(!constant_time_eq(b"abc", b"ab"));
    }

    #[test]
    fn masks() {
        for (a, b) in [(0, 0), (5, 5), (usize::MAX, usize::MAX)] {
            assert_eq!(mask_eq(a, b), 0xff);
        }
        for (a, b) in [(0, 1), (5, 4), (usize::MAX, 0), (1 << 63, 0)] {
            assert_eq!(mask_eq(a, b), 0);
        }
        let mut to = *b"abc";
        select(0, b"xyz", &mut to);
        assert_eq!(&to, b"abc");
        select(0xff, b"xyz", &mut to);
        assert_eq!(&to, b"xyz");
    }
}
