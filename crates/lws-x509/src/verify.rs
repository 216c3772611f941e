//! Whether to trust a certificate (RFC 5280 §6).
//!
//! ```text
//!   anchor ──signs──▶ authority ──signs──▶ authority ──signs──▶ leaf ◀── host name, purpose
//!   (trusted)                 (intermediates, in any order)
//! ```
//! A path is looked for from the leaf upwards, trying every authority of the right name, until a trust anchor signs. On the
//! way every certificate is checked: validity, version, authority, path length, key usage, purpose, strength of key and
//! hash, extensions that must be understood, and at the end the name constraints of all authorities.
//!
//! A [`Policy`] is strict, except for the [`Leniency`]s that it was given, each of which forgives one [`Fault`]. What was
//! forgiven is reported in [`Verified::forgiven`], so that it can be logged.
//!
//! A trust anchor is a name, a key, and what its basic and name constraints and its validity say; its signature is not
//! checked, and its purposes are its owner's.
//!
//! Not here: revocation, and policies in the sense of RFC 5280 §4.2.1.4 (a certificate in which constraints on those are
//! critical is refused).

mod constraints;
mod fault;
mod path;
mod policy;

use alloc::string::ToString as _;
use alloc::vec::Vec;

use lws_gencrypto::Provider;
use lws_gencrypto::der::DateTime;

pub use fault::{Fault, Position, Rejected};
pub use policy::{Leniency, Policy};

use crate::limits::INTERMEDIATES;
use crate::{Certificate, HostName, KeyUsage, Version, oid};
use path::Search;

/// What the leaf's key is to be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// A TLS server.
    #[default]
    Server,
    /// A TLS client.
    Client,
    /// Nothing in particular: key usage and purposes are not looked at.
    Any,
}

impl Purpose {
    /// Whether the extended key usage of `certificate` allows it. `anyExtendedKeyUsage` alone does not (RFC 5280
    /// §4.2.1.12 leaves that to us).
    fn is_allowed_by(self, certificate: &Certificate<'_>) -> bool {
        let needed = match self {
            Self::Server => oid::SERVER_AUTH,
            Self::Client => oid::CLIENT_AUTH,
            Self::Any => return true,
        };
        certificate.extensions.extended_key_usage.is_none_or(|listed| listed.contains(needed))
    }

    /// What the leaf's key must be allowed to do, one of these.
    fn key_usage(self) -> KeyUsage {
        match self {
            Self::Server => {
                KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_ENCIPHERMENT | KeyUsage::KEY_AGREEMENT
            }
            Self::Client | Self::Any => KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_AGREEMENT,
        }
    }
}

/// A question: is `leaf` to be trusted?
#[derive(Clone, Copy, Debug)]
pub struct Verify<'a> {
    /// The certificate in question.
    pub leaf: &'a Certificate<'a>,
    /// Authorities that the peer sent along. Nothing about them is trusted.
    pub intermediates: &'a [Certificate<'a>],
    /// Authorities that are trusted.
    pub anchors: &'a [Certificate<'a>],
    /// The host that the leaf must be about, if that matters.
    pub host: Option<HostName<'a>>,
    /// What the leaf's key is to be used for.
    pub purpose: Purpose,
    /// The time it is.
    pub now: DateTime,
}

/// The answer yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// From the leaf to the trust anchor. Only the leaf, if it is itself trusted or nobody was asked to vouch for it.
    pub path: Vec<Position>,
    /// What would have been refused without a [`Leniency`].
    pub forgiven: Vec<Rejected>,
}

