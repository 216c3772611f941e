//! One loop's clients: what they share.
//!
//! ```text
//!   send ──▶ free connection of that key? ──▶ its place, and wake it
//!              ├ no, and there are enough ──▶ queue
//!              └ no ─▶ Conn ─▶ address known? ── no ──▶ Resolver ──▶ mail ─┐
//!                                     └ yes ──────────────────────────────┴─▶ Race ─▶ Hub::connect
//! ```
//! What waits has a number and a deadline in `waiting`; the earliest one sets the alarm.

mod caller;
mod memory;
mod waiting;

pub use caller::Caller;

use crate::alarm::Alarm;
use crate::conn::{Conn, Keeping};
use crate::job::{Job, Kind, Switch};
use crate::pool::{Key, Pool, Route};
use crate::proxy::{Proxies, ProxyKind};
use crate::race::Race;
use crate::request::Version;
use crate::resolve::Resolver;
use crate::timeouts::Stage;
use crate::{Answer, Error, Request, SystemResolver, limits};
use lws_cookies::Jar;
use lws_head::ResponseHead;
use lws_role::{Handle, Hub, Role, SlotKey, Target, World};
use lws_role_ws::{Accepted, Protocol, Validity, WsClient};
use lws_tls::Connector;
use memory::Challenges;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use waiting::{Reply, Waiting, What};

/// The HTTP and WebSocket clients of one loop: an instance in its [`World`].
#[doc(alias = "lws_client_connect_via_info")]
pub struct Client {
    /// Its own name; there once it is installed.
    key: Option<SlotKey<Client>>,
    post: Option<Post>,
    caller: Caller,
    /// Letters from before there was a way to post them.
    unposted: Vec<Letter>,
    tls: Option<Arc<dyn Connector>>,
    http2: Option<Arc<dyn Connector>>,
    proxy_tls: Option<Arc<dyn Connector>>,
    proxies: Proxies,
    resolver: Box<dyn Resolver>,
    jar: Option<Jar>,
    challenges: Challenges,
    /// Those of proxies.
    proxy_challenges: Challenges,
    per_origin: usize,
    keeping: Keeping,
    pool: Pool,
    waiting: HashMap<u64, Waiting>,
    next_id: u64,
    alarm: Option<Alarm>,
}

type Post = Arc<dyn Fn(Letter) + Send + Sync>;

/// What comes to a [`Client`] from other threads, or from itself for later. Only the client makes and reads these.
#[derive(Debug)]
pub struct Letter {
    id: u64,
    result: Result<Vec<SocketAddr>, Error>,
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// A client without TLS, proxies or cookies, that asks the system's resolver.
    pub fn new() -> Self {
        Self {
            key: None,
            post: None,
            caller: Caller::default(),
            unposted: Vec::new(),
            tls: None,
            http2: None,
            proxy_tls: None,
            proxies: Proxies::none(),
            resolver: Box::<SystemResolver>::default(),
            jar: None,
            challenges: Challenges::default(),
            proxy_challenges: Challenges::default(),
            per_origin: limits::CONNECTIONS_PER_ORIGIN,
            keeping: Keeping::default(),
            pool: Pool::default(),
            waiting: HashMap::new(),
            next_id: 0,
            alarm: None,
        }
    }

    /// Connects to `https` and `wss`, too. The connector should offer no application protocol but `http/1.1`; for
    /// HTTP/2 there is [`Client::http2`].
    ///
    /// A client certificate in it is shown to whichever server asks for one; what is meant for one origin belongs into
    /// [`Request::connector`].
    #[must_use]
    pub fn tls(mut self, connector: Arc<dyn Connector>) -> Self {
        self.tls = Some(connector);
        self
    }

