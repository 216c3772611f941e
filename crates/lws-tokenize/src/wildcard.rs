//! Patterns in which `*` stands for any text.

/// Whether all of `text` fits `pattern`, in which each `*` stands for any text, also for none. Bytes are compared as they are.
///
/// Takes time in proportion to the product of the lengths at worst, however many stars there are, and no memory.
///
/// ```
/// use lws_tokenize::wildcard::matches;
/// assert!(matches("*.example.com", "www.example.com"));
/// assert!(!matches("*.example.com", "example.com"));
/// ```
#[doc(alias = "lws_wildcard_strcmp")]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where to go on if the last star has to take one byte more: behind it in the pattern, and in the text.
    let mut retry = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                retry = Some((p, t));
            }
            Some(&wanted) if wanted == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                // An earlier star need not take more: the last one can take all that it could.
                let Some((behind_star, taken)) = retry else { return false };
                retry = Some((behind_star, taken + 1));
                (p, t) = (behind_star, taken + 1);
            }
        }
    }
    pattern[p..].iter().all(|&b| b == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;
    use std::string::String;
    use std::vec::Vec;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("**", "ab", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "abc", true),
            ("a*c", "abcd", false),
            ("*ab", "aab", true),
            ("*a*b*", "xxaxxbxx", true),
            ("a*b", "a", false),
            ("ü*", "üx", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    /// The definition, by recursion.
    fn oracle(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|i| oracle(rest, &text[i..])),
            Some((b, rest)) => text.split_first().is_some_and(|(t, more)| t == b && oracle(rest, more)),
        }
    }

    #[test]
    fn agrees_with_the_definition() {
        let words = |letters: &[u8], longest: usize| -> Vec<String> {
            let mut all = Vec::from([String::new()]);
            let mut last = all.clone();
            for _ in 0..longest {
                last = last
                    .iter()
                    .flat_map(|w| {
                        letters.iter().map(move |&l| w.clone() + std::str::from_utf8(&[l]).unwrap())
                    })
                    .collect();
                all.extend(last.clone());
            }
            all
        };
        for pattern in words(b"ab*", 5) {
            for text in words(b"ab", 5) {
                assert_eq!(
                    matches(&pattern, &text),
                    oracle(pattern.as_bytes(), text.as_bytes()),
                    "{pattern} {text}"
                );
            }
        }
    }

    #[test]
    fn many_stars_cost_no_more() {
        let pattern = "a*".repeat(500) + "b";
        let text = "a".repeat(5000);
        assert!(!matches(&pattern, &text)); // exponential for a naive search
    }
}
