//! Base64url as RFC 7515 §2 has it: no padding, no white space, and one spelling only for each value.
//!
//! The last character's unused bits must be zero (RFC 4648 §3.5), so that no two texts decode to the same bytes.

use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const STRICT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_encode_padding(false)
    .with_decode_allow_trailing_bits(false)
    .with_decode_padding_mode(DecodePaddingMode::RequireNone);
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, STRICT);
/// RFC 7517 §4.7: `x5c` alone has the ordinary alphabet, with padding.
const ORDINARY: GeneralPurpose = base64::engine::general_purpose::STANDARD;

/// Text that is not base64url, or not the one spelling of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotBase64;

/// The bytes behind `text`.
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase64> {
    let mut bytes = alloc::vec![0; decoded_len(text.len())];
    let len = decode_into(text, &mut bytes)?.len();
    bytes.truncate(len);
    Ok(bytes)
}

/// The same, into the caller's buffer; `NotBase64` too if it is too small.
pub fn decode_into<'b>(text: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], NotBase64> {
    let len = URL.decode_slice(text, buffer).map_err(|_| NotBase64)?;
    buffer.get(..len).ok_or(NotBase64)
}

/// Appends `bytes` to `text`, encoded.
pub fn encode_to(bytes: &[u8], text: &mut String) {
    URL.encode_string(bytes, text);
}

/// `bytes` encoded.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL.encode(bytes)
}

/// How many characters `bytes` bytes become.
#[must_use]
pub const fn encoded_len(bytes: usize) -> usize {
    bytes / 3 * 4 + (bytes % 3 * 4).div_ceil(3)
}

/// How many bytes `characters` characters become, at most.
#[must_use]
pub const fn decoded_len(characters: usize) -> usize {
    characters / 4 * 3 + characters % 4 * 3 / 4
}

pub(crate) fn decode_ordinary(text: &str) -> Result<Vec<u8>, NotBase64> {
    ORDINARY.decode(text).map_err(|_| NotBase64)
}

pub(crate) fn encode_ordinary(bytes: &[u8]) -> String {
    ORDINARY.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn every_length_comes_back() {
        for len in 0..70 {
            let bytes: Vec<u8> = (0..len).map(|i| (i * 37 + 200) as u8).collect();
            let text = encode(&bytes);
            assert_eq!(text.len(), encoded_len(bytes.len()));
            assert_eq!(decoded_len(text.len()), bytes.len());
            assert_eq!(decode(&text), Ok(bytes.clone()));
            let mut exact = vec![0; bytes.len()];
            assert_eq!(decode_into(&text, &mut exact), Ok(&bytes[..]));
        }
    }

    #[test]
    fn one_spelling_only() {
        assert_eq!(decode("_-8"), Ok(vec![0xff, 0xef]));
        // Padding, white space, the ordinary alphabet, a length that cannot be, tail bits that are not zero.
        for bad in
            ["_-8=", "_-8 ", " _-8", "_-\n8", "/+8", "A", "AAAAA", "_-9", "AB", "A=", "=", "\u{e9}", "AA\0A"]
        {
            assert_eq!(decode(bad), Err(NotBase64), "{bad:?}");
        }
    }

    #[test]
    fn a_small_buffer_is_an_error() {
        assert_eq!(decode_into("AAAA", &mut [0; 2]), Err(NotBase64));
    }
}
