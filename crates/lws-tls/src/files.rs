//! From a [`Source`] to DER, for backends (feature `std`): files with their limits and permissions, PEM, and what this
//! system trusts. Libraries written in C get DER and nothing else to parse.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::limits::{PEM_FILE_MAX, ROOT_FILES_MAX};
use crate::{Certificates, ConfigError, Date, RevocationLists, Source, pem, wipe};

/// Where distributions keep the certificates they trust: Debian, Fedora, SUSE, RHEL, Alpine, the BSDs.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// A private key in DER (PKCS#8, PKCS#1 or SEC1), overwritten when it is dropped.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The bytes.
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Keeps private keys out of core files and away from debuggers (TLS-12): from now on a crash of this process leaves no
/// core file, and no other process of the same user may trace it or read its memory. Call it before keys are read.
///
/// It concerns the whole process, and so is up to the program, not to a library; profilers then need root. Children that
/// run another program are as they would have been. Does nothing where there is no such switch (it is `PR_SET_DUMPABLE`
/// on Linux).
///
/// # Errors
/// The system's.
pub fn forbid_dumps() -> std::io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// The system's time.
pub fn now() -> Date {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Date(since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX)))
}

/// The chain of `certificates`, a server's own certificate first, and where it is from, for messages.
///
/// # Errors
/// [`ConfigError`] names the file and the reason.
pub fn chain(certificates: &Certificates) -> Result<(Vec<Vec<u8>>, String), ConfigError> {
    let names: Vec<String> = certificates.chain().iter().map(ToString::to_string).collect();
    let names = names.join(", ");
    let mut chain = Vec::new();
    for source in certificates.chain() {
        chain.extend(self::certificates(source)?);
    }
    if chain.is_empty() { Err(ConfigError::NoCertificate { source: names }) } else { Ok((chain, names)) }
}

