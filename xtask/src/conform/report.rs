//! Autobahn's JSON report: what each case came to, counted by group.
//!
//! A case has two verdicts, on the messages and on the close. Both must be good, and a case that was asked for and is
//! not in the report is bad: the suite goes on silently when a server dies.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Verdicts that pass, as the suite spells them; the columns of the table.
///
/// UNIMPLEMENTED is not among them: the suite says that of an extension that was declined, and ours never is.
const GOOD: [&str; 3] = ["OK", "NON-STRICT", "INFORMATIONAL"];

/// The groups of the suite; 8 was never written.
const GROUPS: [(u8, &str); 11] = [
    (1, "framing"),
    (2, "pings and pongs"),
    (3, "reserved bits"),
    (4, "opcodes"),
    (5, "fragmentation"),
    (6, "UTF-8"),
    (7, "close"),
    (9, "limits, speed"),
    (10, "mixed"),
    (12, "deflate"),
    (13, "deflate options"),
];

/// One case that was asked for.
#[derive(Debug, PartialEq)]
pub(super) struct Case {
    pub(super) id: String,
    /// The worse of the two verdicts.
    pub(super) verdict: String,
    /// Passes.
    pub(super) good: bool,
    /// For a bad one: what was expected and what happened.
    pub(super) story: String,
}

/// The group of a case: `6` of `6.4.1`.
pub(super) fn group(id: &str) -> u8 {
    id.split('.').next().and_then(|g| g.parse().ok()).unwrap_or_default()
}

/// The verdicts on `wanted` from the `index.json` in `folder`; without one, every case is missing.
pub(super) fn read(folder: &Path, wanted: &[String]) -> Vec<Case> {
    let json = |name: &str| -> Value {
        let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    };
    let index = json("index.json");
    // { "name of the server": { "1.1.1": { "behavior": …, "behaviorClose": …, "reportfile": … } } }
    let cases = index.as_object().and_then(|servers| servers.values().next()).cloned().unwrap_or_default();
    wanted.iter().map(|id| judge(id, &cases[id.as_str()], json)).collect()
}

/// `entry` is the case's part of the index; `detail` reads its own report, asked for only where it is bad.
fn judge(id: &str, entry: &Value, detail: impl Fn(&str) -> Value) -> Case {
    let text = |key: &str| entry[key].as_str().unwrap_or("MISSING").to_owned();
    let verdicts = [text("behavior"), text("behaviorClose")];
    let rank = |v: &str| GOOD.iter().position(|g| *g == v).unwrap_or(usize::MAX);
    let verdict = verdicts.iter().max_by_key(|v| rank(v)).cloned().unwrap_or_default();
    let good = GOOD.contains(&&*verdict);
    let story = if good { String::new() } else { story(&verdicts, &detail(&text("reportfile"))) };
    Case { id: id.to_owned(), verdict, good, story }
}

fn story(verdicts: &[String; 2], report: &Value) -> String {
    let text = |key: &str| plain(report[key].as_str().unwrap_or("no report of this case"));
    format!(
        "messages {}, close {}\n    expected: {}\n    happened: {} {}",
        verdicts[0],
        verdicts[1],
        text("expectation"),
        text("result"),
        text("resultClose")
    )
}

/// Text without its HTML tags, blanks joined.
fn plain(html: &str) -> String {
    let mut text = String::new();
    for piece in html.split('<') {
        // The first piece has no tag before it, each other one begins inside a tag.
        text += piece.split_once('>').map_or(piece, |(_, after)| after);
        text.push(' ');
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Counts by group, then every bad case with its story.
pub(super) fn table(cases: &[Case]) -> String {
    let mut groups: BTreeMap<u8, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        groups.entry(group(&case.id)).or_default().push(case);
    }
    let mut text = format!("{:<20}{:>6}", "group", "cases");
    for name in GOOD.iter().chain([&"bad"]) {
        text += &format!("{name:>15}");
    }
    for (number, members) in &groups {
        let name = GROUPS.iter().find(|g| g.0 == *number).map_or("", |g| g.1);
        text += &format!("\n{:<20}{:>6}", format!("{number:>2} {name}"), members.len());
        for verdict in &GOOD {
            text += &format!("{:>15}", members.iter().filter(|c| c.good && c.verdict == *verdict).count());
        }
        text += &format!("{:>15}", members.iter().filter(|c| !c.good).count());
    }
    for case in cases.iter().filter(|c| !c.good) {
        text += &format!("\n\n{}: {}", case.id, case.story);
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verdict(id: &str, messages: &str, close: &str) -> (String, bool) {
        let entry = json!({ "behavior": messages, "behaviorClose": close, "reportfile": "x.json" });
        let case = judge(id, &entry, |_| json!({ "expectation": "A <b>pong</b>.\n Soon." }));
        assert_eq!(case.good, case.story.is_empty());
        assert!(case.good || case.story.contains("expected: A pong . Soon."), "{}", case.story);
        (case.verdict, case.good)
    }

    #[test]
    fn the_worse_verdict_counts() {
        for (id, messages, close, worse, good) in [
            ("1.1.1", "OK", "OK", "OK", true),
            ("6.4.1", "NON-STRICT", "OK", "NON-STRICT", true),
            ("7.1.6", "INFORMATIONAL", "INFORMATIONAL", "INFORMATIONAL", true),
            ("2.1", "OK", "UNCLEAN", "UNCLEAN", false),
            ("2.1", "FAILED", "OK", "FAILED", false),
            ("12.1.1", "UNIMPLEMENTED", "OK", "UNIMPLEMENTED", false),
            ("9.1.1", "UNIMPLEMENTED", "OK", "UNIMPLEMENTED", false),
        ] {
            assert_eq!(verdict(id, messages, close), (worse.to_owned(), good), "{id} {messages} {close}");
        }
    }

    #[test]
    fn a_case_without_a_report_is_bad() {
        let cases = read(Path::new("no such folder"), &["1.1.1".to_owned(), "10.1.1".to_owned()]);
        assert!(cases.iter().all(|c| !c.good && c.verdict == "MISSING"), "{cases:?}");
        let table = table(&cases);
        assert!(table.contains("10 mixed") && table.contains("1.1.1: messages MISSING"), "{table}");
    }
}
