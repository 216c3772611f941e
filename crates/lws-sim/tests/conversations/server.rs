//! What is served in these conversations: handlers and protocols that use every way to answer there is.

use lws_http::{Fields, Handler, Method, Reply, Request, Status, Vhost, handler, redirect, respond};
use lws_role_h1::{H1, h1};
use lws_role_ws::{CloseCode, Closed, Fragment, Kind, Message, Protocol, Ws, ws};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::Duration;

/// The site. Loops install their own instances of it.
pub(crate) static SITE: LazyLock<H1> = LazyLock::new(|| {
    h1(Vhost::new("localhost")
        .mount("/api", handler(|| Api))
        .mount("/static", respond(|_, reply| reply.text("static")))
        .mount("/old", redirect(Status::MOVED_PERMANENTLY, "/new"))
        .upgrade("/whole", ws(|| Whole))
        .upgrade("/pieces", ws(|| Pieces))
        .upgrade("/chat", ws(Chat::default)))
});

/// `n` bytes that depend on `tag`; every one of them counts.
pub(crate) fn pattern(tag: usize, n: usize) -> Vec<u8> {
    (0..n).map(|i| byte(tag, i)).collect()
}

fn byte(tag: usize, i: usize) -> u8 {
    b'!' + ((i * 7 + i / 89 + tag) % 90) as u8
}

/// A sum over bytes that notices when they change places.
pub(crate) fn sum(data: &[u8]) -> u32 {
    add(0, data)
}

fn add(sum: u32, data: &[u8]) -> u32 {
    data.iter().fold(sum, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(*b)))
}

/// `/api/<way>/<n>/<step>`
pub(crate) struct Api;

/// How one request is answered.
pub(crate) enum Job {
    /// All was said.
    Done,
    /// `n` bytes, `step` at a time.
    Fill { at: usize, n: usize, step: usize, end: bool },
    /// The request's length and sum, in the end. At most `step` bytes are taken at a time; with `pause`, then nothing
    /// until a timer has expired.
    Sum { n: usize, sum: u32, step: usize, pause: bool, paused: bool },
    /// The body comes back as it comes in.
    Echo,
    /// An answer that takes its time.
    Late { n: usize },
}

impl Handler for Api {
    type Exchange = Job;

    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> Job {
        let parts: Vec<&str> = request.tail().split('/').skip(1).collect();
        let number = |i: usize| parts.get(i).and_then(|n| n.parse::<usize>().ok()).unwrap_or(0);
        let (n, step) = (number(1), number(2).max(1));
        let ok = || Status::OK;
        match parts.first() {
            Some(&"known") => reply.status(ok()).field("x-n", parts[1]).send(pattern(n, n)),
            Some(&"empty") => reply.status(Status::NO_CONTENT).empty(),
            Some(&"fill") => {
                reply.status(ok()).stream(Some(n as u64));
                return fill(Job::Fill { at: 0, n, step, end: request.method() == Method::Head }, reply);
            }
            Some(&"chunked") => {
                reply.status(ok()).field("content-type", "text/plain").stream(None);
                return fill(Job::Fill { at: 0, n, step, end: true }, reply);
            }
            Some(&"sum") => return Job::Sum { n: 0, sum: 0, step, pause: false, paused: false },
            Some(&"slow") => return Job::Sum { n: 0, sum: 0, step, pause: true, paused: false },
            Some(&"echo") => {
                reply.status(ok()).stream(None);
                return Job::Echo;
            }
            Some(&"late") => {
                reply.set_timer(Duration::from_millis(n as u64));
                return Job::Late { n };
            }
            _ => reply.error(Status::BAD_REQUEST),
        }
        Job::Done
    }

    fn body(&mut self, job: &mut Job, data: &[u8], reply: &mut Reply<'_>) -> usize {
        match job {
            Job::Sum { paused: true, .. } => 0,
            Job::Sum { n, sum, step, pause, paused } => {
                let taken = data.len().min(*step);
                (*n, *sum) = (*n + taken, add(*sum, &data[..taken]));
                *paused = *pause && taken < data.len();
                if *paused {
                    reply.set_timer(Duration::from_millis(3));
                }
                taken
            }
            Job::Echo => reply.write(data),
            _ => data.len(),
        }
    }

