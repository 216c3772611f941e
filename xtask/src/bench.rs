//! `cargo xtask bench <what>`: how fast and how large, as ratios inside one run.
//!
//! | command | compares |
//! |---|---|
//! | `data` | arena, tokenizer, thread pool, timers, disk cache, search: with other crates |
//! | `net` | HTTP/1, HTTP/2, WebSocket: server CPU per request, with other servers and a floor |
//!
//! A figure that is not a ratio of two things measured in the same minutes on the same machine says little; so nothing else
//! is judged where there is somebody to compare with.

mod corpus;
mod html;
mod machine;
mod plan;
mod results;
mod runner;
mod stats;
mod suite;
mod svg;
mod table;

const USAGE: &str = "usage: cargo xtask bench data|net [options]; --help tells them\n";

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    match args.split_first() {
        Some((suite, rest)) if ["data", "net"].contains(&suite.as_str()) => suite::run(suite, rest),
        Some((help, _)) if help == "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        Some((other, _)) => Err(format!("no benchmark `{other}`\n{USAGE}")),
        None => Err(format!("which benchmark?\n{USAGE}")),
    }
}
