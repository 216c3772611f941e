//! The arguments of a query, as libwebsockets reads them.
//!
//! ```text
//!   a=1&b=x+y;key1%3d2=%3F     ──▶   a = 1    b = "x y"    key1_2 = "?"
//! ```
//! Split at `&` or `;`, then at the first `=`; `+` is a space; escapes are decoded once, after splitting, so an escaped
//! separator separates nothing. An escaped `=` in a *name* becomes `_`: a name with a `=` in it could not be told from
//! name and value by whoever joins them again. Values are bytes: nothing promises that they are UTF-8.

use alloc::borrow::Cow;

use crate::escape;
use crate::limits::QUERY_ARGS_MAX;

/// The decoded arguments of a raw query (without the `?`), in order: names and values.
///
/// Borrowed where nothing had to be decoded. Empty pieces (`&&`) are left out, a piece without `=` has an empty value,
/// and at most [`QUERY_ARGS_MAX`] arguments are seen. A `%` that escapes nothing stands for itself;
/// [`check_query`](crate::path::check_query) refuses such queries.
#[doc(alias = "WSI_TOKEN_HTTP_URI_ARGS")]
pub fn args(query: &str) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> + Clone {
    let pieces = query.as_bytes().split(|b| matches!(b, b'&' | b';')).filter(|piece| !piece.is_empty());
    pieces.take(QUERY_ARGS_MAX).map(|piece| {
        let (name, value) = match memchr::memchr(b'=', piece) {
            Some(at) => (&piece[..at], &piece[at + 1..]),
            None => (piece, &[][..]),
        };
        (decode(name, true), decode(value, false))
    })
}

/// The value of the first argument called `name`.
#[doc(alias = "lws_get_urlarg_by_name")]
#[doc(alias = "lws_get_urlarg_by_name_safe")]
pub fn arg<'a>(query: &'a str, name: &str) -> Option<Cow<'a, [u8]>> {
    args(query).find(|(n, _)| **n == *name.as_bytes()).map(|(_, value)| value)
}

fn decode(raw: &[u8], is_name: bool) -> Cow<'_, [u8]> {
    if !raw.iter().any(|b| matches!(b, b'%' | b'+')) {
        return Cow::Borrowed(raw);
    }
    let mut decoded = alloc::vec::Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let [first, tail @ ..] = rest {
        let (b, after) = match escape::next(rest) {
            Some((b'=', true, after)) if is_name => (b'_', after),
            Some((b'+', false, after)) => (b' ', after),
            Some((b, _, after)) => (b, after),
            None => (*first, tail),
        };
        decoded.push(b);
        rest = after;
    }
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::String, vec::Vec};

    fn check(query: &str, expect: &[(&str, &str)]) {
        let text = |bytes: Cow<'_, [u8]>| String::from_utf8_lossy(&bytes).into_owned();
        let got: Vec<_> = args(query).map(|(n, v)| (text(n), text(v))).collect();
        let got: Vec<_> = got.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(got, expect, "{query:?}");
    }

    #[test]
    fn splits_then_decodes() {
        check("", &[]);
        check("a", &[("a", "")]);
        check("a=1&b=2;c=3", &[("a", "1"), ("b", "2"), ("c", "3")]);
        check("&&a=1;;", &[("a", "1")]);
        check("a=b=c", &[("a", "b=c")]);
        check("=v", &[("", "v")]);
        check("a+b=c+d%2B", &[("a b", "c d+")]);
        check("a=%26%3b%3D&x=%2525", &[("a", "&;="), ("x", "%25")]);
        check("a=%&b=%4&c=%zz", &[("a", "%"), ("b", "%4"), ("c", "%zz")]);
    }

    /// The attack table's section A.
    #[test]
    fn answers_the_attack_table() {
        check(
            "UPDATE_SETTINGS=1&Root_Channels_1_Channel_name_http_post=%3F&Root_Channels_1_Channel_location_http_post=%3F",
            &[
                ("UPDATE_SETTINGS", "1"),
                ("Root_Channels_1_Channel_name_http_post", "?"),
                ("Root_Channels_1_Channel_location_http_post", "?"),
            ],
        );
        check("key1=value1", &[("key1", "value1")]);
        check("key1%3d2=value1", &[("key1_2", "value1")]);
        check("arg=/../.", &[("arg", "/../.")]);
    }

    #[test]
    fn finds_by_name() {
        assert_eq!(arg("a=1&b=%ff&a=2", "b").as_deref(), Some(&b"\xff"[..]));
        assert_eq!(arg("a=1&b=%ff&a=2", "a").as_deref(), Some(&b"1"[..]));
        assert_eq!(arg("a=1", "A"), None);
    }

    #[test]
    fn sees_a_bounded_number() {
        let query = "a&".repeat(QUERY_ARGS_MAX + 1);
        assert_eq!(args(&query).count(), QUERY_ARGS_MAX);
    }
}
