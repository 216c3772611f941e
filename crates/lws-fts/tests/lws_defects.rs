//! What goes wrong in libwebsockets' search (v3.2 and later), and must not here. One test per finding.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use lws_fts::{Builder, Error, Index, Limit, Memory, Query, Search};
use support::{build_with, open};

fn index_of(texts: &[(&str, &str)]) -> Index<Vec<u8>> {
    open(&texts.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect())
}

fn count(index: &Index<Vec<u8>>, query: &str) -> u64 {
    index.search(&Query::parse(query).unwrap(), &Search::default()).unwrap().total
}

#[test]
fn defect_1_words_beyond_ascii_are_found() {
    let index = index_of(&[
        ("fr", "là-bas, être même"),
        ("de", "für"),
        ("ru", "файл"),
        ("ja", "文件"),
        ("ko", "파일"),
    ]);
    for word in ["là", "être", "même", "für", "файл", "文件", "파일"] {
        assert_eq!(count(&index, word), 1, "{word}");
    }
}

#[test]
fn defect_2_search_stops_at_the_limit_and_does_not_sort_everything() {
    let files: support::Files =
        (0..5000).map(|n| (format!("{n}"), "the memory\n".repeat(n % 5 + 1))).collect();
    let index = open(&files);
    let query = Query::parse("memory").unwrap();
    let found = index.search(&query, &Search::default().limit(3)).unwrap();
    assert_eq!((found.hits.len(), found.hits.capacity() <= 16, found.total), (3, true, 5000));
    assert_eq!(index.lines(&query, found.hits[0].file, 2).unwrap().len(), 2);
    // One word costs less than a unit per file.
    assert!(index.search(&query, &Search::default().work(1000)).is_ok());
    // Two are linear: each file costs two units, so the default is enough for millions.
    let query = Query::parse("the memory").unwrap();
    assert!(index.search(&query, &Search::default().work(11_000)).is_ok());
    assert_eq!(index.search(&query, &Search::default().work(1000)), Err(Error::Limit(Limit::Work)));
}

#[test]
fn defect_3_completion_has_the_best_word_however_many_siblings() {
    // Thirty children below "s", the best one in the least frequent branch.
    let mut text = String::new();
    for letter in 'a'..='z' {
        for n in 0..30 {
            text += &format!("s{letter}{n} ");
        }
    }
    text += &"szz9 ".repeat(20);
    let got = index_of(&[("a", &text)]).complete("s", 1).unwrap();
    assert_eq!((got[0].term.as_str(), got[0].count), ("szz9", 20));
}

#[test]
fn defect_4_long_lines_and_long_runs_are_indexed_whatever_the_chunks() {
    let text =
        format!("{} needle {}\n{} needle\nneedle", "word ".repeat(100), "x".repeat(90), "y".repeat(300));
    let files = vec![("a".to_owned(), text)];
    for chunk in [64, 256, 16384] {
        let index = Index::open(build_with(&files, chunk, 0).0).unwrap();
        let query = Query::parse("needle").unwrap();
        let hit = index.search(&query, &Search::default()).unwrap().hits[0];
        let lines: Vec<u32> = index.lines(&query, hit.file, 10).unwrap().iter().map(|l| l.number).collect();
        assert_eq!(lines, [1, 2, 3], "chunks of {chunk}");
    }
}

#[test]
fn defect_5_the_last_word_of_a_file_is_its_own() {
    let index = index_of(&[("1", "foo"), ("2", "bar")]);
    assert_eq!((count(&index, "foo"), count(&index, "bar"), count(&index, "foobar")), (1, 1, 0));
}

#[test]
fn defect_6_many_files_with_long_paths_make_a_sound_index() {
    let path = |n: usize| format!("{}/{n}", "a-long-folder-name/".repeat(20));
    let files: support::Files = (0..3000).map(|n| (path(n), "the help".into())).collect();
    let index = open(&files);
    index.verify(|_| {}).unwrap();
    let found = index.search(&Query::parse("help").unwrap(), &Search::default().limit(1)).unwrap();
    assert_eq!(found.total, 3000);
    assert_eq!(index.file(found.hits[0].file).unwrap().path, path(0));
}

#[test]
fn defect_7_a_damaged_index_is_an_error() {
    // The long version is tests/mutation.rs.
    let good = support::build(&support::corpus(1, 30, 60));
    for at in (0..good.len()).step_by(501) {
        let mut bad = good.clone();
        bad[at] ^= 0x40;
        let outcome = Index::open(bad).and_then(|index| index.verify(|_| {}));
        assert!(matches!(outcome, Err(Error::Corrupt(_))), "{at}");
    }
}

#[test]
fn defect_8_needles_paths_and_terms_may_be_long() {
    let word = "antidisestablishmentarianisms-of-the-longest-kind".replace('-', "");
    let very = "v".repeat(500);
    let path = "p".repeat(1000);
    let index = index_of(&[(&path, &format!("{word} {very} a9b")), ("other", "b")]);
    assert_eq!((count(&index, &word), count(&index, &very), count(&index, &"v".repeat(499))), (1, 1, 0));
    assert_eq!(count(&index, "a9b"), 1, "9 is a digit, too");
    assert_eq!(count(&index, &format!("{word} a9b -b")), 1, "several terms");
    assert_eq!(index.file(index.files().next().unwrap()).unwrap().path, path);
}

#[test]
fn defect_9_indexing_spills_instead_of_growing() {
    // The pool never grows beyond what it reserved (build/pool.rs); what does not fit goes to temporary data, and the
    // result is the same (tests/build.rs). Here: it works with the least budget and much more text.
    let mut builder = Builder::with_budget(Vec::new(), Memory, 0).unwrap();
    builder.begin("a", 0).unwrap();
    for n in 0..60_000 {
        builder.write(format!("unique{n} and some more words to fill the pool\n").as_bytes()).unwrap();
    }
    let index = Index::open(builder.finish().unwrap().0).unwrap();
    assert_eq!((count(&index, "unique59999"), count(&index, "unique60000")), (1, 0));
}
