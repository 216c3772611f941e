//! What `lwsws serve` can be told.

use std::path::PathBuf;

/// What to serve and how; the flags of `lwsws serve` by other means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The folder. Default: the current one.
    pub dir: PathBuf,
    /// The port; 0 takes any free one. Default: 7681.
    pub port: u16,
    /// Listens on every address instead of loopback alone.
    pub public: bool,
    /// Speaks TLS.
    pub tls: Option<TlsSource>,
    /// The TLS library. Default: rustls.
    pub tls_backend: TlsBackend,
    /// What is spoken; over TLS the client chooses by ALPN, else its first bytes tell.
    pub protocols: Protocols,
    /// Lists folders that have no index file. Default: yes.
    pub listing: bool,
    /// Prints the URL and nothing else.
    pub quiet: bool,
    /// Prints one JSON object per line.
    pub json: bool,
    /// Prints the URL as a QR code, too.
    pub qr: bool,
    /// Whoever shows it may see the status page from elsewhere.
    pub status_token: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            dir: PathBuf::from("."),
            port: 7681,
            public: false,
            tls: None,
            tls_backend: TlsBackend::Rustls,
            protocols: Protocols::Both,
            listing: true,
            quiet: false,
            json: false,
            qr: false,
            status_token: None,
        }
    }
}

/// The versions of HTTP that are spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "alpn")]
pub enum Protocols {
    /// HTTP/2 with those who can, HTTP/1 with the others.
    #[default]
    Both,
    /// HTTP/1 only.
    Http1,
    /// HTTP/2 only: on a plain port with prior knowledge (RFC 9113 §3.3).
    Http2,
}

/// A TLS library. Which of them are built in, `lwsws --version` tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsBackend {
    /// rustls with aws-lc-rs.
    #[default]
    Rustls,
    /// The system's OpenSSL; needs the feature `openssl`.
    Openssl,
    /// Mbed TLS, TLS 1.2 only; needs the feature `mbedtls`.
    Mbedtls,
}

/// Where the certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsSource {
    /// A fresh one, signed by itself.
    SelfSigned,
    /// PEM or DER files.
    Files {
        /// The certificate chain.
        chain: String,
        /// Its private key.
        key: String,
    },
}
