//! Close frames (RFC 6455 §5.5.1, §7.4).

use core::fmt;

use lws_wire::Out;

use crate::error::Violation;
use crate::header::{Header, Opcode};
use crate::limits::{MAX_CONTROL, MAX_REASON};

/// A close code that may be sent.
///
/// 1000–1003, 1007–1014, 3000–3999 (libraries, registered with IANA) and 4000–4999 (applications).
#[doc(alias = "lws_close_status")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose is fulfilled.
    #[doc(alias = "LWS_CLOSE_STATUS_NORMAL")]
    pub const NORMAL: Self = Self(1000);
    /// 1001: the server goes down, or the user left the page.
    #[doc(alias = "LWS_CLOSE_STATUS_GOINGAWAY")]
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the protocol.
    #[doc(alias = "LWS_CLOSE_STATUS_PROTOCOL_ERR")]
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: a kind of message that is not wanted here.
    #[doc(alias = "LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE")]
    pub const UNSUPPORTED: Self = Self(1003);
    /// 1007: the message is not what it says, such as text that is not UTF-8.
    #[doc(alias = "LWS_CLOSE_STATUS_INVALID_PAYLOAD")]
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// 1008: against the rules, and no other code fits.
    #[doc(alias = "LWS_CLOSE_STATUS_POLICY_VIOLATION")]
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009: the message is too big.
    #[doc(alias = "LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE")]
    pub const TOO_BIG: Self = Self(1009);
    /// 1010: the server did not grant an extension that the client needs. Sent by clients only.
    #[doc(alias = "LWS_CLOSE_STATUS_EXTENSION_REQUIRED")]
    pub const EXTENSION_REQUIRED: Self = Self(1010);
    /// 1011: the server came upon something unexpected.
    #[doc(alias = "LWS_CLOSE_STATUS_UNEXPECTED_CONDITION")]
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// 1012: the server restarts; come back.
    pub const RESTART: Self = Self(1012);
    /// 1013: too much to do; come back later.
    pub const TRY_LATER: Self = Self(1013);

    /// `None` for a code that must not stand in a close frame.
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            // RFC 6455 §7.4.1: 1004 is reserved; 1005, 1006 and 1015 MUST NOT be set in a close frame.
            // RFC 6455 §7.4.2: 0-999 are not used; 1016-2999 are reserved for later versions of the protocol.
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(Self(code)),
            _ => None,
        }
    }

    /// The number.
    pub const fn as_u16(self) -> u16 {
        self.0
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.0
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a close frame says: nothing, or a code and a reason, which may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close<'a>(Option<(CloseCode, &'a str)>);

impl<'a> Close<'a> {
    /// Says nothing.
    pub const EMPTY: Self = Self(None);

    /// Says why. When sent, a reason beyond [`MAX_REASON`] bytes is cut, between two characters.
    #[doc(alias = "lws_close_reason")]
    pub const fn new(code: CloseCode, reason: &'a str) -> Self {
        Self(Some((code, reason)))
    }

    /// The code; `None` if the peer gave none, which is reported as 1005 elsewhere.
    pub fn code(&self) -> Option<CloseCode> {
        self.0.map(|(code, _)| code)
    }

    /// The reason, which people may read and programs should not.
    pub fn reason(&self) -> &'a str {
        self.0.map_or("", |(_, reason)| reason)
    }

    /// Reads the payload of a close frame.
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, Violation> {
        match payload {
            [] => Ok(Self::EMPTY),
            // RFC 6455 §5.5.1: if there is a body, its first two bytes MUST be the code.
            [_] => Err(Violation::CloseLength),
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                let code = CloseCode::new(code).ok_or(Violation::CloseCode(code))?;
                // RFC 6455 §5.5.1: the reason is UTF-8.
                let reason = core::str::from_utf8(reason).map_err(|_| Violation::CloseReason)?;
                Ok(Self::new(code, reason))
            }
        }
    }

    /// Appends a close frame to `out`; false, and nothing, if it does not fit.
    #[must_use = "false means that nothing was written"]
    pub fn put(&self, out: &mut Out<'_>, mask: Option<[u8; 4]>) -> bool {
        let mut payload = [0; MAX_CONTROL];
        let mut len = 0;
        if let Some((code, reason)) = self.0 {
            let reason = &reason[..reason.floor_char_boundary(MAX_REASON)];
            len = 2 + reason.len();
            payload[..2].copy_from_slice(&code.0.to_be_bytes());
            payload[2..len].copy_from_slice(reason.as_bytes());
        }
        Header::new(Opcode::Close).mask(mask).put(out, &payload[..len])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ws_12_codes() {
        let legal = |code: u16| matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
        for code in 0..=u16::MAX {
            let payload = code.to_be_bytes();
            let parsed = Close::parse(&payload);
            assert_eq!(parsed.is_ok(), legal(code), "{code}");
            if let Ok(close) = parsed {
                assert_eq!(close.code().map(u16::from), Some(code));
            }
        }
        for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            assert_eq!(Close::parse(&code.to_be_bytes()), Err(Violation::CloseCode(code)));
        }
    }

    #[test]
    fn ws_12_payloads() {
        assert_eq!(Close::parse(b""), Ok(Close::EMPTY));
        assert_eq!(Close::parse(b"\x03"), Err(Violation::CloseLength));
        assert_eq!(Close::parse(b"\x03\xe8bye"), Ok(Close::new(CloseCode::NORMAL, "bye")));
        assert_eq!(Close::parse(b"\x03\xe8\xed\xa0\x80"), Err(Violation::CloseReason));
        assert_eq!(Close::parse(b"\x03\xe8\xc3"), Err(Violation::CloseReason));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let mut buf = [0; 127];
        let mut out = Out::new(&mut buf);
        let reason = ["a"; 1].concat() + &"\u{e9}".repeat(200);
        assert!(Close::new(CloseCode::GOING_AWAY, &reason).put(&mut out, None));
        // 123 bytes are one "a" and sixty-one characters of two.
        assert_eq!(out.written()[..4], [0x88, 125, 0x03, 0xe9]);
        let reason = ["b"; 2].concat() + &"\u{e9}".repeat(200);
        let mut out = Out::new(&mut buf);
        assert!(Close::new(CloseCode::GOING_AWAY, &reason).put(&mut out, None));
        assert_eq!(out.len(), 126);
        assert_eq!(Close::parse(&out.written()[2..]).expect("legal").reason(), &reason[..122]);
    }
}
