//! HTTP and WebSocket without callbacks, for scripts, tests and threads of their own: each call returns when it is done.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let page = lws::blocking::get("http://127.0.0.1:7681/")?;
//! println!("{} {}", page.status, page.text());
//!
//! let mut socket = lws::blocking::WebSocket::connect("ws://127.0.0.1:7681/echo")?;
//! socket.send_text("hello")?;
//! assert_eq!(socket.receive()?.text(), Some("hello"));
//! socket.close()?;
//! # Ok(())
//! # }
//! ```
//! An [`Agent`] does the same more than once: it keeps connections, and has TLS if it is given a library for it:
//! `Agent::with_tls(&lws_backend_rustls::provider())`.
//!
//! Underneath is the loop that servers run on, and [`lws_client`] on it; it turns while a call waits, and only then.

mod error;
mod socket;

pub use error::Error;
pub use socket::{Received, WebSocket};

use lws_client::{Answer, Client, Fields, Handle, Hub, Request, ResponseHead, Url};
use lws_core::{Context, Service};
use lws_role::SlotKey;
use lws_tls::{ClientSettings, Provider};
use std::cell::RefCell;
use std::rc::Rc;

/// Bytes of a response's body that [`Agent::send`] takes, decoded; more is [`Error::TooLarge`].
pub const MAX_BODY: usize = 64 << 20;

/// Gets what is at an `http` URL.
///
/// # Errors
/// See [`Error`]. A status of 400 and above is none.
pub fn get(url: &str) -> Result<Response, Error> {
    Agent::new()?.get(url)
}

/// A client that keeps its connections from one call to the next.
pub struct Agent {
    service: Service,
    client: SlotKey<Client>,
    #[cfg(feature = "deflate")]
    deflate: Option<lws_role_ws::DeflateOptions>,
}

impl Agent {
    /// One without TLS.
    ///
    /// # Errors
    /// The system refuses a loop.
    pub fn new() -> Result<Self, Error> {
        Self::with(Client::new())
    }

    /// One that speaks `https` and `wss`, trusts whom the system trusts, and uses HTTP/2 where the server does.
    ///
    /// # Errors
    /// The system's certificates cannot be read; or as [`Agent::new`].
    pub fn with_tls(provider: &dyn Provider) -> Result<Self, Error> {
        let settings = ClientSettings::platform();
        let http1 = provider.client(&settings.clone().alpn(["http/1.1"])).map_err(Error::Tls)?;
        let http2 = provider.client(&settings.alpn(["h2", "http/1.1"])).map_err(Error::Tls)?;
        Self::with(Client::new().tls(http1).http2(http2))
    }

    /// One with proxies, cookies, certificates and limits of your own.
    ///
    /// # Errors
    /// The system refuses a loop.
    pub fn with(client: Client) -> Result<Self, Error> {
        let mut service = Context::new().build().map_err(Error::Loop)?;
        let key = client.install(service.world());
        let remote = service.remote::<Client>().expect("it has just been installed");
        let (client, _) = Client::reach(key, service.world());
        // A letter that comes when the loop has ended is for nobody.
        client.post_by(move |letter| drop(remote.post(letter)));
        Ok(Self {
            service,
            client: key,
            #[cfg(feature = "deflate")]
            deflate: None,
        })
    }

    /// Offers to compress the messages of WebSockets (permessage-deflate, RFC 7692). The server may decline; nobody
    /// notices. See [`lws_role_ws::WsClient::deflate`] for what it costs.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn deflate(mut self, options: lws_role_ws::DeflateOptions) -> Self {
        self.deflate = Some(options);
        self
    }

    /// Gets what is at a URL.
    ///
    /// # Errors
    /// As [`get`].
    pub fn get(&mut self, url: &str) -> Result<Response, Error> {
        self.send(Request::get(Url::parse(url).map_err(Error::Url)?))
    }

    /// Posts a body.
    ///
    /// # Errors
    /// As [`get`].
    pub fn post(&mut self, url: &str, body: impl Into<lws_client::Body>) -> Result<Response, Error> {
        self.send(Request::post(Url::parse(url).map_err(Error::Url)?, body))
    }

    /// Sends a request, and waits for the whole response.
    ///
    /// # Errors
    /// As [`get`].
    pub fn send(&mut self, request: Request) -> Result<Response, Error> {
        let outcome = Rc::new(RefCell::new(Gathered::default()));
        let (client, hub) = Client::reach(self.client, self.service.world());
        client.send(hub, request, Gatherer { outcome: outcome.clone() });
        loop {
            let result = outcome.borrow_mut().result.take();
            if let Some(result) = result {
                let gathered = outcome.take();
                return match (result, gathered.is_too_large) {
                    (_, true) => Err(Error::TooLarge),
                    (Ok(()), false) => Ok(gathered.response),
                    (Err(e), false) => Err(Error::Client(e)),
                };
            }
            self.service.turn(None).map_err(Error::Loop)?;
        }
    }

    /// Opens a WebSocket. The agent's loop becomes the socket's.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn websocket(self, url: &str) -> Result<WebSocket, Error> {
        self.websocket_with(Request::get(Url::parse(url).map_err(Error::Url)?), &[])
    }

    /// The same with fields, authentication and timeouts of a request, and with subprotocols to offer.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn websocket_with(self, request: Request, subprotocols: &[&str]) -> Result<WebSocket, Error> {
        let offer = socket::Offer {
            subprotocols,
            #[cfg(feature = "deflate")]
            deflate: self.deflate,
        };
        WebSocket::open(self.service, self.client, request, offer)
    }
}

/// A whole response.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// `200` and the like (RFC 9110 §15).
    pub status: u16,
    /// Field lines, in order.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The content, decoded.
    pub body: Vec<u8>,
}

impl Response {
    /// The first field of a name, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok()
    }

    /// The body as text; what is not UTF-8 becomes U+FFFD.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// A response in the making.
#[derive(Default)]
struct Gathered {
    response: Response,
    is_too_large: bool,
    result: Option<Result<(), lws_client::Error>>,
}

struct Gatherer {
    outcome: Rc<RefCell<Gathered>>,
}

impl Answer for Gatherer {
    fn head(&mut self, _hub: &mut Hub, head: &ResponseHead<'_>, _connection: Handle) {
        let response = &mut self.outcome.borrow_mut().response;
        response.status = head.status.code();
        response.fields = head.fields.iter().map(|f| (f.name.to_owned(), f.value.to_vec())).collect();
    }

    fn body(&mut self, _hub: &mut Hub, data: &[u8]) -> usize {
        let outcome = &mut *self.outcome.borrow_mut();
        if outcome.response.body.len() + data.len() > MAX_BODY {
            outcome.is_too_large = true;
            // Nobody waits for the rest; the call ends with the agent's next turn.
            outcome.result = Some(Ok(()));
            return 0;
        }
        outcome.response.body.extend_from_slice(data);
        data.len()
    }

    fn is_cancelled(&self) -> bool {
        self.outcome.borrow().is_too_large
    }

    fn done(self: Box<Self>, _hub: &mut Hub, result: Result<Fields<'_>, lws_client::Error>) {
        self.outcome.borrow_mut().result = Some(result.map(drop));
    }
}
