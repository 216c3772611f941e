//! A small HTTP/1 and WebSocket client for the checks, on blocking sockets.
//!
//! It shares no code with what it checks. TLS is `openssl s_client` as a pipe, which takes any certificate.

use crate::server::{PATIENCE, Url};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// Longest head or message the client takes.
const MAX: usize = 16 << 20;
/// The key and its answer of RFC 6455 §1.3, so that no SHA-1 is needed here.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// An answer to a request.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The first header of that name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Sends one request on a connection of its own. `headers` are whole lines without their ends.
pub(crate) fn http(
    url: &Url,
    method: &str,
    path: &str,
    headers: &[String],
    body: &str,
) -> Result<Response, String> {
    let mut stream = Stream::connect(url)?;
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", url.authority);
    for line in headers {
        request += &format!("{line}\r\n");
    }
    if !body.is_empty() {
        request += &format!("Content-Length: {}\r\n", body.len());
    }
    stream
        .write_all(format!("{request}\r\n{body}").as_bytes())
        .map_err(|e| format!("{method} {path}: {e}"))?;
    read_response(&mut stream, method).map_err(|e| format!("{method} {path}: {e}"))
}

/// A WebSocket after its handshake.
#[derive(Debug)]
pub(crate) struct Ws<S = Stream> {
    stream: S,
}

impl Ws {
    /// Connects and upgrades; `protocol` is the subprotocol to ask for, none where it is empty.
    pub(crate) fn connect(url: &Url, path: &str, protocol: &str) -> Result<Ws, String> {
        Ws::upgrade(Stream::connect(url)?, &url.authority, path, protocol)
    }
}

impl<S: Read + Write> Ws<S> {
    /// The handshake on a connection that is there.
    pub(crate) fn upgrade(mut stream: S, host: &str, path: &str, protocol: &str) -> Result<Ws<S>, String> {
        let mut request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
        );
        if !protocol.is_empty() {
            request += &format!("Sec-WebSocket-Protocol: {protocol}\r\n");
        }
        stream.write_all(format!("{request}\r\n").as_bytes()).map_err(|e| format!("ws {path}: {e}"))?;
        let (status, headers) = read_head(&mut stream).map_err(|e| format!("ws {path}: {e}"))?;
        let answer = Response { status, headers, body: Vec::new() };
        let spoken = answer.header("sec-websocket-protocol").unwrap_or_default();
        if status != 101 || answer.header("sec-websocket-accept") != Some(ACCEPT) || spoken != protocol {
            return Err(format!("ws {path}: not upgraded: {status} {:?}", answer.headers));
        }
        Ok(Ws { stream })
    }

    /// Sends one text message.
    pub(crate) fn send(&mut self, text: &str) -> io::Result<()> {
        self.frame(1, text.as_bytes())
    }

    /// The next message, pings answered; a close frame is an error.
    pub(crate) fn receive(&mut self) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        loop {
            let (first, payload) = self.read_frame()?;
            match first & 0x0f {
                0..=2 => message.extend(payload),
                8 => return Err(bad(&format!("closed: {:?}", payload))),
                9 => self.frame(10, &payload)?,
                _ => {}
            }
            if first & 0x80 != 0 && first & 0x0f <= 2 {
                return Ok(message);
            }
        }
    }

    /// Closes with 1000 and waits for the peer's close frame, whose code it returns.
    pub(crate) fn close(mut self) -> io::Result<u16> {
        self.frame(8, &1000_u16.to_be_bytes())?;
        loop {
            let (first, payload) = self.read_frame()?;
            if first & 0x0f == 8 {
                return Ok(payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code)));
            }
        }
    }

    fn frame(&mut self, opcode: u8, payload: &[u8]) -> io::Result<()> {
        let mask = [0x5a, 0xa5, 0x3c, 0xc3];
        let mut frame = vec![0x80 | opcode];
        match payload.len() {
            n @ 0..=125 => frame.push(0x80 | n as u8),
            n @ 126..=0xffff => {
                frame.push(0xfe);
                frame.extend((n as u16).to_be_bytes());
            }
            n => {
                frame.push(0xff);
                frame.extend((n as u64).to_be_bytes());
            }
        }
        frame.extend(mask);
        frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
        self.stream.write_all(&frame)
    }

    fn read_frame(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let [first, second] = read_array(&mut self.stream)?;
        let len = match second & 0x7f {
            126 => u64::from(u16::from_be_bytes(read_array(&mut self.stream)?)),
            127 => u64::from_be_bytes(read_array(&mut self.stream)?),
            n => u64::from(n),
        };
        if second & 0x80 != 0 || len > MAX as u64 {
            return Err(bad("a masked or huge frame from the server"));
        }
        let mut payload = vec![0; len as usize];
        self.stream.read_exact(&mut payload)?;
        Ok((first, payload))
    }
}

