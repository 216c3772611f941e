//! What this crate bounds, and what happens beyond it.

/// Bytes in a request line or status line, without CRLF. Beyond: 414 and close.
pub const START_LINE_MAX: usize = 8_192;

/// Bytes in a head, from the first byte offered through the empty line. Beyond: 431 and close.
pub const HEAD_MAX: usize = 16_384;

/// Bytes in a head at the very most, whatever [`Limits`] say: what a field position can reach.
pub const HEAD_CEILING: usize = 65_535;

/// Field lines in a head, and positions in a [`HeadIndex`](crate::HeadIndex). Beyond: 431 and close.
pub const FIELDS_MAX: usize = 100;

/// Empty lines in front of a request line (RFC 9112 §2.2). Beyond: 400 and close.
pub const LEADING_LINES_MAX: usize = 1;

/// Digits in a `Content-Length`, leading zeros included; the value must fit in an `i64`. Beyond: 400 and close.
pub const LENGTH_DIGITS_MAX: usize = 19;

/// Hexadecimal digits in a chunk size, leading zeros included; the value must fit in an `i64`. Beyond: 400 and close.
pub const CHUNK_DIGITS_MAX: u8 = 16;

/// Bytes of extensions behind one chunk size. Beyond: 400 and close.
pub const CHUNK_LINE_MAX: u32 = 4_096;

/// Bytes of chunk extensions in one message. Beyond: 400 and close.
pub const CHUNK_EXTENSIONS_MAX: u32 = 16_384;

/// Bytes of chunk framing (sizes, extensions, line ends) in one message, to which a tenth of the payload is added.
/// Beyond: 400 and close.
pub const CHUNK_OVERHEAD_MAX: u64 = 100_000;

/// One part in so many of the payload is added to [`CHUNK_OVERHEAD_MAX`].
pub const CHUNK_OVERHEAD_SHARE: u64 = 10;

/// Bytes in a trailer section, through the empty line. Beyond: 431 and close.
pub const TRAILERS_MAX: usize = 16_384;

/// Field lines in a trailer section. Beyond: 431 and close.
pub const TRAILER_FIELDS_MAX: usize = FIELDS_MAX;

/// Payload bytes in one chunk that [`chunk`](crate::chunk) writes: what four hexadecimal digits can say.
pub const CHUNK_OUT_MAX: usize = 0xffff;

/// The bounds on heads that an operator may choose. The default is this module's constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in the start line, without CRLF.
    pub start_line: usize,
    /// Bytes in the whole head; more than [`HEAD_CEILING`] has no effect.
    pub head: usize,
    /// Field lines; more than [`FIELDS_MAX`] has no effect.
    pub fields: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { start_line: START_LINE_MAX, head: HEAD_MAX, fields: FIELDS_MAX }
    }
}

impl Limits {
    /// Sets the bytes in the start line.
    #[must_use]
    pub const fn start_line(mut self, bytes: usize) -> Self {
        self.start_line = bytes;
        self
    }

    /// Sets the bytes in the head.
    #[must_use]
    pub const fn head(mut self, bytes: usize) -> Self {
        self.head = bytes;
        self
    }

    /// Sets the number of field lines.
    #[must_use]
    pub const fn fields(mut self, lines: usize) -> Self {
        self.fields = lines;
        self
    }
}
