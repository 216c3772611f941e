//! The ready-made server: see the library for what it does.
use std::process::ExitCode;

fn main() -> ExitCode {
    lwsws::main(std::env::args_os().skip(1))
}
