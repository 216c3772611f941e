//! `cargo bench -p lws-fts [-- folder]`: what building, asking and updating cost, over the files of a folder or over
//! generated texts.
//!
//! Times are the best of several rounds, on one thread; those of building and updating are what the processor worked,
//! where the system tells. "cold" counts pages that a freshly opened index reads.
#![allow(clippy::print_stdout)] // a benchmark reports on stdout
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on panics")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use lws_fts::{Builder, FileSink, FileSource, Index, Query, Search, Store, TempFiles};
use support::Files;

fn main() {
    let folder = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    let mut files = Files::new();
    match folder {
        Some(folder) => read(Path::new(&folder), &mut files),
        None => files = support::corpus(1, 4000, 600),
    }
    files.sort();
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("one");
    build(&files, place.path(), &path);
    let index = Index::open(FileSource::open(&path).unwrap()).unwrap();
    questions(&index, &path);
    update(&files, place.path());
}

fn read(folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(&path, files);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            files.push((path.display().to_string(), text));
        }
    }
}

fn best(rounds: usize, mut work: impl FnMut()) -> Duration {
    (0..rounds).map(|_| time(&mut work)).min().unwrap()
}

fn time(work: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// How long the processor worked for this thread. Only good for work of many milliseconds.
fn worked(mut work: impl FnMut()) -> Duration {
    let now = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    let before = now();
    let wall = time(&mut work);
    before.zip(now()).map_or(wall, |(before, after)| after - before)
}

fn build(files: &Files, temporary: &Path, path: &Path) {
    let mut summary = None;
    let mut round = || {
        let _ = std::fs::remove_file(path);
        let mut builder =
            Builder::new(FileSink::create(path).unwrap(), TempFiles::in_folder(temporary)).unwrap();
        for (path, text) in files {
            builder.begin(path, 0).unwrap();
            builder.write(text.as_bytes()).unwrap();
        }
        let (sink, built) = builder.finish().unwrap();
        sink.sync().unwrap();
        summary = Some(built);
    };
    let took = (0..3).map(|_| worked(&mut round)).min().unwrap();
    let summary = summary.unwrap();
    let (text, index) = (summary.text_bytes as f64, summary.index_bytes as f64);
    println!("{} files, {:.1} MB, {} terms", summary.files, text / 1e6, summary.terms);
    println!("build    {:.0} MB/s, index/text {:.3}", text / 1e6 / took.as_secs_f64(), index / text);
}

fn questions(index: &Index<FileSource>, path: &Path) {
    let frequent = index.complete("", 40).unwrap();
    let (a, b) = (&frequent[2].term, &frequent[30].term);
    let queries =
        [a.clone(), b.clone(), format!("{a} {b}"), format!("\"{a} {b}\""), format!("{b}*"), "zzzzz".into()];
    for query in queries {
        let parsed = Query::parse(&query).unwrap();
        let ask = |index: &Index<FileSource>| {
            let found = index.search(&parsed, &Search::default()).unwrap();
            found.hits.iter().for_each(|hit| drop(black_box(index.file(hit.file).unwrap())));
            found.total
        };
        let total = ask(index);
        let took = best(50, || assert_eq!(black_box(ask(index)), total));
        let cold = Index::open(FileSource::open(path).unwrap()).unwrap();
        ask(&cold);
        println!("search   {query:24} {took:9.1?}  {total} files, cold {} KiB", cold.pages_read() * 4);
    }
    for prefix in ["", &b[..1], &b[..2], b] {
        let took = best(50, || drop(black_box(index.complete(prefix, 10).unwrap())));
        let cold = Index::open(FileSource::open(path).unwrap()).unwrap();
        drop(cold.complete(prefix, 10));
        println!("complete {prefix:24} {took:9.1?}  cold {} KiB", cold.pages_read() * 4);
    }
}

fn update(files: &Files, temporary: &Path) {
    let mut store = Store::open(temporary.join("store")).unwrap();
    let mut update = store.update(16 << 20).unwrap();
    for (path, text) in files {
        update.begin(path, 0).unwrap();
        update.write(text.as_bytes()).unwrap();
    }
    update.commit(|_| {}).unwrap();
    let mut waited = Duration::ZERO;
    let took = worked(|| {
        for (path, text) in files.iter().take(100) {
            waited += time(&mut || {
                let mut update = store.update(1 << 20).unwrap();
                update.begin(path, 1).unwrap();
                update.write(text.as_bytes()).unwrap();
                update.commit(|_| {}).unwrap();
            });
        }
    });
    let files = files.len().min(100) as u32;
    println!(
        "update   one file replaced: {:.1?}, and with waiting for the disk {:.1?}",
        took / files,
        waited / files
    );
}
