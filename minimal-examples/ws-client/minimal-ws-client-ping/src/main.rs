//! Finds out whether a silent server is still there, and how far away it is.

use lws::client::{Client, Request, Url, random};
use lws::tls::{ClientSettings, Provider};
use lws::ws::{CloseCode, Message, Protocol, Validity, Ws, WsClient};
use lws::{Closed, Context, Stop, Time};
use std::error::Error;
use std::time::Duration;

struct Silence {
    patience: Duration,
    asked: Time,
    how: Option<Closed>,
    stop: Stop,
}

impl Protocol for Silence {
    type Session = ();

    fn open(&mut self, ws: &mut Ws) {
        println!("connected; nobody says anything for {:?}", self.patience);
        ws.set_timer(self.patience);
        // One by hand. There is always room for it here; elsewhere `false` would say that there is none.
        self.asked = ws.now();
        ws.ping(b"how far is it?");
    }

    fn pong(&mut self, _session: &mut (), ws: &mut Ws, payload: &[u8]) {
        // Those of `Validity` are empty.
        let text = String::from_utf8_lossy(payload);
        println!("pong {text:?} after {:?}", ws.now().since(self.asked));
    }

    fn message(&mut self, _session: &mut (), _ws: &mut Ws, _message: Message) {}

    fn timer(&mut self, _session: &mut (), ws: &mut Ws) {
        println!("still there");
        ws.close(CloseCode::NORMAL, "");
    }

    fn closed(&mut self, _session: (), why: Closed) {
        println!("closed: {why}");
        self.how = Some(why);
        self.stop.stop();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = flag("--server").unwrap_or_else(|| "localhost".into());
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let millis = |name, default| -> Result<Duration, std::num::ParseIntError> {
        flag(name).map_or(Ok(default), |ms| ms.parse()).map(Duration::from_millis)
    };
    let validity = Validity { ping_after: millis("--ping", 1000)?, hangup_after: millis("--hangup", 1500)? };
    let patience = millis("--for", 10_000)?;
    let scheme = if has("--ssl") { "wss" } else { "ws" };
    let url = Url::parse(&format!("{scheme}://{server}:{port}/"))?;

    let mut service = Context::new().build()?;
    let client = connecting()?.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    let stop = service.stopper();
    let silence = service.world().add(Silence { patience, asked: Time::ZERO, how: None, stop: stop.clone() });
    let mut ws = WsClient::new(silence, random).validity(validity);
    if let Some(name) = flag("--protocol") {
        ws = ws.subprotocol(name);
    }
    let (client, hub) = Client::reach(client, service.world());
    client.post_by(move |letter| drop(remote.post(letter)));
    client.open(hub, Request::get(url), ws, move |_hub, result| {
        if let Err(error) = result {
            eprintln!("not connected: {error}");
            stop.stop();
        }
    });
    service.run()?;
    match service.world().slots.state(silence).how {
        Some(Closed::Done) => Ok(()),
        Some(why) => Err(why.to_string().into()),
        None => Err("there was no connection".into()),
    }
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
