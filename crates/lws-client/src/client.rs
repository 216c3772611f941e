//! One loop's clients: what they share.
//!
//! ```text
//!   send ──▶ idle connection of that origin? ──▶ wake it
//!              └ no ─▶ address known? ── no ──▶ Resolver ──▶ mail ─┐
//!                              └ yes ──────────────────────────────┴─▶ Hub::connect, address after address
//! ```

use crate::job::{Job, Kind, Switch};
use crate::line::Race;
use crate::resolve::{Addresses, Resolver};
use crate::url::Origin;
use crate::{Answer, Error, Request, SystemResolver, limits};
use lws_head::ResponseHead;
use lws_role::{Env, Handle, Hub, Mail, Role, SlotKey, Target, World};
use lws_role_ws::{Accepted, Protocol, WsClient};
use lws_tls::Connector;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;

/// The HTTP and WebSocket clients of one loop: an instance in its [`World`].
#[doc(alias = "lws_client_connect_via_info")]
pub struct Client {
    /// Its own name; there once it is installed.
    key: Option<SlotKey<Client>>,
    post: Option<Post>,
    /// Letters from before there was a way to post them.
    unposted: Vec<Letter>,
    tls: Option<Arc<dyn Connector>>,
    resolver: Box<dyn Resolver>,
    /// Jobs that wait for a letter.
    waiting: HashMap<u64, Box<Job>>,
    next_id: u64,
    idle: Vec<Idle>,
}

type Post = Arc<dyn Fn(Letter) + Send + Sync>;

/// Where a job waits for a connection that takes it.
pub(crate) type Place = Rc<RefCell<Option<Box<Job>>>>;

