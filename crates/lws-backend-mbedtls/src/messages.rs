//! Handshake messages, put together before Mbed TLS sees them.
//!
//! ```text
//!   records as they came:  | hel | lo |      | certificate, done |
//!   as they are handed on:    | hello |      | certificate | done |
//! ```
//! Mbed TLS 2.28 wants each message whole in one record, and the first one alone in it; peers need not do that (RFC 5246
//! §6.2.1). What is signed and hashed is the messages, not the records, so they may be packed anew. After the peer's
//! change_cipher_spec its records are encrypted and pass as they are.
//!
//! Invariant: `held` is empty, or the beginning of a message of at most [`MESSAGE_MAX`] bytes.

use lws_tls::{Cause, Error, Stage, record};

use crate::limits::MESSAGE_MAX;

const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;

#[derive(Default)]
pub(crate) struct Messages {
    held: Vec<u8>,
    encrypted: bool,
}

impl Messages {
    /// Takes one whole record; the records to hand on, if there is something complete.
    pub(crate) fn take(&mut self, record: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let Some((&[kind, major, minor, ..], body)) = record.split_first_chunk::<{ record::HEADER }>() else {
            return Ok(None);
        };
        if self.encrypted || kind != HANDSHAKE {
            if !self.held.is_empty() {
                return Err(peer(Cause::Violation(String::from("a message was interrupted"))));
            }
            self.encrypted |= kind == CHANGE_CIPHER_SPEC;
            return Ok(Some(record.to_vec()));
        }
        // RFC 5246 §6.2.1: implementations MUST NOT send zero-length fragments of handshake content types.
        if body.is_empty() {
            return Err(peer(Cause::Malformed));
        }
        self.held.extend_from_slice(body);
        let mut whole = Vec::new();
        let mut rest = &self.held[..];
        while let Some([_, length @ ..]) = rest.first_chunk::<4>() {
            let len = 4 + length.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
            if len > MESSAGE_MAX {
                return Err(Error::HandshakeTooLarge);
            }
            let Some((message, after)) = rest.split_at_checked(len) else { break };
            let [.., high, low] = len.to_be_bytes();
            whole.extend_from_slice(&[HANDSHAKE, major, minor, high, low]);
            whole.extend_from_slice(message);
            rest = after;
        }
        self.held = rest.to_vec();
        Ok(Some(whole).filter(|whole| !whole.is_empty()))
    }

    /// Whether the peer's records are encrypted by now.
    pub(crate) const fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// Whether the beginning of a message waits for its rest.
    pub(crate) const fn is_partial(&self) -> bool {
        !self.held.is_empty()
    }
}

const fn peer(cause: Cause) -> Error {
    Error::Peer { stage: Stage::Handshake, cause }
}

/// The messages in records that [`Messages::take`] has packed: kind and body of each.
pub(crate) fn unpack(mut records: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let len = record::complete(records).ok().flatten()?;
        let (record, rest) = records.split_at_checked(len)?;
        records = rest;
        let (header, message) = record.split_first_chunk::<{ record::HEADER }>()?;
        if header[0] != HANDSHAKE {
            return None;
        }
        let (head, body) = message.split_first_chunk::<4>()?;
        Some((head[0], body))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[kind, 3, 1, len[0], len[1]], body].concat()
    }

    /// What comes out for a stream of two messages, cut into fragments of `size`.
    fn packed(size: usize) -> Vec<u8> {
        let stream = [&[1, 0, 0, 3, 7, 7, 7][..], &[2, 0, 0, 0], &[3, 0, 0, 1, 9]].concat();
        let mut messages = Messages::default();
        let mut out = Vec::new();
        for piece in stream.chunks(size) {
            out.extend(messages.take(&record(22, piece)).unwrap().unwrap_or_default());
        }
        assert!(!messages.is_partial());
        out
    }

    #[test]
    fn one_message_for_each_record_however_it_was_cut() {
        let expect = packed(16);
        let seen: Vec<_> = unpack(&expect).map(|(kind, body)| (kind, body.to_vec())).collect();
        assert_eq!(seen, [(1, vec![7, 7, 7]), (2, vec![]), (3, vec![9])]);
        for size in 1..16 {
            assert_eq!(packed(size), expect, "fragments of {size}");
        }
    }

    #[test]
    fn an_interrupted_message_and_an_empty_fragment_are_refused() {
        for kind in [20, 21, 23] {
            let mut messages = Messages::default();
            assert_eq!(messages.take(&record(22, &[1, 0])), Ok(None));
            assert!(messages.is_partial());
            assert!(messages.take(&record(kind, &[1])).is_err());
        }
        assert_eq!(Messages::default().take(&record(22, &[])), Err(peer(Cause::Malformed)));
    }

    #[test]
    fn a_message_that_announces_too_much_is_refused_at_once() {
        let mut messages = Messages::default();
        assert_eq!(messages.take(&record(22, &[1, 0, 0x3f, 0xfd])), Err(Error::HandshakeTooLarge));
        assert_eq!(Messages::default().take(&record(22, &[1, 0, 0x3f, 0xfc])), Ok(None));
    }

    #[test]
    fn after_change_cipher_spec_records_pass_as_they_are() {
        let mut messages = Messages::default();
        assert_eq!(messages.take(&record(20, &[1])), Ok(Some(record(20, &[1]))));
        assert_eq!(messages.take(&record(22, &[0xab])), Ok(Some(record(22, &[0xab]))));
    }
}
