//! rustls's errors in the words of `lws-tls`.

use lws_tls::{Alert, Cause, CertificateFault, Error, Stage};
use rustls::{CertificateError, Error as Tls, PeerIncompatible, PeerMisbehaved};

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
        Tls::InvalidCertificate(fault) => Cause::Certificate(certificate(fault)),
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

fn certificate(fault: &CertificateError) -> CertificateFault {
    use CertificateError as E;
    match fault {
        E::BadEncoding => CertificateFault::Malformed,
        E::Expired | E::ExpiredContext { .. } => CertificateFault::Expired,
        E::NotValidYet | E::NotValidYetContext { .. } => CertificateFault::NotYetValid,
        E::UnknownIssuer => CertificateFault::UnknownIssuer,
        E::NotValidForName | E::NotValidForNameContext { .. } => CertificateFault::WrongName,
        E::BadSignature
        | E::UnsupportedSignatureAlgorithmContext { .. }
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => CertificateFault::BadSignature,
        E::Revoked => CertificateFault::Revoked,
        E::InvalidPurpose | E::InvalidPurposeContext { .. } => CertificateFault::WrongPurpose,
        other => CertificateFault::Other(other.to_string()),
    }
}
