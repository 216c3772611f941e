//! Field blocks: an encoder of single instructions (RFC 7541 §6), and a reader of what instructions a block has.
//!
//! Values are decoded by the crate `loona-hpack`. [`scan`] does not decode: it tells which forms the peer used, which a
//! decoder hides, so that dynamic-table rules can be checked.

/// An integer with an `n`-bit prefix; `pattern` are the bits before it (§5.1).
pub(crate) fn integer(pattern: u8, n: u8, value: u64) -> Vec<u8> {
    let limit = (1_u64 << n) - 1;
    if value < limit {
        return vec![pattern | u8::try_from(value).unwrap_or(0)];
    }
    let mut bytes = vec![pattern | u8::try_from(limit).unwrap_or(0xff)];
    let mut rest = value - limit;
    while rest >= 128 {
        bytes.push(u8::try_from(rest % 128).unwrap_or(0) | 0x80);
        rest /= 128;
    }
    bytes.push(u8::try_from(rest).unwrap_or(0));
    bytes
}

/// A string without Huffman code (§5.2).
pub(crate) fn string(text: impl AsRef<[u8]>) -> Vec<u8> {
    let text = text.as_ref();
    let mut bytes = integer(0, 7, text.len() as u64);
    bytes.extend_from_slice(text);
    bytes
}

/// A string said to be in Huffman code: `code` as it is.
pub(crate) fn huffman(code: &[u8]) -> Vec<u8> {
    let mut bytes = integer(0x80, 7, code.len() as u64);
    bytes.extend_from_slice(code);
    bytes
}

/// An entry of the static or dynamic table (§6.1).
pub(crate) fn indexed(index: u64) -> Vec<u8> {
    integer(0x80, 7, index)
}

/// What a literal asks of the dynamic table.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// §6.2.1: added to the table.
    Incremental,
    /// §6.2.2
    Plain,
    /// §6.2.3
    Never,
}

impl Form {
    fn pattern(self) -> (u8, u8) {
        match self {
            Form::Incremental => (0x40, 6),
            Form::Plain => (0, 4),
            Form::Never => (0x10, 4),
        }
    }
}

