//! One connection of ours, from the socket up.
//!
//! ```text
//!   Dial ── connected ──▶ [TlsRole with a proxy ──▶] [Tunnel or Socks ──▶] [TlsRole ──▶] H1Client or H2Client
//!     ├── another one was first ──▶ closed
//!     └── not ──▶ the next address at once; after the last, the job fails
//! ```
//! The last ask a [`Line`] for what to do. All of them share one [`Conn`]. Wherever it ends, [`Conn::ended`] is called, and
//! whatever waits in its place goes on elsewhere or hears at which stage it failed.

use crate::client::Client;
use crate::exchange::Exchange;
use crate::job::{Job, PROOFS};
use crate::pool::{Key, Route};
use crate::proxy::{Proxy, ProxyFault, Socks, Tunnel};
use crate::timeouts::Stage;
use crate::tls::{Choose, Inside, Note, Noted, Within};
use crate::{Error, Timeouts};
use lws_head::Fields;
use lws_role::{Closed, Cx, Handle, Hub, Role, SlotKey};
use lws_role_h1::H1Client;
use lws_role_h1::client::{Call, Calls};
use lws_role_h2::H2Client;
use lws_role_tls::TlsRole;
use lws_tls::{Connector, Session};
use lws_wire::Time;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// What the roles of one connection share.
pub(crate) struct Conn {
    pub(crate) client: SlotKey<Client>,
    pub(crate) key: Rc<Key>,
    /// Jobs that this connection is to do next.
    pub(crate) place: RefCell<VecDeque<Box<Job>>>,
    stage: Cell<Stage>,
    session: Cell<Option<Box<dyn Session>>>,
    /// TLS with the proxy.
    proxy_session: Cell<Option<Box<dyn Session>>>,
    /// Keeps the address that [`Key`] compares from being used for another one.
    _connector: Option<Arc<dyn Connector>>,
    tls_error: Note,
    /// Why it was ended, where a stage alone does not say it.
    fault: RefCell<Option<Error>>,
    /// A proxy's challenge can be answered: the job is to go the same way again.
    again: Cell<bool>,
    timeouts: Timeouts,
    /// By when the job that it was opened for must be done.
    deadline: Option<Time>,
    /// It counts among the connections of its key.
    counted: Cell<bool>,
    keeping: Keeping,
}

/// How long connections are kept, where the roles' own limits do not hold.
#[derive(Clone, Copy, Default)]
pub(crate) struct Keeping {
    /// Without a job.
    pub(crate) idle: Option<Duration>,
    /// With jobs, and a silent server: until it is pinged, and from then on.
    pub(crate) validity: Option<[Duration; 2]>,
}

impl Conn {
    /// A connection for `job`.
    pub(crate) fn new(
        client: SlotKey<Client>,
        key: Rc<Key>,
        job: Box<Job>,
        tls: Option<(Box<dyn Session>, Arc<dyn Connector>)>,
        proxy_session: Option<Box<dyn Session>>,
        keeping: Keeping,
    ) -> Rc<Self> {
        let (session, connector) = tls.unzip();
        Rc::new(Self {
            client,
            key,
            stage: Cell::new(Stage::Resolve),
            session: Cell::new(session),
            proxy_session: Cell::new(proxy_session),
            _connector: connector,
            tls_error: Note::default(),
            fault: RefCell::default(),
            again: Cell::new(false),
            timeouts: job.request.timeouts,
            deadline: job.deadline,
            counted: Cell::new(true),
            keeping,
            place: RefCell::new(VecDeque::from([job])),
        })
    }

    /// The next stage begins.
    pub(crate) fn enter(&self, hub: &mut Hub, stage: Stage) {
        self.stage.set(stage);
        if let Some(job) = self.place.borrow_mut().front_mut() {
            job.stage(hub, stage);
        }
    }

    /// How long the stage may take from now on.
    pub(crate) fn patience(&self, stage: Stage, now: Time) -> Duration {
        let own = match stage {
            Stage::Proxy => self.timeouts.proxy,
            Stage::Tls => self.timeouts.tls,
            Stage::Resolve => self.timeouts.resolve,
            _ => self.timeouts.connect,
        };
        self.deadline.map_or(own, |deadline| own.min(deadline.since(now)))
    }

    /// Who speaks as soon as there is a connection.
    pub(crate) fn first(self: &Rc<Self>, cx: &mut Cx<'_>) -> Box<dyn Role> {
        let Some(session) = self.proxy_session.take() else { return self.beyond_proxy_tls(cx) };
        self.enter(cx.hub(), Stage::Proxy);
        let session = Noted::new(session, self.tls_error.clone());
        Within::open(self.patience(Stage::Proxy, cx.now()), |open| {
            // What the proxy shows is no fact of the connection to the server.
            TlsRole::beneath(Box::new(session), Box::new(Inside::new(self.clone(), open)))
        })
    }

    /// Who speaks when there is TLS with the proxy, if the proxy wants it.
    pub(crate) fn beyond_proxy_tls(self: &Rc<Self>, cx: &mut Cx<'_>) -> Box<dyn Role> {
        match &self.key.route {
            Route::Tunnel(proxy) => Box::new(Tunnel::new(self.clone(), proxy.clone())),
            Route::Socks(proxy) => Box::new(Socks::new(self.clone(), proxy.clone())),
            Route::Direct | Route::Forward(_) => self.beyond_proxy(cx),
        }
    }

