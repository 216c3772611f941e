//! Extensible priorities (RFC 9218): the urgency of a response, and nothing else.
//!
//! The scheme of RFC 7540 is parsed and ignored, as RFC 9113 §5.3.2 allows and everybody does.

/// How urgent a response is if nobody says: RFC 9218 §4.1. 0 is most urgent, 7 least.
pub const DEFAULT_URGENCY: u8 = 3;

/// The urgency in a priority field value (a dictionary of RFC 8941); [`DEFAULT_URGENCY`] where there is none.
///
/// What cannot be understood is ignored, as RFC 9218 §4 wants.
pub fn urgency(field: &[u8]) -> u8 {
    let members = field.split(|b| *b == b',').map(<[u8]>::trim_ascii);
    let last = members.filter_map(|m| m.strip_prefix(b"u=")).next_back();
    match last {
        Some([digit @ b'0'..=b'7', rest @ ..]) if rest.is_empty() || rest.starts_with(b";") => digit - b'0',
        _ => DEFAULT_URGENCY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urgency_of_a_field() {
        for (field, want) in [
            ("u=0", 0),
            ("u=7, i", 7),
            ("i,u=5", 5),
            ("u=1, u=2", 2),
            ("u=1;a=2", 1),
            ("", 3),
            ("i", 3),
            ("u=8", 3),
            ("u=-1", 3),
            ("u=11", 3),
            ("u", 3),
            ("u=\"1\"", 3),
        ] {
            assert_eq!(urgency(field.as_bytes()), want, "{field}");
        }
    }
}
