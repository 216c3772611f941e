//! What a virtual host offers: names, mounts, upgrades, options.

use crate::common::SECURITY_FIELDS;
use crate::handler::AnyBlueprint;
use crate::{AccessLog, HandlerBlueprint, UpgradeBlueprint, limits};
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};

/// A virtual host: the blueprint from which each loop makes its own instance.
///
/// ```
/// use lws_http::{Vhost, redirect, respond, Status};
/// let vhost = Vhost::new("example.com")
///     .mount("/hello", respond(|_request, reply| reply.text("hello")))
///     .mount("/old", redirect(Status::MOVED_PERMANENTLY, "/hello"));
/// # let _ = vhost;
/// ```
#[doc(alias = "lws_create_vhost")]
pub struct Vhost {
    pub(crate) names: Vec<String>,
    pub(crate) mounts: Vec<MountPoint>,
    pub(crate) upgrades: Vec<UpgradePoint>,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) log: Option<Arc<dyn AccessLog>>,
}

pub(crate) struct MountPoint {
    pub(crate) prefix: String,
    pub(crate) blueprint: Box<dyn AnyBlueprint>,
    pub(crate) max_body: u64,
}

pub(crate) struct UpgradePoint {
    pub(crate) prefix: String,
    pub(crate) blueprint: Box<dyn UpgradeBlueprint>,
}

impl Vhost {
    /// A vhost that answers to `name`: a host name, `*.example.com` for one label below it, or `*` for any.
    ///
    /// The first vhost of a site also answers when no name matches.
    pub fn new(name: impl Into<String>) -> Self {
        let names = alloc::vec![name.into()];
        Self { names, mounts: Vec::new(), upgrades: Vec::new(), fields: Vec::new(), log: None }
    }

    /// Another name for the same vhost.
    #[must_use]
    pub fn alias(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// Puts a handler at `prefix` and below. Whole path components are compared, and the longest prefix wins,
    /// whatever is mounted there.
    #[doc(alias = "lws_http_mount")]
    #[must_use]
    pub fn mount(mut self, prefix: &str, handler: impl HandlerBlueprint + 'static) -> Self {
        let blueprint = Box::new(handler);
        self.mounts.push(MountPoint { prefix: trim(prefix), blueprint, max_body: limits::MAX_BODY_BYTES });
        self
    }

    /// The largest request body, in bytes, that the mount added last accepts; more is answered 413.
    #[must_use]
    pub fn max_body(mut self, bytes: u64) -> Self {
        if let Some(mount) = self.mounts.last_mut() {
            mount.max_body = bytes;
        }
        self
    }

    /// Lets requests at `prefix` and below turn into another protocol: `.upgrade("/chat", ws(Chat::new))`.
    #[must_use]
    pub fn upgrade(mut self, prefix: &str, upgrader: impl UpgradeBlueprint + 'static) -> Self {
        self.upgrades.push(UpgradePoint { prefix: trim(prefix), blueprint: Box::new(upgrader) });
        self
    }

    /// Adds a field to every response.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Adds the strict set of security fields to every response: a page may load only from its own origin, run no
    /// inline script or style, be framed by nobody; no sniffing, no referrer.
    #[doc(alias = "LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE")]
    #[must_use]
    pub fn security_headers(mut self) -> Self {
        self.fields.extend(SECURITY_FIELDS.iter().map(|(n, v)| (String::from(*n), String::from(*v))));
        self
    }

    /// Sends a record of each finished exchange to `log`.
    #[must_use]
    pub fn access_log(mut self, log: impl AccessLog + 'static) -> Self {
        self.log = Some(Arc::new(log));
        self
    }
}

/// `/a/` and `/a` are the same mount; the root is the empty prefix.
fn trim(prefix: &str) -> String {
    prefix.trim_end_matches('/').into()
}
