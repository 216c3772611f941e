//! What one connection still has to say.
//!
//! ```text
//!   Ws::send ──fits──▶ Out
//!       └──too large──▶ kept ──▶ Out, frame by frame      (one at a time; until then `send` says no)
//!                         └────▶ Bulk, in one frame       (if the host sends memory: it goes from where it lies)
//! ```
//! Whether a message is encoded (compressed) is decided when it is sent; RSV1 of its first frame says so. A message
//! counts as fitting if it does whatever it is encoded to.

use crate::client::Random;
use crate::coding::{AnyEncoder, Progress};
use crate::limits::{CODED_PER_RUN, LARGE_MESSAGE_BYTES, SMALL_MESSAGE_BYTES};
use alloc::{boxed::Box, rc::Rc, string::String, vec::Vec};
use lws_role::{Bulk, Cx, Sends, Source};
use lws_wire::Out;
use lws_ws::limits::{MAX_HEADER, MAX_NEST};
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
    /// The extension that was agreed on, as far as it concerns what goes out.
    encoder: Option<AnyEncoder>,
    pause: Pause,
    /// A client's: where the keys of its frames come from.
    random: Option<Random>,
}

/// A buffer that the protocol sees during a callback, and that is nobody's afterwards: what is sent from it and does not
/// fit need not be copied.
pub(crate) struct Loan {
    /// Its address and length.
    start: usize,
    len: usize,
    /// Something in it was sent and has to be kept.
    taken: bool,
    /// The host sends memory.
    sends: bool,
}

impl Loan {
    pub(crate) fn of(buffer: &[u8], sends: Sends) -> Self {
        Self { start: buffer.as_ptr().addr(), len: buffer.len(), taken: false, sends: sends.bytes }
    }

    /// Where in the buffer `data` is, if it is there.
    fn place(&self, data: &[u8]) -> Option<usize> {
        let at = data.as_ptr().addr().checked_sub(self.start)?;
        (at <= self.len && data.len() <= self.len - at).then_some(at)
    }
}

/// Whether the kept message lets others go first: much was encoded at once, and more is to come.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Pause {
    #[default]
    No,
    /// A wake has to be asked for.
    Due,
    /// It is on its way.
    Asked,
}

struct Kept {
    kind: Kind,
    /// The host may have it, too, to send it from there.
    bytes: Rc<Vec<u8>>,
    /// What is left of it is `bytes[at..end]`; `at <= end <= bytes.len()`
    at: usize,
    end: usize,
    /// The first frame is out.
    begun: bool,
    /// It is one for the encoder.
    encoded: bool,
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

impl Pause {
    /// After so many bytes were encoded, and the message is not done.
    fn after(consumed: usize) -> Self {
        if consumed == CODED_PER_RUN { Self::Due } else { Self::No }
    }
}

impl Kept {
    /// The next frame, whether the message ends with it being for the caller.
    fn header(&self, mask: Option<[u8; 4]>) -> Header {
        let opcode = if self.begun { Opcode::Continuation } else { self.kind.opcode() };
        // RFC 7692 §6.1: RSV1 is set on the first frame only.
        Header::new(opcode).rsv1(self.encoded && !self.begun).mask(mask)
    }

    /// Sends one frame with what fits of `rest`; returns how much that is. Not a tiny one: the peer pays for each.
    fn put(&mut self, rest: &[u8], mask: Option<[u8; 4]>, out: &mut Out<'_>) -> usize {
        let n = out.room().saturating_sub(MAX_HEADER).min(rest.len());
        let is_tiny = n <= SMALL_MESSAGE_BYTES.min(rest.len().saturating_sub(1));
        if is_tiny || !self.header(mask).fin(n == rest.len()).put(out, &rest[..n]) {
            return 0;
        }
        self.begun = true;
        n
    }

    /// Sends one frame with what fits of `rest` once it is encoded. Not a tiny one; and none, if all of a step stays
    /// in the encoder.
    fn encode(
        &mut self,
        rest: &[u8],
        encoder: &mut AnyEncoder,
        mask: Option<[u8; 4]>,
        out: &mut Out<'_>,
    ) -> Progress {
        let mut progress = Progress { consumed: 0, done: false };
        let step = &rest[..rest.len().min(CODED_PER_RUN)];
        if out.room() >= MAX_HEADER + SMALL_MESSAGE_BYTES.min(encoder.bound(step.len())) {
            let frame = self.header(mask).nest(out, MAX_NEST, |room| {
                progress = encoder.encode(step, step.len() == rest.len(), room);
                progress.done
            });
            self.begun |= frame.is_some();
        }
        progress
    }
}

impl Tx {
    /// `random` makes it a client's.
    pub(crate) fn new(encoder: Option<AnyEncoder>, random: Option<Random>) -> Self {
        Self { encoder, random, ..Self::default() }
    }

