//! Proof that the L0-L3 crates do without std.
//!
//! A program has one panic handler. This one brings its own, so as soon as any crate below pulls in std, which brings
//! another, rustc refuses: `duplicate lang item in crate ... panic_impl`. With the feature `leak` it pulls in std on
//! purpose, to show that the refusal comes. `cargo xtask nostd` builds both and checks that no crate is missing.
#![no_std]
#![no_main]

extern crate alloc;

#[cfg(feature = "leak")]
extern crate std;

// One line per crate of L0-L3: without it rustc would not load the crate at all.
use lws_coding as _;
use lws_fts as _;
use lws_gencrypto as _;
use lws_h1 as _;
use lws_h2 as _;
use lws_head as _;
use lws_hpack as _;
use lws_http as _;
use lws_jose as _;
use lws_pmd as _;
use lws_role as _;
use lws_role_h1 as _;
use lws_role_h2 as _;
use lws_role_tls as _;
use lws_role_ws as _;
use lws_sim as _;
use lws_timer as _;
use lws_tls as _;
use lws_tokenize as _;
use lws_wire as _;
use lws_ws as _;
use lws_x509 as _;
use lwsac as _;

use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{c_int, c_void};

#[link(name = "c")]
unsafe extern "C" {
    fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void;
    fn free(block: *mut c_void);
    fn abort() -> !;
}

struct C;

// SAFETY: C's allocator keeps the contract: a block of the size and alignment asked for, or null.
unsafe impl GlobalAlloc for C {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // C wants a size that is a multiple of the alignment; a Layout never overflows when padded so.
        let padded = layout.pad_to_align();
        // SAFETY: a Layout's alignment is a power of two.
        unsafe { aligned_alloc(padded.align().max(size_of::<usize>()), padded.size()).cast() }
    }

    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: the block came from `alloc` above.
        unsafe { free(block.cast()) }
    }
}

#[global_allocator]
static ALLOCATOR: C = C;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    // SAFETY: abort has no preconditions.
    unsafe { abort() }
}

/// The compiled alloc names the unwinder's routine; with `panic = "abort"` it is never called.
// SAFETY: no other `rust_eh_personality` is in this program.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// What C's start code calls.
// SAFETY: no other `main` is in this program.
#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, _argv: *const *const u8) -> c_int {
    // An allocation, so that alloc and the allocator are linked and seen to work.
    let numbers: Vec<c_int> = (0..4).collect();
    numbers.iter().sum::<c_int>() - 6
}
