//! JSON objects for machines that read our lines. Writing only; a library for reading and writing would be most of
//! this program's dependencies.

use std::fmt::{Display, Write as _};

/// A JSON object in the making; members stay in order.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        Self(String::from("{"))
    }

    /// Adds a string.
    pub(crate) fn text(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        quote(value, &mut self.0);
        self
    }

    /// Adds what is JSON as it stands: a number, a boolean, `null`, an object or an array.
    pub(crate) fn value(mut self, name: &str, value: impl Display) -> Self {
        self.name(name);
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{value}");
        self
    }

    /// Adds a number, or `null`.
    pub(crate) fn maybe(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.value(name, value),
            None => self.value(name, "null"),
        }
    }

    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(name, &mut self.0);
        self.0.push(':');
    }
}

/// An array of strings.
pub(crate) fn strings<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let mut array = String::from("[");
    for (i, value) in values.into_iter().enumerate() {
        if i > 0 {
            array.push(',');
        }
        quote(value, &mut array);
    }
    array.push(']');
    array
}

/// A JSON string (RFC 8259 §7) of printable ASCII: everything else is escaped, so that no reader can mistake it for
/// a line's end or a terminal's command (LOG-01).
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parser_reads_what_was_meant() {
        let nasty = "a\"b\\c\r\n\t\u{1b}[2J\u{7f}\u{0}\u{85}\u{2028}é\u{1f600}";
        let json = Object::new()
            .text(nasty, nasty)
            .value("n", 1.5)
            .maybe("some", Some(3))
            .maybe("none", None::<u8>)
            .value("list", strings([nasty, "x"]))
            .end();
        assert!(json.bytes().all(|b| (b' '..=b'~').contains(&b)), "{json}");
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        let wanted =
            serde_json::json!({nasty: nasty, "n": 1.5, "some": 3, "none": null, "list": [nasty, "x"]});
        assert_eq!(read, wanted);
        assert_eq!(Object::new().end(), "{}");
    }
}
