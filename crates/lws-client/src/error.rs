//! How a request fails, and at which stage.

use crate::proxy::ProxyFault;
use crate::{Stage, UrlError};
use lws_role::Closed;
use lws_role_h1::client::{Cause, Failure};
use lws_role_ws::Refused;
use std::fmt;

/// How a request failed: each variant is a stage. Told once, and never before the call that began it has returned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The host has no address that we could find, or the resolver is too busy; in its words.
    Resolve(String),
    /// None of the host's addresses could be connected to; why the last one could not.
    Connect(Closed),
    /// A proxy did not open the way.
    Proxy(ProxyFault),
    /// The TLS handshake with a proxy failed.
    ProxyTls {
        /// How the connection ended.
        why: Closed,
        /// What is wrong.
        reason: lws_tls::Error,
    },
    /// The TLS handshake failed.
    Tls {
        /// How the connection ended: [`Closed::Protocol`] for an untrusted certificate.
        why: Closed,
        /// The reason, if TLS has one: what is wrong with the certificate, which alert came.
        reason: Option<lws_tls::Error>,
    },
    /// There is no TLS in this client, and the URL wants it; or the host can be no certificate's name.
    NoTls,
    /// The connection or the peer failed while the request was under way.
    Http(Failure),
    /// The server answered with this status instead of opening a WebSocket.
    Status(u16),
    /// The server's answer does not open the WebSocket that was asked for.
    Handshake(Refused),
    /// A redirect cannot be followed.
    Redirect(RedirectFault),
    /// It has taken too long; in this stage the time was up.
    Timeout(Stage),
    /// The response's content cannot be decoded, or is a bomb (CLI-04).
    Coding(lws_coding::Error),
    /// The request would have to be sent again, and its body cannot be: see [`crate::Source::rewind`].
    Body,
    /// HTTP/2 was asked for, and the server does not speak it.
    NoHttp2,
    /// The loop opens no more connections now, or too many requests wait already.
    Busy,
}

/// Why a redirect is not followed (CLI-02).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedirectFault {
    /// More than [`crate::limits::REDIRECTS`].
    TooMany,
    /// There is no `Location`, or more than one.
    Location,
    /// It leads to no URL that can be connected to.
    Url(UrlError),
    /// It leads from `https` to `http`, or from the net to a socket on this machine.
    Downgrade,
    /// It asks for the same again, and the body cannot be sent again: see [`crate::Source::rewind`].
    Body,
}

impl Error {
    /// Whether it may be gone in a while, and the server has not seen anything of the request.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Resolve(_)
                | Self::Connect(_)
                | Self::Proxy(ProxyFault::Closed(_))
                | Self::Tls { why: Closed::Lost | Closed::Truncated | Closed::Ended, .. }
                | Self::ProxyTls { why: Closed::Lost | Closed::Truncated | Closed::Ended, .. }
                | Self::Timeout(Stage::Resolve | Stage::Connect | Stage::Proxy | Stage::Tls)
                | Self::Busy
        )
    }

    /// Whether the connection broke before there was an answer: what is idempotent may be sent again.
    pub(crate) fn is_unanswered(&self) -> bool {
        match self {
            Self::Http(failure) => {
                !failure.answered && matches!(failure.cause, Cause::Closed(_) | Cause::Reset(_))
            }
            _ => false,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure.cause {
            Cause::Timeout => Self::Timeout(Stage::Exchange),
            _ => Self::Http(failure),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve(why) => write!(f, "cannot resolve the host: {why}"),
            Self::Connect(why) => write!(f, "cannot connect: {why}"),
            Self::Proxy(fault) => write!(f, "the proxy does not open the way: {fault}"),
            Self::ProxyTls { reason: lws_tls::Error::Peer { cause, .. }, .. } => {
                write!(f, "the TLS handshake with the proxy failed: {cause}")
            }
            Self::ProxyTls { reason, .. } => write!(f, "the TLS handshake with the proxy failed: {reason}"),
            // Without its stage, which stands here already.
            Self::Tls { reason: Some(lws_tls::Error::Peer { cause, .. }), .. } => {
                write!(f, "the TLS handshake failed: {cause}")
            }
            Self::Tls { reason: Some(reason), .. } => write!(f, "the TLS handshake failed: {reason}"),
            Self::Tls { why, .. } => write!(f, "the TLS handshake failed: {why}"),
            Self::NoTls => f.write_str("the URL wants TLS, and this client has none for that host"),
            Self::Http(failure) => write!(f, "the request failed: {failure}"),
            Self::Status(status) => write!(f, "the server answered {status} instead of opening a WebSocket"),
            Self::Handshake(refused) => write!(f, "the WebSocket handshake failed: {refused}"),
            Self::Redirect(fault) => write!(f, "cannot follow a redirect: {fault}"),
            Self::Timeout(stage) => write!(f, "timed out {stage}"),
            Self::Coding(why) => write!(f, "the response cannot be decoded: {why}"),
            Self::Body => f.write_str("the request's body cannot be sent again"),
            Self::NoHttp2 => f.write_str("the server does not speak HTTP/2"),
            Self::Busy => f.write_str("the loop opens no more connections now"),
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for RedirectFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => f.write_str("there are too many"),
            Self::Location => f.write_str("it does not say where to"),
            Self::Url(why) => why.fmt(f),
            Self::Body => f.write_str("the request's body cannot be sent again"),
            Self::Downgrade => f.write_str("it leads to a less trusted place"),
        }
    }
}
