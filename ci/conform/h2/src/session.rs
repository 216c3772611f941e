//! The server under test, and a connection to it as a client has one: requests, answers, and what a server may do with
//! requests that are wrong.

use crate::case::Flaw;
use crate::conn::{Conn, Message, status};
use crate::hpack::Fields;
use crate::pipe::{self, Offer, Pipe};
use crate::referee::{Event, Side};
use crate::wire;
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long nothing may come where nothing should.
const QUIET: Duration = Duration::from_millis(150);

/// The server under test.
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) authority: String,
    /// `None` is prior knowledge on plain TCP.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// Answers GET and HEAD with 200 and some content.
    pub(crate) path: String,
    /// Answers POST with a 2xx status.
    pub(crate) post: String,
    /// Answers GET with at least 256 KiB.
    pub(crate) large: Option<String>,
    /// Takes WebSocket by extended CONNECT and echoes.
    pub(crate) websocket: Option<String>,
    /// Answers with another status than `path`: found out at the start.
    pub(crate) absent: Option<String>,
    /// Answers POST before its content is there, as §8.1.1 allows: found out at the start.
    pub(crate) early: bool,
    pub(crate) patience: Duration,
}

impl Target {
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Connects; nothing of HTTP/2 is sent.
    pub(crate) fn pipe(&self) -> Result<Pipe, Flaw> {
        let made = match &self.tls {
            None => Pipe::plain(self.address, self.patience),
            Some(config) => Pipe::tls(self.address, config.clone(), self.patience),
        };
        made.map_err(|e| no_connection(&e.to_string()))
    }

    /// Connects with another TLS offer; skips the case where there is no TLS.
    pub(crate) fn offering(&self, offer: Offer<'_>) -> Result<Result<Pipe, String>, Flaw> {
        if self.tls.is_none() {
            return Err(Flaw::skip("this server speaks no TLS"));
        }
        let config = pipe::client_config(offer).map_err(Flaw::Skip)?;
        Ok(Pipe::tls(self.address, config, self.patience).map_err(|e| e.to_string()))
    }

    /// A connection on which nothing was sent.
    pub(crate) fn bare(&self) -> Result<Session<'_>, Flaw> {
        Ok(self.over(self.pipe()?))
    }

    pub(crate) fn over(&self, pipe: Pipe) -> Session<'_> {
        Session {
            conn: Conn::new(pipe, Side::Server, self.patience),
            target: self,
            next: 1,
            begun: Vec::new(),
        }
    }

    /// A connection whose SETTINGS are exchanged.
    pub(crate) fn open(&self, settings: &[(u16, u32)]) -> Result<Session<'_>, Flaw> {
        let mut session = self.bare()?;
        session.begin(settings)?;
        Ok(session)
    }
}

fn no_connection(why: &str) -> Flaw {
    Flaw::Wrong { expected: "a connection".to_owned(), seen: why.to_owned() }
}

/// A connection to the server under test.
pub(crate) struct Session<'t> {
    pub(crate) conn: Conn,
    pub(crate) target: &'t Target,
    /// The next stream of ours.
    pub(crate) next: u32,
    /// Requests that did not end with their HEADERS.
    begun: Vec<u32>,
}

impl Deref for Session<'_> {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Session<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl Session<'_> {
    /// Sends the preface and our SETTINGS, and waits for the server's.
    pub(crate) fn begin(&mut self, settings: &[(u16, u32)]) -> Result<(), Flaw> {
        let first = [&[(wire::ENABLE_PUSH, 0)], settings].concat();
        self.raw(&[&wire::PREFACE[..], &wire::frame(wire::SETTINGS, 0, 0, &wire::settings(&first))].concat());
        // The referee reads whole frames only, and the preface is none.
        self.conn.sent(&wire::Frame {
            kind: wire::SETTINGS,
            flags: 0,
            stream: 0,
            payload: wire::settings(&first),
        });
        self.settle()?;
        self.mark();
        Ok(())
    }

