//! A connected socket, plain or TLS, read with a deadline. The certificate of the server is not verified.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, ServerConfig, ServerConnection, SignatureScheme,
    StreamOwned,
};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for the peer to take what we write.
const WRITE_LIMIT: Duration = Duration::from_secs(3);

/// The two ends differ only in who sends the first flight.
pub(crate) enum Pipe {
    Plain(TcpStream),
    Client(Box<StreamOwned<ClientConnection, TcpStream>>),
    Server(Box<StreamOwned<ServerConnection, TcpStream>>),
}

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Got {
    Bytes(usize),
    /// The peer closed: a FIN, a TLS close, or a reset.
    End,
    /// Nothing until the deadline.
    Late,
}

impl Pipe {
    /// Connects without TLS.
    pub(crate) fn plain(address: SocketAddr, patience: Duration) -> io::Result<Pipe> {
        Ok(Pipe::Plain(connect(address, patience)?))
    }

    /// Connects with TLS and does the handshake.
    pub(crate) fn tls(
        address: SocketAddr,
        config: Arc<ClientConfig>,
        patience: Duration,
    ) -> io::Result<Pipe> {
        let mut socket = connect(address, patience)?;
        socket.set_read_timeout(Some(patience))?;
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let mut session = ClientConnection::new(config, name).map_err(io::Error::other)?;
        while session.is_handshaking() {
            session.complete_io(&mut socket)?;
        }
        Ok(Pipe::Client(Box::new(StreamOwned::new(session, socket))))
    }

    /// Accepts TLS on a socket that was accepted.
    pub(crate) fn accept(
        mut socket: TcpStream,
        config: Arc<ServerConfig>,
        patience: Duration,
    ) -> io::Result<Pipe> {
        socket.set_read_timeout(Some(patience))?;
        socket.set_write_timeout(Some(WRITE_LIMIT))?;
        let mut session = ServerConnection::new(config).map_err(io::Error::other)?;
        while session.is_handshaking() {
            session.complete_io(&mut socket)?;
        }
        Ok(Pipe::Server(Box::new(StreamOwned::new(session, socket))))
    }

    /// The protocol that ALPN chose; `None` on plain connections too.
    pub(crate) fn alpn(&self) -> Option<&[u8]> {
        match self {
            Pipe::Plain(_) => None,
            Pipe::Client(stream) => stream.conn.alpn_protocol(),
            Pipe::Server(stream) => stream.conn.alpn_protocol(),
        }
    }

    /// Writes everything; the peer may have closed, which the next read tells better.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        let writer: &mut dyn Write = match self {
            Pipe::Plain(socket) => socket,
            Pipe::Client(stream) => stream,
            Pipe::Server(stream) => stream,
        };
        let _ = writer.write_all(bytes).and_then(|()| writer.flush());
    }

    /// Reads what there is, waiting until `deadline` for something to come.
    pub(crate) fn read(&mut self, buffer: &mut [u8], deadline: Instant) -> Got {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Got::Late;
        }
        // A limit of a fraction of a millisecond would be rounded to "none" by some systems.
        let _ = self.socket().set_read_timeout(Some(left.max(Duration::from_millis(1))));
        let reader: &mut dyn Read = match self {
            Pipe::Plain(socket) => socket,
            Pipe::Client(stream) => stream,
            Pipe::Server(stream) => stream,
        };
        match reader.read(buffer) {
            Ok(0) => Got::End,
            Ok(n) => Got::Bytes(n),
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) =>
            {
                Got::Late
            }
            Err(_) => Got::End,
        }
    }

    /// Ends our direction of the TCP connection.
    pub(crate) fn shut_writing(&self) {
        let _ = self.socket().shutdown(std::net::Shutdown::Write);
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Pipe::Plain(socket) => socket,
            Pipe::Client(stream) => &stream.sock,
            Pipe::Server(stream) => &stream.sock,
        }
    }
}

fn connect(address: SocketAddr, patience: Duration) -> io::Result<TcpStream> {
    let socket = TcpStream::connect_timeout(&address, patience)?;
    socket.set_nodelay(true)?;
    socket.set_write_timeout(Some(WRITE_LIMIT))?;
    Ok(socket)
}

/// What a client offers.
#[derive(Clone, Copy)]
pub(crate) struct Offer<'a> {
    pub(crate) alpn: &'a [&'a [u8]],
    pub(crate) versions: &'a [&'static rustls::SupportedProtocolVersion],
    /// Only `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` on P-256 (RFC 9113 §9.2.2).
    pub(crate) mandatory_suite_only: bool,
}

/// What every case without words of its own offers.
pub(crate) const USUAL: Offer<'static> =
    Offer { alpn: &[b"h2"], versions: rustls::ALL_VERSIONS, mandatory_suite_only: false };

/// A client configuration that takes any certificate.
pub(crate) fn client_config(offer: Offer<'_>) -> Result<Arc<ClientConfig>, String> {
    let mut provider = aws_lc_rs::default_provider();
    if offer.mandatory_suite_only {
        provider.cipher_suites = vec![aws_lc_rs::cipher_suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256];
        provider.kx_groups = vec![aws_lc_rs::kx_group::SECP256R1];
    }
    let provider = Arc::new(provider);
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(offer.versions)
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
        .with_no_client_auth();
    config.alpn_protocols = offer.alpn.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}

/// A server configuration with a certificate made for this run, in the names of this host.
pub(crate) fn server_config() -> Result<Arc<ServerConfig>, String> {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).map_err(|e| e.to_string())?;
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .map_err(|e| e.to_string())?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .map_err(|e| e.to_string())?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}

#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
