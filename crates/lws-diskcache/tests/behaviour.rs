//! What the documentation promises, one test each.

mod common;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, SystemTime};

use common::{SLICE, content, disk_usage, file, files, key, open, settle, store};
use lws_diskcache::{Cache, Config, Error, Lookup};

/// A block less the trailer: such an object takes exactly one block.
const ONE_BLOCK: usize = 4096 - 80;

#[test]
fn what_is_stored_is_found() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let cache = open(&path, Config::default());
    for (n, len) in [0, 1, 4015, 4016, 4017, 100_000].into_iter().enumerate() {
        let bytes: Vec<u8> = (0..len).map(|i| (i * 7) as u8).collect();
        let hit = store(&cache, &key(n as u32), &bytes).unwrap();
        assert_eq!((hit.len(), hit.read().unwrap()), (len as u64, bytes.clone()));
        assert_eq!(content(&cache, &key(n as u32)), Some(bytes.clone()));
        assert_eq!(
            &std::fs::read(file(&path, &key(n as u32))).unwrap()[..len],
            bytes,
            "in front, for others"
        );
    }
    assert_eq!(cache.stats().bytes, disk_usage(&path));
    let hit = cache.peek(&key(3)).unwrap();
    let mut room = [0; 10];
    assert_eq!(hit.read_at(&mut room, 4010).unwrap(), 6, "not into the trailer");
    assert_eq!(hit.read_at(&mut room, 4016).unwrap(), 0);
    assert_eq!(hit.read_at(&mut room, 9999).unwrap(), 0);
}

#[test]
fn a_restart_finds_it_again() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let cache = open(&path, Config::default());
    for n in 0..500 {
        store(&cache, &key(n), &n.to_le_bytes()).unwrap();
    }
    let stats = cache.stats();
    drop(cache);
    let cache = Cache::open(&path, Config::default()).unwrap();
    assert!(cache.stats().counting);
    assert_eq!(content(&cache, &key(7)), Some(vec![7, 0, 0, 0]), "at once");
    assert!(matches!(cache.get(&key(1000), || ()), Lookup::Bypass), "the limit is not known to hold yet");
    let mut slices = 0;
    while cache.poll_trim(Duration::ZERO).is_zero() {
        slices += 1;
    }
    assert!(slices > 256, "a directory, or part of one, per slice");
    let again = cache.stats();
    assert_eq!((again.objects, again.bytes, again.counting), (stats.objects, stats.bytes, false));
    store(&cache, &key(1000), b"now").unwrap();
}

#[test]
fn nobody_sees_it_before_it_is_complete() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home.path().join("cache"), Config::default());
    let Lookup::Miss(mut writer) = cache.get(&key(1), || ()) else { panic!("it is new") };
    writer.write_all(b"half").unwrap();
    assert!(cache.peek(&key(1)).is_none());
    writer.write_all(b" and half").unwrap();
    assert!(cache.peek(&key(1)).is_none());
    writer.commit().unwrap();
    assert_eq!(content(&cache, &key(1)).unwrap(), b"half and half");
}

#[test]
fn one_makes_it_and_the_others_wait() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home.path().join("cache"), Config::default());
    let (told, was_told) = channel();
    let Lookup::Miss(writer) = cache.get(&key(1), || panic!("the maker does not wait")) else { panic!() };
    for n in 0..3 {
        let told = told.clone();
        assert!(matches!(cache.get(&key(1), move || told.send(n).unwrap()), Lookup::Wait));
    }
    assert!(was_told.try_recv().is_err());
    drop(writer); // given up: one of them makes it
    assert_eq!(was_told.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
    let Lookup::Miss(mut writer) = cache.get(&key(1), || ()) else { panic!("it was given up") };
    let told = told.clone();
    assert!(matches!(cache.get(&key(1), move || told.send(9).unwrap()), Lookup::Wait));
    writer.write_all(b"x").unwrap();
    writer.commit().unwrap();
    assert_eq!(was_told.try_recv(), Ok(9));
    assert!(matches!(cache.get(&key(1), || ()), Lookup::Hit(_)));
}

