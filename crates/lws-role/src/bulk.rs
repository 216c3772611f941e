//! What a host sends itself, behind what its role wrote.
//!
//! ```text
//!   role ──header──▶ Out ─────────┐
//!     └──a Bulk──▶ Hub ──▶ host ──┴──▶ transport: header, then the bytes from where they lie
//! ```
//! Only the host next to a transport does this: a layer that encrypts or frames has to see every byte, and says no.

use alloc::{rc::Rc, vec::Vec};
use core::any::Any;

/// Bytes that the host sends from where they lie: nobody looks at them on the way, nobody copies them.
#[derive(Clone, Debug)]
pub struct Bulk {
    /// Where they come from.
    pub source: Source,
    /// The first byte's place there.
    pub at: u64,
    /// How many bytes, at least one.
    pub len: u64,
}

/// Where the bytes of a [`Bulk`] come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A `std::fs::File`, which this crate cannot name.
    File(Rc<dyn Any>),
    /// Memory. Who keeps another `Rc` of it has it for itself again when it is sent, or when the stream is gone.
    Bytes(Rc<Vec<u8>>),
}

/// Which sources a host sends from. None, by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sends {
    /// [`Source::File`].
    pub files: bool,
    /// [`Source::Bytes`].
    pub bytes: bool,
}

impl Sends {
    /// Whether it sends from there.
    pub fn takes(self, source: &Source) -> bool {
        match source {
            Source::File(_) => self.files,
            Source::Bytes(_) => self.bytes,
        }
    }
}

impl Bulk {
    /// So many bytes from the front are sent; true if those were the last.
    pub fn advance(&mut self, n: u64) -> bool {
        let n = n.min(self.len);
        (self.at, self.len) = (self.at + n, self.len - n);
        self.len == 0
    }
}
