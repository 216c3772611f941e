//! What one socket sends goes to all.

use lws_bench_net::crowd::Crowd;
use lws_bench_net::peer::Peer;
use lws_bench_net::report::{Asked, Report};
use std::collections::VecDeque;
use std::error::Error;

pub fn run(asked: &Asked, server: &Peer, size: usize) -> Result<Report, Box<dyn Error>> {
    let window = usize::try_from(asked.number('w').unwrap_or(1))?;
    let mut crowd = super::crowd(asked, server, size)?;
    let mut news = News::new(crowd.len());
    crowd.ask(0, window)?;
    // Of the deliveries whose system calls are counted, few may be on their way before.
    let deliveries = if asked.quick && !asked.calls { 100_000 } else { 1_000_000 };
    news.run(&mut crowd, deliveries / 10)?;
    crowd.trust();
    asked.measure(server, "delivered", deliveries, |deliveries| news.run(&mut crowd, deliveries))
}

/// Who has which message.
struct News {
    /// For each socket the number of its next message.
    next: Vec<u64>,
    /// The number of the oldest message that somebody lacks.
    first: u64,
    /// How many sockets have each message from that one on.
    have: VecDeque<usize>,
}

impl News {
    fn new(sockets: usize) -> Self {
        Self { next: vec![0; sockets], first: 0, have: VecDeque::new() }
    }

    /// Socket `which` has `count` messages more.
    fn take(&mut self, which: usize, count: usize) {
        for _ in 0..count {
            let at = usize::try_from(self.next[which] - self.first).expect("fewer than are under way");
            if at == self.have.len() {
                self.have.push_back(0);
            }
            self.have[at] += 1;
            self.next[which] += 1;
        }
    }

    /// Messages that all have by now, and did not before.
    fn complete(&mut self) -> usize {
        let mut count = 0;
        while self.have.front() == Some(&self.next.len()) {
            self.have.pop_front();
            self.first += 1;
            count += 1;
        }
        count
    }

    fn run(&mut self, crowd: &mut Crowd, deliveries: u64) -> Result<u64, Box<dyn Error>> {
        let mut count = 0;
        while count < deliveries {
            crowd.turn(None, |which, answers| {
                self.take(which, answers);
                count += answers as u64;
                0
            })?;
            crowd.ask(0, self.complete())?;
        }
        Ok(count)
    }
}
