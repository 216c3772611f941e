//! A fixed number of requests through the real loop and the real roles, from a client on the same thread: what they cost can be
//! counted exactly. `cargo xtask ratchet` runs it twice with different numbers under callgrind and strace; the
//! difference has neither the start nor the end in it. Allocations it counts itself.
//!
//! `ratchet h1 1000`: 1000 batches; prints how often the allocator was called in them.

use lws::files::files;
use lws::http::{Status, respond};
use lws::ws::{Kind, Message, Protocol, Ws, ws};
use lws::{Context, Service, Vhost, h1, h2, sniff};
use lws_bench_net::{h2frame, wsframe};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::error::Error;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Connections of `ws-all`, with the one that sends.
const ALL: usize = 64;
/// Batches before anything is counted.
const WARM: usize = 50;

struct Echo;

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        ws.send(message.kind, message.data);
    }
}

/// What one sends goes to all.
#[derive(Default)]
struct Broadcast {
    last: Vec<u8>,
}

impl Protocol for Broadcast {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        self.last.clear();
        self.last.extend_from_slice(message.data);
        ws.want_write_all();
    }

    fn writable(&mut self, _session: &mut (), ws: &mut Ws) {
        ws.send(Kind::Binary, &self.last);
    }
}

/// One side of a conversation: what opens it, and what goes out in each batch.
struct Script {
    hello: Vec<u8>,
    /// The bytes of batch number N.
    batch: Box<dyn FnMut(usize) -> Vec<u8>>,
}

fn script(kind: &str) -> Result<Script, String> {
    let fixed = |hello: Vec<u8>, batch: Vec<u8>| Script { hello, batch: Box::new(move |_| batch.clone()) };
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes();
    let open = wsframe::request("localhost", "/echo", "").into_bytes();
    let message = |size| wsframe::from_client(&wsframe::payload(size));
    Ok(match kind {
        "h1" => fixed(get("/hello"), get("/hello")),
        "h1-p16" => fixed(get("/hello"), get("/hello").repeat(16)),
        "h1-file" => fixed(get("/file.txt"), get("/file.txt")),
        "ws" => fixed(open, message(20)),
        "ws-d16" => fixed(open, message(20).repeat(16)),
        "ws-16k" => fixed(open, message(16384)),
        "ws-16k-d8" => fixed(open, message(16384).repeat(8)),
        "ws-all" => fixed(wsframe::request("localhost", "/all", "").into_bytes(), message(20)),
        "h2" => h2_script(1),
        "h2-m100" => h2_script(100),
        other => return Err(format!("no `{other}`")),
    })
}

fn h2_script(streams: usize) -> Script {
    let mut hello = h2frame::PREFACE.to_vec();
    // The window of the connection is never the limit here.
    h2frame::put(&mut hello, h2frame::SETTINGS, 0, 0, &[]);
    h2frame::put(&mut hello, 8, 0, 0, &0x7000_0000_u32.to_be_bytes());
    let batch = move |number: usize| {
        let mut out = Vec::with_capacity(streams * 64);
        for at in 0..streams {
            let stream = 2 * (number * streams + at) + 1;
            h2frame::put_request(&mut out, u32::try_from(stream).expect("few batches"), "/hello", false);
        }
        out
    };
    Script { hello, batch: Box::new(batch) }
}

/// The loop and the client, both on this thread.
struct Pair {
    service: Service,
    client: TcpStream,
    /// Who only listens, to the same answers.
    others: Vec<TcpStream>,
    buffer: Vec<u8>,
    /// On HTTP/2: the beginning of a frame.
    frames: Option<Vec<u8>>,
}

impl Pair {
    fn connect(root: &str, h2_frames: bool) -> Result<Self, Box<dyn Error>> {
        let hello = respond(|_, reply| {
            reply.status(Status::OK).field("content-type", "text/plain").send("Hello, World!");
        });
        let vhost = Vhost::new("*").mount("/", files(root)).mount("/hello", hello);
        let vhost = vhost.upgrade("/echo", ws(|| Echo)).upgrade("/all", ws(Broadcast::default));
        let sites = lws::http::Sites::from(vhost);
        let stack = sniff().or(h2(sites.clone())).or(h1(sites).requests_per_connection(u32::MAX));
        let mut service = Context::new().listen("127.0.0.1:0", stack).build()?;
        let client = open(&mut service)?;
        let frames = h2_frames.then(Vec::new);
        Ok(Self { service, client, others: Vec::new(), buffer: vec![0; 1 << 20], frames })
    }

