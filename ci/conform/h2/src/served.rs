//! A connection from the client under test, and the process that makes it: answers good and bad, and how a client shows
//! what it thinks of them.
//!
//! The client is a command that GETs one URL. It shows what it thinks by its frames, and by its exit code: 0 where it
//! accepted a whole answer.

use crate::case::Flaw;
use crate::conn::Conn;
use crate::hpack::Fields;
use crate::pipe::{Got, Pipe};
use crate::referee::{Event, Side};
use crate::wire::{self, HEADER};
use rustls::ServerConfig;
use std::net::{TcpListener, TcpStream};
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the process and the listener are looked at: std offers no wait with a limit.
const LOOK: Duration = Duration::from_millis(3);

/// How to start the client under test.
pub(crate) struct Clients {
    /// A shell command; `{url}` is what it GETs.
    pub(crate) get: String,
    /// The same for an upload: `{file}` is what it POSTs to `{url}`.
    pub(crate) post: Option<String>,
    /// What `{file}` stands for.
    pub(crate) file: PathBuf,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// The exit code is 0 where a whole answer was accepted, and only there.
    pub(crate) exit_code: bool,
    pub(crate) patience: Duration,
}

/// A client's connection, and the client.
pub(crate) struct Served {
    pub(crate) conn: Conn,
    child: Child,
    exit_code: bool,
    /// The stream of its request.
    pub(crate) stream: u32,
    /// The octets before its first frame.
    pub(crate) preface: Vec<u8>,
}

impl Deref for Served {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Served {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Both fail only where it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Clients {
    /// Starts a client and takes its connection; nothing is sent.
    pub(crate) fn connect(&self, upload: bool) -> Result<Served, Flaw> {
        let command = match (upload, &self.post) {
            (false, _) => &self.get,
            (true, Some(post)) => post,
            (true, None) => return Err(Flaw::skip("no --post command")),
        };
        let failed = |e: std::io::Error| Flaw::Skip(format!("no listener: {e}"));
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let command = command.replace("{url}", &format!("{scheme}://127.0.0.1:{port}/page"));
        // `exec`, so that the process to kill is the client and not the shell.
        let command = format!("exec {}", command.replace("{file}", &self.file.to_string_lossy()));
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = shell.spawn().map_err(|e| Flaw::Skip(format!("no client: {e}")))?;
        let pipe = match accept(&listener, self.patience).and_then(|socket| self.pipe(socket)) {
            Ok(pipe) => pipe,
            Err(why) => {
                let _ = child.kill(); // it may have ended by itself
                let _ = child.wait();
                return Err(Flaw::Wrong { expected: "a connection from the client".to_owned(), seen: why });
            }
        };
        let conn = Conn::new(pipe, Side::Client, self.patience);
        Ok(Served { conn, child, exit_code: self.exit_code, stream: 1, preface: Vec::new() })
    }

    fn pipe(&self, socket: TcpStream) -> Result<Pipe, String> {
        match &self.tls {
            None => Ok(Pipe::Plain(socket)),
            Some(config) => Pipe::accept(socket, config.clone(), self.patience).map_err(|e| e.to_string()),
        }
    }
}

fn accept(listener: &TcpListener, patience: Duration) -> Result<TcpStream, String> {
    listener.set_nonblocking(true).map_err(|e| e.to_string())?;
    // A client on a busy machine takes its time to start.
    let end = Instant::now() + 3 * patience;
    while Instant::now() < end {
        if let Ok((socket, _)) = listener.accept() {
            socket
                .set_nonblocking(false)
                .and_then(|()| socket.set_nodelay(true))
                .map_err(|e| e.to_string())?;
            socket.set_write_timeout(Some(patience)).map_err(|e| e.to_string())?;
            return Ok(socket);
        }
        std::thread::sleep(LOOK);
    }
    Err("none came".to_owned())
}

impl Served {
    /// Sends a frame: [`Conn::send`], without a borrow that reaches over the arguments.
    pub(crate) fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) {
        self.conn.send(kind, flags, stream, payload);
    }

    /// Reads the 24 octets.
    pub(crate) fn read_preface(&mut self) -> Result<(), Flaw> {
        let deadline = self.deadline();
        while self.preface.len() < wire::PREFACE.len() {
            let mut octet = [0];
            match self.pipe.read(&mut octet, deadline) {
                Got::Bytes(_) => self.preface.push(octet[0]),
                Got::End | Got::Late => return Err(self.wrong("the client's preface")),
            }
        }
        if self.preface == wire::PREFACE { Ok(()) } else { Err(self.wrong("the client's preface")) }
    }

    /// Reads the preface, exchanges SETTINGS, and waits for the header section of the request.
    pub(crate) fn begin(&mut self, settings: &[(u16, u32)]) -> Result<(), Flaw> {
        self.read_preface()?;
        self.settings(settings);
        self.settle()?;
        self.request()?;
        self.mark();
        Ok(())
    }

    /// Waits for the header section of the request.
    fn request(&mut self) -> Result<(), Flaw> {
        let deadline = self.deadline();
        loop {
            if let Some(stream) = self.first_stream() {
                self.stream = stream;
                return Ok(());
            }
            if self.ended() || self.next(deadline)? == Event::Late {
                return Err(self.wrong("a request"));
            }
        }
    }

