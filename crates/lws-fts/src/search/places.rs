//! Files with positions in them, from the index or from memory.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::Result;
use crate::io::ReadAt;
use crate::segment::{END, Segment, TermCursor, Work};

/// Moves from file to file, and within a file from position to position.
#[derive(Debug)]
pub(crate) enum Places {
    Term(Box<TermCursor>),
    Memory(Memory),
}

/// Files and positions in memory, sorted.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) all: Vec<(u32, u32)>,
    /// The next one.
    at: usize,
    file: Option<u32>,
}

impl Memory {
    pub(crate) fn new(mut all: Vec<(u32, u32)>) -> Self {
        all.sort_unstable();
        Memory { all, at: 0, file: None }
    }
}

impl Places {
    /// Moves to the first file not below `target`.
    pub(crate) fn seek<R: ReadAt>(&mut self, segment: &Segment<R>, target: u32, work: &Work) -> Result<u32> {
        match self {
            Places::Term(cursor) => cursor.seek(segment, target, work),
            Places::Memory(memory) => {
                let rest = memory.all.get(memory.at..).unwrap_or_default();
                if memory.file.is_none_or(|file| file < target) {
                    memory.at += rest.partition_point(|place| place.0 < target);
                    memory.file = memory.all.get(memory.at).map(|place| place.0);
                }
                Ok(memory.file.unwrap_or(END))
            }
        }
    }

    /// Goes to the first position in the file; at most once per file.
    pub(crate) fn rewind<R: ReadAt>(&mut self, segment: &Segment<R>) -> Result<()> {
        match self {
            Places::Term(cursor) => cursor.rewind(segment),
            Places::Memory(_) => Ok(()),
        }
    }

    /// The next position in the file.
    pub(crate) fn position<R: ReadAt>(&mut self, segment: &Segment<R>, work: &Work) -> Result<Option<u32>> {
        match self {
            Places::Term(cursor) => cursor.position(segment, work),
            Places::Memory(memory) => {
                let place = memory.all.get(memory.at).filter(|place| Some(place.0) == memory.file);
                memory.at += usize::from(place.is_some());
                Ok(place.map(|place| place.1))
            }
        }
    }
}
