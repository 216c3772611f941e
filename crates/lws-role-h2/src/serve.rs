//! What lives on one stream, and what becomes of the stream after each call.

use crate::exchange::{Line, Live};
use crate::limits;
use crate::tunnel::{Heard, Standing, Tunnel};
use alloc::{boxed::Box, vec::Vec};
use lws_h2::{Code, Request};
use lws_head::{Method, Status};
use lws_http::{Carrier, Closed, Length, Phase, Refusal, Site, Upgraded};
use lws_role::{Place, SlotKey, Stream, Timer};
use lws_wire::Time;

/// What lives on one stream.
#[derive(Default)]
pub(crate) struct Content {
    pub(crate) kind: Kind,
    /// It stands in the queue.
    pub(crate) queued: bool,
    /// Since when its output waits for windows.
    pub(crate) stall: Option<Stall>,
}

#[expect(clippy::large_enum_variant, reason = "a box would be an allocation for each request")]
#[derive(Default)]
pub(crate) enum Kind {
    /// Nobody yet.
    #[default]
    Nobody,
    Exchange(Live),
    Tunnel(Box<Tunnel>),
    /// All is said and our side has ended; the peer's has not, since then, and what it still sends is thrown away.
    Lingering(Lingering),
    /// Whoever it was has ended, and `RST_STREAM` waits for room.
    Dead(Code),
}

/// A stream that waits for the peer's END_STREAM.
pub(crate) struct Lingering {
    began: Time,
    /// When it was watched last, and what had been thrown away by then.
    since: Time,
    watched: u64,
    discarded: u64,
}

impl Lingering {
    pub(crate) fn since(since: Time) -> Self {
        Self { began: since, since, watched: 0, discarded: 0 }
    }

    /// When it must be looked at.
    fn deadline(&self) -> Time {
        (self.since + limits::LINGER).min(self.began + limits::LINGER_TOTAL)
    }

    /// Whether its peer had its time, and takes too long.
    pub(crate) fn is_late(&self, now: Time) -> bool {
        let owed = limits::LINGER.as_secs() * limits::BODY_RATE_BYTES_S;
        let is_slow = now.since(self.since) >= limits::LINGER && self.discarded - self.watched < owed;
        is_slow || now.since(self.began) >= limits::LINGER_TOTAL
    }

    /// Watches that the rest of the body comes.
    pub(crate) fn watch(&mut self, now: Time) {
        if now.since(self.since) >= limits::LINGER {
            (self.since, self.watched) = (now, self.discarded);
        }
    }
}

/// Output that waits for windows.
#[derive(Clone, Copy)]
pub(crate) struct Stall {
    pub(crate) since: Time,
    /// Bytes sent by then.
    pub(crate) sent: u64,
}

/// What becomes of a stream now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It waits for its peer, a deadline or a wake.
    Wait,
    /// It waits for its windows.
    Shut,
    /// It has more to do.
    Again,
    /// All is said. If the peer has not ended its side, it gets some time to do so.
    Over(Closed),
    /// It ends in the middle.
    Reset(Code, Closed),
}

impl Content {
    /// A request has arrived.
    pub(crate) fn begin(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        request: &Request<'_>,
        line: &mut Line<'_, '_, '_>,
    ) -> Verdict {
        let mut closed = None;
        match request.head.protocol {
            None => {
                let live = Live::new(request.head.method, place.hub().now);
                self.exchange(live).begin(site, place, request, line);
            }
            Some(protocol) => match connect(site, place, request, protocol, line) {
                Ok(granted) => {
                    let (mut tunnel, ended) = Tunnel::start(granted.role, place, line);
                    closed = ended;
                    if request.ends && closed.is_none() {
                        closed = tunnel.hear(place, &mut [], true, line).closed;
                    }
                    self.kind = Kind::Tunnel(Box::new(tunnel));
                }
                Err(refusal) => {
                    let live = Live::new(Method::Get, place.hub().now);
                    self.exchange(live).refuse(&refusal, line);
                }
            },
        }
        self.verdict(place, closed, line)
    }

