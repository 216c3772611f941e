//! `cargo xtask sanitize`: the tests of the crates with `unsafe` code, watched by tools that see what it does.
//!
//! | tool | sees | needs |
//! |---|---|---|
//! | Miri | every access, by the rules of the language | the component `miri` of a nightly toolchain |
//! | AddressSanitizer | accesses outside of what is allocated, and leaks | a nightly toolchain |
//! | valgrind | the same of the ordinary build, and what is read before it was written | valgrind |
//!
//! One line per crate and tool; where a tool is not there, its line says why. The standard library is not rebuilt: that would
//! need its sources, and what is of interest here is our own code.

use crate::sh;
use std::process::Command;

/// The crates that `ci/arch.toml` allows `unsafe` code outside of tests, but for one call in lws-core.
const CRATES: [&str; 1] = ["lwsac"];
/// Property tests run so many cases; the tools are ten to a thousand times slower than the processor.
const CASES: &str = "32";
const MIRI_CASES: &str = "4";

/// What became of one crate under one tool.
enum Verdict {
    Passed,
    Failed,
    Skipped(String),
}

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(unknown) = args.iter().find(|a| !CRATES.contains(&a.as_str())) {
        return Err(format!("no crate `{unknown}` to sanitize\nhelp: there are {}", CRATES.join(", ")));
    }
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for package in CRATES.iter().filter(|c| args.is_empty() || args.iter().any(|a| a == *c)) {
        for (tool, check) in [("miri", miri as Check), ("asan", asan), ("valgrind", valgrind)] {
            let start = std::time::Instant::now();
            let verdict = check(package)?;
            let (word, why) = match &verdict {
                Verdict::Passed => ("PASS", ""),
                Verdict::Failed => ("FAIL", ""),
                Verdict::Skipped(why) => ("SKIP", why.as_str()),
            };
            sh::line(word, &format!("{tool}-{package}"), start.elapsed(), why);
            match verdict {
                Verdict::Passed => passed += 1,
                Verdict::Failed => failed += 1,
                Verdict::Skipped(_) => skipped += 1,
            }
        }
    }
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { Ok(()) } else { Err(String::new()) }
}

type Check = fn(&str) -> Result<Verdict, String>;

fn miri(package: &str) -> Result<Verdict, String> {
    if !sh::works(sh::cargo_of_toolchain("nightly").args(["miri", "--version"])) {
        let help = "rustup component add miri --toolchain nightly";
        return Ok(Verdict::Skipped(format!("no Miri in the nightly toolchain; {help}")));
    }
    let mut cargo = sh::cargo_of_toolchain("nightly");
    cargo.args(["miri", "test", "--package", package, "--target-dir"]).arg(target("miri"));
    // Property tests look for the folder of their crate.
    cargo.env("MIRIFLAGS", "-Zmiri-disable-isolation").env("PROPTEST_CASES", MIRI_CASES);
    judge(&format!("miri-{package}"), &mut cargo)
}

fn asan(package: &str) -> Result<Verdict, String> {
    let Some(host) = host() else {
        let help = "rustup toolchain install nightly --profile minimal";
        return Ok(Verdict::Skipped(format!("no nightly toolchain; {help}")));
    };
    let mut cargo = sh::cargo_of_toolchain("nightly");
    // With a target, build scripts and macros are compiled without.
    cargo.args(["test", "--package", package, "--tests", "--target", &host, "--target-dir"]);
    // A test asks for more memory than there is, to see the error.
    cargo.arg(target("asan")).env("RUSTFLAGS", "-Zsanitizer=address");
    cargo.env("ASAN_OPTIONS", "detect_leaks=1:allocator_may_return_null=1").env("PROPTEST_CASES", CASES);
    judge(&format!("asan-{package}"), &mut cargo)
}

fn valgrind(package: &str) -> Result<Verdict, String> {
    if !sh::have("valgrind") {
        return Ok(Verdict::Skipped("no valgrind; apt-get install valgrind".to_owned()));
    }
    let Some(host) = host().or_else(|| host_of(&mut Command::new("rustc"))) else {
        return Ok(Verdict::Skipped("rustc does not tell its host".to_owned()));
    };
    let runner = "valgrind --quiet --error-exitcode=97 --leak-check=full --errors-for-leak-kinds=definite";
    let variable = format!("CARGO_TARGET_{}_RUNNER", host.to_uppercase().replace('-', "_"));
    let mut cargo = sh::cargo();
    cargo.args(["test", "--package", package, "--tests", "--target", &host, "--target-dir"]);
    cargo.arg(target("valgrind")).env(variable, runner).env("PROPTEST_CASES", CASES);
    judge(&format!("valgrind-{package}"), &mut cargo)
}

fn target(tool: &str) -> std::path::PathBuf {
    sh::target_dir().join("sanitize").join(tool)
}

/// The triple that the nightly toolchain runs on.
fn host() -> Option<String> {
    host_of(sh::cargo_of_toolchain("nightly").arg("--quiet"))
}

/// `host: x86_64-unknown-linux-gnu`, as cargo and rustc say it.
fn host_of(program: &mut Command) -> Option<String> {
    let text = sh::output(program.arg("-vV")).ok()?;
    text.lines().find_map(|line| line.strip_prefix("host: ")).map(|host| host.trim().to_owned())
}

fn judge(name: &str, command: &mut Command) -> Result<Verdict, String> {
    let outcome = sh::logged(name, command)?;
    if outcome.ok {
        return Ok(Verdict::Passed);
    }
    println!("---- the end of {}:\n{}\n----", outcome.log.display(), sh::tail(&outcome.log, 40));
    Ok(Verdict::Failed)
}
