//! A bar on standard error, for work that takes a while.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Shows nothing before work has taken so long.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it changes at most.
const INTERVAL: Duration = Duration::from_millis(100);
const WIDTH: usize = 30;

pub(crate) struct Progress {
    what: &'static str,
    start: Instant,
    last: Option<Instant>,
    enabled: bool,
}

impl Progress {
    pub(crate) fn new(what: &'static str, quiet: bool) -> Self {
        let enabled = !quiet && std::io::stderr().is_terminal();
        Progress { what, start: Instant::now(), last: None, enabled }
    }

    /// `done` thousandths are done.
    pub(crate) fn show(&mut self, done: u32) {
        let now = Instant::now();
        let due = match self.last {
            Some(last) => now - last >= INTERVAL,
            None => now - self.start >= PATIENCE,
        };
        if !self.enabled || !due {
            return;
        }
        self.last = Some(now);
        let full = WIDTH * done.min(1000) as usize / 1000;
        let line = format!("\r{:9} [{:WIDTH$}] {:3} %", self.what, "#".repeat(full), done.min(1000) / 10);
        // Who cannot see it does not miss it.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.last.is_some() {
            let _ = write!(std::io::stderr(), "\r{:1$}\r", "", WIDTH + 20);
        }
    }
}
