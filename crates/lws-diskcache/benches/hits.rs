//! `cargo bench -p lws-diskcache [-- directory]`: CPU time of a hit, a store, an eviction and of counting, for objects of 1 KB.
//!
//! Beside them what the same costs without a cache: open + fstat + read, and a temporary file renamed.
#![allow(clippy::print_stdout)] // a benchmark reports on stdout

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use lws_diskcache::{Cache, Config, Key, Lookup};

const OBJECTS: u32 = 5000;

fn key(n: u32) -> Key {
    Key::new([n.to_le_bytes()])
}

fn main() {
    let wanted = std::env::args().nth(1).filter(|arg| !arg.starts_with('-'));
    let home = match &wanted {
        Some(directory) => tempfile::tempdir_in(directory),
        None => tempfile::tempdir(),
    };
    let home = home.expect("a directory");
    let content = [b'x'; 1024];
    plain(&home.path().join("plain"), &content);
    cached(&home.path().join("cache"), &content);
}

fn plain(path: &Path, content: &[u8]) {
    fs::create_dir(path).expect("a directory");
    let name = |n: u32, end: &str| path.join(format!("{}{end}", key(n)));
    report("plain store: write, rename", OBJECTS, || {
        for n in 0..OBJECTS {
            fs::write(name(n, "~"), content).expect("a file");
            fs::rename(name(n, "~"), name(n, "")).expect("a name");
        }
    });
    report("plain hit: open, stat, read", OBJECTS, || {
        for n in 0..OBJECTS {
            assert_eq!(fs::read(name(n, "")).expect("a file").len(), content.len());
        }
    });
}

fn cached(path: &Path, content: &[u8]) {
    let limit = u64::from(OBJECTS) * 4096 * 2;
    let cache = Cache::open(path, Config::default().limit(limit)).expect("a cache");
    while cache.poll_trim(Duration::from_millis(5)).is_zero() {}
    let store = |cache: &Cache, n: u32| match cache.get(&key(n), || ()) {
        Lookup::Miss(mut writer) => {
            writer.write_all(content).expect("room");
            drop(writer.commit().expect("an object"));
        }
        other => panic!("{other:?}"),
    };
    report("store", OBJECTS, || (0..OBJECTS).for_each(|n| store(&cache, n)));
    std::thread::sleep(Duration::from_millis(50)); // longer than a tick of the kernel's clock
    let mut room = [0; 4096];
    let mut hit = |cache: &Cache, n| {
        let hit = cache.peek(&key(n)).expect("it is there");
        assert_eq!(hit.read_at(&mut room, 0).expect("readable"), content.len());
    };
    report("first hit, which checks", OBJECTS, || (0..OBJECTS).for_each(|n| hit(&cache, n)));
    report("hit", OBJECTS, || (0..OBJECTS).for_each(|n| hit(&cache, n)));
    report("miss (peek)", OBJECTS, || {
        (0..OBJECTS).for_each(|n| assert!(cache.peek(&key(n + OBJECTS)).is_none()))
    });
    drop(cache);

    let small = Config::default().limit(limit / 4);
    let cache = Cache::open(path, small).expect("a cache");
    let (mut slices, mut longest) = (0, Duration::ZERO);
    report("counting, per object", OBJECTS, || {
        while cache.stats().counting {
            let start = Instant::now();
            cache.poll_trim(Duration::ZERO);
            longest = longest.max(start.elapsed());
            slices += 1;
        }
    });
    println!("{slices} slices, the longest took {longest:?}");
    let before = cache.stats().objects;
    report("eviction", before - OBJECTS / 2 * 15 / 16, || while cache.poll_trim(Duration::ZERO).is_zero() {});
}

fn report(name: &str, times: u32, mut run: impl FnMut()) {
    let (cpu, wall) = (cpu_us(), Instant::now());
    run();
    let times = f64::from(times);
    println!(
        "{name:28} {:6.1} us CPU, {:6.1} us wall",
        (cpu_us() - cpu) / times,
        wall.elapsed().as_secs_f64() * 1e6 / times
    );
}

/// CPU time of this thread; 0 where it cannot be told.
fn cpu_us() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(0.0) / 1e3
}
