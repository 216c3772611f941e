//! A scripted peer, and a host that notes what a connection tells it.
#![allow(dead_code, reason = "each test file uses its own part of this")]

use lws_h2::{Code, Connection, Error, Event, Field, HeadRoom, PREFACE, limits, settings};
use lws_wire::{Out, Time};
use std::time::Duration;

pub(crate) mod kind {
    pub(crate) const DATA: u8 = 0;
    pub(crate) const HEADERS: u8 = 1;
    pub(crate) const PRIORITY: u8 = 2;
    pub(crate) const RST_STREAM: u8 = 3;
    pub(crate) const SETTINGS: u8 = 4;
    pub(crate) const PUSH_PROMISE: u8 = 5;
    pub(crate) const PING: u8 = 6;
    pub(crate) const GOAWAY: u8 = 7;
    pub(crate) const WINDOW_UPDATE: u8 = 8;
    pub(crate) const CONTINUATION: u8 = 9;
}

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;
pub(crate) const PRIORITY_FLAG: u8 = 0x20;
/// HEADERS with the whole head and no body.
pub(crate) const WHOLE: u8 = END_STREAM | END_HEADERS;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![len[1], len[2], len[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// HPACK without any compression: literals that are not indexed. Written apart from the codec under test.
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(0);
        for text in [name, value] {
            let mut rest = text.len();
            if rest < 127 {
                out.push(rest as u8);
            } else {
                out.push(127);
                rest -= 127;
                while rest >= 128 {
                    out.push((rest % 128 + 128) as u8);
                    rest /= 128;
                }
                out.push(rest as u8);
            }
            out.extend(text.as_bytes());
        }
    }
    out
}

pub(crate) const GET: [(&str, &str); 4] =
    [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "example.com")];
pub(crate) const POST: [(&str, &str); 4] =
    [(":method", "POST"), (":scheme", "https"), (":path", "/"), (":authority", "example.com")];

pub(crate) fn headers(flags: u8, stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(kind::HEADERS, flags, stream, &block(fields))
}

/// `GET` with more fields.
pub(crate) fn get_with(stream: u32, more: &[(&str, &str)]) -> Vec<u8> {
    headers(WHOLE, stream, &[&GET[..], more].concat())
}

pub(crate) fn post(stream: u32) -> Vec<u8> {
    headers(END_HEADERS, stream, &POST)
}

pub(crate) fn data(flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(kind::DATA, flags, stream, payload)
}

pub(crate) fn rst(stream: u32, code: u32) -> Vec<u8> {
    frame(kind::RST_STREAM, 0, stream, &code.to_be_bytes())
}

pub(crate) fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(kind::WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

pub(crate) fn settings_frame(entries: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> =
        entries.iter().flat_map(|(id, v)| [&id.to_be_bytes()[..], &v.to_be_bytes()].concat()).collect();
    frame(kind::SETTINGS, 0, 0, &payload)
}

/// What a client says first, and its acknowledgement of what the server does.
pub(crate) fn preface() -> Vec<u8> {
    [PREFACE.to_vec(), settings_frame(&[]), frame(kind::SETTINGS, ACK, 0, b"")].concat()
}

/// A frame that the connection sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Sent {
    pub(crate) fn code(&self) -> Code {
        let at = if self.kind == kind::GOAWAY { 4 } else { 0 };
        Code(u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap()))
    }
}

pub(crate) fn parse(mut bytes: &[u8]) -> Vec<Sent> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let len = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        let stream = u32::from_be_bytes(bytes[5..9].try_into().unwrap());
        frames.push(Sent { kind: bytes[3], flags: bytes[4], stream, payload: bytes[9..9 + len].to_vec() });
        bytes = &bytes[9 + len..];
    }
    frames
}

/// An event that owns what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Request { id: u32, what: String, length: Option<u64>, ends: bool, fields: Vec<(String, String)> },
    Response { id: u32, status: u16, interim: bool, ends: bool, fields: Vec<(String, String)> },
    Data { id: u32, data: Vec<u8>, ends: bool },
    Trailers { id: u32, fields: Vec<(String, String)> },
    Reset { id: u32, code: Code, by_peer: bool },
    Opened(u32),
    Settings,
    GoAway { last: u32, code: Code },
}

fn owned(fields: lws_head::Fields<'_>) -> Vec<(String, String)> {
    fields.iter().map(|f| (f.name.to_owned(), String::from_utf8_lossy(f.value).into_owned())).collect()
}

/// A host of one connection, which consumes all data at once unless told otherwise.
pub(crate) struct Host {
    pub(crate) conn: Connection<()>,
    pub(crate) now: Time,
    /// All that was sent.
    pub(crate) out: Vec<u8>,
    /// Consume data as it comes.
    pub(crate) consuming: bool,
    input: Vec<u8>,
}

