//! What several tests need.
#![allow(dead_code)] // each test file uses some of it

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lws_diskcache::{Cache, Config, Error, Hit, Key, Lookup};

pub(crate) const SLICE: Duration = Duration::from_millis(5);

/// A cache that has counted what is there.
pub(crate) fn open(path: &Path, config: Config) -> Cache {
    let cache = Cache::open(path, config).expect("a cache");
    settle(&cache);
    cache
}

/// All housekeeping there is.
pub(crate) fn settle(cache: &Cache) {
    while cache.poll_trim(SLICE).is_zero() {}
}

pub(crate) fn key(n: u32) -> Key {
    Key::new([n.to_le_bytes()])
}

/// Stores an object that is not there.
pub(crate) fn store(cache: &Cache, key: &Key, content: &[u8]) -> Result<Hit, Error> {
    match cache.get(key, || ()) {
        Lookup::Miss(mut writer) => {
            writer.write_all(content)?;
            writer.commit()
        }
        other => panic!("{other:?} instead of a miss"),
    }
}

pub(crate) fn content(cache: &Cache, key: &Key) -> Option<Vec<u8>> {
    cache.peek(key).map(|hit| hit.read().expect("a readable object"))
}

/// Where the object lies.
pub(crate) fn file(path: &Path, key: &Key) -> PathBuf {
    let name = key.to_string();
    path.join(&name[..2]).join(name)
}

/// All files below the cache's directories, temporary ones too.
pub(crate) fn files(path: &Path) -> Vec<PathBuf> {
    let directories = std::fs::read_dir(path).expect("a directory").flatten();
    let files = directories.filter_map(|d| std::fs::read_dir(d.path()).ok()).flatten().flatten();
    files.map(|file| file.path()).collect()
}

/// What all of them take on disk, in whole blocks.
pub(crate) fn disk_usage(path: &Path) -> u64 {
    // A file may vanish meanwhile.
    let sizes = files(path).into_iter().filter_map(|file| std::fs::symlink_metadata(file).ok());
    sizes.map(|meta| meta.len().div_ceil(4096) * 4096).sum()
}
