//! Writes `docs/crypto-matrix.md`: what each library can do, from running every operation on every library.
//!
//! `crypto-matrix` prints it; `crypto-matrix --write` puts it in its place; `crypto-matrix --check` fails if what is there
//! differs.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use backends::crypto::{Outcome, providers, run};
use lws_gencrypto::Operation;

const HEAD: &str = "# What each cryptographic library can do

Written by `crypto-matrix` (in `ci/backends`), which runs every operation on every library. Do not edit.

What says ok was run just now: what one step made the next one took back, and what was altered was refused. What a library
cannot do answers `Error::Unsupported` with the advice that stands here. All libraries refuse RSA keys below 2048 and above
8192 bits.

";

fn main() -> ExitCode {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/crypto-matrix.md");
    let (text, faults) = matrix();
    let mode = std::env::args().nth(1);
    let done = match mode.as_deref() {
        Some("--write") => {
            std::fs::write(&path, &text).map_err(|error| format!("cannot write {}: {error}", path.display()))
        }
        Some("--check") => match std::fs::read_to_string(&path) {
            Ok(there) if there == text => Ok(()),
            Ok(_) => Err(format!("{} is not what the libraries do; run with --write", path.display())),
            Err(error) => Err(format!("cannot read {}: {error}", path.display())),
        },
        _ => {
            print!("{text}");
            Ok(())
        }
    };
    for fault in &faults {
        eprintln!("error: {fault}");
    }
    if let Err(error) = &done {
        eprintln!("error: {error}");
    }
    if done.is_ok() && faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The page, and what did not work.
fn matrix() -> (String, Vec<String>) {
    let providers = providers();
    let (mut page, mut faults) = (String::from(HEAD), Vec::new());
    let names: Vec<_> = providers.iter().map(|provider| provider.name()).collect();
    let _ = writeln!(page, "| operation | {} |", names.join(" | "));
    let _ = writeln!(page, "|---|{}", "---|".repeat(names.len()));
    let mut lacking = vec![0; providers.len()];
    let all = Operation::all();
    for operation in &all {
        let mut row = format!("| {operation} |");
        for (provider, lacking) in providers.iter().zip(&mut lacking) {
            match run(&**provider, *operation) {
                Outcome::Works => row.push_str(" ok |"),
                Outcome::Unsupported(instead) => {
                    *lacking += 1;
                    let _ = write!(row, " unsupported → {instead} |");
                }
                Outcome::Fails(why) => {
                    row.push_str(" **fails** |");
                    faults.push(format!("{}: {operation}: {why}", provider.name()));
                }
            }
        }
        let _ = writeln!(page, "{row}");
    }
    let _ = writeln!(page);
    for (name, lacking) in names.iter().zip(&lacking) {
        let _ = writeln!(page, "* {name}: {} of {}", all.len() - lacking, all.len());
    }
    (page, faults)
}
