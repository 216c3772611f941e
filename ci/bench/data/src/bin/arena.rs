//! Arenas: what an object costs from its allocation to its end, in CPU time and in memory.
//!
//! | scenario | what happens |
//! |---|---|
//! | `new-10`, `new-100`, `new-1000` | an arena is made, takes that many objects of 24 bytes, and ends |
//! | `reset-10`, … | the same arena again and again, as a server uses it from request to request |
//! | `mixed` | texts of 8 to 120 bytes, 1000 per arena |
//! | `large` | one arena for 10 million objects |
//! | `intern` | a million texts of which 100 000 differ, stored once each |
//!
//! lwsac counts each byte against a budget, bumpalo grows without one; both are asked by calls that can fail.

use std::collections::HashSet;
use std::fmt::Write;
use std::hint::black_box;
use std::process::ExitCode;

use bumpalo::Bump;
use lws_bench_data::clock;
use lws_bench_data::random::Random;
use lws_bench_data::run::{self, Report, Task};
use lwsac::{Arena, Config, Interner};

type Object = [u64; 3];

/// Runs of which the least counts.
const ROUNDS: usize = 60;
/// Objects in one run.
const OBJECTS: usize = 100_000;

fn main() -> ExitCode {
    run::main(|task| match task.scenario.split_once('-') {
        Some(("new", batch)) => new(task, number(batch)?),
        Some(("reset", batch)) => reset(task, number(batch)?),
        None if task.scenario == "mixed" => mixed(task),
        None if task.scenario == "large" => large(task),
        None if task.scenario == "intern" => intern(task),
        _ => Err(format!("no scenario {}", task.scenario)),
    })
}

fn number(batch: &str) -> Result<usize, String> {
    batch.parse().map_err(|_| format!("no number: {batch}"))
}

fn object(i: usize) -> Object {
    [i as u64; 3]
}

/// The CPU time of one object, when `run` is called for batch after batch.
fn per_object(task: &Task, batch: usize, mut run: impl FnMut(usize)) -> Report {
    let batches = OBJECTS / batch;
    let (ns, ()) = clock::least(task.size(ROUNDS, ROUNDS / 4), || (0..batches).for_each(|_| run(batch)));
    Report::new(batches * batch).with("ns", ns / (batches * batch) as f64)
}

fn new(task: &Task, batch: usize) -> Result<Report, String> {
    match task.contender.as_str() {
        "lwsac" => Ok(per_object(task, batch, |objects| {
            let arena = Arena::new(Config::default());
            for i in 0..objects {
                black_box(arena.try_alloc(object(i)).expect("memory"));
            }
        })),
        "bumpalo" => Ok(per_object(task, batch, |objects| {
            let arena = Bump::new();
            for i in 0..objects {
                black_box(arena.try_alloc(object(i)).expect("memory"));
            }
        })),
        "malloc" => Ok(per_object(task, batch, |objects| {
            let mut owner = Vec::with_capacity(objects);
            for i in 0..objects {
                owner.push(black_box(Box::new(object(i))));
            }
        })),
        _ => task.unknown(),
    }
}

fn reset(task: &Task, batch: usize) -> Result<Report, String> {
    match task.contender.as_str() {
        "lwsac" => {
            let mut arena = Arena::new(Config::default());
            Ok(per_object(task, batch, |objects| {
                for i in 0..objects {
                    black_box(arena.try_alloc(object(i)).expect("memory"));
                }
                arena.reset();
            }))
        }
        "bumpalo" => {
            let mut arena = Bump::new();
            Ok(per_object(task, batch, |objects| {
                for i in 0..objects {
                    black_box(arena.try_alloc(object(i)).expect("memory"));
                }
                arena.reset();
            }))
        }
        "malloc" => {
            let mut owner = Vec::with_capacity(batch);
            Ok(per_object(task, batch, |objects| {
                for i in 0..objects {
                    owner.push(black_box(Box::new(object(i))));
                }
                owner.clear();
            }))
        }
        _ => task.unknown(),
    }
}

