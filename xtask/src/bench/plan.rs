//! `scenarios.toml` of a suite: what is compared, and what is wanted of it.

use std::collections::BTreeMap;
use toml::{Table, Value};

/// All scenarios, and where their texts come from.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) scenarios: Vec<Scenario>,
    pub(crate) corpora: BTreeMap<String, Corpus>,
    /// All programs that a run needs are built at once: they share what takes long. Else each when it is needed.
    pub(crate) together: bool,
    /// Contender to crate.
    pub(crate) crates: BTreeMap<String, String>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scenario {
    /// `program/what`: the program and its first argument.
    pub(crate) name: String,
    pub(crate) title: String,
    /// The first one is ours.
    pub(crate) contenders: Vec<String>,
    pub(crate) corpus: Option<String>,
    /// Left out by `--quick`.
    pub(crate) heavy: bool,
    /// At most so many rounds, for what takes minutes.
    pub(crate) rounds: Option<usize>,
    /// System calls are counted, in a run of their own.
    pub(crate) calls: bool,
    pub(crate) measures: Vec<Measure>,
}

/// One number that the program answers: a cost.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) unit: String,
    pub(crate) goals: Vec<Goal>,
}

/// What a cost should be at most.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Goal {
    /// Bounds the ratio to this contender; without, our cost itself.
    pub(crate) against: Option<String>,
    pub(crate) at_most: f64,
    /// Which goal this is, as the specification names it.
    pub(crate) source: String,
}

/// Where the texts of a corpus come from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Corpus {
    pub(crate) name: String,
    pub(crate) source: Source,
    /// How to get it, for whoever lacks it.
    pub(crate) help: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// A folder of the Rust toolchain.
    Sysroot(String),
    /// Debian packages. Of what they hold, an archive to unpack, or all of it.
    Debian { packages: Vec<String>, archive: Option<String> },
}

impl Scenario {
    pub(crate) fn program(&self) -> &str {
        self.name.split_once('/').map_or(self.name.as_str(), |(program, _)| program)
    }

    pub(crate) fn argument(&self) -> &str {
        self.name.split_once('/').map_or("", |(_, argument)| argument)
    }
}

impl Measure {
    /// Whether other processes on the machine change it.
    pub(crate) fn is_time(&self) -> bool {
        ["ns", "us", "ms", "s"].contains(&self.unit.as_str())
    }
}

impl Plan {
    pub(crate) fn parse(text: &str) -> Result<Plan, String> {
        let table: Table = text.parse().map_err(|e| format!("{e}"))?;
        let together = table.get("together").and_then(Value::as_bool).unwrap_or(false);
        let mut plan = Plan { together, ..Plan::default() };
        for (contender, name) in sub(&table, "crates").into_iter().flatten() {
            let name =
                name.as_str().ok_or_else(|| format!("[crates] {contender} should be a crate's name"))?;
            plan.crates.insert(contender.clone(), name.to_owned());
        }
        for (name, corpus) in sub(&table, "corpus").into_iter().flatten() {
            let corpus = corpus.as_table().ok_or("a corpus is written [corpus.name]")?;
            plan.corpora.insert(name.clone(), Corpus::parse(name, corpus)?);
        }
        for scenario in list(&table, "scenario") {
            let scenario = Scenario::parse(scenario)?;
            if plan.scenarios.iter().any(|s| s.name == scenario.name) {
                return Err(format!("{} stands twice", scenario.name));
            }
            if let Some(corpus) = scenario.corpus.as_ref().filter(|c| !plan.corpora.contains_key(*c)) {
                return Err(format!("{}: no corpus `{corpus}`", scenario.name));
            }
            plan.scenarios.push(scenario);
        }
        Ok(plan)
    }
}

impl Scenario {
    /// The same with fewer contenders: ours, and those that `keep` names. `None` where nobody is left to compare with, and
    /// no goal bounds ours alone.
    pub(crate) fn only(&self, keep: impl Fn(&str) -> bool) -> Option<Scenario> {
        let mut scenario = self.clone();
        let ours = self.contenders[0].clone();
        scenario.contenders.retain(|name| *name == ours || keep(name));
        for measure in &mut scenario.measures {
            let there = |goal: &Goal| goal.against.as_ref().is_none_or(|a| scenario.contenders.contains(a));
            measure.goals.retain(there);
        }
        let alone = scenario.measures.iter().flat_map(|m| &m.goals).any(|goal| goal.against.is_none());
        (scenario.contenders.len() > 1 || alone).then_some(scenario)
    }

