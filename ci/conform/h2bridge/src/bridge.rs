//! WebSockets over HTTP/1.1 in front, streams of one HTTP/2 connection behind.
//!
//! ```text
//!   tester ── Upgrade: websocket ──▶ Front │ pipe │ End ◀── extended CONNECT ── H2Client ──▶ server
//! ```
//! The front says 101 before the server has been asked: what the tester sends meanwhile waits. Subprotocols and
//! extensions are not passed on.

use crate::Dial;
use crate::pipe::{End, Pipe};
use lws_head::{Fields, Method, ResponseHead, Status};
use lws_http::client::{Call, CallHead, Calls, Failure, Framing};
use lws_http::{Refusal, Request, UpgradeBlueprint, Upgraded, Upgrader};
use lws_role::{Closed, Cx, Handle, InstallError, Next, Role, Step, World};
use lws_wire::Out;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// What to give to a vhost: carries WebSockets to the server behind.
pub struct Bridge(pub Dial);

impl UpgradeBlueprint for Bridge {
    fn install(&self, _world: &mut World) -> Result<Box<dyn Upgrader>, InstallError> {
        let desk = Desk { dial: self.0.clone(), waiting: VecDeque::new(), connection: None };
        Ok(Box::new(Gate(Rc::new(RefCell::new(desk)))))
    }
}

/// The connection behind, and who waits for a stream on it.
struct Desk {
    dial: Dial,
    waiting: VecDeque<End>,
    connection: Option<Handle>,
}

type Shared = Rc<RefCell<Desk>>;

struct Gate(Shared);

impl Upgrader for Gate {
    fn token(&self) -> &'static str {
        "websocket"
    }

    fn upgrade(&mut self, request: &Request<'_>) -> Result<Upgraded, Refusal> {
        let refusal = Refusal { status: Status::BAD_REQUEST, fields: Vec::new(), why: "there is no key" };
        let key = request.fields().first("sec-websocket-key").ok_or(refusal)?;
        let accept = String::from_utf8_lossy(&lws_ws::handshake::accept_key(key)).into_owned();
        let (front, back) = Pipe::ends();
        let role = Box::new(Front { desk: self.0.clone(), back: Some(back), end: front });
        Ok(Upgraded { role, fields: vec![("Sec-WebSocket-Accept", accept)] })
    }
}

/// The tester's side: asks for a stream, and then is one end of the pipe.
struct Front {
    desk: Shared,
    back: Option<End>,
    end: End,
}

impl Role for Front {
    fn name(&self) -> &'static str {
        "bridge"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        if let Some(back) = self.back.take() {
            self.desk.borrow_mut().waiting.push_back(back);
            connect(&self.desk, cx);
        }
        self.end.start(cx, out)
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        self.end.receive(cx, input, out)
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.end.transmit(cx, out)
    }

    fn ended(&mut self, cx: &mut Cx<'_>, truncated: bool, out: &mut Out<'_>) -> Next {
        self.end.ended(cx, truncated, out)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.end.closed(cx, why);
    }
}

/// Has the connection behind look at who waits; opens one if there is none.
fn connect(desk: &Shared, cx: &mut Cx<'_>) {
    let mut this = desk.borrow_mut();
    if let Some(handle) = this.connection {
        return cx.wake(handle);
    }
    let role = match this.dial.role(Box::new(Line(desk.clone()))) {
        Ok(role) => role,
        Err(error) => {
            eprintln!("no TLS session: {error}");
            return give_up(&mut this, cx);
        }
    };
    let target = this.dial.target();
    this.connection = cx.hub().connect(target, role);
    if this.connection.is_none() {
        give_up(&mut this, cx);
    }
}

fn give_up(desk: &mut Desk, cx: &mut Cx<'_>) {
    for end in desk.waiting.drain(..) {
        end.abandon(cx, Closed::Refused);
    }
}

/// The connection behind asks it for calls.
struct Line(Shared);

impl Calls for Line {
    fn next(&mut self, _cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        let mut desk = self.0.borrow_mut();
        let end = desk.waiting.pop_front()?;
        let field = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
        let head = CallHead {
            method: Method::Get,
            target: desk.dial.target.clone(),
            fields: vec![
                field("Host", &desk.dial.authority),
                field("Upgrade", "websocket"),
                field("Sec-WebSocket-Version", "13"),
            ],
            body: Framing::None,
        };
        Some(Box::new(Opening { desk: self.0.clone(), head, end }))
    }

    fn going(&mut self, cx: &mut Cx<'_>) {
        self.0.borrow_mut().connection = None;
        if !self.0.borrow().waiting.is_empty() {
            connect(&self.0, cx);
        }
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        let mut desk = self.0.borrow_mut();
        if desk.connection == Some(cx.handle()) {
            desk.connection = None;
            if !desk.waiting.is_empty() {
                eprintln!("the server cannot be reached: {why}");
                give_up(&mut desk, cx);
            }
        }
    }
}

/// An extended CONNECT under way.
struct Opening {
    desk: Shared,
    head: CallHead,
    end: End,
}

impl Call for Opening {
    fn head(&self) -> &CallHead {
        &self.head
    }

    fn response(&mut self, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        eprintln!("the server says {} instead of opening a WebSocket", head.status.code());
    }

    fn body(&mut self, _cx: &mut Cx<'_>, data: &[u8]) -> usize {
        data.len()
    }

    fn end(self: Box<Self>, cx: &mut Cx<'_>, _trailers: Fields<'_>) {
        self.end.abandon(cx, Closed::Refused);
    }

    fn wants_switch(&self) -> bool {
        true
    }

    fn switch(self: Box<Self>, _cx: &mut Cx<'_>, _head: &ResponseHead<'_>) -> Option<Box<dyn Role>> {
        Some(Box::new(self.end))
    }

    fn failed(self: Box<Self>, cx: &mut Cx<'_>, failure: Failure) {
        if failure.is_unprocessed() {
            // RFC 9113 §8.7: again, on this connection or another one.
            self.desk.borrow_mut().waiting.push_back(self.end);
            return connect(&self.desk, cx);
        }
        eprintln!("no stream: {failure}");
        self.end.abandon(cx, Closed::Refused);
    }
}
