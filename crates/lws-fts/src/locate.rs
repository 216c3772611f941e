//! Where in a file a query matches: the lines.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::Result;
use crate::index::{FileId, Index};
use crate::io::ReadAt;
use crate::limits::DEFAULT_WORK;
use crate::query::{Phrase, Query};
use crate::search::{Bitmap, Matcher, Places, places_of_prefix};
use crate::segment::{Lines, Segment, TermCursor, Work};

/// A line in which something of a query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineHit {
    /// Counts from 1.
    pub number: u32,
    /// Where the line starts in the file, in bytes.
    pub start: u64,
    /// Its length in bytes, with its newline.
    pub len: u32,
    /// How many words or phrases of the query start in it.
    pub matches: u32,
}

impl<R: ReadAt> Index<R> {
    /// The first `limit` lines of a file in which words or phrases that the query wants start, in order.
    ///
    /// The file's text is not needed, and neither is the file a match of the query as a whole.
    ///
    /// # Errors
    /// [`Error::Misuse`](crate::Error::Misuse) when the file is of another index, [`Error::Corrupt`](crate::Error::Corrupt),
    /// [`Error::Limit`](crate::Error::Limit), [`Error::Io`](crate::Error::Io).
    #[doc(alias = "LWSFTS_F_QUERY_FILE_LINES")]
    pub fn lines(&self, query: &Query, file: FileId, limit: usize) -> Result<Vec<LineHit>> {
        let segment = &self.part(file)?.segment;
        let work = Work::new(DEFAULT_WORK);
        let mut streams = Vec::new();
        for phrase in query.phrases() {
            if let Some(mut matcher) = matcher(segment, phrase, file.file, &work)? {
                let first = matcher.next(segment, &work)?;
                streams.push((first, matcher));
            }
        }
        let entry = segment.file(file.file)?.entry;
        let mut lines = Lines::of(segment, &entry);
        let mut found: Vec<LineHit> = Vec::new();
        // One more than the last position of the line found last.
        let mut end = 0;
        loop {
            let next = streams.iter_mut().filter(|s| s.0.is_some()).min_by_key(|s| s.0);
            let Some((next, matcher)) = next else { break };
            let Some(position) = *next else { break };
            *next = matcher.next(segment, &work)?;
            if let Some(last) = found.last_mut().filter(|_| u64::from(position) < end) {
                last.matches += 1;
                continue;
            }
            if found.len() >= limit {
                break;
            }
            let Some(line) = lines.with(segment, position, &work)? else { break };
            end = u64::from(line.position) + u64::from(line.terms);
            let number = line.number.saturating_add(1);
            found.push(LineHit { number, start: line.start, len: line.len, matches: 1 });
        }
        Ok(found)
    }
}

/// The phrase in that file, if all its parts are there.
fn matcher<R: ReadAt>(
    segment: &Segment<R>,
    phrase: &Phrase,
    file: u32,
    work: &Work,
) -> Result<Option<Matcher>> {
    let mut parts = Vec::new();
    for (index, (offset, term)) in phrase.terms.iter().enumerate() {
        let mut places = if phrase.prefix && index + 1 == phrase.terms.len() {
            let mut among = Bitmap::new(segment.footer.files);
            among.insert(file);
            Places::Memory(places_of_prefix(segment, term, &among, work)?)
        } else {
            let Some(term) = segment.find(term, work)? else { return Ok(None) };
            Places::Term(Box::new(TermCursor::new(segment, term)?))
        };
        if places.seek(segment, file, work)? != file {
            return Ok(None);
        }
        parts.push((*offset, places));
    }
    let mut matcher = Matcher::new(parts);
    if matcher.seek(segment, file, work)? != file {
        return Ok(None);
    }
    matcher.rewind(segment, work)?;
    Ok(Some(matcher))
}
