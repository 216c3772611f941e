//! The request before this one, in case that they are the same.
//!
//! Clients that call one thing again and again (RPC, polling) send the same block again and again, once its fields stand
//! in the compression table. It means the same head then, which still lies in the room: nothing has to be decoded or
//! checked anew. What makes that true is that the table has not changed, which is counted.

use core::ptr;

use lws_head::{FieldPos, Fields, Method, RequestHead, Version};
use lws_hpack::Decoder;

use super::request::Request;
use crate::limits::REPEATED_BLOCK_BYTES;

/// A block, and what it was decoded to.
pub(crate) struct Last {
    /// `block[..len]`; nothing is remembered if `len` is 0.
    block: [u8; REPEATED_BLOCK_BYTES],
    len: usize,
    /// Where the decoder is: a room is meant for one connection, but nothing must mix if it was lent to two.
    decoder: usize,
    changes: u32,
    parts: Parts,
}

/// Where the parts of the head lie.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) method: Method,
    /// The pseudo-headers lie in front of this.
    pub(crate) lead: usize,
    /// Offset and length in that.
    pub(crate) scheme: (u16, u16),
    pub(crate) authority: (u16, u16),
    pub(crate) path: (u16, u16),
    /// Bytes of the path in front of the question mark, if there is one.
    pub(crate) query: Option<usize>,
    /// Number of fields.
    pub(crate) fields: usize,
    pub(crate) content_length: Option<u64>,
    pub(crate) expect_continue: bool,
    pub(crate) urgency: u8,
}

impl Last {
    pub(crate) const NOTHING: Self = Self {
        block: [0; REPEATED_BLOCK_BYTES],
        len: 0,
        decoder: 0,
        changes: 0,
        parts: Parts {
            method: Method::Get,
            lead: 0,
            scheme: (0, 0),
            authority: (0, 0),
            path: (0, 0),
            query: None,
            fields: 0,
            content_length: None,
            expect_continue: false,
            urgency: 0,
        },
    };

    /// The room is used for something else now.
    pub(crate) fn forget(&mut self) {
        self.len = 0;
    }

    /// Remembers what `block` was decoded to, if it is short and changed nothing: one that puts fields into the table
    /// does so each time. `changes` is the decoder's count from before.
    pub(crate) fn keep(&mut self, decoder: &Decoder, changes: u32, block: &[u8], parts: Parts) {
        if changes == decoder.changes()
            && let Some(room) = self.block.get_mut(..block.len())
        {
            room.copy_from_slice(block);
            (self.len, self.parts) = (block.len(), parts);
            (self.decoder, self.changes) = (ptr::from_ref(decoder).addr(), changes);
        }
    }

    /// What `block` means, if it is the same block again.
    pub(crate) fn find(&self, decoder: &Decoder, block: &[u8]) -> Option<Parts> {
        let is_it = self.len > 0
            && self.decoder == ptr::from_ref(decoder).addr()
            && self.changes == decoder.changes()
            && self.block.get(..self.len) == Some(block);
        is_it.then_some(self.parts)
    }
}

impl Parts {
    /// The request, in the room where it was put together.
    pub(crate) fn view<'r>(&self, text: &'r [u8], index: &'r [FieldPos]) -> Request<'r> {
        let lead = text.get(..self.lead).and_then(|lead| core::str::from_utf8(lead).ok()).unwrap_or_default();
        let part = |(at, len): (u16, u16)| {
            lead.get(usize::from(at)..usize::from(at) + usize::from(len)).unwrap_or_default()
        };
        let target = part(self.path);
        let (path, query) = match self.query {
            Some(at) => (target.get(..at).unwrap_or_default(), target.get(at + 1..)),
            None => (target, None),
        };
        let head = RequestHead {
            method: self.method,
            target,
            version: Version::Http2,
            scheme: Some(part(self.scheme)),
            authority: Some(part(self.authority)),
            path,
            query,
            protocol: None,
            fields: Fields::new(text, index.get(..self.fields).unwrap_or_default()),
        };
        let Self { content_length, expect_continue, urgency, .. } = *self;
        Request { head, content_length, expect_continue, urgency }
    }
}

#[cfg(test)]
mod tests {
    use lws_hpack::Limits;

    use super::super::request::request;
    use super::super::{HeadRoom, Verdict, discard};
    use super::*;
    use crate::limits::HEAD_ROOM_BYTES;

    #[test]
    fn a_block_is_remembered_until_the_table_or_the_room_changes() {
        let mut bytes = alloc::vec![0; HEAD_ROOM_BYTES];
        let (mut room, mut decoder) = (HeadRoom::new(&mut bytes), Decoder::new(Limits::default()));
        let mut decode = |room: &mut HeadRoom<'_>, block: &[u8]| {
            let before = room.last.find(&decoder, block).is_some();
            let good = matches!(request(&mut decoder, block, room, false), Ok(Verdict::Good(_)));
            (before, good, room.last.find(&decoder, block).is_some())
        };
        let plain = b"\x82\x86\x84\x01\x01a";
        assert_eq!(decode(&mut room, plain), (false, true, true));
        assert_eq!(decode(&mut room, plain), (true, true, true));
        assert_eq!(decode(&mut room, b"\x82\x86\x85\x01\x01a"), (false, true, true));
        assert_eq!(decode(&mut room, plain), (false, true, true), "only the last one is remembered");
        // `x: y` goes into the table, each time.
        let inserts = b"\x82\x86\x84\x01\x01a\x40\x01x\x01y";
        assert_eq!(decode(&mut room, inserts), (false, true, false));
        assert_eq!(decode(&mut room, inserts), (false, true, false));
        assert_eq!(decode(&mut room, plain), (false, true, true));
        assert_eq!(decode(&mut room, b"\x82\x86\x84"), (false, false, false), "malformed ones are not");
        assert_eq!(decode(&mut room, plain), (false, true, true));
        assert!(discard(&mut decoder, b"\x40\x01x\x01y", &mut room).is_ok());
        assert!(room.last.find(&decoder, plain).is_none());
    }
}