fn mixed(task: &Task) -> Result<Report, String> {
    let text = "x".repeat(120);
    let mut random = Random::default();
    let texts: Vec<&str> = (0..1000).map(|_| &text[..8 + random.below(113) as usize]).collect();
    match task.contender.as_str() {
        "lwsac" => Ok(per_object(task, texts.len(), |_| {
            let arena = Arena::new(Config::default());
            for text in &texts {
                black_box(arena.try_alloc_str(text).expect("memory"));
            }
        })),
        "bumpalo" => Ok(per_object(task, texts.len(), |_| {
            let arena = Bump::new();
            for text in &texts {
                black_box(arena.try_alloc_str(text).expect("memory"));
            }
        })),
        "malloc" => Ok(per_object(task, texts.len(), |_| {
            let mut owner = Vec::with_capacity(texts.len());
            for text in &texts {
                owner.push(black_box(Box::<str>::from(*text)));
            }
        })),
        _ => task.unknown(),
    }
}

fn large(task: &Task) -> Result<Report, String> {
    let objects = task.size(10_000_000, 2_000_000);
    let payload_kib = (objects * size_of::<Object>()) as f64 / 1024.0;
    let before = clock::status_kib("VmHWM");
    let (ns, ()) = match task.contender.as_str() {
        "lwsac" => clock::timed(|| {
            let arena = Arena::new(Config::default().budget(1 << 30));
            for i in 0..objects {
                black_box(arena.try_alloc(object(i)).expect("memory"));
            }
        }),
        "bumpalo" => clock::timed(|| {
            let arena = Bump::new();
            for i in 0..objects {
                black_box(arena.try_alloc(object(i)).expect("memory"));
            }
        }),
        "malloc" => {
            // The list of owners is not counted: an arena has none.
            let mut owner = vec![None; objects];
            let before = clock::status_kib("VmHWM");
            let (ns, ()) = clock::timed(|| {
                for (i, place) in owner.iter_mut().enumerate() {
                    *place = Some(black_box(Box::new(object(i))));
                }
                owner.iter_mut().for_each(|place| *place = None);
            });
            let grown = (clock::status_kib("VmHWM") - before) as f64;
            return Ok(Report::new(objects)
                .with("ns", ns / objects as f64)
                .with("overhead", grown / payload_kib));
        }
        _ => return task.unknown(),
    };
    let grown = (clock::status_kib("VmHWM") - before) as f64;
    Ok(Report::new(objects).with("ns", ns / objects as f64).with("overhead", grown / payload_kib))
}

fn intern(task: &Task) -> Result<Report, String> {
    let distinct = task.size(100_000, 20_000);
    let mut names = String::new();
    for i in 0..distinct {
        writeln!(names, "/usr/share/doc/package-{i}/copyright").expect("a string takes everything");
    }
    let names: Vec<&str> = names.lines().collect();
    let mut random = Random::default();
    // Each name once, the others anywhere.
    let calls: Vec<&str> = (0..distinct * 10)
        .map(|i| *names.get(i).unwrap_or(&names[random.below(distinct as u64) as usize]))
        .collect();
    let rounds = task.size(7, 3);
    let (ns, found) = match task.contender.as_str() {
        "lwsac" => clock::least(rounds, || {
            let arena = Arena::new(Config::default().budget(1 << 30));
            let mut interner = Interner::new(&arena);
            for name in &calls {
                black_box(interner.try_intern(name).expect("memory"));
            }
            interner.len()
        }),
        "bumpalo + HashSet" => clock::least(rounds, || {
            let arena = Bump::new();
            let mut set: HashSet<&str> = HashSet::new();
            for name in &calls {
                if !set.contains(name) {
                    set.insert(arena.alloc_str(name));
                }
                black_box(set.get(name));
            }
            set.len()
        }),
        _ => return task.unknown(),
    };
    Ok(Report::new(found).with("ns", ns / calls.len() as f64))
}