    /// The connection is there.
    pub(crate) fn join(&mut self, cx: &mut Cx<'_>) {
        if let Some(encoder) = &mut self.encoder {
            encoder.join(cx);
        }
    }

    /// RFC 6455 §5.3: a client picks a fresh key, that nobody can predict, for each frame; a server has none (§5.1).
    pub(crate) fn mask(&self) -> Option<[u8; 4]> {
        let random = self.random?;
        let mut key = [0; 4];
        random(&mut key);
        Some(key)
    }

    /// Whether a message could be sent now if there were room.
    pub(crate) fn is_free(&self) -> bool {
        self.kept.is_none() && !self.fragmented && matches!(self.closing, Closing::No)
    }

    /// Whether an answer of `len` bytes would be taken now.
    #[inline]
    pub(crate) fn can_answer(&self, out: &Out<'_>, len: usize) -> bool {
        // Whatever its header, and whatever it is encoded to.
        let most = if self.encoder.is_some() { self.bound(len) } else { len };
        self.kept.is_none() && (out.room() >= most.saturating_add(MAX_HEADER) || self.fits_scarcely(out, len))
    }

    /// Whether an answer of `len` bytes would be taken although there is little room.
    fn fits_scarcely(&self, out: &Out<'_>, len: usize) -> bool {
        out.room() >= frame_len(self.bound(len), self.random.is_some()) || len > SMALL_MESSAGE_BYTES
    }

    /// Bytes of payload that a message of `len` bytes needs, at most.
    fn bound(&self, len: usize) -> usize {
        self.encoder.as_ref().filter(|encoder| encoder.wants(len)).map_or(len, |encoder| encoder.bound(len))
    }

    /// Sends a whole message, or keeps it if it is too large for the room; false if it can do neither now. What lies in
    /// the `loan` is kept there.
    #[inline]
    pub(crate) fn send(
        &mut self,
        out: &mut Out<'_>,
        kind: Kind,
        data: &[u8],
        loan: Option<&mut Loan>,
    ) -> bool {
        if !self.is_free() {
            return false;
        }
        let encoded =
            self.encoder.as_ref().is_some_and(|encoder| encoder.wants(data.len()) && encoder.gains(data));
        if !encoded && Header::new(kind.opcode()).mask(self.mask()).put(out, data) {
            return true;
        }
        self.send_large(out, kind, data, encoded, loan)
    }

    /// The same, of a message that does not go out in one piece, or is encoded first.
    #[inline(never)]
    fn send_large(
        &mut self,
        out: &mut Out<'_>,
        kind: Kind,
        data: &[u8],
        encoded: bool,
        loan: Option<&mut Loan>,
    ) -> bool {
        if data.len() <= SMALL_MESSAGE_BYTES
            && out.room() < frame_len(self.bound(data.len()), self.random.is_some())
        {
            return false;
        }
        let mut kept = Kept { kind, bytes: Rc::default(), at: 0, end: 0, begun: false, encoded };
        let mask = self.mask();
        let placed = loan.and_then(|loan| Some((loan.place(data)?, loan)));
        let waits =
            !encoded && self.is_worth_handing(data.len()) && placed.as_ref().is_some_and(|(_, l)| l.sends);
        // What has room at once need not be kept.
        let taken = match self.encoder.as_mut().filter(|_| encoded) {
            Some(encoder) => {
                let before = out.len();
                let progress = kept.encode(data, encoder, mask, out);
                if progress.done {
                    // RFC 7692 §6: no message has to be compressed, and none should that grows.
                    if encoder.forgets() && out.len() - before >= frame_len(data.len(), mask.is_some()) {
                        out.rewind(before);
                        return Header::new(kind.opcode()).mask(mask).put(out, data);
                    }
                    return true;
                }
                self.pause = Pause::after(progress.consumed);
                progress.consumed
            }
            // It goes out whole, from where it lies.
            None if waits => 0,
            None => kept.put(data, mask, out),
        };
        (kept.at, kept.end) = match placed {
            // `settle` brings the buffer.
            Some((at, loan)) => {
                loan.taken = true;
                (at + taken, at + data.len())
            }
            None => {
                kept.bytes = Rc::new(data[taken..].to_vec());
                (0, kept.bytes.len())
            }
        };
        self.kept = Some(Box::new(kept));
        true
    }

