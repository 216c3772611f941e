//! rustls's unbuffered connections as a [`Session`].
//!
//! ```text
//!   input ─ one whole record ─▶ rustls ─┬─ plaintext, copied back over the record
//!             ▲ held + record           ├─ handshake bytes, alerts ─▶ out, or pending when out is full
//!             └── rustls wants more of a message: the record moves to held
//! ```
//! Invariants:
//! * rustls is only ever given whole records, and the bytes it has not let go of (`held`) in front of them, at the
//!   same place as before: it remembers offsets into them.
//! * `held` is empty unless a handshake message has arrived in part; `pending` is empty unless `out` was full.
//! * While `pending` holds something, no record is taken and nothing is sealed.

use std::fmt;
use std::mem;

use lws_tls::limits::HANDSHAKE_HELD_MAX;
use lws_tls::{Cause, Date, Error, Facts, Misuse, Phase, Received, Session, Stage, check, record};
use lws_wire::{Out, Stash};
use rustls::unbuffered::{ConnectionState, EncodeError, EncodeTlsData, EncryptError, UnbufferedStatus};
use rustls::{Error as Tls, HandshakeKind, ProtocolVersion};

use crate::error::session_error;
use crate::store;

mod engine;
pub(crate) use engine::Engine;

/// Header 5, explicit nonce 8 (TLS 1.2 AES-GCM), tag 16 bytes.
const OVERHEAD_TLS12: usize = 29;
/// Header 5, content type 1, tag 16 bytes.
const OVERHEAD_TLS13: usize = 22;

pub(crate) struct RustlsSession<E> {
    engine: E,
    held: Vec<u8>,
    pending: Stash,
    server_name: Option<Box<str>>,
    /// A server's, for what clients showed when they began the session that they resume.
    clock: Option<fn() -> Date>,
    state: State,
    /// We said `close_notify`, or will not say anything more.
    closing: bool,
}

enum State {
    /// Handshaking or open: rustls knows which.
    Running,
    /// No record was complete yet.
    Fresh,
    PeerClosed,
    Failed(Error),
}

impl<E: Engine> RustlsSession<E> {
    pub(crate) fn server(engine: E, clock: fn() -> Date) -> Self {
        Self { clock: Some(clock), ..Self::new(engine, None) }
    }

    pub(crate) fn new(engine: E, server_name: Option<Box<str>>) -> Self {
        Self {
            engine,
            held: Vec::new(),
            pending: Stash::new(),
            server_name,
            clock: None,
            state: State::Fresh,
            closing: false,
        }
    }

    /// Gives rustls one record, or what is wrong with the first of `input`.
    fn take_record(&mut self, input: &mut [u8], out: &mut Out<'_>) -> Result<Received, Error> {
        let len = match record::complete(input) {
            Ok(None) => return Ok(Received::default()),
            Ok(Some(len)) => len,
            Err(cause) => {
                // rustls sees it too, behind what it holds, for the alert; whatever it says, this connection is over.
                let mut all = mem::take(&mut self.held);
                all.extend_from_slice(input.get(..record::HEADER).unwrap_or_default());
                let _ = self.drive(&mut all, out);
                return Err(self.peer_error(cause));
            }
        };
        let record = &mut input[..len];
        let plain = if self.held.is_empty() {
            let done = self.drive(record, out)?;
            self.held.extend_from_slice(&record[done.discard..]);
            done.plain
        } else {
            self.held.extend_from_slice(record);
            let mut held = mem::take(&mut self.held);
            let done = self.drive(&mut held, out)?;
            held.drain(..done.discard);
            if !held.is_empty() {
                self.held = held;
            }
            done.plain
        };
        if self.held.len() > HANDSHAKE_HELD_MAX {
            return Err(Error::HandshakeTooLarge);
        }
        if matches!(self.state, State::Fresh) {
            self.state = State::Running;
        }
        let plain = if plain { record::HEADER..record::HEADER + self.take_plain(record)? } else { 0..0 };
        Ok(Received { consumed: len, plain })
    }

    /// Runs rustls over `buf` until it wants more input or has plaintext.
    fn drive(&mut self, buf: &mut [u8], out: &mut Out<'_>) -> Result<Driven, Error> {
        let mut discard = 0;
        loop {
            // discard <= buf.len(): rustls counts from the front of what it was given.
            let UnbufferedStatus { discard: done, state, .. } = self.engine.process(&mut buf[discard..]);
            discard += done;
            match state {
                Ok(ConnectionState::EncodeTlsData(mut data)) => emit(&mut data, out, &mut self.pending)?,
                Ok(ConnectionState::TransmitTlsData(data)) => data.done(),
                Ok(ConnectionState::ReadTraffic(_)) => return Ok(Driven { discard, plain: true }),
                Ok(ConnectionState::PeerClosed) => self.state = State::PeerClosed,
                Ok(
                    ConnectionState::BlockedHandshake
                    | ConnectionState::WriteTraffic(_)
                    | ConnectionState::Closed,
                ) => return Ok(Driven { discard, plain: false }),
                Ok(other) => return Err(Error::Library(format!("unexpected state {other:?}"))),
                Err(error) => return Err(self.tls_error(&error)),
            }
        }
    }

