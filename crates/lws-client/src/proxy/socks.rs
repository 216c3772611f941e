//! SOCKS5 (RFC 1928), with a user and password if there are some (RFC 1929). The proxy looks the host up.
//!
//! ```text
//!   methods ──▶ method ─┬─▶ [user, password ──▶ status] ─▶ CONNECT host:port ──▶ reply ──▶ who would speak without
//!                       └─ none of ours: the request fails
//! ```

use super::{Proxy, ProxyFault};
use crate::Error;
use crate::conn::Conn;
use crate::timeouts::Stage;
use lws_role::{Closed, Cx, Next, Role, Step, Timer};
use lws_wire::Out;
use std::net::IpAddr;
use std::rc::Rc;

/// Asks a SOCKS proxy for a way to the server.
pub(crate) struct Socks {
    conn: Rc<Conn>,
    proxy: Rc<Proxy>,
    state: State,
}

/// What the proxy says next.
enum State {
    Method,
    Status,
    Reply,
}

const VERSION: u8 = 5;
const NO_AUTH: u8 = 0;
const USER_PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
/// The version of RFC 1929's own conversation.
const AUTH_VERSION: u8 = 1;

impl Socks {
    pub(crate) fn new(conn: Rc<Conn>, proxy: Rc<Proxy>) -> Self {
        Self { conn, proxy, state: State::Method }
    }

    /// RFC 1928 §4.
    fn request(&self) -> Option<Vec<u8>> {
        let origin = &self.conn.key.origin;
        let mut bytes = vec![VERSION, CONNECT, 0];
        match origin.host.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => bytes.extend([&[1][..], &ip.octets()].concat()),
            Ok(IpAddr::V6(ip)) => bytes.extend([&[4][..], &ip.octets()].concat()),
            Err(_) => {
                bytes.extend([3, u8::try_from(origin.host.len()).ok()?]);
                bytes.extend(origin.host.as_bytes());
            }
        }
        bytes.extend(origin.port.to_be_bytes());
        Some(bytes)
    }

    /// RFC 1929 §2.
    fn credentials(&self) -> Option<Vec<u8>> {
        let auth = self.proxy.auth.as_ref()?;
        let mut bytes = vec![AUTH_VERSION];
        for part in [&auth.user, &auth.password] {
            bytes.push(u8::try_from(part.len()).ok()?);
            bytes.extend(part.as_bytes());
        }
        Some(bytes)
    }

    /// What is said next; a fault if it cannot be said.
    fn say(bytes: Option<Vec<u8>>, out: &mut Out<'_>) -> Result<(), ProxyFault> {
        // The whole conversation fits into any room that a host lends.
        match bytes {
            Some(bytes) if out.put(&bytes) => Ok(()),
            _ => Err(ProxyFault::Protocol),
        }
    }

    /// Takes one message; `Ok(None)` if it is not complete, else its length, and whether it was the last one.
    fn hear(&mut self, input: &[u8], out: &mut Out<'_>) -> Result<Option<(usize, bool)>, ProxyFault> {
        match (&self.state, input) {
            (State::Method, [VERSION, NO_AUTH, ..]) => {
                self.state = State::Reply;
                Self::say(self.request(), out)?;
                Ok(Some((2, false)))
            }
            (State::Method, [VERSION, USER_PASSWORD, ..]) if self.proxy.auth.is_some() => {
                self.state = State::Status;
                Self::say(self.credentials(), out)?;
                Ok(Some((2, false)))
            }
            (State::Method, [VERSION, _, ..]) => Err(ProxyFault::Auth),
            (State::Status, [AUTH_VERSION, 0, ..]) => {
                self.state = State::Reply;
                Self::say(self.request(), out)?;
                Ok(Some((2, false)))
            }
            (State::Status, [AUTH_VERSION, _, ..]) => Err(ProxyFault::Auth),
            (State::Reply, [VERSION, 0, 0, kind, rest @ ..]) => {
                // RFC 1928 §6: the address that the proxy has bound, which nobody needs.
                let address = match (kind, rest.first()) {
                    (1, _) => 4,
                    (4, _) => 16,
                    (3, Some(len)) => 1 + usize::from(*len),
                    (3, None) => return Ok(None),
                    _ => return Err(ProxyFault::Protocol),
                };
                let len = 4 + address + 2;
                Ok(if input.len() < len { None } else { Some((len, true)) })
            }
            (State::Reply, [VERSION, 0, 0]) => Ok(None),
            (State::Reply, [VERSION, code, ..]) if *code > 0 => Err(ProxyFault::Reply(*code)),
            (_, [] | [VERSION | AUTH_VERSION] | [VERSION, 0]) => Ok(None),
            _ => Err(ProxyFault::Protocol),
        }
    }
}

impl Role for Socks {
    fn name(&self) -> &'static str {
        "socks"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.conn.enter(cx.hub(), Stage::Proxy);
        let patience = self.conn.patience(Stage::Proxy, cx.now());
        cx.set_timer(Timer::Role, patience);
        let methods: &[u8] = match self.proxy.auth {
            Some(_) => &[VERSION, 2, NO_AUTH, USER_PASSWORD],
            None => &[VERSION, 1, NO_AUTH],
        };
        if out.put(methods) { Next::Stay } else { Next::Close(Closed::Aborted) }
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let fault = match self.hear(input, out) {
            Ok(None) => return Step::stay(0),
            // Nobody has asked for anything yet that could be behind it.
            Ok(Some((len, _))) if input.len() > len => ProxyFault::Protocol,
            Ok(Some((len, false))) => return Step::stay(len),
            Ok(Some((len, true))) => return Step::turn_into(len, self.conn.beyond_proxy(cx)),
            Err(fault) => fault,
        };
        self.conn.refuse(Error::Proxy(fault));
        Step::close(input.len(), Closed::Protocol)
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
