//! Completion: the most frequent words that start with some letters. Exact.
//!
//! The words of prefixes that many words have are kept ready. Otherwise:
//! the inner nodes of the dictionary know the largest count below each child. So the search always opens what has the
//! largest bound, and the words come out in the order of their counts; of equals the one that sorts first. The work is
//! the depth of the tree times the number of answers, not the number of words with that prefix.
//!
//! With several segments a word's count is the sum. Each segment gives its words in the order of their counts there; a
//! word seen in one is looked up in the others. Once the largest possible sum of what no segment has shown yet is below
//! the last of the answers, these are final. Files removed are subtracted by reading the word's postings.

use alloc::collections::{BTreeSet, BinaryHeap};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::error::{Part as Where, Result, corrupt};
use crate::index::{Index, Part};
use crate::io::ReadAt;
use crate::limits::{COMPLETION_WORDS, DEFAULT_WORK, MAX_SUGGESTIONS};
use crate::segment::{Best, Child, END, Node, Segment, Term, TermCursor, Work};
use crate::text::{fold, is_whole};

/// A word that starts as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The word, folded.
    pub term: String,
    /// How often it occurs.
    pub count: u64,
}

impl<R: ReadAt> Index<R> {
    /// The `limit` most frequent words that start with `prefix`, the most frequent first.
    ///
    /// The prefix is folded as text is. Empty, it asks for the most frequent words of all. A character of a script without
    /// spaces suggests pairs of characters.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt), [`Error::Limit`](crate::Error::Limit), [`Error::Io`](crate::Error::Io).
    #[doc(alias = "LWSFTS_F_QUERY_AUTOCOMPLETE")]
    pub fn complete(&self, prefix: &str, limit: usize) -> Result<Vec<Suggestion>> {
        let prefix = fold(prefix);
        let limit = limit.min(MAX_SUGGESTIONS);
        let work = Work::new(DEFAULT_WORK);
        match self.parts() {
            _ if limit == 0 => Ok(Vec::new()),
            [part] if part.deleted.is_empty() => single(&part.segment, prefix.as_bytes(), limit, &work),
            _ => self.summed(prefix.as_bytes(), limit, &work),
        }
    }

    /// Of several segments.
    fn summed(&self, prefix: &[u8], limit: usize, work: &Work) -> Result<Vec<Suggestion>> {
        let mut streams = Vec::with_capacity(self.parts().len());
        for part in self.parts() {
            let mut stream = BestFirst::new(&part.segment, prefix, usize::MAX, work)?;
            let next = stream.next(work)?;
            streams.push((stream, next));
        }
        let mut seen = BTreeSet::new();
        // The best so far; the worst of them first.
        let mut best: BTreeSet<(u64, Reverse<Vec<u8>>)> = BTreeSet::new();
        loop {
            // Nothing unseen can be more frequent than this, and of the same frequency only if it sorts later.
            let bound: u64 = streams.iter().filter_map(|s| s.1.as_ref()).map(|next| next.1.cf).sum();
            let full = best.len() == limit;
            if full && best.first().is_some_and(|worst| worst.0 > bound) {
                break;
            }
            let next =
                streams.iter_mut().filter(|s| s.1.is_some()).max_by_key(|s| s.1.as_ref().map(|n| n.1.cf));
            let Some((stream, next)) = next else { break };
            let Some((key, _)) = next.take() else { break };
            *next = stream.next(work)?;
            if !seen.insert(key.clone()) {
                continue;
            }
            let mut count = 0u64;
            for part in self.parts() {
                if let Some(term) = part.segment.find(&key, work)? {
                    count = count.saturating_add(alive(part, term, work)?);
                }
            }
            if count > 0 {
                best.insert((count, Reverse(key)));
                if best.len() > limit {
                    best.pop_first();
                }
            }
        }
        best.into_iter().rev().map(|(count, Reverse(key))| suggestion(key, count)).collect()
    }
}

/// How often a term occurs in files that were not removed.
fn alive<R: ReadAt>(part: &Part<R>, term: Term, work: &Work) -> Result<u64> {
    if part.deleted.is_empty() {
        return Ok(term.cf);
    }
    let mut cursor = TermCursor::new(&part.segment, term)?;
    let mut gone = 0;
    let mut next = part.deleted.next(0);
    while let Some(removed) = next {
        let file = cursor.seek(&part.segment, removed, work)?;
        if file == END {
            break;
        }
        if part.deleted.contains(file) {
            gone += cursor.occurrences(&part.segment, work)?;
        }
        next = part.deleted.next(file.max(removed) + 1);
    }
    Ok(term.cf.saturating_sub(gone))
}

fn single<R: ReadAt>(
    segment: &Segment<R>,
    prefix: &[u8],
    limit: usize,
    work: &Work,
) -> Result<Vec<Suggestion>> {
    let ready = if limit <= COMPLETION_WORDS { segment.best_of(prefix)? } else { None };
    if let Some(best) = ready {
        let words = best.words.into_iter().take(limit);
        return words.map(|(count, word)| suggestion(word, count)).collect();
    }
    search(segment, prefix, limit, work)
}

