//! Forms, as a browser would send them.
//!
//! ```text
//!   fields alone       application/x-www-form-urlencoded   a=1&b=%C3%A4        (URL standard §5.2)
//!   with files         multipart/form-data                 --b … --b … --b--  (RFC 7578)
//! ```
//! Files are read while they are sent, straight into the room that the connection lends.

use crate::body::{Body, Source};
use crate::limits::FORM_PARTS;
use lws_role::{Handle, Hub};
use lws_role_h1::client::Supply;
use lws_wire::Out;
use std::fmt::Write;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A form that is filled in.
#[derive(Debug, Default)]
#[must_use = "a form does nothing until a request carries it"]
pub struct Form {
    parts: Vec<Part>,
    multipart: bool,
}

#[derive(Debug)]
struct Part {
    name: String,
    /// File name and content type.
    file: Option<(String, String)>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Bytes(Vec<u8>),
    Path(PathBuf),
}

impl Form {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    pub fn field(mut self, name: &str, value: impl Into<String>) -> Self {
        let content = Content::Bytes(value.into().into_bytes());
        self.parts.push(Part { name: name.into(), file: None, content });
        self
    }

    /// Adds a file from the disk, under its own name. It must not change while it is sent.
    pub fn file(self, name: &str, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.part(name, file_name, "application/octet-stream", Content::Path(path.into()))
    }

    /// Adds a file that is in memory.
    pub fn bytes(self, name: &str, file_name: &str, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.part(name, file_name.into(), content_type, Content::Bytes(bytes.into()))
    }

    fn part(mut self, name: &str, file_name: String, content_type: &str, content: Content) -> Self {
        self.multipart = true;
        let file = Some((file_name, content_type.into()));
        self.parts.push(Part { name: name.into(), file, content });
        self
    }

    /// Sends it as multipart even without files.
    pub fn multipart(mut self) -> Self {
        self.multipart = true;
        self
    }

    /// The content type, and the body.
    pub(crate) fn into_body(self) -> io::Result<(String, Body)> {
        if self.parts.len() > FORM_PARTS {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the form has too many parts"));
        }
        if self.multipart {
            let mut bytes = [0; 16];
            crate::random(&mut bytes);
            let boundary = bytes.iter().fold("lws-".to_string(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            });
            let content_type = format!("multipart/form-data; boundary={boundary}");
            return Ok((content_type, Body::source(Multipart::new(self.parts, &boundary)?)));
        }
        Ok(("application/x-www-form-urlencoded".into(), url_encoded(&self.parts).into()))
    }
}

fn url_encoded(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        let Content::Bytes(value) = &part.content else { continue };
        if !text.is_empty() {
            text.push('&');
        }
        encode(&mut text, part.name.as_bytes());
        text.push('=');
        encode(&mut text, value);
    }
    text
}

/// URL standard §1.3: the application/x-www-form-urlencoded percent-encode set.
fn encode(text: &mut String, bytes: &[u8]) {
    for &b in bytes {
        match b {
            b' ' => text.push('+'),
            b'*' | b'-' | b'.' | b'_' => text.push(b.into()),
            _ if b.is_ascii_alphanumeric() => text.push(b.into()),
            _ => {
                let _ = write!(text, "%{b:02X}");
            }
        }
    }
}

/// A multipart body on its way.
struct Multipart {
    pieces: Vec<Piece>,
    /// Which piece, and how much of it is sent.
    at: (usize, u64),
    length: u64,
}

enum Piece {
    Bytes(Vec<u8>),
    File(File, u64),
}

impl Piece {
    fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, len) => *len,
        }
    }

    /// Writes some of what is behind `at`; `None` if a file is shorter than it was.
    fn send(&self, at: u64, out: &mut Out<'_>) -> Option<usize> {
        match self {
            Self::Bytes(bytes) => Some(out.put_some(bytes.get(usize::try_from(at).ok()?..)?)),
            Self::File(file, len) => {
                let mut read = Ok(0);
                let n = out.fill(|room| {
                    let most = usize::try_from(len - at).unwrap_or(usize::MAX).min(room.len());
                    read = loop {
                        match file.read_at(room.get_mut(..most).unwrap_or_default(), at) {
                            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                            result => break result,
                        }
                    };
                    read.as_ref().map_or(0, |n| *n)
                });
                match read {
                    Ok(0) => None,
                    Ok(_) => Some(n),
                    Err(_) => None,
                }
            }
        }
    }
}

impl Multipart {
    fn new(parts: Vec<Part>, boundary: &str) -> io::Result<Self> {
        let mut pieces = Vec::new();
        for part in parts {
            let mut head =
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(&part.name));
            if let Some((file_name, content_type)) = &part.file {
                let content_type = content_type.replace(['\r', '\n'], "");
                let _ = write!(head, "; filename=\"{}\"\r\nContent-Type: {content_type}", quoted(file_name));
            }
            head.push_str("\r\n\r\n");
            pieces.push(Piece::Bytes(head.into_bytes()));
            match part.content {
                Content::Bytes(bytes) => pieces.push(Piece::Bytes(bytes)),
                Content::Path(path) => {
                    let file = File::open(path)?;
                    let len = file.metadata()?.len();
                    pieces.push(Piece::File(file, len));
                }
            }
            pieces.push(Piece::Bytes(b"\r\n".to_vec()));
        }
        pieces.push(Piece::Bytes(format!("--{boundary}--\r\n").into_bytes()));
        let length = pieces.iter().map(Piece::len).sum();
        Ok(Self { pieces, at: (0, 0), length })
    }
}

/// RFC 7578 §4.2, and as browsers do it: what would end the quotes or the line is percent-encoded.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A").replace('\0', "%00")
}

impl Source for Multipart {
    fn length(&self) -> Option<u64> {
        Some(self.length)
    }

    fn send(&mut self, _hub: &mut Hub, _connection: Handle, out: &mut Out<'_>) -> Supply {
        loop {
            let (i, at) = self.at;
            let Some(piece) = self.pieces.get(i) else { return Supply::End };
            if at == piece.len() {
                self.at = (i + 1, 0);
                continue;
            }
            if out.room() == 0 {
                return Supply::More;
            }
            match piece.send(at, out) {
                Some(n) => self.at = (i, at + n as u64),
                None => return Supply::Fail,
            }
        }
    }

    fn rewind(&mut self) -> bool {
        self.at = (0, 0);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_encoding() {
        let form = Form::new().field("a b", "1&2=3").field("\u{e4}", "*-._~+\r\n").field("", "");
        assert_eq!(url_encoded(&form.parts), "a+b=1%262%3D3&%C3%A4=*-._%7E%2B%0D%0A&=");
        let (content_type, body) = form.into_body().unwrap();
        assert_eq!(content_type, "application/x-www-form-urlencoded");
        assert_eq!(format!("{body:?}"), "Body(Length(39))");
    }

    #[test]
    fn names_cannot_break_out() {
        assert_eq!(quoted("a\"; x\r\n\0"), "a%22; x%0D%0A%00");
        let many = (0..=FORM_PARTS).fold(Form::new(), |form, _| form.field("a", "b"));
        assert!(many.into_body().is_err());
        assert!(Form::new().file("a", "/no/such/file").into_body().is_err());
    }
}