impl Verify<'_> {
    /// Answers.
    ///
    /// # Errors
    /// Which certificate is not good, and why. Of many paths that fail, the one that came furthest tells.
    #[doc(alias = "lws_x509_verify")]
    pub fn run(&self, provider: &dyn Provider, policy: Policy) -> Result<Verified, Rejected> {
        let mut judge = Judge { policy, forgiven: Vec::new() };
        self.leaf_faults().try_for_each(|fault| judge.judge(Position::Leaf, self.leaf, fault))?;
        self.host_fault(&judge).map_or(Ok(()), |fault| judge.judge(Position::Leaf, self.leaf, fault))?;
        if self.intermediates.len() > INTERMEDIATES {
            return Err(Rejected::new(Position::Leaf, self.leaf, Fault::Limit("INTERMEDIATES")));
        }
        // The leaf itself may be trusted: there is nothing to look for.
        if self.anchors.iter().any(|anchor| anchor.der == self.leaf.der) {
            return Ok(Verified { path: Vec::from([Position::Leaf]), forgiven: judge.forgiven });
        }
        match Search::new(self, provider, policy).run() {
            Ok((path, more)) => {
                judge.forgiven.extend(more);
                Ok(Verified { path, forgiven: judge.forgiven })
            }
            Err(rejected) => self.without_anchor(provider, judge, rejected),
        }
    }

    /// Nobody vouches for the leaf. That may be forgiven; a fault that was found on the way to a trust anchor may not.
    fn without_anchor(
        &self,
        provider: &dyn Provider,
        mut judge: Judge,
        rejected: Rejected,
    ) -> Result<Verified, Rejected> {
        // A trust anchor of the same name with another key changes nothing about that.
        let alone = rejected.position == Position::Leaf
            && self.leaf.is_self_issued()
            && matches!(rejected.fault, Fault::UnknownIssuer | Fault::Signature);
        let self_signed =
            alone && path::check_signature(provider, self.leaf, self.leaf, judge.policy).is_ok();
        let rejected = if self_signed { Rejected { fault: Fault::SelfSigned, ..rejected } } else { rejected };
        // Other faults were judged where they were found: what the policy forgives of those is none any more.
        if !matches!(rejected.fault, Fault::SelfSigned | Fault::UnknownIssuer) {
            return Err(rejected);
        }
        judge.pass(rejected)?;
        Ok(Verified { path: Vec::from([Position::Leaf]), forgiven: judge.forgiven })
    }

    /// What is wrong with the leaf by itself, apart from its names.
    fn leaf_faults(&self) -> impl Iterator<Item = Fault> {
        let leaf = self.leaf;
        let usage = leaf.extensions.key_usage.filter(|_| self.purpose != Purpose::Any);
        [
            (leaf.version < Version::V3).then_some(Fault::Version),
            leaf.extensions.unknown_critical.map(|oid| Fault::CriticalExtension(oid.to_string())),
            validity(leaf, self.now),
            leaf.is_ca().then_some(Fault::AuthorityAsLeaf),
            usage.and_then(|usage| (!usage.any_of(self.purpose.key_usage())).then_some(Fault::KeyUsage)),
            (!self.purpose.is_allowed_by(leaf)).then_some(Fault::Purpose),
            leaf.key().err().as_ref().map(path::key_fault),
        ]
        .into_iter()
        .flatten()
    }

    /// Whether the leaf is about another host.
    fn host_fault(&self, judge: &Judge) -> Option<Fault> {
        let host = self.host?;
        if host.is_named_in(self.leaf) {
            return None;
        }
        let common_name = host.is_common_name_of(self.leaf) && judge.policy.forgives(Leniency::CommonName);
        Some(if common_name { Fault::CommonName } else { Fault::WrongHost })
    }
}

/// Whether the time is outside of what the certificate says.
fn validity(certificate: &Certificate<'_>, now: DateTime) -> Option<Fault> {
    // RFC 5280 §4.1.2.5: both ends included.
    if now < certificate.not_before {
        Some(Fault::NotYetValid(certificate.not_before))
    } else if now > certificate.not_after {
        Some(Fault::Expired(certificate.not_after))
    } else {
        None
    }
}

/// Lets pass what the policy forgives, and keeps the list.
struct Judge {
    policy: Policy,
    forgiven: Vec<Rejected>,
}

impl Judge {
    fn judge(
        &mut self,
        position: Position,
        certificate: &Certificate<'_>,
        fault: Fault,
    ) -> Result<(), Rejected> {
        self.pass(Rejected::new(position, certificate, fault))
    }

    fn pass(&mut self, rejected: Rejected) -> Result<(), Rejected> {
        if rejected.fault.leniency().is_some_and(|leniency| self.policy.forgives(leniency)) {
            self.forgiven.push(rejected);
            Ok(())
        } else {
            Err(rejected)
        }
    }
}
