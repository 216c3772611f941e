//! Keys that come and go: rotation, and which algorithms are still good.
//!
//! ```text
//!              from_s            until_s             retired_s
//!   upcoming ────┼──── current ─────┼───── grace ───────┼──── retired
//!   verifies        signs, verifies     verifies             refused, by name
//!   decrypts        encrypts, decrypts  decrypts
//! ```
//! A [`KeyRing`] has a [`Policy`]: which algorithms are accepted for which purpose, how long a key is published before
//! it is used, how long it is honoured after. [`rotate`](KeyRing::rotate) reads a JWK set and takes it as a whole or not
//! at all: a key that is new is *upcoming* for `publish_s`, a key that is no longer there is in *grace* for `grace_s`.
//! Nothing happens by itself: every call is told the time, in seconds since 1970.
//!
//! An upcoming key verifies already, because the clocks and caches of those who sign are not ours.
//!
//! A token that is refused because its key is retired, or its algorithm not allowed, says so, with the name; the same
//! is counted in [`Metrics`].

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};

use lws_gencrypto::Provider;

use crate::error::{Error, KeyError, TokenError};
use crate::jwe::{self, Decrypted, Decrypter, Enc, Encrypter};
use crate::jwk::{Jwk, JwkSet, Purpose};
use crate::jws::{self, Need, Signer, Verified, Verifier};
use crate::limits;

/// What a ring accepts, per purpose, and how long keys live. Lists are empty and times 0 until they are set.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    signatures: Vec<jws::Alg>,
    keys: Vec<jwe::Alg>,
    contents: Vec<Enc>,
    publish_s: u64,
    grace_s: u64,
}

impl Policy {
    /// Accepts nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Policy::default()
    }

    /// Signatures to accept; the first one that a current key is for is the one to sign with.
    #[must_use]
    pub fn signatures(mut self, algs: &[jws::Alg]) -> Self {
        self.signatures = algs.to_vec();
        self
    }

    /// Encryption to accept; the first ones that a current key is for are those to encrypt with.
    #[must_use]
    pub fn encryption(mut self, keys: &[jwe::Alg], contents: &[Enc]) -> Self {
        (self.keys, self.contents) = (keys.to_vec(), contents.to_vec());
        self
    }

    /// Seconds that a key is in the set before it is used.
    #[must_use]
    pub fn publish_s(mut self, seconds: u64) -> Self {
        self.publish_s = seconds;
        self
    }

    /// Seconds that a key is still honoured after it has left the set: as long as tokens live.
    #[must_use]
    pub fn grace_s(mut self, seconds: u64) -> Self {
        self.grace_s = seconds;
        self
    }
}

/// Where in its life a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Published; verifies and decrypts.
    Upcoming,
    /// Does everything.
    Current,
    /// Replaced; verifies and decrypts what is still on its way.
    Grace,
    /// Refused.
    Retired,
}

/// When a key changes its state, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Current from here.
    pub from_s: u64,
    /// In grace from here; `from_s <= until_s`.
    pub until_s: u64,
    /// Retired from here; `until_s <= retired_s`.
    pub retired_s: u64,
}

impl Lifetime {
    /// Its state at a time.
    #[must_use]
    pub fn state(&self, now_s: u64) -> State {
        match now_s {
            now if now >= self.retired_s => State::Retired,
            now if now >= self.until_s => State::Grace,
            now if now >= self.from_s => State::Current,
            _ => State::Upcoming,
        }
    }
}

/// What a rotation did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rotation {
    /// Keys that are new.
    pub added: usize,
    /// Keys that are there as before.
    pub kept: usize,
    /// Keys that are no longer there, and now in grace.
    pub removed: usize,
    /// Where in the set other keys are, and why they are not taken: nothing in the policy is for them, or they are
    /// unreadable.
    pub skipped: Vec<(usize, Error)>,
}

