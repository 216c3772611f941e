//! The server's side.
//!
//! ```text
//!   hello ─ name ─▶ table: name ─▶ context with its certificates   (replaced by a reload)
//!                     base context: ticket keys                    (replaced every six hours)
//! ```
//! A session begins in the base context, whose ticket keys it uses, and is moved to the one of its name before OpenSSL
//! sees a byte. The name stands in what a ticket is bound to, so a ticket of another name starts a full handshake
//! (TLS-03).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use lws_tls::limits::TICKET_KEY_SECONDS;
use lws_tls::{
    Acceptor, ClientAuth, Date, Error, Expiry, Leniency, NameTable, Purpose, ServerSettings, Session,
};
use openssl::hash::{MessageDigest, hash};
use openssl::ssl::{Ssl, SslContext, SslMethod, SslVerifyMode};

use crate::context::{Common, Pair, alpn_wire, roots, select_alpn};
use crate::error::library;
use crate::session::OpensslSession;
use crate::verify::{Lists, Policy};

pub(crate) struct OpensslAcceptor {
    store: Arc<Store>,
    alpn: Option<Arc<[u8]>>,
}

/// What derived acceptors share.
pub(crate) struct Store {
    settings: ServerSettings,
    policy: Option<(Arc<Policy>, SslVerifyMode)>,
    clock: fn() -> Date,
    served: RwLock<Served>,
    /// Ticket keys: OpenSSL makes them with a context, and that is as long as they live.
    keys: Mutex<(SslContext, Date)>,
}

struct Served {
    table: NameTable<SslContext>,
    expires: Vec<Expiry>,
}

impl OpensslAcceptor {
    pub(crate) fn new(settings: ServerSettings, clock: fn() -> Date) -> Result<Self, Error> {
        let alpn = alpn_wire(&settings.alpn)?;
        let policy = |sources, mode| -> Result<_, Error> {
            let policy = Policy::new(Purpose::Client, Leniency::default(), roots(sources)?);
            Ok(Some((Arc::new(policy), mode)))
        };
        let policy = match &settings.client_auth {
            ClientAuth::Optional(sources) => policy(sources, SslVerifyMode::PEER)?,
            ClientAuth::Required(sources) => {
                policy(sources, SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT)?
            }
            _ => None,
        };
        if let Some((policy, _)) = &policy {
            policy.replace(Lists::load(&settings.revocation_lists)?);
        }
        let served = RwLock::new(load(&settings, policy.as_ref())?);
        let keys = Mutex::new((base(&settings, policy.as_ref())?, clock()));
        Ok(Self { store: Arc::new(Store { settings, policy, clock, served, keys }), alpn })
    }
}

impl Store {
    /// OpenSSL's connection for a client that asks for `name`.
    pub(crate) fn begin(&self, name: Option<&str>) -> Result<Ssl, Error> {
        let base = self.base()?;
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        let context = served.table.choose(name);
        let begin = || {
            let mut ssl = Ssl::new(&base)?;
            ssl.set_ssl_context(context)?;
            ssl.set_accept_state();
            Ok(ssl)
        };
        let mut ssl = begin().map_err(|e| library(&e))?;
        if self.policy.is_some() {
            ssl.param_mut().set_time((self.clock)().0);
        }
        Ok(ssl)
    }

    pub(crate) fn now(&self) -> Date {
        (self.clock)()
    }

    /// TLS-04: the context with the ticket keys of these hours; no ticket outlives them.
    fn base(&self) -> Result<SslContext, Error> {
        let now = (self.clock)();
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.0.saturating_sub(keys.1.0);
        if !(0..TICKET_KEY_SECONDS).contains(&age) {
            *keys = (base(&self.settings, self.policy.as_ref())?, now);
        }
        Ok(keys.0.clone())
    }
}

/// A context without certificates: its ticket keys matter, and its place in every session.
fn base(
    settings: &ServerSettings,
    policy: Option<&(Arc<Policy>, SslVerifyMode)>,
) -> Result<SslContext, Error> {
    context(settings, policy, None, "")
}

fn context(
    settings: &ServerSettings,
    policy: Option<&(Arc<Policy>, SslVerifyMode)>,
    pair: Option<&Pair>,
    name: &str,
) -> Result<SslContext, Error> {
    let common = Common {
        min: settings.min_version,
        max: settings.max_version,
        suites: &settings.cipher_suites,
        verify: policy.cloned(),
    };
    let mut builder = common.builder(SslMethod::tls_server())?;
    if let Some(pair) = pair {
        pair.install(&mut builder)?;
    }
    select_alpn(&mut builder);
    builder.set_options(openssl::ssl::SslOptions::CIPHER_SERVER_PREFERENCE);
    if pair.is_some() {
        // 32 bytes, as many as OpenSSL takes. The base context has none, like a fresh connection: only then does moving
        // to a named context take over the name.
        let bind = |builder: &mut openssl::ssl::SslContextBuilder| {
            builder.set_session_id_context(&hash(MessageDigest::sha256(), name.as_bytes())?)
        };
        bind(&mut builder).map_err(|e| library(&e))?;
    }
    Ok(builder.build())
}

/// TLS-11: all or nothing.
fn load(settings: &ServerSettings, policy: Option<&(Arc<Policy>, SslVerifyMode)>) -> Result<Served, Error> {
    let mut expires = Vec::new();
    let mut one = |certificates, name: &str| {
        let pair = Pair::load(certificates)?;
        expires.extend(Expiry::of_chain(pair.der.iter().map(Vec::as_slice)));
        context(settings, policy, Some(&pair), name)
    };
    let mut table = NameTable::new(one(&settings.certificates, "default")?);
    for (name, certificates) in &settings.named {
        let context = one(certificates, &format!("name {name}"))?;
        table.insert(name, context)?;
    }
    Ok(Served { table, expires })
}

impl Acceptor for OpensslAcceptor {
    fn accept(&self) -> Result<Box<dyn Session>, Error> {
        Ok(Box::new(OpensslSession::server(self.store.clone(), self.alpn.clone())))
    }

    fn offering(&self, alpn: &[&[u8]]) -> Result<Arc<dyn Acceptor>, Error> {
        Ok(Arc::new(Self { store: self.store.clone(), alpn: alpn_wire(alpn)? }))
    }

    fn reload(&self) -> Result<(), Error> {
        let Store { settings, policy, served, keys, .. } = &*self.store;
        let new = load(settings, policy.as_ref())?;
        if let Some((policy, _)) = policy.as_ref().filter(|_| !settings.revocation_lists.is_empty()) {
            let lists = Lists::load(&settings.revocation_lists)?;
            // TLS-10: whoever was taken back may hold a ticket.
            let fresh = base(settings, self.store.policy.as_ref())?;
            policy.replace(lists);
            *keys.lock().unwrap_or_else(PoisonError::into_inner) = (fresh, self.store.now());
        }
        *served.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    fn expires(&self) -> Vec<Expiry> {
        self.store.served.read().unwrap_or_else(PoisonError::into_inner).expires.clone()
    }
}

impl fmt::Debug for OpensslAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpensslAcceptor").field("settings", &self.store.settings).finish_non_exhaustive()
    }
}
