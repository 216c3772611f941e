//! Files of the operating system, for those who have one.

use std::boxed::Box;
use std::format;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};
use crate::io::{Append, ReadAt, Scratch};

/// An error of the system, with the path it is about.
pub(crate) fn failed(path: &Path, error: &io::Error) -> Error {
    Error::Io(Box::from(format!("{}: {error}", path.display())))
}

/// A file to read, by positioned reads: many indexes may share it.
#[derive(Debug, Clone)]
pub struct FileSource {
    file: Arc<File>,
    size: u64,
    path: PathBuf,
}

impl FileSource {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let open = || {
            let file = File::open(&path)?;
            let size = file.metadata()?.len();
            Ok((file, size))
        };
        let (file, size) = open().map_err(|e| failed(&path, &e))?;
        Ok(FileSource { file: Arc::new(file), size, path })
    }
}

impl ReadAt for FileSource {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<()> {
        read_exact_at(&self.file, offset, into).map_err(|e| failed(&self.path, &e))
    }

    fn size(&self) -> u64 {
        self.size
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, offset: u64, into: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut offset: u64, mut into: &mut [u8]) -> io::Result<()> {
    while !into.is_empty() {
        let n = std::os::windows::fs::FileExt::seek_read(file, into, offset)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        into = &mut into[n..];
        offset += n as u64;
    }
    Ok(())
}

/// A file being written.
#[derive(Debug)]
pub struct FileSink {
    file: io::BufWriter<File>,
    path: PathBuf,
}

impl FileSink {
    /// Creates a file, which must not exist.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn create(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let file = File::options().write(true).create_new(true).open(&path).map_err(|e| failed(&path, &e))?;
        Ok(FileSink { file: io::BufWriter::with_capacity(1 << 16, file), path })
    }

    /// Waits until all is on the disk.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn sync(mut self) -> Result<()> {
        let done = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        done.map_err(|e| failed(&self.path, &e))
    }
}

impl Append for FileSink {
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| failed(&self.path, &e))
    }
}

/// Temporary files in a folder. They are gone when dropped; where the system allows it they have no name from the start.
#[derive(Debug, Clone)]
pub struct TempFiles {
    folder: PathBuf,
}

impl TempFiles {
    /// In that folder, which must exist.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        TempFiles { folder: folder.into() }
    }
}

impl Scratch for TempFiles {
    type File = TempFile;

    fn create(&mut self) -> Result<TempFile> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{}-{number}.tmp", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path);
        let file = file.map_err(|e| failed(&path, &e))?;
        // Not possible while a file is open on some systems; there `drop` does it.
        let unlinked = cfg!(unix) && std::fs::remove_file(&path).is_ok();
        Ok(TempFile { file, size: 0, path, unlinked })
    }
}

/// A temporary file.
#[derive(Debug)]
pub struct TempFile {
    file: File,
    size: u64,
    path: PathBuf,
    unlinked: bool,
}

impl Append for TempFile {
    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).map_err(|e| failed(&self.path, &e))?;
        self.size += bytes.len() as u64;
        Ok(())
    }
}

impl ReadAt for TempFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<()> {
        read_exact_at(&self.file, offset, into).map_err(|e| failed(&self.path, &e))
    }

    fn size(&self) -> u64 {
        self.size
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if !self.unlinked {
            // Whoever opens the store for writing next removes what stays.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Waits until the names in a folder are on the disk.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder).and_then(|f| f.sync_all()).map_err(|e| failed(folder, &e))?;
    }
    Ok(())
}
