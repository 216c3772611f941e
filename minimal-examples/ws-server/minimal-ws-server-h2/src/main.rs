//! Chat over HTTP/2 alone: the page and every WebSocket are streams of one connection (RFC 8441).
//!
//! The protocol and the handlers are those of HTTP/1; only what they are put over differs.

use lws::http::Sites;
use lws::http::{Reply, respond};
use lws::tls::{Provider, ServerSettings, tls};
use lws::ws::{Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h2};
use std::error::Error;
use std::rc::Rc;

/// One instance serves all connections: plain `&mut self`, no lock.
#[derive(Default)]
struct Chat {
    /// The last message, and how many there were before it.
    last: Option<Rc<str>>,
    count: u64,
}

impl Protocol for Chat {
    /// How many messages this connection has seen.
    type Session = u64;

    fn open(&mut self, _ws: &mut Ws) -> u64 {
        self.count
    }

    fn message(&mut self, _seen: &mut u64, ws: &mut Ws, message: Message) {
        if let Some(text) = message.text() {
            self.last = Some(text.into());
            self.count += 1;
            ws.want_write_all();
        }
    }

    fn writable(&mut self, seen: &mut u64, ws: &mut Ws) {
        // Who was too slow misses a message; see minimal-ws-server-ring for those who must not.
        if *seen == self.count {
            return;
        }
        if let Some(text) = &self.last {
            if ws.send_text(text) {
                *seen = self.count;
            } else {
                ws.want_write();
            }
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let address = format!("127.0.0.1:{port}");
    let sites = Sites::from(
        Vhost::new("localhost")
            .security_headers()
            .mount("/", respond(|request, reply| page(request.tail(), reply)))
            .upgrade("/", ws(Chat::default).subprotocol("lws-minimal")),
    );
    let (context, scheme) = match flag("--tls") {
        // Prior knowledge (RFC 9113 §3.3): programs can, browsers do not.
        None => (Context::new().listen(&address, h2(sites)), "http"),
        Some(_) => {
            let own = lws_backend_rustls::self_signed(&["localhost", "127.0.0.1"])?;
            let acceptor = lws_backend_rustls::provider().server(ServerSettings::new(own.certificates))?;
            // ALPN offers h2 and nothing else.
            (Context::new().listen(&address, tls(acceptor).over(h2(sites))), "https")
        }
    };
    let mut service = context.build()?;
    for address in service.addresses() {
        println!("{scheme}://{address}/");
    }
    Ok(service.run()?)
}

/// The page lives in the program: nothing to install beside it.
fn page(path: &str, reply: &mut Reply) {
    let (content_type, body) = match path {
        "/" => ("text/html; charset=utf-8", include_str!("../mount-origin/index.html")),
        "/chat.js" => ("text/javascript; charset=utf-8", include_str!("../mount-origin/chat.js")),
        "/chat.css" => ("text/css; charset=utf-8", include_str!("../mount-origin/chat.css")),
        _ => return reply.error(lws::http::Status::NOT_FOUND),
    };
    reply.status(lws::http::Status::OK).field("content-type", content_type).send(body);
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
