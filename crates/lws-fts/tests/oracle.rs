//! Every kind of query against a scan of the text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::collections::BTreeSet;

use lws_fts::{Error, Index, Query, Search};
use support::{Random, Scan, corpus, count_phrase, has_phrase, open, words};

/// Paths that a query finds.
fn find(index: &Index<Vec<u8>>, query: &str) -> BTreeSet<String> {
    find_in(index, query, None)
}

fn find_in(index: &Index<Vec<u8>>, query: &str, path: Option<&str>) -> BTreeSet<String> {
    let mut search = Search::default().limit(10_000);
    if let Some(path) = path {
        search = search.path(path);
    }
    let found = index.search(&Query::parse(query).unwrap(), &search).unwrap();
    assert_eq!(found.total, found.hits.len() as u64);
    assert!(found.hits.windows(2).all(|w| w[0] > w[1]), "sorted");
    found.hits.iter().map(|hit| index.file(hit.file).unwrap().path).collect()
}

/// A word of the texts, or one that is nowhere.
fn any_word(random: &mut Random) -> String {
    let n = random.zipf(700);
    words(&support::word(n)).concat()
}

#[test]
fn words_and_their_combinations() {
    let files = corpus(1, 150, 120);
    let (index, scan) = (open(&files), Scan::new(&files));
    let mut random = Random(2);
    let mut nonempty = 0;
    for _ in 0..70 {
        let [a, b, c] = [(); 3].map(|()| any_word(&mut random));
        let has = |words: &[String], w: &String| words.contains(w);
        let cases: [(String, BTreeSet<String>); 6] = [
            (a.clone(), scan.paths(|w| has(w, &a))),
            (format!("{a} {b}"), scan.paths(|w| has(w, &a) && has(w, &b))),
            (format!("{a} OR {b} {c}"), scan.paths(|w| has(w, &a) || has(w, &b) && has(w, &c))),
            (format!("{a} -{b}"), scan.paths(|w| has(w, &a) && !has(w, &b))),
            (format!("({a} OR {b}) -({c} OR {a})"), {
                scan.paths(|w| (has(w, &a) || has(w, &b)) && !(has(w, &c) || has(w, &a)))
            }),
            (format!("{a} NOT ({b} -{c})"), scan.paths(|w| has(w, &a) && (!has(w, &b) || has(w, &c)))),
        ];
        for (query, want) in cases {
            nonempty += usize::from(!want.is_empty());
            assert_eq!(find(&index, &query), want, "{query}");
        }
    }
    assert!(nonempty > 200, "the queries must find something: {nonempty}");
}

#[test]
fn phrases_and_prefixes() {
    let files = corpus(3, 120, 150);
    let (index, scan) = (open(&files), Scan::new(&files));
    let mut random = Random(4);
    let mut nonempty = 0;
    for round in 0..120 {
        // Mostly phrases that are there.
        let text = &scan.files[random.below(scan.files.len())].1;
        let len = 2 + random.below(3);
        if text.len() < len {
            continue;
        }
        let at = random.below(text.len() - len + 1);
        let mut phrase = text[at..at + len].to_vec();
        if round % 5 == 0 {
            phrase.reverse();
        }
        let want = scan.paths(|w| has_phrase(w, &phrase, false));
        nonempty += usize::from(!want.is_empty());
        assert_eq!(find(&index, &format!("\"{}\"", phrase.join(" "))), want, "{phrase:?}");
        let last = phrase.pop().unwrap();
        let letters = 1 + random.below(3);
        phrase.push(last.chars().take(letters).collect());
        let want = scan.paths(|w| has_phrase(w, &phrase, true));
        assert_eq!(find(&index, &format!("\"{}\"*", phrase.join(" "))), want, "{phrase:?}*");
        let prefix = phrase.pop().unwrap();
        let want = scan.paths(|w| w.iter().any(|w| w.starts_with(&prefix)));
        assert_eq!(find(&index, &format!("{prefix}*")), want, "{prefix}*");
        let other = phrase.pop().unwrap();
        let want = scan.paths(|w| w.contains(&other) && w.iter().any(|w| w.starts_with(&prefix)));
        assert_eq!(find(&index, &format!("{other} {prefix}*")), want, "{other} {prefix}*");
    }
    assert!(nonempty > 80, "{nonempty}");
}

#[test]
fn paths_filter() {
    let files = corpus(5, 200, 60);
    let (index, scan) = (open(&files), Scan::new(&files));
    let any = words(&support::word(0)).concat();
    for (pattern, fits) in [
        ("src/*", (|p: &str| p.starts_with("src/")) as fn(&str) -> bool),
        ("*.c", |p| p.ends_with(".c")),
        ("doc/*1*.txt", |p| p.starts_with("doc/") && p.contains('1') && p.ends_with(".txt")),
        ("src/0000.c", |p| p == "src/0000.c"),
        ("ünï/*", |p| p.starts_with("ünï/")),
        ("nothing*", |_| false),
    ] {
        let mut want = scan.paths(|w| w.contains(&any));
        want.retain(|path| fits(path));
        assert_eq!(find_in(&index, &any, Some(pattern)), want, "{pattern}");
    }
}

