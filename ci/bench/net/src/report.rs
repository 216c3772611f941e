//! What a program answers: one line of JSON, the last it writes.

pub use crate::cpu::spent_ns;

use crate::peer::{Missing, Peer};
use crate::strace::Strace;
use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

/// Under `strace` everything takes some twenty times as long.
const TRACED_PART: u64 = 20;
/// Requests under `strace` at least.
const TRACED_LEAST: u64 = 100;

/// What the runner asks for: `PROGRAM ARGUMENT CONTENDER --scratch DIR [--quick] [--calls]`.
pub struct Asked {
    pub argument: String,
    pub contender: String,
    pub scratch: PathBuf,
    pub quick: bool,
    /// Count system calls instead of time.
    pub calls: bool,
}

/// Key and value of what was measured.
pub struct Report {
    answer: &'static str,
    values: Vec<(&'static str, f64)>,
}

/// Runs a program: what it was asked for goes to `run`, what that answers to the runner. A contender that is not there is an
/// answer too: `{"missing":"why"}`.
///
/// # Errors
/// Of `run`, and how the program should have been called.
pub fn main(run: impl FnOnce(&Asked) -> Result<Report, Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let asked = Asked::read()?;
    crate::cpu::raise_fd_limit();
    crate::cpu::pin(Some(crate::cpu::LOAD_CORE));
    match run(&asked) {
        Ok(report) => println!("{}", report.json()),
        Err(why) => match why.downcast::<Missing>() {
            Ok(missing) => println!("{{\"missing\":\"{}\"}}", missing.0.replace(['"', '\\', '\n'], " ")),
            Err(why) => return Err(why),
        },
    }
    Ok(())
}

impl Asked {
    fn read() -> Result<Self, Box<dyn Error>> {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let scratch = args.iter().position(|a| a == "--scratch").and_then(|at| args.get(at + 1));
        let has = |flag: &str| args.iter().any(|a| a == flag);
        match (args.first(), args.get(1), scratch) {
            (Some(argument), Some(contender), Some(scratch)) => Ok(Self {
                argument: argument.clone(),
                contender: contender.clone(),
                scratch: std::path::absolute(scratch)?,
                quick: has("--quick"),
                calls: has("--calls"),
            }),
            _ => Err("usage: PROGRAM ARGUMENT CONTENDER --scratch DIR [--quick] [--calls]".into()),
        }
    }

    /// Whether the contender is ours, on however many threads.
    pub fn ours(&self) -> bool {
        self.contender.split(' ').next() == Some("lws")
    }

    /// A number in the argument: `c100` in `plain-c100-m10`.
    pub fn number(&self, letter: char) -> Option<u64> {
        self.argument.split('-').find_map(|part| part.strip_prefix(letter)?.parse().ok())
    }

    /// Whether a word stands in the argument.
    pub fn has(&self, word: &str) -> bool {
        self.argument.split('-').any(|part| part == word)
    }

    /// Has `load` make about so many requests, and tells what each cost the server: its CPU time, or its system calls. `load`
    /// answers how many it were.
    ///
    /// # Errors
    /// Of `load`; the server has ended.
    pub fn measure(
        &self,
        server: &Peer,
        answer: &'static str,
        requests: u64,
        mut load: impl FnMut(u64) -> Result<u64, Box<dyn Error>>,
    ) -> Result<Report, Box<dyn Error>> {
        let report = Report::new(answer);
        if self.calls {
            let Some(strace) = Strace::attach(server.pid(), &self.scratch) else { return Ok(report) };
            let count = load((requests / TRACED_PART).max(TRACED_LEAST))?;
            return Ok(report.with("calls", strace.count()? as f64 / count.max(1) as f64));
        }
        let before = spent_ns(server.pid())?;
        let count = load(requests)?;
        Ok(report.per_request(spent_ns(server.pid())? - before, count))
    }
}

impl Report {
    pub fn new(answer: &'static str) -> Self {
        Self { answer, values: Vec::new() }
    }

    pub fn with(mut self, key: &'static str, value: f64) -> Self {
        self.values.push((key, value));
        self
    }

    /// Microseconds of server CPU for each of `count` requests.
    pub fn per_request(self, ns: u64, count: u64) -> Self {
        self.with("us", ns as f64 / 1000.0 / count.max(1) as f64)
    }

    fn json(&self) -> String {
        let mut json = format!("{{\"answer\":\"{}\"", self.answer);
        for (key, value) in &self.values {
            write!(json, ",\"{key}\":{value:.4}").expect("a string takes everything");
        }
        json + "}"
    }
}
