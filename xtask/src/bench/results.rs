//! What was measured, and what it says.
//!
//! [`Sampled`] holds the numbers as they came; [`rows`] makes of them one [`Row`] per pair of contenders and per goal. The
//! table, the page, and `results.json` show rows.

use super::machine::Machine;
use super::plan::{Goal, Measure, Scenario};
use super::stats::{BUSY, Spread, Verdict, ratios};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A whole run.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) machine: Machine,
    pub(crate) quick: bool,
    pub(crate) sampled: Vec<Sampled>,
    /// Scenario, and why it could not run here.
    pub(crate) skipped: Vec<(String, String)>,
    /// Scenario, and what went wrong.
    pub(crate) failed: Vec<(String, String)>,
    /// Contender and its version.
    pub(crate) versions: BTreeMap<String, String>,
}

/// The numbers of one scenario.
#[derive(Debug)]
pub(crate) struct Sampled {
    pub(crate) scenario: Scenario,
    /// The highest load average during it.
    pub(crate) load: f64,
    /// For each contender, in the scenario's order: key to the numbers of all rounds.
    pub(crate) samples: Vec<BTreeMap<String, Vec<f64>>>,
    /// Contenders that are not on this machine, and why.
    pub(crate) missing: BTreeMap<String, String>,
}

/// One line of the report.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) scenario: String,
    pub(crate) title: String,
    pub(crate) measure: Measure,
    pub(crate) contender: String,
    pub(crate) ours: Spread,
    /// Nothing where a goal bounds our cost itself.
    pub(crate) pair: Option<Pair>,
    pub(crate) goal: Option<(Goal, Verdict)>,
    /// What the goal bounds, in an earlier run.
    pub(crate) before: Option<Spread>,
}

/// Ours beside theirs.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) against: String,
    pub(crate) theirs: Spread,
    pub(crate) ratio: Spread,
}

impl Row {
    /// What the goal bounds: the ratio, or our cost where there is nobody to compare with.
    pub(crate) fn judged(&self) -> Spread {
        self.pair.as_ref().map_or(self.ours, |pair| pair.ratio)
    }

    /// How `judged` changed since an earlier run; `None` where the two may well be the same.
    pub(crate) fn change(&self) -> Option<f64> {
        let (now, before) = (self.judged(), self.before?);
        let change = now.median / before.median;
        (now.apart(&before) && (change - 1.0).abs() > 0.05).then_some(change)
    }

    /// The same row in another run.
    fn key(&self) -> String {
        let against = self.pair.as_ref().map_or("", |pair| &pair.against);
        format!("{} {} {against}", self.scenario, self.measure.key)
    }
}

impl Sampled {
    pub(crate) fn busy(&self) -> bool {
        self.load > BUSY
    }

    fn numbers(&self, contender: usize, key: &str) -> &[f64] {
        self.samples.get(contender).and_then(|s| s.get(key)).map_or(&[], Vec::as_slice)
    }
}

/// The rows of one scenario.
pub(crate) fn rows(sampled: &Sampled) -> Vec<Row> {
    let scenario = &sampled.scenario;
    let mut rows = Vec::new();
    for measure in &scenario.measures {
        let ours = sampled.numbers(0, &measure.key);
        let Some(our_spread) = Spread::of(ours) else { continue };
        let wider = sampled.busy() && measure.is_time();
        let mut add = |pair: Option<Pair>, goal: Option<&Goal>| {
            let judged = pair.as_ref().map_or(our_spread, |pair| pair.ratio);
            rows.push(Row {
                scenario: scenario.name.clone(),
                title: scenario.title.clone(),
                measure: measure.clone(),
                contender: scenario.contenders[0].clone(),
                ours: our_spread,
                pair,
                goal: goal.map(|goal| (goal.clone(), Verdict::of(judged.median, goal.at_most, wider))),
                before: None,
            });
        };
        let alone = measure.goals.iter().filter(|goal| goal.against.is_none());
        alone.for_each(|goal| add(None, Some(goal)));
        let mut pairs = 0;
        for (at, against) in scenario.contenders.iter().enumerate().skip(1) {
            let theirs = sampled.numbers(at, &measure.key);
            // Both may be nothing at all, such as calls of an allocator: there is no ratio then.
            let (Some(theirs), Some(ratio)) = (Spread::of(theirs), Spread::of(&ratios(ours, theirs))) else {
                continue;
            };
            let goal = measure.goals.iter().find(|goal| goal.against.as_ref() == Some(against));
            add(Some(Pair { against: against.clone(), theirs, ratio }), goal);
            pairs += 1;
        }
        if pairs == 0 && measure.goals.iter().all(|goal| goal.against.is_some()) {
            add(None, None);
        }
    }
    rows
}

