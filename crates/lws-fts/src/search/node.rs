//! A query over one segment.
//!
//! [`Plan`]: what the dictionary says about the query's terms, looked up once; its `df`s, summed over the segments, give
//! the weights. [`Node`]: the cursors, one tree per segment.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::phrase::Matcher;
use super::places::Places;
use super::{Bitmap, Scorer, prefix};
use crate::error::Result;
use crate::io::ReadAt;
use crate::query::{Expr, Phrase, Query};
use crate::segment::{END, Segment, TermCursor, Work};

/// The steps of a query in one segment, in the order of its phrases.
#[derive(Debug)]
pub(crate) struct Plan {
    root: Shape,
    steps: Vec<Step>,
}

/// The query without its words; a number is an index into the steps.
#[derive(Debug)]
enum Shape {
    Step(usize),
    And(Vec<Shape>, Vec<Shape>),
    Or(Vec<Shape>),
}

/// A phrase of the query, looked up.
#[derive(Debug)]
pub(crate) enum Step {
    /// A word of it is not in this segment; the files that the others have do not matter.
    Nowhere(Vec<u64>),
    Term(Box<TermCursor>),
    /// The words that start so.
    Files(Bitmap),
    /// The parts, and in how many files each is.
    Phrase(Box<Matcher>, Vec<u64>),
}

impl Step {
    pub(crate) fn of<R: ReadAt>(segment: &Segment<R>, phrase: &Phrase, work: &Work) -> Result<Self> {
        let Some(((offset, last), exact)) = phrase.terms.split_last() else {
            return Ok(Step::Nowhere(Vec::new()));
        };
        let mut parts = Vec::with_capacity(phrase.terms.len());
        let mut dfs = Vec::with_capacity(phrase.terms.len());
        let mut nowhere = false;
        let found = if phrase.prefix { exact } else { phrase.terms.as_slice() };
        for (offset, term) in found {
            let term = segment.find(term, work)?;
            dfs.push(term.map_or(0, |term| u64::from(term.df)));
            match term {
                Some(term) => parts.push((*offset, Box::new(TermCursor::new(segment, term)?))),
                None => nowhere = true,
            }
        }
        if phrase.prefix && exact.is_empty() {
            return Ok(Step::Files(prefix::files(segment, last, work)?));
        }
        if nowhere {
            dfs.resize(phrase.terms.len(), 0);
            return Ok(Step::Nowhere(dfs));
        }
        if let (false, 1) = (phrase.prefix, parts.len()) {
            return Ok(parts.pop().map_or(Step::Nowhere(dfs), |(_, cursor)| Step::Term(cursor)));
        }
        let mut parts: Vec<_> =
            parts.into_iter().map(|(offset, cursor)| (offset, Places::Term(cursor))).collect();
        if phrase.prefix {
            // Which files have the words before is looked up first: the prefix may have many more.
            let mut among = Bitmap::new(segment.footer.files);
            let heads = Step::of(segment, &Phrase { terms: exact.to_vec(), prefix: false }, work)?;
            heads.files(segment, &mut among, work)?;
            let memory = prefix::places(segment, last, &among, work)?;
            dfs.push(memory.all.chunk_by(|a, b| a.0 == b.0).count() as u64);
            parts.push((*offset, Places::Memory(memory)));
        }
        Ok(Step::Phrase(Box::new(Matcher::new(parts)), dfs))
    }

    /// Adds the files that have all parts, not necessarily in order.
    fn files<R: ReadAt>(self, segment: &Segment<R>, into: &mut Bitmap, work: &Work) -> Result<()> {
        let mut next = 0;
        match self {
            Step::Nowhere(_) | Step::Files(_) => Ok(()),
            Step::Term(mut cursor) => loop {
                match cursor.seek(segment, next, work)? {
                    END => return Ok(()),
                    file => next = file + 1,
                }
                into.insert(next - 1);
            },
            Step::Phrase(mut matcher, _) => loop {
                match matcher.seek(segment, next, work)? {
                    END => return Ok(()),
                    file => next = file + 1,
                }
                into.insert(next - 1);
            },
        }
    }

    /// In how many files each of its terms is.
    fn dfs(&self) -> Vec<u64> {
        match self {
            Step::Nowhere(dfs) | Step::Phrase(_, dfs) => dfs.clone(),
            Step::Term(cursor) => alloc::vec![u64::from(cursor.df())],
            Step::Files(files) => alloc::vec![u64::from(files.len())],
        }
    }
}

/// The weight of each phrase of the query, from what all segments say.
pub(crate) fn weights(scorer: &Scorer, plans: &[Plan]) -> Vec<f32> {
    let steps = plans.first().map_or(0, |plan| plan.steps.len());
    let weight = |step: usize| {
        let mut sums: Vec<u64> = Vec::new();
        for dfs in plans.iter().filter_map(|plan| plan.steps.get(step)).map(Step::dfs) {
            sums.resize(sums.len().max(dfs.len()), 0);
            sums.iter_mut().zip(dfs).for_each(|(sum, df)| *sum += df);
        }
        sums.into_iter().map(|df| scorer.idf(df)).sum()
    };
    (0..steps).map(weight).collect()
}

impl Plan {
    pub(crate) fn of<R: ReadAt>(segment: &Segment<R>, query: &Query, work: &Work) -> Result<Self> {
        let mut steps = Vec::new();
        let root = shape(segment, &query.root, &mut steps, work)?;
        Ok(Plan { root, steps })
    }

    pub(crate) fn node(self, weights: &[f32]) -> Node {
        let weights = weights.iter().copied().chain(core::iter::repeat(0.0));
        let mut steps: Vec<_> = self.steps.into_iter().zip(weights).map(Some).collect();
        build(&self.root, &mut steps)
    }
}

