//! From a connection of ours to a WebSocket (RFC 6455 §4.1): what a client says, and what it takes for an answer.
//!
//! ```text
//!   WsClient::fields ──▶ the request's head      the answer's head ──▶ WsClient::accept ──▶ WsRole
//! ```
//! Who carries the heads is not known here; only that on HTTP/2 extended CONNECT (RFC 8441 §5) says what the key and
//! its answer say on HTTP/1.1. An extension is offered only if asked for.

use crate::coding::Offer;
use crate::terms::Terms;
use crate::upgrade::Settings;
use crate::{Protocol, Validity, WsRole};
use alloc::{boxed::Box, rc::Rc, string::String, vec::Vec};
use core::fmt;
use lws_head::{ResponseHead, Version, field};
use lws_role::SlotKey;
use lws_ws::handshake::{Failure, Key, Response, VERSION};

/// Fills bytes that nobody can predict, from the system's generator or one seeded by it: RFC 6455 §5.3 asks for a
/// strong source, so that no page's script can choose what a proxy sees on the wire.
pub type Random = fn(&mut [u8]);

/// One opening handshake, as a client, and who will speak.
pub struct WsClient<P> {
    slot: SlotKey<P>,
    settings: Settings,
    subprotocols: Vec<String>,
    extension: Option<Box<dyn Offer>>,
    random: Random,
    key: Key,
}

/// A server said yes.
pub struct Accepted<P: Protocol> {
    /// Who speaks on the connection from here on.
    pub role: WsRole<P>,
    /// The subprotocol that it chose, of those offered.
    pub subprotocol: Option<String>,
}

/// Why an answer does not open a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The handshake itself.
    Handshake(Failure),
    /// The server granted an extension that was not offered.
    Extension,
    /// The server granted an extension that was offered, but not as its rules allow: twice, in a list that is none, or
    /// with parameters that do not answer the offer.
    Negotiation,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshake(failure) => failure.fmt(f),
            Self::Extension => f.write_str("the server granted an extension that was not offered"),
            Self::Negotiation => {
                f.write_str("the server granted an extension in a way that does not answer the offer")
            }
        }
    }
}

impl core::error::Error for Refused {}

impl<P: Protocol> WsClient<P> {
    /// A handshake for a connection on which the instance `slot` will speak. Each connection needs one of its own.
    pub fn new(slot: SlotKey<P>, random: Random) -> Self {
        let mut nonce = [0; 16];
        random(&mut nonce);
        // RFC 6455 §4.1: the nonce is selected randomly for each connection.
        Self {
            slot,
            settings: Settings::default(),
            subprotocols: Vec::new(),
            extension: None,
            random,
            key: Key::new(nonce),
        }
    }

    /// A subprotocol (RFC 6455 §1.9) to offer, the most wanted first. One that is no token, or was offered already, is
    /// left out.
    #[must_use]
    #[doc(alias = "lws_client_connect_info")]
    pub fn subprotocol(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        if field::is_token(name.as_bytes()) && !self.subprotocols.contains(&name) {
            self.subprotocols.push(name);
        }
        self
    }

    /// The longest message, in bytes, that is accepted; more is answered with 1009. Default:
    /// [`lws_ws::limits::MAX_MESSAGE`]. Of a compressed message this bounds both what arrives and what it becomes.
    #[must_use]
    pub fn max_message(mut self, bytes: u64) -> Self {
        self.settings.receiver = self.settings.receiver.max_message(bytes);
        self
    }

    /// Offers to compress messages (permessage-deflate, RFC 7692). A server may grant it or not; one that grants what
    /// was not offered is refused. Not done unless asked for: it costs time for each message, and where one message
    /// holds a secret beside something that an attacker chose, its length tells about the secret.
    ///
    /// By default connections remember nothing of earlier messages, and share one compressor for each loop. What
    /// [`crate::Ws::send_fragment`] sends is not compressed.
    #[cfg(feature = "deflate")]
    #[doc(alias = "lws_extension_callback_pm_deflate")]
    #[must_use]
    pub fn deflate(mut self, options: crate::DeflateOptions) -> Self {
        self.extension = Some(Box::new(options));
        self
    }

