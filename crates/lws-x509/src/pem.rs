//! PEM: binary objects in text (RFC 7468).
//!
//! A text holds any number of blocks, with anything between them. Each block is a line `-----BEGIN label-----`, lines of
//! base64, and a line `-----END label-----` with the same label. Lines end with LF, CRLF or CR and may be of any length;
//! spaces and tabs around them, and empty lines, do not count. Base64 must be padded and canonical.
//!
//! Encrypted blocks (RFC 1421 headers, `Proc-Type`) are refused by name; there is nothing here to decrypt them with.
//!
//! ```
//! use lws_x509::pem;
//!
//! let text = pem::encode("CERTIFICATE", &[0x30, 0x00]);
//! assert_eq!(text, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
//! for block in pem::blocks(text.as_bytes()) {
//!     let block = block?;
//!     assert_eq!((block.label, block.line, block.der), ("CERTIFICATE", 1, vec![0x30, 0x00]));
//! }
//! # Ok::<(), lws_x509::Error>(())
//! ```

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Error;
use crate::limits::{PEM_BLOCK_BYTES, PEM_BYTES, PEM_LABEL_BYTES};

/// The label of a certificate.
pub const CERTIFICATE: &str = "CERTIFICATE";
/// The label of a request for a certificate (PKCS#10).
pub const CERTIFICATE_REQUEST: &str = "CERTIFICATE REQUEST";
/// The label of a private key of any type (PKCS#8).
pub const PRIVATE_KEY: &str = "PRIVATE KEY";
/// The label of an RSA private key (PKCS#1).
pub const RSA_PRIVATE_KEY: &str = "RSA PRIVATE KEY";
/// The label of an elliptic curve private key (SEC 1).
pub const EC_PRIVATE_KEY: &str = "EC PRIVATE KEY";
/// The label of a public key of any type (SubjectPublicKeyInfo).
pub const PUBLIC_KEY: &str = "PUBLIC KEY";

/// One object of a PEM text.
#[derive(Clone, PartialEq, Eq)]
pub struct Block<'a> {
    /// What kind of object it says it is.
    pub label: &'a str,
    /// The line of the text it begins on, from 1.
    pub line: usize,
    /// The object.
    pub der: Vec<u8>,
}

/// Without the object, which may be a secret.
impl fmt::Debug for Block<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.der.len();
        f.debug_struct("Block")
            .field("label", &self.label)
            .field("line", &self.line)
            .field("bytes", &bytes)
            .finish()
    }
}

/// What is wrong with a PEM text.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is longer than [`PEM_BYTES`].
    TextTooLong,
    /// The label is longer than [`PEM_LABEL_BYTES`] or has characters that labels do not have (RFC 7468 §3).
    Label,
    /// A character that base64 does not have, padding that is missing or wrong, or bits that should be zero.
    Base64,
    /// The block is encrypted, or has other headers (RFC 1421 §4.6).
    Encrypted,
    /// No END line follows, or one with another label.
    NoEnd,
    /// The object is longer than [`PEM_BLOCK_BYTES`].
    BlockTooLong,
    /// The text has no block of the kind that was asked for.
    Missing,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TextTooLong => "the text is too long",
            Self::Label => "the label is malformed",
            Self::Base64 => "not base64",
            Self::Encrypted => "the block is encrypted, which is not supported",
            Self::NoEnd => "the END line is missing or names something else",
            Self::BlockTooLong => "the block is too long",
            Self::Missing => "there is no such block",
        })
    }
}

/// The blocks of `text`, in their order. After an error there are no more.
#[must_use]
pub fn blocks(text: &[u8]) -> Blocks<'_> {
    Blocks { lines: Lines { rest: text, number: 0 }, failed: false, too_long: text.len() > PEM_BYTES }
}

/// The objects of all blocks in `text` that have this label, in their order.
///
/// # Errors
/// [`Error::Pem`] if any block is malformed, or if there is none with this label ([`Fault::Missing`], line 0).
#[doc(alias = "lws_x509_parse_from_pem")]
pub fn all(text: &[u8], label: &str) -> Result<Vec<Vec<u8>>, Error> {
    let mut found = Vec::new();
    for block in blocks(text) {
        let block = block?;
        if block.label == label {
            found.push(block.der);
        }
    }
    if found.is_empty() { Err(Error::Pem { line: 0, fault: Fault::Missing }) } else { Ok(found) }
}

/// One block, with lines of 64 characters (RFC 7468 §2).
#[must_use]
pub fn encode(label: &str, der: &[u8]) -> String {
    let lines = der.len().div_ceil(48);
    let mut text = String::with_capacity(lines * 65 + 2 * label.len() + 40);
    text.extend(["-----BEGIN ", label, "-----\n"]);
    for line in der.chunks(48) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}

