//! From files and memory to certificates and keys.

use std::fs::File;
use std::io::Read as _;

use lws_tls::limits::PEM_FILE_MAX;
use lws_tls::{Certificates, ConfigError, Source, wipe};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// A chain and the key that belongs to it.
pub(crate) fn pair(
    certificates: &Certificates,
    crypto: &CryptoProvider,
) -> Result<CertifiedKey, ConfigError> {
    let mut chain = Vec::new();
    for source in certificates.chain() {
        chain.extend(self::certificates(source)?);
    }
    let names = certificates.chain().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if chain.is_empty() {
        return Err(ConfigError::NoCertificate { source: names });
    }
    let key_name = || certificates.key().to_string();
    let key = private_key(certificates.key())?;
    let key = crypto
        .key_provider
        .load_private_key(key)
        .map_err(|e| ConfigError::BadKey { source: key_name(), reason: reason(&e) })?;
    let pair = CertifiedKey::new(chain, key);
    match pair.keys_match() {
        // Some cryptography cannot tell; a wrong key then shows in the first handshake.
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => Ok(pair),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(ConfigError::Mismatch { chain: names, key: key_name() })
        }
        Err(e) => Err(ConfigError::BadCertificate { source: names, reason: reason(&e) }),
    }
}

/// All certificates of one source, at least one.
pub(crate) fn certificates(source: &Source) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let bytes = read(source, any_mode)?;
    let none = || ConfigError::NoCertificate { source: source.to_string() };
    if !is_pem(&bytes) {
        return if bytes.is_empty() { Err(none()) } else { Ok(vec![CertificateDer::from(bytes)]) };
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if found.is_empty() => Err(none()),
        Ok(found) => Ok(found),
        Err(e) => Err(bad_pem(source, &e)),
    }
}

fn private_key(source: &Source) -> Result<PrivateKeyDer<'static>, ConfigError> {
    let mut bytes = read(source, secret_mode)?;
    let none = || ConfigError::NoKey { source: source.to_string() };
    let key = if is_pem(&bytes) {
        PrivateKeyDer::from_pem_slice(&bytes).map_err(|e| match e {
            pem::Error::NoItemsFound => none(),
            e => bad_pem(source, &e),
        })
    } else {
        PrivateKeyDer::try_from(bytes.as_slice()).map(|key| key.clone_key()).map_err(|_| none())
    };
    wipe(&mut bytes);
    key
}

fn is_pem(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN";
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// PEM errors quote the bytes that they stumbled over, and those may be a key: only the kind is told (TLS-12).
fn bad_pem(source: &Source, error: &pem::Error) -> ConfigError {
    let reason = match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no END line",
        pem::Error::IllegalSectionStart { .. } => "a BEGIN line is malformed",
        pem::Error::Base64Decode(_) => "a section is not base64",
        pem::Error::SectionTooLarge => "a section is too large",
        _ => "it cannot be decoded",
    };
    ConfigError::BadPem { source: source.to_string(), reason: reason.to_string() }
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

fn read(source: &Source, check: fn(&str, &File) -> Result<(), ConfigError>) -> Result<Vec<u8>, ConfigError> {
    let path = match source {
        Source::Memory(bytes) => return Ok(bytes.clone()),
        Source::File(path) => path,
        other => return Err(unreadable(&other.to_string(), "sources of this kind are not known here")),
    };
    let file = File::open(path).map_err(|e| unreadable(path, &e.to_string()))?;
    check(path, &file)?;
    let mut bytes = Vec::new();
    let limit = PEM_FILE_MAX as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(|e| unreadable(path, &e.to_string()))?;
    if bytes.len() > PEM_FILE_MAX {
        return Err(unreadable(path, &format!("longer than {PEM_FILE_MAX} bytes")));
    }
    Ok(bytes)
}

/// Certificates are public.
fn any_mode(_path: &str, _file: &File) -> Result<(), ConfigError> {
    Ok(())
}

/// TLS-12: nobody but the owner and a group (Debian's `ssl-cert`) reads a key, nobody but the owner writes it.
#[cfg(unix)]
fn secret_mode(path: &str, file: &File) -> Result<(), ConfigError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = file.metadata().map_err(|e| unreadable(path, &e.to_string()))?;
    let mode = metadata.permissions().mode() & 0o7777;
    // Pipes and devices (`/dev/stdin`, process substitution) are not files that anybody else opens.
    if metadata.is_file() && mode & 0o027 != 0 {
        return Err(ConfigError::KeyExposed { source: path.to_string(), mode });
    }
    Ok(())
}

/// Other systems keep access lists that this does not read.
#[cfg(not(unix))]
fn secret_mode(_path: &str, _file: &File) -> Result<(), ConfigError> {
    Ok(())
}

fn unreadable(path: &str, reason: &str) -> ConfigError {
    ConfigError::Unreadable { source: path.to_string(), reason: reason.to_string() }
}
