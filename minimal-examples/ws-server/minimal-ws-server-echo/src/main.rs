//! Sends every message back, as text or binary as it came.

use lws::ws::{Message, Protocol, Ws, WsBlueprint, ws};
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
    let mut echo = ws(|| Echo);
    if let Some(contexts) = flag("--deflate") {
        echo = compressed(echo, &contexts)?;
    }
    let vhost = Vhost::new("localhost").upgrade("/", echo);
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

/// The same, compressed for clients that offer it: with contexts that all share, or with each one's own.
#[cfg(feature = "deflate")]
fn compressed<F>(echo: WsBlueprint<F>, contexts: &str) -> Result<WsBlueprint<F>, Box<dyn Error>> {
    let shared = lws::ws::DeflateOptions::default();
    match contexts {
        "shared" => Ok(echo.deflate(shared)),
        "own" => Ok(echo.deflate(shared.server_no_context_takeover(false).client_no_context_takeover(false))),
        other => Err(format!("--deflate shared, or own, not {other}").into()),
    }
}

#[cfg(not(feature = "deflate"))]
fn compressed<F>(_echo: WsBlueprint<F>, _contexts: &str) -> Result<WsBlueprint<F>, Box<dyn Error>> {
    Err("built without compression: build with --features deflate".into())
}

/// The same over TLS, with a certificate made on the spot.
#[cfg(feature = "tls")]
fn listen_tls(address: &str, vhost: Vhost) -> Result<Context, Box<dyn Error>> {
    use lws::tls::{ServerSettings, tls};
    let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"])?;
    let acceptor = provider()?.server(ServerSettings::new(own.certificates))?;
    // The client chooses HTTP/2 or HTTP/1 by ALPN.
    let sites = lws::http::Sites::from(vhost);
    Ok(Context::new().listen(address, tls(acceptor).over(lws::h2(sites.clone())).over(h1(sites))))
}

/// The TLS library is a value.
#[cfg(feature = "tls")]
fn provider() -> Result<Box<dyn lws::tls::Provider>, String> {
    match flag("--backend").as_deref() {
        None | Some("rustls") => Ok(Box::new(lws_backend_rustls::provider())),
        #[cfg(feature = "openssl")]
        Some("openssl") => Ok(Box::new(lws_backend_openssl::provider())),
        #[cfg(feature = "mbedtls")]
        Some("mbedtls") => Ok(Box::new(lws_backend_mbedtls::provider())),
        Some(other) => Err(format!("this was built without {other}; try: cargo run --features {other}")),
    }
}

#[cfg(not(feature = "tls"))]
fn listen_tls(_address: &str, _vhost: Vhost) -> Result<Context, Box<dyn Error>> {
    Err("built without TLS: build with --features tls".into())
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
