//! What Mbed TLS 2.28 does not look for in a client's first message (RFC 8446 §4.1.2).

/// The kind of handshake message.
pub(crate) const KIND: u8 = 1;

const SUPPORTED_VERSIONS: [u8; 2] = [0, 43];
const TLS_1_2: [u8; 2] = [3, 3];

/// Whether TLS 1.2 is among the versions that the client lists. Without a list there is only the version of the message,
/// which the library knows about; a malformed one it will refuse.
pub(crate) fn offers_tls12(body: &[u8]) -> bool {
    versions(body).is_none_or(|list| list.chunks_exact(2).any(|version| version == TLS_1_2))
}

/// RFC 8446 §4.2.1: the versions in `supported_versions`.
fn versions(body: &[u8]) -> Option<&[u8]> {
    // Version 2, random 32; then session id, cipher suites, compression methods.
    let mut rest = body.get(34..)?;
    for length_bytes in [1, 2, 1] {
        (_, rest) = vector(rest, length_bytes)?;
    }
    let (mut extensions, _) = vector(rest, 2)?;
    while let Some((kind, after)) = extensions.split_first_chunk::<2>() {
        let (value, after) = vector(after, 2)?;
        if *kind == SUPPORTED_VERSIONS {
            return vector(value, 1).map(|(list, _)| list);
        }
        extensions = after;
    }
    None
}

/// A vector with its length in front, and what is behind it.
fn vector(from: &[u8], length_bytes: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = from.split_at_checked(length_bytes)?;
    rest.split_at_checked(length.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(extensions: &[u8]) -> Vec<u8> {
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 1, 1, 0]);
        body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
        body.extend(extensions);
        body
    }

    #[test]
    fn tls_1_3_only_is_told_from_both() {
        assert!(offers_tls12(&hello(&[])));
        assert!(offers_tls12(&hello(&[0, 5, 0, 0, 0, 43, 0, 5, 4, 3, 4, 3, 3])));
        assert!(!offers_tls12(&hello(&[0, 5, 0, 0, 0, 43, 0, 3, 2, 3, 4])));
        assert!(!offers_tls12(&hello(&[0, 43, 0, 5, 4, 0x7a, 0x7a, 3, 4])));
    }

    #[test]
    fn cut_anywhere_it_is_left_to_the_library() {
        let whole = hello(&[0, 43, 0, 3, 2, 3, 4]);
        for len in 0..whole.len() {
            assert!(offers_tls12(&whole[..len]), "{len} bytes");
        }
    }
}
