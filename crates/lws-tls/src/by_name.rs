//! Several acceptors behind one port, chosen by the name that the client asks for.
//!
//! ```text
//!   first message ─▶ Peeker ─ name ─▶ NameTable ─▶ acceptor ─ its session gets the message and all that follows
//! ```
//! Each acceptor has its own certificates, versions, demands on clients and ticket keys. So a ticket of one name is
//! worth nothing to another (TLS-03), and what one demands of clients cannot be had by asking for another (TLS-10).

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::hello::Peeker;
use crate::{
    Acceptor, ConfigError, Error, Expiry, Facts, Misuse, NameTable, Phase, Received, Session, record,
};
use lws_wire::{Out, Stash};

/// An acceptor that hands over to one of several.
///
/// A client that asks for no name, or for an unknown one, gets the default one.
#[derive(Clone, Debug)]
pub struct ByName {
    table: NameTable<Arc<dyn Acceptor>>,
    all: Vec<Entry>,
}

/// A name, none for the default, and who answers to it.
type Entry = (Option<Box<str>>, Arc<dyn Acceptor>);

impl ByName {
    /// One for all names.
    pub fn new(default: Arc<dyn Acceptor>) -> Self {
        Self { table: NameTable::new(default.clone()), all: Vec::from([(None, default)]) }
    }

    /// Another one for a host name, or for `*.` and a domain.
    ///
    /// # Errors
    /// [`ConfigError::BadName`] if it is neither, or is there already.
    pub fn named(mut self, name: &str, acceptor: Arc<dyn Acceptor>) -> Result<Self, ConfigError> {
        self.table.insert(name, acceptor.clone())?;
        self.all.push((Some(name.into()), acceptor));
        Ok(self)
    }
}

impl Acceptor for ByName {
    fn accept(&self) -> Result<Box<dyn Session>, Error> {
        let peeking = Peeking { table: self.table.clone(), peeker: Peeker::new() };
        Ok(Box::new(Choosing { stage: State::Peeking(peeking), replay: Stash::new(), name: None }))
    }

    fn offering(&self, alpn: &[&[u8]]) -> Result<Arc<dyn Acceptor>, Error> {
        let mut all = self.all.iter();
        let Some((_, default)) = all.next() else { return Ok(Arc::new(self.clone())) };
        let mut new = Self::new(default.offering(alpn)?);
        for (name, acceptor) in all {
            new = new.named(name.as_deref().unwrap_or_default(), acceptor.offering(alpn)?)?;
        }
        Ok(Arc::new(new))
    }

    /// Reloads each of them. One that fails keeps what it had; the others are reloaded all the same, and the first
    /// error is returned.
    fn reload(&self) -> Result<(), Error> {
        let results: Vec<_> = self.all.iter().map(|(_, acceptor)| acceptor.reload()).collect();
        results.into_iter().collect()
    }

    fn expires(&self) -> Vec<Expiry> {
        self.all.iter().flat_map(|(_, acceptor)| acceptor.expires()).collect()
    }
}

/// A session that does not know yet whose it is.
struct Choosing {
    stage: State,
    /// Of the first message, what the chosen session has not taken yet.
    replay: Stash,
    /// What it was chosen by. A later message that asks for another name changes nothing.
    name: Option<Box<str>>,
}

enum State {
    Peeking(Peeking),
    Chosen(Box<dyn Session>),
    /// What the client sent is no hello; the alert waits for room.
    Failed(Error, Stash),
}

struct Peeking {
    table: NameTable<Arc<dyn Acceptor>>,
    peeker: Peeker,
}

impl Choosing {
    /// Takes one record of the hello.
    fn peek(&mut self, input: &[u8]) -> Result<usize, Error> {
        let State::Peeking(peeking) = &mut self.stage else { return Ok(0) };
        let stage = crate::Stage::Handshake;
        let len = match record::complete(input) {
            Ok(None) => return Ok(0),
            Ok(Some(len)) => len,
            Err(cause) => return Err(Error::Peer { stage, cause }),
        };
        if let Some(hello) = peeking.peeker.push(input.get(..len).unwrap_or_default())? {
            let session = peeking.table.choose(hello.server_name.as_deref()).accept()?;
            self.name = hello.server_name.map(Into::into);
            if let State::Peeking(peeking) = core::mem::replace(&mut self.stage, State::Chosen(session)) {
                self.replay.push(&peeking.peeker.into_wire());
            }
        }
        Ok(len)
    }

