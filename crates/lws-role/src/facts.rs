//! What is known about a stream besides its bytes.

use alloc::boxed::Box;
use core::cell::OnceCell;
use core::fmt;
use core::net::{IpAddr, SocketAddr};

/// What is known about a connection besides its bytes.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who is at the other end.
    pub peer: Peer,
    tls: OnceCell<Box<Tls>>,
}

/// What came of a handshake.
#[derive(Clone, Debug)]
enum Tls {
    Agreed(TlsFacts),
    Failed(Box<str>),
}

impl Facts {
    /// Facts of a plain stream to `peer`.
    pub const fn plain(peer: Peer) -> Self {
        Self { peer, tls: OnceCell::new() }
    }

    /// What the TLS handshake agreed on; `None` on plain streams and before it is done.
    pub fn tls(&self) -> Option<&TlsFacts> {
        match self.tls.get().map(|tls| &**tls) {
            Some(Tls::Agreed(facts)) => Some(facts),
            _ => None,
        }
    }

    /// For the TLS role, once, when its handshake is done. Later calls change nothing.
    pub fn set_tls(&self, facts: TlsFacts) {
        let _ = self.tls.set(Box::new(Tls::Agreed(facts)));
    }

    /// Why the TLS handshake failed, in words for people: `TLS handshake: the peer's certificate expired on …`. `None`
    /// if it did not, or has not yet. A role that hears [`Role::closed`](crate::Role::closed) finds the reason here.
    pub fn tls_failure(&self) -> Option<&str> {
        match self.tls.get().map(|tls| &**tls) {
            Some(Tls::Failed(why)) => Some(why),
            _ => None,
        }
    }

    /// For the TLS role, when its handshake has failed. Changes nothing once something is known.
    pub fn set_tls_failure(&self, why: &str) {
        let _ = self.tls.set(Box::new(Tls::Failed(why.into())));
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

    /// What stands for one peer where peers are counted: the IPv4 address, or the IPv6 /64, of which one customer has all
    /// addresses. `None` for local peers, which are not counted: it may be a proxy for everybody else.
    pub fn network(self) -> Option<IpAddr> {
        match self {
            Self::Inet(addr) if !self.is_local() => Some(match addr.ip().to_canonical() {
                IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) >> 64 << 64).into()),
                v4 @ IpAddr::V4(_) => v4,
            }),
            _ => None,
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
    /// The peer's own certificate in DER, if it showed one. It was verified.
    pub peer_certificate: Option<Box<[u8]>>,
    /// A short name of who showed that certificate: its common name, or else the first of its names. For people and
    /// logs; decide by the certificate itself.
    pub peer_name: Option<Box<str>>,
    /// An earlier session was resumed.
    pub resumed: bool,
}
