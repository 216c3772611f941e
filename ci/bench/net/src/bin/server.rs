//! Ours: 13 bytes at `/`, files at `/files`, an echo at `/echo`; HTTP/1 and HTTP/2, plain or over TLS.

use lws::files::files;
use lws::http::{Sites, Status, respond};
use lws::tls::{Certificates, Provider, ServerSettings, tls};
use lws::ws::{Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h1, h2, sniff};
use std::error::Error;

struct Echo;

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        ws.send(message.kind, message.data);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = flag("--root").ok_or("--root DIR")?;
    let hello = respond(|_, reply| {
        reply.status(Status::OK).field("content-type", "text/plain").send("Hello, World!");
    });
    let vhost = Vhost::new("*")
        .mount("/", files(&root))
        .mount("/hello", hello)
        .upgrade("/echo", ws(|| Echo).max_message(4 << 20));
    let sites = Sites::from(vhost);
    let context = if std::env::args().any(|arg| arg == "--tls") {
        let certificates = Certificates::files(format!("{root}/cert.pem"), format!("{root}/key.pem"));
        let acceptor = lws_backend_rustls::provider().server(ServerSettings::new(certificates))?;
        Context::new().listen("127.0.0.1:0", tls(acceptor).over(h2(sites.clone())).over(h1(sites)))
    } else {
        Context::new().listen("127.0.0.1:0", sniff().or(h2(sites.clone())).or(h1(sites)))
    };
    let mut service = context.build()?;
    let address = service.addresses().next().ok_or("no address")?.to_string();
    println!("{address}");
    Ok(service.run()?)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
