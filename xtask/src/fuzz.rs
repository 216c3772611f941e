//! `cargo xtask fuzz [--seconds N] [--long] [target...]`: runs the fuzz targets of `ci/fuzz`, 20 seconds each, and `fts`.
//!
//! They need what a stable toolchain lacks: a nightly one, cargo-fuzz and a C++ compiler. Where one is missing the
//! command says so and succeeds. A target starts from `ci/fuzz/testdata/<target>` and the words of `ci/fuzz/<target>.dict`;
//! what it finds stays in `ci/fuzz/artifacts`, its corpus in `ci/fuzz/corpus`.
//!
//! `fts` needs nothing: it asks questions of damaged search indexes, some tens of thousands or, with `--long`, a million.
//! libFuzzer would only learn to make indexes whose checksums are wrong; the test `mutation` of lws-fts makes them right again.

use crate::sh;
use std::process::Command;
use toml::{Table, Value};

const PACKAGE: &str = "ci/fuzz";
const SECONDS: u64 = 20;
/// The one that is no target of libFuzzer.
const FTS: &str = "fts";
const QUESTIONS: u64 = 40_000;
const LONG_QUESTIONS: u64 = 1_000_000;

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    let seconds = sh::number(args, "--seconds")?.unwrap_or(SECONDS);
    let names: Vec<&String> =
        args.iter().filter(|a| !a.starts_with('-') && a.parse::<u64>().is_err()).collect();
    let manifest = std::fs::read_to_string(sh::root().join(PACKAGE).join("Cargo.toml"))
        .map_err(|e| format!("{PACKAGE}: {e}"))?;
    let mut targets = targets(&manifest)?;
    targets.push(FTS.to_owned());
    if let Some(unknown) = names.iter().find(|n| !targets.contains(n)) {
        return Err(format!("no fuzz target `{unknown}`\nhelp: there are {}", targets.join(", ")));
    }
    targets.retain(|t| names.is_empty() || names.contains(&t));
    let mut failed = Vec::new();
    if targets.pop_if(|last| last == FTS).is_some() && !fts(args.iter().any(|a| a == "--long"))? {
        failed.push(FTS);
    }
    let asked = usize::from(names.is_empty() || names.contains(&&FTS.to_owned()));
    let mut skipped = 0;
    if let Some(why) = missing().filter(|_| !targets.is_empty()) {
        skipped = targets.len();
        targets.clear();
        println!("{skipped} targets skipped: {why}");
    }
    sh::lend_lock(&sh::root().join(PACKAGE))?;
    for target in &targets {
        let corpus = sh::root().join(PACKAGE).join("corpus").join(target);
        std::fs::create_dir_all(&corpus).map_err(|e| format!("cannot make {}: {e}", corpus.display()))?;
        let outcome = sh::logged(&format!("fuzz-{target}"), &mut command(target, seconds))?;
        sh::line(
            if outcome.ok { "PASS" } else { "FAIL" },
            target,
            outcome.took,
            &executions(&sh::text(&outcome.log)),
        );
        if !outcome.ok {
            println!("{}", sh::tail(&outcome.log, 30));
            failed.push(target.as_str());
        }
    }
    let passed = asked + targets.len() - failed.len();
    println!("{passed} passed, {} failed, {skipped} skipped", failed.len());
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("the fuzzer found something in {}", failed.join(", ")))
    }
}

/// Asks damaged search indexes; answers whether all went well.
fn fts(long: bool) -> Result<bool, String> {
    let questions = if long { LONG_QUESTIONS } else { QUESTIONS };
    let mut cargo = sh::cargo();
    cargo.args(["test", "--release", "--package", "lws-fts", "--test", "mutation", "--", "--nocapture"]);
    cargo.env("LWS_FTS_MUTATIONS", questions.to_string());
    let outcome = sh::logged("fuzz-fts", &mut cargo)?;
    let text = sh::text(&outcome.log);
    let note = text.lines().find(|l| l.contains(" questions, ")).unwrap_or_default();
    sh::line(if outcome.ok { "PASS" } else { "FAIL" }, FTS, outcome.took, note);
    if !outcome.ok {
        println!("{}", sh::tail(&outcome.log, 30));
    }
    Ok(outcome.ok)
}

fn command(target: &str, seconds: u64) -> Command {
    let package = sh::root().join(PACKAGE);
    let mut cargo = sh::cargo_of_toolchain("nightly");
    cargo.args(["fuzz", "run", "--fuzz-dir", PACKAGE, "--target-dir"]).arg(sh::target_dir().join("fuzz"));
    // libFuzzer adds to the first folder and also reads the second.
    cargo.arg(target).arg(package.join("corpus").join(target)).arg(package.join("testdata").join(target));
    cargo.args(["--", &format!("-max_total_time={seconds}"), "-max_len=4096", "-timeout=5"]);
    let words = package.join(format!("{target}.dict"));
    if words.exists() {
        cargo.arg(format!("-dict={}", words.display()));
    }
    cargo
}

/// The names of the `[[bin]]`s of a cargo-fuzz package.
fn targets(manifest: &str) -> Result<Vec<String>, String> {
    let table: Table = manifest.parse().map_err(|e| format!("{PACKAGE}/Cargo.toml: {e}"))?;
    let bins = table.get("bin").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names: Vec<String> =
        bins.iter().filter_map(|b| b.get("name").and_then(Value::as_str)).map(str::to_owned).collect();
    if names.is_empty() { Err(format!("{PACKAGE}/Cargo.toml has no [[bin]]")) } else { Ok(names) }
}

/// Why fuzzing is not possible here, with what to install.
fn missing() -> Option<&'static str> {
    if !sh::works(sh::cargo_of_toolchain("nightly").arg("--version")) {
        return Some("no nightly toolchain; rustup toolchain install nightly --profile minimal");
    }
    if !sh::works(sh::cargo_of_toolchain("nightly").args(["fuzz", "--version"])) {
        return Some("no cargo-fuzz; cargo install cargo-fuzz --locked");
    }
    if !sh::have("c++") {
        return Some("no C++ compiler for libFuzzer; apt-get install g++");
    }
    None
}

/// What libFuzzer says at its end: `Done 123 runs in 21 second(s)`.
fn executions(log: &str) -> String {
    log.lines().rev().find(|l| l.starts_with("Done ")).unwrap_or("it did not end by itself").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_programs_of_the_package() {
        let manifest =
            "[package]\nname = \"f\"\n[[bin]]\nname = \"head\"\npath = \"a.rs\"\n[[bin]]\nname = \"path\"\n";
        assert_eq!(targets(manifest).unwrap(), ["head", "path"]);
        assert!(targets("[package]\nname = \"f\"\n").is_err());
    }
}
