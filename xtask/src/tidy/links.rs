//! Relative links of Markdown files: `[text](path)`, `![alt](path)` and `[label]: path`.
//!
//! Code (fenced or inline) holds no links. Fragments and addresses with a scheme are not looked at.

use std::path::Path;

/// One message per link in the file `name` that leads nowhere.
pub(crate) fn dead(root: &Path, name: &str, text: &str) -> Vec<String> {
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let exists = |target: &str| match target.strip_prefix('/') {
        Some(from_top) => root.join(from_top).exists(),
        None => root.join(folder).join(target).exists(),
    };
    let links = links(text).into_iter().filter(|(_, target)| is_local(target));
    links
        .map(|(line, target)| (line, target.split('#').next().unwrap_or_default().to_owned()))
        .filter(|(_, path)| !path.is_empty() && !exists(path))
        .map(|(line, path)| format!("{name}:{line}: the link leads nowhere: {path}"))
        .collect()
}

/// Every link of the text with its line, counted from 1.
pub(crate) fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let line = without_code(line);
            found.extend(inline(&line).chain(definition(&line)).map(|target| (number, target)));
        }
    }
    found
}

fn is_local(target: &str) -> bool {
    !target.contains("://") && !target.starts_with("mailto:") && !target.starts_with('#')
}

/// The line with `code` spans taken out.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("")
}

fn inline(line: &str) -> impl Iterator<Item = String> {
    let after = line.split("](").skip(1);
    after.filter_map(|rest| rest.split_once(')')).filter_map(|(target, _)| first_word(target))
}

fn definition(line: &str) -> Option<String> {
    let (label, target) = line.strip_prefix('[')?.split_once("]:")?;
    if label.contains(']') { None } else { first_word(target) }
}

/// The target without its title: `path "Title"`.
fn first_word(target: &str) -> Option<String> {
    target.split_whitespace().next().map(|t| t.trim_matches(['<', '>']).to_owned())
}
