//! The names that alternative names and name constraints are made of (RFC 5280 §4.2.1.6).

use core::fmt;
use core::net::IpAddr;

use lws_gencrypto::der::{self, Oid, Reader, Tag, Value};

use crate::error::InPart as _;
use crate::name::ascii;
use crate::{Error, Illegal, Name};

/// One alternative name.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeneralName<'a> {
    /// A mail address (rfc822Name), ASCII.
    Email(&'a str),
    /// A host name (dNSName), ASCII, perhaps with a `*`. Not checked: a NUL in it stays one and matches nothing.
    Dns(&'a str),
    /// A distinguished name (directoryName).
    Directory(Name<'a>),
    /// A URI, ASCII.
    Uri(&'a str),
    /// An address.
    Ip(IpAddr),
    /// An object identifier (registeredID).
    RegisteredId(Oid<'a>),
    /// otherName, x400Address or ediPartyName, which nothing here understands.
    Other(Value<'a>),
}

/// As OpenSSL writes them, as in `DNS:example.com`.
impl fmt::Display for GeneralName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email(text) => write!(f, "email:{}", text.escape_debug()),
            Self::Dns(text) => write!(f, "DNS:{}", text.escape_debug()),
            Self::Directory(name) => write!(f, "DirName:{name}"),
            Self::Uri(text) => write!(f, "URI:{}", text.escape_debug()),
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::RegisteredId(oid) => write!(f, "RegisteredID:{oid}"),
            Self::Other(value) => write!(f, "other:[{}]", value.tag.0 & 0x1f),
        }
    }
}

/// A list of alternative names, checked when the certificate was parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GeneralNames<'a> {
    content: &'a [u8],
}

impl<'a> GeneralNames<'a> {
    /// From what is inside the list.
    pub(crate) fn parse(content: &'a [u8], part: &'static str) -> Result<Self, Error> {
        let mut names = Reader::new(content);
        while !names.is_empty() {
            if let Raw::Ip(octets) = raw(&mut names).part(part)? {
                ip(octets).ok_or(Illegal::IpAddress)?;
            }
        }
        Ok(Self { content })
    }

    /// The names, in their order.
    pub fn iter(&self) -> impl Iterator<Item = GeneralName<'a>> + use<'a> {
        let mut names = Reader::new(self.content);
        core::iter::from_fn(move || {
            Some(match raw(&mut names).ok()? {
                Raw::Name(name) => name,
                Raw::Ip(octets) => GeneralName::Ip(ip(octets)?),
            })
        })
    }
}

/// A name before its address is looked at: in name constraints it is a range.
pub(crate) enum Raw<'a> {
    Name(GeneralName<'a>),
    Ip(&'a [u8]),
}

pub(crate) fn raw<'a>(reader: &mut Reader<'a>) -> Result<Raw<'a>, der::Error> {
    let mut ahead = *reader;
    let value = ahead.any()?;
    let text = || ascii(value.content).ok_or(der::Error::String);
    let name = match value.tag {
        Tag(0x81) => GeneralName::Email(text()?),
        Tag(0x82) => GeneralName::Dns(text()?),
        Tag(0x86) => GeneralName::Uri(text()?),
        Tag(0x87) => {
            *reader = ahead;
            return Ok(Raw::Ip(value.content));
        }
        Tag(0x88) => GeneralName::RegisteredId(Oid::from_content(value.content)?),
        Tag(0xa4) => {
            let mut inner = reader.nested(value.tag)?;
            let name = Name::read(&mut inner)?;
            inner.finish()?;
            GeneralName::Directory(name)
        }
        Tag(0xa0 | 0xa3 | 0xa5) => GeneralName::Other(value),
        _ => return Err(der::Error::Tag),
    };
    *reader = ahead;
    Ok(Raw::Name(name))
}

fn ip(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}
