//! What goes wrong, split by whose fault it is; and what HTTP/2 calls it on the wire.

use core::fmt;

/// An HTTP/2 error code (RFC 9113 §7): why a stream or a connection ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(pub u32);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        impl Code {
            $($(#[$doc])* pub const $name: Self = Self($code);)*

            /// The name in RFC 9113 §7; `UNKNOWN` for any other.
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $($code => stringify!($name),)*
                    _ => "UNKNOWN",
                }
            }
        }
    };
}

codes! {
    /// Not an error: a graceful end.
    NO_ERROR = 0x0;
    /// The protocol was broken, with no code that says more.
    PROTOCOL_ERROR = 0x1;
    /// The endpoint failed.
    INTERNAL_ERROR = 0x2;
    /// Flow control was broken.
    FLOW_CONTROL_ERROR = 0x3;
    /// Settings were not acknowledged in time.
    SETTINGS_TIMEOUT = 0x4;
    /// A frame on a stream that its sender had ended.
    STREAM_CLOSED = 0x5;
    /// A frame of an invalid size.
    FRAME_SIZE_ERROR = 0x6;
    /// The stream was not processed at all: it can be tried again.
    REFUSED_STREAM = 0x7;
    /// The stream is not wanted any more.
    CANCEL = 0x8;
    /// The header compression is out of step.
    COMPRESSION_ERROR = 0x9;
    /// The tunnel's other end is gone.
    CONNECT_ERROR = 0xa;
    /// The peer makes too much work.
    ENHANCE_YOUR_CALM = 0xb;
    /// The transport is not secure enough.
    INADEQUATE_SECURITY = 0xc;
    /// HTTP/1.1 is needed instead.
    HTTP_1_1_REQUIRED = 0xd;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            "UNKNOWN" => write!(f, "UNKNOWN ({:#x})", self.0),
            name => f.write_str(name),
        }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a connection cannot go on. Say so with [`Connection::goaway`](crate::Connection::goaway) and close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The peer broke RFC 9113.
    Peer(Peer),
    /// The peer broke RFC 7541, or went beyond the limits of its decoder.
    Hpack(lws_hpack::Error),
    /// The peer went beyond a limit of ours.
    Limit(Limit),
}

impl Error {
    /// The code for the `GOAWAY`.
    pub const fn code(self) -> Code {
        match self {
            Self::Peer(fault) => fault.code(),
            Self::Hpack(error) => Code(error.h2_code()),
            Self::Limit(_) => Code::ENHANCE_YOUR_CALM,
        }
    }

    /// What it says.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Peer(fault) => fault.as_str(),
            Self::Hpack(error) => error.as_str(),
            Self::Limit(limit) => limit.as_str(),
        }
    }
}

