//! What a server or a client wants of TLS, for every library alike.
//!
//! What is not here is not offered: no protocol older than TLS 1.2, no renegotiation, no compression, no 0-RTT, no
//! list of cipher suites (each backend's safe ones, in its order).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::{Certificates, Source, Version};

/// A server's side.
#[derive(Clone, Debug)]
#[doc(alias = "lws_context_creation_info")]
#[non_exhaustive]
pub struct ServerSettings {
    /// Answers when the client asks for no name, or for one that is not in `named`.
    pub certificates: Certificates,
    /// Answer to a host name, or to `*.` and a domain (one label); see [`NameTable`](crate::NameTable).
    pub named: Vec<(String, Certificates)>,
    /// Application protocols, the most wanted first; empty: no negotiation. See
    /// [`Acceptor::offering`](crate::Acceptor::offering).
    pub alpn: Vec<Vec<u8>>,
    /// The oldest version that is accepted; TLS 1.2 unless told otherwise.
    pub min_version: Version,
}

impl ServerSettings {
    /// One certificate for all names, TLS 1.2 and 1.3, no application protocols.
    pub const fn new(certificates: Certificates) -> Self {
        Self { certificates, named: Vec::new(), alpn: Vec::new(), min_version: Version::Tls12 }
    }

    /// Adds certificates for a name, or for `*.` and a domain.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>, certificates: Certificates) -> Self {
        self.named.push((name.into(), certificates));
        self
    }

    /// The application protocols, the most wanted first.
    #[must_use]
    pub fn alpn<P: AsRef<[u8]>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        self.alpn = protocols.into_iter().map(|p| p.as_ref().to_vec()).collect();
        self
    }

    /// The oldest version that is accepted.
    #[must_use]
    pub const fn min_version(mut self, version: Version) -> Self {
        self.min_version = version;
        self
    }
}

/// A client's side.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientSettings {
    /// Certificates (PEM or DER) of those who may vouch for a server. A file may hold many:
    /// `/etc/ssl/certs/ca-certificates.crt`.
    #[doc(alias = "client_ssl_ca_filepath")]
    pub roots: Vec<Source>,
    /// Application protocols to offer, the most wanted first.
    pub alpn: Vec<Vec<u8>>,
    /// The oldest version that is accepted; TLS 1.2 unless told otherwise.
    pub min_version: Version,
}

impl ClientSettings {
    /// Trusts the certificates in `roots`; TLS 1.2 and 1.3, no application protocols.
    pub fn new(roots: impl IntoIterator<Item = Source>) -> Self {
        Self { roots: roots.into_iter().collect(), alpn: Vec::new(), min_version: Version::Tls12 }
    }

    /// Trusts the certificates in one file.
    pub fn roots_file(path: &str) -> Self {
        Self::new([Source::File(path.to_string())])
    }

    /// The application protocols to offer, the most wanted first.
    #[must_use]
    pub fn alpn<P: AsRef<[u8]>>(mut self, protocols: impl IntoIterator<Item = P>) -> Self {
        self.alpn = protocols.into_iter().map(|p| p.as_ref().to_vec()).collect();
        self
    }

    /// The oldest version that is accepted.
    #[must_use]
    pub const fn min_version(mut self, version: Version) -> Self {
        self.min_version = version;
        self
    }
}
