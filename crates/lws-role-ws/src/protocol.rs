//! What users implement.

use crate::{Closed, Kind, Ws};

/// A user protocol over WebSocket. `self` is the instance that all connections of one vhost and loop share (plain
/// `&mut`, no lock); [`Protocol::Session`] belongs to one connection.
#[doc(alias = "lws_protocols")]
pub trait Protocol: 'static {
    /// What is kept for each connection: `()` if nothing.
    #[doc(alias = "per_session_data_size")]
    type Session: 'static;

    /// Receive messages piece by piece, by [`Protocol::fragment`], instead of whole.
    const STREAMING: bool = false;

    /// A connection is open. [`Ws::request`] still has the headers of the upgrade request.
    #[doc(alias = "LWS_CALLBACK_ESTABLISHED")]
    fn open(&mut self, ws: &mut Ws<'_, '_>) -> Self::Session;

    /// A whole message arrived.
    ///
    /// There is always room to answer with one message of up to the same size: [`Ws::send`] returns true.
    #[doc(alias = "LWS_CALLBACK_RECEIVE")]
    fn message(&mut self, session: &mut Self::Session, ws: &mut Ws<'_, '_>, message: Message<'_>);

    /// A piece of a message arrived; only if [`Protocol::STREAMING`]. Returns how many bytes were taken; the rest is
    /// offered again when output drained, or when the connection is woken. A piece may be empty; then there is room to
    /// answer with an empty one.
    #[doc(alias = "lws_is_final_fragment")]
    fn fragment(&mut self, _session: &mut Self::Session, _ws: &mut Ws<'_, '_>, part: Fragment<'_>) -> usize {
        part.data.len()
    }

    /// There is room, as [`Ws::want_write`] (or [`crate::Env::want_write_all`]) asked. May come unasked.
    #[doc(alias = "LWS_CALLBACK_SERVER_WRITEABLE")]
    fn writable(&mut self, _session: &mut Self::Session, _ws: &mut Ws<'_, '_>) {}

    /// A pong arrived: an answer to [`Ws::ping`] or to a ping of [`crate::Validity`], whose payload is empty, or one
    /// that the peer sends unasked (RFC 6455 §5.5.3).
    #[doc(alias = "LWS_CALLBACK_RECEIVE_PONG")]
    #[doc(alias = "LWS_CALLBACK_CLIENT_RECEIVE_PONG")]
    fn pong(&mut self, _session: &mut Self::Session, _ws: &mut Ws<'_, '_>, _payload: &[u8]) {}

    /// The deadline set by [`Ws::set_timer`] passed.
    #[doc(alias = "LWS_CALLBACK_TIMER")]
    fn timer(&mut self, _session: &mut Self::Session, _ws: &mut Ws<'_, '_>) {}

    /// The peer began to close. The answer is sent by itself; this is for those who want to know why.
    #[doc(alias = "LWS_CALLBACK_WS_PEER_INITIATED_CLOSE")]
    fn peer_closing(&mut self, _session: &mut Self::Session, _code: Option<u16>, _reason: &str) {}

    /// The connection is gone. The last call for it: [`Closed::Done`] after a regular close.
    #[doc(alias = "LWS_CALLBACK_CLOSED")]
    fn closed(&mut self, _session: Self::Session, _why: Closed) {}
}

/// A whole message.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Text or binary.
    pub kind: Kind,
    /// The payload; if [`Kind::Text`], valid UTF-8.
    pub data: &'a [u8],
}

impl<'a> Message<'a> {
    /// The text of a text message.
    pub fn text(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Text => core::str::from_utf8(self.data).ok(),
            Kind::Binary => None,
        }
    }
}

/// A piece of a message.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// Text or binary.
    pub kind: Kind,
    /// These are the first bytes of the message.
    pub first: bool,
    /// These bytes, if all are taken, end the message.
    pub last: bool,
    /// Some of the payload. A text's pieces may end inside a character.
    pub data: &'a [u8],
}
