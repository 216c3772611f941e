//! What every backend asks of a peer's certificate besides the chain of signatures, which its library checks.
//!
//! TLS libraries disagree about much: whether a common name is a name, whether a certificate of version 1 is one,
//! whether an issuer's certificate may answer for a host. Their verdict stands where it is stricter; these checks make
//! the lenient ones agree (TLS-13). Nothing is excused but what a [`Leniency`] names, and that is
//! reported.

use alloc::string::{String, ToString as _};

use crate::limits::RSA_BITS_MIN;
use crate::{Cause, Certificate, CertificateFault, Date, Error, Facts, Purpose, Stage};

/// What a client lets pass, each on its own; by default nothing. For tests and for devices that nobody can give a
/// better certificate. Whoever uses one logs each time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leniency {
    /// The chain ends in a certificate that vouches for itself and is not known here.
    #[doc(alias = "LCCSCF_ALLOW_SELFSIGNED")]
    pub self_signed: bool,
    /// A certificate of the chain has expired or is not valid yet.
    #[doc(alias = "LCCSCF_ALLOW_EXPIRED")]
    pub expired: bool,
    /// The certificate is for another name.
    #[doc(alias = "LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK")]
    pub wrong_name: bool,
}

impl Leniency {
    /// Whether this fault is let pass.
    pub const fn excuses(&self, fault: &CertificateFault) -> bool {
        match fault {
            CertificateFault::SelfSigned => self.self_signed,
            CertificateFault::Expired { .. } | CertificateFault::NotYetValid { .. } => self.expired,
            CertificateFault::WrongName { .. } => self.wrong_name,
            _ => false,
        }
    }

    /// Whether it lets anything pass.
    pub const fn is_any(&self) -> bool {
        self.self_signed || self.expired || self.wrong_name
    }
}

/// What is asked of the peer's own certificate.
#[derive(Clone, Copy, Debug)]
pub struct Want<'a> {
    /// Who shows it.
    pub purpose: Purpose,
    /// The host name or address it must be for; `None`: any.
    pub asked: Option<&'a str>,
    /// The time.
    pub now: Date,
    /// What is let pass.
    pub leniency: Leniency,
    /// It is one of the trusted certificates itself, byte for byte, or is let pass as self-signed: then it may be an
    /// issuer's.
    pub pinned: bool,
}

/// Checks the peer's own certificate. `excused` hears of each fault that is let pass.
///
/// # Errors
/// The first fault that is not excused.
pub fn leaf(
    certificate: &Certificate<'_>,
    want: &Want<'_>,
    mut excused: impl FnMut(&CertificateFault),
) -> Result<(), CertificateFault> {
    strong(certificate)?;
    if certificate.is_ca() && !want.pinned {
        return Err(CertificateFault::WrongPurpose);
    }
    if !certificate.allows(want.purpose) {
        return Err(CertificateFault::WrongPurpose);
    }
    let name = || match want.asked {
        Some(asked) if !certificate.is_for(asked) => Err(wrong_name(certificate, asked)),
        _ => Ok(()),
    };
    for result in [dates(certificate, want.now), name()] {
        match result {
            Err(fault) if want.leniency.excuses(&fault) => excused(&fault),
            result => result?,
        }
    }
    Ok(())
}

/// Checks the certificate of an issuer that the peer sent; trusted ones need no check.
///
/// # Errors
/// [`CertificateFault::Weak`], [`CertificateFault::Other`], [`CertificateFault::WrongPurpose`].
pub fn issuer(certificate: &Certificate<'_>) -> Result<(), CertificateFault> {
    strong(certificate)?;
    if certificate.is_ca() && certificate.may_sign() { Ok(()) } else { Err(CertificateFault::WrongPurpose) }
}

/// Checks, for a server, what a client showed when the session began that it has now resumed (TLS-10). Libraries do not look
/// at it again, and each resumption makes a new ticket: without this a certificate would be good as long as its owner keeps
/// coming back.
///
/// # Errors
/// [`CertificateFault::Expired`] as an error of the peer.
pub fn resumed(facts: &Facts<'_>, now: Date) -> Result<(), Error> {
    let Some(der) = facts.peer_certificate.filter(|_| facts.resumed) else { return Ok(()) };
    let valid = Certificate::parse(der).and_then(|shown| dates(&shown, now));
    valid.map_err(|fault| Error::Peer { stage: Stage::Handshake, cause: Cause::Certificate(fault) })
}

/// Checks the validity at `now`.
///
/// # Errors
/// [`CertificateFault::Expired`], [`CertificateFault::NotYetValid`].
pub fn dates(certificate: &Certificate<'_>, now: Date) -> Result<(), CertificateFault> {
    if now < certificate.not_before {
        return Err(CertificateFault::NotYetValid { from: certificate.not_before });
    }
    if now > certificate.not_after {
        return Err(CertificateFault::Expired { on: certificate.not_after });
    }
    Ok(())
}

/// The fault of a certificate that is for other names.
pub fn wrong_name(certificate: &Certificate<'_>, asked: &str) -> CertificateFault {
    CertificateFault::WrongName { asked: asked.to_string(), names: certificate.shown_names() }
}

/// RFC 5280 §4.2: extensions need version 3, and a critical one that is not understood MUST be refused.
fn strong(certificate: &Certificate<'_>) -> Result<(), CertificateFault> {
    let other = |what: &str| Err(CertificateFault::Other(String::from(what)));
    let weak = |what: &str| Err(CertificateFault::Weak(String::from(what)));
    if certificate.version != 3 {
        return other("it is not of version 3");
    }
    if certificate.has_unknown_critical() {
        return other("it has a critical extension that is not known here");
    }
    // A self-signed certificate's signature says nothing.
    if certificate.has_weak_signature() && !certificate.is_self_issued() {
        return weak("it is signed with SHA-1 or MD5");
    }
    match certificate.rsa_bits() {
        Some(bits) if bits < RSA_BITS_MIN => weak(&alloc::format!("its RSA key has {bits} bits")),
        _ => Ok(()),
    }
}
