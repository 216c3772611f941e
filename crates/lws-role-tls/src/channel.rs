//! The encrypted side: a session, and what it could not seal yet.

use alloc::boxed::Box;

use lws_role::{Cx, Place};
use lws_tls::{Error, Session};
use lws_wire::{Out, Stash};

use crate::limits::GOODBYE_ROOM;

pub(crate) struct Channel {
    pub(crate) session: Box<dyn Session>,
    /// Plaintext of the child for which the session found less room than it had promised: it had something of its own
    /// to say first. Rare, and smaller than one block.
    unsealed: Stash,
}

impl Channel {
    pub(crate) fn new(session: Box<dyn Session>) -> Self {
        Self { session, unsealed: Stash::new() }
    }

    /// Nothing waits for room.
    pub(crate) fn is_clear(&self) -> bool {
        self.unsealed.is_empty() && self.session.pending() == 0
    }

    /// Writes what waited for room.
    pub(crate) fn flush(&mut self, out: &mut Out<'_>) -> Result<(), Error> {
        self.session.flush(out);
        if !self.unsealed.is_empty() && self.session.pending() == 0 {
            let n = self.session.send(self.unsealed.bytes_mut(), out)?;
            self.unsealed.consume(n);
        }
        Ok(())
    }

    /// Plaintext that can be sealed into `out`; none while something waits.
    pub(crate) fn room(&self, out: &Out<'_>) -> usize {
        if self.is_clear() { self.session.plain_room(out.room().saturating_sub(GOODBYE_ROOM)) } else { 0 }
    }

    /// Lends a pool block to `f`, no more of it than `out` has room for once it is sealed, and seals what was
    /// written.
    pub(crate) fn lend<R>(
        &mut self,
        cx: &mut Cx<'_>,
        out: &mut Out<'_>,
        f: impl FnOnce(&mut dyn Session, &mut Place<'_>, &mut Out<'_>, &mut Out<'_>) -> R,
    ) -> (R, Result<(), Error>) {
        let mut block = cx.hub().blocks.take();
        let room = self.room(out).min(block.len());
        let mut plain = Out::new(&mut block[..room]);
        let result = f(&mut *self.session, &mut cx.place(), &mut plain, out);
        let n = plain.len();
        let sealed = self.seal(&block[..n], out);
        cx.hub().blocks.give(block);
        (result, sealed)
    }

    fn seal(&mut self, plain: &[u8], out: &mut Out<'_>) -> Result<(), Error> {
        if plain.is_empty() {
            return Ok(());
        }
        let n = self.session.send(plain, out)?;
        if n < plain.len() {
            self.unsealed.push(&plain[n..]);
        }
        Ok(())
    }

    /// Forgets what was not sealed: nobody will read it.
    pub(crate) fn discard(&mut self) {
        self.unsealed = Stash::new();
    }
}
