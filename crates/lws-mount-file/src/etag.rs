//! Entity tags of files.

use core::fmt::Write;

use lws_http::conditional::EntityTag;
use lws_wire::Out;

use crate::root::OpenFile;

/// A content coding that a file may lie there in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Brotli,
    Gzip,
}

impl Coding {
    /// Its name in `Content-Encoding`; `identity` is never sent.
    pub(crate) fn token(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What is appended to a file's name to name its coded sibling.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

/// `"size-mtime[-coding]"` in hexadecimal, quotes included: strong, the same on every machine that has the same
/// file with the same times (no inode in it, PATH-10), another one for each coding (RFC 9110 §8.8.3.3).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Etag {
    text: [u8; Self::ROOM],
    len: usize,
}

impl Etag {
    /// Two quotes, a size of 16 digits, a time of 24 (64 bits of seconds in nanoseconds), `-` and `-gz`.
    const ROOM: usize = 48;

    pub(crate) fn of(file: &OpenFile, coding: Coding) -> Self {
        let coding = match coding {
            Coding::Identity => "",
            Coding::Brotli => "-br",
            Coding::Gzip => "-gz",
        };
        let mut text = [0; Self::ROOM];
        let mut out = Out::new(&mut text);
        write!(out, "\"{:x}-{:x}{coding}\"", file.len(), file.modified_unix_ns())
            .expect("ROOM is for the longest");
        let len = out.len();
        Self { text, len }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text[..self.len]
    }

    pub(crate) fn tag(&self) -> Option<EntityTag<'_>> {
        EntityTag::parse(self.as_bytes())
    }
}
