//! A desk that makes calls and notes what comes of them; and a client and a server of ours that talk to each other.

use super::site::{self, Notes};
use lws_head::{Fields, Method, ResponseHead};
use lws_http::client::{Call, CallHead, Calls, Cause, Failure, Framing, Supply};
use lws_role::{Closed, Cx, Handle, Role};
use lws_role_h2::H2Client;
use lws_sim::{Conditions, PeerId, Sim};
use lws_wire::Out;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// What the connection asks, and what was heard.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) calls: VecDeque<One>,
    pub(crate) heard: Vec<String>,
    /// Bytes of body that are taken; the rest is held back.
    pub(crate) credit: usize,
    pub(crate) failures: Vec<Failure>,
    /// How the calls under way can be woken.
    pub(crate) handles: Vec<Handle>,
    pub(crate) cancelled: bool,
    /// How long the connection may be idle.
    pub(crate) idle: Option<std::time::Duration>,
    /// When the server is asked for a sign of life, and how long that may take.
    pub(crate) validity: Option<[std::time::Duration; 2]>,
}

pub(crate) type Shared = Rc<RefCell<Desk>>;

pub(crate) struct Line(pub(crate) Shared);

impl Calls for Line {
    fn next(&mut self, _cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        let call = self.0.borrow_mut().calls.pop_front()?;
        Some(Box::new(call))
    }
    fn idle_timeout(&self) -> Option<std::time::Duration> {
        self.0.borrow().idle
    }
    fn validity(&self) -> Option<[std::time::Duration; 2]> {
        self.0.borrow().validity
    }
    fn going(&mut self, _cx: &mut Cx<'_>) {
        self.0.borrow_mut().heard.push("going".into());
    }
    fn closed(&mut self, _cx: &mut Cx<'_>, why: Closed) {
        self.0.borrow_mut().heard.push(format!("closed {why:?}"));
    }
}

/// One call.
pub(crate) struct One {
    pub(crate) desk: Shared,
    pub(crate) name: &'static str,
    pub(crate) head: CallHead,
    pub(crate) deadline: Option<std::time::Duration>,
    pub(crate) stall: Option<std::time::Duration>,
    /// The body cannot go on.
    pub(crate) fails: bool,
    /// Body still to be sent, and whether that is all.
    pub(crate) body: Vec<u8>,
    pub(crate) complete: bool,
    pub(crate) trailers: Vec<(String, Vec<u8>)>,
    /// Who takes the stream over when the server agrees.
    pub(crate) switch: Option<Switch>,
    pub(crate) got: Vec<u8>,
}

