//! What `lws-gencrypto` costs on top of the libraries it uses.

mod mbedtls_direct;
mod openssl_direct;
mod rustls_direct;

use std::hint::black_box;
use std::time::Duration;

/// Rounds per comparison; in each both ways run once, in alternating order.
const ROUNDS: usize = 41;
/// How long one way runs in a round.
const SLICE: Duration = Duration::from_millis(4);

/// Two ways to do the same.
struct Pair {
    name: String,
    ours: Box<dyn FnMut()>,
    direct: Box<dyn FnMut()>,
}

impl Pair {
    fn new(name: impl Into<String>, ours: impl FnMut() + 'static, direct: impl FnMut() + 'static) -> Self {
        Self { name: name.into(), ours: Box::new(ours), direct: Box::new(direct) }
    }
}

fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    println!("| library | operation | through the provider | directly | ratio |\n|---|---|---|---|---|");
    let libraries = [
        ("rustls", rustls_direct::pairs()),
        ("openssl", openssl_direct::pairs()),
        ("mbedtls", mbedtls_direct::pairs()),
    ];
    for (library, pairs) in libraries {
        for mut pair in pairs.into_iter().filter(|pair| pair.name.contains(&filter)) {
            let (ours, direct, ratio) = compare(&mut pair);
            println!("| {library} | {} | {} | {} | {ratio:.3} |", pair.name, shown(ours), shown(direct));
        }
    }
}

/// The medians of both in nanoseconds, and the median of their ratios.
fn compare(pair: &mut Pair) -> (f64, f64, f64) {
    let count = calibrate(&mut pair.direct);
    let (mut ours, mut direct, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (a, b) = if round % 2 == 0 {
            let a = time(&mut pair.ours, count);
            (a, time(&mut pair.direct, count))
        } else {
            let b = time(&mut pair.direct, count);
            (time(&mut pair.ours, count), b)
        };
        ours.push(a);
        direct.push(b);
        ratios.push(a / b);
    }
    (median(ours), median(direct), median(ratios))
}

/// How many fit into a slice.
fn calibrate(work: &mut dyn FnMut()) -> u32 {
    let mut count = 1;
    while time(work, count) * f64::from(count) < SLICE.as_nanos() as f64 {
        count *= 2;
    }
    count
}

/// Nanoseconds each.
fn time(work: &mut dyn FnMut(), count: u32) -> f64 {
    let before = cpu_time();
    for _ in 0..count {
        black_box(&mut *work)();
    }
    (cpu_time() - before).as_nanos() as f64 / f64::from(count)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn shown(nanoseconds: f64) -> String {
    if nanoseconds < 10_000.0 {
        format!("{nanoseconds:.0} ns")
    } else {
        format!("{:.1} µs", nanoseconds / 1000.0)
    }
}

/// What this thread has used of a processor.
fn cpu_time() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}

/// Ends a measured call: its result is used.
fn done<T>(result: T) {
    black_box(result);
}

/// Sizes of messages, in bytes.
const SIZES: [usize; 3] = [64, 1024, 16 * 1024];

fn sized(name: &str, size: usize) -> String {
    format!("{name}, {size} bytes")
}
