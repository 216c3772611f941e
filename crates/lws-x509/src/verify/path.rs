//! The search for a path from the leaf to a trust anchor.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use lws_gencrypto::{Error as CryptoError, KeyFault, Provider};

use super::constraints::{Budget, Constrained};
use super::{Fault, Judge, Leniency, Policy, Position, Rejected, Verify, validity};
use crate::limits::{PATH_AUTHORITIES, SIGNATURE_CHECKS};
use crate::{Certificate, Error, KeyUsage, SignatureScheme, Version};

/// A depth-first search. A certificate is entered only behind a signature that is right, so that the number of signatures
/// bounds everything.
pub(super) struct Search<'s> {
    asked: &'s Verify<'s>,
    provider: &'s dyn Provider,
    policy: Policy,
    /// Signatures that may still be checked.
    signatures: usize,
    names: Budget,
    /// From the leaf to where the search is.
    path: Vec<(Position, &'s Certificate<'s>)>,
    /// The fault of the path that came furthest, and how far that was.
    worst: Option<(usize, Rejected)>,
}

type Found = (Vec<Position>, Vec<Rejected>);

impl<'s> Search<'s> {
    pub(super) fn new(asked: &'s Verify<'s>, provider: &'s dyn Provider, policy: Policy) -> Self {
        let path = Vec::from([(Position::Leaf, asked.leaf)]);
        Self {
            asked,
            provider,
            policy,
            signatures: SIGNATURE_CHECKS,
            names: Budget::new(),
            path,
            worst: None,
        }
    }

    /// The path, and what was forgiven on it.
    pub(super) fn run(mut self) -> Result<Found, Rejected> {
        let found = self.step(&[]);
        found.ok_or_else(|| self.worst.expect("where no path goes on, a fault is remembered").1)
    }

    /// Looks for whoever signed the last certificate of the path. `forgiven` so far.
    fn step(&mut self, forgiven: &[Rejected]) -> Option<Found> {
        let asked = self.asked;
        let anchors = asked.anchors.iter().enumerate().map(|(at, anchor)| (Position::Anchor(at), anchor));
        let others =
            asked.intermediates.iter().enumerate().map(|(at, other)| (Position::Intermediate(at), other));
        let (at, current) = *self.path.last()?;
        let mut alone = true;
        for (position, issuer) in anchors.chain(others) {
            if issuer.subject != current.issuer || self.is_on_path(issuer) {
                continue;
            }
            alone = false;
            match self.climb(position, issuer, forgiven) {
                Ok(more) => {
                    self.path.push((position, issuer));
                    let found = if matches!(position, Position::Anchor(_)) {
                        Some((self.path.iter().map(|(position, _)| *position).collect(), more))
                    } else {
                        self.step(&more)
                    };
                    if found.is_some() {
                        return found;
                    }
                    self.path.pop();
                }
                Err(rejected) => self.remember(rejected),
            }
        }
        if alone {
            self.remember(Rejected::new(at, current, Fault::UnknownIssuer));
        }
        None
    }

    /// The same authority twice leads nowhere, nor does the leaf as its own (RFC 5280 §6.1).
    fn is_on_path(&self, issuer: &Certificate<'_>) -> bool {
        if issuer.der == self.asked.leaf.der {
            return true;
        }
        let mut authorities = self.path.iter().skip(1).map(|(_, certificate)| certificate);
        authorities.any(|seen| seen.subject == issuer.subject && seen.public_key.der == issuer.public_key.der)
    }

    /// Whether `issuer` signed the last certificate of the path, and may have. What was forgiven, all in all.
    fn climb(
        &mut self,
        position: Position,
        issuer: &'s Certificate<'s>,
        forgiven: &[Rejected],
    ) -> Result<Vec<Rejected>, Rejected> {
        let reject = |fault| Rejected::new(position, issuer, fault);
        let (below, current) = *self.path.last().expect("the leaf is always there");
        if matches!(position, Position::Intermediate(_)) && self.path.len() > PATH_AUTHORITIES {
            return Err(reject(Fault::Limit("PATH_AUTHORITIES")));
        }
        let mut judge = Judge { policy: self.policy, forgiven: forgiven.to_vec() };
        for fault in self.authority_faults(position, issuer) {
            judge.judge(position, issuer, fault)?;
        }
        self.signatures =
            self.signatures.checked_sub(1).ok_or_else(|| reject(Fault::Limit("SIGNATURE_CHECKS")))?;
        match check_signature(self.provider, current, issuer, self.policy) {
            Ok(None) => {}
            Ok(Some(weak)) => judge.judge(below, current, weak)?,
            // The fault of the key is the issuer's, that of the signature the other's.
            Err(fault @ Fault::Key(_)) => return Err(reject(fault)),
            Err(fault) => return Err(Rejected::new(below, current, fault)),
        }
        if let Some(constraints) = &issuer.extensions.name_constraints {
            for (at, certificate) in &self.path {
                // RFC 5280 §6.1.3: not for self-issued authorities; a rollover of keys is no new name.
                if *at != Position::Leaf && certificate.is_self_issued() {
                    continue;
                }
                let common_name = *at == Position::Leaf && self.policy.forgives(Leniency::CommonName);
                Constrained { certificate, common_name }
                    .check(constraints, &mut self.names)
                    .map_err(|fault| Rejected::new(*at, certificate, fault))?;
            }
        }
        Ok(judge.forgiven)
    }

