//! How bytes arrive and leave.

use crate::Rng;
use crate::limits::LEAST_ROOM_BYTES;
use lws_role::limits::{LARGE_OFFER_BYTES, OFFER_BYTES, OUT_BYTES};

/// A number of bytes, drawn anew each time: from `least` to `most`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// The fewest.
    pub least: usize,
    /// The most.
    pub most: usize,
}

impl Sizes {
    /// Always so many.
    pub const fn always(n: usize) -> Self {
        Self { least: n, most: n }
    }

    /// From `least` to `most`.
    pub const fn from_to(least: usize, most: usize) -> Self {
        Self { least, most }
    }

    pub(crate) fn draw(self, rng: &mut Rng) -> usize {
        if self.least == self.most { self.least } else { rng.magnitude(self.least, self.most) }
    }
}

/// How bytes arrive and leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Bytes that arrive at once, at least one.
    pub chunk: Sizes,
    /// Bytes of an empty `Out`; never fewer than [`LEAST_ROOM_BYTES`].
    pub room: Sizes,
    /// Bytes that the transport takes at once. Zero is a refusal: it takes some at the next attempt.
    pub take: Sizes,
    /// Whether it sends memory that a role hands over from where it lies, as a socket does, or says that it does not.
    pub sends_bytes: bool,
}

impl Conditions {
    /// Everything at once, as far as every host allows.
    pub const CALM: Self = Self {
        chunk: Sizes::always(OFFER_BYTES),
        room: Sizes::always(OUT_BYTES),
        take: Sizes::always(usize::MAX),
        sends_bytes: true,
    };

    /// Every byte on its own; the rest as in [`Conditions::CALM`].
    pub const BYTES: Self = Self { chunk: Sizes::always(1), ..Self::CALM };

    /// Something rough: each of them is calm now and then.
    pub fn rough(rng: &mut Rng) -> Self {
        let chunks = [
            Sizes::always(1),
            Sizes::from_to(1, 16),
            Sizes::from_to(1, 1500),
            Sizes::from_to(1, OFFER_BYTES),
            Sizes::always(OFFER_BYTES),
            Sizes::from_to(1, LARGE_OFFER_BYTES),
        ];
        let rooms = [
            Sizes::always(LEAST_ROOM_BYTES),
            Sizes::from_to(LEAST_ROOM_BYTES, OUT_BYTES),
            Sizes::always(OUT_BYTES),
            Sizes::from_to(LEAST_ROOM_BYTES, LARGE_OFFER_BYTES),
        ];
        let takes = [Sizes::from_to(0, 1500), Sizes::from_to(0, OUT_BYTES), Sizes::always(usize::MAX)];
        Self {
            chunk: *rng.pick(&chunks),
            room: *rng.pick(&rooms),
            take: *rng.pick(&takes),
            sends_bytes: rng.one_in(2),
        }
    }

    /// Bytes of the largest offer.
    pub(crate) fn offer_bytes(&self) -> usize {
        if self.chunk.most > OFFER_BYTES { LARGE_OFFER_BYTES } else { OFFER_BYTES }
    }

    pub(crate) fn draw_chunk(&self, rng: &mut Rng) -> usize {
        self.chunk.draw(rng).clamp(1, LARGE_OFFER_BYTES)
    }

    pub(crate) fn draw_room(&self, rng: &mut Rng) -> usize {
        self.room.draw(rng).clamp(LEAST_ROOM_BYTES, LARGE_OFFER_BYTES)
    }
}
