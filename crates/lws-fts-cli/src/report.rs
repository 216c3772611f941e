//! The commands that only read an index: `complete`, `verify`, `stats`.

use std::path::Path;

use lws_fts::{FileSource, Index, Store};

use crate::args::Options;
use crate::json::{Json, plain};
use crate::progress::Progress;

/// Opens a folder with an index, or one segment file.
pub(crate) fn open(path: &Path) -> Result<Index<FileSource>, String> {
    let index = if path.is_dir() { Store::read(path) } else { FileSource::open(path).and_then(Index::open) };
    index.map_err(|e| format!("cannot open {}: {e}", path.display()))
}

pub(crate) fn complete(options: &Options) -> Result<u8, String> {
    let index = open(&options.index)?;
    let found = index.complete(&options.rest, options.limit.unwrap_or(10)).map_err(|e| e.to_string())?;
    if options.json {
        let words = found.iter().map(|s| Json::object().string("term", &s.term).raw("count", s.count).end());
        println!("{}", Json::object().string("prefix", &options.rest).list("suggestions", words).end());
    } else {
        found.iter().for_each(|s| println!("{:10} {}", s.count, plain(&s.term)));
    }
    Ok(u8::from(found.is_empty()))
}

pub(crate) fn verify(options: &Options) -> Result<u8, String> {
    let index = open(&options.index)?;
    let mut progress = Progress::new("verifying", options.quiet);
    let found = index.verify(|done| progress.show(done));
    drop(progress);
    let found = found.map_err(|e| format!("{e}\nhelp: build the index anew"))?;
    if options.json {
        let json = Json::object().raw("sound", true).raw("files", found.files).raw("terms", found.terms);
        let json = json.raw("tokens", found.tokens).raw("lines", found.lines).raw("pages", found.pages);
        println!("{}", json.end());
    } else {
        println!("sound: {} files, {} terms, {} pages", found.files, found.terms, found.pages);
    }
    Ok(0)
}

pub(crate) fn stats(options: &Options) -> Result<u8, String> {
    let stats = open(&options.index)?.stats();
    let [lines, postings, dictionary, files] = stats.part_bytes;
    let numbers = [
        ("segments", u64::from(stats.segments)),
        ("files", stats.files - stats.removed),
        ("removed", stats.removed),
        ("terms", stats.terms),
        ("tokens", stats.tokens),
        ("text_bytes", stats.text_bytes),
        ("lines", stats.lines),
        ("invalid_bytes", stats.invalid_bytes),
        ("index_bytes", stats.index_bytes),
        ("line_table_bytes", lines),
        ("postings_bytes", postings),
        ("dictionary_bytes", dictionary),
        ("file_table_bytes", files),
    ];
    if options.json {
        let json = numbers.iter().fold(Json::object(), |json, (name, number)| json.raw(name, number));
        println!("{}", json.end());
    } else {
        numbers.iter().for_each(|(name, number)| println!("{:20} {number:14}", name.replace('_', " ")));
    }
    Ok(0)
}