#[test]
fn ranking_is_bm25() {
    let files = corpus(6, 200, 200);
    let (index, scan) = (open(&files), Scan::new(&files));
    let stats = index.stats();
    let (n, average) = (stats.files as f64, stats.tokens as f64 / stats.files as f64);
    // What one byte can tell about a length.
    let coarse = |len: usize| {
        let step = 1usize << (usize::BITS - (len / 16).leading_zeros());
        (len / step * step) as f64
    };
    let mut random = Random(7);
    for _ in 0..40 {
        let [a, b] = [(); 2].map(|()| any_word(&mut random));
        let all = index
            .search(&Query::parse(&format!("{a} OR {b}")).unwrap(), &Search::default().limit(1000))
            .unwrap();
        let mut best = None;
        for hit in &all.hits {
            let path = index.file(hit.file).unwrap().path;
            let text = &scan.files.iter().find(|f| f.0 == path).unwrap().1;
            let mut want = 0.0;
            for word in [&a, &b] {
                let df = scan.paths(|w| w.contains(word)).len() as f64;
                let tf = text.iter().filter(|w| *w == word).count() as f64;
                let idf = (1.0 + (n - df + 0.5) / (df + 0.5)).ln();
                want += idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * coarse(text.len()) / average));
            }
            assert!((f64::from(hit.score) - want).abs() < 1e-4 * want.max(1.0), "{} {want}", hit.score);
            best.get_or_insert(hit.score);
        }
        let few = index
            .search(&Query::parse(&format!("{a} OR {b}")).unwrap(), &Search::default().limit(3))
            .unwrap();
        assert_eq!(few.hits, all.hits[..all.hits.len().min(3)]);
        assert_eq!(few.total, all.total);
    }
}

#[test]
fn lines_are_those_of_a_scan() {
    let files = corpus(8, 60, 400);
    let (index, scan) = (open(&files), Scan::new(&files));
    let mut random = Random(9);
    let mut checked = 0;
    for _ in 0..60 {
        let word = any_word(&mut random);
        let prefix: String = word.chars().take(2).collect();
        for (query, prefix) in [(word.clone(), false), (format!("{prefix}*"), true)] {
            let phrase = [query.trim_end_matches('*').to_owned()];
            let parsed = Query::parse(&query).unwrap();
            let found = index.search(&parsed, &Search::default().limit(3)).unwrap();
            for hit in found.hits {
                let path = index.file(hit.file).unwrap().path;
                let at = scan.files.iter().position(|f| f.0 == path).unwrap();
                let mut start = 0;
                let mut want = Vec::new();
                for (number, line) in files[at].1.split_inclusive('\n').enumerate() {
                    let matches = count_phrase(&words(line), &phrase, prefix) as u32;
                    if matches > 0 {
                        want.push((number as u32 + 1, start, line.len() as u32, matches));
                    }
                    start += line.len() as u64;
                }
                let all = index.lines(&parsed, hit.file, usize::MAX).unwrap();
                let all: Vec<_> = all.iter().map(|l| (l.number, l.start, l.len, l.matches)).collect();
                assert_eq!(all, want, "{query} in {path}");
                let two = index.lines(&parsed, hit.file, 2).unwrap();
                assert_eq!(two.len(), want.len().min(2));
                checked += 1;
            }
        }
    }
    assert!(checked > 150, "{checked}");
}

#[test]
fn completion_is_exact_for_every_prefix() {
    let files = corpus(10, 100, 100);
    let (index, scan) = (open(&files), Scan::new(&files));
    let counts = scan.counts();
    let mut prefixes: BTreeSet<String> = BTreeSet::from([String::new(), "zz".into(), "stor".into()]);
    for word in counts.keys() {
        let chars: Vec<char> = word.chars().collect();
        prefixes.extend((1..=chars.len()).map(|n| chars[..n].iter().collect::<String>()));
    }
    assert!(prefixes.len() > 300);
    for prefix in &prefixes {
        let mut want: Vec<(&str, u64)> =
            counts.iter().filter(|(w, _)| w.starts_with(prefix.as_str())).map(|(w, n)| (*w, *n)).collect();
        want.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        for limit in [1, 10, 50] {
            let got = index.complete(prefix, limit).unwrap();
            let got: Vec<_> = got.iter().map(|s| (s.term.as_str(), s.count)).collect();
            assert_eq!(got, want[..want.len().min(limit)], "{prefix:?}");
        }
    }
    assert_eq!(index.complete("STOR", 3), index.complete("stor", 3));
}

#[test]
fn every_file_is_known() {
    let files = corpus(11, 100, 50);
    let index = open(&files);
    assert_eq!(index.files().count(), files.len());
    for (number, (id, (path, text))) in index.files().zip(&files).enumerate() {
        let file = index.file(id).unwrap();
        assert_eq!((&file.path, file.bytes, file.stamp), (path, text.len() as u64, number as u64));
        assert_eq!(file.lines as usize, text.split_inclusive('\n').count());
        assert_eq!(file.terms as usize, words(text).len());
        assert_eq!(index.find(path).unwrap(), Some(id));
    }
    assert_eq!(index.find("nothing").unwrap(), None);
    assert!(matches!(open(&Vec::new()).file(index.files().next().unwrap()), Err(Error::Misuse(_))));
    index.verify(|_| {}).unwrap();
}
