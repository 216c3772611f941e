//! TLS servers of the libraries' own, which do what ours would refuse to.

use std::io::{self, Read, Write};
use std::sync::Arc;

use lws_backend_rustls::rustls::crypto::aws_lc_rs;
use lws_backend_rustls::rustls::pki_types::PrivateKeyDer;
use lws_backend_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use lws_backend_rustls::rustls::sign::CertifiedKey;
use lws_backend_rustls::rustls::{ServerConfig, ServerConnection};
use openssl::ssl::{Ssl, SslContext, SslMethod, SslStream};
use openssl::x509::X509;

use crate::tls_certs::Issued;

/// A server that shows whatever it is given.
#[derive(Debug)]
pub enum Server {
    /// rustls.
    Rustls(Box<ServerConnection>),
    /// For keys that rustls does not take.
    Openssl(SslStream<Wire>),
}

#[derive(Debug)]
struct Show(Arc<CertifiedKey>);

impl ResolvesServerCert for Show {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A socket in memory.
#[derive(Debug, Default)]
pub struct Wire {
    /// What is to be read.
    pub input: Vec<u8>,
    /// What was written.
    pub output: Vec<u8>,
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = buf.len().min(self.input.len());
        if n == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        buf[..n].copy_from_slice(&self.input[..n]);
        self.input.drain(..n);
        Ok(n)
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.output.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Server {
    /// Shows `chain`, with the key of `issued`.
    pub fn new(chain: &[Vec<u8>], issued: &Issued) -> Self {
        let provider = aws_lc_rs::default_provider();
        let key = PrivateKeyDer::try_from(issued.key_der()).expect("made for this");
        let Ok(key) = provider.key_provider.load_private_key(key) else {
            return Self::openssl(chain, issued);
        };
        let chain = chain.iter().map(|der| der.clone().into()).collect();
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .expect("made for this")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Show(Arc::new(CertifiedKey::new(chain, key)))));
        Self::Rustls(Box::new(ServerConnection::new(Arc::new(config)).expect("made for this")))
    }

    fn openssl(chain: &[Vec<u8>], issued: &Issued) -> Self {
        let mut builder = SslContext::builder(SslMethod::tls_server()).expect("made for this");
        builder.set_security_level(0);
        builder.set_certificate(&X509::from_der(&chain[0]).expect("made for this")).expect("made for this");
        for der in &chain[1..] {
            builder.add_extra_chain_cert(X509::from_der(der).expect("made for this")).expect("made for this");
        }
        builder.set_private_key(&issued.key).expect("made for this");
        let mut ssl = Ssl::new(&builder.build()).expect("made for this");
        ssl.set_accept_state();
        Self::Openssl(SslStream::new(ssl, Wire::default()).expect("made for this"))
    }

    /// Takes what the client says; its answer.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Rustls(server) => {
                while !bytes.is_empty() {
                    server.read_tls(&mut bytes).expect("made for this");
                    let _ = server.process_new_packets();
                }
                let mut out = Vec::new();
                while server.wants_write() {
                    server.write_tls(&mut out).expect("made for this");
                }
                out
            }
            Self::Openssl(server) => {
                server.get_mut().input.extend_from_slice(bytes);
                let _ = server.do_handshake();
                std::mem::take(&mut server.get_mut().output)
            }
        }
    }
}
