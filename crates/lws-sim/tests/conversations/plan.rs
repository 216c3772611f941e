//! What a peer will say, and what it must hear.

use crate::server::{pattern, sum};
use lws_sim::ws::{self, Heard};
use lws_sim::{Rng, http};

/// A conversation: requests, and then perhaps a WebSocket.
#[derive(Default)]
pub(crate) struct Plan {
    /// What the peer says; after a part with `true` it waits for the answers.
    pub(crate) parts: Vec<(Vec<u8>, bool)>,
    /// The responses, in order, interim ones included.
    pub(crate) responses: Vec<Expected>,
    /// The server closes behind the last response.
    pub(crate) closes: bool,
    pub(crate) socket: Option<Socket>,
    len: usize,
}

/// One response.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    /// `None`: any.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) trailer: bool,
    pub(crate) closes: bool,
    pub(crate) to_head: bool,
    /// It is owed once so many bytes of the plan have been sent.
    pub(crate) at: usize,
}

/// What the peer must hear on its WebSocket.
#[derive(Default)]
pub(crate) struct Socket {
    /// Messages, and from where on each of them is owed.
    pub(crate) messages: Vec<(Heard, usize)>,
    pub(crate) pongs: Vec<(Vec<u8>, usize)>,
    /// The close frame.
    pub(crate) close: Option<(Heard, usize)>,
}

/// What the peer says in the end.
const TRAILER: (&str, &str) = ("X-Trailer", "tail");

impl Plan {
    /// A conversation whose bodies and messages have up to `most` bytes.
    pub(crate) fn draw(rng: &mut Rng, most: usize) -> Self {
        let mut plan = Self::default();
        for _ in 0..rng.below(5) {
            if plan.closes {
                return plan;
            }
            plan.request(rng, most);
        }
        if !plan.closes && !rng.one_in(4) {
            plan.upgrade(rng, most);
        }
        plan
    }

