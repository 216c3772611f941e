//! What the tests of TLS share: the backends, and two sessions with the wire between them, in memory: any chunking, any
//! room, no sockets.

use std::fmt;
use std::sync::Arc;

use lws_tls::{
    Acceptor, ClientSettings, Connector, Date, Error, Phase, Provider, ServerSettings, Session, Version,
};
use lws_wire::Out;

use crate::tls_certs::Issued;

/// One TLS library.
pub struct Backend {
    /// What it is called in the tables of expectations.
    pub name: &'static str,
    /// It.
    pub provider: Arc<dyn Provider>,
    /// It, with another clock.
    pub with_clock: fn(fn() -> Date) -> Arc<dyn Provider>,
    /// What it speaks.
    pub versions: &'static [Version],
}

/// All of them. A backend joins here, and every test of TLS runs on it.
pub fn backends() -> Vec<Backend> {
    const BOTH: &[Version] = &[Version::Tls12, Version::Tls13];
    vec![
        Backend {
            name: "rustls",
            provider: Arc::new(lws_backend_rustls::provider()),
            with_clock: |clock| Arc::new(lws_backend_rustls::provider().with_clock(clock)),
            versions: BOTH,
        },
        Backend {
            name: "openssl",
            provider: Arc::new(lws_backend_openssl::provider()),
            with_clock: |clock| Arc::new(lws_backend_openssl::provider().with_clock(clock)),
            versions: BOTH,
        },
        Backend {
            name: "mbedtls",
            provider: Arc::new(lws_backend_mbedtls::provider()),
            with_clock: |clock| Arc::new(lws_backend_mbedtls::provider().with_clock(clock)),
            versions: &[Version::Tls12],
        },
    ]
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Backend {
    /// A server with one certificate.
    pub fn acceptor(&self, own: &Issued, alpn: &[&str]) -> Arc<dyn Acceptor> {
        self.serve(ServerSettings::new(own.certificates()).alpn(alpn))
    }

    /// A server.
    pub fn serve(&self, settings: ServerSettings) -> Arc<dyn Acceptor> {
        self.provider.server(settings).unwrap_or_else(|e| panic!("{self:?}: {e}"))
    }

    /// A client that trusts one certificate.
    pub fn connector(&self, root: &Issued, alpn: &[&str]) -> Arc<dyn Connector> {
        self.connect(&trusting(root).alpn(alpn))
    }

    /// A client.
    pub fn connect(&self, settings: &ClientSettings) -> Arc<dyn Connector> {
        self.provider.client(settings).unwrap_or_else(|e| panic!("{self:?}: {e}"))
    }

    /// A client of one version only.
    pub fn connector_of(&self, version: Version, root: &Issued, alpn: &[&str]) -> Arc<dyn Connector> {
        self.connect(&only(version, trusting(root)).alpn(alpn))
    }
}

/// Trusts one certificate.
pub fn trusting(root: &Issued) -> ClientSettings {
    ClientSettings::new([root.root()])
}

/// One version and no other.
pub fn only(version: Version, settings: ClientSettings) -> ClientSettings {
    settings.min_version(version).max_version(version)
}

/// Calls `f` with each pair of a client's backend and a server's, and each version that both speak.
pub fn each_pair(mut f: impl FnMut(&Backend, &Backend, Version)) {
    let backends = backends();
    for client in &backends {
        for server in &backends {
            for version in client.versions.iter().filter(|version| server.versions.contains(version)) {
                f(client, server, *version);
            }
        }
    }
}

/// A small generator: the same seed, the same conversation.
pub struct Rng(pub u64);

impl Rng {
    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).expect("below a usize")
    }
}

/// One side: a session, the ciphertext that has arrived for it, and the plaintext it has seen.
#[derive(Debug)]
pub struct Side {
    pub tls: Box<dyn Session>,
    pub inbox: Vec<u8>,
    pub seen: Vec<u8>,
    pub error: Option<Error>,
}

impl Side {
    /// Nothing has happened yet.
    pub fn new(tls: Box<dyn Session>) -> Self {
        Self { tls, inbox: Vec::new(), seen: Vec::new(), error: None }
    }

