//! The client's own deadlines.
//!
//! Deadlines belong to streams, and what waits for an address or for another try has none. So the earliest of them is
//! a stream that is to be opened then and cannot be: it hears of that, and tells the client.

use crate::client::Client;
use lws_role::{Closed, Cx, Handle, Hub, Next, Role, SlotKey, Step, Target};
use lws_wire::{Out, Time};

/// The earliest deadline.
pub(crate) struct Alarm {
    pub(crate) at: Time,
    handle: Handle,
}

/// A path that is too long for any system: [`Target::Unix`] says what becomes of it.
const NOWHERE: [u8; 256] = [b'x'; 256];

impl Alarm {
    /// Sets the alarm; `None` if the loop has no room for it now.
    pub(crate) fn set(hub: &mut Hub, client: SlotKey<Client>, at: Time) -> Option<Self> {
        let after = at.since(hub.now);
        let handle = hub.connect_after(after, Target::Unix(NOWHERE.into()), Box::new(Ring { client }))?;
        Some(Self { at, handle })
    }

    /// It is not needed any more.
    pub(crate) fn stop(&self, hub: &mut Hub) {
        hub.abort(self.handle);
    }

    /// Whether it is the one that rings.
    pub(crate) fn is(&self, handle: Handle) -> bool {
        self.handle == handle
    }
}

struct Ring {
    client: SlotKey<Client>,
}

impl Role for Ring {
    fn name(&self) -> &'static str {
        "alarm"
    }

    fn start(&mut self, _cx: &mut Cx<'_>, _out: &mut Out<'_>) -> Next {
        Next::Close(Closed::Done)
    }

    fn receive(&mut self, _cx: &mut Cx<'_>, input: &mut [u8], _out: &mut Out<'_>) -> Step {
        Step::close(input.len(), Closed::Done)
    }

    fn closed(&mut self, cx: &mut Cx<'_>, _why: Closed) {
        let handle = cx.handle();
        let (client, mut env) = cx.split(self.client);
        client.rings(env.hub(), handle);
    }
}
