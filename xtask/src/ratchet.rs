//! `cargo xtask ratchet`: what a request costs, counted, against `[speed]` in `ci/ratchet.toml`.
//!
//! | count | how |
//! |---|---|
//! | allocations | the allocator of `ci/bench/net/src/bin/ratchet.rs` counts them |
//! | instructions | callgrind, two runs of different length; the difference has neither start nor end in it |
//! | system calls | `strace -c`, the same way, less the client's own |
//!
//! None of them depends on how busy the machine is. `--write` replaces the numbers by those of now.

use crate::sh;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use toml::Table;

/// By how much instructions may exceed their number: compilers differ a little from build to build.
const TOLERANCE: f64 = 1.03;
/// Allocations and system calls: a buffer that grows once in a hundred requests is none.
const SLACK: f64 = 0.02;
/// Batches of the two runs.
const SHORT: u64 = 100;
const LONG: u64 = 300;
/// Kind of `ci/bench/net/src/bin/ratchet.rs`, requests (or deliveries) in one of its batches, and what the client on the
/// same thread calls for each batch: a write, and a read from each connection.
const KINDS: [(&str, f64, f64); 10] = [
    ("h1", 1.0, 2.0),
    ("h1-p16", 16.0, 2.0),
    ("h1-file", 1.0, 2.0),
    ("ws", 1.0, 2.0),
    ("ws-d16", 16.0, 2.0),
    ("ws-16k", 1.0, 2.0),
    ("ws-16k-d8", 8.0, 2.0),
    ("ws-all", 64.0, 65.0),
    ("h2", 1.0, 2.0),
    ("h2-m100", 100.0, 2.0),
];

/// What one request costs; `None`: the tool for it is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Costs {
    instructions: Option<f64>,
    allocations: Option<f64>,
    calls: Option<f64>,
}

