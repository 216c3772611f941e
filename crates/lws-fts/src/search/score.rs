//! BM25.
//!
//! `idf = ln(1 + (N - df + 0.5) / (df + 0.5))`, `score = idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / average))`.
//! `N` and `df` include files that were removed and not yet merged away.

const K1: f32 = 1.2;
const B: f32 = 0.75;

/// The formula for one index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scorer {
    files: f32,
    /// `K1 * B` by the average length of a file in terms.
    slope: f32,
}

impl Scorer {
    /// Of an index with so many files, with so many terms in all.
    pub(crate) fn new(files: u64, terms: u64) -> Self {
        let files = files.max(1) as f32;
        Scorer { files, slope: K1 * B / (terms as f32 / files).max(1.0) }
    }

    /// The weight of something that `df` files have.
    pub(crate) fn idf(&self, df: u64) -> f32 {
        let df = (df as f32).min(self.files);
        ln(1.0 + (self.files - df + 0.5) / (df + 0.5))
    }

    /// How much `count` occurrences in a file of that many terms add. What is highest with one weight is with any, also
    /// after rounding: a product grows with its second factor.
    #[inline]
    pub(crate) fn score(&self, idf: f32, count: u32, terms: u32) -> f32 {
        let count = count as f32;
        idf * (count * (K1 + 1.0) / (count + self.norm(terms)))
    }

    #[inline]
    fn norm(&self, terms: u32) -> f32 {
        K1 * (1.0 - B) + self.slope * terms as f32
    }

    /// In a file of that many terms or more, fewer occurrences than this add less than `score`.
    pub(crate) fn least(&self, idf: f32, score: f32, terms: u32) -> u32 {
        let rest = idf * (K1 + 1.0) - score;
        if rest <= 0.0 {
            return u32::MAX;
        }
        // A little less, for what may be lost in rounding. The cast saturates.
        (score * self.norm(terms) / rest * 0.999) as u32
    }
}

/// The natural logarithm of a number of at least 1: `core` has none.
fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as i32 - 127;
    let mantissa = f32::from_bits(bits & 0x007F_FFFF | 0x3F80_0000);
    // ln(m) = 2 artanh((m - 1) / (m + 1)), with m brought to 0.7..1.4.
    let (mantissa, exponent) =
        if mantissa > 1.414 { (mantissa / 2.0, exponent + 1) } else { (mantissa, exponent) };
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let square = z * z;
    let series = 1.0 + square * (1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0 + square / 9.0)));
    2.0 * z * series + exponent as f32 * core::f32::consts::LN_2
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::ln;

    #[test]
    fn the_logarithm_is_right() {
        let mut x = 1.0f32;
        while x < 1e9 {
            assert!((ln(x) - x.ln()).abs() <= 1e-6 * x.ln().max(1.0), "{x}");
            x *= 1.013;
        }
    }
}
