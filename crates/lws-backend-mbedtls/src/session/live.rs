//! A context of Mbed TLS that has begun to speak, and what belongs to it.

use std::sync::Arc;

use lws_tls::limits::PLAIN_MAX;
use lws_tls::{Alert, Cause, CertificateFault, CipherSuite, Date, Error, Facts, Stage};
use mbedtls::error::HiError as Hi;
use mbedtls::ssl::{Context, Io as _};

use crate::error::{Failure, library};
use crate::verify::{self, Verifier};
use crate::wire::Wire;
use crate::{ffi, messages};

/// Header 5, explicit nonce 8 and tag 16 bytes (AES-GCM, RFC 5288), and the most plaintext.
pub(crate) const SHAPE: (usize, usize) = (29, PLAIN_MAX);

/// The kind of handshake message (RFC 5246 §7.4).
const CERTIFICATE: u8 = 11;

pub(crate) struct Live {
    pub(crate) tls: Context<Wire>,
    verifier: Option<Arc<Verifier>>,
    /// Bytes that a record adds, and the most plaintext in it.
    pub(crate) shape: (usize, usize),
    pub(crate) resumed: bool,
    /// When the session began that a client offered to resume.
    pub(crate) offered: Option<Date>,
    handshaking: bool,
    /// The body of the certificate message that is being looked at.
    certificates: Option<Vec<u8>>,
}

/// What a record brought.
pub(crate) enum Read {
    /// So many bytes of plaintext.
    Plain(usize),
    Nothing,
    /// The peer's `close_notify`.
    Closed,
}

impl Live {
    pub(crate) fn new(tls: Context<Wire>, verifier: Option<Arc<Verifier>>) -> Result<Self, Error> {
        if !ffi::has_buffers(&tls) {
            return Err(Error::Library("out of memory".to_string()));
        }
        Ok(Self {
            tls,
            verifier,
            shape: SHAPE,
            resumed: false,
            offered: None,
            handshaking: true,
            certificates: None,
        })
    }

    /// Sets up the transport and begins: a client writes its first message, a server waits for it. `name` is told to the
    /// server.
    pub(crate) fn establish(&mut self, name: Option<&str>) -> Result<(), Error> {
        match self.tls.establish(Wire::default(), name) {
            Err(error) if error.high_level() != Some(Hi::SslWantRead) => Err(library(error)),
            _ => Ok(()),
        }
    }

    /// Begins anew, with the session that was set.
    pub(crate) fn resume(&mut self) -> Result<(), Error> {
        match ffi::handshake(&mut self.tls) {
            Err(error) if error.high_level() != Some(Hi::SslWantRead) => Err(library(error)),
            _ => Ok(()),
        }
    }

    /// Lends whole records to be read.
    pub(crate) fn load(&mut self, records: Vec<u8>) {
        if let Some(wire) = self.tls.io_mut() {
            wire.load(records);
        }
    }

    /// What was written.
    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        self.tls.io_mut().map(Wire::take_output).unwrap_or_default()
    }

    /// Goes on with the handshake; whether it is done. `plain`: the records are not encrypted yet.
    pub(crate) fn handshake(&mut self, plain: bool) -> Result<bool, Error> {
        self.certificates = None;
        if plain && let (Some(wire), Some(verifier)) = (self.tls.io(), &self.verifier) {
            let mut messages = messages::unpack(wire.input());
            self.certificates =
                messages.find(|(kind, _)| *kind == CERTIFICATE).map(|(_, body)| body.to_vec());
            // Mbed TLS passes over what follows a certificate within its place in the list.
            if self.certificates.as_ref().is_some_and(|body| verifier.is_malformed(body)) {
                let cause = Cause::Certificate(CertificateFault::Malformed);
                return Err(Error::Peer { stage: Stage::Handshake, cause });
            }
        }
        let result = ffi::handshake(&mut self.tls);
        self.resumed = ffi::resumes(&self.tls).unwrap_or(self.resumed);
        match result {
            Err(error) if error.high_level() != Some(Hi::SslWantRead) => Err(self.error(error)),
            // Where a certificate is optional, the library lets a wrong one pass.
            result => match self.verifier.as_ref().and_then(|verifier| verifier.fault()) {
                Some(fault) => Err(Error::Peer { stage: Stage::Handshake, cause: Cause::Certificate(fault) }),
                None => Ok(self.opened(result.is_ok())),
            },
        }
    }

    fn opened(&mut self, done: bool) -> bool {
        if done {
            self.handshaking = false;
            self.certificates = None;
            self.shape = ffi::record_shape(&self.tls).unwrap_or(SHAPE);
        }
        done
    }

    /// Reads one record of an open session.
    pub(crate) fn read(&mut self, space: &mut [u8]) -> Result<Read, Error> {
        match self.tls.recv(space) {
            Ok(0) => Ok(Read::Nothing),
            Ok(n) => Ok(Read::Plain(n)),
            Err(error) => match error.high_level() {
                Some(Hi::SslWantRead) => Ok(Read::Nothing),
                Some(Hi::SslPeerCloseNotify) => Ok(Read::Closed),
                _ => Err(self.error(error)),
            },
        }
    }

    /// Writes a fatal alert, unless the library has.
    pub(crate) fn alert(&mut self, alert: Alert) {
        if self.tls.io().is_some_and(|wire| wire.fatal_alert_written().is_none()) {
            // Without memory the peer will see that the connection ends, and nothing else.
            let _ = ffi::send_alert(&mut self.tls, alert);
        }
    }

    pub(crate) fn tell<'a>(&'a self, facts: &mut Facts<'a>) {
        facts.cipher_suite = self.tls.ciphersuite().ok().map(CipherSuite);
        facts.alpn = self.tls.get_alpn_protocol().ok().flatten().map(str::as_bytes);
        let chain = self.tls.peer_cert().ok().flatten();
        facts.peer_certificate = chain.and_then(|chain| chain.iter().next()).map(|own| own.as_der());
        facts.resumed = self.resumed;
    }

    fn error(&self, code: mbedtls::Error) -> Error {
        let stage = if self.handshaking { Stage::Handshake } else { Stage::Data };
        if code.high_level() == Some(Hi::SslInvalidMac) && ffi::too_many_empty(&self.tls) {
            return Error::Peer { stage, cause: Cause::Flood };
        }
        let sent = self.tls.io().and_then(Wire::fatal_alert_written);
        Failure { code, stage, sent, received: ffi::received_alert(&self.tls), fault: self.fault() }.error()
    }

    /// What is wrong with the peer's certificate.
    fn fault(&self) -> Option<CertificateFault> {
        let verifier = self.verifier.as_ref().filter(|_| self.handshaking)?;
        let late = || self.tls.verify_result().err().and_then(verify::late_fault);
        // Mbed TLS does not say which certificate it cannot read, or why.
        let shown = || self.certificates.as_ref().and_then(|body| verifier.explain(body));
        verifier.fault().or_else(late).or_else(shown)
    }
}