    /// Copies the plaintext that rustls has decrypted over the record it came in. rustls 0.23 decrypts in place and
    /// then copies into a `Vec` of its own; this brings it back to where the caller can change it.
    fn take_plain(&mut self, record: &mut [u8]) -> Result<usize, Error> {
        let space = record.get_mut(record::HEADER..).unwrap_or_default();
        let mut len = 0;
        // No input: with plaintext waiting, rustls looks at nothing else.
        if let Ok(ConnectionState::ReadTraffic(mut traffic)) = self.engine.process(&mut []).state {
            while let Some(next) = traffic.next_record() {
                let payload = next.map_err(|e| session_error(&e, Stage::Data))?.payload;
                let Some(place) = space.get_mut(len..len + payload.len()) else {
                    return Err(Error::Library("more plaintext than ciphertext".to_string()));
                };
                place.copy_from_slice(payload);
                len += payload.len();
            }
        }
        Ok(len)
    }

    /// Writes what rustls still wants to say: an alert, a key update.
    fn drain(&mut self, out: &mut Out<'_>) {
        // Only while it has something queued does rustls leave its input alone: no input is given.
        while self.engine.common().wants_write() {
            match self.engine.process(&mut []).state {
                Ok(ConnectionState::EncodeTlsData(mut data)) => {
                    if emit(&mut data, out, &mut self.pending).is_err() {
                        return;
                    }
                }
                _ => return,
            }
        }
    }

    fn stage(&self) -> Stage {
        if self.engine.common().is_handshaking() { Stage::Handshake } else { Stage::Data }
    }

    fn tls_error(&self, error: &Tls) -> Error {
        session_error(error, self.stage())
    }

    /// Bytes that are no record are "not TLS" only as the very first ones.
    fn peer_error(&self, cause: Cause) -> Error {
        let cause = match (&self.state, cause) {
            (State::Fresh, cause) => cause,
            (_, Cause::NotTls { .. }) => Cause::Malformed,
            (_, cause) => cause,
        };
        Error::Peer { stage: self.stage(), cause }
    }

    fn fail<T>(&mut self, error: Error, out: &mut Out<'_>) -> Result<T, Error> {
        self.drain(out);
        self.held = Vec::new();
        self.state = State::Failed(error.clone());
        Err(error)
    }

    /// Seals what fits of `plain`; zero also when rustls first had to say something else.
    fn seal(&mut self, plain: &[u8], out: &mut Out<'_>) -> Result<usize, Error> {
        let chunk = &plain[..plain.len().min(self.plain_room(out.room()))];
        if chunk.is_empty() {
            return Ok(0);
        }
        match self.engine.process(&mut self.held).state {
            Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                let mut result = Ok(0);
                out.fill(|room| {
                    result = traffic.encrypt(chunk, room);
                    *result.as_ref().unwrap_or(&0)
                });
                match result {
                    Ok(_) => Ok(chunk.len()),
                    // A key update is queued in front: drain() makes way for it.
                    Err(EncryptError::InsufficientSize(_)) => Ok(0),
                    Err(e) => Err(Error::Library(e.to_string())),
                }
            }
            Ok(ConnectionState::EncodeTlsData(mut data)) => {
                emit(&mut data, out, &mut self.pending)?;
                Ok(0)
            }
            Ok(ConnectionState::TransmitTlsData(data)) => {
                data.done();
                Ok(0)
            }
            Ok(other) => Err(Error::Library(format!("unexpected state {other:?}"))),
            Err(error) => Err(self.tls_error(&error)),
        }
    }
}

/// How far [`RustlsSession::drive`] came.
struct Driven {
    /// Bytes of the buffer that rustls is done with.
    discard: usize,
    /// Plaintext waits inside rustls.
    plain: bool,
}

/// Writes a handshake record or alert, to `out` if it fits and if nothing is before it, else to `pending`: a record
/// that rustls has handed over and that was not written would be lost.
fn emit<D>(data: &mut EncodeTlsData<'_, D>, out: &mut Out<'_>, pending: &mut Stash) -> Result<(), Error> {
    if pending.is_empty() && out.fill(|room| data.encode(room).unwrap_or(0)) > 0 {
        return Ok(());
    }
    if let Err(EncodeError::InsufficientSize(needs)) = data.encode(&mut []) {
        let mut record = vec![0; needs.required_size];
        data.encode(&mut record).map_err(|e| Error::Library(e.to_string()))?;
        pending.push(&record);
    }
    write_pending(pending, out);
    Ok(())
}

fn write_pending(pending: &mut Stash, out: &mut Out<'_>) {
    let n = out.put_some(pending.bytes_mut());
    pending.consume(n);
}

