//! Threads of the program feed all WebSockets: each posts to the loop's mailbox, which is the only way across.

use lws::http::respond;
use lws::ws::{CloseCode, Message, Protocol, Ws, ws};
use lws::{Context, Env, Mail, PostError, Remote, Vhost, h1};
use std::collections::VecDeque;
use std::error::Error;
use std::thread;
use std::time::Duration;

/// Messages that the ring holds.
const RING: usize = 1024;

/// What the threads said last, and a cursor for each connection.
#[derive(Default)]
struct News {
    ring: VecDeque<String>,
    /// The number of the oldest message in the ring.
    first: u64,
}

impl Protocol for News {
    /// The number of the next message for this connection.
    type Session = u64;

    fn open(&mut self, ws: &mut Ws) -> u64 {
        ws.want_write();
        self.first
    }

    fn message(&mut self, _next: &mut u64, _ws: &mut Ws, _message: Message) {}

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

/// Runs on the loop's thread, so there is nothing to lock.
impl Mail<String> for News {
    fn mail(&mut self, env: &mut Env, line: String) {
        if self.ring.len() == RING {
            self.ring.pop_front();
            self.first += 1;
        }
        self.ring.push_back(line);
        env.want_write_all();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let threads: u32 = flag("--threads").unwrap_or_else(|| "2".into()).parse()?;
    let vhost = Vhost::new("localhost")
        .mount("/", respond(|_, reply| reply.html(include_str!("../mount-origin/index.html"))))
        .upgrade("/", ws(News::default).subprotocol("lws-minimal"));
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), h1(vhost)).build()?;
    let news: Remote<News> = service.remote().ok_or("News is served")?;
    for number in 0..threads {
        let news = news.clone();
        thread::spawn(move || work(number, &news));
    }
    for address in service.addresses() {
        println!("http://{address}/");
    }
    Ok(service.run()?)
}

/// What a thread of the program does: something of its own, and now and then it has news.
fn work(number: u32, news: &Remote<News>) {
    for count in 0_u64.. {
        match news.post(format!("thread {number}: {count}")) {
            // The loop does not keep up: this piece of news is lost, which for news is right.
            Ok(()) | Err(PostError::Full) => {}
            Err(_) => return,
        }
        thread::sleep(Duration::from_millis(100 * u64::from(number + 1)));
    }
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
