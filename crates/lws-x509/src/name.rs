//! Distinguished names: who a certificate is about, and who made it (RFC 5280 §4.1.2.4).

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use lws_gencrypto::der::{self, Oid, Reader, Tag, Value};

use crate::error::InPart as _;
use crate::{Error, oid};

/// A distinguished name: a list of sets of attributes, the most general first.
///
/// Two are equal if their encodings are. [`Display`](fmt::Display) writes it as RFC 4514 does, the most specific first,
/// as in `CN=example.com,O=Example`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name<'a> {
    /// All of it, encoded, and checked when it was made.
    der: &'a [u8],
    /// The sets inside.
    content: &'a [u8],
}

/// One attribute of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// What it tells, as in [`oid::COMMON_NAME`].
    pub oid: Oid<'a>,
    /// What it says; usually a string of one of many types.
    pub value: Value<'a>,
    /// Whether it is in one set with the attribute before it.
    pub joined: bool,
}

impl<'a> Name<'a> {
    /// Takes a name apart.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn parse(der: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(der);
        let name = Self::read(&mut reader).part("name")?;
        reader.finish().part("name")?;
        Ok(name)
    }

    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, der::Error> {
        let mut ahead = *reader;
        let value = ahead.value(Tag::SEQUENCE)?;
        let name = Self { der: value.whole, content: value.content };
        let mut sets = reader.sequence()?;
        while !sets.is_empty() {
            let mut attributes = sets.set()?;
            loop {
                attribute(&mut attributes)?;
                if attributes.is_empty() {
                    break;
                }
            }
        }
        Ok(name)
    }

    /// Its encoding.
    #[must_use]
    pub const fn der(&self) -> &'a [u8] {
        self.der
    }

    pub(crate) const fn content(&self) -> &'a [u8] {
        self.content
    }

    /// Whether it says nothing at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// Its attributes, the most general first.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut sets = Reader::new(self.content);
        let mut set = Reader::new(&[]);
        core::iter::from_fn(move || {
            let joined = !set.is_empty();
            if !joined {
                set = sets.set().ok()?;
            }
            let (oid, value) = attribute(&mut set).ok()?;
            Some(Attribute { oid, value, joined })
        })
    }

    /// The most specific common name, if there is one that can be read as text.
    #[doc(alias = "LWS_TLS_CERT_INFO_COMMON_NAME")]
    #[must_use]
    pub fn common_name(&self) -> Option<Cow<'a, str>> {
        self.attributes().filter(|attribute| attribute.oid == oid::COMMON_NAME).last()?.text()
    }

    /// Whether this name begins with `prefix`: lies in its subtree.
    pub(crate) fn starts_with(&self, prefix: &Name<'_>) -> bool {
        // Both are whole sets, so that one cannot end within a set of the other.
        self.content.starts_with(prefix.content)
    }
}

/// One attribute, and the reader moved behind it.
fn attribute<'a>(set: &mut Reader<'a>) -> Result<(Oid<'a>, Value<'a>), der::Error> {
    let mut fields = set.sequence()?;
    let oid = fields.oid()?;
    let value = fields.any()?;
    fields.finish()?;
    Ok((oid, value))
}

impl<'a> Attribute<'a> {
    /// The value as text, if it is a string.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'a, str>> {
        text(self.value)
    }
}

/// A string of any of the types that names have.
fn text(value: Value<'_>) -> Option<Cow<'_, str>> {
    // NumericString and VisibleString are ASCII as well.
    const NUMERIC_STRING: Tag = Tag(0x12);
    const VISIBLE_STRING: Tag = Tag(0x1a);
    let content = value.content;
    match value.tag {
        Tag::UTF8_STRING => str::from_utf8(content).ok().map(Cow::Borrowed),
        Tag::PRINTABLE_STRING | Tag::IA5_STRING | NUMERIC_STRING | VISIBLE_STRING => {
            ascii(content).map(Cow::Borrowed)
        }
        Tag::TELETEX_STRING => Some(content.iter().copied().map(char::from).collect()),
        Tag::BMP_STRING => {
            let (units, []) = content.as_chunks::<2>() else { return None };
            let decoded = char::decode_utf16(units.iter().copied().map(u16::from_be_bytes));
            decoded.collect::<Result<String, _>>().ok().map(Cow::Owned)
        }
        Tag::UNIVERSAL_STRING => {
            let (units, []) = content.as_chunks::<4>() else { return None };
            units
                .iter()
                .map(|unit| char::from_u32(u32::from_be_bytes(*unit)))
                .collect::<Option<String>>()
                .map(Cow::Owned)
        }
        _ => None,
    }
}

/// Text of ASCII only.
pub(crate) fn ascii(content: &[u8]) -> Option<&str> {
    if content.is_ascii() { str::from_utf8(content).ok() } else { None }
}

/// What RFC 4514 §3 and common use call an attribute.
const SHORT_NAMES: [(Oid<'static>, &str); 14] = [
    (oid::COMMON_NAME, "CN"),
    (oid::SURNAME, "SN"),
    (oid::SERIAL_NUMBER, "serialNumber"),
    (oid::COUNTRY, "C"),
    (oid::LOCALITY, "L"),
    (oid::STATE, "ST"),
    (oid::STREET, "STREET"),
    (oid::ORGANIZATION, "O"),
    (oid::ORGANIZATIONAL_UNIT, "OU"),
    (oid::TITLE, "title"),
    (oid::GIVEN_NAME, "GN"),
    (oid::DOMAIN_COMPONENT, "DC"),
    (oid::USER_ID, "UID"),
    (oid::EMAIL_ADDRESS, "emailAddress"),
];

impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = SHORT_NAMES.iter().find(|(oid, _)| *oid == self.oid);
        match (short, self.text()) {
            (Some((_, short)), Some(text)) => {
                write!(f, "{short}=")?;
                escaped(f, &text)
            }
            // RFC 4514 §2.4: a type without a short name has its value in hexadecimal.
            (short, _) => {
                match short {
                    Some((_, short)) => write!(f, "{short}=#")?,
                    None => write!(f, "{}=#", self.oid)?,
                }
                self.value.whole.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

/// RFC 4514 §2.4: what has a meaning is escaped. So are control characters, which would change the line they are shown in.
fn escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write as _;
    let last = text.chars().count().saturating_sub(1);
    for (at, char) in text.chars().enumerate() {
        match char {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(f, "\\{char}")?,
            ' ' if at == 0 || at == last => f.write_str("\\ ")?,
            '#' if at == 0 => f.write_str("\\#")?,
            _ if char.is_control() => {
                let mut bytes = [0; 4];
                char.encode_utf8(&mut bytes).bytes().try_for_each(|byte| write!(f, "\\{byte:02X}"))?;
            }
            _ => f.write_char(char)?,
        }
    }
    Ok(())
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attributes: Vec<_> = self.attributes().collect();
        // RFC 4514 §2.1: from the last set to the first.
        for (at, set) in attributes.chunk_by(|_, next| next.joined).rev().enumerate() {
            for attribute in set {
                let separator = match (attribute.joined, at) {
                    (true, _) => "+",
                    (false, 0) => "",
                    (false, _) => ",",
                };
                write!(f, "{separator}{attribute}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}
