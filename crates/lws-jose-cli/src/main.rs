//! `lws-jose`: JSON Web Keys, Signatures, Encryption and Tokens on the command line.
//!
//! `args` reads the command line, `input` files and keys, `report` turns errors into words; each noun has its module.
//! Exit status: 0 for done, 1 for a token that is refused, 2 for an error in arguments, files or keys.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout)] // a command-line tool speaks on stdout

mod alg;
mod args;
mod backend;
mod input;
mod jwe;
mod jwk;
mod jws;
mod jwt;
mod limits;
mod report;
mod usage;

use std::process::ExitCode;

use args::Args;
use report::Failure;

fn main() -> ExitCode {
    let words: Result<Vec<String>, _> = std::env::args_os().skip(1).map(|arg| arg.into_string()).collect();
    let outcome = match words {
        Ok(words) => run(&words),
        Err(bad) => Err(Failure::usage(format!("{}: not UTF-8", bad.display()), "")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprint!("{failure}");
            ExitCode::from(failure.code)
        }
    }
}

fn run(words: &[String]) -> Result<(), Failure> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        print!("{}", usage::text(words));
        return Ok(());
    }
    if words.iter().any(|word| word == "--version" || word == "-V") {
        println!("lws-jose {}", env!("CARGO_PKG_VERSION"));
        return Ok(());
    }
    let args = Args::parse(words)?;
    match (args.noun, args.verb) {
        ("jwk", verb) => jwk::run(verb, &args),
        ("jws", verb) => jws::run(verb, &args),
        ("jwe", verb) => jwe::run(verb, &args),
        ("jwt", _) => jwt::decode(&args),
        _ => alg::list(&args),
    }
}
