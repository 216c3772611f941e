//! What can go wrong, split by whose fault it is.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::{Alert, Date};

/// Why TLS does not work, in the same words for every library.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The peer's doing, or nothing in common with it.
    Peer {
        /// When it happened.
        stage: Stage,
        /// What it was.
        cause: Cause,
    },
    /// The peer's handshake message is larger than
    /// [`HANDSHAKE_HELD_MAX`](crate::limits::HANDSHAKE_HELD_MAX).
    HandshakeTooLarge,
    /// The certificates, keys, names or lists that we were given.
    Config(ConfigError),
    /// A call that makes no sense now.
    Misuse(Misuse),
    /// The TLS library failed at its own work (random numbers, an exhausted key). Its words, for the log.
    Library(String),
}

/// When an error of the peer happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Before application data could flow.
    Handshake,
    /// Afterwards.
    Data,
}

/// What the peer did.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The first bytes are not TLS.
    NotTls {
        /// They look like plain HTTP.
        http: bool,
    },
    /// No protocol version in common.
    Version,
    /// No cipher suite, group or signature scheme in common, or a required extension is missing. The library's
    /// name for it.
    Parameters(String),
    /// Application protocols were offered and none is known here (RFC 7301 §3.2).
    NoApplicationProtocol,
    /// The peer's certificate is not acceptable.
    Certificate(CertificateFault),
    /// The peer sent a fatal alert: its reason to give up.
    Alert(Alert),
    /// A record or message could not be decoded.
    Malformed,
    /// A record did not authenticate: damaged or forged.
    Tampered,
    /// A message out of turn or against a rule of the protocol. The library's name for it.
    Violation(String),
    /// Too many messages that are legal one by one: key updates, warnings, empty records, renegotiations.
    Flood,
    /// The transport ended without `close_notify` (RFC 8446 §6.1).
    Truncated,
}

/// Why a peer's certificate is not acceptable.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// None was sent.
    Missing,
    /// Not a certificate.
    Malformed,
    /// Its time, or that of one that issued it, is over.
    Expired {
        /// Since when.
        on: Date,
    },
    /// Its time has not come.
    NotYetValid {
        /// When it comes.
        from: Date,
    },
    /// It vouches for itself, or ends in one that does, and that one is not known here.
    SelfSigned,
    /// Nobody trusted here has signed it.
    UnknownIssuer,
    /// It is for other names than the one connected to.
    WrongName {
        /// That one.
        asked: String,
        /// Names it is for, the first [`CERTIFICATE_NAMES_MAX`](crate::limits::CERTIFICATE_NAMES_MAX) of them.
        names: Vec<String>,
    },
    /// A signature in it is wrong or of an unknown kind.
    BadSignature,
    /// It, or one that issued it, was taken back.
    Revoked,
    /// Revocation lists are asked for, and no trustworthy one of its issuer is in force: whether it, or one that issued
    /// it, was taken back cannot be told.
    RevocationUnknown,
    /// It is not meant for this use.
    WrongPurpose,
    /// Its key or its signature can be forged. What, in words.
    Weak(String),
    /// Anything else, in the library's words.
    Other(String),
}

