//! What each byte means.

use crate::{Progress, Tokens, limits};

/// What a byte is, outside quoted strings. Words and blanks, of which a text mostly consists, have a bit each.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    /// Belongs into a word.
    Word = 1,
    /// Separates, and is not reported.
    Blank = 2,
    /// Is an element of its own.
    Delimiter = 4,
    /// As a delimiter, but makes a name of the word before it.
    Equals = 8,
    /// As `Equals`.
    Colon = 12,
    /// As a delimiter, but may stand in a number.
    Dot = 16,
    /// Starts a string.
    Quote = 20,
    /// Starts a comment.
    Hash = 24,
}

/// What each byte means, as a table made at compile time.
///
/// ```
/// use lws_tokenize::Grammar;
/// static LIST: Grammar = Grammar::new().inside(b"-").comma_list();
/// assert_eq!(LIST.tokens(b"keep-alive, Upgrade").count(), 3);
/// ```
///
/// lws's flags and their names here:
///
/// | lws | here |
/// |---|---|
/// | `MINUS_NONTERM`, `DOT_NONTERM`, `ASTERISK_NONTERM`, `EQUALS_NONTERM`, `COLON_NONTERM`, `SLASH_NONTERM`, `PLUS_NONTERM` | [`inside`](Self::inside)`(b"-.*=:/+")` |
/// | `RFC7230_DELIMS` | [`rfc7230`](Self::rfc7230) |
/// | `AGG_COLON` | [`colon_names`](Self::colon_names) |
/// | `COMMA_SEP_LIST` | [`comma_list`](Self::comma_list) |
/// | `HASH_COMMENT` | [`hash_comments`](Self::hash_comments) |
/// | `NO_FLOATS`, `NO_INTEGERS` | [`no_floats`](Self::no_floats), [`no_integers`](Self::no_integers) |
#[derive(Clone)]
pub struct Grammar {
    pub(crate) class: [Class; 256],
    pub(crate) floats: bool,
    pub(crate) integers: bool,
    pub(crate) comma_list: bool,
    pub(crate) escapes: bool,
    pub(crate) max_token: u32,
}

impl Default for Grammar {
    fn default() -> Self {
        Self::new()
    }
}

impl Grammar {
    /// Words are of letters, digits, `_` and characters beyond ASCII. Blanks (space, tab, CR, LF, form feed) separate, `"`
    /// starts a string, `=` makes names, and everything else is a delimiter.
    pub const fn new() -> Self {
        let mut class = [Class::Delimiter; 256];
        let mut byte = 0;
        while byte < class.len() {
            let b = byte as u8;
            if b.is_ascii_alphanumeric() || b == b'_' || !b.is_ascii() {
                class[byte] = Class::Word;
            }
            byte += 1;
        }
        class[b' ' as usize] = Class::Blank;
        class[b'\t' as usize] = Class::Blank;
        class[b'\r' as usize] = Class::Blank;
        class[b'\n' as usize] = Class::Blank;
        class[b'\x0c' as usize] = Class::Blank;
        class[b'"' as usize] = Class::Quote;
        class[b'=' as usize] = Class::Equals;
        class[b'.' as usize] = Class::Dot;
        Self {
            class,
            floats: true,
            integers: true,
            comma_list: false,
            escapes: false,
            max_token: limits::MAX_TOKEN,
        }
    }

    /// As [`new`](Self::new), but only the delimiters of RFC 7230 (`(),/:;<=>?@[\]{}`), control characters, `-` and `.` are
    /// delimiters. `-` and `.` are no delimiters in RFC 7230 either: give them to [`inside`](Self::inside) for its `token`.
    #[doc(alias = "LWS_TOKENIZE_F_RFC7230_DELIMS")]
    pub const fn rfc7230() -> Self {
        // RFC 7230 §3.2.6: tchar; letters and digits are words in `new` already.
        Self::new().inside(b"!#$%&'*+^_`|~")
    }

