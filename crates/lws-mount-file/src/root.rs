//! Opening beneath one folder, and nowhere else.
//!
//! ```text
//!   Linux 5.6 on   openat2(root, path, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)    one call, the kernel guarantees it
//!   elsewhere      openat(… openat(openat(root, "a"), "b") …, O_NOFOLLOW)          one call per component
//! ```
//! Which of the two is found out once, when the root is opened: an old kernel says ENOSYS, an old container filter
//! EPERM.
//!
//! Invariants, whatever else changes the tree meanwhile (PATH-03): what [`Root::entry`] returns lay beneath the
//! root when it was opened; it is a regular file or a folder, checked on the descriptor itself. Symbolic links
//! that stay inside are followed by the first way and refused by the second; absolute ones are refused by both.
//!
//! The root is a descriptor, not a name: rename the folder and it is still the one that is served.

use std::cell::OnceCell;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;
use std::rc::Rc;

use lws_http::date;
use rustix::fs::{Mode, OFlags, open, openat};
use rustix::io::Errno;

use crate::Error;
use crate::etag::{Coding, Etag};
use crate::limits::MAX_PATH_BYTES;

/// A folder beneath which files may be opened. `Send + Sync`; keeps one descriptor.
///
/// ```
/// use lws_mount_file::{Entry, Root};
/// # let dir = tempfile::tempdir().unwrap();
/// # std::fs::write(dir.path().join("a.txt"), "hello").unwrap();
/// let root = Root::open(dir.path())?;
/// assert!(matches!(root.entry("a.txt"), Ok(Entry::File(f)) if f.len() == 5));
/// assert!(root.entry("../etc/passwd").is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Root {
    dir: OwnedFd,
    way: Way,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    Beneath,
    Walk,
}

/// What lies at a path.
#[derive(Debug)]
pub enum Entry {
    /// A regular file.
    File(OpenFile),
    /// A folder.
    Directory(OpenDirectory),
}

/// A regular file, open for reading. Size and time are those of the moment it was opened. Cheap to clone.
#[derive(Clone, Debug)]
pub struct OpenFile {
    content: Content,
    len: u64,
    modified_unix_ns: u128,
    id: Id,
    told: Rc<OnceCell<Rc<Told>>>,
}

/// What answers say of a file, made when the first of them is.
#[derive(Debug)]
pub(crate) struct Told {
    /// As what it was asked for; a file can be sent for its own sake and as another one's compressed sibling.
    pub(crate) coding: Coding,
    pub(crate) etag: Etag,
    pub(crate) modified_unix_s: u64,
    pub(crate) modified: [u8; date::LEN],
    pub(crate) media: Box<str>,
}

/// Where the bytes of a file come from.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Disk(Rc<fs::File>),
    /// All of them, as they were when it was opened.
    Memory(Rc<[u8]>),
}

/// What a file is, whatever it is called; changes with each change of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Id {
    device: u64,
    inode: u64,
    changed: (i64, i64),
}

/// A folder, open for reading.
#[derive(Debug)]
pub struct OpenDirectory {
    pub(crate) fd: OwnedFd,
    modified_unix_s: u64,
}

/// For folders that are only walked through: needs no permission to read them.
#[cfg(any(target_os = "linux", target_os = "android"))]
const THROUGH: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const THROUGH: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// For what is served. NONBLOCK: opening a FIFO that nobody writes must not stop the loop (PATH-06).
const READ: OFlags = OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

impl Root {
    /// Opens the folder. A symbolic link is followed here: who names the root is trusted.
    ///
    /// # Errors
    /// Those of `open(2)`.
    pub fn open(path: &Path) -> io::Result<Self> {
        let dir = open(path, THROUGH, Mode::empty())?;
        let way = Way::of(&dir);
        Ok(Self { dir, way })
    }

    /// Opens what lies at `path`, components separated by `/`; `""` is the root itself.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is not there, is outside, is neither file nor folder, or is longer than
    /// [`MAX_PATH_BYTES`]; also for a path with an empty, `.` or `..` component or a NUL, which no normalised path
    /// has.
    pub fn entry(&self, path: &str) -> Result<Entry, Error> {
        let legal = |name: &str| !matches!(name, "" | "." | "..") && !name.contains('\0');
        if path.len() > MAX_PATH_BYTES || !(path.is_empty() || path.split('/').all(legal)) {
            return Err(Error::NotFound);
        }
        let path = if path.is_empty() { "." } else { path };
        let fd = match self.way {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Way::Beneath => beneath(&self.dir, path)?,
            Way::Walk => walk(&self.dir, path)?,
        };
        Entry::of(fd)
    }
}