    /// Whether a goal names this contender.
    pub(crate) fn is_bounded_by(&self, contender: &str) -> bool {
        self.measures.iter().flat_map(|m| &m.goals).any(|goal| goal.against.as_deref() == Some(contender))
    }

    fn parse(table: &Table) -> Result<Scenario, String> {
        let name = text(table, "name", "a scenario")?;
        let contenders: Vec<String> = strings(table, "contenders");
        let mut measures =
            list(table, "measures").map(|m| Measure::parse(m, &name)).collect::<Result<Vec<_>, _>>()?;
        measures.extend(Measure::of_cpu(table, &name)?);
        let calls = table.contains_key("cpu_per");
        if !name.contains('/') || contenders.is_empty() || measures.is_empty() {
            return Err(format!("{name}: a scenario has a name like program/what, contenders and measures"));
        }
        let scenario = Scenario {
            title: text(table, "title", &name)?,
            corpus: table.get("corpus").and_then(Value::as_str).map(str::to_owned),
            heavy: table.get("heavy").and_then(Value::as_bool).unwrap_or(false),
            rounds: table.get("rounds").and_then(Value::as_integer).and_then(|n| usize::try_from(n).ok()),
            calls,
            name,
            contenders,
            measures,
        };
        let goals = scenario.measures.iter().flat_map(|m| &m.goals);
        match goals.filter_map(|g| g.against.as_ref()).find(|a| !scenario.contenders[1..].contains(a)) {
            Some(stranger) => {
                Err(format!("{}: a goal against `{stranger}`, which does not take part", scenario.name))
            }
            None => Ok(scenario),
        }
    }
}

impl Measure {
    /// `cpu_per = "request"` with `goals`: what most scenarios of servers measure, CPU time and system calls.
    fn of_cpu(table: &Table, scenario: &str) -> Result<Vec<Measure>, String> {
        let Some(what) = table.get("cpu_per").and_then(Value::as_str) else { return Ok(Vec::new()) };
        let goals = list(table, "goals").map(|g| Goal::parse(g, scenario)).collect::<Result<_, _>>()?;
        let measure = |key: &str, title: String, unit: &str, goals| Measure {
            key: key.to_owned(),
            title,
            unit: unit.to_owned(),
            goals,
        };
        Ok(vec![
            measure("us", format!("server CPU per {what}"), "us", goals),
            measure(super::runner::CALLS, format!("system calls per {what}"), "calls", Vec::new()),
        ])
    }

    fn parse(table: &Table, scenario: &str) -> Result<Measure, String> {
        Ok(Measure {
            key: text(table, "key", scenario)?,
            title: text(table, "title", scenario)?,
            unit: text(table, "unit", scenario)?,
            goals: list(table, "goals").map(|g| Goal::parse(g, scenario)).collect::<Result<_, _>>()?,
        })
    }
}

impl Goal {
    fn parse(table: &Table, scenario: &str) -> Result<Goal, String> {
        let bound = table.get("at_most");
        let bound = bound.and_then(|b| b.as_float().or_else(|| b.as_integer().map(|n| n as f64)));
        Ok(Goal {
            against: table.get("against").and_then(Value::as_str).map(str::to_owned),
            at_most: bound.ok_or_else(|| format!("{scenario}: a goal lacks `at_most`"))?,
            source: text(table, "source", scenario)?,
        })
    }
}

impl Corpus {
    fn parse(name: &str, table: &Table) -> Result<Corpus, String> {
        let sysroot = table.get("sysroot").and_then(Value::as_str);
        let packages = strings(table, "debian");
        let source = match sysroot {
            Some(folder) => Source::Sysroot(folder.to_owned()),
            None if packages.is_empty() => {
                return Err(format!("[corpus.{name}] lacks `sysroot` or `debian`"));
            }
            None => {
                let archive = table.get("archive").and_then(Value::as_str).map(str::to_owned);
                Source::Debian { packages, archive }
            }
        };
        Ok(Corpus { name: name.to_owned(), source, help: text(table, "help", name)? })
    }
}

fn sub<'t>(table: &'t Table, key: &str) -> Option<&'t Table> {
    table.get(key).and_then(Value::as_table)
}

fn list<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    table.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

