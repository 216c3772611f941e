//! The echo of [`crate::ws`] over TLS, by the library that ours uses.

use crate::looper::Serve;
use crate::ws::Cutter;
use lws_bench_net::wsframe;
use rustix::net::{SendFlags, send};
use rustls::ServerConnection;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

pub struct Echo {
    config: Arc<rustls::ServerConfig>,
    cutter: Cutter,
    /// One answer.
    answer: Vec<u8>,
    plain: Vec<u8>,
    sealed: Vec<u8>,
}

pub struct State {
    session: ServerConnection,
    /// How much of a message has come, after the handshake.
    progress: Option<usize>,
    /// What the socket did not take.
    left: Vec<u8>,
}

impl Echo {
    pub fn new(size: usize, root: &str) -> Result<Self, Box<dyn Error>> {
        let chain = CertificateDer::pem_file_iter(format!("{root}/cert.pem"))?.collect::<Result<_, _>>()?;
        let key = PrivateKeyDer::from_pem_file(format!("{root}/key.pem"))?;
        let config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
        Ok(Self {
            config: Arc::new(config),
            cutter: Cutter::new(size),
            answer: wsframe::from_server(&wsframe::payload(size)),
            plain: vec![0; 256 * 1024],
            sealed: Vec::new(),
        })
    }

    /// Opens what has come and seals the answers; false: the peer broke the rules.
    fn take(&mut self, state: &mut State, mut input: &[u8]) -> std::io::Result<()> {
        let wrong = |e: rustls::Error| std::io::Error::other(e.to_string());
        while !input.is_empty() {
            state.session.read_tls(&mut input)?;
            let io = state.session.process_new_packets().map_err(wrong)?;
            let have = io.plaintext_bytes_to_read().min(self.plain.len());
            if have > 0 {
                let plain = &mut self.plain[..have];
                state.session.reader().read_exact(plain)?;
                match &mut state.progress {
                    Some(progress) => {
                        for _ in 0..self.cutter.cut(progress, plain) {
                            state.session.writer().write_all(&self.answer)?;
                        }
                    }
                    None => {
                        let grant = wsframe::grant(&String::from_utf8_lossy(plain));
                        state.session.writer().write_all(&grant)?;
                        state.progress = Some(0);
                    }
                }
            }
        }
        Ok(())
    }
}

impl Serve for Echo {
    type State = State;

    fn open(&mut self) -> State {
        let mut session = ServerConnection::new(self.config.clone())
            .expect("a configuration that was made here is complete");
        session.set_buffer_limit(None);
        State { session, progress: None, left: Vec::new() }
    }

    fn ready(&mut self, stream: &TcpStream, state: &mut State, input: &[u8]) -> rustix::io::Result<()> {
        self.take(state, input).map_err(|_| rustix::io::Errno::PROTO)?;
        self.sealed.clear();
        self.sealed.append(&mut state.left);
        while state.session.wants_write() {
            state.session.write_tls(&mut self.sealed).map_err(|_| rustix::io::Errno::PROTO)?;
        }
        if self.sealed.is_empty() {
            return Ok(());
        }
        let sent = match send(stream, &self.sealed, SendFlags::NOSIGNAL) {
            Err(rustix::io::Errno::AGAIN) => 0,
            other => other?,
        };
        state.left.extend_from_slice(&self.sealed[sent..]);
        Ok(())
    }
}
