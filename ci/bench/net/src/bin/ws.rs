//! WebSocket echo under our own client: `b64-c64` is messages of 64 bytes on 64 sockets, one at a time on each.
//!
//! Contenders: `over h1` and `over h2` have a TLS connection for each socket, `over one h2` puts all on one, `plain` is
//! HTTP/1 without TLS.

use lws_bench_net::cpu::{LOAD_CORE, pin, spent_ns};
use lws_bench_net::peer::{Peer, Site, certify};
use lws_bench_net::report::{Asked, per_request};
use lws_head::{Fields, Method, ResponseHead};
use lws_http::client::{Call, CallHead, Calls, Failure, Framing};
use lws_role::{Cx, Role, SlotKey, Target};
use lws_role_h1::H1Client;
use lws_role_h2::H2Client;
use lws_role_tls::TlsRole;
use lws_role_ws::{Kind, Message, Protocol, Ws, WsClient};
use lws_tls::{ClientSettings, Connector, Provider, Source};
use std::cell::Cell;
use std::error::Error;
use std::fs;
use std::rc::Rc;
use std::sync::Arc;

/// Sends what comes back, until there is no more to send.
struct Pump {
    payload: Vec<u8>,
    depth: u64,
    count: Rc<Cell<u64>>,
}

impl Protocol for Pump {
    type Session = ();

    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        for _ in 0..self.depth {
            ws.send(Kind::Binary, &self.payload);
        }
    }

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.count.set(self.count.get() + 1);
        ws.send(Kind::Binary, message.data);
    }
}

/// The sockets that a connection is to open.
struct Sockets {
    left: u64,
    slot: SlotKey<Pump>,
    authority: String,
}

impl Calls for Sockets {
    fn next(&mut self, _cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        self.left = self.left.checked_sub(1)?;
        let client = WsClient::new(self.slot, random).max_message(4 << 20);
        let mut fields = vec![("Host".to_owned(), self.authority.clone().into_bytes())];
        fields.extend(client.fields());
        let head = CallHead { method: Method::Get, target: "/echo".to_owned(), fields, body: Framing::None };
        Some(Box::new(Open { head, client }))
    }
}

struct Open {
    head: CallHead,
    client: WsClient<Pump>,
}

impl Call for Open {
    fn head(&self) -> &CallHead {
        &self.head
    }

    fn wants_switch(&self) -> bool {
        true
    }

    fn switch(self: Box<Self>, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) -> Option<Box<dyn Role>> {
        let accepted = self.client.accept(head).expect("the server grants the socket");
        Some(Box::new(accepted.role))
    }

    fn response(&mut self, _cx: &mut Cx<'_>, head: &ResponseHead<'_>) {
        panic!("refused: {:?}", head.status);
    }

    fn body(&mut self, _cx: &mut Cx<'_>, data: &[u8]) -> usize {
        data.len()
    }

    fn end(self: Box<Self>, _cx: &mut Cx<'_>, _trailers: Fields<'_>) {}

    fn failed(self: Box<Self>, _cx: &mut Cx<'_>, failure: Failure) {
        panic!("failed: {failure:?}");
    }
}

fn random(bytes: &mut [u8]) {
    rustix::rand::getrandom(bytes, rustix::rand::GetRandomFlags::empty())
        .expect("the kernel has random numbers");
}

fn main() -> Result<(), Box<dyn Error>> {
    let asked = Asked::read()?;
    let size = usize::try_from(asked.number('b').ok_or("how many bytes?")?)?;
    let sockets = asked.number('c').ok_or("how many sockets?")?;
    let (tls, h2, connections) = match asked.contender.as_str() {
        "over h2" => (true, true, sockets),
        "over one h2" => (true, true, 1),
        "over h1" => (true, false, sockets),
        "plain" => (false, false, sockets),
        other => return Err(format!("no contender `{other}`").into()),
    };
    let root = asked.scratch.join("root");
    fs::create_dir_all(&root)?;
    certify(&root)?;
    let server = Peer::start("lws", &Site { root: &root, scratch: &asked.scratch, tls })?;
    pin(std::process::id(), LOAD_CORE);

    let alpn = if h2 { "h2" } else { "http/1.1" };
    let roots = ClientSettings::new([Source::File(root.join("cert.pem").display().to_string())]).alpn([alpn]);
    let connector: Arc<dyn Connector> = lws_backend_rustls::provider().client(&roots)?;
    let mut service = lws_core::Context::new().build()?;
    let count = Rc::new(Cell::new(0));
    let depth = asked.number('d').unwrap_or(1);
    let slot = service.world().add(Pump { payload: vec![b'x'; size], depth, count: count.clone() });
    for _ in 0..connections {
        let left = sockets / connections;
        let calls = Box::new(Sockets { left, slot, authority: server.authority.clone() });
        let client: Box<dyn Role> =
            if h2 { Box::new(H2Client::new(calls)) } else { Box::new(H1Client::new(calls)) };
        let role: Box<dyn Role> = match tls {
            true => Box::new(TlsRole::hosting(connector.connect("127.0.0.1")?, client)),
            false => client,
        };
        service.connect(Target::Inet(server.authority.parse()?), role);
    }
    let mut run = |messages: u64| -> Result<(), Box<dyn Error>> {
        let end = count.get() + messages;
        while count.get() < end {
            service.turn(None)?;
        }
        Ok(())
    };
    let messages = if asked.quick { 50_000 } else { 400_000 } / (1 + size as u64 / 4096);
    run(messages / 10)?;
    let (before, begin) = (spent_ns(server.pid())?, count.get());
    run(messages)?;
    let spent = spent_ns(server.pid())? - before;
    per_request("echoed", spent, count.get() - begin);
    Ok(())
}
