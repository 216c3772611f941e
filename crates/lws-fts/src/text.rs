//! From bytes to terms: what a word is, and what it folds to.
//!
//! ```text
//! "The Café: 全文検索 x_1"  ->  the@0 cafe@1 全文@2 文検@3 検索@4 索@5 x@6 1@7
//! ```
//!
//! * A **word** is a run of letters and digits, folded: lower case, without diacritics, full width made narrow.
//! * Scripts that do not separate words (Han, kana, Hangul, Thai and neighbours) become **grams**: each character
//!   together with the next one, and the last of a run alone. So each character starts exactly one term, and a query
//!   finds every substring: two or more characters are a phrase of grams, one is a prefix.
//! * Everything else separates. Bytes that are not UTF-8 separate and are counted, they are never an error.
//!
//! How the input is cut into chunks makes no difference.

mod fold;
mod table;
mod tokenizer;

pub(crate) use fold::{Class, classify};
pub(crate) use tokenizer::{Sink, Token, Tokenizer, is_whole, start};

use alloc::string::String;

/// What a term looks like in the index: the text folded, without what is not part of a word.
///
/// This is how to compare a word with a [`Suggestion`](crate::Suggestion).
///
/// ```
/// assert_eq!(lws_fts::fold("Ça-Ira"), "caira");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match classify(c) {
            Class::Gram => folded.push(c),
            Class::Word(to) => folded.extend(to),
            Class::Dropped | Class::Separator => {}
        }
    }
    folded
}