    /// Connects to `https` with this one, which should offer `h2` and `http/1.1`: the server chooses. With HTTP/2,
    /// requests to one origin share one connection. WebSockets go over such a connection if there is one already (RFC
    /// 8441), and otherwise by [`Client::tls`].
    #[must_use]
    pub fn http2(mut self, connector: Arc<dyn Connector>) -> Self {
        self.http2 = Some(connector);
        self
    }

    /// Goes through proxies.
    #[doc(alias = "http_proxy_address")]
    #[must_use]
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Connects to `https` proxies with this one, which must offer no application protocol but `http/1.1`; without it,
    /// as [`Client::tls`] does.
    #[must_use]
    pub fn proxy_tls(mut self, connector: Arc<dyn Connector>) -> Self {
        self.proxy_tls = Some(connector);
        self
    }

    /// Finds addresses in another way than the system's.
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolver + 'static) -> Self {
        self.resolver = Box::new(resolver);
        self
    }

    /// Keeps cookies, and sends them back.
    #[must_use]
    pub fn cookies(mut self, jar: Jar) -> Self {
        self.jar = Some(jar);
        self
    }

    /// How many connections to one origin may be open at once; further requests wait for one of them, in order.
    /// With 1, each request follows the one before on the same connection. Default:
    /// [`limits::CONNECTIONS_PER_ORIGIN`].
    #[doc(alias = "LCCSCF_PIPELINE")]
    #[must_use]
    pub fn connections_per_origin(mut self, most: usize) -> Self {
        self.per_origin = most.max(1);
        self
    }

    /// How long a connection without requests is kept. Default: 15 seconds.
    #[doc(alias = "secs_since_valid_hangup")]
    #[doc(alias = "keep_warm_secs")]
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.keeping.idle = Some(timeout);
        self
    }

    /// When a server that owes answers and is silent is pinged, and when it is given up, over HTTP/2. Default: after 10
    /// and after 20 seconds. HTTP/1 has no pings: there, [`crate::Timeouts::stall`] is what counts, and on WebSockets
    /// [`WsClient::validity`].
    #[doc(alias = "lws_retry_bo_t")]
    #[doc(alias = "secs_since_valid_ping")]
    #[must_use]
    pub fn validity(mut self, validity: Validity) -> Self {
        let Validity { ping_after, hangup_after } = validity;
        self.keeping.validity = Some([ping_after, hangup_after.saturating_sub(ping_after)]);
        self
    }

    /// Makes it the client of this loop. [`Client::post_by`] comes next.
    pub fn install(self, world: &mut World) -> SlotKey<Self> {
        let key = world.add(self);
        world.slots.state(key).key = Some(key);
        key
    }

    /// The client of a loop, and what goes with it into [`Client::send`].
    pub fn reach(key: SlotKey<Self>, world: &mut World) -> (&mut Self, &mut Hub) {
        let World { slots, hub } = world;
        (slots.state(key), hub)
    }

    /// How letters come to [`lws_role::Mail::mail`] of this instance: `post` is called on any thread. Until this is called,
    /// nothing that needs one goes on: names are not resolved, and some errors are not told.
    pub fn post_by(&mut self, post: impl Fn(Letter) + Send + Sync + 'static) {
        self.unposted.drain(..).for_each(&post);
        let post: Post = Arc::new(post);
        self.caller.post_by(&post);
        self.post = Some(post);
    }

    /// For callbacks, which cannot have the client itself.
    pub fn caller(&self) -> Caller {
        self.caller.clone()
    }

    /// Sends a request; `answer` hears what comes of it, later.
    #[doc(alias = "lws_client_connect_via_info")]
    pub fn send(&mut self, hub: &mut Hub, request: Request, answer: impl Answer) {
        let job = Job::new(request, Kind::Http(Box::new(answer)), hub.now);
        self.start(hub, Box::new(job));
    }

    /// Opens a WebSocket, on which the protocol instance of `ws` speaks. The URL, fields, authentication and timeouts of
    /// the request count. `done` hears later which subprotocol was chosen, or why there is no WebSocket: redirects are
    /// not followed. When it hears of success, [`Protocol::open`] is about to be called.
    pub fn open<P: Protocol>(
        &mut self,
        hub: &mut Hub,
        request: Request,
        ws: WsClient<P>,
        done: impl FnOnce(&mut Hub, Result<Option<String>, Error>) + 'static,
    ) {
        let kind = Kind::Switch(Box::new(Opening { ws, done: Box::new(done) }));
        self.start(hub, Box::new(Job::new(request, kind, hub.now)));
    }

    /// How many connections are idle, or take more requests beside those under way.
    pub fn idle(&self) -> usize {
        self.pool.idle()
    }

    /// Goes through other proxies from now on. Requests under way stay where they are.
    pub fn set_proxies(&mut self, proxies: Proxies) {
        self.proxies = proxies;
    }

    /// The cookies, if it keeps any: to look at, to load, to save.
    pub fn jar(&mut self) -> Option<&mut Jar> {
        self.jar.as_mut()
    }
}