    /// What is wrong with a certificate as the next authority.
    fn authority_faults(&self, position: Position, issuer: &Certificate<'_>) -> Vec<Fault> {
        let said = &issuer.extensions;
        let anchor = matches!(position, Position::Anchor(_));
        let is_authority = match said.basic_constraints {
            Some(constraints) => constraints.ca,
            // RFC 5280 §4.2.1.9: who does not say so is none. That an anchor is one, its owner says.
            None => anchor,
        };
        let path_len = said.basic_constraints.and_then(|constraints| constraints.path_len).map(usize::from);
        // RFC 5280 §4.2.1.9: authorities that are not self-issued count, the leaf does not.
        let below = self.path.iter().skip(1).filter(|(_, certificate)| !certificate.is_self_issued()).count();
        let unsigned = said.key_usage.is_some_and(|usage| !usage.any_of(KeyUsage::KEY_CERT_SIGN));
        let faults = [
            validity(issuer, self.asked.now),
            (!is_authority || !anchor && issuer.version < Version::V3).then_some(Fault::NotAuthority),
            path_len.is_some_and(|allowed| below > allowed).then_some(Fault::PathTooLong),
            // RFC 5280 §4.2.1.3.
            unsigned.then_some(Fault::KeyUsage),
            // An authority that names purposes names those of what is below it, as all implementations see it.
            (!anchor && !self.asked.purpose.is_allowed_by(issuer)).then_some(Fault::Purpose),
            said.unknown_critical.filter(|_| !anchor).map(|oid| Fault::CriticalExtension(oid.to_string())),
        ];
        faults.into_iter().flatten().collect()
    }

    /// Keeps the fault that tells most: that the search was given up, or the one furthest from the leaf; the first of
    /// equals.
    fn remember(&mut self, rejected: Rejected) {
        let depth = if matches!(rejected.fault, Fault::Limit(_)) { usize::MAX } else { self.path.len() };
        if self.worst.as_ref().is_none_or(|(worst, _)| depth > *worst) {
            self.worst = Some((depth, rejected));
        }
    }
}

/// Whether `issuer` signed `certificate`, and the fault of the signature that a policy may forgive.
pub(super) fn check_signature(
    provider: &dyn Provider,
    certificate: &Certificate<'_>,
    issuer: &Certificate<'_>,
    policy: Policy,
) -> Result<Option<Fault>, Fault> {
    let scheme = SignatureScheme::from_id(&certificate.signature_algorithm).ok_or(Fault::UnknownAlgorithm)?;
    // A broken hash is refused before any work is done for it. MD5 is not forgiven by anybody.
    let weak = match scheme.hash() {
        Some(lws_gencrypto::Hash::Md5) => return Err(Fault::WeakSignature),
        _ if scheme.is_weak() && !policy.forgives(Leniency::Sha1) => return Err(Fault::WeakSignature),
        _ => scheme.is_weak().then_some(Fault::WeakSignature),
    };
    let key = issuer.key().map_err(|error| key_fault(&error))?;
    match scheme.verify(provider, &key, certificate.signed, certificate.signature) {
        Ok(()) => Ok(weak),
        Err(CryptoError::Verify) => Err(Fault::Signature),
        Err(CryptoError::Key(fault)) => Err(Fault::Key(fault)),
        Err(error) => Err(Fault::Library(error)),
    }
}

/// What it means for a certificate that its key cannot be used.
pub(super) fn key_fault(error: &Error) -> Fault {
    match error {
        Error::Crypto(CryptoError::Key(fault)) => Fault::Key(*fault),
        _ => Fault::Key(KeyFault::Encoding),
    }
}
