//! What the programs of this package share.
//!
//! ```text
//! program SCENARIO CONTENDER [--quick] [--corpus FILE] [--scratch FOLDER]
//!    └─▶ one measurement in a fresh process ─▶ the last line of stdout: {"answer":"…","ns":8.1,…,"peak_kib":2312}
//! ```
//! A program measures one contender of one scenario and ends. `cargo xtask bench data` starts them in turn, builds the
//! ratios and judges them. *answer* is what the contender worked out: it is the same for all contenders of a scenario, or
//! they did not do the same work.

pub mod clock;
pub mod html;
pub mod pack;
pub mod random;
pub mod run;
#[cfg(feature = "text")]
pub mod search;
