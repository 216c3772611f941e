//! From an HTTP request to a WebSocket connection.

use crate::coding::{AnyCoding, Negotiator};
use crate::terms::Terms;
use crate::{Protocol, WsRole, limits};
use alloc::{boxed::Box, rc::Rc, string::String, sync::Arc, vec::Vec};
use core::time::Duration;
use lws_head::{RequestHeadBuf, Status, Version};
use lws_http::{Refusal, Request, UpgradeBlueprint, Upgraded, Upgrader};
use lws_role::{InstallError, SlotKey, World};
use lws_ws::Options;
use lws_ws::handshake::{self, VERSION};

/// Speaks the user protocol that `make` makes, once for each vhost and loop: `.upgrade("/chat", ws(Chat::new))`.
pub fn ws<P: Protocol, F: Fn() -> P + Send + Sync>(make: F) -> WsBlueprint<F> {
    WsBlueprint { make, settings: Settings::default() }
}

/// A WebSocket endpoint; see [`ws`].
pub struct WsBlueprint<F> {
    make: F,
    settings: Settings,
}

/// How an endpoint behaves.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) receiver: Options,
    pub(crate) validity: Validity,
    subprotocols: Vec<String>,
    origins: Vec<String>,
    extension: Option<Arc<dyn Negotiator>>,
}

impl Default for Settings {
    fn default() -> Self {
        let validity = Validity { ping_after: limits::PING_AFTER, hangup_after: limits::HANGUP_AFTER };
        Self {
            receiver: Options::default(),
            validity,
            subprotocols: Vec::new(),
            origins: Vec::new(),
            extension: None,
        }
    }
}

/// When a silent peer is asked for a sign of life, and when it is given up.
#[doc(alias = "lws_retry_bo_t")]
#[doc(alias = "secs_since_valid_ping")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Silence after which the peer is pinged.
    pub ping_after: Duration,
    /// Silence after which it is taken for dead. Not before `ping_after`.
    #[doc(alias = "secs_since_valid_hangup")]
    pub hangup_after: Duration,
}

impl<F> WsBlueprint<F> {
    /// A subprotocol (RFC 6455 §1.9) that this speaks. Repeated: the first one that the client offers too is chosen.
    /// A client that offers only others is not served here; one that offers none is.
    #[must_use]
    pub fn subprotocol(mut self, name: impl Into<String>) -> Self {
        self.settings.subprotocols.push(name.into());
        self
    }

    /// Pages of this origin (`https://app.example.com`) may connect too; those of the same host always may, and so
    /// may clients that are no browsers and send no `Origin` (WS-09).
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.settings.origins.push(origin.into());
        self
    }

    /// The longest message, in bytes, that is accepted; more is answered with 1009. Default:
    /// [`lws_ws::limits::MAX_MESSAGE`]. Of a compressed message this bounds both what arrives and what it becomes.
    #[must_use]
    pub fn max_message(mut self, bytes: u64) -> Self {
        self.settings.receiver = self.settings.receiver.max_message(bytes);
        self
    }

    /// Compresses messages (permessage-deflate, RFC 7692) with clients that offer it. Not done unless asked for: it
    /// costs time for each message, and where one message holds a secret beside something that an attacker chose, its
    /// length tells about the secret.
    ///
    /// By default connections remember nothing of earlier messages, and share one compressor for each loop. What
    /// [`crate::Ws::send_fragment`] sends is not compressed.
    #[cfg(feature = "deflate")]
    #[doc(alias = "lws_extension_callback_pm_deflate")]
    #[must_use]
    pub fn deflate(mut self, options: crate::DeflateOptions) -> Self {
        self.settings.extension = Some(Arc::new(options));
        self
    }

    /// When a silent peer is pinged and given up. Default: [`limits::PING_AFTER`], [`limits::HANGUP_AFTER`].
    #[must_use]
    pub fn validity(mut self, validity: Validity) -> Self {
        self.settings.validity = validity;
        self
    }
}

impl<P: Protocol, F: Fn() -> P + Send + Sync> UpgradeBlueprint for WsBlueprint<F> {
    fn install(&self, world: &mut World) -> Result<Box<dyn Upgrader>, InstallError> {
        let slot = world.add((self.make)());
        let settings = Rc::new(self.settings.clone());
        let terms = Terms { slot: slot.untyped(), settings, random: None, coding: None };
        Ok(Box::new(WsUpgrader { slot, terms: Rc::new(terms), agreed: Vec::new() }))
    }
}