/// What was counted since the ring was made. Counters wrap.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Tokens verified or decrypted.
    pub accepted: usize,
    /// Of these, with a key in grace: when it stays 0, the key is no longer needed.
    pub accepted_in_grace: usize,
    /// Of these, with a key that is upcoming here: somebody is ahead.
    pub accepted_upcoming: usize,
    /// Tokens refused for a retired key.
    pub retired: usize,
    /// Tokens refused for an algorithm that is unknown or not allowed, `none` included.
    pub not_allowed: usize,
    /// Tokens refused for want of their key.
    pub unknown_key: usize,
    /// Tokens whose signature was wrong, or that did not decrypt.
    pub bad: usize,
    /// Tokens refused for any other reason.
    pub malformed: usize,
    /// Rotations that were taken.
    pub rotations: usize,
    /// Rotations that were refused, after which everything was as before.
    pub rotations_refused: usize,
}

/// Keys with their times. To share one between threads put it behind an `RwLock`; only changes need `&mut`.
pub struct KeyRing {
    provider: Arc<dyn Provider>,
    policy: Policy,
    entries: Vec<Entry>,
    verifier: Verifier,
    decrypter: Decrypter,
    counts: [AtomicUsize; COUNTS],
}

#[derive(Clone)]
struct Entry {
    jwk: Jwk,
    life: Lifetime,
    /// Whether it came by the last rotation, so that the next one may take it away.
    in_set: bool,
}

impl KeyRing {
    /// Without keys.
    #[must_use]
    pub fn new(provider: &Arc<dyn Provider>, policy: Policy) -> Self {
        let verifier = Verifier::new(provider, &policy.signatures);
        let decrypter = Decrypter::new(provider, &policy.keys, &policy.contents);
        let counts = core::array::from_fn(|_| AtomicUsize::new(0));
        KeyRing { provider: Arc::clone(provider), policy, entries: Vec::new(), verifier, decrypter, counts }
    }

    /// Adds a key with times of its own; rotations leave it alone.
    ///
    /// Errors: it has no `kid`, or one that is taken; nothing in the policy is for it; the times are in no order; the
    /// ring is full.
    pub fn add(&mut self, key: &Jwk, life: Lifetime, now_s: u64) -> Result<(), Error> {
        if life.from_s > life.until_s || life.until_s > life.retired_s {
            return Err(Error::Misuse("from_s <= until_s <= retired_s"));
        }
        self.check_key(key)?;
        let mut entries = self.entries.clone();
        if entries.iter().any(|entry| entry.jwk.kid() == key.kid()) {
            return Err(Error::Misuse("the ring has a key with this kid"));
        }
        entries.push(Entry { jwk: key.clone(), life, in_set: false });
        self.install(entries, now_s)
    }

    /// Reads a JWK set and makes it the present one, as a whole: after an error everything is as before.
    ///
    /// Keys need a `kid`, by which they are known again; a `kid` that comes back with other key material is refused.
    /// A key that the policy has no use for is skipped.
    pub fn rotate(&mut self, set: &[u8], now_s: u64) -> Result<Rotation, Error> {
        let outcome = JwkSet::from_json(set).and_then(|set| self.rotated(&set, now_s));
        let outcome = outcome.and_then(|(entries, rotation)| {
            self.install(entries, now_s)?;
            Ok(rotation)
        });
        self.count(if outcome.is_ok() { Count::Rotations } else { Count::RotationsRefused });
        outcome
    }

