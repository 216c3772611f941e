//! One record per request.

use alloc::{boxed::Box, string::String};
use core::time::Duration;
use lws_head::{Method, RequestHead, Status, Version};
use lws_role::Peer;
use lws_wire::Time;

/// Where records of finished exchanges go. Called on the loop: it must not block.
pub trait AccessLog: Send + Sync {
    /// One exchange is over.
    fn log(&self, record: &Record);
}

impl<F: Fn(&Record) + Send + Sync> AccessLog for F {
    fn log(&self, record: &Record) {
        self(record);
    }
}

/// Bytes of the target, user agent and referrer that a record keeps (LOG-01).
const FIELD_BYTES: usize = crate::limits::LOG_FIELD_BYTES;

/// What is remembered of one exchange. Nothing secret: no authorisation, no cookies, no bodies (LOG-02). The strings
/// come from the client: escape them before they reach a terminal or a file.
#[derive(Clone, Debug)]
pub struct Record {
    /// Who asked.
    pub peer: Peer,
    /// With which method.
    pub method: Method,
    /// For what, as received.
    pub target: String,
    /// The protocol version.
    pub version: Version,
    /// Host or `:authority`.
    pub authority: Option<String>,
    /// The client's `User-Agent`.
    pub user_agent: Option<String>,
    /// The client's `Referer`.
    pub referrer: Option<String>,
    /// What was answered; `None` if the exchange ended before an answer.
    pub status: Option<Status>,
    /// Bytes of response body.
    pub body_bytes: u64,
    /// From the head's arrival to the end.
    pub took: Duration,
    /// Wall-clock time of the end, in seconds since 1970.
    pub unix_s: u64,
    began: Time,
}

impl Record {
    pub(crate) fn begin(head: &RequestHead<'_>, peer: Peer, now: Time) -> Box<Self> {
        let text = |name| head.fields.text(name).map(shorten);
        Box::new(Self {
            peer,
            method: head.method,
            target: shorten(head.target),
            version: head.version,
            authority: head.authority.map(shorten),
            user_agent: text("user-agent"),
            referrer: text("referer"),
            status: None,
            body_bytes: 0,
            took: Duration::ZERO,
            unix_s: 0,
            began: now,
        })
    }

    pub(crate) fn end(&mut self, now: Time, unix_s: u64, status: Option<Status>, body_bytes: u64) {
        self.took = now.since(self.began);
        (self.unix_s, self.status, self.body_bytes) = (unix_s, status, body_bytes);
    }
}

fn shorten(s: &str) -> String {
    let end = (0..=s.len().min(FIELD_BYTES)).rev().find(|i| s.is_char_boundary(*i));
    s.get(..end.unwrap_or(0)).unwrap_or_default().into()
}
