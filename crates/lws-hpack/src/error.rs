//! What can go wrong, by whose fault.

use core::fmt;

/// Why a [`crate::Decoder`] can do no more. The dynamic tables of both ends are out of step now (except after
/// [`Error::Misuse`]), so the whole connection ends: every later call answers the same error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The peer's bytes are not HPACK.
    Peer(Malformed),
    /// The peer's bytes may be HPACK, but there are too many of them.
    Limit(Exceeded),
    /// The caller broke a rule of this crate. Nothing was decoded.
    Misuse(Misuse),
}

/// How a field block breaks RFC 7541.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// An integer above [`crate::limits::INTEGER`], or with more octets than [`crate::limits::INTEGER_OCTETS`] allows.
    Integer,
    /// The index 0, or one beyond the end of the dynamic table.
    Index,
    /// A Huffman-coded string contains the EOS symbol.
    HuffmanEos,
    /// A Huffman-coded string ends in more than 7 bits of padding, or in padding that is not all ones.
    HuffmanPadding,
    /// A dynamic table size update above the size we allowed.
    UpdateTooLarge,
    /// A dynamic table size update behind the first field of a block.
    UpdateLate,
    /// More dynamic table size updates than [`crate::limits::TABLE_UPDATES`].
    UpdateRepeated,
    /// We reduced the table, the peer acknowledged it, and the next block does not begin with the update it owes.
    UpdateMissing,
    /// The block ends within an instruction.
    Truncated,
}

/// Which limit a peer passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exceeded {
    /// The encoded block is longer than [`crate::Limits::block_bytes`].
    BlockBytes,
    /// The list went on after it was refused, to more than [`crate::limits::OVERRUN`] times
    /// [`crate::Limits::list_fields`].
    ListFields,
    /// The list went on after it was refused, to more than [`crate::limits::OVERRUN`] times
    /// [`crate::Limits::list_bytes`].
    ListBytes,
}

/// What a caller did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// The scratch block is smaller than [`crate::Decoder::scratch_bytes`].
    ScratchTooSmall,
    /// A table size above [`crate::limits::MAX_TABLE_BYTES`].
    TableTooLarge,
    /// The table size was set while a block was half decoded; a peer acknowledges settings between blocks only.
    WithinBlock,
}

impl Error {
    /// The HTTP/2 error code to close the connection with (RFC 9113 §7): `COMPRESSION_ERROR` for malformed
    /// blocks, `ENHANCE_YOUR_CALM` beyond a limit, `INTERNAL_ERROR` for misuse.
    pub const fn h2_code(self) -> u32 {
        match self {
            Self::Peer(_) => 0x9,
            Self::Limit(_) => 0xb,
            Self::Misuse(_) => 0x2,
        }
    }

    /// What it says.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Peer(malformed) => match malformed {
                Malformed::Integer => "hpack: integer too large or too long",
                Malformed::Index => "hpack: index 0 or beyond the table",
                Malformed::HuffmanEos => "hpack: EOS symbol within a string",
                Malformed::HuffmanPadding => "hpack: bad Huffman padding",
                Malformed::UpdateTooLarge => "hpack: table size update above the setting",
                Malformed::UpdateLate => "hpack: table size update behind a field",
                Malformed::UpdateRepeated => "hpack: too many table size updates in one block",
                Malformed::UpdateMissing => {
                    "hpack: the block does not begin with the table size update it owes"
                }
                Malformed::Truncated => "hpack: the block ends within an instruction",
            },
            Self::Limit(exceeded) => match exceeded {
                Exceeded::BlockBytes => "hpack: encoded block too long",
                Exceeded::ListFields => "hpack: refused header list goes on, too many fields",
                Exceeded::ListBytes => "hpack: refused header list goes on, too many bytes",
            },
            Self::Misuse(misuse) => match misuse {
                Misuse::ScratchTooSmall => "hpack: scratch block smaller than scratch_bytes()",
                Misuse::TableTooLarge => "hpack: table size above MAX_TABLE_BYTES",
                Misuse::WithinBlock => "hpack: table size set within a block",
            },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for Error {}
