//! A zoo of certificates, good and bad, made with whatever provider it is given. Each says how a strict verifier and one
//! like lws's judge it, and whether OpenSSL agrees with the strict one.

// Two programs use this as a module, each a part of it; and it is all test, though not of one function.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

mod authority;
mod good;
pub mod make;
mod malformed;
mod names;
mod signature;

use lws_gencrypto::der::DateTime;
use lws_gencrypto::{Curve, Provider};
use lws_x509::{Certificate, HostName, Policy, PublicKey, Purpose, SigningKey, Template, Verify};

pub use make::Make;

/// 2026-11-18, 11:06:40.
pub const NOW: i64 = 1_795_000_000;
pub const HOST: &str = "www.example.test";

/// What the one case is called that not every library can judge.
pub const ED25519: &str = "Ed25519 keys";

/// What is expected: that it is trusted, or the name of the fault.
pub type Verdict = Result<(), &'static str>;

/// What OpenSSL says.
#[derive(Clone, Copy, Debug)]
pub enum Openssl {
    /// The same as the strict policy.
    Agrees,
    /// The opposite, and why.
    Differs(&'static str),
}

pub struct Case {
    pub name: &'static str,
    pub leaf: Vec<u8>,
    pub intermediates: Vec<Vec<u8>>,
    pub anchors: Vec<Vec<u8>>,
    pub host: &'static str,
    pub purpose: Purpose,
    pub strict: Verdict,
    pub lws: Verdict,
    pub openssl: Openssl,
}

impl Case {
    /// One that is trusted.
    pub fn good(name: &'static str, pki: &Pki<'_>, leaf: Vec<u8>) -> Self {
        Self {
            name,
            leaf,
            intermediates: vec![pki.middle.clone()],
            anchors: vec![pki.root.clone()],
            host: HOST,
            purpose: Purpose::Server,
            strict: Ok(()),
            lws: Ok(()),
            openssl: Openssl::Agrees,
        }
    }

    /// One that is trusted by nobody.
    pub fn bad(name: &'static str, pki: &Pki<'_>, leaf: Vec<u8>, fault: &'static str) -> Self {
        Self { strict: Err(fault), lws: Err(fault), ..Self::good(name, pki, leaf) }
    }

    pub fn intermediates(self, intermediates: &[&Vec<u8>]) -> Self {
        Self { intermediates: intermediates.iter().map(|der| der.to_vec()).collect(), ..self }
    }

    pub fn anchors(self, anchors: &[&Vec<u8>]) -> Self {
        Self { anchors: anchors.iter().map(|der| der.to_vec()).collect(), ..self }
    }

    pub fn host(self, host: &'static str) -> Self {
        Self { host, ..self }
    }

    pub fn lws_takes_it(self) -> Self {
        Self { lws: Ok(()), ..self }
    }

    pub fn openssl_differs(self, why: &'static str) -> Self {
        Self { openssl: Openssl::Differs(why), ..self }
    }

    /// What this crate says.
    pub fn verdict(&self, provider: &dyn Provider, policy: Policy) -> Result<(), String> {
        let malformed = |error: lws_x509::Error| format!("{error:?}");
        let parse = |list: &'_ [Vec<u8>]| -> Result<Vec<Vec<u8>>, String> {
            list.iter().map(|der| Certificate::parse(der).map(|_| der.clone()).map_err(malformed)).collect()
        };
        let (intermediates, anchors) = (parse(&self.intermediates)?, parse(&self.anchors)?);
        let intermediates: Vec<_> =
            intermediates.iter().map(|der| Certificate::parse(der).unwrap()).collect();
        let anchors: Vec<_> = anchors.iter().map(|der| Certificate::parse(der).unwrap()).collect();
        let asked = Verify {
            leaf: &Certificate::parse(&self.leaf).map_err(malformed)?,
            intermediates: &intermediates,
            anchors: &anchors,
            host: Some(HostName::parse(self.host).unwrap()),
            purpose: self.purpose,
            now: DateTime::from_unix(NOW),
        };
        asked.run(provider, policy).map(drop).map_err(|rejected| format!("{:?}", rejected.fault))
    }

