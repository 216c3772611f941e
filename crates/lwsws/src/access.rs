//! One line per request.
//!
//! ```text
//!   2026-11-20T10:18:57Z 127.0.0.1 GET /a/b.html 200 1532 B 0.4 ms
//!   {"event":"request","time":"2026-11-20T10:18:57Z","peer":"127.0.0.1","method":"GET",…}
//! ```
//! LOG-01: whatever the client sent, an entry is one line of printable ASCII, and its columns are separated by the only
//! spaces in it. LOG-02: a status token in a query is not written.

use crate::json::Object;
use lws::Peer;
use lws::http::{Method, Record, Status, date};
use std::fmt::Write as _;
use std::time::Duration;

/// What is written of a request. Made on the loop, put into words on the writer's thread.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    peer: Peer,
    method: Method,
    target: String,
    status: Option<Status>,
    body_bytes: u64,
    took: Duration,
    unix_s: u64,
}

/// How lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Style {
    /// For people.
    #[default]
    Plain,
    /// For people at a terminal that knows colours.
    Colour,
    /// For machines: one JSON object per line.
    Json,
}

impl From<&Record> for Entry {
    fn from(record: &Record) -> Self {
        Self {
            peer: record.peer,
            method: record.method,
            target: without_token(&record.target),
            status: record.status,
            body_bytes: record.body_bytes,
            took: record.took,
            unix_s: record.unix_s,
        }
    }
}

/// LOG-02: a query in which the status page would find a token is hidden whole.
fn without_token(target: &str) -> String {
    match target.split_once('?') {
        Some((path, query)) if lws_head::query::arg(query, crate::status::TOKEN_ARG).is_some() => {
            format!("{path}?[hidden]")
        }
        _ => target.into(),
    }
}

impl Entry {
    /// Adds the line, without its end.
    pub(crate) fn write(&self, style: Style, out: &mut String) {
        let time = date::format_rfc3339(self.unix_s);
        let time = std::str::from_utf8(&time).unwrap_or_default();
        // Tenths are enough for people, and no machine should take more for exact.
        let took_ms = self.took.as_micros() as f64 / 1000.0;
        if style == Style::Json {
            let object = Object::new()
                .text("event", "request")
                .text("time", time)
                .text("peer", &self.peer.to_string())
                .text("method", self.method.as_str())
                .text("target", &self.target)
                .maybe("status", self.status.map(Status::code))
                .value("bytes", self.body_bytes)
                .value("ms", format_args!("{took_ms:.1}"));
            out.push_str(&object.end());
            return;
        }
        let (peer, method, bytes) = (self.peer, self.method, self.body_bytes);
        // Writing to a string cannot fail.
        let _ = write!(out, "{time} {peer} {method} ");
        escape(&self.target, out);
        let (on, off) = if style == Style::Colour { (self.colour(), "\x1b[0m") } else { ("", "") };
        let _ = match self.status {
            Some(status) => write!(out, " {on}{}{off}", status.code()),
            None => write!(out, " {on}-{off}"),
        };
        let _ = write!(out, " {bytes} B {took_ms:.1} ms");
    }

    /// By class of status: cyan is good, yellow the client's fault, bold magenta ours.
    fn colour(&self) -> &'static str {
        match self.status.map_or(0, |s| s.code() / 100) {
            1..=3 => "\x1b[36m",
            4 => "\x1b[33m",
            _ => "\x1b[1;35m",
        }
    }
}

/// Adds `text` as printable ASCII without spaces: controls, blanks, quotes, backslashes and 8-bit bytes as `\xHH`.
pub(crate) fn escape(text: &str, out: &mut String) {
    for b in text.bytes() {
        match b {
            b'"' | b'\\' | ..=b' ' | 0x7f.. => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\x{b:02x}");
            }
            _ => out.push(char::from(b)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(target: &str) -> Entry {
        Entry {
            peer: Peer::Inet("[::1]:9".parse().unwrap()),
            method: Method::Get,
            target: without_token(target),
            status: Some(Status::OK),
            body_bytes: 1532,
            took: Duration::from_micros(449),
            unix_s: 784_111_777,
        }
    }

    fn line(entry: &Entry, style: Style) -> String {
        let mut line = String::new();
        entry.write(style, &mut line);
        line
    }

    const NASTY: &str = "/a b\"c\\d\r\n2026 GET /fake 200\u{1b}[2Jé\u{85}\u{7f}\0";

    #[test]
    fn log_01_one_printable_line_whatever_was_sent() {
        let plain = line(&entry(NASTY), Style::Plain);
        assert!(plain.bytes().all(|b| (b' '..=b'~').contains(&b)), "{plain}");
        assert_eq!(plain.split(' ').count(), 9, "{plain}");
        assert!(plain.contains(r"/a\x20b\x22c\x5cd\x0d\x0a2026\x20GET"), "{plain}");
        assert!(plain.contains(r"\x1b[2J\xc3\xa9\xc2\x85\x7f\x00"), "{plain}");

        let json = line(&entry(NASTY), Style::Json);
        assert!(json.bytes().all(|b| (b' '..=b'~').contains(&b)), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["target"], NASTY);
    }

    #[test]
    fn lines_say_what_happened() {
        assert_eq!(
            line(&entry("/x?q=1"), Style::Plain),
            "1994-11-06T08:49:37Z ::1 GET /x?q=1 200 1532 B 0.4 ms"
        );
        assert_eq!(
            line(&entry("/x"), Style::Json),
            r#"{"event":"request","time":"1994-11-06T08:49:37Z","peer":"::1","method":"GET","target":"/x","status":200,"bytes":1532,"ms":0.4}"#
        );
        let unanswered = Entry { status: None, ..entry("/x") };
        assert_eq!(line(&unanswered, Style::Plain), "1994-11-06T08:49:37Z ::1 GET /x - 1532 B 0.4 ms");
        assert!(line(&unanswered, Style::Json).contains(r#""status":null"#));
        let coloured = line(&entry("/x"), Style::Colour);
        assert_eq!(coloured.replace("\x1b[36m", "").replace("\x1b[0m", ""), line(&entry("/x"), Style::Plain));
    }

    #[test]
    fn log_02_tokens_are_not_written() {
        for query in
            ["token=secret", "a=1&token=secret", "a;token=secret", "%74oken=secret", "token=%73ecret"]
        {
            let line = line(&entry(&format!("/.lws/status?{query}")), Style::Plain);
            assert!(line.contains("/.lws/status?[hidden] 200") && !line.contains("ecret"), "{query}: {line}");
        }
        assert!(line(&entry("/x?nottoken=1"), Style::Plain).contains("/x?nottoken=1"));
    }
}