#[test]
fn threads_make_each_object_once() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home.path().join("cache"), Config::default());
    let made = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let (cache, made) = (&cache, &made);
            scope.spawn(move || {
                for n in (0..200).map(|i| (i * (2 * thread + 1)) % 200) {
                    loop {
                        let (told, was_told) = channel();
                        match cache.get(&key(n), move || told.send(()).unwrap()) {
                            Lookup::Hit(hit) => {
                                assert_eq!(hit.read().unwrap(), n.to_le_bytes());
                                break;
                            }
                            Lookup::Miss(mut writer) => {
                                made.fetch_add(1, Ordering::Relaxed);
                                writer.write_all(&n.to_le_bytes()).unwrap();
                                writer.commit().unwrap();
                            }
                            Lookup::Wait => was_told.recv_timeout(Duration::from_secs(20)).unwrap(),
                            Lookup::Bypass => panic!("there is room"),
                        }
                    }
                }
            });
        }
    });
    assert_eq!(made.load(Ordering::Relaxed), 200);
    assert_eq!((cache.stats().objects, cache.stats().stored), (200, 200));
}

/// Where lws keeps none of what was used last, because it sorts by when it was stored.
#[test]
fn the_most_recently_used_stay() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home.path().join("cache"), Config::default().limit(1000 * 4096));
    for n in 0..900 {
        store(&cache, &key(n), b"x").unwrap();
    }
    for n in (0..900).filter(|n| n % 5 == 0) {
        assert!(cache.peek(&key(n)).is_some());
    }
    for n in 900..1600 {
        store(&cache, &key(n), b"x").unwrap();
        cache.poll_trim(SLICE);
    }
    let kept =
        |of: &dyn Fn(u32) -> bool| (0..900).filter(|n| of(*n) && cache.peek(&key(*n)).is_some()).count();
    assert_eq!(kept(&|n| n % 5 == 0), 180, "all of the fifth that was used");
    assert!(kept(&|n| n % 5 != 0) < 100);
}

#[test]
fn recency_survives_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let config = Config::default().limit(100 * 4096).touch_after(Duration::from_secs(60));
    let cache = open(&path, config.clone());
    // As if each had been stored a minute after the one before, ending two hours ago.
    let long_ago = SystemTime::now() - Duration::from_secs(7200);
    for n in 0..90 {
        let hit = store(&cache, &key(n), b"x").unwrap();
        hit.file().set_modified(long_ago - Duration::from_secs(60 * (90 - u64::from(n)))).unwrap();
    }
    for n in 0..10 {
        assert!(cache.peek(&key(n)).is_some()); // the oldest ones are used again
    }
    drop(cache);
    let cache = open(&path, config);
    for n in 1000..1040 {
        store(&cache, &key(n), b"x").unwrap();
    }
    let left: Vec<u32> = (0..90).filter(|n| cache.peek(&key(*n)).is_some()).collect();
    let wanted = left.len() as u32 - 10;
    assert!(left.iter().copied().eq((0..10).chain(90 - wanted..90)), "{left:?}");
}

/// What another process has used, as the time on disk tells, is passed over.
#[test]
fn use_by_others_counts() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let cache = open(&path, Config::default().limit(20 * 4096));
    for n in 0..20 {
        store(&cache, &key(n), b"x").unwrap();
    }
    let later = SystemTime::now() + Duration::from_secs(100);
    std::fs::File::options().write(true).open(file(&path, &key(0))).unwrap().set_modified(later).unwrap();
    store(&cache, &key(100), b"x").unwrap();
    assert!(cache.peek(&key(0)).is_some() && cache.peek(&key(1)).is_none());
}