impl Host {
    /// A server that has had the client's preface.
    pub(crate) fn server() -> Self {
        let mut host = Self::fresh(Connection::server(settings::Local::default()));
        host.feed(&preface()).unwrap();
        host.out.clear();
        host
    }

    pub(crate) fn fresh(conn: Connection<()>) -> Self {
        let mut host = Self { conn, now: Time::ZERO, out: Vec::new(), consuming: true, input: Vec::new() };
        host.with_out(|conn, out| assert!(conn.start(out)));
        host
    }

    pub(crate) fn later(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
    }

    pub(crate) fn with_out<R>(&mut self, f: impl FnOnce(&mut Connection<()>, &mut Out<'_>) -> R) -> R {
        let mut room = vec![0; 64 * 1024];
        let mut out = Out::new(&mut room);
        let result = f(&mut self.conn, &mut out);
        self.out.extend(out.written());
        result
    }

    /// All that is sent from here on.
    pub(crate) fn sent(&mut self) -> Vec<Sent> {
        parse(&std::mem::take(&mut self.out))
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Told>, Error> {
        self.input.extend(bytes);
        let mut input = std::mem::take(&mut self.input);
        let mut told = Vec::new();
        let (mut block, mut room) = (vec![0; limits::HEAD_ROOM_BYTES], vec![0; 64 * 1024]);
        let mut at = 0;
        loop {
            let mut head = HeadRoom::new(&mut block);
            let mut out = Out::new(&mut room);
            let got = self.conn.receive(self.now, &mut input[at..], &mut head, &mut out);
            let (consumed, note, more) = match got {
                Ok(got) => {
                    let (note, more) = note(got.event);
                    (got.consumed, note, more)
                }
                Err(error) => {
                    self.out.extend(out.written());
                    return Err(error);
                }
            };
            at += consumed;
            match &note {
                Some(Told::Data { id, data, .. }) if self.consuming => {
                    self.conn.consumed(*id, data.len(), &mut out);
                }
                Some(Told::Reset { id, .. }) => {
                    self.conn.remove(*id);
                }
                _ => {}
            }
            assert!(self.conn.flush(&mut out));
            self.out.extend(out.written());
            told.extend(note);
            if !more {
                break;
            }
        }
        self.input = input[at..].to_vec();
        Ok(told)
    }

    /// Feeds what must end the connection, and says with which code.
    pub(crate) fn fail(&mut self, bytes: &[u8]) -> Code {
        match self.feed(bytes) {
            Ok(told) => panic!("nothing wrong with it: {told:?}"),
            Err(error) => error.code(),
        }
    }

    /// Feeds what must break one stream, and says with which code.
    pub(crate) fn break_stream(&mut self, id: u32, bytes: &[u8]) -> Code {
        self.sent();
        let told = self.feed(bytes).expect("only the stream ends");
        let sent = self.sent();
        let rst = sent.iter().find(|f| f.kind == kind::RST_STREAM && f.stream == id);
        let rst = rst.unwrap_or_else(|| panic!("stream {id} was not reset: {told:?}, {sent:?}"));
        assert!(self.conn.stream(id).is_none(), "a broken stream is forgotten");
        rst.code()
    }

    /// Answers a stream with 204 and forgets it if it is closed.
    pub(crate) fn answer(&mut self, id: u32) {
        self.with_out(|conn, out| {
            let (sender, stream) = conn.stream(id).expect("an open stream");
            assert!(sender.head(&mut stream.flow, out, [Field::new(b":status", b"204")], true));
            if stream.flow.is_closed() {
                conn.remove(id);
            }
        });
    }
}

fn note(event: Event<'_>) -> (Option<Told>, bool) {
    let told = match event {
        Event::Incomplete | Event::Full => return (None, false),
        Event::Request(r) => Told::Request {
            id: r.id,
            what: format!("{} {} {}", r.head.method, r.head.authority.unwrap_or("-"), r.head.target),
            length: r.length,
            ends: r.ends,
            fields: owned(r.head.fields),
        },
        Event::Response(r) => Told::Response {
            id: r.id,
            status: r.head.status.code(),
            interim: r.interim,
            ends: r.ends,
            fields: owned(r.head.fields),
        },
        Event::Data { id, data, ends } => Told::Data { id, data: data.to_vec(), ends },
        Event::Trailers { id, fields } => Told::Trailers { id, fields: owned(fields) },
        Event::Reset { id, code, by_peer } => Told::Reset { id, code, by_peer },
        Event::Opened { id } => Told::Opened(id),
        Event::Settings => Told::Settings,
        Event::GoAway { last, code } => Told::GoAway { last, code },
        _ => return (None, true),
    };
    (Some(told), true)
}
