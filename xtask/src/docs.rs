//! `cargo xtask docs`: writes `docs/limits.md` from each crate's `src/limits.rs`.
//!
//! A limit is a `const` with a docstring. Nothing is guessed or computed: name, value as written and docstring are
//! copied, in the order of the file. `--check` compares instead of writing.

use crate::{files, scan, sh};
use std::path::Path;

const PAGE: &str = "docs/limits.md";
const HEAD: &str = "# Limits\n\n\
    Everything a peer, a file or a user could make grow has a named limit. This page is generated from each crate's\n\
    `src/limits.rs` by `cargo xtask docs`; change the docstring there, not here.\n";

/// One constant of a `limits.rs`.
#[derive(Debug, PartialEq)]
struct Limit {
    name: String,
    value: String,
    /// The docstring, its lines joined.
    doc: String,
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let root = sh::root();
    let page = page(&root)?;
    let path = root.join(PAGE);
    if args.iter().any(|a| a == "--check") {
        return match std::fs::read_to_string(&path) {
            Ok(there) if there == page => {
                println!("docs: {PAGE} is up to date");
                Ok(())
            }
            _ => Err(format!("{PAGE} is stale\nhelp: run `cargo xtask docs`")),
        };
    }
    std::fs::write(&path, page).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    println!("docs: wrote {PAGE}");
    Ok(())
}

fn page(root: &Path) -> Result<String, String> {
    let mut page = HEAD.to_owned();
    for dir in files::folders(&root.join("crates")) {
        let Ok(text) = std::fs::read_to_string(dir.join("src/limits.rs")) else { continue };
        let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let limits = limits(&text).map_err(|e| format!("crates/{name}/src/limits.rs:{e}"))?;
        page += &section(&name, &limits);
    }
    Ok(page)
}

fn section(name: &str, limits: &[Limit]) -> String {
    let mut text = format!("\n## {name}\n\n| limit | value | what it bounds |\n|---|---|---|\n");
    for l in limits {
        text += &format!("| `{}` | `{}` | {} |\n", l.name, l.value, l.doc.replace('|', "\\|"));
    }
    text
}

/// The constants of one `limits.rs`, in its order. An error starts with the line number.
fn limits(source: &str) -> Result<Vec<Limit>, String> {
    // Comments are blanked in `code`; what is found there is looked up in `source`, where offsets are the same.
    let code = scan::code(source);
    let mut found = Vec::new();
    for at in scan::words(&code, "const") {
        let line = scan::line_of(&code, at);
        let name = code[at + "const".len()..].split(':').next().unwrap_or_default().trim().to_owned();
        if name == "_" || name.starts_with("fn ") {
            continue; // an assertion about the others, or a function
        }
        let end = at + statement_end(&code[at..]).ok_or_else(|| format!("{line}: a const without an end"))?;
        let (_, value) =
            source[at..end].split_once('=').ok_or_else(|| format!("{line}: a const without a value"))?;
        let doc = doc_above(source, line);
        if doc.is_empty() {
            return Err(format!(
                "{line}: {name} has no docstring\nhelp: give the unit and say what happens beyond it"
            ));
        }
        found.push(Limit { name, value: value.split_whitespace().collect::<Vec<_>>().join(" "), doc });
    }
    Ok(found)
}

/// The offset of the `;` outside brackets: `[u8; 4]` does not end a constant.
fn statement_end(code: &str) -> Option<usize> {
    let mut depth = 0;
    code.bytes().position(|b| {
        depth += i32::from(b"([{".contains(&b)) - i32::from(b")]}".contains(&b));
        b == b';' && depth == 0
    })
}

/// The `///` lines right above line `line` (from 1), attributes skipped, joined with blanks.
fn doc_above(source: &str, line: usize) -> String {
    let lines: Vec<&str> = source.lines().take(line - 1).map(str::trim).collect();
    let above = lines.iter().rev().take_while(|l| l.starts_with("///") || l.starts_with("#["));
    let mut doc: Vec<&str> =
        above.filter_map(|l| l.strip_prefix("///")).map(str::trim).filter(|l| !l.is_empty()).collect();
    doc.reverse();
    without_item_links(&doc.join(" "))
}

/// ``[`Item`]`` and ``[`Item`](crate::Item)`` lead nowhere outside rustdoc: only `Item` is kept.
fn without_item_links(doc: &str) -> String {
    let mut parts = doc.split("[`");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (item, rest) = part.split_once("`]").unwrap_or((part, ""));
        let target = rest
            .strip_prefix('(')
            .and_then(|r| r.split_once(')'))
            .filter(|(target, _)| !target.contains('/'));
        text += &format!("`{item}`{}", target.map_or(rest, |(_, rest)| rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_copied_with_their_docstrings() {
        let source = "//! Limits.\n\n/// Bytes of a head.\n///\n/// Beyond it: 431.\npub const MAX_HEAD: usize = 16 * 1024;\n\n\
                      /// Names | known.\n#[doc(alias = \"lws_x\")]\npub(crate) const NAMES: [u8; 2] = [1,\n    2];\n\
                      const _: () = assert!(MAX_HEAD > 1);\n// const NOT: u8 = 1;\n";
        let found = limits(source).unwrap();
        let row = |l: &Limit| format!("{} {} {}", l.name, l.value, l.doc);
        let rows: Vec<String> = found.iter().map(row).collect();
        assert_eq!(
            rows,
            ["MAX_HEAD 16 * 1024 Bytes of a head. Beyond it: 431.", "NAMES [1, 2] Names | known."]
        );
        assert!(section("x", &found).contains("| `NAMES` | `[1, 2]` | Names \\| known. |"));
    }

    #[test]
    fn item_links_become_names() {
        for (doc, wanted) in [
            ("Beyond: [`Error`].", "Beyond: `Error`."),
            (
                "[`a`](crate::a) (see) [`B`] [text](https://a.example/)",
                "`a` (see) `B` [text](https://a.example/)",
            ),
            ("none", "none"),
        ] {
            assert_eq!(without_item_links(doc), wanted);
        }
    }

    #[test]
    fn a_limit_without_docstring_is_an_error() {
        let error = limits("//! L.\n\npub const A: u8 = 1;\n").unwrap_err();
        assert!(error.starts_with("3: A has no docstring"), "{error}");
    }
}
