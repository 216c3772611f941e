//! The locks of the rest of this crate: std's, or those of the model checker.

#[cfg(not(all(test, loom)))]
pub(crate) use std::{
    sync::atomic::AtomicU8,
    sync::{Condvar, Mutex, MutexGuard},
    thread,
};

#[cfg(all(test, loom))]
pub(crate) use loom::{
    sync::atomic::AtomicU8,
    sync::{Condvar, Mutex, MutexGuard},
    thread,
};

use std::sync::PoisonError;
use std::time::Instant;

/// Locks. A poisoned lock is still a lock: no code of users runs under any of ours, so nothing is left half-changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until somebody notifies.
pub(crate) fn wait<'a, T>(condvar: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condvar.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Waits until `done`, or until `deadline`; `None` is never.
pub(crate) fn wait_until<'a, T>(
    condvar: &Condvar,
    mut guard: MutexGuard<'a, T>,
    deadline: Option<Instant>,
    done: impl Fn(&T) -> bool,
) -> MutexGuard<'a, T> {
    while !done(&guard) {
        guard = match deadline.map(|at| at.saturating_duration_since(Instant::now())) {
            None => wait(condvar, guard),
            Some(left) if left.is_zero() => break,
            Some(left) => condvar.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0,
        };
    }
    guard
}
