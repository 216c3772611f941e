//! `cargo xtask bench <what>`: how fast and how large, as ratios inside one run.
//!
//! | command | compares |
//! |---|---|
//! | `data` | arena, tokenizer, thread pool, timers, disk cache, search: with other crates |
//! | `crypto` | every operation through `lws-gencrypto`, with the library called directly |
//! | `jose` | `lws-jose` with josekit and jsonwebtoken |
//! | `pmd` | compression of WebSocket messages: with C zlib |
//! | `net` | HTTP/1, HTTP/2, WebSocket: server CPU per request, with other servers and a floor |
//!
//! A figure that is not a ratio of two things measured in the same minutes on the same machine says little; so nothing else
//! is judged where there is somebody to compare with.

mod corpus;
mod docs;
mod html;
mod machine;
mod plan;
mod results;
mod runner;
mod stats;
mod suite;
mod svg;
mod table;

use crate::sh;

const USAGE: &str = "usage: cargo xtask bench data|net [options]; --help tells them\n       \
    cargo xtask bench crypto [NAME]      only what has NAME in its name\n       \
    cargo xtask bench jose [--turns N] [--check]\n       \
    cargo xtask bench pmd [--quick]      compression of WebSocket messages, with C zlib\n";

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    match args.split_first() {
        Some((suite, rest)) if ["data", "net"].contains(&suite.as_str()) => suite::run(suite, rest),
        Some((program, rest)) if ["crypto", "jose", "pmd"].contains(&program.as_str()) => told(program, rest),
        Some((help, _)) if help == "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        Some((other, _)) => Err(format!("no benchmark `{other}`\n{USAGE}")),
        None => Err(format!("which benchmark?\n{USAGE}")),
    }
}

/// Builds and runs a program that measures and judges by itself, in the open.
fn told(name: &str, args: &[String]) -> Result<(), String> {
    let package = sh::root().join("ci/bench").join(name);
    let mut cargo = sh::cargo();
    cargo.args(["run", "--quiet", "--release", "--manifest-path"]).arg(package.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(sh::target_dir().join("bench/build")).arg("--").args(args);
    let status = cargo.status().map_err(|e| format!("cannot start cargo: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("bench {name}: {status}")) }
}
