//! What is wrong with an input, and where.

use core::fmt;

/// A place in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Bytes before it, over all parts of the input.
    pub offset: u64,
    /// Its line, from 1.
    pub line: u32,
    /// Its column, from 1, in bytes.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// What is wrong with an input, and where. All but the `TooLong` ones are faults of the input; those are the reader's limits.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Not UTF-8 (RFC 3629), from this byte on.
    #[doc(alias = "LWS_TOKZE_ERR_BROKEN_UTF8")]
    BrokenUtf8(Position),
    /// A string that starts at this quote does not end.
    #[doc(alias = "LWS_TOKZE_ERR_UNTERM_STRING")]
    UnterminatedString(Position),
    /// A number with more than one dot, such as `0..1` or `0.1.1`; this is the second.
    #[doc(alias = "LWS_TOKZE_ERR_MALFORMED_FLOAT")]
    MalformedFloat(Position),
    /// A number where a name should be, such as `123=`.
    #[doc(alias = "LWS_TOKZE_ERR_NUM_ON_LHS")]
    NumberAsName(Position),
    /// Not a list with single commas between its elements, such as `,a`, `a,,b`, `a b` or `a,`.
    #[doc(alias = "LWS_TOKZE_ERR_COMMA_LIST")]
    CommaList(Position),
    /// The word or string that starts here is longer than [`Grammar::max_token`](crate::Grammar::max_token).
    TooLong(Position),
    /// The name of the `${` that starts here is not known to the caller.
    UnknownName(Position),
    /// The `${` that starts here has no `}`.
    UnterminatedName(Position),
    /// The name of the `${` that starts here is longer than [`MAX_NAME`](crate::limits::MAX_NAME).
    NameTooLong(Position),
    /// The whole expanded text does not fit into the output.
    OutputTooShort,
}

impl Error {
    /// Where it is; `None` if the input is not at fault.
    pub const fn position(&self) -> Option<Position> {
        match *self {
            Self::BrokenUtf8(at)
            | Self::UnterminatedString(at)
            | Self::MalformedFloat(at)
            | Self::NumberAsName(at)
            | Self::CommaList(at)
            | Self::TooLong(at)
            | Self::UnknownName(at)
            | Self::UnterminatedName(at)
            | Self::NameTooLong(at) => Some(at),
            Self::OutputTooShort => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.position() {
            write!(f, "{at}: ")?;
        }
        f.write_str(match self {
            Self::BrokenUtf8(_) => "not valid UTF-8",
            Self::UnterminatedString(_) => "the string that starts here has no closing quote",
            Self::MalformedFloat(_) => "a second dot in a number",
            Self::NumberAsName(_) => "a number cannot be a name",
            Self::CommaList(_) => "a list needs one comma between two elements, and none elsewhere",
            Self::TooLong(_) => "longer than this reader accepts",
            Self::UnknownName(_) => "no such name",
            Self::UnterminatedName(_) => "this ${ has no closing }",
            Self::NameTooLong(_) => "the name after this ${ is too long",
            Self::OutputTooShort => "the expanded text is longer than the room for it",
        })
    }
}

impl core::error::Error for Error {}
