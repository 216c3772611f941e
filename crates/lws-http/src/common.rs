//! Fields that a vhost adds to every response.

use crate::date;
use crate::limits::MAX_VHOST_FIELDS;
use alloc::{boxed::Box, string::String, vec::Vec};
use core::cell::Cell;

/// Fields that a vhost adds to every response, and the date of this second.
pub(crate) struct Common {
    pub(crate) fields: Vec<(Box<str>, Box<[u8]>)>,
    date: Cell<(u64, [u8; date::LEN])>,
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
        let fields = fields.iter().map(|(n, v)| (n.as_str().into(), v.as_bytes().into())).collect();
        Self { fields, date: Cell::new((0, date::format(0))) }
    }

    /// The bit that stands for `date` in a set of fields.
    pub(crate) const DATE: u64 = 1 << 63;

    /// The bit that stands for the field at place `i`; there are at most [`MAX_VHOST_FIELDS`].
    pub(crate) fn bit(i: usize) -> u64 {
        1 << i.min(MAX_VHOST_FIELDS - 1)
    }

    /// The fields that a handler replaces by setting `name` itself.
    pub(crate) fn overridden_by(&self, name: &str) -> u64 {
        let same = self.fields.iter().enumerate().filter(|(_, (own, _))| own.eq_ignore_ascii_case(name));
        let date = if name.eq_ignore_ascii_case("date") { Self::DATE } else { 0 };
        same.fold(date, |set, (i, _)| set | Self::bit(i))
    }

    /// `unix_s` as an IMF-fixdate (RFC 9110 §5.6.7), formatted once a second.
    pub(crate) fn date(&self, unix_s: u64) -> [u8; date::LEN] {
        if self.date.get().0 != unix_s {
            self.date.set((unix_s, date::format(unix_s)));
        }
        self.date.get().1
    }
}
