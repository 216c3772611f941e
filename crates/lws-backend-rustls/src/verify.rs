//! The verdict on a peer's certificate: webpki's on the chain, `lws_tls::check`'s on the rest, and what the settings
//! excuse.
//!
//! ```text
//!   the leaf is itself trusted ─────────────────────────────────────────────┐
//!   chain: webpki ─ ok ─────────────────────────────────────────────────────┼─▶ name, purpose, dates, strength
//!            ├─ expired ─ excused ─▶ again, at a time when all were valid ──┤
//!            └─ top vouches for itself ─ excused ─▶ again, trusting that top┘
//! ```
//! webpki stops at the first fault, so what is excused is tried again without it: nothing behind it is let pass unseen.

use std::cell::Cell;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use lws_tls::check::{self, Want};
use lws_tls::limits::CHAIN_ISSUERS_MAX;
use lws_tls::{
    Certificate, CertificateFault, ConfigError, Date, Error, Leniency, Purpose, RevocationLists, Stage,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, VerifierBuilderError, WebPkiClientVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error as Tls, OtherError, RootCertStore,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};

use crate::error;

thread_local! {
    /// Why the verifier that has just run on this thread refused. rustls's own error has no room for the details.
    static FAULT: Cell<Option<CertificateFault>> = const { Cell::new(None) };
}

/// The details of the refusal that this thread has just seen; forgets them.
pub(crate) fn take_fault() -> Option<CertificateFault> {
    FAULT.take()
}

/// Who is trusted.
#[derive(Debug)]
pub(crate) struct Trust {
    pub(crate) roots: Arc<RootCertStore>,
    /// SHA-256 of each, sorted.
    digests: Vec<[u8; 32]>,
}

impl Trust {
    pub(crate) fn new(certificates: &[CertificateDer<'_>]) -> (Self, usize) {
        let mut roots = RootCertStore::empty();
        // A bundle of the system may hold certificates that this library does not understand; one that it does is what
        // matters.
        let (added, _ignored) = roots.add_parsable_certificates(certificates.iter().cloned());
        let mut digests: Vec<_> = certificates.iter().map(|der| sha256(der)).collect();
        digests.sort_unstable();
        (Self { roots: Arc::new(roots), digests }, added)
    }

    fn holds(&self, der: &[u8]) -> bool {
        self.digests.binary_search(&sha256(der)).is_ok()
    }
}

fn sha256(der: &[u8]) -> [u8; 32] {
    digest(&SHA256, der).as_ref().try_into().unwrap_or_default()
}

/// Refuses, and remembers why in detail.
fn refuse(fault: CertificateFault) -> Tls {
    let short = match &fault {
        CertificateFault::Malformed => CertificateError::BadEncoding,
        CertificateFault::Expired { .. } => CertificateError::Expired,
        CertificateFault::NotYetValid { .. } => CertificateError::NotValidYet,
        CertificateFault::SelfSigned | CertificateFault::UnknownIssuer => CertificateError::UnknownIssuer,
        CertificateFault::WrongName { .. } => CertificateError::NotValidForName,
        CertificateFault::BadSignature => CertificateError::BadSignature,
        CertificateFault::Revoked => CertificateError::Revoked,
        CertificateFault::WrongPurpose => CertificateError::InvalidPurpose,
        other => {
            let cause = lws_tls::Cause::Certificate(other.clone());
            CertificateError::Other(OtherError(Arc::new(Error::Peer { stage: Stage::Handshake, cause })))
        }
    };
    FAULT.set(Some(fault));
    Tls::InvalidCertificate(short)
}

/// webpki's error as a fault; an unknown issuer that the chain itself ends in is a self-signed certificate.
fn fault(error: &Tls) -> CertificateFault {
    match error {
        Tls::InvalidCertificate(fault) => error::certificate(fault),
        Tls::InvalidCertRevocationList(_) => CertificateFault::RevocationUnknown,
        other => CertificateFault::Other(other.to_string()),
    }
}

fn date(now: UnixTime) -> Date {
    Date(i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}

/// The self-issued certificate that the presented chain ends in.
fn own_top<'a>(leaf: &Certificate<'a>, issuers: &[Certificate<'a>]) -> Option<Certificate<'a>> {
    let mut current = *leaf;
    for _ in 0..=CHAIN_ISSUERS_MAX + 1 {
        if current.is_self_issued() {
            return Some(current);
        }
        current = *issuers.iter().find(|issuer| issuer.subject == current.issuer)?;
    }
    None
}

/// The certificates that may issue others, for webpki, which does not ask all that `lws_tls::check` asks; and why one of
/// the rest may not, if the chain needs it.
fn fit<'a>(
    leaf: &Certificate<'_>,
    intermediates: &'a [CertificateDer<'a>],
) -> (Vec<CertificateDer<'a>>, Option<CertificateFault>) {
    let mut fault = None;
    let mut needed = leaf.issuer;
    let mut fit = Vec::with_capacity(intermediates.len());
    for der in intermediates {
        let Ok(issuer) = Certificate::parse(der) else { continue };
        let verdict = check::issuer(&issuer);
        if issuer.subject == needed && fault.is_none() {
            needed = issuer.issuer;
            fault = verdict.clone().err();
        }
        if verdict.is_ok() {
            fit.push(CertificateDer::from(issuer.der));
        }
    }
    (fit, fault)
}

/// A time at which all of the chain was valid.
fn common_time(leaf: &Certificate<'_>, issuers: &[Certificate<'_>]) -> Option<UnixTime> {
    let from = issuers.iter().fold(leaf.not_before, |from, issuer| from.max(issuer.not_before));
    let until = issuers.iter().fold(leaf.not_after, |until, issuer| until.min(issuer.not_after));
    let seconds = u64::try_from(until.0).ok().filter(|_| from <= until)?;
    Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
}

