//! The encoder: fields in, whole field blocks out.
//!
//! For each field it takes the shortest of: an index into the static table, an index into the dynamic table, a
//! literal. A literal takes an indexed name where one is known, Huffman code where that is shorter, and goes into
//! the dynamic table unless the `policy` module says that it is not worth it or not safe.
//!
//! The dynamic table is searched by a 64-bit tag per entry (32 for the name, 32 for the value), newest first. With
//! the default of 4096 bytes there are at most 128 of them, and a scan of those costs less than keeping a map.

use alloc::collections::VecDeque;
use core::fmt;

use lws_wire::Out;

use crate::field::Field;
use crate::huffman;
use crate::limits;
use crate::policy::{self, Policy};
use crate::statics;
use crate::table::Table;

/// An encoder for the field blocks that we send on one connection.
///
/// Memory: a table of up to `table_bytes` and 16 bytes per entry, allocated when the first entry goes in; nothing
/// else, ever.
///
/// Names must be lower case for HTTP/2 ([`Field::is_well_formed`] tells); the encoder sends what it is given.
pub struct Encoder {
    table: Table,
    /// One per table entry, newest first: see [`tag`].
    tags: VecDeque<u64>,
    /// The largest table we care to keep.
    table_bytes: usize,
    change: Option<Change>,
}

/// A table size change that the peer has not been told of.
#[derive(Clone, Copy)]
struct Change {
    /// The lowest size since the last block, `lowest <= last`.
    lowest: usize,
    last: usize,
}

/// Where the dynamic table has a field, or at least its name.
enum Found {
    Field(usize),
    Name(usize),
    Nothing,
}

impl Encoder {
    /// An encoder that keeps a table of at most `table_bytes` (above [`limits::MAX_TABLE_BYTES`]: that), and that
    /// peer's default of [`limits::TABLE_BYTES`] until a setting allows more. 0 means no dynamic table.
    pub fn new(table_bytes: usize) -> Self {
        let table = Table::new(limits::TABLE_BYTES);
        let table_bytes = table_bytes.min(limits::MAX_TABLE_BYTES);
        let mut encoder = Self { table, tags: VecDeque::new(), table_bytes, change: None };
        encoder.set_table_bytes(limits::TABLE_BYTES);
        encoder
    }

    /// Obeys the peer's `SETTINGS_HEADER_TABLE_SIZE`, of any size. The next block announces the change, if it is
    /// one to us: RFC 7541 §4.2.
    pub fn set_table_bytes(&mut self, setting: usize) {
        let last = setting.min(self.table_bytes);
        let before = self.change.map_or(self.table.max(), |change| change.lowest);
        let change = Change { lowest: before.min(last), last };
        let needed = change.lowest != self.table.max() || change.last != self.table.max();
        self.change = needed.then_some(change);
        if needed {
            // The next block begins with it.
            self.table.touch();
        }
    }

    /// How often the table has changed, or was told to, up to wrapping round: between two calls that give the same number,
    /// the same fields become the same block.
    pub fn changes(&self) -> u32 {
        self.table.changes()
    }

    /// Bytes that the dynamic table counts now, including [`limits::FIELD_OVERHEAD`] per entry.
    pub fn table_size(&self) -> usize {
        self.table.size()
    }

