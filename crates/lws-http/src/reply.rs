//! A handler's way back to the client.

use crate::common::Common;
use crate::{Body, Carrier, Length, Misuse, Phase};
use alloc::{format, rc::Rc};
use core::any::Any;
use core::time::Duration;
use lws_head::{Fields, Status, field};
use lws_role::{Bulk, Facts, Handle, Hub, Source, StreamEnv, Timer};
use lws_wire::Time;

/// A handler's way back to the client, valid during a callback.
///
/// ```text
///   reply.status(Status::OK).field("content-type", "text/plain").send("hello")     a whole body
///   reply.status(Status::OK).stream(Some(length))  then  fill / write … end         a body in pieces
/// ```
pub struct Reply<'a> {
    pub(crate) carrier: &'a mut (dyn Carrier + 'a),
    pub(crate) env: StreamEnv<'a>,
    pub(crate) common: &'a Common,
}

impl<'a> Reply<'a> {
    /// Begins the response. Finish the head with [`Response::send`], [`Response::stream`] or [`Response::empty`].
    #[doc(alias = "lws_add_http_common_headers")]
    pub fn status(&mut self, status: Status) -> Response<'_, 'a> {
        let misuse = if self.carrier.phase() != Phase::Silent {
            Some(Misuse::SecondHead)
        } else if status.is_informational() {
            Some(Misuse::Interim)
        } else {
            self.carrier.status(status);
            None
        };
        Response { reply: self, misuse, overridden: 0 }
    }

    /// Answers with a small page that names the status.
    #[doc(alias = "lws_return_http_status")]
    pub fn error(&mut self, status: Status) {
        if status == Status::NO_CONTENT || status == Status::NOT_MODIFIED {
            return self.status(status).empty();
        }
        let page = error_page(status);
        self.status(status).field("content-type", "text/html; charset=utf-8").send(page);
    }

    /// Answers 200 with plain text.
    pub fn text(&mut self, text: impl Into<Body>) {
        self.status(Status::OK).field("content-type", "text/plain; charset=utf-8").send(text);
    }

    /// Answers 200 with a page.
    pub fn html(&mut self, page: impl Into<Body>) {
        self.status(Status::OK).field("content-type", "text/html; charset=utf-8").send(page);
    }

    /// How far the reply is.
    pub fn phase(&self) -> Phase {
        self.carrier.phase()
    }

    /// Bytes of body that would be taken now.
    #[doc(alias = "lws_get_peer_write_allowance")]
    pub fn room(&self) -> usize {
        self.carrier.room()
    }

    /// Lends room for body, to be filled in place (by `pread`, say); `f` says how many of the first bytes it
    /// filled. Not called when there is no room. Returns what was filled.
    pub fn fill(&mut self, mut f: impl FnMut(&mut [u8]) -> usize) -> usize {
        self.carrier.fill(&mut f)
    }

    /// Copies as much of `data` as there is room for; returns how much that was. Ask for [`Reply::want_write`]
    /// to send the rest.
    #[doc(alias = "lws_write")]
    pub fn write(&mut self, data: &[u8]) -> usize {
        let mut at = 0;
        while at < data.len() {
            let n = self.fill(|room| {
                let n = room.len().min(data.len() - at);
                room[..n].copy_from_slice(&data[at..at + n]);
                n
            });
            if n == 0 {
                break;
            }
            at += n;
        }
        at
    }

    /// Has the rest of a body of known length, `len` bytes, sent from place `at` of a `std::fs::File` without being
    /// read by this process, and ends the reply. False where that cannot be (over TLS, over HTTP/2, or if the body
    /// is not exactly that long): then [`Reply::fill`] it.
    pub fn send_file(&mut self, file: Rc<dyn Any>, at: u64, len: u64) -> bool {
        let taken = self.env.sends().files && self.carrier.hand_over(len);
        if taken {
            self.env.send_bulk(Bulk { source: Source::File(file), at, len });
        }
        taken
    }

    /// Ends a streamed reply.
    #[doc(alias = "lws_http_transaction_completed")]
    pub fn end(&mut self) {
        self.end_with(Fields::new(&[], &[]));
    }

    /// Ends a streamed reply with trailers (RFC 9110 §6.5).
    pub fn end_with(&mut self, trailers: Fields<'_>) {
        if self.carrier.phase() == Phase::Body {
            self.carrier.end(trailers);
        }
    }

    /// Breaks the reply off so that the client can see that it is incomplete.
    pub fn abort(&mut self) {
        self.carrier.abort();
    }

    /// Asks for one call of [`crate::Handler::writable`] when there is room.
    #[doc(alias = "lws_callback_on_writable")]
    pub fn want_write(&mut self) {
        self.env.want_write();
    }

    /// Asks for one call of [`crate::Handler::timer`] after `after`, in place of an earlier one.
    pub fn set_timer(&mut self, after: Duration) {
        self.env.set_timer(Timer::App, after);
    }

