//! Fields as the decoder tells them, checked one by one and put into the room.

use core::ops::ControlFlow;

use lws_head::FieldPos;
use lws_head::trailer::{Rule, rule};
use lws_hpack::Field;

use crate::error::Peer;

/// Which pseudo-headers a message may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    Request,
    Response,
    /// A trailer section: none.
    Trailers,
}

/// Pseudo-headers, by their places in [`Collector::pseudo`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pseudo {
    Method,
    Scheme,
    Authority,
    Path,
    Protocol,
    Status,
}

/// Names that matter here, by their first index in HPACK's static table (RFC 7541, appendix A).
mod name {
    pub(super) const AUTHORITY: u8 = 1;
    pub(super) const METHOD: u8 = 2;
    pub(super) const PATH: u8 = 4;
    pub(super) const SCHEME: u8 = 6;
    pub(super) const STATUS: u8 = 8;
    pub(super) const CONTENT_LENGTH: u8 = 28;
    pub(super) const COOKIE: u8 = 32;
    pub(super) const EXPECT: u8 = 35;
    pub(super) const HOST: u8 = 38;
    pub(super) const TRANSFER_ENCODING: u8 = 57;
    /// It is not there.
    pub(super) const OTHER: u8 = 0;
}

/// A list under way.
pub(crate) struct Collector<'r> {
    pub(crate) text: &'r mut [u8],
    len: usize,
    index: &'r mut [FieldPos],
    fields: usize,
    allowed: Allowed,
    /// Values, as offset and length in `text`.
    pseudo: [Option<(u16, u16)>; 6],
    /// They all lie in front of this; `<= len`.
    pseudo_end: usize,
    cookies: usize,
    pub(crate) hosts: usize,
    /// There is an `expect` field.
    pub(crate) expects: bool,
    /// There is a `priority` field.
    pub(crate) has_priority: bool,
    pub(crate) content_length: Option<u64>,
    /// What is wrong with the message; nothing behind it is looked at.
    pub(crate) fault: Option<Peer>,
}

impl<'r> Collector<'r> {
    pub(crate) fn new(text: &'r mut [u8], index: &'r mut [FieldPos], allowed: Allowed) -> Self {
        Self {
            text,
            len: 0,
            index,
            fields: 0,
            allowed,
            pseudo: [None; 6],
            pseudo_end: 0,
            cookies: 0,
            hosts: 0,
            expects: false,
            has_priority: false,
            content_length: None,
            fault: None,
        }
    }

    pub(crate) fn add(&mut self, field: &Field<'_>) -> ControlFlow<()> {
        match self.check(field) {
            Ok(true) => ControlFlow::Continue(()),
            // No room: the caller answers 431.
            Ok(false) => ControlFlow::Break(()),
            Err(fault) => {
                self.fault = Some(fault);
                ControlFlow::Break(())
            }
        }
    }

    fn check(&mut self, field: &Field<'_>) -> Result<bool, Peer> {
        // RFC 9113 §8.2.1: lower-case names, no CR, LF, NUL, nothing around the value.
        if !field.is_well_formed() {
            return Err(Peer::Field);
        }
        let name = field.static_name();
        if let [b':', ..] = field.name {
            return self.pseudo(name, field);
        }
        // RFC 9113 §8.2.2: fields about the connection make the message malformed.
        if is_about_connection(name, field) {
            return Err(Peer::ConnectionField);
        }
        if self.allowed == Allowed::Trailers {
            match rule(field.name) {
                Rule::Keep => {}
                Rule::Drop => return Ok(true),
                Rule::Refuse => return Err(Peer::Trailers),
            }
        } else {
            self.regular(name, field)?;
        }
        let (Some(name), Some(value)) = (self.store(field.name), self.store(field.value)) else {
            return Ok(false);
        };
        Ok(self.push(name, value))
    }

    fn pseudo(&mut self, name: u8, field: &Field<'_>) -> Result<bool, Peer> {
        // RFC 9113 §8.3: in front of all regular fields; §8.1: none in trailers.
        if self.fields > 0 {
            return Err(Peer::Pseudo);
        }
        let which = match (self.allowed, name) {
            (Allowed::Request, name::METHOD) => Pseudo::Method,
            (Allowed::Request, name::SCHEME) => Pseudo::Scheme,
            (Allowed::Request, name::AUTHORITY) => Pseudo::Authority,
            (Allowed::Request, name::PATH) => Pseudo::Path,
            (Allowed::Request, name::OTHER) if field.name == b":protocol" => Pseudo::Protocol,
            (Allowed::Response, name::STATUS) => Pseudo::Status,
            (Allowed::Trailers, _) => return Err(Peer::Trailers),
            // RFC 9113 §8.3: undefined ones make the message malformed.
            _ => return Err(Peer::Pseudo),
        };
        let Some(place) = self.store(field.value) else { return Ok(false) };
        self.pseudo_end = self.len;
        // RFC 9113 §8.3: the same name once only.
        match self.pseudo[which as usize].replace(place) {
            Some(_) => Err(Peer::Pseudo),
            None => Ok(true),
        }
    }

    fn regular(&mut self, name: u8, field: &Field<'_>) -> Result<(), Peer> {
        match name {
            name::CONTENT_LENGTH => {
                let length = decimal(field.value).ok_or(Peer::ContentLength)?;
                // H1-02, H2-12: one only, even if a second one agrees.
                if self.content_length.replace(length).is_some() {
                    return Err(Peer::ContentLength);
                }
            }
            name::HOST => self.hosts += 1,
            name::COOKIE => self.cookies += 1,
            name::EXPECT => self.expects = true,
            name::OTHER => self.has_priority |= field.name == b"priority",
            _ => {}
        }
        Ok(())
    }

