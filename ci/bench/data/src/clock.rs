//! CPU time and memory of this process.
//!
//! CPU time instead of time on the wall: other processes on the machine take turns with this one. They disturb still (they
//! share caches), so what can be repeated is repeated, and the least counts.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// CPU time of all threads of this process since its start, user and system.
pub fn cpu() -> Duration {
    // The kernel counts it from zero, so neither part is negative.
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The CPU time of `work`, in nanoseconds, with what it answers.
pub fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = cpu();
    let answer = work();
    (((cpu() - start).as_nanos()) as f64, answer)
}

/// The least CPU time of `rounds` runs of `work`, in nanoseconds, with what it answered last.
///
/// # Panics
/// For zero rounds.
pub fn least<T>(rounds: usize, mut work: impl FnMut() -> T) -> (f64, T) {
    let (mut best, mut answer) = timed(&mut work);
    for _ in 1..rounds {
        let (ns, again) = timed(&mut work);
        best = best.min(ns);
        answer = again;
    }
    (best, answer)
}

/// A number of KiB from `/proc/self/status`: `VmHWM` is the most memory resident so far, `RssAnon` what is now, without files.
///
/// # Panics
/// Where there is no such line: these programs measure on Linux only.
pub fn status_kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc/self/status can be read");
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    kib.expect("/proc/self/status has the line")
}

/// The middle of `samples`.
///
/// # Panics
/// Without samples.
pub fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_cpu_time_and_sleep_does_not() {
        let (busy, sum) = timed(|| (0..20_000_000_u64).fold(0, |a: u64, b| std::hint::black_box(a ^ b)));
        let (idle, ()) = timed(|| std::thread::sleep(Duration::from_millis(50)));
        assert!(idle < 20e6 && busy > 0.0, "{idle} {busy} {sum}");
    }

    #[test]
    fn memory_is_counted() {
        let before = status_kib("VmHWM");
        let block = vec![1_u8; 64 << 20];
        assert!(status_kib("VmHWM") >= before + (32 << 10), "{}", block.len());
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [9.0, 1.0, 5.0]), 5.0);
    }
}