impl Run {
    pub(crate) fn rows(&self) -> Vec<Row> {
        self.sampled.iter().flat_map(rows).collect()
    }

    /// Scenario, contender that is not on this machine, why.
    pub(crate) fn missing(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.sampled.iter().flat_map(|s| {
            s.missing.iter().map(|(who, why)| (s.scenario.name.as_str(), who.as_str(), why.as_str()))
        })
    }

    /// The highest load average during the run.
    pub(crate) fn load(&self) -> f64 {
        self.sampled.iter().map(|s| s.load).fold(0.0, f64::max)
    }

    pub(crate) fn json(&self) -> Value {
        let names = |list: &[(String, String)]| -> Vec<Value> {
            list.iter().map(|(name, why)| json!({"scenario": name, "why": why})).collect()
        };
        json!({
            "machine": self.machine.json(),
            "quick": self.quick,
            "load": self.load(),
            "versions": self.versions,
            "scenarios": self.sampled.iter().map(sampled_json).collect::<Vec<_>>(),
            "skipped": names(&self.skipped),
            "failed": names(&self.failed),
        })
    }
}

fn sampled_json(sampled: &Sampled) -> Value {
    let contenders = sampled.scenario.contenders.iter().zip(&sampled.samples);
    json!({
        "name": sampled.scenario.name,
        "title": sampled.scenario.title,
        "ours": sampled.scenario.contenders[0],
        "load": sampled.load,
        "missing": sampled.missing,
        "samples": contenders.map(|(name, samples)| (name.clone(), json!(samples))).collect::<serde_json::Map<_, _>>(),
        "rows": rows(sampled).iter().map(row_json).collect::<Vec<_>>(),
    })
}

fn row_json(row: &Row) -> Value {
    json!({
        "key": row.key(),
        "unit": row.measure.unit,
        "measure": row.measure.title,
        "ours": row.ours.median,
        "against": row.pair.as_ref().map(|pair| pair.against.as_str()),
        "theirs": row.pair.as_ref().map(|pair| pair.theirs.median),
        "judged": {"low": row.judged().low, "median": row.judged().median, "high": row.judged().high},
        "goal": row.goal.as_ref().map(|(goal, _)| goal.at_most),
        "source": row.goal.as_ref().map(|(goal, _)| goal.source.as_str()),
        "verdict": row.goal.as_ref().map(|(_, verdict)| verdict.word()),
    })
}

