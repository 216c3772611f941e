//! The load of our own client: [`Carrier`] says how the sockets reach the server.

use lws_bench_net::peer::Peer;
use lws_bench_net::report::{Asked, Report};
use lws_bench_net::wsframe;
use lws_head::{Fields, Method, ResponseHead};
use lws_http::client::{Call, CallHead, Calls, Failure, Framing};
use lws_role::{Closed, Cx, Role, SlotKey, Target};
use lws_role_h1::H1Client;
use lws_role_h2::H2Client;
use lws_role_tls::TlsRole;
use lws_role_ws::{DeflateOptions, Kind, Message, Protocol, Ws, WsClient};
use lws_tls::{ClientSettings, Connector, Provider, Source};
use std::cell::Cell;
use std::error::Error;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// What is between a socket and the server.
#[derive(Clone, Copy, PartialEq)]
pub enum Carrier {
    Plain,
    Deflate,
    Tls,
    H2,
    /// All sockets on one connection.
    OneH2,
}

impl Carrier {
    /// By the name of a contender.
    pub fn of(contender: &str) -> Result<Self, String> {
        match contender {
            "over h2" => Ok(Self::H2),
            "over one h2" => Ok(Self::OneH2),
            "over h1" => Ok(Self::Tls),
            "plain" => Ok(Self::Plain),
            other => Err(format!("no contender `{other}`")),
        }
    }
}

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
            ws.send(Kind::Text, &self.payload);
        }
    }

    fn message(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>, message: Message<'_>) {
        assert_eq!(message.data.len(), self.payload.len(), "an echo of another length");
        self.count.set(self.count.get() + 1);
        ws.send(Kind::Text, message.data);
    }

    fn closed(&mut self, _session: (), why: Closed) {
        // At the end of the run all do.
        assert_eq!(why, Closed::Shutdown, "a socket ended");
    }
}

/// The sockets that a connection is to open.
struct Sockets {
    left: u64,
    slot: SlotKey<Pump>,
    authority: String,
    deflate: bool,
}

impl Calls for Sockets {
    fn next(&mut self, _cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        self.left = self.left.checked_sub(1)?;
        let mut client = WsClient::new(self.slot, random).max_message(4 << 20);
        if self.deflate {
            client = client.deflate(as_browsers());
        }
        let mut fields = vec![("Host".to_owned(), self.authority.clone().into_bytes())];
        fields.extend(client.fields());
        let head = CallHead { method: Method::Get, target: "/echo".to_owned(), fields, body: Framing::None };
        Some(Box::new(Open { head, client }))
    }
}

/// The offer of browsers: nobody is asked to forget a message, so each server does what it does by itself. libwebsockets makes
/// a new compressor for each message where one of `*_no_context_takeover` is agreed on.
fn as_browsers() -> DeflateOptions {
    DeflateOptions::default().server_no_context_takeover(false).client_no_context_takeover(false)
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

/// What is compressed: records as a program writes them.
fn records(size: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut number = 12345_u32;
    while text.len() < size {
        number = number.wrapping_mul(1_103_515_245).wrapping_add(12345);
        let (id, value) = (number >> 20, f64::from(number >> 8 & 0xffff) / 100.0);
        text.extend(
            format!("{{\"id\":{id},\"name\":\"sensor-{}\",\"value\":{value},\"ok\":true}},", id % 17).bytes(),
        );
    }
    text.truncate(size);
    text
}

pub fn run(
    asked: &Asked,
    server: &Peer,
    root: &Path,
    carrier: Carrier,
    size: usize,
) -> Result<Report, Box<dyn Error>> {
    let sockets = asked.number('c').ok_or("how many sockets?")?;
    let depth = asked.number('d').unwrap_or(1);
    let connections = if carrier == Carrier::OneH2 { 1 } else { sockets };
    let h2 = [Carrier::H2, Carrier::OneH2].contains(&carrier);
    let deflate = carrier == Carrier::Deflate;
    let connector = match carrier {
        Carrier::Plain | Carrier::Deflate => None,
        _ => {
            let trusted = Source::File(root.join("cert.pem").display().to_string());
            let settings = ClientSettings::new([trusted]).alpn([if h2 { "h2" } else { "http/1.1" }]);
            let connector: Arc<dyn Connector> = lws_backend_rustls::provider().client(&settings)?;
            Some(connector)
        }
    };
    let mut service = lws_core::Context::new().build()?;
    let count = Rc::new(Cell::new(0));
    let payload = if deflate { records(size) } else { wsframe::payload(size) };
    let slot = service.world().add(Pump { payload, depth, count: count.clone() });
    for _ in 0..connections {
        let left = sockets / connections;
        let calls = Box::new(Sockets { left, slot, authority: server.authority.clone(), deflate });
        let client: Box<dyn Role> =
            if h2 { Box::new(H2Client::new(calls)) } else { Box::new(H1Client::new(calls)) };
        let role: Box<dyn Role> = match &connector {
            Some(connector) => Box::new(TlsRole::hosting(connector.connect("127.0.0.1")?, client)),
            None => client,
        };
        service.connect(Target::Inet(server.authority.parse()?), role);
    }
    let mut load = |messages: u64| -> Result<u64, Box<dyn Error>> {
        let begin = count.get();
        while count.get() < begin + messages {
            service.turn(None)?;
        }
        Ok(count.get() - begin)
    };
    // Compression takes its time.
    let messages = super::messages(asked, size, depth) / if deflate { 3 } else { 1 };
    load(messages / 10)?;
    asked.measure(server, "echoed", messages, load)
}