/// All certificates of one source, at least one.
///
/// # Errors
/// [`ConfigError`] names the file and the reason.
pub fn certificates(source: &Source) -> Result<Vec<Vec<u8>>, ConfigError> {
    if *source == Source::Platform {
        return platform();
    }
    let bytes = read(source, any_mode)?;
    let none = || ConfigError::NoCertificate { source: source.to_string() };
    if !pem::is_pem(&bytes) {
        return if bytes.is_empty() { Err(none()) } else { Ok(Vec::from([bytes])) };
    }
    let sections = pem::sections(&bytes).map_err(|reason| bad_pem(source, reason))?;
    let is_certificate =
        |s: &pem::Section| matches!(&*s.label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE");
    let found: Vec<_> = sections.iter().filter(|s| is_certificate(s)).map(|s| s.der.clone()).collect();
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

/// The revocation lists of `sources`, none at all if there are no sources.
///
/// # Errors
/// [`ConfigError::BadRevocationList`], or the reason why a source cannot be read.
pub fn revocation_lists(sources: &[Source]) -> Result<RevocationLists, ConfigError> {
    let mut lists = RevocationLists::default();
    for source in sources {
        let bad = |reason: &str| {
            let (source, reason) = (source.to_string(), reason.to_string());
            ConfigError::BadRevocationList { source, reason }
        };
        let bytes = read(source, any_mode)?;
        if !pem::is_pem(&bytes) {
            lists.add(bytes).map_err(bad)?;
            continue;
        }
        let sections = pem::sections(&bytes).map_err(|reason| bad_pem(source, reason))?;
        let found: Vec<_> = sections.into_iter().filter(|section| section.label == "X509 CRL").collect();
        if found.is_empty() {
            return Err(bad("there is none in it"));
        }
        for section in found {
            lists.add(section.der.clone()).map_err(bad)?;
        }
    }
    Ok(lists)
}

/// The private key of a source, which on Unix nobody else may read.
///
/// # Errors
/// [`ConfigError`] names the file and the reason.
pub fn private_key(source: &Source) -> Result<Secret, ConfigError> {
    let bytes = Secret(read(source, secret_mode)?);
    let none = || ConfigError::NoKey { source: source.to_string() };
    if !pem::is_pem(bytes.der()) {
        // A sequence at least; which of the three kinds, the library will see.
        return if bytes.der().first() == Some(&0x30) { Ok(bytes) } else { Err(none()) };
    }
    let sections = pem::sections(bytes.der()).map_err(|reason| bad_pem(source, reason))?;
    if sections.iter().any(|s| s.label == "ENCRYPTED PRIVATE KEY") {
        let reason = "it is encrypted; try: openssl pkey -in encrypted.pem -out key.pem".to_string();
        return Err(ConfigError::BadKey { source: source.to_string(), reason });
    }
    let key = sections
        .iter()
        .find(|s| matches!(&*s.label, "PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY"))
        .ok_or_else(none)?;
    Ok(Secret(key.der.clone()))
}

/// The certificates in `roots`.
///
/// # Errors
/// [`ConfigError::NoRoots`] if there is none, or the reason why a source cannot be read.
pub fn roots(roots: &[Source]) -> Result<Vec<Vec<u8>>, ConfigError> {
    let mut found = Vec::new();
    for source in roots {
        found.extend(certificates(source)?);
    }
    if found.is_empty() {
        return Err(ConfigError::NoRoots { source: "the settings".to_string() });
    }
    Ok(found)
}

/// What this system trusts; see [`Source::Platform`].
fn platform() -> Result<Vec<Vec<u8>>, ConfigError> {
    let from = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    platform_from(from("SSL_CERT_FILE").as_deref(), from("SSL_CERT_DIR").as_deref(), &BUNDLES)
}

fn platform_from(
    file: Option<&str>,
    dir: Option<&str>,
    bundles: &[&str],
) -> Result<Vec<Vec<u8>>, ConfigError> {
    let mut looked = Vec::new();
    let mut found = Vec::new();
    if let Some(path) = file {
        looked.push(alloc::format!("{path} (SSL_CERT_FILE)"));
        found.extend(certificates(&Source::File(path.to_string())).unwrap_or_default());
    }
    // Like a search path: several folders.
    for path in dir.iter().flat_map(|dirs| dirs.split(':')).filter(|path| !path.is_empty()) {
        looked.push(alloc::format!("{path} (SSL_CERT_DIR)"));
        found.extend(folder(Path::new(path)));
    }
    if file.is_none() && dir.is_none() {
        for path in bundles {
            looked.push((*path).to_string());
            found = certificates(&Source::File((*path).to_string())).unwrap_or_default();
            if !found.is_empty() {
                break;
            }
        }
    }
    if found.is_empty() { Err(ConfigError::NoPlatformRoots { looked }) } else { Ok(found) }
}

/// The certificates in the files of a folder; files that hold none are passed over.
fn folder(path: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten().take(ROOT_FILES_MAX);
    let files = entries.filter_map(|entry| entry.path().to_str().map(|path| Source::File(path.to_string())));
    let mut found: Vec<_> = files.filter_map(|file| certificates(&file).ok()).flatten().collect();
    // Such folders hold each certificate twice: by its name, and by a hash.
    found.sort();
    found.dedup();
    found
}

fn bad_pem(source: &Source, reason: &str) -> ConfigError {
    ConfigError::BadPem { source: source.to_string(), reason: reason.to_string() }
}

fn read(source: &Source, check: fn(&str, &File) -> Result<(), ConfigError>) -> Result<Vec<u8>, ConfigError> {
    let path = match source {
        Source::Memory(bytes) => return Ok(bytes.clone()),
        Source::File(path) => path,
        Source::Platform => return Err(unreadable("this system", "it is for roots only")),
    };
    let file = File::open(path).map_err(|e| unreadable(path, &e.to_string()))?;
    check(path, &file)?;
    let mut bytes = Vec::new();
    let limit = PEM_FILE_MAX as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(|e| unreadable(path, &e.to_string()))?;
    if bytes.len() > PEM_FILE_MAX {
        return Err(unreadable(path, &alloc::format!("longer than {PEM_FILE_MAX} bytes")));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn tls_12_no_core_files_and_no_tracing() {
        use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::Dumpable).unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::Dumpable);
        forbid_dumps().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        set_dumpable_behavior(DumpableBehavior::Dumpable).unwrap();
    }

    #[test]
    fn platform_roots_say_what_was_looked_for() {
        let error = platform_from(Some("/no/file"), Some("/no/a:/no/b"), &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there are no certificates to trust on this system; looked for /no/file (SSL_CERT_FILE), \
             /no/a (SSL_CERT_DIR), /no/b (SSL_CERT_DIR); try: install ca-certificates, or set SSL_CERT_FILE"
        );
        let error = platform_from(None, None, &["/no/bundle"]).unwrap_err();
        assert_eq!(error, ConfigError::NoPlatformRoots { looked: Vec::from(["/no/bundle".to_string()]) });
    }
}