    fn rotated(&self, set: &JwkSet, now_s: u64) -> Result<(Vec<Entry>, Rotation), Error> {
        let mut entries = self.entries.clone();
        let mut rotation = Rotation::default();
        let unreadable = set.skipped.iter().map(|(at, why)| (*at, Error::Key(why.clone())));
        rotation.skipped.extend(unreadable);
        let mut present: Vec<&str> = Vec::new();
        for (i, key) in set.keys.iter().enumerate() {
            if let Err(why) = self.check_key(key) {
                rotation.skipped.push((i, why));
                continue;
            }
            let kid = key.kid().unwrap_or_default();
            if present.contains(&kid) {
                return Err(KeyError::Member("kid").into());
            }
            present.push(kid);
            match entries.iter_mut().find(|entry| entry.jwk.kid() == Some(kid)) {
                Some(entry) if !entry.jwk.is_same_key(key) => return Err(KeyError::Member("kid").into()),
                // It never comes back from retirement under its name: a revoked key stays revoked.
                Some(entry) if entry.life.state(now_s) == State::Retired => {
                    return Err(TokenError::Retired(kid.into()).into());
                }
                Some(entry) => {
                    entry.jwk = key.clone(); // what it says of itself may have changed
                    if entry.in_set {
                        (entry.life.until_s, entry.life.retired_s) = (u64::MAX, u64::MAX);
                    }
                    rotation.kept += 1;
                }
                None => {
                    // The first keys of a ring are needed at once.
                    let wait = if self.entries.is_empty() { 0 } else { self.policy.publish_s };
                    let from_s = now_s.saturating_add(wait);
                    let life = Lifetime { from_s, until_s: u64::MAX, retired_s: u64::MAX };
                    entries.push(Entry { jwk: key.clone(), life, in_set: true });
                    rotation.added += 1;
                }
            }
        }
        if present.is_empty() {
            return Err(Error::Misuse("the set has no key that the policy has a use for"));
        }
        for entry in entries.iter_mut().filter(|entry| entry.in_set && entry.life.until_s > now_s) {
            if !entry.jwk.kid().is_some_and(|kid| present.contains(&kid)) {
                entry.life.from_s = entry.life.from_s.min(now_s);
                entry.life.until_s = now_s;
                entry.life.retired_s = now_s.saturating_add(self.policy.grace_s);
                rotation.removed += 1;
            }
        }
        Ok((entries, rotation))
    }

    /// Retires a key now: it was stolen.
    ///
    /// Errors: there is none of this name.
    pub fn revoke(&mut self, kid: &str, now_s: u64) -> Result<(), Error> {
        let entry = self.entries.iter_mut().find(|entry| entry.jwk.kid() == Some(kid));
        let entry = entry.ok_or(Error::Misuse("the ring has no key of this name"))?;
        let now = |time: u64| time.min(now_s);
        let Lifetime { from_s, until_s, retired_s } = entry.life;
        entry.life = Lifetime { from_s: now(from_s), until_s: now(until_s), retired_s: now(retired_s) };
        Ok(())
    }

    fn check_key(&self, key: &Jwk) -> Result<(), Error> {
        if key.kid().is_none() {
            return Err(KeyError::Missing("kid").into());
        }
        let policy = &self.policy;
        let mut why = None;
        let mut fits = |purpose| match key.check(purpose) {
            Ok(()) => true,
            Err(unfit) => {
                why = why.or(Some(unfit));
                false
            }
        };
        let signature =
            policy.signatures.iter().any(|&alg| fits(Purpose::Verify(alg)) || fits(Purpose::Sign(alg)));
        let pairs = policy.keys.iter().flat_map(|&alg| policy.contents.iter().map(move |&enc| (alg, enc)));
        let mut pairs = pairs.filter(|(alg, _)| *alg != jwe::Alg::Rsa1_5);
        let encryption = |(alg, enc)| fits(Purpose::Encrypt(alg, enc)) || fits(Purpose::Decrypt(alg, enc));
        if signature || pairs.any(encryption) {
            return key.validate(&self.provider);
        }
        Err(match why {
            Some(why) => KeyError::Unfit(why).into(),
            None => Error::Misuse("the policy allows nothing"),
        })
    }

