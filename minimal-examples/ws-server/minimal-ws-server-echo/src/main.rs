//! Sends every message back, as text or binary as it came.

use lws::ws::{Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h1};
use std::error::Error;

struct Echo;

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        // There is always room to answer a message with one of the same size.
        ws.send(message.kind, message.data);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let address = format!("127.0.0.1:{port}");
    let vhost = Vhost::new("localhost").upgrade("/", ws(|| Echo));
    let (context, scheme) = match flag("--tls") {
        None => (Context::new().listen(&address, h1(vhost)), "ws"),
        Some(_) => (listen_tls(&address, vhost)?, "wss"),
    };
    let mut service = context.build()?;
    for address in service.addresses() {
        println!("{scheme}://{address}/");
    }
    Ok(service.run()?)
}

/// The same over TLS, with a certificate made on the spot.
#[cfg(feature = "tls")]
fn listen_tls(address: &str, vhost: Vhost) -> Result<Context, Box<dyn Error>> {
    use lws::tls::{Provider, ServerSettings, tls};
    let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"])?;
    let acceptor = lws_backend_rustls::provider().server(ServerSettings::new(own.certificates))?;
    Ok(Context::new().listen(address, tls(acceptor).over(h1(vhost))))
}

#[cfg(not(feature = "tls"))]
fn listen_tls(_address: &str, _vhost: Vhost) -> Result<Context, Box<dyn Error>> {
    Err("built without TLS: build with --features tls".into())
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
