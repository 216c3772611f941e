//! One context of a cipher, kept for the next message.

use std::sync::Mutex;

use lws_gencrypto::Error;
use openssl::cipher_ctx::CipherCtx;

/// A context that has its key. Whoever needs one while it is in use gets a new one.
pub(super) struct Reuse(Mutex<Option<CipherCtx>>);

impl Reuse {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Runs `work` with a context, made by `make` if there is none.
    pub(super) fn with<T>(
        &self,
        make: impl FnOnce() -> Result<CipherCtx, Error>,
        work: impl FnOnce(&mut CipherCtx) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let Ok(mut kept) = self.0.try_lock() else { return work(&mut make()?) };
        let context = match &mut *kept {
            Some(context) => context,
            none => none.insert(make()?),
        };
        let done = work(context);
        if done.is_err() {
            // Nobody knows its state now.
            *kept = None;
        }
        done
    }
}
