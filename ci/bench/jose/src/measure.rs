//! Turns, CPU time, medians.

use rustix::time::{ClockId, clock_gettime};

/// What is measured: ours first.
pub struct Case {
    pub name: String,
    pub contenders: Vec<(&'static str, Box<dyn Fn()>)>,
}

pub struct Result {
    pub name: &'static str,
    /// Of one operation, median of the turns.
    pub ns: f64,
    /// Its time by ours in the same turn, median.
    pub ratio: f64,
}

/// CPU time of this thread, in nanoseconds.
fn cpu_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// Nanoseconds that a turn of one contender should take.
const TURN_NS: u64 = 3_000_000;

impl Case {
    pub fn measure(&self, turns: usize) -> Vec<Result> {
        let counts: Vec<u64> = self.contenders.iter().map(|(_, run)| calibrate(run)).collect();
        let mut times: Vec<Vec<f64>> = vec![Vec::new(); self.contenders.len()];
        for turn in 0..turns {
            for offset in 0..self.contenders.len() {
                // Nobody is always first.
                let at = (turn + offset) % self.contenders.len();
                times[at].push(per_operation(&self.contenders[at].1, counts[at]));
            }
        }
        let results = self.contenders.iter().zip(&times).map(|((name, _), own)| {
            let ratios = own.iter().zip(&times[0]).map(|(theirs, ours)| theirs / ours).collect();
            Result { name, ns: median(own.clone()), ratio: median(ratios) }
        });
        results.collect()
    }
}

/// How often it runs in a turn.
fn calibrate(run: &dyn Fn()) -> u64 {
    run();
    let start = cpu_ns();
    let mut count = 0;
    while cpu_ns() - start < TURN_NS {
        run();
        count += 1;
    }
    count
}

fn per_operation(run: &dyn Fn(), count: u64) -> f64 {
    let start = cpu_ns();
    for _ in 0..count {
        run();
    }
    (cpu_ns() - start) as f64 / count as f64
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
