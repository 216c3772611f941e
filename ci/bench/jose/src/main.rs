//! `lws-jose` beside josekit (on OpenSSL) and jsonwebtoken (on aws-lc-rs), in one process.
//!
//! Every contender does the same work in turn, many turns long; what counts is the CPU time of the thread. A ratio is
//! taken within a turn, so that what disturbs the machine disturbs both; the median of all turns is shown. Above 1 we
//! need less time. Keys are parsed once by everybody who can.
//!
//! usage: lws-bench-jose [--turns N] [--check]      --check: exit with 1 if a target is missed

mod cases;
mod layer;
mod measure;

use std::process::ExitCode;

use measure::Case;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let turns =
        words.iter().position(|word| word == "--turns").and_then(|at| words.get(at + 1)?.parse().ok());
    let turns = turns.unwrap_or(60);
    println!("{:<34} {:>12} {:<14} {:>12} {:>8}", "operation", "ours, ns", "other", "its ns", "ratio");
    let mut missed = Vec::new();
    for case in cases::all() {
        show(&case, &case.measure(turns), &mut missed);
    }
    println!("\nthe JOSE layer: a compact operation less the library's part of it");
    for layer in layer::all(turns) {
        println!("{:<34} {:>12.0} ns {:>4} allocations", layer.name, layer.ns, layer.allocations);
        if layer.ns > 3000.0 || layer.allocations > 5 {
            missed.push(layer.name.to_owned());
        }
    }
    if missed.is_empty() {
        println!("\nevery target is met");
    } else {
        println!("\ntargets missed: {}", missed.join(", "));
    }
    if words.iter().any(|word| word == "--check") && !missed.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn show(case: &Case, results: &[measure::Result], missed: &mut Vec<String>) {
    let Some((ours, others)) = results.split_first() else { return };
    for other in others {
        println!(
            "{:<34} {:>12.0} {:<14} {:>12.0} {:>8.2}",
            case.name, ours.ns, other.name, other.ns, other.ratio
        );
        if other.ratio < 1.0 {
            missed.push(format!("{} against {} ({:.2})", case.name, other.name, other.ratio));
        }
    }
}
