//! Sends a form: url-encoded, or with `-m` as multipart with this file in it.

use lws::client::{Answer, Client, Error, Fields, Form, Handle, Hub, Request, ResponseHead, Url};
use lws::tls::{ClientSettings, Provider};
use lws::{Context, Stop};
use std::io::Write;

struct Reply {
    stop: Stop,
}

impl Answer for Reply {
    fn head(&mut self, _hub: &mut Hub, head: &ResponseHead<'_>, _connection: Handle) {
        println!("status {}", head.status.code());
    }

    fn body(&mut self, _hub: &mut Hub, data: &[u8]) -> usize {
        if std::io::stdout().write_all(data).is_err() {
            self.stop.stop();
        }
        data.len()
    }

    fn done(self: Box<Self>, _hub: &mut Hub, result: Result<Fields<'_>, Error>) {
        match result {
            Ok(_) => println!("completed"),
            Err(error) => println!("failed: {error}"),
        }
        self.stop.stop();
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (server, port) = if has("-l") { ("localhost", "7681") } else { ("libwebsockets.org", "443") };
    let scheme = if has("-n") { "http" } else { "https" };
    let port = flag("--port").unwrap_or(port.into());
    let path = flag("--path").unwrap_or_else(|| "/formtest".into());
    let url = Url::parse(&format!("{scheme}://{server}:{port}{path}"))?;

    let mut form = Form::new().field("text", "my text field").field("send", "Send the form");
    if has("-m") {
        // Read while it is sent: it could be as large as the disk.
        form = form.file("file", flag("--file").unwrap_or_else(|| "README.md".into()));
    }
    let mut request = Request::form(url, form)?;
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
    client.send(hub, request, Reply { stop });
    Ok(service.run()?)
}

fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
