//! Ours: 13 bytes at `/hello`, files at `/`, an echo at `/echo` (with `--all` a broadcast, with `--deflate` compressed, with
//! `--takeover` so that each message may refer to those before); HTTP/1 and HTTP/2, plain or with `--tls`; on one thread, or
//! `--threads N`.

use lws::files::files;
use lws::http::{Sites, Status, respond};
use lws::tls::{Certificates, Provider, ServerSettings, tls};
use lws::ws::{DeflateOptions, Kind, Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h1, h2, sniff};
use std::collections::VecDeque;
use std::error::Error;

struct Echo;

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        ws.send(message.kind, message.data);
    }
}

/// What one sends, all get: a history, and for each session the number of its next message.
#[derive(Default)]
struct Broadcast {
    history: VecDeque<Box<[u8]>>,
    /// The number of the oldest in it.
    first: u64,
}

/// Messages that are kept for who is slow.
const HISTORY: usize = 64;

impl Protocol for Broadcast {
    type Session = u64;

    fn open(&mut self, _ws: &mut Ws) -> u64 {
        self.first + self.history.len() as u64
    }

    fn message(&mut self, _next: &mut u64, ws: &mut Ws, message: Message) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
            self.first += 1;
        }
        self.history.push_back(message.data.into());
        ws.want_write_all();
    }

    fn writable(&mut self, next: &mut u64, ws: &mut Ws) {
        let skip = usize::try_from(next.saturating_sub(self.first)).unwrap_or(usize::MAX);
        for message in self.history.iter().skip(skip) {
            if !ws.send(Kind::Binary, message) {
                return ws.want_write();
            }
            *next += 1;
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = flag("--root").ok_or("--root DIR")?;
    let hello = respond(|_, reply| {
        reply.status(Status::OK).field("content-type", "text/plain").send("Hello, World!");
    });
    let vhost = Vhost::new("*").mount("/", files(&root)).mount("/hello", hello);
    let echo = ws(|| Echo).max_message(4 << 20);
    let forget = !has("--takeover");
    let deflate =
        DeflateOptions::default().server_no_context_takeover(forget).client_no_context_takeover(forget);
    let vhost = match () {
        () if has("--all") => vhost.upgrade("/echo", ws(Broadcast::default)),
        () if has("--deflate") => vhost.upgrade("/echo", echo.deflate(deflate)),
        () => vhost.upgrade("/echo", echo),
    };
    let sites = Sites::from(vhost);
    let context = Context::new().max_connections_per_peer(20_000);
    let context = if has("--tls") {
        let certificates = Certificates::files(format!("{root}/cert.pem"), format!("{root}/key.pem"));
        let acceptor = lws_backend_rustls::provider().server(ServerSettings::new(certificates))?;
        context.listen(
            "127.0.0.1:0",
            tls(acceptor).over(h2(sites.clone())).over(h1(sites).requests_per_connection(u32::MAX)),
        )
    } else {
        context.listen(
            "127.0.0.1:0",
            sniff().or(h2(sites.clone())).or(h1(sites).requests_per_connection(u32::MAX)),
        )
    };
    let threads = flag("--threads").map_or(Ok(1), |n| n.parse())?;
    if threads > 1 {
        let threads = context.threads(threads).start()?;
        println!("{}", threads.addresses().next().ok_or("no address")?);
        return Ok(threads.join()?);
    }
    let mut service = context.build()?;
    let address = service.addresses().next().ok_or("no address")?.to_string();
    println!("{address}");
    Ok(service.run()?)
}

fn has(flag: &str) -> bool {
    std::env::args().any(|arg| arg == flag)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
