//! What one loop makes of a set of vhosts.

use crate::common::Common;
use crate::handler::AnyHandler;
use crate::reply::is_framing;
use crate::{AccessLog, Carrier, Closed, Phase, Record, Refusal, Reply, Request, Upgraded, Upgrader, Vhost};
use alloc::{boxed::Box, format, string::String, sync::Arc, vec::Vec};
use lws_head::field::is_same;
use lws_head::{Fields, Host, RequestHead, Status, Version, path};
use lws_role::{Facts, InstallError, SlotKey, StreamEnv, World};

/// A set of vhosts: the first one also answers when no name matches. Cheap to clone; all clones installed in one
/// loop share one instance.
#[derive(Clone)]
pub struct Sites {
    vhosts: Arc<[Vhost]>,
}

impl From<Vhost> for Sites {
    fn from(vhost: Vhost) -> Self {
        Self { vhosts: Arc::new([vhost]) }
    }
}

impl From<Vec<Vhost>> for Sites {
    fn from(vhosts: Vec<Vhost>) -> Self {
        Self { vhosts: vhosts.into() }
    }
}

impl<const N: usize> From<[Vhost; N]> for Sites {
    fn from(vhosts: [Vhost; N]) -> Self {
        Self { vhosts: Arc::new(vhosts) }
    }
}

/// Which sites this loop has installed already: the same handlers serve every carrier.
#[derive(Default)]
struct Installed {
    sites: Vec<(Sites, SlotKey<Site>)>,
}

impl Sites {
    /// This loop's instance; made at the first call.
    ///
    /// # Errors
    /// The first handler or upgrader that cannot be made.
    pub fn install(&self, world: &mut World) -> Result<SlotKey<Site>, InstallError> {
        let installed = match world.slots.find::<Installed>() {
            Some(key) => key,
            None => world.add(Installed::default()),
        };
        let known = &world.slots.state(installed).sites;
        if let Some((_, key)) = known.iter().find(|(s, _)| Arc::ptr_eq(&s.vhosts, &self.vhosts)) {
            return Ok(*key);
        }
        if self.vhosts.is_empty() || self.vhosts.len() > crate::limits::MAX_VHOSTS {
            return Err(InstallError("a site needs at least one vhost, and at most 65535".into()));
        }
        let vhosts = self.vhosts.iter().map(|v| LiveVhost::install(v, world)).collect::<Result<_, _>>()?;
        let key = world.add(Site { vhosts, path: Vec::new() });
        for vhost in &mut world.slots.state(key).vhosts {
            vhost.upgrades.iter_mut().for_each(|u| u.upgrader.installed(key));
        }
        world.slots.state(installed).sites.push((self.clone(), key));
        Ok(key)
    }
}

/// One loop's instance of a set of vhosts.
pub struct Site {
    vhosts: Vec<LiveVhost>,
    /// Scratch for normalised paths.
    path: Vec<u8>,
}

struct LiveVhost {
    names: Vec<String>,
    /// Longest prefix first.
    mounts: Vec<LiveMount>,
    /// Longest prefix first.
    upgrades: Vec<LiveUpgrade>,
    common: Common,
    log: Option<Arc<dyn AccessLog>>,
}

struct LiveMount {
    prefix: String,
    handler: Box<dyn AnyHandler>,
    max_body: u64,
}

struct LiveUpgrade {
    prefix: String,
    upgrader: Box<dyn Upgrader>,
}

/// A live exchange, as its carrier keeps it. Must go back through [`Site::closed`].
#[derive(Debug)]
pub struct Exchange {
    vhost: u16,
    /// Mount and key of the handler's exchange; `None` if the site itself answered.
    at: Option<(u16, u32)>,
    record: Option<Box<Record>>,
    /// The largest request body that the mount accepts, in bytes.
    pub max_body: u64,
}

impl LiveVhost {
    fn install(vhost: &Vhost, world: &mut World) -> Result<Self, InstallError> {
        if vhost.fields.len() > crate::limits::MAX_VHOST_FIELDS {
            return Err(InstallError("a vhost can add at most 63 response headers".into()));
        }
        for (name, value) in &vhost.fields {
            if !lws_head::field::is_token(name.as_bytes())
                || !lws_head::field::is_field_value(value.as_bytes())
            {
                return Err(InstallError(format!("'{name}: {value}' is not a valid response header")));
            }
            if is_framing(name) {
                return Err(InstallError(format!("'{name}' is set where it is needed, and nowhere else")));
            }
        }
        if vhost.mounts.len() > crate::limits::MAX_VHOSTS {
            return Err(InstallError("a vhost can have at most 65535 mounts".into()));
        }
        let mut mounts: Vec<LiveMount> = Vec::new();
        for m in &vhost.mounts {
            let handler = m.blueprint.install(world)?;
            let at = mounts.partition_point(|other| other.prefix.len() >= m.prefix.len());
            mounts.insert(at, LiveMount { prefix: m.prefix.clone(), handler, max_body: m.max_body });
        }
        let mut upgrades: Vec<LiveUpgrade> = Vec::new();
        for u in &vhost.upgrades {
            let upgrader = u.blueprint.install(world)?;
            let at = upgrades.partition_point(|other| other.prefix.len() >= u.prefix.len());
            upgrades.insert(at, LiveUpgrade { prefix: u.prefix.clone(), upgrader });
        }
        let names = vhost.names.iter().map(|n| n.to_ascii_lowercase()).collect();
        Ok(Self { names, mounts, upgrades, common: Common::new(&vhost.fields), log: vhost.log.clone() })
    }

