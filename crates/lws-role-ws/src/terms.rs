//! What a connection was opened under.

use crate::client::Random;
use crate::coding::AnyCoding;
use crate::upgrade::Settings;
use alloc::rc::Rc;
use lws_role::SlotKey;
use lws_ws::{Receiver, Side};

/// What a connection was opened under: one for all connections that were opened alike, so that each of them has a pointer
/// in place of it.
pub(crate) struct Terms {
    /// Whose connections they are. Its type is known to the role.
    pub(crate) slot: SlotKey<()>,
    pub(crate) settings: Rc<Settings>,
    /// A client's: where the keys of its frames come from.
    pub(crate) random: Option<Random>,
    /// The extension that was agreed on.
    pub(crate) coding: Option<AnyCoding>,
}

impl Terms {
    pub(crate) fn side(&self) -> Side {
        if self.random.is_some() { Side::Client } else { Side::Server }
    }

    /// For the first byte of a connection, or of any frame between two messages.
    pub(crate) fn receiver(&self) -> Receiver {
        Receiver::new(self.side(), self.settings.receiver.allow_rsv1(self.coding.is_some()))
    }

    /// Whether messages leave as they are: a server's, without an extension.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.coding.is_none() && self.random.is_none()
    }

    /// A server's, by default, without an extension.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        let slot = lws_role::World::new(lws_wire::Time::ZERO).add(());
        Self { slot, settings: Rc::default(), random: None, coding: None }
    }
}
