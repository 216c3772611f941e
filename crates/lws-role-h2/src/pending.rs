//! Output of one stream that its windows did not let out.

use alloc::vec::Vec;
use lws_h2::{Flow, Sender};
use lws_wire::Out;

/// Bytes that wait for a window. Owns memory only while it holds something.
#[derive(Default)]
pub(crate) struct Pending {
    bytes: Vec<u8>,
    /// `0 <= at <= bytes.len()`
    at: usize,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(crate) fn push(&mut self, data: &[u8]) {
        self.bytes.extend_from_slice(data);
    }

    /// Lends `room` bytes behind the others; `f` says how many it filled.
    pub(crate) fn fill(&mut self, room: usize, f: &mut dyn FnMut(&mut [u8]) -> usize) -> usize {
        let before = self.bytes.len();
        self.bytes.resize(before + room, 0);
        let n = f(&mut self.bytes[before..]).min(room);
        self.bytes.truncate(before + n);
        n
    }

    /// Sends one frame of up to `limit` bytes; if they are the last of all and `ends`, it ends our side. Returns how
    /// many bytes went out.
    pub(crate) fn send(
        &mut self,
        sender: &mut Sender,
        flow: &mut Flow,
        out: &mut Out<'_>,
        limit: usize,
        ends: bool,
    ) -> usize {
        let waiting = &self.bytes[self.at..];
        let n = put_data(sender, flow, out, waiting, limit, ends);
        self.at += n;
        if self.is_empty() {
            *self = Self::default();
        }
        n
    }
}

/// Sends one frame with up to `limit` of these bytes; if they are all and `ends`, it ends our side.
pub(crate) fn put_data(
    sender: &mut Sender,
    flow: &mut Flow,
    out: &mut Out<'_>,
    bytes: &[u8],
    limit: usize,
    ends: bool,
) -> usize {
    let fill = |room: &mut Out<'_>| {
        room.put_some(bytes);
    };
    sender.data(flow, out, limit.min(bytes.len()), fill, |n| ends && n == bytes.len())
}
