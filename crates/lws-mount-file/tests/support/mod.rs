//! A whole host in memory: a world, a site, a role that hands it one request, and a carrier that keeps the answer.
//!
//! The carrier does what `lws_http::Carrier` promises, with as little room per turn as a test likes.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

use lws_head::{FieldPos, Fields, RequestHead};
use lws_http::{
    Body, Carrier, Closed, Exchange, Length, Method, Misuse, Phase, Site, Sites, Status, Version, Vhost,
};
use lws_role::{Cx, Facts, Handle, Hosted, Next, Peer, Place, Role, SlotKey, Step, World};
use lws_wire::{Out, Time};

/// Fri, 15 Jan 2027 08:00:00 GMT
pub(crate) const NOW: u64 = 1_800_000_000;
/// When [`put`] makes files appear to have been written: Sun, 06 Nov 1994 08:49:37 GMT and 5 ns.
pub(crate) const MODIFIED: u64 = 784_111_777;
pub(crate) const MODIFIED_DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// Writes a file below `dir`, folders included.
pub(crate) fn put(dir: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().expect("below dir")).expect("created");
    std::fs::write(&path, content).expect("written");
    touch(&path, MODIFIED);
}

pub(crate) fn touch(path: &Path, unix_s: u64) {
    let file = std::fs::File::options().write(true).open(path).expect("opens");
    file.set_modified(UNIX_EPOCH + Duration::new(unix_s, 5)).expect("set");
}

/// `len` bytes, no two neighbouring runs of 251 alike.
pub(crate) fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i % 251 + i / 251) as u8).collect()
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    /// What the head says; `None` if it says nothing.
    pub(crate) length: Option<u64>,
    pub(crate) body: Vec<u8>,
    pub(crate) aborted: bool,
    /// Times that the handler was called.
    pub(crate) turns: usize,
}

impl Answer {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

pub(crate) struct Host {
    world: World,
    site: SlotKey<Site>,
    /// Bytes of body that the carrier takes in one turn.
    pub(crate) room: usize,
}

impl Host {
    pub(crate) fn new(vhost: Vhost) -> Self {
        let mut world = World::new(Time::ZERO);
        world.hub.unix_s = NOW;
        let site = Sites::from(vhost).install(&mut world).expect("the site can be made");
        Self { world, site, room: 64 * 1024 }
    }

    pub(crate) fn files(files: lws_mount_file::Files) -> Self {
        Self::new(Vhost::new("*").mount("/", files))
    }

    pub(crate) fn get(&mut self, target: &str) -> Answer {
        self.fetch(Method::Get, target, &[])
    }

    pub(crate) fn get_with(&mut self, target: &str, fields: &[(&str, &str)]) -> Answer {
        self.fetch(Method::Get, target, fields)
    }

    pub(crate) fn fetch(&mut self, method: Method, target: &str, fields: &[(&str, &str)]) -> Answer {
        self.fetch_watched(method, target, fields, |_| ())
    }

