use super::*;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

fn at(ms: u64) -> Time {
    Time::from_micros(ms * 1_000)
}

fn cache(dir: &Path) -> Cache {
    Cache::new(Root::open(dir).unwrap())
}

/// Far enough after everything that a test writes.
fn later_s() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() + 60
}

fn text(found: Result<Entry, Error>) -> String {
    let Ok(Entry::File(file)) = found else { return format!("{found:?}") };
    let mut room = vec![0; 64];
    let n = file.read_at(&mut room, 0).unwrap();
    String::from_utf8(room[..n].to_vec()).unwrap()
}

#[test]
fn what_is_replaced_is_seen_within_the_time_and_not_before() {
    let dir = tempfile::tempdir().unwrap();
    let cache = cache(dir.path());
    fs::write(dir.path().join("a"), "one").unwrap();
    assert_eq!(text(cache.entry("a", at(0), later_s())), "one");
    fs::write(dir.path().join("b"), "other").unwrap();
    fs::rename(dir.path().join("b"), dir.path().join("a")).unwrap();
    assert_eq!(text(cache.entry("a", at(999), later_s())), "one");
    assert_eq!(text(cache.entry("a", at(1_000), later_s())), "other");
    fs::remove_file(dir.path().join("a")).unwrap();
    assert_eq!(text(cache.entry("a", at(1_001), later_s())), "other");
    assert!(matches!(cache.entry("a", at(2_000), later_s()), Err(Error::NotFound)));
    assert!(matches!(cache.entry("a", at(2_001), later_s()), Err(Error::NotFound)), "and stays unknown");
}

#[test]
fn what_is_not_there_is_not_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let cache = cache(dir.path());
    assert!(cache.entry("a", at(0), later_s()).is_err());
    fs::write(dir.path().join("a"), "now").unwrap();
    assert_eq!(text(cache.entry("a", at(0), later_s())), "now");
}

/// A file changed in place within one tick of the file system's clock has the times it had: it is read anew until it
/// has been left alone for a while.
#[test]
fn what_changed_a_moment_ago_is_read_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    for (now, seen) in [(0, "two"), (later_s(), "one")] {
        let cache = cache(dir.path());
        fs::write(&path, "one").unwrap();
        let Entry::File(first) = cache.entry("a", at(0), now).unwrap() else { panic!("a file") };
        // As if both had happened in one tick: the content changes and nothing else does.
        fs::write(&path, "two").unwrap();
        let Entry::File(second) = Root::open(dir.path()).unwrap().entry("a").unwrap() else {
            panic!("a file")
        };
        cache.known.borrow_mut().files.get_mut("a").unwrap().file = OpenFile::with_id_of(first, &second);
        assert_eq!(text(cache.entry("a", at(1_000), now)), seen);
    }
}

#[test]
fn path_03_a_link_that_comes_to_lead_outside_is_not_followed_for_long() {
    let dir = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    let cache = cache(dir.path());
    fs::write(dir.path().join("a"), "mine").unwrap();
    assert_eq!(text(cache.entry("a", at(0), later_s())), "mine");
    fs::remove_file(dir.path().join("a")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret"), dir.path().join("a")).unwrap();
    assert_eq!(text(cache.entry("a", at(500), later_s())), "mine");
    assert!(matches!(cache.entry("a", at(1_000), later_s()), Err(Error::NotFound)));
}

#[test]
fn the_bounds_hold_and_the_oldest_goes_first() {
    let dir = tempfile::tempdir().unwrap();
    let cache = cache(dir.path());
    let large = vec![b'x'; CACHED_FILE_BYTES + 1];
    let small = vec![b'x'; CACHED_FILE_BYTES];
    for n in 0..CACHED_DESCRIPTORS + 3 {
        fs::write(dir.path().join(format!("large{n}")), &large).unwrap();
        cache.entry(&format!("large{n}"), at(n as u64), later_s()).unwrap();
    }
    let fit = CACHED_BYTES / CACHED_FILE_BYTES;
    for n in 0..fit + 3 {
        fs::write(dir.path().join(format!("small{n}")), &small).unwrap();
        cache.entry(&format!("small{n}"), at(100 + n as u64), later_s()).unwrap();
    }
    let known = cache.known.borrow();
    assert_eq!((known.open, known.bytes), (CACHED_DESCRIPTORS, CACHED_BYTES));
    for gone in ["large0", "large2", "small0", "small2"] {
        assert!(!known.files.contains_key(gone), "{gone}");
    }
    for here in ["large3", "small3"] {
        assert!(known.files.contains_key(here), "{here}");
    }
    drop(known);
    for n in 0..CACHED_FILES + 5 {
        fs::write(dir.path().join(format!("tiny{n}")), "x").unwrap();
        cache.entry(&format!("tiny{n}"), at(900), later_s()).unwrap();
    }
    assert_eq!(cache.known.borrow().files.len(), CACHED_FILES);
}

#[test]
fn nothing_is_believed_longer_than_said() {
    assert_eq!(CACHE_FOR, Duration::from_secs(1));
}
