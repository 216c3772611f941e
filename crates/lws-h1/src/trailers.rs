//! Trailer sections (RFC 9110 §6.5, RFC 9112 §7.1.2): read on their own, never merged into the head.

use lws_head::trailer::{Rule, rule};
use lws_head::{FieldPos, Fields};

use crate::error::{Error, Limit, Peer};
use crate::limits::{TRAILER_FIELDS_MAX, TRAILERS_MAX};
use crate::scan::{Bounds, HeadIndex, Scanner};

const BOUNDS: Bounds = Bounds {
    start_line: 0,
    section: TRAILERS_MAX,
    fields: TRAILER_FIELDS_MAX,
    section_limit: Limit::Trailers,
    fields_limit: Limit::Trailers,
};

fn name_of(section: &[u8], pos: FieldPos) -> &[u8] {
    let at = usize::from(pos.name);
    section.get(at..at + usize::from(pos.name_len)).unwrap_or_default()
}

/// Looks for a complete section, with the same promises as [`Scanner::scan`].
pub(crate) fn scan(scanner: &mut Scanner, input: &[u8]) -> Result<Option<usize>, Error> {
    scanner.scan(
        input,
        &BOUNDS,
        |_| Ok(()),
        |pos| match rule(name_of(input, pos)) {
            Rule::Refuse => Err(Peer::Trailer.into()),
            Rule::Keep | Rule::Drop => Ok(()),
        },
    )
}

/// Reads a complete trailer section, as [`Decoded::trailers`](crate::Decoded::trailers) shows it; an empty slice has
/// no fields. Fields that must not be in a trailer section are left out.
///
/// Fails only for a section that did not come out of a [`BodyDecoder`](crate::BodyDecoder).
pub fn trailers<'a>(section: &'a [u8], index: &'a mut HeadIndex) -> Result<Fields<'a>, Error> {
    index.clear();
    if section.is_empty() {
        return Ok(Fields::default());
    }
    let keep = |pos| match rule(name_of(section, pos)) {
        Rule::Refuse => Err(Peer::Trailer.into()),
        Rule::Drop => Ok(()),
        Rule::Keep => {
            index.push(pos);
            Ok(())
        }
    };
    match Scanner::trailers().scan(section, &BOUNDS, |_| Ok(()), keep)? {
        Some(_) => Ok(index.fields(section)),
        None => Err(Peer::Truncated.into()),
    }
}
