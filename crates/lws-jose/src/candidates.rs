//! The keys of a verifier or a decrypter, and those of them that a token can mean.

use crate::error::{Error, TokenError};
use crate::jwk::{Jwk, JwkSet, Purpose};
use crate::limits::TRIES_MAX;

/// A key, and the same in the library's hands.
pub(crate) struct Entry<L> {
    pub(crate) jwk: Jwk,
    pub(crate) live: L,
    /// What its owner calls it: the position among all keys given.
    pub(crate) tag: usize,
}

/// Whether the key with this tag may be used now.
pub(crate) type Usable<'f> = &'f dyn Fn(usize) -> Result<(), TokenError>;

/// Offers each key of a set to `add`, with tags from `first` on; an error if it takes none.
pub(crate) fn add_set(
    set: &JwkSet,
    first: usize,
    mut add: impl FnMut(&Jwk, usize) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut outcome = Err(Error::Misuse("the key set is empty"));
    for (i, key) in set.keys.iter().enumerate() {
        match add(key, first + i) {
            Err(error) if outcome.is_err() => outcome = Err(error),
            Err(_) => {}
            Ok(()) => outcome = Ok(()),
        }
    }
    outcome
}

/// Up to [`TRIES_MAX`], in the order in which they are tried, without an allocation.
pub(crate) struct Candidates<'v, T> {
    keys: [Option<&'v T>; TRIES_MAX],
    count: usize,
}

impl<'v, L> Candidates<'v, Entry<L>> {
    /// The keys that can be meant; those that the token names come first. Nothing cryptographic has happened yet.
    pub(crate) fn choose(
        entries: &'v [Entry<L>],
        kid: Option<&str>,
        purpose: Purpose,
        usable: Usable<'_>,
    ) -> Result<Self, TokenError> {
        let mut candidates = Candidates { keys: [None; TRIES_MAX], count: 0 };
        let mut unfit = None;
        let mut refused = None;
        let named = |entry: &&Entry<L>| kid.is_none() || entry.jwk.kid() == kid;
        let unnamed = |entry: &&Entry<L>| kid.is_some() && entry.jwk.kid().is_none();
        for entry in entries.iter().filter(named).chain(entries.iter().filter(unnamed)) {
            match (entry.jwk.check(purpose), usable(entry.tag)) {
                (Ok(()), Ok(())) => candidates.push(entry),
                (Ok(()), Err(why)) => refused = refused.or(Some(why)),
                (Err(why), _) => unfit = unfit.or(Some(why)),
            }
        }
        if candidates.len() > 0 {
            return Ok(candidates);
        }
        Err(match (refused, unfit) {
            (Some(why), _) => why,
            // With a kid, or one key only, it is that key's fault; else no key is for this.
            (None, Some(why)) if kid.is_some() || entries.len() == 1 => TokenError::Unfit(why),
            _ => TokenError::NoKey(kid.map(Into::into)),
        })
    }
}

impl<'v, T> Candidates<'v, T> {
    /// Later ones than fit are left out.
    fn push(&mut self, key: &'v T) {
        if let Some(place) = self.keys.get_mut(self.count) {
            *place = Some(key);
            self.count += 1;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'v T> {
        self.keys.iter().copied().flatten()
    }
}
