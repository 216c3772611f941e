//! One suite of benchmarks: ours beside what others use.
//!
//! [`plan`](super::plan) says what to compare, [`runner`](super::runner) measures, [`results`] draws the
//! conclusions; the table goes to stdout, the page and the numbers to `target/bench/<suite>`.

use super::machine::Machine;
use super::plan::{Plan, Scenario};
use super::results::{self, Row, Run};
use super::runner::{Runner, Without};
use super::stats::{BUSY, Verdict, WIDER};
use super::{docs, html, table};
use crate::sh;
use std::path::PathBuf;
use std::time::Instant;

const USAGE: &str = "usage: cargo xtask bench data|net [SCENARIO]... [--against NAME] [--goals] [--rounds N] [--quick] [--compare FILE]\n\n  \
    --only NAME     only scenarios whose name begins so, e.g. arena or arena/new; may come again\n  \
    --against NAME  only this contender beside ours; may come again\n  \
    --goals         only scenarios that have goals, and only the contenders that those name\n  \
    --rounds N      how often each pair is measured (7; with --quick 1)\n  \
    --quick         one round of less work, and none of the scenarios that take minutes; goals are shown, not judged\n  \
    --compare FILE  shows beside each ratio that of an earlier results.json\n  \
    --write-docs    writes the rows of the run into the table of docs/performance.md (net)\n  \
    --no-run        with --write-docs: from the results.json that is there\n";

const ROUNDS: usize = 7;
const QUICK_ROUNDS: usize = 1;
const GOALS_ROUNDS: usize = 3;

#[derive(Debug, Default, PartialEq)]
struct Options {
    only: Vec<String>,
    against: Vec<String>,
    goals: bool,
    write_docs: bool,
    no_run: bool,
    rounds: Option<usize>,
    quick: bool,
    compare: Option<PathBuf>,
}

/// Runs the suite in `ci/bench/<name>`.
pub(crate) fn run(name: &str, args: &[String]) -> Result<(), String> {
    if args.iter().any(|arg| arg == "--help") {
        print!("{USAGE}");
        return Ok(());
    }
    let options = Options::parse(args)?;
    let folder = sh::target_dir().join("bench").join(name);
    let package = sh::root().join("ci/bench").join(name);
    let path = package.join("scenarios.toml");
    let plan = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let plan = Plan::parse(&plan).map_err(|e| format!("{}: {e}", path.display()))?;
    if options.no_run {
        return write_docs(&plan, &read_json(&folder.join("results.json"))?);
    }
    let old = options.compare.as_ref().map(read_json).transpose()?;
    let scenarios = options.choose(&plan)?;

    let runner = Runner::new(&plan, &package, options.rounds(), options.quick, &folder, &scenarios)?;
    let run = measure(runner, &scenarios, &options)?;
    let mut rows = run.rows();
    if let Some(old) = old {
        results::compare(&mut rows, &old).map_err(|e| format!("--compare: {e}"))?;
    }
    print!("\n{}", table::text(&rows));
    for (scenario, contender, why) in run.missing() {
        println!("{scenario}: without {contender}: {}", why.lines().next().unwrap_or_default());
    }
    if run.load() > BUSY {
        println!(
            "\nwarning: the machine was busy (load average {}): bounds of times were {:.0} % wider where it was, met* is met only so",
            table::number(run.load()),
            (WIDER - 1.0) * 100.0
        );
    }
    write(&folder.join("results.json"), &format!("{:#}\n", run.json()))?;
    write(&folder.join("index.html"), &html::page(&run, &rows))?;
    println!("\n{}", folder.join("index.html").display());
    if options.write_docs {
        write_docs(&plan, &run.json())?;
    }
    conclude(&run, &rows)
}

fn measure(mut runner: Runner<'_>, scenarios: &[Scenario], options: &Options) -> Result<Run, String> {
    let mut run = Run { machine: Machine::look(), quick: options.quick, ..Run::default() };
    for scenario in scenarios {
        let start = Instant::now();
        match runner.measure(scenario) {
            Ok(sampled) => {
                let note = format!("load {}", table::number(sampled.load));
                say("RAN", scenario, start, &note);
                run.sampled.push(sampled);
            }
            Err(Without::Skipped(why)) => {
                say("SKIP", scenario, start, &why);
                run.skipped.push((scenario.name.clone(), why));
            }
            Err(Without::Failed(why)) => {
                say("FAIL", scenario, start, &why);
                run.failed.push((scenario.name.clone(), why));
            }
        }
    }
    // After the builds, which may have written the lock file.
    run.versions = runner.versions();
    Ok(run)
}

/// One line when a scenario is done: its name is longer than those `sh::line` is made for.
fn say(verdict: &str, scenario: &Scenario, start: Instant, note: &str) {
    println!("{verdict:<5} {:<22} {:>6.1} s  {note}", scenario.name, start.elapsed().as_secs_f64());
}

/// The counts, which are the last line: a goal each; a scenario that failed counts as one. One round of a quick run says
/// little about speed, so there each scenario counts, and only what does not work is a failure.
fn conclude(run: &Run, rows: &[Row]) -> Result<(), String> {
    if run.quick {
        let (ran, failed) = (run.sampled.len(), run.failed.len());
        println!("{ran} passed, {failed} failed, {} skipped", run.skipped.len());
        return if failed == 0 { Ok(()) } else { Err(String::new()) };
    }
    let verdicts = rows.iter().filter_map(|row| row.goal.as_ref().map(|(_, verdict)| *verdict));
    let (missed, met): (Vec<Verdict>, Vec<Verdict>) =
        verdicts.partition(|verdict| *verdict == Verdict::Missed);
    let failed = missed.len() + run.failed.len();
    println!("{} passed, {failed} failed, {} skipped", met.len(), run.skipped.len());
    if failed == 0 { Ok(()) } else { Err(String::new()) }
}