/// Bytes to and from a server, plain or through `openssl s_client`.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    Tls(Tls),
}

/// The pipe to `openssl s_client`. Its output comes through a thread, because pipes have no read timeout.
#[derive(Debug)]
pub(crate) struct Tls {
    child: Child,
    input: ChildStdin,
    output: Receiver<Vec<u8>>,
    /// Received and not yet read.
    rest: Vec<u8>,
}

impl Stream {
    /// Connects; reads give up after [`PATIENCE`].
    pub(crate) fn connect(url: &Url) -> Result<Stream, String> {
        if url.tls {
            return Tls::connect(&url.authority).map(Stream::Tls);
        }
        let plain = TcpStream::connect(&url.authority)
            .map_err(|e| format!("cannot connect to {}: {e}", url.authority))?;
        plain.set_read_timeout(Some(PATIENCE)).map_err(|e| e.to_string())?;
        Ok(Stream::Plain(plain))
    }
}

impl Tls {
    fn connect(authority: &str) -> Result<Tls, String> {
        let mut child = Command::new("openssl")
            .args(["s_client", "-quiet", "-servername", "localhost", "-connect", authority])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("cannot start openssl: {e}\nhelp: apt-get install openssl"))?;
        let (sender, output) = channel();
        let (Some(input), Some(mut from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("openssl has no pipes".to_owned());
        };
        std::thread::spawn(move || {
            let mut block = vec![0; 16 << 10];
            while let Ok(n @ 1..) = from.read(&mut block) {
                if sender.send(block[..n].to_vec()).is_err() {
                    break; // the stream was dropped
                }
            }
        });
        Ok(Tls { child, input, output, rest: Vec::new() })
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        // Both fail only where openssl has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(plain) => plain.read(into),
            Stream::Tls(tls) => {
                if tls.rest.is_empty() {
                    use std::sync::mpsc::RecvTimeoutError::{Disconnected, Timeout};
                    match tls.output.recv_timeout(PATIENCE) {
                        Ok(block) => tls.rest = block,
                        Err(Disconnected) => return Ok(0),
                        Err(Timeout) => return Err(io::ErrorKind::TimedOut.into()),
                    }
                }
                let n = into.len().min(tls.rest.len());
                into[..n].copy_from_slice(&tls.rest[..n]);
                tls.rest.drain(..n);
                Ok(n)
            }
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(plain) => plain.write(bytes),
            Stream::Tls(tls) => tls.input.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read_response(stream: &mut impl Read, method: &str) -> io::Result<Response> {
    let (status, headers) = read_head(stream)?;
    let mut answer = Response { status, headers, body: Vec::new() };
    let chunked = answer.header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked"));
    if method == "HEAD" || matches!(status, 100..=199 | 204 | 304) {
        return Ok(answer);
    }
    if chunked {
        loop {
            let size = read_line(stream)?;
            let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16)
                .map_err(|_| bad("a bad chunk size"))?;
            let mut chunk = vec![0; size.min(MAX) + 2];
            stream.read_exact(&mut chunk)?;
            answer.body.extend(&chunk[..size.min(MAX)]);
            if size == 0 {
                return Ok(answer);
            }
        }
    }
    match answer.header("content-length").map(str::parse) {
        Some(Ok(length)) => stream.take(length).read_to_end(&mut answer.body)?,
        Some(Err(_)) => return Err(bad("a bad Content-Length")),
        None => stream.take(MAX as u64).read_to_end(&mut answer.body)?,
    };
    Ok(answer)
}

/// Status and headers, up to and with the empty line.
fn read_head(stream: &mut impl Read) -> io::Result<(u16, Vec<(String, String)>)> {
    let first = read_line(stream)?;
    let status = first.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| bad("not HTTP"))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(stream)?;
        if line.is_empty() {
            return Ok((status, headers));
        }
        let (name, value) = line.split_once(':').ok_or_else(|| bad("a header without a colon"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// One line without its CRLF, byte by byte: what follows stays in the stream.
fn read_line(stream: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    while line.len() < MAX {
        match read_array(stream)? {
            [b'\n'] => return Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned()),
            [byte] => line.push(byte),
        }
    }
    Err(bad("an endless line"))
}

fn read_array<const N: usize>(stream: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
