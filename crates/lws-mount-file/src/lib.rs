//! A folder as an HTTP handler.
//!
//! ```text
//!   "/docs/a.html" ──▶ name policy ──▶ Root::entry ──▶ coding ──▶ preconditions ──▶ ranges ──▶ head
//!    below the mount    no dot-files    openat2         .br .gz    304, 412          206, 416     │
//!                                       beneath root                                              ▼
//!                        socket ◀── carrier ◀── the room it lends ◀── pread, one run after another
//! ```
//! * [`files`] describes the mount, [`FileMount`] is one loop's instance of it.
//! * [`Root`] is the only thing that opens: beneath one folder, regular files and folders only, never blocking on
//!   what is neither. It stands alone: whoever serves files in another way should open them through it, too.
//! * [`media_type`] guesses a content type from a name.
//!
//! Invariants: the length of an answer is fixed when its head is written, from the descriptor that is then read; a
//! file that shrinks meanwhile breaks the answer off, it is never padded. A file is looked at anew when a second has
//! passed since it was last; small ones are in memory meanwhile, of large ones `pread` writes into the room that the
//! carrier lends.
//!
//! Not here: writing, uploads, compression on the fly, templates, authorisation (a vhost decides that on the same
//! path before this handler sees it).
#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod cache;
mod download;
mod error;
mod etag;
mod files;
pub mod limits;
mod listing;
mod media;
mod mount;
mod multipart;
mod names;
mod root;

pub use download::Download;
pub use error::Error;
pub use files::{Files, files};
pub use media::media_type;
pub use mount::FileMount;
pub use root::{Entry, OpenDirectory, OpenFile, Root};
