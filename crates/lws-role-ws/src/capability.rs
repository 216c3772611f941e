//! What a protocol can do with a connection during a callback.

use crate::Kind;
use crate::tx::{Closing, Loan, Tx};
use core::time::Duration;
use lws_head::RequestHead;
use lws_role::{Env, Facts, Handle, Hub, StreamEnv, Timer};
use lws_wire::{Out, Time};
use lws_ws::{CloseCode, Header, Opcode};

/// One WebSocket connection, during a callback.
pub struct Ws<'a, 'o> {
    pub(crate) env: StreamEnv<'a>,
    pub(crate) out: &'a mut Out<'o>,
    pub(crate) tx: &'a mut Tx,
    pub(crate) head: Option<RequestHead<'a>>,
    /// The message that this callback is about, if it lies in a buffer of its own.
    pub(crate) loan: Option<&'a mut Loan>,
}

impl<'a> Ws<'a, '_> {
    /// Sends one whole message, or nothing: false means that there is no room now. Ask for [`Ws::want_write`] then.
    ///
    /// A message that is larger than the room is copied and kept while it goes out, one for each connection; until
    /// it is out, `send` says no. After [`Ws::close`] nothing is sent any more.
    #[doc(alias = "lws_write")]
    pub fn send(&mut self, kind: Kind, data: &[u8]) -> bool {
        let sent = self.tx.send(self.out, kind, data, self.loan.as_deref_mut());
        self.count(sent)
    }

    /// Sends one whole text message; see [`Ws::send`].
    pub fn send_text(&mut self, text: &str) -> bool {
        self.send(Kind::Text, text.as_bytes())
    }

    /// Sends one fragment of a message, or nothing if there is no room for it now. The first of a message says what
    /// `kind` it is; `last` ends it. No other message can be sent in between. Fragments are never compressed.
    #[doc(alias = "LWS_WRITE_NO_FIN")]
    #[doc(alias = "LWS_WRITE_CONTINUATION")]
    pub fn send_fragment(&mut self, kind: Kind, last: bool, data: &[u8]) -> bool {
        let sent = self.tx.send_fragment(self.out, kind, last, data);
        self.count(sent && last);
        sent
    }

    /// Sends a ping (RFC 6455 §5.5.2), also between the fragments of a message; [`crate::Protocol::pong`] hears the
    /// answer. False, and nothing, if there is no room now, if the payload is longer than
    /// [`lws_ws::limits::MAX_CONTROL`], or after [`Ws::close`]. Whether a silent peer is still there is watched without
    /// this: see [`crate::Validity`].
    #[doc(alias = "LWS_WRITE_PING")]
    pub fn ping(&mut self, payload: &[u8]) -> bool {
        // RFC 6455 §5.5: at most 125 bytes; §5.5.1: nothing after our close frame.
        payload.len() <= lws_ws::limits::MAX_CONTROL
            && matches!(self.tx.closing, Closing::No)
            && Header::new(Opcode::Ping).mask(self.tx.mask()).put(self.out, payload)
    }

    fn count(&mut self, sent: bool) -> bool {
        self.env.hub().metrics.messages_out += u64::from(sent);
        sent
    }

    /// Bytes of payload that [`Ws::send_fragment`] would take now.
    #[doc(alias = "lws_send_pipe_choked")]
    pub fn room(&self) -> usize {
        self.out.room().saturating_sub(lws_ws::limits::MAX_HEADER)
    }

    /// Asks for one call of [`crate::Protocol::writable`] when there is room.
    #[doc(alias = "lws_callback_on_writable")]
    pub fn want_write(&mut self) {
        self.tx.asked = true;
        self.env.want_write();
    }

    /// Asks for one call of [`crate::Protocol::writable`] on every connection of this protocol instance.
    #[doc(alias = "lws_callback_on_writable_all_protocol")]
    pub fn want_write_all(&mut self) {
        self.env().want_write_all();
    }

    /// Asks for one call of [`crate::Protocol::timer`] after `after`, in place of an earlier one.
    #[doc(alias = "lws_set_timer_usecs")]
    pub fn set_timer(&mut self, after: Duration) {
        self.env.set_timer(Timer::App, after);
    }

    /// Cancels the timer, if it is set.
    pub fn cancel_timer(&mut self) {
        self.env.cancel_timer(Timer::App);
    }

    /// Begins to close: what was sent before goes out first, and the peer has
    /// [`crate::limits::CLOSE_TIMEOUT`] to answer. The reason is cut at 123 bytes. Later calls change nothing.
    #[doc(alias = "lws_close_reason")]
    pub fn close(&mut self, code: CloseCode, reason: &str) {
        if self.tx.close(code, reason) {
            self.env.want_write();
        }
    }

    /// The connection's handle: keep it to wake the connection from elsewhere.
    pub fn handle(&self) -> Handle {
        self.env.handle()
    }

    /// The loop, as this protocol instance sees it: other connections, wake-ups.
    pub fn env(&mut self) -> Env<'_> {
        self.env.env(self.tx.terms.slot)
    }

    /// The head of the upgrade request; only in [`crate::Protocol::open`].
    pub fn request(&self) -> Option<&RequestHead<'a>> {
        self.head.as_ref()
    }

    /// What is known about the connection: peer address, TLS.
    pub fn facts(&self) -> &'a Facts {
        self.env.facts()
    }

    /// The time of this turn.
    pub fn now(&self) -> Time {
        self.env.now()
    }

    /// The loop's shared state: counters.
    pub fn hub(&mut self) -> &mut Hub {
        self.env.hub()
    }
}
