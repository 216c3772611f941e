//! Reading an index completely, and comparing everything that is there twice.

use alloc::vec::Vec;

use crate::complete::is_right;
use crate::error::{Part as Where, Result, corrupt};
use crate::format::quantise;
use crate::index::{Index, Part};
use crate::io::ReadAt;
use crate::limits::FILES_BLOCK;
use crate::search::Bitmap;
use crate::segment::{END, Lines, Node, Place, Segment, TermCursor, Work};

/// What [`Index::verify`] has read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    /// Pages whose checksum is right.
    pub pages: u64,
    /// Files.
    pub files: u64,
    /// Terms, paths included.
    pub terms: u64,
    /// Occurrences of terms, paths not included.
    pub tokens: u64,
    /// Lines.
    pub lines: u64,
}

impl<R: ReadAt> Index<R> {
    /// Reads everything: all checksums, the order of the dictionary, every file and position of every term, all line
    /// tables, and whether the counts fit together. Any change of a byte is found. `progress` hears now and then how much
    /// is done, in thousandths.
    ///
    /// # Errors
    /// The first damage, as [`Error::Corrupt`](crate::Error::Corrupt); [`Error::Io`](crate::Error::Io).
    pub fn verify(&self, mut progress: impl FnMut(u32)) -> Result<Verified> {
        let mut sum = Verified::default();
        let parts = self.parts().len().max(1) as u64;
        for (number, part) in self.parts().iter().enumerate() {
            let mut part_progress = |done: u64| {
                progress(((number as u64 * 1000 + done.min(1000)) / parts) as u32);
            };
            verify(part, &mut sum, &mut part_progress)?;
        }
        Ok(sum)
    }
}

fn verify<R: ReadAt>(part: &Part<R>, sum: &mut Verified, progress: &mut impl FnMut(u64)) -> Result<()> {
    let segment = &part.segment;
    let pages = segment.pages.count();
    for page in 0..pages {
        segment.pages.page(page)?;
        if page % 256 == 0 {
            progress(page * 200 / pages);
        }
    }
    sum.pages += pages;
    segment.check_head()?;
    let mut check = Check::new(segment);
    check.files(sum)?;
    check.dictionary(sum, &mut |done| progress(200 + done * 8 / 10))
}

struct Check<'s, R> {
    segment: &'s Segment<R>,
    /// No limit: all is read once.
    work: Work,
    /// The length of each file in terms.
    lengths: Vec<u32>,
    terms: u64,
    tokens: u64,
    /// Files whose path was found in the dictionary.
    paths: Bitmap,
    last_key: Vec<u8>,
}

impl<'s, R: ReadAt> Check<'s, R> {
    fn new(segment: &'s Segment<R>) -> Self {
        let paths = Bitmap::new(segment.footer.files);
        let (lengths, last_key, work) = (Vec::new(), Vec::new(), Work::new(u64::MAX));
        Check { segment, work, lengths, terms: 0, tokens: 0, paths, last_key }
    }

    /// The table of files and their line tables.
    fn files(&mut self, sum: &mut Verified) -> Result<()> {
        let (segment, footer) = (self.segment, &self.segment.footer);
        let (mut table, mut bytes, mut terms, mut lines, mut invalid) = (0u64, 0u64, 0u64, 0u64, 0u64);
        let mut lengths_said = segment.lengths();
        for block in (0..footer.files).step_by(FILES_BLOCK) {
            let mut files = segment.files_from(block)?;
            for number in block..footer.files.min(block.saturating_add(FILES_BLOCK as u32)) {
                let entry = files.next()?;
                files.path()?;
                let error = || corrupt(Where::Files, footer.file_table.start);
                if entry.table != table || lengths_said.of(segment, number)? != unquantised(entry.terms) {
                    return Err(error());
                }
                table += entry.table_len;
                bytes = bytes.checked_add(entry.bytes).ok_or_else(error)?;
                invalid = invalid.checked_add(entry.invalid).ok_or_else(error)?;
                terms += u64::from(entry.terms);
                lines += u64::from(entry.lines);
                let mut reader = Lines::of(segment, &entry);
                let mut end = (0, 0);
                while let Some(line) = reader.next(segment)? {
                    end =
                        (line.start + u64::from(line.len), u64::from(line.position) + u64::from(line.terms));
                }
                if end != (entry.bytes, u64::from(entry.terms)) {
                    return Err(corrupt(Where::Lines, footer.line_tables.start + entry.table));
                }
                self.lengths.push(entry.terms);
            }
        }
        let found = (table, bytes, terms, lines, invalid);
        let said = (footer.line_tables.len(), footer.bytes, footer.tokens, footer.lines, footer.invalid);
        if found != said {
            return Err(corrupt(Where::Files, footer.file_table.start));
        }
        sum.files += u64::from(footer.files);
        sum.lines += lines;
        Ok(())
    }

