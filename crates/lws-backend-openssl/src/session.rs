//! OpenSSL's connection as a [`Session`].
//!
//! ```text
//!            server: the hello is put together first; its name chooses the context
//!   Peeking ───────────────────────────────────────▶ Live ── close_notify ──▶ Live (peer closed)
//!      └─ no hello: an alert of our own ─▶ Failed ◀─ alert ┘
//!
//!   input ─ one whole record ─▶ Pipe ─▶ OpenSSL ─▶ plaintext, over the record's own place
//!                                          └─▶ Pipe ─▶ out, or pending when out is full
//! ```
//! Invariants:
//! * OpenSSL is only given whole records, and reads all of each; between two calls the pipe holds nothing.
//! * While `pending` holds something, no record is taken and nothing is sealed.

use std::fmt;
use std::mem;
use std::sync::Arc;

use lws_tls::hello::{Hello, Peeker};
use lws_tls::limits::QUIET_RECORDS_MAX;
use lws_tls::{
    Alert, Cause, CertificateFault, CipherSuite, Date, Error, Facts, Misuse, Phase, Received, Session, Stage,
    Version, check, record,
};
use lws_wire::{Out, Stash};
use openssl::ssl::{self, ErrorCode, ShutdownState, Ssl, SslStream, SslVersion};

use crate::acceptor::Store;
use crate::connector::Origin;
use crate::error::{library, session_error};
use crate::pipe::Pipe;
use crate::step;

/// Header 5, explicit nonce 8 (TLS 1.2 AES-GCM), tag 16 bytes.
const OVERHEAD_TLS12: usize = 29;
/// Header 5, content type 1, tag 16 bytes.
const OVERHEAD_TLS13: usize = 22;

pub(crate) struct OpensslSession {
    state: State,
    pending: Stash,
    alpn: Option<Arc<[u8]>>,
    server_name: Option<Box<str>>,
    /// In DER.
    peer_certificate: Option<Box<[u8]>>,
    /// Records without data, one after the other.
    quiet: u32,
    /// We said `close_notify`, or will not say anything more.
    closing: bool,
    peer_closed: bool,
    /// A record of the peer was taken.
    heard: bool,
    /// The handshake is done. OpenSSL forgets that with its first error.
    opened: bool,
}

enum State {
    Peeking(Arc<Store>, Peeker),
    Live(Live),
    Failed(Error),
}

struct Live {
    stream: SslStream<Pipe>,
    /// A client's: whoever it connects to must show a certificate for that name.
    origin: Option<Origin>,
    now: Date,
}

/// What one call of OpenSSL came to.
enum Went {
    /// It wants another record.
    More,
    /// Bytes of plaintext.
    Plain(usize),
    PeerClosed,
    Wrong(ssl::Error, Option<CertificateFault>),
}

impl OpensslSession {
    pub(crate) fn server(store: Arc<Store>, alpn: Option<Arc<[u8]>>) -> Self {
        Self::new(State::Peeking(store, Peeker::new()), alpn, None)
    }

    pub(crate) fn client(ssl: Ssl, server_name: &str, origin: Origin) -> Result<Self, Error> {
        let stream = SslStream::new(ssl, Pipe::default()).map_err(|e| library(&e))?;
        let live = Live { stream, now: origin.now, origin: Some(origin) };
        Ok(Self::new(State::Live(live), None, Some(server_name.into())))
    }

    const fn new(state: State, alpn: Option<Arc<[u8]>>, server_name: Option<Box<str>>) -> Self {
        let pending = Stash::new();
        Self {
            state,
            pending,
            alpn,
            server_name,
            peer_certificate: None,
            quiet: 0,
            closing: false,
            peer_closed: false,
            heard: false,
            opened: false,
        }
    }

