//! The role.
//!
//! ```text
//!                    child chosen by ALPN
//!   Handshake ───────────────────────────▶ Open ──── child closes, error ───▶ Close
//!       │ error, 10 s                        └─ last records wait for room ─▶ Closing ─▶ Close
//!       └──────────────────────────────────────────────────────────────────▶ Close / Closing
//! ```

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::ToString as _;
use core::cell::RefCell;
use core::mem;

use lws_role::limits::OUT_BYTES;
use lws_role::{Acceptor, Closed, Cx, Hosted, Next, Place, Role, Step, Timer, TlsFacts};
use lws_tls::{Cause, Certificate, Error, Phase, Session};
use lws_wire::Out;

use crate::channel::Channel;
use crate::inner::Inner;
use crate::limits::{CLOSE_TIMEOUT, HANDSHAKE_TIMEOUT};
use crate::rates::Rates;

/// TLS on a stream, with one role on the plaintext.
#[doc(alias = "lws_tls_server_accept")]
pub struct TlsRole {
    channel: Channel,
    state: State,
    /// What was agreed on is a fact of the stream.
    tells: bool,
    /// Whether this peer may begin a handshake at all; asked when its first bytes come.
    rates: Option<Rc<RefCell<Rates>>>,
}

enum State {
    Handshake(Choice),
    Open(Inner),
    /// The conversation is over; the last records wait for room.
    Closing(Closed),
}

/// Who speaks on the plaintext.
enum Choice {
    /// The one whose name ALPN chose; the last one if the peer named none.
    Among(Rc<[Box<dyn Acceptor>]>),
    One(Box<dyn Role>),
}

impl TlsRole {
    /// A server's side: when the handshake is done, the acceptor that ALPN chose makes the child. A client that names
    /// no application protocol gets the last one of the list.
    pub fn accept(session: Box<dyn Session>, among: Rc<[Box<dyn Acceptor>]>) -> Self {
        Self::new(session, Choice::Among(among))
    }

    fn new(session: Box<dyn Session>, choice: Choice) -> Self {
        Self { channel: Channel::new(session), state: State::Handshake(choice), tells: true, rates: None }
    }

    /// The same, if the peer has not begun too many handshakes lately.
    pub(crate) fn rated(self, rates: Rc<RefCell<Rates>>) -> Self {
        Self { rates: Some(rates), ..self }
    }

    /// TLS-09: whether this peer has begun too many.
    fn is_flood(&mut self, cx: &mut Cx<'_>) -> bool {
        let Some(rates) = self.rates.take() else { return false };
        let Some(peer) = cx.facts().peer.network() else { return false };
        let flood = !rates.borrow_mut().admit(peer, cx.now());
        if flood {
            log::debug!("{peer}: too many TLS handshakes");
        }
        flood
    }

    /// Either side, with the child chosen beforehand. A client's session says its first message at once. If the
    /// handshake fails, [`Role::closed`] is all that the child hears.
    pub fn hosting(session: Box<dyn Session>, child: Box<dyn Role>) -> Self {
        Self::new(session, Choice::One(child))
    }

    /// As [`TlsRole::hosting`], to somebody in between, such as a proxy: what is agreed on with him is not among the
    /// facts of the stream, which are about the other end.
    pub fn beneath(session: Box<dyn Session>, child: Box<dyn Role>) -> Self {
        Self { tells: false, ..Self::hosting(session, child) }
    }

