//! A small disk cache: made once, found again, evicted by use, found after a restart.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lws_diskcache::{Cache, Config, Error, Key, Lookup};

/// Room for 20 small objects.
const LIMIT: u64 = 20 * 4096;

/// An event loop calls `poll_trim` now and then; here all of it is done at once.
fn open(path: &Path) -> Result<Cache, Error> {
    let cache = Cache::open(path, Config::default().limit(LIMIT))?;
    while cache.poll_trim(Duration::from_millis(5)).is_zero() {}
    Ok(cache)
}

fn page(number: u32) -> Key {
    Key::new(["GET", "example.com", &format!("/{number}"), "br"])
}

/// What a server does: answers from the cache, or makes the answer and stores it.
fn answer(cache: &Cache, number: u32) -> Result<Vec<u8>, Error> {
    let content = format!("page {number}").into_bytes();
    match cache.get(&page(number), || ()) {
        Lookup::Hit(hit) => Ok(hit.read()?),
        Lookup::Miss(mut writer) => {
            writer.write_all(&content)?;
            writer.commit()?;
            Ok(content)
        }
        Lookup::Wait | Lookup::Bypass => Ok(content),
    }
}

fn run(path: &Path) -> Result<bool, Error> {
    let cache = open(path)?;

    // 1: two ask for the same page at the same time.
    let woken = Arc::new(AtomicBool::new(false));
    let waker = woken.clone();
    let Lookup::Miss(mut writer) = cache.get(&page(0), || ()) else { return Ok(false) };
    let second = cache.get(&page(0), move || waker.store(true, Ordering::Relaxed));
    writer.write_all(b"page 0")?;
    writer.commit()?;
    let once = matches!(second, Lookup::Wait) && woken.load(Ordering::Relaxed);
    println!("the first to ask makes it, the second waits, and is woken: {once}");

    // 2: many more pages than fit; page 0 is asked for all the time.
    for number in 1..100 {
        answer(&cache, number)?;
        answer(&cache, 0)?;
    }
    let stats = cache.stats();
    println!("{} objects stored, {} fit: {} bytes of {LIMIT}", stats.stored, stats.objects, stats.bytes);
    let kept = cache.peek(&page(0)).is_some() && cache.peek(&page(1)).is_none();
    println!("the one that was used all the time is still there: {kept}");

    // 3: a restart. Housekeeping keeps a sixteenth of the room free.
    drop(cache);
    let cache = open(path)?;
    let again = cache.stats().objects;
    println!("found after a restart: {again} objects");

    // 4: a byte changes on disk.
    let Some(number) = (0..100).find(|number| cache.peek(&page(*number)).is_some()) else { return Ok(false) };
    let name = page(number).to_string();
    let file = path.join(&name[..2]).join(&name);
    let mut bytes = std::fs::read(&file)?;
    bytes[0] ^= 1;
    std::fs::write(&file, bytes)?;
    let dropped = cache.peek(&page(number)).is_none() && !file.exists();
    println!("a damaged object is a miss: {dropped}");

    Ok(once && kept && stats.bytes <= LIMIT && again >= 18 && dropped)
}

fn main() -> ExitCode {
    let path = std::env::temp_dir().join(format!("api-test-diskcache-{}", std::process::id()));
    let result = run(&path);
    let _ = std::fs::remove_dir_all(&path); // nothing is left behind
    match result {
        Ok(true) => {
            println!("Completed: PASS");
            ExitCode::SUCCESS
        }
        Ok(false) => {
            println!("Completed: FAIL");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
