//! Mbed TLS's context as a [`Session`].
//!
//! ```text
//!   input ─ one whole record ─▶ Messages ─▶ Wire ─▶ Mbed TLS ─┬─ plaintext, written over the record
//!            (a server makes its context only                 └─ records ─▶ Wire ─▶ out, or pending when out is full
//!             when the first message is whole)
//! ```
//! Invariants:
//! * Mbed TLS is only ever given whole records, and before encryption whole messages; it reads them all in the call that
//!   they are given in. [`Wire`] is empty between calls.
//! * `live` is there from the first message (a server) or the first call (a client) until a failure.
//! * While `pending` holds something, no record is taken and nothing is sealed.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use lws_tls::{
    Alert, Cause, Error, Facts, Misuse, Phase, Received, Session, Stage, Version, check, hello, record,
};
use lws_wire::{Out, Stash};
use mbedtls::ssl::Io as _;

use crate::acceptor::MbedtlsAcceptor;
use crate::connector::Origin;
use crate::error::library;
use crate::limits::QUIET_RECORDS_MAX;
use crate::messages::{self, Messages};
use crate::{client_hello, ffi};

mod live;
pub(crate) use live::Live;

const ALERT: u8 = 21;

/// What a session begins with.
pub(crate) enum Start {
    /// The certificates are chosen when the client has said hello.
    Server(MbedtlsAcceptor),
    /// Where sessions to resume are.
    Client(Arc<Origin>),
}

pub(crate) struct MbedtlsSession {
    start: Start,
    live: Option<Box<Live>>,
    messages: Messages,
    pending: Stash,
    server_name: Option<Box<str>>,
    state: State,
    /// We said `close_notify`, or will not say anything more.
    closing: bool,
    /// Records in a row that brought no data.
    quiet: usize,
}

enum State {
    /// No record was complete yet.
    Fresh,
    Handshaking,
    Open,
    PeerClosed,
    Failed(Error),
}

impl MbedtlsSession {
    pub(crate) fn new(start: Start, server_name: Option<Box<str>>) -> Self {
        Self {
            start,
            live: None,
            messages: Messages::default(),
            pending: Stash::new(),
            server_name,
            state: State::Fresh,
            closing: false,
            quiet: 0,
        }
    }

    fn stage(&self) -> Stage {
        match self.state {
            State::Fresh | State::Handshaking => Stage::Handshake,
            _ => Stage::Data,
        }
    }

    fn peer<T>(&self, cause: Cause) -> Result<T, Error> {
        Err(Error::Peer { stage: self.stage(), cause })
    }

    /// A client's first message.
    fn begin(&mut self) -> Result<(), Error> {
        if let (Start::Client(origin), None) = (&self.start, &self.live) {
            self.live = Some(Box::new(origin.begin()?));
        }
        Ok(())
    }

    /// Gives Mbed TLS one record, or what is wrong with the first of `input`.
    fn take_record(&mut self, input: &mut [u8]) -> Result<Received, Error> {
        let len = match record::complete(input) {
            Ok(None) => return Ok(Received::default()),
            Ok(Some(len)) => len,
            // Bytes that are no record are "not TLS" only as the very first ones.
            Err(Cause::NotTls { .. }) if !matches!(self.state, State::Fresh) => {
                return self.peer(Cause::Malformed);
            }
            Err(cause) => return self.peer(cause),
        };
        let record = &mut input[..len];
        self.begin()?;
        if matches!(self.state, State::Fresh) {
            self.state = State::Handshaking;
        }
        let plain = match self.messages.take(record)? {
            None => 0..0,
            Some(records) if self.live.is_none() => {
                self.greet(&records)?;
                self.feed(records, record)?
            }
            Some(records) => self.feed(records, record)?,
        };
        self.count_quiet(record, &plain)?;
        Ok(Received { consumed: len, plain })
    }

    /// A server has the client's first message: from here on there is a context.
    fn greet(&mut self, records: &[u8]) -> Result<(), Error> {
        if let [ALERT, _, _, 0, 2, _, code] = records {
            return self.peer(Cause::Alert(Alert(*code)));
        }
        let Some((kind, body)) = messages::unpack(records).next() else {
            return self.peer(Cause::Violation(String::from("not a hello")));
        };
        // One message, and nothing of a further one: the client must wait for an answer.
        if records.len() != record::HEADER + 4 + body.len() || self.messages.is_partial() {
            return self.peer(Cause::Violation(String::from("more than a hello")));
        }
        let Some(hello) = hello::peek(records)? else { return self.peer(Cause::Malformed) };
        if kind == client_hello::KIND && !client_hello::offers_tls12(body) {
            return self.peer(Cause::Version);
        }
        let Start::Server(acceptor) = &self.start else { return Ok(()) };
        self.live = Some(Box::new(acceptor.begin(&hello)?));
        self.server_name = hello.server_name.map(Into::into);
        Ok(())
    }

    /// Has Mbed TLS read `records`. Plaintext is written over `place`, behind its header.
    fn feed(&mut self, records: Vec<u8>, place: &mut [u8]) -> Result<Range<usize>, Error> {
        let handshaking = self.stage() == Stage::Handshake;
        let Some(live) = &mut self.live else { return Ok(0..0) };
        live.load(records);
        if handshaking {
            if live.handshake(!self.messages.is_encrypted())? {
                self.state = State::Open;
                self.quiet = 0;
                match &self.start {
                    Start::Client(origin) => {
                        origin.keep(ffi::save_session(&live.tls), live.offered.filter(|_| live.resumed));
                    }
                    Start::Server(acceptor) => check::resumed(&self.facts(), acceptor.now())?,
                }
            }
            return Ok(0..0);
        }
        let space = place.get_mut(record::HEADER..).unwrap_or_default();
        let len = match live.read(space)? {
            live::Read::Plain(len) => len,
            live::Read::Nothing => 0,
            live::Read::Closed => {
                self.state = State::PeerClosed;
                0
            }
        };
        Ok(record::HEADER..record::HEADER + len)
    }