    /// Prepares everything, then replaces everything.
    fn install(&mut self, mut entries: Vec<Entry>, now_s: u64) -> Result<(), Error> {
        forget(&mut entries, now_s);
        if entries.len() > limits::RING_KEYS_MAX {
            return Err(KeyError::Limit("the ring has too many keys").into());
        }
        let mut verifier = Verifier::new(&self.provider, &self.policy.signatures);
        let mut decrypter = Decrypter::new(&self.provider, &self.policy.keys, &self.policy.contents);
        for (tag, entry) in entries.iter().enumerate() {
            for outcome in [verifier.add(&entry.jwk, tag), decrypter.add(&entry.jwk, tag)] {
                match outcome {
                    // A key for signatures only, or for encryption only.
                    Ok(()) | Err(Error::Key(KeyError::Unfit(_)) | Error::Misuse(_)) => {}
                    Err(other) => return Err(other),
                }
            }
        }
        (self.entries, self.verifier, self.decrypter) = (entries, verifier, decrypter);
        Ok(())
    }

    /// Verifies a compact token.
    pub fn verify(&self, token: &str, now_s: u64) -> Result<Verified, Error> {
        let usable = |tag| self.usable(tag, now_s);
        let outcome = self.verifier.verify_where(token, None, &usable);
        self.counted(outcome.map(|verified| (verified.signed.key, verified)), now_s)
    }

    /// Verifies a JSON serialisation.
    pub fn verify_json(&self, text: &str, need: Need, now_s: u64) -> Result<Verified, Error> {
        let usable = |tag| self.usable(tag, now_s);
        let outcome = self.verifier.verify_json_where(text, None, need, &usable);
        self.counted(outcome.map(|verified| (verified.signed.key, verified)), now_s)
    }

    /// Decrypts a compact token.
    pub fn decrypt(&self, token: &str, now_s: u64) -> Result<Decrypted, Error> {
        let usable = |tag| self.usable(tag, now_s);
        let outcome = self.decrypter.decrypt_where(token, &usable);
        self.counted(outcome.map(|decrypted| (decrypted.key, decrypted)), now_s)
    }

    /// Decrypts a JSON serialisation.
    pub fn decrypt_json(&self, text: &str, now_s: u64) -> Result<Decrypted, Error> {
        let usable = |tag| self.usable(tag, now_s);
        let outcome = self.decrypter.decrypt_json_where(text, &usable);
        self.counted(outcome.map(|decrypted| (decrypted.key, decrypted)), now_s)
    }

    /// Signs with the newest current key that can, and the first algorithm of the policy that it is for. Keep it until
    /// the next rotation at most.
    ///
    /// Errors: there is no such key.
    pub fn signer(&self, now_s: u64) -> Result<Signer, Error> {
        for entry in self.current(now_s) {
            for &alg in &self.policy.signatures {
                if entry.jwk.check(Purpose::Sign(alg)).is_ok() {
                    return Signer::new(&self.provider, alg, &entry.jwk);
                }
            }
        }
        Err(Error::Misuse("no current key can sign with an allowed algorithm"))
    }

    /// Encrypts for the newest current key that can, with the first algorithms of the policy that it is for.
    ///
    /// Errors: there is no such key.
    pub fn encrypter(&self, now_s: u64) -> Result<Encrypter, Error> {
        for entry in self.current(now_s) {
            for &alg in &self.policy.keys {
                let fits = |enc: &&Enc| entry.jwk.check(Purpose::Encrypt(alg, **enc)).is_ok();
                if let Some(&enc) = self.policy.contents.iter().find(fits) {
                    return Encrypter::new(&self.provider, alg, enc, &entry.jwk);
                }
            }
        }
        Err(Error::Misuse("no current key can encrypt with an allowed algorithm"))
    }

    /// The newest first.
    fn current(&self, now_s: u64) -> Vec<&Entry> {
        let current = |entry: &&Entry| entry.life.state(now_s) == State::Current;
        let mut entries: Vec<&Entry> = self.entries.iter().filter(current).collect();
        entries.sort_by_key(|entry| core::cmp::Reverse(entry.life.from_s));
        entries
    }

    /// Every key's name, times and state, in the order they came.
    pub fn keys(&self, now_s: u64) -> impl Iterator<Item = (&str, Lifetime, State)> {
        self.entries
            .iter()
            .map(move |entry| (entry.jwk.kid().unwrap_or_default(), entry.life, entry.life.state(now_s)))
    }