/// From a request to a connection.
impl Client {
    /// What a job may share a connection with.
    pub(crate) fn key_of(&self, job: &Job) -> Result<Key, Error> {
        let url = &job.request.url;
        let connector = if url.is_secure() { Some(self.connector(job).ok_or(Error::NoTls)?) } else { None };
        let tunnels = url.is_secure() || job.is_switch();
        let route = match self.proxies.for_url(url) {
            None => Route::Direct,
            Some(proxy) => match proxy.kind {
                ProxyKind::Socks5 => Route::Socks(proxy.clone()),
                ProxyKind::Http | ProxyKind::Https if tunnels => Route::Tunnel(proxy.clone()),
                ProxyKind::Http | ProxyKind::Https => Route::Forward(proxy.clone()),
            },
        };
        let connector = connector.map(|connector| Arc::as_ptr(connector).cast::<()>() as usize);
        Ok(Key { origin: url.origin(), route, connector, version: self.version(job) })
    }

    /// HTTP/1 where HTTP/2 cannot come to be, so that both ways to say so share connections.
    fn version(&self, job: &Job) -> Version {
        let any = job.request.version == Version::Any;
        let cannot =
            !job.request.url.is_secure() || (self.http2.is_none() && job.request.connector.is_none());
        let wants_own = job.is_switch() && (job.alone || any);
        if (any && cannot) || wants_own { Version::Http1 } else { job.request.version }
    }

    fn connector<'a>(&'a self, job: &'a Job) -> Option<&'a Arc<dyn Connector>> {
        let own = job.request.connector.as_ref();
        let version = job.request.version;
        let http1 = version == Version::Http1 || (job.is_switch() && !version.is_http2());
        let common = if http1 { self.tls.as_ref() } else { self.http2.as_ref().or(self.tls.as_ref()) };
        own.or(common)
    }

    /// A job sets out: at first, for a redirect, for another try.
    pub(crate) fn start(&mut self, hub: &mut Hub, job: Box<Job>) {
        let key = match self.key_of(&job) {
            Ok(key) => Rc::new(key),
            Err(error) => return self.fail_later(hub, job, error),
        };
        let deadline = job.deadline;
        let Some(job) = self.join(hub, &key, job) else { return self.alarm_by(hub, deadline) };
        if !job.alone && !job.is_switch() && !self.pool.may_open(&key, self.per_origin) {
            return self.queue(hub, &key, job);
        }
        self.open_conn(hub, key, job);
    }

    /// Gives the job to a connection that is there already; gives it back if there is none.
    fn join(&mut self, hub: &mut Hub, key: &Rc<Key>, job: Box<Job>) -> Option<Box<Job>> {
        if job.alone {
            return Some(job);
        }
        // RFC 8441: a WebSocket may be a stream of a connection on which others fetch pages.
        if job.is_switch()
            && key.origin.secure
            && let Some(http2) = self.http2.as_ref().filter(|_| job.request.connector.is_none())
        {
            let connector = Some(Arc::as_ptr(http2).cast::<()>() as usize);
            let shared = Key { connector, version: Version::Any, ..(**key).clone() };
            let job = self.pool.assign(hub, &shared, job)?;
            return self.pool.assign(hub, key, job);
        }
        self.pool.assign(hub, key, job)
    }