fn strings(table: &Table, key: &str) -> Vec<String> {
    let items = table.get(key).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn text(table: &Table, key: &str, whose: &str) -> Result<String, String> {
    let text = table.get(key).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| format!("{whose} lacks `{key}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"
        [crates]
        ours = "lws-x"
        [corpus.docs]
        sysroot = "share/doc"
        help = "install it"
        [[scenario]]
        name = "arena/new"
        title = "An arena"
        contenders = ["ours", "theirs"]
        corpus = "docs"
        heavy = true
        rounds = 3
        measures = [
            { key = "ns", title = "CPU", unit = "ns", goals = [{ against = "theirs", at_most = 1.5, source = "G1" }, { at_most = 7, source = "G2" }] },
            { key = "kib", title = "memory", unit = "KiB" },
        ]
    "#;

    #[test]
    fn a_plan_is_read() {
        let plan = Plan::parse(PLAN).unwrap();
        let scenario = &plan.scenarios[0];
        assert_eq!((scenario.program(), scenario.argument()), ("arena", "new"));
        assert_eq!(
            (scenario.heavy, scenario.rounds, scenario.corpus.as_deref()),
            (true, Some(3), Some("docs"))
        );
        let goal = |against: Option<&str>, at_most, source: &str| Goal {
            against: against.map(str::to_owned),
            at_most,
            source: source.to_owned(),
        };
        assert_eq!(scenario.measures[0].goals, [goal(Some("theirs"), 1.5, "G1"), goal(None, 7.0, "G2")]);
        assert!(scenario.measures[0].is_time() && !scenario.measures[1].is_time());
        assert_eq!(plan.corpora["docs"].source, Source::Sysroot("share/doc".to_owned()));
        assert_eq!(plan.crates["ours"], "lws-x");
    }

    #[test]
    fn a_server_costs_time_and_calls() {
        let short = "[[scenario]]\nname = \"h1/x\"\ntitle = \"T\"\ncontenders = [\"lws\", \"floor\"]\ncpu_per = \"request\"\n\
                     goals = [{ against = \"floor\", at_most = 1.5, source = \"G\" }]";
        let plan = Plan::parse(short).unwrap();
        let measures = &plan.scenarios[0].measures;
        assert!(plan.scenarios[0].calls);
        assert_eq!((measures[0].key.as_str(), measures[0].goals.len()), ("us", 1));
        assert_eq!((measures[1].key.as_str(), measures[1].goals.len()), ("calls", 0));
    }

    #[test]
    fn contenders_can_be_left_out() {
        let scenario = &Plan::parse(PLAN).unwrap().scenarios[0];
        assert!(scenario.is_bounded_by("theirs") && !scenario.is_bounded_by("ours"));
        let alone = scenario.only(|_| false).unwrap();
        assert_eq!(alone.contenders, ["ours"]);
        assert_eq!(alone.measures[0].goals.len(), 1, "the goal that names nobody");
        let mut free = scenario.clone();
        free.measures[0].goals.clear();
        assert!(free.only(|_| false).is_none());
        assert_eq!(free.only(|name| name == "theirs").unwrap().contenders.len(), 2);
    }

    #[test]
    fn a_wrong_plan_is_refused() {
        for (from, to, wanted) in [
            ("\"arena/new\"", "\"arena\"", "program/what"),
            ("against = \"theirs\"", "against = \"others\"", "does not take part"),
            ("corpus = \"docs\"", "corpus = \"novels\"", "no corpus"),
            ("at_most = 7,", "", "lacks `at_most`"),
            ("sysroot =", "folder =", "lacks `sysroot`"),
            ("title = \"An arena\"", "", "lacks `title`"),
        ] {
            let why = Plan::parse(&PLAN.replace(from, to)).unwrap_err();
            assert!(why.contains(wanted), "{why}");
        }
        let twice = format!("{PLAN}{}", &PLAN[PLAN.find("[[scenario]]").unwrap()..]);
        assert!(Plan::parse(&twice).unwrap_err().contains("twice"));
    }

    #[test]
    fn the_plan_of_the_project_is_right() {
        let path = crate::sh::root().join("ci/bench/data/scenarios.toml");
        let plan = Plan::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert!(!plan.scenarios.is_empty());
        for scenario in &plan.scenarios {
            assert!(
                scenario.contenders[0].starts_with("lws"),
                "{}: the first contender is ours",
                scenario.name
            );
        }
    }
}