    /// TLS-09: warnings, requests to renegotiate and empty records are legal one by one.
    fn count_quiet(&mut self, record: &[u8], plain: &Range<usize>) -> Result<(), Error> {
        match self.state {
            State::Open if !plain.is_empty() => self.quiet = 0,
            State::Open => self.quiet += 1,
            _ if record.first() == Some(&ALERT) => self.quiet += 1,
            _ => {}
        }
        if self.quiet > QUIET_RECORDS_MAX { self.peer(Cause::Flood) } else { Ok(()) }
    }

    /// Moves what Mbed TLS has written to `out`, or behind what is pending already.
    fn collect(&mut self, out: &mut Out<'_>) {
        let Some(live) = &mut self.live else { return };
        let mut records = live.take_output();
        let mut done = 0;
        if self.pending.is_empty() {
            done = out.put_some(&records);
        }
        if done < records.len() {
            self.pending.push(records.split_off(done).as_slice());
        }
    }

    fn fail<T>(&mut self, error: Error, out: &mut Out<'_>) -> Result<T, Error> {
        let alert = match &error {
            Error::Peer { cause, .. } => cause.alert(),
            Error::HandshakeTooLarge => Some(Alert::DECODE_ERROR),
            _ => Some(Alert::INTERNAL_ERROR),
        };
        match (&mut self.live, alert) {
            (Some(live), Some(alert)) => live.alert(alert),
            // RFC 5246 §7.2: before anything is agreed, alerts are plain.
            (None, Some(alert)) => self.pending.push(&[ALERT, 3, 3, 0, 2, 2, alert.0]),
            (_, None) => {}
        }
        self.collect(out);
        self.flush(out);
        self.live = None;
        self.messages = Messages::default();
        self.state = State::Failed(error.clone());
        Err(error)
    }
}

impl Session for MbedtlsSession {
    fn receive(&mut self, input: &mut [u8], out: &mut Out<'_>) -> Result<Received, Error> {
        self.flush(out);
        match &self.state {
            State::Failed(error) => return Err(error.clone()),
            _ if !self.pending.is_empty() => return Ok(Received::default()),
            // RFC 8446 §6.1: any data received after a closure alert has been received MUST be ignored.
            State::PeerClosed => return Ok(Received { consumed: input.len(), plain: 0..0 }),
            State::Fresh | State::Handshaking | State::Open => {}
        }
        let result = if input.is_empty() {
            self.begin().map(|()| Received::default())
        } else {
            self.take_record(input)
        };
        match result {
            Ok(received) => {
                self.collect(out);
                Ok(received)
            }
            Err(error) => self.fail(error, out),
        }
    }

    fn send(&mut self, plain: &[u8], out: &mut Out<'_>) -> Result<usize, Error> {
        self.flush(out);
        match &self.state {
            State::Failed(error) => return Err(error.clone()),
            _ if self.closing => return Err(Error::Misuse(Misuse::SendAfterClose)),
            State::Fresh | State::Handshaking => return Err(Error::Misuse(Misuse::SendBeforeOpen)),
            State::Open | State::PeerClosed => {}
        }
        let mut rest = &plain[..plain.len().min(self.plain_room(out.room()))];
        let len = rest.len();
        while let (Some(live), false) = (&mut self.live, rest.is_empty()) {
            match live.tls.send(rest) {
                // Mbed TLS takes one record's worth at a time.
                Ok(n) if n > 0 => rest = rest.get(n..).unwrap_or_default(),
                Ok(_) => break,
                Err(error) => return self.fail(library(error), out),
            }
            self.collect(out);
        }
        Ok(len - rest.len())
    }

    fn flush(&mut self, out: &mut Out<'_>) {
        let n = out.put_some(self.pending.bytes_mut());
        self.pending.consume(n);
    }

    fn close_notify(&mut self, out: &mut Out<'_>) {
        self.flush(out);
        let said = std::mem::replace(&mut self.closing, true);
        if let (Some(live), false, State::Open | State::PeerClosed) = (&mut self.live, said, &self.state) {
            // It can only fail without memory or random numbers, and then the next call will.
            let _ = ffi::close_notify(&mut live.tls);
            self.collect(out);
        }
    }

    fn pending(&self) -> usize {
        self.pending.len()
    }

    fn phase(&self) -> Phase {
        match self.state {
            State::Failed(_) => Phase::Failed,
            State::PeerClosed => Phase::PeerClosed,
            State::Open => Phase::Open,
            State::Fresh | State::Handshaking => Phase::Handshaking,
        }
    }

    fn facts(&self) -> Facts<'_> {
        let mut facts = Facts::default();
        facts.server_name = self.server_name.as_deref();
        if let (Some(live), State::Open | State::PeerClosed) = (&self.live, &self.state) {
            facts.version = Some(Version::Tls12);
            live.tell(&mut facts);
        }
        facts
    }

    fn plain_room(&self, room: usize) -> usize {
        let room = room.saturating_sub(self.pending.len());
        let (overhead, max) = self.live.as_ref().map_or(live::SHAPE, |live| live.shape);
        let full = max + overhead;
        room / full * max + (room % full).saturating_sub(overhead)
    }
}

/// Only how far it has come: no keys, no names, no data.
impl fmt::Debug for MbedtlsSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MbedtlsSession").field("phase", &self.phase()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
