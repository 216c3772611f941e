//! A host in memory and a TLS client: what the loop does, without sockets.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use lws_backend_rustls::{SelfSigned, provider, self_signed};
use lws_role::{
    Acceptor, Blueprint, Closed, Command, Cx, Facts, Handle, Hosted, InstallError, Next, Peer, Place, Ran,
    Role, Step, Timer, World,
};
use lws_role_tls::tls;
use lws_tls::{ClientSettings, Phase, Provider as _, ServerSettings, Session, Source};
use lws_wire::{Out, Stash, Time};

pub(crate) const HANDLE: Handle = Handle { conn: 3, generation: 1, sub: 0 };

/// What the child saw and was told to do, shared with the test.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) log: Vec<String>,
    pub(crate) heard: Vec<u8>,
    /// How much input it takes; it holds back the rest.
    pub(crate) credit: usize,
    /// Bytes it still has to say.
    pub(crate) say: usize,
    /// Echo what is heard.
    pub(crate) echo: bool,
    /// It takes input only in units of so many bytes.
    pub(crate) unit: usize,
    pub(crate) close: Option<Closed>,
    /// It stays when the peer ends.
    pub(crate) stays: bool,
    pub(crate) timer: Option<Duration>,
}

pub(crate) type Shared = Rc<RefCell<Script>>;

pub(crate) struct Child(pub(crate) Shared);

impl Child {
    fn speak(&self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let mut script = self.0.borrow_mut();
        let n = out.fill(|room| {
            let n = room.len().min(script.say);
            room[..n].fill(b'.');
            n
        });
        script.say -= n;
        if script.say > 0 {
            cx.want_write();
        }
        match script.close {
            Some(why) if script.say == 0 => Next::Close(why),
            _ => Next::Stay,
        }
    }
}

impl Role for Child {
    fn name(&self) -> &'static str {
        "child"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let facts = cx.facts().tls().expect("the facts come first").clone();
        let alpn = facts.alpn.as_deref().map(|name| String::from_utf8_lossy(name).into_owned());
        self.0.borrow_mut().log.push(format!("start {alpn:?}"));
        let timer = self.0.borrow().timer;
        if let Some(after) = timer {
            cx.set_timer(Timer::Role, after);
        }
        self.speak(cx, out)
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let mut script = self.0.borrow_mut();
        let wanted = input.len() / script.unit.max(1) * script.unit.max(1);
        let mut n = wanted.min(script.credit);
        if script.echo {
            n = out.put_some(&input[..n]);
        }
        script.heard.extend_from_slice(&input[..n]);
        script.credit -= n;
        let holds = n < wanted;
        drop(script);
        match self.speak(cx, out) {
            Next::Close(why) => Step::close(n, why),
            _ if holds => Step::hold(n),
            _ => Step::stay(n),
        }
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.speak(cx, out)
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        self.0.borrow_mut().log.push(format!("timeout {which:?}"));
        self.speak(cx, out)
    }

    fn ended(&mut self, cx: &mut Cx<'_>, truncated: bool, out: &mut Out<'_>) -> Next {
        self.0.borrow_mut().log.push(format!("ended truncated={truncated}"));
        if self.0.borrow().stays {
            return self.speak(cx, out);
        }
        Next::Close(if truncated { Closed::Truncated } else { Closed::Ended })
    }

    fn drain(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.0.borrow_mut().log.push("drain".to_string());
        Next::Stay
    }

    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        self.0.borrow_mut().log.push(format!("closed {why:?}"));
    }
}

/// A child that takes all and says nothing.
pub(crate) fn fresh() -> Script {
    Script { credit: usize::MAX, ..Script::default() }
}

/// A blueprint of [`Child`]s that share one script, which lives on this thread.
pub(crate) struct Kind(pub(crate) &'static str);

thread_local! {
    static SCRIPT: Shared = Rc::new(RefCell::new(fresh()));
}

impl Blueprint for Kind {
    fn install(&self, _world: &mut World) -> Result<Box<dyn Acceptor>, InstallError> {
        Ok(Box::new(Kind(self.0)))
    }
}

impl Acceptor for Kind {
    fn alpn(&self) -> &'static [u8] {
        self.0.as_bytes()
    }

    fn accept(&self, _facts: &Facts) -> Box<dyn Role> {
        SCRIPT.with(|script| {
            script.borrow_mut().log.push(format!("accept {}", self.0));
            Box::new(Child(script.clone()))
        })
    }
}