/// One line per fault: the variant, what it means, its code, what it says.
macro_rules! faults {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $fault:ident = $code:ident, $text:literal;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $fault,)*
        }

        impl $name {
            /// The error code that says so.
            pub const fn code(self) -> Code {
                match self {
                    $(Self::$fault => Code::$code,)*
                }
            }

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
    /// What a peer can do wrong. Some end the connection, some only their stream.
    Peer {
        /// The connection does not begin with the preface (RFC 9113 §3.4).
        Preface = PROTOCOL_ERROR, "no HTTP/2 preface";
        /// The preface is not followed by `SETTINGS` (§3.4).
        NoSettings = PROTOCOL_ERROR, "the first frame is not SETTINGS";
        /// A frame longer than we allow, or of a length its type does not have (§4.2).
        FrameSize = FRAME_SIZE_ERROR, "frame of an invalid size";
        /// A frame on stream 0 that belongs on a stream, or the other way round.
        WrongStream = PROTOCOL_ERROR, "frame on a stream where its type does not belong";
        /// A stream identifier that its opener may not use: even, of the other side, or lower than before (§5.1.1).
        StreamId = PROTOCOL_ERROR, "stream identifier out of order";
        /// A frame on a stream that was never opened (§5.1).
        IdleStream = PROTOCOL_ERROR, "frame on an idle stream";
        /// A frame on a stream that its sender had ended (§5.1).
        ClosedStream = STREAM_CLOSED, "frame on a closed stream";
        /// Padding as long as the frame, or longer (§6.1).
        Padding = PROTOCOL_ERROR, "padding longer than the frame";
        /// A stream that depends on itself (RFC 7540 §5.3.1).
        SelfDependency = PROTOCOL_ERROR, "stream depends on itself";
        /// `PUSH_PROMISE`, which nobody may send us (§8.4).
        Push = PROTOCOL_ERROR, "server push is disabled";
        /// `CONTINUATION` without a block to continue, or something else inside one (§6.10).
        Continuation = PROTOCOL_ERROR, "header block interrupted, or continued out of place";
        /// A setting with a value it must not have (§6.5.2).
        SettingValue = PROTOCOL_ERROR, "setting with an invalid value";
        /// A window setting above 2^31-1, or one that moves a stream's window there (§6.5.2, §6.9.2).
        SettingWindow = FLOW_CONTROL_ERROR, "initial window too large";
        /// An acknowledgement of settings that were not sent.
        UnexpectedAck = PROTOCOL_ERROR, "acknowledgement of no settings";
        /// `WINDOW_UPDATE` by zero (§6.9).
        ZeroIncrement = PROTOCOL_ERROR, "window update by zero";
        /// A window above 2^31-1 (§6.9.1).
        WindowOverflow = FLOW_CONTROL_ERROR, "flow-control window too large";
        /// More data than the window allowed (§6.9).
        WindowExceeded = FLOW_CONTROL_ERROR, "more data than the flow-control window allows";
        /// A name or value with characters that HTTP/2 does not allow (§8.2.1).
        Field = PROTOCOL_ERROR, "malformed field";
        /// A field about the connection, which HTTP/2 does not have (§8.2.2).
        ConnectionField = PROTOCOL_ERROR, "connection-specific field";
        /// A pseudo-header that is unknown, repeated, missing or out of place (§8.3).
        Pseudo = PROTOCOL_ERROR, "pseudo-header unknown, repeated, missing or out of place";
        /// A method that is no token.
        Method = PROTOCOL_ERROR, "malformed method";
        /// A scheme other than http and https.
        Scheme = PROTOCOL_ERROR, "scheme is neither http nor https";
        /// A path that is empty, does not begin with a slash, or has forbidden characters (§8.3.1).
        Path = PROTOCOL_ERROR, "malformed path";
        /// No authority, an invalid one, or a `Host` that contradicts it (§8.3.1).
        Authority = PROTOCOL_ERROR, "authority missing, invalid, or contradicted by Host";
        /// `:protocol` without CONNECT, malformed, or although we did not offer it (RFC 8441 §4).
        Protocol = PROTOCOL_ERROR, "extended CONNECT malformed or not offered";
        /// `content-length` is not one decimal number (§8.1.1).
        ContentLength = PROTOCOL_ERROR, "malformed or repeated content-length";
        /// More or less data than `content-length` said (§8.1.1).
        BodyLength = PROTOCOL_ERROR, "body does not have the length it was said to have";
        /// A trailer section that does not end the stream, or with a forbidden field (§8.1).
        Trailers = PROTOCOL_ERROR, "malformed trailer section";
        /// A `:status` that is not three digits, or 101 (§8.3.2, §8.6).
        Status = PROTOCOL_ERROR, "malformed status";
        /// `DATA` before the head of the response (§8.1).
        DataFirst = PROTOCOL_ERROR, "data before the head";
    }
}

faults! {
    /// What a peer can have too much of; see [`limits`](crate::limits).
    Limit {
        /// Too many `CONTINUATION` frames.
        Continuations = ENHANCE_YOUR_CALM, "too many CONTINUATION frames";
        /// A header block that is too long.
        Block = ENHANCE_YOUR_CALM, "header block too long";
        /// Too many `SETTINGS` frames.
        Settings = ENHANCE_YOUR_CALM, "too many SETTINGS frames";
        /// Too many entries in one `SETTINGS` frame.
        SettingsEntries = ENHANCE_YOUR_CALM, "too many settings in one frame";
        /// Too many `PING` frames.
        Pings = ENHANCE_YOUR_CALM, "too many PING frames";
        /// Too many streams reset, by either side.
        Resets = ENHANCE_YOUR_CALM, "too many streams reset";
        /// Too many streams reset before they were answered.
        EarlyResets = ENHANCE_YOUR_CALM, "too many streams reset before they were answered";
        /// Too many streams that we had to reset.
        MadeResets = ENHANCE_YOUR_CALM, "too many broken streams";
        /// Too many streams beyond those that may be open at once.
        Refused = ENHANCE_YOUR_CALM, "too many streams beyond the limit";
        /// Too many frames that ask for nothing.
        IdleFrames = ENHANCE_YOUR_CALM, "too many frames that do nothing";
        /// Too many `WINDOW_UPDATE` frames.
        WindowUpdates = ENHANCE_YOUR_CALM, "too many window updates";
        /// Too many empty `DATA` frames.
        EmptyData = ENHANCE_YOUR_CALM, "too many empty DATA frames";
        /// Too much framing and padding for too little payload.
        DataOverhead = ENHANCE_YOUR_CALM, "too much framing for the payload";
        /// Too many interim responses.
        Interim = ENHANCE_YOUR_CALM, "too many interim responses";
    }
}

impl From<lws_hpack::Error> for Error {
    fn from(error: lws_hpack::Error) -> Self {
        Self::Hpack(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for Error {}

/// How far a fault reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Connection(Error),
    /// RFC 9113 §5.4.2: only the stream ends.
    Stream(Peer),
}

impl<E: Into<Error>> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self::Connection(error.into())
    }
}
