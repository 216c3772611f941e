//! One call on its stream: what is still to be sent, and what is still to be heard.

use super::content::Verdict;
use crate::exchange::Line;
use crate::limits::{STREAM_ROOM_BYTES, TURN_BYTES};
use crate::pending::Pending;
use crate::raw::{RawFields, put_raw};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::time::Duration;
use lws_h2::Response;
use lws_head::{FieldPos, Fields, field};
use lws_http::client::{Call, Cause, Failure, Framing, Supply};
use lws_role::{Place, Role, Stream, Timer};
use lws_wire::{Out, Stash, Time};

/// One call under way.
pub(super) struct Live {
    /// `None` once it has heard the last of it.
    call: Option<Box<dyn Call>>,
    pub(super) switches: bool,
    tx: Tx,
    /// The call has some more to send, as far as we know.
    supplies: bool,
    /// Body that the windows did not let out.
    pending: Pending,
    /// What the loop keeps about the stream.
    record: Stream,
    /// Body that the call did not take.
    stash: Stash,
    /// What was held back may be offered again.
    again: bool,
    end: End,
    /// Something of a response has come.
    pub(super) answered: bool,
    /// The call was woken: it may be cancelled.
    woken: bool,
    /// When all must be over.
    deadline: Option<Time>,
    /// How long nothing may move.
    stall: Duration,
    /// When something moved last, or had a reason not to.
    moved_at: Time,
}

/// What is still to be sent.
enum Tx {
    /// So many bytes of the body.
    Length(u64),
    /// A body of unknown length.
    Open,
    /// All of the body is supplied; trailers, or the end alone.
    Tail,
    Done,
}

/// How the response's end stands.
enum End {
    /// It has not come.
    Open,
    /// It has; the call hears of it when it has taken what was before it.
    Due(Option<Box<Trailers>>),
    Told,
}

/// Trailers that wait until the call has taken the body.
struct Trailers {
    block: Box<[u8]>,
    index: Box<[FieldPos]>,
}

impl Live {
    /// A call whose head went out.
    pub(super) fn new(
        call: Box<dyn Call>,
        switches: bool,
        ends: bool,
        deadline: Option<Time>,
        stall: Duration,
        now: Time,
    ) -> Self {
        let tx = match call.head().body {
            _ if ends || switches => Tx::Done,
            Framing::Length(n) => Tx::Length(n),
            Framing::Chunked => Tx::Open,
            Framing::None => Tx::Done,
        };
        Self {
            call: Some(call),
            switches,
            tx,
            supplies: true,
            pending: Pending::default(),
            record: Stream::default(),
            stash: Stash::new(),
            again: false,
            end: End::Open,
            answered: false,
            woken: false,
            deadline,
            stall,
            moved_at: now,
        }
    }

    /// A response's head, interim or not. `Some`: the stream is another role's from here on.
    pub(super) fn hear_head(
        &mut self,
        place: &mut Place<'_>,
        response: &Response<'_>,
    ) -> Option<Box<dyn Role>> {
        (self.answered, self.moved_at) = (true, place.hub().now);
        let Self { call, record, .. } = self;
        let mut cx = place.cx(record);
        if response.interim {
            call.as_mut()?.interim(&mut cx, &response.head);
            return None;
        }
        if self.switches && response.head.status.is_success() {
            let role = call.take().and_then(|call| call.switch(&mut cx, &response.head));
            cx.cancel_timer(Timer::Role);
            cx.cancel_timer(Timer::App);
            return role;
        }
        call.as_mut()?.response(&mut cx, &response.head);
        if response.ends {
            self.end = End::Due(None);
            self.tell_end(place);
        }
        None
    }

    /// Bytes of the body arrived; `ends`: the last. Returns how many were consumed.
    pub(super) fn hear(&mut self, place: &mut Place<'_>, data: &[u8], ends: bool) -> usize {
        self.moved_at = place.hub().now;
        if ends {
            self.end = End::Due(None);
        }
        let taken = if self.stash.is_empty() { self.take(place, data) } else { 0 };
        if taken < data.len() {
            // Behind what is held back already.
            self.stash.push(&data[taken..]);
        }
        self.tell_end(place);
        taken
    }

    /// The response ends with trailers.
    pub(super) fn hear_trailers(&mut self, place: &mut Place<'_>, fields: Fields<'_>) {
        self.moved_at = place.hub().now;
        if self.stash.is_empty() {
            self.finish(place, fields);
        } else {
            let trailers = Trailers { block: fields.block().into(), index: fields.index().into() };
            self.end = End::Due(Some(Box::new(trailers)));
        }
    }

