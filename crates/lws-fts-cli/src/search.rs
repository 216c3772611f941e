//! `lws-fts search`: the best files, the lines in them, and with `--quote` what the lines say.

use std::fs::File;
use std::io::{IsTerminal, Read, Seek, SeekFrom};
use std::path::{Component, Path};

use lws_fts::{FileSource, Hit, Index, LineHit, Query, Search, Snippet};

use crate::args::Options;
use crate::json::{Json, plain, quote};
use crate::limits::{MAX_QUOTED_LINE, QUOTE_WIDTH};
use crate::report::open;

pub(crate) fn run(options: &Options) -> Result<u8, String> {
    let index = open(&options.index)?;
    let query = Query::parse(&options.rest).map_err(|e| e.to_string())?;
    let mut search = Search::default().limit(options.limit.unwrap_or(10));
    if let Some(pattern) = &options.path {
        search = search.path(pattern);
    }
    let found = index.search(&query, &search).map_err(|e| e.to_string())?;
    let mut hits = Vec::new();
    for hit in &found.hits {
        hits.push(shown(&index, &query, hit, options).map_err(|e| e.to_string())?);
    }
    if options.json {
        let json = Json::object().string("query", &options.rest).raw("total", found.total);
        println!("{}", json.list("hits", hits.iter().map(Shown::json)).end());
    } else {
        let bold = std::io::stdout().is_terminal();
        hits.iter().for_each(|hit| hit.print(bold));
        println!("{} of {} files", hits.len(), found.total);
    }
    Ok(u8::from(found.total == 0))
}

/// A hit with all there is to say about it.
struct Shown {
    path: String,
    score: f32,
    lines: Vec<(LineHit, Option<Quote>)>,
}

/// A part of a line.
struct Quote {
    text: String,
    /// What matches, in bytes of `text`.
    marks: Vec<(usize, usize)>,
}

fn shown(
    index: &Index<FileSource>,
    query: &Query,
    hit: &Hit,
    options: &Options,
) -> Result<Shown, lws_fts::Error> {
    let file = index.file(hit.file)?;
    let lines = index.lines(query, hit.file, options.lines.unwrap_or(3))?;
    let mut text = options.quote.as_ref().and_then(|root| text(root, &file.path, file.bytes));
    let lines = lines.into_iter().map(|line| {
        let quote = text.as_mut().and_then(|text| quoted(text, &line, query));
        (line, quote)
    });
    Ok(Shown { score: hit.score, lines: lines.collect(), path: file.path })
}

/// Opens the text of a file, if it is below `root` and has the length it had. The path comes from the index, which may
/// come from anybody: one that leads elsewhere is not followed.
fn text(root: &Path, path: &str, bytes: u64) -> Option<File> {
    let path = Path::new(path);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let full = std::fs::canonicalize(root.join(path)).ok()?;
    if !full.starts_with(std::fs::canonicalize(root).ok()?) {
        return None;
    }
    let file = File::open(full).ok()?;
    let data = file.metadata().ok()?;
    (data.is_file() && data.len() == bytes).then_some(file)
}

fn quoted(text: &mut File, line: &LineHit, query: &Query) -> Option<Quote> {
    if line.len > MAX_QUOTED_LINE {
        return None;
    }
    let mut bytes = vec![0; line.len as usize];
    text.seek(SeekFrom::Start(line.start)).ok()?;
    text.read_exact(&mut bytes).ok()?;
    while bytes.last().is_some_and(|b| *b == b'\n' || *b == b'\r') {
        bytes.pop();
    }
    let Snippet { range, marks } = query.snippet(&bytes, QUOTE_WIDTH);
    // Piece by piece, because what is not UTF-8 changes its length.
    let mut quote = Quote { text: String::new(), marks: Vec::new() };
    let mut at = range.start;
    for mark in marks {
        quote.text += &String::from_utf8_lossy(bytes.get(at..mark.start)?);
        let start = quote.text.len();
        quote.text += &String::from_utf8_lossy(bytes.get(mark.clone())?);
        quote.marks.push((start, quote.text.len()));
        at = mark.end;
    }
    quote.text += &String::from_utf8_lossy(bytes.get(at..range.end)?);
    Some(quote)
}

impl Shown {
    fn json(&self) -> String {
        let lines = self.lines.iter().map(|(line, quote)| {
            let json = Json::object()
                .raw("line", line.number)
                .raw("start", line.start)
                .raw("length", line.len)
                .raw("matches", line.matches);
            match quote {
                Some(q) => {
                    let marks = q.marks.iter().map(|mark| format!("[{},{}]", mark.0, mark.1));
                    json.string("text", &q.text).list("marks", marks).end()
                }
                None => json.end(),
            }
        });
        let json = Json::object().raw("path", quote(&self.path)).raw("score", self.score);
        json.list("lines", lines).end()
    }

    fn print(&self, bold: bool) {
        println!("{}", plain(&self.path));
        for (line, quote) in &self.lines {
            match quote {
                Some(quote) => println!("{:7}: {}", line.number, quote.print(bold)),
                None => println!("{:7}: {} matches", line.number, line.matches),
            }
        }
    }
}

impl Quote {
    fn print(&self, bold: bool) -> String {
        let (on, off) = if bold { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let mut out = String::new();
        let mut at = 0;
        for (start, end) in &self.marks {
            let (before, mark) = (self.text.get(at..*start), self.text.get(*start..*end));
            out += &plain(before.unwrap_or_default());
            out = out + on + &plain(mark.unwrap_or_default()) + off;
            at = *end;
        }
        out + &plain(self.text.get(at..).unwrap_or_default())
    }
}
