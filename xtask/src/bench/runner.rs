//! Runs the programs of a suite: builds them, starts each contender in turn, collects what they answer.
//!
//! Each measurement is a process of its own, so that peak memory is its own, and so that no contender finds the
//! allocator, the caches or the address space as another one left them. The first contender of a round changes from round
//! to round: whoever comes after the heaviest one should not always be the same.

use super::corpus::{self, Missing};
use super::machine;
use super::plan::{Plan, Scenario};
use super::results::Sampled;
use crate::sh;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Beside the programs of the scenarios, which are built when one needs them.
const PACKER: &str = "corpus";

/// The key of the measure that a run of its own gives.
pub(super) const CALLS: &str = "calls";

/// Why a scenario has no numbers.
pub(crate) enum Without {
    Skipped(String),
    Failed(String),
}

pub(crate) struct Runner<'p> {
    plan: &'p Plan,
    /// `ci/bench/<suite>`
    package: PathBuf,
    rounds: usize,
    quick: bool,
    /// `target/bench/<suite>`
    folder: PathBuf,
    /// Programs that are built at once.
    together: Vec<String>,
    /// Programs that were built, or why not.
    built: BTreeMap<String, Result<PathBuf, String>>,
}

impl<'p> Runner<'p> {
    pub(crate) fn new(
        plan: &'p Plan,
        package: &Path,
        rounds: usize,
        quick: bool,
        folder: &Path,
        scenarios: &[Scenario],
    ) -> Result<Runner<'p>, String> {
        let scratch = folder.join("scratch");
        // It is there where an earlier run was stopped.
        let _ = std::fs::remove_dir_all(&scratch);
        std::fs::create_dir_all(&scratch).map_err(|e| format!("cannot make {}: {e}", scratch.display()))?;
        let (package, folder) = (package.to_owned(), folder.to_owned());
        let all: BTreeSet<&str> = scenarios.iter().filter(|_| plan.together).map(Scenario::program).collect();
        let together = all.into_iter().map(str::to_owned).collect();
        Ok(Runner { plan, package, rounds, quick, folder, together, built: BTreeMap::new() })
    }

    /// Measures one scenario, all rounds.
    pub(crate) fn measure(&mut self, scenario: &Scenario) -> Result<Sampled, Without> {
        let corpus = scenario.corpus.as_ref().map(|name| self.corpus(name)).transpose()?;
        let program = self.program(scenario.program()).map_err(Without::Failed)?;
        let rounds = self.rounds.min(scenario.rounds.unwrap_or(usize::MAX));
        let mut sampled = Sampled {
            scenario: scenario.clone(),
            load: machine::load(),
            samples: vec![BTreeMap::new(); scenario.contenders.len()],
            missing: BTreeMap::new(),
        };
        let mut answer: Option<String> = None;
        for round in 0..rounds {
            for turn in 0..scenario.contenders.len() {
                let at = (round + turn) % scenario.contenders.len();
                let contender = &scenario.contenders[at];
                if sampled.missing.contains_key(contender) {
                    continue;
                }
                let report = match self.run(&program, scenario, contender, corpus.as_deref(), &[]) {
                    Ok(Answer::Report(report)) => report,
                    // Without ours there is nothing to compare; without another there are still the others.
                    Ok(Answer::Missing(why)) if at == 0 => return Err(Without::Skipped(why)),
                    Ok(Answer::Missing(why)) => {
                        sampled.missing.insert(contender.clone(), why);
                        continue;
                    }
                    Err(why) if at == 0 || !scenario.calls => return Err(Without::Failed(why)),
                    // A server of somebody else's that does not work is as good as not there.
                    Err(why) => {
                        sampled.missing.insert(contender.clone(), why);
                        continue;
                    }
                };
                let agreed = answer.get_or_insert_with(|| report.answer.clone());
                if *agreed != report.answer {
                    return Err(Without::Failed(format!(
                        "{contender} answers {}, others {agreed}",
                        report.answer
                    )));
                }
                for (key, value) in report.values {
                    sampled.samples[at].entry(key).or_default().push(value);
                }
            }
            sampled.load = sampled.load.max(machine::load());
        }
        if scenario.calls {
            self.count_calls(&program, scenario, &mut sampled);
        }
        Ok(sampled)
    }

    /// One more run of each contender, for its system calls; who cannot be traced has none.
    fn count_calls(&self, program: &Path, scenario: &Scenario, sampled: &mut Sampled) {
        for (at, contender) in scenario.contenders.iter().enumerate() {
            if sampled.missing.contains_key(contender) {
                continue;
            }
            if let Ok(Answer::Report(report)) = self.run(program, scenario, contender, None, &["--calls"])
                && let Some(calls) = report.values.get(CALLS)
            {
                sampled.samples[at].insert(CALLS.to_owned(), vec![*calls]);
            }
        }
    }

    fn run(
        &self,
        program: &Path,
        scenario: &Scenario,
        contender: &str,
        corpus: Option<&Path>,
        more: &[&str],
    ) -> Result<Answer, String> {
        let name = file_name(&format!("{}-{contender}", scenario.name));
        // One per program, corpus and contender: what one scenario builds the next one may search.
        let place =
            [scenario.program(), scenario.corpus.as_deref().unwrap_or("none"), contender].map(file_name);
        let scratch = self.folder.join("scratch").join(place.join("-"));
        std::fs::create_dir_all(&scratch).map_err(|e| format!("cannot make {}: {e}", scratch.display()))?;
        let mut command = Command::new(program);
        command.arg(scenario.argument()).arg(contender).arg("--scratch").arg(&scratch);
        if let Some(corpus) = corpus {
            command.arg("--corpus").arg(corpus);
        }
        command.args(self.quick.then_some("--quick")).args(more);
        let outcome = sh::must(&format!("bench-{name}"), &mut command)?;
        let text = sh::text(&outcome.log);
        Answer::parse(text.lines().next_back().unwrap_or_default())
            .ok_or_else(|| format!("{name}: no report: {text}"))
    }

    fn corpus(&mut self, name: &str) -> Result<PathBuf, Without> {
        let packer = self.program(PACKER).map_err(Without::Failed)?;
        let corpus =
            self.plan.corpora.get(name).ok_or_else(|| Without::Failed(format!("no corpus {name}")))?;
        corpus::pack(corpus, &self.folder.join("corpora"), &packer).map_err(|missing| match missing {
            Missing::Skip(why) => Without::Skipped(why),
            Missing::Failed(why) => Without::Failed(why),
        })
    }

    /// The path of a program, built on first use: a scenario that is not run needs nothing compiled.
    fn program(&mut self, name: &str) -> Result<PathBuf, String> {
        let (package, together) = (&self.package, &self.together);
        self.built.entry(name.to_owned()).or_insert_with(|| build(package, name, together)).clone()
    }

    /// The versions of the contenders, from the lock file.
    pub(crate) fn versions(&self) -> BTreeMap<String, String> {
        let lock = std::fs::read_to_string(self.package.join("Cargo.lock")).unwrap_or_default();
        let locked = locked(&lock);
        let version = |(who, name): (&String, &String)| Some((who.clone(), locked.get(name)?.clone()));
        self.plan.crates.iter().filter_map(version).collect()
    }
}

