//! Eight requests to one server: at once or one by one, on connections of their own or on one.

use lws::client::{Answer, Client, Error, Fields, Handle, Hub, Request, ResponseHead, Url};
use lws::tls::{ClientSettings, Provider};
use lws::{Context, Stop};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

const REQUESTS: usize = 8;

/// What the answers have in common.
struct Tally {
    left: Cell<usize>,
    failed: Cell<usize>,
    stop: Stop,
}

struct One {
    number: usize,
    status: u16,
    bytes: usize,
    began: Instant,
    tally: Rc<Tally>,
}

impl Answer for One {
    fn head(&mut self, _hub: &mut Hub, head: &ResponseHead<'_>, _connection: Handle) {
        self.status = head.status.code();
    }

    fn body(&mut self, _hub: &mut Hub, data: &[u8]) -> usize {
        self.bytes += data.len();
        data.len()
    }

    fn done(self: Box<Self>, _hub: &mut Hub, result: Result<Fields<'_>, Error>) {
        let Self { number, status, bytes, began, tally } = *self;
        let ms = began.elapsed().as_millis();
        match result {
            Ok(_) => println!("{number}: status {status}, {bytes} bytes, {ms} ms"),
            Err(error) => println!("{number}: failed: {error}"),
        }
        let fine = status == 200;
        tally.failed.set(tally.failed.get() + usize::from(!fine));
        tally.left.set(tally.left.get() - 1);
        if tally.left.get() == 0 {
            println!("done: {} failed", tally.failed.get());
            tally.stop.stop();
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let local = has("-l");
    let (server, port) = if local { ("localhost", "7681") } else { ("libwebsockets.org", "443") };
    let scheme = if has("-n") { "http" } else { "https" };
    let server = flag("--server").unwrap_or(server.into());
    let port = flag("--port").unwrap_or(port.into());
    let path = flag("--path").unwrap_or_else(|| "/".into());
    let url = Url::parse(&format!("{scheme}://{server}:{port}{path}"))?;

    let mut settings = ClientSettings::platform();
    if local || has("-j") {
        settings = settings.allow_self_signed();
    }
    let tls = lws_backend_rustls::provider();
    let mut client = Client::new()
        .tls(tls.client(&settings.clone().alpn(["http/1.1"]))?)
        .http2(tls.client(&settings.alpn(["h2", "http/1.1"]))?);
    if has("-p") {
        // HTTP/1: each request follows the one before on the same connection. HTTP/2 shares one anyway.
        client = client.connections_per_origin(1);
    }

    let mut service = Context::new().build()?;
    let (left, failed) = (Cell::new(REQUESTS), Cell::new(0));
    let tally = Rc::new(Tally { left, failed, stop: service.stopper() });
    let key = client.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    Client::reach(key, service.world()).0.post_by(move |letter| drop(remote.post(letter)));
    for number in 1..=REQUESTS {
        let mut request = Request::get(url.clone());
        if has("--h1") {
            request = request.http1();
        } else if has("--h2-prior-knowledge") {
            request = request.http2();
        }
        let one = One { number, status: 0, bytes: 0, began: Instant::now(), tally: tally.clone() };
        let (client, hub) = Client::reach(key, service.world());
        client.send(hub, request, one);
        if has("-s") {
            turn_for(&mut service, Duration::from_millis(100))?;
        }
    }
    while tally.left.get() > 0 {
        service.turn(None)?;
    }
    let metrics = &service.world().hub.metrics;
    println!("{} bytes received", metrics.rx_bytes);
    if tally.failed.get() > 0 {
        return Err("not all requests were answered with 200".into());
    }
    Ok(())
}

/// Lets the loop run so long.
fn turn_for(service: &mut lws::Service, duration: Duration) -> Result<(), lws::Error> {
    let until = Instant::now() + duration;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        service.turn(Some(left))?;
    }
    Ok(())
}

fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