fn shape<R: ReadAt>(segment: &Segment<R>, expr: &Expr, steps: &mut Vec<Step>, work: &Work) -> Result<Shape> {
    Ok(match expr {
        Expr::Phrase(phrase) => {
            steps.push(Step::of(segment, phrase, work)?);
            Shape::Step(steps.len() - 1)
        }
        Expr::And(must, not) => {
            let must = shapes(segment, must, steps, work)?;
            Shape::And(must, shapes(segment, not, steps, work)?)
        }
        Expr::Or(of) => Shape::Or(shapes(segment, of, steps, work)?),
    })
}

fn shapes<R: ReadAt>(
    segment: &Segment<R>,
    of: &[Expr],
    steps: &mut Vec<Step>,
    work: &Work,
) -> Result<Vec<Shape>> {
    of.iter().map(|expr| shape(segment, expr, steps, work)).collect()
}

fn build(shape: &Shape, steps: &mut [Option<(Step, f32)>]) -> Node {
    match shape {
        Shape::Step(at) => {
            let kind = match steps.get_mut(*at).and_then(Option::take) {
                Some((Step::Term(cursor), weight)) => Kind::Term(cursor, weight),
                Some((Step::Files(files), weight)) => Kind::Files(files, weight),
                Some((Step::Phrase(matcher, _), weight)) => Kind::Phrase(matcher, weight, 0),
                Some((Step::Nowhere(_), _)) | None => Kind::Nowhere,
            };
            Node { kind, file: None }
        }
        Shape::And(must, not) => {
            let must = must.iter().map(|s| build(s, steps)).collect();
            let not = not.iter().map(|s| build(s, steps)).collect();
            Node { kind: Kind::And(must, not), file: None }
        }
        Shape::Or(of) => Node { kind: Kind::Or(of.iter().map(|s| build(s, steps)).collect()), file: None },
    }
}

/// Moves from matching file to matching file.
#[derive(Debug)]
pub(crate) struct Node {
    kind: Kind,
    /// Where it stands; `None` before the first [`seek`](Self::seek).
    file: Option<u32>,
}

#[derive(Debug)]
enum Kind {
    Nowhere,
    Term(Box<TermCursor>, f32),
    Files(Bitmap, f32),
    /// With the weight, and how often it is in the file.
    Phrase(Box<Matcher>, f32, u32),
    And(Vec<Node>, Vec<Node>),
    Or(Vec<Node>),
}

impl Node {
    /// Moves to the first matching file not below `target`, never backwards.
    pub(crate) fn seek<R: ReadAt>(&mut self, segment: &Segment<R>, target: u32, work: &Work) -> Result<u32> {
        if let Some(file) = self.file.filter(|file| *file >= target) {
            return Ok(file);
        }
        let file = match &mut self.kind {
            Kind::Nowhere => END,
            Kind::Term(cursor, _) => cursor.seek(segment, target, work)?,
            Kind::Files(files, _) => files.next(target).unwrap_or(END),
            Kind::Phrase(matcher, _, count) => phrase(matcher, count, segment, target, work)?,
            Kind::And(must, not) => and(must, not, segment, target, work)?,
            Kind::Or(of) => {
                let mut first = END;
                for node in of {
                    first = first.min(node.seek(segment, target, work)?);
                }
                first
            }
        };
        self.file = Some(file);
        Ok(file)
    }

    /// The cursor and the weight, if the query is one term only.
    pub(crate) fn term(&mut self) -> Option<(&mut TermCursor, f32)> {
        match &mut self.kind {
            Kind::Term(cursor, weight) => Some((cursor, *weight)),
            _ => None,
        }
    }

    /// What the file it stands at, of that many terms, is worth.
    pub(crate) fn score(&self, scorer: &Scorer, length: u32) -> f32 {
        match &self.kind {
            Kind::Nowhere => 0.0,
            Kind::Term(cursor, weight) => scorer.score(*weight, cursor.count(), length),
            Kind::Files(_, weight) => scorer.score(*weight, 1, length),
            Kind::Phrase(_, weight, count) => scorer.score(*weight, *count, length),
            Kind::And(of, _) | Kind::Or(of) => {
                let there = of.iter().filter(|node| node.file.is_some() && node.file == self.file);
                there.map(|node| node.score(scorer, length)).sum()
            }
        }
    }
}

/// The next file with at least one match, all of which are counted.
fn phrase<R: ReadAt>(
    matcher: &mut Matcher,
    count: &mut u32,
    segment: &Segment<R>,
    target: u32,
    work: &Work,
) -> Result<u32> {
    let mut target = target;
    loop {
        let file = matcher.seek(segment, target, work)?;
        if file == END {
            return Ok(END);
        }
        work.spend()?;
        matcher.rewind(segment, work)?;
        *count = 0;
        while matcher.next(segment, work)?.is_some() {
            *count = count.saturating_add(1);
        }
        if *count > 0 {
            return Ok(file);
        }
        target = file + 1;
    }
}

fn and<R: ReadAt>(
    must: &mut [Node],
    not: &mut [Node],
    segment: &Segment<R>,
    target: u32,
    work: &Work,
) -> Result<u32> {
    let mut target = target;
    'again: loop {
        work.spend()?;
        for node in must.iter_mut() {
            let file = node.seek(segment, target, work)?;
            if file == END {
                return Ok(END);
            }
            if file > target {
                target = file;
                continue 'again;
            }
        }
        for node in not.iter_mut() {
            if node.seek(segment, target, work)? == target {
                target += 1;
                continue 'again;
            }
        }
        return Ok(target);
    }
}
