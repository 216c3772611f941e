//! `selftest.toml`: read into values, then played against the program. The format stands in the parent module.
//!
//! Unknown keys are errors: a misspelt expectation would otherwise be one that always holds.

use crate::client::{self, Ws};
use crate::server::{Server, Url};
use std::path::Path;
use std::process::Command;
use toml::{Table, Value};

/// One start of the program.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) args: Vec<String>,
    /// The example that is started as its server, `group/name`; empty: none.
    pub(crate) server: String,
    pub(crate) server_args: Vec<String>,
    /// What the line with the URL contains; `None`: there is no such line.
    scheme: Option<String>,
    pub(crate) steps: Vec<Step>,
}

/// What is done with the running program, and what must come of it.
#[derive(Debug)]
pub(crate) enum Step {
    Http {
        path: String,
        method: String,
        send_header: Vec<String>,
        body: String,
        status: i64,
        header: Vec<String>,
        body_contains: String,
    },
    Ws {
        path: String,
        protocol: String,
        clients: i64,
        send: Vec<String>,
        expect: Vec<String>,
    },
    Command {
        args: Vec<String>,
        contains: Vec<String>,
    },
    Output {
        contains: String,
    },
    Exit {
        signal: String,
        code: i64,
    },
}

/// Reads a `selftest.toml`; an error says what is wrong.
pub(crate) fn parse(text: &str) -> Result<Vec<Run>, String> {
    let mut file = Fields(text.parse().map_err(|e| format!("{e}"))?);
    let runs = file.tables("run")?.into_iter().map(run).collect::<Result<Vec<Run>, String>>()?;
    file.finish()?;
    match runs.iter().all(|r| r.steps.is_empty()) {
        true => Err("there is no [[run]] with a [[run.step]]: nothing would be tested".to_owned()),
        false => Ok(runs),
    }
}

impl Run {
    /// Starts the program and plays the steps; the first that fails is the error.
    pub(crate) fn check(&self, command: &mut Command, log: &Path) -> Result<(), String> {
        let mut server = Server::start(command, log)?;
        let url = self.scheme.as_ref().map(|scheme| server.url(scheme)).transpose()?;
        for (number, step) in self.steps.iter().enumerate() {
            step.check(&mut server, url.as_ref()).map_err(|e| format!("step {number}: {e}"))?;
        }
        Ok(())
    }
}

impl Step {
    fn check(&self, server: &mut Server, url: Option<&Url>) -> Result<(), String> {
        let url = url.ok_or("there is no URL: expect_url is false");
        match self {
            Step::Http { .. } => self.check_http(url?),
            Step::Ws { path, protocol, clients, send, expect } => {
                let url = url?;
                let path = if path.is_empty() { &url.path } else { path };
                let mut open = Vec::new();
                for _ in 0..*clients {
                    open.push(Ws::connect(url, path, protocol)?);
                }
                talk(open, send, expect).map_err(|e| format!("ws {path}: {e}"))
            }
            Step::Command { args, contains } => peer(args, contains, url?),
            Step::Output { contains } => server.says(contains),
            Step::Exit { signal, code } => {
                if !signal.is_empty() {
                    server.signal(signal)?;
                }
                match server.exit()? {
                    Some(c) if i64::from(c) == *code => Ok(()),
                    Some(c) => Err(format!("it ended with code {c}, not {code}")),
                    None => Err(format!("a signal ended it, it did not exit with code {code}")),
                }
            }
        }
    }

    fn check_http(&self, url: &Url) -> Result<(), String> {
        let Step::Http { path, method, send_header, body, status, header, body_contains } = self else {
            return Ok(());
        };
        let path = if path.is_empty() { &url.path } else { path };
        let answer = client::http(url, method, path, send_header, body)?;
        let text = String::from_utf8_lossy(&answer.body);
        if i64::from(answer.status) != *status {
            return Err(format!("{method} {path}: status {}, not {status}", answer.status));
        }
        for line in header {
            let (name, value) =
                line.split_once(':').ok_or_else(|| format!("`{line}` should be `name: value`"))?;
            if answer.header(name) != Some(value.trim()) {
                return Err(format!("{method} {path}: no header `{line}` among {:?}", answer.headers));
            }
        }
        if !text.contains(body_contains.as_str()) {
            return Err(format!("{method} {path}: the body lacks `{body_contains}`: {text:.200}"));
        }
        Ok(())
    }
}