/// A client's verifier.
#[derive(Debug)]
pub(crate) struct ServerVerifier {
    pub(crate) crypto: Arc<CryptoProvider>,
    pub(crate) trust: Trust,
    pub(crate) leniency: Leniency,
}

impl ServerVerifier {
    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), CertificateFault> {
        let leaf = Certificate::parse(end_entity)?;
        let mut pinned = self.trust.holds(end_entity);
        if !pinned {
            pinned = self.chain(&leaf, end_entity, intermediates, now)?;
        }
        let excused = |fault: &CertificateFault| self.excuse(&leaf, fault);
        if !pinned {
            let parsed = ParsedCertificate::try_from(end_entity).map_err(|e| fault(&e))?;
            if verify_server_name(&parsed, name).is_err() {
                let fault = check::wrong_name(&leaf, &name.to_str());
                if !self.leniency.excuses(&fault) {
                    return Err(fault);
                }
            }
        }
        let asked = name.to_str();
        let want = Want {
            purpose: Purpose::Server,
            asked: Some(&asked),
            now: date(now),
            leniency: self.leniency,
            pinned,
        };
        check::leaf(&leaf, &want, excused)
    }

    /// The chain of signatures, and what is excused in it. `true`: the certificate vouches for itself, and that is
    /// let pass.
    fn chain(
        &self,
        leaf: &Certificate<'_>,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<bool, CertificateFault> {
        let issuers: Vec<_> = intermediates.iter().map_while(|der| Certificate::parse(der).ok()).collect();
        let (fit, unfit) = fit(leaf, intermediates);
        let verify = |roots: &RootCertStore, now| {
            let parsed = ParsedCertificate::try_from(end_entity)?;
            let algorithms = self.crypto.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, roots, &fit, now, algorithms)
        };
        let mut roots = self.trust.roots.clone();
        let mut now = now;
        // Two things can be excused, each once; what is left then stands.
        let mut attempts = 0..3;
        loop {
            let Err(error) = verify(&roots, now) else { return Ok(false) };
            let fault = self::fault(&error);
            if attempts.next().is_none() {
                return Err(fault);
            }
            let top = own_top(leaf, &issuers).filter(|top| !self.trust.holds(top.der));
            match (&fault, top) {
                // What vouches for itself is looked at alone: its dates come later.
                (CertificateFault::Expired { .. } | CertificateFault::NotYetValid { .. }, Some(top))
                    if top.der == leaf.der && self.leniency.self_signed =>
                {
                    self.excuse(leaf, &CertificateFault::SelfSigned);
                    return Ok(true);
                }
                (CertificateFault::Expired { .. } | CertificateFault::NotYetValid { .. }, _) => {
                    let time =
                        common_time(leaf, &issuers).filter(|time| self.leniency.expired && *time != now);
                    let Some(time) = time else { return Err(fault) };
                    // The leaf's own dates are excused, and told, later on.
                    if check::dates(leaf, date(now)).is_ok() {
                        self.excuse(leaf, &fault);
                    }
                    now = time;
                }
                (_, Some(top)) if unknown(&error) => {
                    if !self.leniency.self_signed {
                        return Err(CertificateFault::SelfSigned);
                    }
                    self.excuse(leaf, &CertificateFault::SelfSigned);
                    if top.der == leaf.der {
                        return Ok(true);
                    }
                    let mut own = RootCertStore::empty();
                    own.add(CertificateDer::from(top.der)).map_err(|e| self::fault(&e))?;
                    roots = Arc::new(own);
                }
                (CertificateFault::UnknownIssuer, _) => return Err(unfit.unwrap_or(fault)),
                _ if leaf.is_ca() => return Err(CertificateFault::WrongPurpose),
                _ => return Err(fault),
            }
        }
    }

    /// Each failure that is let pass is told.
    fn excuse(&self, leaf: &Certificate<'_>, fault: &CertificateFault) {
        log::warn!("let pass by the settings: the certificate of {} {fault}", leaf.short_name());
    }
}

