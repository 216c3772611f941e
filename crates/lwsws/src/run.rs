//! The program.

use crate::{Command, cli, client, serve};
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

/// Does what the arguments (without the program's name) ask for; what does not work is told on stderr.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let result = cli::parse(args).and_then(|command| match command {
        Command::Print(text) => {
            // A reader that closed early (`| head`) has what it wanted.
            let _ = std::io::stdout().write_all(text.as_bytes());
            Ok(())
        }
        Command::Serve(options) => serve(&options),
        Command::Get(asked) => client::get(&asked),
        Command::Ws(asked) => client::socket(&asked),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            // Without a stderr the exit code has to do.
            let _ = writeln!(std::io::stderr(), "{message}");
            ExitCode::from(message.exit_code())
        }
    }
}
