//! Request methods (RFC 9110 §9, RFC 5789).

use core::fmt;

/// A request method. What is not listed is not served: a parser answers 501.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Transfer a representation of the target (RFC 9110 §9.3.1).
    Get,
    /// As GET, without the content (§9.3.2).
    Head,
    /// Have the target process the content (§9.3.3).
    Post,
    /// Replace the target by the content (§9.3.4).
    Put,
    /// Apply a change to the target (RFC 5789).
    Patch,
    /// Remove the target (§9.3.5).
    Delete,
    /// Ask what the target, or with `*` the server, can do (§9.3.7).
    Options,
    /// Become a tunnel (§9.3.6), or with a `protocol` another protocol's stream (RFC 8441).
    Connect,
    /// Loop the request back (§9.3.8).
    Trace,
}

impl Method {
    /// The method of that name; `None` for any other token.
    pub fn from_bytes(name: &[u8]) -> Option<Self> {
        // RFC 9110 §9.1: method names are case-sensitive.
        Some(match name {
            b"GET" => Self::Get,
            b"HEAD" => Self::Head,
            b"POST" => Self::Post,
            b"PUT" => Self::Put,
            b"PATCH" => Self::Patch,
            b"DELETE" => Self::Delete,
            b"OPTIONS" => Self::Options,
            b"CONNECT" => Self::Connect,
            b"TRACE" => Self::Trace,
            _ => return None,
        })
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Connect => "CONNECT",
            Self::Trace => "TRACE",
        }
    }

    /// Whether the client asks for no change of state (RFC 9110 §9.2.1).
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head | Self::Options | Self::Trace)
    }

    /// Whether doing it twice is meant to be the same as doing it once (RFC 9110 §9.2.2).
    pub const fn is_idempotent(self) -> bool {
        self.is_safe() || matches!(self, Self::Put | Self::Delete)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Method; 9] = [
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
        Method::Options,
        Method::Connect,
        Method::Trace,
    ];

    #[test]
    fn names_round_trip_and_are_case_sensitive() {
        for method in ALL {
            assert_eq!(Method::from_bytes(method.as_str().as_bytes()), Some(method));
            assert_eq!(Method::from_bytes(method.as_str().to_ascii_lowercase().as_bytes()), None);
        }
        assert_eq!(Method::from_bytes(b""), None);
        assert_eq!(Method::from_bytes(b"GETX"), None);
    }

    #[test]
    fn safe_implies_idempotent() {
        for method in ALL {
            assert!(!method.is_safe() || method.is_idempotent());
        }
        assert!(Method::Put.is_idempotent() && !Method::Put.is_safe());
        assert!(!Method::Post.is_idempotent() && !Method::Patch.is_idempotent());
    }
}
