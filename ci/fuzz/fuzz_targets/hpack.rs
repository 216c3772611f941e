//! HPACK (RFC 7541): a block decoded whole and in pieces is the same list; and what was decoded, encoded again, is decoded
//! as the same.
//!
//! The first byte of the data is the size of the pieces; the rest is two blocks of one connection.
#![no_main]

use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use lws_hpack::{Decoder, Encoder, Error, Field, Limits, List, limits};
use lws_wire::Out;

fuzz_target!(|data: &[u8]| {
    let Some((step, input)) = data.split_first() else { return };
    let (first, second) = input.split_at(input.len() / 2);
    let (mut whole, mut pieces) = (Decoder::new(Limits::default()), Decoder::new(Limits::default()));
    let (mut encoder, mut reader) = (Encoder::new(limits::TABLE_BYTES), Decoder::new(Limits::default()));
    for block in [first, second] {
        let found = decode(&mut whole, block, usize::MAX);
        assert_eq!(found, decode(&mut pieces, block, usize::from(*step).max(1)));
        assert!(whole.table_size() <= limits::TABLE_BYTES && whole.table_size() == pieces.table_size());
        let Ok((fields, List { refused: None, .. })) = found else { return };
        // Twice: the second time from the table.
        for _ in 0..2 {
            again(&mut encoder, &mut reader, &fields);
        }
    }
});

/// Name, value, and whether it is never to be indexed.
type Owned = (Vec<u8>, Vec<u8>, bool);

/// Offers `step` bytes more each time.
fn decode(decoder: &mut Decoder, block: &[u8], step: usize) -> Result<(Vec<Owned>, List), Error> {
    let mut scratch = vec![0; limits::LIST_BYTES];
    let (mut at, mut end) = (0, 0);
    let mut fields = Vec::new();
    while end < block.len() {
        end = end.saturating_add(step).min(block.len());
        at += decoder.decode(&block[at..end], &mut scratch, |field| {
            fields.push((field.name.to_vec(), field.value.to_vec(), field.never_indexed));
            ControlFlow::Continue(())
        })?;
        assert!(at <= end);
    }
    decoder.finish(&block[at..]).map(|list| (fields, list))
}

fn again(encoder: &mut Encoder, reader: &mut Decoder, fields: &[Owned]) {
    let borrowed = || {
        fields.iter().map(|(name, value, never_indexed)| {
            let field = Field::new(name, value);
            if *never_indexed { field.sensitive() } else { field }
        })
    };
    let mut room = vec![0; Encoder::block_bound(borrowed())];
    let mut out = Out::new(&mut room);
    assert!(encoder.block(&mut out, borrowed()), "its bound is enough");
    let (read, _) = decode(reader, out.written(), usize::MAX).expect("what was encoded can be decoded");
    assert_eq!(read.len(), fields.len());
    for ((name, value, never), (read_name, read_value, read_never)) in fields.iter().zip(&read) {
        assert_eq!((name, value), (read_name, read_value));
        // The encoder may find more to be secret, not less.
        assert!(*read_never || !*never);
    }
}
