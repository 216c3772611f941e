//! Questions to an index: warm ones by the clock, cold ones by what they read from the disk.

use std::fs::File;
use std::hint::black_box;
use std::path::Path;

use lws_bench_data::clock;
use lws_bench_data::run::{Report, Task};
use rustix::fs::Advice;

use crate::index;
use lws_bench_data::search::{Ask, Engine, text};

/// Words of a corpus, by how many of its files have them.
struct Words {
    /// Some hundred files.
    rare: &'static str,
    /// A fifth of the files.
    common: &'static str,
    /// Most files.
    everywhere: &'static str,
    /// None.
    absent: &'static str,
    /// Is often next to `common`, behind it.
    neighbour: &'static str,
    /// Two words that are next to each other in many files.
    frequent_pair: (&'static str, &'static str),
    /// Of 0, 1, 3 and 5 letters.
    prefixes: [(&'static str, &'static str); 4],
}

const RUSTDOC: Words = Words {
    rare: "endianness",
    common: "memory",
    everywhere: "the",
    absent: "quiescentx",
    neighbour: "allocation",
    frequent_pair: ("of", "the"),
    prefixes: [("complete_0", ""), ("complete_1", "s"), ("complete_3", "mem"), ("complete_5", "alloc")],
};

const LINUX: Words = Words {
    rare: "quiescent",
    common: "memory",
    everywhere: "the",
    absent: "quiescentx",
    neighbour: "barrier",
    frequent_pair: ("of", "the"),
    prefixes: [("complete_0", ""), ("complete_1", "s"), ("complete_3", "mem"), ("complete_5", "alloc")],
};

fn words(corpus: &str) -> Result<&'static Words, String> {
    match corpus {
        "rustdoc" => Ok(&RUSTDOC),
        "linux" => Ok(&LINUX),
        _ => Err(format!("no words chosen for corpus {corpus}")),
    }
}

/// Microseconds of CPU time: the middle of many batches, each long enough for the clock.
fn median_us<T>(mut ask: impl FnMut() -> Result<T, String>) -> Result<f64, String> {
    const BATCH_NS: f64 = 500_000.0;
    const LONGEST_NS: f64 = 400_000_000.0;
    let (once, answer) = clock::timed(&mut ask);
    black_box(answer?);
    let in_batch = (BATCH_NS / once).ceil().clamp(1.0, 10_000.0) as usize;
    let batches = (LONGEST_NS / (once * in_batch as f64)).clamp(3.0, 101.0) as usize;
    let mut times = Vec::with_capacity(batches);
    for _ in 0..batches {
        let (ns, answers) =
            clock::timed(|| (0..in_batch).try_for_each(|_| ask().map(|answer| drop(black_box(answer)))));
        answers?;
        times.push(ns / in_batch as f64 / 1e3);
    }
    Ok(clock::median(&mut times))
}

pub fn warm<E: Engine>(task: &Task, corpus: &str) -> Result<Report, String> {
    let words = words(corpus)?;
    let folder = index::<E>(task)?;
    let before = clock::status_kib("RssAnon");
    let mut engine = E::open(&folder)?;
    let both = Ask::Both(words.common, words.neighbour);
    let asks = [
        ("rare", Ask::Word(words.rare)),
        ("common", Ask::Word(words.common)),
        ("everywhere", Ask::Word(words.everywhere)),
        ("absent", Ask::Word(words.absent)),
        ("both", both),
        ("both_common", Ask::Both(words.everywhere, words.common)),
        ("phrase", Ask::Phrase(words.common, words.neighbour)),
        ("phrase_common", Ask::Phrase(words.frequent_pair.0, words.frequent_pair.1)),
    ];
    // Which files match is the same for all, but for words that touch a script without spaces: those are words of their own for
    // ours only. These questions have no such files.
    let same = [Ask::Word(words.rare), Ask::Word(words.absent), Ask::Phrase(words.common, words.neighbour)];
    let counts =
        same.iter().map(|ask| engine.count(*ask).map(|n| n.to_string())).collect::<Result<Vec<_>, _>>()?;
    let mut report = Report::new(counts.join(" "));
    for (key, ask) in asks {
        let us = median_us(|| engine.best(ask))?;
        report = report.with(key, us);
        if key == "everywhere" && engine.lines(words.everywhere)?.is_some() {
            let with_lines = median_us(|| engine.lines(words.everywhere))?;
            report = report.with("lines_extra", (with_lines - us).max(0.0));
        }
    }
    for (key, prefix) in words.prefixes {
        if engine.complete(prefix)?.len() != 10 {
            return Err(format!("fewer than ten words start with {prefix:?}"));
        }
        report = report.with(key, median_us(|| engine.complete(prefix))?);
    }
    Ok(report.with("anon_kib", clock::status_kib("RssAnon").saturating_sub(before) as f64))
}

/// Bytes that this process had fetched from a disk.
fn fetched() -> Result<f64, String> {
    let io = std::fs::read_to_string("/proc/self/io").map_err(text)?;
    let bytes = io.lines().find_map(|line| line.strip_prefix("read_bytes: ")?.parse::<f64>().ok());
    bytes.ok_or_else(|| "/proc/self/io does not tell".to_owned())
}

/// Drops the files of a folder from the page cache.
fn forget(folder: &Path) -> Result<(), String> {
    for entry in std::fs::read_dir(folder).map_err(text)?.flatten() {
        if entry.metadata().is_ok_and(|m| m.is_file()) {
            let file = File::open(entry.path()).map_err(text)?;
            // A page that is not on the disk yet cannot be dropped.
            file.sync_all().map_err(text)?;
            rustix::fs::fadvise(&file, 0, None, Advice::DontNeed).map_err(text)?;
        }
    }
    Ok(())
}

pub fn cold<E: Engine>(task: &Task, corpus: &str) -> Result<Report, String> {
    let words = words(corpus)?;
    let folder = index::<E>(task)?;
    forget(&folder)?;
    let start = fetched()?;
    let mut engine = E::open(&folder)?;
    let (opened, reads) = (fetched()?, engine.reads().unwrap_or_default());
    let mut report = Report::new("").with("open_kib", (opened - start) / 1024.0);
    engine.complete(words.prefixes[2].1)?;
    report = report.with("complete_kib", (fetched()? - opened) / 1024.0);
    if let Some(now) = engine.reads() {
        report = report.with("complete_reads", (now - reads) as f64);
    }
    // Another process would not have what the completion left behind; this one opens again.
    drop(engine);
    forget(&folder)?;
    let mut engine = E::open(&folder)?;
    let (opened, reads) = (fetched()?, engine.reads().unwrap_or_default());
    engine.best(Ask::Word(words.rare))?;
    report = report.with("word_kib", (fetched()? - opened) / 1024.0);
    if let Some(now) = engine.reads() {
        report = report.with("word_reads", (now - reads) as f64);
    }
    Ok(report)
}
