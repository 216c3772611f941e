//! A role hosted on a stream: what the driver does for a connection, for one stream of it.
//!
//! ```text
//!   DATA ──▶ stash ──▶ role ──▶ pool block ──▶ DATA as the windows allow ──▶ pending, if they do not
//! ```
//! While `pending` holds output, the role is neither offered input nor asked to speak.

use crate::exchange::Line;
use crate::limits::{STREAM_ROOM_BYTES, TURN_BYTES};
use crate::pending::{Pending, put_data};
use alloc::boxed::Box;
use lws_role::limits::STASH_BYTES;
use lws_role::{Closed, Hosted, Place, Role, Timer};
use lws_wire::{Out, Stash};

pub(crate) struct Tunnel {
    /// `None` once the role has ended and only its last words are left.
    hosted: Option<Hosted>,
    stash: Stash,
    /// The role holds back what is in the stash.
    held: bool,
    /// What is held back may be offered again: something moved since.
    again: bool,
    end: End,
    pending: Pending,
    /// Deadlines of the role's that passed.
    timers_due: [bool; 2],
    drain_due: bool,
}

/// Whether more input can come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    /// It has ended; the role hears of it when it has taken what was before.
    Due,
    Told,
}

/// What came of a call.
pub(crate) struct Heard {
    /// Bytes of input consumed.
    pub(crate) consumed: usize,
    /// The role ended the stream.
    pub(crate) closed: Option<Closed>,
}

/// Where a tunnel stands after its turn.
pub(crate) enum Standing {
    /// It waits for its peer, a deadline or a wake.
    Wait,
    /// It waits for its windows.
    Shut,
    /// It has more to do.
    Again,
    /// The role has ended, and all of its words are out.
    Over,
    /// The role ends in the middle.
    Reset(Closed),
}

impl Tunnel {
    /// Gives the stream to `role`. Its first words go out if they can.
    pub(crate) fn start(
        role: Box<dyn Role>,
        place: &mut Place<'_>,
        line: &mut Line<'_, '_, '_>,
    ) -> (Self, Option<Closed>) {
        let mut plain = Out::new(line.block);
        let (hosted, closed) = Hosted::start(role, place, &mut plain);
        let n = plain.len();
        let mut this = Self {
            hosted: Some(hosted),
            stash: Stash::new(),
            held: false,
            again: false,
            end: End::Open,
            pending: Pending::default(),
            timers_due: [false; 2],
            drain_due: false,
        };
        this.send(n, line);
        (this, closed)
    }

    /// Bytes arrived; `ends`: the last.
    pub(crate) fn hear(
        &mut self,
        place: &mut Place<'_>,
        data: &mut [u8],
        ends: bool,
        line: &mut Line<'_, '_, '_>,
    ) -> Heard {
        if ends && self.end == End::Open {
            self.end = End::Due;
        }
        let Some(hosted) = &mut self.hosted else { return Heard { consumed: data.len(), closed: None } };
        if !self.stash.is_empty() || !self.pending.is_empty() {
            self.stash.push(data);
            return if self.pending.is_empty() && !self.held {
                self.turn(place, line)
            } else {
                Heard::NOTHING
            };
        }
        let (mut heard, n, held) = run(hosted, place, data, line);
        if heard.consumed < data.len() {
            self.stash.push(&data[heard.consumed..]);
        }
        self.ran(n, held, &mut heard, line);
        self.tell_end(place, &mut heard, line);
        heard
    }

    /// It is this stream's turn.
    pub(crate) fn turn(&mut self, place: &mut Place<'_>, line: &mut Line<'_, '_, '_>) -> Heard {
        self.flush(line);
        let mut heard = Heard::NOTHING;
        for which in [Timer::Role, Timer::App] {
            if core::mem::take(&mut self.timers_due[which as usize]) {
                self.interject(place, &mut heard, line, |hosted, place, out| {
                    hosted.timeout(place, which, out)
                });
            }
        }
        if core::mem::take(&mut self.drain_due) {
            self.interject(place, &mut heard, line, Hosted::drain);
        }
        let Some(hosted) = &mut self.hosted else { return heard };
        if !self.pending.is_empty() || heard.closed.is_some() {
            return heard;
        }
        if hosted.wants_write() || !self.stash.is_empty() {
            let mut stash = core::mem::take(&mut self.stash);
            let (ran, n, held) = run(hosted, place, stash.bytes_mut(), line);
            stash.consume(ran.consumed);
            self.stash = stash;
            heard = ran;
            self.ran(n, held, &mut heard, line);
        }
        self.tell_end(place, &mut heard, line);
        heard
    }

    /// After a run: sends what was said, notes what was held back.
    fn ran(&mut self, n: usize, held: bool, heard: &mut Heard, line: &mut Line<'_, '_, '_>) {
        self.send(n, line);
        self.held = held && !self.stash.is_empty();
        self.again = self.held && n + heard.consumed > 0;
        // Who needs more than this before taking anything never will.
        if !self.held && self.stash.len() >= STASH_BYTES {
            heard.closed = heard.closed.or(Some(Closed::Limit));
        }
    }

    /// Tells the role of the end, once, behind everything else.
    fn tell_end(&mut self, place: &mut Place<'_>, heard: &mut Heard, line: &mut Line<'_, '_, '_>) {
        if self.end == End::Due && !self.held && self.pending.is_empty() && heard.closed.is_none() {
            self.end = End::Told;
            self.interject(place, heard, line, |hosted, place, out| hosted.ended(place, false, out));
        }
    }

