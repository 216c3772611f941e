//! Pools of threads beside an event loop.
//!
//! | scenario | what happens |
//! |---|---|
//! | `dispatch` | an event loop has up to 4096 tasks on the way, and is told of each result |
//! | `cancel` | a connection closes while its task waits for it: how long until the task knows, on the clock on the wall |
//!
//! A task computes next to nothing, so what is measured is the way there and back: queue, hand-over, wake-up of the loop.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use lws_bench_data::clock;
use lws_bench_data::run::{self, Report, Task};
use lws_threadpool::{Config, Inbox, Job, News, Pool};

/// Tasks on the way at once.
const WINDOW: u64 = 4096;
const THREADS: usize = 2;

fn main() -> ExitCode {
    run::main(|task| match (task.scenario.as_str(), task.contender.as_str()) {
        ("dispatch", "lws-threadpool") => dispatch_ours(task),
        ("dispatch", _) => dispatch(task),
        ("cancel", "lws-threadpool") => cancel(task),
        ("cancel", _) => task.unknown(),
        _ => Err(format!("no scenario {}", task.scenario)),
    })
}

fn tasks(task: &Task) -> u64 {
    task.size(400_000, 100_000)
}

fn dispatch_ours(task: &Task) -> Result<Report, String> {
    let tasks = tasks(task);
    let config = Config::default().threads(THREADS).queue(WINDOW as usize).per_connection(WINDOW as usize);
    let pool = Pool::new(config).map_err(|e| e.to_string())?;
    let (waker, woken) = channel();
    let wakes = Arc::new(AtomicU64::new(0));
    let count = wakes.clone();
    let inbox = Inbox::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        // The loop is there as long as there are tasks.
        let _ = waker.send(());
    });
    let mut jobs: Vec<Option<Job<(), u64>>> = (0..WINDOW).map(|_| None).collect();
    let mut free: Vec<usize> = (0..jobs.len()).collect();
    let (mut submitted, mut done, mut sum, mut batches, mut news) = (0, 0, 0, 0_u64, Vec::new());
    let (ns, ()) = clock::timed(|| {
        while done < tasks {
            while submitted < tasks
                && let Some(at) = free.pop()
            {
                jobs[at] = Some(pool.submit(&inbox, at, move |_| Ok(submitted)).expect("room in the queue"));
                submitted += 1;
            }
            woken.recv().expect("a wake");
            inbox.take(&mut news);
            batches += 1;
            for &at in &news {
                if let Some(News::Done(result)) = jobs[at].as_mut().and_then(Job::poll) {
                    sum += result.expect("a result");
                    jobs[at] = None;
                    free.push(at);
                    done += 1;
                }
            }
        }
    });
    let wakes = wakes.load(Ordering::Relaxed) as f64;
    Ok(Report::new(sum).with("ns", ns / tasks as f64).with("wakes", wakes / batches as f64))
}

/// The pools of others, which leave it to the user how a result comes back: through a channel here.
fn dispatch(task: &Task) -> Result<Report, String> {
    let tasks = tasks(task);
    let (results, inbox) = channel();
    let (ns, sum) = match task.contender.as_str() {
        "rayon" => {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(THREADS).build().map_err(|e| e.to_string())?;
            clock::timed(|| feed(tasks, &results, &inbox, |work| pool.spawn(work)))
        }
        "tokio" => {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let pool = builder.max_blocking_threads(THREADS).build().map_err(|e| e.to_string())?;
            clock::timed(|| {
                // What it answers is a handle to wait for; the result comes through the channel.
                feed(tasks, &results, &inbox, |work| drop(pool.spawn_blocking(work)))
            })
        }
        _ => return task.unknown(),
    };
    Ok(Report::new(sum).with("ns", ns / tasks as f64))
}

type Work = Box<dyn FnOnce() + Send>;

fn feed(tasks: u64, results: &Sender<u64>, inbox: &Receiver<u64>, spawn: impl Fn(Work)) -> u64 {
    let (mut submitted, mut done, mut sum) = (0, 0, 0);
    while done < tasks {
        while submitted < tasks && submitted - done < WINDOW {
            let (results, number) = (results.clone(), submitted);
            // The loop is there as long as there are tasks.
            spawn(Box::new(move || _ = results.send(number)));
            submitted += 1;
        }
        let first = inbox.recv().expect("a result");
        for number in std::iter::once(first).chain(inbox.try_iter()) {
            sum += number;
            done += 1;
        }
    }
    sum
}

fn cancel(task: &Task) -> Result<Report, String> {
    let rounds = task.size(2000, 300);
    let pool = Pool::new(Config::default().threads(1)).map_err(|e| e.to_string())?;
    let (waker, woken) = channel();
    let inbox = Inbox::new(move || _ = waker.send(()));
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let (told, was_told) = channel();
        let job: Job<u32, ()> = pool
            .submit(&inbox, 0, move |task| {
                while task.sync(0).is_ok() {}
                told.send(Instant::now()).expect("somebody waits");
                Ok(())
            })
            .map_err(|e| e.to_string())?;
        woken.recv().map_err(|e| e.to_string())?;
        inbox.take(&mut Vec::new());
        let closed = Instant::now();
        drop(job);
        let told = was_told.recv().map_err(|e| e.to_string())?;
        times.push(told.saturating_duration_since(closed).as_nanos() as f64 / 1e6);
    }
    Ok(Report::new("").with("wall_ms", clock::median(&mut times)))
}