/// What is wrong with what we were given. `source` is a file name, or says where in memory.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// A file cannot be read, or is longer than [`PEM_FILE_MAX`](crate::limits::PEM_FILE_MAX).
    Unreadable {
        /// Which.
        source: String,
        /// The system's reason.
        reason: String,
    },
    /// There is no certificate in it.
    NoCertificate {
        /// In what.
        source: String,
    },
    /// There is no private key in it.
    NoKey {
        /// In what.
        source: String,
    },
    /// The PEM encoding is broken.
    BadPem {
        /// Of what.
        source: String,
        /// Where or how.
        reason: String,
    },
    /// Not a certificate that can be used.
    BadCertificate {
        /// Which.
        source: String,
        /// The library's reason.
        reason: String,
    },
    /// Not a revocation list that can be used.
    BadRevocationList {
        /// Which.
        source: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not a private key that can be used: damaged, of an unknown kind, or too short.
    BadKey {
        /// Which.
        source: String,
        /// The library's reason.
        reason: String,
    },
    /// The certificate is for another key.
    Mismatch {
        /// The chain.
        chain: String,
        /// The key.
        key: String,
    },
    /// Everybody on this machine may read the private key, or others may replace it.
    KeyExposed {
        /// The key file.
        source: String,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a host name, or one that was given twice.
    BadName {
        /// The name.
        name: String,
    },
    /// An application protocol name must have 1 to 255 bytes (RFC 7301 §3.1).
    BadAlpn,
    /// No certificate to trust in it.
    NoRoots {
        /// In what.
        source: String,
    },
    /// No certificates to trust where this system keeps them.
    NoPlatformRoots {
        /// Where they were looked for.
        looked: Vec<String>,
    },
    /// No cipher suite of this name is offered here.
    UnknownCipher {
        /// The name.
        name: String,
    },
    /// The chosen cryptography cannot do what the settings ask for.
    Unsupported {
        /// The library's reason.
        reason: String,
    },
}

/// A call that makes no sense now: an error in the program, not on the wire.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misuse {
    /// Application data before the handshake is done.
    SendBeforeOpen,
    /// Application data after our `close_notify`.
    SendAfterClose,
}

impl Cause {
    /// The alert that tells the peer (RFC 8446 §6.2); `None` where none is sent, because the peer is gone, has
    /// given up itself, or does not speak TLS well enough.
    pub const fn alert(&self) -> Option<Alert> {
        Some(match self {
            Self::NotTls { .. } | Self::Malformed => Alert::DECODE_ERROR,
            Self::Version => Alert::PROTOCOL_VERSION,
            Self::Parameters(_) => Alert::HANDSHAKE_FAILURE,
            Self::NoApplicationProtocol => Alert::NO_APPLICATION_PROTOCOL,
            Self::Certificate(fault) => fault.alert(),
            Self::Tampered => Alert::BAD_RECORD_MAC,
            Self::Violation(_) => Alert::UNEXPECTED_MESSAGE,
            Self::Alert(_) | Self::Flood | Self::Truncated => return None,
        })
    }
}