    fn answers_to(&self, name: &str) -> bool {
        self.names.iter().any(|own| match own.strip_prefix("*.") {
            // One label, as in certificates: `*.b` is not `x.a.b`.
            Some(suffix) => match name.split_once('.') {
                Some((label, rest)) => !label.is_empty() && is_same(rest.as_bytes(), suffix.as_bytes()),
                None => false,
            },
            None => own == "*" || is_same(own.as_bytes(), name.as_bytes()),
        })
    }
}

/// Vhosts and mounts are counted when they are installed: at most [`crate::limits::MAX_VHOSTS`].
fn narrow(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

/// The part of `path` below `prefix`, if `prefix` covers whole components of it.
fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let tail = path.strip_prefix(prefix)?;
    (tail.is_empty() || tail.starts_with('/')).then_some(tail)
}

impl Site {
    /// A request arrived, with a body of `body_length` bytes if that is known. Its handler runs, or the request is
    /// answered with an error here. Either way the exchange must go back through [`Site::closed`].
    pub fn request(
        &mut self,
        head: &RequestHead<'_>,
        body_length: Option<u64>,
        carrier: &mut dyn Carrier,
        mut env: StreamEnv<'_>,
    ) -> Exchange {
        env.hub().metrics.requests += 1;
        let chosen = self.choose(head);
        let misdirected = self.is_misdirected(chosen, env.facts());
        let Self { vhosts, path } = self;
        let vhost = &mut vhosts[chosen];
        let facts = env.facts();
        let record = vhost.log.as_ref().map(|_| Record::begin(head, facts.peer, env.now()));
        let mut exchange = Exchange { vhost: narrow(chosen), at: None, record, max_body: 0 };
        let common = vhost.common.at(env.unix_s());
        let mut reply = Reply { carrier, env, common };
        let path = match normal_path(head, path) {
            Ok(path) if !misdirected => path,
            refused => {
                reply.error(refused.err().unwrap_or(Status::MISDIRECTED_REQUEST));
                return exchange;
            }
        };
        let found =
            vhost.mounts.iter_mut().enumerate().find_map(|(i, m)| Some((i, below(path, &m.prefix)?, m)));
        match found {
            None => reply.error(Status::NOT_FOUND),
            Some((_, _, m)) if body_length.is_some_and(|n| n > m.max_body) => {
                reply.error(Status::CONTENT_TOO_LARGE);
            }
            Some((mount, tail, m)) => {
                let request = Request { head, path, tail, facts };
                let key = m.handler.request(&request, &mut reply);
                exchange.at = Some((narrow(mount), key));
                exchange.max_body = m.max_body;
            }
        }
        exchange
    }

    /// The request asks for another protocol, with a body of `body_length` bytes if that is known. `None`: nobody
    /// here speaks it, treat it as an ordinary request (RFC 9110 §7.8).
    pub fn upgrade(
        &mut self,
        head: &RequestHead<'_>,
        body_length: Option<u64>,
        token: &str,
        env: &StreamEnv<'_>,
    ) -> Option<Result<Upgraded, Refusal>> {
        let chosen = self.choose(head);
        let misdirected = self.is_misdirected(chosen, env.facts());
        let Self { vhosts, path } = self;
        let path = normal_path(head, path).ok()?;
        let vhost = &mut vhosts[chosen];
        let answer = vhost.upgrades.iter_mut().find_map(|u| {
            let tail = below(path, &u.prefix)?;
            let request = Request { head, path, tail, facts: env.facts() };
            let meant =
                is_same(u.upgrader.token().as_bytes(), token.as_bytes()) && u.upgrader.wants(&request);
            let granted = || match body_length {
                _ if misdirected => Err(MISDIRECTED),
                Some(0) => u.upgrader.upgrade(&request),
                // The first bytes of the new protocol would be behind a body that nobody reads (H1-23).
                _ => Err(WITH_BODY),
            };
            meant.then(granted)
        })?;
        if let Some(log) = &vhost.log {
            let granted = match head.version {
                // RFC 8441 §5.1: extended CONNECT is granted by a 200.
                Version::Http2 => Status::OK,
                _ => Status::SWITCHING_PROTOCOLS,
            };
            let status = answer.as_ref().map_or_else(|refusal| refusal.status, |_| granted);
            let mut record = Record::begin(head, env.facts().peer, env.now());
            record.end(env.now(), env.unix_s(), Some(status), 0);
            log.log(&record);
        }
        Some(answer)
    }

