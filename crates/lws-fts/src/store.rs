//! An index in a folder, updated while others read it.
//!
//! ```text
//! manifest          which segments there are, and which of their files were removed
//! 17.seg, 21.seg    segments, never changed
//! lock              held by the one writer
//! *.tmp             left over, if a writer was killed; the next writer removes them
//! ```
//!
//! An update writes a segment with what is new, waits until it is on the disk, and then replaces the manifest by a rename:
//! before it everybody sees the old index, after it the new one, and there is nothing in between, however the writer
//! ends. Who has the old one open keeps it: on Unix a removed file stays until it is closed.
//!
//! Small segments of about the same size are merged into a larger one, so there are few, and a file is copied about once
//! each time the index becomes eight times as large.

mod manifest;
mod update;

pub use update::Update;

use std::format;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::vec::Vec;

use crate::build::Summary;
use crate::disk::{FileSink, FileSource, TempFiles, failed, sync_folder};
use crate::error::{Error, Part as Where, Result, corrupt};
use crate::index::{Index, Part};
use crate::io::ReadAt;
use crate::limits::{MAX_SEGMENTS, MERGE_SEGMENTS};
use crate::merge::merge;
use crate::search::Bitmap;
use crate::segment::Segment;
use manifest::{Entry, Manifest};

/// Segments below this many bytes count as equally small.
const SMALL: u64 = 64 << 10;
/// How often a reader tries anew when a writer removed a segment while it was about to open it.
const ATTEMPTS: usize = 16;

/// An index in a folder, open for updates.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    manifest: Manifest,
    parts: Vec<Part<FileSource>>,
    /// Held while this exists.
    _lock: File,
}

