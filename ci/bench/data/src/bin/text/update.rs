//! Adding files to an index that is in use, one per commit.

use lws_bench_data::clock;
use lws_bench_data::random::Random;
use lws_bench_data::run::{Report, Task};

use crate::index;
use lws_bench_data::search::{Engine, text};

/// Some 2 KB of words, different each time.
fn content(random: &mut Random) -> String {
    const WORDS: [&str; 16] = [
        "memory",
        "the",
        "of",
        "allocation",
        "thread",
        "value",
        "returns",
        "type",
        "panics",
        "slice",
        "iterator",
        "string",
        "unsafe",
        "pointer",
        "trait",
        "error",
    ];
    let mut content = String::new();
    while content.len() < 2000 {
        content += WORDS[random.below(16) as usize];
        content.push(if random.below(8) == 0 { '\n' } else { ' ' });
        if random.below(16) == 0 {
            content += &format!("name{} ", random.below(100_000));
        }
    }
    content
}

/// Bytes that this process handed to the system for writing.
fn written() -> Result<f64, String> {
    let io = std::fs::read_to_string("/proc/self/io").map_err(text)?;
    let bytes = io.lines().find_map(|line| line.strip_prefix("wchar: ")?.parse::<f64>().ok());
    bytes.ok_or_else(|| "/proc/self/io does not tell".to_owned())
}

pub fn measure<E: Engine>(task: &Task) -> Result<Report, String> {
    let files = task.size(200, 50);
    let folder = index::<E>(task)?;
    let mut updater = E::updater(&folder, task.corpus()?)?;
    let mut random = Random::default();
    let (mut times, mut bytes, before) = (Vec::with_capacity(files), 0, written()?);
    for number in 0..files {
        let content = content(&mut random);
        bytes += content.len();
        let path = format!("new/{}-{number}.txt", std::process::id());
        let (ns, added) = clock::timed(|| E::add(&mut updater, &path, &content));
        added?;
        times.push(ns / 1e3);
    }
    let written = written()? - before;
    let sum: f64 = times.iter().sum();
    Ok(Report::new(files)
        .with("us", clock::median(&mut times))
        // With the merging that comes now and then.
        .with("mean_us", sum / files as f64)
        .with("written", written / bytes as f64))
}
