//! The bounds of this crate.

/// Longest term kept whole, in bytes after folding. A longer one keeps its first [`TERM_HEAD`] bytes and a hash of all
/// of it, so it is still found by its exact spelling.
pub const MAX_TERM: usize = 64;

/// Bytes kept of a term longer than [`MAX_TERM`].
pub const TERM_HEAD: usize = 40;

/// Longest path of a file in the index, in bytes; beyond: `Limit::Path`.
pub const MAX_PATH: usize = 4096;

/// Most bytes in one file, 4 GiB less one; beyond: `Limit::File`.
pub const MAX_FILE: u64 = u32::MAX as u64;

/// Most files in one segment; beyond: `Limit::Files`.
pub const MAX_FILES: u32 = (1 << 31) - 1;

/// Least and default bytes of memory for building; a smaller budget is raised to the least.
pub const MIN_BUDGET: usize = 1 << 20;
/// Bytes of memory for building unless told otherwise.
pub const DEFAULT_BUDGET: usize = 16 << 20;

/// Runs merged in one pass; more runs take more passes.
pub const MERGE_FAN_IN: usize = 512;

/// Bytes of one page of the file, its checksum included.
pub const PAGE: usize = 4096;

/// Pages a reader keeps, so at most 192 KiB per open segment; one not used lately makes room.
pub const CACHED_PAGES: usize = 48;

/// Files in one postings block.
pub const BLOCK_FILES: usize = 128;

/// Positions after which a postings block ends with the file.
pub const BLOCK_POSITIONS: usize = 8192;

/// Most positions in one postings block; a file with so many of one term that there would be more continues in the next
/// block.
pub const MAX_BLOCK_POSITIONS: usize = 16_384;

/// Entries in one block of the dictionary.
pub const DICT_FAN_OUT: usize = 32;

/// Bytes after which a block of the dictionary is closed, unless it has only one entry.
pub const DICT_BLOCK: usize = 1024;

/// Most bytes of a block of the dictionary: two entries with the longest keys; beyond: `Corrupt`.
pub const MAX_DICT_BLOCK: usize = 16 << 10;

/// Most levels of the dictionary; beyond: `Corrupt`.
pub const MAX_DICT_DEPTH: u8 = 32;

/// Words with a common prefix from which the most frequent of them are kept ready.
pub const COMPLETION_MIN: u64 = 512;

/// Words kept ready for each such prefix; a completion that wants more looks for them.
pub const COMPLETION_WORDS: usize = 16;

/// Most bytes of what is kept ready for a prefix; beyond: `Corrupt`.
pub const MAX_COMPLETION_NODE: usize = 8 << 10;

/// Files in one block of the table of files.
pub const FILES_BLOCK: usize = 8;

/// Lines packed with one width in a line table.
pub const LINES_BLOCK: usize = 128;

/// Lines skipped in one step in a line table.
pub const LINES_GROUP: usize = 8192;

/// Longest query text, in bytes; beyond: `Limit::Query`.
pub const MAX_QUERY: usize = 4096;

/// Most terms in a query; beyond: `Limit::Query`.
pub const MAX_QUERY_TERMS: usize = 64;

/// Deepest nesting of a query; beyond: `Limit::Query`.
pub const MAX_QUERY_DEPTH: usize = 8;

/// Most files one search returns; a larger wish is cut to this.
pub const MAX_HITS: usize = 10_000;

/// Most suggestions of one completion; a larger wish is cut to this.
pub const MAX_SUGGESTIONS: usize = 1_000;

/// Units of work of one query: a block of postings or of the dictionary, a file compared, a term of a prefix. Beyond:
/// `Limit::Work`. Sixteen million are a second or two on an ordinary machine.
pub const DEFAULT_WORK: u64 = 16 << 20;

/// Most occurrences of the words of a prefix that a query holds in memory, where it needs their places; beyond:
/// `Limit::Prefix`. They take 8 bytes each.
pub const MAX_PREFIX_PLACES: usize = 1 << 18;

/// Most bytes of text of which a snippet is made; more is not looked at.
pub const MAX_SNIPPET_TEXT: usize = 1 << 20;

/// Most segments in a store; an update merges before there are more.
pub const MAX_SEGMENTS: usize = 32;

/// Segments of about the same size that are merged into one.
pub const MERGE_SEGMENTS: usize = 8;

/// Most bytes of a store's manifest; beyond: `Corrupt`.
pub const MAX_MANIFEST: usize = 64 << 20;
