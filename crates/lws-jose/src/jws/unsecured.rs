//! `alg: none`, RFC 7515 appendix A.5: tokens that anybody can make.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Error, TokenError};
use crate::json::Limits;
use crate::{base64url, header, limits};

/// A token that nothing protects: for places where something else does. No verifier accepts it.
#[must_use]
pub fn unsecured(payload: &[u8]) -> String {
    let mut token = base64url::encode(br#"{"alg":"none"}"#);
    token.push('.');
    base64url::encode_to(payload, &mut token);
    token.push('.');
    token
}

/// The payload of such a token. There is no key here, so that no key can seem to have been used; a token with any other
/// `alg`, or with a signature, is refused.
pub fn read_unsecured(token: &str) -> Result<Vec<u8>, Error> {
    if token.len() > limits::TOKEN_MAX {
        return Err(TokenError::TooLong(limits::TOKEN_MAX).into());
    }
    let mut parts = token.split('.');
    let (Some(protected), Some(payload), Some(""), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        // RFC 7518 §3.6: "MUST use the empty octet sequence as its JWS Signature value".
        return Err(TokenError::Form("an unsecured token is two parts and an empty signature").into());
    };
    let text = header::decode_protected(protected)?;
    let protected = header::parse(&text, Limits::new())?;
    let headers = header::Headers::only(&protected);
    headers.check(&[])?;
    match headers.text("alg")?.ok_or(TokenError::Missing("alg"))? {
        "none" => {}
        other => return Err(TokenError::UnknownAlgorithm(other.into()).into()),
    }
    Ok(base64url::decode(payload).map_err(|_| TokenError::Base64("payload"))?)
}
