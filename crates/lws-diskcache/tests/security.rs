//! Hostile and broken directories. Names are those of the threat model.

mod common;

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use common::{content, file, files, key, open, settle, store};
use lws_diskcache::{Cache, Config, Error, Lookup};

/// The directory that `file` will be in, as the cache makes it.
fn make_parent(file: &Path) {
    let parent = file.parent().expect("it is in a directory");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(parent).expect("a directory");
}

/// Where the object, or with `end` its temporary file, will lie.
fn place(path: &Path, n: u32, end: &str) -> PathBuf {
    let place = file(path, &key(n)).with_file_name(format!("{}{end}", key(n)));
    make_parent(&place);
    place
}

/// A file that is a whole object of that number, made by another cache.
fn valid_object(n: u32, home: &Path) -> Vec<u8> {
    let path = home.join("another");
    drop(store(&open(&path, Config::default()), &key(n), b"foisted on us").expect("an object"));
    fs::read(file(&path, &key(n))).expect("its file")
}

/// A symbolic link in each place where the cache will make a file: it is replaced, its target untouched.
#[test]
fn dc_01_links_are_not_followed() {
    for end in ["", "~"] {
        for target_exists in [true, false] {
            let home = tempfile::tempdir().unwrap();
            let (path, victim) = (home.path().join("cache"), home.path().join("victim"));
            let precious = valid_object(1, home.path());
            if target_exists {
                fs::write(&victim, &precious).unwrap();
            }
            let cache = open(&path, Config::default());
            symlink(&victim, place(&path, 1, end)).unwrap();
            assert!(cache.peek(&key(1)).is_none());
            store(&cache, &key(1), b"ours").unwrap();
            assert_eq!(content(&cache, &key(1)).unwrap(), b"ours");
            assert_eq!(fs::read(&victim).ok(), target_exists.then_some(precious));
            assert!(fs::symlink_metadata(file(&path, &key(1))).unwrap().is_file());
            assert_eq!(files(&path).len(), 1);
        }
    }
}

/// A hard link to somebody's file under an object's name, or under its temporary one.
#[test]
fn dc_01_hard_links_are_not_used() {
    for end in ["", "~"] {
        let home = tempfile::tempdir().unwrap();
        let (path, victim) = (home.path().join("cache"), home.path().join("victim"));
        let precious = valid_object(1, home.path());
        fs::write(&victim, &precious).unwrap();
        let cache = open(&path, Config::default());
        store(&cache, &key(0), b"makes no difference").unwrap();
        fs::hard_link(&victim, place(&path, 1, end)).unwrap();
        assert!(cache.peek(&key(1)).is_none());
        store(&cache, &key(1), b"ours").unwrap();
        assert_eq!(content(&cache, &key(1)).unwrap(), b"ours");
        assert_eq!(fs::read(&victim).unwrap(), precious);
    }
}

#[test]
fn dc_01_a_linked_directory_is_not_entered() {
    let home = tempfile::tempdir().unwrap();
    let (path, elsewhere) = (home.path().join("cache"), home.path().join("elsewhere"));
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
    let cache = open(&path, Config::default());
    symlink(&elsewhere, file(&path, &key(1)).parent().unwrap()).unwrap();
    assert!(matches!(cache.get(&key(1), || ()), Lookup::Bypass));
    assert!(fs::read_dir(&elsewhere).unwrap().next().is_none());
}

#[test]
fn dc_01_linked_control_files_are_refused() {
    for name in ["lock", "ledger"] {
        let home = tempfile::tempdir().unwrap();
        let (path, victim) = (home.path().join("cache"), home.path().join("victim"));
        fs::write(&victim, b"precious").unwrap();
        make_parent(&path.join(name));
        symlink(&victim, path.join(name)).unwrap();
        assert!(Cache::open(&path, Config::default()).is_err());
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        fs::remove_file(path.join(name)).unwrap();
        fs::hard_link(&victim, path.join(name)).unwrap();
        assert!(Cache::open(&path, Config::default()).is_err());
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
    }
}

