//! The verdict on a peer's certificate: OpenSSL's, made stricter by `lws_tls::check`, and excused where the settings
//! say so.
//!
//! OpenSSL calls back for each certificate of the chain, the top first: `ok` with its verdict so far. What it says no to
//! stays refused unless one of the three leniencies names it.

use lws_tls::check::{self, Want};
use lws_tls::{Certificate, CertificateFault, Leniency, Purpose};
use openssl::x509::{X509StoreContextRef, X509VerifyResult};

use crate::step;

/// `X509_V_ERR_…` of `openssl/x509_vfy.h`.
mod code {
    pub(super) const ISSUER_MISSING: [i32; 4] = [2, 20, 21, 27];
    pub(super) const SIGNATURE: [i32; 4] = [4, 6, 7, 24];
    pub(super) const NOT_YET_VALID: i32 = 9;
    pub(super) const HAS_EXPIRED: i32 = 10;
    pub(super) const MALFORMED: [i32; 3] = [13, 14, 41];
    pub(super) const SELF_SIGNED: [i32; 2] = [18, 19];
    pub(super) const REVOKED: i32 = 23;
    pub(super) const PURPOSE: [i32; 5] = [26, 28, 32, 37, 79];
    pub(super) const NAME: [i32; 2] = [62, 64];
    pub(super) const WEAK: [i32; 4] = [66, 67, 68, 76];
}

/// Who is trusted, and how far.
pub(crate) struct Policy {
    pub(crate) purpose: Purpose,
    pub(crate) leniency: Leniency,
    /// The trusted certificates, in DER, sorted.
    pub(crate) roots: Vec<Vec<u8>>,
}

impl Policy {
    pub(crate) fn new(purpose: Purpose, leniency: Leniency, mut roots: Vec<Vec<u8>>) -> Self {
        roots.sort();
        Self { purpose, leniency, roots }
    }

    /// The callback: whether OpenSSL may go on.
    pub(crate) fn verify(&self, ok: bool, context: &mut X509StoreContextRef) -> bool {
        let der =
            context.current_cert().and_then(|certificate| certificate.to_der().ok()).unwrap_or_default();
        let depth = context.error_depth();
        let result = match Certificate::parse(&der) {
            Err(fault) => Err(fault),
            Ok(certificate) if ok => self.look(&certificate, depth),
            Ok(certificate) => self.reconsider(&certificate, depth, context.error()),
        };
        match result {
            Ok(()) => {
                context.set_error(X509VerifyResult::OK);
                true
            }
            Err(fault) => {
                if ok {
                    context.set_error(X509VerifyResult::APPLICATION_VERIFICATION);
                }
                step::refuse(fault);
                false
            }
        }
    }

    fn is_root(&self, certificate: &Certificate<'_>) -> bool {
        self.roots.binary_search_by(|root| (**root).cmp(certificate.der)).is_ok()
    }

    /// OpenSSL has nothing against this certificate.
    fn look(&self, certificate: &Certificate<'_>, depth: u32) -> Result<(), CertificateFault> {
        let root = self.is_root(certificate);
        if depth > 0 {
            let own_top = self.leniency.self_signed && certificate.is_self_issued();
            return if root || own_top { Ok(()) } else { check::issuer(certificate) };
        }
        let (asked, now) = step::asked();
        let pinned = root || (self.leniency.self_signed && certificate.is_self_issued());
        let want =
            Want { purpose: self.purpose, asked: asked.as_deref(), now, leniency: self.leniency, pinned };
        // OpenSSL has reported these faults before, and they were logged then.
        check::leaf(certificate, &want, |_| {})
    }

    /// OpenSSL does not like it.
    fn reconsider(
        &self,
        certificate: &Certificate<'_>,
        depth: u32,
        error: X509VerifyResult,
    ) -> Result<(), CertificateFault> {
        let number = error.as_raw();
        let is_date = number == code::HAS_EXPIRED || number == code::NOT_YET_VALID;
        // RFC 5280 §6.1.1: a trust anchor is a name and a key, without a validity.
        if is_date && depth > 0 && self.is_root(certificate) {
            return Ok(());
        }
        let fault = fault(certificate, error);
        if self.leniency.excuses(&fault) {
            log::warn!("let pass by the settings: the certificate of {} {fault}", certificate.short_name());
            return Ok(());
        }
        Err(fault)
    }
}

fn fault(certificate: &Certificate<'_>, error: X509VerifyResult) -> CertificateFault {
    match error.as_raw() {
        code::HAS_EXPIRED => CertificateFault::Expired { on: certificate.not_after },
        code::NOT_YET_VALID => CertificateFault::NotYetValid { from: certificate.not_before },
        code::REVOKED => CertificateFault::Revoked,
        n if code::ISSUER_MISSING.contains(&n) => CertificateFault::UnknownIssuer,
        n if code::SELF_SIGNED.contains(&n) => CertificateFault::SelfSigned,
        n if code::SIGNATURE.contains(&n) => CertificateFault::BadSignature,
        n if code::MALFORMED.contains(&n) => CertificateFault::Malformed,
        n if code::PURPOSE.contains(&n) => CertificateFault::WrongPurpose,
        n if code::WEAK.contains(&n) => CertificateFault::Weak(error.error_string().to_string()),
        n if code::NAME.contains(&n) => {
            check::wrong_name(certificate, step::asked().0.as_deref().unwrap_or_default())
        }
        _ => CertificateFault::Other(error.error_string().to_string()),
    }
}
