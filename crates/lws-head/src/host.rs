//! `uri-host [ ":" port ]`, as in `Host` and `:authority` (RFC 9110 §7.2, RFC 3986 §3.2).
//!
//! Accepted: a registered name or IPv4 address, or an IPv6 address in brackets; then, optionally, a colon and at
//! most five digits up to 65535. Refused: nothing at all, userinfo, paths, zone identifiers, `IPvFuture`.

use core::net::Ipv6Addr;

use crate::field::{self, is_same};

/// A checked host, and the port if one was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    /// The host as received (case and percent escapes kept); an IPv6 address keeps its brackets.
    pub name: &'a str,
    /// The port; `None` also for a colon with nothing behind it, which RFC 3986 §3.2.3 allows.
    pub port: Option<u16>,
}

impl<'a> Host<'a> {
    /// Checks and splits `authority`; `None` if it is not `uri-host [ ":" port ]`.
    #[inline(never)] // it has many callers
    pub fn parse(authority: &'a str) -> Option<Self> {
        let name_len = match authority.strip_prefix('[') {
            Some(rest) => {
                let len = rest.find(']')?;
                rest[..len].parse::<Ipv6Addr>().ok()?;
                len + 2
            }
            None => {
                let len = reg_name_len(authority.as_bytes())?;
                // RFC 9110 §4.2.1: an http URI with an empty host is invalid.
                (len > 0).then_some(len)?
            }
        };
        let (name, rest) = authority.split_at(name_len);
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return None,
            Some("") => None,
            Some(digits) => Some(port(digits)?),
        };
        Some(Self { name, port })
    }

    /// Whether both name the same host and port, where `default_port` stands for a missing one. The case of
    /// the names does not matter.
    pub fn is_same(&self, other: &Host<'_>, default_port: u16) -> bool {
        is_same(self.name.as_bytes(), other.name.as_bytes())
            && self.port.unwrap_or(default_port) == other.port.unwrap_or(default_port)
    }
}

fn port(digits: &str) -> Option<u16> {
    if digits.len() > 5 {
        return None;
    }
    let number =
        digits.bytes().try_fold(0, |n: u32, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')));
    u16::try_from(number?).ok()
}

/// How many bytes in front of the colon, or of the end, are a name; `None` if they are not.
///
/// RFC 3986 §3.2.2: reg-name = *( unreserved / pct-encoded / sub-delims )
fn reg_name_len(authority: &[u8]) -> Option<usize> {
    let mut len = 0;
    loop {
        len += authority.get(len..)?.iter().take_while(|b| field::is_of(field::HOST, **b)).count();
        match authority.get(len..)? {
            [] | [b':', ..] => return Some(len),
            [b'%', hi, lo, ..] if hi.is_ascii_hexdigit() && lo.is_ascii_hexdigit() => len += 3,
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_and_splits() {
        for (s, name, port) in [
            ("example.com", "example.com", None),
            ("example.com:8080", "example.com", Some(8080)),
            ("a:", "a", None),
            ("a:0", "a", Some(0)),
            ("a:65535", "a", Some(65535)),
            ("a:00080", "a", Some(80)),
            ("127.0.0.1:7681", "127.0.0.1", Some(7681)),
            ("[::1]", "[::1]", None),
            ("[2001:db8::1]:443", "[2001:db8::1]", Some(443)),
            ("under_score", "under_score", None),
            ("p%20q", "p%20q", None),
        ] {
            assert_eq!(Host::parse(s), Some(Host { name, port }), "{s}");
        }
    }

    #[test]
    fn h1_13_refuses_what_is_no_host() {
        for s in [
            "",
            ":80",
            "a b",
            "a/../b",
            "a@b",
            "user:pw@b",
            "a:99999",
            "a:65536",
            "a:000080",
            "a:+1",
            "a:x",
            "a:1:2",
            "[::1",
            "::1",
            "[]",
            "[zz]",
            "[::1]x",
            "[::1]:",
            "[fe80::1%25eth0]",
            "[v1.a]",
            "a%2",
            "a%zz",
            "a\0",
            "a\t",
            "é",
            "a?b",
            "a#b",
            "a\\b",
            "http://a",
            "a,b ",
            "<a>",
        ] {
            let expect_ok = s == "[::1]:";
            assert_eq!(Host::parse(s).is_some(), expect_ok, "{s:?}");
        }
    }

    #[test]
    fn compares_without_case_and_with_default_port() {
        let host = |s| Host::parse(s).unwrap();
        assert!(host("A.example").is_same(&host("a.EXAMPLE:80"), 80));
        assert!(!host("a:81").is_same(&host("a"), 80));
        assert!(!host("a").is_same(&host("b"), 80));
    }
}
