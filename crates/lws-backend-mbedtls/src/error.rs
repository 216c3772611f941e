//! Mbed TLS's error codes in the words of `lws-tls`.
//!
//! One code stands for many things (`BadHsClientHello` is everything from a cut message to an unknown application
//! protocol); the alert that the library sent with it tells them apart.

use lws_tls::{Alert, Cause, CertificateFault, ConfigError, Error, Stage};
use mbedtls::error::HiError as Hi;

/// What is known of a failure.
pub(crate) struct Failure {
    pub(crate) code: mbedtls::Error,
    pub(crate) stage: Stage,
    /// The fatal alert that the library has written about it.
    pub(crate) sent: Option<Alert>,
    /// The alert that the peer sent, if it did.
    pub(crate) received: Option<Alert>,
    /// What is wrong with the peer's certificate, if it was looked at.
    pub(crate) fault: Option<CertificateFault>,
}

impl Failure {
    /// What went wrong with the peer, or in the library.
    pub(crate) fn error(self) -> Error {
        let (stage, words) = (self.stage, words(&self.code));
        self.cause().map_or(Error::Library(words), |cause| Error::Peer { stage, cause })
    }

    fn cause(self) -> Option<Cause> {
        let name = format!("{:?}", self.code.high_level()?);
        Some(match self.code.high_level()? {
            Hi::SslFatalAlertMessage => Cause::Alert(self.received.unwrap_or(Alert::INTERNAL_ERROR)),
            Hi::SslPeerCloseNotify => Cause::Alert(Alert::CLOSE_NOTIFY),
            Hi::SslInvalidMac => Cause::Tampered,
            Hi::SslBadHsProtocolVersion => Cause::Version,
            Hi::SslNoCipherChosen | Hi::SslNoUsableCiphersuite | Hi::SslUnknownCipher => {
                Cause::Parameters(name)
            }
            Hi::SslNoClientCertificate => Cause::Certificate(CertificateFault::Missing),
            Hi::SslPeerVerifyFailed | Hi::X509CertVerifyFailed | Hi::SslBadHsCertificate
                if self.fault.is_some() =>
            {
                Cause::Certificate(self.fault?)
            }
            Hi::X509FatalError => {
                Cause::Certificate(CertificateFault::Other(String::from("its chain is too long")))
            }
            Hi::X509UnknownSigAlg | Hi::X509SigMismatch => {
                Cause::Certificate(self.fault.unwrap_or(CertificateFault::BadSignature))
            }
            Hi::X509InvalidFormat
            | Hi::X509InvalidVersion
            | Hi::X509InvalidSerial
            | Hi::X509InvalidAlg
            | Hi::X509InvalidName
            | Hi::X509InvalidDate
            | Hi::X509InvalidSignature
            | Hi::X509InvalidExtensions
            | Hi::X509UnknownVersion
            | Hi::X509UnknownOid
            | Hi::X509CertUnknownFormat
            | Hi::PkInvalidPubkey
            | Hi::PkUnknownPkAlg
            | Hi::PkUnknownNamedCurve => {
                Cause::Certificate(self.fault.unwrap_or(CertificateFault::Malformed))
            }
            Hi::SslUnexpectedMessage | Hi::SslUnexpectedRecord => Cause::Violation(name),
            Hi::SslInternalError
            | Hi::SslAllocFailed
            | Hi::SslNoRng
            | Hi::SslCounterWrapping
            | Hi::SslHwAccelFailed
            | Hi::SslBadInputData
            | Hi::SslBufferTooSmall
            | Hi::SslCertificateTooLarge
            | Hi::SslPrivateKeyRequired
            | Hi::SslCaChainRequired
            | Hi::X509AllocFailed
            | Hi::PkAllocFailed => return None,
            _ => by_alert(self.sent, name),
        })
    }
}

fn by_alert(sent: Option<Alert>, name: String) -> Cause {
    match sent {
        Some(Alert::NO_APPLICATION_PROTOCOL) => Cause::NoApplicationProtocol,
        Some(Alert::PROTOCOL_VERSION | Alert::INAPPROPRIATE_FALLBACK) => Cause::Version,
        Some(Alert::HANDSHAKE_FAILURE) => Cause::Parameters(name),
        Some(Alert::UNEXPECTED_MESSAGE | Alert::ILLEGAL_PARAMETER | Alert::DECRYPT_ERROR) => {
            Cause::Violation(name)
        }
        _ => Cause::Malformed,
    }
}

/// The library's own trouble.
#[allow(clippy::needless_pass_by_value, reason = "it is for map_err")]
pub(crate) fn library(error: mbedtls::Error) -> Error {
    Error::Library(words(&error))
}

/// The library cannot do what the settings ask for.
pub(crate) fn unsupported(reason: impl Into<String>) -> ConfigError {
    ConfigError::Unsupported { reason: reason.into() }
}

/// The names of the error codes, which is all that this build of the library says.
pub(crate) fn words(error: &mbedtls::Error) -> String {
    match (error.high_level(), error.low_level()) {
        (Some(high), Some(low)) => format!("{high:?} ({low:?})"),
        (Some(high), None) => format!("{high:?}"),
        (None, Some(low)) => format!("{low:?}"),
        (None, None) => format!("error {}", error.to_int()),
    }
}
