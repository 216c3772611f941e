//! What a certificate of version 3 says beyond names, dates and key (RFC 5280 §4.2).

use core::fmt;
use core::ops::BitOr;

use lws_gencrypto::der::{self, BitString, Oid, Reader, Tag, Value};

use crate::error::InPart as _;
use crate::general_name::{Raw, raw};
use crate::limits::EXTENSIONS;
use crate::{Error, GeneralName, GeneralNames, Illegal, oid};

/// The extensions of a certificate or request. Those that are understood have fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions<'a> {
    content: &'a [u8],
    /// Whether the key may sign certificates.
    pub basic_constraints: Option<BasicConstraints>,
    /// What the key may do.
    pub key_usage: Option<KeyUsage>,
    /// What the key may be used for, in detail.
    pub extended_key_usage: Option<ExtendedKeyUsage<'a>>,
    /// Whom the certificate is about.
    pub subject_alt_name: Option<GeneralNames<'a>>,
    /// Whom certificates below this one may be about.
    pub name_constraints: Option<NameConstraints<'a>>,
    /// A short name of the key of this certificate.
    #[doc(alias = "LWS_TLS_CERT_INFO_SUBJECT_KEY_ID")]
    pub subject_key_id: Option<&'a [u8]>,
    /// A short name of the key that signed this certificate.
    pub authority_key_id: Option<AuthorityKeyId<'a>>,
    /// The first extension that must be understood and is not.
    pub unknown_critical: Option<Oid<'a>>,
}

/// One extension, as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Which one.
    pub oid: Oid<'a>,
    /// Whether whoever does not understand it must refuse the certificate.
    pub critical: bool,
    /// Its content, encoded.
    pub value: &'a [u8],
}

impl<'a> Extension<'a> {
    fn read(list: &mut Reader<'a>) -> Result<Self, der::Error> {
        let mut fields = list.sequence()?;
        let oid = fields.oid()?;
        // FALSE is the default and should be absent; it is written out often enough and harms nobody.
        let critical = fields.peek() == Some(Tag::BOOLEAN) && fields.boolean()?;
        let value = fields.octet_string()?;
        fields.finish()?;
        Ok(Self { oid, critical, value })
    }
}

impl<'a> Extensions<'a> {
    /// From the SEQUENCE OF Extension.
    pub(crate) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let mut list = reader.sequence().part("extensions")?;
        let mut found = Self { content: list.rest(), ..Self::default() };
        // RFC 5280 §4.1: SIZE (1..MAX).
        if list.is_empty() {
            return Err(Illegal::Empty.into());
        }
        let mut count = 0;
        while !list.is_empty() {
            count += 1;
            if count > EXTENSIONS {
                return Err(Error::Limit("EXTENSIONS"));
            }
            let extension = Extension::read(&mut list).part("extension")?;
            // RFC 5280 §4.2: no more than one instance of a particular extension.
            if found.iter().take(count - 1).any(|before| before.oid == extension.oid) {
                return Err(Illegal::DuplicateExtension.into());
            }
            found.note(extension)?;
        }
        Ok(found)
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Extension<'a>> + use<'a> {
        let mut list = Reader::new(self.content);
        core::iter::from_fn(move || Extension::read(&mut list).ok())
    }

    /// Understands one, or remembers that it should have been.
    fn note(&mut self, extension: Extension<'a>) -> Result<(), Error> {
        let mut value = Reader::new(extension.value);
        let value = &mut value;
        match extension.oid {
            oid::BASIC_CONSTRAINTS => {
                self.basic_constraints = Some(whole(value, BasicConstraints::read).part("basicConstraints")?);
            }
            oid::KEY_USAGE => self.key_usage = Some(whole(value, KeyUsage::read).part("keyUsage")?),
            oid::SUBJECT_KEY_ID => {
                self.subject_key_id = Some(whole(value, Reader::octet_string).part("subjectKeyIdentifier")?);
            }
            oid::EXTENDED_KEY_USAGE => self.extended_key_usage = Some(ExtendedKeyUsage::parse(value)?),
            oid::SUBJECT_ALT_NAME => {
                let list = whole(value, Reader::sequence).part("subjectAltName")?;
                self.subject_alt_name = Some(GeneralNames::parse(list.rest(), "subjectAltName")?);
            }
            oid::NAME_CONSTRAINTS => self.name_constraints = Some(NameConstraints::parse(value)?),
            oid::AUTHORITY_KEY_ID => self.authority_key_id = Some(AuthorityKeyId::parse(value)?),
            // RFC 5280 §6.1: policies that nobody asked for decide nothing. Constraints and mappings of policies would,
            // and are not understood.
            oid::CERTIFICATE_POLICIES => {}
            unknown if extension.critical => {
                self.unknown_critical.get_or_insert(unknown);
            }
            _ => {}
        }
        Ok(())
    }
}

