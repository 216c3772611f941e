//! What a server or a client wants of TLS, for every library alike.
//!
//! What is not here is not offered: no protocol older than TLS 1.2, no renegotiation, no compression, no 0-RTT, no
//! cipher suite without forward secrecy.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::check::Leniency;
use crate::{Certificates, CipherSuite, ConfigError, Source, Version};

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
    /// The newest version that is accepted; `None`: the newest that the library has.
    pub max_version: Option<Version>,
    /// The cipher suites that are accepted, the most wanted first, whatever the client's order is; empty: those of
    /// [`CipherSuite::ALL`] that the library has, in that order.
    #[doc(alias = "ssl_cipher_list")]
    pub cipher_suites: Vec<CipherSuite>,
    /// What clients must show. [`ByName`](crate::ByName) has another answer for each vhost.
    pub client_auth: ClientAuth,
    /// Lists of the clients' certificates that their issuers took back; see [`ServerSettings::revocation_lists`].
    pub revocation_lists: Vec<Source>,
}

/// What a server asks of its clients.
///
/// A certificate that is shown must be acceptable, even if none need be: signed by one of the roots, in its time, and
/// meant for clients if it says what it is meant for. The roots are read when the provider is built, and not again at a
/// reload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// They are not asked for a certificate.
    #[default]
    None,
    /// They may show a certificate that one of these vouches for.
    Optional(Vec<Source>),
    /// They must show one (TLS-10), resumed sessions included.
    #[doc(alias = "LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT")]
    Required(Vec<Source>),
}

impl ServerSettings {
    /// One certificate for all names, TLS 1.2 and 1.3, no application protocols, no client certificates.
    pub const fn new(certificates: Certificates) -> Self {
        Self {
            certificates,
            named: Vec::new(),
            alpn: Vec::new(),
            min_version: Version::Tls12,
            max_version: None,
            cipher_suites: Vec::new(),
            client_auth: ClientAuth::None,
            revocation_lists: Vec::new(),
        }
    }

    /// Clients may show a certificate; if they do, one of `roots` must vouch for it.
    #[must_use]
    pub fn client_auth_optional(mut self, roots: impl IntoIterator<Item = Source>) -> Self {
        self.client_auth = ClientAuth::Optional(roots.into_iter().collect());
        self
    }

    /// Clients must show a certificate that one of `roots` vouches for.
    #[must_use]
    pub fn client_auth_required(mut self, roots: impl IntoIterator<Item = Source>) -> Self {
        self.client_auth = ClientAuth::Required(roots.into_iter().collect());
        self
    }

    /// Refuses certificates of clients that their issuers took back (TLS-10): revocation lists of RFC 5280 §5, in PEM
    /// (`X509 CRL`) or DER, complete ones, one for each issuer.
    ///
    /// With one list or more, every certificate between the client's own and the trusted one needs a list of its issuer
    /// that is in its time, else it is refused with
    /// [`RevocationUnknown`](crate::CertificateFault::RevocationUnknown): renew lists before they end, and
    /// [`reload`](crate::Acceptor::reload), which reads them again and makes clients show their certificates anew
    /// instead of resuming a session. A certificate that is itself trusted needs none.
    #[must_use]
    #[doc(alias = "ssl_crl")]
    pub fn revocation_lists(mut self, lists: impl IntoIterator<Item = Source>) -> Self {
        self.revocation_lists = lists.into_iter().collect();
        self
    }

    /// The newest version that is accepted.
    #[must_use]
    pub const fn max_version(mut self, version: Version) -> Self {
        self.max_version = Some(version);
        self
    }

    /// The cipher suites that are accepted, the most wanted first, by IANA's or OpenSSL's names.
    ///
    /// # Errors
    /// [`ConfigError::UnknownCipher`] names the first that is not offered here, and those that are.
    pub fn ciphers(mut self, names: &[&str]) -> Result<Self, ConfigError> {
        self.cipher_suites = suites(names)?;
        Ok(self)
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
    /// The newest version that is accepted; `None`: the newest that the library has.
    pub max_version: Option<Version>,
    /// The cipher suites that are offered, the most wanted first; empty: those of [`CipherSuite::ALL`] that the library
    /// has, in that order.
    pub cipher_suites: Vec<CipherSuite>,
    /// What is shown to servers that ask for a certificate.
    #[doc(alias = "client_ssl_cert_filepath")]
    pub identity: Option<Certificates>,
    /// What is let pass although it is wrong; by default nothing.
    pub leniency: Leniency,
}

impl ClientSettings {
    /// Trusts the certificates in `roots`; TLS 1.2 and 1.3, no application protocols.
    pub fn new(roots: impl IntoIterator<Item = Source>) -> Self {
        Self {
            roots: roots.into_iter().collect(),
            alpn: Vec::new(),
            min_version: Version::Tls12,
            max_version: None,
            cipher_suites: Vec::new(),
            identity: None,
            leniency: Leniency::default(),
        }
    }

    /// Trusts whom this system trusts: see [`Source::Platform`].
    pub fn platform() -> Self {
        Self::new([Source::Platform])
    }

    /// Shows this certificate to servers that ask for one.
    #[must_use]
    pub fn identity(mut self, certificates: Certificates) -> Self {
        self.identity = Some(certificates);
        self
    }

    /// **Insecure.** Lets a certificate pass that vouches for itself: anybody can make one. Logged at each use.
    #[must_use]
    pub const fn allow_self_signed(mut self) -> Self {
        self.leniency.self_signed = true;
        self
    }

    /// **Insecure.** Lets certificates pass that have expired or are not valid yet. Logged at each use.
    #[must_use]
    pub const fn allow_expired(mut self) -> Self {
        self.leniency.expired = true;
        self
    }

    /// **Insecure.** Lets a trusted certificate pass that is for another name: whoever has one can pose as the
    /// server. Logged at each use.
    #[must_use]
    pub const fn allow_wrong_name(mut self) -> Self {
        self.leniency.wrong_name = true;
        self
    }

    /// The newest version that is accepted.
    #[must_use]
    pub const fn max_version(mut self, version: Version) -> Self {
        self.max_version = Some(version);
        self
    }

    /// The cipher suites that are offered, the most wanted first, by IANA's or OpenSSL's names.
    ///
    /// # Errors
    /// [`ConfigError::UnknownCipher`] names the first that is not offered here, and those that are.
    pub fn ciphers(mut self, names: &[&str]) -> Result<Self, ConfigError> {
        self.cipher_suites = suites(names)?;
        Ok(self)
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

fn suites(names: &[&str]) -> Result<Vec<CipherSuite>, ConfigError> {
    let known = |name: &&str| {
        CipherSuite::named(name).ok_or_else(|| ConfigError::UnknownCipher { name: (*name).to_string() })
    };
    names.iter().map(known).collect()
}
