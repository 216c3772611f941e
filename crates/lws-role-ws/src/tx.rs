//! What one connection still has to say.
//!
//! ```text
//!   Ws::send ──fits──▶ Out
//!       └──too large──▶ kept ──▶ Out, frame by frame      (one at a time; until then `send` says no)
//! ```

use crate::limits::SMALL_MESSAGE_BYTES;
use alloc::{boxed::Box, string::String};
use lws_wire::Out;
use lws_ws::{Close, CloseCode, Header, Kind, Opcode, frame_len};

/// The sending side of one connection.
#[derive(Default)]
pub(crate) struct Tx {
    /// A large message on its way out.
    kept: Option<Box<Kept>>,
    /// The user is in the middle of a message sent in fragments.
    pub(crate) fragmented: bool,
    /// The protocol asked to be called when there is room.
    pub(crate) asked: bool,
    pub(crate) closing: Closing,
}

struct Kept {
    kind: Kind,
    bytes: Box<[u8]>,
    /// `0 <= at <= bytes.len()`
    at: usize,
}

/// How far our side of the close handshake is.
#[derive(Default)]
pub(crate) enum Closing {
    #[default]
    No,
    /// The user wants to close; the frame is not out yet.
    Wanted(CloseCode, String),
    /// Our close frame is out: nothing may follow it (RFC 6455 §5.5.1).
    Sent,
}

impl Tx {
    /// Whether a message could be sent now if there were room.
    pub(crate) fn is_free(&self) -> bool {
        self.kept.is_none() && !self.fragmented && matches!(self.closing, Closing::No)
    }

    /// Whether an answer of `len` bytes would be taken now.
    pub(crate) fn can_answer(&self, out: &Out<'_>, len: usize) -> bool {
        let fits = out.room() >= frame_len(len, false) || len > SMALL_MESSAGE_BYTES;
        self.kept.is_none() && fits
    }

    /// Sends a whole message, or keeps it if it is too large for the room; false if it can do neither now.
    pub(crate) fn send(&mut self, out: &mut Out<'_>, kind: Kind, data: &[u8]) -> bool {
        if !self.is_free() {
            return false;
        }
        if Header::new(kind.opcode()).put(out, data) {
            return true;
        }
        if data.len() <= SMALL_MESSAGE_BYTES {
            return false;
        }
        self.kept = Some(Box::new(Kept { kind, bytes: data.into(), at: 0 }));
        self.drain(out);
        true
    }

    /// Sends one fragment of a message, whole or not at all.
    pub(crate) fn send_fragment(&mut self, out: &mut Out<'_>, kind: Kind, last: bool, data: &[u8]) -> bool {
        if self.kept.is_some() || !matches!(self.closing, Closing::No) {
            return false;
        }
        let opcode = if self.fragmented { Opcode::Continuation } else { kind.opcode() };
        let sent = Header::new(opcode).fin(last).put(out, data);
        if sent {
            self.fragmented = !last;
        }
        sent
    }

    /// Sends what fits of the kept message; true if none is left.
    pub(crate) fn drain(&mut self, out: &mut Out<'_>) -> bool {
        let Some(kept) = &mut self.kept else { return true };
        let room = out.room().saturating_sub(lws_ws::limits::MAX_HEADER);
        let n = room.min(kept.bytes.len() - kept.at);
        // A frame per call, and not a tiny one: the peer pays for each.
        if n > SMALL_MESSAGE_BYTES.min(kept.bytes.len() - kept.at - 1) {
            let opcode = if kept.at == 0 { kept.kind.opcode() } else { Opcode::Continuation };
            let end = kept.at + n;
            let last = end == kept.bytes.len();
            if Header::new(opcode).fin(last).put(out, &kept.bytes[kept.at..end]) {
                kept.at = end;
            }
            if kept.at == kept.bytes.len() {
                self.kept = None;
            }
        }
        self.kept.is_none()
    }

    /// Whether something is left that wants room.
    pub(crate) fn wants_room(&self) -> bool {
        self.asked || self.kept.is_some() || matches!(self.closing, Closing::Wanted(..))
    }

    /// Sends the close frame that the user asked for; true if it went out now. A kept message goes first.
    pub(crate) fn send_close(&mut self, out: &mut Out<'_>) -> bool {
        let Closing::Wanted(code, reason) = &self.closing else { return false };
        let sent = self.kept.is_none() && Close::new(*code, reason).put(out, None);
        if sent {
            self.closing = Closing::Sent;
        }
        sent
    }
}
