//! Caches on disk: CPU time of storing and finding objects of 1 KB, and what becomes of a cache that is full.
//!
//! | scenario | what happens |
//! |---|---|
//! | `store` | 4000 objects are stored in an empty cache |
//! | `hit` | each of them is read, in any order; the second time, when a cache has checked what it wants to check |
//! | `full` | twice as much is stored as the limit allows, while a tenth of it is used again and again |
//! | `restart` | a cache with many objects is opened by another process, and counted in slices |
//!
//! `plain` is no cache: a file written and renamed, a file read. cacache has neither a limit nor recency, so `full` and
//! `restart` are ours alone.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use lws_bench_data::clock;
use lws_bench_data::random::Random;
use lws_bench_data::run::{self, Report, Task};
use lws_diskcache::{Cache, Config, Key, Lookup};

const CONTENT: [u8; 1024] = [b'x'; 1024];
/// What an object of 1 KB takes on disk.
const ON_DISK: u64 = 4096;
/// How long housekeeping may take at once.
const SLICE: Duration = Duration::from_millis(2);

fn main() -> ExitCode {
    run::main(|task| match task.scenario.as_str() {
        "store" => store_and_hit(task, false),
        "hit" => store_and_hit(task, true),
        "full" => full(task),
        "fill" => fill(task),
        "restart" => restart(task),
        _ => Err(format!("no scenario {}", task.scenario)),
    })
}

/// A folder for this run that does not exist yet.
///
/// Nothing is removed at its end: ext4 does not use an inode again for some seconds, and looks for another one at
/// the expense of whoever makes files meanwhile, which made storing ten times slower here.
fn folder(task: &Task, name: &str) -> Result<PathBuf, String> {
    Ok(task.scratch()?.join(format!("{name}-{}", std::process::id())))
}

trait Store {
    fn store(&self, number: u32);
    /// Reads an object into `room`; answers its length.
    fn hit(&self, number: u32, room: &mut [u8; 4096]) -> usize;
}

fn name(number: u32) -> String {
    format!("GET example.com /objects/{number}.svg br")
}

struct Ours(Cache);

impl Ours {
    fn open(folder: &Path, limit: u64) -> Result<Ours, String> {
        let cache = Cache::open(folder, Config::default().limit(limit)).map_err(|e| e.to_string())?;
        while cache.poll_trim(SLICE).is_zero() {}
        Ok(Ours(cache))
    }
}

impl Store for Ours {
    fn store(&self, number: u32) {
        match self.0.get(&Key::new([name(number)]), || ()) {
            Lookup::Miss(mut writer) => {
                writer.write_all(&CONTENT).expect("room");
                drop(writer.commit().expect("an object"));
            }
            other => panic!("{other:?}"),
        }
    }

    fn hit(&self, number: u32, room: &mut [u8; 4096]) -> usize {
        match self.0.get(&Key::new([name(number)]), || ()) {
            Lookup::Hit(hit) => hit.read_at(room, 0).expect("readable"),
            other => panic!("{other:?}"),
        }
    }
}

struct Cacache(PathBuf);

impl Store for Cacache {
    fn store(&self, number: u32) {
        cacache::write_sync(&self.0, name(number), CONTENT).expect("an object");
    }

    fn hit(&self, number: u32, room: &mut [u8; 4096]) -> usize {
        let content = cacache::read_sync(&self.0, name(number)).expect("it is there");
        room[..content.len()].copy_from_slice(&content);
        content.len()
    }
}

struct Plain(PathBuf);

impl Store for Plain {
    fn store(&self, number: u32) {
        let path = self.0.join(number.to_string());
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, CONTENT).expect("a file");
        fs::rename(unfinished, path).expect("a name");
    }

    fn hit(&self, number: u32, room: &mut [u8; 4096]) -> usize {
        let content = fs::read(self.0.join(number.to_string())).expect("it is there");
        room[..content.len()].copy_from_slice(&content);
        content.len()
    }
}

fn store_and_hit(task: &Task, hit: bool) -> Result<Report, String> {
    let objects: u32 = task.size(4000, 1000);
    let folder = folder(task, "objects")?;
    let store: Box<dyn Store> = match task.contender.as_str() {
        "lws-diskcache" => Box::new(Ours::open(&folder, u64::from(objects) * ON_DISK * 2)?),
        "cacache" => Box::new(Cacache(folder.clone())),
        "plain" => {
            fs::create_dir(&folder).map_err(|e| e.to_string())?;
            Box::new(Plain(folder.clone()))
        }
        _ => return task.unknown(),
    };
    let (stored, ()) = clock::timed(|| (0..objects).for_each(|number| store.store(number)));
    let mut report = Report::new(CONTENT.len() * objects as usize);
    if hit {
        // Longer than a tick of the kernel's clock: younger files may change unnoticed, so a cache looks twice.
        std::thread::sleep(Duration::from_millis(50));
        let mut random = Random::default();
        let numbers: Vec<u32> = (0..objects).map(|_| random.below(objects.into()) as u32).collect();
        let mut room = [0; 4096];
        let mut read = |numbers: &mut dyn Iterator<Item = u32>| -> usize {
            numbers.map(|number| store.hit(number, &mut room)).sum()
        };
        let (first, _) = clock::timed(|| read(&mut (0..objects)));
        let (warm, bytes) = clock::least(3, || read(&mut numbers.iter().copied()));
        report = Report::new(bytes)
            .with("us", warm / 1e3 / f64::from(objects))
            .with("first_us", first / 1e3 / f64::from(objects));
    } else {
        report = report.with("us", stored / 1e3 / f64::from(objects));
    }
    Ok(report)
}

