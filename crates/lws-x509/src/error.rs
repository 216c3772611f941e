//! What can go wrong, split by whose fault it is.

use core::fmt;

use lws_gencrypto::der;

use crate::{Rejected, pem};

/// Why something about a certificate does not work.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A text is not PEM.
    Pem {
        /// The line, from 1; 0 for the text as a whole.
        line: usize,
        /// What is wrong there.
        fault: pem::Fault,
    },
    /// A certificate, request or key is not DER, or not of the form it must have.
    Malformed {
        /// The part of it, by its name in the standard.
        part: &'static str,
        /// What is wrong with that.
        why: der::Error,
    },
    /// It is well formed and breaks a rule of X.509.
    Illegal(Illegal),
    /// It is larger than the limit of this name in [`limits`](crate::limits).
    Limit(&'static str),
    /// A key, or what was done with it.
    Crypto(lws_gencrypto::Error),
    /// The private key does not belong to the certificate.
    KeyMismatch,
    /// Neither a host name nor an address.
    HostName,
    /// Something that was to be written into a certificate and cannot be: what, for people.
    Template(&'static str),
    /// A certificate was verified and is not to be trusted.
    Rejected(Rejected),
}

/// A rule of X.509 that a certificate breaks.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Illegal {
    /// The version is none of 1, 2 and 3 (RFC 5280 §4.1.2.1).
    Version,
    /// The serial number is negative (RFC 5280 §4.1.2.2).
    Serial,
    /// The algorithm outside of the signed part is not the one inside (RFC 5280 §4.1.1.2).
    AlgorithmsDiffer,
    /// The same extension twice (RFC 5280 §4.2).
    DuplicateExtension,
    /// An extension without content, or a list without elements, where there must be one.
    Empty,
    /// An address that is neither IPv4 nor IPv6.
    IpAddress,
    /// Name constraints with a minimum or maximum (RFC 5280 §4.2.1.10).
    SubtreeBounds,
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "the version is not 1, 2 or 3",
            Self::Serial => "the serial number is negative",
            Self::AlgorithmsDiffer => "two different signature algorithms are named",
            Self::DuplicateExtension => "an extension occurs twice",
            Self::Empty => "a list is empty that must not be",
            Self::IpAddress => "an address is neither IPv4 nor IPv6",
            Self::SubtreeBounds => "name constraints have bounds",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem { line: 0, fault } => write!(f, "PEM: {fault}"),
            Self::Pem { line, fault } => write!(f, "PEM: line {line}: {fault}"),
            Self::Malformed { part, why } => write!(f, "malformed {part}: {why}"),
            Self::Illegal(rule) => write!(f, "not a legal certificate: {rule}"),
            Self::Limit(name) => write!(f, "beyond the limit {name}"),
            Self::Crypto(error) => error.fmt(f),
            Self::KeyMismatch => f.write_str("the private key does not belong to the certificate"),
            Self::HostName => f.write_str("neither a host name nor an address"),
            Self::Template(what) => write!(f, "cannot be written into a certificate: {what}"),
            Self::Rejected(rejected) => rejected.fmt(f),
        }
    }
}

impl core::error::Error for Error {}

impl From<Illegal> for Error {
    fn from(rule: Illegal) -> Self {
        Self::Illegal(rule)
    }
}

impl From<lws_gencrypto::Error> for Error {
    fn from(error: lws_gencrypto::Error) -> Self {
        Self::Crypto(error)
    }
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

/// Says which part is malformed.
pub(crate) trait InPart<T> {
    fn part(self, part: &'static str) -> Result<T, Error>;
}

impl<T> InPart<T> for Result<T, der::Error> {
    fn part(self, part: &'static str) -> Result<T, Error> {
        self.map_err(|why| Error::Malformed { part, why })
    }
}
