//! rustls's errors in the words of `lws-tls`.

use lws_tls::limits::CERTIFICATE_NAMES_MAX;
use lws_tls::{Alert, Cause, CertificateFault, Date, Error, Stage};
use rustls::{CertificateError, Error as Tls, PeerIncompatible, PeerMisbehaved};
use rustls_pki_types::UnixTime;

use crate::verify;

/// What went wrong with the peer, or in the library.
pub(crate) fn session_error(error: &Tls, stage: Stage) -> Error {
    match cause(error) {
        Some(cause) => Error::Peer { stage, cause },
        None => Error::Library(error.to_string()),
    }
}

fn cause(error: &Tls) -> Option<Cause> {
    Some(match error {
        Tls::InvalidMessage(_) | Tls::PeerSentOversizedRecord => Cause::Malformed,
        Tls::DecryptError => Cause::Tampered,
        Tls::AlertReceived(alert) => Cause::Alert(Alert(u8::from(*alert))),
        Tls::NoApplicationProtocol => Cause::NoApplicationProtocol,
        Tls::NoCertificatesPresented => Cause::Certificate(CertificateFault::Missing),
        Tls::InvalidCertificate(fault) => {
            Cause::Certificate(verify::take_fault().unwrap_or_else(|| certificate(fault)))
        }
        Tls::PeerIncompatible(what) => incompatible(what),
        Tls::PeerMisbehaved(what) => misbehaved(what),
        Tls::InappropriateMessage { got_type, .. } => Cause::Violation(format!("{got_type:?} out of turn")),
        Tls::InappropriateHandshakeMessage { got_type, .. } => {
            Cause::Violation(format!("{got_type:?} out of turn"))
        }
        _ => return None,
    })
}

fn incompatible(what: &PeerIncompatible) -> Cause {
    match what {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
        | PeerIncompatible::SupportedVersionsExtensionRequired
        | PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled => Cause::Version,
        other => Cause::Parameters(format!("{other:?}")),
    }
}

fn misbehaved(what: &PeerMisbehaved) -> Cause {
    match what {
        PeerMisbehaved::TooManyEmptyFragments
        | PeerMisbehaved::TooManyKeyUpdateRequests
        | PeerMisbehaved::TooManyRenegotiationRequests
        | PeerMisbehaved::TooManyWarningAlertsReceived => Cause::Flood,
        other => Cause::Violation(format!("{other:?}")),
    }
}

/// The fault in our words; the verifiers, who see the certificate, tell more where this has no details.
pub(crate) fn certificate(fault: &CertificateError) -> CertificateFault {
    use CertificateError as E;
    let seconds = |time: UnixTime| Date(i64::try_from(time.as_secs()).unwrap_or(i64::MAX));
    match fault {
        E::BadEncoding => CertificateFault::Malformed,
        E::Expired => CertificateFault::Expired { on: Date::default() },
        E::ExpiredContext { not_after, .. } => CertificateFault::Expired { on: seconds(*not_after) },
        E::NotValidYet => CertificateFault::NotYetValid { from: Date::default() },
        E::NotValidYetContext { not_before, .. } => {
            CertificateFault::NotYetValid { from: seconds(*not_before) }
        }
        E::UnknownIssuer => CertificateFault::UnknownIssuer,
        E::NotValidForName => CertificateFault::WrongName { asked: String::new(), names: Vec::new() },
        E::NotValidForNameContext { expected, presented } => CertificateFault::WrongName {
            asked: expected.to_str().into_owned(),
            names: presented.iter().take(CERTIFICATE_NAMES_MAX).cloned().collect(),
        },
        E::BadSignature => CertificateFault::BadSignature,
        E::UnsupportedSignatureAlgorithmContext { .. }
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            CertificateFault::Weak("it is signed in a way that is not accepted".to_string())
        }
        E::Revoked => CertificateFault::Revoked,
        E::UnknownRevocationStatus | E::ExpiredRevocationList | E::ExpiredRevocationListContext { .. } => {
            CertificateFault::RevocationUnknown
        }
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => CertificateFault::WrongPurpose,
        other => CertificateFault::Other(other.to_string()),
    }
}
