//! Chat over several loops, each on a thread of its own: what one hears, it posts to the others.

use lws::http::respond;
use lws::ws::{CloseCode, Message, Protocol, Ws, ws};
use lws::{Context, Env, Mail, Remote, Sharing, Vhost, h1};
use std::collections::VecDeque;
use std::error::Error;
use std::sync::Arc;

/// Messages that the ring holds.
const RING: usize = 32;

/// One instance for each loop.
#[derive(Default)]
struct Chat {
    ring: VecDeque<Arc<str>>,
    /// The number of the oldest message in the ring.
    first: u64,
    /// All instances, this one too.
    everybody: Vec<Remote<Chat>>,
}

impl Protocol for Chat {
    /// The number of the next message for this connection.
    type Session = u64;

    fn open(&mut self, _ws: &mut Ws) -> u64 {
        self.first + self.ring.len() as u64
    }

    fn message(&mut self, _next: &mut u64, _ws: &mut Ws, message: Message) {
        let Some(text) = message.text() else { return };
        let text: Arc<str> = text.into();
        for instance in &self.everybody {
            // A loop that does not keep up misses a line; one that has ended needs none.
            let _ = instance.post(Line(text.clone()));
        }
    }

    fn writable(&mut self, next: &mut u64, ws: &mut Ws) {
        if *next < self.first {
            return ws.close(CloseCode::TRY_LATER, "too slow");
        }
        while let Some(line) = self.ring.get((*next - self.first) as usize) {
            if !ws.send_text(line) {
                return ws.want_write();
            }
            *next += 1;
        }
    }
}

/// Something was said, on whichever loop.
struct Line(Arc<str>);

impl Mail<Line> for Chat {
    fn mail(&mut self, env: &mut Env, Line(text): Line) {
        if self.ring.len() == RING {
            self.ring.pop_front();
            self.first += 1;
        }
        self.ring.push_back(text);
        env.want_write_all();
    }
}

/// How an instance learns of the others.
struct Everybody(Vec<Remote<Chat>>);

impl Mail<Everybody> for Chat {
    fn mail(&mut self, _env: &mut Env, Everybody(remotes): Everybody) {
        self.everybody = remotes;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let threads: usize = flag("--threads").unwrap_or_else(|| "2".into()).parse()?;
    let vhost = Vhost::new("localhost")
        .mount("/", respond(|_, reply| reply.html(include_str!("../mount-origin/index.html"))))
        .upgrade("/", ws(Chat::default).subprotocol("lws-minimal").max_message(4096));
    // With few connections an even share matters more than the one wake-up it costs.
    let context = Context::new().threads(threads).sharing(Sharing::Fewest);
    let running = context.listen(&format!("127.0.0.1:{port}"), h1(vhost)).start()?;
    let everybody = running.remotes::<Chat>();
    for instance in &everybody {
        instance.post(Everybody(everybody.clone())).map_err(|e| e.to_string())?;
    }
    for address in running.addresses() {
        println!("http://{address}/");
    }
    Ok(running.join()?)
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