    /// Sends a frame: [`Conn::send`] by a name of its own, since a borrow through `DerefMut` would reach over the payload.
    pub(crate) fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: impl AsRef<[u8]>) {
        self.conn.send(kind, flags, stream, payload);
    }

    /// The fields of a request for the usual resource.
    pub(crate) fn fields(&self, method: &str) -> Fields {
        let path = if method == "POST" { &self.target.post } else { &self.target.path };
        Fields::default()
            .with(":method", method)
            .with(":scheme", self.target.scheme())
            .with(":path", path)
            .with(":authority", &self.target.authority)
    }

    pub(crate) fn get(&self) -> Fields {
        self.fields("GET")
    }

    pub(crate) fn post(&self) -> Fields {
        self.fields("POST")
    }

    /// GET of the large resource; skips the case where there is none.
    pub(crate) fn get_large(&self) -> Result<Fields, Flaw> {
        let path = self.target.large.as_ref().ok_or_else(|| Flaw::skip("no --large resource"))?;
        Ok(self.get().set(":path", path))
    }

    /// GET of what is not there; skips the case where everything is.
    pub(crate) fn get_absent(&self) -> Result<Fields, Flaw> {
        let path = self.target.absent.as_ref().ok_or_else(|| Flaw::skip("every path answers alike"))?;
        Ok(self.get().set(":path", path))
    }

    /// The next identifier for a stream of ours.
    pub(crate) fn stream(&mut self) -> u32 {
        let stream = self.next;
        self.next += 2;
        stream
    }

    /// A request on a new stream, in one HEADERS frame that also ends it.
    pub(crate) fn ask(&mut self, fields: &Fields) -> u32 {
        self.headers(wire::WHOLE, fields)
    }

    /// A request on a new stream that stays open.
    pub(crate) fn begin_ask(&mut self, fields: &Fields) -> u32 {
        let stream = self.headers(wire::END_HEADERS, fields);
        self.begun.push(stream);
        stream
    }

    /// A request was answered that the case had not ended, so that what came behind could not be judged.
    pub(crate) fn answered_early(&self) -> bool {
        self.target.early && self.begun.iter().any(|s| self.message(*s).is_some_and(|m| m.status >= 200))
    }

    fn headers(&mut self, flags: u8, fields: &Fields) -> u32 {
        let stream = self.stream();
        self.send(wire::HEADERS, flags, stream, fields.block());
        if fields.value(":method") == Some(b"HEAD") {
            self.referee.sent_head_request(stream);
        }
        stream
    }

    /// A GET on the highest stream there is.
    pub(crate) fn ask_last(&mut self) -> u32 {
        self.send(wire::HEADERS, wire::WHOLE, wire::MAX_31, self.get().block());
        wire::MAX_31
    }

    /// A request whose block is given as it is.
    pub(crate) fn ask_block(&mut self, block: impl AsRef<[u8]>) -> u32 {
        let stream = self.stream();
        self.send(wire::HEADERS, wire::WHOLE, stream, block);
        stream
    }

    /// A stream that is half-closed (remote) at the server and stays so: its content has no window.
    pub(crate) fn held(&mut self) -> Result<u32, Flaw> {
        let stream = self.ask(&self.get());
        let (_, end) = self.head(stream)?;
        if end {
            return Err(Flaw::skip("the resource has no content"));
        }
        self.fence()?;
        Ok(stream)
    }

    /// Reads until the final header section of an answer: its status, and whether it is all.
    pub(crate) fn head(&mut self, stream: u32) -> Result<(u16, bool), Flaw> {
        self.read_until(stream, "an answer", |m| m.status >= 200)?;
        Ok(self.message(stream).map_or((0, false), |m| (m.status, m.ended)))
    }

    /// Reads until an answer is whole; its status.
    pub(crate) fn response(&mut self, stream: u32) -> Result<u16, Flaw> {
        self.read_until(stream, "a whole answer", |m| m.status >= 200 && m.ended)?;
        Ok(self.message(stream).map_or(0, |m| m.status))
    }

    /// Reads until what came on `stream` is `enough`; the end of the stream or of the connection is wrong.
    pub(crate) fn read_until(
        &mut self,
        stream: u32,
        wanted: &str,
        enough: fn(&Message) -> bool,
    ) -> Result<(), Flaw> {
        let expected = format!("{wanted} on stream {stream}");
        let deadline = self.deadline();
        loop {
            let message = self.message(stream);
            if message.is_some_and(enough) {
                return Ok(());
            }
            let reset = message.is_some_and(|m| m.reset.is_some());
            if reset || self.ended() || self.next(deadline)? == Event::Late {
                return Err(self.wrong(&expected));
            }
        }
    }

    /// The answer has a 2xx status.
    pub(crate) fn success(&mut self, stream: u32) -> Result<(), Flaw> {
        if (200..300).contains(&self.response(stream)?) {
            return Ok(());
        }
        Err(self.wrong(&format!("an answer with 2xx on stream {stream}")))
    }

    /// Whatever came before was ignored: a new request is answered.
    pub(crate) fn works(&mut self) -> Result<(), Flaw> {
        let stream = self.ask(&self.get());
        self.success(stream)
    }

    /// A malformed request (§8.1.1): a stream error PROTOCOL_ERROR, or an answer that says so before the stream ends.
    pub(crate) fn malformed(&mut self, stream: u32) -> Result<(), Flaw> {
        self.refused(stream, &[400])
    }

    /// Like [`Session::malformed`], and these statuses are as good as a reset.
    pub(crate) fn refused(&mut self, stream: u32, statuses: &[u16]) -> Result<(), Flaw> {
        let expected = format!("RST_STREAM({stream}) or GOAWAY with PROTOCOL_ERROR, or status {statuses:?}");
        let deadline = self.deadline();
        let (mut weak, mut answered) = (false, false);
        loop {
            let ended = match self.next(deadline)? {
                Event::Head { stream: s, fields, end } if s == stream => {
                    let status = status(&fields);
                    answered |= status >= 200;
                    // §8.2.1: "unless a more suitable status code is defined".
                    weak |= status >= 400 && !statuses.contains(&status);
                    if (200..400).contains(&status) {
                        return Err(self.wrong(&expected));
                    }
                    end
                }
                Event::Data { stream: s, end, .. } => s == stream && end,
                Event::Reset { stream: s, code } if s == stream => {
                    // After an answer NO_ERROR asks for no more content (§8.1).
                    weak |= code != wire::PROTOCOL_ERROR && !(answered && code == wire::NO_ERROR);
                    true
                }
                Event::Goaway { code: wire::PROTOCOL_ERROR, .. } => return Ok(()),
                Event::Goaway { code, .. } if code != wire::NO_ERROR => return Err(self.weak(&expected)),
                Event::Closed => return Err(self.weak(&expected)),
                Event::Late => return Err(self.wrong(&expected)),
                _ => false,
            };
            if ended {
                return if weak { Err(self.weak(&expected)) } else { self.goes_on_or_ends() };
            }
        }
    }

    /// The connection serves other streams, or ends for the same error, as §5.4.1 allows.
    fn goes_on_or_ends(&mut self) -> Result<(), Flaw> {
        let fence = self.fence();
        if self.last_error() == Some(wire::PROTOCOL_ERROR) { Ok(()) } else { fence }
    }

    /// An answer other than 2xx, or a reset: the client's half is open, so the stream need not end by itself.
    pub(crate) fn refused_while_open(&mut self, stream: u32) -> Result<(), Flaw> {
        let deadline = self.deadline();
        loop {
            match self.message(stream) {
                Some(m) if m.status >= 300 || m.reset.is_some() => return self.fence(),
                Some(m) if m.status >= 200 => return Err(self.wrong("another answer than 2xx")),
                _ => {}
            }
            if self.ended() || self.next(deadline)? == Event::Late {
                return Err(self.wrong("an answer other than 2xx, or RST_STREAM"));
            }
        }
    }

    /// No DATA comes on `stream` (0: on any), neither before a PING is answered nor shortly after.
    pub(crate) fn no_data(&mut self, stream: u32) -> Result<(), Flaw> {
        let data = move |e: &Event| matches!(e, Event::Data { stream: s, flow, .. } if (stream == 0 || *s == stream) && *flow > 0);
        let mut came = self.fence_with(data)?;
        let deadline = Instant::now() + QUIET;
        loop {
            match self.next(deadline)? {
                Event::Late => break,
                Event::Closed => return Err(self.wrong("the connection stays open")),
                event => came |= data(&event),
            }
        }
        if came { Err(self.wrong("no DATA")) } else { Ok(()) }
    }

    /// Exactly `octets` of DATA come on `stream`, and then no more.
    pub(crate) fn exactly(&mut self, stream: u32, octets: u64) -> Result<(), Flaw> {
        let expected = format!("{octets} octets of DATA on stream {stream}, not more");
        let deadline = self.deadline();
        let mut sum = 0;
        while sum < octets {
            match self.next(deadline)? {
                Event::Data { stream: s, flow, .. } if s == stream => sum += u64::from(flow),
                Event::Closed | Event::Late => return Err(self.wrong(&expected)),
                Event::Goaway { code, .. } if code != wire::NO_ERROR => return Err(self.wrong(&expected)),
                _ => {}
            }
        }
        if sum > octets {
            return Err(self.wrong(&expected));
        }
        self.no_data(stream)
    }
}
