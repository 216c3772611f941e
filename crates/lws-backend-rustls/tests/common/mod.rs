//! Two sessions and the wire between them, in memory: any chunking, any room, no clock.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::sync::Arc;

use lws_backend_rustls::rustls::crypto::aws_lc_rs;
use lws_backend_rustls::{Rustls, SelfSigned, provider, self_signed};
use lws_tls::{
    Acceptor, ClientSettings, Connector, Error, Phase, Provider, ServerSettings, Session, Source, Version,
};
use lws_wire::Out;

/// A small generator: the same seed, the same conversation.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap()
    }
}

/// One side: a session, the ciphertext that has arrived for it, and the plaintext it has seen.
pub(crate) struct Side {
    pub(crate) tls: Box<dyn Session>,
    pub(crate) inbox: Vec<u8>,
    pub(crate) seen: Vec<u8>,
    pub(crate) error: Option<Error>,
}

impl Side {
    pub(crate) fn new(tls: Box<dyn Session>) -> Self {
        Self { tls, inbox: Vec::new(), seen: Vec::new(), error: None }
    }

    /// Offers up to `offer` bytes of what has arrived, lends `room`, and returns what came out.
    pub(crate) fn step(&mut self, offer: usize, room: usize) -> (Vec<u8>, bool) {
        let mut buf = vec![0; room];
        let mut out = Out::new(&mut buf);
        let offer = offer.min(self.inbox.len());
        let mut moved = false;
        match self.tls.receive(&mut self.inbox[..offer], &mut out) {
            Ok(received) => {
                assert!(received.plain.end <= received.consumed && received.consumed <= offer);
                self.seen.extend_from_slice(&self.inbox[received.plain]);
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
    pub(crate) fn send(&mut self, plain: &[u8], room: usize) -> (usize, Vec<u8>) {
        let mut buf = vec![0; room];
        let mut out = Out::new(&mut buf);
        let n = self.tls.send(plain, &mut out).unwrap();
        (n, out.written().to_vec())
    }

    pub(crate) fn close(&mut self, room: usize) -> Vec<u8> {
        let mut buf = vec![0; room];
        let mut out = Out::new(&mut buf);
        self.tls.close_notify(&mut out);
        out.written().to_vec()
    }
}

pub(crate) struct Pair {
    pub(crate) client: Side,
    pub(crate) server: Side,
}

impl Pair {
    pub(crate) fn new(connector: &dyn Connector, acceptor: &dyn Acceptor) -> Self {
        Self::named(connector, acceptor, "localhost")
    }

    pub(crate) fn named(connector: &dyn Connector, acceptor: &dyn Acceptor, name: &str) -> Self {
        let client = Side::new(connector.connect(name).unwrap());
        Self { client, server: Side::new(acceptor.accept().unwrap()) }
    }

    /// Moves bytes until nothing moves, with everything offered and plenty of room.
    pub(crate) fn settle(&mut self) {
        self.settle_with(|| (usize::MAX, 1 << 16));
    }

    /// Moves bytes until nothing moves; `draw` says how much is offered and lent each time.
    pub(crate) fn settle_with(&mut self, mut draw: impl FnMut() -> (usize, usize)) {
        // Small draws may move nothing although larger ones would.
        let mut still = 0;
        while still < 64 {
            let (offer, room) = draw();
            let (bytes, moved_a) = self.client.step(offer, room);
            self.server.inbox.extend(bytes);
            let (offer, room) = draw();
            let (bytes, moved_b) = self.server.step(offer, room);
            self.client.inbox.extend(bytes);
            still = if moved_a || moved_b { 0 } else { still + 1 };
        }
    }

    pub(crate) fn open(mut self) -> Self {
        self.settle();
        assert_eq!((&self.client.error, &self.server.error), (&None, &None));
        assert_eq!((self.client.tls.phase(), self.server.tls.phase()), (Phase::Open, Phase::Open));
        self
    }

    pub(crate) fn errors(mut self) -> (Option<Error>, Option<Error>) {
        self.settle();
        (self.client.error, self.server.error)
    }
}

pub(crate) fn own() -> SelfSigned {
    self_signed(&["localhost", "*.example.com", "127.0.0.1"]).unwrap()
}

/// rustls that can do one version only.
pub(crate) fn only(version: Version) -> Rustls {
    let mut crypto = aws_lc_rs::default_provider();
    crypto.cipher_suites.retain(|suite| suite.tls13().is_some() == (version == Version::Tls13));
    Rustls::with_crypto(crypto)
}

pub(crate) fn acceptor(own: &SelfSigned, alpn: &[&str]) -> Arc<dyn Acceptor> {
    provider().server(ServerSettings::new(own.certificates.clone()).alpn(alpn)).unwrap()
}

pub(crate) fn trusting(own: &SelfSigned) -> ClientSettings {
    ClientSettings::new([Source::Memory(own.certificate.clone())])
}

pub(crate) fn connector(own: &SelfSigned, alpn: &[&str]) -> Arc<dyn Connector> {
    provider().client(&trusting(own).alpn(alpn)).unwrap()
}
