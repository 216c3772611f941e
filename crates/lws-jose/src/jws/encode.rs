//! The payload as it is signed and as it travels: RFC 7515 §5.1, RFC 7797.

use alloc::string::String;

use crate::error::{Error, TokenError};
use crate::header::Headers;
use crate::json::Value;

/// Longest signature: RSA of [`RSA_BITS_MAX`](crate::limits::RSA_BITS_MAX).
pub(super) const SIGNATURE_MAX: usize = crate::limits::RSA_BITS_MAX / 8;

/// RFC 7797 §3: whether the payload is signed as base64url. If it is not, `crit` must say so (§6), and the header's
/// check has seen to it that `crit` is protected.
pub(super) fn is_encoded(headers: Headers<'_, '_>) -> Result<bool, TokenError> {
    let Some(b64) = headers.find("b64") else { return Ok(true) };
    let b64 = b64.as_bool().ok_or_else(|| TokenError::Member("b64".into()))?;
    let protected = headers.protected.is_some_and(|object| object.find("b64").is_some());
    let critical = headers.find("crit").and_then(Value::as_array);
    let critical = critical.is_some_and(|names| names.iter().any(|name| name.as_str() == Some("b64")));
    if protected && (b64 || critical) { Ok(b64) } else { Err(TokenError::Member("b64".into())) }
}

/// RFC 7797 §5.2: what can stand between two points as it is.
pub(super) fn compact_text(payload: &[u8]) -> Result<&str, Error> {
    let allowed = |byte: &u8| matches!(byte, 0x20..=0x2d | 0x2f..=0x7e);
    match core::str::from_utf8(payload) {
        Ok(text) if payload.iter().all(allowed) => Ok(text),
        _ => Err(Error::Misuse(
            "this payload cannot be in a compact token unencoded: detach it (RFC 7797 section 5.2)",
        )),
    }
}

/// Appends a JSON string.
pub(super) fn push_string(text: &str, out: &mut String) {
    use core::fmt::Write as _;
    write!(out, "{}", Value::from(text)).expect("a string takes everything");
}