    /// The whole tree, and the postings of each term.
    fn dictionary(&mut self, sum: &mut Verified, progress: &mut impl FnMut(u64)) -> Result<()> {
        let mut root = Node::default();
        if self.segment.root(&mut root, &self.work)? {
            self.node(root, &[], progress)?;
        }
        self.completions()?;
        let footer = &self.segment.footer;
        let all = (self.terms - u64::from(self.paths.len()), self.tokens, self.paths.len());
        if all != (footer.terms, footer.tokens, footer.files) {
            return Err(corrupt(Where::Dictionary, footer.dictionary.start));
        }
        sum.terms += self.terms;
        sum.tokens += self.tokens;
        Ok(())
    }

    /// What is kept ready for completions, and whether each node is there once.
    fn completions(&self) -> Result<()> {
        let (segment, footer) = (self.segment, &self.segment.footer);
        let error = |at: u64| corrupt(Where::Dictionary, footer.completions.start.saturating_add(at));
        let mut open = Vec::from_iter(Some((footer.best, Vec::new())).filter(|root| root.0.1 > 0));
        let mut size = 0u64;
        while let Some((place, head)) = open.pop() {
            let node = segment.best_at(place)?;
            size = size.saturating_add(place.1);
            // More than there is: a node was met twice.
            let good = node.prefix.starts_with(&head) && size <= footer.completions.len();
            if !good || !is_right(segment, &node, &self.work)? {
                return Err(error(place.0));
            }
            for (byte, start, len) in node.children {
                let mut head = node.prefix.clone();
                head.push(byte);
                open.push(((start, len), head));
            }
        }
        if size == footer.completions.len() { Ok(()) } else { Err(error(0)) }
    }

    /// A node whose keys are not below `lower`; answers the largest count in it. Recursion ends with the levels.
    fn node(&mut self, mut node: Node, lower: &[u8], progress: &mut impl FnMut(u64)) -> Result<u64> {
        let segment = self.segment;
        let error = || corrupt(Where::Dictionary, segment.footer.dictionary.start);
        let mut most = 0;
        if node.level > 0 {
            while let Some(child) = node.child(segment)? {
                let mut below = Node::default();
                segment.child(child, &mut below, &self.work)?;
                if self.node(below, &node.key, progress)? != child.most || node.key.as_slice() < lower {
                    return Err(error());
                }
                most = most.max(child.most);
            }
            return Ok(most);
        }
        while let Some(term) = node.term(segment)? {
            if self.terms > 0 && node.key <= self.last_key || node.key.as_slice() < lower {
                return Err(error());
            }
            self.last_key.clone_from(&node.key);
            self.terms += 1;
            most = most.max(term.cf);
            if let Place::Postings { at, .. } = term.place {
                let postings = segment.footer.postings;
                progress((at - postings.start) * 1000 / postings.len().max(1));
            }
            if let Some(path) = node.key.strip_prefix(&[0]) {
                let Place::Here { file, .. } = term.place else { return Err(error()) };
                if segment.file(file)?.path.as_bytes() != path || !self.paths.insert(file) {
                    return Err(error());
                }
            } else {
                self.tokens += term.cf;
                self.postings(TermCursor::new(segment, term)?, term.df, term.cf)?;
            }
        }
        Ok(most)
    }

    /// All files and positions of a term.
    fn postings(&self, mut cursor: TermCursor, df: u32, cf: u64) -> Result<()> {
        let segment = self.segment;
        let (mut files, mut count) = (0u32, 0u64);
        let mut file = cursor.seek(segment, 0, &self.work)?;
        while file != END {
            cursor.rewind(segment)?;
            let length = self.lengths.get(file as usize).copied().unwrap_or(0);
            if cursor.said_length().is_some_and(|said| said != unquantised(length)) {
                return Err(corrupt(Where::Postings, segment.footer.postings.start));
            }
            let mut last = None;
            while let Some(position) = cursor.position(segment, &self.work)? {
                if position >= length || last.is_some_and(|last| last >= position) {
                    return Err(corrupt(Where::Postings, segment.footer.postings.start));
                }
                last = Some(position);
                count += 1;
            }
            files += 1;
            file = cursor.seek(segment, file + 1, &self.work)?;
        }
        if (files, count) == (df, cf) {
            Ok(())
        } else {
            Err(corrupt(Where::Postings, segment.footer.postings.start))
        }
    }
}

fn unquantised(terms: u32) -> u32 {
    crate::format::unquantise(quantise(terms))
}
