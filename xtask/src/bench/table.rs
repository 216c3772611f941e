//! The report as text: one line per [`Row`], in columns.

use super::results::Row;
use super::stats::Spread;

pub(crate) const HEADS: [&str; 10] =
    ["scenario", "measure", "ours", "against", "theirs", "ratio", "middle half", "goal", "", "before"];

/// The table, with a line of heads.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut lines: Vec<[String; 10]> = vec![HEADS.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    for at in (2..lines.len()).rev() {
        // A name stands once.
        if lines[at][0] == lines[at - 1][0] {
            lines[at][0].clear();
        }
    }
    let shown = columns(rows);
    let width = |column: usize| match shown.contains(&column) {
        true => lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0),
        false => 0,
    };
    let widths: Vec<usize> = (0..HEADS.len()).map(width).collect();
    let mut out = String::new();
    for line in &lines {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(&widths).filter(|(_, width)| **width > 0) {
            text += &format!("{cell:<width$}  ");
        }
        out += text.trim_end();
        out.push('\n');
    }
    out
}

/// The columns that are more than their heads.
pub(crate) fn columns(rows: &[Row]) -> Vec<usize> {
    let cells: Vec<_> = rows.iter().map(cells).collect();
    (0..HEADS.len()).filter(|column| cells.iter().any(|cells| !cells[*column].is_empty())).collect()
}

/// What stands in the columns.
pub(crate) fn cells(row: &Row) -> [String; 10] {
    let unit = &row.measure.unit;
    let cost = |spread: &Spread| format!("{} {unit}", number(spread.median));
    let pair = row.pair.as_ref();
    let judged = row.judged();
    [
        row.scenario.clone(),
        row.measure.title.clone(),
        cost(&row.ours),
        pair.map_or(String::new(), |pair| pair.against.clone()),
        pair.map_or(String::new(), |pair| cost(&pair.theirs)),
        pair.map_or(String::new(), |pair| format!("x{}", number(pair.ratio.median))),
        format!("{}..{}", number(judged.low), number(judged.high)),
        row.goal
            .as_ref()
            .map_or(String::new(), |(goal, _)| format!("<= {} {}", number(goal.at_most), goal.source)),
        row.goal.as_ref().map_or(String::new(), |(_, verdict)| verdict.word().to_owned()),
        row.before.map_or(String::new(), |before| match row.change() {
            Some(change) => format!("{} now {:+.0} %", number(before.median), (change - 1.0) * 100.0),
            None => format!("{} ~", number(before.median)),
        }),
    ]
}

/// Three digits that matter, and no more than that.
pub(crate) fn number(value: f64) -> String {
    let decimals = match value.abs() {
        0.0 => 0,
        v if v < 0.1 => 4,
        v if v < 1.0 => 3,
        v if v < 10.0 => 2,
        v if v < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::{compare, tests::example};
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        for (value, wanted) in [
            (0.0, "0"),
            (0.012_34, "0.0123"),
            (0.5, "0.5"),
            (1.0, "1"),
            (1.054, "1.05"),
            (12.34, "12.3"),
            (1234.5, "1234"),
            (100.0, "100"),
        ] {
            assert_eq!(number(value), wanted);
        }
    }

    #[test]
    fn a_table_has_aligned_columns_and_no_empty_ones() {
        let mut rows = example().rows();
        let text = text(&rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5, "{text}");
        assert!(lines[0].starts_with("scenario   measure") && !lines[0].contains("before"), "{text}");
        assert!(lines[1].starts_with("arena/new  ns <of> it     3 ns     bumpalo  2 ns     x1"), "{text}");
        assert!(lines[2].starts_with("           ns <of> it"), "a name stands once: {text}");
        assert!(lines[2].ends_with("<= 0.2 G2  MISSED") && lines[1].ends_with("<= 1.1 G1  met"), "{text}");
        let column = lines[0].find("ratio").unwrap();
        assert_eq!(&lines[1][column..column + 2], "x1");

        compare(&mut rows, &example().json()).unwrap();
        assert!(super::text(&rows).lines().next().unwrap().ends_with("before"));
    }
}
