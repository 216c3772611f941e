//! The status page: what the loop counts, for people, for programs and for Prometheus.
//!
//! | path | what |
//! |---|---|
//! | `/.lws/status` | the page; `status.css` and `status.js` beside it |
//! | `/.lws/status.ws` | WebSocket: the JSON of below, at once and then each second |
//! | `/.lws/status.json` | the numbers once |
//! | `/.lws/metrics`, and `/metrics` unless the folder has an entry of that name | Prometheus text format 0.0.4 |
//!
//! Everything is for this machine alone, or for those who show the token: see [`gate`].
//!
//! ```text
//!   hub.metrics ──▶ Sampler (shared by page and socket, one lock a second) ──▶ Snapshot ──▶ JSON, Prometheus
//! ```

mod gate;
mod handler;
mod prometheus;
mod protocol;
mod sampler;

use crate::writer::Log;
use gate::Gate;
pub(crate) use gate::TOKEN_ARG;
use handler::{Mount, Place};
use lws::http::Vhost;
use sampler::Sampler;
use std::sync::{Arc, Mutex};

/// What the parts of the status page share.
#[derive(Clone)]
struct Shared {
    gate: Arc<Gate>,
    /// Behind a lock because blueprints are shared between threads; there is one loop, so nobody ever waits for it.
    sampler: Arc<Mutex<Sampler>>,
}

/// Adds the status page to `vhost`; at `/metrics`, too, if that is wanted.
pub(crate) fn add(vhost: Vhost, token: Option<String>, log: Log, metrics_at_root: bool) -> Vhost {
    let shared =
        Shared { gate: Arc::new(Gate::new(token)), sampler: Arc::new(Mutex::new(Sampler::new(log))) };
    let mount = |place| Mount { place, shared: shared.clone() };
    let vhost =
        vhost.mount("/.lws", mount(Place::Folder)).upgrade("/.lws/status.ws", protocol::endpoint(&shared));
    if metrics_at_root { vhost.mount("/metrics", mount(Place::Metrics)) } else { vhost }
}