    /// The state of one key; none if the ring has none of this name.
    #[must_use]
    pub fn state(&self, kid: &str, now_s: u64) -> Option<State> {
        self.keys(now_s).find(|(name, ..)| *name == kid).map(|(.., state)| state)
    }

    /// The JWK set to publish: public halves of all keys that are not retired.
    #[must_use]
    pub fn public_json(&self, now_s: u64) -> alloc::string::String {
        let live = self.entries.iter().filter(|entry| entry.life.state(now_s) != State::Retired);
        JwkSet { keys: live.map(|entry| entry.jwk.clone()).collect(), skipped: Vec::new() }.public_json()
    }

    /// What was counted.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let of =
            |count: Count| self.counts.get(count as usize).map_or(0, |value| value.load(Ordering::Relaxed));
        Metrics {
            accepted: of(Count::Accepted),
            accepted_in_grace: of(Count::InGrace),
            accepted_upcoming: of(Count::Upcoming),
            retired: of(Count::Retired),
            not_allowed: of(Count::NotAllowed),
            unknown_key: of(Count::UnknownKey),
            bad: of(Count::Bad),
            malformed: of(Count::Malformed),
            rotations: of(Count::Rotations),
            rotations_refused: of(Count::RotationsRefused),
        }
    }

    fn usable(&self, tag: usize, now_s: u64) -> Result<(), TokenError> {
        match self.entries.get(tag) {
            Some(entry) if entry.life.state(now_s) != State::Retired => Ok(()),
            Some(entry) => Err(TokenError::Retired(entry.jwk.kid().unwrap_or_default().into())),
            None => Err(TokenError::NoKey(None)),
        }
    }

    fn counted<T>(&self, outcome: Result<(usize, T), Error>, now_s: u64) -> Result<T, Error> {
        match &outcome {
            Ok((tag, _)) => {
                self.count(Count::Accepted);
                match self.entries.get(*tag).map(|entry| entry.life.state(now_s)) {
                    Some(State::Grace) => self.count(Count::InGrace),
                    Some(State::Upcoming) => self.count(Count::Upcoming),
                    _ => {}
                }
            }
            Err(error) => self.count(match error {
                Error::Token(TokenError::Retired(_)) => Count::Retired,
                Error::Token(
                    TokenError::NotAllowed(_) | TokenError::UnknownAlgorithm(_) | TokenError::Unsecured,
                ) => Count::NotAllowed,
                Error::Token(TokenError::NoKey(_) | TokenError::Unfit(_)) => Count::UnknownKey,
                Error::Token(TokenError::Signature | TokenError::Undecryptable) => Count::Bad,
                _ => Count::Malformed,
            }),
        }
        outcome.map(|(_, value)| value)
    }

    fn count(&self, what: Count) {
        if let Some(counter) = self.counts.get(what as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[derive(Clone, Copy)]
enum Count {
    Accepted,
    InGrace,
    Upcoming,
    Retired,
    NotAllowed,
    UnknownKey,
    Bad,
    Malformed,
    Rotations,
    RotationsRefused,
}

const COUNTS: usize = Count::RotationsRefused as usize + 1;

/// Drops the longest retired keys beyond the limit.
fn forget(entries: &mut Vec<Entry>, now_s: u64) {
    while entries.len() > limits::RING_KEYS_MAX {
        let retired =
            entries.iter().enumerate().filter(|(_, entry)| entry.life.state(now_s) == State::Retired);
        let Some((oldest, _)) = retired.min_by_key(|(_, entry)| entry.life.retired_s) else { return };
        entries.remove(oldest);
    }
}

/// Names and times, never the keys.
impl core::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let keys: Box<[(&Jwk, Lifetime)]> =
            self.entries.iter().map(|entry| (&entry.jwk, entry.life)).collect();
        f.debug_struct("KeyRing").field("policy", &self.policy).field("keys", &keys).finish_non_exhaustive()
    }
}
