//! Terms at fixed distances.

use alloc::vec::Vec;

use super::places::Places;
use crate::error::Result;
use crate::io::ReadAt;
use crate::segment::{END, Segment, Work};

/// Moves through the places where all parts stand at their distance from each other.
#[derive(Debug)]
pub(crate) struct Matcher {
    parts: Vec<Part>,
    file: u32,
}

#[derive(Debug)]
struct Part {
    offset: u32,
    places: Places,
    /// The position it stands at.
    position: Option<u32>,
}

impl Matcher {
    /// Of parts and their offsets; not empty.
    pub(crate) fn new(parts: Vec<(u32, Places)>) -> Self {
        let parts = parts.into_iter().map(|(offset, places)| Part { offset, places, position: None });
        Matcher { parts: parts.collect(), file: END }
    }

    /// The first file not below `target` that has all parts, wherever they are in it.
    pub(crate) fn seek<R: ReadAt>(&mut self, segment: &Segment<R>, target: u32, work: &Work) -> Result<u32> {
        let mut target = target;
        'again: loop {
            for part in &mut self.parts {
                let file = part.places.seek(segment, target, work)?;
                if file == END {
                    self.file = END;
                    return Ok(END);
                }
                if file > target {
                    target = file;
                    continue 'again;
                }
            }
            self.file = target;
            return Ok(target);
        }
    }

    /// Goes to the start of the file; at most once per file.
    pub(crate) fn rewind<R: ReadAt>(&mut self, segment: &Segment<R>, work: &Work) -> Result<()> {
        for part in &mut self.parts {
            part.places.rewind(segment)?;
            part.position = part.places.position(segment, work)?;
        }
        Ok(())
    }

    /// The next place in the file: the position of the first part.
    pub(crate) fn next<R: ReadAt>(&mut self, segment: &Segment<R>, work: &Work) -> Result<Option<u32>> {
        let mut start = 0u64;
        'again: loop {
            for part in &mut self.parts {
                let wanted = start + u64::from(part.offset);
                while part.position.is_some_and(|at| u64::from(at) < wanted) {
                    part.position = part.places.position(segment, work)?;
                }
                let Some(position) = part.position else { return Ok(None) };
                if u64::from(position) > wanted {
                    start = u64::from(position) - u64::from(part.offset);
                    continue 'again;
                }
            }
            // The next match starts later than this one.
            if let Some(first) = self.parts.first_mut() {
                let found = first.position;
                first.position = first.places.position(segment, work)?;
                return Ok(found);
            }
            return Ok(None);
        }
    }
}
