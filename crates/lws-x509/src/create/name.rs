//! Names to be written.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use lws_gencrypto::der::{Oid, Tag, Writer};

use crate::host::{is_host_name, wildcard};
use crate::{Error, Name, oid};

/// A distinguished name, put together from attributes, the most general first.
///
/// ```
/// use lws_x509::{DistinguishedName, oid};
///
/// let name = DistinguishedName::new().with(oid::COUNTRY, "TW").with(oid::ORGANIZATION, "Example").with(oid::COMMON_NAME, "a, b");
/// assert_eq!(name.as_name().to_string(), r"CN=a\, b,O=Example,C=TW");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName {
    /// A legal name, encoded.
    der: Vec<u8>,
}

impl Default for DistinguishedName {
    fn default() -> Self {
        Self::new()
    }
}

impl DistinguishedName {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self { der: Vec::from([Tag::SEQUENCE.0, 0]) }
    }

    /// One that says nothing but this.
    #[must_use]
    pub fn common_name(text: &str) -> Self {
        Self::new().with(oid::COMMON_NAME, text)
    }

    /// With one more attribute, as in [`oid::ORGANIZATION`].
    #[must_use]
    pub fn with(self, oid: Oid<'_>, text: &str) -> Self {
        // RFC 5280 A.1: these have a type of their own; everything else is UTF-8 (§4.1.2.4).
        let printable =
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte));
        let tag = match oid {
            oid::COUNTRY | oid::SERIAL_NUMBER if printable => Tag::PRINTABLE_STRING,
            oid::EMAIL_ADDRESS | oid::DOMAIN_COMPONENT if text.is_ascii() => Tag::IA5_STRING,
            _ => Tag::UTF8_STRING,
        };
        let mut writer = Writer::new();
        writer.sequence(|sets| {
            sets.raw(self.as_name().content());
            sets.set(|set| {
                set.sequence(|attribute| {
                    attribute.oid(oid);
                    attribute.primitive(tag, text.as_bytes());
                });
            });
        });
        Self { der: writer.into_bytes() }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_name().is_empty()
    }

    /// Its encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// To be looked at.
    #[must_use]
    pub fn as_name(&self) -> Name<'_> {
        Name::parse(&self.der).expect("what was written can be read")
    }
}

impl From<Name<'_>> for DistinguishedName {
    fn from(name: Name<'_>) -> Self {
        Self { der: name.der().to_vec() }
    }
}

/// An alternative name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AltName {
    /// A host name or wildcard; [`AltName::dns`] checks it.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// A mail address, ASCII.
    Email(String),
    /// A URI, ASCII.
    Uri(String),
}

impl AltName {
    /// A host name, or a wildcard as in `*.example.com`. International names are given in their ASCII form.
    ///
    /// # Errors
    /// [`Error::Template`] if it is neither.
    pub fn dns(name: &str) -> Result<Self, Error> {
        if is_host_name(name) || wildcard(name).is_some() {
            Ok(Self::Dns(String::from(name)))
        } else {
            Err(Error::Template("a name that is no host name"))
        }
    }

    /// RFC 5280 §4.2.1.6. [`is_legal`](Self::is_legal) was asked before.
    pub(super) fn write(&self, names: &mut Writer) {
        let (number, text) = match self {
            Self::Email(text) => (1, text),
            Self::Dns(text) => (2, text),
            Self::Uri(text) => (6, text),
            Self::Ip(IpAddr::V4(address)) => return names.primitive(Tag::context(7), &address.octets()),
            Self::Ip(IpAddr::V6(address)) => return names.primitive(Tag::context(7), &address.octets()),
        };
        names.primitive(Tag::context(number), text.as_bytes());
    }

    /// Whether it can be written.
    pub(super) fn is_legal(&self) -> bool {
        match self {
            Self::Email(text) | Self::Dns(text) | Self::Uri(text) => text.is_ascii() && !text.is_empty(),
            Self::Ip(_) => true,
        }
    }
}
