//! A disk that fails.

use super::*;
use rustix::io::Errno;
use std::io::Write;

const SLICE: Duration = Duration::from_millis(5);

fn open(home: &tempfile::TempDir) -> Cache {
    let cache = Cache::open(home.path().join("cache"), Config::default().limit(1 << 20)).unwrap();
    while cache.poll_trim(SLICE).is_zero() {}
    cache
}

/// Names of temporary files.
fn temporary(home: &tempfile::TempDir) -> Vec<String> {
    let directories = std::fs::read_dir(home.path().join("cache")).unwrap();
    let files = directories.flatten().filter_map(|d| std::fs::read_dir(d.path()).ok()).flatten().flatten();
    files.map(|f| f.file_name().into_string().unwrap()).filter(|name| name.ends_with('~')).collect()
}

/// Asks, makes, stores and asks again, as a server would; answers whether it is cached now.
fn serve(cache: &Cache, key: &Key) -> bool {
    match cache.get(key, || ()) {
        Lookup::Hit(hit) => assert_eq!(hit.read().unwrap(), b"content"),
        Lookup::Miss(mut writer) => {
            let _ = writer.write_all(b"content").and_then(|()| writer.commit().map_err(Into::into));
        }
        Lookup::Wait => panic!("nobody else makes it"),
        Lookup::Bypass => {}
    }
    cache.peek(key).is_some()
}

/// Whatever step fails, and however: the caller can go on, nothing remains, and all is well when the disk is.
#[test]
fn dc_05_a_failing_disk_is_bypassed() {
    let mut steps = 0;
    for errno in [Errno::NOSPC, Errno::ACCESS, Errno::ROFS, Errno::IO, Errno::MFILE, Errno::DQUOT] {
        let home = tempfile::tempdir().unwrap();
        let cache = open(&home);
        assert!(serve(&cache, &Key::new(["before"])));
        for after in 0.. {
            let key = Key::new(["key", &format!("{errno:?} {after}")]);
            cache.disk().faults.fail_after(after, errno);
            serve(&cache, &key);
            while cache.poll_trim(SLICE).is_zero() {}
            steps = cache.disk().faults.stop();
            assert!(serve(&cache, &key), "{errno:?} in step {after}: it is well again");
            assert!(temporary(&home).is_empty(), "{errno:?} in step {after}");
            let stats = cache.stats();
            let total = cache.state().ledger.blocks().unwrap() * limits::BLOCK;
            assert_eq!(
                (total, cache.state().making),
                (stats.bytes, 0),
                "{errno:?} in step {after}: all is accounted for"
            );
            if steps <= after {
                break; // it did not fail any more
            }
        }
        assert!(serve(&cache, &Key::new(["before"])));
    }
    assert!(steps > 8, "steps were counted");
}

#[test]
fn dc_05_a_full_disk_fails_the_write_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home);
    let key = Key::new(["key"]);
    let Lookup::Miss(mut writer) = cache.get(&key, || ()) else { panic!("it is new") };
    writer.write_all(b"first").unwrap();
    // A file that may not be written, in place of a disk that is full.
    writer.break_for_test();
    assert!(writer.write_all(b"second").is_err());
    assert!(writer.write_all(b"third").is_err(), "not with a hole in it");
    assert!(matches!(writer.commit(), Err(Error::Failed)));
    assert!(cache.peek(&key).is_none());
    assert!(temporary(&home).is_empty());
    assert!(serve(&cache, &key));
}

#[test]
fn a_locked_ledger_delays_nobody_long() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home);
    let key = Key::new(["key"]);
    let Lookup::Miss(mut writer) = cache.get(&key, || ()) else { panic!("it is new") };
    let other = std::fs::File::options().read(true).open(home.path().join("cache/ledger")).unwrap();
    rustix::fs::flock(&other, FlockOperation::LockExclusive).unwrap();
    assert!(writer.write_all(b"content").is_err());
    drop(writer);
    assert!(temporary(&home).is_empty());
    drop(other);
    assert!(serve(&cache, &key));
    assert_eq!(cache.state().ledger.blocks().unwrap(), 1);
}

/// Once checked, an object is not read again to check it; a change is noticed all the same.
#[test]
fn dc_02_a_change_after_the_check() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home);
    let key = Key::new(["key"]);
    assert!(serve(&cache, &key));
    let checked = || cache.state().index.get(&key).map_or(0, |node| node.checked);
    while checked() == 0 {
        assert!(cache.peek(&key).is_some()); // until a tick of the kernel's clock has passed
    }
    let name = key.to_string();
    let file = home.path().join("cache").join(&name[..2]).join(&name);
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(cache.peek(&key).is_none());
    assert_eq!(cache.stats().broken, 1);
}
