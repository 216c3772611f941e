//! The table of `docs/performance.md`, from a `results.json`: a row for each goal, and what was reached. Rows of scenarios that
//! the run left out stay as they are: each row says of which run it is.

use super::table::number;
use serde_json::Value;

/// The table stands between these.
const BEGIN: &str = "<!-- written by `cargo xtask bench net --goals --write-docs` -->";
const END: &str = "<!-- end -->";

const HEAD: &str = "| scenario | against | goal | reached | middle half | ours | theirs | system calls | | run |\n\
    |---|---|---|---|---|---|---|---|---|---|\n";

/// `page` with the rows of this run. `plan` has the names of all scenarios in the order of the table; rows of others go.
pub(crate) fn write(page: &str, results: &Value, plan: &[&str]) -> Result<String, String> {
    let (before, rest) = page.split_once(BEGIN).ok_or_else(|| format!("no line `{BEGIN}`"))?;
    let (old, after) = rest.split_once(END).ok_or_else(|| format!("no line `{END}`"))?;
    Ok(format!("{before}{BEGIN}\n\n{}\n{END}{after}", table(old, results, plan)))
}

fn table(old: &str, results: &Value, plan: &[&str]) -> String {
    let machine = &results["machine"];
    let text = |key: &str| machine[key].as_str().unwrap_or("?").to_owned();
    let mut page = format!(
        "The last run: {}, commit {}; {} cores, {}; Linux {}, {}. Behind each row stand the day and the commit of its own run; \
         *short*: short rounds (`--quick`), *busy*: a load average above {}, where bounds of times are 15 % wider (met\\*).\n\n{HEAD}",
        text("date"),
        text("commit"),
        machine["cores"],
        text("cpu"),
        text("kernel"),
        text("rustc"),
        super::stats::BUSY,
    );
    let (goals, others) = (rows(results, true), rows(results, false));
    page += &merged(old, &goals, plan, true);
    let others = merged(old, &others, plan, false);
    if !others.is_empty() {
        page += &format!("\nWithout a goal:\n\n{HEAD}{others}");
    }
    for (key, title) in [("failed", "Failed"), ("skipped", "Left out")] {
        for entry in results[key].as_array().into_iter().flatten() {
            let why = entry["why"].as_str().unwrap_or_default().lines().last().unwrap_or_default();
            page += &format!("\n{title}: `{}`: {why}\n", entry["scenario"].as_str().unwrap_or_default());
        }
    }
    page
}

/// The lines of `new`, and those of `old` whose scenarios are not among them, in the order of the plan.
fn merged(old: &str, new: &str, plan: &[&str], goals: bool) -> String {
    let measured: Vec<_> = new.lines().filter_map(scenario).collect();
    let kept = old.lines().filter(|line| cell(line, 3).is_some_and(|goal| goal.is_empty() != goals));
    let kept = kept.filter(|line| scenario(line).is_some_and(|name| !measured.contains(&name)));
    let place = |line: &str| plan.iter().position(|name| Some(*name) == scenario(line));
    let mut lines: Vec<_> = new.lines().chain(kept).filter_map(|line| Some((place(line)?, line))).collect();
    lines.sort_by_key(|(place, _)| *place);
    lines.into_iter().map(|(_, line)| format!("{line}\n")).collect()
}

/// The text of a cell of a row that has as many as ours, counted from 1.
fn cell(line: &str, number: usize) -> Option<&str> {
    let columns = HEAD.lines().next().map_or(0, |head| head.split('|').count());
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    (cells.len() == columns).then(|| cells[number])
}

/// The name of the scenario in a row.
fn scenario(line: &str) -> Option<&str> {
    Some(line.strip_prefix("| `")?.split_once('`')?.0)
}

/// The lines of the table that have a goal, or that have none.
fn rows(results: &Value, goals: bool) -> String {
    let mut lines = String::new();
    for scenario in results["scenarios"].as_array().into_iter().flatten() {
        for row in scenario["rows"].as_array().into_iter().flatten() {
            // System calls stand beside what they belong to.
            if row["goal"].is_number() == goals && row["unit"] != "calls" {
                lines += &line(results, scenario, row);
            }
        }
    }
    lines
}

