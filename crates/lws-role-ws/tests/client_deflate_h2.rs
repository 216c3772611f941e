//! permessage-deflate over HTTP/2 (RFC 8441): the same between a client and a server of ours.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;

use common::{Echo, Notes};
use lws_head::{Fields, Method, ResponseHead, Version};
use lws_http::client::{Call, CallHead, Calls, Failure, Framing};
use lws_http::{Sites, Vhost};
use lws_role::{Cx, Role};
use lws_role_h2::{H2Client, h2};
use lws_role_ws::{
    CloseCode, Closed, DeflateOptions, Kind, Message, Protocol, Ws, WsClient, ws as websocket,
};
use lws_sim::{Sim, for_seeds};
use std::cell::RefCell;
use std::rc::Rc;

/// What came of it.
#[derive(Default)]
struct Heard {
    granted: Option<String>,
    messages: Vec<Vec<u8>>,
    closed: Option<Closed>,
}

/// Says something again and again, and closes.
struct Speaker {
    say: Vec<u8>,
    times: usize,
    heard: Rc<RefCell<Heard>>,
}

impl Protocol for Speaker {
    type Session = ();
    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        assert!(ws.send(Kind::Binary, &self.say));
    }
    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.heard.borrow_mut().messages.push(message.data.to_vec());
        if self.heard.borrow().messages.len() == self.times {
            return ws.close(CloseCode::NORMAL, "");
        }
        self.writable(&mut (), ws);
    }
    fn writable(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        if !ws.send(Kind::Binary, &self.say) {
            ws.want_write();
        }
    }
    fn closed(&mut self, _session: (), why: Closed) {
        self.heard.borrow_mut().closed = Some(why);
    }
}

/// The one call of a connection.
struct Opening {
    head: CallHead,
    client: WsClient<Speaker>,
    heard: Rc<RefCell<Heard>>,
}

impl Call for Opening {
    fn head(&self) -> &CallHead {
        &self.head
    }
    fn response(&mut self, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        panic!("refused: {}", head.status.code());
    }
    fn body(&mut self, _cx: &mut Cx<'_>, data: &[u8]) -> usize {
        data.len()
    }
    fn end(self: Box<Self>, _cx: &mut Cx<'_>, _trailers: Fields<'_>) {}
    fn wants_switch(&self) -> bool {
        true
    }
    fn switch(self: Box<Self>, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) -> Option<Box<dyn Role>> {
        self.heard.borrow_mut().granted = head.fields.text("sec-websocket-extensions").map(str::to_owned);
        Some(Box::new(self.client.accept(head).unwrap().role))
    }
    fn failed(self: Box<Self>, _cx: &mut Cx<'_>, failure: Failure) {
        panic!("{failure}");
    }
}

struct Once(Option<Opening>);

impl Calls for Once {
    fn next(&mut self, _cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        Some(Box::new(self.0.take()?))
    }
}

/// Bytes from the client to the server, and back, for `say` said so many times.
fn converse(seed: u64, own: DeflateOptions, theirs: DeflateOptions, say: &[u8], granted: &str) -> [usize; 2] {
    const TIMES: usize = 5;
    let mut sim = Sim::new(seed);
    let heard = Rc::new(RefCell::new(Heard::default()));
    let endpoint = websocket(|| Echo(Notes::default())).deflate(theirs);
    let acceptor = sim.install(&h2(Sites::from(Vhost::new("a").upgrade("/ws", endpoint))));
    let server = sim.accept(&*acceptor);
    let slot = sim.world().add(Speaker { say: say.to_vec(), times: TIMES, heard: heard.clone() });
    let client = WsClient::new(slot, |bytes| bytes.fill(0x5a)).deflate(own);
    let mut fields = vec![("Host".to_owned(), b"a".to_vec())];
    fields.extend(client.fields_on(Version::Http2));
    let head = CallHead { method: Method::Get, target: "/ws".into(), fields, body: Framing::None };
    let opening = Opening { head, client, heard: heard.clone() };
    let client = sim.start(Box::new(H2Client::new(Box::new(Once(Some(opening))))));
    let mut bytes = [0, 0];
    loop {
        sim.run();
        let (up, down) = (sim.take_received(client), sim.take_received(server));
        if up.is_empty() && down.is_empty() {
            break;
        }
        bytes = [bytes[0] + up.len(), bytes[1] + down.len()];
        sim.send(server, &up);
        sim.send(client, &down);
    }
    let told = heard.borrow();
    assert_eq!(told.granted.as_deref(), Some(granted));
    assert_eq!((told.messages.len(), told.closed), (TIMES, Some(Closed::Done)));
    assert!(told.messages.iter().all(|message| message == say));
    drop(told);
    sim.end();
    bytes
}

#[test]
fn messages_come_back_compressed() {
    let takeover =
        || DeflateOptions::default().server_no_context_takeover(false).client_no_context_takeover(false);
    let neither = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    // Nothing repeats itself in it before it is said again.
    let noise = lws_sim::Rng::new(1).bytes(3000);
    let long = b"again and ".repeat(20_000);
    for_seeds!(0..12, |seed| {
        let bytes = converse(seed, DeflateOptions::default(), takeover(), &long, neither);
        assert!(bytes.iter().all(|bytes| *bytes < 50_000), "{bytes:?}");
        let bytes = converse(seed, takeover(), takeover(), &noise, "permessage-deflate");
        assert!(bytes.iter().all(|bytes| *bytes < 8000), "{bytes:?}");
    });
}
