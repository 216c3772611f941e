//! What is asked, and who hears the answer.

use crate::limits::FIELDS_BYTES;
use crate::{Auth, Body, Error, Form, Retry, Stage, Timeouts, Url, limits};
use lws_head::{Fields, Method, ResponseHead, field};
use lws_role::{Facts, Handle, Hub};
use lws_tls::Connector;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One request.
#[derive(Debug)]
#[must_use = "a request does nothing until a client sends it"]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) fields: Vec<(String, Vec<u8>)>,
    pub(crate) body: Body,
    pub(crate) timeout: Option<Duration>,
    pub(crate) timeouts: Timeouts,
    pub(crate) redirects: u32,
    pub(crate) auth: Option<Auth>,
    pub(crate) expect: Option<Duration>,
    pub(crate) retry: Option<Retry>,
    pub(crate) version: Version,
    pub(crate) connector: Option<Arc<dyn Connector>>,
    pub(crate) decode: bool,
}

/// Which HTTP is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Version {
    /// What ALPN chooses; HTTP/1.1 without TLS.
    #[default]
    Any,
    Http1,
    /// Prior knowledge (RFC 9113 §3.3).
    Http2,
}

impl Version {
    pub(crate) fn is_http2(self) -> bool {
        self == Self::Http2
    }
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
        Self {
            method,
            url,
            fields: Vec::new(),
            body: Body::default(),
            timeout: Some(limits::TIMEOUT),
            timeouts: Timeouts::default(),
            redirects: limits::REDIRECTS,
            auth: None,
            expect: None,
            retry: None,
            version: Version::Any,
            connector: None,
            decode: true,
        }
    }

    /// GET.
    pub fn get(url: Url) -> Self {
        Self::new(Method::Get, url)
    }

    /// POST of these bytes. Say what they are with `Content-Type`.
    pub fn post(url: Url, body: impl Into<Body>) -> Self {
        Self::new(Method::Post, url).body(body)
    }

    /// Sets the body: bytes, or [`Body::source`].
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// POST of a form: its fields, and files that are read while they are sent.
    ///
    /// # Errors
    /// A file cannot be opened.
    #[doc(alias = "LCCSCF_HTTP_MULTIPART_MIME")]
    #[doc(alias = "LCCSCF_HTTP_X_WWW_FORM_URLENCODED")]
    pub fn form(url: Url, form: Form) -> std::io::Result<Self> {
        let (content_type, body) = form.into_body()?;
        let mut this = Self::post(url, body);
        this.fields.push(("Content-Type".into(), content_type.into_bytes()));
        Ok(this)
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

    /// How long it may take, from [`crate::Client::send`] to the last byte of the response: looking up the host,
    /// connecting, redirects and further tries included. Default: [`limits::TIMEOUT`].
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// It may take as long as something moves: a stream of events, a large file.
    pub fn no_timeout(mut self) -> Self {
        self.timeout = None;
        self
    }

    /// How long each stage may take.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How many redirects are followed, up to [`limits::REDIRECTS`], the default. With 0 they are answers like any
    /// other.
    #[doc(alias = "lws_client_reset")]
    pub fn redirects(mut self, redirects: u32) -> Self {
        self.redirects = redirects;
        self
    }

    /// Says who is asking, to the URL's own origin only. An `Authorization` field goes before it.
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = Some(auth);
        self
    }

    /// Asks the server for leave before the body is sent (RFC 9110 §10.1.1), and waits so long for it at most;
    /// [`limits::EXPECT_TIMEOUT`] is a good value. A server that refuses is not sent the body.
    pub fn expect_continue(mut self, patience: Duration) -> Self {
        self.expect = Some(patience);
        self
    }

    /// Tries again when there is no connection, when the connection breaks before an answer and the method is
    /// idempotent, and when the server answers 429 or 503; `Retry-After` is respected. Default: one try.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Speaks HTTP/1.1, whatever else the client could.
    pub fn http1(mut self) -> Self {
        self.version = Version::Http1;
        self
    }

    /// Speaks HTTP/2 at once (RFC 9113 §3.3), also without TLS. Under TLS, ALPN must choose it.
    #[doc(alias = "LCCSCF_H2_PRIOR_KNOWLEDGE")]
    pub fn http2(mut self) -> Self {
        self.version = Version::Http2;
        self
    }

    /// Connects with this instead of the client's own: other roots, a client certificate, a leniency. It is for this
    /// URL's origin; a redirect elsewhere goes with the client's own (CLI-01).
    pub fn connector(mut self, connector: Arc<dyn Connector>) -> Self {
        self.connector = Some(connector);
        self
    }

    /// Gives the body as the server sends it, gzip or not, and does not ask for any coding.
    pub fn raw(mut self) -> Self {
        self.decode = false;
        self
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether we ask for codings, and undo them. Who asks for some himself gets what he asks for, and ranges are of
    /// what is coded.
    pub(crate) fn decodes(&self) -> bool {
        let own = |(name, _): &(String, Vec<u8>)| {
            name.eq_ignore_ascii_case("accept-encoding") || name.eq_ignore_ascii_case("range")
        };
        self.decode && !self.fields.iter().any(own)
    }

    /// Goes elsewhere, with as much of it as may be seen there.
    pub(crate) fn redirect(&mut self, url: Url, as_get: bool) {
        if self.url.origin() != url.origin() {
            // CLI-01: what was meant for one origin is not for another; nor is it given back later.
            self.fields.retain(|(name, _)| !is_secret(name));
            self.auth = None;
            self.connector = None;
        }
        self.url = url;
        if as_get {
            self.method = Method::Get;
            self.body = Body::default();
            self.expect = None;
            self.fields
                .retain(|(name, _)| !name.get(..8).is_some_and(|n| n.eq_ignore_ascii_case("content-")));
        }
    }
}

fn is_secret(name: &str) -> bool {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    is("authorization") || is("cookie") || name.get(..6).is_some_and(|n| n.eq_ignore_ascii_case("proxy-"))
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
    /// A stage begins. Redirects and further tries begin again. The first ones may begin within
    /// [`crate::Client::send`].
    fn stage(&mut self, _hub: &mut Hub, _stage: Stage) {}

    /// What is known about the connection that the response comes on: who the peer is, what TLS has agreed on and whose
    /// certificate was shown. Called in front of [`Answer::head`].
    #[doc(alias = "lws_tls_peer_cert_info")]
    fn connected(&mut self, _hub: &mut Hub, _facts: &Facts) {}

    /// Nobody waits for it any more. Asked whenever the connection is woken: then it ends, as an error.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// The response's head is there; redirects have been followed. `connection` is what to wake after
    /// [`Answer::body`] has held something back, or to let [`Answer::is_cancelled`] be asked.
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
