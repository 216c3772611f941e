//! The flags of `lwsws get` and `lwsws ws`, as a table: parsing and help read it.

use crate::Message;
use std::path::PathBuf;

/// What is asked of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Where.
    pub url: String,
    /// In place of GET, or of POST where there is data.
    pub method: Option<String>,
    /// The body.
    pub data: Option<Vec<u8>>,
    /// Further fields.
    pub fields: Vec<(String, String)>,
    /// Where the body goes instead of to stdout.
    pub output: Option<PathBuf>,
    /// Which HTTP.
    pub versions: Versions,
    /// What is overlooked in the server's certificate.
    pub leniency: Leniency,
    /// Certificates to trust instead of the system's.
    pub roots: Option<String>,
    /// Prints the response's head, too.
    pub head: bool,
    /// Ends with 1 for a status of 400 and above.
    pub fail: bool,
    /// Prints how long each stage took.
    pub timing: bool,
    /// WebSocket subprotocols to offer.
    pub subprotocols: Vec<String>,
    /// Offers to compress the messages of a WebSocket.
    pub deflate: bool,
    /// Shows user and password to HTTP proxies as a digest.
    pub proxy_digest: bool,
}

/// Which versions of HTTP are spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// What the server prefers.
    #[default]
    Any,
    /// HTTP/1.1 only.
    Http1,
    /// HTTP/2 only; without TLS by prior knowledge.
    Http2,
}

/// What is overlooked in a server's certificate; nothing by default, and each with a warning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leniency {
    /// That nobody vouches for it.
    pub self_signed: bool,
    /// That it is too old, or too new.
    pub expired: bool,
    /// That it is for another name.
    pub wrong_name: bool,
}

/// One flag.
struct Flag {
    /// As one writes it; a short form first.
    names: &'static [&'static str],
    /// What its value is called; empty for a switch.
    value: &'static str,
    help: &'static str,
    /// For `get`, for `ws`.
    of: (bool, bool),
    set: fn(&mut Asked, &str) -> Result<(), Message>,
}

/// A flag's action that cannot fail.
macro_rules! set {
    (|$asked:ident, $value:ident| $body:expr) => {
        |$asked, $value| {
            $body;
            let _ = $value;
            Ok(())
        }
    };
}

const BOTH: (bool, bool) = (true, true);
const GET: (bool, bool) = (true, false);
const WS: (bool, bool) = (false, true);

static FLAGS: &[Flag] = &[
    Flag {
        names: &["-d", "--data"],
        value: "DATA",
        help: "post DATA; @FILE: what is in FILE",
        of: GET,
        set: data,
    },
    Flag {
        names: &["-X", "--method"],
        value: "METHOD",
        help: "another method than GET or POST",
        of: GET,
        set: set!(|asked, value| asked.method = Some(value.into())),
    },
    Flag {
        names: &["-H", "--header"],
        value: "'NAME: VALUE'",
        help: "send this field, too",
        of: BOTH,
        set: field,
    },
    Flag {
        names: &["-o", "--output"],
        value: "FILE",
        help: "write the body to FILE",
        of: GET,
        set: set!(|asked, value| asked.output = Some(value.into())),
    },
    Flag {
        names: &["-i", "--head"],
        value: "",
        help: "print status and fields in front of the body",
        of: GET,
        set: set!(|asked, value| asked.head = true),
    },
    Flag {
        names: &["-f", "--fail"],
        value: "",
        help: "end with 1 for a status of 400 and above",
        of: GET,
        set: set!(|asked, value| asked.fail = true),
    },
    Flag {
        names: &["--timing"],
        value: "",
        help: "print how long each stage took, to stderr",
        of: GET,
        set: set!(|asked, value| asked.timing = true),
    },
    Flag {
        names: &["--subprotocol"],
        value: "NAME",
        help: "offer this subprotocol; may come again",
        of: WS,
        set: set!(|asked, value| asked.subprotocols.push(value.into())),
    },
    Flag {
        names: &["--deflate"],
        value: "",
        help: "offer to compress messages (permessage-deflate)",
        of: WS,
        set: set!(|asked, value| asked.deflate = true),
    },
    Flag {
        names: &["--proxy-digest"],
        value: "",
        help: "show the proxy's user and password as a digest",
        of: BOTH,
        set: set!(|asked, value| asked.proxy_digest = true),
    },
    Flag {
        names: &["--h1"],
        value: "",
        help: "speak HTTP/1.1 only",
        of: BOTH,
        set: set!(|asked, value| asked.versions = Versions::Http1),
    },
    Flag {
        names: &["--h2"],
        value: "",
        help: "speak HTTP/2 only; without TLS, unasked",
        of: BOTH,
        set: set!(|asked, value| asked.versions = Versions::Http2),
    },
    Flag {
        names: &["--ca"],
        value: "FILE",
        help: "trust the certificates in FILE, not the system's",
        of: BOTH,
        set: set!(|asked, value| asked.roots = Some(value.into())),
    },
    Flag {
        names: &["-k", "--insecure"],
        value: "",
        help: "take any certificate: the three below together",
        of: BOTH,
        set: set!(
            |asked, value| asked.leniency = Leniency { self_signed: true, expired: true, wrong_name: true }
        ),
    },
    Flag {
        names: &["--allow-self-signed"],
        value: "",
        help: "take a certificate that nobody vouches for",
        of: BOTH,
        set: set!(|asked, value| asked.leniency.self_signed = true),
    },
    Flag {
        names: &["--allow-expired"],
        value: "",
        help: "take one that is too old or too new",
        of: BOTH,
        set: set!(|asked, value| asked.leniency.expired = true),
    },
    Flag {
        names: &["--allow-wrong-name"],
        value: "",
        help: "take one that is for another name",
        of: BOTH,
        set: set!(|asked, value| asked.leniency.wrong_name = true),
    },
];

