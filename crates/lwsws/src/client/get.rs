//! `lwsws get`: a request, its answer to stdout or a file, a bar while it takes long, and how long each stage took.

use super::{Asked, Running, failed, request, start};
use crate::Message;
use crate::message::{reason, shown};
use lws::Stop;
use lws::client::{Answer, Client, Error, Facts, Fields, Handle, Hub, ResponseHead, Stage};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How often the bar changes at most; nothing is shown of what is done sooner.
const BAR_INTERVAL: Duration = Duration::from_millis(200);
const BAR_WIDTH: usize = 30;

/// Asks, and prints what comes.
///
/// # Errors
/// What failed, and at which stage.
pub fn get(asked: &Asked) -> Result<(), Message> {
    let request = request(asked)?;
    let Running { mut service, client } = start(asked)?;
    let output: Box<dyn Write> = match &asked.output {
        None => Box::new(io::stdout()),
        Some(path) => Box::new(
            File::create(path)
                .map_err(|e| Message::failure(format!("cannot write {}: {}", shown(path), reason(&e))))?,
        ),
    };
    let bar = asked.output.is_some() && io::stderr().is_terminal();
    let seen = Rc::new(RefCell::new(Seen::default()));
    let answer = Printer {
        seen: seen.clone(),
        output,
        head: asked.head,
        bar: bar.then(Instant::now),
        stop: service.stopper(),
    };
    let begin = Instant::now();
    let (client, hub) = Client::reach(client, service.world());
    client.send(hub, request, answer);
    service.run().map_err(|e| Message::failure(e.to_string()))?;
    let seen = seen.take();
    if asked.timing {
        // Whoever closed stderr does not want to know.
        let _ = io::stderr().write_all(seen.table(begin).as_bytes());
    }
    match seen.result {
        Some(Ok(())) if asked.fail && seen.status >= 400 => {
            Err(Message::failure(format!("the server answered {}", seen.status)))
        }
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(failed(&error)),
        None => Err(Message::failure(match seen.write_error {
            Some(why) => format!("cannot write the body: {why}"),
            None => "the loop was stopped".into(),
        })),
    }
}

/// What is known when it is over.
#[derive(Default)]
struct Seen {
    stages: Vec<(String, Instant)>,
    connection: String,
    status: u16,
    bytes: u64,
    length: Option<u64>,
    write_error: Option<String>,
    result: Option<Result<(), Error>>,
}

impl Seen {
    /// Each stage, and how long it took.
    fn table(&self, begin: Instant) -> String {
        let mut text = String::new();
        for (at, (name, since)) in self.stages.iter().enumerate() {
            let until = self.stages.get(at + 1).map_or_else(Instant::now, |(_, next)| *next);
            let ms = |d: Duration| d.as_secs_f64() * 1000.0;
            let (from, took) = (ms(since.saturating_duration_since(begin)), ms(until.duration_since(*since)));
            let _ = writeln!(text, "{from:>9.1} ms  {name:<9} {took:>9.1} ms");
        }
        let _ = writeln!(text, "{} bytes, status {}{}", self.bytes, self.status, self.connection);
        text
    }
}

struct Printer {
    seen: Rc<RefCell<Seen>>,
    output: Box<dyn Write>,
    head: bool,
    /// When the bar last changed, if there is one.
    bar: Option<Instant>,
    stop: Stop,
}

impl Printer {
    fn mark(&self, stage: &str) {
        self.seen.borrow_mut().stages.push((stage.into(), Instant::now()));
    }

    /// Writes all of it; a reader that has gone ends the transfer.
    fn write(&mut self, data: &[u8]) {
        if let Err(e) = self.output.write_all(data).and_then(|()| self.output.flush()) {
            self.seen.borrow_mut().write_error = Some(reason(&e));
            self.stop.stop();
            self.stop.stop();
        }
    }

    fn show_bar(&mut self) {
        let Some(last) = &mut self.bar else { return };
        if last.elapsed() < BAR_INTERVAL {
            return;
        }
        *last = Instant::now();
        let seen = self.seen.borrow();
        let mib = seen.bytes as f64 / f64::from(1 << 20);
        let line = match seen.length.filter(|n| *n > 0) {
            Some(length) => {
                let done = usize::try_from(seen.bytes.min(length) * BAR_WIDTH as u64 / length).unwrap_or(0);
                format!(
                    "\r[{:BAR_WIDTH$}] {:3} % {mib:.1} MiB",
                    "#".repeat(done),
                    seen.bytes.min(length) * 100 / length
                )
            }
            None => format!("\r{mib:.1} MiB"),
        };
        // Who cannot see it does not miss it.
        let _ = io::stderr().write_all(line.as_bytes());
    }
}

impl Answer for Printer {
    fn stage(&mut self, _hub: &mut Hub, stage: Stage) {
        self.mark(match stage {
            Stage::Wait => "wait",
            Stage::Resolve => "resolve",
            Stage::Connect => "connect",
            Stage::Proxy => "proxy",
            Stage::Tls => "tls",
            Stage::Exchange => "request",
            _ => "other",
        });
    }

    fn connected(&mut self, _hub: &mut Hub, facts: &Facts) {
        let mut text = String::new();
        if let Some(tls) = facts.tls() {
            let _ = write!(text, ", {}", tls.version);
        }
        self.seen.borrow_mut().connection = text;
    }

    fn head(&mut self, _hub: &mut Hub, head: &ResponseHead<'_>, _connection: Handle) {
        self.mark("body");
        {
            let mut seen = self.seen.borrow_mut();
            seen.status = head.status.code();
            // Of decoded content the length is not known.
            let is_coded = head.fields.first("content-encoding").is_some();
            let length = head.fields.text("content-length").and_then(|n| n.parse().ok());
            seen.length = length.filter(|_| !is_coded);
        }
        if self.head {
            let status = head.status.code();
            let mut text = format!("{} {status}\n", head.version.as_str()).into_bytes();
            for field in head.fields.iter() {
                text.extend_from_slice(field.name.as_bytes());
                text.extend_from_slice(b": ");
                text.extend_from_slice(field.value);
                text.push(b'\n');
            }
            text.push(b'\n');
            self.write(&text);
        }
    }

    fn body(&mut self, _hub: &mut Hub, data: &[u8]) -> usize {
        self.write(data);
        self.seen.borrow_mut().bytes += data.len() as u64;
        self.show_bar();
        data.len()
    }

    fn done(self: Box<Self>, _hub: &mut Hub, result: Result<Fields<'_>, Error>) {
        if self.bar.is_some() {
            let _ = write!(io::stderr(), "\r{:1$}\r", "", BAR_WIDTH + 24); // who cannot see it does not miss it
        }
        self.seen.borrow_mut().result = Some(result.map(drop));
        self.stop.stop();
        self.stop.stop();
    }
}