    /// These ASCII bytes belong into words too.
    #[doc(alias = "LWS_TOKENIZE_F_MINUS_NONTERM")]
    #[doc(alias = "LWS_TOKENIZE_F_DOT_NONTERM")]
    #[doc(alias = "LWS_TOKENIZE_F_ASTERISK_NONTERM")]
    #[doc(alias = "LWS_TOKENIZE_F_EQUALS_NONTERM")]
    #[doc(alias = "LWS_TOKENIZE_F_COLON_NONTERM")]
    #[doc(alias = "LWS_TOKENIZE_F_SLASH_NONTERM")]
    #[doc(alias = "LWS_TOKENIZE_F_PLUS_NONTERM")]
    pub const fn inside(mut self, bytes: &[u8]) -> Self {
        let mut i = 0;
        while i < bytes.len() {
            self.class[bytes[i] as usize] = Class::Word;
            i += 1;
        }
        self
    }

    /// `:` makes a name of the word before it, as `=` does.
    #[doc(alias = "LWS_TOKENIZE_F_AGG_COLON")]
    pub const fn colon_names(mut self) -> Self {
        self.class[b':' as usize] = Class::Colon;
        self
    }

    /// The input is a list: elements (`name=value` is one) with one comma between two of them. Everything else is
    /// [`Error::CommaList`](crate::Error::CommaList).
    #[doc(alias = "LWS_TOKENIZE_F_COMMA_SEP_LIST")]
    pub const fn comma_list(mut self) -> Self {
        self.comma_list = true;
        self
    }

    /// `#` starts a comment that ends with its line.
    #[doc(alias = "LWS_TOKENIZE_F_HASH_COMMENT")]
    pub const fn hash_comments(mut self) -> Self {
        self.class[b'#' as usize] = Class::Hash;
        self
    }

    /// `1.5` is an integer, a delimiter and an integer.
    #[doc(alias = "LWS_TOKENIZE_F_NO_FLOATS")]
    pub const fn no_floats(mut self) -> Self {
        self.floats = false;
        self
    }

    /// `15` is a token.
    #[doc(alias = "LWS_TOKENIZE_F_NO_INTEGERS")]
    pub const fn no_integers(mut self) -> Self {
        self.integers = false;
        self
    }

    /// `\` in a string takes the next character's meaning, so `\"` does not end it. The text is reported as it stands.
    pub const fn escapes(mut self) -> Self {
        self.escapes = true;
        self
    }

    /// Longest word or string, in bytes; default [`limits::MAX_TOKEN`].
    pub const fn max_token(mut self, bytes: u32) -> Self {
        self.max_token = bytes;
        self
    }

    /// The elements of a whole input.
    #[doc(alias = "lws_tokenize")]
    #[doc(alias = "lws_tokenize_init")]
    pub fn tokens<'g, 'i>(&'g self, input: &'i [u8]) -> Tokens<'g, 'i> {
        self.part(Progress::default(), input, true)
    }

    /// The elements of one part of an input; `last` tells whether it is the last one.
    ///
    /// When the iterator ends, [`Tokens::consumed`] bytes are done with. The next part must start with the rest of this one,
    /// and continue from [`Tokens::progress`].
    ///
    /// ```
    /// let grammar = lws_tokenize::Grammar::new();
    /// let mut tokens = grammar.part(Default::default(), b"one tw", false);
    /// assert_eq!(tokens.next().unwrap()?.text, "one");
    /// assert!(tokens.next().is_none(), "who knows how `tw` goes on");
    /// assert_eq!(tokens.consumed(), 4);
    /// let mut tokens = grammar.part(tokens.progress(), b"two", true);
    /// assert_eq!(tokens.next().unwrap()?.text, "two");
    /// # Ok::<(), lws_tokenize::Error>(())
    /// ```
    #[doc(alias = "LWS_TOKENIZE_F_EXPECT_MORE")]
    pub fn part<'g, 'i>(&'g self, from: Progress, input: &'i [u8], last: bool) -> Tokens<'g, 'i> {
        Tokens::new(self, from, input, last)
    }
}

impl core::fmt::Debug for Grammar {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let words = (0..=127_u8).filter(|b| self.class[*b as usize] == Class::Word);
        f.write_str("Grammar { words of \"")?;
        for b in words {
            write!(f, "{}", b.escape_ascii())?;
        }
        write!(
            f,
            "\", floats: {}, integers: {}, comma_list: {}, escapes: {}, max_token: {} }}",
            self.floats, self.integers, self.comma_list, self.escapes, self.max_token
        )
    }
}
