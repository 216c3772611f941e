//! Keeps a WebSocket open: whenever it is lost, or cannot be had, it is opened again, after longer and longer pauses.

use lws::client::{Client, Request, Retry, Url, random};
use lws::tls::{ClientSettings, Provider};
use lws::ws::{CloseCode, Message, Protocol, Ws, WsClient};
use lws::{Closed, Context};
use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What becomes of a connection, told to the loop in `main`.
enum News {
    Open,
    Lost(String),
}

struct Keeper {
    /// Gives up each connection after so long, to see it come back.
    drop_after: Option<Duration>,
    news: Rc<RefCell<Vec<News>>>,
}

impl Protocol for Keeper {
    type Session = ();

    fn open(&mut self, ws: &mut Ws) {
        self.news.borrow_mut().push(News::Open);
        if let Some(after) = self.drop_after {
            ws.set_timer(after);
        }
    }

    fn message(&mut self, _session: &mut (), _ws: &mut Ws, message: Message) {
        println!("{}", message.text().unwrap_or("(binary)"));
    }

    fn timer(&mut self, _session: &mut (), ws: &mut Ws) {
        ws.close(CloseCode::GOING_AWAY, "");
    }

    fn closed(&mut self, _session: (), why: Closed) {
        self.news.borrow_mut().push(News::Lost(why.to_string()));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let server = flag("--server").unwrap_or_else(|| "localhost".into());
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let number = |name, default| flag(name).map_or(Ok(default), |n| n.parse::<u64>());
    let first = Duration::from_millis(number("--first-ms", 1000)?);
    let tries = u32::try_from(number("--tries", 5)?)?;
    let times = number("--times", u64::MAX)?;
    let drop_after = flag("--drop-after-ms").map(|ms| ms.parse()).transpose()?.map(Duration::from_millis);
    let scheme = if has("--ssl") { "wss" } else { "ws" };
    let url = Url::parse(&format!("{scheme}://{server}:{port}/"))?;
    // Double each time, up to sixteen times the first; up to 30 % more, so that not everybody comes back at once.
    let retry = Retry::new([1, 2, 4, 8, 16].map(|n| first * n)).tries(tries);

    let mut service = Context::new().build()?;
    let client = connecting()?.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    Client::reach(client, service.world()).0.post_by(move |letter| drop(remote.post(letter)));
    let news = Rc::new(RefCell::new(Vec::new()));
    let keeper = service.world().add(Keeper { drop_after, news: news.clone() });
    let mut next_try = Some(Instant::now());
    let (mut opened, mut failed) = (0, 0);
    loop {
        if next_try.is_some_and(|at| at <= Instant::now()) {
            next_try = None;
            let told = news.clone();
            let (client, hub) = Client::reach(client, service.world());
            let request = Request::get(url.clone());
            client.open(hub, request, WsClient::new(keeper, random), move |_hub, result| {
                if let Err(error) = result {
                    told.borrow_mut().push(News::Lost(error.to_string()));
                }
            });
        }
        let pause = next_try.map(|at| at.saturating_duration_since(Instant::now()));
        if !service.turn(pause)? {
            return Ok(());
        }
        for event in news.take() {
            match event {
                News::Open => {
                    println!("connected");
                    opened += 1;
                    // From here on it is a new failure, not one more of the same.
                    failed = 0;
                }
                News::Lost(why) if opened == times => {
                    println!("lost: {why}; that was the last time");
                    return Ok(());
                }
                News::Lost(why) => {
                    let delay = retry.delay(failed, random).ok_or_else(|| format!("given up: {why}"))?;
                    println!("lost: {why}; again in {delay:.1?}");
                    failed += 1;
                    next_try = Some(Instant::now() + delay);
                }
            }
        }
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
