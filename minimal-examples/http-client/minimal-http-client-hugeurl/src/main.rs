//! Asks for a URL of more than two kilobytes.

use lws::client::{Answer, Client, Error, Fields, Handle, Hub, Request, ResponseHead, Url};
use lws::tls::{ClientSettings, Provider};
use lws::{Context, Stop};

struct Count {
    stop: Stop,
    bytes: usize,
}

impl Answer for Count {
    fn head(&mut self, _hub: &mut Hub, head: &ResponseHead<'_>, _connection: Handle) {
        println!("status {}", head.status.code());
    }

    fn body(&mut self, _hub: &mut Hub, data: &[u8]) -> usize {
        self.bytes += data.len();
        data.len()
    }

    fn done(self: Box<Self>, _hub: &mut Hub, result: Result<Fields<'_>, Error>) {
        match result {
            Ok(_) => println!("completed, {} bytes", self.bytes),
            Err(error) => println!("failed: {error}"),
        }
        self.stop.stop();
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (server, port) = if has("-l") { ("localhost", "7681") } else { ("libwebsockets.org", "443") };
    let scheme = if has("-n") { "http" } else { "https" };
    let port = flag("--port").unwrap_or(port.into());
    let long = "0123456789abcdef".repeat(150);
    let url = format!("{scheme}://{server}:{port}/?fakeparam={long}");
    println!("a URL of {} bytes", url.len());
    let mut request = Request::get(Url::parse(&url)?);
    if has("--h1") {
        request = request.http1();
    }

    let mut settings = ClientSettings::platform();
    if has("-l") {
        settings = settings.allow_self_signed();
    }
    let tls = lws_backend_rustls::provider();
    let client = Client::new()
        .tls(tls.client(&settings.clone().alpn(["http/1.1"]))?)
        .http2(tls.client(&settings.alpn(["h2", "http/1.1"]))?);

    let mut service = Context::new().build()?;
    let stop = service.stopper();
    let key = client.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    let (client, hub) = Client::reach(key, service.world());
    client.post_by(move |letter| drop(remote.post(letter)));
    client.send(hub, request, Count { stop, bytes: 0 });
    Ok(service.run()?)
}

fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