    /// Lets the role say something out of turn, behind whatever waits.
    fn interject(
        &mut self,
        place: &mut Place<'_>,
        heard: &mut Heard,
        line: &mut Line<'_, '_, '_>,
        f: impl FnOnce(&mut Hosted, &mut Place<'_>, &mut Out<'_>) -> Option<Closed>,
    ) {
        let Some(hosted) = self.hosted.as_mut().filter(|_| heard.closed.is_none()) else { return };
        let waits = !self.pending.is_empty();
        let room = STREAM_ROOM_BYTES.min(line.block.len());
        let mut plain = Out::new(&mut line.block[..room]);
        heard.closed = f(hosted, &mut place.reborrow().with_output_waiting(waits), &mut plain);
        let n = plain.len();
        self.send(n, line);
    }

    /// Sends the first `n` bytes of the block, behind what waits; keeps what the windows and the room refuse.
    fn send(&mut self, n: usize, line: &mut Line<'_, '_, '_>) {
        self.flush(line);
        let mut said = line.block.get(..n).unwrap_or_default();
        while !said.is_empty() && self.pending.is_empty() {
            let sent = put_data(line.sender, line.flow, line.out, said, usize::MAX, false);
            said = &said[sent..];
            if sent == 0 {
                self.pending.push(said);
                return;
            }
        }
        if !said.is_empty() {
            self.pending.push(said);
        }
    }

    /// Sends what waits, as far as windows and room allow.
    fn flush(&mut self, line: &mut Line<'_, '_, '_>) {
        while !self.pending.is_empty()
            && self.pending.send(line.sender, line.flow, line.out, usize::MAX, false) > 0
        {}
    }

    /// What becomes of it now; `closed`: its role ended just now.
    pub(crate) fn standing(
        &mut self,
        place: &mut Place<'_>,
        closed: Option<Closed>,
        line: &mut Line<'_, '_, '_>,
    ) -> Standing {
        match closed {
            // RFC 8441 §5: a TCP reset is RST_STREAM with CANCEL here.
            Some(why) if why.is_abrupt() => return Standing::Reset(why),
            Some(why) => self.close(place, why),
            None => {}
        }
        let is_over = self.hosted.is_none();
        if is_over && self.finish(line) {
            return Standing::Over;
        }
        match self.is_shut(line) {
            true => Standing::Shut,
            false if is_over || self.is_ready(line) => Standing::Again,
            false => Standing::Wait,
        }
    }

    /// Whether another turn would do something now.
    fn is_ready(&self, line: &Line<'_, '_, '_>) -> bool {
        if !self.pending.is_empty() {
            return line.sender.window(line.flow) > 0;
        }
        let wants = self.hosted.as_ref().is_some_and(Hosted::wants_write);
        wants || self.again || self.drain_due || self.timers_due != [false; 2]
    }

    /// Whether output waits for the windows to open.
    fn is_shut(&self, line: &Line<'_, '_, '_>) -> bool {
        !self.pending.is_empty() && line.sender.window(line.flow) == 0
    }

    /// Somebody woke the stream.
    pub(crate) fn woken(&mut self, place: &mut Place<'_>) {
        if let Some(hosted) = &mut self.hosted {
            hosted.woken(place);
        }
    }

    /// A deadline of the role's passed; it hears of it in its next turn.
    pub(crate) fn expired(&mut self, which: Timer) {
        self.timers_due[which as usize] = true;
    }

    /// The service is going away; the role hears of it in its next turn.
    pub(crate) fn drain(&mut self) {
        self.drain_due = true;
    }

    /// The role's part ends, unless it has ended already. What it has said still goes out.
    pub(crate) fn close(&mut self, place: &mut Place<'_>, why: Closed) {
        if let Some(hosted) = self.hosted.take() {
            hosted.close(place, why);
        }
        self.stash = Stash::new();
    }

    /// Ends our side when the role has ended and all of its words are out (RFC 8441 §5: this is how a close of TCP
    /// looks here). Returns whether that is done.
    fn finish(&mut self, line: &mut Line<'_, '_, '_>) -> bool {
        self.flush(line);
        self.pending.is_empty()
            && (!line.flow.state().is_local_open() || line.sender.end(line.flow, line.out))
    }
}

impl Heard {
    const NOTHING: Self = Self { consumed: 0, closed: None };
}

/// Runs a role to quiescence within one empty `Out`: as large as can leave at once, or a few KiB at least. If it can
/// do nothing with that, within the largest there is. Returns bytes said, in the block, and whether it holds back.
fn run(
    hosted: &mut Hosted,
    place: &mut Place<'_>,
    input: &mut [u8],
    line: &mut Line<'_, '_, '_>,
) -> (Heard, usize, bool) {
    let can_leave = line.sender.window(line.flow).min(line.out.room());
    let mut room = can_leave.clamp(STREAM_ROOM_BYTES, TURN_BYTES).min(line.block.len());
    loop {
        let mut plain = Out::new(&mut line.block[..room]);
        let ran = hosted.run(place, input, &mut plain);
        let n = plain.len();
        let waits = hosted.wants_write() || ran.held;
        if n == 0 && ran.consumed == 0 && ran.closed.is_none() && waits {
            if room < line.block.len() {
                room = line.block.len();
                continue;
            }
            // It had all the room there is and said nothing.
            hosted.void_want_write();
        }
        return (Heard { consumed: ran.consumed, closed: ran.closed }, n, ran.held);
    }
}