/// One loop's instance of an endpoint.
struct WsUpgrader<P> {
    slot: SlotKey<P>,
    /// Of connections without an extension.
    terms: Rc<Terms>,
    /// Of connections with one, by the answer that says what was agreed on.
    agreed: Vec<(String, Rc<Terms>)>,
}

impl<P> WsUpgrader<P> {
    /// The terms of a connection with an extension. What no connection has any more is forgotten: there are never more than
    /// connections, nor more than ways to answer.
    fn agree(&mut self, coding: AnyCoding, answer: &str) -> Rc<Terms> {
        if let Some((_, terms)) = self.agreed.iter().find(|(known, _)| known == answer) {
            return terms.clone();
        }
        self.agreed.retain(|(_, terms)| Rc::strong_count(terms) > 1);
        let (slot, settings) = (self.slot.untyped(), self.terms.settings.clone());
        let terms = Rc::new(Terms { slot, settings, random: None, coding: Some(coding) });
        self.agreed.push((answer.into(), terms.clone()));
        terms
    }
}

impl<P: Protocol> Upgrader for WsUpgrader<P> {
    fn token(&self) -> &'static str {
        "websocket"
    }

    fn wants(&self, request: &Request<'_>) -> bool {
        let asked = handshake(request);
        let ours = &self.terms.settings.subprotocols;
        // A malformed list is wanted too: it is refused with a reason.
        ours.is_empty() || !asked.has_protocols() || !matches!(asked.choose_protocol(ours), Ok(None))
    }

    fn upgrade(&mut self, request: &Request<'_>) -> Result<Upgraded, Refusal> {
        let asked = handshake(request);
        let accept = asked.accept().map_err(refusal)?;
        let settings = &self.terms.settings;
        asked.check_origin(&settings.origins).map_err(refusal)?;
        let chosen = asked.choose_protocol(&settings.subprotocols).map_err(refusal)?;
        let granted = match &settings.extension {
            Some(extension) => extension
                .accept(asked.extensions(), settings.receiver.max_message)
                .map_err(handshake::Refusal::from)
                .map_err(refusal)?,
            None => None,
        };
        let mut fields = Vec::with_capacity(3);
        if request.version() != Version::Http2 {
            fields.push(("Sec-WebSocket-Accept", String::from_utf8_lossy(&accept).into_owned()));
        }
        if let Some(name) = chosen.and_then(|i| settings.subprotocols.get(i)) {
            fields.push(("Sec-WebSocket-Protocol", name.clone()));
        }
        let terms = match granted {
            Some((coding, answer)) => {
                let terms = self.agree(coding, &answer);
                fields.push(("Sec-WebSocket-Extensions", answer));
                terms
            }
            None => self.terms.clone(),
        };
        let role: WsRole<P> = WsRole::new(terms, Some(RequestHeadBuf::from(request.head())));
        Ok(Upgraded { role: Box::new(role), fields })
    }
}

fn handshake<'a>(request: &Request<'a>) -> handshake::Request<'a> {
    let mut asked = match request.version() {
        // RFC 8441 §5.1: on HTTP/2 extended CONNECT says what these say on HTTP/1.1, and the key is not used.
        Version::Http2 => {
            let mut asked = handshake::Request::new(b"GET", (1, 1));
            for (name, value) in SAID_BY_CONNECT {
                asked.field(name.as_bytes(), value.as_bytes());
            }
            asked
        }
        Version::Http11 => handshake::Request::new(request.method().as_str().as_bytes(), (1, 1)),
        Version::Http10 => handshake::Request::new(request.method().as_str().as_bytes(), (1, 0)),
    };
    let is_said = |name: &str| {
        request.version() == Version::Http2
            && SAID_BY_CONNECT.iter().any(|(said, _)| name.eq_ignore_ascii_case(said))
    };
    for field in request.fields().iter().filter(|field| !is_said(field.name)) {
        asked.field(field.name.as_bytes(), field.value);
    }
    asked
}

/// What extended CONNECT says without saying it (RFC 8441 §5.1).
const SAID_BY_CONNECT: [(&str, &str); 3] =
    [("upgrade", "websocket"), ("connection", "upgrade"), ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA==")];

fn refusal(why: handshake::Refusal) -> Refusal {
    let status = Status::new(why.status()).unwrap_or(Status::BAD_REQUEST);
    // RFC 6455 §4.4: the answer names the versions we speak.
    let fields = match status {
        Status::UPGRADE_REQUIRED => alloc::vec![("Sec-WebSocket-Version", String::from(VERSION))],
        _ => Vec::new(),
    };
    Refusal { status, fields, why: "not a valid WebSocket handshake" }
}
