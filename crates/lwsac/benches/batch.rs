//! `cargo bench -p lwsac`: ns per object for a batch of 24-byte objects, allocated and freed, next to bumpalo.
//!
//! Rounds of the contenders alternate; the least of many rounds counts, which a busy machine disturbs least.
#![allow(clippy::print_stdout)] // a benchmark reports on stdout

use std::hint::black_box;
use std::time::Instant;

use bumpalo::Bump;
use lwsac::{Arena, Config};

type Object = [u64; 3];
const ROUNDS: usize = 400;
const OBJECTS: usize = 20_000;

fn time(batch: usize, mut run: impl FnMut(usize)) -> f64 {
    let batches = OBJECTS / batch;
    let start = Instant::now();
    for _ in 0..batches {
        run(batch);
    }
    start.elapsed().as_nanos() as f64 / (batches * batch) as f64
}

fn object(i: usize) -> Object {
    [i as u64; 3]
}

fn main() {
    println!(
        "ns per object, {} B, alloc + free    new+drop: lwsac bumpalo ratio   reset: lwsac bumpalo ratio",
        size_of::<Object>()
    );
    for batch in [10, 100, 1000] {
        let mut best = [f64::MAX; 4];
        let mut arena = Arena::new(Config::default());
        let mut bump = Bump::new();
        for _ in 0..ROUNDS {
            let results = [
                time(batch, |n| {
                    let arena = Arena::new(Config::default());
                    for i in 0..n {
                        black_box(arena.try_alloc(object(i)).expect("memory"));
                    }
                }),
                time(batch, |n| {
                    let bump = Bump::new();
                    for i in 0..n {
                        black_box(bump.try_alloc(object(i)).expect("memory"));
                    }
                }),
                time(batch, |n| {
                    for i in 0..n {
                        black_box(arena.try_alloc(object(i)).expect("memory"));
                    }
                    arena.reset();
                }),
                time(batch, |n| {
                    for i in 0..n {
                        black_box(bump.try_alloc(object(i)).expect("memory"));
                    }
                    bump.reset();
                }),
            ];
            for (best, result) in best.iter_mut().zip(results) {
                *best = best.min(result);
            }
        }
        let [a, b, c, d] = best;
        println!(
            "batches of {batch:4}                       {a:19.2} {b:7.2} {:5.2} {c:14.2} {d:7.2} {:5.2}",
            a / b,
            c / d
        );
    }
}
