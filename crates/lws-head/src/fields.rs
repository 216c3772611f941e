//! The fields of a head, as a view.
//!
//! ```text
//!   block:  ...Host: example.com\r\nAccept: */*\r\n...      any bytes <= 64 KiB, names and values somewhere in them
//!   index:  [ {name 3,4  value 9,11}, {name 22,6  value 30,3} ]      one entry per field line, in wire order
//! ```
//! Every field line is kept, known or not. Names stay as received and are compared without regard to case
//! (RFC 9110 §5.1). A position that does not lie in the block reads as empty; it cannot panic.

use core::fmt;

use crate::field::{is_same, trim};
use crate::limits::LIST_ELEMENTS_MAX;

/// Where one field line's name and value stand in their block: offsets and lengths in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldPos {
    /// Offset of the name.
    pub name: u16,
    /// Length of the name.
    pub name_len: u16,
    /// Offset of the value, without the spaces around it.
    pub value: u16,
    /// Length of the value.
    pub value_len: u16,
}

impl FieldPos {
    /// Name and value in their block.
    #[inline]
    pub fn line_in(self, block: &[u8]) -> (&[u8], &[u8]) {
        (self.name_in(block), self.value_in(block))
    }

    fn name_in(self, block: &[u8]) -> &[u8] {
        part(block, self.name, self.name_len)
    }

    fn value_in(self, block: &[u8]) -> &[u8] {
        part(block, self.value, self.value_len)
    }
}

fn part(block: &[u8], at: u16, len: u16) -> &[u8] {
    let at = usize::from(at);
    block.get(at..at + usize::from(len)).unwrap_or_default()
}

/// One field line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name as received; compare it with [`str::eq_ignore_ascii_case`].
    pub name: &'a str,
    /// The value without the spaces around it: VCHAR, SP, HTAB and bytes of 0x80 and above.
    pub value: &'a [u8],
}

impl<'a> Field<'a> {
    /// The value, if it is UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        core::str::from_utf8(self.value).ok()
    }
}

/// Shows the name only: values may be secret.
impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [{} bytes]", self.name, self.value.len())
    }
}

/// The fields of a head or a trailer section, in wire order.
#[doc(alias = "lws_hdr_copy")]
#[doc(alias = "lws_hdr_total_length")]
#[derive(Clone, Copy, Default)]
pub struct Fields<'a> {
    block: &'a [u8],
    index: &'a [FieldPos],
}

impl<'a> Fields<'a> {
    /// The fields that `index` finds in `block`.
    pub const fn new(block: &'a [u8], index: &'a [FieldPos]) -> Self {
        Self { block, index }
    }

    /// The bytes the positions point into.
    pub const fn block(&self) -> &'a [u8] {
        self.block
    }

    /// The positions, in wire order.
    pub const fn index(&self) -> &'a [FieldPos] {
        self.index
    }

    /// Number of field lines.
    pub const fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is no field at all.
    pub const fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// All fields in wire order.
    #[doc(alias = "lws_hdr_custom_name_foreach")]
    pub fn iter(&self) -> impl Iterator<Item = Field<'a>> + Clone + use<'a> {
        let block = self.block;
        self.index.iter().map(move |pos| Field {
            name: core::str::from_utf8(pos.name_in(block)).unwrap_or_default(),
            value: pos.value_in(block),
        })
    }

    /// Names and values of all fields in wire order, as bytes: [`Fields::iter`] for those who compare names only.
    pub fn lines(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + Clone + use<'a> {
        let block = self.block;
        self.index.iter().map(move |pos| pos.line_in(block))
    }

    /// The value of the first field of that name.
    pub fn first(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// The value of the first field of that name, if it is UTF-8.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        core::str::from_utf8(self.first(name)?).ok()
    }

    /// The values of all fields of that name, in wire order.
    pub fn all<'n>(&self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a, 'n> {
        let block = self.block;
        let is_it = move |pos: &&FieldPos| is_same(pos.name_in(block), name.as_bytes());
        self.index.iter().filter(is_it).map(move |pos| pos.value_in(block))
    }

    /// The elements of a comma-separated list, over all field lines of that name (RFC 9110 §5.6.1).
    ///
    /// Elements come trimmed and never empty; a comma inside a quoted string separates nothing. The list ends
    /// after [`LIST_ELEMENTS_MAX`] elements.
    pub fn list<'n>(&self, name: &'n str) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a, 'n> {
        // RFC 9110 §5.6.1.2: a recipient must ignore a reasonable number of empty elements.
        self.all(name).flat_map(elements).take(LIST_ELEMENTS_MAX).filter(|element| !element.is_empty())
    }

    /// Whether the list of that name has an element equal to `token`, without regard to case.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.list(name).any(|element| is_same(element, token.as_bytes()))
    }
}

