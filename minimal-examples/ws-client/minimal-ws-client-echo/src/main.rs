//! Sends back whatever the server says, until it has heard enough.

use lws::client::{Client, Request, Url, random};
use lws::tls::{ClientSettings, Provider};
use lws::ws::{CloseCode, Message, Protocol, Ws, WsClient};
use lws::{Closed, Context, Stop};
use std::error::Error;

struct Echo {
    /// What it says first, so that two who echo have something to talk about.
    say: Option<String>,
    /// How many messages it hears before it closes.
    count: u64,
    heard: u64,
    how: Option<Closed>,
    stop: Stop,
}

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, ws: &mut Ws) {
        if let Some(text) = self.say.take() {
            ws.send_text(&text);
        }
    }

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        self.heard += 1;
        match message.text() {
            Some(text) => println!("{text}"),
            None => println!("{} bytes", message.data.len()),
        }
        if self.heard == self.count {
            ws.close(CloseCode::NORMAL, "");
        } else {
            // There is always room to answer a message with one of the same size.
            ws.send(message.kind, message.data);
        }
    }

    fn peer_closing(&mut self, _session: &mut (), code: Option<u16>, reason: &str) {
        if code != Some(1000) {
            eprintln!("the server closes: {code:?} {reason:?}");
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
    let count = flag("--count").map_or(Ok(3), |count| count.parse())?;
    let scheme = if has("--ssl") { "wss" } else { "ws" };
    let url = Url::parse(&format!("{scheme}://{server}:{port}{path}"))?;

    let mut service = Context::new().build()?;
    let client = connecting()?.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    let echo = Echo { say: flag("--say"), count, heard: 0, how: None, stop: service.stopper() };
    let echo = service.world().add(echo);
    let stop = service.stopper();
    let (client, hub) = Client::reach(client, service.world());
    client.post_by(move |letter| drop(remote.post(letter)));
    client.open(hub, Request::get(url), WsClient::new(echo, random), move |_hub, result| {
        if let Err(error) = result {
            eprintln!("not connected: {error}");
            stop.stop();
        }
    });
    service.run()?;
    let Echo { heard, how, .. } = service.world().slots.state(echo);
    match how {
        Some(Closed::Done) => println!("closed after {heard} messages"),
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