pub(crate) type Switch = Box<dyn FnOnce(&ResponseHead<'_>) -> Option<Box<dyn Role>>>;

impl One {
    pub(crate) fn new(desk: &Shared, name: &'static str, method: Method, target: &str) -> Self {
        let fields = vec![("Host".into(), b"a".to_vec())];
        let head = CallHead { method, target: target.into(), fields, body: Framing::None };
        Self {
            desk: desk.clone(),
            name,
            head,
            deadline: None,
            stall: None,
            fails: false,
            body: Vec::new(),
            complete: true,
            trailers: Vec::new(),
            switch: None,
            got: Vec::new(),
        }
    }

    pub(crate) fn get(desk: &Shared, name: &'static str, target: &str) -> Self {
        Self::new(desk, name, Method::Get, target)
    }

    /// A POST of these bytes.
    pub(crate) fn post(
        desk: &Shared,
        name: &'static str,
        target: &str,
        framing: Framing,
        body: &[u8],
    ) -> Self {
        let mut this = Self::new(desk, name, Method::Post, target);
        (this.head.body, this.body) = (framing, body.to_vec());
        this
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.head.fields.push((name.into(), value.into()));
        self
    }

    fn note(&self, what: impl std::fmt::Display) {
        self.desk.borrow_mut().heard.push(format!("{}: {what}", self.name));
    }
}

impl Call for One {
    fn head(&self) -> &CallHead {
        &self.head
    }
    fn deadline(&self) -> Option<std::time::Duration> {
        self.deadline
    }
    fn stall_timeout(&self) -> Option<std::time::Duration> {
        self.stall
    }
    fn send(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Supply {
        self.desk.borrow_mut().handles.push(cx.handle());
        let n = out.put_some(&self.body);
        self.body.drain(..n);
        match (self.body.is_empty(), self.complete) {
            (true, _) if self.fails => Supply::Fail,
            (false, _) => Supply::More,
            (true, false) => Supply::Wait,
            (true, true) => Supply::End,
        }
    }
    fn trailers(&self) -> &[(String, Vec<u8>)] {
        &self.trailers
    }
    fn is_cancelled(&self) -> bool {
        self.desk.borrow().cancelled
    }
    fn interim(&mut self, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        self.note(head.status.code());
    }
    fn response(&mut self, cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        self.desk.borrow_mut().handles.push(cx.handle());
        self.note(head.status.code());
    }
    fn body(&mut self, _cx: &mut Cx<'_>, data: &[u8]) -> usize {
        let credit = &mut self.desk.borrow_mut().credit;
        let n = data.len().min(*credit);
        *credit -= n;
        self.got.extend_from_slice(&data[..n]);
        n
    }
    fn end(self: Box<Self>, _cx: &mut Cx<'_>, trailers: Fields<'_>) {
        let short = self.got.len() < 60;
        let got = if short { self.got.escape_ascii().to_string() } else { self.got.len().to_string() };
        let trailers: Vec<String> =
            trailers.iter().map(|f| format!("{}={}", f.name, f.text().unwrap_or("?"))).collect();
        self.note(format!("end [{got}] {}", trailers.join(",")).trim_end().to_owned());
    }
    fn wants_switch(&self) -> bool {
        self.switch.is_some()
    }
    fn switch(self: Box<Self>, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) -> Option<Box<dyn Role>> {
        self.note(format!("switch {}", head.status.code()));
        self.switch?(head)
    }
    fn failed(self: Box<Self>, _cx: &mut Cx<'_>, failure: Failure) {
        self.note(format!("failed {failure}"));
        assert_eq!(failure.is_unprocessed(), failure.cause == Cause::Unprocessed);
        self.desk.borrow_mut().failures.push(failure);
    }
}

pub(crate) fn desk() -> Shared {
    Rc::new(RefCell::new(Desk { credit: usize::MAX, ..Desk::default() }))
}

pub(crate) fn ask(desk: &Shared, call: One) {
    desk.borrow_mut().calls.push_back(call);
}

pub(crate) fn heard(desk: &Shared) -> Vec<String> {
    std::mem::take(&mut desk.borrow_mut().heard)
}

pub(crate) fn client(desk: &Shared) -> Box<dyn Role> {
    Box::new(H2Client::new(Box::new(Line(desk.clone()))))
}

/// A client and a server of ours, and the wire between them.
pub(crate) struct Pair {
    pub(crate) sim: Sim,
    pub(crate) client: PeerId,
    pub(crate) server: PeerId,
    told: [bool; 2],
    /// Bytes from the server that still arrive before the wire breaks.
    pub(crate) budget: usize,
}

impl Pair {
    pub(crate) fn new(conditions: Conditions, seed: u64, desk: &Shared, notes: &Notes) -> Self {
        let mut this = Self::quiet(conditions, seed, desk, notes);
        this.run();
        this
    }

    /// The wire breaks when the server has said so many bytes.
    pub(crate) fn breaking(conditions: Conditions, seed: u64, desk: &Shared, budget: usize) -> Self {
        let mut this = Self::quiet(conditions, seed, desk, &Notes::default());
        this.budget = budget;
        this.run();
        this
    }

    fn quiet(conditions: Conditions, seed: u64, desk: &Shared, notes: &Notes) -> Self {
        let mut sim = Sim::under(conditions, seed);
        let acceptor = sim.install(&site::h2(notes));
        let server = sim.accept(&*acceptor);
        let client = sim.start(client(desk));
        Self { sim, client, server, told: [false; 2], budget: usize::MAX }
    }

    /// Runs until nothing moves at either end. The rough conditions split everything anywhere.
    pub(crate) fn run(&mut self) {
        loop {
            self.sim.run();
            let (up, mut down) = (self.sim.take_received(self.client), self.sim.take_received(self.server));
            if down.len() > self.budget {
                down.truncate(self.budget);
                self.told = [true; 2];
                self.sim.send(self.client, &down);
                self.sim.cut(self.client);
                self.sim.reset(self.server);
                return self.sim.run();
            }
            self.budget -= down.len();
            let mut moved = !up.is_empty() || !down.is_empty();
            self.sim.send(self.server, &up);
            self.sim.send(self.client, &down);
            for (i, (from, to)) in
                [(self.client, self.server), (self.server, self.client)].into_iter().enumerate()
            {
                if self.sim.closed(from).is_some() && !self.told[i] && self.sim.received(from).is_empty() {
                    self.told[i] = true;
                    self.sim.finish(to);
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Wakes the client's connection: there are new calls.
    pub(crate) fn wake(&mut self) {
        let handle = Handle { conn: 1, generation: 0, sub: 0 };
        self.sim.world().hub.wake(handle);
        self.run();
    }

    /// Wakes one call.
    pub(crate) fn wake_stream(&mut self, sub: u32) {
        self.sim.world().hub.wake(Handle { conn: 1, generation: 0, sub });
        self.run();
    }

    pub(crate) fn advance(&mut self, seconds: f64) {
        // In steps, so that both ends hear each other in between.
        let steps = (seconds / 0.5).ceil().max(1.0);
        for _ in 0..steps as u32 {
            self.sim.advance(std::time::Duration::from_secs_f64(seconds / steps));
            self.run();
        }
    }

    pub(crate) fn end(self) {
        self.sim.end();
    }
}