    /// Cancels the timer, if it is set.
    pub fn cancel_timer(&mut self) {
        self.env.cancel_timer(Timer::App);
    }

    /// The exchange's handle: keep it to wake the exchange from elsewhere.
    pub fn handle(&self) -> Handle {
        self.env.handle()
    }

    /// What is known about the connection.
    pub fn facts(&self) -> &'a Facts {
        self.env.facts()
    }

    /// The time of this turn.
    pub fn now(&self) -> Time {
        self.env.now()
    }

    /// Wall-clock time in seconds since 1970.
    pub fn unix_s(&self) -> u64 {
        self.env.unix_s()
    }

    /// The loop's shared state: counters, wake-ups.
    pub fn hub(&mut self) -> &mut Hub {
        self.env.hub()
    }
}

/// A response head in the making.
#[must_use = "a response is sent by send, stream or empty"]
pub struct Response<'r, 'a> {
    reply: &'r mut Reply<'a>,
    misuse: Option<Misuse>,
    /// Which of the common fields the handler has set itself, by their places; the first is `date`.
    overridden: u64,
}

/// Whether only the carrier may set a field (RFC 9112 §6, RFC 9113 §8.2.2): a handler that could would be able to split
/// responses.
pub(crate) fn is_framing(name: &str) -> bool {
    let is = |known: &str| field::is_same(name.as_bytes(), known.as_bytes());
    match name.len() {
        7 => is("upgrade"),
        10 => is("connection") || is("keep-alive"),
        14 => is("content-length"),
        17 => is("transfer-encoding"),
        _ => false,
    }
}

impl<'r, 'a> Response<'r, 'a> {
    /// Adds a field. A name that is not a token, or a value with CR, LF, NUL or another control in it, makes the
    /// whole response a logged 500: nothing of it reaches the wire.
    #[doc(alias = "lws_add_http_header_by_name")]
    pub fn field(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.add(name, value.as_ref());
        self
    }

    fn add(&mut self, name: &str, value: &[u8]) {
        if self.misuse.is_some() {
            return;
        }
        let checked = if !field::is_token(name.as_bytes()) || !field::is_field_value(value) {
            Err(Misuse::Field)
        } else if is_framing(name) {
            Err(Misuse::FramingField)
        } else {
            self.overridden |= self.reply.common.overridden_by(name);
            self.reply.carrier.field(name, value)
        };
        self.misuse = checked.err();
    }

    /// Adds the vhost's fields and the date, except for what the handler has set itself.
    fn add_common(&mut self) -> Result<(), Misuse> {
        let (common, carrier) = (self.reply.common, &mut self.reply.carrier);
        let fields = common.fields();
        if self.overridden == 0 {
            return carrier.common(fields);
        }
        for (i, (name, value)) in fields.iter().enumerate() {
            if self.overridden & Common::bit(i) == 0 {
                carrier.field(name, value)?;
            }
        }
        Ok(())
    }

    /// Sends the head and a whole body. What does not fit now is kept and sent as room appears.
    pub fn send(self, body: impl Into<Body>) {
        let body = body.into();
        let length = body.bytes().len() as u64;
        if let Some(reply) = self.head(Length::Known(length)) {
            reply.carrier.keep(body);
        }
    }

    /// Sends the head alone; the response has no body.
    pub fn empty(self) {
        if let Some(reply) = self.head(Length::Known(0)) {
            reply.end();
        }
    }

    /// Sends the head of a body that follows in pieces: exactly `length` bytes, or as many as come before
    /// [`Reply::end`]. A known length ends the reply by itself when it is reached.
    pub fn stream(self, length: Option<u64>) {
        let _ = self.head(length.map_or(Length::Unknown, Length::Known));
    }

    fn head(mut self, length: Length) -> Option<&'r mut Reply<'a>> {
        if self.misuse.is_none() {
            self.misuse = self.add_common().err();
        }
        let ended = match self.misuse {
            None => self.reply.carrier.head_end(length),
            Some(misuse) => Err(misuse),
        };
        match ended {
            Ok(()) => Some(self.reply),
            Err(misuse) => {
                self.reply.recover(misuse);
                None
            }
        }
    }
}

impl Reply<'_> {
    /// The handler's head cannot be sent: log it, and answer 500 if nothing has been said yet.
    fn recover(&mut self, misuse: Misuse) {
        log::error!("a handler's reply was refused: {misuse}");
        if misuse == Misuse::SecondHead {
            return;
        }
        self.carrier.head_abandon();
        self.carrier.status(Status::INTERNAL_SERVER_ERROR);
        if self.carrier.head_end(Length::Known(0)).is_err() {
            self.carrier.abort();
        }
    }
}

/// A small page that names a status, for people who look at it in a browser.
fn error_page(status: Status) -> alloc::string::String {
    let (code, reason) = (status.code(), status.reason());
    format!(
        "<!doctype html><html lang=\"en\"><title>{code} {reason}</title><h1>{code} {reason}</h1></html>\n"
    )
}