    /// Offers some of the body to the call.
    fn take(&mut self, place: &mut Place<'_>, data: &[u8]) -> usize {
        match &mut self.call {
            Some(call) if !data.is_empty() => {
                call.body(&mut place.cx(&mut self.record), data).min(data.len())
            }
            _ => data.len(),
        }
    }

    /// Offers again what was held back. Returns how many bytes were consumed.
    fn rehear(&mut self, place: &mut Place<'_>) -> usize {
        let mut stash = core::mem::take(&mut self.stash);
        let taken = self.take(place, stash.bytes_mut());
        stash.consume(taken);
        self.stash = stash;
        if taken > 0 {
            self.moved_at = place.hub().now;
        }
        self.tell_end(place);
        taken
    }

    /// Tells the call of the response's end, once, behind all of its body.
    fn tell_end(&mut self, place: &mut Place<'_>) {
        if !self.stash.is_empty() || !matches!(self.end, End::Due(_)) {
            return;
        }
        if let End::Due(trailers) = core::mem::replace(&mut self.end, End::Told) {
            let fields = trailers.as_ref().map_or(Fields::default(), |t| Fields::new(&t.block, &t.index));
            self.finish(place, fields);
        }
    }

    fn finish(&mut self, place: &mut Place<'_>, trailers: Fields<'_>) {
        self.end = End::Told;
        if let Some(call) = self.call.take() {
            let mut cx = place.cx(&mut self.record);
            call.end(&mut cx, trailers);
            cx.cancel_timer(Timer::Role);
            cx.cancel_timer(Timer::App);
        }
    }

    /// There will be no response, or not all of it.
    pub(super) fn fail(&mut self, place: &mut Place<'_>, cause: Cause, reused: bool) {
        if let Some(call) = self.call.take() {
            let mut cx = place.cx(&mut self.record);
            call.failed(&mut cx, Failure { cause, reused, answered: self.answered });
            cx.cancel_timer(Timer::Role);
            cx.cancel_timer(Timer::App);
        }
        self.stash = Stash::new();
    }

    /// Whether all of the response has come, though the call may not have taken it.
    pub(super) fn is_heard(&self) -> bool {
        !matches!(self.end, End::Open)
    }

    /// Nothing more can be sent: the server has reset the stream after a whole response.
    pub(super) fn stop_sending(&mut self) {
        self.tx = Tx::Done;
        self.pending = Pending::default();
    }

    /// It is this stream's turn: does what is due and can be done. Returns how many bytes of body were consumed.
    pub(super) fn turn(
        &mut self,
        place: &mut Place<'_>,
        line: &mut Line<'_, '_, '_>,
    ) -> (usize, Result<(), Cause>) {
        if core::mem::take(&mut self.woken) && self.call.as_ref().is_some_and(|call| call.is_cancelled()) {
            return (0, Err(Cause::Cancelled));
        }
        let before = line.out.len();
        let said = self.say(place, line);
        if line.out.len() > before {
            self.moved_at = place.hub().now;
        }
        let again = core::mem::take(&mut self.again);
        let taken = if again && !self.stash.is_empty() { self.rehear(place) } else { 0 };
        (taken, said)
    }

    fn say(&mut self, place: &mut Place<'_>, line: &mut Line<'_, '_, '_>) -> Result<(), Cause> {
        while !self.pending.is_empty()
            && self.pending.send(line.sender, line.flow, line.out, TURN_BYTES, false) > 0
        {}
        if self.pending.is_empty() && self.supplies && matches!(self.tx, Tx::Length(_) | Tx::Open) {
            self.supply(place, line)?;
        }
        if self.pending.is_empty() && matches!(self.tx, Tx::Tail) {
            self.say_tail(line)?;
        }
        Ok(())
    }

