//! What is asked, and who hears the answer.

use crate::limits::FIELDS_BYTES;
use crate::{Error, Url, limits};
use lws_head::{Fields, Method, ResponseHead, field};
use lws_role::{Handle, Hub};
use std::fmt;
use std::time::Duration;

/// One request.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) timeout: Duration,
    pub(crate) redirects: u32,
}

/// A field that must not be sent (CLI-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldError {
    /// The name is no token.
    Name,
    /// The value has a control character in it.
    Value,
    /// The client sets this field itself: `Host`, `Connection`, `Upgrade`, and those that frame the body.
    Reserved,
    /// More than [`FIELDS_BYTES`] of fields.
    TooMany,
}

/// Fields that say how the message travels: only the client knows.
const RESERVED: [&str; 9] = [
    "host",
    "connection",
    "upgrade",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "keep-alive",
    "expect",
];

impl Request {
    /// A request without a body.
    pub fn new(method: Method, url: Url) -> Self {
        let (fields, body) = (Vec::new(), Vec::new());
        Self { method, url, fields, body, timeout: limits::TIMEOUT, redirects: limits::REDIRECTS }
    }

    /// GET.
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// POST of these bytes. Say what they are with `Content-Type`.
    pub fn post(url: Url, body: impl Into<Vec<u8>>) -> Self {
        Self::new(Method::Post, url).body(body)
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds a field.
    ///
    /// # Errors
    /// It must not be sent.
    #[doc(alias = "lws_add_http_header_by_name")]
    pub fn field(mut self, name: &str, value: impl AsRef<[u8]>) -> Result<Self, FieldError> {
        let value = value.as_ref();
        if !field::is_token(name.as_bytes()) {
            return Err(FieldError::Name);
        }
        if !field::is_field_value(value) {
            return Err(FieldError::Value);
        }
        let is = |other: &&str| name.eq_ignore_ascii_case(other);
        if RESERVED.iter().any(is) || name.get(..14).is_some_and(|n| n.eq_ignore_ascii_case("sec-websocket-"))
        {
            return Err(FieldError::Reserved);
        }
        self.fields.push((name.into(), value.into()));
        let bytes: usize = self.fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > FIELDS_BYTES { Err(FieldError::TooMany) } else { Ok(self) }
    }

    /// How long it may take. Default: [`limits::TIMEOUT`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many redirects are followed, at most and by default [`limits::REDIRECTS`]. With 0 a redirect is an answer
    /// like any other.
    pub fn redirects(mut self, n: u32) -> Self {
        self.redirects = n.min(limits::REDIRECTS);
        self
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the field's name is no token",
            Self::Value => "the field's value has a control character in it",
            Self::Reserved => "the client sets this field itself",
            Self::TooMany => "there are too many bytes of fields",
        })
    }
}

impl std::error::Error for FieldError {}

/// Who hears the answer to a [`Request`].
///
/// Calls come from the loop, one at a time. The last one is [`Answer::done`], exactly once.
#[doc(alias = "LWS_CALLBACK_RECEIVE_CLIENT_HTTP")]
pub trait Answer: 'static {
    /// The response's head is there; redirects have been followed. `connection` is what to wake after
    /// [`Answer::body`] has held something back, and what to abort.
    #[doc(alias = "LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP")]
    fn head(&mut self, _hub: &mut Hub, _head: &ResponseHead<'_>, _connection: Handle) {}

    /// Some of the body. Returns how many bytes were taken; the rest is offered again when the connection is woken,
    /// and nothing is read from the server meanwhile.
    fn body(&mut self, hub: &mut Hub, data: &[u8]) -> usize;

    /// The response is complete, `Ok` with its trailers; or there will be none, or not all of it.
    #[doc(alias = "LWS_CALLBACK_COMPLETED_CLIENT_HTTP")]
    #[doc(alias = "LWS_CALLBACK_CLIENT_CONNECTION_ERROR")]
    fn done(self: Box<Self>, hub: &mut Hub, result: Result<Fields<'_>, Error>);
}
