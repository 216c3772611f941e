//! A segment, opened: the parts of one file, each read on demand and checked as it is read.
//!
//! Nothing here trusts the file. Every length is compared with what is left of its part before anything is reserved,
//! every offset with its part; loops move forward. So a damaged file costs at most the time to read it once.

mod completions;
mod dict;
mod files;
mod lines;
mod postings;

pub(crate) use completions::Best;
pub(crate) use dict::{Child, Node, Place, Term, Walk};
pub(crate) use lines::Lines;
pub(crate) use postings::{END, Skip, TermCursor};

use crate::error::{Error, Limit, Result};
use crate::format::{Footer, HEAD, MAGIC};
use crate::io::ReadAt;
use crate::page::Pages;
use core::cell::Cell;

/// One segment file.
#[derive(Debug)]
pub(crate) struct Segment<R> {
    pub(crate) pages: Pages<R>,
    pub(crate) footer: Footer,
}

impl<R: ReadAt> Segment<R> {
    /// Reads the footer: one page. The start of the file is not looked at.
    pub(crate) fn open(source: R) -> Result<Self> {
        let pages = Pages::new(source)?;
        let footer = Footer::read(&pages)?;
        Ok(Segment { pages, footer })
    }

    /// Compares the first bytes.
    pub(crate) fn check_head(&self) -> Result<()> {
        let mut head = alloc::vec::Vec::new();
        self.pages.read(0, HEAD as usize, &mut head)?;
        if head.starts_with(&MAGIC) { Ok(()) } else { Err(crate::error::corrupt(crate::Part::Footer, 0)) }
    }
}

/// How much work a query may still do.
#[derive(Debug)]
pub(crate) struct Work(Cell<u64>);

impl Work {
    pub(crate) fn new(units: u64) -> Self {
        Work(Cell::new(units))
    }

    /// Counts a unit.
    pub(crate) fn spend(&self) -> Result<()> {
        let left = self.0.get().checked_sub(1).ok_or(Error::Limit(Limit::Work))?;
        self.0.set(left);
        Ok(())
    }
}
