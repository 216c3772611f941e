//! One body, from its codings to what it is.
//!
//! ```text
//!   input ──▶ layers[0] ──▶ between ──▶ layers[1] ──▶ … ──▶ room
//! ```
//! Invariants: `layers` is not empty; layer 0 was applied last by the sender; no layer's `total_out` exceeds the cap.

#[cfg(feature = "brotli")]
use crate::brotli::Brotli;
use crate::inflate::Inflate;
use crate::limits::{ALLOWANCE, BETWEEN, LAYERS, RATIO};
use crate::{Coding, Error};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// Undoes the codings of one body.
pub struct Decoder {
    layers: Vec<Layer>,
    total_in: u64,
    failed: Option<Error>,
}

/// What [`Decoder::decode`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Bytes taken from the front of the input.
    pub consumed: usize,
    /// Bytes written to the front of the room.
    pub produced: usize,
}

/// One coding, and what it has made that the next one has not taken.
struct Layer {
    machine: Machine,
    /// Of the last layer, empty: it writes into the caller's room.
    made: Box<[u8]>,
    /// `0 <= start <= end <= made.len()`
    start: usize,
    end: usize,
    /// Bytes that it has made.
    total_out: u64,
}

enum Machine {
    Inflate(Inflate),
    #[cfg(feature = "brotli")]
    Brotli(Brotli),
}

impl Machine {
    fn new(coding: Coding) -> Self {
        match coding {
            Coding::Gzip => Self::Inflate(Inflate::gzip()),
            Coding::Deflate => Self::Inflate(Inflate::deflate()),
            #[cfg(feature = "brotli")]
            Coding::Brotli => Self::Brotli(Brotli::new()),
        }
    }

    fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<Moved, Error> {
        match self {
            Self::Inflate(inflate) => inflate.run(input, output),
            #[cfg(feature = "brotli")]
            Self::Brotli(brotli) => brotli.run(input, output),
        }
    }

    fn is_over(&self) -> bool {
        match self {
            Self::Inflate(inflate) => inflate.is_over(),
            #[cfg(feature = "brotli")]
            Self::Brotli(brotli) => brotli.is_over(),
        }
    }
}

impl Decoder {
    /// A decoder for a body with these codings, as `Content-Encoding` lists them: in the order in which they were
    /// applied. `None` if there is nothing to undo.
    ///
    /// # Errors
    /// [`Error::Unknown`], [`Error::TooMany`].
    pub fn new<'a>(codings: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<Self>, Error> {
        let mut layers = Vec::new();
        for name in codings {
            // RFC 9110 §12.5.3: `identity` stands for no coding.
            if name.is_empty() || name.eq_ignore_ascii_case(b"identity") {
                continue;
            }
            if layers.len() == LAYERS {
                return Err(Error::TooMany);
            }
            let coding = Coding::from_bytes(name).ok_or(Error::Unknown)?;
            let made = if layers.is_empty() { Box::default() } else { vec![0; BETWEEN].into_boxed_slice() };
            layers.push(Layer { machine: Machine::new(coding), made, start: 0, end: 0, total_out: 0 });
        }
        layers.reverse();
        let this = Self { layers, total_in: 0, failed: None };
        Ok(if this.layers.is_empty() { None } else { Some(this) })
    }

    /// Decodes as much as there is room for. Nothing moved means that it wants more of what is lacking: input, or
    /// room.
    ///
    /// # Errors
    /// All but those of [`Decoder::new`]; the same again for each further call.
    pub fn decode(&mut self, input: &[u8], room: &mut [u8]) -> Result<Moved, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let result = self.work(input, room);
        self.failed = result.err();
        result
    }

    fn work(&mut self, input: &[u8], room: &mut [u8]) -> Result<Moved, Error> {
        let mut all = Moved::default();
        loop {
            let moved = self.pass(
                input.get(all.consumed..).unwrap_or_default(),
                room.get_mut(all.produced..).unwrap_or_default(),
                &mut all,
            )?;
            if !moved {
                return Ok(all);
            }
        }
    }

    /// Lets each layer run once; whether anything moved.
    fn pass(&mut self, input: &[u8], room: &mut [u8], all: &mut Moved) -> Result<bool, Error> {
        let last = self.layers.len().saturating_sub(1);
        let mut any = false;
        for i in 0..self.layers.len() {
            let (before, rest) = self.layers.split_at_mut(i);
            let Some(layer) = rest.first_mut() else { break };
            let source = match before.last() {
                Some(previous) => previous.made.get(previous.start..previous.end).unwrap_or_default(),
                None => input,
            };
            let moved = if i == last { layer.machine.run(source, room)? } else { layer.make(source)? };
            any |= moved != Moved::default();
            match before.last_mut() {
                Some(previous) => previous.start += moved.consumed,
                None => {
                    all.consumed += moved.consumed;
                    self.total_in = self.total_in.saturating_add(moved.consumed as u64);
                }
            }
            // CLI-04: what lies in between counts, too.
            layer.total_out = layer.total_out.saturating_add(moved.produced as u64);
            if layer.total_out > self.total_in.saturating_mul(RATIO).saturating_add(ALLOWANCE) {
                return Err(Error::Bomb);
            }
            if i == last {
                all.produced += moved.produced;
            }
        }
        Ok(any)
    }

    /// The body has ended.
    ///
    /// # Errors
    /// [`Error::Truncated`] if its coding has not; or why decoding failed before. A body without a single byte is
    /// complete: the answer to HEAD has the fields of a coded one.
    pub fn finish(&self) -> Result<(), Error> {
        match self.failed {
            Some(error) => Err(error),
            None if self.total_in == 0 || self.layers.iter().all(|layer| layer.machine.is_over()) => Ok(()),
            None => Err(Error::Truncated),
        }
    }
}

impl Layer {
    /// Makes something for the next layer.
    fn make(&mut self, source: &[u8]) -> Result<Moved, Error> {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        let room = self.made.get_mut(self.end..).unwrap_or_default();
        if room.is_empty() {
            return Ok(Moved::default());
        }
        let moved = self.machine.run(source, room)?;
        self.end += moved.produced;
        Ok(moved)
    }
}

/// Shows how far it is, not what it holds.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("total_in", &self.total_in).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