impl<E: Engine> Session for RustlsSession<E> {
    fn receive(&mut self, input: &mut [u8], out: &mut Out<'_>) -> Result<Received, Error> {
        self.flush(out);
        match &self.state {
            State::Failed(error) => return Err(error.clone()),
            _ if !self.pending.is_empty() => return Ok(Received::default()),
            // RFC 8446 §6.1: any data received after a closure alert has been received MUST be ignored.
            State::PeerClosed => return Ok(Received { consumed: input.len(), plain: 0..0 }),
            State::Fresh | State::Running => {}
        }
        if input.is_empty() {
            // A client begins by speaking. Later rustls may hold offsets into `held` and must not see less.
            let begin = matches!(self.state, State::Fresh) && self.held.is_empty();
            let done = if begin { self.drive(&mut [], out).map(|_| ()) } else { Ok(()) };
            return done.map(|()| Received::default()).or_else(|error| self.fail(error, out));
        }
        let shaking = self.engine.common().is_handshaking();
        let mut result = self.take_record(input, out);
        if E::SERVER
            && let Some(name) = store::take_asked_name()
        {
            self.server_name = Some(name);
        }
        if let Some(clock) = self.clock.filter(|_| shaking && !self.engine.common().is_handshaking()) {
            result = result.and_then(|received| check::resumed(&self.facts(), clock()).map(|()| received));
        }
        result.or_else(|error| self.fail(error, out))
    }

    fn send(&mut self, plain: &[u8], out: &mut Out<'_>) -> Result<usize, Error> {
        self.flush(out);
        match &self.state {
            State::Failed(error) => return Err(error.clone()),
            _ if self.closing => return Err(Error::Misuse(Misuse::SendAfterClose)),
            _ if self.engine.common().is_handshaking() => return Err(Error::Misuse(Misuse::SendBeforeOpen)),
            _ => {}
        }
        // Three: rustls may first have a record of its own to write, and then to be told that it is written.
        for _ in 0..3 {
            if !self.pending.is_empty() {
                break;
            }
            match self.seal(plain, out) {
                Ok(0) => self.drain(out),
                Ok(n) => return Ok(n),
                Err(error) => return self.fail(error, out),
            }
        }
        Ok(0)
    }

    fn flush(&mut self, out: &mut Out<'_>) {
        write_pending(&mut self.pending, out);
        if self.pending.is_empty() {
            self.drain(out);
        }
    }

    fn close_notify(&mut self, out: &mut Out<'_>) {
        self.flush(out);
        let failed = matches!(self.state, State::Failed(_));
        if mem::replace(&mut self.closing, true) || failed {
            return;
        }
        // Three: at most one record of rustls's own, its acknowledgement, and then the traffic state.
        for _ in 0..3 {
            match self.engine.process(&mut self.held).state {
                Ok(ConnectionState::WriteTraffic(mut traffic)) => {
                    // No room is lent, so that it queues behind what may be pending; drain() writes it.
                    let _ = traffic.queue_close_notify(&mut []);
                    break;
                }
                Ok(ConnectionState::EncodeTlsData(mut data)) => {
                    let _ = emit(&mut data, out, &mut self.pending);
                }
                Ok(ConnectionState::TransmitTlsData(data)) => data.done(),
                _ => break,
            }
        }
        self.drain(out);
    }

    fn pending(&self) -> usize {
        self.pending.len()
    }

    fn phase(&self) -> Phase {
        match self.state {
            State::Failed(_) => Phase::Failed,
            State::PeerClosed => Phase::PeerClosed,
            _ if self.engine.common().is_handshaking() => Phase::Handshaking,
            _ => Phase::Open,
        }
    }

    fn facts(&self) -> Facts<'_> {
        let common = self.engine.common();
        let mut facts = Facts::default();
        facts.version = match common.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => Some(lws_tls::Version::Tls12),
            Some(ProtocolVersion::TLSv1_3) => Some(lws_tls::Version::Tls13),
            _ => None,
        };
        let suite = common.negotiated_cipher_suite();
        facts.cipher_suite = suite.map(|suite| lws_tls::CipherSuite(u16::from(suite.suite())));
        facts.alpn = common.alpn_protocol();
        facts.server_name = self.server_name.as_deref();
        facts.peer_certificate =
            common.peer_certificates().and_then(|chain| chain.first()).map(AsRef::as_ref);
        facts.resumed = common.handshake_kind() == Some(HandshakeKind::Resumed);
        facts
    }

    fn plain_room(&self, room: usize) -> usize {
        let overhead = match self.engine.common().protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => OVERHEAD_TLS13,
            _ => OVERHEAD_TLS12,
        };
        record::plain_room(room.saturating_sub(self.pending.len()), overhead)
    }
}

/// Only how far it has come: no keys, no names, no data.
impl<E: Engine> fmt::Debug for RustlsSession<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RustlsSession").field("phase", &self.phase()).finish_non_exhaustive()
    }
}
