//! What to look for: a small language, and the tree it becomes.
//!
//! ```text
//! storm night            both words
//! "stormy night"         these words in this order, next to each other
//! storm OR rain          at least one; binds weaker than words side by side
//! storm -rain            not that; also: NOT rain
//! stor*  "dark and st"*  words that start like this
//! (storm OR rain) night  parentheses group
//! ```
//!
//! A word that the tokenizer cuts into several terms, such as `stormy-night` or 全文検索, is a phrase of these. What has no
//! letter or digit is passed over.

use alloc::vec::Vec;

use crate::error::{Error, Limit, QueryError, Result};
use crate::limits::{MAX_QUERY, MAX_QUERY_DEPTH, MAX_QUERY_TERMS};
use crate::text::{Sink, Token, Tokenizer};

/// A parsed query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(crate) root: Expr,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expr {
    /// Terms at these distances from the first.
    Phrase(Phrase),
    /// All of the first and none of the second; the first is not empty.
    And(Vec<Expr>, Vec<Expr>),
    /// At least one; not empty.
    Or(Vec<Expr>),
}

/// One term or more; the first has offset 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Phrase {
    pub(crate) terms: Vec<(u32, Vec<u8>)>,
    /// Whether the last term is the start of a word.
    pub(crate) prefix: bool,
}

impl Query {
    /// Reads a query as people write it.
    ///
    /// # Errors
    /// [`Error::Query`] says what is wrong with it, [`Limit::Query`] that it is too large.
    #[doc(alias = "lws_fts_search_params")]
    pub fn parse(text: &str) -> Result<Self> {
        Parser::new(text, false)?.query()
    }

    /// The same for a query that is still being typed: its last word may be the start of a word.
    ///
    /// ```
    /// use lws_fts::Query;
    /// assert_eq!(Query::parse_typing("dark sto")?, Query::parse("dark sto*")?);
    /// assert_eq!(Query::parse_typing("dark sto ")?, Query::parse("dark sto")?);
    /// # Ok::<(), lws_fts::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_typing(text: &str) -> Result<Self> {
        Parser::new(text, true)?.query()
    }

    /// Every phrase that is to be there, from left to right.
    pub(crate) fn phrases(&self) -> Vec<&Phrase> {
        fn collect<'q>(expr: &'q Expr, into: &mut Vec<&'q Phrase>) {
            match expr {
                Expr::Phrase(phrase) => into.push(phrase),
                Expr::And(of, _) | Expr::Or(of) => of.iter().for_each(|e| collect(e, into)),
            }
        }
        let mut all = Vec::new();
        collect(&self.root, &mut all);
        all
    }
}

struct Parser<'t> {
    text: &'t str,
    rest: &'t str,
    typing: bool,
    terms: usize,
    depth: usize,
}

