//! Which files a path pattern means.

use super::Bitmap;
use crate::error::Result;
use crate::io::ReadAt;
use crate::segment::{Place, Segment, Walk, Work};

/// The files of a segment whose path is like `pattern`. Looks only at paths that start as the pattern does.
pub(super) fn files<R: ReadAt>(segment: &Segment<R>, pattern: &str, work: &Work) -> Result<Bitmap> {
    let literal = pattern.find(['*', '?']).map_or(pattern, |at| &pattern[..at]);
    let mut lower = alloc::vec![0];
    lower.extend_from_slice(literal.as_bytes());
    let mut found = Bitmap::new(segment.footer.files);
    let mut walk = Walk::from(segment, &lower, work)?;
    while let Some(term) = walk.next(work)? {
        let Some(rest) = walk.key().strip_prefix(lower.as_slice()) else { break };
        let Place::Here { file, .. } = term.place else { continue };
        if matches(&pattern.as_bytes()[literal.len()..], rest) {
            found.insert(file);
        }
    }
    Ok(found)
}

/// Whether `text` is like `pattern`. A `?` is one UTF-8 character.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to go on when a match fails: after the last star, with one more byte for it.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() || p < pattern.len() {
        match (pattern.get(p), text.get(t)) {
            (Some(b'*'), _) => {
                retry = Some((p, t));
                p += 1;
                continue;
            }
            (Some(b'?'), Some(_)) => {
                t += 1;
                while text.get(t).is_some_and(|b| b & 0xC0 == 0x80) {
                    t += 1;
                }
                p += 1;
                continue;
            }
            (Some(a), Some(b)) if a == b => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        match retry {
            Some((star, from)) if from < text.len() => {
                retry = Some((star, from + 1));
                (p, t) = (star + 1, from + 1);
            }
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, text, want) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "a/b", true),
            ("*.c", "src/a.c", true),
            ("*.c", "src/a.cc", false),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("?", "é", true),
            ("?", "", false),
            ("a?c*", "abcdef", true),
            ("**", "x", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), want, "{pattern} {text}");
        }
    }
}
