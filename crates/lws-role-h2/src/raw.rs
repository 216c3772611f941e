//! Fields on their way to the encoder, and numbers.

use lws_h2::Field;
use lws_head::Status;

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
    let lengths = [u16::try_from(name.len()).ok()?, u16::try_from(value.len()).ok()?];
    let [[n0, n1], [v0, v1]] = lengths.map(u16::to_be_bytes);
    let (first, rest) = room.split_first_chunk_mut()?;
    let (lower, rest) = rest.split_at_mut_checked(name.len())?;
    let text = rest.get_mut(..value.len())?;
    *first = [n0, n1, v0, v1];
    for (to, from) in lower.iter_mut().zip(name.bytes()) {
        *to = from.to_ascii_lowercase();
    }
    text.copy_from_slice(value);
    Some(first.len() + lower.len() + text.len())
}

/// `:status` as [`put_raw`] writes it.
pub(crate) fn raw_status(status: Status) -> [u8; 14] {
    let code = status.code();
    let [a, b, c] = [code / 100, code / 10 % 10, code % 10].map(|d| b'0' + d as u8);
    [0, 7, 0, 3, b':', b's', b't', b'a', b't', b'u', b's', a, b, c]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_raw_comes_out_in_lower_case() {
        let mut room = [0; 40];
        let n = put_raw(&mut room, "X-Name", b"Value").unwrap();
        assert_eq!(put_raw(&mut room[n..], "empty", b""), Some(9));
        let fields: alloc::vec::Vec<_> = RawFields(&room[..n + 9]).map(|f| (f.name, f.value)).collect();
        assert_eq!(fields, [(&b"x-name"[..], &b"Value"[..]), (b"empty", b"")]);
        assert_eq!(
            (put_raw(&mut room[..n - 1], "X-Name", b"Value"), put_raw(&mut [], "", b"")),
            (None, None)
        );
    }

    #[test]
    fn a_status_is_a_field_like_the_others() {
        for code in [100, 204, 308, 404, 599, 999] {
            let status = Status::new(code).unwrap();
            let mut room = [0; 14];
            assert_eq!(put_raw(&mut room, ":status", alloc::format!("{code}").as_bytes()), Some(14));
            assert_eq!(raw_status(status), room);
        }
    }
}
