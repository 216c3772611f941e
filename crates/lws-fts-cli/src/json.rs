//! JSON out: values are appended to a text, strings escaped.

use std::fmt::Write;

/// An object or list being written.
pub(crate) struct Json {
    text: String,
}

impl Json {
    pub(crate) fn object() -> Self {
        Json { text: String::from("{") }
    }

    /// Adds a member whose value is already JSON, such as a number.
    pub(crate) fn raw(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.name(name);
        let _ = write!(self.text, "{value}");
        self
    }

    pub(crate) fn string(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        self.text += &quote(value);
        self
    }

    pub(crate) fn list(self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        let all: Vec<String> = values.into_iter().collect();
        self.raw(name, format_args!("[{}]", all.join(",")))
    }

    pub(crate) fn end(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn name(&mut self, name: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.text += &quote(name);
        self.text.push(':');
    }
}

/// A JSON string. `<` and `>` are escaped too, so that it is harmless inside a page.
pub(crate) fn quote(value: &str) -> String {
    let mut text = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => text += "\\\"",
            '\\' => text += "\\\\",
            '\n' => text += "\\n",
            c if c < ' ' || matches!(c, '<' | '>' | '&' | '\u{7F}' | '\u{2028}' | '\u{2029}') => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// Text as it may go to a terminal: what could steer it is replaced.
pub(crate) fn plain(value: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\t';
    value.chars().map(|c| if steers(c) { '\u{FFFD}' } else { c }).collect()
}
