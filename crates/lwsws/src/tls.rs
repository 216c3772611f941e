//! Certificates: where they come from, and their replacement while the server runs.

use crate::limits::CERTIFICATE_CHECK;
use crate::writer::Log;
use crate::{Message, TlsSource};
use lws::tls::{Acceptor, Certificates, ConfigError, Error, Provider as _, ServerSettings};
use lws_backend_rustls::{provider, self_signed};
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;

/// The TLS libraries that are built in.
pub(crate) const BACKENDS: [&str; 1] = ["rustls with aws-lc-rs"];

/// What listeners need to speak TLS.
pub(crate) struct Secured {
    pub(crate) acceptor: Arc<dyn Acceptor>,
    /// SHA-256 of a certificate that was made here.
    pub(crate) fingerprint: Option<String>,
    /// If the certificate comes from files.
    pub(crate) reload: Option<Reload>,
}

/// Reads or makes the certificate; `names` are what one made here is for.
pub(crate) fn secure(source: &TlsSource, names: &[String]) -> Result<Secured, Message> {
    let (certificates, fingerprint) = match source {
        TlsSource::SelfSigned => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let own = self_signed(&names).map_err(|e| Message::failure(e.to_string()))?;
            let fingerprint = own.fingerprint_hex();
            (own.certificates, Some(fingerprint))
        }
        TlsSource::Files { chain, key } => (Certificates::files(chain, key), None),
    };
    let acceptor = provider().server(ServerSettings::new(certificates)).map_err(|e| unusable(&e))?;
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
            Ok(()) => log.info(format!("now serving the certificate in {chain}")),
            Err(e) => log.warn(format!("still serving the old certificate: {e} ({chain}, {key})")),
        }
    }

    /// Starts a thread that reads them when they have changed.
    pub(crate) fn watch(self, log: Log) -> io::Result<()> {
        let mut seen = self.looks();
        thread::Builder::new().name("certificates".into()).spawn(move || {
            let mut before = seen;
            loop {
                thread::sleep(CERTIFICATE_CHECK);
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