    /// Bytes that a block of these fields needs at most, when all of them must be literals.
    pub fn block_bound<'f>(fields: impl IntoIterator<Item = Field<'f>>) -> usize {
        fields.into_iter().map(|field| field_bound(&field)).fold(2 * UPDATE_BOUND, usize::saturating_add)
    }

    /// Appends the whole block, or nothing if `out` has less room than [`Encoder::block_bound`] asks for; then the
    /// encoder is as it was, and the same block can be tried again.
    ///
    /// A block that is larger than any room there will ever be is for [`Encoder::start`] and [`Encoder::field`].
    #[must_use = "false means that nothing was written"]
    pub fn block<'f, I>(&mut self, out: &mut Out<'_>, fields: I) -> bool
    where
        I: IntoIterator<Item = Field<'f>, IntoIter: Clone>,
    {
        let fields = fields.into_iter();
        if out.room() < Self::block_bound(fields.clone()) || !self.start(out) {
            return false;
        }
        for field in fields {
            let fits = self.field(out, &field);
            debug_assert!(fits, "a block within its bound fits");
        }
        true
    }

    /// Begins a block piece by piece: appends the table size updates that are due, all or nothing. To be called
    /// once per block, in front of [`Encoder::field`].
    #[must_use = "false means that nothing was written"]
    pub fn start(&mut self, out: &mut Out<'_>) -> bool {
        let Some(Change { lowest, last }) = self.change else { return true };
        let before = out.len();
        // RFC 7541 §4.2: the lowest size, then the final one; at most two updates, in front of the first field.
        let dipped = lowest < last && lowest < self.table.max();
        let told = (!dipped || put_integer(out, 0x20, 5, lowest)) && put_integer(out, 0x20, 5, last);
        if !told {
            out.rewind(before);
            return false;
        }
        self.change = None;
        self.table.resize(lowest);
        self.table.resize(last);
        self.tags.truncate(self.table.len());
        true
    }

    /// Appends one field, all or nothing, to a block that was started. Between two fields the block may be cut into
    /// `HEADERS` and `CONTINUATION` frames, but nothing else may be encoded.
    #[doc(alias = "lws_add_http2_header_by_name")]
    #[must_use = "false means that nothing was written"]
    pub fn field(&mut self, out: &mut Out<'_>, field: &Field<'_>) -> bool {
        let name = Some(usize::from(field.static_name())).filter(|index| *index > 0);
        let policy = policy::of(field, name);
        if policy == Policy::Never {
            let index = name.or_else(|| self.find_dynamic_name(field));
            return put_literal(out, 0x10, 4, index, field);
        }
        if let Some(index) = name.and_then(|name| statics::find_value(name, field.value)) {
            return put_integer(out, 0x80, 7, index);
        }
        if policy == Policy::Pass {
            // Such names never enter the table.
            return put_literal(out, 0x00, 4, name, field);
        }
        let tag = tag(name, field);
        let index = match self.find(tag, field) {
            Found::Field(position) => return put_integer(out, 0x80, 7, statics::LEN + 1 + position),
            Found::Name(position) => name.or(Some(statics::LEN + 1 + position)),
            Found::Nothing => name,
        };
        // A field that takes most of the table would evict more than it can save.
        let worthwhile = field.size() <= self.table.max() / 4 * 3;
        if !worthwhile {
            return put_literal(out, 0x00, 4, index, field);
        }
        if !put_literal(out, 0x40, 6, index, field) {
            return false;
        }
        self.table.insert(field);
        // The new entry is there, for it is worthwhile; the tags of those it evicted go first.
        self.tags.truncate(self.table.len() - 1);
        self.tags.push_front(tag);
        true
    }

    /// Appends a `content-length` of `n`, all or nothing, as [`Encoder::field`] does: it never enters the table. Its
    /// digits stay plain, as Huffman code could save but one or two bytes.
    #[must_use = "false means that nothing was written"]
    pub fn content_length(&mut self, out: &mut Out<'_>, mut n: u64) -> bool {
        // Behind the two octets of the index and the one of the value's length, right-aligned.
        let mut octets = [0; 3 + DIGITS];
        let mut at = octets.len();
        loop {
            at -= 1;
            octets[at] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 {
                break;
            }
        }
        let digits = octets.len() - at;
        let [.., first, second, length] = &mut octets[..at] else { return false };
        (*first, *second, *length) = (0x0f, CONTENT_LENGTH - 0x0f, digits as u8);
        out.put(&octets[at - 3..])
    }

    fn find_dynamic_name(&self, field: &Field<'_>) -> Option<usize> {
        match self.find(tag(None, field), field) {
            Found::Field(position) | Found::Name(position) => Some(statics::LEN + 1 + position),
            Found::Nothing => None,
        }
    }

    fn find(&self, tag: u64, field: &Field<'_>) -> Found {
        let mut found = Found::Nothing;
        for (position, &other) in self.tags.iter().enumerate() {
            if other >> 32 != tag >> 32 {
                continue;
            }
            let Some(Field { name, value, .. }) = self.table.entry(position) else { break };
            if name != field.name {
                continue;
            }
            if other == tag && value == field.value {
                return Found::Field(position);
            }
            if matches!(found, Found::Nothing) {
                found = Found::Name(position);
            }
        }
        found
    }
}

