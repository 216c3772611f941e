//! The verdict on a peer's certificate: OpenSSL's, made stricter by `lws_tls::check`, and excused where the settings
//! say so.
//!
//! OpenSSL calls back for each certificate of the chain, the top first: `ok` with its verdict so far. What it says no to
//! stays refused unless one of the three leniencies names it.

use std::sync::{Arc, PoisonError, RwLock};

use lws_tls::check::{self, Want};
use lws_tls::{
    Certificate, CertificateFault, ConfigError, Leniency, Purpose, RevocationLists, Source, files,
};
use openssl::x509::{CrlStatus, X509Crl, X509Ref, X509StoreContextRef, X509VerifyResult};

use crate::error::words;
use crate::{ffi, step};

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
    /// Replaced by a reload. The contexts of one acceptor share a policy: OpenSSL asks that of the context in which a
    /// connection began.
    lists: RwLock<Arc<Lists>>,
}

/// What issuers took back; and the same, read by OpenSSL, with the same numbers.
#[derive(Default)]
pub(crate) struct Lists {
    views: RevocationLists,
    crls: Vec<X509Crl>,
}

impl Lists {
    pub(crate) fn load(sources: &[Source]) -> Result<Self, ConfigError> {
        let views = files::revocation_lists(sources)?;
        let crls = views.ders().map(X509Crl::from_der).collect::<Result<_, _>>().map_err(|e| {
            ConfigError::BadRevocationList { source: "the settings".to_string(), reason: words(&e) }
        })?;
        Ok(Self { views, crls })
    }
}

impl Policy {
    pub(crate) fn new(purpose: Purpose, leniency: Leniency, mut roots: Vec<Vec<u8>>) -> Self {
        roots.sort();
        Self { purpose, leniency, roots, lists: RwLock::default() }
    }

    /// From now on no certificate passes whose issuer took it back.
    pub(crate) fn replace(&self, lists: Lists) {
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(lists);
    }

    /// The callback: whether OpenSSL may go on.
    pub(crate) fn verify(&self, ok: bool, context: &mut X509StoreContextRef) -> bool {
        let der =
            context.current_cert().and_then(|certificate| certificate.to_der().ok()).unwrap_or_default();
        let depth = context.error_depth();
        let result = match Certificate::parse(&der) {
            Err(fault) => Err(fault),
            Ok(certificate) if ok => {
                self.look(&certificate, depth).and_then(|()| self.standing(&certificate, depth, context))
            }
            Ok(certificate) => self.reconsider(&certificate, depth, context.error()),
        };
        match result {
            Ok(()) => {
                context.set_error(X509VerifyResult::OK);
                true
            }
            Err(fault) => {
                if ok {
                    context.set_error(match fault {
                        CertificateFault::Revoked => ffi::revoked(),
                        _ => X509VerifyResult::APPLICATION_VERIFICATION,
                    });
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

    /// TLS-10: whether its issuer stands by it. Who is trusted is not asked about.
    ///
    /// OpenSSL could do this itself, but its crate has no way to give it lists that are in memory.
    fn standing(
        &self,
        certificate: &Certificate<'_>,
        depth: u32,
        context: &X509StoreContextRef,
    ) -> Result<(), CertificateFault> {
        const UNKNOWN: CertificateFault = CertificateFault::RevocationUnknown;
        let lists = self.lists.read().unwrap_or_else(PoisonError::into_inner).clone();
        if lists.views.is_empty() || self.is_root(certificate) {
            return Ok(());
        }
        let number = lists.views.in_force(certificate.issuer, step::asked().1)?;
        let crl = lists.crls.get(number).ok_or(UNKNOWN)?;
        let above = usize::try_from(depth).ok().and_then(|depth| context.chain()?.get(depth + 1));
        let signed = |issuer: &X509Ref| -> Option<bool> {
            let der = issuer.to_der().ok()?;
            // RFC 5280 §4.2.1.3: cRLSign.
            let may = Certificate::parse(&der).ok()?.may_sign_lists();
            Some(may && crl.verify(&*issuer.public_key().ok()?).ok()?)
        };
        if above.and_then(signed) != Some(true) {
            return Err(UNKNOWN);
        }
        match context.current_cert().map(|own| crl.get_by_cert(&own.to_owned())) {
            Some(CrlStatus::NotRevoked | CrlStatus::RemoveFromCrl(_)) => Ok(()),
            Some(CrlStatus::Revoked(_)) => Err(CertificateFault::Revoked),
            None => Err(UNKNOWN),
        }
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
