//! The settings of a connection (RFC 9113 §6.5), ours and the peer's kept apart: what a peer says about itself never
//! moves a limit of ours.

use lws_wire::Out;

use crate::Side;
use crate::error::{Limit, Peer as Fault, Wrong};
use crate::flow::SendWindow;
use crate::frame::settings::{self as frame, Entry};
use crate::limits;

mod id {
    pub(super) const HEADER_TABLE_SIZE: u16 = 0x1;
    pub(super) const ENABLE_PUSH: u16 = 0x2;
    pub(super) const MAX_CONCURRENT_STREAMS: u16 = 0x3;
    pub(super) const INITIAL_WINDOW_SIZE: u16 = 0x4;
    pub(super) const MAX_FRAME_SIZE: u16 = 0x5;
    pub(super) const MAX_HEADER_LIST_SIZE: u16 = 0x6;
    /// RFC 8441 §3.
    pub(super) const ENABLE_CONNECT_PROTOCOL: u16 = 0x8;
    /// RFC 9218 §2.1.
    pub(super) const NO_RFC7540_PRIORITIES: u16 = 0x9;
}

/// What we tell the peer about ourselves. The default is this crate's [`limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Streams that the peer may have open at once.
    pub streams: u32,
    /// Bytes that the peer may send on a stream ahead of what was consumed; at most [`limits::WINDOW_MAX`].
    pub stream_window: u32,
    /// The same for the whole connection; at least 65 535, which nobody can lower (RFC 9113 §6.9.2).
    pub connection_window: u32,
    /// A server takes extended CONNECT (RFC 8441).
    pub connect_protocol: bool,
}

impl Default for Local {
    fn default() -> Self {
        Self {
            streams: limits::STREAMS,
            stream_window: limits::STREAM_WINDOW,
            connection_window: limits::CONNECTION_WINDOW,
            connect_protocol: true,
        }
    }
}

/// The window that both sides start with (RFC 9113 §6.9.2).
pub(crate) const FIRST_WINDOW: u32 = 65_535;

impl Local {
    /// Sets the streams that the peer may have open at once.
    #[must_use]
    pub const fn streams(mut self, streams: u32) -> Self {
        self.streams = streams;
        self
    }

    /// Sets the window of each stream, in bytes.
    #[must_use]
    pub const fn stream_window(mut self, bytes: u32) -> Self {
        self.stream_window = if bytes < limits::WINDOW_MAX { bytes } else { limits::WINDOW_MAX };
        self
    }

    /// Sets whether a server takes extended CONNECT.
    #[must_use]
    pub const fn connect_protocol(mut self, yes: bool) -> Self {
        self.connect_protocol = yes;
        self
    }

    /// Appends our `SETTINGS` frame.
    #[must_use = "false means that nothing was written"]
    pub(crate) fn put(&self, out: &mut Out<'_>, side: Side) -> bool {
        let (role, value) = match side {
            // RFC 8441 §3; RFC 9218 §2.1: we never look at the priorities of RFC 7540.
            Side::Server => (id::ENABLE_CONNECT_PROTOCOL, u32::from(self.connect_protocol)),
            // RFC 9113 §8.4: no pushes to us.
            Side::Client => (id::ENABLE_PUSH, 0),
        };
        let entries = [
            (id::MAX_CONCURRENT_STREAMS, self.streams),
            (id::INITIAL_WINDOW_SIZE, self.stream_window),
            (id::MAX_HEADER_LIST_SIZE, limits::LIST_BYTES as u32),
            (role, value),
            (id::NO_RFC7540_PRIORITIES, 1),
        ];
        frame::put(out, entries.into_iter().map(|(id, value)| Entry { id, value }))
    }
}

/// What the peer told us about itself, or the defaults of RFC 9113 §6.5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Bytes of the header-compression table that it allows us.
    pub header_table: u32,
    /// Streams that we may have open at once.
    pub streams: u32,
    /// Bytes that we may send on a new stream.
    pub stream_window: u32,
    /// Bytes of payload of a frame that it accepts.
    pub frame: u32,
    /// Bytes of a header list that it is willing to take; advisory.
    pub header_list: u32,
    /// It takes extended CONNECT (RFC 8441).
    pub connect_protocol: bool,
}

impl Default for Peer {
    fn default() -> Self {
        Self {
            header_table: 4096,
            streams: u32::MAX,
            stream_window: FIRST_WINDOW,
            frame: 16_384,
            header_list: u32::MAX,
            connect_protocol: false,
        }
    }
}

