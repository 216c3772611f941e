//! Connects, has a message echoed, closes, and again; then looks whether anything was left behind.

use lws::client::{Client, Request, Url, random};
use lws::tls::{ClientSettings, Provider};
use lws::ws::{CloseCode, DeflateOptions, Kind, Message, Protocol, Validity, Ws, WsClient};
use lws::{Closed, Context};
use std::cell::Cell;
use std::error::Error;
use std::fs;
use std::rc::Rc;
use std::time::{Duration, Instant};

const MESSAGE: &[u8] = b"spam, spam, spam, egg and spam";

/// A server that says nothing for so long fails the test.
const PATIENCE: Validity =
    Validity { ping_after: Duration::from_secs(5), hangup_after: Duration::from_secs(10) };

/// How long the last sockets may take to be closed.
const LINGER: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Counts {
    started: Cell<u64>,
    under_way: Cell<u64>,
    /// Connected, echoed and closed as it should be.
    done: Cell<u64>,
    failed: Cell<u64>,
}

impl Counts {
    fn end(&self, result: Result<(), String>) {
        self.under_way.set(self.under_way.get() - 1);
        let count = match result {
            Ok(()) => &self.done,
            Err(why) => {
                eprintln!("failed: {why}");
                &self.failed
            }
        };
        count.set(count.get() + 1);
    }
}

struct Spam {
    counts: Rc<Counts>,
}

impl Protocol for Spam {
    /// Whether the message came back.
    type Session = bool;

    fn open(&mut self, ws: &mut Ws) -> bool {
        ws.send(Kind::Text, MESSAGE);
        false
    }

    fn message(&mut self, echoed: &mut bool, ws: &mut Ws, message: Message) {
        *echoed = message.data == MESSAGE;
        ws.close(CloseCode::NORMAL, "");
    }

    fn closed(&mut self, echoed: bool, why: Closed) {
        self.counts.end(match (echoed, why) {
            (true, Closed::Done) => Ok(()),
            (true, why) => Err(why.to_string()),
            (false, why) => Err(format!("no echo: {why}")),
        });
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = flag("--server").unwrap_or_else(|| "localhost".into());
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let connections: u64 = flag("-c").unwrap_or_else(|| "10".into()).parse()?;
    let limit: u64 = flag("-l").unwrap_or_else(|| "300".into()).parse()?;
    let scheme = if has("--ssl") { "wss" } else { "ws" };
    let url = Url::parse(&format!("{scheme}://{server}:{port}/"))?;

    let mut service = Context::new().build()?;
    let client = connecting()?.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    Client::reach(client, service.world()).0.post_by(move |letter| drop(remote.post(letter)));
    let compresses = has("--deflate");
    let counts = Rc::new(Counts::default());
    let spam = service.world().add(Spam { counts: counts.clone() });

    // The source of random bytes keeps its file open from the first use on.
    random(&mut [0]);
    let began = Instant::now();
    let (fds, rss) = (open_fds()?, rss_kib()?);
    // What the first tenth has taken is what it needs; more at the end would be a leak.
    let mut warm_rss = rss;
    loop {
        while counts.under_way.get() < connections && counts.started.get() < limit {
            counts.started.set(counts.started.get() + 1);
            counts.under_way.set(counts.under_way.get() + 1);
            if counts.started.get() == limit.div_ceil(10) {
                warm_rss = rss_kib()?;
            }
            let told = counts.clone();
            let mut ws = WsClient::new(spam, random).validity(PATIENCE);
            if compresses {
                ws = ws.deflate(DeflateOptions::default());
            }
            let (client, hub) = Client::reach(client, service.world());
            client.open(hub, Request::get(url.clone()), ws, move |_hub, result| {
                if let Err(error) = result {
                    told.end(Err(error.to_string()));
                }
            });
        }
        if counts.under_way.get() == 0 {
            break;
        }
        service.turn(None)?;
    }
    // A socket may outlive its last callback, until the server has closed its end.
    let last_look = Instant::now() + LINGER;
    while counts.failed.get() == 0 && open_fds()? > fds && Instant::now() < last_look {
        service.turn(Some(Duration::from_millis(10)))?;
    }
    let (last_fds, last_rss) = (open_fds()?, rss_kib()?);
    println!("{} cycles in {:.1?}, {} failed", counts.done.get(), began.elapsed(), counts.failed.get());
    println!("open fds: {fds} before, {last_fds} after");
    println!("RSS: {rss} KiB before, {warm_rss} KiB after a tenth, {last_rss} KiB after");
    match (counts.failed.get(), last_fds > fds) {
        (0, false) => Ok(()),
        (0, true) => Err("file descriptors were left behind".into()),
        (failed, _) => Err(format!("{failed} cycles failed").into()),
    }
}

/// How many file descriptors this process has; the one that looks is there each time.
fn open_fds() -> Result<usize, std::io::Error> {
    Ok(fs::read_dir("/proc/self/fd")?.count())
}

/// Memory of this process, in KiB.
fn rss_kib() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim_end_matches("kB").trim().parse()?)
}

/// The client; with `--ssl` it speaks TLS. Whom to trust is the system's business, or that of a file (`--ca`).
fn connecting() -> Result<Client, Box<dyn Error>> {
    if !has("--ssl") {
        return Ok(Client::new());
    }
    let file = flag("--ca");
    let mut settings = file.as_deref().map_or_else(ClientSettings::platform, ClientSettings::roots_file);
    if has("-k") {
        // Each leniency is one of its own, and is logged.
        settings = settings.allow_self_signed().allow_expired().allow_wrong_name();
    }
    Ok(Client::new().tls(lws_backend_rustls::provider().client(&settings.alpn(["http/1.1"]))?))
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}

/// Whether `name` is on the command line.
fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}