    /// One more who only listens.
    fn add(&mut self, hello: &[u8]) -> Result<(), Box<dyn Error>> {
        let mut other = open(&mut self.service)?;
        other.write_all(hello)?;
        for _ in 0..2 {
            self.service.turn(Some(Duration::ZERO))?;
        }
        if other.read(&mut self.buffer)? == 0 {
            return Err("closed".into());
        }
        self.others.push(other);
        Ok(())
    }

    /// Takes as many bytes from each who listens.
    fn hear(&mut self, wanted: usize) -> Result<(), Box<dyn Error>> {
        for other in &mut self.others {
            let mut got = 0;
            while got < wanted {
                got += match other.read(&mut self.buffer[got..wanted])? {
                    0 => return Err("closed".into()),
                    read => read,
                };
            }
        }
        Ok(())
    }

    /// Sends and turns the loop until all of the answer is there: so many bytes, or ends of streams; what came.
    fn exchange(&mut self, batch: &[u8], wanted: Option<usize>) -> Result<usize, Box<dyn Error>> {
        self.client.write_all(batch)?;
        let mut got = 0;
        let mut quiet = 0;
        // Without a number: until nothing came in two turns.
        while wanted.map_or(quiet < 2, |wanted| got < wanted) {
            self.service.turn(Some(Duration::ZERO))?;
            match self.client.read(&mut self.buffer) {
                Ok(0) => return Err("closed".into()),
                Ok(read) => (got, quiet) = (got + self.count(read), 0),
                Err(e) if e.kind() == ErrorKind::WouldBlock => quiet += 1,
                Err(e) => return Err(e.into()),
            }
        }
        Ok(got)
    }
}

impl Pair {
    /// What `read` bytes in the buffer count for. On HTTP/2 answers differ in length: a new date is longer than one that is known.
    fn count(&mut self, read: usize) -> usize {
        let Some(rest) = &mut self.frames else { return read };
        rest.extend_from_slice(&self.buffer[..read]);
        let (mut at, mut ends) = (0, 0);
        while let Some(frame) = h2frame::first(&rest[at..]) {
            at += frame.len;
            ends += usize::from(frame.kind <= h2frame::HEADERS && frame.flags & h2frame::END_STREAM != 0);
        }
        rest.drain(..at);
        ends
    }
}

/// A connection to the service, which has accepted it.
fn open(service: &mut Service) -> Result<TcpStream, Box<dyn Error>> {
    let address = service.addresses().next().ok_or("no address")?.to_string();
    let client = TcpStream::connect(address)?;
    client.set_nodelay(true)?;
    client.set_nonblocking(true)?;
    service.turn(Some(Duration::ZERO))?;
    Ok(client)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, kind, batches, root] = args.as_slice() else {
        return Err("usage: ratchet KIND BATCHES FOLDER".into());
    };
    std::fs::write(format!("{root}/file.txt"), [b'x'; 1024])?;
    let mut script = script(kind)?;
    let mut pair = Pair::connect(root, kind.starts_with("h2"))?;
    pair.exchange(&script.hello, None)?;
    for _ in 1..if kind == "ws-all" { ALL } else { 1 } {
        pair.add(&script.hello)?;
    }
    // The first batch tells how long an answer is; header compression makes the second shorter.
    let mut wanted = 0;
    for number in 0..3 {
        wanted = pair.exchange(&(script.batch)(number), None)?;
        pair.hear(wanted)?;
    }
    for number in 3..WARM {
        pair.exchange(&(script.batch)(number), Some(wanted))?;
        pair.hear(wanted)?;
    }
    let batches: usize = batches.parse()?;
    let mut calls = 0;
    for number in WARM..WARM + batches {
        let batch = (script.batch)(number);
        let region = Region::new(COUNTED);
        let got = pair.exchange(&batch, Some(wanted))?;
        pair.hear(wanted)?;
        let change = region.change();
        calls += change.allocations + change.reallocations;
        if got != wanted {
            return Err(format!("batch {number}: {got}, not {wanted}").into());
        }
    }
    println!("{{\"answer\":\"served\",\"allocations\":{calls}}}");
    Ok(())
}
