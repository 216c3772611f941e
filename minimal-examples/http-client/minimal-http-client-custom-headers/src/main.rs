//! Sends fields of its own, and looks at those of the answer.

use lws::client::{Answer, Client, Error, Fields, Handle, Hub, Request, ResponseHead, Url};
use lws::tls::{ClientSettings, Provider};
use lws::{Context, Stop};

struct Look {
    stop: Stop,
}

impl Answer for Look {
    fn head(&mut self, _hub: &mut Hub, head: &ResponseHead<'_>, _connection: Handle) {
        println!("status {}", head.status.code());
        // Any name will do: all fields are kept, known or not.
        if let Some(value) = head.fields.text("x-content-type-options") {
            println!("x-content-type-options is {value}");
        }
        for field in head.fields.iter() {
            println!("  {}: {}", field.name, field.text().unwrap_or("(not text)"));
        }
    }

    fn body(&mut self, _hub: &mut Hub, data: &[u8]) -> usize {
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
    let request = Request::get(Url::parse(&format!("{scheme}://{server}:{port}/"))?)
        .field("dnt", "1")?
        .field("x-my-own", "whatever is no control character")?;

    let mut settings = ClientSettings::platform();
    if has("-l") {
        settings = settings.allow_self_signed();
    }
    let tls = lws_backend_rustls::provider().client(&settings.alpn(["h2", "http/1.1"]))?;

    let mut service = Context::new().build()?;
    let stop = service.stopper();
    let key = Client::new().http2(tls).install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    let (client, hub) = Client::reach(key, service.world());
    client.post_by(move |letter| drop(remote.post(letter)));
    client.send(hub, request, Look { stop });
    Ok(service.run()?)
}

fn has(name: &str) -> bool {
    std::env::args().any(|arg| arg == name)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
