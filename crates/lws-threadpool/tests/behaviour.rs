//! What the documentation promises, one test each.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lws_threadpool::{Cancelled, Config, Error, Inbox, Job, News, Pool, Stats, Task};

const LONG: Duration = Duration::from_secs(20);

/// A loop that is woken through a channel, and counts how often.
struct Loop {
    inbox: Inbox<u32>,
    woken: Receiver<()>,
    wakes: Arc<AtomicUsize>,
}

impl Loop {
    fn new() -> Self {
        let (waker, woken) = channel();
        let wakes = Arc::new(AtomicUsize::new(0));
        let count = wakes.clone();
        let inbox = Inbox::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
            let _ = waker.send(());
        });
        Self { inbox, woken, wakes }
    }

    /// Waits for the next batch of keys.
    fn turn(&self) -> Vec<u32> {
        self.woken.recv_timeout(LONG).expect("woken");
        let mut news = Vec::new();
        self.inbox.take(&mut news);
        news
    }

    /// Runs until `job` is done; answers its chunks and its result.
    fn finish<C, R>(&self, job: &mut Job<C, R>) -> (Vec<C>, Result<R, Error>) {
        let mut chunks = Vec::new();
        loop {
            while let Some(news) = job.poll() {
                match news {
                    News::Chunk(chunk) => chunks.push(chunk),
                    News::Done(result) => return (chunks, result),
                }
            }
            self.turn();
        }
    }
}

fn pool(threads: usize) -> Pool<u32> {
    Pool::new(Config::default().name("test").threads(threads)).expect("threads")
}

type Action = Box<dyn FnOnce(&Task<'_, ()>) -> Result<(), Cancelled> + Send>;

/// A task that says that it runs, and then waits until it is let go.
fn gate() -> (Action, Receiver<()>, Sender<()>) {
    let (started, has_started) = channel();
    let (go, may_go) = channel::<()>();
    let task = move |task: &Task<'_, ()>| {
        started.send(()).expect("the test waits");
        let _ = may_go.recv();
        task.checkpoint()
    };
    (Box::new(task), has_started, go)
}

/// Says when it is dropped.
struct Witness(Sender<()>);
impl Drop for Witness {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[test]
fn the_result_arrives() {
    let (pool, looper) = (pool(2), Loop::new());
    let mut job = pool.submit(&looper.inbox, 5, |task| {
        task.sync(1)?;
        task.sync(2)?;
        Ok("three")
    });
    let (chunks, result) = looper.finish(job.as_mut().unwrap());
    assert_eq!(chunks, [1, 2]);
    assert_eq!(result.unwrap(), "three");
    assert!(job.unwrap().poll().is_none(), "nothing follows");
}

#[test]
fn threads_have_names() {
    let (pool, looper) = (pool(1), Loop::new());
    let name = |_: &Task<'_, ()>| Ok(std::thread::current().name().map(str::to_owned));
    let mut job = pool.submit(&looper.inbox, 1, name).unwrap();
    assert_eq!(looper.finish(&mut job).1.unwrap().as_deref(), Some("test-0"));
}

#[test]
fn a_batch_of_completions_is_one_wake() {
    let (pool, looper) = (pool(3), Loop::new());
    let mut jobs: Vec<Job<(), u32>> =
        (0..100).map(|key| pool.submit(&looper.inbox, key, move |_| Ok(key)).unwrap()).collect();
    pool.shutdown(LONG).unwrap(); // all are done, and the loop has not looked yet
    assert_eq!(looper.wakes.load(Ordering::Relaxed), 1);
    let mut keys = looper.turn();
    keys.sort_unstable();
    assert!(keys.into_iter().eq(0..100), "each key once");
    for (key, job) in jobs.iter_mut().enumerate() {
        assert!(matches!(job.poll(), Some(News::Done(Ok(n))) if n as usize == key));
    }
}

#[test]
fn the_connection_sets_the_pace() {
    for max in [1, 3] {
        let looper = Loop::new();
        let pool = Pool::new(Config::default().threads(1).chunks(max)).unwrap();
        let put = Arc::new(AtomicUsize::new(0));
        let count = put.clone();
        let mut job = pool
            .submit(&looper.inbox, 1, move |task| {
                for i in 0..200 {
                    task.sync(i)?;
                    count.fetch_add(1, Ordering::SeqCst);
                }
                Ok(())
            })
            .unwrap();
        let mut taken = 0;
        'all: loop {
            looper.turn();
            while let Some(news) = job.poll() {
                match news {
                    News::Chunk(i) => assert_eq!(i, taken),
                    News::Done(result) => break 'all result.unwrap(),
                }
                taken += 1;
                assert!(put.load(Ordering::SeqCst) <= taken + max, "one may be on its way in besides");
            }
        }
        assert_eq!(taken, 200);
    }
}

