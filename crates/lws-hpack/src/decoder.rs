//! The decoder: field blocks in pieces, fields out.
//!
//! ```text
//!             ┌───────── decode ─────────┐
//!             ▼                          │ more pieces
//!   between blocks ── decode ──▶ within a block ── finish ──▶ between blocks, `List` told
//!                                        │
//!                                        └── any error ──▶ failed for good
//! ```
//! A block may come in any pieces. [`Decoder::decode`] takes whole instructions and says how many bytes that was;
//! the caller keeps the rest (shorter than [`Limits::block_bytes`], or it is an error) and puts the next piece
//! behind it. Nothing is decoded twice: of an unfinished instruction only the lengths are looked at.
//!
//! A list that passes a limit, or that the closure breaks off, is *refused*: its further fields are decoded, counted
//! and inserted in the table, but not told. So the tables of both ends stay in step, [`Decoder::finish`] says why, and
//! the stream can be answered (431) or reset while the connection goes on. This lasts up to [`limits::OVERRUN`] times
//! the limits, then it is an [`Error`]. The work for a block is bounded by its bytes and these limits.

use core::fmt;
use core::ops::ControlFlow;

use crate::error::{Error, Exceeded, Malformed, Misuse};
use crate::field::{Field, Known};
use crate::huffman;
use crate::limits;
use crate::reader::{Literal, Name, Reader, Stop, Text};
use crate::statics;
use crate::table::Table;

/// What a decoder takes from its peer; the defaults are those of [`limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a list: names, values and [`limits::FIELD_OVERHEAD`] each. What `SETTINGS_MAX_HEADER_LIST_SIZE`
    /// should announce.
    pub list_bytes: usize,
    /// Fields of a list.
    pub list_fields: usize,
    /// Bytes of an encoded block, all its pieces together.
    pub block_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            list_bytes: limits::LIST_BYTES,
            list_fields: limits::LIST_FIELDS,
            block_bytes: limits::BLOCK_BYTES,
        }
    }
}

/// What a block contained, refused fields included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// Fields in the list.
    pub fields: usize,
    /// Bytes of the list: names, values and [`limits::FIELD_OVERHEAD`] each (RFC 9113 §6.5.2).
    pub bytes: usize,
    /// Why not all fields were told, if not all were.
    pub refused: Option<Refusal>,
}

/// Why a list was not told to its end. The connection is sound; only this message cannot be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// More than [`Limits::list_fields`]: answer 431.
    TooManyFields,
    /// More than [`Limits::list_bytes`], or one field for which the scratch block is too small: answer 431.
    TooLarge,
    /// The closure broke off.
    Broken,
}

/// A decoder for the field blocks that one peer sends on one connection, trailers and pushed requests included.
///
/// Memory: a table of up to the setting (4096 bytes unless [`Decoder::set_table_bytes`] says otherwise) and 8 bytes
/// per entry, allocated when the first entry comes; nothing else, ever.
#[doc(alias = "lws_hpack_interpret")]
pub struct Decoder {
    table: Table,
    limits: Limits,
    /// The largest table the peer may ask for.
    setting: usize,
    /// The peer owes an update to at most this size at the beginning of the next block.
    owed: Option<usize>,
    block: Block,
    failed: Option<Error>,
}

/// The block being decoded.
#[derive(Default)]
struct Block {
    /// Encoded bytes so far.
    bytes: usize,
    updates: u8,
    /// Whether there was a field: no more updates.
    opened: bool,
    list: List,
}

type Sink<'s> = dyn FnMut(Field<'_>) -> ControlFlow<()> + 's;