    /// Who speaks with the server, or with a proxy that is spoken to as a server.
    pub(crate) fn beyond_proxy(self: &Rc<Self>, cx: &mut Cx<'_>) -> Box<dyn Role> {
        match self.session.take() {
            Some(session) => {
                self.enter(cx.hub(), Stage::Tls);
                let session = Noted::new(session, self.tls_error.clone());
                Within::open(self.patience(Stage::Tls, cx.now()), |open| {
                    TlsRole::hosting(Box::new(session), Box::new(Choose::new(self.clone(), open)))
                })
            }
            None => self.carrier(self.key.version.is_http2()),
        }
    }

    /// HTTP/1 or HTTP/2.
    pub(crate) fn carrier(self: &Rc<Self>, http2: bool) -> Box<dyn Role> {
        let line = Box::new(Line { conn: self.clone(), many: http2, listed: false });
        if http2 { Box::new(H2Client::new(line)) } else { Box::new(H1Client::new(line)) }
    }

    /// The connection is gone, or there will be none.
    pub(crate) fn ended(self: &Rc<Self>, cx: &mut Cx<'_>, why: Closed) {
        let handle = Handle { sub: 0, ..cx.handle() };
        let (client, mut env) = cx.split(self.client);
        let hub = env.hub();
        client.forget(&self.key, handle);
        for job in self.take_all() {
            match self.stage.get() {
                // It was idle and is closed just when a job had come to it.
                Stage::Exchange if !hub.is_draining() => client.start(hub, job),
                _ if self.again.get() && !hub.is_draining() => client.start(hub, job),
                _ => {
                    let error = self.error(why);
                    client.fail(hub, job, error);
                }
            }
        }
        client.released(hub, self);
    }

    /// Notes why it is about to be ended.
    pub(crate) fn refuse(&self, fault: Error) {
        self.fault.replace(Some(fault));
    }

    /// A proxy wants to know who asks: whether it can be told, by asking once more.
    pub(crate) fn answers_challenge(&self, cx: &mut Cx<'_>, proxy: &Proxy, fields: Fields<'_>) -> bool {
        let mut place = self.place.borrow_mut();
        let Some(job) = place.front_mut().filter(|job| job.proxy_proofs < PROOFS) else { return false };
        let (client, _) = cx.split(self.client);
        let takes = client.takes_proxy_challenge(proxy, fields);
        job.proxy_proofs += u32::from(takes);
        self.again.set(takes);
        takes
    }

    /// Why there is no connection, if there never was one.
    pub(crate) fn error(&self, why: Closed) -> Error {
        if let Some(fault) = self.fault.take() {
            return fault;
        }
        match (self.stage.get(), why) {
            (stage @ (Stage::Resolve | Stage::Connect | Stage::Proxy | Stage::Tls), Closed::Timeout) => {
                Error::Timeout(stage)
            }
            (Stage::Proxy, _) => match self.tls_error.take() {
                Some(reason) => Error::ProxyTls { why, reason },
                None => Error::Proxy(ProxyFault::Closed(why)),
            },
            (Stage::Tls, _) => Error::Tls { why, reason: self.tls_error.take() },
            _ => Error::Connect(why),
        }
    }

    /// The jobs that wait for it.
    pub(crate) fn take_all(&self) -> VecDeque<Box<Job>> {
        std::mem::take(&mut *self.place.borrow_mut())
    }

    /// Stops counting among the connections of its key; false if it had stopped before.
    pub(crate) fn discount(&self) -> bool {
        self.counted.replace(false)
    }
}

/// Gives a connection that speaks HTTP its jobs.
struct Line {
    conn: Rc<Conn>,
    /// It takes more than one at a time.
    many: bool,
    /// The client lists it as free, unless it has put a job into its place.
    listed: bool,
}

impl Calls for Line {
    fn next(&mut self, cx: &mut Cx<'_>) -> Option<Box<dyn Call>> {
        let handle = Handle { sub: 0, ..cx.handle() };
        let Self { conn, many, listed } = self;
        let (client, mut env) = cx.split(conn.client);
        let hub = env.hub();
        if conn.stage.get() != Stage::Exchange {
            conn.enter(hub, Stage::Exchange);
            // One that takes many is free from here to its end.
            *listed = *many;
            client.speaks(hub, conn, handle, *many);
        }
        let here = conn.place.borrow_mut().pop_front();
        let Some(job) = here.or_else(|| client.queued(&conn.key)) else {
            if !std::mem::replace(listed, true) {
                client.keep(hub, conn, handle);
            }
            return None;
        };
        *listed = *many;
        Some(Box::new(Exchange::new(job, conn.clone(), client, hub)))
    }

    fn idle_timeout(&self) -> Option<Duration> {
        self.conn.keeping.idle
    }

    fn validity(&self) -> Option<[Duration; 2]> {
        self.conn.keeping.validity
    }

    fn going(&mut self, cx: &mut Cx<'_>) {
        let handle = Handle { sub: 0, ..cx.handle() };
        let (client, mut env) = cx.split(self.conn.client);
        client.forget(&self.conn.key, handle);
        client.released(env.hub(), &self.conn);
        for job in self.conn.take_all() {
            client.start(env.hub(), job);
        }
    }

    fn closed(&mut self, cx: &mut Cx<'_>, why: Closed) {
        self.conn.ended(cx, why);
    }
}
