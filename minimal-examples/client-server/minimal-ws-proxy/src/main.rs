//! Every WebSocket that comes in gets one to another server, and what one says the other hears.
//!
//! ```text
//!   browser ──▶ Down::fragment ──▶ a queue of bounded size ──▶ Up::writable ──▶ server
//!           ◀── Down::writable ◀── another                 ◀── Up::fragment ◀──
//! ```
//! A side whose queue is full is not read from: whoever sends waits for whoever reads, through both connections.

use lws::client::{Caller, Client, Request, Url, random};
use lws::ws::{CloseCode, Fragment, Kind, Message, Protocol, Ws, WsClient, ws};
use lws::{Closed, Context, Handle, SlotKey, Vhost, h1};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::error::Error;
use std::rc::Rc;

/// Bytes that wait for one side until the other is not read from.
const QUEUE_BYTES: usize = 64 * 1024;
/// Pieces that wait for one side; only somebody who sends empty ones comes to that, and he is sent away.
const QUEUE_PIECES: usize = 4096;

/// One of the two connections of a pair.
#[derive(Default)]
struct End {
    handle: Option<Handle>,
    queue: VecDeque<Piece>,
    queued: usize,
    /// What it hears when the queue is empty: the other side is gone.
    goodbye: Option<(CloseCode, String)>,
}

/// Of a message.
struct Piece {
    kind: Kind,
    last: bool,
    data: Vec<u8>,
}

type Pair = Rc<RefCell<[End; 2]>>;
const DOWN: usize = 0;
const UP: usize = 1;

/// One connection's place in its pair.
struct Session {
    caller: Caller,
    pair: Pair,
    side: usize,
    /// What the peer said when it closed.
    goodbye: Option<(CloseCode, String)>,
}

impl Session {
    fn new(caller: Caller, pair: Pair, side: usize, ws: &mut Ws) -> Self {
        pair.borrow_mut()[side].handle = Some(ws.handle());
        // Something may wait already.
        ws.want_write();
        Self { caller, pair, side, goodbye: None }
    }

    /// Takes as much of a piece as there is room for on the other side.
    fn take(&mut self, ws: &mut Ws, part: Fragment) -> usize {
        let mut pair = self.pair.borrow_mut();
        let other = &mut pair[1 - self.side];
        let n = part.data.len().min(QUEUE_BYTES - other.queued);
        if n == 0 && !part.data.is_empty() {
            return 0;
        }
        if other.queue.len() >= QUEUE_PIECES {
            ws.close(CloseCode::POLICY_VIOLATION, "too many empty messages");
            return n;
        }
        let last = part.last && n == part.data.len();
        other.queue.push_back(Piece { kind: part.kind, last, data: part.data[..n].into() });
        other.queued += n;
        if let Some(handle) = other.handle {
            ws.env().wake(handle);
        }
        n
    }

    /// Sends what waits, as far as there is room.
    fn give(&mut self, ws: &mut Ws) {
        let mut pair = self.pair.borrow_mut();
        let own = &mut pair[self.side];
        let mut sent = false;
        while let Some(piece) = own.queue.front_mut() {
            let n = piece.data.len().min(ws.room());
            let is_all = n == piece.data.len();
            if (n == 0 && !is_all) || !ws.send_fragment(piece.kind, piece.last && is_all, &piece.data[..n]) {
                ws.want_write();
                break;
            }
            sent = true;
            own.queued -= n;
            if is_all {
                own.queue.pop_front();
            } else {
                piece.data.drain(..n);
            }
        }
        if own.queue.is_empty()
            && let Some((code, reason)) = &own.goodbye
        {
            ws.close(*code, reason);
        }
        // There is room for more. Two who woke each other for nothing would never sleep.
        if sent && let Some(handle) = pair[1 - self.side].handle {
            ws.env().wake(handle);
        }
    }

    fn peer_closing(&mut self, code: Option<u16>, reason: &str) {
        let code = code.and_then(CloseCode::new).unwrap_or(CloseCode::NORMAL);
        self.goodbye = Some((code, reason.into()));
    }

    /// Tells the other side.
    fn closed(self) {
        let mut pair = self.pair.borrow_mut();
        pair[self.side].handle = None;
        let other = &mut pair[1 - self.side];
        other.goodbye = Some(self.goodbye.unwrap_or((CloseCode::GOING_AWAY, String::new())));
        if let Some(handle) = other.handle {
            self.caller.later(move |hub| hub.wake(handle));
        }
    }
}