/// What `read` makes of all that is in `reader`.
fn whole<'a, T>(
    reader: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, der::Error>,
) -> Result<T, der::Error> {
    let read = read(reader)?;
    reader.finish()?;
    Ok(read)
}

/// Whether a key may sign certificates (RFC 5280 §4.2.1.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BasicConstraints {
    /// It may.
    pub ca: bool,
    /// How many certificates of further authorities may be between this one and the last; any number if `None`. Means
    /// nothing unless `ca`. What is beyond 255 is 255.
    pub path_len: Option<u8>,
}

impl BasicConstraints {
    fn read(reader: &mut Reader<'_>) -> Result<Self, der::Error> {
        let mut fields = reader.sequence()?;
        let ca = fields.peek() == Some(Tag::BOOLEAN) && fields.boolean()?;
        let path_len = if fields.is_empty() { None } else { Some(fields.uint()?) };
        fields.finish()?;
        Ok(Self { ca, path_len: path_len.map(|length| u8::try_from(length).unwrap_or(u8::MAX)) })
    }
}

/// What a key may do: a set of the nine uses of RFC 5280 §4.2.1.3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "LWS_TLS_CERT_INFO_USAGE")]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// Sign what is not a certificate, as TLS handshakes do.
    pub const DIGITAL_SIGNATURE: Self = Self(1 << 0);
    /// Sign what the signer shall be held to (nonRepudiation).
    pub const CONTENT_COMMITMENT: Self = Self(1 << 1);
    /// Encrypt keys, as RSA key exchange does.
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// Encrypt data.
    pub const DATA_ENCIPHERMENT: Self = Self(1 << 3);
    /// Agree on a key, as Diffie-Hellman does.
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// Sign certificates.
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// Sign revocation lists.
    pub const CRL_SIGN: Self = Self(1 << 6);
    /// While agreeing on a key: only encrypt.
    pub const ENCIPHER_ONLY: Self = Self(1 << 7);
    /// While agreeing on a key: only decrypt.
    pub const DECIPHER_ONLY: Self = Self(1 << 8);

    /// As a number: use `n` of the standard is bit `2ⁿ`.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Whether any of `uses` is in the set.
    #[must_use]
    pub const fn any_of(self, uses: Self) -> bool {
        self.0 & uses.0 != 0
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, der::Error> {
        let bits: BitString<'_> = reader.bit_string()?;
        Ok(Self((0..9_u8).filter(|bit| bits.bit(usize::from(*bit))).fold(0, |set, bit| set | 1 << bit)))
    }
}

impl BitOr for KeyUsage {
    type Output = Self;

    fn bitor(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }
}

/// The names of RFC 5280, with commas, as in `digitalSignature, keyEncipherment`.
impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 9] = [
            "digitalSignature",
            "contentCommitment",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "keyCertSign",
            "cRLSign",
            "encipherOnly",
            "decipherOnly",
        ];
        let set = NAMES.iter().enumerate().filter(|(bit, _)| self.0 & (1 << bit) != 0);
        for (at, (_, name)) in set.enumerate() {
            write!(f, "{}{name}", if at == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// What a key may be used for: a list of purposes as in [`oid::SERVER_AUTH`] (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExtendedKeyUsage<'a> {
    content: &'a [u8],
}

impl<'a> ExtendedKeyUsage<'a> {
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Error> {
        const PART: &str = "extKeyUsage";
        let list = whole(reader, Reader::sequence).part(PART)?;
        let mut purposes = list;
        // RFC 5280 §4.2.1.12: SIZE (1..MAX).
        if purposes.is_empty() {
            return Err(Illegal::Empty.into());
        }
        while !purposes.is_empty() {
            purposes.oid().part(PART)?;
        }
        Ok(Self { content: list.rest() })
    }

    /// The purposes, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Oid<'a>> + use<'a> {
        let mut purposes = Reader::new(self.content);
        core::iter::from_fn(move || purposes.oid().ok())
    }

    /// Whether `purpose` is in the list.
    #[must_use]
    pub fn contains(&self, purpose: Oid<'_>) -> bool {
        self.iter().any(|listed| listed == purpose)
    }
}

