//! Requests that turn their stream over to another protocol.

use crate::{Request, Site};
use alloc::{boxed::Box, string::String, vec::Vec};
use lws_head::Status;
use lws_role::{InstallError, Role, SlotKey, World};

/// Turns an HTTP exchange into another protocol: WebSocket by `Upgrade` on HTTP/1.1 (RFC 9110 §7.8), by extended
/// CONNECT on HTTP/2 (RFC 8441). The same upgrader serves both; the carrier writes 101 or 200.
pub trait Upgrader {
    /// The protocol's name in the `Upgrade` field or `:protocol`: `websocket`.
    fn token(&self) -> &'static str;

    /// The site that this upgrader belongs to is installed as `site`: for protocols that carry HTTP again.
    fn installed(&mut self, _site: SlotKey<Site>) {}

    /// Whether this upgrader is meant by a request under its path: the choice between several under one path.
    fn wants(&self, _request: &Request<'_>) -> bool {
        true
    }

    /// Checks the request and makes the role that takes the stream over.
    ///
    /// # Errors
    /// How to answer a request that does not qualify.
    fn upgrade(&mut self, request: &Request<'_>) -> Result<Upgraded, Refusal>;
}

/// An upgrade that was granted.
pub struct Upgraded {
    /// Takes the stream over after the response head.
    pub role: Box<dyn Role>,
    /// Response fields.
    pub fields: Vec<(&'static str, String)>,
}

/// An upgrade that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The answer's status.
    pub status: Status,
    /// Response fields.
    pub fields: Vec<(&'static str, String)>,
    /// Why, for the log and for the body of the answer.
    pub why: &'static str,
}

/// Makes an [`Upgrader`] for each loop.
pub trait UpgradeBlueprint: Send + Sync {
    /// Makes this loop's instance; its protocol instance goes into `world`.
    ///
    /// # Errors
    /// What cannot work, in words for a person.
    fn install(&self, world: &mut World) -> Result<Box<dyn Upgrader>, InstallError>;
}
