//! How roles open connections themselves.
//!
//! ```text
//!   Hub::connect ──▶ Command::Connect ──▶ the loop ──▶ connected: Role::start, and so on, as on any stream
//!                                             └──────▶ failed:    Role::closed alone
//! ```
//! Whatever comes of it, the role hears of it after whoever asked has returned, and [`Role::closed`] is its last call.

use crate::{Command, Handle, Hub, Role};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

/// Where to connect to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// TCP over IPv4 or IPv6.
    Inet(SocketAddr),
    /// A unix stream socket at this path, in the bytes of the file system. A path that is too long for the system
    /// (107 bytes on Linux) fails as [`crate::Closed::Unreachable`].
    Unix(Box<[u8]>),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(addr) => addr.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.escape_ascii()),
        }
    }
}

/// A connection to be opened; see [`Hub::connect`].
pub struct Connect {
    /// What it is called from now on.
    pub handle: Handle,
    /// Where to.
    pub target: Target,
    /// Not before so much time has passed, unless it is woken.
    pub after: Duration,
    /// Who speaks on it.
    pub role: Box<dyn Role>,
}

/// Shows everything but the role.
impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").field("handle", &self.handle).field("target", &self.target).finish()
    }
}

impl Hub {
    /// Asks the loop to open a connection, on which `role` speaks. It is called by this name from now on.
    ///
    /// When the connection is there, the role is started. When there will be none, [`Role::closed`] is called, and
    /// nothing else: [`crate::Closed::Refused`], [`crate::Closed::Unreachable`], [`crate::Closed::Timeout`] and so on
    /// say why. Both happen after whoever asks has returned.
    ///
    /// `None`, and the role is dropped, if the loop opens no connections (a simulator), or has been asked for too many
    /// in one go: the next turn has room again.
    #[doc(alias = "lws_client_connect_via_info")]
    pub fn connect(&mut self, target: Target, role: Box<dyn Role>) -> Option<Handle> {
        self.connect_after(Duration::ZERO, target, role)
    }

    /// As [`Hub::connect`], but not before `after` has passed, or [`Hub::wake`] was called for it: so that a second way
    /// to the same place is tried only when the first takes long (RFC 8305 §5).
    pub fn connect_after(&mut self, after: Duration, target: Target, role: Box<dyn Role>) -> Option<Handle> {
        let handle = self.spare_handles.pop()?;
        self.record(Command::Connect(Box::new(Connect { handle, target, after, role })));
        Some(handle)
    }

    /// Asks the loop to end a connection at once, with a reset: its role hears [`crate::Closed::Aborted`]. One that is
    /// still being opened is given up. A stale handle is harmless, and so is one of a stream within a connection:
    /// that is for the role which hosts it to end.
    pub fn abort(&mut self, handle: Handle) {
        self.record(Command::Abort(handle));
    }

    /// For loops that open connections: lends handles to [`Hub::connect`], until there are `n`.
    pub fn lend_handles(&mut self, n: usize, reserve: impl FnMut() -> Handle) {
        let missing = n.saturating_sub(self.spare_handles.len());
        self.spare_handles.extend(core::iter::repeat_with(reserve).take(missing));
    }
}

/// Handles that the loop keeps free for connections that roles open.
pub(crate) type SpareHandles = Vec<Handle>;