/// Name, value, and the most that a number in the file allows.
type Named = (&'static str, Option<f64>, fn(f64) -> f64);

impl Costs {
    fn named(&self) -> [Named; 3] {
        [
            ("instructions", self.instructions, |bound| bound * TOLERANCE),
            ("allocations", self.allocations, |bound| bound + SLACK),
            ("calls", self.calls, |bound| bound + SLACK),
        ]
    }
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(unknown) = args.iter().find(|a| *a != "--write") {
        return Err(format!("ratchet knows --write, not `{unknown}`"));
    }
    let path = sh::root().join("ci/ratchet.toml");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("ci/ratchet.toml: {e}"))?;
    let bounds: Table = text.parse().map_err(|e| format!("ci/ratchet.toml: {e}"))?;
    let program = build()?;
    let folder = sh::scratch_dir()?.join("ratchet");
    std::fs::create_dir_all(&folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    let (mut passed, mut failed, mut skipped, mut all) = (0, 0, 0, Vec::new());
    for (kind, batch, client) in KINDS {
        let start = Instant::now();
        let costs = measure(&program, kind, (batch, client), &folder)?;
        all.push((kind, costs));
        for (name, cost, most) in costs.named() {
            let bound = number(&bounds, kind, name);
            let (verdict, note) = match (cost, bound) {
                (None, _) => ("SKIP", format!("{name}: no tool to count them")),
                (Some(cost), None) => ("SKIP", format!("{name}: {} and no number to hold", short(cost))),
                (Some(cost), Some(bound)) if cost <= most(bound) => {
                    ("PASS", format!("{name}: {} of {}", short(cost), short(bound)))
                }
                (Some(cost), Some(bound)) => ("FAIL", format!("{name}: {} of {}", short(cost), short(bound))),
            };
            match verdict {
                "PASS" => passed += 1,
                "FAIL" => failed += 1,
                _ => skipped += 1,
            }
            sh::line(verdict, kind, start.elapsed(), &note);
        }
    }
    if args.iter().any(|a| a == "--write") {
        // As it is by now: counting takes a while.
        let text = std::fs::read_to_string(&path).map_err(|e| format!("ci/ratchet.toml: {e}"))?;
        std::fs::write(&path, with_section(&text, &section(&all)))
            .map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        println!("ratchet: wrote [speed] of ci/ratchet.toml");
        return Ok(());
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    match failed {
        0 => Ok(()),
        _ => Err("it costs more\nhelp: make it cheaper, or say why not and `cargo xtask ratchet --write`"
            .to_owned()),
    }
}

fn build() -> Result<PathBuf, String> {
    let target = sh::target_dir().join("bench/build");
    let mut cargo = sh::cargo();
    cargo
        .args(["build", "--release", "--bin", "ratchet", "--features", "ratchet", "--target-dir"])
        .arg(&target);
    cargo.arg("--manifest-path").arg(sh::root().join("ci/bench/net/Cargo.toml"));
    sh::must("ratchet-build", &mut cargo)?;
    Ok(target.join("release/ratchet"))
}

fn measure(program: &Path, kind: &str, (batch, client): (f64, f64), folder: &Path) -> Result<Costs, String> {
    let args = |command: &mut Command, batches: u64| {
        command.arg(program).arg(kind).arg(batches.to_string()).arg(folder);
    };
    let per_request = |long: f64, short: f64| (long - short) / (LONG - SHORT) as f64 / batch;
    let mut plain = Command::new(program);
    let counted = sh::output(plain.arg(kind).arg(LONG.to_string()).arg(folder))?;
    let allocations = counted
        .split("\"allocations\":")
        .nth(1)
        .and_then(|n| n.trim().trim_end_matches('}').parse::<f64>().ok());
    let instructions = |batches| -> Result<f64, String> {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        args(&mut valgrind, batches);
        let outcome = sh::must(&format!("ratchet-{kind}"), &mut valgrind)?;
        collected(&sh::text(&outcome.log)).ok_or_else(|| format!("{kind}: callgrind counted nothing"))
    };
    let table = folder.join("strace.txt");
    let calls = |batches| -> Option<f64> {
        let mut strace = Command::new("strace");
        strace.args(["-c", "-f", "-qq", "-o"]).arg(&table);
        args(&mut strace, batches);
        sh::works(&mut strace).then(|| total(&sh::text(&table)))?
    };
    Ok(Costs {
        instructions: match sh::have("valgrind") {
            true => Some(per_request(instructions(LONG)?, instructions(SHORT)?)),
            false => None,
        },
        allocations: allocations.map(|all| all / LONG as f64 / batch),
        calls: calls(LONG).zip(calls(SHORT)).map(|(long, short)| per_request(long, short) - client / batch),
    })
}

/// `==123== Collected : 4567`
fn collected(log: &str) -> Option<f64> {
    log.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

/// The calls in the line `100.00 … total` of a table of `strace -c`.
fn total(table: &str) -> Option<f64> {
    let line = table.lines().find(|line| line.trim_end().ends_with("total"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

fn number(bounds: &Table, kind: &str, name: &str) -> Option<f64> {
    let value = bounds.get("speed")?.get(kind)?.get(name)?;
    value.as_float().or_else(|| value.as_integer().map(|n| n as f64))
}

/// As it stands in the file.
fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{:.2}", value.max(0.0)) }
}

const HEAD: &str =
    "[speed]     # per request; written by `cargo xtask ratchet --write`, checked by `cargo xtask ratchet`\n";

fn section(all: &[(&str, Costs)]) -> String {
    let mut text = HEAD.to_owned();
    for (kind, costs) in all {
        let fields: Vec<String> = costs
            .named()
            .iter()
            .filter_map(|(name, cost, _)| Some(format!("{name} = {}", short((*cost)?))))
            .collect();
        text += &format!("{kind} = {{ {} }}\n", fields.join(", "));
    }
    text
}

/// `text` with the section in place of the old one, or at its end.
fn with_section(text: &str, section: &str) -> String {
    match text.find("[speed]") {
        None => format!("{}\n\n{section}", text.trim_end()),
        Some(begin) => {
            let end = text[begin + 1..].find("\n[").map_or(text.len(), |at| begin + 1 + at);
            let rest = text[end..].trim_start();
            let gap = if rest.is_empty() { "" } else { "\n" };
            format!("{}{section}{gap}{rest}", &text[..begin])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        assert_eq!(collected("==1== Events    : Ir\n==1== Collected : 4567\n"), Some(4567.0));
        assert_eq!(total("% time seconds\n100.00  0.000  0  600  3 total\n"), Some(600.0));
        assert_eq!((collected(""), total("")), (None, None));
    }

    #[test]
    fn what_is_written_is_what_holds() {
        let costs = Costs { instructions: Some(5321.4), allocations: Some(0.0), calls: Some(3.001) };
        let old = "[size]\nx = 1\n\n[speed]\nh1 = { instructions = 1 }\n\n[more]\ny = 2\n";
        for text in [old, "[size]\nx = 1\n", "[speed]\n"] {
            let written = with_section(text, &section(&[("h1", costs)]));
            let table: Table = written.parse().unwrap();
            for (name, cost, most) in costs.named() {
                let bound = number(&table, "h1", name).unwrap();
                assert!(cost.unwrap() <= most(bound), "{name} {bound}");
                assert!(cost.unwrap() * 1.2 + 0.1 > most(bound), "{name} {bound}: a bound binds");
            }
            assert_eq!(text.contains("[more]"), table.contains_key("more"));
        }
        assert_eq!(number(&old.parse().unwrap(), "ws", "calls"), None);
    }

    #[test]
    fn the_file_of_the_project_has_only_kinds_that_are_measured() {
        let text = std::fs::read_to_string(sh::root().join("ci/ratchet.toml")).unwrap();
        let table: Table = text.parse().unwrap();
        let speed = table.get("speed").and_then(toml::Value::as_table);
        for kind in speed.into_iter().flatten().map(|(kind, _)| kind.as_str()) {
            assert!(KINDS.iter().any(|(known, ..)| *known == kind), "{kind}");
        }
    }
}
