//! Fields on their way to the encoder, and numbers.

use lws_h2::Field;
use lws_wire::Out;

/// Fields as they wait to be encoded: lengths of name and value in 16 bits each, name in lower case, value.
#[derive(Clone, Copy)]
pub(crate) struct RawFields<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for RawFields<'a> {
    type Item = Field<'a>;
    fn next(&mut self) -> Option<Field<'a>> {
        let (&[n0, n1, v0, v1], rest) = self.0.split_first_chunk()?;
        let (name, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([n0, n1])))?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([v0, v1])))?;
        self.0 = rest;
        Some(Field::new(name, value))
    }
}

/// Writes one field at the front of `room`; `None` if it does not fit.
pub(crate) fn put_raw(room: &mut [u8], name: &str, value: &[u8]) -> Option<usize> {
    let mut out = Out::new(room);
    let lengths = [u16::try_from(name.len()).ok()?, u16::try_from(value.len()).ok()?];
    let [[n0, n1], [v0, v1]] = lengths.map(u16::to_be_bytes);
    let fits = out.put(&[n0, n1, v0, v1])
        && name.bytes().all(|b| out.put(&[b.to_ascii_lowercase()]))
        && out.put(value);
    fits.then_some(out.len())
}

/// `n` in decimal digits.
pub(crate) fn decimal(mut n: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(n % 10).unwrap_or(0);
        n /= 10;
        if n == 0 {
            return &digits[at..];
        }
    }
}
