//! The command line.

use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
Full-text search.

usage: lws-fts index INDEX FOLDER    brings INDEX, a folder of its own, up to date with the files below FOLDER
       lws-fts search INDEX WORDS    finds files;  a \"phrase\"  wor*  this OR that  -not  (groups)
       lws-fts complete INDEX TEXT   lists the most frequent words that start like this
       lws-fts verify INDEX          reads all of an index and compares what is there twice
       lws-fts stats INDEX           tells what an index consists of

options of index:
  --budget MIB     memory for building (default 16)
  --compact        merge everything into one file, which alone is an index for the other commands
options of search:
  --limit N        show the best N files (default 10)
  --lines N        and in each the first N lines (default 3)
  --path PATTERN   only files like this; * stands for anything
  --quote FOLDER   show the text of the lines, from the files below FOLDER
options of complete:
  --limit N        show N words (default 10)
options of all:
  --json           answer with one JSON object
  --quiet          no progress
";

pub(crate) enum Command {
    Help,
    Version,
    Index(Options),
    Search(Options),
    Complete(Options),
    Verify(Options),
    Stats(Options),
}

/// What may follow the name of a command; each command takes some of it.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) index: PathBuf,
    /// The second and further words: a folder, a query, a prefix.
    pub(crate) rest: String,
    pub(crate) budget: Option<usize>,
    pub(crate) compact: bool,
    pub(crate) limit: Option<usize>,
    pub(crate) lines: Option<usize>,
    pub(crate) path: Option<String>,
    pub(crate) quote: Option<PathBuf>,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

pub(crate) fn parse(args: &[String]) -> Result<Command, String> {
    let Some((name, rest)) = args.split_first() else {
        return Err(format!("no command\n{USAGE}"));
    };
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        return Ok(Command::Help);
    }
    let (wants, allowed): (&str, &[&str]) = match name.as_str() {
        "--version" | "-V" => return Ok(Command::Version),
        "index" => ("FOLDER", &["--budget", "--compact"]),
        "search" => ("WORDS", &["--limit", "--lines", "--path", "--quote"]),
        "complete" => ("TEXT", &["--limit"]),
        "verify" | "stats" => ("", &[]),
        other => return Err(format!("no command `{other}`\nhelp: lws-fts --help lists them")),
    };
    let options = options(name, rest, wants, allowed)?;
    Ok(match name.as_str() {
        "index" => Command::Index(options),
        "search" => Command::Search(options),
        "complete" => Command::Complete(options),
        "verify" => Command::Verify(options),
        _ => Command::Stats(options),
    })
}

fn options(command: &str, args: &[String], wants: &str, allowed: &[&str]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut words: Vec<&str> = Vec::new();
    let mut args = args.iter();
    // After `--` everything is a word, for queries that start with a minus.
    let mut only_words = false;
    while let Some(arg) = args.next() {
        if only_words || !arg.starts_with("--") {
            words.push(arg);
            continue;
        }
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--" => only_words = true,
            "--json" => options.json = true,
            "--quiet" => options.quiet = true,
            known if !allowed.contains(&known) => {
                return Err(format!("`{command}` has no option {arg}\nhelp: lws-fts --help lists them"));
            }
            "--compact" => options.compact = true,
            "--budget" => options.budget = Some(number(arg, value()?)?),
            "--limit" => options.limit = Some(number(arg, value()?)?),
            "--lines" => options.lines = Some(number(arg, value()?)?),
            "--path" => options.path = Some(value()?.clone()),
            _ => options.quote = Some(PathBuf::from(value()?)),
        }
    }
    let Some((index, rest)) = words.split_first() else {
        return Err(format!("`{command}` needs an INDEX\nhelp: lws-fts {command} INDEX {wants}"));
    };
    match (wants, rest.len()) {
        ("", 0) | ("FOLDER", 1) | ("WORDS", 1..) | ("TEXT", 0..=1) => {}
        _ => return Err(format!("wrong number of arguments\nhelp: lws-fts {command} INDEX {wants}")),
    }
    options.index = PathBuf::from(index);
    options.rest = rest.join(" ");
    Ok(options)
}

fn number(option: &str, value: &str) -> Result<usize, String> {
    value.parse().map_err(|_| format!("{option}: `{value}` is not a number"))
}
