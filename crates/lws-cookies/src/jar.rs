//! The jar.
//!
//! Invariants: no two cookies have the same domain, path and name; at most [`limits::COOKIES`] in all and
//! [`limits::PER_DOMAIN`] of one domain; `domain` is in lower case.

use crate::limits;
use crate::parse::{Parsed, parse};
use std::fmt;
use std::net::IpAddr;

/// Cookies, and who gets them.
#[doc(alias = "lws_cache_create")]
#[derive(Default)]
pub struct Jar {
    pub(crate) cookies: Vec<Cookie>,
    /// Counts uses; the last one's number.
    uses: u64,
    suffixes: Option<Box<Suffixes>>,
}

type Suffixes = dyn Fn(&str) -> bool;

/// A cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The host it is for, in lower case.
    pub domain: String,
    /// Whether it is for that host alone, not for those below it.
    pub host_only: bool,
    /// The path it is for, and those below it.
    pub path: String,
    /// It is sent over TLS only.
    pub secure: bool,
    /// It is no script's business.
    pub http_only: bool,
    /// When it ends, in seconds since 1970; `None` lasts as long as the jar, and is not saved.
    pub expires_s: Option<u64>,
    pub(crate) used: u64,
}

/// Where a request goes.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The host in lower case, an IPv6 address without brackets.
    pub host: &'a str,
    /// The path; what is behind `?` is ignored.
    pub path: &'a str,
    /// Whether it goes over TLS.
    pub secure: bool,
}

/// Why a cookie is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// No name, no `=`, a control character.
    Syntax,
    /// More than [`limits::COOKIE_BYTES`].
    Size,
    /// It is for a host that its sender does not speak for, or for a whole public suffix.
    Domain,
    /// `Secure`, or in place of a secure one, and it came without TLS.
    Insecure,
    /// The name begins with `__Secure-` or `__Host-`, and the rest does not fit that.
    Prefix,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "the cookie is malformed",
            Self::Size => "the cookie is too large",
            Self::Domain => "the cookie is for somebody else",
            Self::Insecure => "a secure cookie must come over TLS",
            Self::Prefix => "the cookie does not keep what its name promises",
        })
    }
}

impl std::error::Error for Refused {}

impl Jar {
    /// An empty jar.
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses cookies for whole domains of which `is_suffix` says that anybody may have hosts in them: `co.uk`. It is
    /// asked in lower case. A single label (`com`) is always refused.
    #[must_use]
    pub fn public_suffixes(mut self, is_suffix: impl Fn(&str) -> bool + 'static) -> Self {
        self.suffixes = Some(Box::new(is_suffix));
        self
    }

    /// Keeps what a `Set-Cookie` field from `place` says. One that is over already removes the one it names.
    ///
    /// # Errors
    /// Why it is not kept.
    pub fn store(&mut self, place: &Place<'_>, set_cookie: &[u8], now_s: u64) -> Result<(), Refused> {
        let parsed = parse(set_cookie, now_s)?;
        let (domain, host_only) = self.domain(place.host, parsed.domain)?;
        if parsed.secure && !place.secure {
            return Err(Refused::Insecure);
        }
        check_prefix(&parsed, host_only)?;
        let path = parsed.path.unwrap_or_else(|| default_path(place.path)).to_string();
        // RFC 6265bis §5.6: who comes in plain text neither replaces nor hides a secure cookie.
        let hides = |kept: &Cookie| {
            kept.secure
                && kept.name == parsed.name
                && (is_below(&domain, &kept.domain) || is_below(&kept.domain, &domain))
                && path_matches(&path, &kept.path)
        };
        if !place.secure && self.cookies.iter().any(hides) {
            return Err(Refused::Insecure);
        }
        let over = parsed.expires_s.is_some_and(|at| at <= now_s);
        let cookie = Cookie {
            name: parsed.name.into(),
            value: parsed.value.into(),
            domain,
            host_only,
            path,
            secure: parsed.secure,
            http_only: parsed.http_only,
            expires_s: parsed.expires_s,
            used: self.next_use(),
        };
        let same = |c: &Cookie| c.domain == cookie.domain && c.path == cookie.path && c.name == cookie.name;
        let old = self.cookies.iter().position(same);
        match (old, over) {
            (Some(i), true) => drop(self.cookies.remove(i)),
            // RFC 6265bis §5.6: its place in the order is kept.
            (Some(i), false) => self.cookies[i] = cookie,
            (None, true) => {}
            (None, false) => {
                self.expire(now_s);
                self.make_room(&cookie.domain);
                self.cookies.push(cookie);
            }
        }
        Ok(())
    }

