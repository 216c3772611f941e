//! A pull tokenizer: words, numbers, quoted strings, `name=` and delimiters, one at a time, out of bytes that stay where
//! they are.
//!
//! ```text
//!   const Grammar ──┐   which bytes belong into words, what counts as a number or a name, where lists need commas
//!   input, whole ───┴─▶ Tokens ──▶ Element { kind, text: &str of the input, offset }  …  or Error at line and column
//!   input, in parts ──▶ Tokens ──▶ elements that are complete ──▶ Progress ──▶ next part
//! ```
//!
//! * [`Grammar`]: a `const` table of what each byte means.
//! * [`Tokens`]: the iterator. It never allocates, never copies, and never looks further than the element at hand and the
//!   blanks behind it.
//! * [`expand`]: `${name}` in templates, for input and output in pieces.
//! * [`wildcard`]: `*` in patterns.
//!
//! The input is UTF-8; anything else is an error at its place. Every element is a slice of the input, in the input's order,
//! and what lies between elements is blanks, comments, quotes, and the `=` or `:` of a name. Where the input is cut into
//! parts makes no difference to the elements.
//!
//! ```
//! use lws_tokenize::{Grammar, Kind};
//!
//! static HEADER: Grammar = Grammar::rfc7230().inside(b"-.");
//! let kinds: Vec<_> = HEADER
//!     .tokens(b"text/html;level=1, \"a, b\"")
//!     .map(|element| element.map(|e| (e.kind, e.text)))
//!     .collect::<Result<_, _>>()?;
//! assert_eq!(kinds[3..6], [
//!     (Kind::Delimiter, ";"), (Kind::NameEquals, "level"), (Kind::Integer, "1"),
//! ]);
//! # assert_eq!(kinds.len(), 8);
//! # Ok::<(), lws_tokenize::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod error;
pub mod expand;
mod grammar;
pub mod limits;
mod tokens;
pub mod wildcard;

pub use error::{Error, Position};
pub use grammar::Grammar;
pub use tokens::{Element, Kind, Progress, Tokens};