/// What the loop keeps for one connection.
pub(crate) struct Server {
    pub(crate) world: World,
    pub(crate) facts: Facts,
    pub(crate) hosted: Option<Hosted>,
    pub(crate) stash: Stash,
    pub(crate) held: bool,
    pub(crate) closed: Option<Closed>,
    /// Room lent at a time.
    pub(crate) room: usize,
}

impl Server {
    pub(crate) fn new(blueprint: &dyn Blueprint) -> (Self, Vec<u8>) {
        Self::with_room(blueprint, 65_536)
    }

    pub(crate) fn with_room(blueprint: &dyn Blueprint, room: usize) -> (Self, Vec<u8>) {
        let mut world = World::new(Time::from_micros(1));
        let acceptor = blueprint.install(&mut world).unwrap();
        let facts = Facts::plain(Peer::Memory);
        let role = acceptor.accept(&facts);
        Self::hosting(world, facts, role, room)
    }

    pub(crate) fn hosting(
        mut world: World,
        facts: Facts,
        role: Box<dyn Role>,
        room: usize,
    ) -> (Self, Vec<u8>) {
        let mut buf = vec![0; room];
        let mut out = Out::new(&mut buf);
        let (hosted, closed) = Hosted::start(role, &mut Place::new(&mut world, HANDLE, &facts), &mut out);
        let bytes = out.written().to_vec();
        let mut this =
            Self { world, facts, hosted: Some(hosted), stash: Stash::new(), held: false, closed: None, room };
        this.settle(closed);
        (this, bytes)
    }

    fn settle(&mut self, closed: Option<Closed>) {
        if let Some(why) = closed
            && let Some(hosted) = self.hosted.take()
        {
            self.closed = Some(why);
            hosted.close(&mut Place::new(&mut self.world, HANDLE, &self.facts), why);
        }
    }

    /// Bytes arrive, and all room that is asked for is given. What comes out.
    pub(crate) fn give(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.stash.push(bytes);
        self.turn()
    }

    /// Runs until nothing moves; as the loop does, with an empty `Out` each time.
    pub(crate) fn turn(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        for turn in 0.. {
            assert!(turn < 1_000_000, "it spins");
            let Some((ran, written)) = self.offer() else { return all };
            all.extend_from_slice(&written);
            if ran.consumed + written.len() == 0 || self.hosted.is_none() {
                return all;
            }
        }
        all
    }

    /// One offer of everything into one empty `Out`.
    pub(crate) fn offer(&mut self) -> Option<(Ran, Vec<u8>)> {
        let hosted = self.hosted.as_mut()?;
        let mut buf = vec![0; self.room];
        let mut out = Out::new(&mut buf);
        let mut place = Place::new(&mut self.world, HANDLE, &self.facts);
        let ran = hosted.run(&mut place, self.stash.bytes_mut(), &mut out);
        self.stash.consume(ran.consumed);
        self.held = ran.held && !self.stash.is_empty();
        if out.is_empty() {
            hosted.void_want_write();
        }
        let written = out.written().to_vec();
        self.settle(ran.closed);
        Some((ran, written))
    }

    pub(crate) fn interject(
        &mut self,
        f: impl FnOnce(&mut Hosted, &mut Place<'_>, &mut Out<'_>) -> Option<Closed>,
    ) -> Vec<u8> {
        self.interject_room(self.room, f)
    }

    pub(crate) fn interject_room(
        &mut self,
        room: usize,
        f: impl FnOnce(&mut Hosted, &mut Place<'_>, &mut Out<'_>) -> Option<Closed>,
    ) -> Vec<u8> {
        let Some(hosted) = &mut self.hosted else { return Vec::new() };
        let mut buf = vec![0; room];
        let mut out = Out::new(&mut buf);
        let closed = f(hosted, &mut Place::new(&mut self.world, HANDLE, &self.facts), &mut out);
        let written = out.written().to_vec();
        self.settle(closed);
        written
    }

    /// The transport ended; the role hears of it when it has taken what was before.
    pub(crate) fn ended(&mut self) -> Vec<u8> {
        if self.held {
            return Vec::new();
        }
        self.interject(|hosted, place, out| hosted.ended(place, false, out))
    }

