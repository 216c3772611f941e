//! The transport that Mbed TLS believes to have: two buffers in memory. It never blocks on writing.

use lws_tls::Alert;
use lws_tls::record;
use mbedtls::error::{Result, codes};
use mbedtls::ssl::io::Io;

/// `0 <= at <= input.len()`.
#[derive(Default)]
pub(crate) struct Wire {
    input: Vec<u8>,
    /// How much of `input` has been read.
    at: usize,
    output: Vec<u8>,
}

impl Wire {
    /// Lends whole records to be read, in place of what was there.
    pub(crate) fn load(&mut self, records: Vec<u8>) {
        self.input = records;
        self.at = 0;
    }

    /// What is lent now.
    pub(crate) fn input(&self) -> &[u8] {
        &self.input
    }

    /// Takes what was written; frees the input. Nothing stays.
    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        self.load(Vec::new());
        std::mem::take(&mut self.output)
    }

    /// The last fatal alert among the records written, if it can be read; `Alert(255)` if it is encrypted.
    pub(crate) fn fatal_alert_written(&self) -> Option<Alert> {
        let mut rest = &self.output[..];
        let mut found = None;
        while let Ok(Some(len)) = record::complete(rest) {
            match &rest[..len] {
                [21, _, _, 0, 2, 2, code] => found = Some(Alert(*code)),
                [21, _, _, 0, 2, _, _] => {}
                [21, ..] => found = Some(Alert(255)),
                _ => {}
            }
            rest = &rest[len..];
        }
        found
    }
}

impl Io for Wire {
    fn recv(&mut self, buf: &mut [u8]) -> Result<usize> {
        let rest = &self.input[self.at..];
        let n = rest.len().min(buf.len());
        if n == 0 {
            return Err(codes::SslWantRead.into());
        }
        buf[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }

    fn send(&mut self, buf: &[u8]) -> Result<usize> {
        self.output.extend_from_slice(buf);
        Ok(buf.len())
    }
}
