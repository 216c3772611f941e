//! `cargo xtask ci`: every check, one line each, the counts last.
//!
//! | option | steps |
//! |---|---|
//! | `--quick` | what needs no browser, no downloads and no long runs: what to run before a commit |
//! | `--rest` | the others |
//! | both or none | all |
//!
//! Each step is a program; its output goes to `target/xtask/<step>.log`, the tail is shown where it fails. A step's
//! tests are counted from its output (`test result:` lines of cargo, `N passed, M failed, K skipped` lines of ours); a
//! step without tests counts as one. A step whose output has a line `skipped: why` and no count is skipped. The last
//! line is the sum, alone.

use crate::{backends, sh};
use std::process::Command;

/// One check.
struct Step {
    name: &'static str,
    quick: bool,
    work: Work,
}

/// What a step runs.
enum Work {
    Cargo(&'static [&'static str]),
    /// Another command of this program.
    Xtask(&'static [&'static str]),
    /// A cargo subcommand that has to be installed.
    Extra(&'static str, &'static [&'static str]),
}

const fn quick(name: &'static str, work: Work) -> Step {
    Step { name, quick: true, work }
}

const fn rest(name: &'static str, work: Work) -> Step {
    Step { name, quick: false, work }
}

/// Cases that are soon done and touch all of a TLS library: small and large messages, pings, closing.
const SMOKE: &str = "1.*,2.*,7.*";

const STEPS: &[Step] = &[
    quick("fmt", Work::Xtask(&["fmt", "--check"])),
    quick("arch", Work::Xtask(&["arch"])),
    quick("tidy", Work::Xtask(&["tidy"])),
    quick("docs", Work::Xtask(&["docs", "--check"])),
    quick("clippy", Work::Cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
    quick("doc", Work::Cargo(&["doc", "--workspace", "--no-deps"])),
    quick("test", Work::Cargo(&["test", "--workspace", "--no-fail-fast"])),
    quick("nostd", Work::Xtask(&["nostd"])),
    quick("examples", Work::Xtask(&["examples"])),
    rest("sim", Work::Cargo(&["test", "--package", "lws-sim", "--release", "--no-fail-fast"])),
    rest("backends", Work::Xtask(&["backends"])),
    rest("matrix", Work::Xtask(&["matrix", "--quick"])),
    rest("size", Work::Xtask(&["size"])),
    rest("ratchet", Work::Xtask(&["ratchet"])),
    rest("attack", Work::Xtask(&["attack"])),
    rest("conform", Work::Xtask(&["conform", "autobahn", "--sample"])),
    rest("conform-client", Work::Xtask(&["conform", "autobahn", "--client", "--sample"])),
    rest("conform-tls", Work::Xtask(&["conform", "autobahn", "--tls"])),
    rest(
        "conform-tls-openssl",
        Work::Xtask(&["conform", "autobahn", "--tls", "--backend", "openssl", "--cases", SMOKE]),
    ),
    rest(
        "conform-tls-mbedtls",
        Work::Xtask(&["conform", "autobahn", "--tls", "--backend", "mbedtls", "--cases", SMOKE]),
    ),
    rest("conform-ws-h2", Work::Xtask(&["conform", "autobahn", "--h2"])),
    rest("conform-h2", Work::Xtask(&["conform", "h2"])),
    rest("peers", Work::Xtask(&["peers"])),
    rest("browser", Work::Xtask(&["browser"])),
    rest("fuzz", Work::Xtask(&["fuzz"])),
    rest("sanitize", Work::Xtask(&["sanitize"])),
    // Not its advisories: they need a network and change without us. docs/release-policy.md says when they are looked at.
    rest("deny", Work::Extra("deny", &["check", "bans", "licenses", "sources"])),
];

/// What came of some tests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(unknown) = args.iter().find(|a| *a != "--quick" && *a != "--rest") {
        return Err(format!("ci knows --quick and --rest, not `{unknown}`"));
    }
    let wanted = |flag: &str| args.is_empty() || args.iter().any(|a| a == flag);
    let mut sum = Counts::default();
    for step in STEPS.iter().filter(|s| wanted(if s.quick { "--quick" } else { "--rest" })) {
        let counts = step.run()?;
        sum.passed += counts.passed;
        sum.failed += counts.failed;
        sum.skipped += counts.skipped;
    }
    println!("{} passed, {} failed, {} skipped", sum.passed, sum.failed, sum.skipped);
    // The counts are the message, and they stay the last line.
    if sum.failed == 0 { Ok(()) } else { Err(String::new()) }
}

