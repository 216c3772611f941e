//! Chunked bodies (RFC 9112 §7.1): the payload does not depend on how the bytes arrive or how few are taken at once.
//!
//! The first byte of the data is the size of the pieces.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_h1::{BodyDecoder, Framing, HeadIndex, trailers};

fuzz_target!(|data: &[u8]| {
    let Some((step, input)) = data.split_first() else { return };
    let whole = decode(input, usize::MAX);
    let pieces = decode(input, usize::from(*step).max(1));
    assert_eq!(whole.end, pieces.end);
    // Before an error, pieces may have shown more of the payload than the whole did.
    assert!(pieces.payload.starts_with(&whole.payload) || whole.payload.starts_with(&pieces.payload));
    if !whole.end.starts_with("error") {
        assert_eq!(whole.payload, pieces.payload);
    }
});

struct Body {
    payload: Vec<u8>,
    /// `done` and how many bytes it took, `more`, or the error.
    end: String,
}

/// Offers `step` bytes more each time nothing moves, and takes at most `step` bytes of payload at once.
fn decode(input: &[u8], step: usize) -> Body {
    let mut decoder = BodyDecoder::new(Framing::Chunked);
    let (mut at, mut end, mut payload) = (0, 0, Vec::new());
    loop {
        let offered = &input[at..end];
        let found = match decoder.decode(offered) {
            Ok(found) => found,
            Err(error) => return Body { payload, end: format!("error {error:?}") },
        };
        assert!(found.skip + found.data <= offered.len());
        let section = found.trailers(offered);
        assert!(trailers(section, &mut HeadIndex::new()).is_ok(), "a section it passed itself");
        let take = found.data.min(step);
        payload.extend(&found.payload(offered)[..take]);
        decoder.consume(take);
        at += found.skip + take;
        if decoder.is_done() {
            return Body { payload, end: format!("done {at}") };
        }
        if found.skip + take == 0 {
            if end == input.len() {
                return Body { payload, end: "more".to_owned() };
            }
            end = end.saturating_add(step).min(input.len());
        }
    }
}