impl Way {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn of(dir: &OwnedFd) -> Self {
        match beneath(dir, ".") {
            Err(Errno::NOSYS | Errno::PERM) => Self::Walk,
            _ => Self::Beneath,
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn of(_dir: &OwnedFd) -> Self {
        Self::Walk
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn beneath(dir: &OwnedFd, path: &str) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::{ResolveFlags, openat2};
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let mut attempts = 1;
    loop {
        match openat2(dir, path, READ, Mode::empty(), resolve) {
            // openat2(2): a rename or mount elsewhere left it unsure about a `..` in a link.
            Err(Errno::AGAIN) if attempts < crate::limits::MAX_OPEN_ATTEMPTS => attempts += 1,
            Err(Errno::INTR) => {}
            done => return done,
        }
    }
}

/// Follows no link at all: without the kernel's help nobody can say where one leads by the time it is followed.
fn walk(dir: &OwnedFd, path: &str) -> rustix::io::Result<OwnedFd> {
    let (through, last) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at = None;
    for name in through.split('/').filter(|name| !name.is_empty()) {
        at = Some(openat(at.as_ref().unwrap_or(dir), name, THROUGH | OFlags::NOFOLLOW, Mode::empty())?);
    }
    let at = at.as_ref().unwrap_or(dir).as_fd();
    rustix::io::retry_on_intr(|| openat(at, last, READ | OFlags::NOFOLLOW, Mode::empty()))
}

impl Entry {
    fn of(fd: OwnedFd) -> Result<Self, Error> {
        let file = fs::File::from(fd);
        let meta = file.metadata().map_err(Error::Failed)?;
        if meta.is_dir() {
            let modified_unix_s = u64::try_from(meta.mtime()).unwrap_or(0);
            Ok(Self::Directory(OpenDirectory { fd: file.into(), modified_unix_s }))
        } else if meta.is_file() {
            let seconds = u128::try_from(meta.mtime()).unwrap_or(0); // before 1970 is 1970
            let nanoseconds = u128::try_from(meta.mtime_nsec()).unwrap_or(0);
            let modified_unix_ns = seconds * 1_000_000_000 + nanoseconds;
            let id = Id { device: meta.dev(), inode: meta.ino(), changed: (meta.ctime(), meta.ctime_nsec()) };
            let content = Content::Disk(Rc::new(file));
            Ok(Self::File(OpenFile { content, len: meta.len(), modified_unix_ns, id, told: Rc::default() }))
        } else {
            Err(Error::NotFound)
        }
    }
}

impl OpenFile {
    /// Bytes.
    #[expect(clippy::len_without_is_empty, reason = "a size, not a collection")]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Time of the last change of its bytes, in nanoseconds since 1970.
    pub fn modified_unix_ns(&self) -> u128 {
        self.modified_unix_ns
    }

    /// Time of the last change of its bytes, in seconds since 1970.
    pub fn modified_unix_s(&self) -> u64 {
        u64::try_from(self.modified_unix_ns / 1_000_000_000).unwrap_or(u64::MAX)
    }

    /// Reads from position `at`; returns how many of the first bytes of `room` were filled, 0 at the end.
    ///
    /// # Errors
    /// Those of `pread(2)`.
    pub fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize> {
        self.content.read_at(room, at)
    }

    /// What answers say of it if it is sent as `coding`: what `make` made the first time, unless it was sent as
    /// something else then.
    pub(crate) fn told(&self, coding: Coding, make: impl Fn() -> Told) -> Rc<Told> {
        let told = self.told.get_or_init(|| Rc::new(make()));
        if told.coding == coding { told.clone() } else { Rc::new(make()) }
    }

    /// Time of the last change of its bytes, its name or its rights, in seconds since 1970.
    pub(crate) fn changed_unix_s(&self) -> u64 {
        u64::try_from(self.id.changed.0).unwrap_or(0)
    }

    /// Whether both are the same file, unchanged as far as its times tell.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.id, self.len, self.modified_unix_ns) == (other.id, other.len, other.modified_unix_ns)
    }

    /// The same with its content read into memory; as it is if that cannot be done: whoever sends it will see why.
    pub(crate) fn in_memory(mut self) -> Self {
        let Ok(len) = usize::try_from(self.len) else { return self };
        let mut bytes = vec![0; len];
        let mut at = 0;
        while at < len {
            match self.read_at(&mut bytes[at..], at as u64) {
                Ok(0) | Err(_) => return self,
                Ok(n) => at += n,
            }
        }
        self.content = Content::Memory(bytes.into());
        self
    }

    /// Its content, if that is in memory.
    pub(crate) fn memory(&self) -> Option<&Rc<[u8]>> {
        match &self.content {
            Content::Memory(bytes) => Some(bytes),
            Content::Disk(_) => None,
        }
    }

    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    pub(crate) fn into_content(self) -> Content {
        self.content
    }

    #[cfg(test)]
    pub(crate) fn with_id_of(self, other: &Self) -> Self {
        Self { content: self.content, ..other.clone() }
    }
}

impl Content {
    pub(crate) fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize> {
        let file = match self {
            Self::Disk(file) => file,
            Self::Memory(bytes) => {
                let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
                let n = rest.len().min(room.len());
                room[..n].copy_from_slice(&rest[..n]);
                return Ok(n);
            }
        };
        loop {
            match file.read_at(room, at) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }
}

impl OpenDirectory {
    /// Time of the last change of its list of names, in seconds since 1970.
    pub fn modified_unix_s(&self) -> u64 {
        self.modified_unix_s
    }
}

#[cfg(test)]
mod tests;