/// What one step of parsing found.
enum Item {
    Must(Expr),
    Not(Expr),
    Or,
    /// Nothing to look for.
    Blank,
    End,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, typing: bool) -> Result<Self> {
        if text.len() > MAX_QUERY {
            return Err(Error::Limit(Limit::Query));
        }
        Ok(Parser { text, rest: text, typing, terms: 0, depth: 0 })
    }

    fn query(mut self) -> Result<Query> {
        let root = self.or()?;
        // Only a closing parenthesis stops before the end.
        if !self.rest.is_empty() {
            return Err(Error::Query(QueryError::Unbalanced));
        }
        root.map(|root| Query { root }).ok_or(Error::Query(QueryError::Empty))
    }

    /// Alternatives, up to the end or a closing parenthesis; `None` when there is nothing but separators.
    fn or(&mut self) -> Result<Option<Expr>> {
        let mut all = Vec::new();
        let (mut must, mut not) = (Vec::new(), Vec::new());
        // Whether there was anything since the last OR, even if nothing to look for.
        let mut something = false;
        let mut after_or = false;
        loop {
            match self.item()? {
                Item::Must(expr) => must.push(expr),
                Item::Not(expr) => not.push(expr),
                Item::Blank => {}
                Item::Or if !something => return Err(Error::Query(QueryError::DanglingOr)),
                Item::Or => {
                    all.extend(and(core::mem::take(&mut must), core::mem::take(&mut not))?);
                    (something, after_or) = (false, true);
                    continue;
                }
                Item::End if after_or && !something => return Err(Error::Query(QueryError::DanglingOr)),
                Item::End => break,
            }
            something = true;
        }
        all.extend(and(must, not)?);
        Ok(if all.len() > 1 { Some(Expr::Or(all)) } else { all.pop() })
    }

    fn item(&mut self) -> Result<Item> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else { return Ok(Item::End) };
        match first {
            ')' => Ok(Item::End),
            '(' => self.group(),
            '"' => self.quoted(),
            '-' => {
                self.rest = &self.rest[1..];
                self.negated()
            }
            _ => self.word(),
        }
    }

    fn negated(&mut self) -> Result<Item> {
        self.deeper()?;
        let item = self.item()?;
        self.depth -= 1;
        Ok(match item {
            Item::Must(expr) => Item::Not(expr),
            Item::Not(expr) => Item::Must(expr),
            Item::Blank | Item::Or | Item::End => Item::Blank,
        })
    }

    fn deeper(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_QUERY_DEPTH { Err(Error::Limit(Limit::Query)) } else { Ok(()) }
    }

    fn group(&mut self) -> Result<Item> {
        self.deeper()?;
        self.rest = &self.rest[1..];
        let inner = self.or()?;
        self.rest = self.rest.strip_prefix(')').ok_or(Error::Query(QueryError::Unbalanced))?;
        self.depth -= 1;
        Ok(inner.map_or(Item::Blank, Item::Must))
    }

    fn quoted(&mut self) -> Result<Item> {
        let inner = &self.rest[1..];
        // An open quote is how a phrase being typed looks.
        let (inner, rest, open) = match inner.split_once('"') {
            Some((inner, rest)) => (inner, rest, false),
            None if self.typing => (inner, "", true),
            None => return Err(Error::Query(QueryError::Unbalanced)),
        };
        let star = rest.strip_prefix('*');
        self.rest = star.unwrap_or(rest);
        let started = open && inner.ends_with(|c: char| !c.is_whitespace());
        self.phrase(inner, star.is_some() || started)
    }

    fn word(&mut self) -> Result<Item> {
        let end = self.rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        match word {
            "OR" => return Ok(Item::Or),
            "AND" => return Ok(Item::Blank),
            "NOT" => return self.negated(),
            _ => {}
        }
        let last = rest.is_empty() && self.typing && self.text.ends_with(word);
        let star = word.strip_suffix('*');
        self.phrase(star.unwrap_or(word), star.is_some() || last)
    }

    fn phrase(&mut self, text: &str, prefix: bool) -> Result<Item> {
        let (mut terms, mut tokenizer) = (Terms::default(), Tokenizer::default());
        tokenizer.feed(text.as_bytes(), &mut terms);
        tokenizer.finish(&mut terms);
        let phrase = terms.phrase(prefix);
        self.terms += phrase.terms.len();
        if self.terms > MAX_QUERY_TERMS {
            return Err(Error::Limit(Limit::Query));
        }
        Ok(if phrase.terms.is_empty() { Item::Blank } else { Item::Must(Expr::Phrase(phrase)) })
    }
}

fn and(mut must: Vec<Expr>, not: Vec<Expr>) -> Result<Option<Expr>> {
    match (must.len(), not.is_empty()) {
        (0, true) => Ok(None),
        (0, false) => Err(Error::Query(QueryError::OnlyNegative)),
        (1, true) => Ok(must.pop()),
        _ => Ok(Some(Expr::And(must, not))),
    }
}

/// Collects the terms of a phrase.
#[derive(Default)]
struct Terms {
    all: Vec<(u32, Vec<u8>, Kind)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Pair,
    Lone,
}

impl Sink for Terms {
    fn token(&mut self, token: Token<'_>) {
        let kind = match (token.pair, token.lone) {
            (true, _) => Kind::Pair,
            (_, true) => Kind::Lone,
            _ => Kind::Word,
        };
        self.all.push((token.position, token.term.to_vec(), kind));
    }

    fn line(&mut self, _end: u64, _position: u32) {}
}

impl Terms {
    /// In the text, the last character of a run of grams is a term of its own only where the run ends. The query's run
    /// may be a part of a longer one, so at its end this term says nothing, unless it is alone: then it is a prefix.
    fn phrase(self, prefix: bool) -> Phrase {
        let mut phrase = Phrase { terms: Vec::with_capacity(self.all.len()), prefix };
        let last = self.all.len().wrapping_sub(1);
        let mut before = Kind::Word;
        for (index, (position, term, kind)) in self.all.into_iter().enumerate() {
            let implied = index == last && kind == Kind::Lone && before == Kind::Pair;
            if index == last && kind == Kind::Lone {
                phrase.prefix = !implied;
            }
            if !implied {
                phrase.terms.push((position, term));
            }
            before = kind;
        }
        phrase
    }
}

#[cfg(test)]
#[path = "query/tests.rs"]
mod tests;
