//! Whose page is it? (RFC 6455 §10.2, RFC 6454)
//!
//! A browser lets any page open a WebSocket to any server, with the user's cookies, and says in `Origin` whose page
//! it is. A server that relies on cookies has to look. Programs other than browsers send no `Origin`, and could
//! send any: this is no authentication.

use super::is_same;

/// Whether a request with these values of `Origin` and `Host` may be granted.
///
/// It may if there is no origin, if the origin's host and port are those of `Host`, or if the origin is in `allowed`
/// (`https://app.example.com`: scheme, host, and a port unless it is the scheme's own). `null`, which any sandboxed
/// page sends, is never allowed.
pub fn allows<S: AsRef<str>>(origin: Option<&[u8]>, host: Option<&[u8]>, allowed: &[S]) -> bool {
    let Some(origin) = origin else { return true };
    let Some(origin) = Origin::parse(origin) else { return false };
    let same_host = host.and_then(|host| origin.authority(host)) == Some(origin.authority);
    same_host || allowed.iter().any(|own| Origin::parse(own.as_ref().as_bytes()) == Some(origin))
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Origin<'a> {
    default_port: u16,
    authority: Authority<'a>,
}

#[derive(Clone, Copy)]
struct Authority<'a> {
    host: &'a [u8],
    port: u16,
}

/// Hosts are compared in any case.
impl PartialEq for Authority<'_> {
    fn eq(&self, other: &Self) -> bool {
        is_same(self.host, other.host) && self.port == other.port
    }
}

impl Eq for Authority<'_> {}

impl<'a> Origin<'a> {
    /// `http://` or `https://`, a host, and perhaps a port. Pages have no other origin.
    fn parse(text: &'a [u8]) -> Option<Self> {
        let after = |prefix: &str| {
            let (start, rest) = text.split_at_checked(prefix.len())?;
            is_same(start, prefix.as_bytes()).then_some(rest)
        };
        let (default_port, authority) = match (after("https://"), after("http://")) {
            (Some(rest), _) => (443, rest),
            (None, Some(rest)) => (80, rest),
            (None, None) => return None,
        };
        Some(Self { default_port, authority: Authority::parse(authority, default_port)? })
    }

    /// `host` as a page of this origin's scheme would mean it.
    fn authority<'h>(&self, host: &'h [u8]) -> Option<Authority<'h>> {
        Authority::parse(host, self.default_port)
    }
}

impl<'a> Authority<'a> {
    /// A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port.
    fn parse(text: &'a [u8], default_port: u16) -> Option<Self> {
        let end = if text.starts_with(b"[") { text.iter().position(|&byte| byte == b']')? } else { 0 };
        let colon = text[end..].iter().position(|&byte| byte == b':').map(|at| end + at);
        let (host, port) = match colon {
            Some(at) => (&text[..at], parse_port(&text[at + 1..])?),
            None => (text, default_port),
        };
        // Of an IPv6 address the bracket is the end; elsewhere brackets and the delimiters of a URL mean trouble.
        let inside = host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]"));
        let is_legal = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(byte);
        let legal = match inside {
            Some(address) => address.iter().all(|byte| is_legal(byte) || *byte == b':'),
            None => host.iter().all(is_legal),
        };
        (legal && !inside.unwrap_or(host).is_empty()).then_some(Self { host, port })
    }
}

fn parse_port(digits: &[u8]) -> Option<u16> {
    // `parse` alone would take a sign.
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ws_09_the_same_host_only_by_default() {
        let check = |origin: Option<&str>, host: &str, expected: bool| {
            let none: [&str; 0] = [];
            let allowed = allows(origin.map(str::as_bytes), Some(host.as_bytes()), &none);
            assert_eq!(allowed, expected, "{origin:?} at {host}");
        };
        check(None, "a.example", true);
        for (origin, host) in [
            ("http://a.example", "a.example"),
            ("https://a.example", "a.example"),
            ("HTTPS://A.Example", "a.example"),
            ("http://a.example:80", "a.example"),
            ("https://a.example", "a.example:443"),
            ("http://a.example:7681", "a.example:7681"),
            ("http://127.0.0.1:7681", "127.0.0.1:7681"),
            ("http://[::1]:7681", "[::1]:7681"),
            ("http://[::1]", "[::1]"),
        ] {
            check(Some(origin), host, true);
        }
        for (origin, host) in [
            ("null", "a.example"),
            ("", "a.example"),
            ("", ""),
            ("http://", ""),
            ("http://:80", ":80"),
            ("http://[]", "[]"),
            ("https://evil.example", "a.example"),
            ("https://a.example.evil", "a.example"),
            ("https://evil-a.example", "a.example"),
            ("https://evila.example", "a.example"),
            ("https://b.a.example", "a.example"),
            ("https://example", "a.example"),
            ("https://a.example.", "a.example"),
            ("https://a.example@evil", "a.example"),
            ("https://evil@a.example", "a.example"),
            ("https://a.example/evil", "a.example"),
            ("https://a.example#evil", "a.example"),
            ("https://a.example:443:80", "a.example"),
            ("https://a.example:", "a.example"),
            ("https://a.example:+443", "a.example"),
            ("https://a.example:65979", "a.example"),
            ("http://a.example", "a.example:443"),
            ("http://a.example:8080", "a.example"),
            ("http://a.example", "a.example:8080"),
            ("http://a.example http://evil", "a.example"),
            ("http://[::1]evil", "[::1]"),
            ("http://[::1]evil", "[::1]evil"),
            ("http://[::1", "[::1"),
            ("file://", "a.example"),
            ("ftp://a.example", "a.example"),
            ("a.example", "a.example"),
        ] {
            check(Some(origin), host, false);
        }
    }

    #[test]
    fn ws_09_no_host_is_no_same_host() {
        let none: [&str; 0] = [];
        assert!(!allows(Some(b"http://a.example"), None, &none));
        assert!(allows(None, None, &none));
    }

    #[test]
    fn ws_09_the_list_is_exact() {
        let list = ["https://app.example", "http://localhost:3000", "null", "nonsense"];
        let check = |origin: &str, expected: bool| {
            assert_eq!(allows(Some(origin.as_bytes()), Some(b"ws.example"), &list), expected, "{origin}");
        };
        check("https://app.example", true);
        check("https://APP.example:443", true);
        check("http://localhost:3000", true);
        check("http://app.example", false);
        check("http://app.example:443", false);
        check("https://app.example:8443", false);
        check("https://app.example.evil", false);
        check("https://x.app.example", false);
        check("http://localhost", false);
        check("null", false);
        check("nonsense", false);
    }
}
