//! The streams of a connection that are not closed, and what their user keeps with each.
//!
//! ```text
//!   index:  [ (1, slot 0), (5, slot 2), (7, slot 1) ]      by rising id
//!   slots:  [ stream 1 | stream 7 | stream 5 | free ]      reused; memory goes back when no stream is left
//! ```

use alloc::vec::Vec;

use crate::flow::{RecvWindow, SendWindow};
use crate::priority::DEFAULT_URGENCY;
use crate::sender::Asked;
use crate::state::State;

/// A stream, and `T` that its user keeps with it.
#[derive(Debug)]
pub struct Stream<T> {
    /// What the protocol keeps.
    pub flow: Flow,
    /// What the user keeps.
    pub data: T,
}

/// What the protocol keeps of a stream.
#[derive(Debug)]
pub struct Flow {
    pub(crate) id: u32,
    pub(crate) state: State,
    pub(crate) send: SendWindow,
    pub(crate) recv: RecvWindow,
    /// Bytes of body that `content-length` still promises; `None` if it promised nothing.
    pub(crate) owed: Option<u64>,
    /// A final head went from server to client: everything after it is body and trailers.
    pub(crate) answered: bool,
    /// Bytes of `DATA` payload sent.
    pub(crate) sent: u64,
    pub(crate) urgency: u8,
    /// On a client: what kind of request it was.
    pub(crate) asked: Asked,
    /// On a client: interim responses so far.
    pub(crate) interim: u8,
    /// The peer gets no more room.
    pub(crate) muted: bool,
}

impl Flow {
    pub(crate) fn new(id: u32, send_window: u32, recv_window: u32) -> Self {
        Self {
            id,
            state: State::Open,
            send: SendWindow::new(send_window),
            recv: RecvWindow::new(recv_window),
            owed: None,
            answered: false,
            sent: 0,
            urgency: DEFAULT_URGENCY,
            asked: Asked::Other,
            interim: 0,
            muted: false,
        }
    }

    /// The stream's identifier.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The stream's state.
    pub fn state(&self) -> State {
        self.state
    }

    /// Bytes that the stream's own window lets us send; the connection's may be smaller.
    pub fn window(&self) -> usize {
        self.send.available()
    }

    /// The peer gets no more room on this stream, whatever is consumed: it stops sending when its window is spent.
    pub fn mute(&mut self) {
        self.muted = true;
    }

    /// Bytes of body sent so far.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Bytes of body that `content-length` still promises; `None` if it promised nothing.
    pub fn owed(&self) -> Option<u64> {
        self.owed
    }

    /// How urgent the response is: 0 most, 7 least (RFC 9218 §4.1).
    pub fn urgency(&self) -> u8 {
        self.urgency
    }
}

pub(crate) struct Streams<T> {
    index: Vec<(u32, u16)>,
    slots: Vec<Option<Stream<T>>>,
    free: Vec<u16>,
}

/// Slots that stay allocated when no stream is left: enough for requests one after the other.
const KEEP: usize = 2;

impl<T> Streams<T> {
    pub(crate) const fn new() -> Self {
        Self { index: Vec::new(), slots: Vec::new(), free: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.index.len()
    }

    /// The id of the stream at a place, by rising id.
    pub(crate) fn id_at(&self, place: usize) -> Option<u32> {
        self.index.get(place).map(|(id, _)| *id)
    }

    pub(crate) fn get(&mut self, id: u32) -> Option<&mut Stream<T>> {
        let place = self.place(id)?;
        self.slots.get_mut(usize::from(self.index[place].1))?.as_mut()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Stream<T>> {
        self.slots.iter_mut().flatten()
    }

    /// Adds a stream whose id is above those of all others.
    #[inline]
    pub(crate) fn push(&mut self, stream: Stream<T>) {
        debug_assert!(self.index.last().is_none_or(|(id, _)| *id < stream.flow.id), "ids rise");
        let id = stream.flow.id;
        let slot = self.free.pop().unwrap_or_else(|| {
            if self.slots.len() == self.slots.capacity() {
                // A vector's own first step would be four.
                self.slots.reserve_exact(self.slots.len().max(1));
            }
            self.slots.push(None);
            (self.slots.len() - 1) as u16
        });
        self.slots[usize::from(slot)] = Some(stream);
        self.index.push((id, slot));
    }

    /// Takes a stream out. What is to be kept of it is for `last` to take: the rest ends where it lies.
    #[inline]
    pub(crate) fn remove<R>(&mut self, id: u32, last: impl FnOnce(&mut Option<Stream<T>>) -> R) -> Option<R> {
        let place = self.place(id)?;
        let (_, slot) = self.index.remove(place);
        let stream = self.slots.get_mut(usize::from(slot))?;
        let kept = last(stream);
        *stream = None;
        self.free.push(slot);
        if self.index.is_empty() && self.slots.capacity() > KEEP {
            // An idle connection keeps next to nothing.
            *self = Self::new();
        }
        Some(kept)
    }

    fn place(&self, id: u32) -> Option<usize> {
        self.index.binary_search_by_key(&id, |(id, _)| *id).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams(ids: &[u32]) -> Streams<u32> {
        let mut streams = Streams::new();
        for &id in ids {
            streams.push(Stream { flow: Flow::new(id, 0, 0), data: id });
        }
        streams
    }

    #[test]
    fn streams_are_found_by_id_and_slots_reused() {
        let mut s = streams(&[1, 3, 5, 7]);
        assert_eq!(s.remove(3, |s| s.take().map(|s| s.data)), Some(Some(3)));
        assert!(s.remove(3, |_| ()).is_none() && s.get(3).is_none());
        s.push(Stream { flow: Flow::new(9, 0, 0), data: 9 });
        assert_eq!(s.slots.len(), 4);
        assert_eq!((0..5).filter_map(|i| s.id_at(i)).collect::<Vec<_>>(), [1, 5, 7, 9]);
        for id in [1, 5, 7, 9] {
            assert_eq!(s.get(id).map(|s| s.data), Some(id));
        }
    }

    #[test]
    fn the_memory_of_a_crowd_goes_back() {
        let ids: Vec<u32> = (0..100).map(|n| 2 * n + 1).collect();
        let mut s = streams(&ids);
        for id in ids {
            s.remove(id, |_| ());
        }
        assert_eq!((s.slots.capacity(), s.index.capacity(), s.free.capacity()), (0, 0, 0));
    }
}