    /// Offers up to `offer` bytes of what has arrived, lends `room`, and returns what came out, and whether anything
    /// moved.
    pub fn step(&mut self, offer: usize, room: usize) -> (Vec<u8>, bool) {
        let mut buf = vec![0; room];
        let mut out = Out::new(&mut buf);
        let offer = offer.min(self.inbox.len());
        let mut moved = false;
        match self.tls.receive(&mut self.inbox[..offer], &mut out) {
            Ok(received) => {
                assert!(received.plain.end <= received.consumed && received.consumed <= offer);
                self.seen.extend_from_slice(self.inbox.get(received.plain).unwrap_or_default());
                self.inbox.drain(..received.consumed);
                moved = received.consumed > 0;
            }
            Err(error) => {
                assert_eq!(self.tls.phase(), Phase::Failed);
                self.tls.flush(&mut out);
                self.error = Some(error);
            }
        }
        let written = out.written().to_vec();
        moved |= !written.is_empty();
        (written, moved)
    }

    /// Seals `plain` with at most `room` bytes of room; how much was taken, and the records.
    pub fn send(&mut self, plain: &[u8], room: usize) -> (usize, Vec<u8>) {
        let mut buf = vec![0; room];
        let mut out = Out::new(&mut buf);
        let n = self.tls.send(plain, &mut out).expect("an open session seals");
        (n, out.written().to_vec())
    }

    /// Says goodbye.
    pub fn close(&mut self, room: usize) -> Vec<u8> {
        let mut buf = vec![0; room];
        let mut out = Out::new(&mut buf);
        self.tls.close_notify(&mut out);
        out.written().to_vec()
    }

    /// Feeds `bytes` in pieces of `chunk` and returns what was answered.
    pub fn feed(&mut self, bytes: &[u8], chunk: usize) -> Vec<u8> {
        let mut answer = Vec::new();
        for piece in bytes.chunks(chunk) {
            self.inbox.extend(piece);
            loop {
                let (out, moved) = self.step(usize::MAX, 4_096);
                answer.extend(out);
                if !moved || self.error.is_some() {
                    break;
                }
            }
            if self.error.is_some() {
                break;
            }
        }
        answer
    }
}

/// Two sides.
#[derive(Debug)]
pub struct Pair {
    pub client: Side,
    pub server: Side,
}

impl Pair {
    /// A client that connects to `localhost`.
    pub fn new(connector: &dyn Connector, acceptor: &dyn Acceptor) -> Self {
        Self::named(connector, acceptor, "localhost")
    }

    /// A client that connects to `name`.
    pub fn named(connector: &dyn Connector, acceptor: &dyn Acceptor, name: &str) -> Self {
        let client = Side::new(connector.connect(name).expect("a name to connect to"));
        Self { client, server: Side::new(acceptor.accept().expect("a session")) }
    }

    /// Moves bytes until nothing moves, with everything offered and plenty of room.
    pub fn settle(&mut self) {
        self.settle_with(|| (usize::MAX, 1 << 16), 2);
    }

    /// Moves bytes until nothing has moved `patience` times; `draw` says how much is offered and lent each time.
    pub fn settle_with(&mut self, mut draw: impl FnMut() -> (usize, usize), patience: u32) {
        // Small draws may move nothing although larger ones would.
        let mut still = 0;
        while still < patience {
            let (offer, room) = draw();
            let (bytes, moved_a) = self.client.step(offer, room);
            self.server.inbox.extend(bytes);
            let (offer, room) = draw();
            let (bytes, moved_b) = self.server.step(offer, room);
            self.client.inbox.extend(bytes);
            still = if moved_a || moved_b { 0 } else { still + 1 };
        }
    }

    /// Shakes hands, which must succeed.
    pub fn open(mut self) -> Self {
        self.settle();
        assert_eq!((&self.client.error, &self.server.error), (&None, &None));
        assert_eq!((self.client.tls.phase(), self.server.tls.phase()), (Phase::Open, Phase::Open));
        self
    }

    /// Shakes hands; what went wrong on each side.
    pub fn errors(mut self) -> (Option<Error>, Option<Error>) {
        self.settle();
        (self.client.error, self.server.error)
    }

    /// Whether `text` comes through in both directions.
    pub fn talks(&mut self, text: &[u8]) -> bool {
        let (n, bytes) = self.client.send(text, 1 << 16);
        self.server.inbox.extend(bytes);
        let (m, bytes) = self.server.send(text, 1 << 16);
        self.client.inbox.extend(bytes);
        self.settle();
        (n, m) == (text.len(), text.len())
            && self.server.seen.ends_with(text)
            && self.client.seen.ends_with(text)
    }
}

/// The certificate fault of an error, by its name; for other errors their text.
pub fn fault(error: Option<&Error>) -> String {
    match error {
        None => "ok".to_string(),
        Some(Error::Peer { cause: lws_tls::Cause::Certificate(fault), .. }) => fault.name().to_string(),
        Some(other) => other.to_string(),
    }
}