fn write_docs(plan: &Plan, results: &serde_json::Value) -> Result<(), String> {
    let path = sh::root().join("docs/performance.md");
    let page = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let names: Vec<&str> = plan.scenarios.iter().map(|s| s.name.as_str()).collect();
    let page = docs::write(&page, results, &names).map_err(|e| format!("{}: {e}", path.display()))?;
    write(&path, &page)?;
    println!("wrote docs/performance.md");
    Ok(())
}

fn read_json(path: &PathBuf) -> Result<serde_json::Value, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &PathBuf, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))
}

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let mut options = Options::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} wants a value after it\n{USAGE}"));
            match arg.as_str() {
                "--rounds" => {
                    let rounds = value()?.parse().ok().filter(|n| *n > 0);
                    options.rounds = Some(rounds.ok_or("--rounds wants a number from 1 on")?);
                }
                "--against" => options.against.push(value()?.clone()),
                "--goals" => options.goals = true,
                "--write-docs" => options.write_docs = true,
                "--no-run" => options.no_run = true,
                "--quick" => options.quick = true,
                "--compare" => options.compare = Some(value()?.into()),
                option if option.starts_with('-') => {
                    return Err(format!("unknown option {option}\n{USAGE}"));
                }
                scenario => options.only.push(scenario.to_owned()),
            }
        }
        Ok(options)
    }

    fn rounds(&self) -> usize {
        self.rounds.unwrap_or(match self {
            Options { quick: true, .. } => QUICK_ROUNDS,
            Options { goals: true, .. } => GOALS_ROUNDS,
            _ => ROUNDS,
        })
    }

    /// The scenarios to run, in the plan's order.
    fn choose(&self, plan: &Plan) -> Result<Vec<Scenario>, String> {
        let wanted = |scenario: &&Scenario| {
            self.only.is_empty() || self.only.iter().any(|name| scenario.name.starts_with(name.as_str()))
        };
        let keep = |scenario: &Scenario| {
            scenario.only(|name| {
                (self.against.is_empty() || self.against.iter().any(|wanted| wanted == name))
                    && (!self.goals || scenario.is_bounded_by(name))
            })
        };
        let chosen: Vec<Scenario> = plan
            .scenarios
            .iter()
            .filter(wanted)
            .filter(|s| !(self.quick && s.heavy))
            .filter_map(|s| if self.against.is_empty() && !self.goals { Some(s.clone()) } else { keep(s) })
            .collect();
        if chosen.is_empty() {
            let names: Vec<&str> = plan.scenarios.iter().map(|s| s.name.as_str()).collect();
            return Err(format!("no such scenario\nhelp: there are {}", names.join(", ")));
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::example;
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_are_read() {
        let options = parse("arena pool --against a --goals --rounds 5 --quick --compare old.json").unwrap();
        let wanted = Options {
            only: vec!["arena".to_owned(), "pool".to_owned()],
            against: vec!["a".to_owned()],
            goals: true,
            rounds: Some(5),
            quick: true,
            compare: Some("old.json".into()),
            ..Options::default()
        };
        assert_eq!(options, wanted);
        for wrong in ["--rounds", "--rounds 0", "--rounds x", "--fast", "--only arena", "--against"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn scenarios_are_chosen_by_the_beginning_of_their_names() {
        let mut plan = Plan::default();
        for (name, heavy) in [("arena/new", false), ("arena/large", true), ("pool/dispatch", false)] {
            let scenario = example().sampled.remove(0).scenario;
            plan.scenarios.push(Scenario { name: name.to_owned(), heavy, ..scenario });
        }
        for (line, wanted) in [
            ("", vec!["arena/new", "arena/large", "pool/dispatch"]),
            ("--quick", vec!["arena/new", "pool/dispatch"]),
            ("arena", vec!["arena/new", "arena/large"]),
            ("pool/d arena/new", vec!["arena/new", "pool/dispatch"]),
            ("--goals pool", vec!["pool/dispatch"]),
        ] {
            let chosen = parse(line).unwrap().choose(&plan).unwrap();
            assert_eq!(chosen.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), wanted, "{line}");
        }
        let one = parse("pool --against malloc").unwrap().choose(&plan).unwrap();
        assert_eq!(one[0].contenders, ["lwsac", "malloc"]);
        assert!(parse("net").unwrap().choose(&plan).unwrap_err().contains("arena/new"));
    }

    #[test]
    fn a_missed_goal_or_a_failed_scenario_fails_the_run() {
        let mut run = example();
        assert!(conclude(&run, &run.rows()).is_err());
        run.sampled[0].scenario.measures[0].goals.pop();
        assert_eq!(conclude(&run, &run.rows()), Ok(()));
        run.failed.push(("arena/new".to_owned(), "it fell over".to_owned()));
        assert!(conclude(&run, &run.rows()).is_err());
    }

    #[test]
    fn a_quick_run_fails_only_by_what_does_not_work() {
        let mut run = Run { quick: true, ..example() };
        assert_eq!(conclude(&run, &run.rows()), Ok(()));
        run.failed.push(("arena/new".to_owned(), "it fell over".to_owned()));
        assert!(conclude(&run, &run.rows()).is_err());
    }
}