    /// Copies `bytes` into the room; `None` if they do not fit.
    fn store(&mut self, bytes: &[u8]) -> Option<(u16, u16)> {
        let end = self.len.checked_add(bytes.len())?;
        self.text.get_mut(self.len..end)?.copy_from_slice(bytes);
        let place = (u16::try_from(self.len).ok()?, u16::try_from(bytes.len()).ok()?);
        self.len = end;
        Some(place)
    }

    fn push(&mut self, (name, name_len): (u16, u16), (value, value_len): (u16, u16)) -> bool {
        let Some(pos) = self.index.get_mut(self.fields) else { return false };
        *pos = FieldPos { name, name_len, value, value_len };
        self.fields += 1;
        true
    }

    /// RFC 9113 §8.2.3: cookie crumbs become one field, joined by "; ". False if there is no room for that.
    pub(crate) fn join_cookies(&mut self) -> bool {
        if self.cookies < 2 {
            return true;
        }
        let start = self.len;
        let (mut first, mut kept) = (None, 0);
        for i in 0..self.fields {
            let pos = self.index[i];
            if self.name_of(pos) != b"cookie" {
                self.index[kept] = pos;
                kept += 1;
                continue;
            }
            if first.is_none() {
                self.index[kept] = pos;
                first = Some(kept);
                kept += 1;
            } else if self.store(b"; ").is_none() {
                return false;
            }
            let value = usize::from(pos.value)..usize::from(pos.value) + usize::from(pos.value_len);
            let end = self.len + value.len();
            if end > self.text.len() {
                return false;
            }
            self.text.copy_within(value, self.len);
            self.len = end;
        }
        self.fields = kept;
        let (Some(place), Ok(value), Ok(value_len)) =
            (first, u16::try_from(start), u16::try_from(self.len - start))
        else {
            return false;
        };
        self.index[place].value = value;
        self.index[place].value_len = value_len;
        true
    }

    /// Adds the `host` field that handlers know from HTTP/1, if the request had only `:authority`.
    pub(crate) fn add_host(&mut self) -> bool {
        let Some(authority) = self.pseudo[Pseudo::Authority as usize] else { return true };
        self.hosts > 0 || self.store(b"host").is_some_and(|name| self.push(name, authority))
    }

    fn name_of(&self, pos: FieldPos) -> &[u8] {
        self.text
            .get(usize::from(pos.name)..)
            .and_then(|t| t.get(..usize::from(pos.name_len)))
            .unwrap_or_default()
    }

    /// The value of a pseudo-header.
    pub(crate) fn value(&self, which: Pseudo) -> Option<&[u8]> {
        let (at, len) = self.pseudo[which as usize]?;
        self.text.get(usize::from(at)..)?.get(..usize::from(len))
    }

    /// The text and index, for as long as the room is lent, and where the pseudo-headers lie.
    pub(crate) fn finish(self) -> Collected<'r> {
        let text = &*self.text;
        let index = self.index.get(..self.fields).unwrap_or_default();
        let lead = text.get(..self.pseudo_end).and_then(|lead| core::str::from_utf8(lead).ok());
        Collected { text, index, lead, pseudo: self.pseudo }
    }
}

fn is_about_connection(name: u8, field: &Field<'_>) -> bool {
    match (name, field.name) {
        (name::TRANSFER_ENCODING, _) => true,
        (name::OTHER, b"connection" | b"proxy-connection" | b"keep-alive" | b"upgrade") => true,
        (name::OTHER, b"te") => !field.value.eq_ignore_ascii_case(b"trailers"),
        _ => false,
    }
}

/// A list that is complete.
pub(crate) struct Collected<'r> {
    pub(crate) text: &'r [u8],
    pub(crate) index: &'r [FieldPos],
    /// The text of all pseudo-headers, which is in front; `None` if it is not UTF-8.
    pub(crate) lead: Option<&'r str>,
    pub(crate) pseudo: [Option<(u16, u16)>; 6],
}

impl<'r> Collected<'r> {
    /// The value of a pseudo-header.
    pub(crate) fn text_of(&self, which: Pseudo) -> Option<&'r str> {
        let (at, len) = self.pseudo[which as usize]?;
        self.lead?.get(usize::from(at)..usize::from(at) + usize::from(len))
    }
}

/// H1-03: 1 to 19 digits and nothing else, at most 2^63-1.
fn decimal(digits: &[u8]) -> Option<u64> {
    let fits = (1..=19).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    if !fits {
        return None;
    }
    let value = digits.iter().fold(0_u64, |n, d| n * 10 + u64::from(d - b'0'));
    i64::try_from(value).is_ok().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_numbers_of_the_static_table() {
        for (number, text) in [
            (name::AUTHORITY, ":authority"),
            (name::METHOD, ":method"),
            (name::PATH, ":path"),
            (name::SCHEME, ":scheme"),
            (name::STATUS, ":status"),
            (name::CONTENT_LENGTH, "content-length"),
            (name::COOKIE, "cookie"),
            (name::EXPECT, "expect"),
            (name::HOST, "host"),
            (name::TRANSFER_ENCODING, "transfer-encoding"),
            (name::OTHER, ":protocol"),
            (name::OTHER, "connection"),
            (name::OTHER, "proxy-connection"),
            (name::OTHER, "keep-alive"),
            (name::OTHER, "upgrade"),
            (name::OTHER, "te"),
            (name::OTHER, "priority"),
        ] {
            assert_eq!(Field::new(text.as_bytes(), b"").static_name(), number, "{text}");
        }
    }
}
