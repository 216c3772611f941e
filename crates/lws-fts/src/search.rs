//! Finding: the best files for a query, and where in them.
//!
//! Each segment turns the query into a tree of cursors ([`node`]) that moves from matching file to matching file. Of
//! these the best are kept in a heap of `limit` entries, so memory does not grow with what is found; paths, lines and
//! positions are looked up for files that are shown only.
//!
//! What a word of a prefix is worth ([`prefix`]) does not depend on how often it is in a file: a prefix is a set of files.

mod bitmap;
mod glob;
mod node;
mod phrase;
mod places;
mod prefix;
mod score;

pub(crate) use bitmap::Bitmap;
pub(crate) use phrase::Matcher;
pub(crate) use places::Places;
pub(crate) use prefix::places as places_of_prefix;
pub(crate) use score::Scorer;

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::{Ordering, Reverse};

use crate::error::Result;
use crate::index::{FileId, Index};
use crate::io::ReadAt;
use crate::limits::{DEFAULT_WORK, MAX_HITS};
use crate::query::Query;
use crate::segment::{END, Segment, Skip, TermCursor, Work};

/// What a search is to return, and what it may cost.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    limit: usize,
    path: Option<&'a str>,
    work: u64,
}

impl Default for Search<'_> {
    /// The ten best of all files, with [`DEFAULT_WORK`].
    fn default() -> Self {
        Search { limit: 10, path: None, work: DEFAULT_WORK }
    }
}

impl<'a> Search<'a> {
    /// How many files to return, at most [`MAX_HITS`].
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.min(MAX_HITS);
        self
    }

    /// Only files whose path is like this: `*` stands for any characters, also `/`, and `?` for one.
    #[must_use]
    #[doc(alias = "only_filepath")]
    pub fn path(mut self, pattern: &'a str) -> Self {
        self.path = Some(pattern);
        self
    }

    /// How much work it may take, in units of [`DEFAULT_WORK`]; beyond: [`Limit::Work`](crate::Limit::Work).
    #[must_use]
    pub fn work(mut self, units: u64) -> Self {
        self.work = units;
        self
    }
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The best files, best first; of equals the one that was added first.
    pub hits: Vec<Hit>,
    /// How many files match in all.
    pub total: u64,
}

/// A file that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Which one.
    pub file: FileId,
    /// How well it fits (BM25, k1 = 1.2, b = 0.75): comparable within one search.
    pub score: f32,
}

impl Eq for Hit {}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Hit {
    /// The better hit is the greater one.
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| other.file.cmp(&self.file))
    }
}

impl<R: ReadAt> Index<R> {
    /// The best files for a query.
    ///
    /// # Errors
    /// [`Error::Corrupt`](crate::Error::Corrupt) when what it had to read is damaged, [`Error::Limit`](crate::Error::Limit)
    /// when it takes more work than allowed, [`Error::Io`](crate::Error::Io).
    #[doc(alias = "lws_fts_search")]
    pub fn search(&self, query: &Query, search: &Search<'_>) -> Result<Found> {
        let work = Work::new(search.work);
        let mut plans = Vec::with_capacity(self.parts().len());
        for part in self.parts() {
            plans.push(node::Plan::of(&part.segment, query, &work)?);
        }
        let stats = self.stats();
        let scorer = Scorer::new(stats.files, stats.tokens);
        let weights = node::weights(&scorer, &plans);
        let mut best = BinaryHeap::new();
        let mut total = 0;
        for (number, (part, plan)) in self.parts().iter().zip(plans).enumerate() {
            let allowed = match search.path {
                Some(pattern) => Some(glob::files(&part.segment, pattern, &work)?),
                None => None,
            };
            let mut node = plan.node(&weights);
            let whole = allowed.is_none() && part.deleted.is_empty();
            if let Some((cursor, weight)) = node.term().filter(|_| whole) {
                total += u64::from(cursor.df());
                // Blocks know their best file as this segment alone would see it.
                let alone = self.parts().len() == 1;
                let term = Term { segment: &part.segment, number: number as u32, scorer, weight, alone };
                term.best(cursor, &mut best, search.limit, &work)?;
                continue;
            }
            let mut lengths = part.segment.lengths();
            let mut file = node.seek(&part.segment, 0, &work)?;
            while file != END {
                if !part.deleted.contains(file) && allowed.as_ref().is_none_or(|set| set.contains(file)) {
                    total += 1;
                    let score = node.score(&scorer, lengths.of(&part.segment, file)?);
                    keep(&mut best, Hit { file: FileId { part: number as u32, file }, score }, search.limit);
                }
                work.spend()?;
                file = node.seek(&part.segment, file + 1, &work)?;
            }
        }
        let mut hits: Vec<Hit> = best.into_iter().map(|Reverse(hit)| hit).collect();
        hits.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Found { hits, total })
    }
}

