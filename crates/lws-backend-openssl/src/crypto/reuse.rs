//! One context of a cipher, kept for the next message.

use std::sync::{Mutex, PoisonError};

use lws_gencrypto::Error;
use openssl::cipher_ctx::CipherCtx;

/// A context that has its key. Whoever needs one while it is out gets a new one; the last one back stays.
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
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut context = match kept {
            Some(context) => context,
            None => make()?,
        };
        // After a failure nobody knows its state: it is dropped.
        let done = work(&mut context)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(context);
        Ok(done)
    }
}
