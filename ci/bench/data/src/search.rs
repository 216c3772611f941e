//! The search engines of others, and what is asked of each.
//!
//! They are here and not in the program `text`, so that a change to ours does not compile them again: that takes minutes.

mod engine;
mod sqlite;
mod tantivy;

pub use engine::{Ask, Built, Engine, text};
pub use sqlite::{Fts5, Sqlite, Trigram};
pub use tantivy::Tantivy;
