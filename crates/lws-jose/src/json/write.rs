//! The writer: no white space, and as few escapes as RFC 8259 §7 allows.

use core::fmt::{self, Write};

use super::{Object, Value};

pub(super) fn value(value: &Value<'_>, out: &mut dyn Write) -> fmt::Result {
    match value {
        Value::Null => out.write_str("null"),
        Value::Bool(true) => out.write_str("true"),
        Value::Bool(false) => out.write_str("false"),
        Value::Number(text) => out.write_str(text),
        Value::String(text) => string(text, out),
        Value::Array(elements) => {
            for (i, element) in elements.iter().enumerate() {
                out.write_str(if i == 0 { "[" } else { "," })?;
                self::value(element, out)?;
            }
            out.write_str(if elements.is_empty() { "[]" } else { "]" })
        }
        Value::Object(members) => object(members, out),
    }
}

pub(super) fn object(object: &Object<'_>, out: &mut dyn Write) -> fmt::Result {
    out.write_str("{")?;
    for (i, (name, member)) in object.iter().enumerate() {
        out.write_str(if i == 0 { "" } else { "," })?;
        string(name, out)?;
        out.write_str(":")?;
        value(member, out)?;
    }
    out.write_str("}")
}

fn string(text: &str, out: &mut dyn Write) -> fmt::Result {
    out.write_str("\"")?;
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') {
        let (plain, special) = rest.split_at(at);
        out.write_str(plain)?;
        let mut chars = special.chars();
        match chars.next() {
            Some('"') => out.write_str("\\\"")?,
            Some('\\') => out.write_str("\\\\")?,
            Some(control) => write!(out, "\\u{:04x}", control as u32)?,
            None => {}
        }
        rest = chars.as_str();
    }
    out.write_str(rest)?;
    out.write_str("\"")
}
