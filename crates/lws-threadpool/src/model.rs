//! Models of the hand-overs, for `loom`, which tries every interleaving of threads and every reordering that memory allows:
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p lws-threadpool --lib --release`

use std::sync::Arc;
use std::time::Duration;

use crate::slot::{Put, Slot};
use crate::sync::{Condvar, Mutex, lock, thread, wait};
use crate::{Config, Error, Inbox, Job, News, Pool};

/// An event loop's waker: a flag that stays set until the loop sees it.
#[derive(Clone)]
struct Loop {
    woken: Arc<(Mutex<bool>, Condvar)>,
}

impl Loop {
    fn new() -> Self {
        Self { woken: Arc::new((Mutex::new(false), Condvar::new())) }
    }

    fn inbox(&self) -> Inbox<u8> {
        let woken = self.woken.clone();
        Inbox::new(move || {
            *lock(&woken.0) = true;
            woken.1.notify_one();
        })
    }

    /// Sleeps until woken. Loom finds a lost wake as a deadlock.
    fn sleep(&self) {
        let mut woken = lock(&self.woken.0);
        while !*woken {
            woken = wait(&self.woken.1, woken);
        }
        *woken = false;
    }
}

#[test]
fn no_news_is_lost() {
    loom::model(|| {
        let looper = Loop::new();
        let inbox = looper.inbox();
        for key in 0..2 {
            let inbox = inbox.clone();
            thread::spawn(move || inbox.push(key));
        }
        let (mut news, mut seen) = (Vec::new(), 0);
        while seen < 2 {
            looper.sleep();
            inbox.take(&mut news);
            assert!(!news.is_empty(), "a wake has a reason");
            seen += news.len();
        }
    });
}

/// A task puts two chunks and a result through a slot of one, to a loop that sleeps whenever there is nothing.
#[test]
fn every_chunk_arrives_once() {
    loom::model(|| {
        let looper = Loop::new();
        let inbox = looper.inbox();
        let slot = Arc::new(Slot::<u8, u8>::new(1));
        let task = slot.clone();
        let tell = inbox.clone();
        thread::spawn(move || {
            for chunk in 0..2 {
                task.sync(chunk, || tell.push(0)).unwrap();
            }
            if let Put::Tell = task.finish(Ok(2)) {
                tell.push(0);
            }
        });
        let (mut news, mut next) = (Vec::new(), 0);
        while next <= 2 {
            looper.sleep();
            inbox.take(&mut news);
            while let Some(news) = slot.take() {
                match news {
                    News::Chunk(chunk) => assert_eq!(chunk, next),
                    News::Done(result) => assert_eq!(result.unwrap(), next),
                }
                next += 1;
            }
        }
    });
}

/// The connection closes at any moment: the task never waits for ever, and is told.
#[test]
fn a_close_ends_the_wait() {
    loom::model(|| {
        let slot = Arc::new(Slot::<u8, ()>::new(1));
        let task = slot.clone();
        let worker = thread::spawn(move || {
            let put = (0..3).take_while(|chunk| task.sync(*chunk, || ()).is_ok()).count();
            assert!(put <= 1, "there is room for one");
            assert!(task.checkpoint().is_err());
            let _ = task.finish(Ok(()));
        });
        slot.close();
        worker.join().unwrap();
        assert!(slot.take().is_none(), "nothing is kept for nobody");
    });
}

/// A job is dropped while the pool takes its task: it runs or it does not, and everything ends.
#[test]
fn a_cancelled_task_is_forgotten() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3); // half a minute without; as loom advises
    model.check(|| {
        let looper = Loop::new();
        let pool = Pool::new(Config::default().threads(1)).unwrap();
        let (kept, dropped) = (Arc::new(()), Arc::new(()));
        let (a, b) = (kept.clone(), dropped.clone());
        let inbox = looper.inbox();
        let mut job: Job<(), usize> = pool.submit(&inbox, 1, move |_| Ok(Arc::strong_count(&a))).unwrap();
        let other: Job<(), usize> = pool.submit(&inbox, 2, move |_| Ok(Arc::strong_count(&b))).unwrap();
        drop(other);
        let mut news = Vec::new();
        let result = loop {
            looper.sleep();
            inbox.take(&mut news);
            if let Some(News::Done(result)) = job.poll() {
                break result;
            }
        };
        assert!(matches!(result, Ok(2)));
        pool.shutdown(Duration::MAX).unwrap();
        assert_eq!(Arc::strong_count(&dropped), 1, "what the task captured is gone");
        assert!(matches!(
            pool.submit(&inbox, 1, |_| Ok::<(), _>(())).map(|job: Job<(), ()>| drop(job)),
            Err(Error::Closed)
        ));
    });
}

/// Two workers, of which a submission wakes one: whoever is awake, no task is left lying.
#[test]
fn no_task_waits_for_ever() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3); // as loom advises for larger models
    model.check(|| {
        let looper = Loop::new();
        let inbox = looper.inbox();
        let pool = Pool::new(Config::default().threads(2)).unwrap();
        let submit = |key| pool.submit(&inbox, key, move |_| Ok(key)).unwrap();
        let mut jobs: Vec<Job<(), u8>> = vec![submit(0), submit(1)];
        let (mut news, mut done) = (Vec::new(), 0);
        while done < 2 {
            looper.sleep();
            inbox.take(&mut news);
            done += jobs.iter_mut().filter_map(Job::poll).count();
        }
        pool.shutdown(Duration::MAX).unwrap();
    });
}