    /// Compares, in words.
    pub fn check(&self, provider: &dyn Provider) -> Result<(), String> {
        for (policy, expected) in [(Policy::strict(), self.strict), (Policy::lws(), self.lws)] {
            let found = self.verdict(provider, policy);
            let same = match (&found, expected) {
                (Ok(()), Ok(())) => true,
                (Err(found), Err(expected)) => found.starts_with(expected),
                _ => false,
            };
            if !same {
                return Err(format!("{}: {policy:?}: {found:?}, expected {expected:?}", self.name));
            }
        }
        Ok(())
    }
}

/// A root, an authority below it, and a leaf below that.
pub struct Pki<'p> {
    pub provider: &'p dyn Provider,
    pub root_key: SigningKey,
    pub root: Vec<u8>,
    pub middle_key: SigningKey,
    pub middle: Vec<u8>,
    pub key: SigningKey,
}

impl<'p> Pki<'p> {
    pub fn new(provider: &'p dyn Provider) -> Self {
        let [root_key, middle_key, key] = [(); 3].map(|()| ec(provider));
        let root = valid(Template::authority("Root")).self_signed(provider, &root_key).unwrap();
        let middle = valid(Template::authority("Middle"));
        let middle = middle
            .signed_by(provider, &middle_key.public(), &Certificate::parse(&root).unwrap(), &root_key)
            .unwrap();
        Self { provider, root_key, root, middle_key, middle, key }
    }

    /// A leaf below the authority in the middle.
    pub fn leaf(&self, template: &Template) -> Vec<u8> {
        self.below(template, &self.key.public(), &self.middle, &self.middle_key)
    }

    /// A good leaf for [`HOST`].
    pub fn good_leaf(&self) -> Vec<u8> {
        self.leaf(&server(&[HOST]))
    }

    /// A leaf whose fields are changed before it is signed.
    pub fn changed(&self, change: impl FnOnce(&mut Make)) -> Vec<u8> {
        let good = self.good_leaf();
        let mut make = Make::like(&Certificate::parse(&good).unwrap());
        change(&mut make);
        make.sign(&self.middle_key)
    }

    /// An authority below the root, and a good leaf below it.
    pub fn chain(&self, authority: &Template) -> (Vec<u8>, Vec<u8>) {
        let middle = self.below(authority, &self.middle_key.public(), &self.root, &self.root_key);
        let leaf = self.below(&server(&[HOST]), &self.key.public(), &middle, &self.middle_key);
        (middle, leaf)
    }

    pub fn below(
        &self,
        template: &Template,
        key: &PublicKey,
        issuer: &[u8],
        issuer_key: &SigningKey,
    ) -> Vec<u8> {
        template.signed_by(self.provider, key, &Certificate::parse(issuer).unwrap(), issuer_key).unwrap()
    }
}

pub fn ec(provider: &dyn Provider) -> SigningKey {
    SigningKey::Ec(provider.ec_generate(Curve::P256).unwrap())
}

/// Valid around now.
pub fn valid(template: Template) -> Template {
    template.valid(DateTime::from_unix(NOW - 86_400), 30)
}

pub fn server(hosts: &[&str]) -> Template {
    valid(Template::server(hosts).unwrap())
}

/// All of them.
pub fn zoo(provider: &dyn Provider) -> Vec<Case> {
    let pki = Pki::new(provider);
    let mut cases = Vec::new();
    good::add(&pki, &mut cases);
    names::add(&pki, &mut cases);
    names::add_constraints(&pki, &mut cases);
    authority::add(&pki, &mut cases);
    authority::add_paths(&pki, &mut cases);
    authority::add_leaves(&pki, &mut cases);
    signature::add(&pki, &mut cases);
    signature::add_pss(&pki, &mut cases);
    signature::add_keys(&pki, &mut cases);
    malformed::add(&pki, &mut cases);
    malformed::add_fields(&pki, &mut cases);
    malformed::add_bytes(&pki, &mut cases);
    cases
}
