//! All `unsafe` code of this crate: two calls that the crate `openssl` marks so.
#![allow(unsafe_code)] // FFI: ci/arch.toml says what for

use openssl::error::ErrorStack;
use openssl::ssl::{SslRef, SslSessionRef};
use openssl::x509::X509VerifyResult;

/// Has a client's connection offer to resume `session`. Both must be of the same context: what was verified in one is
/// not verified again in the other.
pub(crate) fn offer(ssl: &mut SslRef, session: &SslSessionRef) -> Result<(), ErrorStack> {
    // SAFETY: a connector has one context, gives its connections sessions out of its own store only, and what is in there
    // comes from the callback of that context.
    unsafe { ssl.set_session(session) }
}

/// `X509_V_ERR_CERT_REVOKED`: the verdict that makes OpenSSL send the alert of this name.
pub(crate) fn revoked() -> X509VerifyResult {
    // SAFETY: the number is one of OpenSSL's.
    unsafe { X509VerifyResult::from_raw(23) }
}
