//! `lwsws ws`: stdin and stdout as a WebSocket.
//!
//! ```text
//!   stdin ──▶ reading thread ──▶ a few lines ──▶ Terminal::writable ──▶ socket ──▶ Terminal::message ──▶ stdout
//! ```

use super::{Asked, Running, Versions, failed, request, start};
use crate::Message as Complaint;
use lws::client::{Client, random};
use lws::ws::{CloseCode, DeflateOptions, Kind, Message, Protocol, Ws, WsClient};
use lws::{Closed, Env, Mail, Remote, Stop};
use std::cell::RefCell;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

/// Lines that wait to be sent; the reader of stdin waits while there are more.
const LINES: usize = 64;
/// Bytes of one line; what is longer is sent as several messages.
const LINE_BYTES: u64 = 1 << 20;

/// How long the server may stay silent after the end of stdin until the socket is closed.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Connects stdin and stdout with a WebSocket until either ends.
///
/// # Errors
/// It cannot be opened, or was broken off.
pub fn socket(asked: &Asked) -> Result<(), Complaint> {
    let request = request(asked)?;
    let Running { mut service, client } = start(asked)?;
    let (lines, waiting) = sync_channel(LINES);
    let outcome = Rc::new(RefCell::new(None));
    let terminal = Terminal {
        waiting,
        whole: asked.deflate,
        line: None,
        has_ended: false,
        goodbye: None,
        outcome: outcome.clone(),
        stop: service.stopper(),
    };
    let slot = service.world().add(terminal);
    let remote = service.remote::<Terminal>().expect("it has just been added");
    let mut ws = WsClient::new(slot, random);
    for name in &asked.subprotocols {
        ws = ws.subprotocol(name.as_str());
    }
    if asked.deflate {
        ws = ws.deflate(DeflateOptions::default());
    }
    let (stop, told) = (service.stopper(), outcome.clone());
    let mut reader = Some((lines, remote));
    let is_h1 = asked.versions == Versions::Http1;
    let (client, hub) = Client::reach(client, service.world());
    client.open(hub, if is_h1 { request.http1() } else { request }, ws, move |_hub, result| match result {
        Ok(subprotocol) => {
            greet(subprotocol.as_deref());
            if let Some((lines, remote)) = reader.take() {
                thread::spawn(move || read(&lines, &remote));
            }
        }
        Err(error) => {
            *told.borrow_mut() = Some(Err(failed(&error)));
            stop.stop();
            stop.stop();
        }
    });
    service.run().map_err(|e| Complaint::failure(e.to_string()))?;
    outcome.take().unwrap_or(Ok(()))
}

/// A person is told how to end it.
fn greet(subprotocol: Option<&str>) {
    if io::stdin().is_terminal() {
        let spoken = subprotocol.map(|name| format!(", {name} is spoken")).unwrap_or_default();
        // Whoever closed stderr does not want to know.
        let _ = writeln!(io::stderr(), "connected{spoken}; Ctrl-D closes");
    }
}

/// Lines of stdin to the loop, as fast as they can be sent.
fn read(lines: &SyncSender<Vec<u8>>, remote: &Remote<Terminal>) {
    let mut stdin = io::stdin().lock();
    loop {
        let mut line = Vec::new();
        match stdin.by_ref().take(LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(n) if n > 0 => {}
            // An error ends it as the end does.
            _ => break,
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if lines.send(line).is_err() || remote.post(News).is_err() {
            return;
        }
    }
    // The sender is dropped by the caller's end; the loop must look once more to see that.
    let _ = remote.post(End);
}

/// There are lines.
struct News;
/// There will be no more lines.
struct End;

struct Terminal {
    waiting: Receiver<Vec<u8>>,
    /// Lines are handed over whole: pieces are not compressed.
    whole: bool,
    /// One that there was no room for, and how much of it has gone.
    line: Option<(Vec<u8>, usize)>,
    has_ended: bool,
    goodbye: Option<(Option<u16>, String)>,
    outcome: Rc<RefCell<Option<Result<(), Complaint>>>>,
    stop: Stop,
}

impl Mail<News> for Terminal {
    fn mail(&mut self, env: &mut Env<'_>, _: News) {
        env.want_write_all();
    }
}

impl Mail<End> for Terminal {
    fn mail(&mut self, env: &mut Env<'_>, _: End) {
        self.has_ended = true;
        env.want_write_all();
    }
}

impl Terminal {
    fn next(&mut self) -> Option<(Vec<u8>, usize)> {
        self.line.take().or_else(|| match self.waiting.try_recv() {
            Ok(line) => Some((line, 0)),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        })
    }

    fn end(&mut self, result: Result<(), Complaint>) {
        self.outcome.borrow_mut().get_or_insert(result);
        self.stop.stop();
        self.stop.stop();
    }
}

impl Protocol for Terminal {
    type Session = ();

    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        ws.want_write();
    }

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        if self.has_ended {
            ws.set_timer(LAST_WORDS);
        }
        let mut out = io::stdout().lock();
        let newline: &[u8] = if message.kind == Kind::Text { b"\n" } else { b"" };
        if out
            .write_all(message.data)
            .and_then(|()| out.write_all(newline))
            .and_then(|()| out.flush())
            .is_err()
        {
            // Nobody reads any more.
            self.end(Ok(()));
        }
    }

    fn writable(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        while let Some((line, sent)) = self.next() {
            // RFC 6455 §5.6: a text is UTF-8; what is not goes as it is.
            let kind = if std::str::from_utf8(&line).is_ok() { Kind::Text } else { Kind::Binary };
            if self.whole {
                if !ws.send(kind, &line) {
                    self.line = Some((line, 0));
                    return ws.want_write();
                }
                continue;
            }
            let part = (line.len() - sent).min(ws.room());
            let is_last = sent + part == line.len();
            if (part == 0 && !is_last) || !ws.send_fragment(kind, is_last, &line[sent..sent + part]) {
                self.line = Some((line, sent));
                return ws.want_write();
            }
            if !is_last {
                self.line = Some((line, sent + part));
            }
        }
        if self.has_ended {
            // What was sent last may have an answer yet.
            ws.set_timer(LAST_WORDS);
        }
    }

    fn timer(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        ws.close(CloseCode::NORMAL, "");
    }

    fn peer_closing(&mut self, _session: &mut (), code: Option<u16>, reason: &str) {
        self.goodbye = Some((code, reason.into()));
    }

    fn closed(&mut self, _session: (), why: Closed) {
        let result = match (self.goodbye.take(), why) {
            (Some((Some(code), reason)), _) if !matches!(code, 1000 | 1001) => {
                let reason =
                    if reason.is_empty() { String::new() } else { format!(": {}", reason.escape_debug()) };
                Err(Complaint::failure(format!("the server closed with {code}{reason}")))
            }
            (Some(_), _) | (None, Closed::Done) => Ok(()),
            (None, why) => Err(Complaint::failure(format!("the connection was broken off: {why}"))),
        };
        self.end(result);
    }
}