/// Looks for the words, whether or not they are kept ready.
fn search<R: ReadAt>(
    segment: &Segment<R>,
    prefix: &[u8],
    limit: usize,
    work: &Work,
) -> Result<Vec<Suggestion>> {
    let mut stream = BestFirst::new(segment, prefix, limit, work)?;
    let mut found = Vec::with_capacity(limit.min(64));
    while found.len() < limit {
        let Some((key, term)) = stream.next(work)? else { break };
        found.push(suggestion(key, term.cf)?);
    }
    Ok(found)
}

/// Whether a node that is kept ready says what a search finds.
pub(crate) fn is_right<R: ReadAt>(segment: &Segment<R>, node: &Best, work: &Work) -> Result<bool> {
    let found = search(segment, &node.prefix, COMPLETION_WORDS, work)?;
    let found = found.iter().map(|word| (word.count, word.term.as_bytes()));
    Ok(found.eq(node.words.iter().map(|(count, word)| (*count, word.as_slice()))))
}

fn suggestion(key: Vec<u8>, count: u64) -> Result<Suggestion> {
    let term = String::from_utf8(key).map_err(|_| corrupt(Where::Dictionary, 0))?;
    Ok(Suggestion { term, count })
}

/// The terms with a prefix in the order of their counts, of one segment.
struct BestFirst<'s, R> {
    segment: &'s Segment<R>,
    prefix: Vec<u8>,
    /// The largest count first; of equals what comes first in the dictionary, which is what was written first.
    open: BinaryHeap<(u64, Reverse<Order>, Open)>,
    terms: Vec<(Vec<u8>, Term)>,
    /// The largest counts met, the smallest of them first; at most `limit`.
    largest: BinaryHeap<Reverse<u64>>,
    /// How many terms are wanted; [`next`](Self::next) may know no more.
    limit: usize,
    node: Node,
}

/// Where something starts in the dictionary: its node, and which entry of a leaf it is.
type Order = (u64, usize);

/// What is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    /// A node: length, level.
    Node(u64, u8),
    /// An index into `terms`.
    Term(usize),
}

impl<'s, R: ReadAt> BestFirst<'s, R> {
    fn new(segment: &'s Segment<R>, prefix: &[u8], limit: usize, work: &Work) -> Result<Self> {
        let (open, terms, node) = (BinaryHeap::new(), Vec::new(), Node::default());
        let (prefix, largest) = (prefix.to_vec(), BinaryHeap::new());
        let mut stream = BestFirst { segment, prefix, open, terms, largest, limit, node };
        if segment.root(&mut stream.node, work)? {
            stream.expand(segment.footer.root.0)?;
        }
        Ok(stream)
    }

    fn next(&mut self, work: &Work) -> Result<Option<(Vec<u8>, Term)>> {
        while let Some((most, Reverse((at, _)), open)) = self.open.pop() {
            match open {
                Open::Term(index) => {
                    let found = self.terms.get_mut(index).map(|(key, term)| (core::mem::take(key), *term));
                    return Ok(found);
                }
                Open::Node(len, level) => {
                    self.segment.child(Child { at, len, most, level }, &mut self.node, work)?;
                    self.expand(at)?;
                }
            }
        }
        Ok(None)
    }

    /// Adds what is in the node that starts at `at`.
    fn expand(&mut self, at: u64) -> Result<()> {
        let (node, prefix) = (&mut self.node, self.prefix.as_slice());
        if node.level == 0 {
            let mut index = 0;
            while let Some(term) = node.term(self.segment)? {
                let key = node.key.as_slice();
                // Past the prefix there is nothing more.
                if !key.starts_with(prefix) && key > prefix {
                    break;
                }
                // What is smaller than enough others need not be kept. Of equals an earlier one may come yet.
                let enough = self.largest.len() >= self.limit;
                let small = enough && self.largest.peek().is_some_and(|least| term.cf < least.0);
                let word = key.starts_with(prefix) && key.first() != Some(&0) && is_whole(key);
                if word && !small {
                    if self.limit != usize::MAX {
                        self.largest.push(Reverse(term.cf));
                        if self.largest.len() > self.limit {
                            self.largest.pop();
                        }
                    }
                    self.open.push((term.cf, Reverse((at, index)), Open::Term(self.terms.len())));
                    self.terms.push((node.key.clone(), term));
                }
                index += 1;
            }
            return Ok(());
        }
        // A child has keys from its own lower bound up to that of the next one.
        let mut last: Option<Child> = None;
        let mut add = |child: Child| {
            self.open.push((child.most, Reverse((child.at, 0)), Open::Node(child.len, child.level)));
        };
        while let Some(child) = node.child(self.segment)? {
            let key = node.key.as_slice();
            if let Some(last) = last.take().filter(|_| key > prefix) {
                add(last);
            }
            if key > prefix && !key.starts_with(prefix) {
                return Ok(());
            }
            last = Some(child);
        }
        if let Some(last) = last {
            add(last);
        }
        Ok(())
    }
}
