//! How a request fails, and at which stage.

use crate::UrlError;
use lws_role::Closed;
use lws_role_h1::client::Failure;
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
    /// The TLS handshake failed: an untrusted certificate ([`Closed::Protocol`]), a timeout, and so on.
    Tls(Closed),
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
    /// The loop opens no more connections now.
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
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve(why) => write!(f, "cannot resolve the host: {why}"),
            Self::Connect(why) => write!(f, "cannot connect: {why}"),
            Self::Tls(why) => write!(f, "the TLS handshake failed: {why}"),
            Self::NoTls => f.write_str("the URL wants TLS, and this client has none for that host"),
            Self::Http(failure) => write!(f, "the request failed: {failure}"),
            Self::Status(status) => write!(f, "the server answered {status} instead of opening a WebSocket"),
            Self::Handshake(refused) => write!(f, "the WebSocket handshake failed: {refused}"),
            Self::Redirect(fault) => write!(f, "cannot follow a redirect: {fault}"),
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
            Self::Downgrade => f.write_str("it leads to a less trusted place"),
        }
    }
}
