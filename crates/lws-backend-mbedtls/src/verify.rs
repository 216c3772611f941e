//! The verdict on the peer's certificates: Mbed TLS's on the chain of signatures, and that of [`lws_tls::check`], which
//! all libraries share.
//!
//! ```text
//!   Mbed TLS calls `look` for each certificate of the chain, from the root's end down to the peer's own:
//!     flags of the library ─▶ chain fault ─┐
//!     check::issuer, check::leaf ──────────┴▶ the first that is not excused ─▶ one flag, for the alert to be sent
//! ```
//! The library's own answers about names and about validity are left aside: it knows no addresses, takes common names for
//! host names, and says of no certificate when it ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lws_tls::check::{self, Want};
use lws_tls::{Certificate as View, CertificateFault, Date, Leniency, Purpose};
use mbedtls::ssl::Config;
use mbedtls::ssl::config::AuthMode;
use mbedtls::x509::{Certificate, VerifyError as Flags};

use crate::ffi::SharedCrl;
use crate::load::{Lists, Roots};

/// Looks at the certificates of one handshake.
pub(crate) struct Verifier {
    roots: Arc<Roots>,
    /// What issuers took back.
    lists: Arc<Lists>,
    purpose: Purpose,
    /// The name connected to.
    asked: Option<Box<str>>,
    leniency: Leniency,
    clock: fn() -> Date,
    seen: Mutex<Seen>,
}

/// What was seen of the chain so far.
#[derive(Default)]
struct Seen {
    /// A certificate that nobody in the chain signed, or could be shown to have signed.
    untrusted: Option<CertificateFault>,
    /// The first other fault from the root's end.
    fault: Option<CertificateFault>,
    excused: Vec<CertificateFault>,
    /// How many certificates were looked at.
    count: usize,
}

impl Verifier {
    pub(crate) fn new(
        roots: Arc<Roots>,
        purpose: Purpose,
        asked: Option<Box<str>>,
        leniency: Leniency,
        clock: fn() -> Date,
    ) -> Arc<Self> {
        let lists = Arc::default();
        Arc::new(Self { roots, lists, purpose, asked, leniency, clock, seen: Mutex::default() })
    }

    /// One of clients, with what their issuers took back.
    pub(crate) fn of_clients(roots: Arc<Roots>, lists: Arc<Lists>, clock: fn() -> Date) -> Arc<Self> {
        let (purpose, leniency) = (Purpose::Client, Leniency::default());
        Arc::new(Self { roots, lists, purpose, asked: None, leniency, clock, seen: Mutex::default() })
    }

    /// Has the handshakes of `config` verified by `self`.
    pub(crate) fn install(self: &Arc<Self>, config: &mut Config, mode: AuthMode) {
        config.set_authmode(mode);
        config.set_ca_list(self.roots.list.clone(), self.lists.crl.as_ref().map(SharedCrl::share));
        let verifier = self.clone();
        let look = move |certificate: &Certificate, depth: i32, flags: &mut Flags| {
            verifier.look(certificate, depth, flags);
            Ok(())
        };
        config.set_verify_callback(look);
    }

    /// What was wrong.
    pub(crate) fn fault(&self) -> Option<CertificateFault> {
        self.seen().fault.clone()
    }

    /// Whether the first certificate in the body of a certificate message is none, or has something behind it.
    pub(crate) fn is_malformed(&self, body: &[u8]) -> bool {
        certificates(body).next().is_some_and(|own| View::parse(own).is_err())
    }

    /// What is wrong with the first unacceptable certificate in the body of a certificate message, as far as that shows
    /// without the chain. Mbed TLS could not read one of them.
    pub(crate) fn explain(&self, body: &[u8]) -> Option<CertificateFault> {
        let (purpose, asked) = (self.purpose, self.asked.as_deref());
        let want = Want { purpose, asked, now: (self.clock)(), leniency: self.leniency, pinned: false };
        let look = |(index, der)| match View::parse(der) {
            Ok(view) if index == 0 => check::leaf(&view, &want, |_| ()),
            Ok(view) => check::issuer(&view),
            Err(fault) => Err(fault),
        };
        let fault = certificates(body).enumerate().find_map(|entry| look(entry).err());
        Some(
            fault.unwrap_or_else(|| CertificateFault::Other(String::from("Mbed TLS does not understand it"))),
        )
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self, certificate: &Certificate, depth: i32, flags: &mut Flags) {
        let mut seen = self.seen();
        let found = std::mem::replace(flags, Flags::empty());
        let top = seen.count == 0;
        seen.count += 1;
        let result = match View::parse(certificate.as_der()) {
            Err(fault) => Err(fault),
            Ok(view) if depth > 0 => self.issuer(&mut seen, &view, found, top),
            Ok(view) => self.leaf(&mut seen, &view, found, top),
        };
        if let Err(fault) = result {
            seen.fault.get_or_insert(fault);
        }
        if depth == 0 {
            if let Some(fault) = &seen.fault {
                flags.insert(flag(fault));
            } else {
                seen.report(certificate);
            }
        }
    }

    /// One that is not the peer's own. `top`: nothing is above it.
    fn issuer(
        &self,
        seen: &mut Seen,
        view: &View<'_>,
        found: Flags,
        top: bool,
    ) -> Result<(), CertificateFault> {
        if found.contains(Flags::CERT_NOT_TRUSTED) {
            seen.distrust(self.untrusted(view, top));
        } else if top {
            // One of the roots: it is trusted, whatever it says of itself.
            return Ok(());
        }
        library(found)?;
        self.standing(view)?;
        check::issuer(view)?;
        if !view.allows(self.purpose) {
            return Err(CertificateFault::WrongPurpose);
        }
        self.excuse(seen, check::dates(view, (self.clock)()))
    }

