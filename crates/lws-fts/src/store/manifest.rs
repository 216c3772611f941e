//! The manifest: which segments there are.
//!
//! ```text
//! "lws-ftsM", u32 version, then as varints: generation, last number given, how many segments, then per segment:
//!   number, bytes, u64 checksum of its footer, files, how many are removed, their numbers as gaps
//! u64 XXH64 of all that
//! ```

use std::fs;
use std::io::Write;
use std::path::Path;
use std::vec::Vec;

use crate::bits::{put_varint, take_bytes, take_varint};
use crate::checksum::xxh64;
use crate::disk::{failed, sync_folder};
use crate::error::{Error, Limit, Part, Result, corrupt};
use crate::limits::{MAX_FILES, MAX_MANIFEST, MAX_SEGMENTS};
use crate::search::Bitmap;

const MAGIC: &[u8; 8] = b"lws-ftsM";
const VERSION: u32 = 1 << 16;

/// What the folder consists of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    /// Counts the changes.
    pub(super) generation: u64,
    /// The last number given to a segment.
    pub(super) next: u64,
    pub(super) segments: Vec<Entry>,
}

/// A segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) size: u64,
    pub(super) seal: u64,
    pub(super) files: u32,
    pub(super) deleted: Bitmap,
}

impl Manifest {
    /// The manifest of the folder, `None` when it has none.
    pub(super) fn load(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join("manifest");
        let read = || {
            if fs::metadata(&path)?.len() > MAX_MANIFEST as u64 {
                return Ok(Vec::new()); // which is no manifest
            }
            fs::read(&path)
        };
        match read() {
            Ok(bytes) => Self::decode(&bytes).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&path, &error)),
        }
    }

    /// Replaces the manifest of the folder, and waits until that is on the disk.
    pub(super) fn store(&self, folder: &Path) -> Result<()> {
        let bytes = self.encode();
        if bytes.len() > MAX_MANIFEST {
            return Err(Error::Limit(Limit::Manifest));
        }
        let temporary = folder.join("manifest.tmp");
        let write = || {
            let mut file = fs::File::create(&temporary)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, folder.join("manifest"))
        };
        write().map_err(|e| failed(&temporary, &e))?;
        sync_folder(folder)
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&VERSION.to_le_bytes());
        for number in [self.generation, self.next, self.segments.len() as u64] {
            put_varint(&mut out, number);
        }
        for entry in &self.segments {
            put_varint(&mut out, entry.number);
            put_varint(&mut out, entry.size);
            out.extend_from_slice(&entry.seal.to_le_bytes());
            put_varint(&mut out, u64::from(entry.files));
            put_varint(&mut out, u64::from(entry.deleted.len()));
            let mut next = 0;
            while let Some(file) = entry.deleted.next(next) {
                put_varint(&mut out, u64::from(file - next));
                next = file + 1;
            }
        }
        let sum = xxh64(&out, 0);
        out.extend_from_slice(&sum.to_le_bytes());
        out
    }

    fn decode(bytes: &[u8]) -> Result<Self> {
        let bad = corrupt(Part::Manifest, 0);
        let Some((body, sum)) = bytes.split_last_chunk() else { return Err(bad) };
        if xxh64(body, 0) != u64::from_le_bytes(*sum) {
            return Err(bad);
        }
        let mut rest = body;
        if take_bytes(&mut rest, 8) != Some(MAGIC) {
            return Err(bad);
        }
        let version =
            take_bytes(&mut rest, 4).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b));
        if version >> 16 != VERSION >> 16 {
            return Err(Error::Version { found: version });
        }
        Self::body(&mut rest).filter(|_| rest.is_empty()).ok_or(bad)
    }

    fn body(rest: &mut &[u8]) -> Option<Self> {
        let (generation, next) = (take_varint(rest)?, take_varint(rest)?);
        // An update adds one to the most there are, before they are merged.
        let count = take_varint(rest).filter(|n| *n <= MAX_SEGMENTS as u64 + 1)?;
        let mut segments = Vec::new();
        for _ in 0..count {
            let (number, size) = (take_varint(rest)?, take_varint(rest)?);
            let seal = take_bytes(rest, 8)?.first_chunk().map(|b| u64::from_le_bytes(*b))?;
            let files = u32::try_from(take_varint(rest)?).ok().filter(|n| *n <= MAX_FILES)?;
            let count = take_varint(rest).filter(|n| *n <= u64::from(files))?;
            let mut deleted = if count > 0 { Bitmap::new(files) } else { Bitmap::default() };
            let mut next = 0u64;
            for _ in 0..count {
                let file = next.checked_add(take_varint(rest)?).filter(|file| *file < u64::from(files))?;
                deleted.insert(file as u32);
                next = file + 1;
            }
            segments.push(Entry { number, size, seal, files, deleted });
        }
        Some(Manifest { generation, next, segments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_damage_is_noticed() {
        let mut deleted = Bitmap::new(100);
        [0, 1, 50, 99].iter().for_each(|file| assert!(deleted.insert(*file)));
        let entry = |number, deleted| Entry { number, size: 4096, seal: 77, files: 100, deleted };
        let segments = std::vec![entry(3, deleted), entry(9, Bitmap::default())];
        let manifest = Manifest { generation: 12, next: 9, segments };
        let bytes = manifest.encode();
        assert_eq!(Manifest::decode(&bytes), Ok(manifest));
        for cut in 0..bytes.len() {
            assert!(Manifest::decode(&bytes[..cut]).is_err());
        }
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Manifest::decode(&bad).is_err(), "bit {bit}");
        }
    }
}
