//! A client of HTTP/2, written apart from the codec under test, and a site with every kind of route.
#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

pub(crate) mod desk;
pub(crate) mod script;
pub(crate) mod site;

use lws_hpack::{Decoder, Limits};
use lws_role::{Blueprint, Closed};
use lws_sim::{Conditions, PeerId, Sim};
use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) mod kind {
    pub(crate) const DATA: u8 = 0;
    pub(crate) const HEADERS: u8 = 1;
    pub(crate) const PRIORITY: u8 = 2;
    pub(crate) const RST_STREAM: u8 = 3;
    pub(crate) const SETTINGS: u8 = 4;
    pub(crate) const PING: u8 = 6;
    pub(crate) const GOAWAY: u8 = 7;
    pub(crate) const WINDOW_UPDATE: u8 = 8;
}

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const WHOLE: u8 = END_STREAM | END_HEADERS;

pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const PROTOCOL_ERROR: u32 = 1;
pub(crate) const SETTINGS_TIMEOUT: u32 = 4;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const CANCEL: u32 = 8;
pub(crate) const CALM: u32 = 11;

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[len[1], len[2], len[3], kind, flags][..], &stream.to_be_bytes(), payload].concat()
}

/// HPACK without any compression: literals that are not indexed.
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

pub(crate) fn headers(flags: u8, stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(kind::HEADERS, flags, stream, &block(fields))
}

pub(crate) fn request(flags: u8, stream: u32, method: &str, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let first = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "a")];
    headers(flags, stream, &[&first[..], more].concat())
}

pub(crate) fn get(stream: u32, path: &str) -> Vec<u8> {
    request(WHOLE, stream, "GET", path, &[])
}

pub(crate) fn post(stream: u32, path: &str) -> Vec<u8> {
    request(END_HEADERS, stream, "POST", path, &[])
}

pub(crate) fn data(flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    frame(kind::DATA, flags, stream, payload)
}

pub(crate) fn rst(stream: u32, code: u32) -> Vec<u8> {
    frame(kind::RST_STREAM, 0, stream, &code.to_be_bytes())
}

pub(crate) fn window_update(stream: u32, by: u32) -> Vec<u8> {
    frame(kind::WINDOW_UPDATE, 0, stream, &by.to_be_bytes())
}

pub(crate) fn settings(entries: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> =
        entries.iter().flat_map(|(id, v)| [&id.to_be_bytes()[..], &v.to_be_bytes()].concat()).collect();
    frame(kind::SETTINGS, 0, 0, &payload)
}

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The preface, some settings, and the acknowledgement of the server's.
pub(crate) fn hello(entries: &[(u16, u32)]) -> Vec<u8> {
    [PREFACE, &settings(entries), &frame(kind::SETTINGS, 1, 0, b"")].concat()
}

/// What came on one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Final status; 0 if none came.
    pub(crate) status: u16,
    pub(crate) interim: Vec<u16>,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<(String, String)>,
    pub(crate) ended: bool,
    pub(crate) reset: Option<u32>,
    /// `DATA` frames.
    pub(crate) frames: usize,
}

impl Heard {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| &v[..])
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection of a client, which notes what comes.
pub(crate) struct Client {
    pub(crate) sim: Sim,
    pub(crate) peer: PeerId,
    decoder: Decoder,
    /// Bytes of a frame that is not complete.
    rest: Vec<u8>,
    pub(crate) streams: BTreeMap<u32, Heard>,
    /// The streams of frames in the order in which they came.
    pub(crate) order: Vec<(u8, u32)>,
    pub(crate) goaway: Option<(u32, u32)>,
    /// Increments of windows, by stream.
    pub(crate) windows: BTreeMap<u32, u64>,
    pub(crate) pongs: usize,
    pub(crate) settings: usize,
    /// Credit is given back as data comes.
    pub(crate) credits: bool,
    /// How often at most in one run.
    pub(crate) rounds: usize,
    /// Credit that was not given back yet.
    owed: Vec<u8>,
}

impl Client {
    /// Connects to `blueprint` and says hello.
    pub(crate) fn to(blueprint: &dyn Blueprint, conditions: Conditions, seed: u64) -> Self {
        let mut sim = Sim::under(conditions, seed);
        let acceptor = sim.install(blueprint);
        let peer = sim.accept(&*acceptor);
        let mut this = Self::on(sim, peer);
        this.say(hello(&[]));
        this
    }

    /// A calm connection to the site of all routes.
    pub(crate) fn calm() -> Self {
        Self::to(&site::h2(&site::Notes::default()), Conditions::CALM, 0)
    }

