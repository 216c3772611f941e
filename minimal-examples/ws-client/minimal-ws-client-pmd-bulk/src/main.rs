//! Receives large messages, compressed, looks whether they are what they should be, and sends them back.

use lws::client::{Client, Request, Url, random};
use lws::tls::{ClientSettings, Provider};
use lws::ws::{CloseCode, DeflateOptions, Kind, Message, Protocol, Ws, WsClient};
use lws::{Closed, Context, Stop};
use std::error::Error;

struct Bulk {
    messages: u64,
    bytes: u64,
    wrong: u64,
    /// Connections that have not ended yet, and those that ended badly.
    open: u32,
    failed: u32,
    stop: Stop,
}

impl Bulk {
    fn end(&mut self, failed: bool) {
        self.open -= 1;
        self.failed += u32::from(failed);
        if self.open == 0 {
            self.stop.stop();
        }
    }
}

impl Protocol for Bulk {
    /// Whether the server closed with 1000: it has everything back.
    type Session = bool;

    fn open(&mut self, _ws: &mut Ws) -> bool {
        false
    }

    fn message(&mut self, _all_well: &mut bool, ws: &mut Ws, message: Message) {
        self.messages += 1;
        self.bytes += message.data.len() as u64;
        if message.data == content(message.kind, message.data.len()) {
            // There is always room to answer a message with one of the same size.
            ws.send(message.kind, message.data);
        } else {
            self.wrong += 1;
            ws.close(CloseCode::POLICY_VIOLATION, "that was something else");
        }
    }

    fn peer_closing(&mut self, all_well: &mut bool, code: Option<u16>, _reason: &str) {
        *all_well = code == Some(1000);
    }

    fn closed(&mut self, all_well: bool, why: Closed) {
        if !all_well || why != Closed::Done {
            eprintln!("closed: {why}");
        }
        self.end(!all_well || why != Closed::Done);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = flag("--server").unwrap_or_else(|| "localhost".into());
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let connections: u32 = flag("--connections").unwrap_or_else(|| "1".into()).parse()?;
    let scheme = if has("--ssl") { "wss" } else { "ws" };
    let url = Url::parse(&format!("{scheme}://{server}:{port}/"))?;
    let compresses = !has("-n");

    let mut service = Context::new().build()?;
    let client = connecting()?.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    Client::reach(client, service.world()).0.post_by(move |letter| drop(remote.post(letter)));
    let stop = service.stopper();
    let bulk = Bulk { messages: 0, bytes: 0, wrong: 0, open: connections, failed: 0, stop };
    let bulk = service.world().add(bulk);
    for _ in 0..connections {
        let mut ws = WsClient::new(bulk, random);
        if compresses {
            ws = ws.deflate(DeflateOptions::default());
        }
        let stop = service.stopper();
        let (client, hub) = Client::reach(client, service.world());
        client.open(hub, Request::get(url.clone()), ws, move |_hub, result| {
            if let Err(error) = result {
                eprintln!("not connected: {error}");
                stop.stop();
            }
        });
    }
    service.run()?;
    let (rx, tx) = (service.world().hub.metrics.rx_bytes, service.world().hub.metrics.tx_bytes);
    let Bulk { messages, bytes, wrong, open, failed, .. } = service.world().slots.state(bulk);
    println!("{messages} messages, {wrong} of them wrong: {bytes} bytes each way");
    println!("on the wire: {}, {}", size("received", rx, *bytes), size("sent", tx, *bytes));
    if *open + *failed == 0 { Ok(()) } else { Err(format!("{} connections failed", *open + *failed).into()) }
}

fn size(what: &str, on_wire: u64, bytes: u64) -> String {
    format!("{on_wire} {what} ({} %)", 100 * on_wire / bytes.max(1))
}

/// What both ends take for the content of a message of that kind and length: text that compresses well, or bytes that do
/// not compress.
fn content(kind: Kind, len: usize) -> Vec<u8> {
    const WORDS: [&str; 8] =
        ["lighthouse ", "keeper ", "lamp ", "storm ", "ship ", "rock ", "night ", "oil "];
    let mut state = 0x2545_f491_u32;
    let mut data = Vec::with_capacity(len + 16);
    while data.len() < len {
        // Numerical Recipes' generator; its upper bits are the good ones.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match kind {
            Kind::Text => data.extend_from_slice(WORDS[(state >> 29) as usize].as_bytes()),
            Kind::Binary => data.push((state >> 24) as u8),
        }
    }
    data.truncate(len);
    data
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
