//! permessage-deflate (RFC 7692): `lws-pmd` as a [`coding`](crate::coding).

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use core::cell::RefCell;

use lws_pmd::{Agreed, Codec, Deflater, Error, Failure, Inbound, Options, Outbound};
use lws_role::{Closed, Cx, World};
use lws_wire::Out;
use lws_ws::Side;
use lws_ws::handshake::{Extensions, Malformed};

use crate::Refused;
use crate::coding::{Blueprint, Decoder, Encoder, Fault, Grant, Negotiator, Offer, Progress};

/// The contexts of one loop, whichever endpoint or client its connections belong to. A cell, because a protocol sends
/// while its own instance is borrowed from the loop; nobody holds it for longer than one call below.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Codec>>);

impl Blueprint for Options {
    fn install(&self, world: &mut World, max_message: u64) -> Box<dyn Negotiator> {
        let key = world.slots.find::<Shared>().unwrap_or_else(|| world.add(Shared::default()));
        let shared = world.slots.state(key).clone();
        Box::new(Deflate { options: self.clone(), shared, max_message })
    }
}

/// One endpoint's options, in one loop.
struct Deflate {
    options: Options,
    shared: Shared,
    max_message: u64,
}

impl Negotiator for Deflate {
    fn accept(&self, offers: Extensions<'_>) -> Result<Option<(Grant, String)>, Malformed> {
        let granted = self.options.accept(offers)?;
        Ok(granted.map(|it| (halves(&it.agreed, Side::Server, self.max_message, &self.shared), it.field)))
    }
}

impl Offer for Options {
    fn field(&self) -> String {
        lws_pmd::offer(core::slice::from_ref(self))
    }

    fn check(&self, granted: Extensions<'_>, max_message: u64) -> Result<Option<Grant>, Refused> {
        // RFC 7692 §7.1: an answer that breaks the rules, or does not fit the offer, MUST fail the connection.
        let agreed =
            lws_pmd::check(core::slice::from_ref(self), granted).map_err(|failure| match failure {
                Failure::NotOffered => Refused::Extension,
                _ => Refused::Negotiation,
            })?;
        Ok(agreed.map(|agreed| halves(&agreed, Side::Client, max_message, &Shared::default())))
    }
}

/// Both directions of one connection, at this end.
fn halves(agreed: &Agreed, side: Side, max_message: u64, shared: &Shared) -> Grant {
    Grant {
        encoder: Box::new(Half { half: agreed.outbound(side), shared: shared.clone() }),
        decoder: Box::new(Half { half: agreed.inbound(side, max_message), shared: shared.clone() }),
    }
}

/// One direction of one connection.
struct Half<T> {
    half: T,
    shared: Shared,
}

impl Encoder for Half<Outbound> {
    fn wants(&self, len: usize) -> bool {
        self.half.wants(len)
    }

    fn gains(&self, message: &[u8]) -> bool {
        self.half.gains(message)
    }

    fn forgets(&self) -> bool {
        self.half.forgets()
    }

    fn join(&mut self, cx: &mut Cx<'_>) {
        self.shared = cx.shared::<Shared>().clone();
    }

    fn bound(&self, len: usize) -> usize {
        Deflater::bound(len)
    }

    fn encode(&mut self, input: &[u8], fin: bool, out: &mut Out<'_>) -> Progress {
        let deflated = self.half.deflate(&mut self.shared.0.borrow_mut(), input, fin, out);
        Progress { consumed: deflated.consumed, done: deflated.done }
    }
}

impl Decoder for Half<Inbound> {
    fn join(&mut self, cx: &mut Cx<'_>) {
        self.shared = cx.shared::<Shared>().clone();
    }

    fn decode(&mut self, input: &[u8], fin: bool, out: &mut Out<'_>) -> Result<Progress, Fault> {
        let inflated = self.half.inflate(&mut self.shared.0.borrow_mut(), input, fin, out).map_err(fault)?;
        Ok(Progress { consumed: inflated.consumed, done: inflated.done })
    }
}

fn fault(error: Error) -> Fault {
    let why = if matches!(error, Error::Limit(_)) { Closed::Limit } else { Closed::Protocol };
    Fault { code: error.close_code(), why }
}
