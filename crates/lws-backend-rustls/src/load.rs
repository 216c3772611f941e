//! From files and memory to what rustls wants. Reading and PEM are `lws_tls::files`'s, the same for every backend.

use lws_tls::limits::RSA_BITS_MIN;
use lws_tls::{Certificate, Certificates, ConfigError, Expiry, Source, files};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::verify::Trust;

/// A chain and the key that belongs to it, and when they end.
pub(crate) fn pair(
    certificates: &Certificates,
    crypto: &CryptoProvider,
) -> Result<(CertifiedKey, Option<Expiry>), ConfigError> {
    let (chain, names) = files::chain(certificates)?;
    let key_name = || certificates.key().to_string();
    let secret = files::private_key(certificates.key())?;
    let bad_key = |reason: String| ConfigError::BadKey { source: key_name(), reason };
    let own = chain.first().and_then(|der| Certificate::parse(der).ok());
    if let Some(bits) = own.and_then(|own| own.rsa_bits()).filter(|bits| *bits < RSA_BITS_MIN) {
        return Err(bad_key(format!("it is an RSA key of {bits} bits")));
    }
    let key = PrivateKeyDer::try_from(secret.der()).map_err(|e| bad_key(e.to_string()))?.clone_key();
    let key = crypto.key_provider.load_private_key(key).map_err(|e| bad_key(reason(&e)))?;
    let expiry = Expiry::of_chain(chain.iter().map(Vec::as_slice));
    let pair = CertifiedKey::new(chain.into_iter().map(CertificateDer::from).collect(), key);
    match pair.keys_match() {
        // Some cryptography cannot tell; a wrong key then shows in the first handshake.
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Ok((pair, expiry))
        }
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(ConfigError::Mismatch { chain: names, key: key_name() })
        }
        Err(e) => Err(ConfigError::BadCertificate { source: names, reason: reason(&e) }),
    }
}

/// The certificates of those who are trusted; in each source at least one.
pub(crate) fn trust(sources: &[Source]) -> Result<Trust, ConfigError> {
    let mut all = Vec::new();
    for source in sources {
        let found: Vec<_> = files::certificates(source)?.into_iter().map(CertificateDer::from).collect();
        if Trust::new(&found).1 == 0 {
            return Err(ConfigError::NoRoots { source: source.to_string() });
        }
        all.extend(found);
    }
    if all.is_empty() {
        return Err(ConfigError::NoRoots { source: "the settings".to_string() });
    }
    Ok(Trust::new(&all).0)
}

/// What rustls says of a certificate or key, without its name for the kind of error.
fn reason(error: &rustls::Error) -> String {
    match error {
        rustls::Error::General(what) => what.clone(),
        rustls::Error::InvalidCertificate(rustls::CertificateError::BadEncoding) => {
            "it is not a well-formed X.509 certificate".to_string()
        }
        other => other.to_string(),
    }
}
