//! A site with every kind of route, and a peer that talks to it.

// Each test binary uses a part of this.
#![allow(dead_code, reason = "each test binary uses a part of this")]

use lws_http::{
    Closed, Fields, Handler, HandlerBlueprint, Phase, Reply, Request, Status, Vhost, handler, redirect,
    respond,
};
use lws_role_h1::{H1, h1};
use lws_role_ws::{Message, Protocol, Ws, ws};
use lws_sim::http::{self, Response};
use lws_sim::{Conditions, PeerId, Sim};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What handlers did, in order.
pub(crate) type Notes = Arc<Mutex<Vec<String>>>;

/// The routes that answer in different ways, all of them at once when the head is there.
pub(crate) const ROUTES: [&str; 11] = [
    "/",
    "/static",
    "/missing.d/x",
    "/old",
    "/empty",
    "/unmodified",
    "/stream",
    "/chunked",
    "/large",
    "/%zz",
    "/ws",
];

/// The site, and what its handlers note.
pub(crate) fn site(notes: &Notes) -> H1 {
    h1(vhost(notes))
}

pub(crate) fn vhost(notes: &Notes) -> Vhost {
    let (canary, sums) = (Arc::clone(notes), Arc::clone(notes));
    Vhost::new("a")
        .mount("/static", respond(|_, reply| reply.text("static")))
        .mount("/old", redirect(Status::MOVED_PERMANENTLY, "/new"))
        .mount("/empty", respond(|_, reply| reply.status(Status::NO_CONTENT).empty()))
        .mount("/unmodified", respond(|_, reply| reply.status(Status::NOT_MODIFIED).empty()))
        .mount("/large", respond(|_, reply| reply.text(vec![b'l'; 300_000])))
        .mount("/stream", handler(|| Stream { length: Some(100_000) }))
        .mount("/chunked", handler(|| Stream { length: None }))
        .mount("/echo", handler(|| Echo))
        .mount("/sum", handler(move || Sum { notes: Arc::clone(&sums) }))
        .mount("/missing", respond(|_, reply| reply.error(Status::NOT_FOUND)))
        .mount(
            "/canary",
            respond(move |_, reply| {
                canary.lock().unwrap().push("canary".into());
                reply.text("the canary sings");
            }),
        )
        .mount("", respond(|request, reply| reply.text(format!("root {}", request.path()))))
        .upgrade("/ws", ws(|| EchoSocket))
}

/// 100 000 bytes.
pub(crate) struct Stream {
    pub(crate) length: Option<u64>,
}

impl Stream {
    fn go_on(at: &mut usize, reply: &mut Reply<'_>) {
        while *at < 100_000 {
            let n = reply.write(&vec![b's'; 100_000 - *at]);
            *at += n;
            if n == 0 {
                return reply.want_write();
            }
        }
        reply.end();
    }
}

impl Handler for Stream {
    type Exchange = usize;
    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) -> usize {
        reply.status(Status::OK).stream(self.length);
        let mut at = if reply.phase() == Phase::Body { 0 } else { 100_000 };
        Self::go_on(&mut at, reply);
        at
    }
    fn writable(&mut self, at: &mut usize, reply: &mut Reply<'_>) {
        Self::go_on(at, reply);
    }
}

/// Sends the body back as it comes.
pub(crate) struct Echo;

impl Handler for Echo {
    type Exchange = ();
    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) {
        reply.status(Status::OK).stream(None);
    }
    fn body(&mut self, _x: &mut (), data: &[u8], reply: &mut Reply<'_>) -> usize {
        reply.write(data)
    }
    fn body_end(&mut self, _x: &mut (), _trailers: Fields<'_>, reply: &mut Reply<'_>) {
        reply.end();
    }
}

/// Says how long the body was, when it has come.
pub(crate) struct Sum {
    pub(crate) notes: Notes,
}

impl Handler for Sum {
    type Exchange = usize;
    fn request(&mut self, _request: &Request<'_>, _reply: &mut Reply<'_>) -> usize {
        0
    }
    fn body(&mut self, n: &mut usize, data: &[u8], _reply: &mut Reply<'_>) -> usize {
        *n += data.len();
        data.len()
    }
    fn body_end(&mut self, n: &mut usize, trailers: Fields<'_>, reply: &mut Reply<'_>) {
        let names: Vec<&str> = trailers.iter().map(|f| f.name).collect();
        reply.text(format!("{n} bytes, trailers {names:?}"));
    }
    fn closed(&mut self, n: usize, why: Closed) {
        self.notes.lock().unwrap().push(format!("sum of {n}: {why}"));
    }
}

pub(crate) struct EchoSocket;

impl Protocol for EchoSocket {
    type Session = ();
    fn open(&mut self, _ws: &mut Ws<'_, '_>) {}
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        assert!(ws.send(message.kind, message.data));
    }
}

/// One simulated connection to a site.
pub(crate) struct Line {
    pub(crate) sim: Sim,
    pub(crate) peer: PeerId,
    pub(crate) notes: Notes,
}

impl Line {
    /// A connection to [`site`].
    pub(crate) fn new(conditions: Conditions) -> Self {
        let notes = Notes::default();
        Self::to(&site(&notes), notes, conditions)
    }

    /// A calm connection to a site with one handler at `/`.
    pub(crate) fn of<B: HandlerBlueprint + 'static>(blueprint: B) -> Self {
        Self::to(&h1(Vhost::new("a").mount("", blueprint)), Notes::default(), Conditions::CALM)
    }

    pub(crate) fn to(site: &H1, notes: Notes, conditions: Conditions) -> Self {
        let mut sim = Sim::under(conditions, 0);
        let acceptor = sim.install(site);
        let peer = sim.accept(&*acceptor);
        Self { sim, peer, notes }
    }

    /// Sends, and runs until nothing moves.
    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.sim.send(self.peer, bytes.as_ref());
        self.sim.run();
    }

    pub(crate) fn advance(&mut self, seconds: f64) {
        self.sim.advance(Duration::from_secs_f64(seconds));
    }

    pub(crate) fn closed(&self) -> Option<Closed> {
        self.sim.closed(self.peer)
    }

    /// All responses so far, to requests that were not HEAD; nothing else may have come.
    pub(crate) fn responses(&self) -> Vec<Response> {
        let received = self.sim.received(self.peer);
        let (all, n) =
            http::responses(received, &[], self.closed().is_some()).expect("well-formed responses");
        assert_eq!(n, received.len(), "{:?}", String::from_utf8_lossy(&received[n..]));
        all
    }

    /// The codes of all responses so far.
    pub(crate) fn codes(&self) -> Vec<u16> {
        self.responses().iter().map(|r| r.status).collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.sim.received(self.peer)).into_owned()
    }

    pub(crate) fn end(self) {
        self.sim.end();
    }
}
