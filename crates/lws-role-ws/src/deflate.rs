//! permessage-deflate (RFC 7692): `lws-pmd` as a [`coding`](crate::coding).
//!
//! ```text
//!   Options ── Agreed ──▶ Deflate: one for all connections that agreed on the same
//!                           │  outbound, inbound: halves without a context
//!                           └─ shared: the contexts of the loop
//! ```
//! A connection has no half of its own until one of these comes out of a call with a context: in the middle of a message,
//! or with context takeover. Then it takes that half, and a new one takes its place.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use core::cell::{OnceCell, RefCell};

use lws_pmd::{Agreed, Codec, Deflater, Error, Failure, Inbound, Options, Outbound};
use lws_role::{Closed, Cx};
use lws_wire::Out;
use lws_ws::Side;
use lws_ws::handshake::{Extensions, Malformed};

use crate::Refused;
use crate::coding::{AnyCoding, Coding, Fault, Negotiator, Offer, Own, Progress};

/// The contexts of one loop, whichever endpoint or client its connections belong to. A cell, because a protocol sends
/// while its own instance is borrowed from the loop; nobody holds it for longer than one call below.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Codec>>);

impl Negotiator for Options {
    fn accept(
        &self,
        offers: Extensions<'_>,
        max_message: u64,
    ) -> Result<Option<(AnyCoding, String)>, Malformed> {
        let granted = Options::accept(self, offers)?;
        Ok(granted.map(|it| (Deflate::of(it.agreed, Side::Server, max_message), it.field)))
    }
}

impl Offer for Options {
    fn field(&self) -> String {
        lws_pmd::offer(core::slice::from_ref(self))
    }

    fn check(&self, granted: Extensions<'_>, max_message: u64) -> Result<Option<AnyCoding>, Refused> {
        // RFC 7692 §7.1: an answer that breaks the rules, or does not fit the offer, MUST fail the connection.
        let agreed =
            lws_pmd::check(core::slice::from_ref(self), granted).map_err(|failure| match failure {
                Failure::NotOffered => Refused::Extension,
                _ => Refused::Negotiation,
            })?;
        Ok(agreed.map(|agreed| Deflate::of(agreed, Side::Client, max_message)))
    }
}

/// What was agreed on, at this end.
struct Deflate {
    agreed: Agreed,
    side: Side,
    max_message: u64,
    /// Neither has a context between two calls.
    outbound: RefCell<Outbound>,
    inbound: RefCell<Inbound>,
    /// From when the first connection is there.
    shared: OnceCell<Shared>,
}

impl Deflate {
    fn of(agreed: Agreed, side: Side, max_message: u64) -> AnyCoding {
        Box::new(Self {
            outbound: RefCell::new(agreed.outbound(side)),
            inbound: RefCell::new(agreed.inbound(side, max_message)),
            agreed,
            side,
            max_message,
            shared: OnceCell::new(),
        })
    }

    /// The contexts of the loop; before there is a connection, none.
    fn codec(&self) -> &RefCell<Codec> {
        &self.shared.get_or_init(Shared::default).0
    }
}

impl Coding for Deflate {
    fn join(&self, cx: &mut Cx<'_>) {
        self.shared.get_or_init(|| cx.shared::<Shared>().clone());
    }

    fn wants(&self, len: usize) -> bool {
        self.outbound.borrow().wants(len)
    }

    fn gains(&self, message: &[u8]) -> bool {
        self.outbound.borrow().gains(message)
    }

    fn forgets(&self) -> bool {
        self.outbound.borrow().forgets()
    }

    fn bound(&self, len: usize) -> usize {
        Deflater::bound(len)
    }

    fn encode(&self, own: &mut Own, input: &[u8], fin: bool, out: &mut Out<'_>) -> Progress {
        let common = &mut *self.outbound.borrow_mut();
        let half = own.as_mut().and_then(|own| own.downcast_mut()).unwrap_or(&mut *common);
        let deflated = half.deflate(&mut self.codec().borrow_mut(), input, fin, out);
        let has_context = half.has_context();
        keep(own, has_context, common, || self.agreed.outbound(self.side));
        Progress { consumed: deflated.consumed, done: deflated.done }
    }

    fn decode(&self, own: &mut Own, input: &[u8], fin: bool, out: &mut Out<'_>) -> Result<Progress, Fault> {
        let common = &mut *self.inbound.borrow_mut();
        let half = own.as_mut().and_then(|own| own.downcast_mut()).unwrap_or(&mut *common);
        let inflated = half.inflate(&mut self.codec().borrow_mut(), input, fin, out).map_err(fault)?;
        let has_context = half.has_context();
        keep(own, has_context, common, || self.agreed.inbound(self.side, self.max_message));
        Ok(Progress { consumed: inflated.consumed, done: inflated.done })
    }
}

/// After a call of a connection's own half or, where it has none, of the common one: who has a context is the
/// connection's, who has none need not be.
fn keep<H: 'static>(own: &mut Own, has_context: bool, common: &mut H, new: impl FnOnce() -> H) {
    match (own.is_some(), has_context) {
        (false, true) => *own = Some(Box::new(core::mem::replace(common, new()))),
        (true, false) => *own = None,
        _ => {}
    }
}

fn fault(error: Error) -> Fault {
    let why = if matches!(error, Error::Limit(_)) { Closed::Limit } else { Closed::Protocol };
    Fault { code: error.close_code(), why }
}
