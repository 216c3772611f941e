//! What the fields say about the message itself: how long it is and what becomes of the connection.
//!
//! One reading for requests and responses, so that both sides of a proxy agree (RFC 9112 §6, §9.3).

use lws_head::{Version, field};

use crate::error::Peer;
use crate::limits::LENGTH_DIGITS_MAX;

/// Where the body of a message ends (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// After so many bytes; at most `i64::MAX`.
    Length(u64),
    /// After the last chunk and the trailer section.
    Chunked,
    /// With the connection. Responses only.
    UntilClose,
}

/// The fields that matter to a message's syntax.
#[derive(Default)]
pub(crate) struct Facts<'a> {
    pub(crate) length: Option<u64>,
    pub(crate) chunked: bool,
    pub(crate) host: Option<&'a [u8]>,
    /// There is more than one `Host`.
    pub(crate) second_host: bool,
    pub(crate) expects_continue: bool,
    /// There is an expectation other than `100-continue`.
    pub(crate) expects_other: bool,
    pub(crate) close: bool,
    pub(crate) keep_alive: bool,
    /// `Connection` names `upgrade`.
    pub(crate) upgrade: bool,
    /// There is an `Upgrade` field.
    pub(crate) has_upgrade: bool,
}

impl<'a> Facts<'a> {
    pub(crate) fn read(
        lines: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
        version: Version,
    ) -> Result<Self, Peer> {
        let mut facts = Facts::default();
        for (name, value) in lines {
            facts.note(name, value, version)?;
        }
        Ok(facts)
    }

    /// One field line.
    #[inline]
    pub(crate) fn note(&mut self, name: &[u8], value: &'a [u8], version: Version) -> Result<(), Peer> {
        let is = |known: &[u8]| field::is_same(name, known);
        match name.len() {
            4 if is(b"host") => self.second_host |= self.host.replace(value).is_some(),
            6 if is(b"expect") => self.expect(value),
            7 if is(b"upgrade") => self.has_upgrade = true,
            10 if is(b"connection") => self.connection(value),
            14 if is(b"content-length") => self.content_length(value)?,
            17 if is(b"transfer-encoding") => self.transfer_encoding(value, version)?,
            _ => (),
        }
        Ok(())
    }

    /// The framing these fields ask for, if they do.
    pub(crate) fn framing(&self) -> Result<Option<Framing>, Peer> {
        match (self.chunked, self.length) {
            // RFC 9112 §6.1: such a message ought to be handled as an error.
            (true, Some(_)) => Err(Peer::TwoFramings),
            (true, None) => Ok(Some(Framing::Chunked)),
            (false, length) => Ok(length.map(Framing::Length)),
        }
    }

    /// Whether the connection outlives the message, as far as its fields say (RFC 9112 §9.3).
    pub(crate) fn persists(&self, version: Version) -> bool {
        !self.close && (version >= Version::Http11 || self.keep_alive)
    }

    fn expect(&mut self, value: &[u8]) {
        let is_continue = field::is_same(value, b"100-continue");
        self.expects_continue |= is_continue;
        self.expects_other |= !is_continue;
    }

    fn connection(&mut self, value: &[u8]) {
        for token in value.split(|b| *b == b',').map(field::trim) {
            self.close |= field::is_same(token, b"close");
            self.keep_alive |= field::is_same(token, b"keep-alive");
            self.upgrade |= field::is_same(token, b"upgrade");
        }
    }

    fn content_length(&mut self, value: &[u8]) -> Result<(), Peer> {
        // RFC 9112 §6.3: repeated or list-valued lengths may be refused even if they agree; we refuse them.
        match self.length.replace(length(value).ok_or(Peer::ContentLength)?) {
            None => Ok(()),
            Some(_) => Err(Peer::ContentLength),
        }
    }

    fn transfer_encoding(&mut self, value: &[u8], version: Version) -> Result<(), Peer> {
        // RFC 9112 §6.1: a Transfer-Encoding in HTTP/1.0 means faulty framing; chunked must not be applied twice.
        if version < Version::Http11 || self.chunked || !field::is_same(value, b"chunked") {
            return Err(Peer::TransferEncoding);
        }
        self.chunked = true;
        Ok(())
    }
}

/// RFC 9110 §8.6: Content-Length = 1*DIGIT
fn length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > LENGTH_DIGITS_MAX {
        return None;
    }
    let number = value.iter().try_fold(0u64, |n, b| {
        let digit = b.is_ascii_digit().then(|| u64::from(b - b'0'))?;
        n.checked_mul(10)?.checked_add(digit)
    })?;
    (number <= i64::MAX as u64).then_some(number)
}