    /// The value of `Cookie` for a request to `place`; `None` if there is nothing to say.
    pub fn header(&mut self, place: &Place<'_>, now_s: u64) -> Option<String> {
        let path = place.path.split('?').next().unwrap_or_default();
        let used = self.next_use();
        let mut found: Vec<&mut Cookie> =
            self.cookies.iter_mut().filter(|cookie| cookie.is_for(place, path, now_s)).collect();
        // RFC 6265bis §5.8.3: longer paths first, then older ones.
        found.sort_by_key(|cookie| usize::MAX - cookie.path.len());
        let mut header = String::new();
        for cookie in found {
            cookie.used = used;
            let separator = if header.is_empty() { "" } else { "; " };
            header.extend([separator, &cookie.name, "=", &cookie.value]);
        }
        Some(header).filter(|header| !header.is_empty())
    }

    /// All cookies, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = &Cookie> {
        self.cookies.iter()
    }

    /// How many there are; some may be over.
    pub fn len(&self) -> usize {
        self.cookies.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.cookies.clear();
    }

    /// Forgets those that are over.
    pub fn expire(&mut self, now_s: u64) {
        self.cookies.retain(|cookie| cookie.expires_s.is_none_or(|at| at > now_s));
    }

    fn next_use(&mut self) -> u64 {
        self.uses += 1;
        self.uses
    }

    /// Whom a cookie from `host` with this attribute is for, and whether for that host alone.
    fn domain(&self, host: &str, attribute: Option<&str>) -> Result<(String, bool), Refused> {
        let Some(domain) = attribute.map(str::to_ascii_lowercase) else { return Ok((host.into(), true)) };
        // An address or a public suffix speaks for itself alone (RFC 6265bis §5.6, steps 6 and 7).
        if domain == host && (self.is_suffix(&domain) || is_address(host)) {
            return Ok((domain, true));
        }
        if self.is_suffix(&domain) || is_address(host) || !is_below(host, &domain) {
            return Err(Refused::Domain);
        }
        Ok((domain, false))
    }

    fn is_suffix(&self, domain: &str) -> bool {
        !domain.trim_end_matches('.').contains('.') || self.suffixes.as_ref().is_some_and(|is| is(domain))
    }

    /// Lets those go that were used least recently.
    fn make_room(&mut self, domain: &str) {
        let of_domain = |cookie: &Cookie| cookie.domain == domain;
        if self.cookies.iter().filter(|c| of_domain(c)).count() >= limits::PER_DOMAIN {
            self.evict(of_domain);
        }
        if self.cookies.len() >= limits::COOKIES {
            self.evict(|_| true);
        }
    }

    fn evict(&mut self, among: impl Fn(&Cookie) -> bool) {
        let candidates = self.cookies.iter().enumerate().filter(|(_, cookie)| among(cookie));
        if let Some((i, _)) = candidates.min_by_key(|(_, cookie)| cookie.used) {
            self.cookies.remove(i);
        }
    }
}

impl Cookie {
    fn is_for(&self, place: &Place<'_>, path: &str, now_s: u64) -> bool {
        let host =
            if self.host_only { place.host == self.domain } else { is_below(place.host, &self.domain) };
        host && path_matches(path, &self.path)
            && (place.secure || !self.secure)
            && self.expires_s.is_none_or(|at| at > now_s)
    }
}

/// The values stay unseen: cookies are as good as passwords.
impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jar").field("cookies", &self.cookies.len()).finish_non_exhaustive()
    }
}

/// RFC 6265bis §5.1.3: `host` is `domain`, or a name below it.
fn is_below(host: &str, domain: &str) -> bool {
    match host.strip_suffix(domain) {
        Some("") => true,
        Some(rest) => rest.ends_with('.') && !is_address(host),
        None => false,
    }
}

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}

/// RFC 6265bis §5.1.4.
fn default_path(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    match path.rfind('/') {
        Some(i) if i > 0 && path.starts_with('/') => path.get(..i).unwrap_or("/"),
        _ => "/",
    }
}

/// RFC 6265bis §5.1.4.
fn path_matches(path: &str, cookie_path: &str) -> bool {
    match path.strip_prefix(cookie_path) {
        Some("") => true,
        Some(rest) => cookie_path.ends_with('/') || rest.starts_with('/'),
        None => false,
    }
}

/// RFC 6265bis §4.1.3: what the name promises.
fn check_prefix(parsed: &Parsed<'_>, host_only: bool) -> Result<(), Refused> {
    let has = |prefix: &str| {
        parsed.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let secure = !has("__Secure-") || parsed.secure;
    let host = !has("__Host-")
        || (parsed.secure && host_only && parsed.domain.is_none() && parsed.path == Some("/"));
    if secure && host { Ok(()) } else { Err(Refused::Prefix) }
}

#[cfg(test)]
mod tests;
