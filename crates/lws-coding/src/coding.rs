//! The names of codings.

/// A content coding (RFC 9110 §8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coding {
    /// RFC 1952; also called `x-gzip`.
    Gzip,
    /// RFC 1950. Some send bare DEFLATE (RFC 1951) under this name, which is understood, too.
    Deflate,
    /// RFC 7932.
    #[cfg(feature = "brotli")]
    Brotli,
}

/// What to say in `Accept-Encoding`: every coding of this build, the most wanted first.
#[cfg(feature = "brotli")]
pub const ACCEPTED: &str = "br, gzip, deflate";

/// What to say in `Accept-Encoding`: every coding of this build, the most wanted first.
#[cfg(not(feature = "brotli"))]
pub const ACCEPTED: &str = "gzip, deflate";

impl Coding {
    /// The coding of that name, in any case (RFC 9110 §8.4.1).
    pub fn from_bytes(name: &[u8]) -> Option<Self> {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        Some(match name {
            _ if is("gzip") || is("x-gzip") => Self::Gzip,
            _ if is("deflate") => Self::Deflate,
            #[cfg(feature = "brotli")]
            _ if is("br") => Self::Brotli,
            _ => return None,
        })
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            #[cfg(feature = "brotli")]
            Self::Brotli => "br",
        }
    }
}
