//! One change of a store: files added, replaced, removed, all at once or not at all.

use std::vec::Vec;

use super::{Store, finish_segment, open_part, segment_path};
use crate::build::{Builder, Summary};
use crate::disk::{FileSink, TempFiles};
use crate::error::Result;
use crate::limits::DEFAULT_WORK;
use crate::search::Bitmap;
use crate::segment::Work;

/// An update under way. Dropped without [`commit`](Self::commit), it never happened.
#[derive(Debug)]
pub struct Update<'s> {
    store: &'s mut Store,
    number: u64,
    builder: Builder<FileSink, TempFiles>,
    /// By segment, with what this update removes.
    deleted: Vec<Bitmap>,
    changed: bool,
}

impl<'s> Update<'s> {
    pub(super) fn new(store: &'s mut Store, budget: usize) -> Result<Self> {
        let number = store.number();
        let sink = FileSink::create(segment_path(&store.folder, number))?;
        let builder = Builder::with_budget(sink, TempFiles::in_folder(&store.folder), budget)?;
        let deleted = store.parts.iter().map(|part| part.deleted.clone()).collect();
        Ok(Update { store, number, builder, deleted, changed: false })
    }

    /// Removes the file with that path; answers whether there was one.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io), [`Error::Corrupt`](crate::Error::Corrupt).
    pub fn remove(&mut self, path: &str) -> Result<bool> {
        let work = Work::new(DEFAULT_WORK);
        for (part, deleted) in self.store.parts.iter().zip(&mut self.deleted) {
            let Some(file) = part.segment.file_of(path, &work)? else { continue };
            if !deleted.contains(file) {
                if deleted.is_empty() {
                    *deleted = Bitmap::new(part.segment.footer.files);
                }
                deleted.insert(file);
                self.changed = true;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Starts a file, in place of the one with the same path if there is one. See [`Builder::begin`].
    ///
    /// # Errors
    /// As [`Builder::begin`] and [`remove`](Self::remove).
    pub fn begin(&mut self, path: &str, stamp: u64) -> Result<()> {
        self.builder.begin(path, stamp)?;
        self.remove(path)?;
        self.changed = true;
        Ok(())
    }

    /// The next part of the file's text. See [`Builder::write`].
    ///
    /// # Errors
    /// As [`Builder::write`].
    pub fn write(&mut self, text: &[u8]) -> Result<()> {
        self.builder.write(text)
    }

    /// Makes the changes visible, all at once, when they are on the disk. Then merges, if there are many segments.
    /// `progress` hears now and then how much is done, in thousandths. Answers what was added.
    ///
    /// # Errors
    /// [`Error::Misuse`](crate::Error::Misuse) when a path was begun twice, [`Error::Io`](crate::Error::Io). Unless the error
    /// comes from the merging at the end, nothing has changed.
    pub fn commit(self, progress: impl FnMut(u32)) -> Result<Summary> {
        let Update { store, number, builder, deleted, changed } = self;
        let (sink, summary) = builder.finish_with(progress)?;
        let entry = finish_segment(&store.folder, number, sink, summary)?;
        if !changed {
            return Ok(Summary::default());
        }
        let mut segments = store.manifest.segments.clone();
        for (entry, deleted) in segments.iter_mut().zip(&deleted) {
            entry.deleted.clone_from(deleted);
        }
        let new = entry.as_ref().map(|entry| open_part(&store.folder, entry)).transpose()?;
        segments.extend(entry);
        store.publish(segments)?;
        for (part, deleted) in store.parts.iter_mut().zip(deleted) {
            part.deleted = deleted;
        }
        store.parts.extend(new);
        store.sweep()?;
        store.maintain()?;
        Ok(summary)
    }
}
