//! `cargo bench --features arena,timers,tokens`: the smallest pieces under criterion, by CPU time.
//!
//! For work on one of these crates: criterion keeps what it measured and tells whether a change made a difference. It measures one
//! contender after the other, so ratios are taken by `cargo xtask bench data` instead, which alternates.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lws_bench_data::clock;
use lws_bench_data::random::Random;
use lws_timer::Wheel;
use lws_tokenize::Grammar;
use lws_wire::Time;
use lwsac::{Arena, Config};

/// CPU time of the process.
struct Cpu;

impl Measurement for Cpu {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        clock::cpu()
    }

    fn end(&self, start: Duration) -> Duration {
        clock::cpu() - start
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn arena(c: &mut Criterion<Cpu>) {
    let mut group = c.benchmark_group("arena");
    group.throughput(Throughput::Elements(100));
    group.bench_function("lwsac, 100 objects, new", |b| {
        b.iter(|| {
            let arena = Arena::new(Config::default());
            for i in 0..100 {
                black_box(arena.try_alloc([i as u64; 3]).expect("memory"));
            }
        });
    });
    let mut arena = Arena::new(Config::default());
    group.bench_function("lwsac, 100 objects, reset", |b| {
        b.iter(|| {
            for i in 0..100 {
                black_box(arena.try_alloc([i as u64; 3]).expect("memory"));
            }
            arena.reset();
        });
    });
}

fn tokens(c: &mut Criterion<Cpu>) {
    static HEADER: Grammar = Grammar::rfc7230().inside(b"-.");
    let header = b"text/html, application/xhtml+xml, fr-CH, en;q=0.9, gzip, br;q=1.0, *;q=0.5";
    let mut prose = String::new();
    let mut random = Random::default();
    while prose.len() < 1 << 20 {
        let letters = 1 + random.below(11) as usize;
        prose.extend((0..letters).map(|_| (b'a' + random.below(26) as u8) as char));
        prose += [" ", " ", " ", ", ", ".\n"][random.below(5) as usize];
    }
    static PROSE: Grammar = Grammar::new().no_floats();
    let mut group = c.benchmark_group("tokens");
    group.throughput(Throughput::Bytes(header.len() as u64));
    group.bench_function("a header value", |b| b.iter(|| HEADER.tokens(black_box(header)).count()));
    group.throughput(Throughput::Bytes(prose.len() as u64));
    group.bench_function("prose", |b| b.iter(|| PROSE.tokens(black_box(prose.as_bytes())).count()));
}

fn timers(c: &mut Criterion<Cpu>) {
    const TIMERS: u64 = 10_000;
    let mut now = Time::ZERO;
    let mut wheel = Wheel::new(now);
    let minute = Duration::from_secs(60);
    let mut ids: Vec<_> = (0..TIMERS).map(|i| wheel.insert(now + minute, i)).collect();
    let mut random = Random::default();
    c.bench_function("timers, 10 000, rearm", |b| {
        b.iter(|| {
            now = now + Duration::from_micros(10);
            let at = random.below(TIMERS) as usize;
            let key = wheel.cancel(ids[at]).expect("it is armed");
            ids[at] = wheel.insert(now + minute, key);
        });
    });
}

criterion_group! {
    name = micro;
    config = Criterion::default().with_measurement(Cpu).measurement_time(Duration::from_secs(2));
    targets = arena, tokens, timers
}
criterion_main!(micro);
