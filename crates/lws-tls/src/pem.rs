//! PEM (RFC 7468): base64 between lines that say what it is. No errors quote the text, which may be a key (TLS-12).

use alloc::string::String;
use alloc::vec::Vec;

use crate::wipe;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// One section.
pub struct Section {
    /// What it says it is: `CERTIFICATE`, `PRIVATE KEY`.
    pub label: String,
    /// What it holds.
    pub der: Vec<u8>,
}

/// Shows what it is, never what it holds.
impl core::fmt::Debug for Section {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Section({}, {} bytes)", self.label, self.der.len())
    }
}

/// It may have been a key.
impl Drop for Section {
    fn drop(&mut self) {
        wipe(&mut self.der);
    }
}

/// Whether this is PEM rather than DER.
pub fn is_pem(bytes: &[u8]) -> bool {
    let begin = BEGIN.trim_ascii_end();
    bytes.windows(begin.len()).any(|window| window == begin)
}

/// All sections, in order. Text around them is skipped.
///
/// # Errors
/// What is wrong, in words that follow "it is not well-formed PEM:".
pub fn sections(text: &[u8]) -> Result<Vec<Section>, &'static str> {
    let mut found = Vec::new();
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    while let Some(line) = lines.next() {
        if !line.starts_with(BEGIN.trim_ascii_end()) {
            continue;
        }
        let label = label(line, BEGIN).ok_or("a BEGIN line is malformed")?;
        let mut section = Section { label, der: Vec::new() };
        let mut decoder = Decoder::default();
        loop {
            let line = lines.next().ok_or("a section has no END line")?;
            if line.starts_with(END.trim_ascii_end()) {
                if self::label(line, END).as_ref() != Some(&section.label) {
                    return Err("a section has no END line");
                }
                break;
            }
            // RFC 1421 headers, of keys that are encrypted.
            if line.contains(&b':') {
                return Err("a section is encrypted");
            }
            decoder.decode(line, &mut section.der).ok_or("a section is not base64")?;
        }
        decoder.finish(&mut section.der).ok_or("a section is not base64")?;
        found.push(section);
    }
    Ok(found)
}

/// One section as text: what a file on a disk looks like. Mind what becomes of it if `der` is a key.
///
/// ```
/// let text = lws_tls::pem::encode("CERTIFICATE", &[1, 2, 3]);
/// assert_eq!(text, "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n");
/// ```
pub fn encode(label: &str, der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = alloc::format!("-----BEGIN {label}-----\n");
    // 48 bytes are 64 digits: a line.
    for line in der.chunks(48) {
        for group in line.chunks(3) {
            let word = group.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte));
            let word = word << (8 * (3 - group.len()));
            for digit in 0..4 {
                let value = (word >> (18 - 6 * digit) & 63) as usize;
                text.push(if digit <= group.len() { char::from(DIGITS[value]) } else { '=' });
            }
        }
        text.push('\n');
    }
    text.push_str(&alloc::format!("-----END {label}-----\n"));
    text
}

fn label(line: &[u8], begin: &[u8]) -> Option<String> {
    let label = line.strip_prefix(begin)?.strip_suffix(DASHES)?;
    core::str::from_utf8(label).ok().map(String::from)
}

/// Base64 (RFC 4648 §4), line by line.
#[derive(Default)]
struct Decoder {
    bits: u32,
    /// Digits in `bits`: 0 to 3.
    digits: u32,
    padding: u32,
}

impl Decoder {
    fn decode(&mut self, line: &[u8], out: &mut Vec<u8>) -> Option<()> {
        for byte in line {
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' if self.padding < 2 => {
                    self.padding += 1;
                    continue;
                }
                _ => return None,
            };
            if self.padding > 0 {
                return None;
            }
            self.bits = self.bits << 6 | u32::from(digit);
            self.digits += 1;
            if self.digits == 4 {
                let [_, bytes @ ..] = self.bits.to_be_bytes();
                out.extend_from_slice(&bytes);
                (self.bits, self.digits) = (0, 0);
            }
        }
        Some(())
    }

    fn finish(self, out: &mut Vec<u8>) -> Option<()> {
        match (self.digits, self.padding) {
            (0, 0) => {}
            (2, 2) => {
                let [.., byte] = (self.bits >> 4).to_be_bytes();
                out.push(byte);
            }
            (3, 1) => {
                let [.., high, low] = (self.bits >> 2).to_be_bytes();
                out.extend_from_slice(&[high, low]);
            }
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::vec;

    fn one(body: &str) -> Result<Vec<u8>, &'static str> {
        let text = format!("note\n-----BEGIN X-----\n{body}\n-----END X-----\n");
        sections(text.as_bytes()).map(|found| found[0].der.clone())
    }

    #[test]
    fn base64_of_every_length() {
        for (body, bytes) in
            [("", &b""[..]), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("Zm\r\n9vYg\n==", b"foob")]
        {
            assert_eq!(one(body), Ok(bytes.to_vec()), "{body}");
        }
        for body in ["Z", "Zg", "Zg=", "Zg===", "Z===", "Zg==Zg==", "Zm9v=", "Zm9*", "=Zg="] {
            assert_eq!(one(body), Err("a section is not base64"), "{body}");
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for len in 0..200 {
            let der: Vec<u8> = (0..len).map(|i| i as u8 ^ 0xa5).collect();
            let text = encode("X Y", &der);
            assert!(text.lines().all(|line| line.len() <= 64), "{text}");
            let found = sections(text.as_bytes()).unwrap();
            assert_eq!((&*found[0].label, &found[0].der), ("X Y", &der));
        }
    }

    #[test]
    fn errors_say_what_without_quoting() {
        for (text, expect) in [
            ("-----BEGIN X-----\nZg==\n", "a section has no END line"),
            ("-----BEGIN X-----\nZg==\n-----END Y-----", "a section has no END line"),
            ("-----BEGIN X---\n", "a BEGIN line is malformed"),
            ("-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n-----END X-----", "a section is encrypted"),
        ] {
            assert_eq!(sections(text.as_bytes()).unwrap_err(), expect);
        }
        assert_eq!(format!("{:?}", Section { label: "X".into(), der: vec![1, 2] }), "Section(X, 2 bytes)");
    }
}
