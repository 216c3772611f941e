//! One WebSocket with a loop of its own.

use super::Error;
use lws_client::{Client, Request, random};
use lws_core::Service;
use lws_role::{Closed, Env, SlotKey, World};
use lws_role_ws::{CloseCode, Kind, Message, Protocol, Ws, WsClient};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A WebSocket. Nothing happens on it but within a call: pings are answered while one waits.
pub struct WebSocket {
    service: Service,
    pipe: SlotKey<Pipe>,
    subprotocol: Option<String>,
}

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Text or binary.
    pub kind: Kind,
    /// The payload; if [`Kind::Text`], valid UTF-8.
    pub data: Vec<u8>,
}

impl Received {
    /// The text of a text message.
    pub fn text(&self) -> Option<&str> {
        match self.kind {
            Kind::Text => std::str::from_utf8(&self.data).ok(),
            Kind::Binary => None,
        }
    }
}

/// What a handshake offers.
pub(super) struct Offer<'a> {
    pub(super) subprotocols: &'a [&'a str],
    #[cfg(feature = "deflate")]
    pub(super) deflate: Option<lws_role_ws::DeflateOptions>,
}

/// Between the calls and the loop.
#[derive(Default)]
struct Pipe {
    /// Messages are handed over whole: pieces are not compressed.
    whole: bool,
    /// The first of `outbox` was handed over, and goes out.
    is_going: bool,
    inbox: VecDeque<Received>,
    outbox: VecDeque<Sending>,
    is_closing: bool,
    /// What the peer said when it closed.
    goodbye: (Option<u16>, String),
    closed: Option<Closed>,
}

/// A message on its way out.
struct Sending {
    kind: Kind,
    data: Vec<u8>,
    sent: usize,
}

impl Protocol for Pipe {
    type Session = ();

    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        ws.want_write();
    }

    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, message: Message<'_>) {
        self.inbox.push_back(Received { kind: message.kind, data: message.data.into() });
    }

    fn writable(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        if self.whole {
            return self.send_whole(ws);
        }
        while let Some(Sending { kind, data, sent }) = self.outbox.front_mut() {
            let rest = &data[*sent..];
            let part = rest.len().min(ws.room());
            let is_last = part == rest.len();
            if (part == 0 && !is_last) || !ws.send_fragment(*kind, is_last, &rest[..part]) {
                return ws.want_write();
            }
            *sent += part;
            if is_last {
                self.outbox.pop_front();
            }
        }
        if self.is_closing {
            ws.close(CloseCode::NORMAL, "");
        }
    }

    fn peer_closing(&mut self, _session: &mut (), code: Option<u16>, reason: &str) {
        self.goodbye = (code, reason.into());
    }

    fn closed(&mut self, _session: (), why: Closed) {
        self.closed = Some(why);
    }
}

impl Pipe {
    /// One message for each call: the next call says that it is out.
    fn send_whole(&mut self, ws: &mut Ws<'_, '_>) {
        if std::mem::take(&mut self.is_going) {
            self.outbox.pop_front();
        }
        match self.outbox.front() {
            Some(Sending { kind, data, .. }) => {
                self.is_going = ws.send(*kind, data);
                ws.want_write();
            }
            None if self.is_closing => ws.close(CloseCode::NORMAL, ""),
            None => {}
        }
    }
}

impl WebSocket {
    /// Opens a `ws` URL. For `wss` see [`super::Agent::with_tls`].
    ///
    /// # Errors
    /// See [`Error`].
    pub fn connect(url: &str) -> Result<Self, Error> {
        super::Agent::new()?.websocket(url)
    }

    pub(super) fn open(
        mut service: Service,
        client: SlotKey<Client>,
        request: Request,
        offer: Offer<'_>,
    ) -> Result<Self, Error> {
        let pipe = service.world().add(Pipe::default());
        let mut ws = WsClient::new(pipe, random);
        for name in offer.subprotocols {
            ws = ws.subprotocol(*name);
        }
        #[cfg(feature = "deflate")]
        if let Some(options) = offer.deflate {
            ws = ws.deflate(options);
            service.world().slots.state(pipe).whole = true;
        }
        let outcome = Rc::new(RefCell::new(None));
        let told = outcome.clone();
        let (client, hub) = Client::reach(client, service.world());
        client.open(hub, request, ws, move |_hub, result| *told.borrow_mut() = Some(result));
        loop {
            let result = outcome.borrow_mut().take();
            if let Some(result) = result {
                let subprotocol = result.map_err(Error::Client)?;
                return Ok(Self { service, pipe, subprotocol });
            }
            service.turn(None).map_err(Error::Loop)?;
        }
    }

    /// The subprotocol that the server chose, if it chose one.
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// Sends a text message; returns when all of it is on its way.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn send_text(&mut self, text: &str) -> Result<(), Error> {
        self.send(Kind::Text, text.into())
    }

    /// Sends a binary message; returns when all of it is on its way.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn send_binary(&mut self, data: &[u8]) -> Result<(), Error> {
        self.send(Kind::Binary, data.into())
    }

    fn send(&mut self, kind: Kind, data: Vec<u8>) -> Result<(), Error> {
        self.pipe().outbox.push_back(Sending { kind, data, sent: 0 });
        self.want_write();
        let sent = |pipe: &mut Pipe| pipe.outbox.is_empty().then_some(());
        self.until(None, sent).and_then(|sent| sent.ok_or_else(|| self.goodbye()))
    }

    /// The next message.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn receive(&mut self) -> Result<Received, Error> {
        let next = |pipe: &mut Pipe| pipe.inbox.pop_front();
        self.until(None, next).and_then(|message| message.ok_or_else(|| self.goodbye()))
    }

    /// The next message, if there is one within `patience`.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn receive_within(&mut self, patience: Duration) -> Result<Option<Received>, Error> {
        let message = self.until(Some(Instant::now() + patience), |pipe| pipe.inbox.pop_front())?;
        if message.is_none() && self.pipe().closed.is_some() {
            return Err(self.goodbye());
        }
        Ok(message)
    }

    /// Closes with 1000 (RFC 6455 §7.4.1) and waits for the peer to agree, as long as the role does.
    ///
    /// # Errors
    /// [`Error::Loop`].
    pub fn close(mut self) -> Result<(), Error> {
        self.pipe().is_closing = true;
        self.want_write();
        self.until(None, |pipe| pipe.closed).map(drop)
    }

    fn pipe(&mut self) -> &mut Pipe {
        self.service.world().slots.state(self.pipe)
    }

    fn want_write(&mut self) {
        let World { hub, .. } = self.service.world();
        Env::new(hub, self.pipe).want_write_all();
    }

    /// Turns the loop until `look` finds something; `None` when time is up or the socket is closed.
    fn until<T>(
        &mut self,
        end: Option<Instant>,
        mut look: impl FnMut(&mut Pipe) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        loop {
            let pipe = self.pipe();
            if let Some(found) = look(pipe) {
                return Ok(Some(found));
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if pipe.closed.is_some() || left.is_some_and(|left| left.is_zero()) {
                return Ok(None);
            }
            self.service.turn(left).map_err(Error::Loop)?;
        }
    }

    fn goodbye(&mut self) -> Error {
        let (code, reason) = self.pipe().goodbye.clone();
        Error::Closed { code, reason }
    }
}
