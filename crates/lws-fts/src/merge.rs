//! Several segments into one, without what was removed.
//!
//! The result is byte for byte what building from the files that are left would give, in the same order.

use alloc::vec::Vec;

use crate::build::{SegmentWriter, Summary};
use crate::error::Result;
use crate::index::Part;
use crate::io::{Append, ReadAt, Scratch};
use crate::limits::PAGE;
use crate::segment::{END, TermCursor, Walk, Work};

/// Writes the files of `parts` that were not removed to `out`. Keeps four bytes per file in memory.
pub(crate) fn merge<R: ReadAt, O: Append, S: Scratch>(
    parts: &[&Part<R>],
    out: O,
    scratch: S,
) -> Result<(O, Summary)> {
    let mut writer = SegmentWriter::new(out, scratch)?;
    let mut numbers = Vec::with_capacity(parts.len());
    for part in parts {
        numbers.push(files(part, &mut writer)?);
    }
    writer.end_files();
    // All is read once: no limit.
    let work = Work::new(u64::MAX);
    let mut walks = Vec::with_capacity(parts.len());
    for part in parts {
        let mut walk = Walk::from(&part.segment, &[], &work)?;
        let next = walk.next(&work)?;
        walks.push((walk, next));
    }
    let mut key = Vec::new();
    loop {
        let open = walks.iter().filter(|(_, next)| next.is_some());
        let Some(least) = open.map(|(walk, _)| walk.key()).min() else { break };
        key.clear();
        key.extend_from_slice(least);
        for ((part, numbers), (walk, next)) in parts.iter().zip(&numbers).zip(&mut walks) {
            let Some(term) = next.filter(|_| walk.key() == key) else { continue };
            let mut cursor = TermCursor::new(&part.segment, term)?;
            copy(part, &mut cursor, numbers, &mut writer, &work)?;
            *next = walk.next(&work)?;
        }
        writer.end_term(&key)?;
    }
    let (out, footer, size) = writer.finish()?;
    Ok((out, Summary::of(&footer, size)))
}

/// Copies the files that are left; answers their new numbers, [`END`] for those removed.
fn files<R: ReadAt, O: Append, S: Scratch>(
    part: &Part<R>,
    writer: &mut SegmentWriter<O, S>,
) -> Result<Vec<u32>> {
    let segment = &part.segment;
    let mut numbers = Vec::with_capacity(segment.footer.files as usize);
    let mut bytes = Vec::new();
    for file in 0..segment.footer.files {
        if part.deleted.contains(file) {
            numbers.push(END);
            continue;
        }
        numbers.push(writer.files());
        let found = segment.file(file)?;
        let mut at = segment.footer.line_tables.start + found.entry.table;
        let mut left = found.entry.table_len;
        while left > 0 {
            let now = left.min(PAGE as u64);
            segment.pages.read(at, now as usize, &mut bytes)?;
            writer.copy_lines(&bytes)?;
            at += now;
            left -= now;
        }
        writer.end_file(found.path.as_bytes(), found.entry)?;
    }
    Ok(numbers)
}

/// Copies where a term is, in files that are left.
fn copy<R: ReadAt, O: Append, S: Scratch>(
    part: &Part<R>,
    cursor: &mut TermCursor,
    numbers: &[u32],
    writer: &mut SegmentWriter<O, S>,
    work: &Work,
) -> Result<()> {
    let segment = &part.segment;
    let mut file = cursor.seek(segment, 0, work)?;
    while file != END {
        let number = numbers.get(file as usize).copied().unwrap_or(END);
        if number != END {
            cursor.rewind(segment)?;
            while let Some(position) = cursor.position(segment, work)? {
                writer.push(number, position)?;
            }
        }
        file = cursor.seek(segment, file + 1, work)?;
    }
    Ok(())
}
