//! Status codes (RFC 9110 §15, RFC 6585).

use core::fmt;

/// A status code, 100 to 999. What it means beyond its class may be unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(alias = "lws_return_http_status")]
pub struct Status(u16);

/// One line per code: the constant, its number, the phrase that explains it.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $reason:literal;)*) => {
        impl Status {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

        }

        /// Each code, and the length of its phrase in [`PHRASES`].
        const CODES: &[(u16, u8)] = &[$(($code, $reason.len() as u8)),*];

        /// One behind the other: pointers to them would be larger than they are.
        const PHRASES: &str = concat!($($reason),*);

        #[cfg(test)]
        const NAMED: &[Status] = &[$(Status::$name),*];
    };
}

codes! {
    /// 100 Continue (RFC 9110 §15.2.1).
    CONTINUE = 100, "Continue";
    /// 101 Switching Protocols (RFC 9110 §15.2.2).
    SWITCHING_PROTOCOLS = 101, "Switching Protocols";
    /// 200 OK (RFC 9110 §15.3.1).
    OK = 200, "OK";
    /// 201 Created (RFC 9110 §15.3.2).
    CREATED = 201, "Created";
    /// 202 Accepted (RFC 9110 §15.3.3).
    ACCEPTED = 202, "Accepted";
    /// 203 Non-Authoritative Information (RFC 9110 §15.3.4).
    NON_AUTHORITATIVE_INFORMATION = 203, "Non-Authoritative Information";
    /// 204 No Content (RFC 9110 §15.3.5).
    NO_CONTENT = 204, "No Content";
    /// 205 Reset Content (RFC 9110 §15.3.6).
    RESET_CONTENT = 205, "Reset Content";
    /// 206 Partial Content (RFC 9110 §15.3.7).
    PARTIAL_CONTENT = 206, "Partial Content";
    /// 300 Multiple Choices (RFC 9110 §15.4.1).
    MULTIPLE_CHOICES = 300, "Multiple Choices";
    /// 301 Moved Permanently (RFC 9110 §15.4.2).
    MOVED_PERMANENTLY = 301, "Moved Permanently";
    /// 302 Found (RFC 9110 §15.4.3).
    FOUND = 302, "Found";
    /// 303 See Other (RFC 9110 §15.4.4).
    SEE_OTHER = 303, "See Other";
    /// 304 Not Modified (RFC 9110 §15.4.5).
    NOT_MODIFIED = 304, "Not Modified";
    /// 305 Use Proxy (RFC 9110 §15.4.6).
    USE_PROXY = 305, "Use Proxy";
    /// 307 Temporary Redirect (RFC 9110 §15.4.8).
    TEMPORARY_REDIRECT = 307, "Temporary Redirect";
    /// 308 Permanent Redirect (RFC 9110 §15.4.9).
    PERMANENT_REDIRECT = 308, "Permanent Redirect";
    /// 400 Bad Request (RFC 9110 §15.5.1).
    BAD_REQUEST = 400, "Bad Request";
    /// 401 Unauthorized (RFC 9110 §15.5.2).
    UNAUTHORIZED = 401, "Unauthorized";
    /// 402 Payment Required (RFC 9110 §15.5.3).
    PAYMENT_REQUIRED = 402, "Payment Required";
    /// 403 Forbidden (RFC 9110 §15.5.4).
    FORBIDDEN = 403, "Forbidden";
    /// 404 Not Found (RFC 9110 §15.5.5).
    NOT_FOUND = 404, "Not Found";
    /// 405 Method Not Allowed (RFC 9110 §15.5.6).
    METHOD_NOT_ALLOWED = 405, "Method Not Allowed";
    /// 406 Not Acceptable (RFC 9110 §15.5.7).
    NOT_ACCEPTABLE = 406, "Not Acceptable";
    /// 407 Proxy Authentication Required (RFC 9110 §15.5.8).
    PROXY_AUTHENTICATION_REQUIRED = 407, "Proxy Authentication Required";
    /// 408 Request Timeout (RFC 9110 §15.5.9).
    REQUEST_TIMEOUT = 408, "Request Timeout";
    /// 409 Conflict (RFC 9110 §15.5.10).
    CONFLICT = 409, "Conflict";
    /// 410 Gone (RFC 9110 §15.5.11).
    GONE = 410, "Gone";
    /// 411 Length Required (RFC 9110 §15.5.12).
    LENGTH_REQUIRED = 411, "Length Required";
    /// 412 Precondition Failed (RFC 9110 §15.5.13).
    PRECONDITION_FAILED = 412, "Precondition Failed";
    /// 413 Content Too Large (RFC 9110 §15.5.14).
    CONTENT_TOO_LARGE = 413, "Content Too Large";
    /// 414 URI Too Long (RFC 9110 §15.5.15).
    URI_TOO_LONG = 414, "URI Too Long";
    /// 415 Unsupported Media Type (RFC 9110 §15.5.16).
    UNSUPPORTED_MEDIA_TYPE = 415, "Unsupported Media Type";
    /// 416 Range Not Satisfiable (RFC 9110 §15.5.17).
    RANGE_NOT_SATISFIABLE = 416, "Range Not Satisfiable";
    /// 417 Expectation Failed (RFC 9110 §15.5.18).
    EXPECTATION_FAILED = 417, "Expectation Failed";
    /// 421 Misdirected Request (RFC 9110 §15.5.20).
    MISDIRECTED_REQUEST = 421, "Misdirected Request";
    /// 422 Unprocessable Content (RFC 9110 §15.5.21).
    UNPROCESSABLE_CONTENT = 422, "Unprocessable Content";
    /// 426 Upgrade Required (RFC 9110 §15.5.22).
    UPGRADE_REQUIRED = 426, "Upgrade Required";
    /// 428 Precondition Required (RFC 6585 §3).
    PRECONDITION_REQUIRED = 428, "Precondition Required";
    /// 429 Too Many Requests (RFC 6585 §4).
    TOO_MANY_REQUESTS = 429, "Too Many Requests";
    /// 431 Request Header Fields Too Large (RFC 6585 §5).
    REQUEST_HEADER_FIELDS_TOO_LARGE = 431, "Request Header Fields Too Large";
    /// 500 Internal Server Error (RFC 9110 §15.6.1).
    INTERNAL_SERVER_ERROR = 500, "Internal Server Error";
    /// 501 Not Implemented (RFC 9110 §15.6.2).
    NOT_IMPLEMENTED = 501, "Not Implemented";
    /// 502 Bad Gateway (RFC 9110 §15.6.3).
    BAD_GATEWAY = 502, "Bad Gateway";
    /// 503 Service Unavailable (RFC 9110 §15.6.4).
    SERVICE_UNAVAILABLE = 503, "Service Unavailable";
    /// 504 Gateway Timeout (RFC 9110 §15.6.5).
    GATEWAY_TIMEOUT = 504, "Gateway Timeout";
    /// 505 HTTP Version Not Supported (RFC 9110 §15.6.6).
    HTTP_VERSION_NOT_SUPPORTED = 505, "HTTP Version Not Supported";
    /// 511 Network Authentication Required (RFC 6585 §6).
    NETWORK_AUTHENTICATION_REQUIRED = 511, "Network Authentication Required";
}

