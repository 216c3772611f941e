//! How long each stage of a request may take.

use crate::limits;
use std::time::Duration;

/// How long each stage of a request may take. [`crate::Request::timeout`] bounds all of them together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "lws_set_timeout")]
pub struct Timeouts {
    pub(crate) resolve: Duration,
    pub(crate) connect: Duration,
    pub(crate) proxy: Duration,
    pub(crate) tls: Duration,
    pub(crate) stall: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            resolve: limits::RESOLVE_TIMEOUT,
            connect: limits::CONNECT_TIMEOUT,
            proxy: limits::PROXY_TIMEOUT,
            tls: limits::TLS_TIMEOUT,
            stall: limits::STALL_TIMEOUT,
        }
    }
}

impl Timeouts {
    /// Finding the host's addresses. Default: [`limits::RESOLVE_TIMEOUT`].
    #[must_use]
    pub fn resolve(mut self, timeout: Duration) -> Self {
        self.resolve = timeout;
        self
    }

    /// Connecting, all addresses together. Default: [`limits::CONNECT_TIMEOUT`].
    #[must_use]
    pub fn connect(mut self, timeout: Duration) -> Self {
        self.connect = timeout;
        self
    }

    /// The conversation with a proxy before the server is heard. Default: [`limits::PROXY_TIMEOUT`].
    #[must_use]
    pub fn proxy(mut self, timeout: Duration) -> Self {
        self.proxy = timeout;
        self
    }

    /// The TLS handshake; [`lws_role_tls::limits::HANDSHAKE_TIMEOUT`] holds, too. Default: [`limits::TLS_TIMEOUT`].
    #[must_use]
    pub fn tls(mut self, timeout: Duration) -> Self {
        self.tls = timeout;
        self
    }

    /// Nothing moves although it could: how soon a server that has vanished is noticed. Default:
    /// [`limits::STALL_TIMEOUT`].
    #[must_use]
    pub fn stall(mut self, timeout: Duration) -> Self {
        self.stall = timeout;
        self
    }
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// It waits: for a connection, or for another try.
    Wait,
    /// The host's addresses are looked up.
    Resolve,
    /// One of them is connected to.
    Connect,
    /// A proxy is told where to.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// The request is sent and answered.
    Exchange,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Wait => "while it waited for a connection",
            Self::Resolve => "while the host's address was looked up",
            Self::Connect => "while connecting",
            Self::Proxy => "while speaking to the proxy",
            Self::Tls => "during the TLS handshake",
            Self::Exchange => "while waiting for the answer",
        })
    }
}
