//! Limits of file mounts. Those of ranges are in `lws_http::range`.

/// Bytes of a path below the mount; a longer one is answered 404, as the kernel would (`PATH_MAX`).
pub const MAX_PATH_BYTES: usize = 4095;

/// Entries of a folder that a listing looks at; the page says so if there are more.
pub const MAX_LISTING_ENTRIES: usize = 1000;

/// Times that an opening is tried again because folders were renamed while the kernel walked through them; then it
/// is answered 503.
pub const MAX_OPEN_ATTEMPTS: u32 = 16;
