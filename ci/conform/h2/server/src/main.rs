//! The server that the suite and other people's clients are run against, over HTTP/2 and HTTP/1: `/` (GET, and POST that
//! is answered when its content is whole), `/count` (says how long the content was, and sends its trailers back),
//! `/large`, and `/echo` for WebSocket.
//!
//! `--port N` (7681; 0 is any free one), `--tls`: with a certificate made on the spot, and ALPN.

use lws::http::{Fields, Handler, Method, Reply, Request, Sites, Status, handler, respond};
use lws::tls::{Certificates, Provider, ServerSettings, tls};
use lws::ws::{Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h1, h2, sniff};
use rcgen::{CertificateParams, KeyPair};
use std::error::Error;

/// More than the suite asks for.
const LARGE: usize = 512 << 10;

/// Answers GET at once, what has content when that is whole, and nothing else than `/`.
struct Page;

impl Handler for Page {
    type Exchange = ();

    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) {
        if request.path() != "/" {
            reply.error(Status::NOT_FOUND);
        } else if request.method() == Method::Get || request.method() == Method::Head {
            reply.text(format!("{}\n", "A page of some length.".repeat(20)));
        }
    }

    fn body_end(&mut self, _: &mut (), _: lws::http::Fields<'_>, reply: &mut Reply<'_>) {
        reply.text("Thank you.\n");
    }
}

/// Says how many bytes came; trailers go back as trailers.
struct Count;

impl Handler for Count {
    type Exchange = u64;

    fn request(&mut self, _request: &Request<'_>, _reply: &mut Reply<'_>) -> u64 {
        0
    }

    fn body(&mut self, count: &mut u64, data: &[u8], _reply: &mut Reply<'_>) -> usize {
        *count += data.len() as u64;
        data.len()
    }

    fn body_end(&mut self, count: &mut u64, trailers: Fields<'_>, reply: &mut Reply<'_>) {
        reply.status(Status::OK).field("content-type", "text/plain").stream(None);
        // A few bytes fit: there is room whenever a handler is called.
        let _ = reply.write(format!("{count}\n").as_bytes());
        reply.end_with(trailers);
    }
}

struct Echo;

impl Protocol for Echo {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws, message: Message) {
        ws.send(message.kind, message.data);
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let address = format!("127.0.0.1:{port}");
    let vhost = Vhost::new("localhost")
        .mount("/", handler(|| Page))
        .mount("/count", handler(|| Count))
        .mount("/large", respond(|_, reply| reply.text("y".repeat(LARGE))))
        .upgrade("/echo", ws(|| Echo));
    let sites = Sites::from(vhost);
    let secure = std::env::args().any(|arg| arg == "--tls");
    let context = if secure {
        let acceptor = lws_backend_rustls::provider().server(ServerSettings::new(certificate()?))?;
        Context::new().listen(&address, tls(acceptor).over(h2(sites.clone())).over(h1(sites)))
    } else {
        Context::new().listen(&address, sniff().or(h2(sites.clone())).or(h1(sites)))
    };
    let mut service = context.build()?;
    for address in service.addresses() {
        println!("{}://{address}/", if secure { "https" } else { "http" });
    }
    Ok(service.run()?)
}

/// RSA, so that the cipher suite which RFC 9113 §9.2.2 demands can be had.
fn certificate() -> Result<Certificates, rcgen::Error> {
    let key = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)?;
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = CertificateParams::new(names)?.self_signed(&key)?;
    Ok(Certificates::der([made.der().to_vec()], key.serialize_der()))
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
