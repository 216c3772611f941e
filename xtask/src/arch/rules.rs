//! The rule engine of `cargo xtask arch`: plain data in, messages out.
//!
//! ```text
//! edge a -> b (both ours)     layer(b) < layer(a), or listed under [[sideways]]
//! [[never]] from, to, except  no chain a -> … -> b of ours; no direct dependency on a third-party b
//! [[only]]  from, to          the direct dependencies of ours are among `to`
//! [[exception]], [[unsafe]]   what a file may lack or contain, with its reason
//! ```
//! What is listed must also be needed: an entry that excuses nothing any more is a breach, so the file cannot rot.

use std::collections::BTreeMap;
use std::path::PathBuf;
use toml::{Table, Value};

/// The layer of `tools`: above all others, so that they may use anything.
const TOOLS: usize = usize::MAX;
/// Up to here crates are no_std without unsafe.
const LAST_NO_STD_LAYER: usize = 3;

/// A member of the workspace, as far as the rules look at it.
pub(crate) struct Package {
    pub(crate) name: String,
    /// Normal and build dependencies.
    pub(crate) dependencies: Vec<String>,
    /// Its `lib.rs`; empty for a program.
    pub(crate) lib: PathBuf,
}

/// `ci/arch.toml`, with groups resolved into patterns.
#[derive(Default)]
pub(crate) struct Rules {
    /// Crate name and layer.
    pub(crate) layers: BTreeMap<String, usize>,
    sideways: Vec<(String, String)>,
    never: Vec<Never>,
    only: Vec<Never>,
    /// Crate and what it lacks.
    exceptions: Vec<(String, String)>,
    unsafe_files: Vec<String>,
}

/// A `[[never]]` or `[[only]]` entry.
struct Never {
    from: Vec<String>,
    to: Vec<String>,
    except: Vec<String>,
    why: String,
    help: String,
}

impl Rules {
    /// Reads the text of `ci/arch.toml`; an error names the key that is wrong.
    pub(crate) fn parse(text: &str) -> Result<Rules, String> {
        let table: Table = text.parse().map_err(|e| format!("{e}"))?;
        let groups = table.get("groups").and_then(Value::as_table).cloned().unwrap_or_default();
        let mut rules = Rules::default();
        for (layer, crates) in table.get("layers").and_then(Value::as_table).ok_or("no [layers]")? {
            let number = match layer.as_str() {
                "tools" => TOOLS,
                _ => layer
                    .strip_prefix('L')
                    .and_then(|n| n.parse().ok())
                    .ok_or_else(|| format!("no such layer: {layer}"))?,
            };
            for name in strings(crates)? {
                if rules.layers.insert(name.clone(), number).is_some() {
                    return Err(format!("{name} stands in two layers"));
                }
            }
        }
        for e in entries(&table, "sideways")? {
            string(e, "why")?;
            rules.sideways.push((string(e, "from")?, string(e, "to")?));
        }
        for e in entries(&table, "never")? {
            rules.never.push(never(e, &groups)?);
        }
        for e in entries(&table, "only")? {
            rules.only.push(never(e, &groups)?);
        }
        for e in entries(&table, "exception")? {
            string(e, "why")?;
            rules.exceptions.push((string(e, "crate")?, string(e, "lacks")?));
        }
        for e in entries(&table, "unsafe")? {
            string(e, "why")?;
            rules.unsafe_files.push(string(e, "path")?);
        }
        Ok(rules)
    }

    /// True where the crate must have `what` ("no_std", "forbid_unsafe").
    pub(crate) fn must(&self, what: &str, name: &str, layer: usize) -> bool {
        layer <= LAST_NO_STD_LAYER && !self.exceptions.iter().any(|(n, lacks)| n == name && lacks == what)
    }
}

/// All breaches of layers, sideways, never and only rules.
pub(crate) fn check(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut wrong = Vec::new();
    let ours: BTreeMap<&str, &Package> = packages.iter().map(|p| (p.name.as_str(), p)).collect();
    for name in ours.keys().filter(|n| !rules.layers.contains_key(**n)) {
        wrong
            .push(format!("{name} stands nowhere in ci/arch.toml\nhelp: add it to its layer under [layers]"));
    }
    for name in rules.layers.keys().filter(|n| !ours.contains_key(n.as_str())) {
        wrong.push(format!(
            "ci/arch.toml lists {name}, which is no crate of the workspace\nhelp: remove it from [layers]"
        ));
    }
    for package in packages {
        check_layers(rules, package, &mut wrong);
        for rule in rules.never.iter().filter(|r| r.covers(&package.name)) {
            check_never(rule, package, &ours, &mut wrong);
        }
        for rule in rules.only.iter().filter(|r| r.covers(&package.name)) {
            check_only(rule, package, &ours, &mut wrong);
        }
    }
    for (from, to) in &rules.sideways {
        if !ours.get(from.as_str()).is_some_and(|p| p.dependencies.contains(to)) {
            wrong.push(format!(
                "ci/arch.toml allows {from} -> {to}, which is not there any more\nhelp: remove the entry"
            ));
        }
    }
    wrong
}

/// Breaches of "no_std and no unsafe up to L3" by one crate, given its `lib.rs`.
pub(crate) fn check_lib(rules: &Rules, name: &str, lib: &str) -> Vec<String> {
    let Some(layer) = rules.layers.get(name).copied().filter(|l| *l <= LAST_NO_STD_LAYER) else {
        return Vec::new();
    };
    let mut wrong = Vec::new();
    for (what, line) in [("no_std", "#![no_std]"), ("forbid_unsafe", "#![forbid(unsafe_code)]")] {
        let has = lib.lines().any(|l| l.trim_end() == line);
        if !has && rules.must(what, name, layer) {
            wrong.push(format!(
                "{name} is in L{layer} and its lib.rs lacks `{line}`\nhelp: add the line, or an [[exception]] with its reason to ci/arch.toml"
            ));
        }
        if has && !rules.must(what, name, layer) {
            wrong.push(format!(
                "{name} has `{line}` and an [[exception]] from it\nhelp: remove the exception"
            ));
        }
    }
    wrong
}

