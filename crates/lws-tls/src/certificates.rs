//! Where a certificate chain and its private key come from.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// PEM or DER, in a file or in memory. Which encoding it is shows in the bytes.
///
/// `Debug` shows where, never what.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A file, read when a provider is built and again at each reload.
    File(String),
    /// Bytes in memory.
    Memory(Vec<u8>),
    /// For roots: those that this system trusts. The file in `SSL_CERT_FILE` and the folder in `SSL_CERT_DIR` if either
    /// is set, else the bundle of the distribution (`/etc/ssl/certs/ca-certificates.crt` and its like).
    Platform,
}

/// A server's certificate chain, its own certificate first, and the private key that belongs to it.
///
/// ```
/// use lws_tls::Certificates;
///
/// let from_files = Certificates::files("/etc/ssl/example.pem", "/etc/ssl/private/example.key");
/// assert_eq!(
///     format!("{from_files:?}"),
///     "Certificates(/etc/ssl/example.pem, /etc/ssl/private/example.key)"
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
#[doc(alias = "ssl_cert_filepath")]
#[doc(alias = "ssl_private_key_filepath")]
pub struct Certificates {
    chain: Vec<Source>,
    key: Source,
}

impl Certificates {
    /// A chain file (PEM with one or more certificates, or DER with one) and a key file (PEM or DER).
    ///
    /// Both may name the same PEM file. The files are read when they are used, not now.
    pub fn files(chain: impl Into<String>, key: impl Into<String>) -> Self {
        Self::new(Vec::from([Source::File(chain.into())]), Source::File(key.into()))
    }

    /// PEM text in memory.
    pub fn pem(chain: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        Self::new(Vec::from([Source::Memory(chain.into())]), Source::Memory(key.into()))
    }

    /// DER in memory: the chain, the server's own certificate first, and the key (PKCS#8, PKCS#1 or SEC1).
    pub fn der(chain: impl IntoIterator<Item = Vec<u8>>, key: impl Into<Vec<u8>>) -> Self {
        Self::new(chain.into_iter().map(Source::Memory).collect(), Source::Memory(key.into()))
    }

    /// From sources of any kind, in order.
    pub const fn new(chain: Vec<Source>, key: Source) -> Self {
        Self { chain, key }
    }

    /// The sources that make up the chain, in order.
    pub fn chain(&self) -> &[Source] {
        &self.chain
    }

    /// The source of the private key.
    pub const fn key(&self) -> &Source {
        &self.key
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(path),
            Self::Memory(_) => f.write_str("memory"),
            Self::Platform => f.write_str("this system"),
        }
    }
}

// TLS-12: a key in memory must not reach a log.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates(")?;
        for source in &self.chain {
            write!(f, "{source}, ")?;
        }
        write!(f, "{})", self.key)
    }
}

/// Best effort: what the copies in other hands do is theirs.
impl Drop for Certificates {
    fn drop(&mut self) {
        if let Source::Memory(key) = &mut self.key {
            wipe(key);
        }
    }
}

/// Overwrites a secret before its memory is given back (for backends).
///
/// `black_box` keeps the compiler from dropping a store that nobody reads; without `unsafe` this is the strongest
/// there is, and it works with the compilers supported here.
pub fn wipe(secret: &mut [u8]) {
    secret.fill(0);
    core::hint::black_box(secret);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn tls_12_debug_shows_no_key() {
        let pair = Certificates::pem("chain", "SECRET KEY");
        assert_eq!(
            format!("{pair:?} {pair:#?}"),
            "Certificates(memory, memory) Certificates(memory, memory)"
        );
        assert_eq!(format!("{:?}", pair.key()), "memory");
    }

    #[test]
    fn wipe_leaves_zeros() {
        let mut secret = *b"secret";
        wipe(&mut secret);
        assert_eq!(secret, [0; 6]);
    }
}
