//! Every bound of this crate.

/// Bytes of one word or quoted string, unless configured. Beyond it the input is refused with
/// [`Error::TooLong`](crate::Error::TooLong): whoever reads in parts must hold a whole element.
pub const MAX_TOKEN: u32 = 64 * 1024;

/// Blanks, in bytes, between a name and its `=` or `:`. Beyond it the name is a plain token: whoever reads in parts must
/// hold the blanks too.
pub const LOOKAHEAD: usize = 1024;

/// Bytes of a name in `${name}`. Beyond it the template is refused with
/// [`Error::NameTooLong`](crate::Error::NameTooLong).
pub const MAX_NAME: usize = 32;
