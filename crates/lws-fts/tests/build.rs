//! The same index whatever the chunks and the budget; bounds for hostile text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use lws_fts::{Append, Builder, Error, Index, Limit, Memory, Query, ReadAt, Scratch, Search, limits};
use std::cell::Cell;
use std::rc::Rc;
use support::{Files, Random, build, build_with, cjk, corpus};

#[test]
fn chunks_make_no_difference() {
    let mut files = corpus(1, 12, 150);
    files.extend(cjk(2, 5, 80));
    files.push(("long lines".into(), "word ".repeat(2000) + &"x".repeat(5000)));
    files.push(("no newline".into(), "last\u{e9}".into()));
    let whole = build(&files);
    for chunk in [1, 2, 3, 7, 64, 200, 1000] {
        assert!(build_with(&files, chunk, 16 << 20).0 == whole, "chunks of {chunk}");
    }
}

/// More distinct terms than fit the least budget many times over, and a file larger than it.
fn much() -> Files {
    let mut random = Random(3);
    let mut files: Files = Vec::new();
    for file in 0..40 {
        let mut text = String::new();
        for _ in 0..if file == 20 { 60_000 } else { 1500 } {
            text += &format!("{:x} ", random.zipf(1 << 30));
        }
        files.push((format!("f{file}"), text));
    }
    files
}

#[test]
fn the_budget_makes_no_difference() {
    let files = much();
    let (large, summary) = build_with(&files, usize::MAX, 64 << 20);
    assert_eq!(summary.index_bytes, large.len() as u64);
    for budget in [0, 2 << 20] {
        assert!(build_with(&files, 10_000, budget).0 == large, "budget {budget}");
    }
    Index::open(large).unwrap().verify(|_| {}).unwrap();
}

/// Counts the bytes that are temporary.
#[derive(Clone, Default)]
struct Counting(Rc<Cell<usize>>);

struct CountingFile(Vec<u8>, Rc<Cell<usize>>);

impl Scratch for Counting {
    type File = CountingFile;
    fn create(&mut self) -> Result<CountingFile, Error> {
        Ok(CountingFile(Vec::new(), Rc::clone(&self.0)))
    }
}

impl Append for CountingFile {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.1.set(self.1.get() + bytes.len());
        Append::append(&mut self.0, bytes)
    }
}

impl ReadAt for CountingFile {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Error> {
        self.0.read_at(offset, into)
    }
    fn size(&self) -> u64 {
        self.0.size()
    }
}

#[test]
fn small_builds_need_no_temporary_file_and_large_ones_spill() {
    let build = |files: &Files| {
        let scratch = Counting::default();
        let mut builder = Builder::with_budget(Vec::new(), scratch.clone(), 0).unwrap();
        for (path, text) in files {
            builder.begin(path, 0).unwrap();
            builder.write(text.as_bytes()).unwrap();
        }
        builder.finish().unwrap();
        scratch.0.get()
    };
    assert_eq!(build(&corpus(4, 10, 50)), 0);
    assert!(build(&much()) > 1 << 20);
}

/// A writer that fails at some point, like a full disk.
struct Full(usize);

impl Append for Full {
    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or_else(|| Error::Io("no space left".into()))?;
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let files = corpus(5, 50, 100);
    let size = build(&files).len();
    for room in (0..size).step_by(limits::PAGE) {
        let attempt = || {
            let mut builder = Builder::new(Full(room), Memory)?;
            for (path, text) in &files {
                builder.begin(path, 0)?;
                builder.write(text.as_bytes())?;
            }
            builder.finish().map(|_| ())
        };
        assert_eq!(attempt(), Err(Error::Io("no space left".into())));
    }
}

/// FTS-03: what a hostile text can be is bounded by what it is.
#[test]
fn fts_03_hostile_text() {
    let mut random = Random(6);
    let mut binary = Vec::new();
    (0..200_000).for_each(|_| binary.push(random.next() as u8));
    let texts: [(&str, Vec<u8>); 7] = [
        ("one line", b"a ".repeat(400_000)),
        ("newlines", b"\n".repeat(300_000)),
        ("one word", b"x".repeat(1_000_000)),
        ("binary", binary),
        ("zeros", vec![0; 100_000]),
        ("marks", "\u{301}".repeat(50_000).into_bytes()),
        ("cut", b"abc \xE3\x81".to_vec()),
    ];
    let mut builder = Builder::with_budget(Vec::new(), Memory, 0).unwrap();
    for (path, text) in &texts {
        builder.begin(path, 0).unwrap();
        text.chunks(50_000).for_each(|c| builder.write(c).unwrap());
    }
    let (bytes, summary) = builder.finish().unwrap();
    assert!(summary.invalid_bytes > 1000);
    let index = Index::open(bytes).unwrap();
    index.verify(|_| {}).unwrap();
    let find = |query: &str| {
        let found = index.search(&Query::parse(query).unwrap(), &Search::default()).unwrap();
        found.hits.iter().map(|h| index.file(h.file).unwrap().path).collect::<Vec<_>>()
    };
    // Continues over many blocks of positions.
    let query = Query::parse("\"a a a\"").unwrap();
    let hit = index.search(&query, &Search::default()).unwrap().hits[0];
    assert_eq!(index.lines(&query, hit.file, 9).unwrap()[0].matches, 400_000 - 2);
    assert_eq!(find(&"x".repeat(1000)), Vec::<String>::new());
    assert_eq!(find("abc"), ["cut"]);
    let Err(error) = Query::parse(&"x".repeat(1_000_000)) else { panic!("too long") };
    assert_eq!(error, Error::Limit(Limit::Query));
}

#[test]
fn paths_and_order_of_calls() {
    let builder = || Builder::new(Vec::new(), Memory).unwrap();
    assert!(matches!(builder().write(b"text"), Err(Error::Misuse(_))));
    let long = "p".repeat(limits::MAX_PATH);
    for bad in ["", "a\0b", &format!("{long}p")] {
        assert_eq!(builder().begin(bad, 0), Err(Error::Limit(Limit::Path)));
    }
    let mut twice = builder();
    twice.begin("a", 0).unwrap();
    twice.begin("a", 0).unwrap();
    assert!(matches!(twice.finish(), Err(Error::Misuse(_))));

    let mut odd = builder();
    let paths = [long.as_str(), "<script>", "ünï/日本", "quote\"s", " ", "-"];
    paths.iter().for_each(|path| odd.begin(path, 7).unwrap());
    let index = Index::open(odd.finish().unwrap().0).unwrap();
    index.verify(|_| {}).unwrap();
    let found: Vec<String> = index.files().map(|f| index.file(f).unwrap().path).collect();
    assert_eq!(found, paths);
}

#[test]
fn an_empty_index_is_an_index() {
    let (bytes, summary) = Builder::new(Vec::new(), Memory).unwrap().finish().unwrap();
    assert_eq!((bytes.len(), summary.files), (limits::PAGE, 0));
    let index = Index::open(bytes).unwrap();
    index.verify(|_| {}).unwrap();
    assert_eq!(index.search(&Query::parse("a b* \"c d\"").unwrap(), &Search::default()).unwrap().total, 0);
    assert_eq!(index.complete("", 10).unwrap(), []);
}
