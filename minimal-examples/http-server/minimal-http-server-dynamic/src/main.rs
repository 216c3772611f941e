//! Files, and beside them a page that is made while it is sent.

use lws::files::files;
use lws::http::{Handler, Reply, Request, Status, handler};
use lws::{Context, Vhost, h1};

/// Counts to the number in the query: `/count?to=1000`.
#[derive(Default)]
struct Counter {
    /// Requests served so far: one instance serves all connections.
    served: u64,
}

/// The numbers that one exchange has still to send.
struct Count {
    next: u64,
    to: u64,
}

impl Handler for Counter {
    type Exchange = Count;

    fn request(&mut self, request: &Request, reply: &mut Reply) -> Count {
        self.served += 1;
        let to = request.arg("to").and_then(|n| n.parse().ok()).unwrap_or(10);
        // No length: the page ends when `end` is called.
        reply.status(Status::OK).field("content-type", "text/plain").stream(None);
        reply.write(format!("request {}\n", self.served).as_bytes());
        reply.want_write();
        Count { next: 1, to }
    }

    fn writable(&mut self, count: &mut Count, reply: &mut Reply) {
        // As much as there is room for; the rest when the client has read that. Nothing piles up.
        while count.next <= count.to {
            let line = format!("{}\n", count.next);
            if reply.room() < line.len() {
                return reply.want_write();
            }
            reply.write(line.as_bytes());
            count.next += 1;
        }
        reply.end();
    }
}

fn main() -> Result<(), lws::Error> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let vhost = Vhost::new("localhost")
        .mount("/", files("./mount-origin"))
        .mount("/count", handler(Counter::default));
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
