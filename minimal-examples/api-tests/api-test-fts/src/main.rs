//! Two short texts: indexed, completed, searched, quoted; then the index is damaged on purpose.

use std::process::ExitCode;

use lws_fts::{Builder, Error, Index, Memory, Query, Search};

/// Path and text, as a program would read them from files.
const TEXTS: [(&str, &str); 2] = [
    ("the-lighthouse.txt", include_str!("../texts/the-lighthouse.txt")),
    ("le-phare.txt", include_str!("../texts/le-phare.txt")),
];

/// Compares, and says so if it differs.
fn expect<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, want: &T) -> bool {
    if got != want {
        println!("{what}: got {got:?}, wanted {want:?}");
    }
    got == want
}

fn build() -> Result<Vec<u8>, Error> {
    let mut builder = Builder::new(Vec::new(), Memory)?;
    for (path, text) in TEXTS {
        builder.begin(path, 0)?;
        // It may come in pieces, as from a file or a socket.
        for piece in text.as_bytes().chunks(100) {
            builder.write(piece)?;
        }
    }
    let (bytes, summary) = builder.finish()?;
    println!("{} files, {} terms, {} lines", summary.files, summary.terms, summary.lines);
    Ok(bytes)
}

/// The most frequent words that start with "b", as somebody types it.
fn completes(index: &Index<&[u8]>) -> Result<bool, Error> {
    let found = index.complete("b", 4)?;
    let found: Vec<_> = found.iter().map(|s| (s.term.as_str(), s.count)).collect();
    println!("b...: {found:?}");
    Ok(expect("complete", &found, &vec![("bateau", 4), ("bell", 4), ("boat", 4), ("basil", 3)]))
}

/// Each file with "help", and the lines.
fn finds(index: &Index<&[u8]>) -> Result<bool, Error> {
    let query = Query::parse("help")?;
    let found = index.search(&query, &Search::default())?;
    let mut lines = Vec::new();
    for hit in &found.hits {
        let file = index.file(hit.file)?;
        let text = TEXTS.iter().find(|text| text.0 == file.path).map_or("", |text| text.1);
        for line in index.lines(&query, hit.file, 10)? {
            let start = line.start as usize;
            let line_text = &text[start..start + line.len as usize];
            println!("{}:{}: {}", file.path, line.number, line_text.trim_end());
            lines.push(line.number);
        }
    }
    Ok(expect("files", &found.total, &1) & expect("lines", &lines, &vec![6, 8, 13, 16]))
}

/// How many files a query finds.
fn counts(index: &Index<&[u8]>) -> Result<bool, Error> {
    let mut good = true;
    for (query, want) in [
        ("être", 1),                   // letters beyond ASCII
        ("ETRE -help", 1),             // without case and accent; and not something
        ("\"bell and the light\"", 1), // next to each other, in this order
        ("\"light and the bell\"", 0),
        ("basil*", 2), // the start of a word
        ("help OR libre", 2),
        ("nothing", 0),
    ] {
        let found = index.search(&Query::parse(query)?, &Search::default())?;
        good &= expect(query, &found.total, &want);
    }
    Ok(good)
}

fn run() -> Result<bool, Error> {
    let bytes = build()?;
    let index = Index::open(bytes.as_slice())?;
    let mut good = completes(&index)? & finds(&index)? & counts(&index)?;

    // A damaged index is an error, not a crash.
    let mut damaged = bytes.clone();
    damaged[1000] ^= 1;
    let outcome = Index::open(damaged).and_then(|index| index.verify(|_| {}));
    good &= expect("damage", &matches!(outcome, Err(Error::Corrupt(_))), &true);
    Ok(good)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => {
            println!("Completed: PASS");
            ExitCode::SUCCESS
        }
        Ok(false) => {
            println!("Completed: FAIL");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