    /// Sends a header section.
    pub(crate) fn head(&mut self, fields: &Fields, end: bool) {
        let flags = wire::END_HEADERS | if end { wire::END_STREAM } else { 0 };
        self.send(wire::HEADERS, flags, self.stream, fields.block());
    }

    /// Sends content.
    pub(crate) fn content(&mut self, content: &[u8], end: bool) {
        self.send(wire::DATA, if end { wire::END_STREAM } else { 0 }, self.stream, content);
    }

    /// Sends a good answer.
    pub(crate) fn answer(&mut self) {
        let block = Served::ok().with("content-length", "5").block();
        let head = wire::frame(wire::HEADERS, wire::END_HEADERS, self.stream, &block);
        // In one write: a client may close as soon as it has all.
        let content = wire::frame(wire::DATA, wire::END_STREAM, self.stream, b"hello");
        self.raw(&[head, content].concat());
    }

    /// The fields of a good answer.
    pub(crate) fn ok() -> Fields {
        Fields::default().with(":status", "200").with("content-type", "text/plain")
    }

    /// Waits for the client's end; its exit code, or else what its frames say: no error of its own is success.
    fn exit(&mut self) -> Option<bool> {
        let end = self.deadline();
        while Instant::now() < end {
            let status = self.child.try_wait().ok().flatten();
            // Its frames have to be read, or it might wait for us. A breach is told by the other waits.
            while self.conn.next(Instant::now() + LOOK).is_ok_and(|e| e != Event::Late && e != Event::Closed)
            {
            }
            if let Some(status) = status {
                let reset =
                    self.message(self.stream).is_some_and(|m| m.reset.is_some_and(|c| c != wire::NO_ERROR));
                let error = reset || self.last_error().is_some();
                return Some(if self.exit_code { status.success() } else { !error });
            }
            std::thread::sleep(LOOK);
        }
        None
    }

    /// The client has a whole answer and says so.
    pub(crate) fn accepted(&mut self) -> Result<(), Flaw> {
        match self.exit() {
            Some(true) => Ok(()),
            Some(false) => Err(self.wrong("the client accepts the answer; it failed")),
            None => Err(self.wrong("the client accepts the answer; it still waits")),
        }
    }

    /// A good answer now is accepted: what came before was ignored.
    pub(crate) fn works(&mut self) -> Result<(), Flaw> {
        self.answer();
        self.accepted()
    }

    /// The client has no whole answer and says so.
    pub(crate) fn rejected(&mut self) -> Result<(), Flaw> {
        match self.exit() {
            Some(false) => Ok(()),
            Some(true) if !self.exit_code => Ok(()), // it has no way to tell
            Some(true) => Err(self.wrong("the client fails; it ended with success")),
            None => Err(self.wrong("the client fails; it still waits")),
        }
    }

    /// "Clients MUST NOT accept a malformed response" (§8.1.1): a stream error PROTOCOL_ERROR, and a failure.
    pub(crate) fn malformed(&mut self) -> Result<(), Flaw> {
        let expected = "RST_STREAM or GOAWAY with PROTOCOL_ERROR, and a failure of the client";
        let stream = self.stream;
        let deadline = self.deadline();
        let named = loop {
            match self.next(deadline)? {
                Event::Reset { stream: s, code: wire::PROTOCOL_ERROR } if s == stream => break true,
                Event::Goaway { code: wire::PROTOCOL_ERROR, .. } => break true,
                Event::Reset { stream: s, .. } if s == stream => break false,
                Event::Closed => break false,
                Event::Goaway { code, .. } if code != wire::NO_ERROR => break false,
                Event::Late => return Err(self.wrong(expected)),
                _ => {}
            }
        };
        self.rejected()?;
        if named { Ok(()) } else { Err(self.weak(expected)) }
    }

    /// A header section that makes the answer malformed, and the rest of a good one.
    pub(crate) fn bad_head(&mut self, fields: &Fields) -> Result<(), Flaw> {
        let head = wire::frame(wire::HEADERS, wire::END_HEADERS, self.stream, &fields.block());
        let content = wire::frame(wire::DATA, wire::END_STREAM, self.stream, b"hello");
        self.raw(&[head, content].concat());
        self.malformed()
    }

    /// Octets that claim more than the client's limit for frames; skips the case where that is much.
    pub(crate) fn too_large(&self) -> Result<Vec<u8>, Flaw> {
        let limit = self.referee.theirs.value(wire::MAX_FRAME_SIZE).and_then(|m| usize::try_from(m).ok());
        match limit {
            Some(limit) if limit < 1 << 20 => Ok(vec![0; limit + 1]),
            _ => Err(Flaw::skip("the client takes frames of a mebioctet or more")),
        }
    }

    /// Just the header of a frame that is too large by far.
    pub(crate) fn huge(&self) -> Result<[u8; HEADER], Flaw> {
        self.too_large().map(|_| wire::header(0xff_ffff, wire::SETTINGS, 0, 0))
    }
}
