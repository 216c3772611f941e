//! The plain side: the child, and what it has not taken yet.
//!
//! Invariant: `held` only while `plain` holds something; while it is set, no further record is opened.

use lws_role::limits::STASH_BYTES;
use lws_role::{Closed, Hosted, Place};
use lws_wire::{Out, Stash};

pub(crate) struct Inner {
    pub(crate) child: Hosted,
    plain: Stash,
    /// The child holds back what is in `plain` until output drained or a wake came; else it needs more bytes.
    pub(crate) held: bool,
    end: End,
}

/// Whether more plaintext can come.
#[derive(Clone, Copy)]
enum End {
    Open,
    /// The end has come; the child hears of it when it has taken what was before it.
    Due {
        truncated: bool,
    },
    Told,
}

impl Inner {
    pub(crate) fn new(child: Hosted) -> Self {
        Self { child, plain: Stash::new(), held: false, end: End::Open }
    }

    /// Offers what was held back and `fresh` behind it, and lets the child speak (law 1 is in [`Hosted::run`]).
    pub(crate) fn offer(
        &mut self,
        place: &mut Place<'_>,
        fresh: &mut [u8],
        out: &mut Out<'_>,
    ) -> Option<Closed> {
        let ran = if self.plain.is_empty() {
            let ran = self.child.run(place, fresh, out);
            let rest = fresh.get(ran.consumed..).unwrap_or_default();
            if !rest.is_empty() {
                self.plain.push(rest);
            }
            ran
        } else {
            self.plain.push(fresh);
            let ran = self.child.run(place, self.plain.bytes_mut(), out);
            self.plain.consume(ran.consumed);
            ran
        };
        self.held = ran.held && !self.plain.is_empty();
        if ran.closed.is_some() {
            return ran.closed;
        }
        // Who needs more than this before taking anything never will.
        if !self.held && self.plain.len() >= STASH_BYTES {
            return Some(Closed::Limit);
        }
        self.tell_end(place, out)
    }

    /// No more will come; the first to say so decides whether that was to be expected.
    pub(crate) fn end_is_due(&mut self, truncated: bool) {
        if let End::Open = self.end {
            self.end = End::Due { truncated };
        }
    }

    /// Tells the child of the end, once, behind everything else.
    pub(crate) fn tell_end(&mut self, place: &mut Place<'_>, out: &mut Out<'_>) -> Option<Closed> {
        match self.end {
            End::Due { truncated } if !self.held => {
                self.end = End::Told;
                self.child.ended(place, truncated, out)
            }
            _ => None,
        }
    }
}
