//! One request of the data files, and how it is written there.
//!
//! Bytes are text with escapes, so that any byte can be said and none is invisible:
//!
//! | written | means |
//! |---|---|
//! | `\r` `\n` `\t` `\\` `\{` | that byte |
//! | `\xHH` | that byte |
//! | `\(text*N)` | `text`, which may have escapes, N times |
//! | `\(random*N)` | N bytes, the same in every run |

use toml::{Table, Value};

/// What the server has to do with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mode {
    /// One answer, then the server closes. For HTTP/1.0.
    Single,
    /// `repeat` requests, one after the other's answer, on one connection.
    Keepalive,
    /// `repeat` requests in one write; as many answers.
    Pipelined,
    /// Refuse and close: a good request right behind it must not be answered.
    Reject,
    /// Answer and go on: a good request right behind it is answered.
    Serve,
    /// Answer, then close or go on, but never take the body for a request.
    Either,
    /// Anything, as long as the server lives on.
    Survive,
}

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) id: String,
    /// What the row shows; for table rows that are only a target, empty.
    pub(super) what: String,
    /// As in the data file, for people.
    pub(super) written: String,
    pub(super) send: Vec<u8>,
    pub(super) mode: Mode,
    pub(super) repeat: usize,
    /// The first answer's status is one of these.
    pub(super) status: Vec<u16>,
    /// Where there are more answers before the end: one of these.
    pub(super) then: Vec<u16>,
    /// The first answer's body is this file of the site.
    pub(super) body: Option<String>,
    /// The first answer has this header line.
    pub(super) header: Option<String>,
    /// What libwebsockets does, as far as it is known.
    pub(super) lws: String,
    /// Name of the reason, in `[why]`, for a different answer of ours.
    pub(super) why: Option<String>,
}

/// The rows of one list in a data file. `defaults` fill in what a row does not say.
pub(super) fn list(file: &Table, name: &str, defaults: &Table) -> Result<Vec<Case>, String> {
    let rows = file.get(name).and_then(Value::as_array).ok_or_else(|| format!("no list `{name}`"))?;
    let row = |(number, row): (usize, &Value)| {
        let row = row.as_table().ok_or_else(|| format!("{name}, row {number}: not a table"))?;
        let mut all = defaults.clone();
        all.extend(row.clone());
        Case::read(&all).map_err(|e| format!("{name}, row {number}: {e}"))
    };
    rows.iter().enumerate().map(row).collect()
}

impl Case {
    fn read(row: &Table) -> Result<Case, String> {
        const KNOWN: [&str; 13] = [
            "id", "what", "send", "target", "add", "mode", "repeat", "status", "then", "body", "header",
            "lws", "why",
        ];
        if let Some(unknown) = row.keys().find(|k| !KNOWN.contains(&k.as_str())) {
            return Err(format!("unknown key `{unknown}`"));
        }
        let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
        let written = match (text("send"), text("target")) {
            (Some(send), None) => send,
            (None, Some(target)) => target,
            _ => return Err("give `send` or `target`, not both".to_owned()),
        };
        let mode = mode(&text("mode").unwrap_or_else(|| "single".to_owned()))?;
        let send = match text("send") {
            Some(send) => bytes(&send)?,
            None => {
                let end = text("add").unwrap_or_else(|| r" HTTP/1.0\r\n\r\n".to_owned());
                [b"GET ".to_vec(), bytes(&written)?, bytes(&end)?].concat()
            }
        };
        let case = Case {
            id: text("id").ok_or("no `id`")?,
            what: text("what").unwrap_or_default(),
            written,
            send,
            mode,
            repeat: row
                .get("repeat")
                .and_then(Value::as_integer)
                .map_or(Ok(1), usize::try_from)
                .map_err(|e| e.to_string())?,
            status: statuses(row, "status")?,
            then: statuses(row, "then")?,
            body: text("body"),
            header: text("header"),
            lws: text("lws").unwrap_or_default(),
            why: text("why"),
        };
        if case.status.is_empty() && mode != Mode::Survive {
            return Err(format!("{}: no `status`", case.id));
        }
        Ok(case)
    }
}

