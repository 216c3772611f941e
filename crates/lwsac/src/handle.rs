//! Handles to objects.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::num::NonZeroU64;
use core::sync::atomic::Ordering;

/// A handle to an object in an [`Arena`](crate::Arena): `Copy`, sendable, and harmless when it is stale or of another arena.
///
/// `Ref<T>` takes 16 bytes (24 for a slice or a text), and so does `Option<Ref<T>>`.
pub struct Ref<T: ?Sized> {
    /// A raw pointer, so that `Ref` is invariant in `T`: `get_mut` could otherwise store a shorter lifetime.
    pub(crate) at: *mut T,
    /// Of the memory that made it, at the time.
    pub(crate) epoch: NonZeroU64,
}

impl<T: ?Sized> Copy for Ref<T> {}
impl<T: ?Sized> Clone for Ref<T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// Two handles are equal if they lead to the same object.
impl<T: ?Sized> PartialEq for Ref<T> {
    fn eq(&self, other: &Self) -> bool {
        self.epoch == other.epoch && core::ptr::eq(self.at, other.at)
    }
}
impl<T: ?Sized> Eq for Ref<T> {}

impl<T: ?Sized> Hash for Ref<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.at, self.epoch).hash(state);
    }
}

impl<T: ?Sized> fmt::Debug for Ref<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ref({:p} of {})", self.at.cast::<()>(), self.epoch)
    }
}

/// A number that no arena had before. Where the CPU counts to 2^32 only, it ends there instead of starting again.
pub(crate) fn next_epoch() -> Option<NonZeroU64> {
    #[cfg(target_has_atomic = "64")]
    static LAST: core::sync::atomic::AtomicU64 = core::sync::atomic::AtomicU64::new(0);
    #[cfg(not(target_has_atomic = "64"))]
    static LAST: core::sync::atomic::AtomicUsize = core::sync::atomic::AtomicUsize::new(0);
    // Relaxed: only the number matters, and each is given once.
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| last.checked_add(1)).ok()?;
    #[allow(clippy::useless_conversion)] // it is one on 64 bits only
    NonZeroU64::new(u64::try_from(last).ok()?.checked_add(1)?)
}