impl Default for Encoder {
    /// An encoder with a table of up to [`limits::TABLE_BYTES`].
    fn default() -> Self {
        Self::new(limits::TABLE_BYTES)
    }
}

impl fmt::Debug for Encoder {
    /// Sizes only: the table contains what its owner may want kept secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("table_size", &self.table.size()).finish_non_exhaustive()
    }
}

/// Digits of a `u64` at most.
const DIGITS: usize = 20;

/// The index of `content-length` in the static table.
const CONTENT_LENGTH: u8 = 28;

/// Octets of the largest table size update: [`limits::MAX_TABLE_BYTES`] behind a prefix of 5 bits.
const UPDATE_BOUND: usize = 4;

/// Octets of an integer at most, behind a prefix of 4 bits or more.
const fn integer_bound(value: usize) -> usize {
    if value < 0xf { 1 } else { 2 + (usize::BITS - value.leading_zeros()) as usize / 7 }
}

/// Octets of a field at most. An index instead of the name is never longer than the name and its length.
fn field_bound(field: &Field<'_>) -> usize {
    let lengths = INDEX_BOUND + integer_bound(field.name.len()) + integer_bound(field.value.len());
    field.name.len().saturating_add(field.value.len()).saturating_add(lengths)
}

/// Octets of an index at most: [`limits::MAX_TABLE_BYTES`] has room for 2048 entries, behind a prefix of 4 bits.
const INDEX_BOUND: usize = 3;

/// RFC 7541 §5.1: an integer behind a prefix of `prefix` bits, `flags` in front of it.
fn put_integer(out: &mut Out<'_>, flags: u8, prefix: u32, value: usize) -> bool {
    let mask = 0xff_u8 >> (8 - prefix);
    if value < usize::from(mask) {
        return out.put(&[flags | value as u8]);
    }
    let mut octets = [flags | mask; 12];
    let mut rest = value - usize::from(mask);
    let mut len = 1;
    while rest >= 0x80 {
        octets[len] = rest as u8 | 0x80;
        rest >>= 7;
        len += 1;
    }
    octets[len] = rest as u8;
    out.put(&octets[..=len])
}

/// RFC 7541 §5.2: a string, Huffman-coded only when that is shorter.
fn put_text(out: &mut Out<'_>, text: &[u8]) -> bool {
    let coded = huffman::encoded_len(text);
    if coded >= text.len() {
        return put_integer(out, 0x00, 7, text.len()) && out.put(text);
    }
    put_integer(out, 0x80, 7, coded)
        && out.fill(|room| match room.get_mut(..coded) {
            Some(room) => {
                huffman::encode(text, room);
                coded
            }
            None => 0,
        }) == coded
}

/// RFC 7541 §6.2: a literal, with the index of its name or with its name.
fn put_literal(out: &mut Out<'_>, flags: u8, prefix: u32, index: Option<usize>, field: &Field<'_>) -> bool {
    let before = out.len();
    let put = put_integer(out, flags, prefix, index.unwrap_or(0))
        && (index.is_some() || put_text(out, field.name))
        && put_text(out, field.value);
    if !put {
        out.rewind(before);
    }
    put
}

/// 32 bits for the name, which are its static index if it has one, and 32 for the value. Equal fields have equal
/// tags; different ones may, so the texts are compared, too.
fn tag(name: Option<usize>, field: &Field<'_>) -> u64 {
    let name = match name {
        Some(index) => index as u64,
        None => u64::from(hash(field.name)) | 1 << 31,
    };
    name << 32 | u64::from(hash(field.value))
}

/// Quick, and no more than that: who finds collisions makes us compare at most as many strings as the table has.
fn hash(text: &[u8]) -> u32 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
    let (words, tail) = text.as_chunks::<8>();
    let hash = words.iter().fold(text.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let tail = tail.iter().fold(0, |word, &octet| word << 8 | u64::from(octet));
    (mix(hash, tail) >> 32) as u32
}