    /// Takes what it can of the handshake.
    fn shake(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Result<usize, Error> {
        let session = &mut self.channel.session;
        let mut taken = 0;
        while session.handshaking() {
            let received = session.receive(&mut input[taken..], out)?;
            debug_assert!(received.plain.is_empty(), "a record of the handshake carries no data");
            if received.consumed == 0 {
                break;
            }
            // Signatures and key agreement: the loop budgets these.
            cx.hub().heavy();
            taken += received.consumed;
        }
        Ok(taken)
    }

    /// The handshake is done: writes the facts down and gives the plaintext to its role.
    fn open(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        cx.cancel_timer(Timer::Role);
        if self.tells {
            cx.facts().set_tls(facts(&*self.channel.session));
        }
        let State::Handshake(choice) = mem::replace(&mut self.state, State::Closing(Closed::Aborted)) else {
            return Next::Close(Closed::Aborted);
        };
        let child = match choice {
            Choice::One(child) => child,
            Choice::Among(list) => match chosen(&list, self.channel.session.facts().alpn) {
                Some(acceptor) => acceptor.accept(cx.facts()),
                None => return self.finish(cx, Closed::Protocol, out),
            },
        };
        let ((child, mut closed), sealed) =
            self.channel.lend(cx, out, |_, place, plain, _| Hosted::start(child, place, plain));
        self.state = State::Open(Inner::new(child));
        if let Err(error) = sealed {
            return self.fail(cx, &error, out);
        }
        if closed.is_none() && cx.is_draining() {
            // It came too late to hear of it.
            return self.converse(cx, &mut [], out, |inner, place, out| inner.child.drain(place, out)).next;
        }
        match closed.take() {
            Some(why) => self.finish(cx, why, out),
            None => Next::Stay,
        }
    }

    /// `first` concerns the child, then records are opened for it until it holds back, closes, or none is left; what
    /// it says meanwhile is sealed once.
    fn converse(
        &mut self,
        cx: &mut Cx<'_>,
        input: &mut [u8],
        out: &mut Out<'_>,
        first: impl FnOnce(&mut Inner, &mut Place<'_>, &mut Out<'_>) -> Option<Closed>,
    ) -> Step {
        let State::Open(inner) = &mut self.state else { return Step::stay(0) };
        let scarce = !out.is_empty() || out.room() < OUT_BYTES;
        let mut taken = 0;
        let (result, sealed) = self.channel.lend(cx, out, |session, place, plain, out| {
            let mut closed = first(inner, place, plain);
            while closed.is_none() && !inner.held {
                let received = session.receive(&mut input[taken..], out)?;
                if received.consumed == 0 {
                    break;
                }
                let fresh = taken + received.plain.start..taken + received.plain.end;
                taken += received.consumed;
                if session.phase() == Phase::PeerClosed {
                    inner.end_is_due(false);
                }
                closed = match input.get_mut(fresh) {
                    Some(fresh) if !fresh.is_empty() => inner.offer(place, fresh, plain),
                    _ => inner.tell_end(place, plain),
                };
            }
            Ok(closed)
        });
        let next = match result.and_then(|closed| sealed.map(|()| closed)) {
            Err(error) => self.fail(cx, &error, out),
            Ok(Some(why)) => self.finish(cx, why, out),
            Ok(None) => self.wait(cx, scarce || !out.is_empty()),
        };
        Step { consumed: taken, next }
    }

    /// Lets the child speak, and hear again what it held back.
    fn speak(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let all_room = out.is_empty() && out.room() >= OUT_BYTES;
        let next = self.converse(cx, &mut [], out, |inner, place, out| inner.offer(place, &mut [], out)).next;
        if let State::Open(inner) = &mut self.state
            && all_room
            && out.is_empty()
        {
            // It had all the room there is and said nothing.
            inner.child.void_want_write();
        }
        next
    }

    /// The conversation goes on: asks for what it needs for that.
    fn wait(&mut self, cx: &mut Cx<'_>, scarce: bool) -> Next {
        let State::Open(inner) = &self.state else { return Next::Stay };
        // A child that holds back although there was all the room there is waits for a wake, not for room.
        if inner.child.wants_write() || !self.channel.is_clear() || (inner.held && scarce) {
            cx.want_write();
        }
        if inner.held || self.channel.session.pending() > 0 { Next::Hold } else { Next::Stay }
    }

    /// The child closed, or there is none: says goodbye, and closes when all is out.
    fn finish(&mut self, cx: &mut Cx<'_>, why: Closed, out: &mut Out<'_>) -> Next {
        // What is cut off on purpose must look cut off to the peer too: no close_notify then.
        if why.is_abrupt() {
            return Next::Close(why);
        }
        if self.channel.flush(out).is_err() {
            self.channel.discard();
        }
        if self.channel.is_clear() {
            self.channel.session.close_notify(out);
        }
        if self.channel.is_clear() {
            return Next::Close(why);
        }
        // The child hears of it now, not when the last byte is out.
        self.part(cx, why);
        cx.set_timer(Timer::Role, CLOSE_TIMEOUT);
        cx.want_write();
        Next::Stay
    }

    /// The child hears that the conversation is over, or that there will be none.
    fn part(&mut self, cx: &mut Cx<'_>, why: Closed) {
        match mem::replace(&mut self.state, State::Closing(why)) {
            State::Open(inner) => inner.child.close(&mut cx.place(), why),
            State::Handshake(Choice::One(mut child)) => child.closed(cx, why),
            State::Handshake(Choice::Among(_)) | State::Closing(_) => {}
        }
    }

    /// The session failed; its alert is written or waits for room.
    fn fail(&mut self, cx: &mut Cx<'_>, error: &Error, out: &mut Out<'_>) -> Next {
        log::debug!("{}: {error}", cx.facts().peer);
        if let State::Handshake(_) = self.state {
            cx.facts().set_tls_failure(&error.to_string());
        }
        self.channel.discard();
        let why = match error {
            Error::Peer { cause: Cause::Truncated, .. } => Closed::Truncated,
            Error::Peer { .. } => Closed::Protocol,
            Error::HandshakeTooLarge => Closed::Limit,
            _ => Closed::Aborted,
        };
        self.finish(cx, why, out)
    }
}

impl Role for TlsRole {
    fn name(&self) -> &'static str {
        "tls"
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        cx.set_timer(Timer::Role, HANDSHAKE_TIMEOUT);
        self.receive(cx, &mut [], out).next
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let mut taken = 0;
        if let State::Handshake(_) = self.state {
            if !input.is_empty() && self.is_flood(cx) {
                return Step::close(input.len(), Closed::Limit);
            }
            taken = match self.shake(cx, input, out) {
                Ok(taken) => taken,
                Err(error) => return Step { consumed: input.len(), next: self.fail(cx, &error, out) },
            };
            // The child starts when there is room for it, behind the last words of the handshake.
            if !self.channel.is_clear() {
                cx.want_write();
                return Step::hold(taken);
            }
            if self.channel.session.handshaking() {
                return Step::stay(taken);
            }
            match self.open(cx, out) {
                Next::Stay | Next::Hold => {}
                next => return Step { consumed: taken, next },
            }
        }
        if let State::Closing(_) = self.state {
            return Step::stay(input.len());
        }
        if let Err(error) = self.channel.flush(out) {
            return Step { consumed: taken, next: self.fail(cx, &error, out) };
        }
        let step = self.converse(cx, &mut input[taken..], out, |inner, place, out| {
            if inner.held { inner.offer(place, &mut [], out) } else { None }
        });
        Step { consumed: taken + step.consumed, next: step.next }
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        if let State::Closing(why) = self.state {
            return self.finish(cx, why, out);
        }
        if let Err(error) = self.channel.flush(out) {
            return self.fail(cx, &error, out);
        }
        match self.state {
            State::Open(_) if self.channel.room(out) == 0 => {
                cx.want_write();
                Next::Hold
            }
            State::Open(_) => self.speak(cx, out),
            _ => self.receive(cx, &mut [], out).next,
        }
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        match self.state {
            State::Handshake(_) => Next::Close(Closed::Timeout),
            State::Closing(why) => Next::Close(why),
            State::Open(_) => {
                self.converse(cx, &mut [], out, |inner, place, out| inner.child.timeout(place, which, out))
                    .next
            }
        }
    }

