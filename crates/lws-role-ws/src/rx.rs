//! What came of something that is not over: all that is kept of it between two offers of input.
//!
//! A connection that is between two messages has none of this: its next offer begins with a new one. So an idle
//! connection is small, and whole messages pass by without it.

use crate::limits::ANNOUNCED_FACTOR;
use crate::role::Decoding;
use crate::spares::Spares;
use crate::terms::Terms;
use alloc::vec::Vec;
use lws_head::RequestHeadBuf;
use lws_role::Cx;
use lws_ws::Receiver;

/// The receiving side of one connection.
pub(crate) struct Rx {
    pub(crate) receiver: Receiver,
    /// The upgrade request, until `open` has seen it; a server's.
    pub(crate) head: Option<RequestHeadBuf>,
    /// Header bytes at the front of the input whose frame is held back whole. They stay with the host: a frame without
    /// payload would leave it nothing to offer again.
    pub(crate) seen: usize,
    /// The message under way, if it comes in pieces.
    pub(crate) assembly: Vec<u8>,
    pub(crate) decoding: Decoding,
}

impl Rx {
    pub(crate) fn new(terms: &Terms) -> Self {
        Self {
            receiver: terms.receiver(),
            head: None,
            seen: 0,
            assembly: Vec::new(),
            decoding: Decoding::default(),
        }
    }

    /// Whether a new one is as good as this.
    pub(crate) fn is_spent(&self) -> bool {
        self.receiver.is_between()
            && self.head.is_none()
            && self.seen == 0
            && self.assembly.is_empty()
            && self.decoding.is_idle()
    }

    /// Keeps a piece of a message until the rest of it comes, of which so many bytes are announced.
    pub(crate) fn assemble(&mut self, cx: &mut Cx<'_>, piece: &[u8], announced: u64) {
        let assembly = &mut self.assembly;
        // WS-02: a claim costs no memory. What has come makes the rest of it believable.
        let believed = (assembly.len() + piece.len()).saturating_mul(ANNOUNCED_FACTOR);
        let all = piece.len() + usize::try_from(announced).unwrap_or(usize::MAX).min(believed);
        if assembly.is_empty() {
            *assembly = cx.shared::<Spares>().take(all);
        }
        if all > assembly.capacity() - assembly.len() {
            assembly.reserve(all);
        }
        assembly.extend_from_slice(piece);
    }
}