impl Store {
    /// Opens the index in `folder` for updates; makes the folder, or the index, if there is none.
    ///
    /// # Errors
    /// [`Error::Misuse`] while another writer has it, [`Error::Corrupt`], [`Error::Version`], [`Error::Io`].
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        fs::create_dir_all(&folder).map_err(|e| failed(&folder, &e))?;
        let path = folder.join("lock");
        let lock = File::options().write(true).create(true).truncate(false).open(&path);
        let lock = lock.map_err(|e| failed(&path, &e))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => Error::Misuse("another program is updating this index"),
            fs::TryLockError::Error(error) => failed(&path, &error),
        })?;
        let manifest = Manifest::load(&folder)?.unwrap_or_default();
        let parts = open_parts(&folder, &manifest)?;
        let store = Store { folder, manifest, parts, _lock: lock };
        store.sweep()?;
        Ok(store)
    }

    /// Opens the index in `folder` as it is now, for reading only.
    ///
    /// # Errors
    /// [`Error::Io`] when there is none, [`Error::Corrupt`], [`Error::Version`].
    pub fn read(folder: impl AsRef<Path>) -> Result<Index<FileSource>> {
        let folder = folder.as_ref();
        let mut attempt = 0;
        loop {
            let manifest = Manifest::load(folder)?;
            let manifest = manifest.ok_or_else(|| {
                Error::Io(format!("{}: there is no index in this folder", folder.display()).into())
            })?;
            match open_parts(folder, &manifest) {
                Ok(parts) => return Ok(Index::of(parts)),
                // A writer may have replaced this manifest, and removed its segments, in the meantime.
                Err(_) if attempt < ATTEMPTS && Manifest::load(folder)?.as_ref() != Some(&manifest) => {
                    attempt += 1
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The index as it is now, for reading while this store goes on.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn index(&self) -> Result<Index<FileSource>> {
        Ok(Index::of(open_parts(&self.folder, &self.manifest)?))
    }

    /// Starts an update with about `budget` bytes of memory. Nothing happens before its
    /// [`commit`](Update::commit).
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn update(&mut self, budget: usize) -> Result<Update<'_>> {
        Update::new(self, budget)
    }

    /// Merges everything into one segment, and forgets what was removed. That segment file alone is an index, for
    /// [`Index::open`]; answers its path, `None` when the index is empty.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn compact(&mut self) -> Result<Option<PathBuf>> {
        if self.parts.len() > 1 || self.parts.iter().any(|part| !part.deleted.is_empty()) {
            self.merge(0, self.parts.len())?;
        }
        Ok(self.manifest.segments.first().map(|entry| segment_path(&self.folder, entry.number)))
    }

    /// Makes `segments` what everybody sees from now on. The caller then brings the parts in line.
    fn publish(&mut self, segments: Vec<Entry>) -> Result<()> {
        let generation = self.manifest.generation + 1;
        let manifest = Manifest { generation, next: self.manifest.next, segments };
        manifest.store(&self.folder)?;
        self.manifest = manifest;
        Ok(())
    }

    /// The number for the next segment file.
    fn number(&mut self) -> u64 {
        self.manifest.next += 1;
        self.manifest.next
    }

    /// Merges where there are many segments of about the same size.
    fn maintain(&mut self) -> Result<()> {
        while let Some((from, to)) = mergeable(&self.manifest.segments, &self.parts) {
            self.merge(from, to)?;
        }
        Ok(())
    }

    fn merge(&mut self, from: usize, to: usize) -> Result<()> {
        let number = self.number();
        let path = segment_path(&self.folder, number);
        let merged: Vec<&Part<FileSource>> = self.parts.get(from..to).unwrap_or_default().iter().collect();
        let scratch = TempFiles::in_folder(&self.folder);
        let (sink, summary) = merge(&merged, FileSink::create(&path)?, scratch)?;
        let mut segments = self.manifest.segments.clone();
        let new = finish_segment(&self.folder, number, sink, summary)?;
        let new_part = new.as_ref().map(|entry| open_part(&self.folder, entry)).transpose()?;
        segments.splice(from..to, new);
        self.publish(segments)?;
        self.parts.splice(from..to, new_part);
        self.sweep()
    }

    /// Removes files that no manifest needs: of older states, and of writers that were killed.
    fn sweep(&self) -> Result<()> {
        let entries = fs::read_dir(&self.folder).map_err(|e| failed(&self.folder, &e))?;
        for entry in entries.flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            let number = name.strip_suffix(".seg").and_then(|n| n.parse::<u64>().ok());
            let old = number.is_some_and(|n| self.manifest.segments.iter().all(|s| s.number != n));
            if old || name.ends_with(".tmp") {
                // If it does not work now, it will be tried again.
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

/// Completes a segment file. One without files is of no use and is removed.
fn finish_segment(folder: &Path, number: u64, sink: FileSink, summary: Summary) -> Result<Option<Entry>> {
    let path = segment_path(folder, number);
    if summary.files == 0 {
        drop(sink);
        fs::remove_file(&path).map_err(|e| failed(&path, &e))?;
        return Ok(None);
    }
    sink.sync()?;
    sync_folder(folder)?;
    let source = FileSource::open(path)?;
    let size = source.size();
    Ok(Some(Entry { number, size, seal: seal(&source)?, files: summary.files, deleted: Bitmap::default() }))
}

/// The last bytes of a segment: the checksum of its footer.
fn seal(source: &FileSource) -> Result<u64> {
    let mut bytes = [0; 8];
    let at = source.size().checked_sub(8).ok_or_else(|| corrupt(Where::Footer, 0))?;
    source.read_at(at, &mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number}.seg"))
}

fn open_part(folder: &Path, entry: &Entry) -> Result<Part<FileSource>> {
    let source = FileSource::open(segment_path(folder, entry.number))?;
    if source.size() != entry.size || seal(&source)? != entry.seal {
        return Err(corrupt(Where::Footer, entry.number));
    }
    let segment = Segment::open(source)?;
    if segment.footer.files != entry.files {
        return Err(corrupt(Where::Footer, entry.number));
    }
    Ok(Part { segment, deleted: entry.deleted.clone() })
}

fn open_parts(folder: &Path, manifest: &Manifest) -> Result<Vec<Part<FileSource>>> {
    manifest.segments.iter().map(|entry| open_part(folder, entry)).collect()
}

/// Neighbours that should be one segment.
fn mergeable(segments: &[Entry], parts: &[Part<FileSource>]) -> Option<(usize, usize)> {
    let waste = |part: &Part<FileSource>| part.deleted.len() > part.segment.footer.files / 2;
    if let Some(at) = parts.iter().position(waste) {
        return Some((at, at + 1));
    }
    // From the newest back, as long as a segment is not larger than all newer ones together.
    let (mut from, mut sum) = (segments.len(), 0);
    while let Some(entry) = from.checked_sub(1).and_then(|at| segments.get(at)) {
        if entry.size > SMALL.max(sum) {
            break;
        }
        from -= 1;
        sum += entry.size;
    }
    if segments.len() - from >= MERGE_SEGMENTS {
        Some((from, segments.len()))
    } else if segments.len() > MAX_SEGMENTS {
        Some((segments.len() - MERGE_SEGMENTS, segments.len()))
    } else {
        None
    }
}