/// Whether the chain ends in nobody known here. A self-signed certificate shows as any of these.
const fn unknown(error: &Tls) -> bool {
    use CertificateError as E;
    match error {
        Tls::InvalidCertificate(E::UnknownIssuer | E::BadSignature) => true,
        // A root that merely has the issuer's name, and a key of another kind: nobody known here.
        Tls::InvalidCertificate(
            E::UnsupportedSignatureAlgorithmContext { .. }
            | E::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
        ) => true,
        // webpki's word for "an issuer's certificate that answers for a host".
        Tls::InvalidCertificate(E::Other(_)) => true,
        _ => false,
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Tls> {
        match self.judge(end_entity, intermediates, server_name, now) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(fault) => Err(refuse(fault)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Tls> {
        verify_tls12_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Tls> {
        verify_tls13_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}

/// A server's verifier of clients.
#[derive(Debug)]
pub(crate) struct ClientVerifier {
    crypto: Arc<CryptoProvider>,
    trust: Trust,
    required: bool,
    /// The names of those who are trusted.
    hints: Vec<DistinguishedName>,
    checks: RwLock<Arc<Checks>>,
}

/// What a reload replaces.
#[derive(Debug)]
pub(crate) struct Checks {
    webpki: Arc<dyn ClientCertVerifier>,
    lists: RevocationLists,
}

impl ClientVerifier {
    pub(crate) fn new(
        crypto: &Arc<CryptoProvider>,
        trust: Trust,
        required: bool,
        lists: RevocationLists,
    ) -> Result<Self, Error> {
        let checks = checks(crypto, &trust, lists)?;
        let hints = checks.webpki.root_hint_subjects().to_vec();
        Ok(Self { crypto: crypto.clone(), trust, required, hints, checks: RwLock::new(Arc::new(checks)) })
    }

    /// With other revocation lists.
    pub(crate) fn prepare(&self, lists: RevocationLists) -> Result<Checks, Error> {
        checks(&self.crypto, &self.trust, lists)
    }

    pub(crate) fn replace(&self, checks: Checks) {
        *self.checks.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(checks);
    }

    fn checks(&self) -> Arc<Checks> {
        self.checks.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn judge(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), CertificateFault> {
        let leaf = Certificate::parse(end_entity)?;
        let pinned = self.trust.holds(end_entity);
        let (fit, unfit) = fit(&leaf, intermediates);
        let checks = self.checks();
        if !pinned && let Err(error) = checks.webpki.verify_client_cert(end_entity, &fit, now) {
            let issuers: Vec<_> =
                intermediates.iter().map_while(|der| Certificate::parse(der).ok()).collect();
            let own = own_top(&leaf, &issuers).is_some_and(|top| !self.trust.holds(top.der));
            return Err(match fault(&error) {
                _ if own && unknown(&error) => CertificateFault::SelfSigned,
                CertificateFault::UnknownIssuer => unfit.unwrap_or(CertificateFault::UnknownIssuer),
                _ if leaf.is_ca() => CertificateFault::WrongPurpose,
                fault => fault,
            });
        }
        // webpki does not look at the time from which a list is valid.
        if !pinned && !checks.lists.is_empty() {
            checks.lists.in_force(leaf.issuer, date(now))?;
        }
        let leniency = Leniency::default();
        let want = Want { purpose: Purpose::Client, asked: None, now: date(now), leniency, pinned };
        check::leaf(&leaf, &want, |_| {})
    }
}

/// What webpki checks; with revocation lists, all of the chain below the trusted certificate must be in good standing.
fn checks(crypto: &Arc<CryptoProvider>, trust: &Trust, lists: RevocationLists) -> Result<Checks, Error> {
    let crls: Vec<_> = lists.ders().map(|der| CertificateRevocationListDer::from(der.to_vec())).collect();
    let webpki = WebPkiClientVerifier::builder_with_provider(trust.roots.clone(), crypto.clone())
        .with_crls(crls)
        .enforce_revocation_expiration()
        .build()
        .map_err(|e| match e {
            VerifierBuilderError::InvalidCrl(e) => {
                let (source, reason) = ("the settings".to_string(), format!("{e:?}"));
                ConfigError::BadRevocationList { source, reason }.into()
            }
            e => Error::Library(e.to_string()),
        })?;
    Ok(Checks { webpki, lists })
}

impl ClientCertVerifier for ClientVerifier {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        self.required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Tls> {
        match self.judge(end_entity, intermediates, now) {
            Ok(()) => Ok(ClientCertVerified::assertion()),
            Err(fault) => Err(refuse(fault)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Tls> {
        verify_tls12_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Tls> {
        verify_tls13_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}
