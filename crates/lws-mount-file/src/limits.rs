//! Limits of file mounts. Those of ranges are in `lws_http::range`.

/// Bytes of a path below the mount; a longer one is answered 404, as the kernel would (`PATH_MAX`).
pub const MAX_PATH_BYTES: usize = 4095;

/// Entries of a folder that a listing looks at; the page says so if there are more.
pub const MAX_LISTING_ENTRIES: usize = 1000;

/// Times that an opening is tried again because folders were renamed while the kernel walked through them; then it
/// is answered 503.
pub const MAX_OPEN_ATTEMPTS: u32 = 16;

/// How long a file that was found is taken for what lies there, without looking again: a change is seen within this
/// time.
pub const CACHE_FOR: core::time::Duration = core::time::Duration::from_secs(1);

/// Bytes of the largest file whose content is kept in memory, for those who ask for it again; a larger one is kept
/// open.
pub const CACHED_FILE_BYTES: usize = 128 * 1024;

/// Bytes of content that one mount of one loop keeps in memory; beyond, what was asked for longest ago is forgotten.
pub const CACHED_BYTES: usize = 8 * 1024 * 1024;

/// Files that one mount of one loop remembers; beyond, what was asked for longest ago is forgotten.
pub const CACHED_FILES: usize = 512;

/// Files that one mount of one loop keeps open; beyond, what was asked for longest ago is closed.
pub const CACHED_DESCRIPTORS: usize = 16;

/// Seconds that a file must not have been changed for, so that its times tell whether it was changed since it was read.
pub const SETTLED_S: u64 = 2;
