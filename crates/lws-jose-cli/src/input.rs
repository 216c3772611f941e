//! Files in and out, and keys.

use std::io::{Read as _, Write as _};
use std::path::Path;

use lws_gencrypto::Secret;
use lws_jose::json::{Object, Value};
use lws_jose::jwk::{Jwk, JwkSet};

use crate::args::Args;
use crate::limits::INPUT_MAX;
use crate::report::Failure;

/// What a command works on: the standard input or `-i`.
pub(crate) fn input(args: &Args) -> Result<Secret, Failure> {
    match args.path("--input") {
        Some(path) if path.as_os_str() != "-" => file(&path),
        _ => standard_input(),
    }
}

/// The same as text, without the line end that a terminal or editor has put there.
pub(crate) fn token(args: &Args) -> Result<String, Failure> {
    let bytes = input(args)?;
    let text = std::str::from_utf8(bytes.expose())
        .map_err(|_| Failure::usage("the token is not text", "a token is base64url and points, or JSON"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn standard_input() -> Result<Secret, Failure> {
    read(std::io::stdin().lock(), "standard input")
}

pub(crate) fn file(path: &Path) -> Result<Secret, Failure> {
    let name = path.display().to_string();
    let opened = std::fs::File::open(path);
    read(opened.map_err(|error| Failure::usage(format!("cannot read {name}: {error}"), ""))?, &name)
}

fn read(from: impl std::io::Read, name: &str) -> Result<Secret, Failure> {
    let mut bytes = Vec::new();
    from.take(INPUT_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::usage(format!("cannot read {name}: {error}"), ""))?;
    let bytes = Secret::from(bytes);
    if bytes.len() as u64 > INPUT_MAX {
        return Err(Failure::usage(format!("{name} is longer than {INPUT_MAX} bytes"), ""));
    }
    Ok(bytes)
}

/// To the standard output or `-o`, which nobody else may read.
pub(crate) fn output(args: &Args, bytes: &[u8], line: bool) -> Result<(), Failure> {
    let mut text = bytes.to_vec();
    if line {
        text.push(b'\n');
    }
    let text = Secret::from(text);
    let Some(path) = args.path("--output") else {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(text.expose()).and_then(|()| out.flush());
        return written.map_err(|error| Failure::usage(format!("cannot write: {error}"), ""));
    };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&path).and_then(|mut file| file.write_all(text.expose()));
    written.map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display()), ""))
}

/// The keys of every `-k`; the standard input if there is none.
pub(crate) fn keys(args: &Args) -> Result<Vec<JwkSet>, Failure> {
    let given = args.all("--key");
    if given.is_empty() {
        return Err(Failure::usage("no key", "-k FILE, -k - for the standard input, or -k '{\"kty\":...}'"));
    }
    if given.contains(&"-") && args.value("--input").is_none_or(|path| path == "-") {
        return Err(Failure::usage("both key and input are the standard input", "-i FILE or -k FILE"));
    }
    given.into_iter().map(key_set).collect()
}

/// One key: `-k`, or the standard input.
pub(crate) fn key(args: &Args) -> Result<JwkSet, Failure> {
    match args.value("--key") {
        Some(given) => key_set(given),
        None => parse(&input(args)?, "the key"),
    }
}

fn key_set(given: &str) -> Result<JwkSet, Failure> {
    if given.trim_start().starts_with('{') {
        return parse(&Secret::from(given.as_bytes()), "-k");
    }
    let bytes = if given == "-" { standard_input()? } else { file(Path::new(given))? };
    parse(&bytes, given)
}

/// A set, or a single key as a set of one. Unreadable keys of a set are told, and left out.
fn parse(bytes: &Secret, what: &str) -> Result<JwkSet, Failure> {
    let is_set = Object::parse_within(bytes.expose(), lws_jose::Limits::new().bytes(INPUT_MAX as usize))
        .is_ok_and(|object| object.find("keys").is_some());
    if !is_set {
        let key = Jwk::from_json(bytes.expose()).map_err(|error| Failure::from(error).about(what))?;
        return Ok(JwkSet { keys: vec![key], skipped: Vec::new() });
    }
    let set = JwkSet::from_json(bytes.expose()).map_err(|error| Failure::from(error).about(what))?;
    for (at, why) in &set.skipped {
        eprintln!("note: {what}: key {at} is left out: {why}");
    }
    if set.keys.is_empty() {
        return Err(Failure::usage(format!("{what}: no key of the set can be used"), ""));
    }
    Ok(set)
}

/// The members of `--header`.
pub(crate) fn header(args: &Args) -> Result<Vec<(String, Value<'static>)>, Failure> {
    let Some(text) = args.value("--header") else { return Ok(Vec::new()) };
    let object =
        Object::parse(text.as_bytes()).map_err(|error| Failure::usage(format!("--header: {error}"), ""))?;
    Ok(object.into_owned().iter().map(|(name, value)| (name.to_owned(), value.clone())).collect())
}

/// A text that starts with `{` is a JSON serialisation; no base64url does.
pub(crate) fn is_json(token: &str) -> bool {
    token.trim_start().starts_with('{')
}