#[test]
fn dc_01_a_directory_of_others_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    fs::create_dir(&path).unwrap();
    for mode in [0o755, 0o701, 0o770, 0o777] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = Cache::open(&path, Config::default()).unwrap_err();
        assert!(matches!(&error, Error::Unsafe { .. }), "{error}");
        assert!(error.to_string().contains("0700"), "it says what to do: {error}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    let cache = open(&path, Config::default());
    // One of the directories below, opened to others later.
    store(&cache, &key(1), b"x").unwrap();
    fs::set_permissions(file(&path, &key(1)).parent().unwrap(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(cache.peek(&key(1)).is_none());
    assert!(matches!(cache.get(&key(1), || ()), Lookup::Bypass));
    let meta = fs::metadata(file(&path, &key(1))).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o600);
}

/// A pipe or a directory under an object's name neither hangs nor breaks anything.
#[test]
fn dc_01_other_kinds_of_files_are_not_opened() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let cache = open(&path, Config::default());
    for (n, end) in [(1, ""), (2, "~")] {
        let place = place(&path, n, end);
        rustix::fs::mknodat(rustix::fs::CWD, &place, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        assert!(cache.peek(&key(n)).is_none());
        store(&cache, &key(n), b"ours").unwrap();
        assert_eq!(content(&cache, &key(n)).unwrap(), b"ours");
    }
    fs::create_dir(place(&path, 3, "")).unwrap();
    assert!(cache.peek(&key(3)).is_none());
    assert!(store(&cache, &key(3), b"x").is_err());
    settle(&cache);
    assert!(files(&path).iter().all(|f| !f.to_string_lossy().ends_with('~')));
}

/// Every byte of an entry, and every length: a change makes it a miss, and it is dropped.
#[test]
fn dc_02_a_changed_entry_is_dropped() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let cache = open(&path, Config::default());
    store(&cache, &key(1), b"some content").unwrap();
    let good = fs::read(file(&path, &key(1))).unwrap();
    let check = |bad: &[u8], how: &str| {
        fs::write(file(&path, &key(1)), bad).unwrap();
        let broken = cache.stats().broken;
        assert!(cache.peek(&key(1)).is_none(), "{how}");
        assert_eq!(cache.stats().broken, broken + 1, "{how}");
        assert!(!file(&path, &key(1)).exists(), "{how}");
        store(&cache, &key(1), b"some content").unwrap();
        assert_eq!(fs::read(file(&path, &key(1))).unwrap(), good);
    };
    for i in 0..good.len() {
        let mut bad = good.clone();
        bad[i] ^= 1;
        check(&bad, &format!("byte {i} changed"));
        check(&good[..i], &format!("cut off at {i}"));
    }
    check(&[&good[..], b"\0"].concat(), "longer by one");
    // A whole entry under another's name.
    store(&cache, &key(2), b"somebody else's").unwrap();
    check(&fs::read(file(&path, &key(2))).unwrap(), "another's");
    assert_eq!(cache.stats().objects, 2);
}

/// It is noticed also after a restart, when nobody remembers what the file was like.
#[test]
fn dc_02_a_change_while_nobody_looked() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let cache = open(&path, Config::default());
    store(&cache, &key(1), b"some content").unwrap();
    drop(cache);
    let mut bad = fs::read(file(&path, &key(1))).unwrap();
    bad[3] ^= 64;
    fs::write(file(&path, &key(1)), bad).unwrap();
    let cache = open(&path, Config::default());
    assert!(cache.peek(&key(1)).is_none());
    assert_eq!((cache.stats().objects, cache.stats().broken), (0, 1));
}

/// What a dead process left is swept at the start; other people's files are left alone.
#[test]
fn dc_02_orphans_are_swept() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let cache = open(&path, Config::default());
    store(&cache, &key(1), b"x").unwrap();
    drop(cache);
    let directory = file(&path, &key(1)).parent().unwrap().to_owned();
    let orphan = place(&path, 1, "~");
    fs::write(&orphan, b"half an object").unwrap();
    for name in ["notes.txt", "0123~", &"g".repeat(64), &key(1).to_string().to_uppercase()] {
        fs::write(directory.join(name), b"not ours").unwrap();
    }
    let cache = open(&path, Config::default());
    assert!(!orphan.exists());
    assert_eq!(files(&path).len(), 5);
    assert_eq!(cache.stats().objects, 1);
    // Also while it runs: a miss does not wait for the dead.
    let orphan = place(&path, 2, "~");
    fs::write(&orphan, b"half an object").unwrap();
    let Lookup::Miss(mut writer) = cache.get(&key(2), || ()) else { panic!("its maker is dead") };
    writer.write_all(b"whole").unwrap();
    writer.commit().unwrap();
    assert_eq!(content(&cache, &key(2)).unwrap(), b"whole");
}
