//! Several processes on one directory. They are this program again, with a part to play as arguments.
#![allow(clippy::print_stdout)] // a test program of its own reports on stdout

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use common::{disk_usage, file, files, key, open, settle};
use lws_diskcache::{Cache, Config, Key, Lookup};

const LIMIT: u64 = 100 * 4096;
const KEYS: u32 = 400;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [_, "race", path] => race(Path::new(path)),
        [_, "die", path] => work_until_killed(Path::new(path)),
        _ => {
            run("processes_make_each_object_once", processes_make_each_object_once);
            run("dc_03_processes_hold_the_limit_together", dc_03_processes_hold_the_limit_together);
            run("dc_02_killed_processes_leave_nothing_broken", dc_02_killed_processes_leave_nothing_broken);
        }
    }
}

fn run(name: &str, test: fn()) {
    test(); // a panic is a failure
    println!("test {name} ... ok");
}

fn part(name: &str, path: &Path) -> Child {
    let program = std::env::current_exe().expect("this program");
    Command::new(program).arg(name).arg(path).stdout(Stdio::piped()).spawn().expect("this program again")
}

/// The content of an object, which tells if it is mixed up with another.
fn content(n: u32) -> Vec<u8> {
    n.to_le_bytes().repeat(1 + n as usize * 13 % 3000)
}

/// Answers whether this process made the object; `None` if nobody has it.
fn fetch(cache: &Cache, n: u32) -> Option<bool> {
    let mut made = false;
    loop {
        let (told, was_told) = channel();
        match cache.get(&key(n), move || told.send(()).expect("somebody waits")) {
            Lookup::Hit(hit) => {
                assert_eq!(hit.read().expect("readable"), content(n), "object {n}");
                return Some(made);
            }
            Lookup::Miss(mut writer) => {
                let all = content(n);
                let written = all.chunks(2000).try_for_each(|part| writer.write_all(part));
                if written.is_err() || writer.commit().is_err() {
                    return None;
                }
                made = true;
            }
            Lookup::Wait => {
                while was_told.recv_timeout(Duration::from_millis(1)).is_err() {
                    cache.poll_trim(Duration::from_millis(1));
                }
            }
            Lookup::Bypass => return None,
        }
    }
}

/// The part: fetches all objects, then says which it made.
fn race(path: &Path) {
    let limit = if path.ends_with("large") { 1 << 30 } else { LIMIT };
    let cache = Cache::open(path, Config::default().limit(limit)).expect("a cache");
    while cache.stats().counting {
        cache.poll_trim(Duration::from_millis(5));
    }
    println!("ready");
    std::io::stdin().lines().next(); // all start together
    for n in 0..KEYS {
        match fetch(&cache, n) {
            Some(true) => println!("made {n}"),
            Some(false) => {}
            None => println!("lost {n}"),
        }
        if n % 16 == 0 {
            cache.poll_trim(Duration::from_millis(1));
        }
    }
}

/// Lets three processes race; answers what they said, after each has said `ready`.
fn three_race(path: &Path, watch: impl Fn()) -> Vec<String> {
    let program = std::env::current_exe().expect("this program");
    let mut parts: Vec<Child> = (0..3)
        .map(|_| {
            let mut command = Command::new(&program);
            command.arg("race").arg(path).stdin(Stdio::piped()).stdout(Stdio::piped());
            command.spawn().expect("this program again")
        })
        .collect();
    let mut said: Vec<_> =
        parts.iter_mut().map(|p| BufReader::new(p.stdout.take().expect("piped")).lines()).collect();
    for lines in &mut said {
        assert_eq!(lines.next().expect("a line").expect("readable"), "ready");
    }
    for part in &mut parts {
        writeln!(part.stdin.take().expect("piped")).expect("it listens");
    }
    let mut all = Vec::new();
    while let Some(at) = (0..said.len()).find(|_| true) {
        watch();
        match said[at].next() {
            Some(line) => all.push(line.expect("readable")),
            None => drop(said.remove(at)),
        }
        if !said.is_empty() {
            said.rotate_left(1);
        }
    }
    for mut part in parts {
        assert!(part.wait().expect("it ends").success());
    }
    all
}

fn processes_make_each_object_once() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("large");
    let mut said = three_race(&path, || ());
    said.sort();
    let mut wanted: Vec<String> = (0..KEYS).map(|n| format!("made {n}")).collect();
    wanted.sort();
    assert_eq!(said, wanted);
    assert!(files(&path).len() == KEYS as usize, "and no temporary file is left");
}

fn dc_03_processes_hold_the_limit_together() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("small");
    let said = three_race(&path, || {
        if path.exists() {
            // Not at one moment, so a file may be seen under both its names.
            let usage = disk_usage(&path);
            assert!(usage <= LIMIT * 105 / 100, "{usage} bytes of {LIMIT}");
        }
    });
    assert!(disk_usage(&path) <= LIMIT);
    let made = said.iter().filter(|line| line.starts_with("made")).count();
    assert!(made >= KEYS as usize / 2, "they did get on: {made} of {KEYS}");
}

/// The part: stores and reads for ever, and says so.
fn work_until_killed(path: &Path) {
    let cache = open(path, Config::default().limit(LIMIT));
    for n in 0.. {
        fetch(&cache, n % 1000);
        println!("{n}");
    }
}

/// SIGKILL at any moment: what is there afterwards is whole, nothing else is, and the count is right.
fn dc_02_killed_processes_leave_nothing_broken() {
    let home = tempfile::tempdir().expect("a directory");
    let path = home.path().join("cache");
    for round in 0..60_u32 {
        let mut child = part("die", &path);
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        for _ in 0..1 + round * 7 % 40 {
            lines.next();
        }
        child.kill().expect("it runs");
        child.wait().expect("it ends");
        let cache = open(&path, Config::default().limit(LIMIT));
        let left = files(&path);
        assert!(left.iter().all(|file| !file.to_string_lossy().ends_with('~')), "orphans are swept");
        assert_eq!(cache.stats().bytes, disk_usage(&path));
        assert!(disk_usage(&path) <= LIMIT);
        let whole = (0..1000)
            .filter(|n| cache.peek(&key(*n)).is_some_and(|hit| hit.read().ok() == Some(content(*n))));
        assert_eq!(whole.count(), left.len(), "all that is there is whole");
        assert_eq!(cache.stats().broken, 0);
        settle(&cache);
    }
    let any: Vec<Key> = (0..1000).map(key).filter(|key| file(&path, key).exists()).collect();
    assert!(!any.is_empty(), "they did get on");
}
