//! `Set-Cookie`, taken apart (RFC 6265bis §5.5).

use crate::date;
use crate::jar::Refused;
use crate::limits::{AGE_S, ATTRIBUTE_BYTES, COOKIE_BYTES};

/// What a `Set-Cookie` says.
#[derive(Debug, Default)]
pub(crate) struct Parsed<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    pub(crate) domain: Option<&'a str>,
    pub(crate) path: Option<&'a str>,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    /// Seconds since 1970; `None` lasts as long as the session.
    pub(crate) expires_s: Option<u64>,
}

/// Takes a `Set-Cookie` apart.
pub(crate) fn parse(field: &[u8], now_s: u64) -> Result<Parsed<'_>, Refused> {
    // RFC 6265bis §5.5, step 1; a tab is no good in a file of cookies.
    let text = std::str::from_utf8(field).map_err(|_| Refused::Syntax)?;
    if text.bytes().any(|b| b.is_ascii_control()) {
        return Err(Refused::Syntax);
    }
    let mut parts = text.split(';');
    let pair = parts.next().unwrap_or_default();
    let (name, value) = pair.split_once('=').ok_or(Refused::Syntax)?;
    let (name, value) = (trim(name), trim(value));
    if name.is_empty() {
        return Err(Refused::Syntax);
    }
    if name.len() + value.len() > COOKIE_BYTES {
        return Err(Refused::Size);
    }
    let mut parsed = Parsed { name, value, ..Parsed::default() };
    let (mut max_age, mut expires) = (None, None);
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (key, value) = (trim(key), trim(value));
        if value.len() > ATTRIBUTE_BYTES {
            continue;
        }
        let is = |name: &str| key.eq_ignore_ascii_case(name);
        // RFC 6265bis §5.6: of each kind, the last counts.
        if is("expires") {
            expires = date::parse(value.as_bytes()).or(expires);
        } else if is("max-age") {
            max_age = age(value).or(max_age);
        } else if is("domain") {
            parsed.domain = Some(value.strip_prefix('.').unwrap_or(value)).filter(|d| !d.is_empty());
        } else if is("path") {
            parsed.path = Some(value).filter(|path| path.starts_with('/'));
        } else if is("secure") {
            parsed.secure = true;
        } else if is("httponly") {
            parsed.http_only = true;
        }
    }
    let latest = now_s.saturating_add(AGE_S);
    // RFC 6265bis §5.6: Max-Age before Expires.
    parsed.expires_s = match max_age {
        Some(age) => Some(now_s.saturating_add(age).min(latest)),
        None => expires.map(|at| at.min(latest)),
    };
    Ok(parsed)
}

/// RFC 6265bis §5.5.2: seconds to live; what is negative is over. `None` if it is no number.
fn age(value: &str) -> Option<u64> {
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // What overflows is longer than anybody's limit.
    Some(if negative { 0 } else { digits.parse().unwrap_or(AGE_S) })
}

fn trim(text: &str) -> &str {
    text.trim_matches(' ')
}