    /// Moves the clock and tells the role of every deadline that passed.
    pub(crate) fn pass(&mut self, time: Duration) -> (usize, Vec<u8>) {
        self.world.hub.now = self.world.hub.now + time;
        let (mut fired, mut all) = (0, Vec::new());
        while let Some(key) = self.world.hub.timers.expire(self.world.hub.now) {
            assert_eq!(key.handle, HANDLE);
            fired += 1;
            all.extend(self.interject(|hosted, place, out| hosted.timeout(place, key.which, out)));
        }
        (fired, all)
    }

    /// Somebody wakes the stream.
    pub(crate) fn wake(&mut self) -> Vec<u8> {
        self.world.hub.wake(HANDLE);
        let mut commands = Vec::new();
        self.world.hub.swap_commands(&mut commands);
        for command in commands {
            if let (Command::Wake(handle), Some(hosted)) = (command, &mut self.hosted) {
                hosted.woken(&mut Place::new(&mut self.world, handle, &self.facts));
            }
        }
        self.turn()
    }
}

/// The other end: a session, driven by hand.
pub(crate) struct Client {
    pub(crate) tls: Box<dyn Session>,
    inbox: Vec<u8>,
    pub(crate) heard: Vec<u8>,
    pub(crate) error: Option<lws_tls::Error>,
}

impl Client {
    pub(crate) fn new(own: &SelfSigned, alpn: &[&str]) -> (Self, Vec<u8>) {
        Self::with(&ClientSettings::new([Source::Memory(own.certificate.clone())]).alpn(alpn))
    }

    pub(crate) fn with(settings: &ClientSettings) -> (Self, Vec<u8>) {
        let tls = provider().client(settings).unwrap().connect("localhost").unwrap();
        let mut this = Self { tls, inbox: Vec::new(), heard: Vec::new(), error: None };
        let hello = this.give(&[]);
        (this, hello)
    }

    pub(crate) fn give(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.inbox.extend_from_slice(bytes);
        let mut buf = vec![0; 65_536];
        let mut out = Out::new(&mut buf);
        loop {
            match self.tls.receive(&mut self.inbox, &mut out) {
                Ok(received) => {
                    self.heard.extend_from_slice(&self.inbox[received.plain]);
                    self.inbox.drain(..received.consumed);
                    if received.consumed == 0 {
                        break;
                    }
                }
                Err(error) => {
                    self.error = Some(error);
                    break;
                }
            }
        }
        out.written().to_vec()
    }

    pub(crate) fn send(&mut self, plain: &[u8]) -> Vec<u8> {
        let mut all = Vec::new();
        let mut sent = 0;
        while sent < plain.len() {
            let mut buf = vec![0; 65_536];
            let mut out = Out::new(&mut buf);
            sent += self.tls.send(&plain[sent..], &mut out).unwrap();
            all.extend_from_slice(out.written());
        }
        all
    }

    pub(crate) fn close(&mut self) -> Vec<u8> {
        let mut buf = [0; 100];
        let mut out = Out::new(&mut buf);
        self.tls.close_notify(&mut out);
        out.written().to_vec()
    }
}

pub(crate) fn own() -> SelfSigned {
    self_signed(&["localhost"]).unwrap()
}

pub(crate) fn acceptor(own: &SelfSigned) -> Arc<dyn lws_tls::Acceptor> {
    provider().server(ServerSettings::new(own.certificates.clone())).unwrap()
}

/// Exchanges bytes until neither side has any; the client hears all.
pub(crate) fn settle(client: &mut Client, server: &mut Server, to_server: Vec<u8>) {
    let mut bytes = to_server;
    for _ in 0..10 {
        let answer = server.give(&bytes);
        bytes = client.give(&answer);
        if bytes.is_empty() && answer.is_empty() {
            break;
        }
    }
}

/// An open pair over one child.
pub(crate) fn open() -> (Client, Server, Shared) {
    open_with(fresh())
}

pub(crate) fn open_with(new: Script) -> (Client, Server, Shared) {
    script().replace(new);
    let own = own();
    let (mut server, _) = Server::new(&tls(acceptor(&own)).over(Kind("")));
    let (mut client, hello) = Client::new(&own, &[]);
    settle(&mut client, &mut server, hello);
    assert_eq!((client.tls.phase(), &server.closed), (Phase::Open, &None));
    (client, server, script())
}

pub(crate) fn script() -> Shared {
    SCRIPT.with(Rc::clone)
}

pub(crate) fn log() -> Vec<String> {
    script().borrow().log.clone()
}
