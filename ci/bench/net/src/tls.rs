//! A client's side of TLS for load generators: rustls, one certificate trusted.

use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::error::Error;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

/// Trusts `cert.pem` in `root` and nothing else; sessions are resumed only where that is wanted.
///
/// # Errors
/// There is no such certificate.
pub fn config(root: &Path, alpn: &[u8], resume: bool) -> Result<Arc<ClientConfig>, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(root.join("cert.pem"))?)?;
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    config.resumption = if resume { Resumption::in_memory_sessions(64) } else { Resumption::disabled() };
    Ok(Arc::new(config))
}

/// A blocking stream; the handshake takes place with the first bytes.
///
/// # Errors
/// The configuration is not complete.
pub fn wrap(
    config: &Arc<ClientConfig>,
    stream: TcpStream,
) -> Result<StreamOwned<ClientConnection, TcpStream>, Box<dyn Error>> {
    let name = ServerName::try_from("localhost")?;
    Ok(StreamOwned::new(ClientConnection::new(config.clone(), name)?, stream))
}