    fn ended(&mut self, cx: &mut Cx<'_>, _truncated: bool, out: &mut Out<'_>) -> Next {
        // TLS-06: only close_notify tells an end from a cut, whatever the transport says.
        let truncated = self.channel.session.ended().is_err();
        match &mut self.state {
            State::Handshake(_) => Next::Close(Closed::Truncated),
            State::Closing(why) => Next::Close(*why),
            State::Open(inner) => {
                inner.end_is_due(truncated);
                self.converse(cx, &mut [], out, Inner::tell_end).next
            }
        }
    }

    fn woken(&mut self, cx: &mut Cx<'_>) {
        if let State::Open(inner) = &mut self.state {
            inner.child.woken(&mut cx.place());
            if inner.child.wants_write() || inner.held {
                cx.want_write();
            }
        }
    }

    fn drain(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        // A handshake goes on: it is bounded, and its child hears of the drain when it starts.
        self.converse(cx, &mut [], out, |inner, place, out| inner.child.drain(place, out)).next
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.part(cx, why);
    }
}

/// Who speaks the protocol that ALPN chose; the last, if none was.
fn chosen<'a>(list: &'a [Box<dyn Acceptor>], alpn: Option<&[u8]>) -> Option<&'a dyn Acceptor> {
    let found = match alpn {
        Some(name) => list.iter().find(|acceptor| acceptor.alpn() == name),
        None => list.last(),
    };
    found.map(|acceptor| &**acceptor)
}

fn facts(session: &dyn Session) -> TlsFacts {
    let facts = session.facts();
    TlsFacts {
        alpn: facts.alpn.map(Box::from),
        server_name: facts.server_name.map(Box::from),
        version: facts.version.map_or("unknown", |version| version.name()),
        cipher: facts.cipher_suite.and_then(|suite| suite.name()).unwrap_or("unknown"),
        peer_certificate: facts.peer_certificate.map(Box::from),
        peer_name: facts
            .peer_certificate
            .and_then(|der| Certificate::parse(der).ok())
            .map(|certificate| certificate.short_name().into()),
        resumed: facts.resumed,
    }
}
