//! Certificates: where they come from, and their replacement while the server runs.

use crate::limits::{CERTIFICATE_AGE_CHECK, CERTIFICATE_CHECK, CERTIFICATE_WARNING_SECONDS};
use crate::writer::Log;
use crate::{Message, TlsBackend, TlsSource};
use lws::tls::{Acceptor, Certificates, ConfigError, Error, Expiry, Provider, ServerSettings};
use lws_backend_rustls::self_signed;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Instant, SystemTime};

/// A TLS library that is built in.
pub(crate) struct Backend {
    pub(crate) id: TlsBackend,
    /// What it is, and which version of it.
    pub(crate) about: fn() -> String,
    provider: fn() -> Box<dyn Provider>,
}

/// The TLS libraries that are built in, the default one first.
pub(crate) static BACKENDS: &[Backend] = &[
    Backend {
        id: TlsBackend::Rustls,
        about: || "rustls with aws-lc-rs".to_string(),
        provider: || Box::new(lws_backend_rustls::provider()),
    },
    #[cfg(feature = "openssl")]
    Backend {
        id: TlsBackend::Openssl,
        about: || lws_backend_openssl::version().to_string(),
        provider: || Box::new(lws_backend_openssl::provider()),
    },
    #[cfg(feature = "mbedtls")]
    Backend {
        id: TlsBackend::Mbedtls,
        about: || "Mbed TLS 2.28 (TLS 1.2 only)".to_string(),
        provider: || Box::new(lws_backend_mbedtls::provider()),
    },
];

/// The library that clients use.
pub(crate) fn default_provider() -> Box<dyn Provider> {
    (BACKENDS[0].provider)()
}

/// The library of this name.
pub(crate) fn named(name: &str) -> Result<TlsBackend, Message> {
    let known = [TlsBackend::Rustls, TlsBackend::Openssl, TlsBackend::Mbedtls];
    let Some(id) = known.into_iter().find(|id| self::name(*id) == name) else {
        let what = format!("there is no TLS library '{}'", name.escape_debug());
        return Err(Message::usage(what).help("--tls-backend takes rustls, openssl or mbedtls"));
    };
    if BACKENDS.iter().all(|backend| backend.id != id) {
        let message = Message::usage(format!("this lwsws was built without {name}"));
        return Err(message.help(format!("build it with: cargo install lwsws --features {name}")));
    }
    Ok(id)
}

const fn name(id: TlsBackend) -> &'static str {
    match id {
        TlsBackend::Rustls => "rustls",
        TlsBackend::Openssl => "openssl",
        TlsBackend::Mbedtls => "mbedtls",
    }
}

/// What listeners need to speak TLS.
pub(crate) struct Secured {
    pub(crate) acceptor: Arc<dyn Acceptor>,
    /// SHA-256 of a certificate that was made here.
    pub(crate) fingerprint: Option<String>,
    /// If the certificate comes from files.
    pub(crate) reload: Option<Reload>,
}

/// Reads or makes the certificate; `names` are what one made here is for.
pub(crate) fn secure(source: &TlsSource, backend: TlsBackend, names: &[String]) -> Result<Secured, Message> {
    // TLS-12: there will be a private key in memory.
    lws_tls::files::forbid_dumps().map_err(|e| Message::failure(format!("cannot forbid core files: {e}")))?;
    let (certificates, fingerprint) = match source {
        TlsSource::SelfSigned => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let own = self_signed(&names).map_err(|e| Message::failure(e.to_string()))?;
            let fingerprint = own.fingerprint_hex();
            (own.certificates, Some(fingerprint))
        }
        TlsSource::Files { chain, key } => (Certificates::files(chain, key), None),
    };
    let provider = BACKENDS.iter().find(|built| built.id == backend).map(|built| (built.provider)());
    let provider = provider.ok_or_else(|| {
        let message = Message::failure(format!("this lwsws was built without {}", name(backend)));
        message.help(format!("build it with: cargo install lwsws --features {}", name(backend)))
    })?;
    let acceptor = provider.server(ServerSettings::new(certificates)).map_err(|e| unusable(&e))?;
    let reload = match source {
        TlsSource::SelfSigned => None,
        TlsSource::Files { chain, key } => {
            Some(Reload { acceptor: acceptor.clone(), files: [chain.clone(), key.clone()] })
        }
    };
    Ok(Secured { acceptor, fingerprint, reload })
}