fn full(task: &Task) -> Result<Report, String> {
    if task.contender != "lws-diskcache" {
        return task.unknown();
    }
    let room: u32 = task.size(2000, 500);
    let (hot, limit) = (room / 10, u64::from(room) * ON_DISK);
    let folder = folder(task, "full")?;
    let ours = Ours::open(&folder, limit)?;
    let (mut buffer, mut most) = ([0; 4096], 0);
    for number in 0..room * 2 {
        ours.store(number);
        if number >= hot {
            // The first tenth stays in use, one object per object stored.
            let used = number % hot;
            if ours.0.peek(&Key::new([name(used)])).is_some() {
                ours.hit(used, &mut buffer);
            }
        }
        if number % 100 == 0 {
            most = most.max(on_disk(&folder).map_err(|e| e.to_string())?);
        }
        ours.0.poll_trim(Duration::ZERO);
    }
    let lost = (0..hot).filter(|number| ours.0.peek(&Key::new([name(*number)])).is_none()).count();
    let kept = (hot..room * 2).filter(|number| ours.0.peek(&Key::new([name(*number)])).is_some()).count();
    Ok(Report::new("")
        .with("lost", 100.0 * lost as f64 / f64::from(hot))
        .with("unused", 100.0 - 100.0 * (kept as f64 + f64::from(hot)) / f64::from(room))
        .with("filled", most as f64 / limit as f64))
}

/// Bytes in files below `folder`, in whole blocks.
fn on_disk(folder: &Path) -> std::io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        sum += match entry.file_type()?.is_dir() {
            true => on_disk(&entry.path())?,
            // It may have been evicted meanwhile.
            false => entry.metadata().map_or(0, |facts| facts.blocks() * 512),
        };
    }
    Ok(sum)
}

/// The first half of `restart`, in a process of its own, which is told the cache's folder.
fn fill(task: &Task) -> Result<Report, String> {
    let objects = many(task);
    let ours = Ours::open(task.scratch()?, u64::from(objects) * ON_DISK * 2)?;
    (0..objects).for_each(|number| ours.store(number));
    Ok(Report::new(objects))
}

fn many(task: &Task) -> u32 {
    task.size(20_000, 4000)
}

fn restart(task: &Task) -> Result<Report, String> {
    if task.contender != "lws-diskcache" {
        return task.unknown();
    }
    let objects = many(task);
    let folder = folder(task, "restart")?;
    let mut fill = Command::new(std::env::current_exe().map_err(|e| e.to_string())?);
    fill.args(["fill", "lws-diskcache", "--scratch"]).arg(&folder);
    if task.quick {
        fill.arg("--quick");
    }
    if !fill.output().map_err(|e| e.to_string())?.status.success() {
        return Err("the cache could not be filled".to_owned());
    }
    let memory = clock::status_kib("RssAnon");
    let config = Config::default().limit(u64::from(objects) * ON_DISK * 2);
    let cache = Cache::open(&folder, config).map_err(|e| e.to_string())?;
    let early = cache.peek(&Key::new([name(objects / 2)])).is_some();
    let mut slices = Vec::new();
    let (ns, ()) = clock::timed(|| {
        while cache.stats().counting {
            let start = Instant::now();
            cache.poll_trim(Duration::ZERO);
            slices.push(start.elapsed().as_secs_f64() * 1e3);
        }
    });
    let counted = cache.stats().objects;
    let grown = (clock::status_kib("RssAnon").saturating_sub(memory)) as f64 * 1024.0;
    Ok(Report::new(format!("{counted} {early}"))
        .with("us", ns / 1e3 / f64::from(counted))
        // On a shared machine the longest one tells of other processes; 99 of 100 are shorter than this.
        .with("slice_ms", percentile(&mut slices, 99))
        .with("entry_bytes", grown / f64::from(counted)))
}

fn percentile(samples: &mut [f64], percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len().saturating_sub(1) * percent / 100).copied().unwrap_or_default()
}
