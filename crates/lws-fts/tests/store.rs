//! A folder that is updated: always what a build from scratch would be, whatever happens to the writer.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use lws_fts::{Error, FileSource, Index, Query, Search, Store, limits};
use support::{Files, Random, build, corpus};

fn put(store: &mut Store, files: &[(String, String)], remove: &[String]) {
    let mut update = store.update(0).unwrap();
    for path in remove {
        assert!(update.remove(path).unwrap(), "{path}");
    }
    for (number, (path, text)) in files.iter().enumerate() {
        update.begin(path, number as u64).unwrap();
        update.write(text.as_bytes()).unwrap();
    }
    update.commit(|_| {}).unwrap();
}

fn find(index: &Index<FileSource>, query: &str) -> Vec<String> {
    let found = index.search(&Query::parse(query).unwrap(), &Search::default().limit(10_000)).unwrap();
    let mut paths: Vec<String> = found.hits.iter().map(|hit| index.file(hit.file).unwrap().path).collect();
    paths.sort();
    paths
}

fn segments(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".seg")).count()
}

#[test]
fn updates_are_like_building_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let mut random = Random(1);
    // What should be there: path to text, and the order in which it came.
    let mut model: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let pool = corpus(2, 60, 60);
    for round in 0..60 {
        let mut add: Files = Vec::new();
        for _ in 0..random.below(4) {
            let (path, _) = random.one(&pool);
            if add.iter().all(|a| a.0 != *path) {
                add.push((path.clone(), random.one(&pool).1.clone()));
            }
        }
        let there: Vec<String> = model.keys().filter(|p| add.iter().all(|a| a.0 != **p)).cloned().collect();
        let remove: Vec<String> = there.into_iter().filter(|_| random.below(25) == 0).collect();
        put(&mut store, &add, &remove);
        remove.iter().for_each(|path| drop(model.remove(path)));
        for (number, (path, text)) in add.into_iter().enumerate() {
            model.insert(path, (round * 100 + number, text));
        }
        if round % 6 == 0 {
            check(&Store::read(folder.path()).unwrap(), &model);
            check(&store.index().unwrap(), &model);
            assert!(segments(folder.path()) <= limits::MERGE_SEGMENTS + 4);
        }
    }
    // One segment, and byte for byte the one that building gives.
    let path = store.compact().unwrap().unwrap();
    check(&Store::read(folder.path()).unwrap(), &model);
    let mut files: Vec<_> = model.into_iter().collect();
    files.sort_by_key(|(_, (order, _))| *order);
    let stamps: Vec<u64> = files.iter().map(|f| f.1.0 as u64 % 100).collect();
    let mut builder = lws_fts::Builder::new(Vec::new(), lws_fts::Memory).unwrap();
    for ((path, (_, text)), stamp) in files.iter().zip(stamps) {
        builder.begin(path, stamp).unwrap();
        builder.write(text.as_bytes()).unwrap();
    }
    assert!(fs::read(path).unwrap() == builder.finish().unwrap().0);
}

/// The index finds what the model has.
fn check(index: &Index<FileSource>, model: &BTreeMap<String, (usize, String)>) {
    index.verify(|_| {}).unwrap();
    let files: Files = model.iter().map(|(path, (_, text))| (path.clone(), text.clone())).collect();
    let scan = support::Scan::new(&files);
    assert_eq!(index.files().count(), model.len());
    assert_eq!(index.stats().files - index.stats().removed, model.len() as u64);
    let counts = scan.counts();
    for prefix in ["", "m", "st", "sto", "д", "zz"] {
        let mut want: Vec<_> =
            counts.iter().filter(|(w, _)| w.starts_with(prefix)).map(|(w, n)| (*w, *n)).collect();
        want.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        want.truncate(7);
        let got = index.complete(prefix, 7).unwrap();
        assert_eq!(got.iter().map(|s| (s.term.as_str(), s.count)).collect::<Vec<_>>(), want, "{prefix}");
    }
    for (word, _) in counts.iter().step_by(29) {
        let want: Vec<String> = scan.paths(|words| words.iter().any(|w| w == word)).into_iter().collect();
        assert_eq!(find(index, word), want, "{word}");
        let want: Vec<String> =
            scan.paths(|words| words.iter().any(|w| w.starts_with(word))).into_iter().collect();
        assert_eq!(find(index, &format!("{word}*")), want, "{word}*");
    }
    for path in model.keys() {
        assert_eq!(index.file(index.find(path).unwrap().unwrap()).unwrap().path, *path);
    }
}

