//! One TLS connection, without a socket.
//!
//! ```text
//!              ┌───────────── any stage: broken rules, alert ─────────────┐
//!              │                                                          ▼
//!   Handshaking ─▶ Open ─▶ PeerClosed (we may still send)               Failed
//! ```
//! Rules every backend keeps:
//! 1. A record is taken whole or not at all; a partial one stays with the caller, so an idle session buffers
//!    nothing.
//! 2. Ciphertext for which `out` had no room waits inside ([`Session::pending`]); until it is gone the session
//!    takes no more input and seals nothing, so what waits is one flight at most.
//! 3. A failed session has its alert in `out` or pending, and answers every further call with the same error.

use core::fmt;
use core::ops::Range;

use crate::{Cause, Error, Facts, Stage};
use lws_wire::Out;

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Not yet ready for application data.
    Handshaking,
    /// Application data flows both ways.
    Open,
    /// The peer said `close_notify`: no more comes, we may still send.
    PeerClosed,
    /// A fatal error; flush what is pending and close.
    Failed,
}

/// What [`Session::receive`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "the plaintext is here"]
pub struct Received {
    /// Bytes taken from the front of the input: a whole record. Zero means that the first record is not complete
    /// or, if [`Session::pending`] is not zero, that `out` lacks room.
    pub consumed: usize,
    /// Where in the input the plaintext is, if there is any. It ends at or before `consumed` and is the caller's to
    /// change.
    pub plain: Range<usize>,
}

/// One TLS connection, of either side, as a pure machine over slices.
#[doc(alias = "lws_tls_conn")]
pub trait Session: Send + fmt::Debug {
    /// Takes at most one record from the front of `input`, decrypts it in place, and writes what the handshake
    /// answers to `out`. Call it again with the rest until nothing is consumed.
    ///
    /// With an empty `input` it only flushes. After the peer's `close_notify` all input is taken and ignored
    /// (RFC 8446 §6.1).
    ///
    /// # Errors
    /// [`Error::Peer`] when the peer broke the rules, sent an alert or could not be agreed with;
    /// [`Error::HandshakeTooLarge`]; [`Error::Library`]. The session is then [`Phase::Failed`].
    fn receive(&mut self, input: &mut [u8], out: &mut Out<'_>) -> Result<Received, Error>;

    /// Seals as much of `plain` as `out` has room for and returns how much that was (see
    /// [`Session::plain_room`]); zero means "more room, please".
    ///
    /// # Errors
    /// [`Error::Misuse`] before the handshake is done or after [`Session::close_notify`]; the error of a session
    /// that has failed.
    fn send(&mut self, plain: &[u8], out: &mut Out<'_>) -> Result<usize, Error>;

    /// Writes what waited for room ([`Session::pending`]).
    fn flush(&mut self, out: &mut Out<'_>);

    /// Says `close_notify` (RFC 8446 §6.1), once; nothing can be sent afterwards. Done when [`Session::pending`]
    /// is zero. During a handshake, and after a failure, nothing is said.
    fn close_notify(&mut self, out: &mut Out<'_>);

    /// Bytes of ciphertext that wait for room.
    fn pending(&self) -> usize;

    /// How far the session has come.
    fn phase(&self) -> Phase;

    /// What the handshake settled.
    fn facts(&self) -> Facts<'_>;

    /// The most plaintext that [`Session::send`] can seal into `room` bytes.
    fn plain_room(&self, room: usize) -> usize;

    /// Whether the next input continues the handshake. Such a step is expensive (signatures, key agreement).
    fn handshaking(&self) -> bool {
        self.phase() == Phase::Handshaking
    }

    /// The transport has ended: whether that was to be expected.
    ///
    /// # Errors
    /// [`Cause::Truncated`] if the peer did not say `close_notify`: what came may not be all (RFC 8446 §6.1).
    fn ended(&self) -> Result<(), Error> {
        let stage = match self.phase() {
            Phase::PeerClosed | Phase::Failed => return Ok(()),
            Phase::Handshaking => Stage::Handshake,
            Phase::Open => Stage::Data,
        };
        Err(Error::Peer { stage, cause: Cause::Truncated })
    }
}