impl CertificateFault {
    /// The fault in one or two words, the same for every library, whatever the details.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not yet valid",
            Self::SelfSigned => "self-signed",
            Self::UnknownIssuer => "unknown issuer",
            Self::WrongName { .. } => "wrong name",
            Self::BadSignature => "bad signature",
            Self::Revoked => "revoked",
            Self::RevocationUnknown => "revocation unknown",
            Self::WrongPurpose => "wrong purpose",
            Self::Weak(_) => "weak",
            Self::Other(_) => "other",
        }
    }

    const fn alert(&self) -> Alert {
        match self {
            Self::Missing => Alert::CERTIFICATE_REQUIRED,
            Self::Malformed | Self::WrongName { .. } | Self::Weak(_) => Alert::BAD_CERTIFICATE,
            Self::Expired { .. } | Self::NotYetValid { .. } => Alert::CERTIFICATE_EXPIRED,
            Self::UnknownIssuer | Self::SelfSigned => Alert::UNKNOWN_CA,
            Self::BadSignature => Alert::DECRYPT_ERROR,
            Self::Revoked => Alert::CERTIFICATE_REVOKED,
            Self::WrongPurpose => Alert::UNSUPPORTED_CERTIFICATE,
            Self::RevocationUnknown | Self::Other(_) => Alert::CERTIFICATE_UNKNOWN,
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl core::error::Error for Error {}
impl core::error::Error for ConfigError {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer { stage: Stage::Handshake, cause } => write!(f, "TLS handshake: {cause}"),
            Self::Peer { stage: Stage::Data, cause } => write!(f, "TLS: {cause}"),
            Self::HandshakeTooLarge => {
                let max = crate::limits::HANDSHAKE_HELD_MAX;
                write!(f, "TLS handshake: the peer's message is larger than {max} bytes")
            }
            Self::Config(error) => error.fmt(f),
            Self::Misuse(Misuse::SendBeforeOpen) => f.write_str("sent before the TLS handshake was done"),
            Self::Misuse(Misuse::SendAfterClose) => f.write_str("sent after TLS was closed"),
            Self::Library(what) => write!(f, "the TLS library failed: {what}"),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTls { http: true } => f.write_str("the peer speaks plain HTTP, not TLS"),
            Self::NotTls { http: false } => f.write_str("the peer does not speak TLS"),
            Self::Version => f.write_str("no TLS version in common with the peer"),
            Self::Parameters(what) => write!(f, "nothing in common with the peer ({what})"),
            Self::NoApplicationProtocol => {
                f.write_str("no application protocol (ALPN) in common with the peer")
            }
            Self::Certificate(fault) => write!(f, "the peer's certificate {fault}"),
            Self::Alert(alert) => write!(f, "the peer gave up: it sent alert {alert}"),
            Self::Malformed => f.write_str("the peer sent a malformed message"),
            Self::Tampered => f.write_str("a record was damaged or forged on its way"),
            Self::Violation(what) => write!(f, "the peer broke the protocol ({what})"),
            Self::Flood => f.write_str("the peer sent too many control messages"),
            Self::Truncated => f.write_str("the connection ended without close_notify; data may be missing"),
        }
    }
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is missing",
            Self::Malformed => "is malformed",
            Self::Expired { on } => return write!(f, "expired on {on}"),
            Self::NotYetValid { from } => return write!(f, "is not valid before {from}"),
            Self::SelfSigned => "is self-signed, and not known here",
            Self::UnknownIssuer => "was not issued by anybody trusted here",
            Self::WrongName { asked, names } if names.is_empty() => {
                return write!(f, "names no host; asked for {asked}");
            }
            Self::WrongName { asked, names } => {
                return write!(f, "is for {}; asked for {asked}", names.join(", "));
            }
            Self::BadSignature => "has a wrong signature",
            Self::Revoked => "was revoked",
            Self::RevocationUnknown => "may have been revoked: no list of its issuer is in force here",
            Self::WrongPurpose => "is not meant for this use",
            Self::Weak(what) => return write!(f, "is too weak: {what}"),
            Self::Other(what) => return write!(f, "is not acceptable: {what}"),
        })
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { source, reason } => write!(f, "cannot read {source}: {reason}"),
            Self::NoCertificate { source } => write!(f, "there is no certificate in {source}"),
            Self::NoKey { source } => write!(f, "there is no private key in {source}"),
            Self::BadPem { source, reason } => write!(f, "{source} is not well-formed PEM: {reason}"),
            Self::BadCertificate { source, reason } => {
                write!(f, "the certificate in {source} cannot be used: {reason}")
            }
            Self::BadRevocationList { source, reason } => {
                write!(f, "the revocation list in {source} cannot be used: {reason}")
            }
            Self::BadKey { source, reason } => {
                write!(f, "the private key in {source} cannot be used: {reason}")
            }
            Self::Mismatch { chain, key } => {
                write!(f, "the certificate and the key do not belong together ({chain}, {key})")
            }
            Self::KeyExposed { source, mode } => write!(
                f,
                "the private key {source} is open to every user of this machine (mode {mode:04o}); \
                 try: chmod 600 {source}"
            ),
            Self::BadName { name } => {
                write!(f, "{name:?} is not a host name or \"*.\" and a domain, or was given twice")
            }
            Self::BadAlpn => f.write_str("an application protocol name must have 1 to 255 bytes"),
            Self::NoRoots { source } => write!(f, "there is no certificate to trust in {source}"),
            Self::NoPlatformRoots { looked } => write!(
                f,
                "there are no certificates to trust on this system; looked for {}; \
                 try: install ca-certificates, or set SSL_CERT_FILE",
                looked.join(", ")
            ),
            Self::UnknownCipher { name } => {
                write!(f, "there is no cipher suite called {name:?}; there are")?;
                for suite in crate::CipherSuite::ALL {
                    write!(f, " {suite}")?;
                }
                Ok(())
            }
            Self::Unsupported { reason } => {
                write!(f, "the chosen cryptography cannot do what the TLS settings ask for: {reason}")
            }
        }
    }
}
