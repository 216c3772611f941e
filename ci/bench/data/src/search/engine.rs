//! What is asked of each search engine.

use std::path::Path;

use crate::pack;

/// What was indexed.
#[derive(Default)]
pub struct Built {
    pub files: u64,
    pub text_bytes: u64,
}

/// What to look for. Words are lower case.
#[derive(Clone, Copy)]
pub enum Ask<'a> {
    Word(&'a str),
    /// Both words.
    Both(&'a str, &'a str),
    /// These words side by side.
    Phrase(&'a str, &'a str),
}

pub trait Engine: Sized {
    /// Builds an index of all texts in an empty folder, with one thread.
    fn build(reader: &mut pack::Reader, folder: &Path) -> Result<Built, String>;

    /// Makes the index as good to ask as it can be.
    fn optimize(folder: &Path) -> Result<(), String>;

    /// Of the index, bytes for the places of lines; `None` where there are none.
    fn line_bytes(_folder: &Path) -> Result<Option<u64>, String> {
        Ok(None)
    }

    fn open(folder: &Path) -> Result<Self, String>;

    /// The paths of the ten best files.
    fn best(&mut self, ask: Ask<'_>) -> Result<Vec<String>, String>;

    /// How many files match.
    fn count(&mut self, ask: Ask<'_>) -> Result<u64, String>;

    /// The ten most frequent words with a prefix.
    fn complete(&mut self, prefix: &str) -> Result<Vec<String>, String>;

    /// For each of the ten best files, its first ten lines; how many in all. `None` where lines are not known.
    fn lines(&mut self, _word: &str) -> Result<Option<usize>, String> {
        Ok(None)
    }

    /// The files that contain `text`, as a substring.
    fn containing(&mut self, text: &str) -> Result<Vec<String>, String>;

    /// How often something was read from the index so far; `None` where that is not known.
    fn reads(&self) -> Option<u64> {
        None
    }

    /// Opens an index for updates, in `folder` or in one of its own below it.
    type Updater;
    fn updater(folder: &Path, corpus: &Path) -> Result<Self::Updater, String>;

    /// Adds a file and commits.
    fn add(updater: &mut Self::Updater, path: &str, text: &str) -> Result<(), String>;
}

/// Any error as a text.
pub fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