    /// The callback is over: takes the buffer that was lent to it, if something in it is to be sent; else gives it back.
    pub(crate) fn settle(&mut self, loan: &Loan, buffer: Vec<u8>) -> Option<Vec<u8>> {
        match &mut self.kept {
            Some(kept) if loan.taken => {
                kept.bytes = Rc::new(buffer);
                None
            }
            _ => Some(buffer),
        }
    }

    /// Sends one fragment of a message, whole or not at all.
    pub(crate) fn send_fragment(&mut self, out: &mut Out<'_>, kind: Kind, last: bool, data: &[u8]) -> bool {
        if self.kept.is_some() || !matches!(self.closing, Closing::No) {
            return false;
        }
        let opcode = if self.fragmented { Opcode::Continuation } else { kind.opcode() };
        let sent = Header::new(opcode).fin(last).mask(self.mask()).put(out, data);
        if sent {
            self.fragmented = !last;
        }
        sent
    }

    /// Sends what fits of the kept message; true if none is left. Its buffer is then `spent`.
    pub(crate) fn drain(&mut self, out: &mut Out<'_>, spent: impl FnOnce(Vec<u8>)) -> bool {
        let Some(mut kept) = self.kept.take() else { return true };
        let bytes = Rc::clone(&kept.bytes);
        let rest = &bytes[kept.at..kept.end];
        let mask = self.mask();
        let done = match &mut self.encoder {
            // The host has sent it.
            _ if rest.is_empty() && !kept.encoded => true,
            Some(_) if self.pause != Pause::No => false,
            Some(encoder) if kept.encoded => {
                let progress = kept.encode(rest, encoder, mask, out);
                kept.at += progress.consumed;
                self.pause = if progress.done { Pause::No } else { Pause::after(progress.consumed) };
                progress.done
            }
            _ => {
                kept.at += kept.put(rest, mask, out);
                kept.at == kept.end
            }
        };
        drop(bytes);
        if !done {
            self.kept = Some(kept);
        } else if let Ok(bytes) = Rc::try_unwrap(kept.bytes) {
            spent(bytes);
        }
        done
    }

    /// What the host is to send of the kept message itself, if it is worth it: the header of that is in `out` then.
    #[inline]
    pub(crate) fn hand_over(&mut self, out: &mut Out<'_>) -> Option<Bulk> {
        if self.kept.is_some() { self.hand_kept_over(out) } else { None }
    }

    #[inline(never)] // rare, and asked after each callback
    fn hand_kept_over(&mut self, out: &mut Out<'_>) -> Option<Bulk> {
        let hands_over = |kept: &Kept| !kept.encoded && self.is_worth_handing(kept.end - kept.at);
        if !self.kept.as_deref().is_some_and(hands_over) {
            return None;
        }
        let kept = self.kept.as_mut()?;
        let len = kept.end - kept.at;
        let bulk =
            Bulk { source: Source::Bytes(Rc::clone(&kept.bytes)), at: kept.at as u64, len: len as u64 };
        let announced = kept.header(None).announce(out, len);
        announced.then(|| {
            kept.at = kept.end;
            bulk
        })
    }

    /// Whether so many bytes should go out from where they lie. What has to be masked is copied, and so is what is soon
    /// copied.
    fn is_worth_handing(&self, len: usize) -> bool {
        len >= LARGE_MESSAGE_BYTES && self.random.is_none()
    }

    /// Whether the stream has to be woken, so that the kept message goes on after others had their turn. Says so once.
    pub(crate) fn wants_wake(&mut self) -> bool {
        let due = self.pause == Pause::Due;
        if due {
            self.pause = Pause::Asked;
        }
        due
    }

    /// The stream was woken. True if that was the wake asked for.
    pub(crate) fn resume(&mut self) -> bool {
        let asked = self.pause == Pause::Asked;
        if asked {
            self.pause = Pause::No;
        }
        asked
    }

    /// Whether something is left that wants room.
    pub(crate) fn wants_room(&self) -> bool {
        self.asked
            || self.kept.is_some() && self.pause == Pause::No
            || matches!(self.closing, Closing::Wanted(..))
    }

    /// Sends the close frame that the user asked for; true if it went out now. A kept message goes first.
    pub(crate) fn send_close(&mut self, out: &mut Out<'_>) -> bool {
        let Closing::Wanted(code, reason) = &self.closing else { return false };
        let sent = self.kept.is_none() && Close::new(*code, reason).put(out, self.mask());
        if sent {
            self.closing = Closing::Sent;
        }
        sent
    }
}
