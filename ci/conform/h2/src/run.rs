//! Runs cases side by side and tells what came of them.

use crate::case::{Flaw, Outcome, Title};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How to run and judge.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Only cases whose id begins with one of these; all where there is none.
    pub(crate) only: Vec<String>,
    /// What RFC 9113 §5.4 puts up with is good.
    pub(crate) lenient: bool,
    /// Cases at once.
    pub(crate) jobs: usize,
    /// Also a line for what is good or skipped.
    pub(crate) verbose: bool,
}

impl Options {
    /// `only` is a prefix of whole parts: `9113/5.1` has `9113/5.1/2`, not `9113/5.1.1/2`; `9113/5` has both.
    pub(crate) fn wants(&self, id: &str) -> bool {
        let fits = |prefix: &String| {
            let rest = id.strip_prefix(prefix.trim_end_matches('/'));
            let sections = prefix.matches('.').count();
            rest.is_some_and(|r| r.is_empty() || r.starts_with('/') || (sections == 0 && r.starts_with('.')))
        };
        self.only.is_empty() || self.only.iter().any(fits)
    }
}

/// What came of all cases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

/// Runs every case and prints what is wrong, in the order of the table; the last line is the sum.
pub(crate) fn all(titles: &[Title], options: &Options, run: impl Fn(usize) -> Outcome + Sync) -> Sum {
    let results: Vec<Mutex<Option<(Outcome, Duration)>>> = titles.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.max(1) {
            scope.spawn(|| {
                while let Some(slot) = results.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let at = results.iter().position(|r| std::ptr::eq(r, slot)).unwrap_or(0);
                    let start = Instant::now();
                    let outcome = catch_unwind(AssertUnwindSafe(|| run(at))).unwrap_or_else(|_| {
                        Err(Flaw::Wrong { expected: "a case that runs".into(), seen: "it panicked".into() })
                    });
                    if let Ok(mut slot) = slot.lock() {
                        *slot = Some((outcome, start.elapsed()));
                    }
                }
            });
        }
    });
    let mut sum = Sum::default();
    for (title, result) in titles.iter().zip(results) {
        let result = result.into_inner().ok().flatten();
        let (outcome, took) = result.unwrap_or((Err(Flaw::skip("it did not run")), Duration::ZERO));
        sum.tell(title, &outcome, took, options);
    }
    println!("{} passed, {} failed, {} skipped", sum.passed, sum.failed, sum.skipped);
    sum
}

impl Sum {
    fn tell(&mut self, title: &Title, outcome: &Outcome, took: Duration, options: &Options) {
        let (verdict, notes) = match outcome {
            Ok(()) => ("pass", Vec::new()),
            Err(Flaw::Skip(why)) => ("skip", vec![format!("because {why}")]),
            Err(Flaw::Weak { seen, .. }) if options.lenient => ("pass", vec![format!("leniently: {seen}")]),
            Err(Flaw::Weak { expected, seen }) => (
                "FAIL",
                vec![
                    format!("expected: {expected}"),
                    format!("seen:     {seen} (RFC 9113 §5.4 puts up with it: --lenient)"),
                ],
            ),
            Err(Flaw::Wrong { expected, seen }) => {
                ("FAIL", vec![format!("expected: {expected}"), format!("seen:     {seen}")])
            }
            Err(Flaw::Breach { rule, seen }) => {
                ("FAIL", vec![format!("broken, whatever the case is: {rule}"), format!("seen:     {seen}")])
            }
        };
        match verdict {
            "pass" => self.passed += 1,
            "skip" => self.skipped += 1,
            _ => self.failed += 1,
        }
        if verdict == "FAIL" || options.verbose {
            println!("{verdict} {} ({} ms): {}", title.id, took.as_millis(), title.rule);
            for note in notes {
                println!("     {note}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(only: &[&str]) -> Options {
        Options {
            only: only.iter().map(|s| (*s).to_owned()).collect(),
            lenient: false,
            jobs: 3,
            verbose: false,
        }
    }

    #[test]
    fn a_prefix_is_made_of_whole_parts() {
        assert!(options(&[]).wants("9113/5.1/2"));
        assert!(options(&["9113/5.1"]).wants("9113/5.1/2"));
        assert!(!options(&["9113/5.1"]).wants("9113/5.1.1/2"));
        assert!(options(&["9113/5"]).wants("9113/5.1.1/2"));
        assert!(!options(&["9113/5.1/2"]).wants("9113/5.1/20"));
        assert!(options(&["7541", "usual"]).wants("usual/3"));
    }

    #[test]
    fn every_outcome_is_counted_once() {
        let titles = ["a", "b", "c", "d", "e", "f"].map(|id| Title { id, rule: "" });
        let weak = || Flaw::Weak { expected: String::new(), seen: String::new() };
        let run = |at: usize| match at {
            0 => Ok(()),
            1 => Err(Flaw::skip("")),
            2 => Err(weak()),
            3 => Err(Flaw::Breach { rule: String::new(), seen: String::new() }),
            4 => panic!("on purpose"),
            _ => Err(Flaw::Wrong { expected: String::new(), seen: String::new() }),
        };
        assert_eq!(all(&titles, &options(&[]), run), Sum { passed: 1, failed: 4, skipped: 1 });
        let lenient = Options { lenient: true, ..options(&[]) };
        assert_eq!(all(&titles, &lenient, run), Sum { passed: 2, failed: 3, skipped: 1 });
    }
}
