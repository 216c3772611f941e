//! A site with every kind of route.

use lws_http::{
    Closed, Fields, Handler, Phase, Reply, Request, Sites, Status, Vhost, handler, redirect, respond,
};
use lws_role::Handle;
use lws_role_h2::H2;
use lws_role_ws::{Message, Protocol, Ws, ws};
use std::sync::{Arc, Mutex};

/// What handlers did, in order.
pub(crate) type Notes = Arc<Mutex<Vec<String>>>;

pub(crate) fn h2(notes: &Notes) -> H2 {
    lws_role_h2::h2(sites(notes))
}

pub(crate) fn sites(notes: &Notes) -> Sites {
    Sites::from(vhost(notes))
}

pub(crate) fn vhost(notes: &Notes) -> Vhost {
    let [sums, never, holds, sockets] = [(); 4].map(|()| Arc::clone(notes));
    Vhost::new("a")
        .mount("/old", redirect(Status::MOVED_PERMANENTLY, "/new"))
        .mount("/empty", respond(|_, reply| reply.status(Status::NO_CONTENT).empty()))
        .mount("/unmodified", respond(|_, reply| reply.status(Status::NOT_MODIFIED).send("not sent")))
        .mount("/large", respond(|_, reply| reply.text(vec![b'l'; 300_000])))
        .mount("/stream", handler(|| Stream { length: Some(100_000) }))
        .mount("/chunked", handler(|| Stream { length: None }))
        .mount("/greedy", handler(|| Greedy))
        .mount("/echo", handler(|| Echo))
        .mount("/trailers", handler(|| Trailers))
        .mount("/sum", handler(move || Sum { notes: Arc::clone(&sums) }))
        .mount("/small", handler(|| Echo))
        .max_body(10)
        .mount("/never", handler(move || Never { notes: Arc::clone(&never) }))
        .mount("/hold", handler(move || Hold { notes: Arc::clone(&holds) }))
        .mount("/later", handler(|| Later))
        .mount("/split", respond(|_, reply| reply.status(Status::OK).field("x", "a\r\nb: c").empty()))
        .mount("/long", respond(|_, reply| reply.status(Status::OK).field("x", "x".repeat(13_000)).empty()))
        .mount("/short", handler(|| Short))
        .mount("/fields", respond(fields))
        .mount("", respond(|request, reply| reply.text(format!("root {}", request.path()))))
        .upgrade("/ws", ws(move || Socket { notes: Arc::clone(&sockets) }))
        .header("x-vhost", "yes")
}

/// Says which fields it saw.
fn fields(request: &Request<'_>, reply: &mut Reply<'_>) {
    let mut all: Vec<String> =
        request.fields().iter().map(|f| format!("{}={}", f.name, f.text().unwrap_or("?"))).collect();
    all.sort();
    reply
        .status(Status::OK)
        .field("Set-Cookie", "a=1")
        .field("set-cookie", "b=2")
        .field("X-Upper", "Case")
        .field("Proxy-Connection", "no")
        .send(all.join("\n"));
}

/// 100 000 bytes, as room appears.
pub(crate) struct Stream {
    pub(crate) length: Option<u64>,
}