    fn queue(&mut self, hub: &mut Hub, key: &Rc<Key>, mut job: Box<Job>) {
        if self.waiting.len() + self.pool.waiting() >= limits::WAITING {
            return self.fail_later(hub, job, Error::Busy);
        }
        job.stage(hub, Stage::Wait);
        let deadline = job.deadline;
        self.pool.queue(key, job);
        self.alarm_by(hub, deadline);
    }

    fn open_conn(&mut self, hub: &mut Hub, key: Rc<Key>, job: Box<Job>) {
        let Some(slot) = self.key else { return self.fail_later(hub, job, Error::Busy) };
        if self.waiting.len() >= limits::WAITING {
            return self.fail_later(hub, job, Error::Busy);
        }
        let url = job.request.url.clone();
        let tls = match self.connector(&job).filter(|_| url.is_secure()).cloned() {
            Some(connector) => match connector.connect(url.host()) {
                Ok(session) => Some((session, connector)),
                Err(_) => return self.fail_later(hub, job, Error::NoTls),
            },
            None => None,
        };
        let proxy_session = match key.route.proxy().filter(|proxy| proxy.kind == ProxyKind::Https) {
            None => None,
            Some(proxy) => {
                match self.proxy_tls.as_ref().or(self.tls.as_ref()).map(|c| c.connect(&proxy.host)) {
                    Some(Ok(session)) => Some(session),
                    Some(Err(_)) | None => return self.fail_later(hub, job, Error::NoTls),
                }
            }
        };
        let conn = Conn::new(slot, key, job, tls, proxy_session, self.keeping);
        self.pool.opening(&conn.key);
        if let Some(path) = url.socket_path() {
            return self.connect(hub, &conn, [Target::Unix(path.into())]);
        }
        let proxy = conn.key.route.proxy();
        let (host, port) = proxy.map_or((url.host(), url.port()), |proxy| (&*proxy.host, proxy.port));
        if let Ok(ip) = host.parse::<IpAddr>() {
            return self.connect(hub, &conn, [Target::Inet(SocketAddr::new(ip, port))]);
        }
        conn.enter(hub, Stage::Resolve);
        let until = hub.now + conn.patience(Stage::Resolve, hub.now);
        let (host, port) = (host.to_string(), port);
        let id = self.wait(hub, Some(until), What::Addresses(conn));
        match self.post.clone() {
            Some(post) => {
                let reply = Reply { post, id, told: false };
                self.resolver.resolve(&host, port, Box::new(move |found| reply.tell(found)));
            }
            None => {
                let result = Err(Error::Resolve("there is no way to post letters".into()));
                self.unposted.push(Letter { id, result });
            }
        }
    }

    /// Connects to whichever of the addresses answers first.
    fn connect(&mut self, hub: &mut Hub, conn: &Rc<Conn>, targets: impl IntoIterator<Item = Target>) {
        conn.enter(hub, Stage::Connect);
        let until = hub.now + conn.patience(Stage::Connect, hub.now);
        let id = self.next_id;
        let race = Race::new(conn.clone(), id);
        let entered = targets.into_iter().filter(|target| race.enter(hub, target.clone())).count();
        if entered > 0 {
            self.wait(hub, Some(until), What::Race(race));
            return;
        }
        for job in conn.take_all() {
            self.fail_later(hub, job, Error::Busy);
        }
        self.released(hub, conn);
    }