    /// Bytes in all.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    fn say(&mut self, rng: &mut Rng, bytes: Vec<u8>) {
        self.len += bytes.len();
        self.parts.push((bytes, rng.one_in(2)));
    }

    fn request(&mut self, rng: &mut Rng, most: usize) {
        let n = rng.magnitude(0, most);
        match rng.below(4) {
            0 => self.post(rng, n),
            _ => self.get(rng, n),
        }
    }

    /// A request without a body, or with one that nobody wants.
    fn get(&mut self, rng: &mut Rng, n: usize) {
        // No step is so small that its chunks would cost more than they carry.
        let step = rng.magnitude(50 + n / 200, 70_000);
        let (path, status, body) = match rng.below(9) {
            0 | 1 => (format!("/api/known/{n}"), 200, pattern(n, n)),
            2 => (format!("/api/fill/{n}/{step}"), 200, pattern(n, n)),
            3 | 4 => (format!("/api/chunked/{n}/{step}"), 200, pattern(n, n)),
            5 => ("/static".into(), 200, b"static".to_vec()),
            6 => ("/api/empty".into(), 204, Vec::new()),
            7 => ("/old/x?y=1".into(), 301, Vec::new()),
            _ => (format!("/api/late/{}", n % 20), 200, format!("late {}", n % 20).into_bytes()),
        };
        let (path, status, body) = match rng.one_in(10) {
            true => ("/missing".into(), 404, None),
            false => (path, status, Some(body)),
        };
        let to_head = rng.one_in(6);
        let mut fields = Vec::new();
        let closes = rng.one_in(10);
        if closes {
            fields.push(("Connection", "close"));
        }
        let unwanted = if rng.one_in(5) { pattern(3, rng.range(1, 200)) } else { Vec::new() };
        let method = if to_head { "HEAD" } else { "GET" };
        let mut bytes = http::request(method, &path, &fields, &unwanted);
        let http10 = !closes && rng.one_in(12);
        if http10 {
            let at = bytes.windows(8).position(|w| w == b"HTTP/1.1").expect("a request line") + 7;
            bytes[at] = b'0';
        }
        // The early ones are answered when the head is there.
        self.say(rng, bytes);
        let body = if to_head { Some(Vec::new()) } else { body };
        self.closes = closes || http10;
        self.owe(Expected { status, body, trailer: false, closes: self.closes, to_head, at: self.len });
    }

    /// A request with a body that the handler wants.
    fn post(&mut self, rng: &mut Rng, n: usize) {
        let body = pattern(n + 1, n);
        let chunked = rng.one_in(2);
        let trailer = chunked && rng.one_in(2);
        let trailers = if trailer { &[TRAILER][..] } else { &[] };
        let pieces: Vec<&[u8]> = body.chunks(rng.magnitude(20 + n / 100, 20_000)).collect();
        let step = rng.magnitude(1 + n / 50, 70_000);
        let (path, echo) = match rng.below(3) {
            0 => (format!("/api/sum/0/{step}"), false),
            1 => (format!("/api/slow/0/{step}"), false),
            _ => ("/api/echo".to_string(), true),
        };
        let mut fields = Vec::new();
        if chunked {
            fields.push(("Transfer-Encoding", "chunked"));
        }
        let expect = rng.one_in(3);
        if expect {
            fields.push(("Expect", "100-continue"));
        }
        // Without a body there is nothing to wait for.
        let waits = expect && (chunked || n > 0);
        // RFC 9110 §10.1.1: a final answer instead of 100, and then nobody can tell what follows.
        self.closes = waits && echo;
        let head = if chunked {
            http::request("POST", &path, &fields, b"")
        } else {
            let mut whole = http::request("POST", &path, &fields, &body);
            whole.truncate(whole.len() - n);
            whole
        };
        self.say(rng, head);
        if waits && !echo {
            let interim = Expected {
                status: 100,
                body: None,
                trailer: false,
                closes: false,
                to_head: false,
                at: self.len,
            };
            self.owe(interim);
        }
        self.say(rng, if chunked { http::chunked(pieces, trailers) } else { body.clone() });
        let answer = match echo {
            true => body,
            false => format!("{n} {} {}", sum(&body), if trailer { TRAILER.1 } else { "none" }).into_bytes(),
        };
        let trailer = echo && trailer;
        let closes = self.closes;
        self.owe(Expected { status: 200, body: Some(answer), trailer, closes, to_head: false, at: self.len });
    }

    fn owe(&mut self, expected: Expected) {
        self.responses.push(expected);
    }

    fn upgrade(&mut self, rng: &mut Rng, most: usize) {
        let pieces = rng.one_in(2);
        self.say(rng, ws::upgrade(if pieces { "/pieces" } else { "/whole" }));
        let switch =
            Expected { status: 101, body: None, trailer: false, closes: false, to_head: false, at: self.len };
        self.owe(switch);
        let mut socket = Socket::default();
        for _ in 0..rng.below(8) {
            self.message(rng, most, &mut socket);
        }
        match rng.below(6) {
            // The connection is left open.
            0 | 1 => {}
            2 if !pieces => {
                self.say(rng, ws::text("bye"));
                socket.close = Some((Heard::Close(Some(1000), "as you wish".into()), self.len));
                if rng.one_in(2) {
                    self.say(rng, ws::text("not heard any more"));
                }
                self.say(rng, ws::close(1000, ""));
            }
            way => {
                let code = *rng.pick(&[1000, 1001, 3000, 4999]);
                let (bytes, heard) = match way {
                    3 => (ws::whole(ws::CLOSE, b""), Heard::Close(None, String::new())),
                    _ => (ws::close(code, "I am done"), Heard::Close(Some(code), String::new())),
                };
                self.say(rng, bytes);
                socket.close = Some((heard, self.len));
            }
        }
        self.socket = Some(socket);
    }

    /// A message, whole or in fragments, with pings around and between them.
    fn message(&mut self, rng: &mut Rng, most: usize, socket: &mut Socket) {
        let (n, is_text) = (rng.magnitude(0, most), rng.one_in(2));
        let data = pattern(n, n);
        let opcode = if is_text { ws::TEXT } else { ws::BINARY };
        let mut cuts: Vec<usize> = match rng.one_in(2) {
            true => Vec::new(),
            false => (0..rng.below(5)).map(|_| rng.below(n + 1)).collect(),
        };
        cuts.sort_unstable();
        cuts.push(n);
        let mut from = 0;
        for (i, to) in cuts.iter().enumerate() {
            if rng.one_in(6) {
                let payload = pattern(i, rng.below(126));
                self.say(rng, ws::ping(&payload));
                socket.pongs.push((payload, self.len));
            }
            if rng.one_in(20) {
                // A sign of life that nobody asked for.
                self.say(rng, ws::whole(ws::PONG, b"alive"));
            }
            let opcode = if i == 0 { opcode } else { ws::CONTINUATION };
            let key = (rng.bits() as u32).to_be_bytes();
            self.say(rng, ws::frame(i + 1 == cuts.len(), opcode, &data[from..*to], key));
            from = *to;
        }
        let heard = match is_text {
            true => Heard::Text(String::from_utf8(data).expect("ASCII")),
            false => Heard::Binary(data),
        };
        socket.messages.push((heard, self.len));
    }
}
