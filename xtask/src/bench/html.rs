//! The report as a page: one file, nothing from elsewhere, no script.

use super::results::{Row, Run};
use super::stats::{BUSY, Verdict, WIDER};
use super::svg::{self, escape};
use super::table;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}\
    table{border-collapse:collapse;width:100%;font-size:13px}th,td{padding:.2rem .5rem;text-align:left;border-top:1px solid #ddd}\
    td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}th.n{text-align:right}\
    .missed{color:#b34700;font-weight:bold}.met{color:#005a8c}.wrap{overflow-x:auto}svg{min-width:50rem;width:100%;height:auto}\
    svg text{font-family:system-ui,sans-serif}";

/// Columns of numbers.
const NUMBERS: [usize; 4] = [2, 4, 5, 6];

pub(crate) fn page(run: &Run, rows: &[Row]) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Ours beside others</title>\n<style>{STYLE}</style>\n<h1>Ours beside others</h1>\n"
    );
    html += &summary(run, rows);
    html += "<h2>Ratios</h2>\n<p>Our cost divided by theirs. A circle meets its goal (the upright tick), a diamond misses it, a square has \
             none. The bar is the middle half of all rounds.</p>\n<div class=\"wrap\">";
    html += &svg::ratios(rows);
    html += "</div>\n<h2>All measures</h2>\n<div class=\"wrap\">";
    html += &rows_table(rows);
    html += "</div>\n";
    html += &list("Left out", &run.skipped);
    html += &list("Failed", &run.failed);
    let missing: Vec<(String, String)> =
        run.missing().map(|(name, who, why)| (format!("{name} without {who}"), why.to_owned())).collect();
    html += &list("Missing", &missing);
    html += "<h2>Machine</h2>\n<table>\n";
    let versions =
        run.versions.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ");
    let mut facts = run.machine.facts();
    facts.extend([("highest load", table::number(run.load())), ("contenders", versions)]);
    for (name, value) in facts {
        html += &format!("<tr><th>{name}</th><td>{}</td></tr>\n", escape(&value));
    }
    html + "</table>\n</html>\n"
}

fn summary(run: &Run, rows: &[Row]) -> String {
    let count = |wanted: fn(Verdict) -> bool| {
        rows.iter().filter(|row| row.goal.as_ref().is_some_and(|(_, verdict)| wanted(*verdict))).count()
    };
    let mut html = format!(
        "<p>{} goals met, {} missed, {} scenarios left out. Every measure is a cost: less is better. \
         Figures are ratios inside one run; times are CPU time.</p>\n",
        count(|v| v != Verdict::Missed),
        count(|v| v == Verdict::Missed),
        run.skipped.len()
    );
    if run.load() > BUSY {
        html += &format!(
            "<p class=\"missed\">The machine was busy: load average {}. Bounds of times were {:.0} % wider where it was; a goal met \
             only so is marked met*.</p>\n",
            table::number(run.load()),
            (WIDER - 1.0) * 100.0
        );
    }
    html
}

fn rows_table(rows: &[Row]) -> String {
    let columns = table::columns(rows);
    let mut html = String::from("<table>\n<tr>");
    for &at in &columns {
        let class = if NUMBERS.contains(&at) { " class=\"n\"" } else { "" };
        html += &format!("<th{class}>{}</th>", table::HEADS[at]);
    }
    html += "</tr>\n";
    for row in rows {
        let cells = table::cells(row);
        let verdict = row.goal.as_ref().map(|(_, verdict)| *verdict);
        html += "<tr>";
        for &at in &columns {
            let cell = escape(&cells[at]);
            html += &match (at, verdict) {
                (0, _) => format!("<td title=\"{}\">{cell}</td>", escape(&row.title)),
                (8, Some(Verdict::Missed)) => format!("<td class=\"missed\">{cell}</td>"),
                (8, Some(_)) => format!("<td class=\"met\">{cell}</td>"),
                _ if NUMBERS.contains(&at) => format!("<td class=\"n\">{cell}</td>"),
                _ => format!("<td>{cell}</td>"),
            };
        }
        html += "</tr>\n";
    }
    html + "</table>\n"
}

fn list(title: &str, items: &[(String, String)]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut html = format!("<h2>{title}</h2>\n<ul>\n");
    for (name, why) in items {
        html += &format!("<li>{}: {}</li>\n", escape(name), escape(why));
    }
    html + "</ul>\n"
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::example;
    use super::*;

    #[test]
    fn a_page_tells_all_and_needs_nothing_else() {
        let mut run = example();
        let page = super::page(&run, &run.rows());
        for wanted in [
            "2 goals met, 1 missed, 1 scenarios left out",
            "text/linux: no such package",
            "<svg",
            "&lt;of&gt;",
        ] {
            assert!(page.contains(wanted), "{wanted}");
        }
        for outside in ["http:", "https:", "<script", "@import", "url(", "busy"] {
            assert!(!page.contains(outside), "{outside}");
        }
        run.sampled[0].load = BUSY + 1.0;
        assert!(super::page(&run, &run.rows()).contains("The machine was busy: load average 3."));
    }
}
