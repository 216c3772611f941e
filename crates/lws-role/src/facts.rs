//! What is known about a stream besides its bytes.

use alloc::boxed::Box;
use core::cell::OnceCell;
use core::fmt;
use core::net::SocketAddr;

/// What is known about a connection besides its bytes.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who is at the other end.
    pub peer: Peer,
    tls: OnceCell<Box<TlsFacts>>,
}

impl Facts {
    /// Facts of a plain stream to `peer`.
    pub const fn plain(peer: Peer) -> Self {
        Self { peer, tls: OnceCell::new() }
    }

    /// What the TLS handshake agreed on; `None` on plain streams and before it is done.
    pub fn tls(&self) -> Option<&TlsFacts> {
        self.tls.get().map(|t| &**t)
    }

    /// For the TLS role, once, when its handshake is done. Later calls change nothing.
    pub fn set_tls(&self, facts: TlsFacts) {
        let _ = self.tls.set(Box::new(facts));
    }

    /// Whether the stream is encrypted.
    pub fn is_secure(&self) -> bool {
        self.tls().is_some()
    }
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// An internet address and port.
    Inet(SocketAddr),
    /// A process on this machine, through a unix socket.
    Unix,
    /// This process: a pair of buffers.
    Memory,
}

impl Peer {
    /// Whether the peer is on this machine: a loopback address, a unix socket or this process.
    pub fn is_local(self) -> bool {
        match self {
            Self::Inet(addr) => addr.ip().to_canonical().is_loopback(),
            Self::Unix | Self::Memory => true,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(addr) => write!(f, "{}", addr.ip().to_canonical()),
            Self::Unix => f.write_str("unix"),
            Self::Memory => f.write_str("memory"),
        }
    }
}

/// What a TLS handshake agreed on.
#[derive(Clone, Debug, Default)]
pub struct TlsFacts {
    /// The application protocol chosen by ALPN (RFC 7301), if any.
    pub alpn: Option<Box<[u8]>>,
    /// The server name the client asked for (RFC 6066 §3), if any.
    pub server_name: Option<Box<str>>,
    /// "TLS 1.2" or "TLS 1.3".
    pub version: &'static str,
    /// The cipher suite's IANA name.
    pub cipher: &'static str,
    /// The peer's own certificate in DER, if it showed one.
    pub peer_certificate: Option<Box<[u8]>>,
}
