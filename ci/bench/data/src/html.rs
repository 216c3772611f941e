//! The text of a web page: what a reader sees, roughly.
//!
//! Tags become nothing or, where they end a block, a newline. `script`, `style` and comments are dropped with what is in
//! them. This is no HTML parser: it makes search corpora out of generated documentation.

/// Tags that begin or end a line.
const BLOCKS: [&str; 22] = [
    "p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "section", "h1", "h2", "h3", "h4",
    "h5", "h6", "pre", "title", "body", "summary",
];

/// Appends the text of `html` to `out`.
pub fn text(html: &str, out: &mut String) {
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('&') { entity(rest, out) } else { tag(rest, out) };
    }
    out.push_str(rest);
}

/// `rest` starts with `<`: answers what comes after the tag, or after the element for those without text.
fn tag<'a>(rest: &'a str, out: &mut String) -> &'a str {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.split_once("-->").map_or("", |(_, after)| after);
    }
    let name = rest[1..].trim_start_matches('/');
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    if name.is_empty() && !rest.starts_with("<!") && !rest.starts_with("</") {
        out.push('<');
        return &rest[1..];
    }
    let after = rest.split_once('>').map_or("", |(_, after)| after);
    let name = name.to_ascii_lowercase();
    if BLOCKS.contains(&name.as_str()) && !out.ends_with('\n') {
        out.push('\n');
    }
    if ["script", "style"].contains(&name.as_str()) && !rest.starts_with("</") {
        let end = format!("</{name}");
        return after.find(&end).map_or("", |at| &after[at..]);
    }
    after
}

/// `rest` starts with `&`: appends what it stands for, and answers what comes after it.
fn entity<'a>(rest: &'a str, out: &mut String) -> &'a str {
    // The longest name has 8 characters; a lone ampersand has no semicolon nearby.
    let end = rest.bytes().take(10).position(|b| b == b';');
    let character = end.and_then(|end| character(&rest[1..end]));
    match (character, end) {
        (Some(character), Some(end)) => {
            out.push(character);
            &rest[end + 1..]
        }
        _ => {
            out.push('&');
            &rest[1..]
        }
    }
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix("#x").or(name.strip_prefix("#X")) {
        return u32::from_str_radix(number, 16).ok().and_then(char::from_u32);
    }
    if let Some(number) = name.strip_prefix('#') {
        return number.parse().ok().and_then(char::from_u32);
    }
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_its_text() {
        for (html, wanted) in [
            ("plain", "plain"),
            ("<p>one</p><p>two</p>", "\none\ntwo\n"),
            ("a <b>bold</b> word", "a bold word"),
            ("a<script>let x = '<p>';</script>b", "ab"),
            ("a<!-- <p> -->b", "ab"),
            ("1 &lt; 2 &amp;&amp; x&#233;&#x4e2d;", "1 < 2 && xé中"),
            ("AT&T; a & b &unknown;", "AT&T; a & b &unknown;"),
            ("<!DOCTYPE html><HTML>x", "x"),
            ("a < b", "a < b"),
            ("cut <b", "cut "),
            ("cut &#x", "cut &#x"),
            ("é&日本語日本;", "é&日本語日本;"),
        ] {
            let mut out = String::new();
            text(html, &mut out);
            assert_eq!(out, wanted, "{html}");
        }
    }
}