    /// Takes one record of the hello, and when it is whole gives all of it to OpenSSL.
    fn peek(&mut self, input: &[u8], out: &mut Out<'_>) -> Result<Received, Error> {
        let State::Peeking(store, peeker) = &mut self.state else { return Ok(Received::default()) };
        let len = match record::complete(input) {
            Ok(None) => return Ok(Received::default()),
            Ok(Some(len)) => len,
            Err(cause) => return Err(self.no_record(cause)),
        };
        self.heard = true;
        let hello = peeker.push(input.get(..len).unwrap_or_default())?;
        if let Some(Hello { server_name, .. }) = hello {
            let ssl = store.begin(server_name.as_deref())?;
            let stream = SslStream::new(ssl, Pipe::default()).map_err(|e| library(&e))?;
            let live = Live { stream, now: store.now(), origin: None };
            self.server_name = server_name.map(Into::into);
            if let State::Peeking(_, peeker) = mem::replace(&mut self.state, State::Live(live)) {
                let went = self.step(&peeker.into_wire(), out);
                self.settle(went)?;
            }
        }
        Ok(Received { consumed: len, plain: 0..0 })
    }

    /// Gives OpenSSL input that carries no data, runs it, and takes what it writes.
    fn step(&mut self, input: &[u8], out: &mut Out<'_>) -> Went {
        if let State::Live(live) = &mut self.state {
            live.stream.get_mut().fill(input);
        }
        self.run(&mut [0; 1], out)
    }

    /// Runs OpenSSL over what its pipe was filled with. `place` is where plaintext goes.
    fn run(&mut self, place: &mut [u8], out: &mut Out<'_>) -> Went {
        let State::Live(live) = &mut self.state else { return Went::More };
        let went = live.run(self.alpn.as_ref(), self.server_name.as_deref(), place);
        let pending = &mut self.pending;
        live.stream.get_mut().empty(|written| write(written, pending, out));
        went
    }

    /// What [`OpensslSession::step`] came to, as plaintext or an error.
    fn settle(&mut self, went: Went) -> Result<usize, Error> {
        match went {
            Went::More => Ok(0),
            Went::Plain(n) => Ok(n),
            // A goodbye within the handshake is none.
            Went::PeerClosed if self.stage() == Stage::Handshake => {
                let cause = Cause::Violation("close_notify within the handshake".to_string());
                Err(Error::Peer { stage: Stage::Handshake, cause })
            }
            Went::PeerClosed => {
                self.peer_closed = true;
                Ok(0)
            }
            Went::Wrong(error, fault) => Err(session_error(&error, fault, self.stage())),
        }
    }

    fn take_record(&mut self, input: &mut [u8], out: &mut Out<'_>) -> Result<Received, Error> {
        let len = match record::complete(input) {
            Ok(None) => return Ok(Received::default()),
            Ok(Some(len)) => len,
            Err(cause) => {
                // OpenSSL sees it too, for the alert; whatever it says, this connection is over.
                let _ = self.step(input.get(..record::HEADER).unwrap_or_default(), out);
                return Err(self.no_record(cause));
            }
        };
        let was_open = self.stage() == Stage::Data;
        // OpenSSL reads from a copy, so the record's own place is free for the plaintext.
        if let (State::Live(live), Some(record)) = (&mut self.state, input.get(..len)) {
            live.stream.get_mut().fill(record);
        }
        self.heard = true;
        let went = self.run(input.get_mut(record::HEADER..len).unwrap_or_default(), out);
        let plain = self.settle(went)?;
        // TLS-09: each of these is legal, without end they are not.
        self.quiet = if plain > 0 || !was_open { 0 } else { self.quiet + 1 };
        if self.quiet > QUIET_RECORDS_MAX {
            return Err(Error::Peer { stage: Stage::Data, cause: Cause::Flood });
        }
        Ok(Received { consumed: len, plain: record::HEADER..record::HEADER + plain })
    }

    /// Bytes that are no record are "not TLS" only as the very first ones.
    fn no_record(&self, cause: Cause) -> Error {
        let cause = match cause {
            Cause::NotTls { .. } if self.heard => Cause::Malformed,
            cause => cause,
        };
        Error::Peer { stage: self.stage(), cause }
    }

    const fn stage(&self) -> Stage {
        if self.opened { Stage::Data } else { Stage::Handshake }
    }

