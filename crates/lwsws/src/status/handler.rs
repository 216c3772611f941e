//! The pages.

use super::gate::Verdict;
use super::sampler::{Sampler, Snapshot};
use super::{Shared, prometheus};
use lws::http::{Body, Handler, HandlerBlueprint, Method, Reply, Request, Status};
use lws_role::{InstallError, World};
use std::sync::{MutexGuard, PoisonError};

/// Where the handler is mounted.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// `/.lws`: everything is below it.
    Folder,
    /// `/metrics`: the mount itself is all there is.
    Metrics,
}

/// The blueprint of a mount, and its only instance.
#[derive(Clone)]
pub(super) struct Mount {
    pub(super) place: Place,
    pub(super) shared: Shared,
}

impl Shared {
    pub(super) fn sampler(&self) -> MutexGuard<'_, Sampler> {
        // Whatever was half-written is overwritten by the next sample.
        self.sampler.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What there is.
enum Page {
    Asset { media: &'static str, bytes: &'static [u8], public: bool },
    Json,
    Metrics,
}

impl Page {
    fn find(place: Place, tail: &str) -> Option<Self> {
        Some(match (place, tail) {
            (Place::Folder, "/status") => Self::Asset {
                media: "text/html; charset=utf-8",
                bytes: include_bytes!("../../assets/status.html"),
                public: false,
            },
            (Place::Folder, "/status.css") => Self::Asset {
                media: "text/css; charset=utf-8",
                bytes: include_bytes!("../../assets/status.css"),
                public: true,
            },
            (Place::Folder, "/status.js") => Self::Asset {
                media: "text/javascript; charset=utf-8",
                bytes: include_bytes!("../../assets/status.js"),
                public: true,
            },
            (Place::Folder, "/status.json") => Self::Json,
            (Place::Folder, "/metrics") | (Place::Metrics, "") => Self::Metrics,
            _ => return None,
        })
    }
}

impl HandlerBlueprint for Mount {
    type Handler = Self;

    fn install(&self, world: &mut World) -> Result<Self, InstallError> {
        self.shared.sampler().begin(world.hub.now);
        Ok(self.clone())
    }
}

impl Handler for Mount {
    type Exchange = ();

    fn request(&mut self, request: &Request<'_>, reply: &mut Reply<'_>) {
        let (gate, peer, head) = (&self.shared.gate, request.facts().peer, request.head());
        let page = Page::find(self.place, request.tail());
        let verdict = match page {
            Some(Page::Asset { public: true, .. }) => gate.check_public(peer, head),
            _ => gate.check(peer, head),
        };
        match (verdict, page) {
            (Verdict::Unauthorised, _) => {
                let response = reply.status(Status::UNAUTHORIZED).field("www-authenticate", "Bearer");
                response.field("cache-control", "no-store").empty();
            }
            (Verdict::Granted, Some(_)) if !matches!(request.method(), Method::Get | Method::Head) => {
                reply.status(Status::METHOD_NOT_ALLOWED).field("allow", "GET, HEAD").empty();
            }
            (Verdict::Granted, Some(Page::Asset { media, bytes, .. })) => send(reply, media, bytes),
            (Verdict::Granted, Some(Page::Json)) => {
                let json = self.sample(reply, |snapshot| snapshot.json());
                send(reply, "application/json", json);
            }
            (Verdict::Granted, Some(Page::Metrics)) => {
                let text = self.sample(reply, prometheus::text);
                send(reply, prometheus::MEDIA_TYPE, text);
            }
            (Verdict::Hidden, _) | (Verdict::Granted, None) => reply.error(Status::NOT_FOUND),
        }
    }
}

impl Mount {
    fn sample(&self, reply: &mut Reply<'_>, f: fn(&Snapshot<'_>) -> String) -> String {
        let (now, unix_s) = (reply.now(), reply.unix_s());
        f(&self.shared.sampler().sample(now, unix_s, &mut reply.hub().metrics))
    }
}

fn send(reply: &mut Reply<'_>, media: &str, body: impl Into<Body>) {
    let response = reply.status(Status::OK).field("content-type", media);
    response.field("cache-control", "no-store").send(body);
}
