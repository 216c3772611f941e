//! `corpus OUT FOLDER...`: packs the texts of folders into one file; says how many there are.
//!
//! A file is taken if it is UTF-8 without NUL; of web pages, the text. They come in the order of their paths, so that the
//! pack is the same wherever it is made from the same files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lws_bench_data::{html, pack};

/// What a corpus is made of.
#[derive(Default)]
struct Sum {
    files: u64,
    bytes: u64,
    lines: u64,
}

fn main() -> ExitCode {
    let args: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    match args.split_first().filter(|(_, folders)| !folders.is_empty()) {
        Some((out, folders)) => match make(out, folders) {
            Ok(sum) => {
                println!("{{\"files\":{},\"bytes\":{},\"lines\":{}}}", sum.files, sum.bytes, sum.lines);
                ExitCode::SUCCESS
            }
            Err(why) => {
                eprintln!("error: {why}");
                ExitCode::FAILURE
            }
        },
        None => {
            eprintln!("usage: corpus OUT FOLDER...");
            ExitCode::from(2)
        }
    }
}

fn make(out: &Path, folders: &[PathBuf]) -> Result<Sum, String> {
    // Under another name until it is whole.
    let unfinished = out.with_extension("unfinished");
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", unfinished.display());
    let mut writer = pack::Writer::create(&unfinished).map_err(failed)?;
    let mut sum = Sum::default();
    for folder in folders {
        let mut files = Vec::new();
        walk(folder, &mut files).map_err(|e| format!("cannot read {}: {e}", folder.display()))?;
        files.sort();
        for file in files {
            let Ok(bytes) = std::fs::read(&file) else { continue };
            let Some(text) = text(&file, bytes) else { continue };
            let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
            writer.add(&name, &text).map_err(failed)?;
            sum.files += 1;
            sum.bytes += text.len() as u64;
            sum.lines += text.lines().count() as u64;
        }
    }
    writer.finish().map_err(failed)?;
    std::fs::rename(&unfinished, out).map_err(failed)?;
    Ok(sum)
}

/// All files below `folder`; links are not followed.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// The text of a file; `None` where it is none.
fn text(file: &Path, bytes: Vec<u8>) -> Option<String> {
    if bytes.is_empty() || bytes.contains(&0) {
        return None;
    }
    let text = String::from_utf8(bytes).ok()?;
    let page = file.extension().is_some_and(|e| e == "html" || e == "xhtml" || e == "htm");
    // Scripts and styles of generated documentation are no prose.
    if file.extension().is_some_and(|e| ["js", "css", "svg"].contains(&e.to_string_lossy().as_ref())) {
        return None;
    }
    if !page {
        return Some(text);
    }
    let mut plain = String::new();
    html::text(&text, &mut plain);
    (!plain.trim().is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_and_other_files_are_not() {
        for (name, bytes, wanted) in [
            ("a.txt", b"one".as_slice(), Some("one")),
            ("a.html", b"<b>one</b>", Some("one")),
            ("a.html", b"<b></b>", None),
            ("a.css", b"p{}", None),
            ("a.bin", b"a\0b", None),
            ("a.txt", b"\xff", None),
            ("a.txt", b"", None),
        ] {
            assert_eq!(text(Path::new(name), bytes.to_vec()).as_deref(), wanted, "{name}");
        }
    }
}
