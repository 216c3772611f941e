//! `cargo xtask tidy`: what a reader would have to point out otherwise.
//!
//! | check | of |
//! |---|---|
//! | lines of files and functions (`ci/ratchet.toml`) | `*.rs` |
//! | a `//!` head | `*.rs`, except the `tests.rs` of a module, which that module describes |
//! | a reason beside each `#[allow]` and `#[expect]` | `*.rs` |
//! | relative links lead to a file | `*.md` |
//! | `README.md` is there | each crate and example |
//! | no trailing whitespace, a newline at the end, no absolute path of a developer's machine | all text outside `testdata` |
//!
//! Each check is a function from text to messages, so that the tests need no files.

mod links;
#[cfg(test)]
mod tests;

use crate::{files, scan, sh};
use std::path::Path;
use toml::{Table, Value};

/// Where this project happens to be developed; in two halves, so that this file does not contain it.
const MACHINE_PATH: &str = concat!("/wo", "rk");

pub(crate) fn run(_args: &[String]) -> Result<(), String> {
    let root = sh::root();
    let mut lengths = Lengths::load(&root)?;
    let all = files::all(&root)?;
    let mut wrong = Vec::new();
    for file in &all {
        let Some(text) = file.text() else { continue };
        if !file.name.contains("/testdata/") {
            wrong.extend(whitespace(&file.name, &text));
        }
        wrong.extend(machine_paths(&file.name, &text));
        if file.is("rs") {
            wrong.extend(head(&file.name, &text));
            wrong.extend(lengths.check(&file.name, &text));
            wrong.extend(lints(&file.name, &text));
        }
        if file.is("md") {
            wrong.extend(links::dead(&root, &file.name, &text));
        }
    }
    wrong.extend(lengths.unused());
    wrong.extend(readmes(&root));
    for message in &wrong {
        println!("{message}");
    }
    match wrong.len() {
        0 => {
            println!("tidy: {} files", all.len());
            Ok(())
        }
        n => Err(format!("{n} things to tidy")),
    }
}

/// The `[lines]` table of `ci/ratchet.toml`.
#[derive(Default)]
struct Lengths {
    file: usize,
    function: usize,
    lib: usize,
    exceptions: Vec<Exception>,
}

/// One `[[lines.exception]]`: a file, or a function in it.
struct Exception {
    path: String,
    function: Option<String>,
    lines: usize,
    used: bool,
}

impl Lengths {
    fn load(root: &Path) -> Result<Lengths, String> {
        let text = std::fs::read_to_string(root.join("ci/ratchet.toml"))
            .map_err(|e| format!("ci/ratchet.toml: {e}"))?;
        Lengths::parse(&text).map_err(|e| format!("ci/ratchet.toml: {e}"))
    }

    fn parse(text: &str) -> Result<Lengths, String> {
        let table: Table = text.parse().map_err(|e| format!("{e}"))?;
        let lines = table.get("lines").and_then(Value::as_table).ok_or("no [lines]")?;
        let mut lengths = Lengths {
            file: size(lines, "file")?,
            function: size(lines, "function")?,
            lib: size(lines, "lib")?,
            exceptions: Vec::new(),
        };
        for entry in lines.get("exception").and_then(Value::as_array).into_iter().flatten() {
            let entry = entry.as_table().ok_or("an exception is written [[lines.exception]]")?;
            let text = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
            text("why").ok_or_else(|| format!("an exception lacks `why`: {entry:?}"))?;
            let path = text("path").ok_or_else(|| format!("an exception lacks `path`: {entry:?}"))?;
            let lines = size(entry, "lines")?;
            lengths.exceptions.push(Exception { path, function: text("function"), lines, used: false });
        }
        Ok(lengths)
    }

    fn check(&mut self, name: &str, text: &str) -> Vec<String> {
        let is_lib = name.starts_with("crates/") && name.ends_with("/src/lib.rs");
        let mut wrong = Vec::new();
        wrong.extend(self.compare(
            name,
            None,
            text.lines().count(),
            if is_lib { self.lib } else { self.file },
            1,
        ));
        for f in scan::functions(&scan::code(text)) {
            wrong.extend(self.compare(name, Some(&f.name), f.lines, self.function, f.line));
        }
        wrong
    }

