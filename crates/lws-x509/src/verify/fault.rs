//! Which certificate is not good, and why.

use alloc::string::{String, ToString as _};
use core::fmt;

use lws_gencrypto::KeyFault;
use lws_gencrypto::der::DateTime;

use super::Leniency;
use crate::Certificate;

/// A certificate that is not to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Where it is.
    pub position: Position,
    /// Whom it is about, as RFC 4514 writes it. For people.
    pub subject: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// Where a certificate is in a [`Verify`](super::Verify).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// It is the leaf.
    Leaf,
    /// It is this one of the intermediates, from 0.
    Intermediate(usize),
    /// It is this one of the anchors, from 0.
    Anchor(usize),
}

/// Why a certificate is not to be trusted.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its time has not come.
    NotYetValid(DateTime),
    /// Its time is over.
    Expired(DateTime),
    /// It is about another host (RFC 9525).
    WrongHost,
    /// It is about this host by its common name only.
    CommonName,
    /// It is signed with its own key, and not trusted.
    SelfSigned,
    /// Its issuer is not known.
    UnknownIssuer,
    /// Its signature is wrong.
    Signature,
    /// Its signature is made in a way that is not known here.
    UnknownAlgorithm,
    /// Its signature is made with a hash that is broken.
    WeakSignature,
    /// Its key is no good, too small, or of a kind that is not known here.
    Key(KeyFault),
    /// It is of version 1 or 2.
    Version,
    /// It must not sign certificates (RFC 5280 §4.2.1.9).
    NotAuthority,
    /// It is an authority, and used as something else.
    AuthorityAsLeaf,
    /// Too many authorities are below it (RFC 5280 §4.2.1.9).
    PathTooLong,
    /// Its key must not do this (RFC 5280 §4.2.1.3).
    KeyUsage,
    /// It is for another purpose (RFC 5280 §4.2.1.12).
    Purpose,
    /// It has a name that an authority above it must not vouch for (RFC 5280 §4.2.1.10).
    NameConstraints,
    /// It has an extension that must be understood and is not: its identifier.
    CriticalExtension(String),
    /// Looking further would go beyond the limit of this name in [`limits`](crate::limits).
    Limit(&'static str),
    /// The cryptographic library could not check it.
    Library(lws_gencrypto::Error),
}

impl Rejected {
    pub(crate) fn new(position: Position, certificate: &Certificate<'_>, fault: Fault) -> Self {
        Self { position, subject: certificate.subject.to_string(), fault }
    }
}

impl Fault {
    /// What would forgive it.
    #[must_use]
    pub const fn leniency(&self) -> Option<Leniency> {
        Some(match self {
            Self::NotYetValid(_) | Self::Expired(_) => Leniency::Expired,
            Self::WrongHost => Leniency::WrongHost,
            Self::CommonName => Leniency::CommonName,
            Self::SelfSigned => Leniency::SelfSigned,
            Self::UnknownIssuer => Leniency::UnknownIssuer,
            Self::Version => Leniency::OldVersion,
            Self::AuthorityAsLeaf => Leniency::AuthorityAsLeaf,
            Self::WeakSignature => Leniency::Sha1,
            _ => return None,
        })
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Position::Leaf => f.write_str("the certificate")?,
            Position::Intermediate(at) => write!(f, "intermediate certificate {at}")?,
            Position::Anchor(at) => write!(f, "trusted certificate {at}")?,
        }
        write!(f, " ({}) {}", self.subject, self.fault)
    }
}

impl core::error::Error for Rejected {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotYetValid(from) => return write!(f, "is not valid before {from}"),
            Self::Expired(to) => return write!(f, "expired on {to}"),
            Self::Key(fault) => return write!(f, "has a bad key: {fault}"),
            Self::CriticalExtension(oid) => {
                return write!(f, "has the critical extension {oid}, which is not known here");
            }
            Self::Limit(name) => return write!(f, "cannot be verified within the limit {name}"),
            Self::Library(error) => return write!(f, "cannot be verified: {error}"),
            Self::WrongHost => "is about another host",
            Self::CommonName => "names the host by its common name only",
            Self::SelfSigned => "is self-signed and not trusted",
            Self::UnknownIssuer => "has an issuer that is not known or not trusted",
            Self::Signature => "has a wrong signature",
            Self::UnknownAlgorithm => "is signed in a way that is not known here",
            Self::WeakSignature => "is signed with a hash that is broken",
            Self::Version => "is of an old version, without extensions",
            Self::NotAuthority => "must not sign certificates",
            Self::AuthorityAsLeaf => "is an authority and not to be used otherwise",
            Self::PathTooLong => "has more authorities below it than it may have",
            Self::KeyUsage => "has a key that must not be used for this",
            Self::Purpose => "is not for this purpose",
            Self::NameConstraints => "has a name that an authority above it must not vouch for",
        })
    }
}
