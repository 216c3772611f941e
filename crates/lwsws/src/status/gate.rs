//! Who may see the status page.
//!
//! ```text
//!   asked from this machine, by a name that cannot be somebody else's, not on behalf of others ──▶ granted
//!   the token is shown: Authorization: Bearer TOKEN, or ?token=TOKEN                           ──▶ granted
//!   otherwise: a token is set ──▶ 401        none is set ──▶ 404, as if nothing were there
//! ```
//! * A page of another site can make its own name point to 127.0.0.1 (DNS rebinding), and a browser then takes us
//!   for that site: so `Host` must be an address or `localhost`, which cannot be made to point anywhere.
//! * Behind a proxy on this machine everybody looks local. Proxies that say so (`Forwarded`, `X-Forwarded-For`,
//!   `X-Real-IP`, `Via`) are taken at their word; one that does not must keep `/.lws` and `/metrics` to itself.

use lws::Peer;
use lws::http::RequestHead;
use lws_head::Host;
use std::hint::black_box;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The query argument that holds the token, for pages: a browser cannot set a header for a page or a WebSocket.
pub(crate) const TOKEN_ARG: &str = "token";

/// Fields by which proxies say that they ask on behalf of somebody.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// Who may see the status page.
pub(crate) struct Gate {
    token: Option<String>,
}

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Granted,
    /// 401: the token is missing or wrong.
    Unauthorised,
    /// 404: not for this client, whatever it shows.
    Hidden,
}

impl Gate {
    pub(crate) fn new(token: Option<String>) -> Self {
        Self { token }
    }

    /// Whether `peer` may have what `head` asks for.
    pub(crate) fn check(&self, peer: Peer, head: &RequestHead<'_>) -> Verdict {
        match &self.token {
            _ if is_here(peer, head) => Verdict::Granted,
            None => Verdict::Hidden,
            Some(token) if shows(head, token) => Verdict::Granted,
            Some(_) => Verdict::Unauthorised,
        }
    }

    /// As [`Gate::check`], for the page's script and style: they are the same in every copy of this program, and a
    /// page that was opened with `?token=` asks for them without it.
    pub(crate) fn check_public(&self, peer: Peer, head: &RequestHead<'_>) -> Verdict {
        if self.token.is_some() { Verdict::Granted } else { self.check(peer, head) }
    }
}

fn is_here(peer: Peer, head: &RequestHead<'_>) -> bool {
    let forwarded = FORWARDED.iter().any(|name| head.fields.first(name).is_some());
    // HTTP/1.0 without Host: no browser, so no page of another site.
    peer.is_local() && !forwarded && head.authority.is_none_or(is_own_name)
}

/// Names that cannot be made to point here by somebody else: addresses, and `localhost` (RFC 6761 §6.3).
fn is_own_name(authority: &str) -> bool {
    let Some(Host { name, .. }) = Host::parse(authority) else { return false };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<Ipv4Addr>().is_ok()
        || address.parse::<Ipv6Addr>().is_ok()
}

fn shows(head: &RequestHead<'_>, token: &str) -> bool {
    let bearer = head.fields.first("authorization").and_then(|value| {
        // RFC 9110 §11.1: the scheme's case does not matter.
        let (scheme, credentials) = value.split_at_checked(b"Bearer ".len())?;
        scheme.eq_ignore_ascii_case(b"Bearer ").then_some(credentials)
    });
    if bearer.is_some_and(|shown| is_same(shown, token.as_bytes())) {
        return true;
    }
    let arg = head.query.and_then(|query| lws_head::query::arg(query, TOKEN_ARG));
    arg.is_some_and(|shown| is_same(&shown, token.as_bytes()))
}

