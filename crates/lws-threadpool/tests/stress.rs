//! Many tasks, submitted and cancelled at random: each ends once, and none is lost.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use lws_threadpool::{Config, Error, Inbox, Job, News, Pool, Task};

const LONG: Duration = Duration::from_secs(60);

/// The same numbers in each run.
struct Random(u64);
impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

struct Conn {
    job: Job<u64, u64>,
    chunks: u64,
    wanted: u64,
}

/// What tasks did, as they saw it.
#[derive(Default)]
struct Ledger {
    ran: AtomicU64,
    live: AtomicU64,
}

/// Counts the tasks that exist.
struct Live(Arc<Ledger>);
impl Live {
    fn new(ledger: &Arc<Ledger>) -> Self {
        ledger.live.fetch_add(1, Ordering::Relaxed);
        Self(ledger.clone())
    }
}
impl Drop for Live {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One event loop with up to 64 connections.
fn event_loop(pool: &Pool<u64>, number: u64, tasks: u64, ledger: &Arc<Ledger>) {
    let (waker, woken) = channel();
    let inbox = Inbox::new(move || _ = waker.send(()));
    let mut random = Random(number + 1);
    let mut conns: HashMap<u64, Conn> = HashMap::new();
    let (mut submitted, mut done, mut dropped, mut next_key) = (0, 0, 0, number << 32);
    let mut news = Vec::new();
    while submitted < tasks || !conns.is_empty() {
        while submitted < tasks && conns.len() < 64 {
            let wanted = random.below(4);
            let live = Live::new(ledger);
            let task = move |task: &Task<'_, u64>| {
                live.0.ran.fetch_add(1, Ordering::Relaxed);
                for chunk in 0..wanted {
                    task.checkpoint()?;
                    task.sync(chunk)?;
                }
                assert_ne!(wanted, 2, "on purpose");
                Ok(wanted)
            };
            next_key += 1;
            match pool.submit(&inbox, next_key, task) {
                Ok(job) => drop(conns.insert(next_key, Conn { job, chunks: 0, wanted })),
                Err(Error::QueueFull) => break,
                Err(error) => panic!("{error}"),
            }
            submitted += 1;
            if random.below(5) == 0 {
                let victim = *conns.keys().next().expect("one was just added");
                conns.remove(&victim);
                dropped += 1;
            }
        }
        if conns.is_empty() {
            std::thread::yield_now(); // the other loops have filled the queue
            continue;
        }
        woken.recv_timeout(LONG).expect("no news although tasks are there");
        inbox.take(&mut news);
        for key in &news {
            let Some(conn) = conns.get_mut(key) else { continue };
            while let Some(news) = conn.job.poll() {
                match news {
                    News::Chunk(chunk) => {
                        assert_eq!(chunk, conn.chunks);
                        conn.chunks += 1;
                    }
                    News::Done(result) => {
                        assert_eq!(conn.chunks, conn.wanted, "all chunks, then the result");
                        match result {
                            Ok(wanted) => assert_eq!(wanted, conn.wanted),
                            Err(Error::Panicked(text)) => assert!(text.contains("on purpose")),
                            Err(error) => panic!("{error}"),
                        }
                        done += 1;
                        conns.remove(key);
                        break;
                    }
                }
            }
        }
    }
    assert_eq!(done + dropped, tasks);
}

#[test]
fn each_task_ends_once() {
    std::panic::set_hook(Box::new(|info| {
        // Half of them panic on purpose, which nobody needs to read.
        if !info.to_string().contains("on purpose") {
            eprintln!("{info}");
        }
    }));
    let ledger = Arc::new(Ledger::default());
    let pool = Pool::new(Config::default().name("stress").threads(4).queue(100)).unwrap();
    let (loops, tasks) = (3, 20_000);
    std::thread::scope(|scope| {
        for number in 0..loops {
            let (pool, ledger) = (&pool, &ledger);
            scope.spawn(move || event_loop(pool, number, tasks, ledger));
        }
    });
    pool.shutdown(LONG).unwrap();
    assert_eq!(ledger.live.load(Ordering::Relaxed), 0, "every task's captures are dropped");
    let ran = ledger.ran.load(Ordering::Relaxed);
    assert!(ran <= loops * tasks && ran > loops * tasks / 2, "{ran} ran");
    let stats = pool.stats();
    assert!(stats.done >= ran && stats.done <= loops * tasks, "{stats:?} of {ran}");
}