    fn leaf(
        &self,
        seen: &mut Seen,
        view: &View<'_>,
        found: Flags,
        top: bool,
    ) -> Result<(), CertificateFault> {
        let own = self.roots.hold(view.der);
        if found.contains(Flags::CERT_NOT_TRUSTED) {
            seen.distrust(self.untrusted(view, top));
        }
        let mut pinned = own;
        if !own {
            // The signatures come first: without them nothing else in a certificate means anything.
            if let Some(fault) = seen.untrusted.take() {
                pinned = fault == CertificateFault::SelfSigned && top;
                self.excuse(seen, Err(fault))?;
            }
            library(found)?;
            self.standing(view)?;
        }
        let want = Want {
            purpose: self.purpose,
            asked: self.asked.as_deref(),
            now: (self.clock)(),
            leniency: self.leniency,
            pinned,
        };
        check::leaf(view, &want, |fault| seen.excused.push(fault.clone()))
    }

    /// TLS-10: whether there is a list of its issuer in force. What is in the lists the library has looked up.
    fn standing(&self, view: &View<'_>) -> Result<(), CertificateFault> {
        let lists = &self.lists.views;
        if lists.is_empty() { Ok(()) } else { lists.in_force(view.issuer, (self.clock)()).map(|_| ()) }
    }

    fn excuse(&self, seen: &mut Seen, result: Result<(), CertificateFault>) -> Result<(), CertificateFault> {
        match result {
            Err(fault) if self.leniency.excuses(&fault) => {
                seen.excused.push(fault);
                Ok(())
            }
            result => result,
        }
    }

    fn untrusted(&self, view: &View<'_>, top: bool) -> CertificateFault {
        if top && view.is_self_issued() {
            CertificateFault::SelfSigned
        } else if top && !self.roots.name(view.issuer) {
            CertificateFault::UnknownIssuer
        } else {
            // Its issuer is there, by name: the signature is not that one's.
            CertificateFault::BadSignature
        }
    }
}

impl Seen {
    /// Of several, one that nothing excuses stays.
    fn distrust(&mut self, fault: CertificateFault) {
        match &self.untrusted {
            Some(CertificateFault::SelfSigned) | None => self.untrusted = Some(fault),
            Some(_) => {}
        }
    }

    /// Each failure that is let pass is told.
    fn report(&self, certificate: &Certificate) {
        let name = View::parse(certificate.as_der()).map(|view| view.short_name()).unwrap_or_default();
        for fault in &self.excused {
            log::warn!("let pass by the settings: the certificate of {name} {fault}");
        }
    }
}

/// The certificates in the body of a certificate message (RFC 5246 §7.4.2), the peer's own first.
fn certificates(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut list = body.get(3..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, rest) = list.split_first_chunk::<3>()?;
        let len = length.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
        let (der, rest) = rest.split_at_checked(len)?;
        list = rest;
        Some(der)
    })
}

/// A revocation list that proves nothing: not its issuer's, signed in a weak way, or not in its time.
const CRL: Flags = Flags::CRL_BAD_KEY
    .union(Flags::CRL_BAD_MD)
    .union(Flags::CRL_BAD_PK)
    .union(Flags::CRL_EXPIRED)
    .union(Flags::CRL_FUTURE)
    .union(Flags::CRL_NOT_TRUSTED);

/// What the library found, without trust, names and dates.
fn library(found: Flags) -> Result<(), CertificateFault> {
    use CertificateFault as F;
    Err(if found.contains(Flags::CERT_REVOKED) {
        F::Revoked
    } else if found.intersects(CRL) {
        F::RevocationUnknown
    } else if found.intersects(Flags::CERT_BAD_MD | Flags::CERT_BAD_KEY | Flags::CERT_BAD_PK) {
        F::Weak(found.error_info().join(" "))
    } else if found.intersects(Flags::CERT_KEY_USAGE | Flags::CERT_EXT_KEY_USAGE | Flags::CERT_NS_CERT_TYPE) {
        F::WrongPurpose
    } else {
        let elsewhere =
            Flags::CERT_NOT_TRUSTED | Flags::CERT_CN_MISMATCH | Flags::CERT_EXPIRED | Flags::CERT_FUTURE;
        let rest = found - elsewhere;
        if rest.is_empty() {
            return Ok(());
        }
        F::Other(rest.error_info().join(" "))
    })
}

/// The fault for flags that the library set after [`Verifier`] was content: it looks at uses of the key once more.
pub(crate) fn late_fault(found: Flags) -> Option<CertificateFault> {
    if found.contains(Flags::CERT_MISSING) {
        return Some(CertificateFault::Missing);
    }
    library(found).err()
}

/// The flag that makes the library send the alert which belongs to the fault.
fn flag(fault: &CertificateFault) -> Flags {
    use CertificateFault as F;
    match fault {
        F::Malformed | F::WrongName { .. } | F::Weak(_) => Flags::CERT_CN_MISMATCH,
        F::Expired { .. } | F::NotYetValid { .. } => Flags::CERT_EXPIRED,
        F::UnknownIssuer | F::SelfSigned => Flags::CERT_NOT_TRUSTED,
        F::Revoked => Flags::CERT_REVOKED,
        F::WrongPurpose => Flags::CERT_KEY_USAGE,
        // certificate_unknown: there is no flag for decrypt_error.
        _ => Flags::CERT_SKIP_VERIFY,
    }
}
