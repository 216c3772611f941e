//! Flow-control windows (RFC 9113 §5.2, §6.9), one pair per stream and one per connection.
//!
//! ```text
//!   receiving:   | consumed, told | consumed, owed | held | left ............ |
//!                                   credit                  peer may send       left + held + credit == size
//! ```
//! Credit is given for what was *consumed*, never for what has merely arrived; so what a peer can make us hold is
//! bounded by the window. It is told in pieces of half of what the peer has left or more, and at once when the peer
//! has nothing left.
//!
//! The sending window can be negative: a setting may shrink it below what is in flight (§6.9.2).

use crate::error::Peer;
use crate::limits::WINDOW_MAX;

/// What we may still receive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecvWindow {
    size: u32,
    /// What the peer may still send. `left <= size`
    left: u32,
    /// Consumed, and not told to the peer yet. `left + credit <= size`
    credit: u32,
}

impl RecvWindow {
    pub(crate) const fn new(size: u32) -> Self {
        Self { size, left: size, credit: 0 }
    }

    /// A frame of `n` bytes is coming in.
    pub(crate) fn take(&mut self, n: u32) -> Result<(), Peer> {
        // RFC 9113 §6.9: more than the window is a FLOW_CONTROL_ERROR.
        self.left = self.left.checked_sub(n).ok_or(Peer::WindowExceeded)?;
        Ok(())
    }

    /// `n` of the bytes that came in are dealt with.
    pub(crate) fn consume(&mut self, n: u32) {
        debug_assert!(n <= self.held(), "nothing is consumed twice");
        self.credit += n.min(self.held());
    }

    /// Bytes that came in and are not consumed.
    pub(crate) fn held(&self) -> u32 {
        self.size - self.left - self.credit
    }

    /// The increment that the peer should be told of now; zero if none.
    pub(crate) fn due(&self) -> u32 {
        if self.credit > 0 && self.credit >= self.left { self.credit } else { 0 }
    }

    /// The peer was told.
    pub(crate) fn told(&mut self) {
        self.left += self.credit;
        self.credit = 0;
    }
}

/// What we may still send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendWindow(i64);

impl SendWindow {
    pub(crate) fn new(size: u32) -> Self {
        Self(i64::from(size))
    }

    /// Bytes that may be sent now.
    pub(crate) fn available(self) -> usize {
        usize::try_from(self.0).unwrap_or(0)
    }

    pub(crate) fn spend(&mut self, n: usize) {
        debug_assert!(n <= self.available(), "nothing is sent beyond the window");
        self.0 -= n as i64;
    }

    /// `WINDOW_UPDATE`; tells whether a window that was shut is open now.
    pub(crate) fn open(&mut self, increment: u32) -> Result<bool, Peer> {
        // RFC 9113 §6.9: an increment of 0 is an error.
        if increment == 0 {
            return Err(Peer::ZeroIncrement);
        }
        self.shift(i64::from(increment)).ok_or(Peer::WindowOverflow)
    }

    /// The initial window changed by `by` (RFC 9113 §6.9.2); tells whether a window that was shut is open now.
    pub(crate) fn adjust(&mut self, by: i64) -> Result<bool, Peer> {
        self.shift(by).ok_or(Peer::SettingWindow)
    }

    fn shift(&mut self, by: i64) -> Option<bool> {
        let was_shut = self.0 <= 0;
        let sum = self.0.checked_add(by)?;
        // RFC 9113 §6.9.1: a window must not exceed 2^31-1.
        if sum > i64::from(WINDOW_MAX) {
            return None;
        }
        self.0 = sum;
        Some(was_shut && sum > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_follows_consumption() {
        let mut window = RecvWindow::new(100);
        window.take(60).unwrap();
        assert_eq!((window.held(), window.due()), (60, 0));
        window.consume(39);
        assert_eq!(window.due(), 0, "less than the peer has left");
        window.consume(1);
        assert_eq!(window.due(), 40);
        window.told();
        assert_eq!((window.left, window.held(), window.due()), (80, 20, 0));
        assert_eq!(window.take(81), Err(Peer::WindowExceeded));
        window.take(80).unwrap();
        window.consume(1);
        assert_eq!(window.due(), 1, "a peer with nothing left hears of every byte");
    }

    #[test]
    fn h2_09_windows_overflow_and_go_negative() {
        let mut window = SendWindow::new(WINDOW_MAX);
        assert_eq!(window.open(1), Err(Peer::WindowOverflow));
        assert_eq!(window.adjust(1), Err(Peer::SettingWindow));
        assert_eq!(window.open(0), Err(Peer::ZeroIncrement));
        window.spend(10);
        assert_eq!(window.adjust(-i64::from(WINDOW_MAX)), Ok(false));
        assert_eq!((window.0, window.available()), (-10, 0));
        assert_eq!(window.open(10), Ok(false));
        assert_eq!(window.open(1), Ok(true));
        assert_eq!(window.available(), 1);
    }
}
