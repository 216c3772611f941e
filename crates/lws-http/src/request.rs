//! A request as its handler sees it.

use alloc::{borrow::Cow, string::String};
use lws_head::{Fields, Method, RequestHead, Version};
use lws_role::Facts;

/// A request as its handler sees it. Borrowed: copy what you want to keep.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub(crate) head: &'a RequestHead<'a>,
    pub(crate) path: &'a str,
    pub(crate) tail: &'a str,
    pub(crate) facts: &'a Facts,
}

impl<'a> Request<'a> {
    /// The method.
    #[doc(alias = "lws_http_get_uri_and_method")]
    pub fn method(&self) -> Method {
        self.head.method
    }

    /// The whole path: percent-decoded once, dot segments and doubled slashes removed. Starts with `/`.
    ///
    /// Never leads above the root, never contains NUL or other controls. Authorisation and file access are both
    /// decided on this form.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// The part of [`Request::path`] below the mount: `""`, or starts with `/`.
    pub fn tail(&self) -> &'a str {
        self.tail
    }

    /// The query as received, without its `?`.
    pub fn query(&self) -> Option<&'a str> {
        self.head.query
    }

    /// The decoded value of a query argument: the first of that name, if it is text.
    #[doc(alias = "lws_get_urlarg_by_name")]
    pub fn arg(&self, name: &str) -> Option<Cow<'a, str>> {
        match lws_head::query::arg(self.head.query?, name)? {
            Cow::Borrowed(bytes) => core::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        }
    }

    /// A header's first value, if it is text.
    #[doc(alias = "lws_hdr_copy")]
    #[doc(alias = "lws_hdr_custom_copy")]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.head.fields.text(name)
    }

    /// All header fields, in the order in which they came.
    #[doc(alias = "lws_hdr_custom_name_foreach")]
    pub fn fields(&self) -> Fields<'a> {
        self.head.fields
    }

    /// Host or `:authority` as received (RFC 9110 §7.2), port included.
    pub fn authority(&self) -> Option<&'a str> {
        self.head.authority
    }

    /// The protocol version it came by. Handlers have no need to know.
    pub fn version(&self) -> Version {
        self.head.version
    }

    /// The head as the carrier parsed it.
    pub fn head(&self) -> &RequestHead<'a> {
        self.head
    }

    /// What is known about the connection: peer address, TLS.
    pub fn facts(&self) -> &'a Facts {
        self.facts
    }
}
