//! Names of common fields, in lower case as HTTP/2 wants them (RFC 9113 §8.2.1).
//!
//! Any name may be used; these save typing and typing errors.

macro_rules! names {
    ($($name:ident = $text:literal;)*) => {
        $(#[doc = concat!("`", $text, "`")] pub const $name: &str = $text;)*

        #[cfg(test)]
        const ALL: &[&str] = &[$($text),*];
    };
}

names! {
    ACCEPT = "accept";
    ACCEPT_ENCODING = "accept-encoding";
    ACCEPT_LANGUAGE = "accept-language";
    ACCEPT_RANGES = "accept-ranges";
    ACCESS_CONTROL_ALLOW_ORIGIN = "access-control-allow-origin";
    AGE = "age";
    ALLOW = "allow";
    AUTHORIZATION = "authorization";
    CACHE_CONTROL = "cache-control";
    CONNECTION = "connection";
    CONTENT_DISPOSITION = "content-disposition";
    CONTENT_ENCODING = "content-encoding";
    CONTENT_LANGUAGE = "content-language";
    CONTENT_LENGTH = "content-length";
    CONTENT_LOCATION = "content-location";
    CONTENT_RANGE = "content-range";
    CONTENT_SECURITY_POLICY = "content-security-policy";
    CONTENT_TYPE = "content-type";
    COOKIE = "cookie";
    DATE = "date";
    ETAG = "etag";
    EXPECT = "expect";
    EXPIRES = "expires";
    FORWARDED = "forwarded";
    FROM = "from";
    HOST = "host";
    HTTP2_SETTINGS = "http2-settings";
    IF_MATCH = "if-match";
    IF_MODIFIED_SINCE = "if-modified-since";
    IF_NONE_MATCH = "if-none-match";
    IF_RANGE = "if-range";
    IF_UNMODIFIED_SINCE = "if-unmodified-since";
    KEEP_ALIVE = "keep-alive";
    LAST_MODIFIED = "last-modified";
    LINK = "link";
    LOCATION = "location";
    MAX_FORWARDS = "max-forwards";
    ORIGIN = "origin";
    PRAGMA = "pragma";
    PROXY_AUTHENTICATE = "proxy-authenticate";
    PROXY_AUTHORIZATION = "proxy-authorization";
    PROXY_CONNECTION = "proxy-connection";
    RANGE = "range";
    REFERER = "referer";
    REFERRER_POLICY = "referrer-policy";
    RETRY_AFTER = "retry-after";
    SEC_WEBSOCKET_ACCEPT = "sec-websocket-accept";
    SEC_WEBSOCKET_EXTENSIONS = "sec-websocket-extensions";
    SEC_WEBSOCKET_KEY = "sec-websocket-key";
    SEC_WEBSOCKET_PROTOCOL = "sec-websocket-protocol";
    SEC_WEBSOCKET_VERSION = "sec-websocket-version";
    SERVER = "server";
    SET_COOKIE = "set-cookie";
    STRICT_TRANSPORT_SECURITY = "strict-transport-security";
    TE = "te";
    TRAILER = "trailer";
    TRANSFER_ENCODING = "transfer-encoding";
    UPGRADE = "upgrade";
    USER_AGENT = "user-agent";
    VARY = "vary";
    VIA = "via";
    WWW_AUTHENTICATE = "www-authenticate";
    X_CONTENT_TYPE_OPTIONS = "x-content-type-options";
    X_FORWARDED_FOR = "x-forwarded-for";
    X_FORWARDED_HOST = "x-forwarded-host";
    X_FORWARDED_PROTO = "x-forwarded-proto";
    X_FRAME_OPTIONS = "x-frame-options";
    X_XSS_PROTECTION = "x-xss-protection";
}

#[cfg(test)]
mod tests {
    #[test]
    fn are_lower_case_tokens_in_order() {
        for n in super::ALL {
            assert!(crate::field::is_token(n.as_bytes()) && n.to_ascii_lowercase() == **n, "{n}");
        }
        assert!(super::ALL.is_sorted());
    }
}