impl Status {
    /// The phrase usually sent with the code; empty for a code without one (RFC 9112 §4 allows that).
    pub const fn reason(self) -> &'static str {
        let (mut rest, mut i) = (PHRASES, 0);
        while i < CODES.len() {
            let (code, len) = CODES[i];
            let (phrase, behind) = rest.split_at(len as usize);
            if code == self.0 {
                return phrase;
            }
            rest = behind;
            i += 1;
        }
        ""
    }

    /// The code as a status; `None` outside 100..=999.
    pub const fn new(code: u16) -> Option<Self> {
        if code >= 100 && code <= 999 { Some(Self(code)) } else { None }
    }

    /// The number.
    pub const fn code(self) -> u16 {
        self.0
    }

    /// 1xx: another response follows, except after 101 (RFC 9110 §15.2).
    pub const fn is_informational(self) -> bool {
        self.0 / 100 == 1
    }

    /// 2xx.
    pub const fn is_success(self) -> bool {
        self.0 / 100 == 2
    }

    /// 3xx.
    pub const fn is_redirection(self) -> bool {
        self.0 / 100 == 3
    }

    /// 4xx.
    pub const fn is_client_error(self) -> bool {
        self.0 / 100 == 4
    }

    /// 5xx.
    pub const fn is_server_error(self) -> bool {
        self.0 / 100 == 5
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// `404 Not Found`
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason() {
            "" => write!(f, "{}", self.0),
            reason => write!(f, "{} {reason}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn only_three_digits() {
        for (code, ok) in
            [(0, false), (99, false), (100, true), (999, true), (1000, false), (u16::MAX, false)]
        {
            assert_eq!(Status::new(code).is_some(), ok, "{code}");
        }
    }

    #[test]
    fn every_named_code_has_a_reason_and_one_class() {
        assert_eq!(NAMED.len(), 48);
        for s in NAMED {
            assert!(!s.reason().is_empty(), "{s}");
            let classes = [
                s.is_informational(),
                s.is_success(),
                s.is_redirection(),
                s.is_client_error(),
                s.is_server_error(),
            ];
            assert_eq!(classes.iter().filter(|is| **is).count(), 1, "{s}");
        }
    }

    #[test]
    fn shows_what_a_status_line_shows() {
        assert_eq!(Status::NOT_FOUND.to_string(), "404 Not Found");
        assert_eq!(Status::new(799).map(|s| s.to_string()).as_deref(), Some("799"));
    }
}
