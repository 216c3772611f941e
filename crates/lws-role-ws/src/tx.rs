//! What one connection still has to say.
//!
//! ```text
//!   Ws::send ──fits──▶ Out
//!       └──too large──▶ kept ──▶ Out, frame by frame      (one at a time; until then `send` says no)
//!                         └────▶ Bulk, in one frame       (if the host sends memory: it goes from where it lies)
//! ```
//! Whether a message is encoded (compressed) is decided when it is sent; RSV1 of its first frame says so. A message
//! counts as fitting if it does whatever it is encoded to.

use crate::coding::{AnyCoding, Own, Progress};
use crate::limits::{
    CODED_PER_RUN, CONTROL_FRAMES, CONTROL_WINDOW, LARGE_MESSAGE_BYTES, SMALL_MESSAGE_BYTES,
};
use crate::terms::Terms;
use alloc::{boxed::Box, rc::Rc, string::String, vec::Vec};
use lws_role::{Bulk, Sends, Source};
use lws_wire::{Out, Time};
use lws_ws::limits::{MAX_HEADER, MAX_NEST};
use lws_ws::{Close, CloseCode, Header, Kind, Opcode, frame_len};

/// The sending side of one connection. What is rare is boxed: an idle connection is small.
pub(crate) struct Tx {
    pub(crate) terms: Rc<Terms>,
    /// A large message on its way out.
    kept: Option<Box<Kept>>,
    rare: Option<Box<Rare>>,
    /// The user is in the middle of a message sent in fragments.
    pub(crate) fragmented: bool,
    /// The protocol asked to be called when there is room.
    pub(crate) asked: bool,
    pub(crate) closing: Closing,
    pause: Pause,
    pub(crate) control: Control,
}

/// What few connections have.
#[derive(Default)]
struct Rare {
    /// What our close frame will say, while we are [`Closing::Wanted`].
    words: Option<(CloseCode, String)>,
    /// The encoder's own.
    own: Own,
}

/// Pings and pongs of one connection (WS-13, WS-14).
#[derive(Default)]
pub(crate) struct Control {
    /// In which [`CONTROL_WINDOW`] the last one came, counted from the clock's start; wraps.
    window: u16,
    /// How many came in it; `<= CONTROL_FRAMES + 1`
    spent: u8,
    /// We have sent one to a silent peer.
    pub(crate) pinged: bool,
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
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Closing {
    #[default]
    No,
    /// The user wants to close; the frame is not out yet.
    Wanted,
    /// Our close frame is out: nothing may follow it (RFC 6455 §5.5.1).
    Sent,
}

const _: () = assert!(CONTROL_FRAMES < u8::MAX as u32);

impl Control {
    /// Counts one that came; false if that is too many.
    pub(crate) fn spend(&mut self, now: Time) -> bool {
        // What wraps does so after more than a week.
        let window = (now.as_micros() / CONTROL_WINDOW.as_micros() as u64) as u16;
        if window != self.window {
            (self.window, self.spent) = (window, 0);
        }
        self.spent = self.spent.saturating_add(1);
        u32::from(self.spent) <= CONTROL_FRAMES
    }
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
        (coding, own): (&AnyCoding, &mut Own),
        mask: Option<[u8; 4]>,
        out: &mut Out<'_>,
    ) -> Progress {
        let mut progress = Progress { consumed: 0, done: false };
        let step = &rest[..rest.len().min(CODED_PER_RUN)];
        if out.room() >= MAX_HEADER + SMALL_MESSAGE_BYTES.min(coding.bound(step.len())) {
            let frame = self.header(mask).nest(out, MAX_NEST, |room| {
                progress = coding.encode(own, step, step.len() == rest.len(), room);
                progress.done
            });
            self.begun |= frame.is_some();
        }
        progress
    }
}

impl Tx {
    pub(crate) fn new(terms: Rc<Terms>) -> Self {
        Self {
            terms,
            kept: None,
            rare: None,
            fragmented: false,
            asked: false,
            closing: Closing::No,
            pause: Pause::No,
            control: Control::default(),
        }
    }

    /// RFC 6455 §5.3: a client picks a fresh key, that nobody can predict, for each frame; a server has none (§5.1).
    pub(crate) fn mask(&self) -> Option<[u8; 4]> {
        let random = self.terms.random?;
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
        let most = if self.terms.coding.is_some() { self.bound(len) } else { len };
        self.kept.is_none() && (out.room() >= most.saturating_add(MAX_HEADER) || self.fits_scarcely(out, len))
    }