    /// `between` runs between two turns, with what has been sent so far.
    pub(crate) fn fetch_watched(
        &mut self,
        method: Method,
        target: &str,
        fields: &[(&str, &str)],
        mut between: impl FnMut(&Answer),
    ) -> Answer {
        // Long enough after the last request for a change to be seen.
        self.world.hub.now = self.world.hub.now + lws_mount_file::limits::CACHE_FOR;
        let reply = Rc::new(RefCell::new(Replying::new(method == Method::Head)));
        let role = OneRequest {
            site: self.site,
            method,
            target: target.into(),
            fields: fields.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
            exchange: None,
            reply: reply.clone(),
        };
        let (handle, facts) = (Handle { conn: 0, generation: 0, sub: 0 }, Facts::plain(Peer::Memory));
        let mut place = Place::new(&mut self.world, handle, &facts);
        let mut buf = [0; 16];
        let (mut hosted, _) = Hosted::start(Box::new(role), &mut place, &mut Out::new(&mut buf));
        while hosted.wants_write() {
            reply.borrow_mut().room = self.room;
            reply.borrow_mut().answer.turns += 1;
            assert!(reply.borrow().answer.turns < 1_000_000, "the handler makes no progress");
            hosted.run(&mut place, &mut [], &mut Out::new(&mut buf));
            between(&reply.borrow().answer);
        }
        hosted.close(&mut place, Closed::Done);
        let done = reply.borrow();
        assert_eq!(done.phase, Phase::Ended, "the handler forgot the exchange: {:?}", done.answer);
        done.answer.clone()
    }
}

struct OneRequest {
    site: SlotKey<Site>,
    method: Method,
    target: String,
    fields: Vec<(String, String)>,
    exchange: Option<Exchange>,
    reply: Rc<RefCell<Replying>>,
}

impl Role for OneRequest {
    fn name(&self) -> &'static str {
        "one-request"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        cx.want_write();
        Next::Stay
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        Step::stay(0)
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        let mut reply = self.reply.borrow_mut();
        let (site, env) = cx.split(self.site);
        if let Some(exchange) = &self.exchange {
            site.writable(exchange, &mut *reply, env);
            return Next::Stay;
        }
        let mut block = Vec::new();
        let mut put = |text: &str| {
            block.extend_from_slice(text.as_bytes());
            (block.len() - text.len()) as u16
        };
        let index: Vec<_> = self
            .fields
            .iter()
            .map(|(n, v)| FieldPos {
                name: put(n),
                name_len: n.len() as u16,
                value: put(v),
                value_len: v.len() as u16,
            })
            .collect();
        let (path, query) = self.target.split_once('?').map_or((&*self.target, None), |(p, q)| (p, Some(q)));
        let head = RequestHead {
            method: self.method,
            target: &self.target,
            version: Version::Http11,
            scheme: None,
            authority: Some("example.com"),
            path,
            query,
            protocol: None,
            fields: Fields::new(&block, &index),
        };
        self.exchange = Some(site.request(&head, None, &mut *reply, env));
        Next::Stay
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        if let Some(exchange) = self.exchange.take() {
            let (site, env) = cx.split(self.site);
            site.closed(exchange, why, None, 0, &env);
        }
    }
}

struct Replying {
    answer: Answer,
    phase: Phase,
    head_only: bool,
    room: usize,
}

impl Replying {
    fn new(head_only: bool) -> Self {
        Self { answer: Answer::default(), phase: Phase::Silent, head_only, room: 0 }
    }
}

impl Carrier for Replying {
    fn phase(&self) -> Phase {
        self.phase
    }

    fn status(&mut self, status: Status) {
        self.phase = Phase::Head;
        self.answer.status = status.code();
    }

    fn field(&mut self, name: &str, value: &[u8]) -> Result<(), Misuse> {
        assert_eq!(self.phase, Phase::Head);
        self.answer.fields.push((name.into(), String::from_utf8_lossy(value).into_owned()));
        Ok(())
    }

    fn head_end(&mut self, length: Length) -> Result<(), Misuse> {
        self.answer.length = match length {
            Length::Known(n) => Some(n),
            Length::Unknown => None,
        };
        self.phase = if self.head_only { Phase::Ended } else { Phase::Body };
        Ok(())
    }

    fn head_abandon(&mut self) {
        self.phase = Phase::Silent;
        self.answer.fields.clear();
    }

    fn room(&self) -> usize {
        self.room
    }

    fn fill(&mut self, f: &mut dyn FnMut(&mut [u8]) -> usize) -> usize {
        if self.phase != Phase::Body || self.room == 0 {
            return 0;
        }
        // What the file does not fill must not be sent: a byte of this in a body would show.
        let mut lent = vec![0xAA; self.room];
        let n = f(&mut lent).min(lent.len());
        self.room -= n;
        self.answer.body.extend_from_slice(&lent[..n]);
        if let Some(length) = self.answer.length {
            let sent = self.answer.body.len() as u64;
            assert!(sent <= length, "more than the head promised");
            if sent == length {
                self.phase = Phase::Ended;
            }
        }
        n
    }

    fn keep(&mut self, body: Body) {
        if self.phase == Phase::Body {
            self.answer.body.extend_from_slice(body.bytes());
        }
        self.phase = Phase::Ended;
    }

    fn end(&mut self, _trailers: Fields<'_>) {
        self.answer.aborted = self.answer.length.is_some_and(|n| n != self.answer.body.len() as u64);
        self.phase = Phase::Ended;
    }

    fn abort(&mut self) {
        self.answer.aborted = true;
        self.phase = Phase::Ended;
    }
}