    /// Starts a job when so much time has passed.
    pub(crate) fn start_later(&mut self, hub: &mut Hub, mut job: Box<Job>, delay: Duration) {
        job.stage(hub, Stage::Wait);
        let until = Some(hub.now + delay);
        self.wait(hub, until, What::Job(job));
    }

    /// A job has failed: tries again, if that is wanted.
    pub(crate) fn fail(&mut self, hub: &mut Hub, mut job: Box<Job>, error: Error) {
        let repeats = error.may_pass() || (error.is_unanswered() && job.request.method.is_idempotent());
        let delay = job.request.retry.as_ref().filter(|_| repeats && !hub.is_draining());
        match delay.and_then(|retry| retry.next(job.tries)) {
            Some(delay) if job.has_time(hub.now, delay) && job.request.body.rewind() => {
                (job.tries, job.alone) = (job.tries + 1, false);
                self.start_later(hub, job, delay);
            }
            _ => job.fail(hub, error),
        }
    }

    /// Errors come later, whatever they are.
    fn fail_later(&mut self, hub: &mut Hub, job: Box<Job>, error: Error) {
        let id = self.wait(hub, None, What::Job(job));
        let letter = Letter { id, result: Err(error) };
        match &self.post {
            Some(post) => post(letter),
            None => self.unposted.push(letter),
        }
    }
}

/// What connections tell.
impl Client {
    /// It is known what a connection speaks.
    pub(crate) fn speaks(&mut self, hub: &mut Hub, conn: &Rc<Conn>, handle: Handle, many: bool) {
        self.pool.speaks(&conn.key, many);
        if many {
            self.pool.keep(conn, handle, true);
        }
        self.let_wait_go(hub, &conn.key);
    }

    /// The job that has waited longest for such a connection.
    pub(crate) fn queued(&mut self, key: &Key) -> Option<Box<Job>> {
        self.pool.next(key)
    }

    /// A connection is idle.
    pub(crate) fn keep(&mut self, hub: &mut Hub, conn: &Rc<Conn>, handle: Handle) {
        if !self.pool.keep(conn, handle, false) {
            hub.abort(handle);
        }
    }

    /// A connection takes no more jobs.
    pub(crate) fn forget(&mut self, key: &Key, handle: Handle) {
        self.pool.forget(key, handle);
    }

    /// A connection does not count any longer: whoever has waited for that may open another.
    pub(crate) fn released(&mut self, hub: &mut Hub, conn: &Conn) {
        if conn.discount() {
            self.pool.closed(&conn.key);
        }
        self.let_wait_go(hub, &conn.key);
        if self.alarm.is_none() {
            self.set_alarm(hub);
        }
    }

    /// Starts those who wait, as many as may open a connection now.
    fn let_wait_go(&mut self, hub: &mut Hub, key: &Rc<Key>) {
        while self.pool.has_next(key) && self.pool.may_open(key, self.per_origin) {
            let Some(job) = self.pool.next(key) else { break };
            self.open_conn(hub, key.clone(), job);
        }
    }
}

/// A WebSocket that is to be opened.
struct Opening<P: Protocol> {
    ws: WsClient<P>,
    done: Opened,
}

/// Who hears whether there is one.
type Opened = Box<dyn FnOnce(&mut Hub, Result<Option<String>, Error>)>;

impl<P: Protocol> Switch for Opening<P> {
    fn fields(&self) -> Vec<(String, Vec<u8>)> {
        self.ws.fields()
    }

    fn switch(self: Box<Self>, hub: &mut Hub, head: &ResponseHead<'_>) -> Option<Box<dyn Role>> {
        match self.ws.accept(head) {
            Ok(Accepted { role, subprotocol }) => {
                (self.done)(hub, Ok(subprotocol));
                Some(Box::new(role))
            }
            Err(refused) => {
                (self.done)(hub, Err(Error::Handshake(refused)));
                None
            }
        }
    }

    fn failed(self: Box<Self>, hub: &mut Hub, error: Error) {
        (self.done)(hub, Err(error));
    }
}
