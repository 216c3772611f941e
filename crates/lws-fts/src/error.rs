//! What can go wrong, by whose fault it is.

use alloc::boxed::Box;
use core::fmt;

/// Why something did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The index: its bytes are not what was written.
    Corrupt(Corrupt),
    /// The index: written by a version that this one cannot read.
    Version {
        /// What the file says: `major << 16 | minor`.
        found: u32,
    },
    /// The query: it does not say what to find.
    Query(QueryError),
    /// The caller or the data: more than this crate, or the caller's own limit, allows.
    Limit(Limit),
    /// The caller: called out of order, or with a path twice.
    Misuse(&'static str),
    /// The system: a file could not be read or written. The text is the system's.
    Io(Box<str>),
}

/// Where an index is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrupt {
    /// The part of the index.
    pub part: Part,
    /// Where in the payload of the file, in bytes.
    pub offset: u64,
}

/// The parts of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// A page whose checksum is wrong.
    Page,
    /// The page that says where everything is.
    Footer,
    /// The line tables.
    Lines,
    /// Who has which term, and where.
    Postings,
    /// The dictionary.
    Dictionary,
    /// The table of files.
    Files,
    /// The list of segments of a store.
    Manifest,
}

/// What is wrong with a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueryError {
    /// Nothing to look for.
    Empty,
    /// It only says what must not be there.
    OnlyNegative,
    /// A parenthesis or quote is not closed, or closed without being open.
    Unbalanced,
    /// `OR` with nothing on one side.
    DanglingOr,
}

/// Which limit was reached; see [`limits`](crate::limits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// A path is longer than `MAX_PATH`, empty, or contains NUL.
    Path,
    /// A file has more than `MAX_FILE` bytes.
    File,
    /// More files than `MAX_FILES`.
    Files,
    /// A query is longer, wider or deeper than allowed.
    Query,
    /// A query took more work than allowed.
    Work,
    /// The words of a prefix occur in too many places.
    Prefix,
    /// The manifest of a store is larger than `MAX_MANIFEST`.
    Manifest,
}

pub(crate) type Result<T> = core::result::Result<T, Error>;

pub(crate) fn corrupt(part: Part, offset: u64) -> Error {
    Error::Corrupt(Corrupt { part, offset })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Corrupt(at) => write!(f, "the index is damaged: {} at {}", at.part, at.offset),
            Error::Version { found } => {
                write!(
                    f,
                    "the index is of version {}.{}, which this program cannot read",
                    found >> 16,
                    found & 0xFFFF
                )
            }
            Error::Query(why) => write!(f, "{why}"),
            Error::Limit(limit) => write!(f, "{limit}"),
            Error::Misuse(why) => write!(f, "{why}"),
            Error::Io(why) => write!(f, "{why}"),
        }
    }
}

impl core::error::Error for Error {}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Page => "the checksum of a page",
            Part::Footer => "the footer",
            Part::Lines => "the line tables",
            Part::Postings => "the postings",
            Part::Dictionary => "the dictionary",
            Part::Files => "the table of files",
            Part::Manifest => "the manifest",
        })
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            QueryError::Empty => "the query has no word to look for",
            QueryError::OnlyNegative => "the query only says what must not be there",
            QueryError::Unbalanced => "a quote or parenthesis of the query has no partner",
            QueryError::DanglingOr => "an OR of the query has nothing on one side",
        })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Limit::Path => "a path is empty, contains NUL or is longer than 4096 bytes",
            Limit::File => "a file is 4 GiB or larger",
            Limit::Files => "the index has too many files",
            Limit::Query => "the query is too long, has too many words or is nested too deeply",
            Limit::Work => "the query takes more work than allowed",
            Limit::Prefix => "the words with this prefix occur too often; type more of the word",
            Limit::Manifest => "the manifest of the store would become too large",
        })
    }
}
