//! The command line of a program, and its answer.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::clock;

/// What is to be measured.
pub struct Task {
    pub scenario: String,
    pub contender: String,
    /// Less work, for a first look.
    pub quick: bool,
    corpus: Option<PathBuf>,
    scratch: Option<PathBuf>,
}

impl Task {
    /// `full`, or `quick` for a first look.
    pub fn size<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// The pack to read.
    pub fn corpus(&self) -> Result<&PathBuf, String> {
        self.corpus.as_ref().ok_or_else(|| format!("{} wants --corpus FILE", self.scenario))
    }

    /// An existing folder for files of this contender.
    pub fn scratch(&self) -> Result<&PathBuf, String> {
        self.scratch.as_ref().ok_or_else(|| format!("{} wants --scratch FOLDER", self.scenario))
    }

    /// An error that says that the program has no such contender.
    pub fn unknown<T>(&self) -> Result<T, String> {
        Err(format!("no contender {} in {}", self.contender, self.scenario))
    }

    fn parse(mut args: impl Iterator<Item = String>) -> Result<Task, String> {
        let mut next = |what: &str| args.next().ok_or_else(|| format!("{what} is missing"));
        let (scenario, contender) = (next("the scenario")?, next("the contender")?);
        let mut task = Task { scenario, contender, quick: false, corpus: None, scratch: None };
        while let Ok(option) = next("") {
            match option.as_str() {
                "--quick" => task.quick = true,
                "--corpus" => task.corpus = Some(next("the file after --corpus")?.into()),
                "--scratch" => task.scratch = Some(next("the folder after --scratch")?.into()),
                other => return Err(format!("unknown option {other}")),
            }
        }
        Ok(task)
    }
}

/// What was measured.
pub struct Report {
    answer: String,
    values: Vec<(String, f64)>,
}

impl Report {
    /// `answer` is what the contender worked out; the same for all contenders of a scenario.
    pub fn new(answer: impl ToString) -> Self {
        Self { answer: answer.to_string(), values: Vec::new() }
    }

    /// Adds a value under the key that `scenarios.toml` names.
    #[must_use]
    pub fn with(mut self, key: &str, value: f64) -> Self {
        self.values.push((key.to_owned(), value));
        self
    }

    fn json(&self) -> String {
        // Neither keys nor answers have characters that JSON escapes beyond those of Rust's `{:?}` for ASCII.
        let mut json = format!("{{\"answer\":{:?}", self.answer);
        for (key, value) in &self.values {
            write!(json, ",{key:?}:{value}").expect("a string takes everything");
        }
        json + "}"
    }
}

/// The `main` of a program.
pub fn main(measure: impl FnOnce(&Task) -> Result<Report, String>) -> ExitCode {
    let report = Task::parse(std::env::args().skip(1)).and_then(|task| measure(&task));
    match report {
        Ok(report) => {
            println!("{}", report.with("peak_kib", clock::status_kib("VmHWM") as f64).json());
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Task, String> {
        Task::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_command_line_becomes_a_task() {
        let task = parse("batch lwsac --quick --corpus a.pack").unwrap();
        assert_eq!((task.scenario.as_str(), task.contender.as_str(), task.size(9, 1)), ("batch", "lwsac", 1));
        assert_eq!(task.corpus().unwrap(), &PathBuf::from("a.pack"));
        assert!(task.scratch().is_err());
        for wrong in ["", "batch", "batch lwsac --corpus", "batch lwsac --slow"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_report_is_one_line_of_json() {
        let report = Report::new("7 \"words\"").with("ns", 1.5).with("kib", 3.0);
        assert_eq!(report.json(), r#"{"answer":"7 \"words\"","ns":1.5,"kib":3}"#);
    }
}