/// Why the certificate cannot be used, and what to do about it.
fn unusable(error: &Error) -> Message {
    let message = Message::failure(error.to_string());
    let Error::Config(config) = error else { return message };
    match config {
        ConfigError::Unreadable { source, reason } => {
            let reason = crate::message::reason(&io::Error::other(reason.clone()));
            let message = Message::failure(format!("cannot read {source}: {reason}"));
            message.help("--tls needs two files that this user may read: --tls cert.pem,key.pem")
        }
        ConfigError::KeyExposed { source, mode } => {
            let what = format!("the private key {source} may be read by every user (mode {mode:04o})");
            Message::failure(what).help(format!("chmod 600 {source}"))
        }
        ConfigError::NoCertificate { .. } | ConfigError::NoKey { .. } => {
            message.help("the certificate stands first: --tls cert.pem,key.pem")
        }
        ConfigError::Mismatch { .. } => {
            message.help("give the key that the certificate was made for, or try --tls self")
        }
        _ => message.help("try --tls self for a fresh certificate"),
    }
}

/// Warns of certificates that end soon, or have ended.
pub(crate) fn warn_of_age(acceptor: &dyn Acceptor, log: &Log) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    for expiry in acceptor.expires() {
        if let Some(text) = age(&expiry, now) {
            log.warn(text);
        }
    }
}

/// What there is to say of a certificate's end.
fn age(expiry: &Expiry, now: i64) -> Option<String> {
    let (name, end) = (&expiry.name, expiry.not_after);
    let left = end.0.saturating_sub(now);
    match left {
        ..0 => Some(format!("the certificate of {name} expired on {end}: browsers refuse it; replace it")),
        0..=CERTIFICATE_WARNING_SECONDS => {
            Some(format!("the certificate of {name} expires on {end}, in {} days: renew it", left / 86_400))
        }
        _ => None,
    }
}

/// Reads certificate files again.
#[derive(Clone)]
pub(crate) struct Reload {
    acceptor: Arc<dyn Acceptor>,
    files: [String; 2],
}

/// By what one sees that a file is another one: time, length.
type Looks = [Option<(SystemTime, u64)>; 2];

impl Reload {
    /// Reads them now and says what came of it. The old ones stay in use if the new ones are no good.
    pub(crate) fn now(&self, log: &Log) {
        let [chain, key] = &self.files;
        match self.acceptor.reload() {
            Ok(()) => {
                log.info(format!("now serving the certificate in {chain}"));
                warn_of_age(&*self.acceptor, log);
            }
            Err(e) => log.warn(format!("still serving the old certificate: {e} ({chain}, {key})")),
        }
    }

    /// Starts a thread that reads them when they have changed.
    pub(crate) fn watch(self, log: Log) -> io::Result<()> {
        let mut seen = self.looks();
        thread::Builder::new().name("certificates".into()).spawn(move || {
            let mut before = seen;
            let mut aged = Instant::now();
            loop {
                thread::sleep(CERTIFICATE_CHECK);
                if aged.elapsed() >= CERTIFICATE_AGE_CHECK {
                    aged = Instant::now();
                    warn_of_age(&*self.acceptor, &log);
                }
                let looks = self.looks();
                // Twice the same: whoever replaces a certificate and its key does so one after the other.
                if looks != seen && looks == before {
                    seen = looks;
                    self.now(&log);
                }
                before = looks;
            }
        })?;
        Ok(())
    }

    fn looks(&self) -> Looks {
        self.files.each_ref().map(|file| {
            let meta = std::fs::metadata(file).ok()?;
            Some((meta.modified().ok()?, meta.len()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lws::tls::Date;

    #[test]
    fn the_age_of_a_certificate() {
        let expiry = Expiry { name: "a.example".into(), not_after: Date(1_700_000_000) };
        let day = 86_400;
        assert_eq!(age(&expiry, 1_700_000_000 - 15 * day), None);
        assert_eq!(
            age(&expiry, 1_700_000_000 - 3 * day - 5).unwrap(),
            "the certificate of a.example expires on 2023-11-14 22:13:20 UTC, in 3 days: renew it"
        );
        assert_eq!(
            age(&expiry, 1_700_000_001).unwrap(),
            "the certificate of a.example expired on 2023-11-14 22:13:20 UTC: browsers refuse it; replace it"
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn tls_12_no_core_file_holds_the_key() {
        use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::Dumpable).unwrap();
        secure(&TlsSource::SelfSigned, TlsBackend::Rustls, &["localhost".into()]).ok().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        set_dumpable_behavior(DumpableBehavior::Dumpable).unwrap();
    }

    #[test]
    fn libraries_by_name() {
        assert_eq!(named("rustls").ok(), Some(TlsBackend::Rustls));
        assert!(named("schannel").unwrap_err().to_string().contains("rustls, openssl or mbedtls"));
        for (name, built) in [("openssl", cfg!(feature = "openssl")), ("mbedtls", cfg!(feature = "mbedtls"))]
        {
            match named(name) {
                Ok(_) => assert!(built),
                Err(message) => {
                    assert!(!built && message.to_string().contains(&format!("--features {name}")))
                }
            }
        }
    }
}