/// lws needs up to 3 s for this, because the worker looks for itself.
#[test]
fn a_close_wakes_the_task_that_waits() {
    let (pool, looper) = (pool(1), Loop::new());
    let (told, was_told) = channel();
    let job: Job<u32, ()> = pool
        .submit(&looper.inbox, 1, move |task| {
            let cancelled = (0..).find_map(|i| task.sync(i).err());
            told.send(Instant::now()).unwrap();
            cancelled.map_or(Ok(()), Err)
        })
        .unwrap();
    looper.turn(); // the first chunk is there, so the task waits with the second, or will
    let closed = Instant::now();
    drop(job);
    let after = was_told.recv_timeout(LONG).unwrap().saturating_duration_since(closed);
    // Microseconds on a quiet machine; the bound is for a busy one.
    assert!(after < Duration::from_millis(500), "{after:?}");
}

#[test]
fn a_close_is_seen_at_the_next_checkpoint() {
    let (pool, looper) = (pool(1), Loop::new());
    let (told, was_told) = channel();
    let (started, has_started) = channel();
    let job: Job<(), ()> = pool
        .submit(&looper.inbox, 1, move |task| {
            started.send(()).unwrap();
            while task.checkpoint().is_ok() {
                std::thread::yield_now();
            }
            told.send(()).unwrap();
            Err(Cancelled)
        })
        .unwrap();
    has_started.recv_timeout(LONG).unwrap();
    job.cancel();
    was_told.recv_timeout(LONG).unwrap();
}

#[test]
fn a_detached_task_goes_on() {
    let (pool, looper) = (pool(1), Loop::new());
    let (started, has_started) = channel();
    let (go, may_go) = channel::<()>();
    let (told, was_told) = channel();
    let job: Job<u32, ()> = pool
        .submit(&looper.inbox, 1, move |task| {
            task.detach();
            started.send(()).unwrap();
            may_go.recv().unwrap();
            told.send((task.checkpoint(), task.sync(1))).unwrap();
            Ok(())
        })
        .unwrap();
    has_started.recv_timeout(LONG).unwrap();
    drop(job);
    go.send(()).unwrap();
    let (checkpoint, sync) = was_told.recv_timeout(LONG).unwrap();
    assert_eq!((checkpoint, sync), (Ok(()), Err(Cancelled)));
}

#[test]
fn a_cancelled_task_leaves_the_queue_at_once() {
    let looper = Loop::new();
    let pool = Pool::new(Config::default().threads(1).queue(1)).unwrap();
    let (task, started, go) = gate();
    let mut first = pool.submit(&looper.inbox, 1, task).unwrap();
    started.recv_timeout(LONG).unwrap();

    let (told, dropped) = channel();
    let witness = Witness(told);
    let run = move |_: &Task<'_, ()>| -> Result<(), Cancelled> {
        let _witness = &witness;
        panic!("it was cancelled before it could run")
    };
    let second = pool.submit(&looper.inbox, 2, run).unwrap();
    let full: Result<Job<(), ()>, _> = pool.submit(&looper.inbox, 3, |_| Ok(()));
    assert!(matches!(full, Err(Error::QueueFull)));
    drop(second);
    dropped.try_recv().expect("what it captured is gone already");
    assert_eq!(pool.stats(), Stats { queued: 0, running: 1, done: 0 });
    let mut third: Job<(), u32> = pool.submit(&looper.inbox, 3, |_| Ok(3)).unwrap();

    go.send(()).unwrap();
    looper.finish(&mut first).1.unwrap();
    assert_eq!(looper.finish(&mut third).1.unwrap(), 3);
}

#[test]
fn connections_take_turns() {
    let (pool, looper) = (pool(1), Loop::new());
    let (task, started, go) = gate();
    let _first = pool.submit(&looper.inbox, 0, task).unwrap();
    started.recv_timeout(LONG).unwrap();

    let order = Arc::new(Mutex::new(Vec::new()));
    let submit = |key| {
        let order = order.clone();
        pool.submit(&looper.inbox, key, move |_: &Task<'_, ()>| {
            order.lock().unwrap().push(key);
            Ok(())
        })
    };
    let greedy: Vec<Job<(), ()>> = (0..8).map(|_| submit(1).unwrap()).collect();
    assert!(matches!(submit(1), Err(Error::ConnectionFull)));
    let modest = [submit(2).unwrap(), submit(3).unwrap()];
    go.send(()).unwrap();
    pool.shutdown(LONG).unwrap();
    assert_eq!(*order.lock().unwrap(), [1, 2, 3, 1, 1, 1, 1, 1, 1, 1]);
    drop((greedy, modest));
}

