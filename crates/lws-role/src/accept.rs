//! How streams come to their first role.

use crate::{Facts, Role, World};
use alloc::{boxed::Box, string::String};
use core::fmt;

/// What a listener speaks: a description that threads share and each loop installs for itself.
pub trait Blueprint: Send + Sync {
    /// Makes this loop's instance: creates its protocol instances in `world`.
    ///
    /// # Errors
    /// What cannot work (a missing folder, an unusable certificate), in words for a person.
    fn install(&self, world: &mut World) -> Result<Box<dyn Acceptor>, InstallError>;
}

/// One loop's instance of a [`Blueprint`]: gives each new stream its role.
pub trait Acceptor {
    /// The ALPN name (RFC 7301) of what this speaks: `http/1.1`.
    fn alpn(&self) -> &'static [u8];

    /// A role for a new stream.
    fn accept(&self, facts: &Facts) -> Box<dyn Role>;

    /// Whether a client that begins like this wants what this speaks; asked by [`crate::sniff`]. The default says yes
    /// to anything.
    fn probe(&self, _first: &[u8]) -> Probe {
        Probe::Yes
    }
}

/// What the first bytes of a stream say about its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It is this one.
    Yes,
    /// It is another one.
    No,
    /// They could still become either.
    More,
}

/// Why a blueprint could not be installed, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallError(pub String);

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for InstallError {}