    /// A piece of the request's body; returns how many bytes were taken.
    pub fn body(
        &mut self,
        x: &Exchange,
        data: &[u8],
        carrier: &mut dyn Carrier,
        env: StreamEnv<'_>,
    ) -> usize {
        let call = |h: &mut dyn AnyHandler, key, reply: &mut Reply<'_>| h.body(key, data, reply);
        self.call(x, carrier, env, call).unwrap_or(data.len())
    }

    /// The request is complete.
    pub fn body_end(
        &mut self,
        x: &Exchange,
        trailers: Fields<'_>,
        carrier: &mut dyn Carrier,
        env: StreamEnv<'_>,
    ) {
        self.call(x, carrier, env, |h, key, reply| h.body_end(key, trailers, reply));
    }

    /// There is room for more of the reply.
    pub fn writable(&mut self, x: &Exchange, carrier: &mut dyn Carrier, env: StreamEnv<'_>) {
        self.call(x, carrier, env, |h, key, reply| h.writable(key, reply));
    }

    /// The exchange's timer passed.
    pub fn timer(&mut self, x: &Exchange, carrier: &mut dyn Carrier, env: StreamEnv<'_>) {
        self.call(x, carrier, env, |h, key, reply| h.timer(key, reply));
    }

    /// The request has a larger body than its mount accepts, as it turned out while it came: answered with 413 if
    /// nothing was answered yet.
    pub fn too_large(&mut self, x: &Exchange, carrier: &mut dyn Carrier, env: StreamEnv<'_>) {
        if carrier.phase() == Phase::Silent {
            let common = self.vhosts[x.vhost as usize].common.at(env.unix_s());
            Reply { carrier, env, common }.error(Status::CONTENT_TOO_LARGE);
        } else {
            carrier.abort();
        }
    }

    /// The exchange is over: `status` and `body_bytes` as the carrier sent them.
    pub fn closed(
        &mut self,
        x: Exchange,
        why: Closed,
        status: Option<Status>,
        body_bytes: u64,
        env: &StreamEnv<'_>,
    ) {
        let vhost = &mut self.vhosts[x.vhost as usize];
        if let Some((mount, key)) = x.at {
            vhost.mounts[mount as usize].handler.closed(key, why);
        }
        if let (Some(mut record), Some(log)) = (x.record, &vhost.log) {
            record.end(env.now(), env.unix_s(), status, body_bytes);
            log.log(&record);
        }
    }

    /// Calls the exchange's handler, if it got to one.
    fn call<R>(
        &mut self,
        x: &Exchange,
        carrier: &mut dyn Carrier,
        env: StreamEnv<'_>,
        f: impl FnOnce(&mut dyn AnyHandler, u32, &mut Reply<'_>) -> R,
    ) -> Option<R> {
        let (mount, key) = x.at?;
        let LiveVhost { mounts, common, .. } = &mut self.vhosts[x.vhost as usize];
        let common = common.at(env.unix_s());
        Some(f(&mut *mounts[mount as usize].handler, key, &mut Reply { carrier, env, common }))
    }

    /// The vhost that the request names; the first one if none does.
    fn choose(&self, head: &RequestHead<'_>) -> usize {
        if self.vhosts.len() == 1 {
            return 0;
        }
        self.named(head.authority.and_then(Host::parse).map_or("", |h| h.name))
    }

    fn named(&self, name: &str) -> usize {
        self.vhosts.iter().position(|v| v.answers_to(name)).unwrap_or(0)
    }

    /// H2-20, TLS-02: whether the connection was made for another vhost than the one that the request names. What was
    /// agreed on in its handshake (a client's certificate, say) says nothing about this one. A TLS client that asked for
    /// no name gets the first vhost, and no other.
    fn is_misdirected(&self, chosen: usize, facts: &Facts) -> bool {
        facts.tls().is_some_and(|tls| tls.server_name.as_deref().map_or(0, |name| self.named(name)) != chosen)
    }
}

const MISDIRECTED: Refusal =
    Refusal { status: Status::MISDIRECTED_REQUEST, fields: Vec::new(), why: "not a host of this connection" };
const WITH_BODY: Refusal = Refusal {
    status: Status::BAD_REQUEST,
    fields: Vec::new(),
    why: "a request with a body cannot be upgraded",
};

/// The path on which both authorisation and file access are decided, or how to answer instead.
fn normal_path<'p>(head: &RequestHead<'p>, scratch: &'p mut Vec<u8>) -> Result<&'p str, Status> {
    match head.path {
        // RFC 9110 §9.3.7: `OPTIONS *` is a ping for the server; there is nothing to tell.
        "*" => return Err(Status::NO_CONTENT),
        // Authority form: CONNECT, and we are no proxy.
        "" => return Err(Status::METHOD_NOT_ALLOWED),
        _ => {}
    }
    head.query.map_or(Ok(()), path::check_query).map_err(|_| Status::BAD_REQUEST)?;
    if path::is_normal(head.path) {
        return Ok(head.path);
    }
    path::normalise(head.path, scratch).map_err(|_| Status::BAD_REQUEST)
}
