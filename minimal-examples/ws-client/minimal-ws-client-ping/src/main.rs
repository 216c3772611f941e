//! Finds out whether a silent server is still there.

use lws::client::{Client, Request, Url, random};
use lws::ws::{CloseCode, Message, Protocol, Validity, Ws, WsClient};
use lws::{Closed, Context, Stop};
use std::error::Error;
use std::time::Duration;

struct Silence {
    patience: Duration,
    how: Option<Closed>,
    stop: Stop,
}

impl Protocol for Silence {
    type Session = ();

    fn open(&mut self, ws: &mut Ws) {
        println!("connected; nobody says anything for {:?}", self.patience);
        ws.set_timer(self.patience);
    }

    fn message(&mut self, _session: &mut (), _ws: &mut Ws, _message: Message) {}

    fn timer(&mut self, _session: &mut (), ws: &mut Ws) {
        // Pings and pongs are between the two ends of the connection: a protocol sees that it is still open.
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
    let url = Url::parse(&format!("ws://{server}:{port}/"))?;

    let mut service = Context::new().build()?;
    let client = Client::new().install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    let stop = service.stopper();
    let silence = service.world().add(Silence { patience, how: None, stop: stop.clone() });
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

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
