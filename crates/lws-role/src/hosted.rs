//! Law 1, once, for every host: the socket driver, TLS, HTTP/2, the simulator.

use crate::{Closed, Next, Place, Role, Stream, Timer};
use alloc::boxed::Box;
use lws_wire::Out;

/// A role and its stream, as a host keeps them.
///
/// After each call that returns [`Some`] [`Closed`] (or [`Ran::closed`]) the host sends what was written, and then
/// calls [`Hosted::close`], exactly once.
pub struct Hosted {
    role: Box<dyn Role>,
    stream: Stream,
    /// Which stream of the connection this is.
    sub: u32,
}

/// What came of one run.
#[derive(Debug)]
pub struct Ran {
    /// Bytes taken from the front of the input.
    pub consumed: usize,
    /// The role holds the rest back until output drained or a wake came; if false, it needs more bytes.
    pub held: bool,
    /// The role ended the stream.
    pub closed: Option<Closed>,
}

impl Hosted {
    /// Gives the stream to `role`, and to its successors if it has any at once.
    pub fn start(role: Box<dyn Role>, place: &mut Place<'_>, out: &mut Out<'_>) -> (Self, Option<Closed>) {
        let mut this = Self::waiting(role, place);
        let closed = this.begin(place, out);
        (this, closed)
    }

    /// Keeps `role` for a stream that does not exist yet. What may follow is [`Hosted::begin`] and everything else, or
    /// [`Hosted::close`] alone.
    pub fn waiting(role: Box<dyn Role>, place: &mut Place<'_>) -> Self {
        place.hub().metrics.opened(role.name());
        Self { role, stream: Stream::default(), sub: place.handle().sub }
    }

    /// The stream is there.
    pub fn begin(&mut self, place: &mut Place<'_>, out: &mut Out<'_>) -> Option<Closed> {
        let next = self.role.start(&mut place.cx(&mut self.stream), out);
        self.settle(next, place, out)
    }

    /// The name of the role that speaks now.
    pub fn name(&self) -> &'static str {
        self.role.name()
    }

    /// Whether the role waits for room.
    pub fn wants_write(&self) -> bool {
        self.stream.want_write
    }

    /// Forgets that the role asked for room: it had an empty `Out` and wrote nothing.
    pub fn void_want_write(&mut self) {
        self.stream.want_write = false;
    }

    /// What the role wanted sent by the host ([`crate::StreamEnv::send_bulk`]) was sent: it is asked to speak.
    pub fn bulk_sent(&mut self) {
        self.stream.want_write = true;
    }

    /// Whether the role has set this deadline of its stream.
    pub fn has_timer(&self, which: Timer) -> bool {
        self.stream.has_timer(which)
    }

    /// Offers input and lets the role speak, until neither moves (law 1).
    pub fn run(&mut self, place: &mut Place<'_>, input: &mut [u8], out: &mut Out<'_>) -> Ran {
        let mut ran = Ran { consumed: 0, held: false, closed: None };
        // The role was asked to speak since anything moved.
        let mut spoke = false;
        loop {
            let before = (ran.consumed, out.len());
            self.hear(place, input, out, &mut ran);
            let speaks = ran.closed.is_none() && self.stream.want_write && !spoke && !place.hub().has_bulk();
            if speaks {
                ran.closed = self.speak(place, out);
            }
            let moved = (ran.consumed, out.len()) != before;
            // Who spoke may take what it had held back, even if it said nothing.
            let again = moved || (speaks && ran.held);
            if ran.closed.is_some() || !again || place.hub().has_bulk() {
                return ran;
            }
            spoke = speaks && !moved;
        }
    }

    fn hear(&mut self, place: &mut Place<'_>, input: &mut [u8], out: &mut Out<'_>, ran: &mut Ran) {
        while ran.consumed < input.len() && ran.closed.is_none() {
            let offered = &mut input[ran.consumed..];
            let most = offered.len();
            let step = self.role.receive(&mut place.cx(&mut self.stream), offered, out);
            debug_assert!(step.consumed <= most, "{} took more than it was offered", self.name());
            let consumed = step.consumed.min(most);
            ran.consumed += consumed;
            ran.held = matches!(step.next, Next::Hold);
            let became = matches!(step.next, Next::Become(_));
            ran.closed = self.settle(step.next, place, out);
            let more = ran.consumed < input.len();
            if ran.held || (consumed == 0 && !became) || (more && place.hub().has_bulk()) {
                return;
            }
        }
    }

    fn speak(&mut self, place: &mut Place<'_>, out: &mut Out<'_>) -> Option<Closed> {
        self.stream.want_write = false;
        let next = self.role.transmit(&mut place.cx(&mut self.stream), out);
        self.settle(next, place, out)
    }

    /// A deadline of the stream `place.handle()` passed.
    pub fn timeout(&mut self, place: &mut Place<'_>, which: Timer, out: &mut Out<'_>) -> Option<Closed> {
        // A deadline of a stream that the role hosts is not one of its own.
        if place.handle().sub == self.sub {
            *self.stream.timer_mut(which) = None;
        }
        let next = self.role.timeout(&mut place.cx(&mut self.stream), which, out);
        self.settle(next, place, out)
    }

    /// The peer will send no more.
    pub fn ended(&mut self, place: &mut Place<'_>, truncated: bool, out: &mut Out<'_>) -> Option<Closed> {
        let next = self.role.ended(&mut place.cx(&mut self.stream), truncated, out);
        self.settle(next, place, out)
    }

    /// Somebody woke the stream `place.handle()`.
    pub fn woken(&mut self, place: &mut Place<'_>) {
        self.role.woken(&mut place.cx(&mut self.stream));
    }

    /// The service is going away.
    pub fn drain(&mut self, place: &mut Place<'_>, out: &mut Out<'_>) -> Option<Closed> {
        let next = self.role.drain(&mut place.cx(&mut self.stream), out);
        self.settle(next, place, out)
    }

    /// The stream is gone: the last call.
    pub fn close(mut self, place: &mut Place<'_>, why: Closed) {
        let metrics = &mut place.hub().metrics;
        metrics.ended(self.role.name());
        let mut cx = place.cx(&mut self.stream);
        self.role.closed(&mut cx, why);
        cx.cancel_timer(Timer::Role);
        cx.cancel_timer(Timer::App);
    }

    /// Introduces a successor to the stream, and its own successors in turn.
    fn settle(&mut self, mut next: Next, place: &mut Place<'_>, out: &mut Out<'_>) -> Option<Closed> {
        loop {
            let role = match next {
                Next::Stay | Next::Hold => return None,
                Next::Close(why) => return Some(why),
                Next::Become(role) => role,
            };
            let metrics = &mut place.hub().metrics;
            metrics.ended(self.role.name());
            metrics.opened(role.name());
            self.role = role;
            let mut cx = place.cx(&mut self.stream);
            // Deadlines belong to the role that set them.
            cx.cancel_timer(Timer::Role);
            cx.cancel_timer(Timer::App);
            next = self.role.start(&mut cx, out);
        }
    }
}