#[test]
fn dc_03_the_limit_is_never_exceeded() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let limit = 64 * 4096;
    let cache = open(&path, Config::default().limit(limit));
    let mut stored = 0;
    for n in 0.. {
        let len = [100, ONE_BLOCK, 20_000, 3 * 4096][n as usize % 4];
        let Lookup::Miss(mut writer) = cache.get(&key(n), || ()) else { panic!("it is new") };
        for part in vec![n as u8; len].chunks(3000) {
            writer.write_all(part).unwrap();
            assert!(disk_usage(&path) <= limit, "also while it is being written");
        }
        writer.commit().unwrap();
        stored += len as u64;
        assert!(disk_usage(&path) <= limit);
        if n % 7 == 0 {
            let evicted = cache.stats().evicted;
            cache.poll_trim(Duration::ZERO);
            assert!(cache.stats().evicted <= evicted + 1, "one at a time");
            settle(&cache);
            assert!(disk_usage(&path) <= limit * 15 / 16, "room ahead of need");
        }
        if stored > 10 * limit {
            break;
        }
    }
    assert_eq!(cache.stats().bytes, disk_usage(&path));
}

#[test]
fn what_cannot_fit_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let cache = open(&path, Config::default().limit(8 * 4096).max_object(40_000));
    store(&cache, &key(0), b"x").unwrap();
    assert!(
        matches!(store(&cache, &key(1), &[0; 40_001]), Err(Error::Os(_))),
        "as an io::Error from write_all"
    );
    assert!(
        matches!(store(&cache, &key(2), &[0; 39_000]), Err(Error::Os(e)) if e.kind() == std::io::ErrorKind::StorageFull)
    );
    assert!(files(&path).is_empty(), "it tried, with all of the cache");
    store(&cache, &key(3), &[0; 8 * 4096 - 80]).unwrap();
    assert_eq!(disk_usage(&path), 8 * 4096);
}

#[test]
fn the_number_of_objects_is_bounded() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home.path().join("cache"), Config::default().max_objects(10));
    for n in 0..50 {
        store(&cache, &key(n), b"x").unwrap();
        assert!(cache.stats().objects <= 10);
    }
    assert!((40..50).all(|n| cache.peek(&key(n)).is_some()));
}

#[test]
fn an_evicted_object_stays_readable() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home.path().join("cache"), Config::default().limit(4 * 4096));
    let hit = store(&cache, &key(0), b"still here").unwrap();
    for n in 1..10 {
        store(&cache, &key(n), b"x").unwrap();
    }
    assert!(cache.peek(&key(0)).is_none());
    assert_eq!(hit.read().unwrap(), b"still here");
}

#[test]
fn durable_caches_work_alike() {
    let home = tempfile::tempdir().unwrap();
    let cache = open(&home.path().join("cache"), Config::default().durable(true));
    store(&cache, &key(0), b"on the platter").unwrap();
    assert_eq!(content(&cache, &key(0)).unwrap(), b"on the platter");
}

/// Two processes, as far as locks are concerned: each cache opens its own files.
#[test]
fn a_second_process_joins() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache");
    let limit = 50 * 4096;
    let first = Cache::open(&path, Config::default().limit(limit)).unwrap();
    let second = Cache::open(&path, Config::default().limit(limit)).unwrap();
    assert!(!second.poll_trim(SLICE).is_zero(), "the first one counts alone");
    assert!(matches!(second.get(&key(0), || ()), Lookup::Bypass));
    settle(&first);
    settle(&second);

    // One makes, the other waits, and housekeeping tells it.
    let (told, was_told) = channel();
    let Lookup::Miss(mut writer) = first.get(&key(0), || ()) else { panic!("it is new") };
    assert!(matches!(second.get(&key(0), move || told.send(()).unwrap()), Lookup::Wait));
    second.poll_trim(SLICE);
    assert!(was_told.try_recv().is_err());
    writer.write_all(b"x").unwrap();
    writer.commit().unwrap();
    second.poll_trim(SLICE);
    was_told.try_recv().expect("it is done");
    assert_eq!(content(&second, &key(0)).unwrap(), b"x");

    // The limit holds for both together, whoever stores.
    for n in 1..200 {
        let cache = if n % 3 == 0 { &first } else { &second };
        store(cache, &key(n), b"x").unwrap();
        assert!(disk_usage(&path) <= limit);
    }
    // What one evicted is not there for the other either, and can be stored anew.
    let gone = (1..200).find(|n| first.peek(&key(*n)).is_none()).unwrap();
    assert!(second.peek(&key(gone)).is_none());
    store(&first, &key(gone), b"again").unwrap();
    assert_eq!(content(&second, &key(gone)).unwrap(), b"again");
}