#[test]
fn a_panic_becomes_an_error() {
    let (pool, looper) = (pool(1), Loop::new());
    let mut job: Job<(), ()> = pool.submit(&looper.inbox, 1, |_| panic!("with {}", "words")).unwrap();
    assert!(matches!(looper.finish(&mut job).1, Err(Error::Panicked(text)) if text == "with words"));
    let mut job: Job<(), u32> = pool.submit(&looper.inbox, 1, |_| Ok(1)).unwrap();
    assert_eq!(looper.finish(&mut job).1.unwrap(), 1, "the thread goes on");
}

/// A result nobody wants is dropped on the worker, and its destructor may panic.
#[test]
fn a_panicking_destructor_ends_no_thread() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }
    let (pool, looper) = (pool(1), Loop::new());
    let (go, may_go) = channel::<()>();
    let job: Job<(), Bomb> = pool
        .submit(&looper.inbox, 1, move |task| {
            task.detach();
            may_go.recv().unwrap();
            Ok(Bomb)
        })
        .unwrap();
    while pool.stats().running == 0 {
        std::thread::yield_now();
    }
    drop(job);
    go.send(()).unwrap();
    let mut job: Job<(), u32> = pool.submit(&looper.inbox, 1, |_| Ok(1)).unwrap();
    assert_eq!(looper.finish(&mut job).1.unwrap(), 1);
}

#[test]
fn shutdown_finishes_what_there_is() {
    let (pool, looper) = (pool(2), Loop::new());
    let mut jobs: Vec<Job<(), u32>> =
        (0..50).map(|key| pool.submit(&looper.inbox, key, move |_| Ok(key)).unwrap()).collect();
    pool.close();
    let late: Result<Job<(), ()>, _> = pool.submit(&looper.inbox, 1, |_| Ok(()));
    assert!(matches!(late, Err(Error::Closed)));
    pool.shutdown(LONG).unwrap();
    assert_eq!(pool.stats(), Stats { queued: 0, running: 0, done: 50 });
    for job in &mut jobs {
        assert!(matches!(job.poll(), Some(News::Done(Ok(_)))));
    }
    pool.shutdown(LONG).unwrap(); // twice does no harm
}

#[test]
fn shutdown_cancels_at_its_deadline() {
    let (pool, looper) = (pool(1), Loop::new());
    let mut endless: Job<u32, ()> = pool
        .submit(&looper.inbox, 1, |task| {
            loop {
                task.sync(0)?; // nobody takes the second one
            }
        })
        .unwrap();
    let mut queued: Job<(), ()> = pool.submit(&looper.inbox, 2, |_| Ok(())).unwrap();
    pool.shutdown(Duration::from_millis(5)).unwrap();
    assert!(matches!(looper.finish(&mut endless).1, Err(Error::Cancelled)));
    assert!(matches!(looper.finish(&mut queued).1, Err(Error::Cancelled)));
}

#[test]
fn shutdown_leaves_the_stubborn_behind() {
    let (pool, looper) = (pool(2), Loop::new());
    let (task, started, go) = gate();
    let mut stubborn = pool.submit(&looper.inbox, 1, task).unwrap();
    started.recv_timeout(LONG).unwrap();
    let error = pool.shutdown(Duration::ZERO).unwrap_err();
    assert!(matches!(error, Error::Unfinished(1)), "{error}");
    go.send(()).unwrap();
    assert!(matches!(looper.finish(&mut stubborn).1, Err(Error::Cancelled)));
    pool.shutdown(Duration::ZERO).unwrap();
}

#[test]
fn a_dropped_pool_cancels_its_tasks() {
    let (pool, looper) = (pool(1), Loop::new());
    let (told, dropped) = channel();
    let witness = Witness(told);
    let (task, started, go) = gate();
    let mut running = pool.submit(&looper.inbox, 1, task).unwrap();
    started.recv_timeout(LONG).unwrap();
    let mut queued: Job<(), ()> = pool
        .submit(&looper.inbox, 2, move |_| {
            let _witness = &witness;
            Ok(())
        })
        .unwrap();
    drop(pool);
    dropped.try_recv().expect("the task that waited is gone already");
    assert!(matches!(looper.finish(&mut queued).1, Err(Error::Cancelled)));
    go.send(()).unwrap();
    assert!(matches!(looper.finish(&mut running).1, Err(Error::Cancelled)));
}

#[test]
fn a_pool_without_threads_has_one() {
    let (pool, looper) = (pool(0), Loop::new());
    let mut job: Job<(), u32> = pool.submit(&looper.inbox, 1, |_| Ok(1)).unwrap();
    assert_eq!(looper.finish(&mut job).1.unwrap(), 1);
}