    fn fail<T>(&mut self, error: Error) -> Result<T, Error> {
        // In place of a library that has not seen anything yet.
        if let (State::Peeking(..), Error::Peer { cause, .. }) = (&self.state, &error)
            && let Some(alert) = cause.alert()
        {
            self.pending.push(&[21, 3, 3, 0, 2, 2, alert.0]);
        } else if let State::Peeking(..) = self.state {
            self.pending.push(&[21, 3, 3, 0, 2, 2, Alert::ILLEGAL_PARAMETER.0]);
        }
        self.state = State::Failed(error.clone());
        Err(error)
    }

    /// The handshake may be done now: remembers that, and whom it was with.
    fn remember(&mut self) {
        if let State::Live(live) = &self.state
            && !self.opened
            && live.stream.ssl().is_init_finished()
        {
            self.opened = true;
            let certificate = live.stream.ssl().peer_certificate();
            self.peer_certificate =
                certificate.and_then(|certificate| certificate.to_der().ok()).map(Into::into);
        }
    }
}

impl Live {
    fn run(&mut self, alpn: Option<&Arc<[u8]>>, name: Option<&str>, place: &mut [u8]) -> Went {
        if !self.stream.ssl().is_init_finished() {
            let asked = name.filter(|_| self.origin.is_some());
            let stream = &mut self.stream;
            let done = step::run(alpn, asked, self.now, || stream.do_handshake());
            match done.result {
                Ok(()) => self.handshaken(name),
                Err(error) => return wrong(error, done.fault),
            }
            // A record that ends the handshake carries no data; one with tickets behind it is read below.
        }
        let stream = &mut self.stream;
        let read = match &self.origin {
            None => stream.ssl_read(place),
            Some(origin) => {
                let done = step::run(None, None, self.now, || stream.ssl_read(place));
                for ticket in done.tickets {
                    origin.keep(name.unwrap_or_default(), ticket, stream.ssl().session_reused());
                }
                done.result
            }
        };
        match read {
            Ok(n) => Went::Plain(n),
            Err(error) => wrong(error, None),
        }
    }

    /// A client of TLS 1.2 has its session now; tickets of TLS 1.3 come later.
    fn handshaken(&self, name: Option<&str>) {
        let ssl = self.stream.ssl();
        if let Some(origin) = &self.origin
            && ssl.version2() == Some(SslVersion::TLS1_2)
            && let Some(session) = ssl.session()
        {
            origin.keep(name.unwrap_or_default(), session.to_owned(), ssl.session_reused());
        }
    }
}

fn wrong(error: ssl::Error, fault: Option<CertificateFault>) -> Went {
    match error.code() {
        ErrorCode::WANT_READ | ErrorCode::WANT_WRITE => Went::More,
        ErrorCode::ZERO_RETURN => Went::PeerClosed,
        _ => Went::Wrong(error, fault),
    }
}

/// OpenSSL does not resume the session of a connection that it believes to have broken off, and it believes that of each
/// which says no `close_notify`. RFC 5246 §7.2.1 gave that up. One that has failed is not here any more, and stays as it
/// is: RFC 5246 §7.2.2.
impl Drop for OpensslSession {
    fn drop(&mut self) {
        if let State::Live(live) = &mut self.state
            && live.origin.is_some()
        {
            live.stream.set_shutdown(ShutdownState::SENT);
        }
    }
}

/// Behind what waits already.
fn write(bytes: &[u8], pending: &mut Stash, out: &mut Out<'_>) {
    let n = if pending.is_empty() { out.put_some(bytes) } else { 0 };
    if n < bytes.len() {
        pending.push(&bytes[n..]);
    }
}