/// A query of one term in one segment: the only kind where a whole block of files can be passed over.
struct Term<'s, R> {
    segment: &'s Segment<R>,
    number: u32,
    scorer: Scorer,
    weight: f32,
    /// Whether this is the only segment.
    alone: bool,
}

impl<R: ReadAt> Term<'_, R> {
    /// First the skips say how good a file has to be, because each tells of one; then only blocks that have such files are
    /// read.
    fn best(
        &self,
        cursor: &mut TermCursor,
        best: &mut BinaryHeap<Reverse<Hit>>,
        limit: usize,
        work: &Work,
    ) -> Result<()> {
        let (least, blocks) = self.candidates(cursor, limit, work)?;
        let mut lengths = self.segment.lengths();
        // A file may go on in the next block; it counts once.
        let mut next = 0;
        let mut look = |cursor: &TermCursor, best: &mut BinaryHeap<Reverse<Hit>>| -> Result<()> {
            let (files, counts) = cursor.loaded();
            let enough = |best: &_| {
                let score = worst(best, limit).unwrap_or(0.0).max(least);
                self.scorer.least(self.weight, score, cursor.shortest())
            };
            // Most need no look at their length.
            let mut wanted = enough(best);
            for (at, (file, count)) in files.iter().zip(counts).enumerate() {
                if *count < wanted || *file < next {
                    continue;
                }
                work.spend()?;
                next = file + 1;
                let length = match cursor.length(at) {
                    Some(length) => length,
                    None => lengths.of(self.segment, *file)?,
                };
                let score = self.scorer.score(self.weight, *count, length);
                if score >= least {
                    keep(best, Hit { file: FileId { part: self.number, file: *file }, score }, limit);
                    wanted = enough(best);
                }
            }
            Ok(())
        };
        // A later file of the same score would not get in.
        let useful =
            |score: f32, best: &_| score >= least && worst(best, limit).is_none_or(|worst| score > worst);
        look(cursor, best)?;
        if let Some(blocks) = blocks {
            for skip in blocks {
                if useful(self.bound(&skip), best) {
                    cursor.load(self.segment, &skip)?;
                    look(cursor, best)?;
                }
            }
            return Ok(());
        }
        while cursor.load_useful(self.segment, work, |skip| useful(self.bound(skip), best))? {
            look(cursor, best)?;
        }
        Ok(())
    }

    /// No file of the block has a higher score.
    fn bound(&self, skip: &Skip) -> f32 {
        match skip.best.filter(|_| self.alone) {
            Some((count, length)) => self.scorer.score(self.weight, count, length),
            None => self.scorer.score(self.weight, skip.most, skip.shortest) * ROUNDING,
        }
    }

    /// So many as `limit` files have this score or a higher one; and the blocks that have such files, unless they are many.
    fn candidates(&self, cursor: &TermCursor, limit: usize, work: &Work) -> Result<(f32, Option<Vec<Skip>>)> {
        let mut highest = BinaryHeap::with_capacity(limit.min(MAX_CANDIDATES) + 1);
        let (mut least, mut blocks, mut many) = (0.0, Vec::new(), false);
        cursor.ahead(self.segment, work, |skip| {
            if let Some((count, length)) = skip.best {
                // Scores are positive, so they are in the order of their bits.
                let score = self.scorer.score(self.weight, count, length).to_bits();
                if highest.len() < limit {
                    highest.push(Reverse(score));
                } else if let Some(mut worst) = highest.peek_mut().filter(|worst| score > worst.0) {
                    *worst = Reverse(score);
                }
                if let Some(worst) = highest.peek().filter(|_| highest.len() == limit) {
                    least = f32::from_bits(worst.0);
                }
            }
            if self.bound(&skip) >= least && !many {
                if blocks.len() == MAX_CANDIDATES {
                    blocks.retain(|skip| self.bound(skip) >= least);
                }
                many = blocks.len() == MAX_CANDIDATES;
                blocks.push(skip);
            }
        })?;
        Ok((least, (!many).then_some(blocks)))
    }
}

/// Blocks of a term that are remembered; if more may have good files, the skips are read a second time.
const MAX_CANDIDATES: usize = 512;

/// What a hit must be better than, once there are `limit` others.
fn worst(best: &BinaryHeap<Reverse<Hit>>, limit: usize) -> Option<f32> {
    best.peek().filter(|_| best.len() >= limit).map(|hit| hit.0.score)
}

/// Bounds are so much higher, for what may be lost in rounding: one part in a million.
const ROUNDING: f32 = 1.000_001;

/// Adds to the best `limit`, the worst of which is on top.
fn keep(best: &mut BinaryHeap<Reverse<Hit>>, hit: Hit, limit: usize) {
    if best.len() < limit {
        best.push(Reverse(hit));
    } else if let Some(mut worst) = best.peek_mut().filter(|worst| hit > worst.0) {
        *worst = Reverse(hit);
    }
}
