//! The client's side.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lws_tls::{ClientSettings, ConfigError, Connector, Date, Error, Purpose, Resumption, Session};
use openssl::ssl::{
    Ssl, SslContext, SslContextBuilder, SslMethod, SslSession, SslSessionCacheMode, SslVerifyMode, SslVersion,
};
use openssl::x509::verify::X509CheckFlags;

use crate::context::{Common, Pair, alpn_wire, roots};
use crate::error::{library, words};
use crate::session::OpensslSession;
use crate::verify::Policy;
use crate::{ffi, step};

pub(crate) struct OpensslConnector {
    context: SslContext,
    sessions: Sessions,
    clock: fn() -> Date,
}

/// What may be resumed, of this context and no other.
type Sessions = Arc<Mutex<Resumption<SslSession>>>;

fn lock(sessions: &Sessions) -> MutexGuard<'_, Resumption<SslSession>> {
    sessions.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has tickets of TLS 1.3 handed to the connection that they came on. Sessions of TLS 1.2 are asked for when the handshake
/// is done: OpenSSL does not call back for those that a server renews.
fn take_tickets(builder: &mut SslContextBuilder) {
    // OpenSSL's own store finds sessions for servers, not for clients.
    builder.set_session_cache_mode(SslSessionCacheMode::CLIENT | SslSessionCacheMode::NO_INTERNAL);
    builder.set_new_session_callback(|_, session| {
        if session.protocol_version() == SslVersion::TLS1_3 {
            step::keep(session);
        }
    });
}

/// What a connection needs to know to keep its sessions.
pub(crate) struct Origin {
    sessions: Sessions,
    pub(crate) now: Date,
    /// When the session began that was offered.
    offered: Option<Date>,
}

impl Origin {
    /// Keeps a session with the server `name` for the next connection.
    pub(crate) fn keep(&self, name: &str, session: SslSession, resumed: bool) {
        // A session that renews another is as old: that is when the server showed its certificate.
        let since = self.offered.filter(|_| resumed).unwrap_or(self.now);
        lock(&self.sessions).keep(name, since, session);
    }
}

impl OpensslConnector {
    pub(crate) fn new(settings: &ClientSettings, clock: fn() -> Date) -> Result<Self, Error> {
        let leniency = settings.leniency;
        // Whoever lets certificates pass that vouch for themselves may trust nobody else.
        let trusted = match roots(&settings.roots) {
            Err(ConfigError::NoRoots { .. }) if leniency.self_signed && settings.roots.is_empty() => {
                Vec::new()
            }
            trusted => trusted?,
        };
        let policy = Arc::new(Policy::new(Purpose::Server, leniency, trusted));
        let common = Common {
            min: settings.min_version,
            max: settings.max_version,
            suites: &settings.cipher_suites,
            verify: Some((policy, SslVerifyMode::PEER)),
        };
        let mut builder = common.builder(SslMethod::tls_client())?;
        if let Some(alpn) = alpn_wire(&settings.alpn)? {
            builder.set_alpn_protos(&alpn).map_err(|e| ConfigError::Unsupported { reason: words(&e) })?;
        }
        if let Some(identity) = &settings.identity {
            Pair::load(identity)?.install(&mut builder)?;
        }
        take_tickets(&mut builder);
        Ok(Self { context: builder.build(), sessions: Sessions::default(), clock })
    }

    fn begin(&self, name: &str) -> Result<(Ssl, Origin), openssl::error::ErrorStack> {
        let now = (self.clock)();
        let mut ssl = Ssl::new(&self.context)?;
        ssl.set_connect_state();
        let ip = name.parse::<IpAddr>();
        // RFC 6066 §3: an address is no server name.
        if ip.is_err() {
            ssl.set_hostname(name)?;
        }
        let param = ssl.param_mut();
        param.set_hostflags(X509CheckFlags::NO_PARTIAL_WILDCARDS | X509CheckFlags::NEVER_CHECK_SUBJECT);
        match ip {
            Ok(ip) => param.set_ip(ip)?,
            Err(_) => param.set_host(name)?,
        }
        param.set_time(now.0);
        let earlier = self.resumable(name, now);
        if let Some((_, session)) = &earlier {
            ffi::offer(&mut ssl, session)?;
        }
        let offered = earlier.map(|(since, _)| since);
        Ok((ssl, Origin { sessions: self.sessions.clone(), now, offered }))
    }

    fn resumable(&self, name: &str, now: Date) -> Option<(Date, SslSession)> {
        let mut sessions = lock(&self.sessions);
        let (since, session) = sessions.take(name, now)?;
        // RFC 8446 §C.4: tickets of TLS 1.3 are for one connection; those of TLS 1.2 are for as many as there are.
        if session.protocol_version() == SslVersion::TLS1_2 {
            sessions.keep(name, since, session.clone());
        }
        Some((since, session))
    }
}

impl Connector for OpensslConnector {
    fn connect(&self, server_name: &str) -> Result<Box<dyn Session>, Error> {
        if server_name.parse::<IpAddr>().is_err() && !lws_tls::is_host_name(server_name) {
            return Err(ConfigError::BadName { name: server_name.to_string() }.into());
        }
        let (ssl, origin) = self.begin(server_name).map_err(|e| library(&e))?;
        Ok(Box::new(OpensslSession::client(ssl, server_name, origin)?))
    }
}

impl fmt::Debug for OpensslConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpensslConnector")
    }
}
