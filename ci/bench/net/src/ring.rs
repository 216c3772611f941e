//! The same bytes again and again, as the fastest way to answer and to ask: nothing is made, nothing is copied.

use rustix::io::Errno;
use rustix::net::{SendFlags, send};
use std::os::fd::AsFd;

/// Bytes of one `send` at most, unless one unit is longer.
const BATCH: usize = 1 << 20;
/// Units in one `send` at most.
const UNITS: usize = 256;

/// A unit, repeated.
pub struct Ring {
    bytes: Vec<u8>,
    unit: usize,
}

/// What one connection has yet to send.
#[derive(Clone, Copy, Default)]
pub struct Owed {
    /// Bytes.
    left: usize,
    /// Where in a unit the next byte is; `at < unit`.
    at: usize,
}

impl Owed {
    /// Whether anything is left to send.
    pub fn is_some(&self) -> bool {
        self.left > 0
    }
}

impl Ring {
    pub fn new(unit: &[u8]) -> Self {
        let times = (BATCH / unit.len().max(1)).clamp(1, UNITS) + 1;
        Self { bytes: unit.repeat(times), unit: unit.len() }
    }

    pub fn unit(&self) -> usize {
        self.unit
    }

    /// Promises so many units more.
    pub fn owe(&self, owed: &mut Owed, units: usize) {
        owed.left += units * self.unit;
    }

    /// Sends what is owed, as far as the socket takes it.
    ///
    /// # Errors
    /// The peer has gone.
    pub fn send(&self, to: impl AsFd, owed: &mut Owed) -> Result<(), Errno> {
        while owed.left > 0 {
            let end = self.bytes.len().min(owed.at + owed.left);
            match send(&to, &self.bytes[owed.at..end], SendFlags::NOSIGNAL) {
                Ok(sent) => {
                    owed.left -= sent;
                    let short = sent < end - owed.at;
                    owed.at = (owed.at + sent) % self.unit;
                    if short {
                        // The socket is full, and says when it is not.
                        return Ok(());
                    }
                }
                Err(Errno::AGAIN) => return Ok(()),
                Err(gone) => return Err(gone),
            }
        }
        Ok(())
    }

    /// Whether `data` continues the repetition from `at` on; only for what has gone through [`Owed`].
    pub fn agrees(&self, at: usize, data: &[u8]) -> bool {
        let mut at = at % self.unit;
        let mut rest = data;
        while !rest.is_empty() {
            let now = rest.len().min(self.bytes.len() - at);
            if rest[..now] != self.bytes[at..at + now] {
                return false;
            }
            at = (at + now) % self.unit;
            rest = &rest[now..];
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_agrees_with_its_unit_at_any_place() {
        let ring = Ring::new(b"abc");
        let text = b"abc".repeat(2000);
        for at in 0..7 {
            assert!(ring.agrees(at, &text[at..]));
        }
        assert!(!ring.agrees(0, b"abx") && !ring.agrees(1, b"abc"));
    }

    #[test]
    fn what_is_owed_arrives_whatever_the_socket_takes() {
        let (a, b) = std::os::unix::net::UnixStream::pair().unwrap();
        a.set_nonblocking(true).unwrap();
        b.set_nonblocking(true).unwrap();
        let ring = Ring::new(&[7; 70_001]);
        let mut owed = Owed::default();
        ring.owe(&mut owed, 20);
        let mut got = Vec::new();
        let mut buffer = [0; 4096];
        while owed.is_some() || got.len() < 20 * 70_001 {
            ring.send(&a, &mut owed).unwrap();
            while let Ok(read) = std::io::Read::read(&mut &b, &mut buffer) {
                got.extend_from_slice(&buffer[..read]);
            }
        }
        assert!(got.len() == 20 * 70_001 && ring.agrees(0, &got));
    }
}