/// Breaches of "unsafe only where it is listed", given the files that contain it.
pub(crate) fn check_unsafe(rules: &Rules, files: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files.iter().filter(|f| !rules.unsafe_files.contains(f)) {
        wrong.push(format!("{file} contains `unsafe`\nhelp: do without, or list it under [[unsafe]] in ci/arch.toml with its reason"));
    }
    for file in rules.unsafe_files.iter().filter(|f| !files.contains(f)) {
        wrong.push(format!(
            "ci/arch.toml lists {file} under [[unsafe]], and it contains none\nhelp: remove the entry"
        ));
    }
    wrong
}

fn check_layers(rules: &Rules, package: &Package, wrong: &mut Vec<String>) {
    let from = &package.name;
    let Some(above) = rules.layers.get(from) else { return };
    for to in &package.dependencies {
        let Some(below) = rules.layers.get(to) else { continue };
        if *below == TOOLS {
            wrong.push(format!("{from} -> {to}: nothing depends on a tool\nhelp: remove the dependency"));
        } else if below > above {
            wrong.push(format!(
                "{from} -> {to}: L{above} may not depend on L{below}\nhelp: a layer depends on lower layers only; turn the edge round with a trait in the lower crate"
            ));
        } else if below == above && !rules.sideways.iter().any(|(a, b)| a == from && b == to) {
            wrong.push(format!(
                "{from} -> {to}: both are in L{above}\nhelp: list the edge under [[sideways]] in ci/arch.toml with its reason, or move what is shared down"
            ));
        }
    }
}

fn check_never(rule: &Never, package: &Package, ours: &BTreeMap<&str, &Package>, wrong: &mut Vec<String>) {
    for chain in chains(package, ours) {
        let Some(end) = chain.last().filter(|end| matches(&rule.to, end)) else { continue };
        // A chain of ours that passes an exempt crate is that crate's business: lwsws may use a backend.
        if (ours.contains_key(end) || chain.len() == 2)
            && !chain.iter().any(|name| matches(&rule.except, name))
        {
            wrong.push(format!("{}: never, because {}\nhelp: {}", chain.join(" -> "), rule.why, rule.help));
        }
    }
}

fn check_only(rule: &Never, package: &Package, ours: &BTreeMap<&str, &Package>, wrong: &mut Vec<String>) {
    for to in package.dependencies.iter().map(String::as_str).filter(|to| ours.contains_key(to)) {
        if !matches(&rule.to, to) {
            let allowed = if rule.to.is_empty() { "nothing of ours".to_owned() } else { rule.to.join(", ") };
            wrong.push(format!(
                "{} -> {to}: it may depend on {allowed} only, because {}\nhelp: {}",
                package.name, rule.why, rule.help
            ));
        }
    }
}

/// The shortest chain of names from `package` to everything that it and crates of ours depend on.
fn chains<'a>(package: &'a Package, ours: &BTreeMap<&'a str, &'a Package>) -> Vec<Vec<&'a str>> {
    let mut found: Vec<Vec<&str>> = Vec::new();
    let mut queue = vec![(vec![package.name.as_str()], package)];
    let mut at = 0;
    while let Some((chain, package)) = queue.get(at).cloned() {
        at += 1;
        for name in package.dependencies.iter().map(String::as_str) {
            if found.iter().any(|c| c.last() == Some(&name)) {
                continue;
            }
            let longer: Vec<&str> = chain.iter().copied().chain([name]).collect();
            if let Some(next) = ours.get(name) {
                queue.push((longer.clone(), next));
            }
            found.push(longer);
        }
    }
    found
}

impl Never {
    fn covers(&self, name: &str) -> bool {
        matches(&self.from, name) && !matches(&self.except, name)
    }
}

fn matches(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.split_once('*') {
        Some((head, tail)) => {
            name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        }
        None => pattern == name,
    })
}

fn never(entry: &Table, groups: &Table) -> Result<Never, String> {
    let set = |key: &str| match entry.get(key) {
        Some(value) => resolve(&strings(value)?, groups),
        None => Ok(Vec::new()),
    };
    Ok(Never {
        from: set("from")?,
        to: set("to")?,
        except: set("except")?,
        why: string(entry, "why")?,
        help: string(entry, "help")?,
    })
}

fn resolve(names: &[String], groups: &Table) -> Result<Vec<String>, String> {
    let mut patterns = Vec::new();
    for name in names {
        match name.strip_prefix('@') {
            Some(group) => {
                patterns.extend(strings(groups.get(group).ok_or_else(|| format!("no group @{group}"))?)?)
            }
            None => patterns.push(name.clone()),
        }
    }
    Ok(patterns)
}

fn entries<'a>(table: &'a Table, key: &str) -> Result<Vec<&'a Table>, String> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| format!("{key} is written [[{key}]]"))?;
    list.iter().map(|e| e.as_table().ok_or_else(|| format!("{key} is written [[{key}]]"))).collect()
}

fn string(table: &Table, key: &str) -> Result<String, String> {
    let text = table.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| format!("an entry lacks `{key}`: {table:?}"))
}

fn strings(value: &Value) -> Result<Vec<String>, String> {
    let list = value.as_array().ok_or_else(|| format!("{value:?} should be a list of names"))?;
    list.iter()
        .map(|v| v.as_str().map(str::to_owned).ok_or_else(|| format!("{v:?} should be a name")))
        .collect()
}
