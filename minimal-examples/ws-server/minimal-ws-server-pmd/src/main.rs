//! Chat, compressed for those who offer it (permessage-deflate, RFC 7692). The protocol does not notice.

use lws::http::respond;
use lws::ws::{DeflateOptions, Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h1};
use std::rc::Rc;

#[derive(Default)]
struct Chat {
    /// The last message, and how many there were.
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
        if let Some(text) = self.last.as_ref().filter(|_| *seen != self.count) {
            if ws.send_text(text) {
                *seen = self.count;
            } else {
                ws.want_write();
            }
        }
    }
}

fn main() -> Result<(), lws::Error> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let mut chat = ws(Chat::default).subprotocol("lws-minimal");
    if !std::env::args().any(|arg| arg == "-n") {
        chat = chat.deflate(DeflateOptions::default());
    }
    let vhost = Vhost::new("localhost")
        .mount("/", respond(|_, reply| reply.html(include_str!("../mount-origin/index.html"))))
        .upgrade("/", chat);
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), h1(vhost)).build()?;
    for address in service.addresses() {
        println!("http://{address}/");
    }
    service.run()
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