    fn compare(
        &mut self,
        path: &str,
        function: Option<&str>,
        lines: usize,
        limit: usize,
        line: usize,
    ) -> Option<String> {
        let what = function.map_or_else(|| "the file".to_owned(), |f| format!("fn {f}"));
        if lines <= limit {
            return None;
        }
        let listed = self.exceptions.iter_mut().find(|e| e.path == path && e.function.as_deref() == function);
        let Some(listed) = listed else {
            return Some(format!(
                "{path}:{line}: {what} has {lines} lines, at most {limit} are wanted\nhelp: split it, or list it in ci/ratchet.toml with its reason"
            ));
        };
        listed.used = true;
        match listed.lines {
            l if lines > l => Some(format!(
                "{path}:{line}: {what} grew from {l} to {lines} lines\nhelp: an exception may only shrink"
            )),
            l if lines < l => Some(format!(
                "{path}:{line}: {what} shrank from {l} to {lines} lines\nhelp: set `lines = {lines}` in ci/ratchet.toml"
            )),
            _ => None,
        }
    }

    fn unused(&self) -> Vec<String> {
        let unused = self.exceptions.iter().filter(|e| !e.used);
        let what = |e: &Exception| {
            e.function.as_ref().map_or_else(|| e.path.clone(), |f| format!("fn {f} of {}", e.path))
        };
        unused
            .map(|e| format!("ci/ratchet.toml: {} needs no exception any more\nhelp: remove it", what(e)))
            .collect()
    }
}

fn size(table: &Table, key: &str) -> Result<usize, String> {
    let number = table.get(key).and_then(Value::as_integer).and_then(|n| usize::try_from(n).ok());
    number.ok_or_else(|| format!("`{key}` should be a number"))
}

fn head(name: &str, text: &str) -> Option<String> {
    if name.ends_with("/tests.rs") {
        return None;
    }
    let first =
        text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with("#!")).unwrap_or_default();
    (!first.starts_with("//!"))
        .then(|| format!("{name}:1: no `//!` head\nhelp: say what the module is and what it does not do"))
}

fn lints(name: &str, text: &str) -> Vec<String> {
    let bare = scan::bare_lint_attributes(text);
    bare.iter()
        .map(|line| format!("{name}:{line}: a lint is silenced without a comment that says why"))
        .collect()
}

fn whitespace(name: &str, text: &str) -> Vec<String> {
    let mut wrong: Vec<String> = (1..)
        .zip(text.split('\n'))
        .filter(|(_, line)| line.ends_with([' ', '\t', '\r']))
        .map(|(number, _)| format!("{name}:{number}: whitespace at the end of the line"))
        .collect();
    if !text.is_empty() && !text.ends_with('\n') {
        wrong.push(format!("{name}: no newline at the end"));
    }
    wrong
}

fn machine_paths(name: &str, text: &str) -> Vec<String> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| names_path(line, MACHINE_PATH));
    lines.map(|(number, _)| format!("{name}:{number}: a path of somebody's machine")).collect()
}

/// True where `path` stands in `line` as an absolute path: not inside another path, not the start of a longer name.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + path.len()..].chars().next();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-~}*>".contains(c))
            && !after.is_some_and(|c| c.is_alphanumeric() || "_-".contains(c))
    })
}

fn readmes(root: &Path) -> Vec<String> {
    let examples = files::folders(&root.join("minimal-examples"));
    let packages = files::folders(&root.join("crates"))
        .into_iter()
        .chain(examples.iter().flat_map(|g| files::folders(g)));
    packages
        .filter(|dir| dir.join("Cargo.toml").exists() && !dir.join("README.md").exists())
        .map(|dir| {
            format!(
                "{}: no README.md\nhelp: say what it is, why, and whether to use it",
                dir.strip_prefix(root).unwrap_or(&dir).display()
            )
        })
        .collect()
}