/// What contenders left on disk goes at the end of a run, so that no contender pays for removing it.
impl Drop for Runner<'_> {
    fn drop(&mut self) {
        // What remains is removed at the start of the next run.
        let _ = std::fs::remove_dir_all(self.folder.join("scratch"));
    }
}

fn build(package: &Path, program: &str, together: &[String]) -> Result<PathBuf, String> {
    let target = sh::target_dir().join("bench").join("build");
    let mut cargo = sh::cargo();
    cargo.args(["build", "--release", "--bins", "--target-dir"]).arg(&target);
    cargo.arg("--manifest-path").arg(package.join("Cargo.toml"));
    // A program has a feature of its name, which brings its dependencies; the packer needs none. Those that lack their
    // feature are not built.
    match together {
        [] if program == PACKER => {}
        [] => {
            cargo.args(["--features", program]);
        }
        all => {
            cargo.args(["--features", &all.join(",")]);
        }
    }
    let outcome = sh::must(&format!("bench-build-{program}"), &mut cargo)?;
    sh::line("BUILT", program, outcome.took, "");
    Ok(target.join("release").join(program))
}

/// Name and version of all packages in a lock file; the highest version where there are several.
fn locked(lock: &str) -> BTreeMap<String, String> {
    let table: toml::Table = lock.parse().unwrap_or_default();
    let packages = table.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let field =
        |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    packages.filter_map(|p| Some((field(p, "name")?, field(p, "version")?))).collect()
}

/// What a program wrote: `{"answer":"…","ns":1.5,…}`.
#[derive(Debug, PartialEq)]
struct Report {
    answer: String,
    values: BTreeMap<String, f64>,
}

/// Or that the contender is not on this machine: `{"missing":"why"}`.
#[derive(Debug, PartialEq)]
enum Answer {
    Report(Report),
    Missing(String),
}

impl Answer {
    fn parse(line: &str) -> Option<Answer> {
        let json: Value = serde_json::from_str(line).ok()?;
        if let Some(why) = json["missing"].as_str() {
            return Some(Answer::Missing(why.to_owned()));
        }
        let values = json
            .as_object()?
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), value.as_f64()?)))
            .collect();
        Some(Answer::Report(Report { answer: json["answer"].as_str()?.to_owned(), values }))
    }
}

/// `name` as a file may be called.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '.' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_an_answer_and_numbers() {
        let answer = Answer::parse(r#"{"answer":"7 words","ns":1.5,"peak_kib":2000}"#).unwrap();
        let Answer::Report(report) = answer else { panic!("{answer:?}") };
        assert_eq!(report.answer, "7 words");
        let missing = Answer::parse(r#"{"missing":"no such program"}"#);
        assert_eq!(missing, Some(Answer::Missing("no such program".to_owned())));
        assert_eq!(report.values, BTreeMap::from([("ns".to_owned(), 1.5), ("peak_kib".to_owned(), 2000.0)]));
        for wrong in ["", "{}", "error: no", "{\"ns\":1}"] {
            assert_eq!(Answer::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn versions_come_from_the_lock_file() {
        let lock = "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.2.3\"\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\n";
        assert_eq!(locked(lock)["a"], "1.2.3");
        assert!(locked("").is_empty());
    }

    #[test]
    fn file_names_have_no_separators() {
        assert_eq!(file_name("arena/new-bumpalo + HashSet"), "arena_new-bumpalo___HashSet");
    }
}
