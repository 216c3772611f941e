//! OpenSSL's errors in the words of `lws-tls`.

use lws_tls::{Alert, Cause, CertificateFault, Error, Stage};
use openssl::error::ErrorStack;
use openssl::ssl;

/// `SSL_R_…` of `openssl/sslerr.h`.
mod reason {
    pub(super) const VERSION: [i32; 9] = [191, 252, 258, 259, 266, 267, 292, 396, 373];
    pub(super) const PARAMETERS: [i32; 10] = [101, 112, 118, 193, 209, 314, 376, 410, 183, 239];
    pub(super) const NO_APPLICATION_PROTOCOL: i32 = 235;
    pub(super) const BAD_RECORD_MAC: [i32; 2] = [281, 213];
    pub(super) const VERIFY_FAILED: i32 = 134;
    pub(super) const NO_CERTIFICATE: [i32; 2] = [176, 199];
    pub(super) const FLOOD: [i32; 3] = [132, 298, 409];
    pub(super) const MALFORMED: [i32; 14] =
        [110, 115, 135, 146, 150, 159, 160, 198, 205, 227, 240, 271, 404, 443];
    pub(super) const TOO_LARGE: i32 = 152;
    /// An alert of the peer: this and its code.
    pub(super) const ALERT: i32 = 1_000;
}

/// `ERR_LIB_…` of `openssl/err.h`.
const LIB_SSL: i32 = 20;
const LIB_ASN1: i32 = 13;
const LIB_X509: i32 = 11;

/// Why a session failed.
pub(crate) fn session_error(error: &ssl::Error, fault: Option<CertificateFault>, stage: Stage) -> Error {
    let peer = |cause| Error::Peer { stage, cause };
    let stack = error.ssl_error().map_or(&[][..], ErrorStack::errors);
    if let Some(fault) = fault {
        return peer(Cause::Certificate(fault));
    }
    let Some(first) = stack.first() else { return Error::Library(error.to_string()) };
    let words = || first.reason().unwrap_or("no reason given").to_string();
    match (first.library_code(), first.reason_code()) {
        (LIB_ASN1 | LIB_X509, _) => peer(Cause::Malformed),
        (LIB_SSL, reason::TOO_LARGE) => Error::HandshakeTooLarge,
        (LIB_SSL, code) => peer(cause(code, words)),
        _ => stack
            .iter()
            .find(|e| e.library_code() == LIB_SSL)
            .map_or_else(|| Error::Library(words()), |e| peer(cause(e.reason_code(), words))),
    }
}

fn cause(code: i32, words: impl FnOnce() -> String) -> Cause {
    match code {
        reason::NO_APPLICATION_PROTOCOL => Cause::NoApplicationProtocol,
        reason::VERIFY_FAILED => Cause::Certificate(CertificateFault::Other(words())),
        n if (reason::ALERT..reason::ALERT + 256).contains(&n) => {
            Cause::Alert(Alert(u8::try_from(n - reason::ALERT).unwrap_or(0)))
        }
        n if reason::VERSION.contains(&n) => Cause::Version,
        n if reason::PARAMETERS.contains(&n) => Cause::Parameters(words()),
        n if reason::BAD_RECORD_MAC.contains(&n) => Cause::Tampered,
        n if reason::NO_CERTIFICATE.contains(&n) => Cause::Certificate(CertificateFault::Missing),
        n if reason::FLOOD.contains(&n) => Cause::Flood,
        n if reason::MALFORMED.contains(&n) => Cause::Malformed,
        _ => Cause::Violation(words()),
    }
}

/// The library failed at its own work.
pub(crate) fn library(error: &ErrorStack) -> Error {
    Error::Library(words(error))
}

/// The first reason of a stack.
pub(crate) fn words(error: &ErrorStack) -> String {
    let first = error.errors().first().and_then(openssl::error::Error::reason);
    first.map_or_else(|| error.to_string(), ToString::to_string)
}
