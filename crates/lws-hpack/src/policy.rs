//! What is worth a place in the dynamic table, and what must never get one.

use crate::field::Field;
use crate::limits::SHORT_COOKIE_BYTES;
use crate::statics;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// The next message may well repeat it.
    Insert,
    /// It differs from message to message and would only evict others.
    Pass,
    /// RFC 7541 §7.1.3: it is a secret that somebody who sees sizes could guess by trial.
    Never,
}

/// The policy for a field whose name is at `name` in the static table.
pub(crate) fn of(field: &Field<'_>, name: Option<usize>) -> Policy {
    if field.never_indexed || name == Some(COOKIE) && field.value.len() < SHORT_COOKIE_BYTES {
        return Policy::Never;
    }
    name.and_then(|index| BY_NAME.get(index - 1)).copied().unwrap_or(Policy::Insert)
}

/// The static index of `cookie`.
const COOKIE: usize = 32;

/// Policies of the names in the static table.
static BY_NAME: [Policy; statics::LEN] = {
    let mut by_name = [Policy::Insert; statics::LEN];
    let mut at = 0;
    while at < by_name.len() {
        by_name[at] = match statics::TABLE[at].0 {
            b"authorization" | b"proxy-authorization" => Policy::Never,
            b":path" | b"age" | b"content-length" | b"content-range" | b"etag" | b"if-modified-since"
            | b"if-none-match" | b"if-range" | b"last-modified" | b"location" | b"range" | b"set-cookie" => {
                Policy::Pass
            }
            _ => Policy::Insert,
        };
        at += 1;
    }
    assert!(matches!(statics::TABLE[COOKIE - 1].0, b"cookie"));
    by_name
};