    pub(crate) fn on(sim: Sim, peer: PeerId) -> Self {
        Self {
            sim,
            peer,
            decoder: Decoder::new(Limits::default()),
            rest: Vec::new(),
            streams: BTreeMap::new(),
            order: Vec::new(),
            goaway: None,
            windows: BTreeMap::new(),
            pongs: 0,
            settings: 0,
            credits: true,
            rounds: usize::MAX,
            owed: Vec::new(),
        }
    }

    /// Sends, runs until nothing moves, and hears; gives credit back until no more comes.
    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.sim.send(self.peer, bytes.as_ref());
        self.run();
    }

    pub(crate) fn run(&mut self) {
        for round in 0.. {
            self.sim.run();
            let credit = self.hear();
            self.owed.extend(credit);
            if self.owed.is_empty() || !self.credits || self.closed().is_some() || round == self.rounds {
                return;
            }
            let credit = std::mem::take(&mut self.owed);
            self.sim.send(self.peer, &credit);
        }
    }

    pub(crate) fn advance(&mut self, seconds: f64) {
        self.sim.advance(Duration::from_secs_f64(seconds));
        self.hear();
    }

    pub(crate) fn closed(&self) -> Option<Closed> {
        self.sim.closed(self.peer)
    }

    pub(crate) fn stream(&mut self, id: u32) -> &mut Heard {
        self.streams.entry(id).or_default()
    }

    pub(crate) fn end(self) {
        self.sim.end();
    }

    /// Takes in what came by another way.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.rest.extend(bytes);
        let credit = self.hear();
        self.owed.extend(credit);
    }

    /// Takes in what came; returns the credit for it.
    fn hear(&mut self) -> Vec<u8> {
        self.rest.extend(self.sim.take_received(self.peer));
        let bytes = std::mem::take(&mut self.rest);
        let mut at = 0;
        let mut credit = Vec::new();
        while let Some(head) = bytes.get(at..at + 9) {
            let len = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let Some(payload) = bytes.get(at + 9..at + 9 + len) else { break };
            let stream = u32::from_be_bytes(head[5..9].try_into().unwrap());
            self.frame(head[3], head[4], stream, payload, &mut credit);
            at += 9 + len;
        }
        self.rest = bytes[at..].to_vec();
        credit
    }

    fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8], credit: &mut Vec<u8>) {
        let word = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
        self.order.push((kind, stream));
        match kind {
            kind::HEADERS => {
                assert_eq!(flags & END_HEADERS, END_HEADERS, "whole heads only");
                let fields = self.fields(payload);
                let heard = self.stream(stream);
                assert!(!heard.ended && heard.reset.is_none(), "{stream}: HEADERS behind the end");
                if heard.status > 0 {
                    assert!(flags & END_STREAM > 0);
                    heard.trailers = fields;
                } else {
                    assert_eq!(fields[0].0, ":status");
                    let status: u16 = fields[0].1.parse().unwrap();
                    if status < 200 {
                        heard.interim.push(status);
                    } else {
                        heard.status = status;
                        heard.fields = fields[1..].to_vec();
                    }
                }
                heard.ended |= flags & END_STREAM > 0;
            }
            kind::DATA => {
                let heard = self.stream(stream);
                assert!(!heard.ended && heard.reset.is_none(), "{stream}: DATA behind the end");
                assert!(heard.status > 0, "{stream}: DATA before the head");
                assert!(payload.len() <= 16_384);
                heard.body.extend(payload);
                heard.frames += 1;
                heard.ended |= flags & END_STREAM > 0;
                if !payload.is_empty() {
                    credit.extend(window_update(0, payload.len() as u32));
                    if flags & END_STREAM == 0 {
                        credit.extend(window_update(stream, payload.len() as u32));
                    }
                }
            }
            kind::RST_STREAM => {
                let code = word(0);
                let heard = self.stream(stream);
                assert!(heard.reset.is_none(), "{stream}: reset twice");
                heard.reset = Some(code);
            }
            kind::GOAWAY => self.goaway = Some((word(0), word(4))),
            kind::WINDOW_UPDATE => *self.windows.entry(stream).or_default() += u64::from(word(0)),
            kind::PING if flags & 1 > 0 => self.pongs += 1,
            kind::PING => credit.extend(frame(kind::PING, 1, 0, payload)),
            kind::SETTINGS => self.settings += 1,
            other => panic!("a frame of type {other}"),
        }
    }

    fn fields(&mut self, block: &[u8]) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        let used = self
            .decoder
            .decode(block, &mut [0; 16_384], |f| {
                assert!(f.is_well_formed(), "{f:?}");
                fields.push((text(f.name), text(f.value)));
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(self.decoder.finish(&block[used..]).unwrap().refused, None);
        fields
    }
}