    /// An exchange lives here now. It is made where it stays: moving it would cost more than most of them do.
    #[inline]
    fn exchange(&mut self, live: Live) -> &mut Live {
        self.kind = Kind::Exchange(live);
        match &mut self.kind {
            Kind::Exchange(live) => live,
            _ => unreachable!("an exchange was put there just now"),
        }
    }

    /// Bytes arrived; `ends`: the last. Returns also how many were consumed.
    pub(crate) fn hear(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        data: &mut [u8],
        ends: bool,
        line: &mut Line<'_, '_, '_>,
    ) -> (usize, Verdict) {
        let (consumed, closed) = match &mut self.kind {
            Kind::Exchange(live) => {
                live.reply.begin_turn();
                (live.hear(site, place, data, ends, line), None)
            }
            Kind::Tunnel(tunnel) => {
                let Heard { consumed, closed } = tunnel.hear(place, data, ends, line);
                (consumed, closed)
            }
            Kind::Lingering(lingering) => {
                lingering.discarded += data.len() as u64;
                if lingering.discarded > limits::DISCARD_BYTES {
                    // H1-17: a body that is too long to throw away.
                    line.flow.mute();
                }
                (data.len(), None)
            }
            Kind::Nobody | Kind::Dead(_) => (data.len(), None),
        };
        (consumed, self.verdict(place, closed, line))
    }

    /// The peer's side ends with trailers.
    pub(crate) fn hear_trailers(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        fields: lws_head::Fields<'_>,
        line: &mut Line<'_, '_, '_>,
    ) -> Verdict {
        let mut closed = None;
        match &mut self.kind {
            Kind::Exchange(live) => {
                live.reply.begin_turn();
                live.hear_trailers(site, place, fields, line);
            }
            // RFC 9113 §8.5: a tunnel has no trailers; its end is an end all the same.
            Kind::Tunnel(tunnel) => closed = tunnel.hear(place, &mut [], true, line).closed,
            Kind::Nobody | Kind::Lingering(_) | Kind::Dead(_) => {}
        }
        self.verdict(place, closed, line)
    }

    /// It is this stream's turn. Returns also how many bytes of input were consumed.
    pub(crate) fn turn(
        &mut self,
        site: SlotKey<Site>,
        place: &mut Place<'_>,
        line: &mut Line<'_, '_, '_>,
    ) -> (usize, Verdict) {
        let (consumed, closed) = match &mut self.kind {
            Kind::Exchange(live) => (live.turn(site, place, line), None),
            Kind::Tunnel(tunnel) => {
                let Heard { consumed, closed } = tunnel.turn(place, line);
                (consumed, closed)
            }
            Kind::Nobody | Kind::Lingering(_) | Kind::Dead(_) => (0, None),
        };
        (consumed, self.verdict(place, closed, line))
    }