/// Walks over the blocks of a text; [`blocks`] makes it.
#[derive(Clone, Debug)]
pub struct Blocks<'a> {
    lines: Lines<'a>,
    failed: bool,
    too_long: bool,
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Result<Block<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let block = self.block().transpose()?;
        self.failed = block.is_err();
        Some(block)
    }
}

impl<'a> Blocks<'a> {
    fn block(&mut self) -> Result<Option<Block<'a>>, Error> {
        if self.too_long {
            return Err(Error::Pem { line: 0, fault: Fault::TextTooLong });
        }
        let Some((line, label)) = self.lines.find_map(|(n, line)| Some((n, boundary(line, b"-----BEGIN ")?)))
        else {
            return Ok(None);
        };
        let label = label_text(label).ok_or(Error::Pem { line, fault: Fault::Label })?;
        let der = self.body(label)?;
        Ok(Some(Block { label, line, der }))
    }

    /// Everything up to the END line, decoded.
    fn body(&mut self, label: &str) -> Result<Vec<u8>, Error> {
        // Room for all of it: a vector that grows would leave copies of a secret behind.
        let characters: usize =
            self.lines.clone().map_while(|(_, l)| (!l.starts_with(b"-----")).then_some(l.len())).sum();
        let room = (characters / 4 * 3 + 6).min(PEM_BLOCK_BYTES + 6);
        let mut body = Body { der: Vec::with_capacity(room), quad: [0; 4], held: 0, padded: false };
        let mut last = self.lines.number;
        for (line, text) in self.lines.by_ref() {
            last = line;
            let at_line = |fault| Error::Pem { line, fault };
            if let Some(end) = boundary(text, b"-----END ") {
                let same = end == label.as_bytes();
                return if same { body.finish().map_err(at_line) } else { Err(at_line(Fault::NoEnd)) };
            }
            if text.starts_with(b"-----") {
                return Err(at_line(Fault::NoEnd));
            }
            // RFC 7468 §2: headers are not allowed; `:` does not occur in base64.
            if text.contains(&b':') {
                return Err(at_line(Fault::Encrypted));
            }
            body.line(text).map_err(at_line)?;
        }
        Err(Error::Pem { line: last, fault: Fault::NoEnd })
    }
}

/// What has been decoded of a block. `held < 4`.
struct Body {
    der: Vec<u8>,
    /// The first `held` are characters that wait for the rest of their group.
    quad: [u8; 4],
    held: usize,
    /// A group with padding was there, so nothing may follow.
    padded: bool,
}

impl Body {
    fn line(&mut self, text: &[u8]) -> Result<(), Fault> {
        // Whole groups at once where no group is open, which is always the case in lines as RFC 7468 wants them.
        let mut rest = text;
        while let Some((&byte, behind)) = rest.split_first() {
            if self.held == 0 && !self.padded {
                let (groups, tail) = rest.split_at(rest.len() - rest.len() % 4);
                if !groups.is_empty() {
                    self.groups(groups)?;
                    rest = tail;
                    continue;
                }
            }
            let place = self.quad.get_mut(self.held).ok_or(Fault::Base64)?;
            *place = byte;
            self.held += 1;
            if self.held == 4 {
                self.held = 0;
                let quad = self.quad;
                self.groups(&quad)?;
            }
            rest = behind;
        }
        Ok(())
    }

    fn groups(&mut self, groups: &[u8]) -> Result<(), Fault> {
        if self.padded {
            return Err(Fault::Base64);
        }
        self.padded = groups.last() == Some(&b'=');
        STANDARD.decode_vec(groups, &mut self.der).map_err(|_| Fault::Base64)?;
        if self.der.len() > PEM_BLOCK_BYTES { Err(Fault::BlockTooLong) } else { Ok(()) }
    }

    fn finish(self) -> Result<Vec<u8>, Fault> {
        if self.held == 0 { Ok(self.der) } else { Err(Fault::Base64) }
    }
}

/// The label in a BEGIN or END line.
fn boundary<'a>(line: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    line.strip_prefix(start)?.strip_suffix(b"-----")
}

/// RFC 7468 §3: printable characters other than `-`, with single spaces and hyphens between them.
fn label_text(label: &[u8]) -> Option<&str> {
    let text = str::from_utf8(label).ok()?;
    let words =
        text.split([' ', '-']).all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic()));
    (text.len() <= PEM_LABEL_BYTES && (text.is_empty() || words)).then_some(text)
}

/// Walks over the lines of a text, without blanks around them.
#[derive(Clone, Debug)]
struct Lines<'a> {
    rest: &'a [u8],
    /// Of the line given last, from 1.
    number: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let (line, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
        self.number += 1;
        Some((self.number, line.trim_ascii()))
    }
}
