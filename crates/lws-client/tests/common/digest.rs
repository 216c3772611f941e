//! The other end of digest authentication, from RFC 7616 alone.

use super::Seen;
use md5::Md5;
use sha2::{Digest, Sha256};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A parameter of the `Authorization` or `Proxy-Authorization` in a request.
pub(crate) fn param(seen: &Seen, field: &str, name: &str) -> Option<String> {
    let start = format!("{field}: Digest ");
    let line = seen.text.lines().find(|line| line.starts_with(&start))?;
    let rest = line.split_once(&format!("{name}="))?.1;
    Some(match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap().to_string(),
        None => rest.split(',').next().unwrap().to_string(),
    })
}

/// Whether the request proves that it knows the password of `me` in `the realm`, as RFC 7616 §3.4.1 has it.
pub(crate) fn proves(seen: &Seen, field: &str, nonce: &str, password: &str) -> bool {
    let get = |name: &str| param(seen, field, name).unwrap_or_default();
    let algorithm = get("algorithm");
    let hash = |text: String| match algorithm.starts_with("SHA-256") {
        true => hex(&Sha256::digest(text.as_bytes())),
        false => hex(&Md5::digest(text.as_bytes())),
    };
    let mut words = seen.line().split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (nc, cnonce) = (get("nc"), get("cnonce"));
    let mut a1 = hash(format!("me:the realm:{password}"));
    if algorithm.ends_with("-sess") {
        a1 = hash(format!("{a1}:{nonce}:{cnonce}"));
    }
    let a2 = hash(format!("{method}:{target}"));
    let right = hash(format!("{a1}:{nonce}:{nc}:{cnonce}:auth:{a2}"));
    get("response") == right && get("uri") == target && get("nonce") == nonce && get("opaque") == "o\\\\"
}