    /// What becomes of the stream after its deadline passed.
    pub(crate) fn after_timeout(&mut self, place: &mut Place<'_>, line: &mut Line<'_, '_, '_>) -> Verdict {
        self.verdict(place, None, line)
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
            Kind::Dead(code) => Verdict::Reset(*code, Closed::Aborted),
            Kind::Lingering(_) if line.flow.is_closed() => Verdict::Over(Closed::Done),
            Kind::Lingering(_) => Verdict::Wait,
            Kind::Exchange(live) => exchange_verdict(live, line),
            Kind::Tunnel(tunnel) => match tunnel.standing(place, closed, line) {
                Standing::Wait => Verdict::Wait,
                Standing::Shut => Verdict::Shut,
                Standing::Again => Verdict::Again,
                Standing::Over => Verdict::Over(Closed::Done),
                Standing::Reset(why) => Verdict::Reset(Code::CANCEL, why),
            },
        }
    }

    /// Whoever lives here ends, unless it has ended already; `sent` bytes of body went out.
    pub(crate) fn close(&mut self, site: SlotKey<Site>, place: &mut Place<'_>, why: Closed, sent: u64) {
        match &mut self.kind {
            Kind::Exchange(live) => live.close(site, place, why, sent),
            Kind::Tunnel(tunnel) => tunnel.close(place, why),
            Kind::Nobody | Kind::Lingering(_) | Kind::Dead(_) => {}
        }
        self.kind = Kind::Nobody;
    }

    /// Somebody woke the stream.
    pub(crate) fn woken(&mut self, place: &mut Place<'_>) {
        match &mut self.kind {
            Kind::Exchange(live) => live.woken(place),
            Kind::Tunnel(tunnel) => tunnel.woken(place),
            Kind::Nobody | Kind::Lingering(_) | Kind::Dead(_) => {}
        }
    }

    /// A deadline of the stream's passed; whoever lives here hears of it in its next turn.
    pub(crate) fn expired(&mut self, which: Timer) {
        match (&mut self.kind, which) {
            (Kind::Exchange(live), Timer::App) => live.timer_due = true,
            (Kind::Tunnel(tunnel), which) => tunnel.expired(which),
            _ => {}
        }
    }

    /// When something must have happened here, if it must.
    pub(crate) fn deadline(&self) -> Option<Time> {
        let own = match &self.kind {
            Kind::Exchange(live) => live.body_deadline(),
            Kind::Lingering(lingering) => Some(lingering.deadline()),
            Kind::Nobody | Kind::Tunnel(_) | Kind::Dead(_) => None,
        };
        let stall = self.stall.map(|stall| stall.since + limits::SEND_STALL);
        [own, stall].into_iter().flatten().min()
    }
}

fn exchange_verdict(live: &Live, line: &Line<'_, '_, '_>) -> Verdict {
    if live.reply.phase == Phase::Head {
        log::error!("a handler's response was begun and not sent");
        return Verdict::Reset(Code::INTERNAL_ERROR, Closed::Aborted);
    }
    if live.reply.aborted {
        return Verdict::Reset(Code::INTERNAL_ERROR, Closed::Aborted);
    }
    if live.reply.is_complete() {
        return Verdict::Over(Closed::Done);
    }
    if live.is_ready(line.sender, line.flow) {
        return Verdict::Again;
    }
    if live.is_shut(line.sender, line.flow) { Verdict::Shut } else { Verdict::Wait }
}

/// Extended CONNECT (RFC 8441 §4): asks the site, and says yes if it does.
fn connect(
    site: SlotKey<Site>,
    place: &mut Place<'_>,
    request: &Request<'_>,
    protocol: &str,
    line: &mut Line<'_, '_, '_>,
) -> Result<Upgraded, Refusal> {
    let refuse = |status, why| Refusal { status, fields: Vec::new(), why };
    let mut record = Stream::default();
    let mut cx = place.cx(&mut record);
    let (state, env) = cx.split(site);
    // What comes on the stream is the new protocol's: there is no body in front of it.
    let granted = state
        .upgrade(&request.head, Some(0), protocol, &env)
        // RFC 9220 §3: 501 for a protocol that is not known.
        .unwrap_or_else(|| Err(refuse(Status::NOT_IMPLEMENTED, "not a protocol that is spoken here")))?;
    let mut reply = crate::carrier::ReplyState::new(Method::Connect);
    let mut carrier = line.carrier(&mut reply);
    carrier.status(Status::OK);
    let mut fields = granted.fields.iter();
    let put = fields.try_for_each(|(name, value)| carrier.field(name, value.as_bytes()));
    match put.and_then(|()| carrier.head_end(Length::Unknown)) {
        Ok(()) => Ok(granted),
        Err(_) => Err(refuse(Status::INTERNAL_SERVER_ERROR, "the answer's head is too long")),
    }
}