/// Connections that came in; each opens one to the other server.
#[derive(Default)]
struct Down {
    way: Option<Way>,
}

/// How to come to the other server.
#[derive(Clone)]
struct Way {
    caller: Caller,
    upstream: Url,
    up: SlotKey<Up>,
    next: Rc<RefCell<Option<Pair>>>,
}

/// Connections to the other server.
struct Up {
    caller: Caller,
    /// The pair of the one that opens next.
    next: Rc<RefCell<Option<Pair>>>,
}

impl Way {
    /// Opens the other half of a pair.
    fn open(&self, pair: Pair) {
        let next = self.next.clone();
        let request = Request::get(self.upstream.clone());
        let ws = WsClient::new(self.up, random).max_message(u64::MAX);
        self.caller.open(request, ws, move |hub, result| match result {
            // `Up::open` is called next.
            Ok(_) => *next.borrow_mut() = Some(pair),
            Err(error) => {
                eprintln!("{error}");
                let down = &mut pair.borrow_mut()[DOWN];
                down.goodbye = Some((CloseCode::TRY_LATER, "no connection to the server".into()));
                if let Some(handle) = down.handle {
                    hub.wake(handle);
                }
            }
        });
    }
}

impl Protocol for Down {
    type Session = Session;
    const STREAMING: bool = true;

    fn open(&mut self, ws: &mut Ws) -> Session {
        let way = self.way.as_ref().expect("main has told it before the loop runs");
        let pair = Pair::default();
        // A client's connection may be opened in any callback; it is there when this one has returned.
        way.open(pair.clone());
        Session::new(way.caller.clone(), pair, DOWN, ws)
    }

    fn message(&mut self, _session: &mut Session, _ws: &mut Ws, _message: Message) {}

    fn fragment(&mut self, session: &mut Session, ws: &mut Ws, part: Fragment) -> usize {
        session.take(ws, part)
    }

    fn writable(&mut self, session: &mut Session, ws: &mut Ws) {
        session.give(ws);
    }

    fn peer_closing(&mut self, session: &mut Session, code: Option<u16>, reason: &str) {
        session.peer_closing(code, reason);
    }

    fn closed(&mut self, session: Session, _why: Closed) {
        session.closed();
    }
}

impl Protocol for Up {
    type Session = Session;
    const STREAMING: bool = true;

    fn open(&mut self, ws: &mut Ws) -> Session {
        let pair = self.next.take().expect("it has just been put there");
        Session::new(self.caller.clone(), pair, UP, ws)
    }

    fn message(&mut self, _session: &mut Session, _ws: &mut Ws, _message: Message) {}

    fn fragment(&mut self, session: &mut Session, ws: &mut Ws, part: Fragment) -> usize {
        session.take(ws, part)
    }

    fn writable(&mut self, session: &mut Session, ws: &mut Ws) {
        session.give(ws);
    }

    fn peer_closing(&mut self, session: &mut Session, code: Option<u16>, reason: &str) {
        session.peer_closing(code, reason);
    }

    fn closed(&mut self, session: Session, _why: Closed) {
        session.closed();
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = flag("--port").unwrap_or_else(|| "7681".into());
    let upstream = Url::parse(&flag("--upstream").unwrap_or_else(|| "ws://localhost:7682/".into()))?;
    // A bound of a message's size is for those who keep it.
    let vhost = Vhost::new("localhost").upgrade("/", ws(Down::default).max_message(u64::MAX));
    let mut service = Context::new().listen(&format!("127.0.0.1:{port}"), h1(vhost)).build()?;
    let client = Client::new();
    let caller = client.caller();
    let client = client.install(service.world());
    let remote = service.remote::<Client>().ok_or("the client has just been installed")?;
    Client::reach(client, service.world()).0.post_by(move |letter| drop(remote.post(letter)));
    let next = Rc::new(RefCell::new(None));
    let up = service.world().add(Up { caller: caller.clone(), next: next.clone() });
    let down = service.world().slots.find::<Down>().ok_or("Down is served")?;
    service.world().slots.state(down).way = Some(Way { caller, upstream, up, next });
    for address in service.addresses() {
        println!("ws://{address}/");
    }
    service.run()?;
    Ok(())
}

/// The argument after `name` on the command line.
fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
