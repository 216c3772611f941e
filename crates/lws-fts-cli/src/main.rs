//! `lws-fts`: full-text search on the command line.
//!
//! `args` reads the command line, `index` fills an index from a folder, `search` and `report` read one, `json` and
//! `progress` write to people and programs. Exit status: 0 for done or found, 1 for nothing found, 2 for an error.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout)] // a command-line tool speaks on stdout

mod args;
mod index;
mod json;
mod limits;
mod progress;
mod report;
mod search;

use std::process::ExitCode;

use args::Command;

fn main() -> ExitCode {
    let args: Result<Vec<String>, _> = std::env::args_os().skip(1).map(|arg| arg.into_string()).collect();
    let outcome = match args {
        Ok(args) => args::parse(&args).and_then(|command| run(&command)),
        Err(bad) => Err(format!("{}: not UTF-8", bad.display())),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command) -> Result<u8, String> {
    match command {
        Command::Help => {
            print!("{}", args::USAGE);
            Ok(0)
        }
        Command::Version => {
            println!("lws-fts {}", env!("CARGO_PKG_VERSION"));
            Ok(0)
        }
        Command::Index(options) => index::run(options),
        Command::Search(options) => search::run(options),
        Command::Complete(options) => report::complete(options),
        Command::Verify(options) => report::verify(options),
        Command::Stats(options) => report::stats(options),
    }
}