    /// Gives the chosen session what came before it was chosen.
    fn replay(&mut self, out: &mut Out<'_>) -> Result<(), Error> {
        let State::Chosen(session) = &mut self.stage else { return Ok(()) };
        while !self.replay.is_empty() {
            let received = session.receive(self.replay.bytes_mut(), out)?;
            if received.consumed == 0 {
                return Ok(());
            }
            self.replay.consume(received.consumed);
        }
        Ok(())
    }

    fn fail(&mut self, error: Error, out: &mut Out<'_>) -> Error {
        if let State::Chosen(_) = self.stage {
            return error;
        }
        let mut alert = Stash::new();
        let code = match &error {
            Error::Peer { cause, .. } => cause.alert(),
            _ => Some(crate::Alert::DECODE_ERROR),
        };
        if let Some(code) = code {
            // RFC 8446 §6: a fatal alert, in a record of its own.
            alert.push(&[21, 3, 3, 0, 2, 2, code.0]);
        }
        self.stage = State::Failed(error.clone(), alert);
        self.flush(out);
        error
    }
}

impl Session for Choosing {
    fn receive(&mut self, input: &mut [u8], out: &mut Out<'_>) -> Result<Received, Error> {
        self.flush(out);
        match &mut self.stage {
            State::Failed(error, _) => return Err(error.clone()),
            State::Chosen(session) if self.replay.is_empty() => return session.receive(input, out),
            State::Chosen(_) => {}
            State::Peeking(_) => {
                let taken = self.peek(input).and_then(|taken| self.replay(out).map(|()| taken));
                return match taken {
                    Ok(consumed) => Ok(Received { consumed, plain: 0..0 }),
                    Err(error) => Err(self.fail(error, out)),
                };
            }
        }
        self.replay(out)?;
        Ok(Received::default())
    }

    fn send(&mut self, plain: &[u8], out: &mut Out<'_>) -> Result<usize, Error> {
        match &mut self.stage {
            State::Chosen(session) => session.send(plain, out),
            State::Failed(error, _) => Err(error.clone()),
            State::Peeking(_) => Err(Error::Misuse(Misuse::SendBeforeOpen)),
        }
    }

    fn flush(&mut self, out: &mut Out<'_>) {
        match &mut self.stage {
            State::Chosen(session) => session.flush(out),
            State::Failed(_, alert) => {
                let n = out.put_some(alert.bytes_mut());
                alert.consume(n);
            }
            State::Peeking(_) => {}
        }
    }

    fn close_notify(&mut self, out: &mut Out<'_>) {
        if let State::Chosen(session) = &mut self.stage {
            session.close_notify(out);
        }
    }

    fn pending(&self) -> usize {
        match &self.stage {
            State::Chosen(session) => session.pending(),
            State::Failed(_, alert) => alert.len(),
            State::Peeking(_) => 0,
        }
    }

    fn phase(&self) -> Phase {
        match &self.stage {
            State::Chosen(session) => session.phase(),
            State::Failed(..) => Phase::Failed,
            State::Peeking(_) => Phase::Handshaking,
        }
    }

    fn facts(&self) -> Facts<'_> {
        match &self.stage {
            State::Chosen(session) => Facts { server_name: self.name.as_deref(), ..session.facts() },
            _ => Facts::default(),
        }
    }

    fn plain_room(&self, room: usize) -> usize {
        match &self.stage {
            State::Chosen(session) => session.plain_room(room),
            _ => 0,
        }
    }

    fn handshaking(&self) -> bool {
        match &self.stage {
            State::Chosen(session) => session.handshaking() || !self.replay.is_empty(),
            State::Peeking(_) => true,
            State::Failed(..) => false,
        }
    }

    fn ended(&self) -> Result<(), Error> {
        let truncated = Err(Error::Peer { stage: crate::Stage::Handshake, cause: crate::Cause::Truncated });
        match &self.stage {
            State::Chosen(session) => session.ended(),
            State::Peeking(_) => truncated,
            State::Failed(..) => Ok(()),
        }
    }
}

impl fmt::Debug for Choosing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choosing").field("phase", &self.phase()).finish_non_exhaustive()
    }
}
