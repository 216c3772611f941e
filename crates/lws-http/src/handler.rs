//! What answers requests.

use crate::{Reply, Request};
use alloc::{boxed::Box, vec::Vec};
use lws_head::Fields;
use lws_role::{Closed, InstallError, World};

/// What answers requests under a mount. One instance per vhost and loop: plain `&mut self`, no lock.
///
/// Order of calls for one exchange: `request`, then `body` for each piece, `body_end`, and `writable` or `timer`
/// whenever asked for; last, always, `closed`.
#[doc(alias = "LWS_CALLBACK_HTTP")]
pub trait Handler: 'static {
    /// What is kept for each exchange (lws's per-session data): `()` if nothing.
    type Exchange: 'static;

    /// A request arrived. There is room for a whole response head and at least some body.
    ///
    /// Answer now, or later from another callback. A reply that is ended here while the request still has a body
    /// is sent at once; the body is discarded.
    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> Self::Exchange;

    /// A piece of the request's body. Returns how many bytes were taken; the rest is offered again when output
    /// drained, or when [`Reply::handle`] was woken.
    #[doc(alias = "LWS_CALLBACK_HTTP_BODY")]
    fn body(&mut self, _exchange: &mut Self::Exchange, data: &[u8], _reply: &mut Reply<'_>) -> usize {
        data.len()
    }

    /// The request is complete. Called for every request whose reply has not ended before, after its last piece of
    /// body if it had any.
    #[doc(alias = "LWS_CALLBACK_HTTP_BODY_COMPLETION")]
    fn body_end(&mut self, _exchange: &mut Self::Exchange, _trailers: Fields<'_>, _reply: &mut Reply<'_>) {}

    /// There is room, as [`Reply::want_write`] asked.
    #[doc(alias = "LWS_CALLBACK_HTTP_WRITEABLE")]
    fn writable(&mut self, _exchange: &mut Self::Exchange, _reply: &mut Reply<'_>) {}

    /// The deadline set by [`Reply::set_timer`] passed.
    #[doc(alias = "LWS_CALLBACK_TIMER")]
    fn timer(&mut self, _exchange: &mut Self::Exchange, _reply: &mut Reply<'_>) {}

    /// The exchange is over: [`Closed::Done`] if the reply was handed to the transport whole.
    #[doc(alias = "LWS_CALLBACK_CLOSED_HTTP")]
    fn closed(&mut self, _exchange: Self::Exchange, _why: Closed) {}
}

/// Makes a [`Handler`] for each loop.
pub trait HandlerBlueprint: Send + Sync {
    /// What it makes.
    type Handler: Handler;

    /// Makes this loop's instance.
    ///
    /// # Errors
    /// What cannot work (a missing folder), in words for a person.
    fn install(&self, world: &mut World) -> Result<Self::Handler, InstallError>;
}

/// A mounted handler without its type.
pub(crate) trait AnyHandler {
    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> u32;
    fn body(&mut self, key: u32, data: &[u8], reply: &mut Reply<'_>) -> usize;
    fn body_end(&mut self, key: u32, trailers: Fields<'_>, reply: &mut Reply<'_>);
    fn writable(&mut self, key: u32, reply: &mut Reply<'_>);
    fn timer(&mut self, key: u32, reply: &mut Reply<'_>);
    fn closed(&mut self, key: u32, why: Closed);
}

/// A mounted handler's blueprint without its type.
pub(crate) trait AnyBlueprint: Send + Sync {
    fn install(&self, world: &mut World) -> Result<Box<dyn AnyHandler>, InstallError>;
}

impl<B: HandlerBlueprint> AnyBlueprint for B {
    fn install(&self, world: &mut World) -> Result<Box<dyn AnyHandler>, InstallError> {
        let handler = HandlerBlueprint::install(self, world)?;
        Ok(Box::new(Mounted { handler, live: Vec::new(), free: Vec::new() }))
    }
}

/// A handler and its live exchanges: typed slab inside, `u32` outside, no box per request.
struct Mounted<H: Handler> {
    handler: H,
    live: Vec<Option<H::Exchange>>,
    free: Vec<u32>,
}

impl<H: Handler> AnyHandler for Mounted<H> {
    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) -> u32 {
        let exchange = self.handler.request(request, reply);
        let key = self.free.pop().unwrap_or_else(|| {
            self.live.push(None);
            u32::try_from(self.live.len() - 1).expect("fewer than 2^32 exchanges at once")
        });
        self.live[key as usize] = Some(exchange);
        key
    }

    fn body(&mut self, key: u32, data: &[u8], reply: &mut Reply<'_>) -> usize {
        match &mut self.live[key as usize] {
            Some(x) => self.handler.body(x, data, reply).min(data.len()),
            None => data.len(),
        }
    }

    fn body_end(&mut self, key: u32, trailers: Fields<'_>, reply: &mut Reply<'_>) {
        if let Some(x) = &mut self.live[key as usize] {
            self.handler.body_end(x, trailers, reply);
        }
    }

    fn writable(&mut self, key: u32, reply: &mut Reply<'_>) {
        if let Some(x) = &mut self.live[key as usize] {
            self.handler.writable(x, reply);
        }
    }

    fn timer(&mut self, key: u32, reply: &mut Reply<'_>) {
        if let Some(x) = &mut self.live[key as usize] {
            self.handler.timer(x, reply);
        }
    }

    fn closed(&mut self, key: u32, why: Closed) {
        if let Some(x) = self.live[key as usize].take() {
            self.free.push(key);
            self.handler.closed(x, why);
        }
    }
}
