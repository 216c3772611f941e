//! Fetches a page and writes it to stdout.

use lws::client::{Answer, Client, Error, Fields, Handle, Hub, Request, ResponseHead, Url};
use lws::tls::{ClientSettings, Provider};
use lws::{Context, Stop};
use std::io::Write;

/// Hears the answer, and ends the loop with it.
struct Page {
    stop: Stop,
}

impl Answer for Page {
    fn head(&mut self, _hub: &mut Hub, head: &ResponseHead<'_>, _connection: Handle) {
        eprintln!("status {}", head.status.code());
    }

    fn body(&mut self, _hub: &mut Hub, data: &[u8]) -> usize {
        // A program with more to do would take less here when its reader is slow.
        if std::io::stdout().write_all(data).is_err() {
            self.stop.stop();
        }
        data.len()
    }

    fn done(self: Box<Self>, _hub: &mut Hub, result: Result<Fields<'_>, Error>) {
        match result {
            Ok(_) => eprintln!("completed"),
            Err(error) => eprintln!("failed: {error}"),
        }
        self.stop.stop();
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let local = has("-l");
    let scheme = if has("-n") { "http" } else { "https" };
    let default_port = if local { 7681 } else { 443 };
    let port = flag("--port").map_or(Ok(default_port), |port| port.parse())?;
    let server = flag("--server").unwrap_or(if local { "localhost" } else { "libwebsockets.org" }.into());
    let path = flag("--path").unwrap_or_else(|| "/".into());
    let mut request = Request::get(Url::parse(&format!("{scheme}://{server}:{port}{path}"))?);
    if has("--h1") {
        request = request.http1();
    }

    // Whom to trust is the system's business, unless told otherwise. Each leniency is one of its own, and is logged.
    let mut settings = ClientSettings::platform();
    if has("-j") || has("-k") {
        settings = settings.allow_self_signed();
    }
    if has("-e") || has("-k") {
        settings = settings.allow_expired();
    }
    if has("-m") || has("-k") {
        settings = settings.allow_wrong_name();
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
    client.send(hub, request, Page { stop });
    Ok(service.run()?)
}

fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
