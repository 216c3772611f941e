//! gzip, zlib and bare DEFLATE.
//!
//! ```text
//!   Begin ── first bytes tell zlib from bare DEFLATE ──▶ Run ── end ──▶ End
//!                                                         ▲ gzip: another member (RFC 1952 §2.2) │
//!                                                         └──────────────────────────────────────┘
//! ```

use crate::Error;
use crate::decoder::Moved;
use zlib_rs::{InflateFlush, Status};

pub(crate) enum Inflate {
    /// `deflate` says zlib, and sometimes means bare DEFLATE: two bytes tell.
    Begin {
        first: Option<u8>,
    },
    Run {
        engine: zlib_rs::Inflate,
        members: bool,
        /// The two bytes that were looked at, while they are still to be fed.
        owed: ([u8; 2], usize),
    },
    End {
        members: bool,
    },
}

/// The largest window of DEFLATE: everybody's fits.
const WINDOW_BITS: u8 = 15;
/// So much more means gzip, in the manner of zlib.
const GZIP: u8 = 16;

impl Inflate {
    pub(crate) fn gzip() -> Self {
        let engine = zlib_rs::Inflate::new(true, WINDOW_BITS + GZIP);
        Self::Run { engine, members: true, owed: ([0; 2], 2) }
    }

    pub(crate) fn deflate() -> Self {
        Self::Begin { first: None }
    }

    /// Whether the end was seen.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::End { .. })
    }

    /// One step. Nothing moved with input and room left means that it is over.
    pub(crate) fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<Moved, Error> {
        match self {
            Self::Begin { first } => {
                let Some((&byte, _)) = input.split_first() else { return Ok(Moved::default()) };
                let Some(cmf) = *first else {
                    *first = Some(byte);
                    return Ok(Moved { consumed: 1, produced: 0 });
                };
                // RFC 1950 §2.2: CM is 8, and CMF and FLG together are a multiple of 31.
                let zlib = cmf & 15 == 8 && u16::from_be_bytes([cmf, byte]).is_multiple_of(31);
                let engine = zlib_rs::Inflate::new(zlib, WINDOW_BITS);
                *self = Self::Run { engine, members: false, owed: ([cmf, byte], 0) };
                Ok(Moved { consumed: 1, produced: 0 })
            }
            Self::Run { engine, owed: (bytes, fed), .. } => {
                let mut produced = 0;
                if *fed < bytes.len() {
                    let (moved, over) = step(engine, bytes.get(*fed..).unwrap_or_default(), output)?;
                    *fed += moved.consumed;
                    produced = moved.produced;
                    // Neither zlib nor DEFLATE ends within two bytes, but what is damaged might.
                    if over || *fed < bytes.len() {
                        let ended = if over { Err(Error::Corrupt) } else { Ok(()) };
                        return ended.map(|()| Moved { consumed: 0, produced });
                    }
                }
                let (moved, over) = step(engine, input, output.get_mut(produced..).unwrap_or_default())?;
                if over {
                    self.end();
                }
                Ok(Moved { produced: produced + moved.produced, ..moved })
            }
            // RFC 1952 §2.2: a gzip file is a series of members.
            Self::End { members: true, .. } if !input.is_empty() => {
                *self = Self::gzip();
                self.run(input, output)
            }
            Self::End { .. } if !input.is_empty() => Err(Error::Surplus),
            Self::End { .. } => Ok(Moved::default()),
        }
    }

    fn end(&mut self) {
        *self = Self::End { members: matches!(self, Self::Run { members: true, .. }) };
    }
}

fn step(engine: &mut zlib_rs::Inflate, input: &[u8], output: &mut [u8]) -> Result<(Moved, bool), Error> {
    let (before_in, before_out) = (engine.total_in(), engine.total_out());
    let status = engine.decompress(input, output, InflateFlush::NoFlush).map_err(|_| Error::Corrupt)?;
    // Both are at most the lengths of slices.
    let moved = Moved {
        consumed: (engine.total_in() - before_in) as usize,
        produced: (engine.total_out() - before_out) as usize,
    };
    Ok((moved, status == Status::StreamEnd))
}
