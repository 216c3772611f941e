//! Just enough of a Rust lexer to count functions and find words in code.
//!
//! [`code`] blanks comments and literals and keeps every byte offset and line where it was; everything else here works
//! on that text. It knows no grammar: `fn name … { … }` is a function because its braces say so.

/// A function: where it starts and how many lines it takes, signature to closing brace.
#[derive(Debug, PartialEq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// `source` with comments, strings and char literals blanked; same length, same lines.
pub(crate) fn code(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + literal_or_comment(&bytes[at..], at.checked_sub(1).map(|i| bytes[i]));
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The functions in a text made by [`code`].
pub(crate) fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for at in words(code, "fn") {
        let name: String = code[at + 2..].trim_start().chars().take_while(|c| is_word(*c)).collect();
        let Some(end) = body_end(code, at).filter(|_| !name.is_empty()) else { continue };
        found.push(Function {
            name,
            line: line_of(code, at),
            lines: line_of(code, end) - line_of(code, at) + 1,
        });
    }
    found
}

/// Offsets where `word` stands alone in a text made by [`code`].
pub(crate) fn words(code: &str, word: &str) -> Vec<usize> {
    let alone = |at: &usize| !code[..*at].ends_with(is_word) && !code[at + word.len()..].starts_with(is_word);
    code.match_indices(word).map(|(at, _)| at).filter(alone).collect()
}

/// The lines (from 1) of `#[allow(…)]` and `#[expect(…)]` without a reason: no `reason =`, no `//` on the same line,
/// none on the line above.
pub(crate) fn bare_lint_attributes(source: &str) -> Vec<usize> {
    let code = code(source);
    let lines: Vec<&str> = source.lines().collect();
    let mut found = Vec::new();
    for opening in ["#[allow(", "#[expect(", "#![allow(", "#![expect("] {
        for (at, _) in code.match_indices(opening) {
            let end = at + code[at..].find(']').unwrap_or(code.len() - at);
            let (first, last) = (line_of(&code, at), line_of(&code, end));
            let comment = |line: &str| line.contains("//") && !line.contains("///") && !line.contains("//!");
            let above =
                first >= 2 && comment(lines[first - 2]) && lines[first - 2].trim_start().starts_with("//");
            if !above && !comment(lines[last - 1]) && !code[at..end].contains("reason") {
                found.push(first);
            }
        }
    }
    found.sort_unstable();
    found
}

/// The line (from 1) of a byte offset.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How many bytes at the start of `rest` are one comment or literal; 0 where neither starts there.
fn literal_or_comment(rest: &[u8], before: Option<u8>) -> usize {
    if rest.starts_with(b"//") {
        return rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    }
    if rest.starts_with(b"/*") {
        return block_comment(rest);
    }
    if rest.starts_with(b"'") {
        return char_literal(rest);
    }
    // A prefix counts only where no identifier runs into it: `for"` is not `r"`.
    let inside_word = before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
    let prefix = if inside_word { 0 } else { rest.iter().take(2).take_while(|b| b"bcr".contains(b)).count() };
    let hashes = rest[prefix..].iter().take_while(|b| **b == b'#').count();
    let raw = rest[..prefix].ends_with(b"r");
    match rest.get(prefix + hashes) {
        Some(b'"') if raw => raw_string(rest, prefix + hashes + 1, hashes),
        Some(b'"') if hashes == 0 => quoted(rest, prefix + 1, b'"'),
        _ => 0,
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_string(rest: &[u8], from: usize, hashes: usize) -> usize {
    let closes =
        |tail: &[u8]| tail[0] == b'"' && tail.iter().skip(1).take_while(|b| **b == b'#').count() >= hashes;
    (from..rest.len()).find(|at| closes(&rest[*at..])).map_or(rest.len(), |at| at + 1 + hashes)
}

fn quoted(rest: &[u8], from: usize, quote: u8) -> usize {
    let mut at = from;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// `'x'` and `'\n'` are literals; `'a` is a lifetime and stays.
fn char_literal(rest: &[u8]) -> usize {
    match rest.get(1) {
        Some(b'\\') => quoted(rest, 1, b'\''),
        Some(first) => {
            let width = match first {
                0..=0x7f => 1,
                0x80..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 4,
            };
            if rest.get(1 + width) == Some(&b'\'') { width + 2 } else { 0 }
        }
        None => 0,
    }
}

/// The offset of the brace that closes the function starting at `at`; `None` for a declaration without body.
fn body_end(code: &str, at: usize) -> Option<usize> {
    let (mut braces, mut others) = (0_u32, 0_i32);
    for (offset, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'(' | b'[' => others += 1,
            b')' | b']' => others -= 1,
            b';' if braces == 0 && others == 0 => return None,
            b'{' => braces += 1,
            b'}' if braces <= 1 => return (braces == 1).then_some(offset),
            b'}' => braces -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_in_place() {
        for (source, wanted) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"x("}{ \" y") z"#, "x(         ) z"),
            ("r#\"a\"b\"# c", "         c"),
            ("f('{', 'a, b'\\'')", "f(   , 'a, b    )"),
            ("f(b'{', '\\'')", "f(b   ,     )"),
            ("'é' x", "     x"),
            ("br\"}\" for\"}\"", "      for   "),
        ] {
            let code = code(source);
            assert_eq!(code.len(), source.len(), "{source}");
            assert_eq!(code, wanted, "{source}");
        }
    }

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let source = "trait T {\n    fn declared(&self) -> [u8; 4];\n    fn body(&self) {\n        let f: fn(u8) = g;\n    }\n}\n\
                      fn outer() {\n    fn inner() { \"}\"; }\n    // }\n}\n";
        let found = functions(&code(source));
        let wanted = [("body", 3, 3), ("outer", 7, 4), ("inner", 8, 1)];
        assert_eq!(found.len(), wanted.len());
        for (f, (name, line, lines)) in found.iter().zip(wanted) {
            assert_eq!((f.name.as_str(), f.line, f.lines), (name, line, lines));
        }
    }

    #[test]
    fn words_stand_alone() {
        let text = code("unsafe { } unsafe_code \"unsafe\" // unsafe\n not_unsafe");
        assert_eq!(words(&text, "unsafe"), [0]);
    }

    #[test]
    fn a_lint_attribute_wants_its_reason() {
        let source = "#[allow(a)]\nfn f() {}\n#[allow(b)] // because\nfn g() {}\n// why\n#[expect(c)]\nfn h() {}\n\
                      #[expect(d, reason = \"so\")]\nfn i() {}\n/// Documented.\n#[allow(e)]\nfn j() {}\n\
                      let s = \"#[allow(x)]\";\n";
        assert_eq!(bare_lint_attributes(source), [1, 11]);
    }
}