/// Which key signed a certificate (RFC 5280 §4.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorityKeyId<'a> {
    /// The [`subject_key_id`](Extensions::subject_key_id) of the authority.
    #[doc(alias = "LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID")]
    pub key_id: Option<&'a [u8]>,
    /// The issuer of the authority's certificate.
    #[doc(alias = "LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_ISSUER")]
    pub issuer: Option<GeneralNames<'a>>,
    /// The serial number of the authority's certificate.
    #[doc(alias = "LWS_TLS_CERT_INFO_AUTHORITY_KEY_ID_SERIAL")]
    pub serial: Option<&'a [u8]>,
}

impl<'a> AuthorityKeyId<'a> {
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Error> {
        const PART: &str = "authorityKeyIdentifier";
        let content = |value: Option<Value<'a>>| value.map(|value| value.content);
        let mut fields = whole(reader, Reader::sequence).part(PART)?;
        let key_id = content(fields.optional(Tag::context(0)).part(PART)?);
        let issuer = content(fields.optional(Tag::explicit(1)).part(PART)?);
        let serial = content(fields.optional(Tag::context(2)).part(PART)?);
        fields.finish().part(PART)?;
        let issuer = issuer.map(|names| GeneralNames::parse(names, PART)).transpose()?;
        Ok(Self { key_id, issuer, serial })
    }
}

/// Whom certificates below an authority may be about (RFC 5280 §4.2.1.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameConstraints<'a> {
    /// Names of the kinds that occur here must lie in one of these subtrees.
    pub permitted: Subtrees<'a>,
    /// No name may lie in one of these subtrees.
    pub excluded: Subtrees<'a>,
}

/// A list of subtrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtrees<'a> {
    content: &'a [u8],
}

/// A part of all names of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subtree<'a> {
    /// What ends like this, or of which this is the beginning: see RFC 5280 §4.2.1.10 for each kind of name.
    Name(GeneralName<'a>),
    /// The addresses that are equal to the first in all bits that are set in the second. `len = 4` or `16` for both.
    Ip {
        /// The address.
        address: &'a [u8],
        /// Which bits of it count.
        mask: &'a [u8],
    },
}

impl<'a> NameConstraints<'a> {
    fn parse(reader: &mut Reader<'a>) -> Result<Self, Error> {
        const PART: &str = "nameConstraints";
        let mut fields = whole(reader, Reader::sequence).part(PART)?;
        let mut subtrees = |number| {
            let found = fields.optional(Tag::explicit(number)).part(PART)?;
            found.map_or(Ok(Subtrees { content: &[] }), |value| Subtrees::parse(value.content))
        };
        let constraints = Self { permitted: subtrees(0)?, excluded: subtrees(1)? };
        fields.finish().part(PART)?;
        Ok(constraints)
    }
}

impl<'a> Subtrees<'a> {
    fn parse(content: &'a [u8]) -> Result<Self, Error> {
        let mut list = Reader::new(content);
        if list.is_empty() {
            return Err(Illegal::Empty.into());
        }
        while !list.is_empty() {
            subtree(&mut list)?;
        }
        Ok(Self { content })
    }

    /// The subtrees, in their order.
    pub fn iter(&self) -> impl Iterator<Item = Subtree<'a>> + use<'a> {
        let mut list = Reader::new(self.content);
        core::iter::from_fn(move || subtree(&mut list).ok())
    }
}

fn subtree<'a>(list: &mut Reader<'a>) -> Result<Subtree<'a>, Error> {
    const PART: &str = "nameConstraints";
    let mut fields = list.sequence().part(PART)?;
    let base = raw(&mut fields).part(PART)?;
    // RFC 5280 §4.2.1.10: the minimum must be zero, which is the default, and the maximum absent.
    if !fields.is_empty() {
        return Err(Illegal::SubtreeBounds.into());
    }
    match base {
        Raw::Name(name) => Ok(Subtree::Name(name)),
        Raw::Ip(range) if matches!(range.len(), 8 | 32) => {
            let (address, mask) = range.split_at(range.len() / 2);
            Ok(Subtree::Ip { address, mask })
        }
        Raw::Ip(_) => Err(Illegal::IpAddress.into()),
    }
}