impl Session for OpensslSession {
    fn receive(&mut self, input: &mut [u8], out: &mut Out<'_>) -> Result<Received, Error> {
        self.flush(out);
        let result = match &self.state {
            State::Failed(error) => return Err(error.clone()),
            _ if !self.pending.is_empty() => return Ok(Received::default()),
            // RFC 8446 §6.1: any data received after a closure alert has been received MUST be ignored.
            _ if self.peer_closed => return Ok(Received { consumed: input.len(), plain: 0..0 }),
            State::Peeking(..) => self.peek(input, out),
            // A client begins by speaking.
            State::Live(_) if input.is_empty() && !self.opened => {
                let went = self.step(&[], out);
                self.settle(went).map(|_| Received::default())
            }
            State::Live(_) if input.is_empty() => return Ok(Received::default()),
            State::Live(_) => self.take_record(input, out),
        };
        let shaking = !self.opened;
        self.remember();
        let result = match &self.state {
            State::Live(live) if live.origin.is_none() && shaking && self.opened => {
                result.and_then(|received| check::resumed(&self.facts(), live.now).map(|()| received))
            }
            _ => result,
        };
        match result {
            Ok(received) => Ok(received),
            Err(error) => {
                let failed = self.fail(error);
                self.flush(out);
                failed
            }
        }
    }

    fn send(&mut self, plain: &[u8], out: &mut Out<'_>) -> Result<usize, Error> {
        self.flush(out);
        let room = self.plain_room(out.room());
        let live = match &mut self.state {
            State::Failed(error) => return Err(error.clone()),
            _ if self.closing => return Err(Error::Misuse(Misuse::SendAfterClose)),
            State::Live(live) if self.opened => live,
            _ => return Err(Error::Misuse(Misuse::SendBeforeOpen)),
        };
        let chunk = plain.get(..plain.len().min(room)).unwrap_or_default();
        if chunk.is_empty() || !self.pending.is_empty() {
            return Ok(0);
        }
        live.stream.get_mut().fill(&[]);
        let sealed = live.stream.ssl_write(chunk);
        let pending = &mut self.pending;
        live.stream.get_mut().empty(|written| write(written, pending, out));
        match sealed {
            Ok(n) => Ok(n),
            Err(error) => {
                let error = session_error(&error, None, Stage::Data);
                self.fail(error)
            }
        }
    }

    fn flush(&mut self, out: &mut Out<'_>) {
        let n = out.put_some(self.pending.bytes_mut());
        self.pending.consume(n);
    }

    fn close_notify(&mut self, out: &mut Out<'_>) {
        self.flush(out);
        if mem::replace(&mut self.closing, true) {
            return;
        }
        if let State::Live(live) = &mut self.state
            && self.opened
        {
            live.stream.get_mut().fill(&[]);
            // What it returns tells whether the peer has closed, too.
            let _ = live.stream.shutdown();
            let pending = &mut self.pending;
            live.stream.get_mut().empty(|written| write(written, pending, out));
        }
    }

    fn pending(&self) -> usize {
        self.pending.len()
    }

    fn phase(&self) -> Phase {
        match &self.state {
            State::Failed(_) => Phase::Failed,
            _ if self.peer_closed => Phase::PeerClosed,
            _ if self.opened => Phase::Open,
            _ => Phase::Handshaking,
        }
    }

    fn facts(&self) -> Facts<'_> {
        let mut facts = Facts::default();
        facts.server_name = self.server_name.as_deref();
        facts.peer_certificate = self.peer_certificate.as_deref();
        let State::Live(live) = &self.state else { return facts };
        let ssl = live.stream.ssl();
        if self.opened {
            facts.version = version(ssl.version2());
        }
        let suite = ssl.current_cipher();
        facts.cipher_suite = suite.map(|suite| CipherSuite(u16::from_be_bytes(suite.protocol_id())));
        facts.alpn = ssl.selected_alpn_protocol();
        facts.resumed = ssl.session_reused();
        facts
    }

    fn plain_room(&self, room: usize) -> usize {
        let overhead = match &self.state {
            State::Live(live) if live.stream.ssl().version2() == Some(SslVersion::TLS1_3) => OVERHEAD_TLS13,
            _ => OVERHEAD_TLS12,
        };
        record::plain_room(room.saturating_sub(self.pending.len()), overhead)
    }
}

fn version(version: Option<SslVersion>) -> Option<Version> {
    match version {
        Some(SslVersion::TLS1_2) => Some(Version::Tls12),
        Some(SslVersion::TLS1_3) => Some(Version::Tls13),
        _ => None,
    }
}

/// Only how far it has come: no keys, no names, no data.
impl fmt::Debug for OpensslSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpensslSession").field("phase", &self.phase()).finish_non_exhaustive()
    }
}
