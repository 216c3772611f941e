//! `Upgrade: h2c` (RFC 7540 §3.2; RFC 9113 §3.1 has given it up).

use crate::H2Role;
use alloc::{boxed::Box, vec::Vec};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lws_h2::limits::SETTINGS_ENTRIES;
use lws_head::{RequestHeadBuf, Status};
use lws_http::{Refusal, Request, Site, UpgradeBlueprint, Upgraded, Upgrader};
use lws_role::{InstallError, SlotKey, World};

/// Lets HTTP/1.1 requests without a body turn their connection into HTTP/2: `vhost.upgrade("/", h2c())`.
///
/// Off unless a vhost says so: proxies in front that do not know it can be tunnelled through. Browsers never use it,
/// and clients that know what they talk to use prior knowledge.
pub fn h2c() -> H2c {
    H2c(())
}

/// See [`h2c`].
pub struct H2c(());

impl UpgradeBlueprint for H2c {
    fn install(&self, _world: &mut World) -> Result<Box<dyn Upgrader>, InstallError> {
        Ok(Box::new(H2cUpgrader { site: None }))
    }
}

struct H2cUpgrader {
    site: Option<SlotKey<Site>>,
}

impl Upgrader for H2cUpgrader {
    fn token(&self) -> &'static str {
        "h2c"
    }

    fn installed(&mut self, site: SlotKey<Site>) {
        self.site = Some(site);
    }

    /// RFC 7540 §3.2: not under TLS, which has ALPN.
    fn wants(&self, request: &Request<'_>) -> bool {
        !request.facts().is_secure()
    }

    fn upgrade(&mut self, request: &Request<'_>) -> Result<Upgraded, Refusal> {
        let site = self.site.ok_or_else(|| refuse("not installed"))?;
        let settings = settings(request).ok_or_else(|| refuse("not one valid HTTP2-Settings field"))?;
        let head = RequestHeadBuf::from(request.head());
        let role =
            H2Role::upgraded(site, &settings, head).map_err(|_| refuse("settings that are not valid"))?;
        Ok(Upgraded { role: Box::new(role), fields: Vec::new() })
    }
}

/// RFC 7540 §3.2.1: exactly one field, a `SETTINGS` payload in base64url, and named in `Connection`.
fn settings(request: &Request<'_>) -> Option<Vec<u8>> {
    const NAME: &str = "http2-settings";
    let fields = request.fields();
    let mut all = fields.all(NAME);
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    let is_short = value.len() <= 8 * SETTINGS_ENTRIES as usize;
    if !is_short || !fields.has_token("connection", NAME) {
        return None;
    }
    let mut payload = alloc::vec![0; value.len()];
    let n = URL_SAFE_NO_PAD.decode_slice(value, &mut payload).ok()?;
    payload.truncate(n);
    Some(payload)
}

fn refuse(why: &'static str) -> Refusal {
    Refusal { status: Status::BAD_REQUEST, fields: Vec::new(), why }
}
