//! The words that start with some letters.

use alloc::vec::Vec;

use super::Bitmap;
use super::places::Memory;
use crate::error::{Error, Limit, Result};
use crate::io::ReadAt;
use crate::limits::MAX_PREFIX_PLACES;
use crate::segment::{END, Segment, TermCursor, Walk, Work};

/// Calls `each` with a cursor for every term that starts with `prefix`.
fn each<R: ReadAt>(
    segment: &Segment<R>,
    prefix: &[u8],
    work: &Work,
    mut each: impl FnMut(TermCursor) -> Result<()>,
) -> Result<()> {
    let mut walk = Walk::from(segment, prefix, work)?;
    while let Some(term) = walk.next(work)? {
        if !walk.key().starts_with(prefix) {
            break;
        }
        each(TermCursor::new(segment, term)?)?;
    }
    Ok(())
}

/// The files that have any of the words.
pub(crate) fn files<R: ReadAt>(segment: &Segment<R>, prefix: &[u8], work: &Work) -> Result<Bitmap> {
    let mut found = Bitmap::new(segment.footer.files);
    each(segment, prefix, work, |mut cursor| {
        let mut file = cursor.seek(segment, 0, work)?;
        while file != END {
            found.insert(file);
            file = cursor.seek(segment, file + 1, work)?;
        }
        Ok(())
    })?;
    Ok(found)
}

/// Where any of the words are, in those files.
pub(crate) fn places<R: ReadAt>(
    segment: &Segment<R>,
    prefix: &[u8],
    among: &Bitmap,
    work: &Work,
) -> Result<Memory> {
    let mut found = Vec::new();
    each(segment, prefix, work, |mut cursor| {
        let mut target = among.next(0);
        while let Some(wanted) = target {
            let file = cursor.seek(segment, wanted, work)?;
            if file == END {
                break;
            }
            if file == wanted {
                cursor.rewind(segment)?;
                while let Some(position) = cursor.position(segment, work)? {
                    if found.len() == MAX_PREFIX_PLACES {
                        return Err(Error::Limit(Limit::Prefix));
                    }
                    found.push((file, position));
                }
            }
            target = among.next(file.max(wanted.saturating_add(1)));
        }
        Ok(())
    })?;
    Ok(Memory::new(found))
}
