//! What is known about a session after its handshake.

use core::fmt;

/// A protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Version {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

impl Version {
    /// `TLS 1.2` or `TLS 1.3`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A cipher suite, by its IANA number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CipherSuite(pub u16);

impl CipherSuite {
    /// All that a backend here may choose, the most wanted first: forward secret and authenticated, and no others.
    /// AES-128 before AES-256, which costs more and protects against nothing that exists, and both before ChaCha20: the
    /// processors of servers have instructions for AES.
    pub const ALL: [Self; 9] = [
        Self(0x1301),
        Self(0x1302),
        Self(0x1303),
        Self(0xc02b),
        Self(0xc02c),
        Self(0xc02f),
        Self(0xc030),
        Self(0xcca8),
        Self(0xcca9),
    ];

    /// The suite of this name, IANA's or OpenSSL's, if it is one of [`CipherSuite::ALL`].
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == Some(name) || suite.openssl_name() == Some(name))
    }

    /// Whether it is a suite of TLS 1.3.
    pub const fn is_tls13(self) -> bool {
        self.0 >> 8 == 0x13
    }

    /// OpenSSL's name, where it has one of its own; for TLS 1.3 it uses IANA's.
    pub const fn openssl_name(self) -> Option<&'static str> {
        Some(match self.0 {
            0xc02b => "ECDHE-ECDSA-AES128-GCM-SHA256",
            0xc02c => "ECDHE-ECDSA-AES256-GCM-SHA384",
            0xc02f => "ECDHE-RSA-AES128-GCM-SHA256",
            0xc030 => "ECDHE-RSA-AES256-GCM-SHA384",
            0xcca8 => "ECDHE-RSA-CHACHA20-POLY1305",
            0xcca9 => "ECDHE-ECDSA-CHACHA20-POLY1305",
            _ => return self.name(),
        })
    }

    /// The IANA name of the suites that a backend here may choose.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x1301 => "TLS_AES_128_GCM_SHA256",
            0x1302 => "TLS_AES_256_GCM_SHA384",
            0x1303 => "TLS_CHACHA20_POLY1305_SHA256",
            0xc02b => "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            0xc02c => "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            0xc02f => "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            0xc030 => "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            0xcca8 => "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            0xcca9 => "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            _ => return None,
        })
    }
}

impl fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#06x}", self.0),
        }
    }
}

impl fmt::Debug for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CipherSuite({self})")
    }
}

/// What the handshake settled. Fields are `None` until it has, or when the peer did not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts<'a> {
    /// The protocol version.
    pub version: Option<Version>,
    /// The cipher suite.
    pub cipher_suite: Option<CipherSuite>,
    /// The application protocol (RFC 7301).
    #[doc(alias = "lws_tls_alpn")]
    pub alpn: Option<&'a [u8]>,
    /// The name the client asked for (RFC 6066 §3), in lower case; on a client, the name it connected to.
    pub server_name: Option<&'a str>,
    /// The peer's own certificate, in DER.
    #[doc(alias = "lws_tls_peer_cert_info")]
    pub peer_certificate: Option<&'a [u8]>,
    /// Whether an earlier session was resumed, without a certificate being sent again.
    pub resumed: bool,
}