    /// Lets the call fill room with some of its body: the `Out`'s own, or a few KiB beside it while the windows are so
    /// small that a call could do nothing with them.
    fn supply(&mut self, place: &mut Place<'_>, line: &mut Line<'_, '_, '_>) -> Result<(), Cause> {
        let Self { call: Some(call), tx, record, pending, .. } = self else { return Ok(()) };
        record.void_want_write();
        let left = if let Tx::Length(left) = tx { Some(*left) } else { None };
        let most =
            left.map_or(TURN_BYTES, |left| usize::try_from(left).unwrap_or(usize::MAX).min(TURN_BYTES));
        let enough = most.min(STREAM_ROOM_BYTES);
        let mut supply = Supply::Wait;
        let is_last = |n: usize, supply| left.map_or(supply == Supply::End, |left| left == n as u64);
        let n = if line.sender.room(line.flow, line.out) >= enough {
            // Both closures need it, one after the other.
            let call = RefCell::new((call, &mut supply));
            let fill = |room: &mut Out<'_>| {
                let (call, supply) = &mut *call.borrow_mut();
                **supply = call.send(&mut place.cx(record), room);
            };
            let ends = |n| {
                let (call, supply) = &*call.borrow();
                is_last(n, **supply) && call.trailers().is_empty()
            };
            line.sender.data(line.flow, line.out, most, fill, ends)
        } else if line.sender.window(line.flow) < enough {
            pending.fill(enough, &mut |room| {
                let mut out = Out::new(room);
                supply = call.send(&mut place.cx(record), &mut out);
                out.len()
            })
        } else {
            // Only the room is short: there is more in another turn.
            return Ok(());
        };
        if supply == Supply::Fail {
            return Err(Cause::Source);
        }
        let left = left.map(|left| left.saturating_sub(n as u64));
        if left.is_some_and(|left| left > 0) && supply == Supply::End {
            return Err(Cause::ShortBody);
        }
        *tx = match left {
            Some(0) => Tx::Tail,
            Some(left) => Tx::Length(left),
            None if supply == Supply::End => Tx::Tail,
            None => Tx::Open,
        };
        // Who had so much room and said nothing is not asked again until it is woken.
        self.supplies = supply == Supply::More && n > 0;
        Ok(())
    }

    /// Whatever is said behind the body.
    fn say_tail(&mut self, line: &mut Line<'_, '_, '_>) -> Result<(), Cause> {
        // The last frame may have said so.
        if !line.flow.state().is_local_open() {
            self.tx = Tx::Done;
            return Ok(());
        }
        let trailers = self.call.as_ref().map_or(&[][..], |call| call.trailers());
        let said = if trailers.is_empty() {
            line.sender.end(line.flow, line.out)
        } else {
            put_trailers(line, trailers)?
        };
        if said {
            self.tx = Tx::Done;
        } else if line.out.is_empty() {
            return Err(Cause::Misuse("the trailers are too long"));
        }
        Ok(())
    }

    /// What becomes of the stream.
    pub(super) fn verdict(&self, line: &Line<'_, '_, '_>) -> Verdict {
        if matches!(self.end, End::Told) {
            return Verdict::Over;
        }
        let open = line.sender.window(line.flow) > 0;
        let wants = self.supplies && matches!(self.tx, Tx::Length(_) | Tx::Open);
        let has_body = !self.pending.is_empty() || wants;
        let tail = self.pending.is_empty() && matches!(self.tx, Tx::Tail);
        let ready = self.woken || (self.again && !self.stash.is_empty()) || tail || (has_body && open);
        if ready || (self.record.wants_write() && wants) { Verdict::Again } else { Verdict::Wait }
    }

    /// Somebody woke the stream.
    pub(super) fn woken(&mut self) {
        (self.woken, self.again, self.supplies) = (true, true, true);
    }

    /// Whether it waits for its caller, and may want a wake that was meant for the whole connection.
    pub(super) fn waits_for_caller(&self) -> bool {
        let body = !self.supplies && matches!(self.tx, Tx::Length(_) | Tx::Open);
        body || !self.stash.is_empty()
    }

    /// When it must be looked at.
    pub(super) fn watch_at(&self) -> Time {
        let stall = self.moved_at + self.stall;
        self.deadline.map_or(stall, |deadline| deadline.min(stall))
    }

    /// Whether it is too late for it. `strict`: the server could have said something meanwhile.
    pub(super) fn is_late(&self, now: Time, strict: bool) -> bool {
        let stalls = now.since(self.moved_at) >= self.stall;
        // Where its own caller holds something back, it is not the server's fault.
        let excused = self.waits_for_caller() || !strict;
        self.deadline.is_some_and(|at| at <= now) || (stalls && !excused)
    }

    /// It was looked at, and is not late: if nothing moved, there was a reason.
    pub(super) fn watch(&mut self, now: Time) {
        if now.since(self.moved_at) >= self.stall {
            self.moved_at = now;
        }
    }
}

/// Says the trailers; false without room. Names that must not be there are left out.
fn put_trailers(line: &mut Line<'_, '_, '_>, trailers: &[(String, Vec<u8>)]) -> Result<bool, Cause> {
    let mut at = 0;
    for (name, value) in trailers {
        let room = line.block.get_mut(at..).unwrap_or_default();
        at += put_raw(room, name, field::trim(value)).ok_or(Cause::Misuse("the trailers are too long"))?;
    }
    Ok(line.sender.trailers(line.flow, line.out, RawFields(line.block.get(..at).unwrap_or_default())))
}
