//! Full-text search: building an index, asking it, adding to it.
//!
//! | scenario | what happens |
//! |---|---|
//! | `build-CORPUS` | an index of all texts is built by one thread, positions included |
//! | `budget-CORPUS` | ours again, with other budgets of memory; the answer is a checksum of the index, which must be the same |
//! | `query-CORPUS` | that index is asked, again and again |
//! | `cold-CORPUS` | that index is asked once, by a fresh process, when none of it is in memory |
//! | `update-CORPUS` | files are added to that index, one per commit |
//! | `cjk-CORPUS` | which files with a word of Chinese or Japanese are not found |
//!
//! All cut words in the same way (runs of letters and digits, lower case), so they find the same files. Ours also stores
//! where lines are; the others do not. The index stays in the scratch folder for the scenarios that come after `build`.

mod ask;
mod cjk;
mod ours;
mod update;

use std::path::PathBuf;
use std::process::ExitCode;

use lws_bench_data::run::{self, Report, Task};
use lws_bench_data::search::{Engine, Sqlite, Tantivy, Trigram};
use lws_bench_data::{clock, pack};

fn main() -> ExitCode {
    run::main(|task| {
        let (action, corpus) = task.scenario.split_once('-').ok_or("a scenario is called action-corpus")?;
        if action == "budget" {
            return budget(task);
        }
        match task.contender.as_str() {
            "lws-fts" => on::<ours::Ours>(task, action, corpus),
            "tantivy" => on::<Tantivy>(task, action, corpus),
            "SQLite FTS5" => on::<Sqlite>(task, action, corpus),
            "FTS5 trigram" => on::<Trigram>(task, action, corpus),
            _ => task.unknown(),
        }
    })
}

fn on<E: Engine>(task: &Task, action: &str, corpus: &str) -> Result<Report, String> {
    match action {
        "build" => build::<E>(task),
        "query" => ask::warm::<E>(task, corpus),
        "cold" => ask::cold::<E>(task, corpus),
        "update" => update::measure::<E>(task),
        "cjk" => cjk::measure::<E>(task),
        _ => Err(format!("no scenario {}", task.scenario)),
    }
}

/// The index that `build` leaves for the other scenarios; built now where it is not there.
fn index<E: Engine>(task: &Task) -> Result<PathBuf, String> {
    let folder = task.scratch()?.join("index");
    if !folder.exists() {
        // By another process, so that its memory is not counted.
        let mut build = std::process::Command::new(std::env::current_exe().map_err(|e| e.to_string())?);
        build.args(["build-again", &task.contender, "--corpus"]).arg(task.corpus()?);
        build.arg("--scratch").arg(task.scratch()?);
        if !build.status().map_err(|e| e.to_string())?.success() {
            return Err("the index could not be built".to_owned());
        }
    }
    Ok(folder)
}

fn build<E: Engine>(task: &Task) -> Result<Report, String> {
    let folder = task.scratch()?.join("index");
    // From the last round.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let mut reader = pack::Reader::open(task.corpus()?).map_err(|e| e.to_string())?;
    let (ns, built) = clock::timed(|| E::build(&mut reader, &folder));
    let built = built?;
    let peak = clock::status_kib("VmHWM");
    // What a user may do once before many questions; not counted as building.
    E::optimize(&folder)?;
    let text = built.text_bytes as f64;
    let mut report = Report::new(built.files)
        .with("us", ns / 1e3 / (text / 1e6))
        .with("build_kib", peak as f64)
        .with("size", folder_size(&folder)? as f64 / text);
    if let Some(lines) = E::line_bytes(&folder)? {
        report = report.with("size_without_lines", (folder_size(&folder)? - lines) as f64 / text);
    }
    Ok(report)
}

/// Bytes of all files in a folder, not those in folders below it.
fn folder_size(folder: &std::path::Path) -> Result<u64, String> {
    let files = std::fs::read_dir(folder).map_err(|e| e.to_string())?.flatten();
    Ok(files.filter_map(|file| file.metadata().ok()).filter(|m| m.is_file()).map(|m| m.len()).sum())
}

/// The contender is called `lws-fts N MiB`.
fn budget(task: &Task) -> Result<Report, String> {
    let mib = task.contender.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok());
    let Some(mib) = mib else { return task.unknown() };
    let folder = task.scratch()?.join("index");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let mut reader = pack::Reader::open(task.corpus()?).map_err(|e| e.to_string())?;
    let (ns, built) = clock::timed(|| ours::build(&mut reader, &folder, mib << 20));
    let (text, peak) = (built?.text_bytes as f64, clock::status_kib("VmHWM"));
    let report = Report::new(ours::checksum(&folder)?);
    let over = peak as f64 - (mib << 10) as f64;
    Ok(report.with("us", ns / 1e3 / (text / 1e6)).with("over_kib", over.max(0.0)))
}