fn mode(name: &str) -> Result<Mode, String> {
    Ok(match name {
        "single" => Mode::Single,
        "keepalive" => Mode::Keepalive,
        "pipelined" => Mode::Pipelined,
        "reject" => Mode::Reject,
        "serve" => Mode::Serve,
        "either" => Mode::Either,
        "survive" => Mode::Survive,
        other => return Err(format!("no mode `{other}`")),
    })
}

fn statuses(row: &Table, key: &str) -> Result<Vec<u16>, String> {
    let Some(value) = row.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| format!("`{key}` is a list"))?;
    let number = |v: &Value| v.as_integer().and_then(|n| u16::try_from(n).ok());
    list.iter().map(|v| number(v).ok_or_else(|| format!("`{key}` has numbers"))).collect()
}

/// The bytes that `written` means.
pub(super) fn bytes(written: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut rest = written;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = escape(&rest[at + 1..], &mut out)?;
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(out)
}

/// One escape, from behind its backslash; returns what follows it.
fn escape<'t>(text: &'t str, out: &mut Vec<u8>) -> Result<&'t str, String> {
    let mut chars = text.chars();
    match chars.next() {
        Some('r') => out.push(b'\r'),
        Some('n') => out.push(b'\n'),
        Some('t') => out.push(b'\t'),
        Some('\\') => out.push(b'\\'),
        Some('x') => {
            let digits = text.get(1..3).ok_or("\\x wants two digits")?;
            out.push(u8::from_str_radix(digits, 16).map_err(|_| format!("\\x{digits} is no byte"))?);
            return Ok(&text[3..]);
        }
        Some('(') => {
            let (inner, after) = text[1..].split_once(')').ok_or("\\( without )")?;
            let (what, times) = inner.rsplit_once('*').ok_or("\\(…) without *N")?;
            let times: usize = times.parse().map_err(|_| format!("`{times}` is no number"))?;
            out.extend(if what == "random" { random(times) } else { bytes(what)?.repeat(times) });
            return Ok(after);
        }
        other => return Err(format!("no escape \\{}", other.map_or(String::new(), String::from))),
    }
    Ok(chars.as_str())
}

/// xorshift64: looks random, and a failure happens again in the next run.
fn random(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_say_every_byte() {
        assert_eq!(bytes(r"a\r\n\t\\\x00\xffé").unwrap(), b"a\r\n\t\\\0\xff\xc3\xa9");
        assert_eq!(bytes(r"<\(a\r*3)>\(ab*2)").unwrap(), b"<a\ra\ra\r>abab");
        let random = bytes(r"\(random*655360)").unwrap();
        assert!(random.len() == 655_360 && (0..=255).all(|b| random.contains(&b)));
        for wrong in [r"\q", r"\", r"\x1", r"\(a)", r"\(a*b)", r"\(a*2"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rows_take_the_lists_defaults_and_typos_are_noticed() {
        let read = |text: &str| {
            let file: Table = text.parse().unwrap();
            let defaults = "mode = 'reject'\nstatus = [400]".parse().unwrap();
            list(&file, "rows", &defaults)
        };
        let rows = read(
            "rows = [{ id = 'a', send = 'x' }, { id = 'b', target = '/y', status = [404], mode = 'single' }]",
        )
        .unwrap();
        assert_eq!((rows[0].mode, rows[0].status.as_slice()), (Mode::Reject, &[400_u16][..]));
        assert_eq!((rows[1].mode, rows[1].send.as_slice()), (Mode::Single, &b"GET /y HTTP/1.0\r\n\r\n"[..]));
        assert!(read("rows = [{ id = 'a', send = 'x', stauts = [1] }]").unwrap_err().contains("stauts"));
        assert!(read("rows = [{ id = 'a' }]").is_err());
    }
}