impl Step {
    /// Runs it and prints its line.
    fn run(&self) -> Result<Counts, String> {
        let mut command = match &self.work {
            Work::Cargo(args) if args.contains(&"--workspace") => with_exclusions(args),
            Work::Cargo(args) => with_args(sh::cargo(), args),
            Work::Xtask(args) => {
                with_args(Command::new(std::env::current_exe().map_err(|e| e.to_string())?), args)
            }
            Work::Extra(tool, args) if sh::works(sh::cargo().args([tool, "--version"])) => {
                let mut command = with_args(sh::cargo(), &[tool]);
                command.args(*args);
                command
            }
            Work::Extra(tool, _) => {
                let why = format!("skipped: no cargo-{tool}; cargo install cargo-{tool} --locked");
                sh::line("SKIP", self.name, std::time::Duration::ZERO, &why);
                return Ok(Counts { skipped: 1, ..Counts::default() });
            }
        };
        command.env("RUSTDOCFLAGS", "-D warnings");
        let outcome = sh::logged(self.name, &mut command)?;
        let text = sh::text(&outcome.log);
        let (verdict, counts, note) = judge(&text, outcome.ok);
        sh::line(verdict, self.name, outcome.took, &note);
        if verdict == "FAIL" {
            println!("---- the end of {}:\n{}\n----", outcome.log.display(), sh::tail(&outcome.log, 40));
        }
        Ok(counts)
    }
}

/// All of the workspace but what cannot be built here, which is said.
fn with_exclusions(args: &[&str]) -> Command {
    let at = args.iter().position(|a| *a == "--workspace").unwrap_or(0) + 1;
    let mut command = with_args(sh::cargo(), &args[..at]);
    for (name, missing) in backends::missing() {
        println!("note: without {name}: {missing}");
        command.args(["--exclude", name]);
    }
    command.args(&args[at..]);
    command
}

fn with_args(mut command: Command, args: &[&str]) -> Command {
    command.args(args);
    command
}

/// Verdict, counts and a note, from a step's output and whether it succeeded.
fn judge(text: &str, ok: bool) -> (&'static str, Counts, String) {
    let counted = counts(text);
    let why = text.lines().find(|l| l.starts_with("skipped: "));
    let mut counts = counted.unwrap_or_default();
    if !ok || counts.failed > 0 {
        counts.failed = counts.failed.max(1);
        return ("FAIL", counts, String::new());
    }
    match (counted, why) {
        (Some(c), _) => ("PASS", c, format!("{} tests", c.passed)),
        (None, Some(why)) => ("SKIP", Counts { skipped: 1, ..counts }, why.to_owned()),
        (None, None) => ("PASS", Counts { passed: 1, ..counts }, String::new()),
    }
}

/// The sum of all lines of `text` that count tests; `None` where no line does.
fn counts(text: &str) -> Option<Counts> {
    text.lines().filter_map(count_line).reduce(|a, b| Counts {
        passed: a.passed + b.passed,
        failed: a.failed + b.failed,
        skipped: a.skipped + b.skipped,
    })
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; …` or `5 passed, 0 failed, 1 skipped`.
fn count_line(line: &str) -> Option<Counts> {
    let ours = line.strip_prefix("test result: ").map(|l| l.split_once(". ").map_or(l, |(_, counts)| counts));
    let mut parts = ours.unwrap_or(line).split([';', ',']).map(str::trim);
    let mut next = |words: [&str; 2]| {
        let (number, word) = parts.next()?.split_once(' ')?;
        if words.contains(&word) { number.parse::<u64>().ok() } else { None }
    };
    Some(Counts {
        passed: next(["passed"; 2])?,
        failed: next(["failed"; 2])?,
        skipped: next(["ignored", "skipped"])?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO: &str = "running 3 tests\ntest a ... ok\n\
        test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
        test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";

    #[test]
    fn tests_are_counted_from_output() {
        assert_eq!(counts(CARGO), Some(Counts { passed: 6, failed: 2, skipped: 1 }));
        assert_eq!(
            counts("x\n7 passed, 1 failed, 2 skipped\n"),
            Some(Counts { passed: 7, failed: 1, skipped: 2 })
        );
        assert_eq!(counts("nothing was passed, or failed\n"), None);
    }

    #[test]
    fn a_step_is_judged_by_its_exit_and_its_output() {
        let row = |text: &str, ok: bool| {
            let (verdict, c, _) = judge(text, ok);
            (verdict, c.passed, c.failed, c.skipped)
        };
        assert_eq!(row("fine\n", true), ("PASS", 1, 0, 0));
        assert_eq!(row("error: it does not compile\n", false), ("FAIL", 0, 1, 0));
        assert_eq!(row("3 passed, 0 failed, 0 skipped\n", true), ("PASS", 3, 0, 0));
        assert_eq!(row("3 passed, 0 failed, 0 skipped\n", false), ("FAIL", 3, 1, 0));
        assert_eq!(row("3 passed, 2 failed, 0 skipped\n", false), ("FAIL", 3, 2, 0));
        assert_eq!(row("skipped: no browser\n", true), ("SKIP", 0, 0, 1));
        assert_eq!(row("skipped: no browser\n", false), ("FAIL", 0, 1, 0));
    }

    #[test]
    fn steps_have_names_of_their_own() {
        for (at, step) in STEPS.iter().enumerate() {
            assert!(STEPS[..at].iter().all(|s| s.name != step.name), "{}", step.name);
        }
    }
}
