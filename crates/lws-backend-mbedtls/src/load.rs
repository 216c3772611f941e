//! From DER to Mbed TLS's certificates and keys. It is given no PEM: its decoder for that has an overflow without a fix
//! (CVE-2025-52497).

use std::sync::Arc;

use lws_tls::limits::RSA_BITS_MIN;
use lws_tls::{Certificate as View, Certificates, ConfigError, Expiry, RevocationLists, Source, files};
use mbedtls::alloc::List;
use mbedtls::pk::{Pk, Type};
use mbedtls::x509::{Certificate, Crl};

use crate::error::words;
use crate::ffi::SharedCrl;

/// A chain and the key that belongs to it.
pub(crate) struct Pair {
    pub(crate) chain: Arc<List<Certificate>>,
    pub(crate) key: Arc<Pk>,
    pub(crate) expiry: Option<Expiry>,
}

impl Pair {
    pub(crate) fn load(certificates: &Certificates) -> Result<Self, ConfigError> {
        let (ders, names) = files::chain(certificates)?;
        let bad = |e: &mbedtls::Error| ConfigError::BadCertificate { source: names.clone(), reason: why(e) };
        let mut chain = List::new();
        for der in &ders {
            chain.push(Certificate::from_der(der).map_err(|e| bad(&e))?);
        }
        let key = key(certificates.key())?;
        let own = chain.iter().next().ok_or_else(|| ConfigError::NoCertificate { source: names.clone() })?;
        if !Pk::check_pair(own.public_key(), &key) {
            return Err(ConfigError::Mismatch { chain: names, key: certificates.key().to_string() });
        }
        let expiry = Expiry::of_chain(ders.iter().map(Vec::as_slice));
        Ok(Self { chain: Arc::new(chain), key: Arc::new(key), expiry })
    }
}

fn key(source: &Source) -> Result<Pk, ConfigError> {
    let secret = files::private_key(source)?;
    let bad = |reason| ConfigError::BadKey { source: source.to_string(), reason };
    let key = Pk::from_private_key(secret.der(), None).map_err(|e| bad(words(&e)))?;
    // TLS-07: peers refuse such a certificate.
    if key.pk_type() == Type::Rsa && key.len() < RSA_BITS_MIN {
        return Err(bad(format!("it is an RSA key of {} bits", key.len())));
    }
    Ok(key)
}

/// Certificates to trust, and their bytes.
pub(crate) struct Roots {
    pub(crate) list: Arc<List<Certificate>>,
}

impl Roots {
    /// Reads all sources. A bundle of the system may hold certificates that this library does not understand; one that it
    /// does is what matters.
    pub(crate) fn load(sources: &[Source]) -> Result<Self, ConfigError> {
        let mut list = List::new();
        for source in sources {
            let understood = files::certificates(source)?
                .iter()
                .filter_map(|der| Certificate::from_der(der).ok())
                .collect::<Vec<_>>();
            if understood.is_empty() {
                return Err(ConfigError::NoRoots { source: source.to_string() });
            }
            understood.into_iter().for_each(|certificate| {
                list.push(certificate);
            });
        }
        if list.is_empty() {
            return Err(ConfigError::NoRoots { source: "the settings".to_string() });
        }
        Ok(Self { list: Arc::new(list) })
    }

    /// Whether this very certificate is one of them.
    pub(crate) fn hold(&self, der: &[u8]) -> bool {
        self.list.iter().any(|root| root.as_der() == der)
    }

    /// Whether one of them has this name, in DER.
    pub(crate) fn name(&self, subject: &[u8]) -> bool {
        self.list.iter().any(|root| View::parse(root.as_der()).is_ok_and(|root| root.subject == subject))
    }
}

/// Revocation lists, read by the library and as they are; without any, nothing is asked for.
#[derive(Default)]
pub(crate) struct Lists {
    pub(crate) crl: Option<SharedCrl>,
    pub(crate) views: RevocationLists,
}

impl Lists {
    pub(crate) fn load(sources: &[Source]) -> Result<Self, ConfigError> {
        let views = files::revocation_lists(sources)?;
        if views.is_empty() {
            return Ok(Self::default());
        }
        let mut crl = Crl::new();
        for der in views.ders() {
            crl.push_from_der(der).map_err(|e| ConfigError::BadRevocationList {
                source: "the settings".to_string(),
                reason: words(&e),
            })?;
        }
        Ok(Self { crl: Some(SharedCrl::new(crl)), views })
    }
}

fn why(error: &mbedtls::Error) -> String {
    use mbedtls::error::HiError as Hi;
    match error.high_level() {
        Some(Hi::X509UnknownSigAlg) => "it is signed in a way that is not known here".to_string(),
        Some(Hi::PkUnknownPkAlg | Hi::PkUnknownNamedCurve) => {
            "its key is of a kind that is not known here".to_string()
        }
        _ => "it is not a well-formed X.509 certificate".to_string(),
    }
}
