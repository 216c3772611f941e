//! Lists in header fields (RFC 9110 §5.6.1), in one pass and with few items.
//!
//! ```text
//!   protocols  = #token
//!   extensions = #( token *( ";" token [ "=" ( token | quoted-string ) ] ) )        RFC 6455 §9.1
//! ```
//! Each iterator goes over a list once, from left to right, and stops at the first thing it does not understand or
//! at the first item too many. Empty items do not count, as RFC 9110 wants.

use core::fmt;

use super::is_same;
use crate::limits::MAX_LIST_ITEMS;

/// A list is not one, or has more than [`MAX_LIST_ITEMS`] items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl core::error::Error for Malformed {}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a list of at most {MAX_LIST_ITEMS} items")
    }
}

/// The values of a field that may be repeated, which together are one list.
#[derive(Clone, Copy, Default)]
pub(super) struct Lines<'a> {
    lines: [&'a [u8]; MAX_LIST_ITEMS],
    /// `MAX_LIST_ITEMS + 1` stands for any number that is too many.
    len: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn add(&mut self, value: &'a [u8]) {
        if let Some(line) = self.lines.get_mut(self.len) {
            *line = value;
        }
        self.len = (self.len + 1).min(MAX_LIST_ITEMS + 1);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The items of a list, one after the other.
#[derive(Clone)]
struct Items<'a> {
    lines: Lines<'a>,
    next_line: usize,
    rest: &'a [u8],
    count: usize,
}

impl<'a> Items<'a> {
    fn new(lines: Lines<'a>) -> Self {
        Self { lines, next_line: 0, rest: b"", count: 0 }
    }

    /// Reads the next item with `read`, which returns it and what follows it.
    fn next<T>(
        &mut self,
        read: impl FnOnce(&'a [u8]) -> Option<(T, &'a [u8])>,
    ) -> Option<Result<T, Malformed>> {
        loop {
            match self.rest {
                [b' ' | b'\t' | b',', rest @ ..] => self.rest = rest,
                [] if self.next_line == self.lines.len => return None,
                [] => match self.lines.lines.get(self.next_line) {
                    Some(line) => {
                        self.rest = line;
                        self.next_line += 1;
                    }
                    None => return Some(self.stop()),
                },
                _ => break,
            }
        }
        self.count += 1;
        let item = read(self.rest).filter(|_| self.count <= MAX_LIST_ITEMS);
        match item.map(|(item, rest)| (item, skip_blanks(rest))) {
            Some((item, rest @ ([] | [b',', ..]))) => {
                self.rest = rest;
                Some(Ok(item))
            }
            _ => Some(self.stop()),
        }
    }

    fn stop<T>(&mut self) -> Result<T, Malformed> {
        (self.rest, self.next_line) = (b"", self.lines.len);
        Err(Malformed)
    }
}

/// The subprotocols a client offers, in its order of preference. Ends after an error.
#[derive(Clone)]
pub struct Protocols<'a>(Items<'a>);

impl<'a> Protocols<'a> {
    pub(super) fn new(lines: Lines<'a>) -> Self {
        Self(Items::new(lines))
    }
}

impl<'a> Iterator for Protocols<'a> {
    type Item = Result<&'a str, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next(token)
    }
}

/// The extensions of a handshake, in order. Ends after an error.
#[derive(Clone)]
pub struct Extensions<'a>(Items<'a>);

impl<'a> Extensions<'a> {
    pub(super) fn new(lines: Lines<'a>) -> Self {
        Self(Items::new(lines))
    }

    /// The extensions in one value of `Sec-WebSocket-Extensions`.
    pub fn parse(value: &'a [u8]) -> Self {
        let mut lines = Lines::default();
        lines.add(value);
        Self::new(lines)
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Result<Extension<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next(extension)
    }
}

/// An extension, offered or granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    name: &'a str,
    /// Legal, as far as `Params` goes.
    params: &'a [u8],
}

impl<'a> Extension<'a> {
    /// Its registered name.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its parameters, in order, at most [`MAX_LIST_ITEMS`].
    pub fn params(&self) -> Params<'a> {
        Params(self.params)
    }
}

/// The parameters of an [`Extension`].
#[derive(Clone)]
pub struct Params<'a>(&'a [u8]);

impl<'a> Iterator for Params<'a> {
    type Item = Param<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (param, rest) = param(self.0)?;
        self.0 = rest;
        Some(param)
    }
}

/// A parameter of an [`Extension`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param<'a> {
    /// Its name.
    pub name: &'a str,
    /// What follows the equals sign, if there is one.
    pub value: Option<Value<'a>>,
}

/// The value of a [`Param`]: a token, which may have been quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a>(&'a [u8]);

impl<'a> Value<'a> {
    /// The token's bytes: not none, and all of them ASCII.
    pub fn bytes(self) -> impl Iterator<Item = u8> + 'a {
        // A token has no backslash, so each one quotes what follows it.
        self.0.iter().copied().filter(|&byte| byte != b'\\')
    }
}

/// Whether a list of tokens has `token` in it, in any case.
pub(super) fn has_token(list: &[u8], token: &str) -> bool {
    list.split(|&byte| byte == b',').any(|item| is_same(item.trim_ascii(), token.as_bytes()))
}

fn extension(text: &[u8]) -> Option<(Extension<'_>, &[u8])> {
    let (name, params) = token(text)?;
    let (mut rest, mut count) = (params, 0);
    while skip_blanks(rest).starts_with(b";") {
        (_, rest) = param(rest)?;
        count += 1;
        if count > MAX_LIST_ITEMS {
            return None;
        }
    }
    Some((Extension { name, params: &params[..params.len() - rest.len()] }, rest))
}

/// A semicolon and what it introduces.
fn param(text: &[u8]) -> Option<(Param<'_>, &[u8])> {
    let (name, rest) = token(skip_blanks(skip_blanks(text).strip_prefix(b";")?))?;
    let Some(after) = skip_blanks(rest).strip_prefix(b"=") else {
        return Some((Param { name, value: None }, rest));
    };
    let after = skip_blanks(after);
    let (value, rest) = match after.strip_prefix(b"\"") {
        Some(quoted) => unquote(quoted)?,
        None => token(after).map(|(value, rest)| (value.as_bytes(), rest))?,
    };
    Some((Param { name, value: Some(Value(value)) }, rest))
}

/// What stands before the closing quote, and what follows that.
fn unquote(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut bytes = text.iter();
    let len = loop {
        match bytes.next()? {
            b'"' => break text.len() - bytes.len() - 1,
            // RFC 6455 §9.1: after unescaping, the value MUST be a token.
            b'\\' if bytes.next().is_some_and(|&byte| is_token(byte)) => {}
            &byte if is_token(byte) => {}
            _ => return None,
        }
    };
    (len > 0).then(|| (&text[..len], &text[len + 1..]))
}

/// The token at the start of `text`, and what follows it.
fn token(text: &[u8]) -> Option<(&str, &[u8])> {
    let len = text.iter().position(|&byte| !is_token(byte)).unwrap_or(text.len());
    let (token, rest) = text.split_at(len);
    let token = core::str::from_utf8(token).expect("a token is ASCII");
    (len > 0).then_some((token, rest))
}

/// RFC 9110 §5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let len = text.iter().position(|&byte| !matches!(byte, b' ' | b'\t')).unwrap_or(text.len());
    &text[len..]
}

#[cfg(test)]
mod tests;
