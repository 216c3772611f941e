//! `cargo bench -p lws-threadpool`: CPU time of one small task, from submission to the loop's having its result; how often the
//! loop is woken; and how soon a waiting task hears of its connection's end.
#![allow(clippy::print_stdout)] // a benchmark reports on stdout

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use lws_threadpool::{Config, Inbox, Job, News, Pool};

fn main() {
    let tasks = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    dispatch(tasks);
    cancel(1000);
}

fn dispatch(tasks: u64) {
    let pool = Pool::new(Config::default().threads(2).queue(4096).per_connection(4096)).expect("threads");
    let (waker, woken) = channel();
    let wakes = Arc::new(AtomicU64::new(0));
    let count = wakes.clone();
    let inbox = Inbox::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        let _ = waker.send(());
    });
    let mut jobs: Vec<Option<Job<(), u64>>> = (0..4096).map(|_| None).collect();
    let mut free: Vec<usize> = (0..jobs.len()).collect();
    let (mut submitted, mut done, mut sum, mut news) = (0, 0, 0, Vec::new());
    let cpu = cpu_seconds();
    while done < tasks {
        while submitted < tasks
            && let Some(at) = free.pop()
        {
            let job = pool.submit(&inbox, at, move |_| Ok(submitted)).expect("room in the queue");
            jobs[at] = Some(job);
            submitted += 1;
        }
        woken.recv().expect("a wake");
        inbox.take(&mut news);
        for &at in &news {
            if let Some(News::Done(result)) = jobs[at].as_mut().and_then(Job::poll) {
                sum += result.expect("a result");
                jobs[at] = None;
                free.push(at);
                done += 1;
            }
        }
    }
    let each = (cpu_seconds() - cpu) / tasks as f64;
    assert_eq!(sum, tasks * (tasks - 1) / 2, "each task once");
    println!("{tasks} tasks: {:.0} ns CPU each, {} wakes", each * 1e9, wakes.load(Ordering::Relaxed));
}

fn cancel(rounds: usize) {
    let pool = Pool::new(Config::default().threads(1)).expect("threads");
    let (waker, woken) = channel();
    let inbox = Inbox::new(move || _ = waker.send(()));
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let (told, was_told) = channel();
            let job: Job<u32, ()> = pool
                .submit(&inbox, 0, move |task| {
                    while task.sync(0).is_ok() {}
                    told.send(Instant::now()).expect("somebody waits");
                    Ok(())
                })
                .expect("room in the queue");
            woken.recv().expect("a wake");
            inbox.take(&mut Vec::new());
            let closed = Instant::now();
            drop(job);
            was_told.recv().expect("an answer").saturating_duration_since(closed)
        })
        .collect();
    times.sort_unstable();
    let (p50, p99) = (times[rounds / 2], times[rounds * 99 / 100]);
    println!("close to cancelled: p50 {p50:?}, p99 {p99:?}, most {:?}", times[rounds - 1]);
}

/// CPU time of all threads so far; the clock on the wall where there is no `/proc`.
fn cpu_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ns: f64 = threads
        .filter_map(|thread| {
            let stat = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            stat.split(' ').next()?.parse::<f64>().ok()
        })
        .sum();
    if ns > 0.0 { ns / 1e9 } else { START.elapsed().as_secs_f64() }
}

static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
