//! How often the allocator is called for a request that an arena has served before.
//!
//! A program of its own, because counting costs time: nothing here is measured by the clock.

use std::alloc::System;
use std::hint::black_box;
use std::process::ExitCode;

use bumpalo::Bump;
use lws_bench_data::run::{self, Report};
use lwsac::{Arena, Config};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Requests, of 1 to 1000 objects of 24 bytes, in turn.
const REQUESTS: [usize; 4] = [1000, 10, 100, 1000];

fn main() -> ExitCode {
    run::main(|task| {
        let mut lwsac = Arena::new(Config::default());
        let mut bumpalo = Bump::new();
        let mut owner = Vec::new();
        let mut request = |objects: usize| match task.contender.as_str() {
            "lwsac" => {
                for i in 0..objects {
                    black_box(lwsac.try_alloc([i as u64; 3]).expect("memory"));
                }
                lwsac.reset();
                Ok(())
            }
            "bumpalo" => {
                for i in 0..objects {
                    black_box(bumpalo.try_alloc([i as u64; 3]).expect("memory"));
                }
                bumpalo.reset();
                Ok(())
            }
            "malloc" => {
                owner.extend((0..objects).map(|i| Box::new([i as u64; 3])));
                owner.clear();
                Ok(())
            }
            _ => task.unknown(),
        };
        REQUESTS.iter().try_for_each(|objects| request(*objects))?; // warm from now on
        let region = Region::new(COUNTED);
        REQUESTS.iter().try_for_each(|objects| request(*objects))?;
        let change = region.change();
        let calls = change.allocations + change.reallocations + change.deallocations;
        Ok(Report::new(REQUESTS.iter().sum::<usize>()).with("calls", calls as f64 / REQUESTS.len() as f64))
    })
}
