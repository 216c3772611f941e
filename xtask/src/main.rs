//! `cargo xtask`: everything that continuous integration and maintainers run.
//!
//! One module per command. A command takes its arguments and answers `Ok(())` or one message that says what is wrong
//! and what to do about it. Two habits that `ci` relies on: a command that cannot run here prints a line
//! `skipped: why` and succeeds; a command that counts ends with a line `N passed, M failed, K skipped`.
#![allow(clippy::print_stdout)] // a command-line tool speaks on stdout

mod arch;
mod attack;
mod backends;
mod bench;
mod browser;
mod certs;
mod ci;
mod client;
mod conform;
mod docs;
mod examples;
mod files;
mod fmt;
mod fuzz;
mod matrix;
mod nostd;
mod peers;
mod ratchet;
mod sanitize;
mod scan;
mod server;
mod sh;
mod size;
mod testssl;
mod tidy;

use std::process::ExitCode;

/// One line of the table below.
struct Command {
    name: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Result<(), String>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "arch",
        help: "checks layers, never-rules, no_std and unsafe against ci/arch.toml",
        run: arch::run,
    },
    Command { name: "attack", help: "runs the attack drivers against a server", run: attack::run },
    Command {
        name: "backends",
        help: "runs the shared tests of all cryptographic backends [--write: their tables]",
        run: backends::run,
    },
    Command {
        name: "bench",
        help: "measures ratios to what others use (data, net, crypto, jose, pmd)",
        run: bench::run,
    },
    Command { name: "browser", help: "opens the examples in a headless browser", run: browser::run },
    Command {
        name: "certs",
        help: "writes certificates for tests into a folder: an authority, servers, a client, bad ones",
        run: certs::run,
    },
    Command {
        name: "ci",
        help: "runs all checks [--quick: no browser, no downloads] [--rest: only the others]",
        run: ci::run,
    },
    Command { name: "conform", help: "runs a conformance suite (autobahn, h2)", run: conform::run },
    Command { name: "docs", help: "writes docs/limits.md [--check: fails when it is stale]", run: docs::run },
    Command {
        name: "examples",
        help: "builds each minimal example alone and runs its selftest.toml [name...]",
        run: examples::run,
    },
    Command { name: "fmt", help: "formats everything, also outside the workspace [--check]", run: fmt::run },
    Command {
        name: "fuzz",
        help: "fuzzes each parser, and the search index [--seconds N] [--long] [target...]",
        run: fuzz::run,
    },
    Command {
        name: "matrix",
        help: "builds and tests the configurations of ci/matrix.toml [--quick] [name...]",
        run: matrix::run,
    },
    Command { name: "nostd", help: "proves that L0-L3 link without std", run: nostd::run },
    Command {
        name: "peers",
        help: "runs other people's programs against ours (h2, http, jose [--backend NAME])",
        run: peers::run,
    },
    Command {
        name: "ratchet",
        help: "counts instructions, allocations and system calls per request against ci/ratchet.toml [--write]",
        run: ratchet::run,
    },
    Command {
        name: "sanitize",
        help: "tests the crates with unsafe code under Miri, AddressSanitizer and valgrind, as far as they are there",
        run: sanitize::run,
    },
    Command {
        name: "size",
        help: "measures dependencies, binary size and idle memory against ci/ratchet.toml",
        run: size::run,
    },
    Command {
        name: "testssl",
        help: "runs testssl.sh against lwsws on each TLS library [--backend NAME]",
        run: testssl::run,
    },
    Command {
        name: "tidy",
        help: "checks lengths, headers, links, comments on lints, whitespace",
        run: tidy::run,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(name) = args.first().filter(|a| !a.starts_with('-')) else {
        print!("{}", usage());
        return ExitCode::from(u8::from(args.is_empty()) * 2);
    };
    let Some(command) = COMMANDS.iter().find(|c| c.name == name) else {
        eprint!("error: no command `{name}`\n{}\n{}", suggestion(name), usage());
        return ExitCode::from(2);
    };
    match (command.run)(&args[1..]) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // An empty reason: the command has said all, and its last line is to stay the last.
            if !why.is_empty() {
                eprintln!("error: {why}");
            }
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask <command> [options]\n\n");
    for c in COMMANDS {
        text += &format!("  {:<10}{}\n", c.name, c.help);
    }
    text
}

/// A `help:` line naming the nearest command, or nothing where none is near.
fn suggestion(wrong: &str) -> String {
    let near = COMMANDS.iter().map(|c| (distance(wrong, c.name), c.name)).min();
    match near {
        Some((d, name)) if d <= 3 && d < wrong.len() => format!("help: did you mean `cargo xtask {name}`?\n"),
        _ => String::new(),
    }
}

/// Levenshtein distance of two short names, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_command_is_answered_with_the_nearest_one() {
        assert_eq!(suggestion("exmaples"), "help: did you mean `cargo xtask examples`?\n");
        assert_eq!(suggestion("ticy"), "help: did you mean `cargo xtask tidy`?\n");
        assert_eq!(suggestion("publish"), "");
    }

    #[test]
    fn the_table_is_sorted_and_each_name_stands_once() {
        assert!(COMMANDS.windows(2).all(|w| w[0].name < w[1].name));
    }
}
