//! UTF-8 in pieces (RFC 3629, as RFC 6455 §8.1 asks).
//!
//! What a piece holds of whole characters goes through [`core::str::from_utf8`]; the bytes of a character that is
//! cut in two wait in `carry`. A prefix that no byte could complete is an error at once, not at the end.

/// The text seen so far is not the beginning of any valid one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

/// Checks text that comes in pieces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Validator {
    /// The first `len` bytes are the beginning of a character; `len <= 3`.
    carry: [u8; 3],
    len: u8,
}

impl Validator {
    /// Before the first piece.
    pub const fn new() -> Self {
        Self { carry: [0; 3], len: 0 }
    }

    /// Whether the text may end here: no character is cut in two.
    #[inline]
    pub const fn is_complete(&self) -> bool {
        self.len == 0
    }

    /// Checks the next piece.
    ///
    /// # Errors
    /// [`Invalid`] as soon as no continuation could make the text valid. After that the validator is of no use.
    #[inline]
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Invalid> {
        let rest = if self.is_complete() { piece } else { self.complete(piece)? };
        let Err(error) = core::str::from_utf8(rest) else { return Ok(()) };
        if error.error_len().is_some() {
            return Err(Invalid);
        }
        self.hold(&rest[error.valid_up_to()..]);
        Ok(())
    }

    /// Completes the character that was cut in two; returns what follows it.
    fn complete<'p>(&mut self, mut piece: &'p [u8]) -> Result<&'p [u8], Invalid> {
        let mut character = [0; 4];
        let mut len = usize::from(self.len);
        character[..len].copy_from_slice(&self.carry[..len]);
        while let [byte, rest @ ..] = piece {
            piece = rest;
            // Four bytes are a character or invalid, so `len` stays below four here.
            character[len] = *byte;
            len += 1;
            match core::str::from_utf8(&character[..len]) {
                Ok(_) => {
                    self.len = 0;
                    return Ok(piece);
                }
                Err(error) if error.error_len().is_none() => self.hold(&character[..len]),
                Err(_) => return Err(Invalid),
            }
        }
        Ok(piece)
    }

    /// Keeps the beginning of a character, which is at most three bytes.
    fn hold(&mut self, start: &[u8]) {
        self.carry[..start.len()].copy_from_slice(start);
        self.len = start.len() as u8;
    }
}

impl core::error::Error for Invalid {}

impl core::fmt::Display for Invalid {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("not UTF-8")
    }
}

#[cfg(test)]
mod tests;
