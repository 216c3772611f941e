//! What lives on one stream of a client's, and what becomes of the stream after each call.

use super::live::Live;
use crate::exchange::Line;
use crate::limits;
use crate::serve::Stall;
use crate::tunnel::{Heard, Standing, Tunnel};
use alloc::boxed::Box;
use lws_h2::Response;
use lws_head::Fields;
use lws_http::client::Cause;
use lws_role::{Closed, Place, Timer};
use lws_wire::Time;

/// What lives on one stream.
#[derive(Default)]
pub(super) struct Content {
    pub(super) kind: Kind,
    /// It stands in the queue.
    pub(super) queued: bool,
    /// Since when a tunnel's output waits for windows.
    pub(super) stall: Option<Stall>,
}

#[derive(Default)]
pub(super) enum Kind {
    /// Nobody yet.
    #[default]
    Nobody,
    Call(Live),
    Tunnel(Box<Tunnel>),
    /// A tunnel has ended our side, and since then the peer may end its own; what it still sends is thrown away.
    Lingering(Time),
    /// Whoever it was has ended, and `RST_STREAM` waits for room.
    Dead,
}

/// What becomes of a stream now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It waits for its peer, its caller, a deadline or a wake.
    Wait,
    /// A tunnel waits for its windows.
    Shut,
    /// It has more to do.
    Again,
    /// All is said and heard. What is still open of it is not wanted any more.
    Over,
    /// A tunnel's role has ended and all of its words are out: the peer gets some time to end its side.
    Linger(Closed),
    /// The call ends in the middle, and hears why.
    Fail(Cause),
    /// A tunnel ends in the middle.
    Reset(Closed),
}

impl Content {
    /// A response's head.
    pub(super) fn hear_head(
        &mut self,
        place: &mut Place<'_>,
        response: &Response<'_>,
        line: &mut Line<'_, '_, '_>,
    ) -> Verdict {
        let Kind::Call(live) = &mut self.kind else { return Verdict::Wait };
        let consents = live.switches && !response.interim && response.head.status.is_success();
        match live.hear_head(place, response) {
            Some(role) => {
                let (mut tunnel, mut closed) = Tunnel::start(role, place, line);
                if response.ends && closed.is_none() {
                    closed = tunnel.hear(place, &mut [], true, line).closed;
                }
                self.kind = Kind::Tunnel(Box::new(tunnel));
                self.verdict(place, closed, line)
            }
            // It does not want what it was granted.
            None if consents => Verdict::Reset(Closed::Protocol),
            None => self.verdict(place, None, line),
        }
    }

    /// Bytes arrived; `ends`: the last. Returns also how many were consumed.
    pub(super) fn hear(
        &mut self,
        place: &mut Place<'_>,
        data: &mut [u8],
        ends: bool,
        line: &mut Line<'_, '_, '_>,
    ) -> (usize, Verdict) {
        let (consumed, closed) = match &mut self.kind {
            Kind::Call(live) => (live.hear(place, data, ends), None),
            Kind::Tunnel(tunnel) => {
                let Heard { consumed, closed } = tunnel.hear(place, data, ends, line);
                (consumed, closed)
            }
            Kind::Nobody | Kind::Lingering(_) | Kind::Dead => (data.len(), None),
        };
        (consumed, self.verdict(place, closed, line))
    }

    /// The server's side ends with trailers.
    pub(super) fn hear_trailers(
        &mut self,
        place: &mut Place<'_>,
        fields: Fields<'_>,
        line: &mut Line<'_, '_, '_>,
    ) -> Verdict {
        let mut closed = None;
        match &mut self.kind {
            Kind::Call(live) => live.hear_trailers(place, fields),
            // RFC 9113 §8.5: a tunnel has no trailers; its end is an end all the same.
            Kind::Tunnel(tunnel) => closed = tunnel.hear(place, &mut [], true, line).closed,
            Kind::Nobody | Kind::Lingering(_) | Kind::Dead => {}
        }
        self.verdict(place, closed, line)
    }

    /// It is this stream's turn. Returns also how many bytes of input were consumed.
    pub(super) fn turn(&mut self, place: &mut Place<'_>, line: &mut Line<'_, '_, '_>) -> (usize, Verdict) {
        let (consumed, closed) = match &mut self.kind {
            Kind::Call(live) => match live.turn(place, line) {
                (consumed, Ok(())) => (consumed, None),
                (consumed, Err(cause)) => return (consumed, Verdict::Fail(cause)),
            },
            Kind::Tunnel(tunnel) => {
                let Heard { consumed, closed } = tunnel.turn(place, line);
                (consumed, closed)
            }
            Kind::Nobody | Kind::Lingering(_) | Kind::Dead => (0, None),
        };
        (consumed, self.verdict(place, closed, line))
    }

    /// What becomes of the stream; `closed`: a hosted role ended just now.
    fn verdict(
        &mut self,
        place: &mut Place<'_>,
        closed: Option<Closed>,
        line: &mut Line<'_, '_, '_>,
    ) -> Verdict {
        match &mut self.kind {
            Kind::Nobody => Verdict::Wait,
            Kind::Dead => Verdict::Over,
            Kind::Lingering(_) if line.flow.is_closed() => Verdict::Over,
            Kind::Lingering(_) => Verdict::Wait,
            Kind::Call(live) => live.verdict(line),
            Kind::Tunnel(tunnel) => match tunnel.standing(place, closed, line) {
                Standing::Wait => Verdict::Wait,
                Standing::Shut => Verdict::Shut,
                Standing::Again => Verdict::Again,
                Standing::Over => Verdict::Linger(Closed::Done),
                Standing::Reset(why) => Verdict::Reset(why),
            },
        }
    }

    /// Whoever lives here ends, unless it has ended already.
    pub(super) fn close(&mut self, place: &mut Place<'_>, cause: Cause, why: Closed, reused: bool) {
        match core::mem::take(&mut self.kind) {
            Kind::Call(mut live) => live.fail(place, cause, reused),
            Kind::Tunnel(mut tunnel) => tunnel.close(place, why),
            Kind::Nobody | Kind::Lingering(_) | Kind::Dead => {}
        }
    }

    /// Somebody woke the stream.
    pub(super) fn woken(&mut self, place: &mut Place<'_>) {
        match &mut self.kind {
            Kind::Call(live) => live.woken(),
            Kind::Tunnel(tunnel) => tunnel.woken(place),
            Kind::Nobody | Kind::Lingering(_) | Kind::Dead => {}
        }
    }

    /// A deadline of the stream's passed; whoever lives here hears of it in its next turn.
    pub(super) fn expired(&mut self, which: Timer) {
        match &mut self.kind {
            Kind::Tunnel(tunnel) => tunnel.expired(which),
            Kind::Call(live) => live.woken(),
            _ => {}
        }
    }

    /// When it must be looked at.
    pub(super) fn watch_at(&self) -> Option<Time> {
        let own = match &self.kind {
            Kind::Call(live) => Some(live.watch_at()),
            Kind::Lingering(since) => Some(*since + limits::LINGER),
            Kind::Nobody | Kind::Tunnel(_) | Kind::Dead => None,
        };
        let stall = self.stall.map(|stall| stall.since + limits::SEND_STALL);
        [own, stall].into_iter().flatten().min()
    }
}
