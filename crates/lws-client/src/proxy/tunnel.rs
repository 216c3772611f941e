//! CONNECT (RFC 9110 §9.3.6): an HTTP proxy becomes a pipe (CLI-06).
//!
//! ```text
//!   CONNECT host:port ──▶ … 2xx, and nothing behind it ──▶ who would speak without a proxy
//!         ▲                  ├ 407 and a challenge (digest) ──▶ once more, on another connection
//!         └──────────────────┘
//!                            └ anything else ──▶ the request fails
//! ```

use super::{Proxy, ProxyFault};
use crate::Error;
use crate::conn::Conn;
use crate::limits::PROXY_HEAD_BYTES;
use crate::timeouts::Stage;
use lws_h1::{HeadEncoder, HeadIndex, Limits, ResponseParser};
use lws_head::Method;
use lws_role::{Closed, Cx, Next, Role, Step, Timer};
use lws_role_h1::limits::INTERIM_RESPONSES;
use lws_wire::Out;
use std::rc::Rc;

/// Asks an HTTP proxy for a way to the server.
pub(crate) struct Tunnel {
    conn: Rc<Conn>,
    proxy: Rc<Proxy>,
    parser: ResponseParser,
    interims: u32,
}

impl Tunnel {
    pub(crate) fn new(conn: Rc<Conn>, proxy: Rc<Proxy>) -> Self {
        Self { conn, proxy, parser: ResponseParser::new(), interims: 0 }
    }

    fn ask(&self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Result<(), lws_h1::Error> {
        // CLI-06: the place to go is host and port of the URL, and nothing else of it.
        let place = self.conn.key.origin.with_port();
        let (client, _) = cx.split(self.conn.client);
        let authorization = client.proxy_authorization(&self.proxy, Method::Connect, &place);
        let mut head = HeadEncoder::request(out, Method::Connect, &place)?;
        head.field("Host", place.as_bytes())?;
        if let Some(value) = authorization {
            head.field("Proxy-Authorization", &value)?;
        }
        head.finish().map(drop)
    }

    fn refuse(&self, fault: ProxyFault, taken: usize) -> Step {
        self.conn.refuse(Error::Proxy(fault));
        Step::close(taken, Closed::Protocol)
    }
}

impl Role for Tunnel {
    fn name(&self) -> &'static str {
        "connect"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.conn.enter(cx.hub(), Stage::Proxy);
        let patience = self.conn.patience(Stage::Proxy, cx.now());
        cx.set_timer(Timer::Role, patience);
        match self.ask(cx, out) {
            Ok(()) => Next::Stay,
            Err(_) => Next::Close(Closed::Aborted),
        }
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        let mut index = HeadIndex::new();
        let bounds = Limits::default().head(PROXY_HEAD_BYTES);
        let response = match self.parser.parse(input, &mut index, &bounds, Method::Connect) {
            Ok(None) => return Step::stay(0),
            Ok(Some(response)) => response,
            Err(lws_h1::Error::Limit(_)) => return self.refuse(ProxyFault::Limit, input.len()),
            Err(_) => return self.refuse(ProxyFault::Protocol, input.len()),
        };
        let (status, len) = (response.head.status, response.len);
        if status.is_informational() {
            self.interims += 1;
            if self.interims > INTERIM_RESPONSES || status.code() == 101 {
                return self.refuse(ProxyFault::Protocol, input.len());
            }
            return Step::stay(len);
        }
        if status.code() == 407 && self.conn.answers_challenge(cx, &self.proxy, response.head.fields) {
            return Step::close(input.len(), Closed::Done);
        }
        if !status.is_success() {
            return self.refuse(ProxyFault::Status(status.code()), input.len());
        }
        // Nobody has spoken to the server yet: it cannot have said anything.
        if input.len() > len {
            return self.refuse(ProxyFault::Protocol, input.len());
        }
        Step::turn_into(len, self.conn.beyond_proxy(cx))
    }

    fn timeout(&mut self, _cx: &mut Cx<'_>, _which: Timer, _out: &mut Out<'_>) -> Next {
        Next::Close(Closed::Timeout)
    }

    fn drain(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        Next::Close(Closed::Shutdown)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.conn.ended(cx, why);
    }
}
