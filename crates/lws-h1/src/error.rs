//! What goes wrong, split by whose fault it is.

use core::fmt;

use lws_head::Status;

/// Why a message was not read or not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The peer broke RFC 9112, or was ambiguous. Answer with [`Error::status`] and close; read nothing more.
    Peer(Peer),
    /// The peer went beyond a limit of ours. Answer with [`Error::status`] and close; read nothing more.
    Limit(Limit),
    /// The caller asked for something that must not be sent. Nothing was written.
    Misuse(Misuse),
    /// The room lent is too small. Nothing was written; try again with more.
    Full,
}

impl Error {
    /// The status to answer with, as a server. (A gateway whose origin did this answers 502.)
    pub const fn status(self) -> Status {
        match self {
            Self::Peer(Peer::Method) => Status::NOT_IMPLEMENTED,
            Self::Peer(Peer::Version) => Status::HTTP_VERSION_NOT_SUPPORTED,
            Self::Peer(Peer::Expectation) => Status::EXPECTATION_FAILED,
            Self::Peer(_) => Status::BAD_REQUEST,
            Self::Limit(Limit::StartLine) => Status::URI_TOO_LONG,
            Self::Limit(Limit::Head | Limit::Fields | Limit::Trailers) => {
                Status::REQUEST_HEADER_FIELDS_TOO_LARGE
            }
            Self::Limit(_) => Status::BAD_REQUEST,
            Self::Misuse(_) | Self::Full => Status::INTERNAL_SERVER_ERROR,
        }
    }
}

/// One line per fault: the variant, what it means, what it says.
macro_rules! faults {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $fault:ident = $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $fault,)*
        }

        impl $name {
            /// What it says.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$fault => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<$name> for Error {
            fn from(fault: $name) -> Self {
                Self::$name(fault)
            }
        }
    };
}

faults! {
    /// What a peer can do wrong.
    Peer {
        /// A CR without LF, or a LF without CR (RFC 9112 §2.2).
        LineEnd = "line does not end with CRLF",
        /// A control character where text belongs.
        Control = "control character in the message head",
        /// The request line is not `method SP target SP version`.
        RequestLine = "malformed request line",
        /// A method that is a token, but not one we know.
        Method = "unknown method",
        /// A version of HTTP that is not 1.0 or 1.1.
        Version = "unsupported version of HTTP",
        /// A request target of the wrong form for its method, or with forbidden characters (RFC 9112 §3.2).
        Target = "malformed request target",
        /// The status line is not `version SP code [SP reason]`.
        StatusLine = "malformed status line",
        /// A field line that is not `token ":" value`; white space before the colon, or no colon.
        FieldLine = "malformed field line",
        /// A field line that begins with white space (RFC 9112 §5.2).
        Fold = "folded field line",
        /// `Host` is missing, there twice, malformed, or contradicts the target (RFC 9112 §3.2).
        Host = "missing, repeated or invalid Host",
        /// `Content-Length` is not one decimal number, or there twice (RFC 9112 §6.3).
        ContentLength = "repeated or invalid Content-Length",
        /// `Transfer-Encoding` is not exactly `chunked`, is there twice, or in HTTP/1.0 (RFC 9112 §6.1).
        TransferEncoding = "unsupported or invalid Transfer-Encoding",
        /// `Content-Length` beside `Transfer-Encoding` (RFC 9112 §6.1).
        TwoFramings = "both Content-Length and Transfer-Encoding",
        /// An expectation other than `100-continue` (RFC 9110 §10.1.1).
        Expectation = "unknown expectation",
        /// A chunk size that is not 1 to 16 hexadecimal digits, or is too large (RFC 9112 §7.1).
        ChunkSize = "invalid chunk size",
        /// A chunk extension that does not match its grammar (RFC 9112 §7.1.1).
        ChunkExtension = "invalid chunk extension",
        /// Chunk data or a chunk's line without CRLF behind it.
        ChunkEnd = "chunk does not end with CRLF",
        /// A trailer field that would change how the message is framed or routed (RFC 9110 §6.5.1).
        Trailer = "forbidden trailer field",
        /// The connection ended before the body did.
        Truncated = "connection ended inside the body",
    }
}

faults! {
    /// What a peer can have too much of; see [`limits`](crate::limits).
    Limit {
        /// The start line is too long.
        StartLine = "start line is too long",
        /// The head is too long.
        Head = "message head is too long",
        /// There are too many fields.
        Fields = "too many fields",
        /// The line of one chunk is too long.
        ChunkLine = "chunk line is too long",
        /// There are too many bytes of chunk extensions.
        ChunkExtensions = "too much chunk extension",
        /// There is too much framing for too little payload.
        ChunkOverhead = "too much chunk framing for the payload",
        /// The trailer section is too long, or has too many fields.
        Trailers = "trailer section is too large",
    }
}

faults! {
    /// What a caller can do wrong.
    Misuse {
        /// A field name that is not a token.
        FieldName = "field name is not a token",
        /// A field value with a control character in it.
        FieldValue = "field value contains a control character",
        /// A request target that may not stand in a request line.
        Target = "request target contains a forbidden character",
        /// `Content-Length` or `Transfer-Encoding` set as a field, twice, or where no body can be.
        Framing = "message framing set twice, by hand, or where it is not allowed",
        /// A name that a trailer section must not have.
        Trailer = "field is not allowed in a trailer section",
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer(fault) => fault.fmt(f),
            Self::Limit(limit) => limit.fmt(f),
            Self::Misuse(misuse) => misuse.fmt(f),
            Self::Full => f.write_str("not enough room to write the message head"),
        }
    }
}

impl core::error::Error for Error {}
