//! The frame around several ranges of one file (RFC 9110 §14.6, RFC 2046 §5.1.1).
//!
//! ```text
//!   text 0 │ range 0 │ text 1 │ range 1 │ … │ text n
//!   text 0   "--B CRLF part head CRLF CRLF"
//!   text i   "CRLF --B CRLF part head CRLF CRLF"
//!   text n   "CRLF --B-- CRLF"
//! ```
//! Every text is a function of its number, so the length of the whole is known before the first byte is sent.

use lws_http::range::ByteRange;

/// What the texts are made of. At least two ranges.
#[derive(Debug)]
pub(crate) struct Multipart {
    ranges: Vec<ByteRange>,
    /// Media type of each part.
    media: String,
    /// Bytes of the whole representation.
    length: u64,
    boundary: u64,
}

impl Multipart {
    /// `boundary` must be a number that nobody who can write the file could have guessed.
    pub(crate) fn new(ranges: Vec<ByteRange>, media: &str, length: u64, boundary: u64) -> Self {
        Self { ranges, media: media.into(), length, boundary }
    }

    /// The media type of the whole.
    pub(crate) fn content_type(&self) -> String {
        format!("multipart/byteranges; boundary={:016x}", self.boundary)
    }

    /// Bytes of the whole.
    pub(crate) fn content_length(&self) -> u64 {
        let texts = (0..=self.ranges.len()).map(|i| self.text(i).len() as u64).sum::<u64>();
        texts.saturating_add(self.ranges.iter().map(ByteRange::len).sum())
    }

    /// The range that follows text `i`; `None` after the last text.
    pub(crate) fn range(&self, i: usize) -> Option<ByteRange> {
        self.ranges.get(i).copied()
    }

    /// What stands before range `i`, or after the last one.
    pub(crate) fn text(&self, i: usize) -> Vec<u8> {
        let lead = if i == 0 { "" } else { "\r\n" };
        let Self { media, boundary, .. } = self;
        match self.range(i) {
            Some(range) => {
                let range = range.content_range(self.length);
                format!("{lead}--{boundary:016x}\r\ncontent-type: {media}\r\ncontent-range: {range}\r\n\r\n")
                    .into()
            }
            None => format!("{lead}--{boundary:016x}--\r\n").into(),
        }
    }
}
