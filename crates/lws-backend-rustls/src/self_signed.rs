//! A certificate of one's own, for development and for peers that compare fingerprints.

use std::fmt;
use std::time::{Duration, SystemTime};

use lws_tls::{Certificates, ConfigError, Error};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

/// How long such a certificate is valid: 397 days, the longest that browsers accept. It begins a day ago, for
/// clocks that are late.
const VALIDITY: Duration = Duration::from_secs(397 * 86_400);

/// A fresh key and the certificate it signed for itself.
#[derive(Clone)]
pub struct SelfSigned {
    /// Chain of one, and key, in memory.
    pub certificates: Certificates,
    /// The certificate in DER: what a client must trust.
    pub certificate: Vec<u8>,
    /// SHA-256 of the certificate: what a person can compare.
    pub fingerprint: [u8; 32],
}

impl SelfSigned {
    /// The fingerprint as browsers and `openssl x509 -fingerprint -sha256` show it: `AB:CD:…`.
    pub fn fingerprint_hex(&self) -> String {
        let bytes: Vec<String> = self.fingerprint.iter().map(|byte| format!("{byte:02X}")).collect();
        bytes.join(":")
    }
}

/// Makes a P-256 key and a certificate for host names and IP addresses. Nothing is written anywhere.
///
/// # Errors
/// [`ConfigError::BadName`] for a name that no certificate can hold, [`Error::Library`] without random numbers.
pub fn self_signed(names: &[&str]) -> Result<SelfSigned, Error> {
    let library = |e: rcgen::Error| Error::Library(e.to_string());
    let owned: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params =
        CertificateParams::new(owned).map_err(|_| ConfigError::BadName { name: names.join(", ") })?;
    let begin = SystemTime::now() - Duration::from_secs(86_400);
    params.not_before = begin.into();
    params.not_after = (begin + VALIDITY).into();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, names.first().copied().unwrap_or("self-signed"));
    let key = KeyPair::generate().map_err(library)?;
    let certificate = params.self_signed(&key).map_err(library)?.der().to_vec();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &certificate);
    let fingerprint = digest.as_ref().try_into().map_err(|_| Error::Library("SHA-256".to_string()))?;
    let certificates = Certificates::der([certificate.clone()], key.serialize_der());
    Ok(SelfSigned { certificates, certificate, fingerprint })
}

impl fmt::Debug for SelfSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelfSigned").field("fingerprint", &self.fingerprint_hex()).finish_non_exhaustive()
    }
}
