//! A global allocator that counts, for each thread on its own.
//!
//! This is the only file of these tests with `unsafe` in it: an allocator cannot be written without.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Allocations of this thread: how many, how many bytes are in use, and the most that were.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// Calls of `alloc` and `realloc`.
    pub(crate) allocations: u64,
    /// Bytes in use now; what another thread frees or gave counts there.
    pub(crate) live: i64,
    /// The most bytes in use since [`reset_peak`].
    pub(crate) peak: i64,
}

/// What this thread has counted so far.
pub(crate) fn count() -> Count {
    COUNT.get()
}

/// Forgets the peak: it is what is in use now.
#[allow(dead_code, reason = "not every test looks at the peak")]
pub(crate) fn reset_peak() {
    COUNT.set(Count { peak: COUNT.get().live, ..COUNT.get() });
}

thread_local! {
    static COUNT: Cell<Count> = const { Cell::new(Count { allocations: 0, live: 0, peak: 0 }) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn note(calls: u64, bytes: i64) {
    let count = COUNT.get();
    let live = count.live + bytes;
    COUNT.set(Count { allocations: count.allocations + calls, live, peak: count.peak.max(live) });
}

// SAFETY: everything is passed on to the system's allocator unchanged. Counting does not allocate: the cell is
// initialised at compile time and has nothing to drop.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(1, new_size as i64 - layout.size() as i64);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(ptr, layout, new_size) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        note(0, -(layout.size() as i64));
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(ptr, layout) }
    }
}
