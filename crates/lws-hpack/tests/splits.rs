//! A block may come in any pieces.

mod common;

use common::{Random, decode, decode_pieces, encode, mutate, random_list};
use lws_hpack::{Decoder, Encoder, Limits};

/// Two decoders that have seen the same blocks.
fn twins(blocks: &[Vec<u8>]) -> [Decoder; 2] {
    [(); 2].map(|()| {
        let mut decoder = Decoder::new(Limits { list_bytes: 2000, list_fields: 20, ..Limits::default() });
        for block in blocks {
            decode(&mut decoder, block).expect("a good block");
        }
        decoder
    })
}

/// The block in two pieces, at every point, and octet by octet.
fn check(history: &[Vec<u8>], block: &[u8]) {
    let [mut whole, mut bytewise] = twins(history);
    let expect = decode(&mut whole, block);
    let told = decode_pieces(&mut bytewise, block.chunks(1));
    assert_eq!(
        (told, bytewise.table_size()),
        (expect.clone(), whole.table_size()),
        "octet by octet: {block:02x?}"
    );
    for at in 0..=block.len() {
        let [mut split, _] = twins(history);
        let told = decode_pieces(&mut split, [&block[..at], &block[at..]]);
        assert_eq!((told, split.table_size()), (expect.clone(), whole.table_size()), "at {at}: {block:02x?}");
    }
}

#[test]
fn good_blocks_at_every_split_point() {
    let mut random = Random::new(2);
    for _ in 0..20 {
        let mut encoder = Encoder::default();
        let mut history = Vec::new();
        for _ in 0..3 {
            encoder.set_table_bytes(*random.pick(&[0, 100, 300, 4096]));
            let block = encode(&mut encoder, &random_list(&mut random));
            check(&history, &block);
            history.push(block);
        }
    }
}

#[test]
fn damaged_blocks_at_every_split_point() {
    let mut random = Random::new(3);
    for _ in 0..60 {
        let mut encoder = Encoder::default();
        let history = vec![encode(&mut encoder, &random_list(&mut random))];
        let mut block = encode(&mut encoder, &random_list(&mut random));
        mutate(&mut random, &mut block);
        check(&history, &block);
    }
}

/// Of an unfinished instruction only the lengths are looked at, so octets cost the same wherever they come.
#[test]
fn what_is_used_are_whole_instructions() {
    let mut encoder = Encoder::default();
    let mut random = Random::new(4);
    let block = encode(&mut encoder, &random_list(&mut random));
    let mut decoder = Decoder::new(Limits::default());
    let (mut scratch, mut at) = (vec![0; 4096], 0);
    for end in 0..=block.len() {
        let used =
            decoder.decode(&block[at..end], &mut scratch, |_| core::ops::ControlFlow::Continue(())).unwrap();
        at += used;
    }
    assert_eq!(at, block.len());
    decoder.finish(&[]).unwrap();
}
