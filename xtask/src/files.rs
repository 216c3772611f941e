//! The project's files, as the checks see them: everything under the top folder that people write.
//!
//! Walks the folders instead of asking git, so that a new file is checked before it is added. Left out: `target`,
//! what tools generate, and hidden folders other than `.ci` and `.cargo`.

use std::path::{Path, PathBuf};

const LEFT_OUT: [&str; 5] = ["target", "node_modules", "corpus", "artifacts", "__pycache__"];
const HIDDEN_BUT_OURS: [&str; 3] = [".ci", ".cargo", ".github"];

/// One file: its path from the top folder with `/` between names, and where it is.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

impl Entry {
    /// True for `*.rs`, `*.md` … whatever `extension` names.
    pub(crate) fn is(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|e| e == extension)
    }

    /// The text, or `None` for a file that is not UTF-8 (pictures, captured bytes).
    pub(crate) fn text(&self) -> Option<String> {
        std::fs::read(&self.path).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    }
}

/// All files below `root`, sorted by name.
pub(crate) fn all(root: &Path) -> Result<Vec<Entry>, String> {
    let mut found = Vec::new();
    walk(root, "", &mut found)?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The folders directly in `dir`, sorted; none where `dir` does not exist.
pub(crate) fn folders(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}

fn walk(dir: &Path, prefix: &str, found: &mut Vec<Entry>) -> Result<(), String> {
    let entries = std::fs::read_dir(dir).map_err(|e| format!("cannot read {}: {e}", dir.display()))?;
    for entry in entries.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let name = format!("{prefix}{file}");
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_file() {
            found.push(Entry { name, path: entry.path() });
        } else if kind.is_dir() && !left_out(&file) {
            walk(&entry.path(), &format!("{name}/"), found)?;
        }
    }
    Ok(())
}

fn left_out(folder: &str) -> bool {
    LEFT_OUT.contains(&folder) || (folder.starts_with('.') && !HIDDEN_BUT_OURS.contains(&folder))
}
