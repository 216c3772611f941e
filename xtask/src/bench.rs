//! `cargo xtask bench <what>`: how fast and how large, as ratios inside one run.
//!
//! | command | compares |
//! |---|---|
//! | `data` | arena, tokenizer, thread pool, timers, disk cache, search: with other crates |
//!
//! A figure that is not a ratio of two things measured in the same minutes on the same machine says little; so nothing else
//! is judged where there is somebody to compare with.

mod corpus;
mod data;
mod html;
mod machine;
mod plan;
mod results;
mod runner;
mod stats;
mod svg;
mod table;

const USAGE: &str = "usage: cargo xtask bench data [options]; --help tells them\n";

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    match args.split_first() {
        Some((what, rest)) if what == "data" => data::run(rest),
        Some((help, _)) if help == "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        Some((other, _)) => Err(format!("no benchmark `{other}`\n{USAGE}")),
        None => Err(format!("which benchmark?\n{USAGE}")),
    }
}