/// Notes in `rows` what an earlier `results.json` says of them.
pub(crate) fn compare(rows: &mut [Row], old: &Value) -> Result<(), String> {
    let scenarios = old["scenarios"].as_array().ok_or("it has no scenarios: is it a results.json?")?;
    let old: BTreeMap<&str, Spread> = scenarios
        .iter()
        .flat_map(|s| s["rows"].as_array().into_iter().flatten())
        .filter_map(|row| {
            let number = |key: &str| row["judged"][key].as_f64();
            let spread = Spread { low: number("low")?, median: number("median")?, high: number("high")? };
            Some((row["key"].as_str()?, spread))
        })
        .collect();
    for row in rows {
        row.before = old.get(row.key().as_str()).copied();
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Ours against two others; a goal met, one missed, one for ours alone.
    pub(crate) fn example() -> Run {
        let goal = |against: Option<&str>, at_most: f64, source: &str| Goal {
            against: against.map(str::to_owned),
            at_most,
            source: source.to_owned(),
        };
        let measure = |key: &str, unit: &str, goals: Vec<Goal>| Measure {
            key: key.to_owned(),
            title: format!("{key} <of> it"),
            unit: unit.to_owned(),
            goals,
        };
        let scenario = Scenario {
            name: "arena/new".to_owned(),
            title: "An arena & more".to_owned(),
            contenders: ["lwsac", "bumpalo", "malloc"].map(str::to_owned).to_vec(),
            corpus: None,
            heavy: false,
            rounds: None,
            calls: false,
            measures: vec![
                measure("ns", "ns", vec![goal(Some("bumpalo"), 1.1, "G1"), goal(Some("malloc"), 0.2, "G2")]),
                measure("calls", "calls", vec![goal(None, 0.0, "G3")]),
            ],
        };
        let samples = |ns: [f64; 3], calls: f64| {
            BTreeMap::from([("ns".to_owned(), ns.to_vec()), ("calls".to_owned(), vec![calls; 3])])
        };
        Run {
            sampled: vec![Sampled {
                scenario,
                load: 1.0,
                samples: vec![
                    samples([2.0, 4.0, 3.0], 0.0),
                    samples([2.0, 4.0, 2.0], 0.0),
                    samples([8.0, 8.0, 12.0], 5.0),
                ],
                missing: BTreeMap::new(),
            }],
            skipped: vec![("text/linux".to_owned(), "no such package".to_owned())],
            ..Run::default()
        }
    }

    #[test]
    fn each_pair_and_each_goal_is_a_row() {
        let rows = example().rows();
        let seen: Vec<_> = rows
            .iter()
            .map(|row| {
                let against = row.pair.as_ref().map(|pair| pair.against.as_str());
                (row.measure.key.as_str(), against, row.judged().median, row.goal.as_ref().map(|(_, v)| *v))
            })
            .collect();
        let wanted = [
            ("ns", Some("bumpalo"), 1.0, Some(Verdict::Met)),
            ("ns", Some("malloc"), 0.25, Some(Verdict::Missed)),
            ("calls", None, 0.0, Some(Verdict::Met)),
            // None against bumpalo: it calls as little.
            ("calls", Some("malloc"), 0.0, None),
        ];
        assert_eq!(seen, wanted);
    }

    #[test]
    fn times_have_wider_bounds_on_a_busy_machine_and_counts_do_not() {
        let mut run = example();
        run.sampled[0].load = BUSY + 0.1;
        run.sampled[0].samples[0].insert("ns".to_owned(), vec![1.8]);
        run.sampled[0].samples[2].insert("ns".to_owned(), vec![8.0]);
        run.sampled[0].samples[0].insert("calls".to_owned(), vec![0.1]);
        let verdicts: Vec<_> =
            run.rows().iter().filter_map(|row| row.goal.as_ref().map(|(_, v)| *v)).collect();
        // 1.8 / 8 is 0.225, which 0.2 allows within its 15 %.
        assert_eq!(verdicts, [Verdict::Met, Verdict::MetWider, Verdict::Missed]);
    }

    #[test]
    fn a_run_is_compared_with_what_it_wrote() {
        let old = example().json();
        let mut run = example();
        let mut rows = run.rows();
        compare(&mut rows, &old).unwrap();
        assert!(rows.iter().all(|row| row.before == Some(row.judged()) && row.change().is_none()));
        run.sampled[0].samples[0].insert("ns".to_owned(), vec![6.0, 12.0, 9.0]);
        let mut rows = run.rows();
        compare(&mut rows, &old).unwrap();
        assert_eq!(rows[1].change(), Some(3.0));
        assert!(compare(&mut rows, &json!({"results": []})).is_err());
    }

    #[test]
    fn the_json_tells_samples_goals_and_what_was_left_out() {
        let json = example().json();
        assert_eq!(json["scenarios"][0]["samples"]["malloc"]["ns"], json!([8.0, 8.0, 12.0]));
        assert_eq!(json["scenarios"][0]["rows"][1]["verdict"], "MISSED");
        assert_eq!(json["skipped"][0]["why"], "no such package");
    }
}