/// Runs another program against the URL: it must succeed and write what is expected.
fn peer(args: &[String], contains: &[String], url: &Url) -> Result<(), String> {
    let address = format!("{}://{}{}", if url.tls { "https" } else { "http" }, url.authority, url.path);
    let mut args = args.iter().map(|arg| arg.replace("{url}", &address));
    let program = args.next().ok_or("args: the program stands first")?;
    let output = Command::new(&program).args(args).output().map_err(|e| format!("{program}: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        return Err(format!("{program}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    match contains.iter().find(|wanted| !text.contains(wanted.as_str())) {
        Some(wanted) => Err(format!("{program}: no `{wanted}` in: {text:.400}")),
        None => Ok(()),
    }
}

/// The last client sends, every client expects, all close in order.
fn talk(mut clients: Vec<Ws>, send: &[String], expect: &[String]) -> Result<(), String> {
    if let Some(sender) = clients.last_mut() {
        for message in send {
            sender.send(message).map_err(|e| format!("sending `{message}`: {e}"))?;
        }
    }
    for client in &mut clients {
        for wanted in expect {
            let message = client.receive().map_err(|e| format!("waiting for `{wanted}`: {e}"))?;
            if message != wanted.as_bytes() {
                return Err(format!("expected `{wanted}`, got `{}`", String::from_utf8_lossy(&message)));
            }
        }
    }
    for client in clients {
        match client.close().map_err(|e| format!("closing: {e}"))? {
            1000 => {}
            code => return Err(format!("closing: the server answered {code}, not 1000")),
        }
    }
    Ok(())
}

fn run(table: Table) -> Result<Run, String> {
    let mut fields = Fields(table);
    let args = fields.strings("args")?;
    let (server, server_args) = (fields.string("server", "")?, fields.strings("server_args")?);
    let scheme = match fields.0.remove("expect_url") {
        None | Some(Value::Boolean(true)) => Some("://".to_owned()),
        Some(Value::Boolean(false)) => None,
        Some(Value::String(scheme)) => Some(scheme),
        Some(other) => {
            return Err(format!("expect_url: true, false or a scheme is wanted, not {}", other.type_str()));
        }
    };
    let steps = fields.tables("step")?.into_iter().map(step).collect::<Result<Vec<Step>, String>>()?;
    fields.finish()?;
    Ok(Run { args, server, server_args, scheme, steps })
}

fn step(table: Table) -> Result<Step, String> {
    let mut f = Fields(table);
    let step = match f.string("kind", "")?.as_str() {
        "http" => Step::Http {
            path: f.string("path", "")?,
            method: f.string("method", "GET")?,
            send_header: f.strings("send_header")?,
            body: f.string("body", "")?,
            status: f.integer("status", 200)?,
            header: f.strings("header")?,
            body_contains: f.string("body_contains", "")?,
        },
        "ws" => Step::Ws {
            path: f.string("path", "")?,
            protocol: f.string("protocol", "")?,
            clients: f.integer("clients", 1)?,
            send: f.strings("send")?,
            expect: f.strings("expect")?,
        },
        "command" => Step::Command { args: f.strings("args")?, contains: f.strings("contains")? },
        "output" => Step::Output { contains: f.string("contains", "")? },
        "exit" => Step::Exit { signal: f.string("signal", "")?, code: f.integer("code", 0)? },
        other => return Err(format!("kind = \"{other}\": http, ws, command, output or exit is wanted")),
    };
    f.finish()?;
    Ok(step)
}

/// A table from which keys are taken until it must be empty.
struct Fields(Table);

impl Fields {
    fn string(&mut self, key: &str, default: &str) -> Result<String, String> {
        match self.0.remove(key) {
            None => Ok(default.to_owned()),
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(format!("{key}: a string is wanted, not {}", other.type_str())),
        }
    }

    /// A list of strings, or one string.
    fn strings(&mut self, key: &str) -> Result<Vec<String>, String> {
        match self.0.remove(key) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(list)) if list.iter().all(Value::is_str) => {
                Ok(list.into_iter().filter_map(|v| v.as_str().map(str::to_owned)).collect())
            }
            Some(other) => Err(format!("{key}: strings are wanted, not {}", other.type_str())),
        }
    }

    fn integer(&mut self, key: &str, default: i64) -> Result<i64, String> {
        match self.0.remove(key) {
            None => Ok(default),
            Some(Value::Integer(number)) => Ok(number),
            Some(other) => Err(format!("{key}: a number is wanted, not {}", other.type_str())),
        }
    }

    fn tables(&mut self, key: &str) -> Result<Vec<Table>, String> {
        let list = match self.0.remove(key) {
            None => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(format!("{key} is written [[{key}]]")),
        };
        let table = |v: Value| {
            if let Value::Table(table) = v { Ok(table) } else { Err(format!("{key} is written [[{key}]]")) }
        };
        list.into_iter().map(table).collect()
    }

    fn finish(self) -> Result<(), String> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(key) => Err(format!("nothing is called `{key}` here")),
        }
    }
}
