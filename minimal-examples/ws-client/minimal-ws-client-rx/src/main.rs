//! Writes to stdout what a server says.

use lws::client::{Client, Request, Url, random};
use lws::tls::{ClientSettings, Provider};
use lws::ws::{CloseCode, Message, Protocol, Ws, WsClient};
use lws::{Closed, Context, Stop};
use std::error::Error;
use std::io::Write;

struct Listener {
    /// How many messages are wanted; `None`: all there are.
    wanted: Option<u64>,
    heard: u64,
    how: Option<Closed>,
    stop: Stop,
}

impl Protocol for Listener {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        // What comes after the last one that was wanted came too late to be stopped.
        if self.wanted.is_some_and(|wanted| self.heard >= wanted) {
            return;
        }
        self.heard += 1;
        let mut out = std::io::stdout().lock();
        let newline: &[u8] = if message.text().is_some() { b"\n" } else { b"" };
        let written = out.write_all(message.data).and_then(|()| out.write_all(newline));
        if written.and_then(|()| out.flush()).is_err() || self.wanted == Some(self.heard) {
            ws.close(CloseCode::NORMAL, "");
        }
    }

    fn closed(&mut self, _session: (), why: Closed) {
        self.how = Some(why);
        self.stop.stop();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = flag("--server").unwrap_or_else(|| "localhost".into());
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let path = flag("--path").unwrap_or_else(|| "/".into());
    let scheme = if has("--ssl") { "wss" } else { "ws" };
    let url = Url::parse(&format!("{scheme}://{server}:{port}{path}"))?;
    let is_test = has("-t");

    let mut service = Context::new().build()?;
    let client = connecting()?.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    let stop = service.stopper();
    let listener = Listener { wanted: is_test.then_some(10), heard: 0, how: None, stop: stop.clone() };
    let listener = service.world().add(listener);
    let mut ws = WsClient::new(listener, random);
    if let Some(name) = flag("--protocol") {
        ws = ws.subprotocol(name);
    }
    let (client, hub) = Client::reach(client, service.world());
    client.post_by(move |letter| drop(remote.post(letter)));
    client.open(hub, Request::get(url), ws, move |_hub, result| match result {
        Ok(Some(name)) => eprintln!("connected, {name} is spoken"),
        Ok(None) => eprintln!("connected"),
        Err(error) => {
            eprintln!("not connected: {error}");
            stop.stop();
        }
    });
    service.run()?;
    let Listener { heard, how, .. } = service.world().slots.state(listener);
    match how {
        Some(Closed::Done) => eprintln!("closed after {heard} messages"),
        Some(why) => return Err(why.to_string().into()),
        None => return Err("there was no connection".into()),
    }
    Ok(())
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