impl Decoder {
    /// A decoder with an empty table, for a connection on which no setting was exchanged yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            table: Table::new(limits::TABLE_BYTES),
            limits,
            setting: limits::TABLE_BYTES,
            owed: None,
            block: Block::default(),
            failed: None,
        }
    }

    /// Bytes that the block lent to [`Decoder::decode`] must have: as many as the table setting. A larger one (say
    /// [`Limits::list_bytes`]) takes larger Huffman-coded fields.
    pub fn scratch_bytes(&self) -> usize {
        self.setting
    }

    /// Bytes that the dynamic table counts now, including [`limits::FIELD_OVERHEAD`] per entry.
    pub fn table_size(&self) -> usize {
        self.table.size()
    }

    /// How often the table has changed, or what may be said about it, up to wrapping round: between two calls that give
    /// the same number, the same block means the same list.
    pub fn changes(&self) -> u32 {
        self.table.changes()
    }

    /// Obeys our own `SETTINGS_HEADER_TABLE_SIZE`; to be called when the peer has acknowledged it, between blocks.
    ///
    /// # Errors
    /// Misuse: above [`limits::MAX_TABLE_BYTES`], or within a block.
    #[doc(alias = "lws_hpack_dynamic_size")]
    pub fn set_table_bytes(&mut self, setting: usize) -> Result<(), Error> {
        if setting > limits::MAX_TABLE_BYTES {
            return Err(Error::Misuse(Misuse::TableTooLarge));
        }
        if self.block.bytes > 0 {
            return Err(Error::Misuse(Misuse::WithinBlock));
        }
        self.setting = setting;
        // RFC 7541 §4.2: of several reductions since the last block, the lowest must be signalled.
        let lowest = self.owed.unwrap_or(self.table.max()).min(setting);
        self.owed = (lowest < self.table.max()).then_some(lowest);
        self.table.touch();
        Ok(())
    }

    /// Decodes what is complete of `input`, tells each field to `sink` and returns how many bytes were used. The
    /// caller offers the others again with what comes behind them.
    ///
    /// A field lies in the table, in `input` or in `scratch`, so it lives until `sink` returns. With
    /// [`ControlFlow::Break`] the sink refuses the list: it is not called again before [`Decoder::finish`].
    ///
    /// # Errors
    /// Peer and limit errors end the connection (see [`Error::h2_code`]). Misuse if `scratch` has less than
    /// [`Decoder::scratch_bytes`].
    pub fn decode(
        &mut self,
        input: &[u8],
        scratch: &mut [u8],
        mut sink: impl FnMut(Field<'_>) -> ControlFlow<()>,
    ) -> Result<usize, Error> {
        self.run(input, scratch, &mut sink)
    }

    /// Ends the block: `rest` is what [`Decoder::decode`] did not use, and must be empty. Tells what the list was.
    ///
    /// # Errors
    /// The block is cut off within an instruction, or lacks the table size update it owes.
    pub fn finish(&mut self, rest: &[u8]) -> Result<List, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if !rest.is_empty() {
            return Err(self.fail(Error::Peer(Malformed::Truncated)));
        }
        if self.owed.is_some() {
            return Err(self.fail(Error::Peer(Malformed::UpdateMissing)));
        }
        Ok(core::mem::take(&mut self.block).list)
    }

    /// Why the list of the current block is not told any more, if so.
    pub fn refused(&self) -> Option<Refusal> {
        self.block.list.refused
    }

    fn run(&mut self, input: &[u8], scratch: &mut [u8], sink: &mut Sink<'_>) -> Result<usize, Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if scratch.len() < self.setting {
            return Err(Error::Misuse(Misuse::ScratchTooSmall));
        }
        let budget = self.limits.block_bytes.saturating_sub(self.block.bytes);
        let mut reader = Reader::new(input, budget).map_err(|error| self.fail(error))?;
        let mut used = 0;
        while used < input.len() {
            match self.step(&mut reader, scratch, sink) {
                Ok(()) => used = reader.at(),
                Err(Stop::More) => break,
                Err(Stop::Fail(error)) => return Err(self.fail(error)),
            }
        }
        self.block.bytes += used;
        Ok(used)
    }

    fn fail(&mut self, error: Error) -> Error {
        self.failed = Some(error);
        self.table.touch();
        error
    }

    /// Reads one instruction (RFC 7541 §6) and, if it is complete, obeys it:
    ///
    /// ```text
    ///   1xxxxxxx  indexed field                      7-bit index
    ///   01xxxxxx  literal, inserted in the table     6-bit index of the name, or 0 and a string; value
    ///   001xxxxx  dynamic table size update          5-bit size
    ///   0001xxxx  literal, never to be indexed       4-bit index of the name, or 0 and a string; value
    ///   0000xxxx  literal, not inserted              4-bit index of the name, or 0 and a string; value
    /// ```
    fn step(&mut self, reader: &mut Reader<'_>, scratch: &mut [u8], sink: &mut Sink<'_>) -> Result<(), Stop> {
        let first = reader.octet()?;
        let done = match first.leading_zeros() {
            0 => self.indexed(reader.integer(first, 7)?, sink),
            1 => self.insert(&reader.literal(first, 6)?, scratch, sink),
            2 => self.resize(reader.integer(first, 5)?),
            3 => self.pass(&reader.literal(first, 4)?, true, scratch, sink),
            _ => self.pass(&reader.literal(first, 4)?, false, scratch, sink),
        };
        done.map_err(Stop::Fail)
    }

    fn open(&mut self) -> Result<(), Error> {
        // RFC 9113 §4.3.1: after a reduction, a block that does not start with an update is a COMPRESSION_ERROR.
        if self.owed.is_some() {
            return Err(Error::Peer(Malformed::UpdateMissing));
        }
        self.block.opened = true;
        Ok(())
    }

    fn resize(&mut self, bytes: usize) -> Result<(), Error> {
        // RFC 7541 §4.2: an update occurs at the beginning of a block.
        if self.block.opened {
            return Err(Error::Peer(Malformed::UpdateLate));
        }
        self.block.updates += 1;
        if self.block.updates > limits::TABLE_UPDATES {
            return Err(Error::Peer(Malformed::UpdateRepeated));
        }
        // RFC 7541 §6.3: a size above the limit that the protocol has set is a decoding error.
        if bytes > self.setting {
            return Err(Error::Peer(Malformed::UpdateTooLarge));
        }
        // RFC 9113 §4.3.1: conformant is an update to the lowest setting since the last block, or below.
        if self.owed.take().is_some_and(|lowest| bytes > lowest) {
            return Err(Error::Peer(Malformed::UpdateMissing));
        }
        self.table.resize(bytes);
        Ok(())
    }

    fn indexed(&mut self, index: usize, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.open()?;
        let field = entry(&self.table, index)?;
        self.block.list.count(field.name.len(), field.value.len(), &self.limits)?;
        self.block.list.tell(sink, field);
        Ok(())
    }

    /// A literal that leaves the table alone, so its name may lie there.
    fn pass(
        &mut self,
        literal: &Literal<'_>,
        never_indexed: bool,
        scratch: &mut [u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        self.open()?;
        let (name, known, scratch) = match &literal.name {
            Name::Index(index) => {
                let borrowed = entry(&self.table, *index)?;
                (Decoded::there(borrowed.name), Known::name_of(&borrowed), scratch)
            }
            Name::Text(text) => {
                let (name, scratch) = text.decode(scratch)?;
                let known = name.look_up();
                (name, known, scratch)
            }
        };
        let (value, _) = literal.value.decode(scratch)?;
        let field = name.with(&value, known, never_indexed);
        self.block.list.count_and_tell(&self.limits, sink, (name.len, value.len), field)
    }

    /// A literal that goes into the table, and may evict the entry whose name it borrows (RFC 7541 §4.4).
    fn insert(
        &mut self,
        literal: &Literal<'_>,
        scratch: &mut [u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        self.open()?;
        let (name, known, scratch) = match &literal.name {
            Name::Index(index) if *index <= statics::LEN => {
                let borrowed = static_entry(*index)?;
                (Decoded::there(borrowed.name), Known::name_of(&borrowed), scratch)
            }
            Name::Index(index) => {
                let borrowed = entry(&self.table, *index)?;
                let (name, known) = (borrowed.name, Known::name_of(&borrowed));
                // Fits: an entry is smaller than the table, the table no larger than the scratch.
                let (copy, rest) =
                    scratch.split_at_mut_checked(name.len()).ok_or(Error::Misuse(Misuse::ScratchTooSmall))?;
                copy.copy_from_slice(name);
                (Decoded::there(&*copy), known, rest)
            }
            Name::Text(text) => {
                let (name, scratch) = text.decode(scratch)?;
                let known = name.look_up();
                (name, known, scratch)
            }
        };
        let (value, _) = literal.value.decode(scratch)?;
        // It is looked at here, and not again each time it is used.
        let field = name.with(&value, known, false).map(Field::looked_up);
        self.block.list.count_and_tell(&self.limits, sink, (name.len, value.len), field)?;
        match field {
            Some(field) => self.table.insert(&field),
            // RFC 7541 §4.4: what does not fit the scratch does not fit the table, and leaves it empty.
            None => self.table.clear(),
        }
        Ok(())
    }
}

impl fmt::Debug for Decoder {
    /// Sizes only: the table contains what its peer may want kept secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("table_size", &self.table.size())
            .field("list", &self.block.list)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

/// A string of known length, which is there unless the scratch block was too small for it.
struct Decoded<'a> {
    len: usize,
    text: Option<&'a [u8]>,
}

impl<'a> Decoded<'a> {
    fn there(text: &'a [u8]) -> Self {
        Self { len: text.len(), text: Some(text) }
    }

    /// What is known of a field of this name.
    fn look_up(&self) -> Known {
        self.text.map_or(Known::NOTHING, |name| Known::name(statics::find_name(name)))
    }

    /// The field of this name and that value, if both are there.
    fn with(&self, value: &Self, known: Known, never_indexed: bool) -> Option<Field<'a>> {
        Some(Field { name: self.text?, value: value.text?, never_indexed, known })
    }
}

