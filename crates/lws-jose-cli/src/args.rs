//! The command line.

use std::path::PathBuf;

use crate::limits::REPEATS_MAX;
use crate::report::Failure;

/// A command with its options. Each command takes some of them.
pub(crate) struct Args {
    pub(crate) noun: &'static str,
    pub(crate) verb: &'static str,
    values: Vec<(&'static str, String)>,
    flags: Vec<&'static str>,
}

/// Every command with the options that it takes beside those of all.
const COMMANDS: &[(&str, &str, &[&str])] = &[
    (
        "jwk",
        "gen",
        &["--alg", "--enc", "--kty", "--bits", "--crv", "--kid", "--no-kid", "--use", "--key-ops"],
    ),
    ("jwk", "pub", &["--key"]),
    ("jwk", "thp", &["--key"]),
    ("jwk", "from-pem", &["--kid", "--no-kid", "--use", "--alg", "--key-ops"]),
    ("jwk", "to-pem", &["--key", "--public"]),
    ("jwk", "x509", &["--key", "--trust", "--host", "--now", "--strict", "--kid", "--no-kid"]),
    (
        "jws",
        "sign",
        &["--key", "--alg", "--json", "--detach", "--unencoded", "--typ", "--header", "--no-kid"],
    ),
    ("jws", "verify", &["--key", "--alg", "--detached", "--all", "--details"]),
    (
        "jwe",
        "encrypt",
        &[
            "--key",
            "--alg",
            "--enc",
            "--json",
            "--aad",
            "--p2c",
            "--apu",
            "--apv",
            "--header",
            "--no-kid",
            "--password-file",
        ],
    ),
    ("jwe", "decrypt", &["--key", "--alg", "--enc", "--unsafe-rsa1-5", "--details", "--password-file"]),
    (
        "jwt",
        "decode",
        &[
            "--key",
            "--alg",
            "--now",
            "--leeway",
            "--iss",
            "--sub",
            "--aud",
            "--typ",
            "--no-exp",
            "--unverified",
        ],
    ),
    ("alg", "", &[]),
];

const OF_ALL: &[&str] = &["--backend", "--input", "--output"];

const FLAGS: &[&str] = &[
    "--no-kid",
    "--public",
    "--strict",
    "--json",
    "--detach",
    "--unencoded",
    "--all",
    "--details",
    "--unsafe-rsa1-5",
    "--no-exp",
    "--unverified",
];

impl Args {
    pub(crate) fn parse(words: &[String]) -> Result<Self, Failure> {
        let (noun, verb, allowed) = command(words)?;
        let mut args = Args { noun, verb, values: Vec::new(), flags: Vec::new() };
        let mut words = words.iter();
        let mut named = if verb.is_empty() { 1 } else { 2 };
        while let Some(word) = words.next() {
            if !word.starts_with('-') || word == "-" {
                if named == 0 {
                    return Err(Failure::usage(
                        format!("unexpected argument `{word}`"),
                        "input comes from the standard input or -i FILE",
                    ));
                }
                named -= 1;
                continue;
            }
            let (name, joined) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let name = long(name);
            let Some(&known) = allowed.iter().chain(OF_ALL).find(|known| **known == name) else {
                let command = format!("{noun} {verb}");
                let help = format!("lws-jose {} --help lists them", command.trim_end());
                return Err(Failure::usage(format!("`{}` has no option {name}", command.trim_end()), help));
            };
            if FLAGS.contains(&known) {
                args.flags.push(known);
                continue;
            }
            let value = joined.or_else(|| words.next().cloned());
            let value = value.ok_or_else(|| Failure::usage(format!("{name} needs a value"), ""))?;
            args.values.push((known, value));
            if args.all(known).len() > REPEATS_MAX {
                return Err(Failure::usage(format!("{name} is there too often"), ""));
            }
        }
        Ok(args)
    }

    /// The last value of an option.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.all(name).last().copied()
    }

    /// The values of an option, in their order.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.values.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.value(name).map(PathBuf::from)
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        let Some(value) = self.value(name) else { return Ok(None) };
        value.parse().map(Some).map_err(|_| Failure::usage(format!("{name}: `{value}` is not a number"), ""))
    }

    /// Names, by a function that knows them: several options, or separated by commas.
    pub(crate) fn names<T>(
        &self,
        option: &str,
        known: &[T],
        of: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, Failure>
    where
        T: std::fmt::Display,
    {
        let words = self.all(option);
        let words = words.iter().flat_map(|value| value.split(','));
        let list = |name: &str| {
            let names: Vec<String> = known.iter().map(ToString::to_string).collect();
            Failure::usage(
                format!("{option}: there is no `{name}`"),
                format!("it is one of {}", names.join(", ")),
            )
        };
        words.map(|name| of(name).ok_or_else(|| list(name))).collect()
    }
}

fn command(words: &[String]) -> Result<(&'static str, &'static str, &'static [&'static str]), Failure> {
    const HELP: &str = "lws-jose --help lists them";
    // The words before the command's name may be options of all, with their values.
    let mut plain = Vec::new();
    let mut skip = false;
    for word in words {
        if skip {
            skip = false;
        } else if word.starts_with('-') && word != "-" {
            skip = !word.contains('=') && !FLAGS.contains(&word.as_str());
        } else {
            plain.push(word.as_str());
        }
    }
    let noun = *plain.first().ok_or_else(|| Failure::usage("no command", HELP))?;
    let verb = plain.get(1).copied().unwrap_or_default();
    if let Some((noun, verb, allowed)) =
        COMMANDS.iter().find(|(n, v, _)| *n == noun && (*v == verb || v.is_empty()))
    {
        return Ok((noun, verb, allowed));
    }
    let verbs: Vec<&str> = COMMANDS.iter().filter(|(n, ..)| *n == noun).map(|(_, v, _)| *v).collect();
    if verbs.is_empty() {
        return Err(Failure::usage(format!("no command `{noun}`"), HELP));
    }
    Err(Failure::usage(
        format!("`{noun}` cannot `{verb}`"),
        format!("{noun} is followed by one of: {}", verbs.join(", ")),
    ))
}

fn long(name: &str) -> &str {
    match name {
        "-k" => "--key",
        "-i" => "--input",
        "-o" => "--output",
        other => other,
    }
}
