//! Fields that a vhost adds to every response.

use crate::date;
use crate::limits::MAX_VHOST_FIELDS;
use alloc::{boxed::Box, string::String, vec::Vec};
use lws_head::field;

type Pairs = Vec<(Box<str>, Box<[u8]>)>;

/// Fields that a vhost adds to every response, and the date of this second.
pub(crate) struct Common {
    fields: Pairs,
    /// All of them as HTTP/1 writes them, `date` first.
    lines: Vec<u8>,
    /// Which second's date is in there.
    unix_s: u64,
}

/// Where the date stands in [`Common::lines`].
const DATE_AT: usize = b"date: ".len();

/// The fields that a vhost adds to every response, for [`Carrier::common`](crate::Carrier::common): `date` and those of
/// [`Vhost::header`](crate::Vhost::header). All have been checked.
#[derive(Clone, Copy)]
pub struct CommonFields<'a> {
    lines: &'a [u8],
    fields: &'a [(Box<str>, Box<[u8]>)],
}

impl<'a> CommonFields<'a> {
    /// As HTTP/1 writes them: `name: value CRLF` for each.
    pub fn lines(&self) -> &'a [u8] {
        self.lines
    }

    /// Name and value of each, in the same order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        let date = self.lines.get(DATE_AT..DATE_AT + date::LEN).unwrap_or_default();
        let others = self.fields.iter().map(|(name, value)| (&**name, &**value));
        core::iter::once(("date", date)).chain(others)
    }
}

/// The strict set of lws's "security best practices" (spec: a page may load only from its own origin, nothing may
/// frame it, no sniffing, no referrer).
#[doc(alias = "LWS_SERVER_OPTION_HTTP_HEADERS_SECURITY_BEST_PRACTICES_ENFORCE")]
pub(crate) const SECURITY_FIELDS: [(&str, &str); 5] = [
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "deny"),
    ("x-xss-protection", "1; mode=block"),
    ("x-content-type-options", "nosniff"),
    (
        "content-security-policy",
        "default-src 'none'; img-src 'self' data:; script-src 'self'; font-src 'self'; style-src 'self'; \
         connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
];

impl Common {
    pub(crate) fn new(fields: &[(String, String)]) -> Self {
        let fields: Pairs = fields.iter().map(|(n, v)| (n.as_str().into(), v.as_bytes().into())).collect();
        let mut lines = Vec::from(b"date: ");
        lines.extend_from_slice(&date::format(0));
        lines.extend_from_slice(b"\r\n");
        for (name, value) in &fields {
            for part in [name.as_bytes(), b": ", value, b"\r\n"] {
                lines.extend_from_slice(part);
            }
        }
        Self { fields, lines, unix_s: 0 }
    }

    /// The bit that stands for the field at place `i`: the date is the first, and at most [`MAX_VHOST_FIELDS`] follow.
    pub(crate) fn bit(i: usize) -> u64 {
        1 << i.min(MAX_VHOST_FIELDS)
    }

    /// The fields that a handler replaces by setting `name` itself.
    #[inline]
    pub(crate) fn overridden_by(&self, name: &str) -> u64 {
        let is = |own: &str| own.len() == name.len() && field::is_same(own.as_bytes(), name.as_bytes());
        let date = if is("date") { Self::bit(0) } else { 0 };
        let same = self.fields.iter().zip(1..).filter(|((own, _), _)| is(own));
        same.fold(date, |set, (_, i)| set | Self::bit(i))
    }

    /// With `unix_s` as the date (RFC 9110 §5.6.7), which is formatted once a second.
    #[inline]
    pub(crate) fn at(&mut self, unix_s: u64) -> &Self {
        if self.unix_s != unix_s {
            self.set_date(unix_s);
        }
        self
    }

    #[inline(never)] // once a second, and it has many callers
    fn set_date(&mut self, unix_s: u64) {
        self.unix_s = unix_s;
        self.lines[DATE_AT..DATE_AT + date::LEN].copy_from_slice(&date::format(unix_s));
    }

    /// All of them.
    pub(crate) fn fields(&self) -> CommonFields<'_> {
        CommonFields { lines: &self.lines, fields: &self.fields }
    }
}
