//! Resident memory of a server for each connection that has been used once and now does nothing: `h1-c15000`, `ws-…`, `wss-…`,
//! `h2-…`, `deflate-…`.

use lws_bench_net::crowd::{greet, open};
use lws_bench_net::peer::{Peer, Site, certify};
use lws_bench_net::report::{self, Asked, Report};
use lws_bench_net::{cpu, h2frame, tls, wsframe};
use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

/// Connections before the first look, so that what a server allocates once is not counted.
const WARM: usize = 500;
/// Connections that are opened before the first of them is used: a server may keep one only for seconds, so that time counts.
const BATCH: usize = 100;
/// `Hello`, compressed (RFC 7692 §7.2.3.1), in a masked frame of text.
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

fn main() -> Result<(), Box<dyn Error>> {
    report::main(run)
}

/// Something that is kept open.
trait Kept: Read + Write {}
impl<S: Read + Write> Kept for S {}

fn run(asked: &Asked) -> Result<Report, Box<dyn Error>> {
    let kind = asked.argument.split('-').next().unwrap_or_default();
    let count = usize::try_from(asked.number('c').ok_or("how many connections?")?)?;
    let count = if asked.quick { count / 10 } else { count };
    let root = asked.scratch.join("root");
    fs::create_dir_all(&root)?;
    fs::write(root.join("hello.txt"), "Hello, World!")?;
    let site = Site::new(&root, &asked.scratch);
    // Of an earlier run with this contender.
    let _ = fs::remove_file(root.join("http2"));
    let site = match kind {
        "wss" => {
            certify(&root)?;
            site.tls(true).with(["--mode", "wss", "--size", "20"])
        }
        "h2" => {
            fs::write(root.join("http2"), "nginx and haproxy speak HTTP/2 only where they are told to")?;
            site.with(["--mode", "h2"])
        }
        "deflate" => site.with(["--deflate"]),
        "ws" => site.with(["--mode", "ws", "--size", "20"]),
        "h1" => site,
        other => return Err(format!("no idle `{other}`").into()),
    };
    let server = Peer::start(&asked.contender, &site)?;
    let path = if asked.ours() { "/hello" } else { "/" };
    let crowd = Crowd { server: &server, kind, path, tls: (kind == "wss").then_some(&root) };
    let mut kept = crowd.open(0, WARM)?;
    let (before, others) = (cpu::resident_bytes(server.pid())?, cpu::descriptors(server.pid())?);
    kept.extend(crowd.open(WARM, count)?);
    let after = cpu::resident_bytes(server.pid())?;
    // Some servers end what does nothing for some seconds.
    let open = cpu::descriptors(server.pid())?.saturating_sub(others);
    if open < count / 10 * 9 {
        return Err(format!("of {count} connections {open} are open").into());
    }
    Ok(Report::new("kept").with("bytes", (after as f64 - before as f64).max(0.0) / open as f64))
}

struct Crowd<'a> {
    server: &'a Peer,
    kind: &'a str,
    path: &'a str,
    /// Where the certificate is.
    tls: Option<&'a std::path::PathBuf>,
}

impl Crowd<'_> {
    fn open(&self, from: usize, count: usize) -> Result<Vec<Box<dyn Kept>>, Box<dyn Error>> {
        let config =
            self.tls.map(|root: &std::path::PathBuf| tls::config(Path::new(root), b"http/1.1", false));
        let config = config.transpose()?;
        let request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", self.path, self.server.authority);
        let mut all: Vec<Box<dyn Kept>> = Vec::with_capacity(count);
        while all.len() < count {
            let used = all.len();
            for number in from + used..from + count.min(used + BATCH) {
                let stream = open(&self.server.authority, number)?;
                let mut stream: Box<dyn Kept> = match &config {
                    Some(config) => Box::new(tls::wrap(config, stream)?),
                    None => Box::new(stream),
                };
                if self.kind == "h1" {
                    stream.write_all(request.as_bytes())?;
                }
                all.push(stream);
            }
            for (number, stream) in all.iter_mut().enumerate().skip(used) {
                self.use_once(stream).map_err(|e| format!("connection {}: {e}", from + number))?;
            }
        }
        Ok(all)
    }

    fn use_once(&self, stream: &mut Box<dyn Kept>) -> Result<(), Box<dyn Error>> {
        let authority = &self.server.authority;
        match self.kind {
            // It has been asked.
            "h1" => {
                greet(stream, b"", "HTTP/1.1 200")?;
                stream.read_exact(&mut [0; 13])?;
            }
            "h2" => h2_once(stream, self.path)?,
            "deflate" => {
                let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
                let request = wsframe::request(authority, "/echo", offer);
                let head = greet(stream, request.as_bytes(), "HTTP/1.1 101")?;
                if !head.contains("permessage-deflate") {
                    return Err("it does not compress".into());
                }
                let mut frame = wsframe::from_client(&HELLO);
                frame[0] = 0xc1;
                echo(stream, &frame)?;
            }
            _ => {
                let request = wsframe::request(authority, "/echo", "");
                greet(stream, request.as_bytes(), "HTTP/1.1 101")?;
                echo(stream, &wsframe::from_client(&wsframe::payload(20)))?;
            }
        }
        Ok(())
    }
}

/// One message, and the answer: a short frame.
fn echo(stream: &mut Box<dyn Kept>, frame: &[u8]) -> Result<(), Box<dyn Error>> {
    stream.write_all(frame)?;
    stream.flush()?;
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    let mut payload = [0; 125];
    let payload = payload.get_mut(..usize::from(head[1])).ok_or("a long answer")?;
    Ok(stream.read_exact(payload)?)
}

/// One request, and frames until the end of its stream.
fn h2_once(stream: &mut Box<dyn Kept>, path: &str) -> Result<(), Box<dyn Error>> {
    let path = if path == "/" { "/hello.txt" } else { path };
    let mut out = h2frame::PREFACE.to_vec();
    h2frame::put(&mut out, h2frame::SETTINGS, 0, 0, &[]);
    h2frame::put_request(&mut out, 1, path, false);
    h2frame::put(&mut out, h2frame::SETTINGS, h2frame::ACK, 0, &[]);
    stream.write_all(&out)?;
    let mut input = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err("closed".into());
        }
        input.extend_from_slice(&buffer[..read]);
        while let Some(frame) = h2frame::first(&input) {
            input.drain(..frame.len);
            if frame.stream == 1 && frame.kind <= h2frame::HEADERS && frame.flags & h2frame::END_STREAM != 0 {
                return Ok(());
            }
        }
    }
}
