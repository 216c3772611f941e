//! The table of `docs/performance.md`, from a `results.json`: a row for each goal, and what was reached.

use super::table::number;
use serde_json::Value;

/// The table stands between these.
const BEGIN: &str = "<!-- written by `cargo xtask bench net --goals --write-docs` -->";
const END: &str = "<!-- end -->";

/// `page` with the table of this run.
pub(crate) fn write(page: &str, results: &Value) -> Result<String, String> {
    let (before, rest) = page.split_once(BEGIN).ok_or_else(|| format!("no line `{BEGIN}`"))?;
    let (_, after) = rest.split_once(END).ok_or_else(|| format!("no line `{END}`"))?;
    Ok(format!("{before}{BEGIN}\n\n{}\n{END}{after}", table(results)))
}

fn table(results: &Value) -> String {
    let (goals, others) = (rows(results, true), rows(results, false));
    let machine = &results["machine"];
    let text = |key: &str| machine[key].as_str().unwrap_or("?").to_owned();
    let mut page = format!(
        "{}, commit {}; {} cores, {}; Linux {}, {}. {}Load average at most {}{}.\n\n",
        text("date"),
        text("commit"),
        machine["cores"],
        text("cpu"),
        text("kernel"),
        text("rustc"),
        if results["quick"] == true { "Short rounds, without the long scenarios (`--quick`). " } else { "" },
        number(results["load"].as_f64().unwrap_or(0.0)),
        if results["load"].as_f64().is_some_and(|load| load > super::stats::BUSY) {
            ": **the machine was busy**, so bounds of times were 15 % wider (met\\*)"
        } else {
            ""
        },
    );
    page += "| scenario | against | goal | reached | middle half | ours | theirs | system calls | |\n|---|---|---|---|---|---|---|---|---|\n";
    page += &goals;
    if !others.is_empty() {
        page += "\nWithout a goal:\n\n| scenario | against | | ratio | middle half | ours | theirs | system calls | |\n|---|---|---|---|---|---|---|---|---|\n";
        page += &others;
    }
    for (key, title) in [("failed", "Failed"), ("skipped", "Left out")] {
        for entry in results[key].as_array().into_iter().flatten() {
            let why = entry["why"].as_str().unwrap_or_default().lines().last().unwrap_or_default();
            page += &format!("\n{title}: `{}`: {why}\n", entry["scenario"].as_str().unwrap_or_default());
        }
    }
    page
}

/// The lines of the table that have a goal, or that have none.
fn rows(results: &Value, goals: bool) -> String {
    let mut lines = String::new();
    for scenario in results["scenarios"].as_array().into_iter().flatten() {
        for row in scenario["rows"].as_array().into_iter().flatten() {
            // System calls stand beside what they belong to.
            if row["goal"].is_number() == goals && row["unit"] != "calls" {
                lines += &line(scenario, row);
            }
        }
    }
    lines
}

fn line(scenario: &Value, row: &Value) -> String {
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
        "| `{name}` {}{measure} | {against} | {} | {reached}{times} | {} – {} | {} | {} | {} | {verdict} |\n",
        scenario["title"].as_str().unwrap_or_default(),
        value(&row["goal"]).map_or(String::new(), |goal| format!("≤ {goal}{times}")),
        value(&judged["low"]).unwrap_or_default(),
        value(&judged["high"]).unwrap_or_default(),
        cost("ours"),
        cost("theirs"),
        calls(scenario, against),
    )
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

    #[test]
    fn each_goal_is_a_line_and_the_rest_of_the_page_stays() {
        let page = format!("# Fast\n\n{BEGIN}\nold\n{END}\n\nTried.\n");
        let new = write(&page, &example().json()).unwrap();
        assert!(
            new.starts_with("# Fast\n") && new.ends_with("\n\nTried.\n") && !new.contains("old"),
            "{new}"
        );
        assert!(new.contains("| bumpalo | ≤ 1.1 × | 1 × | 1 – 1.25 | 3 ns | 2 ns | 0 / 0 | met |"), "{new}");
        assert!(new.contains("| ≤ 0.2 × | 0.25 × |") && new.contains("**missed**"), "{new}");
        assert!(new.contains("Left out: `text/linux`: no such package"), "{new}");
        // Twice written is once written.
        assert_eq!(write(&new, &example().json()).unwrap(), new);
        assert!(write("nothing", &example().json()).is_err());
    }
}
