//! TLS, as a client sees it: why it failed, how long it may take, and what was agreed on.

use crate::conn::Conn;
use lws_role::{Closed, Cx, Next, Role, Step, Timer};
use lws_tls::{Error, Facts, Phase, Received, Session};
use lws_wire::Out;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Where the reason is noted. Sessions can be sent to other threads, so this can, too; nobody ever waits for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Note(Arc<Mutex<Option<Error>>>);

impl Note {
    fn set(&self, error: &Error) {
        if let Ok(mut note) = self.0.lock() {
            // What comes first is the reason.
            note.get_or_insert_with(|| error.clone());
        }
    }

    /// The reason, once.
    pub(crate) fn take(&self) -> Option<Error> {
        self.0.lock().ok()?.take()
    }
}

/// A session that notes why it failed: the role above tells only that it did.
#[derive(Debug)]
pub(crate) struct Noted {
    session: Box<dyn Session>,
    note: Note,
}

impl Noted {
    pub(crate) fn new(session: Box<dyn Session>, note: Note) -> Self {
        Self { session, note }
    }

    fn noted<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        result.inspect_err(|error| self.note.set(error))
    }
}

impl Session for Noted {
    fn receive(&mut self, input: &mut [u8], out: &mut Out<'_>) -> Result<Received, Error> {
        let result = self.session.receive(input, out);
        self.noted(result)
    }

    fn send(&mut self, plain: &[u8], out: &mut Out<'_>) -> Result<usize, Error> {
        let result = self.session.send(plain, out);
        self.noted(result)
    }

    fn flush(&mut self, out: &mut Out<'_>) {
        self.session.flush(out);
    }

    fn close_notify(&mut self, out: &mut Out<'_>) {
        self.session.close_notify(out);
    }

    fn pending(&self) -> usize {
        self.session.pending()
    }

    fn phase(&self) -> Phase {
        self.session.phase()
    }

    fn facts(&self) -> Facts<'_> {
        self.session.facts()
    }

    fn plain_room(&self, room: usize) -> usize {
        self.session.plain_room(room)
    }

    fn handshaking(&self) -> bool {
        self.session.handshaking()
    }

    fn ended(&self) -> Result<(), Error> {
        self.session.ended()
    }
}

/// TLS with a deadline for its handshake.
pub(crate) struct Within<R> {
    role: R,
    timeout: Duration,
    open: Open,
    /// The deadline is cancelled.
    done: bool,
}

/// Whether the handshake is done: whoever is hosted says so when it starts.
#[derive(Clone, Default)]
pub(crate) struct Open(Rc<Cell<bool>>);

impl<R: Role + 'static> Within<R> {
    /// `make` makes the role, and what it hosts, which is to set this.
    pub(crate) fn open(timeout: Duration, make: impl FnOnce(Open) -> R) -> Box<dyn Role> {
        let open = Open::default();
        Box::new(Self { role: make(open.clone()), timeout, open, done: false })
    }

    /// When the handshake is done, its deadline is; those that follow are deadlines of whoever speaks inside.
    fn look(&mut self, cx: &mut Cx<'_>) {
        if !self.done && self.open.0.get() {
            self.done = true;
            cx.cancel_timer(Timer::App);
        }
    }
}

impl<R: Role + 'static> Role for Within<R> {
    fn name(&self) -> &'static str {
        self.role.name()
    }

    fn start(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        cx.set_timer(Timer::App, self.timeout);
        self.role.start(cx, out)
    }

    fn receive(&mut self, cx: &mut Cx<'_>, input: &mut [u8], out: &mut Out<'_>) -> Step {
        let step = self.role.receive(cx, input, out);
        self.look(cx);
        step
    }

    fn transmit(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        let next = self.role.transmit(cx, out);
        self.look(cx);
        next
    }

    fn timeout(&mut self, cx: &mut Cx<'_>, which: Timer, out: &mut Out<'_>) -> Next {
        self.role.timeout(cx, which, out)
    }

    fn ended(&mut self, cx: &mut Cx<'_>, truncated: bool, out: &mut Out<'_>) -> Next {
        self.role.ended(cx, truncated, out)
    }

    fn woken(&mut self, cx: &mut Cx<'_>) {
        self.role.woken(cx);
    }

    fn drain(&mut self, cx: &mut Cx<'_>, out: &mut Out<'_>) -> Next {
        self.role.drain(cx, out)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.role.closed(cx, why);
    }
}

/// Speaks with a proxy, or through it, when there is TLS with it.
pub(crate) struct Inside {
    conn: Rc<Conn>,
    open: Open,
}

impl Inside {
    pub(crate) fn new(conn: Rc<Conn>, open: Open) -> Self {
        Self { conn, open }
    }
}

impl Role for Inside {
    fn name(&self) -> &'static str {
        "proxy"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.open.0.set(true);
        Next::Become(self.conn.beyond_proxy_tls(cx))
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        // It has become another role before there is input.
        Step::stay(0)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.conn.ended(cx, why);
    }
}

/// Speaks what ALPN has chosen.
pub(crate) struct Choose {
    conn: Rc<Conn>,
    open: Open,
}

impl Choose {
    pub(crate) fn new(conn: Rc<Conn>, open: Open) -> Self {
        Self { conn, open }
    }
}

impl Role for Choose {
    fn name(&self) -> &'static str {
        "alpn"
    }

    fn start(&mut self, cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        self.open.0.set(true);
        let http2 = cx.facts().tls().is_some_and(|tls| tls.alpn.as_deref() == Some(b"h2"));
        if !http2 && self.conn.key.version.is_http2() {
            self.conn.refuse(crate::Error::NoHttp2);
            return Next::Close(Closed::Protocol);
        }
        Next::Become(self.conn.carrier(http2))
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, _input: &mut [u8], _out: &mut Out<'_>) -> Step {
        // It has become another role before there is input.
        Step::stay(0)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.conn.ended(cx, why);
    }
}