    /// When a silent server is pinged and given up. Default: [`crate::limits::PING_AFTER`],
    /// [`crate::limits::HANGUP_AFTER`].
    #[must_use]
    pub fn validity(mut self, validity: Validity) -> Self {
        self.settings.validity = validity;
        self
    }

    /// The fields of a GET that asks for the WebSocket, besides `Host` and whatever the caller adds. A carrier of
    /// HTTP/2 makes an extended CONNECT of it, and what belongs to HTTP/1.1 is left out or not looked at.
    pub fn fields(&self) -> Vec<(String, Vec<u8>)> {
        self.fields_on(Version::Http11)
    }

    /// The same, where it is known which version of HTTP carries them: on HTTP/2 there is no key.
    pub fn fields_on(&self, version: Version) -> Vec<(String, Vec<u8>)> {
        // RFC 6455 §4.1: items 5, 6, 7, 9 and 10 of the requirements.
        let mut fields: Vec<(String, Vec<u8>)> = Vec::with_capacity(6);
        let mut add = |name: &str, value: &[u8]| fields.push((name.into(), value.into()));
        // RFC 8441 §5: on HTTP/2 what `Upgrade` names goes into `:protocol`.
        add("Upgrade", b"websocket");
        if version != Version::Http2 {
            add("Connection", b"Upgrade");
            add("Sec-WebSocket-Key", self.key.as_bytes());
        }
        add("Sec-WebSocket-Version", VERSION.as_bytes());
        if !self.subprotocols.is_empty() {
            add("Sec-WebSocket-Protocol", self.subprotocols.join(", ").as_bytes());
        }
        if let Some(extension) = &self.extension {
            add("Sec-WebSocket-Extensions", extension.field().as_bytes());
        }
        fields
    }

    /// Looks at the answer (CLI-10).
    ///
    /// # Errors
    /// Why there is no WebSocket. There is nothing left to do but to close the connection.
    pub fn accept(self, head: &ResponseHead<'_>) -> Result<Accepted<P>, Refused> {
        let is_http2 = head.version == Version::Http2;
        // RFC 8441 §5: any 2xx is consent there, and means what 101 and its fields mean on HTTP/1.1.
        let accept = lws_ws::handshake::accept_key(self.key.as_bytes());
        let mut response = if is_http2 && head.status.is_success() {
            let mut response = Response::new(101);
            response.field(b"upgrade", b"websocket");
            response.field(b"connection", b"upgrade");
            response.field(b"sec-websocket-accept", &accept);
            response
        } else {
            Response::new(head.status.code())
        };
        for field in head.fields.iter() {
            // RFC 8441 §5.1: not used.
            if !(is_http2 && field.name.eq_ignore_ascii_case("sec-websocket-accept")) {
                response.field(field.name.as_bytes(), field.value);
            }
        }
        let chosen = response.check(&self.key, &self.subprotocols).map_err(Refused::Handshake)?;
        let coding = match &self.extension {
            Some(extension) => extension.check(response.extensions(), self.settings.receiver.max_message)?,
            // RFC 6455 §4.1: an extension that was not in the client's handshake fails the connection.
            None if head.fields.first("sec-websocket-extensions").is_some() => {
                return Err(Refused::Extension);
            }
            None => None,
        };
        let subprotocol = chosen.and_then(|i| self.subprotocols.into_iter().nth(i));
        let (slot, settings) = (self.slot.untyped(), Rc::new(self.settings));
        let terms = Terms { slot, settings, random: Some(self.random), coding };
        Ok(Accepted { role: WsRole::new(Rc::new(terms), None), subprotocol })
    }
}