/// A literal with a name of its own.
pub(crate) fn literal(form: Form, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Vec<u8> {
    let (pattern, n) = form.pattern();
    [integer(pattern, n, 0), string(name), string(value)].concat()
}

/// A literal whose name is that of a table entry.
pub(crate) fn named(form: Form, index: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
    let (pattern, n) = form.pattern();
    [integer(pattern, n, index), string(value)].concat()
}

/// A dynamic table size update (§6.3).
pub(crate) fn size_update(size: u64) -> Vec<u8> {
    integer(0x20, 5, size)
}

/// Names and values, in order, as plain literals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(Vec<u8>, Vec<u8>)>);

impl Fields {
    /// Adds a field at the end.
    pub(crate) fn with(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Fields {
        self.0.push((name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// Adds a field before all others.
    pub(crate) fn first(mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Fields {
        self.0.insert(0, (name.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// Takes out every field of that name.
    pub(crate) fn without(mut self, name: &str) -> Fields {
        self.0.retain(|(n, _)| n != name.as_bytes());
        self
    }

    /// Gives the first field of that name another value, or adds it.
    pub(crate) fn set(mut self, name: &str, value: impl AsRef<[u8]>) -> Fields {
        match self.0.iter_mut().find(|(n, _)| n == name.as_bytes()) {
            Some(field) => field.1 = value.as_ref().to_vec(),
            None => return self.with(name, value),
        }
        self
    }

    /// The value of the first field of that name.
    pub(crate) fn value(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(n, _)| n == name.as_bytes()).map(|(_, value)| value.as_slice())
    }

    /// The block: every field a literal without indexing.
    pub(crate) fn block(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(name, value)| literal(Form::Plain, name, value)).collect()
    }
}

/// What a block asks of the dynamic table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Scan {
    /// The size updates, in order.
    pub(crate) updates: Vec<u64>,
    /// How many of the updates stand before the first field.
    pub(crate) leading: usize,
    /// Literals with incremental indexing.
    pub(crate) insertions: usize,
    /// References to entries above the static table, whole fields or names.
    pub(crate) dynamic: usize,
}

/// Entries of the static table (§2.3.1).
const STATIC: u64 = 61;

/// Reads the forms of a block; `None` where it is cut short or has a number beyond 2^32.
pub(crate) fn scan(block: &[u8]) -> Option<Scan> {
    let mut found = Scan::default();
    let mut fields = false;
    let mut rest = block;
    while let Some(first) = rest.first() {
        if first & 0x80 != 0 {
            found.dynamic += usize::from(number(&mut rest, 7)? > STATIC);
        } else if first & 0x60 == 0x20 {
            found.updates.push(number(&mut rest, 5)?);
            found.leading += usize::from(!fields);
            continue;
        } else {
            let incremental = first & 0x40 != 0;
            found.insertions += usize::from(incremental);
            let index = number(&mut rest, if incremental { 6 } else { 4 })?;
            found.dynamic += usize::from(index > STATIC);
            if index == 0 {
                skip_string(&mut rest)?;
            }
            skip_string(&mut rest)?;
        }
        fields = true;
    }
    Some(found)
}

fn number(rest: &mut &[u8], n: u8) -> Option<u64> {
    let limit = (1_u64 << n) - 1;
    let (first, mut after) = rest.split_first()?;
    let mut value = u64::from(*first) & limit;
    if value == limit {
        for shift in (0..35).step_by(7) {
            let (octet, tail) = after.split_first()?;
            after = tail;
            value += u64::from(octet & 0x7f) << shift;
            if octet & 0x80 == 0 {
                *rest = after;
                return Some(value);
            }
        }
        return None;
    }
    *rest = after;
    Some(value)
}

fn skip_string(rest: &mut &[u8]) -> Option<()> {
    let length = usize::try_from(number(rest, 7)?).ok()?;
    *rest = rest.get(length..)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_those_of_rfc7541_c_1() {
        assert_eq!(integer(0, 5, 10), [10]);
        assert_eq!(integer(0, 5, 1337), [0x1f, 0x9a, 0x0a]);
        assert_eq!(integer(0, 8, 42), [42]);
        assert_eq!(number(&mut &[0x1f, 0x9a, 0x0a][..], 5), Some(1337));
        assert_eq!(number(&mut &[0x1f, 0x9a][..], 5), None);
    }

    #[test]
    fn literals_are_those_of_rfc7541_c_2() {
        assert_eq!(
            literal(Form::Incremental, "custom-key", "custom-header"),
            b"\x40\x0acustom-key\x0dcustom-header"
        );
        assert_eq!(named(Form::Plain, 4, "/sample/path"), b"\x04\x0c/sample/path");
        assert_eq!(literal(Form::Never, "password", "secret"), b"\x10\x08password\x06secret");
        assert_eq!(indexed(2), [0x82]);
        assert_eq!(size_update(0), [0x20]);
    }

    #[test]
    fn every_literal_is_read_back_by_another_decoder() {
        let mut decoder = loona_hpack::Decoder::new();
        let fields =
            Fields::default().with("b", "2").first("a", "1").set("c", "3").set("b", "4").without("c");
        let read = decoder.decode(&fields.block()).unwrap();
        assert_eq!(read, [(b"a".to_vec(), b"1".to_vec()), (b"b".to_vec(), b"4".to_vec())]);
    }

    #[test]
    fn a_scan_sees_the_forms() {
        let block = [
            size_update(0),
            size_update(4096),
            indexed(2),
            indexed(62),
            literal(Form::Incremental, "a", "b"),
            named(Form::Never, 70, "x"),
            size_update(1),
        ]
        .concat();
        let wanted = Scan { updates: vec![0, 4096, 1], leading: 2, insertions: 1, dynamic: 2 };
        assert_eq!(scan(&block), Some(wanted));
        assert_eq!(scan(&[0x40, 5, b'a']), None);
    }
}
