//! `WWW-Authenticate`, taken apart (RFC 9110 §11.6.1): several challenges, each with parameters.
//!
//! ```text
//!   scheme SP name=value, name="value", scheme SP …
//! ```
//! Commas separate both challenges and parameters: a token with `=` behind it is a parameter's name.

use crate::limits::CHALLENGE_BYTES;

/// One challenge.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) scheme: String,
    pub(crate) params: Vec<(String, String)>,
}

impl Offer {
    /// A parameter; `None` if it is not there, or there twice (RFC 9110 §11.2).
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        let mut all = self.params.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        match (all.next(), all.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

/// The challenges in these fields; what is malformed is passed over.
pub(crate) fn parse<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let mut bytes = 0;
    for field in fields {
        bytes += field.len();
        let Ok(text) = std::str::from_utf8(field) else { continue };
        if bytes > CHALLENGE_BYTES {
            break;
        }
        let mut rest = text;
        let first = offers.len();
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            let (token, behind) = split_token(rest);
            if token.is_empty() {
                // No token here: up to the next comma.
                match rest.split_once(',') {
                    Some((_, behind)) => rest = behind,
                    None => break,
                }
                continue;
            }
            rest = behind.trim_start_matches([' ', '\t']);
            match (rest.strip_prefix('='), offers.get_mut(first..).and_then(<[Offer]>::last_mut)) {
                (Some(value), Some(offer)) => {
                    let (value, behind) = split_value(value.trim_start_matches([' ', '\t']));
                    offer.params.push((token.into(), value));
                    rest = behind;
                }
                (Some(value), None) => rest = value,
                (None, _) => offers.push(Offer { scheme: token.into(), params: Vec::new() }),
            }
        }
    }
    offers
}

fn split_token(text: &str) -> (&str, &str) {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~/".contains(&b);
    text.split_at(text.bytes().take_while(|b| is_token(*b)).count())
}

fn split_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (token, rest) = split_token(text);
        return (token.into(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return (value, quoted.get(i + 1..).unwrap_or_default()),
            '\\' => value.extend(chars.next().map(|(_, c)| c)),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[&str], expected: &[(&str, &[(&str, &str)])]) {
        let got = parse(fields.iter().map(|f| f.as_bytes()));
        let got: Vec<(&str, Vec<(&str, &str)>)> = got
            .iter()
            .map(|o| (&o.scheme[..], o.params.iter().map(|(a, b)| (&a[..], &b[..])).collect()))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(s, p)| (*s, p.to_vec())).collect();
        assert_eq!(got, expected, "{fields:?}");
    }

    /// Whatever a server says, it is read to its end.
    #[test]
    fn nothing_that_a_server_says_is_too_much() {
        let alphabet = b"Digest \t,,==\"\"\\realm=nonce\xc3\xa4\xff();x";
        let mut state = 1u32;
        for _ in 0..20_000 {
            let field: Vec<u8> = (0..state % 40)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    alphabet[(state >> 16) as usize % alphabet.len()]
                })
                .collect();
            let offers = parse([&field[..], b"Last x=y"].into_iter());
            assert_eq!(
                offers.last().and_then(|offer| offer.param("x")),
                Some("y"),
                "{}",
                field.escape_ascii()
            );
            state = state.wrapping_add(77);
        }
    }

    #[test]
    fn challenges_of_every_kind() {
        check(&[], &[]);
        check(&[r#"Basic realm="x""#], &[("Basic", &[("realm", "x")])]);
        check(
            &[r#"Digest realm="a, \"b\"" , qop=auth,nonce = "n", Basic realm=x"#, "Negotiate"],
            &[
                ("Digest", &[("realm", "a, \"b\""), ("qop", "auth"), ("nonce", "n")]),
                ("Basic", &[("realm", "x")]),
                ("Negotiate", &[]),
            ],
        );
        check(
            &["Negotiate abc==, Basic realm=\"x"],
            &[("Negotiate", &[("abc", "")]), ("Basic", &[("realm", "x")])],
        );
        check(&["=x, Basic"], &[("Basic", &[])]);
        check(&[",,, ", "\"", "(x), Basic"], &[("Basic", &[])]);
    }
}