impl Peer {
    /// Obeys a `SETTINGS` frame from a peer whose counterpart is `side`; `windows` are those of all open streams.
    pub(crate) fn obey<'w>(
        &mut self,
        side: Side,
        payload: &[u8],
        windows: impl Iterator<Item = &'w mut SendWindow>,
    ) -> Result<(), Wrong> {
        let before = self.stream_window;
        for entry in frame::read(payload)? {
            self.set(side, entry)?;
        }
        // RFC 9113 §6.9.2: all open streams' windows move by the difference; it may make them negative.
        let by = i64::from(self.stream_window) - i64::from(before);
        if by != 0 {
            for window in windows {
                window.adjust(by)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, side: Side, Entry { id, value }: Entry) -> Result<(), Fault> {
        match id {
            id::HEADER_TABLE_SIZE => self.header_table = value,
            // RFC 9113 §6.5.2: 0 or 1, and a server must not say 1.
            id::ENABLE_PUSH if value > 1 || (side == Side::Client && value == 1) => {
                return Err(Fault::SettingValue);
            }
            id::MAX_CONCURRENT_STREAMS => self.streams = value,
            // RFC 9113 §6.5.2: above 2^31-1 is a FLOW_CONTROL_ERROR.
            id::INITIAL_WINDOW_SIZE if value > limits::WINDOW_MAX => return Err(Fault::SettingWindow),
            id::INITIAL_WINDOW_SIZE => self.stream_window = value,
            // RFC 9113 §6.5.2: between 2^14 and 2^24-1.
            id::MAX_FRAME_SIZE if !(0x4000..=0xff_ffff).contains(&value) => return Err(Fault::SettingValue),
            id::MAX_FRAME_SIZE => self.frame = value,
            id::MAX_HEADER_LIST_SIZE => self.header_list = value,
            // RFC 8441 §3: 0 or 1, and never back to 0.
            id::ENABLE_CONNECT_PROTOCOL if value > 1 || (self.connect_protocol && value == 0) => {
                return Err(Fault::SettingValue);
            }
            id::ENABLE_CONNECT_PROTOCOL => self.connect_protocol = value == 1,
            // RFC 9218 §2.1: 0 or 1.
            id::NO_RFC7540_PRIORITIES if value > 1 => return Err(Fault::SettingValue),
            // RFC 9113 §6.5.2: what is unknown is ignored.
            _ => {}
        }
        Ok(())
    }
}

/// H2-16: whether a `SETTINGS` frame of this length may be looked at.
pub(crate) fn check_length(length: u32) -> Result<(), Wrong> {
    if length > 6 * limits::SETTINGS_ENTRIES { Err(Limit::SettingsEntries.into()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obey(peer: &mut Peer, side: Side, entries: &[(u16, u32)]) -> Result<(), Wrong> {
        let mut payload = alloc::vec::Vec::new();
        for (id, value) in entries {
            payload.extend_from_slice(&id.to_be_bytes());
            payload.extend_from_slice(&value.to_be_bytes());
        }
        peer.obey(side, &payload, core::iter::empty())
    }

    #[test]
    fn values_are_checked() {
        let wrong = |side, id, value, fault: Fault| {
            assert_eq!(obey(&mut Peer::default(), side, &[(id, value)]), Err(fault.into()), "{id} {value}");
        };
        wrong(Side::Server, id::ENABLE_PUSH, 2, Fault::SettingValue);
        wrong(Side::Client, id::ENABLE_PUSH, 1, Fault::SettingValue);
        wrong(Side::Server, id::INITIAL_WINDOW_SIZE, 1 << 31, Fault::SettingWindow);
        wrong(Side::Server, id::MAX_FRAME_SIZE, 0x3fff, Fault::SettingValue);
        wrong(Side::Server, id::MAX_FRAME_SIZE, 1 << 24, Fault::SettingValue);
        wrong(Side::Client, id::ENABLE_CONNECT_PROTOCOL, 2, Fault::SettingValue);
        wrong(Side::Server, id::NO_RFC7540_PRIORITIES, 7, Fault::SettingValue);
        let mut peer = Peer::default();
        assert_eq!(obey(&mut peer, Side::Server, &[(0x4242, 9), (id::ENABLE_PUSH, 1)]), Ok(()));
        assert_eq!(peer, Peer::default(), "unknown settings change nothing");
    }

    #[test]
    fn extended_connect_is_not_taken_back() {
        let mut peer = Peer::default();
        assert_eq!(obey(&mut peer, Side::Client, &[(id::ENABLE_CONNECT_PROTOCOL, 1)]), Ok(()));
        assert!(peer.connect_protocol);
        assert!(obey(&mut peer, Side::Client, &[(id::ENABLE_CONNECT_PROTOCOL, 0)]).is_err());
    }

    #[test]
    fn a_changed_window_moves_all_streams_by_the_difference() {
        let mut windows = [SendWindow::new(FIRST_WINDOW), SendWindow::new(10)];
        windows[1].spend(10);
        let payload = [0, 4, 0, 0, 0, 0];
        Peer::default().obey(Side::Server, &payload, windows.iter_mut()).unwrap();
        assert_eq!(windows.map(SendWindow::available), [0, 0]);
        assert_eq!(windows[1].open(FIRST_WINDOW), Ok(false));
        assert_eq!(windows[1].open(1), Ok(true));
    }

    #[test]
    fn h2_16_a_torn_entry() {
        let obeyed = Peer::default().obey(Side::Server, &[0; 5], core::iter::empty());
        assert_eq!(obeyed, Err(Fault::FrameSize.into()));
    }
}