fn line(results: &Value, scenario: &Value, row: &Value) -> String {
    let value = |value: &Value| value.as_f64().map(number);
    let unit = row["unit"].as_str().unwrap_or_default();
    let cost = |key: &str| value(&row[key]).map_or(String::new(), |cost| format!("{cost} {unit}"));
    let against = row["against"].as_str().unwrap_or_default();
    let times = if against.is_empty() { "" } else { " ×" };
    let judged = &row["judged"];
    let reached = value(&judged["median"]).unwrap_or_default();
    let name = scenario["name"].as_str().unwrap_or_default();
    // Where a scenario measures several things.
    let measure =
        if ["us", "bytes"].contains(&unit) && row["measure"].as_str().is_some_and(|m| m.contains(" per ")) {
            String::new()
        } else {
            format!(": {}", row["measure"].as_str().unwrap_or_default())
        };
    let verdict = match row["verdict"].as_str() {
        Some("MISSED") => "**missed**",
        Some("met*") => "met\\*",
        Some(other) => other,
        None => "",
    };
    format!(
        "| `{name}` {}{measure} | {against} | {} | {reached}{times} | {} – {} | {} | {} | {} | {verdict} | {} |\n",
        scenario["title"].as_str().unwrap_or_default(),
        value(&row["goal"]).map_or(String::new(), |goal| format!("≤ {goal}{times}")),
        value(&judged["low"]).unwrap_or_default(),
        value(&judged["high"]).unwrap_or_default(),
        cost("ours"),
        cost("theirs"),
        calls(scenario, against),
        run(results, scenario),
    )
}

/// `2026-11-20 9c7f694, short, busy`.
fn run(results: &Value, scenario: &Value) -> String {
    let first = |key: &str, len: usize| results["machine"][key].as_str().unwrap_or("?").get(..len);
    let mut text = format!("{} {}", first("date", 10).unwrap_or("?"), first("commit", 7).unwrap_or("?"));
    if results["quick"] == true {
        text += ", short";
    }
    if scenario["load"].as_f64().is_some_and(|load| load > super::stats::BUSY) {
        text += ", busy";
    }
    text
}

/// `2 / 3.1`: ours and theirs, where both were counted.
fn calls(scenario: &Value, against: &str) -> String {
    let of = |who: &str| scenario["samples"][who]["calls"][0].as_f64().map(number);
    let ours = scenario["ours"].as_str().and_then(of);
    match (ours, of(against)) {
        (Some(ours), Some(theirs)) => format!("{ours} / {theirs}"),
        (Some(ours), None) => ours,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::example;
    use super::*;

    const PLAN: [&str; 3] = ["arena/old", "arena/new", "arena/slow"];

    #[test]
    fn each_goal_is_a_line_and_the_rest_of_the_page_stays() {
        let page = format!("# Fast\n\n{BEGIN}\nold\n{END}\n\nTried.\n");
        let new = write(&page, &example().json(), &PLAN).unwrap();
        assert!(
            new.starts_with("# Fast\n") && new.ends_with("\n\nTried.\n") && !new.contains("old"),
            "{new}"
        );
        assert!(new.contains("| bumpalo | ≤ 1.1 × | 1 × | 1 – 1.25 | 3 ns | 2 ns | 0 / 0 | met |"), "{new}");
        assert!(new.contains("| ≤ 0.2 × | 0.25 × |") && new.contains("**missed**"), "{new}");
        assert!(new.contains("Left out: `text/linux`: no such package"), "{new}");
        // Twice written is once written.
        assert_eq!(write(&new, &example().json(), &PLAN).unwrap(), new);
        assert!(write("nothing", &example().json(), &PLAN).is_err());
    }

    #[test]
    fn rows_of_scenarios_that_were_not_run_stay_in_their_place() {
        let row = |name: &str, goal: &str| {
            format!("| `{name}` A title | floor | {goal} | 1 × | 1 – 1 | 3 ns | 3 ns | | met | then |\n")
        };
        let kept = [row("arena/slow", "≤ 1 ×"), row("arena/old", "≤ 1 ×"), row("arena/slow", "")];
        // Replaced; no longer in the plan; a table of another form.
        let gone =
            [row("arena/new", "≤ 9 ×"), row("arena/gone", "≤ 1 ×"), "| `arena/slow` | 8 |\n".to_owned()];
        let page = format!("{BEGIN}\n{}{}{END}\n", kept.concat(), gone.concat());
        let new = write(&page, &example().json(), &PLAN).unwrap();
        assert!(
            kept.iter().all(|row| new.contains(row)) && !gone.iter().any(|row| new.contains(row)),
            "{new}"
        );
        let goals = new.split("Without a goal").next().unwrap();
        let names: Vec<_> = goals.lines().filter_map(scenario).collect();
        assert_eq!(names, ["arena/old", "arena/new", "arena/new", "arena/slow"]);
        assert_eq!(write(&new, &example().json(), &PLAN).unwrap(), new);
    }
}