#[test]
fn what_is_not_committed_never_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    put(&mut store, &[("a".into(), "old".into())], &[]);
    let mut update = store.update(0).unwrap();
    update.begin("a", 0).unwrap();
    update.write(b"new").unwrap();
    drop(update);
    assert_eq!(find(&store.index().unwrap(), "old"), ["a"]);
    assert_eq!(find(&store.index().unwrap(), "new"), [""; 0]);
    let mut twice = store.update(0).unwrap();
    twice.begin("b", 0).unwrap();
    twice.begin("b", 0).unwrap();
    assert!(matches!(twice.commit(|_| {}), Err(Error::Misuse(_))));
    put(&mut store, &[], &["a".into()]);
    assert_eq!(store.index().unwrap().files().count(), 0);
    assert_eq!(store.compact().unwrap(), None);
    put(&mut store, &[("a".into(), "again".into())], &[]);
    assert_eq!(find(&Store::read(folder.path()).unwrap(), "again"), ["a"]);
    assert_eq!(segments(folder.path()), 1);
}

#[test]
fn one_writer_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Store::read(folder.path()), Err(Error::Io(_))));
    let store = Store::open(folder.path()).unwrap();
    assert!(matches!(Store::open(folder.path()), Err(Error::Misuse(_))));
    drop(store);
    Store::open(folder.path()).unwrap();
}

#[test]
fn a_damaged_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    put(&mut Store::open(folder.path()).unwrap(), &corpus(3, 20, 40), &[]);
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    for path in files.iter().filter(|path| !path.ends_with("lock")) {
        let good = fs::read(path).unwrap();
        for at in (0..good.len()).step_by(good.len() / 40 + 1) {
            let mut bad = good.clone();
            bad[at] ^= 4;
            fs::write(path, &bad).unwrap();
            let outcome = Store::read(folder.path()).and_then(|index| index.verify(|_| {}));
            assert!(matches!(outcome, Err(Error::Corrupt(_))), "{} {at}", path.display());
        }
        fs::write(path, &good[..good.len() / 2]).unwrap();
        assert!(Store::read(folder.path()).is_err());
        fs::remove_file(path).unwrap();
        assert!(matches!(Store::read(folder.path()), Err(Error::Io(_))));
        fs::write(path, &good).unwrap();
    }
    Store::read(folder.path()).unwrap().verify(|_| {}).unwrap();
}

/// FTS-02: readers that open and query while a writer replaces everything see one state, old or new.
#[test]
fn fts_02_readers_see_one_state() {
    let folder = tempfile::tempdir().unwrap();
    let done = AtomicBool::new(false);
    let text =
        |round: usize| (0..20).map(|n| (format!("{n}"), format!("always round{round}"))).collect::<Files>();
    let mut store = Store::open(folder.path()).unwrap();
    put(&mut store, &text(0), &[]);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut reads = 0;
                    while !done.load(Ordering::Relaxed) || reads == 0 {
                        let index = Store::read(folder.path()).unwrap();
                        assert_eq!(find(&index, "always").len(), 20);
                        let rounds = index.complete("round", 9).unwrap();
                        assert_eq!((rounds.len(), rounds[0].count), (1, 20), "{rounds:?}");
                        reads += 1;
                    }
                    reads
                })
            })
            .collect();
        for round in 1..150 {
            put(&mut store, &text(round), &[]);
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    assert_eq!(build(&text(149)).len() as u64, {
        store.compact().unwrap();
        store.index().unwrap().stats().index_bytes
    });
}

/// FTS-04: with only part of what an update writes on the disk, the old index is there.
#[test]
fn fts_04_a_crash_leaves_the_old_or_the_new_index() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    put(&mut store, &[("a".into(), "old".into())], &[]);
    let before = snapshot(folder.path());
    put(&mut store, &[("a".into(), "new".into())], &[]);
    let after = snapshot(folder.path());
    drop(store);
    let new: Vec<_> = after.iter().filter(|(name, _)| !before.contains_key(*name)).collect();
    assert_eq!(new.len(), 1, "the new segment");
    let (name, segment) = new[0];
    // The segment is written first, then manifest.tmp, then it is renamed.
    let mut states: Vec<BTreeMap<String, Vec<u8>>> = Vec::new();
    for len in (0..=segment.len()).step_by(512) {
        let mut state = before.clone();
        state.insert(name.clone(), segment[..len].to_vec());
        states.push(state);
    }
    let manifest = &after["manifest"];
    for len in 0..=manifest.len() {
        let mut state = before.clone();
        state.insert(name.clone(), segment.clone());
        state.insert("manifest.tmp".into(), manifest[..len].to_vec());
        state.insert("123-4.tmp".into(), b"left over".to_vec());
        states.push(state);
    }
    for state in states {
        let crashed = tempfile::tempdir().unwrap();
        state.iter().for_each(|(name, bytes)| fs::write(crashed.path().join(name), bytes).unwrap());
        assert_eq!(find(&Store::read(crashed.path()).unwrap(), "old OR new"), ["a"]);
        let mut store = Store::open(crashed.path()).unwrap();
        assert_eq!(find(&store.index().unwrap(), "old"), ["a"]);
        assert_eq!(snapshot(crashed.path()).len(), before.len(), "nothing is left over");
        put(&mut store, &[("a".into(), "newer".into())], &[]);
        assert_eq!(find(&store.index().unwrap(), "newer"), ["a"]);
    }
}

fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
    };
    fs::read_dir(folder).unwrap().map(read).collect()
}
