//! What a blocking call can fail with.

use lws_client::UrlError;
use std::fmt;

/// Why a blocking call failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// Not a URL that can be asked for.
    Url(UrlError),
    /// The request failed; at which stage, it says itself.
    Client(lws_client::Error),
    /// TLS cannot be set up.
    Tls(lws_tls::Error),
    /// The body is longer than [`super::MAX_BODY`].
    TooLarge,
    /// The WebSocket is closed: the peer's code (RFC 6455 §7.4.1) and reason, if it gave one.
    Closed {
        /// 1000 and the like.
        code: Option<u16>,
        /// The peer's words.
        reason: String,
    },
    /// The operating system refused something that the loop needs.
    Loop(lws_core::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(e) => e.fmt(f),
            Self::Client(lws_client::Error::NoTls) => {
                f.write_str("https and wss need a TLS library: Agent::with_tls(&provider)")
            }
            Self::Client(e) => e.fmt(f),
            Self::Tls(e) => e.fmt(f),
            Self::TooLarge => write!(f, "the body is longer than {} bytes", super::MAX_BODY),
            Self::Closed { code: Some(code), reason } if reason.is_empty() => {
                write!(f, "the WebSocket is closed ({code})")
            }
            Self::Closed { code: Some(code), reason } => {
                write!(f, "the WebSocket is closed ({code}): {reason}")
            }
            Self::Closed { code: None, .. } => f.write_str("the WebSocket is closed"),
            Self::Loop(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Url(e) => Some(e),
            Self::Client(e) => Some(e),
            Self::Tls(e) => Some(e),
            Self::Loop(e) => Some(e),
            Self::TooLarge | Self::Closed { .. } => None,
        }
    }
}