/// Compares in a time that depends on the length of `shown` and not on what is in either.
fn is_same(shown: &[u8], token: &[u8]) -> bool {
    let mut difference = shown.len() ^ token.len();
    for (i, byte) in shown.iter().enumerate() {
        let own = token.get(i).or(token.first()).copied().unwrap_or(0);
        difference |= usize::from(black_box(byte ^ own));
    }
    black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use lws::http::{Fields, Method, Version};
    use lws_head::FieldPos;

    /// The verdict on a request with this query and these fields; `host` is one of them.
    fn verdict(token: Option<&str>, peer: &str, query: Option<&str>, fields: &[(&str, &str)]) -> Verdict {
        let (mut block, mut index) = (String::new(), Vec::new());
        let mut put = |s: &str| {
            block.push_str(s);
            (u16::try_from(block.len() - s.len()).unwrap(), u16::try_from(s.len()).unwrap())
        };
        for (name, value) in fields {
            let ((name, name_len), (value, value_len)) = (put(name), put(value));
            index.push(FieldPos { name, name_len, value, value_len });
        }
        let head = RequestHead {
            method: Method::Get,
            target: "/.lws/status",
            version: Version::Http11,
            scheme: None,
            authority: fields.iter().find(|(n, _)| *n == "host").map(|(_, v)| *v),
            path: "/.lws/status",
            query,
            protocol: None,
            fields: Fields::new(block.as_bytes(), &index),
        };
        Gate::new(token.map(Into::into)).check(Peer::Inet(peer.parse().unwrap()), &head)
    }

    const HERE: &str = "127.0.0.1:9";
    const THERE: &str = "192.0.2.1:9";

    #[test]
    fn this_machine_only() {
        let host = [("host", "127.0.0.1:7681")];
        for peer in [HERE, "127.9.9.9:1", "[::1]:9", "[::ffff:127.0.0.1]:9"] {
            assert_eq!(verdict(None, peer, None, &host), Verdict::Granted, "{peer}");
            assert_eq!(verdict(Some("x"), peer, None, &host), Verdict::Granted, "{peer}");
        }
        for peer in [THERE, "[2001:db8::1]:9", "[::ffff:192.0.2.1]:9", "[fe80::1]:9", "0.0.0.0:9"] {
            assert_eq!(verdict(None, peer, None, &host), Verdict::Hidden, "{peer}");
            assert_eq!(verdict(None, peer, Some("token="), &host), Verdict::Hidden, "{peer}");
        }
        assert_eq!(verdict(None, HERE, None, &[]), Verdict::Granted, "HTTP/1.0");
    }

    #[test]
    fn other_sites_cannot_pose_as_this_one() {
        for own in ["localhost", "LOCALHOST:7681", "127.0.0.1", "[::1]:7681", "192.0.2.1:80"] {
            assert_eq!(verdict(None, HERE, None, &[("host", own)]), Verdict::Granted, "{own}");
        }
        for other in
            ["evil.example", "evil.example:7681", "localhost.evil.example", "127.0.0.1.evil", "127.1"]
        {
            assert_eq!(verdict(None, HERE, None, &[("host", other)]), Verdict::Hidden, "{other}");
        }
    }

    #[test]
    fn a_proxy_that_says_so_is_not_this_machine() {
        for name in FORWARDED {
            let fields = [("host", "localhost"), (name, "192.0.2.1")];
            assert_eq!(verdict(None, HERE, None, &fields), Verdict::Hidden, "{name}");
            assert_eq!(verdict(Some("x"), HERE, Some("token=x"), &fields), Verdict::Granted, "{name}");
        }
    }

    #[test]
    fn the_token_opens() {
        let check = |query: Option<&str>, authorization: Option<&str>, wanted: Verdict| {
            let mut fields = vec![("host", "box.example")];
            fields.extend(authorization.map(|a| ("authorization", a)));
            assert_eq!(verdict(Some("sesame"), THERE, query, &fields), wanted, "{query:?} {authorization:?}");
        };
        for query in ["token=sesame", "a=b&token=sesame", "token=%73esame"] {
            check(Some(query), None, Verdict::Granted);
        }
        for bearer in ["Bearer sesame", "bearer sesame", "BEARER sesame"] {
            check(None, Some(bearer), Verdict::Granted);
        }
        check(Some("token=wrong!"), Some("Bearer sesame"), Verdict::Granted);
        check(None, None, Verdict::Unauthorised);
        for query in
            ["token=", "token", "token=sesam", "token=sesamee", "token=Sesame", "Token=sesame", "sesame"]
        {
            check(Some(query), None, Verdict::Unauthorised);
        }
        for wrong in ["", "Bearer", "Bearer ", "Bearer sesam", "Basic sesame", "sesame", "Bearersesame"] {
            check(None, Some(wrong), Verdict::Unauthorised);
        }
    }

    #[test]
    fn comparing() {
        assert!(is_same(b"abc", b"abc"));
        for (a, b) in [("", "a"), ("a", "aa"), ("aa", "a"), ("aaa", "a"), ("abc", "abd"), ("abc", "bbc")] {
            assert!(!is_same(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
    }
}
