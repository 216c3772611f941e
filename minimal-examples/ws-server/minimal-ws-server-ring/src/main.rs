//! Chat over a ring: one bounded history for all, a cursor for each. Nobody misses a message, unless he is more
//! than the whole ring behind: then his connection is closed instead of holding up the others.

use lws::http::respond;
use lws::ws::{CloseCode, Kind, Message, Protocol, Ws, ws};
use lws::{Context, Vhost, h1};
use std::collections::VecDeque;

/// Messages that the ring holds.
const RING: usize = 32;

#[derive(Default)]
struct Chat {
    ring: VecDeque<Box<[u8]>>,
    /// The number of the oldest message in the ring.
    first: u64,
}

impl Chat {
    fn end(&self) -> u64 {
        self.first + self.ring.len() as u64
    }
}

impl Protocol for Chat {
    /// The number of the next message for this connection.
    type Session = u64;

    fn open(&mut self, _ws: &mut Ws) -> u64 {
        self.end()
    }

    fn message(&mut self, _next: &mut u64, ws: &mut Ws, message: Message) {
        if self.ring.len() == RING {
            self.ring.pop_front();
            self.first += 1;
        }
        self.ring.push_back(message.data.into());
        ws.want_write_all();
    }

    fn writable(&mut self, next: &mut u64, ws: &mut Ws) {
        if *next < self.first {
            return ws.close(CloseCode::TRY_LATER, "too slow");
        }
        while *next < self.end() {
            let message = &self.ring[(*next - self.first) as usize];
            if !ws.send(Kind::Text, message) {
                return ws.want_write();
            }
            *next += 1;
        }
    }
}

fn main() -> Result<(), lws::Error> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let vhost = Vhost::new("localhost")
        .mount("/", respond(|_, reply| reply.html(include_str!("../mount-origin/index.html"))))
        .upgrade("/", ws(Chat::default).subprotocol("lws-minimal").max_message(4096));
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
