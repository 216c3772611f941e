//! `docs/attack-table.md`, written from `ci/conform/attack.toml`.

use super::case::{Case, Mode};
use std::fmt::Write;
use toml::{Table, Value};

const HEAD: &str = "# The attack table

What libwebsockets' `attack.sh` sends, and what is answered: by libwebsockets, and here. This page is generated from
`ci/conform/attack.toml` by `cargo xtask attack --write`; `cargo xtask attack` runs every row, plain and over TLS, and
asks after each whether the server still answers. [The drivers' page](../ci/conform/README.md) tells more, also of the
other lists: framing (`h1.toml`) and paths (`paths.toml`).

Requests are HTTP/1.0 unless written out; `\\(text*N)` is the text N times. *survives* means that no particular answer
is wanted. Numbers in the last column lead to the reasons below the tables.
";

/// The page.
pub(super) fn page(file: &Table, named: &[Case], table: &[Case]) -> Result<String, String> {
    let reasons = file.get("why").and_then(Value::as_table).ok_or("no [why]")?;
    let numbers: Vec<&String> = reasons.keys().collect();
    let mut page = HEAD.to_owned();
    page += "\n## Requests\n\n| id | what | request | lws | ours | why |\n|---|---|---|---|---|---|\n";
    for case in named {
        let why = reason(case, &numbers)?;
        let row = format!(
            "| {} | {} | {} | {} | {} | {why} |",
            case.id,
            case.what,
            code(&case.written),
            case.lws,
            ours(case)
        );
        writeln!(page, "{row}").map_err(|e| e.to_string())?;
    }
    page += "\n## Targets\n\n200 is always the root page.\n\n| id | target | lws | ours | why |\n|---|---|---|---|---|\n";
    for case in table {
        let why = reason(case, &numbers)?;
        writeln!(page, "| {} | {} | {} | {} | {why} |", case.id, code(&case.written), case.lws, ours(case))
            .map_err(|e| e.to_string())?;
    }
    page += "\n## Why ours differs\n\n";
    for (number, (_, text)) in (1..).zip(reasons) {
        writeln!(page, "{number}. {}", text.as_str().ok_or("a reason is text")?)
            .map_err(|e| e.to_string())?;
    }
    Ok(page)
}

/// The number of the reason; an error where ours differs and none is given, or the other way round.
fn reason(case: &Case, numbers: &[&String]) -> Result<String, String> {
    let differs = case.mode != Mode::Survive && !case.lws.is_empty() && case.lws != ours(case);
    match &case.why {
        None if differs => Err(format!("{}: ours differs from lws, and there is no `why`", case.id)),
        None => Ok(String::new()),
        Some(name) if !differs => Err(format!("{}: the same as lws, and a `why` ({name})", case.id)),
        Some(name) => match numbers.iter().position(|n| *n == name) {
            Some(at) => Ok((at + 1).to_string()),
            None => Err(format!("{}: no reason `{name}` in [why]", case.id)),
        },
    }
}

fn ours(case: &Case) -> String {
    if case.mode == Mode::Survive {
        return "survives".to_owned();
    }
    let list = |s: &[u16]| s.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
    let times = if case.repeat > 1 { format!("{} × ", case.repeat) } else { String::new() };
    let then = if case.then.is_empty() { String::new() } else { format!(", then {}", list(&case.then)) };
    format!("{times}{}{then}", list(&case.status))
}

/// As code in a table cell.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}
