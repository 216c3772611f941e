//! From arguments to what is asked for.
//!
//! ```text
//!   lwsws [--help | --version] | lwsws serve [FLAG | --flag=value | --flag value | DIR]... | lwsws get|ws URL [FLAG]...
//! ```
//! Flags may stand before or behind the folder; of a flag that is given twice the last one counts; `--` ends them.

use crate::client::{Asked, args};
use crate::flags::{FLAGS, Flag, Kind};
use crate::{Message, Options, tls};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// Print this text: help, or the version.
    Print(String),
    /// Serve a folder.
    Serve(Options),
    /// Ask a server, and print what it answers.
    Get(Asked),
    /// Connect stdin and stdout with a WebSocket.
    Ws(Asked),
}

/// The commands, for suggestions.
const COMMANDS: [&str; 3] = ["serve", "get", "ws"];

/// Reads the arguments, without the program's own name.
///
/// # Errors
/// Usage: what is not understood, with the nearest thing that would be.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, Message> {
    let mut args = args.into_iter();
    let Some(first) = args.next() else { return Ok(Command::Print(help())) };
    match first.to_string_lossy().as_ref() {
        "serve" => serve(args),
        "get" => Ok(ask(false, args)?.map_or_else(|| Command::Print(args::help(false)), Command::Get)),
        "ws" => Ok(ask(true, args)?.map_or_else(|| Command::Print(args::help(true)), Command::Ws)),
        "--help" | "-h" | "help" => Ok(Command::Print(help())),
        "--version" | "-V" => Ok(Command::Print(version())),
        other => Err(unknown_command(other)),
    }
}

/// The arguments of a client's command; they must be text, as URLs are.
fn ask(is_ws: bool, args: impl Iterator<Item = OsString>) -> Result<Option<Asked>, Message> {
    let text = |arg: OsString| {
        arg.into_string().map_err(|arg| Message::usage(format!("'{}' is not UTF-8", arg.to_string_lossy())))
    };
    args::parse(is_ws, &args.map(text).collect::<Result<Vec<_>, _>>()?)
}

fn serve(mut args: impl Iterator<Item = OsString>) -> Result<Command, Message> {
    let mut options = Options::default();
    let (mut dir, mut literal) = (None, false);
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        match text.as_ref() {
            "--" if !literal => literal = true,
            "--help" | "-h" if !literal => return Ok(Command::Print(help())),
            "--version" | "-V" if !literal => return Ok(Command::Print(version())),
            flag if !literal && flag.starts_with('-') => set(&mut options, flag, &mut args)?,
            _ => {
                let folder = PathBuf::from(&arg);
                if let Some(earlier) = dir.replace(folder) {
                    let first = crate::message::shown(&earlier);
                    let what = format!("one folder can be served, and '{first}' is one already");
                    return Err(Message::usage(what).help("serve the folder that both are in"));
                }
            }
        }
    }
    options.dir = dir.unwrap_or(options.dir);
    Ok(Command::Serve(options))
}

/// One flag, and its value if it takes one.
fn set(options: &mut Options, arg: &str, rest: &mut impl Iterator<Item = OsString>) -> Result<(), Message> {
    let (name, given) = match arg.split_once('=') {
        Some((name, value)) => (name, Some(OsString::from(value))),
        None => (arg, None),
    };
    let Some(flag) = FLAGS.iter().find(|f| f.name == name) else { return Err(unknown_flag(name)) };
    match (&flag.kind, given) {
        (Kind::Switch(set), None) => {
            set(options);
            Ok(())
        }
        (Kind::Switch(_), Some(_)) => {
            Err(Message::usage(format!("{name} takes no value")).help(describe(flag)))
        }
        (Kind::Value(_, set), given) => {
            let given = given.or_else(|| rest.next()).ok_or_else(|| needs_value(flag))?;
            set(options, value(flag, &given)?)
        }
    }
}

fn value<'a>(flag: &Flag, value: &'a OsStr) -> Result<&'a str, Message> {
    match value.to_str() {
        // The next flag, rather than a value of this one.
        Some(next) if FLAGS.iter().any(|f| f.name == next) => Err(needs_value(flag)),
        Some(value) => Ok(value),
        None => Err(Message::usage(format!("the value of {} is not UTF-8", flag.name)).help(describe(flag))),
    }
}

fn needs_value(flag: &Flag) -> Message {
    Message::usage(format!("{} needs a value", flag.name)).help(describe(flag))
}

fn describe(flag: &Flag) -> String {
    format!("{}: {}", flag.usage(), flag.help)
}

fn unknown_flag(name: &str) -> Message {
    let message = Message::usage(format!("there is no flag '{}'", name.escape_debug()));
    let known = FLAGS.iter().map(|f| f.name).chain(["--help", "--version"]);
    match nearest(name, known) {
        Some(near) => message.help(format!("did you mean {near}?")),
        None => message.help("lwsws serve --help lists them"),
    }
}

fn unknown_command(name: &str) -> Message {
    if FLAGS.iter().any(|f| name.split('=').next() == Some(f.name)) {
        let message = Message::usage(format!("{name} needs a command in front of it"));
        return message.help(format!("try lwsws serve {name}"));
    }
    let message = Message::usage(format!("there is no command '{}'", name.escape_debug()));
    if name.contains(['/', '.']) || std::path::Path::new(name).is_dir() {
        return message.help(format!("to serve that folder: lwsws serve {}", name.escape_debug()));
    }
    match nearest(name, COMMANDS.into_iter()) {
        Some(near) => message.help(format!("did you mean lwsws {near}?")),
        None => message.help("lwsws --help lists the commands"),
    }
}

/// The candidate that `word` begins, or is written most alike, if one is written alike at all.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Fewer letters than `--li` begin nearly everything.
    let begun = |c: &str| word.len() >= 4 && c.starts_with(word);
    let measured = candidates.map(|c| (if begun(c) { 0 } else { distance(word, c) }, c));
    let (distance, found) = measured.min_by_key(|(distance, _)| *distance)?;
    (distance <= (found.len() / 3).max(1)).then_some(found)
}

/// How many characters must be added, left out, replaced, or swapped with their neighbour to make `b` of `a`
/// (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let least = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                if swapped { least.min(rows[i - 2][j - 2] + 1) } else { least }
            };
        }
    }
    rows[a.len()][b.len()]
}

fn help() -> String {
    let mut text = String::from(
        "lwsws: the libwebsockets server\n\n\
         usage: lwsws serve [DIR] [flags]\n       \
         lwsws get URL [flags]     asks a server; lwsws get --help tells how\n       \
         lwsws ws URL [flags]      a WebSocket from the terminal; lwsws ws --help tells how\n\n\
         Serves the folder DIR (default: the current one) over http, with a status page at /.lws/status.\n\
         Ctrl-C finishes what is in flight and ends; a second one ends at once.\n\nflags:\n",
    );
    let own = FLAGS.iter().map(|f| (f.usage(), f.help));
    let others =
        [("--help", "print this"), ("--version", "print the version and the TLS libraries built in")];
    for (name, help) in own.chain(others.map(|(name, help)| (name.to_owned(), help))) {
        text += &format!("  {name:<22} {help}\n");
    }
    text
}

fn version() -> String {
    let backends = tls::BACKENDS.iter().map(|backend| (backend.about)()).collect::<Vec<_>>().join(", ");
    format!("lwsws {}\nTLS: {backends}\n", env!("CARGO_PKG_VERSION"))
}

#[cfg(test)]
mod tests;
