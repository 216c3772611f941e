//! Work that takes too long for an event loop, on threads: each connection has a task, which reports its progress to it.

use lws::http::respond;
use lws::threadpool::{self, Cancelled, Config, Error, HasNews, Inbox, Job, News, Pool, Task};
use lws::ws::{CloseCode, Message, Protocol, Ws, ws};
use lws::{Context, Env, Handle, Mail, Vhost, h1};
use std::sync::Arc;
use std::time::Duration;

/// What the tasks count the primes below.
const BELOW: u32 = 1_000_000;
/// When a connection that found the queue full asks again.
const AGAIN: Duration = Duration::from_millis(20);

struct Primes {
    pool: Arc<Pool<Handle>>,
    /// There once the service is.
    inbox: Option<Inbox<Handle>>,
    /// Connections whose tasks have news.
    news: Vec<Handle>,
}

/// Per cent done.
type Progress = u32;

#[derive(Default)]
struct Session {
    /// Dropping it, as when the connection closes, cancels the task.
    job: Option<Job<Progress, u32>>,
    /// What could not be sent yet.
    line: Option<String>,
}

impl Primes {
    fn submit(&self, session: &mut Session, ws: &mut Ws) {
        let Some(inbox) = &self.inbox else { return };
        match self.pool.submit(inbox, ws.handle(), count) {
            Ok(job) => session.job = Some(job),
            Err(Error::QueueFull) => ws.set_timer(AGAIN),
            Err(_) => ws.close(CloseCode::GOING_AWAY, "no more tasks"),
        }
    }
}

/// The task. `sync` waits until the connection has taken the chunk before; it fails when the connection has closed.
fn count(task: &Task<'_, Progress>) -> Result<u32, Cancelled> {
    let (mut primes, mut reported) = (0, 0);
    for n in 2..BELOW {
        primes += u32::from((2..).take_while(|d| d * d <= n).all(|d| n % d != 0));
        let percent = n / (BELOW / 100);
        if percent >= reported + 25 {
            reported = percent;
            task.sync(percent)?;
        }
        if n % 1000 == 0 {
            task.checkpoint()?;
        }
    }
    Ok(primes)
}

/// Wakes the connections whose tasks have news.
impl Mail<HasNews> for Primes {
    fn mail(&mut self, env: &mut Env, _: HasNews) {
        if let Some(inbox) = &self.inbox {
            inbox.take(&mut self.news);
        }
        self.news.drain(..).for_each(|connection| env.wake(connection));
    }
}

impl Protocol for Primes {
    type Session = Session;

    fn open(&mut self, ws: &mut Ws) -> Session {
        let mut session = Session::default();
        self.submit(&mut session, ws);
        session
    }

    fn message(&mut self, _session: &mut Session, _ws: &mut Ws, _message: Message) {}

    fn timer(&mut self, session: &mut Session, ws: &mut Ws) {
        self.submit(session, ws);
    }

    fn writable(&mut self, session: &mut Session, ws: &mut Ws) {
        loop {
            if let Some(line) = session.line.take() {
                if !ws.send_text(&line) {
                    session.line = Some(line);
                    return ws.want_write();
                }
            }
            match session.job.as_mut().and_then(Job::poll) {
                None => return,
                Some(News::Chunk(percent)) => session.line = Some(format!("{percent} %")),
                Some(News::Done(Ok(primes))) => {
                    session.line = Some(format!("100 %: {primes} primes below {BELOW}"));
                }
                Some(News::Done(Err(why))) => session.line = Some(format!("error: {why}")),
            }
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let pool = Arc::new(Pool::new(Config::default().name("primes").threads(3).queue(4))?);
    let tasks = pool.clone();
    let vhost = Vhost::new("localhost")
        .mount("/", respond(|_, reply| reply.html(include_str!("../mount-origin/index.html"))))
        .upgrade(
            "/",
            ws(move || Primes { pool: pool.clone(), inbox: None, news: Vec::new() })
                .subprotocol("lws-minimal"),
        );
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), h1(vhost)).build()?;
    let inbox = service.remote::<Primes>().map(threadpool::inbox);
    let slots = &mut service.world().slots;
    if let Some(key) = slots.find::<Primes>() {
        slots.state(key).inbox = inbox;
    }
    for address in service.addresses() {
        println!("http://{address}/");
    }
    service.run()?;
    tasks.shutdown(Duration::from_secs(1))?;
    Ok(())
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