/// Shows names only: values may be secret.
impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Splits one value at the commas that are not inside a quoted string; trims, keeps empty elements.
fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let mut rest = Some(value);
    core::iter::from_fn(move || {
        let s = rest?;
        let (mut quoted, mut escaped) = (false, false);
        let comma = s.iter().position(|&b| {
            let separates = b == b',' && !quoted;
            match b {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ => (),
            }
            separates
        });
        let (element, after) = match comma {
            Some(at) => (&s[..at], Some(&s[at + 1..])),
            None => (s, None),
        };
        rest = after;
        Some(trim(element))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String, vec, vec::Vec};

    /// A block and index made of name-value pairs.
    fn build(pairs: &[(&str, &[u8])]) -> (Vec<u8>, Vec<FieldPos>) {
        let (mut block, mut index) = (vec![b'~'; 3], vec![]);
        for (name, value) in pairs {
            let at = block.len() as u16;
            let (name_len, value_len) = (name.len() as u16, value.len() as u16);
            index.push(FieldPos { name: at, name_len, value: at + name_len + 2, value_len });
            block.extend_from_slice(name.as_bytes());
            block.extend_from_slice(b": ");
            block.extend_from_slice(value);
        }
        (block, index)
    }

    #[test]
    fn finds_fields_in_any_case_and_keeps_order() {
        let (block, index) = build(&[("Host", b"a"), ("X-One", b"1"), ("x-one", b"2"), ("Bin", b"\xff")]);
        let fields = Fields::new(&block, &index);
        assert_eq!(fields.len(), 4);
        assert_eq!(fields.first("HOST"), Some(&b"a"[..]));
        assert_eq!(fields.text("bin"), None);
        assert_eq!(fields.first("bin"), Some(&b"\xff"[..]));
        assert_eq!(fields.all("X-ONE").collect::<Vec<_>>(), [b"1", b"2"]);
        assert_eq!(fields.iter().map(|f| f.name).collect::<Vec<_>>(), ["Host", "X-One", "x-one", "Bin"]);
        assert_eq!(fields.first("hos"), None);
    }

    #[test]
    fn lists_cross_lines_and_respect_quotes() {
        let cases: [(&[&[u8]], &[&str]); 8] = [
            (&[b"a, b ,c"], &["a", "b", "c"]),
            (&[b"a", b"b,c"], &["a", "b", "c"]),
            (&[b",, ,a,,"], &["a"]),
            (&[b""], &[]),
            (&[b"\"a,b\", c"], &["\"a,b\"", "c"]),
            (&[b"\"a\\\",b\",c"], &["\"a\\\",b\"", "c"]),
            (&[b"\"open, c", b"d"], &["\"open, c", "d"]),
            (&[b"W/\"x\", \"y\""], &["W/\"x\"", "\"y\""]),
        ];
        for (lines, expect) in cases {
            let pairs: Vec<_> = lines.iter().map(|v| ("l", *v)).collect();
            let (block, index) = build(&pairs);
            let got: Vec<_> = Fields::new(&block, &index).list("L").map(String::from_utf8_lossy).collect();
            assert_eq!(got, expect, "{lines:?}");
        }
    }

    #[test]
    fn lists_end_at_the_limit() {
        let commas = ",".repeat(LIST_ELEMENTS_MAX);
        for (value, seen) in [(format!("{}x", &commas[1..]), true), (format!("{commas}x"), false)] {
            let (block, index) = build(&[("l", value.as_bytes())]);
            assert_eq!(Fields::new(&block, &index).has_token("l", "X"), seen);
        }
    }

    #[test]
    fn tokens_match_whole_elements() {
        let (block, index) = build(&[("Connection", b"keep-alive, Upgrade")]);
        let fields = Fields::new(&block, &index);
        assert!(fields.has_token("connection", "upgrade") && fields.has_token("connection", "Keep-Alive"));
        assert!(!fields.has_token("connection", "up") && !fields.has_token("connection", "close"));
    }

    #[test]
    fn positions_outside_the_block_read_as_empty() {
        let index = [FieldPos { name: 0, name_len: 9, value: u16::MAX, value_len: u16::MAX }];
        let fields = Fields::new(b"short", &index);
        assert_eq!(fields.iter().map(|f| (f.name, f.value)).collect::<Vec<_>>(), [("", &b""[..])]);
    }

    #[test]
    fn debug_keeps_values_to_itself() {
        let (block, index) = build(&[("Authorization", b"Basic c2VjcmV0")]);
        let shown = format!("{:?}", Fields::new(&block, &index));
        assert_eq!(shown, "[Authorization: [14 bytes]]");
    }
}