/// Reads the arguments behind `get` or `ws`; `None`: help is asked for.
pub(crate) fn parse(is_ws: bool, args: &[String]) -> Result<Option<Asked>, Message> {
    let mut asked = Asked::default();
    let mut args = args.iter();
    let command = if is_ws { "ws" } else { "get" };
    while let Some(arg) = args.next() {
        if arg == "--help" || arg == "-h" {
            return Ok(None);
        }
        if !arg.starts_with('-') {
            if !asked.url.is_empty() {
                return Err(Message::usage(format!(
                    "one URL can be asked for, and '{}' is one already",
                    asked.url
                )));
            }
            asked.url.clone_from(arg);
            continue;
        }
        let (name, given) = match arg.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (arg.as_str(), None),
        };
        let flag = FLAGS.iter().find(|f| f.belongs(is_ws) && f.names.contains(&name)).ok_or_else(|| {
            let what = format!("there is no flag '{}'", name.escape_debug());
            Message::usage(what).help(format!("lwsws {command} --help lists them"))
        })?;
        let value = match (flag.value.is_empty(), given) {
            (true, None) => "",
            (true, Some(_)) => return Err(Message::usage(format!("{name} takes no value"))),
            (false, Some(value)) => value,
            (false, None) => args.next().ok_or_else(|| {
                Message::usage(format!("{name} needs a value"))
                    .help(format!("{name} {}: {}", flag.value, flag.help))
            })?,
        };
        (flag.set)(&mut asked, value)?;
    }
    if asked.url.is_empty() {
        let example = if is_ws { "ws://127.0.0.1:7681/" } else { "http://127.0.0.1:7681/" };
        return Err(Message::usage("where?").help(format!("lwsws {command} {example}")));
    }
    Ok(Some(asked))
}

impl Flag {
    const fn belongs(&self, is_ws: bool) -> bool {
        if is_ws { self.of.1 } else { self.of.0 }
    }
}

fn data(asked: &mut Asked, value: &str) -> Result<(), Message> {
    let data = match value.strip_prefix('@') {
        Some(path) => std::fs::read(path)
            .map_err(|e| Message::failure(format!("cannot read {path}: {}", crate::message::reason(&e))))?,
        None => value.as_bytes().to_vec(),
    };
    asked.data = Some(data);
    Ok(())
}

fn field(asked: &mut Asked, value: &str) -> Result<(), Message> {
    let (name, value) = value.split_once(':').ok_or_else(|| {
        Message::usage(format!("-H needs a name and a value, not '{}'", value.escape_debug()))
            .help("write -H 'Name: value'")
    })?;
    asked.fields.push((name.trim().into(), value.trim().into()));
    Ok(())
}

/// What `--help` prints.
pub(crate) fn help(is_ws: bool) -> String {
    let (usage, about) = match is_ws {
        true => (
            "lwsws ws URL [flags]",
            "Opens a WebSocket: each line of stdin is sent as a text message, each message is printed. One second\n\
             after the end of stdin, or after the last answer, the socket is closed. Example: echo hello | lwsws ws ws://127.0.0.1:7681/echo",
        ),
        false => (
            "lwsws get URL [flags]",
            "Gets what is at URL, or posts to it, and prints the body. Redirects are followed, and http_proxy, https_proxy\n\
             and no_proxy are obeyed. Example: lwsws get https://example.org/ -o page.html --timing",
        ),
    };
    let mut text = format!("usage: {usage}\n\n{about}\n\nflags:\n");
    for flag in FLAGS.iter().filter(|f| f.belongs(is_ws)) {
        let names = flag.names.join(", ");
        let usage = if flag.value.is_empty() { names } else { format!("{names} {}", flag.value) };
        text += &format!("  {usage:<27} {}\n", flag.help);
    }
    text + "\nexit codes: 0 done · 1 it failed · 2 the command line is not understood\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_command_line_is_read() {
        let asked =
            parse(false, &words("http://a/ -d x=1 -H X-Y:z --h1 -k -o out --timing")).unwrap().unwrap();
        assert_eq!(asked.url, "http://a/");
        assert_eq!(asked.data.as_deref(), Some(&b"x=1"[..]));
        assert_eq!(asked.fields, [("X-Y".to_owned(), "z".to_owned())]);
        assert!(asked.leniency.expired && asked.timing && asked.versions == Versions::Http1);
        let asked =
            parse(true, &words("ws://a/ --subprotocol=chat --allow-expired --deflate")).unwrap().unwrap();
        assert_eq!(
            (asked.subprotocols, asked.deflate, asked.proxy_digest),
            (vec!["chat".into()], true, false)
        );
        assert_eq!(asked.leniency, Leniency { expired: true, ..Leniency::default() });
        assert_eq!(parse(true, &words("--help")), Ok(None));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (is_ws, line, part) in [
            (false, "-H x http://a/", "write -H 'Name: value'"),
            (false, "http://a/ http://b/", "is one already"),
            (false, "--frob http://a/", "there is no flag '--frob'"),
            (true, "-d x ws://a/", "there is no flag '-d'"),
            (false, "http://a/ -o", "-o needs a value"),
            (false, "-k=1 http://a/", "there is no flag '-k=1'"),
            (false, "--h1=1 http://a/", "takes no value"),
            (false, "-i", "where?"),
        ] {
            let error = parse(is_ws, &words(line)).unwrap_err().to_string();
            assert!(error.contains(part), "{line}: {error}");
        }
    }

    #[test]
    fn help_tells_each_command_its_own_flags() {
        assert!(help(false).contains("--timing") && !help(false).contains("--subprotocol"));
        assert!(help(true).contains("--subprotocol") && !help(true).contains("--timing"));
    }
}
