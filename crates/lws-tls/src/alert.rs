//! Alert descriptions (RFC 8446 §6).

use core::fmt;

/// The code of an alert, as it stands on the wire (RFC 8446 §6; IANA "TLS Alerts").
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alert(pub u8);

impl Alert {
    /// The peer will send no more (RFC 8446 §6.1).
    pub const CLOSE_NOTIFY: Self = Self(0);
    /// A message that is not allowed now.
    pub const UNEXPECTED_MESSAGE: Self = Self(10);
    /// A record that did not authenticate.
    pub const BAD_RECORD_MAC: Self = Self(20);
    /// A record longer than allowed.
    pub const RECORD_OVERFLOW: Self = Self(22);
    /// No acceptable parameters in common.
    pub const HANDSHAKE_FAILURE: Self = Self(40);
    /// The certificate is unacceptable for a reason without a code of its own, or corrupt.
    pub const BAD_CERTIFICATE: Self = Self(42);
    /// The certificate may not be used for this purpose.
    pub const UNSUPPORTED_CERTIFICATE: Self = Self(43);
    /// The certificate was revoked.
    pub const CERTIFICATE_REVOKED: Self = Self(44);
    /// The certificate has expired, or is not valid yet.
    pub const CERTIFICATE_EXPIRED: Self = Self(45);
    /// Some other reason made the certificate unacceptable.
    pub const CERTIFICATE_UNKNOWN: Self = Self(46);
    /// A field is out of range or contradicts another.
    pub const ILLEGAL_PARAMETER: Self = Self(47);
    /// No trusted issuer.
    pub const UNKNOWN_CA: Self = Self(48);
    /// A message could not be decoded.
    pub const DECODE_ERROR: Self = Self(50);
    /// A signature or a finished message did not verify.
    pub const DECRYPT_ERROR: Self = Self(51);
    /// No protocol version in common.
    pub const PROTOCOL_VERSION: Self = Self(70);
    /// The sender's own trouble.
    pub const INTERNAL_ERROR: Self = Self(80);
    /// A downgraded retry by a client that can do better (RFC 7507).
    pub const INAPPROPRIATE_FALLBACK: Self = Self(86);
    /// A certificate was demanded and none was sent.
    pub const CERTIFICATE_REQUIRED: Self = Self(116);
    /// No application protocol in common (RFC 7301 §3.2).
    pub const NO_APPLICATION_PROTOCOL: Self = Self(120);

    /// The name in the RFC, if this is a known code.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            22 => "record_overflow",
            40 => "handshake_failure",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            _ => return None,
        })
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "alert {}", self.0),
        }
    }
}

impl fmt::Debug for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alert({}, {self})", self.0)
    }
}