/// A connection that waits for a job.
pub(crate) struct Idle {
    pub(crate) origin: Origin,
    pub(crate) handle: Handle,
    pub(crate) place: Place,
}

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
    /// A client without TLS, that asks the system's resolver.
    pub fn new() -> Self {
        Self {
            key: None,
            post: None,
            unposted: Vec::new(),
            tls: None,
            resolver: Box::<SystemResolver>::default(),
            waiting: HashMap::new(),
            next_id: 0,
            idle: Vec::new(),
        }
    }

    /// Connects to `https` and `wss`, too. The connector should offer no application protocol but `http/1.1`.
    #[must_use]
    pub fn tls(mut self, connector: Arc<dyn Connector>) -> Self {
        self.tls = Some(connector);
        self
    }

    /// Finds addresses in another way than the system's.
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolver + 'static) -> Self {
        self.resolver = Box::new(resolver);
        self
    }

    /// Makes it the client of this loop. [`Client::post_by`] comes next.
    pub fn install(self, world: &mut World) -> SlotKey<Self> {
        let key = world.add(self);
        world.slots.state(key).key = Some(key);
        key
    }

    /// How letters come to [`Mail::mail`] of this instance: `post` is called on any thread. Until this is called,
    /// nothing that needs one goes on: names are not resolved, and some errors are not told.
    pub fn post_by(&mut self, post: impl Fn(Letter) + Send + Sync + 'static) {
        self.unposted.drain(..).for_each(&post);
        self.post = Some(Arc::new(post));
    }

    /// Sends a request; `answer` hears what comes of it, later.
    #[doc(alias = "lws_client_connect_via_info")]
    pub fn send(&mut self, hub: &mut Hub, request: Request, answer: impl Answer) {
        self.start(hub, Box::new(Job::new(request, Kind::Http(Box::new(answer)))));
    }

    /// Opens a WebSocket, on which the protocol instance of `ws` speaks. The URL, fields and timeout of the request
    /// count. `done` hears later which subprotocol was chosen, or why there is no WebSocket: redirects are not followed.
    /// When it hears of success, [`Protocol::open`] is about to be called.
    pub fn open<P: Protocol>(
        &mut self,
        hub: &mut Hub,
        request: Request,
        ws: WsClient<P>,
        done: impl FnOnce(&mut Hub, Result<Option<String>, Error>) + 'static,
    ) {
        let kind = Kind::Switch(Box::new(Opening { ws, done: Box::new(done) }));
        self.start(hub, Box::new(Job::new(request, kind)));
    }

    /// How many connections are idle.
    pub fn idle(&self) -> usize {
        self.idle.len()
    }

    pub(crate) fn start(&mut self, hub: &mut Hub, job: Box<Job>) {
        let url = &job.request.url;
        if let (Kind::Http(_), false) = (&job.kind, job.retried) {
            let origin = url.origin();
            // The one used last is the least likely to be closed by its server.
            if let Some(i) = self.idle.iter().rposition(|idle| idle.origin == origin) {
                let idle = self.idle.remove(i);
                *idle.place.borrow_mut() = Some(job);
                hub.wake(idle.handle);
                return;
            }
        }
        if url.is_secure() && self.tls.is_none() {
            return self.fail_later(job, Error::NoTls);
        }
        if let Some(path) = url.socket_path() {
            return self.connect(hub, job, [Target::Unix(path.into())]);
        }
        if let Ok(ip) = url.host().parse::<IpAddr>() {
            let target = Target::Inet(SocketAddr::new(ip, url.port()));
            return self.connect(hub, job, [target]);
        }
        let (host, port) = (url.host().to_string(), url.port());
        let id = self.wait(job);
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

    /// Connects to whichever of the job's addresses answers first.
    fn connect(&mut self, hub: &mut Hub, job: Box<Job>, targets: impl IntoIterator<Item = Target>) {
        let Some(key) = self.key else { return self.fail_later(job, Error::Busy) };
        let url = &job.request.url;
        let session = match &self.tls {
            Some(tls) if url.is_secure() => match tls.connect(url.host()) {
                Ok(session) => Some(session),
                Err(_) => return self.fail_later(job, Error::NoTls),
            },
            _ => None,
        };
        let origin = url.origin();
        let place: Place = Rc::new(RefCell::new(Some(job)));
        let race = Race::new(key, origin, place.clone(), session);
        let entered = targets.into_iter().filter(|target| race.enter(hub, target.clone())).count();
        if entered == 0
            && let Some(job) = place.take()
        {
            self.fail_later(job, Error::Busy);
        }
    }

    /// A connection is idle.
    pub(crate) fn keep(&mut self, hub: &mut Hub, idle: Idle) {
        let same = self.idle.iter().filter(|other| other.origin == idle.origin).count();
        if same >= limits::IDLE_PER_ORIGIN || self.idle.len() >= limits::IDLE {
            hub.abort(idle.handle);
        } else {
            self.idle.push(idle);
        }
    }

    /// A connection is gone.
    pub(crate) fn forget(&mut self, handle: Handle) {
        self.idle.retain(|idle| idle.handle != handle);
    }

    fn wait(&mut self, job: Box<Job>) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.waiting.insert(id, job);
        id
    }

    /// Errors come later, whatever they are.
    fn fail_later(&mut self, job: Box<Job>, error: Error) {
        let letter = Letter { id: self.wait(job), result: Err(error) };
        match &self.post {
            Some(post) => post(letter),
            None => self.unposted.push(letter),
        }
    }
}

impl Mail<Letter> for Client {
    fn mail(&mut self, env: &mut Env<'_>, letter: Letter) {
        let Some(job) = self.waiting.remove(&letter.id) else { return };
        match letter.result {
            Err(error) => job.fail(env.hub(), error),
            Ok(found) if found.is_empty() => {
                job.fail(env.hub(), Error::Resolve("the host has no address".into()));
            }
            Ok(found) => {
                let targets = found.into_iter().take(limits::ADDRESSES).map(Target::Inet);
                self.connect(env.hub(), job, targets);
            }
        }
    }
}

/// A resolver's way back; it answers even if it is dropped.
struct Reply {
    post: Post,
    id: u64,
    told: bool,
}

impl Reply {
    fn tell(mut self, found: Addresses) {
        self.told = true;
        (self.post)(Letter { id: self.id, result: found.map_err(Error::Resolve) });
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if !self.told {
            let result = Err(Error::Resolve("the resolver gave up".into()));
            (self.post)(Letter { id: self.id, result });
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
