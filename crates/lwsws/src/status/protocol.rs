//! The numbers over WebSocket: a text message at once, then one each [`STATUS_PERIOD`].

use super::Shared;
use super::gate::Verdict;
use crate::limits::{STATUS_MESSAGE_BYTES, STATUS_PERIOD};
use lws::http::{Refusal, Request, Status, UpgradeBlueprint, Upgraded, Upgrader};
use lws::ws::{Message, Protocol, Ws, ws};
use lws_role::{InstallError, World};

/// The endpoint, behind the gate. The Origin rule is that of every WebSocket here: pages of the same host only.
pub(super) fn endpoint(shared: &Shared) -> impl UpgradeBlueprint + 'static {
    let live = shared.clone();
    let inner = ws(move || Live { shared: live.clone() }).max_message(STATUS_MESSAGE_BYTES);
    Gated { inner, shared: shared.clone() }
}

struct Live {
    shared: Shared,
}

impl Live {
    fn tell(&self, ws: &mut Ws<'_, '_>) {
        let now = ws.now();
        let hub = ws.hub();
        let json = self.shared.sampler().sample(now, hub.unix_s, &mut hub.metrics).json();
        // A page that does not read misses some; the next numbers are as good.
        let _ = ws.send_text(&json);
        ws.set_timer(STATUS_PERIOD);
    }
}

impl Protocol for Live {
    type Session = ();

    fn open(&mut self, ws: &mut Ws<'_, '_>) {
        self.tell(ws);
    }

    /// Pages have nothing to say; whoever does is not heard.
    fn message(&mut self, _session: &mut (), _ws: &mut Ws<'_, '_>, _message: Message<'_>) {}

    fn timer(&mut self, _session: &mut (), ws: &mut Ws<'_, '_>) {
        self.tell(ws);
    }
}

/// An upgrade that the gate must grant.
struct Gated<B> {
    inner: B,
    shared: Shared,
}

impl<B: UpgradeBlueprint> UpgradeBlueprint for Gated<B> {
    fn install(&self, world: &mut World) -> Result<Box<dyn Upgrader>, InstallError> {
        Ok(Box::new(GatedUpgrader { inner: self.inner.install(world)?, shared: self.shared.clone() }))
    }
}

struct GatedUpgrader {
    inner: Box<dyn Upgrader>,
    shared: Shared,
}

impl Upgrader for GatedUpgrader {
    fn token(&self) -> &'static str {
        self.inner.token()
    }

    /// There is nothing below the endpoint.
    fn wants(&self, request: &Request<'_>) -> bool {
        request.tail().is_empty() && self.inner.wants(request)
    }

    fn upgrade(&mut self, request: &Request<'_>) -> Result<Upgraded, Refusal> {
        let refusal = |status, fields, why| Err(Refusal { status, fields, why });
        match self.shared.gate.check(request.facts().peer, request.head()) {
            Verdict::Granted => self.inner.upgrade(request),
            Verdict::Unauthorised => {
                let fields = vec![("www-authenticate", String::from("Bearer"))];
                refusal(Status::UNAUTHORIZED, fields, "the token is missing or wrong")
            }
            Verdict::Hidden => refusal(Status::NOT_FOUND, Vec::new(), "not found"),
        }
    }
}
