//! The static table (RFC 7541, appendix A), and a perfect hash over its names.

use crate::field::{Field, Known};

/// Entries of the static table: the dynamic table begins at index `LEN + 1`.
pub(crate) const LEN: usize = 61;

/// Index `i` of RFC 7541 is `TABLE[i - 1]`. Entries of one name are neighbours.
pub(crate) static TABLE: [(&[u8], &[u8]); LEN] = [
    (b":authority", b""),
    (b":method", b"GET"),
    (b":method", b"POST"),
    (b":path", b"/"),
    (b":path", b"/index.html"),
    (b":scheme", b"http"),
    (b":scheme", b"https"),
    (b":status", b"200"),
    (b":status", b"204"),
    (b":status", b"206"),
    (b":status", b"304"),
    (b":status", b"400"),
    (b":status", b"404"),
    (b":status", b"500"),
    (b"accept-charset", b""),
    (b"accept-encoding", b"gzip, deflate"),
    (b"accept-language", b""),
    (b"accept-ranges", b""),
    (b"accept", b""),
    (b"access-control-allow-origin", b""),
    (b"age", b""),
    (b"allow", b""),
    (b"authorization", b""),
    (b"cache-control", b""),
    (b"content-disposition", b""),
    (b"content-encoding", b""),
    (b"content-language", b""),
    (b"content-length", b""),
    (b"content-location", b""),
    (b"content-range", b""),
    (b"content-type", b""),
    (b"cookie", b""),
    (b"date", b""),
    (b"etag", b""),
    (b"expect", b""),
    (b"expires", b""),
    (b"from", b""),
    (b"host", b""),
    (b"if-match", b""),
    (b"if-modified-since", b""),
    (b"if-none-match", b""),
    (b"if-range", b""),
    (b"if-unmodified-since", b""),
    (b"last-modified", b""),
    (b"link", b""),
    (b"location", b""),
    (b"max-forwards", b""),
    (b"proxy-authenticate", b""),
    (b"proxy-authorization", b""),
    (b"range", b""),
    (b"referer", b""),
    (b"refresh", b""),
    (b"retry-after", b""),
    (b"server", b""),
    (b"set-cookie", b""),
    (b"strict-transport-security", b""),
    (b"transfer-encoding", b""),
    (b"user-agent", b""),
    (b"vary", b""),
    (b"via", b""),
    (b"www-authenticate", b""),
];

/// The entry at `index`.
pub(crate) fn entry(index: usize) -> Option<Field<'static>> {
    let at = index.checked_sub(1)?;
    let (name, value) = *TABLE.get(at)?;
    Some(Field { name, value, never_indexed: false, known: Known::of_static(FIRST[at]) })
}

/// The first index of the name of each entry.
static FIRST: [u8; LEN] = {
    let mut first = [0; LEN];
    let mut at = 0;
    while at < LEN {
        let repeats = at > 0 && same(TABLE[at].0, TABLE[at - 1].0);
        first[at] = if repeats { first[at - 1] } else { at as u8 + 1 };
        at += 1;
    }
    first
};

/// The first index whose name is `name`, if the static table knows it.
pub(crate) fn find_name(name: &[u8]) -> Option<usize> {
    let slot = slot(name)?;
    let index = usize::from(SLOTS[slot]);
    (TABLE.get(index.wrapping_sub(1))?.0 == name).then_some(index)
}

/// The index of the entry that has the name of entry `first` and this value; `first` comes from [`find_name`].
pub(crate) fn find_value(first: usize, value: &[u8]) -> Option<usize> {
    // ":status" has the most values, seven; every other name but three has one.
    let run = match first {
        2 | 4 | 6 => 2,
        8 => 7,
        _ => 1,
    };
    (first..first + run).find(|index| TABLE[index - 1].1 == value)
}

/// Where a name would be in [`SLOTS`]. The multipliers were searched for, `const` evaluation proves them.
const fn slot(name: &[u8]) -> Option<usize> {
    match name {
        [] => None,
        [only] => Some((15 + 14 * *only as usize + 39 * *only as usize) % SLOT_COUNT),
        [first, .., last] => {
            Some((15 * name.len() + 14 * *first as usize + 39 * *last as usize) % SLOT_COUNT)
        }
    }
}

const SLOT_COUNT: usize = 128;

/// The first index of each name by [`slot`], 0 where there is none.
static SLOTS: [u8; SLOT_COUNT] = {
    let mut slots = [0; SLOT_COUNT];
    let mut index = 1;
    while index <= LEN {
        let Some(at) = slot(TABLE[index - 1].0) else { panic!("no name in the static table is empty") };
        if slots[at] == 0 {
            slots[at] = index as u8;
        } else {
            assert!(same(TABLE[slots[at] as usize - 1].0, TABLE[index - 1].0), "two names share a slot");
        }
        index += 1;
    }
    slots
};

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_at_its_own_index() {
        for (at, (name, value)) in TABLE.iter().enumerate() {
            let first = find_name(name).unwrap();
            assert_eq!(TABLE[..at].iter().position(|entry| entry.0 == *name).unwrap_or(at) + 1, first);
            assert_eq!(find_value(first, value), Some(at + 1));
            assert_eq!(find_value(first, b"no such value"), None);
        }
    }

    #[test]
    fn every_entry_knows_its_name_and_is_well_formed() {
        for index in 1..=LEN {
            let field = entry(index).unwrap();
            assert_eq!(usize::from(field.static_name()), find_name(field.name).unwrap());
            assert!(Field::new(field.name, field.value).is_well_formed(), "{field:?}");
        }
        assert_eq!((entry(0), entry(LEN + 1)), (None, None));
    }

    #[test]
    fn near_misses_are_not_found() {
        for (name, _) in TABLE {
            for at in 0..name.len() {
                let mut other = name.to_vec();
                other[at] ^= 1;
                assert_eq!(find_name(&other), None, "{name:?} changed at {at}");
                let cut = &name[..at];
                assert_eq!(find_name(cut).is_some(), cut == b"accept", "{name:?} cut to {at}");
            }
        }
        assert_eq!(find_name(b"x"), None);
    }
}
