//! Calls from within callbacks.
//!
//! ```text
//!   any callback ── Caller::send ──▶ orders, and a letter ──▶ the client, in the next turn ──▶ as Client::send
//! ```
//! A callback has its own protocol instance, and cannot have the client, another instance, at the same time. So what it
//! wants is kept for a moment, and the callback has returned when the client hears of it.

use super::{Client, Letter, Post};
use crate::{Answer, Error, Request};
use lws_role::Hub;
use lws_role_ws::{Protocol, WsClient};
use std::cell::RefCell;
use std::rc::Rc;

/// A way to the [`Client`] of the same loop for those who cannot reach it: protocols and handlers, in their callbacks.
///
/// Cheap to clone. How many requests may wait is for the client to say ([`crate::limits::WAITING`]); it tells those that
/// are too many, like any other error, to whoever asked.
#[derive(Clone, Default)]
pub struct Caller(Rc<Shared>);

#[derive(Default)]
struct Shared {
    orders: RefCell<Vec<Order>>,
    post: RefCell<Option<Post>>,
}

/// What the client is to do.
type Order = Box<dyn FnOnce(&mut Client, &mut Hub)>;

/// The letter that says that there are orders; no number of anything that waits.
const ORDERS: u64 = u64::MAX;

impl Caller {
    /// As [`Client::send`].
    #[doc(alias = "lws_client_connect_via_info")]
    pub fn send(&self, request: Request, answer: impl Answer) {
        self.order(|client, hub| client.send(hub, request, answer));
    }

    /// As [`Client::open`].
    #[doc(alias = "lws_client_connect_via_info")]
    pub fn open<P: Protocol>(
        &self,
        request: Request,
        ws: WsClient<P>,
        done: impl FnOnce(&mut Hub, Result<Option<String>, Error>) + 'static,
    ) {
        self.order(|client, hub| client.open(hub, request, ws, done));
    }

    /// Does this when the callback has returned: wakes another connection, say, where there is no other way to (as in
    /// [`Protocol::closed`]).
    pub fn later(&self, f: impl FnOnce(&mut Hub) + 'static) {
        self.order(|_, hub| f(hub));
    }

    fn order(&self, order: impl FnOnce(&mut Client, &mut Hub) + 'static) {
        self.0.orders.borrow_mut().push(Box::new(order));
        // One letter for each: if the mailbox is full, a later one brings this along.
        self.ring();
    }

    fn ring(&self) {
        if let Some(post) = &*self.0.post.borrow() {
            post(Letter { id: ORDERS, result: Ok(Vec::new()) });
        }
    }

    /// How letters are posted is known.
    pub(super) fn post_by(&self, post: &Post) {
        self.0.post.replace(Some(post.clone()));
        self.ring();
    }

    /// What is to be done because of this letter; nothing if it is another one.
    pub(super) fn orders(&self, letter: &Letter) -> Vec<impl FnOnce(&mut Client, &mut Hub) + use<>> {
        if letter.id == ORDERS { self.0.orders.take() } else { Vec::new() }
    }
}
