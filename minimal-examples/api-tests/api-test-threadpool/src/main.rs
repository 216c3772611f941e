//! Eight connections and a pool of three threads: chunks, results, a full queue, a panic and a close.

use std::collections::{BTreeMap, VecDeque};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use lws_threadpool::{Config, Error, Inbox, Job, News, Pool, Task};

type Connection = u32;

/// What a connection's task does: three chunks for the connection, and their sum as the result.
fn work(connection: Connection, task: &Task<'_, u32>) -> Result<u32, lws_threadpool::Cancelled> {
    if connection == 3 {
        // This one would never end: its connection closes.
        loop {
            task.sync(0)?;
        }
    }
    assert!(connection != 5, "cannot do five");
    let mut sum = 0;
    for i in 0..3 {
        task.checkpoint()?; // an error if the connection has closed meanwhile
        task.sync(connection + i)?; // waits while the connection has not taken the last one
        sum += connection + i;
    }
    Ok(sum)
}

/// An event loop sleeps in `poll`; this one sleeps in `recv`.
struct EventLoop {
    pool: Pool<Connection>,
    inbox: Inbox<Connection>,
    woken: Receiver<()>,
    /// Connections that found the queue full.
    later: VecDeque<Connection>,
    jobs: BTreeMap<Connection, Job<u32, u32>>,
    chunks: BTreeMap<Connection, u32>,
    report: BTreeMap<Connection, String>,
}

impl EventLoop {
    fn submit(&mut self, connection: Connection) -> Result<(), Error> {
        match self.pool.submit(&self.inbox, connection, move |task| work(connection, task)) {
            Ok(job) => drop(self.jobs.insert(connection, job)),
            Err(Error::QueueFull) => self.later.push_back(connection),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The task of `connection` has news.
    fn writable(&mut self, connection: Connection) {
        let Some(job) = self.jobs.get_mut(&connection) else { return };
        while let Some(news) = job.poll() {
            let chunks = self.chunks.entry(connection).or_default();
            let report = match news {
                News::Chunk(_) if connection == 3 => "closed, and its task ended".to_owned(),
                News::Chunk(_) => {
                    *chunks += 1;
                    continue;
                }
                News::Done(Ok(sum)) => format!("{chunks} chunks, sum {sum}"),
                News::Done(Err(error)) => error.to_string(),
            };
            self.report.insert(connection, report);
            self.jobs.remove(&connection); // as closing does: a task that still runs is cancelled
            return;
        }
    }
}

fn run() -> Result<bool, Error> {
    let pool = Pool::new(Config::default().name("demo").threads(3).queue(4))?;
    let (waker, woken) = channel();
    let inbox = Inbox::new(move || _ = waker.send(()));
    let (later, jobs, chunks, report) = Default::default();
    let mut event_loop = EventLoop { pool, inbox, woken, later, jobs, chunks, report };

    for connection in 0..8 {
        event_loop.submit(connection)?;
    }
    let was_full = !event_loop.later.is_empty();
    let mut news = Vec::new();
    while !event_loop.jobs.is_empty() {
        if event_loop.woken.recv_timeout(Duration::from_secs(10)).is_err() {
            return Ok(false);
        }
        event_loop.inbox.take(&mut news);
        for connection in news.drain(..) {
            event_loop.writable(connection);
        }
        if let Some(connection) = event_loop.later.pop_front() {
            event_loop.submit(connection)?;
        }
    }
    // Returns at once, because nothing runs any more: also not the task of connection 3.
    event_loop.pool.shutdown(Duration::from_secs(5))?;

    for (connection, report) in &event_loop.report {
        println!("connection {connection}: {report}");
    }
    println!("the queue was full at least once: {was_full}");
    let expected = |connection: &Connection, report: &str| match connection {
        3 => report.starts_with("closed"),
        5 => report.contains("cannot do five"),
        n => report == format!("3 chunks, sum {}", 3 * n + 3),
    };
    Ok(event_loop.report.len() == 8 && event_loop.report.iter().all(|(n, report)| expected(n, report)))
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => {
            println!("Completed: PASS");
            ExitCode::SUCCESS
        }
        Ok(false) => {
            println!("Completed: FAIL");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
