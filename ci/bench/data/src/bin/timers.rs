//! Timers: CPU time of arming one again while others are armed.
//!
//! | scenario | what happens |
//! |---|---|
//! | `rearm-N` | one of N timers, any, is armed again for a time in the next minute |
//! | `append-N` | one of N timers, any, is armed again for a minute from now: an idle timeout |
//!
//! Nobody reads a clock while it is measured: an event loop reads it once per turn, whatever the timers are. Times go
//! on by 10 us per call.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::pin::Pin;
use std::process::ExitCode;
use std::task::{Context, Waker};
use std::time::Duration;

use lws_bench_data::clock;
use lws_bench_data::random::Random;
use lws_bench_data::run::{self, Report};
use lws_timer::Wheel;
use lws_wire::Time;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::time::DelayQueue;

const MINUTE: Duration = Duration::from_secs(60);
/// How far time goes on from call to call.
const STEP: Duration = Duration::from_micros(10);
const ROUNDS: usize = 15;
/// Calls in one round.
const CALLS: usize = 50_000;

/// Which timer is armed again, for how long from now.
struct Call {
    timer: usize,
    delay: Duration,
}

fn main() -> ExitCode {
    run::main(|task| {
        let (kind, timers) = task.scenario.split_once('-').ok_or("a scenario is called kind-number")?;
        let timers: usize = timers.parse().map_err(|_| format!("no number: {timers}"))?;
        let mut random = Random::default();
        let calls: Vec<Call> = (0..CALLS)
            .map(|_| Call {
                timer: random.below(timers as u64) as usize,
                delay: match kind {
                    "append" => MINUTE,
                    _ => Duration::from_micros(1 + random.below(MINUTE.as_micros() as u64)),
                },
            })
            .collect();
        let run = match task.contender.as_str() {
            "lws-timer" => lws_timer,
            "tokio Sleep" => tokio_sleep,
            "tokio DelayQueue" => delay_queue,
            "BTreeMap" => tree,
            _ => return task.unknown(),
        };
        let (ns, armed) = run(timers, &calls, task.size(ROUNDS, ROUNDS / 3));
        Ok(Report::new(armed).with("ns", ns / CALLS as f64))
    })
}

/// Times when timer `i` of `timers` expires first: over the next minute.
fn first(i: usize, timers: usize) -> Duration {
    Duration::from_micros(MINUTE.as_micros() as u64 * (i as u64 + 1) / timers as u64)
}

fn lws_timer(timers: usize, calls: &[Call], rounds: usize) -> (f64, usize) {
    let mut now = Time::ZERO;
    let mut wheel = Wheel::new(now);
    let mut ids: Vec<_> = (0..timers).map(|i| wheel.insert(now + first(i, timers), i as u32)).collect();
    clock::least(rounds, || {
        for call in calls {
            now = now + STEP;
            let key = wheel.cancel(ids[call.timer]).expect("it is armed");
            ids[call.timer] = wheel.insert(now + call.delay, key);
        }
        wheel.len()
    })
}

fn tree(timers: usize, calls: &[Call], rounds: usize) -> (f64, usize) {
    let mut now = Duration::ZERO;
    // The number makes keys of equal times differ.
    let mut ids: Vec<(Duration, usize)> = (0..timers).map(|i| (first(i, timers), i)).collect();
    let mut map: BTreeMap<(Duration, usize), u32> = ids.iter().map(|id| (*id, id.1 as u32)).collect();
    clock::least(rounds, || {
        for call in calls {
            now += STEP;
            let key = map.remove(&ids[call.timer]).expect("it is armed");
            ids[call.timer].0 = now + call.delay;
            map.insert(ids[call.timer], key);
        }
        map.len()
    })
}

fn runtime() -> tokio::runtime::Runtime {
    // A runtime that cannot be built has no memory or no descriptors left.
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn tokio_sleep(timers: usize, calls: &[Call], rounds: usize) -> (f64, usize) {
    let runtime = runtime();
    let _inside = runtime.enter();
    let start = Instant::now();
    let mut sleeps: Vec<Pin<Box<Sleep>>> =
        (0..timers).map(|i| Box::pin(sleep_until(start + MINUTE + first(i, timers)))).collect();
    // A timer is armed once it was polled.
    let mut context = Context::from_waker(Waker::noop());
    let armed =
        sleeps.iter_mut().map(|sleep| usize::from(sleep.as_mut().poll(&mut context).is_pending())).sum();
    let mut now = start;
    clock::least(rounds, || {
        for call in calls {
            now += STEP;
            sleeps[call.timer].as_mut().reset(now + call.delay);
        }
        black_box(&sleeps);
        armed
    })
}

fn delay_queue(timers: usize, calls: &[Call], rounds: usize) -> (f64, usize) {
    let runtime = runtime();
    let _inside = runtime.enter();
    let start = Instant::now();
    let mut queue = DelayQueue::with_capacity(timers);
    let keys: Vec<_> = (0..timers).map(|i| queue.insert_at(i as u32, start + first(i, timers))).collect();
    let mut now = start;
    clock::least(rounds, || {
        for call in calls {
            now += STEP;
            queue.reset_at(&keys[call.timer], now + call.delay);
        }
        queue.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_timer_stays_armed() {
        let calls: Vec<Call> = (0..1000).map(|i| Call { timer: i * 7 % 50, delay: MINUTE }).collect();
        for run in [lws_timer, tree, tokio_sleep, delay_queue] {
            assert_eq!(run(50, &calls, 2).1, 50);
        }
    }
}
