//! What makes sessions: a provider, and the acceptors and connectors it builds.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::{Certificate, ClientSettings, Date, Error, ServerSettings, Session};

/// A TLS library, as a value. Each backend crate has a function that returns one.
pub trait Provider: Send + Sync + fmt::Debug {
    /// Reads the certificates and builds what accepts connections.
    ///
    /// # Errors
    /// [`Error::Config`] names the file and the reason.
    fn server(&self, settings: ServerSettings) -> Result<Arc<dyn Acceptor>, Error>;

    /// Reads the trusted certificates and builds what opens connections.
    ///
    /// # Errors
    /// [`Error::Config`] names the file and the reason.
    fn client(&self, settings: &ClientSettings) -> Result<Arc<dyn Connector>, Error>;
}

/// The server's side: certificates, policy and ticket keys, shared by all listeners and threads that hold a clone of
/// the `Arc`.
///
/// Session tickets are encrypted with keys that live here, change every six hours, and never reach a disk.
#[doc(alias = "lws_tls_context")]
pub trait Acceptor: Send + Sync + fmt::Debug {
    /// A session for a connection that was just accepted.
    ///
    /// # Errors
    /// [`Error::Library`] when the library cannot (random numbers, memory).
    fn accept(&self) -> Result<Box<dyn Session>, Error>;

    /// The same certificates, policy and tickets with another list of application protocols, the most wanted first.
    /// A reload of either reloads both.
    ///
    /// A client that offers protocols of which none is in a non-empty list is refused with
    /// `no_application_protocol` (RFC 7301 §3.2).
    ///
    /// # Errors
    /// [`ConfigError::BadAlpn`](crate::ConfigError::BadAlpn).
    fn offering(&self, alpn: &[&[u8]]) -> Result<Arc<dyn Acceptor>, Error>;

    /// Reads all certificates, keys and revocation lists again. New connections get the new ones, connections in flight are not
    /// touched.
    ///
    /// # Errors
    /// [`Error::Config`] if any of them does not load or does not fit; then **all** old ones stay in use.
    #[doc(alias = "lws_tls_cert_updated")]
    fn reload(&self) -> Result<(), Error>;

    /// When the certificates in use end, one entry for each chain: the earliest end within it. For warnings in time.
    #[doc(alias = "LWS_CALLBACK_VHOST_CERT_AGING")]
    fn expires(&self) -> Vec<Expiry> {
        Vec::new()
    }
}

/// When a certificate chain ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The short name of its first certificate.
    pub name: String,
    /// The last second in which all of the chain is valid.
    pub not_after: Date,
}

impl Expiry {
    /// Of a chain in DER, a server's own certificate first; `None` if that cannot be read.
    pub fn of_chain<'a>(chain: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let mut chain = chain.into_iter().map_while(|der| Certificate::parse(der).ok());
        let own = chain.next()?;
        let not_after = chain.fold(own.not_after, |earliest, issuer| earliest.min(issuer.not_after));
        Some(Self { name: own.short_name(), not_after })
    }
}

/// The client's side: trusted certificates, policy, and sessions to resume.
pub trait Connector: Send + Sync + fmt::Debug {
    /// A session with the server called `server_name`, a host name or an IP address. Its certificate must be valid for
    /// that name. Begin with [`Session::receive`] and no input: it writes the first message.
    ///
    /// # Errors
    /// [`ConfigError::BadName`](crate::ConfigError::BadName), or [`Error::Library`].
    fn connect(&self, server_name: &str) -> Result<Box<dyn Session>, Error>;
}