impl<'a> Text<'a> {
    /// The string, and the part of `scratch` that it did not need.
    fn decode<'s>(&self, scratch: &'s mut [u8]) -> Result<(Decoded<'s>, &'s mut [u8]), Error>
    where
        'a: 's,
    {
        if !self.huffman {
            return Ok((Decoded::there(self.octets), scratch));
        }
        let len = huffman::decode(self.octets, scratch).map_err(Error::Peer)?;
        Ok(match scratch.split_at_mut_checked(len) {
            Some((text, rest)) => (Decoded::there(text), rest),
            None => (Decoded { len, text: None }, &mut []),
        })
    }
}

impl List {
    /// H2-04: counts a field before it is told, and refuses the list or ends the connection.
    fn count(&mut self, name: usize, value: usize, limits: &Limits) -> Result<(), Error> {
        self.fields += 1;
        let size = name.saturating_add(value).saturating_add(limits::FIELD_OVERHEAD);
        self.bytes = self.bytes.saturating_add(size);
        if self.fields > limits.list_fields || self.bytes > limits.list_bytes {
            if self.fields > limits.list_fields.saturating_mul(limits::OVERRUN) {
                return Err(Error::Limit(Exceeded::ListFields));
            }
            if self.bytes > limits.list_bytes.saturating_mul(limits::OVERRUN) {
                return Err(Error::Limit(Exceeded::ListBytes));
            }
            let many = self.fields > limits.list_fields;
            self.refused.get_or_insert(if many { Refusal::TooManyFields } else { Refusal::TooLarge });
        }
        Ok(())
    }

    fn tell(&mut self, sink: &mut Sink<'_>, field: Field<'_>) {
        if self.refused.is_none() && sink(field).is_break() {
            self.refused = Some(Refusal::Broken);
        }
    }

    fn count_and_tell(
        &mut self,
        limits: &Limits,
        sink: &mut Sink<'_>,
        (name, value): (usize, usize),
        field: Option<Field<'_>>,
    ) -> Result<(), Error> {
        self.count(name, value, limits)?;
        match field {
            Some(field) => self.tell(sink, field),
            None => {
                self.refused.get_or_insert(Refusal::TooLarge);
            }
        }
        Ok(())
    }
}

/// RFC 7541 §2.3.3: the index address space; 0 and what is beyond the dynamic table are decoding errors.
fn entry(table: &Table, index: usize) -> Result<Field<'_>, Error> {
    match index.checked_sub(statics::LEN + 1) {
        Some(position) => table.entry(position).ok_or(Error::Peer(Malformed::Index)),
        None => static_entry(index),
    }
}

fn static_entry(index: usize) -> Result<Field<'static>, Error> {
    statics::entry(index).ok_or(Error::Peer(Malformed::Index))
}
