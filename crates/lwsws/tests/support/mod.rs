//! The real program: started on a free port, watched line by line, spoken to over sockets. Nothing sleeps: everything
//! waits for a line, for bytes or for the end, and gives up after [`PATIENCE`].
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Longest wait for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The program.
pub(crate) fn lwsws() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lwsws"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
pub(crate) fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = lwsws().args(args).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    lines: Receiver<String>,
    /// The lines that were waited for so far.
    pub(crate) said: Vec<String>,
    /// The URL that was printed last.
    pub(crate) url: String,
    pub(crate) address: SocketAddr,
    /// If it was asked for, stdout behind the URL, which nobody reads.
    pub(crate) unread: Option<ChildStdout>,
}

impl Server {
    /// `lwsws serve DIR --port 0 ARGS`.
    pub(crate) fn start(dir: &Path, args: &[&str]) -> Self {
        Self::start_with(lwsws().arg("serve").arg(dir).args(["--port", "0"]).args(args), true)
    }

    /// The same, but nobody reads its stdout once it has said where it listens.
    pub(crate) fn start_unread(dir: &Path, args: &[&str]) -> Self {
        Self::start_with(lwsws().arg("serve").arg(dir).args(["--port", "0"]).args(args), false)
    }

    /// Starts `command` and waits until it says where it listens.
    pub(crate) fn start_with(command: &mut Command, read: bool) -> Self {
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        let mut said = Vec::new();
        let url = loop {
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            if line.is_empty() {
                let stderr: Vec<String> = err.lines().map_while(Result::ok).collect();
                panic!("it did not start: {said:?} {stderr:?}");
            }
            said.push(line.trim_end().to_owned());
            if let Some(url) = last_url(&line) {
                break url;
            }
        };
        let mut unread = None;
        let other = sender.clone();
        std::thread::spawn(move || err.lines().map_while(Result::ok).try_for_each(|line| other.send(line)));
        if read {
            std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|l| sender.send(l)));
        } else {
            unread = Some(out.into_inner());
        }
        let port: u16 = url.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        Self { child, lines, said, url, address, unread }
    }

    /// Waits for a line that contains `text`.
    pub(crate) fn says(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.said.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(e) => panic!("it never said {text:?} ({e}), but {:#?}", self.said),
            }
        }
    }

    /// Sends a signal by name: `TERM`, `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        // The shell has `kill` built in, so no package is needed for it.
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for the end; the code, or what a shell would make of a signal.
    pub(crate) fn exit(&mut self) -> i32 {
        use std::os::unix::process::ExitStatusExt as _;
        let end = Instant::now() + PATIENCE;
        self.unread = None;
        // Its output ends when it ends.
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.said.push(line);
        }
        assert!(Instant::now() < end, "still running; it said {:#?}", self.said);
        let status = self.child.wait().unwrap();
        status.code().unwrap_or_else(|| 128 + status.signal().unwrap())
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    /// One request on a connection of its own. `head` is everything behind the method, target and version.
    pub(crate) fn ask(&self, method: &str, target: &str, head: &str) -> Answer {
        ask(self.connect(), method, target, head)
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, "")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn last_url(line: &str) -> Option<String> {
    let at = line.rfind("https://").or_else(|| line.rfind("http://"))?;
    line[at..].split(|c: char| c.is_whitespace() || c == '"').next().map(Into::into)
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// An answer, read to the end of its connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("a whole head");
        let head = String::from_utf8(bytes[..end + 2].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.text()).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (n, value) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// Sends a request that ends its connection, and reads the answer. `head` may have a `Host` of its own.
pub(crate) fn ask(mut stream: impl Read + Write, method: &str, target: &str, head: &str) -> Answer {
    let host = if head.contains("Host:") { "" } else { "Host: localhost\r\n" };
    write!(stream, "{method} {target} HTTP/1.1\r\n{host}Connection: close\r\n{head}\r\n").unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    Answer::parse(&bytes)
}

/// Reads a head, and not a byte of what follows.
pub(crate) fn read_head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// An address of this machine that is not loopback, if it has one.
pub(crate) fn lan_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // Sends nothing: it only makes the kernel choose.
    socket.connect((Ipv4Addr::new(203, 0, 113, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified() && !ip.is_loopback()).then_some(ip)
}