    /// Whether an answer of `len` bytes would be taken although there is little room.
    fn fits_scarcely(&self, out: &Out<'_>, len: usize) -> bool {
        out.room() >= frame_len(self.bound(len), self.terms.random.is_some()) || len > SMALL_MESSAGE_BYTES
    }

    /// Bytes of payload that a message of `len` bytes needs, at most.
    fn bound(&self, len: usize) -> usize {
        self.terms.coding.as_ref().filter(|coding| coding.wants(len)).map_or(len, |coding| coding.bound(len))
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
        if self.terms.is_plain() {
            // Most messages.
            return Header::new(kind.opcode()).put(out, data)
                || self.send_large(out, kind, data, false, loan);
        }
        let encoded = self.terms.coding.as_ref().is_some_and(|coding| coding.gains(data));
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
            && out.room() < frame_len(self.bound(data.len()), self.terms.random.is_some())
        {
            return false;
        }
        let mut kept = Kept { kind, bytes: Rc::default(), at: 0, end: 0, begun: false, encoded };
        let mask = self.mask();
        let placed = loan.and_then(|loan| Some((loan.place(data)?, loan)));
        let waits =
            !encoded && self.is_worth_handing(data.len()) && placed.as_ref().is_some_and(|(_, l)| l.sends);
        // What has room at once need not be kept.
        let terms = self.terms.clone();
        let taken = match terms.coding.as_ref().filter(|_| encoded) {
            Some(coding) => {
                let before = out.len();
                let mut own = self.take_own();
                let progress = kept.encode(data, (coding, &mut own), mask, out);
                self.keep_own(own);
                if progress.done {
                    // RFC 7692 §6: no message has to be compressed, and none should that grows.
                    if coding.forgets() && out.len() - before >= frame_len(data.len(), mask.is_some()) {
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
        let done = match &self.terms.coding {
            // The host has sent it.
            _ if rest.is_empty() && !kept.encoded => true,
            Some(_) if self.pause != Pause::No => false,
            Some(coding) if kept.encoded => {
                let own = &mut self.rare.get_or_insert_default().own;
                let progress = kept.encode(rest, (coding, own), mask, out);
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
            return false;
        }
        self.tidy_rare();
        if let Ok(bytes) = Rc::try_unwrap(kept.bytes) {
            spent(bytes);
        }
        true
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
        len >= LARGE_MESSAGE_BYTES && self.terms.random.is_none()
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
        self.asked || self.kept.is_some() && self.pause == Pause::No || self.closing == Closing::Wanted
    }

    /// Begins to close, unless that was done before; true if it was not.
    pub(crate) fn close(&mut self, code: CloseCode, reason: &str) -> bool {
        let begins = self.closing == Closing::No;
        if begins {
            self.closing = Closing::Wanted;
            self.rare.get_or_insert_default().words = Some((code, reason.into()));
        }
        begins
    }

    /// The close frame that the user asked for, if it is not out yet.
    pub(crate) fn words(&self) -> Option<Close<'_>> {
        let (code, reason) = self.rare.as_ref()?.words.as_ref()?;
        Some(Close::new(*code, reason))
    }

    /// Sends the close frame that the user asked for; true if it went out now. A kept message goes first.
    pub(crate) fn send_close(&mut self, out: &mut Out<'_>) -> bool {
        if self.closing != Closing::Wanted || self.kept.is_some() {
            return false;
        }
        let sent = self.words().is_some_and(|close| close.put(out, self.mask()));
        if sent {
            self.closed();
        }
        sent
    }

    /// Our close frame is out.
    pub(crate) fn closed(&mut self) {
        self.closing = Closing::Sent;
        if let Some(rare) = &mut self.rare {
            rare.words = None;
        }
        self.tidy_rare();
    }

    fn take_own(&mut self) -> Own {
        self.rare.as_mut()?.own.take()
    }

    fn keep_own(&mut self, own: Own) {
        if own.is_some() {
            self.rare.get_or_insert_default().own = own;
        } else {
            self.tidy_rare();
        }
    }

    /// Gives the box back in which nothing is left.
    fn tidy_rare(&mut self) {
        if self.rare.as_ref().is_some_and(|rare| rare.words.is_none() && rare.own.is_none()) {
            self.rare = None;
        }
    }
}
