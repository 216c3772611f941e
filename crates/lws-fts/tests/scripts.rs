//! Scripts without spaces: every substring is found, as `grep -F` would.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::collections::BTreeSet;

use lws_fts::{Index, Query, Search};
use support::{Random, cjk, open};

fn find(index: &Index<Vec<u8>>, query: &str) -> BTreeSet<String> {
    let found = index.search(&Query::parse(query).unwrap(), &Search::default().limit(10_000)).unwrap();
    found.hits.iter().map(|hit| index.file(hit.file).unwrap().path).collect()
}

#[test]
fn every_substring_is_found_as_by_grep() {
    let files = cjk(1, 150, 60);
    let index = open(&files);
    let mut random = Random(2);
    let mut several = 0;
    for _ in 0..1000 {
        let text: Vec<char> = files[random.below(files.len())].1.chars().collect();
        let len = 1 + random.below(5);
        if text.len() < len {
            continue;
        }
        let at = random.below(text.len() - len + 1);
        let needle: String = text[at..at + len].iter().collect();
        // What is no part of a word may be anything for the index; grep takes it literally.
        if needle.contains(['。', ' ', '\n', 'a']) {
            continue;
        }
        let grep = files.iter().filter(|f| f.1.contains(&needle));
        let want: BTreeSet<String> = grep.map(|f| f.0.clone()).collect();
        several += usize::from(want.len() > 1);
        assert_eq!(find(&index, &needle), want, "{needle}");
    }
    assert!(several > 200, "{several}");
    index.verify(|_| {}).unwrap();
}

#[test]
fn words_and_grams_in_one_phrase() {
    let files: support::Files = [
        ("0", "設定ABC"),
        ("1", "設ABC定"),
        ("2", "ABC設定"),
        ("3", "設定 abc"),
        ("4", "定abc"),
        ("5", "大設定abcd"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .to_vec();
    let index = open(&files);
    let check = |query, want: &[&str]| {
        assert_eq!(find(&index, query), want.iter().map(|p| (*p).to_owned()).collect(), "{query}");
    };
    check("設定abc", &["0", "3"]);
    check("設定abc*", &["0", "3", "5"]);
    check("定abc", &["0", "3", "4"]);
    check("abc設", &["2"]);
    check("設", &["0", "1", "2", "3", "5"]);
    check("定", &["0", "1", "2", "3", "4", "5"]);
    check("設定", &["0", "2", "3", "5"]);
    check("定設", &[]);
}

#[test]
fn lines_of_substrings() {
    let files = vec![("a".to_owned(), "全文\n検索する\nする検索と検索\n".to_owned())];
    let index = open(&files);
    let query = Query::parse("検索").unwrap();
    let hit = index.search(&query, &Search::default()).unwrap().hits[0];
    let lines: Vec<_> =
        index.lines(&query, hit.file, 9).unwrap().iter().map(|l| (l.number, l.matches)).collect();
    assert_eq!(lines, [(2, 1), (3, 2)]);
}
