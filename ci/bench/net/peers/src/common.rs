//! What the servers share: one thread, one listener that says where it is, TLS where it is wanted.

use std::future::Future;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// What serves a connection.
pub trait Serve: Clone + 'static {
    fn serve<S: Stream>(self, stream: S) -> impl Future<Output = ()> + 'static;
}

pub fn run(server: impl Serve, alpn: &[&str]) -> Result<(), Box<dyn std::error::Error>> {
    let root = flag("--root").ok_or("--root DIR")?;
    let tls = std::env::args().any(|arg| arg == "--tls").then(|| acceptor(&root, alpn)).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::task::spawn_local(connection(server.clone(), tls.clone(), stream));
        }
    })
}

async fn connection(server: impl Serve, tls: Option<TlsAcceptor>, stream: TcpStream) {
    match tls {
        None => server.serve(stream).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                server.serve(stream).await;
            }
        }
    }
}

fn acceptor(root: &str, alpn: &[&str]) -> Result<TlsAcceptor, Box<dyn std::error::Error>> {
    let chain = CertificateDer::pem_file_iter(format!("{root}/cert.pem"))?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(format!("{root}/key.pem"))?;
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The argument after `name` on the command line.
pub fn flag(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}