impl Stream {
    fn go_on(at: &mut usize, reply: &mut Reply<'_>) {
        while *at < 100_000 {
            let rest: Vec<u8> = (*at..100_000).map(|i| (i % 251) as u8).collect();
            let n = reply.write(&rest);
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

/// Writes only if a whole record of 4000 bytes fits; 50 of them.
pub(crate) struct Greedy;

impl Handler for Greedy {
    type Exchange = usize;
    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) -> usize {
        reply.status(Status::OK).stream(None);
        reply.want_write();
        0
    }
    fn writable(&mut self, n: &mut usize, reply: &mut Reply<'_>) {
        while *n < 50 && reply.room() >= 4_000 {
            assert_eq!(reply.write(&[*n as u8; 4_000]), 4_000);
            *n += 1;
        }
        if *n == 50 { reply.end() } else { reply.want_write() }
    }
}

/// Sends the body back as it comes.
pub(crate) struct Echo;

impl Handler for Echo {
    type Exchange = ();
    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) {
        reply.want_write();
    }
    fn body(&mut self, _x: &mut (), data: &[u8], reply: &mut Reply<'_>) -> usize {
        Self::begin(reply);
        reply.write(data)
    }
    fn body_end(&mut self, _x: &mut (), _trailers: Fields<'_>, reply: &mut Reply<'_>) {
        Self::begin(reply);
        reply.end();
    }
}

impl Echo {
    fn begin(reply: &mut Reply<'_>) {
        if reply.phase() == Phase::Silent {
            reply.status(Status::OK).stream(None);
        }
    }
}

/// Sends the trailers back as trailers.
pub(crate) struct Trailers;

impl Handler for Trailers {
    type Exchange = ();
    fn request(&mut self, _request: &Request<'_>, _reply: &mut Reply<'_>) {}
    fn body_end(&mut self, _x: &mut (), trailers: Fields<'_>, reply: &mut Reply<'_>) {
        reply.status(Status::OK).stream(None);
        assert_eq!(reply.write(b"body"), 4);
        reply.end_with(trailers);
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

/// Answers nothing.
pub(crate) struct Never {
    pub(crate) notes: Notes,
}

impl Handler for Never {
    type Exchange = ();
    fn request(&mut self, _request: &Request<'_>, _reply: &mut Reply<'_>) {
        self.notes.lock().unwrap().push("started".into());
    }
    fn closed(&mut self, _x: (), why: Closed) {
        self.notes.lock().unwrap().push(format!("never: {why}"));
    }
}

/// Takes no body until its timer has passed, a second after the request.
pub(crate) struct Hold {
    pub(crate) notes: Notes,
}

impl Handler for Hold {
    type Exchange = (bool, usize, Handle);
    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) -> Self::Exchange {
        reply.set_timer(std::time::Duration::from_secs(1));
        (false, 0, reply.handle())
    }
    fn body(&mut self, x: &mut Self::Exchange, data: &[u8], _reply: &mut Reply<'_>) -> usize {
        let taken = if x.0 { data.len() } else { 0 };
        x.1 += taken;
        taken
    }
    fn timer(&mut self, x: &mut Self::Exchange, reply: &mut Reply<'_>) {
        x.0 = true;
        let handle = x.2;
        reply.hub().wake(handle);
        self.notes.lock().unwrap().push("lets go".into());
    }
    fn body_end(&mut self, x: &mut Self::Exchange, _trailers: Fields<'_>, reply: &mut Reply<'_>) {
        reply.text(format!("{} bytes", x.1));
    }
}

/// Answers from its timer, a second later.
pub(crate) struct Later;

impl Handler for Later {
    type Exchange = ();
    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) {
        reply.set_timer(std::time::Duration::from_secs(1));
    }
    fn timer(&mut self, _x: &mut (), reply: &mut Reply<'_>) {
        reply.text("at last");
    }
}

/// Promises 100 bytes and ends after 4.
pub(crate) struct Short;

impl Handler for Short {
    type Exchange = ();
    fn request(&mut self, _request: &Request<'_>, reply: &mut Reply<'_>) {
        reply.status(Status::OK).stream(Some(100));
        reply.write(b"four");
        reply.end();
    }
}

/// Echoes messages; says something when it is told to.
pub(crate) struct Socket {
    pub(crate) notes: Notes,
}

impl Protocol for Socket {
    type Session = ();
    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        let host = ws.request().and_then(|head| head.fields.text("host")).unwrap_or("none").to_owned();
        self.notes.lock().unwrap().push(format!("open on {host}"));
    }
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        assert!(ws.send(message.kind, message.data));
    }
    fn closed(&mut self, _session: (), why: Closed) {
        self.notes.lock().unwrap().push(format!("socket: {why}"));
    }
}
