//! A loop with a client, and servers that say what they are told to.

// Each test binary uses a part of this.
#![allow(dead_code, reason = "each test binary uses a part of this")]

pub(crate) mod digest;
pub(crate) mod proxies;

use lws_client::{Addresses, Answer, Client, Error, Letter, Request, Resolver, Stage, Url};
use lws_core::{Context, Service};
use lws_head::{Fields, ResponseHead};
use lws_role::{Facts, Handle, Hub, SlotKey, World};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What came of a request.
#[derive(Debug, Default)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How often `done` was called, and with what.
    pub(crate) results: Vec<Result<(), Error>>,
    pub(crate) connection: Option<Handle>,
    /// Bytes of body that are taken; the rest is held back.
    pub(crate) credit: usize,
    pub(crate) stages: Vec<Stage>,
    /// The certificate that the peer showed.
    pub(crate) certificate: Option<Vec<u8>>,
    pub(crate) cancelled: bool,
}

impl Got {
    pub(crate) fn error(&self) -> Error {
        match self.results.as_slice() {
            [Err(error)] => error.clone(),
            _ => panic!("no failure: {self:?}"),
        }
    }

    pub(crate) fn text(&self) -> &str {
        assert_eq!(self.results, [Ok(())], "{self:?}");
        std::str::from_utf8(&self.body).unwrap()
    }
}

#[derive(Clone)]
pub(crate) struct Hearer(pub(crate) Rc<RefCell<Got>>);

impl Answer for Hearer {
    fn stage(&mut self, _hub: &mut Hub, stage: Stage) {
        self.0.borrow_mut().stages.push(stage);
    }
    fn connected(&mut self, _hub: &mut Hub, facts: &Facts) {
        let certificate = facts.tls().and_then(|tls| tls.peer_certificate.as_deref());
        self.0.borrow_mut().certificate = certificate.map(<[u8]>::to_vec);
    }
    fn is_cancelled(&self) -> bool {
        self.0.borrow().cancelled
    }
    fn head(&mut self, _hub: &mut Hub, head: &ResponseHead<'_>, connection: Handle) {
        let mut got = self.0.borrow_mut();
        assert_eq!(got.status, 0, "one head");
        (got.status, got.connection) = (head.status.code(), Some(connection));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        got.fields = head.fields.iter().map(|f| (f.name.to_string(), text(f.value))).collect();
    }
    fn body(&mut self, _hub: &mut Hub, data: &[u8]) -> usize {
        let mut got = self.0.borrow_mut();
        assert!(got.status > 0 && got.results.is_empty());
        let n = data.len().min(got.credit);
        got.credit -= n;
        got.body.extend_from_slice(&data[..n]);
        n
    }
    fn done(self: Box<Self>, _hub: &mut Hub, result: Result<Fields<'_>, Error>) {
        self.0.borrow_mut().results.push(result.map(drop));
    }
}

/// A loop with a client.
pub(crate) struct Loop {
    pub(crate) service: Service,
    pub(crate) key: SlotKey<Client>,
}

impl Loop {
    pub(crate) fn new() -> Self {
        Self::with(Client::new())
    }

    pub(crate) fn with(client: Client) -> Self {
        let mut service = Context::new().build().unwrap();
        let key = client.install(service.world());
        let remote = service.remote::<Client>().unwrap();
        let post = move |letter: Letter| remote.post(letter).unwrap();
        service.world().slots.state(key).post_by(post);
        Self { service, key }
    }

    pub(crate) fn client<R>(&mut self, f: impl FnOnce(&mut Client, &mut Hub) -> R) -> R {
        let World { slots, hub } = self.service.world();
        f(slots.state(self.key), hub)
    }

    /// Sends a request, and does nothing more.
    pub(crate) fn send(&mut self, request: Request) -> Rc<RefCell<Got>> {
        let got = Rc::new(RefCell::new(Got { credit: usize::MAX, ..Got::default() }));
        let hearer = Hearer(got.clone());
        self.client(|client, hub| client.send(hub, request, hearer));
        assert!(got.borrow().results.is_empty(), "errors come later, whatever they are");
        got
    }

    pub(crate) fn turn_until(&mut self, mut done: impl FnMut() -> bool) {
        let began = Instant::now();
        while !done() {
            assert!(began.elapsed() < PATIENCE, "it takes too long");
            self.service.turn(Some(Duration::from_millis(20))).unwrap();
        }
    }

    /// Sends a request and waits for what comes of it.
    pub(crate) fn fetch(&mut self, request: Request) -> Got {
        let got = self.send(request);
        self.turn_until(|| !got.borrow().results.is_empty());
        self.settle();
        assert_eq!(got.borrow().results.len(), 1, "exactly once");
        got.take()
    }

    pub(crate) fn get(&mut self, url: &str) -> Got {
        self.fetch(Request::get(Url::parse(url).unwrap()))
    }

    /// A few turns, for what is under way.
    pub(crate) fn settle(&mut self) {
        for _ in 0..3 {
            self.service.turn(Some(Duration::from_millis(1))).unwrap();
        }
    }
}

/// What a server does after a request.
pub(crate) enum Then {
    /// It waits for another one.
    Stay,
    Close,
}

/// A request as a server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Which connection, from 0.
    pub(crate) conn: usize,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    pub(crate) fn has(&self, what: &str) -> bool {
        self.text.to_ascii_lowercase().contains(&what.to_ascii_lowercase())
    }
}

/// A server that answers what it is told to, byte for byte. Runs until the test ends.
pub(crate) struct Origin {
    pub(crate) addr: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Origin {
    pub(crate) fn new(answer: impl Fn(&Seen) -> (Vec<u8>, Then) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (log, answer) = (seen.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for (conn, stream) in listener.incoming().enumerate() {
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    while let Some(text) = read_request(&mut stream) {
                        let request = Seen { conn, text };
                        log.lock().unwrap().push(request.clone());
                        let (bytes, then) = answer(&request);
                        if stream.write_all(&bytes).is_err() || matches!(then, Then::Close) {
                            return;
                        }
                    }
                });
            }
        });
        Self { addr, seen }
    }

    /// Answers always the same and stays.
    pub(crate) fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |_| (answer.clone(), Then::Stay))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// A request with its body; `None` if there is none to come.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.to_ascii_lowercase();
    let length = length.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    if head.to_ascii_lowercase().contains("\r\ntransfer-encoding: chunked\r\n") {
        while !body.ends_with(b"0\r\n\r\n") {
            stream.read_exact(&mut byte).ok()?;
            body.push(byte[0]);
        }
    }
    Some(head + &String::from_utf8_lossy(&body))
}

/// A server that does this with each connection, one after the other.
pub(crate) fn scripted(mut script: impl FnMut(usize, TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (conn, stream) in listener.incoming().enumerate() {
            let stream = stream.unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            script(conn, stream);
        }
    });
    addr
}

/// Reads to the end of a head.
pub(crate) fn read_head(stream: &mut TcpStream) -> String {
    let (mut bytes, mut byte) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
        bytes.push(byte[0]);
    }
    String::from_utf8(bytes).unwrap()
}

/// Says what it is told to, for every name.
pub(crate) struct Fixed(pub(crate) Addresses);

impl Resolver for Fixed {
    fn resolve(&mut self, _host: &str, _port: u16, done: Box<dyn FnOnce(Addresses) + Send>) {
        done(self.0.clone());
    }
}

/// A complete answer.
pub(crate) fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A redirect.
pub(crate) fn found(status: u16, location: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}
