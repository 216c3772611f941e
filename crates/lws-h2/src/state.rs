//! The states of a stream (RFC 9113 §5.1), without the two that only server push has.
//!
//! ```text
//!                 HEADERS                  END_STREAM ours
//!      (idle) ───────────────▶ Open ─────────────────────────▶ HalfClosedLocal
//!                                │                                  │
//!              END_STREAM theirs │                                  │ END_STREAM theirs
//!                                ▼                                  ▼
//!                        HalfClosedRemote ──────────────────────▶ Closed ◀── RST_STREAM from any of these
//!                                          END_STREAM ours
//! ```
//!
//! | a frame from the peer in | Open, HalfClosedLocal | HalfClosedRemote | Closed | idle |
//! |---|---|---|---|---|
//! | HEADERS | a head or trailers | stream: STREAM_CLOSED | connection: STREAM_CLOSED | opens it, if ids rise |
//! | DATA | body | stream: STREAM_CLOSED | connection: STREAM_CLOSED | connection: PROTOCOL_ERROR |
//! | RST_STREAM | closes | closes | ignored | connection: PROTOCOL_ERROR |
//! | WINDOW_UPDATE | obeyed | obeyed | ignored | connection: PROTOCOL_ERROR |
//! | PRIORITY | ignored | ignored | ignored | ignored |
//!
//! On a stream that *we* reset a while ago, or that came behind our `GOAWAY`, everything is ignored: the peer may not
//! have heard yet.

/// The state of a stream that is known. There is none for idle ones, and a closed one is soon forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Both sides may send.
    Open,
    /// We have ended our side.
    HalfClosedLocal,
    /// The peer has ended its side.
    HalfClosedRemote,
    /// Both sides have ended, or one has reset the stream.
    Closed,
}

impl State {
    /// We ended our side.
    pub(crate) fn end_local(self) -> Self {
        match self {
            Self::Open | Self::HalfClosedLocal => Self::HalfClosedLocal,
            Self::HalfClosedRemote | Self::Closed => Self::Closed,
        }
    }

    /// The peer ended its side.
    pub(crate) fn end_remote(self) -> Self {
        match self {
            Self::Open | Self::HalfClosedRemote => Self::HalfClosedRemote,
            Self::HalfClosedLocal | Self::Closed => Self::Closed,
        }
    }

    /// Whether we may still send.
    pub fn is_local_open(self) -> bool {
        matches!(self, Self::Open | Self::HalfClosedRemote)
    }

    /// Whether the peer may still send.
    pub fn is_remote_open(self) -> bool {
        matches!(self, Self::Open | Self::HalfClosedLocal)
    }
}

#[cfg(test)]
mod tests {
    use super::State::*;

    #[test]
    fn both_ends_close_in_either_order() {
        assert_eq!(Open.end_local().end_remote(), Closed);
        assert_eq!(Open.end_remote().end_local(), Closed);
        assert_eq!((Open.end_local(), Open.end_remote()), (HalfClosedLocal, HalfClosedRemote));
        assert!(Open.end_local().is_remote_open() && !Open.end_local().is_local_open());
        assert!(Open.end_remote().is_local_open() && !Open.end_remote().is_remote_open());
    }
}