    fn body_end(&mut self, job: &mut Job, trailers: Fields<'_>, reply: &mut Reply<'_>) {
        match job {
            Job::Sum { n, sum, .. } => {
                let trailer = trailers.text("x-trailer").unwrap_or("none");
                reply.text(format!("{n} {sum} {trailer}"));
            }
            // What came as trailers goes back as trailers.
            Job::Echo => reply.end_with(trailers),
            _ => {}
        }
    }

    fn writable(&mut self, job: &mut Job, reply: &mut Reply<'_>) {
        if let Job::Fill { .. } = job {
            *job = fill(std::mem::replace(job, Job::Done), reply);
        }
    }

    fn timer(&mut self, job: &mut Job, reply: &mut Reply<'_>) {
        match job {
            Job::Sum { paused, .. } => *paused = false,
            Job::Late { n } => reply.text(format!("late {n}")),
            _ => {}
        }
    }
}

/// Fills the room there is, a step at a time.
fn fill(job: Job, reply: &mut Reply<'_>) -> Job {
    let Job::Fill { mut at, n, step, end } = job else { return job };
    while at < n {
        let filled = reply.fill(|room| {
            let len = room.len().min(step).min(n - at);
            room[..len].iter_mut().enumerate().for_each(|(i, b)| *b = byte(n, at + i));
            len
        });
        if filled == 0 {
            break;
        }
        at += filled;
    }
    if at < n && reply.phase() == lws_http::Phase::Body {
        reply.want_write();
        return Job::Fill { at, n, step, end };
    }
    if end {
        reply.end();
    }
    Job::Done
}

/// Echoes whole messages. `bye` makes it close.
pub(crate) struct Whole;

impl Protocol for Whole {
    type Session = ();

    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        if message.text() == Some("bye") {
            ws.close(CloseCode::NORMAL, "as you wish");
        } else {
            assert!(
                ws.send(message.kind, message.data),
                "there is always room for an answer of the same size"
            );
        }
    }
}

/// Echoes pieces as they come, in fragments as large as there is room for.
pub(crate) struct Pieces;

impl Protocol for Pieces {
    type Session = ();
    const STREAMING: bool = true;

    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}

    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {
        unreachable!("a streaming protocol gets pieces");
    }

    fn fragment(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, part: Fragment<'_>) -> usize {
        let n = part.data.len().min(ws.room());
        if n == 0 && !part.data.is_empty() {
            ws.want_write();
            return 0;
        }
        let last = part.last && n == part.data.len();
        let sent = ws.send_fragment(part.kind, last, &part.data[..n]);
        assert!(sent, "{n} bytes, last {last}, room {}", ws.room());
        n
    }
}

/// Everybody hears what anybody says.
#[derive(Default)]
pub(crate) struct Chat {
    /// What was said, oldest first; `first` is the number of the oldest.
    said: VecDeque<Rc<[u8]>>,
    first: usize,
    count: usize,
    /// How many are in, and the next each of them wants to hear.
    next: Vec<Option<usize>>,
    calls: usize,
}

impl Chat {
    /// Forgets what everybody has heard.
    fn trim(&mut self) {
        let oldest = self.next.iter().flatten().min().copied().unwrap_or(self.count);
        while self.first < oldest && self.said.pop_front().is_some() {
            self.first += 1;
        }
    }
}

impl Protocol for Chat {
    type Session = usize;

    fn open(&mut self, _ws: &mut Ws<'_, '_>) -> usize {
        self.next.push(Some(self.count));
        self.next.len() - 1
    }

    fn message(&mut self, _place: &mut usize, ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.said.push_back(message.data.into());
        self.count += 1;
        self.calls += 1;
        if self.calls.is_multiple_of(2) {
            ws.want_write_all();
        } else {
            let all: Vec<_> = ws.env().members().collect();
            all.into_iter().for_each(|handle| ws.env().wake(handle));
        }
    }

    fn writable(&mut self, place: &mut usize, ws: &mut Ws<'_, '_>) {
        while let Some(next) = self.next[*place].filter(|next| *next < self.count) {
            let said = Rc::clone(&self.said[next - self.first]);
            if !ws.send(Kind::Text, &said) {
                ws.want_write();
                break;
            }
            self.next[*place] = Some(next + 1);
        }
        self.trim();
    }

    fn closed(&mut self, place: usize, _why: Closed) {
        self.next[place] = None;
        self.trim();
    }
}
