//! Whatever is encoded is decoded, and the tables of both ends stay the same.

mod common;

use common::{Owned, decode_pieces, encode, field};
use lws_hpack::{Decoder, Encoder, Limits};
use proptest::prelude::*;

/// What happens on a connection.
#[derive(Clone, Debug)]
enum Step {
    /// A message, and where its block is cut.
    Block(Vec<Owned>, Vec<prop::sample::Index>),
    /// The decoder's side sets its table size, and the encoder's side acknowledges.
    Setting(usize),
}

fn text(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => prop::sample::select(&common::NAMES[..]).prop_map(|name| name.as_bytes().to_vec()),
        3 => prop::sample::select(&common::VALUES[..]).prop_map(|value| value.as_bytes().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..12),
        1 => prop::collection::vec(prop::sample::select(&b"aeio/=%~ZQ\x01\xff"[..]), 0..most),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let list = prop::collection::vec((text(200), text(1500), prop::bool::weighted(0.1)), 0..12);
    let cuts = prop::collection::vec(any::<prop::sample::Index>(), 0..4);
    prop_oneof![
        4 => (list, cuts).prop_map(|(list, cuts)| Step::Block(list, cuts)),
        1 => prop::sample::select(&[0, 33, 64, 100, 500, 4096, 5000, 16_384][..]).prop_map(Step::Setting),
        1 => (0..9000_usize).prop_map(Step::Setting),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_encoded_is_decoded(
        own in prop::sample::select(&[0, 200, 4096, 16_384][..]),
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let limits = Limits { list_bytes: 64 * 1024, block_bytes: 64 * 1024, ..Limits::default() };
        let (mut encoder, mut decoder) = (Encoder::new(own), Decoder::new(limits));
        for step in steps {
            let (list, cuts) = match step {
                Step::Setting(setting) => {
                    encoder.set_table_bytes(setting);
                    decoder.set_table_bytes(setting).unwrap();
                    continue;
                }
                Step::Block(list, cuts) => (list, cuts),
            };
            let block = encode(&mut encoder, &list);
            prop_assert!(block.len() <= Encoder::block_bound(list.iter().map(field)));
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(block.len() + 1)).collect();
            cuts.sort_unstable();
            cuts.push(block.len());
            let mut from = 0;
            let pieces = cuts.iter().map(|&cut| {
                let piece = &block[from..cut];
                from = cut;
                piece
            });
            let (told, all) = decode_pieces(&mut decoder, pieces).unwrap();
            // What the encoder itself considers secret comes out marked; all else comes out as it went in.
            prop_assert_eq!(told.len(), list.len());
            for (told, went) in told.iter().zip(&list) {
                let secret = went.0 == b"authorization" || went.0 == b"cookie" && went.1.len() < 20;
                prop_assert_eq!(told, &(went.0.clone(), went.1.clone(), went.2 || secret));
            }
            prop_assert_eq!(all.bytes, list.iter().map(|owned| field(owned).size()).sum::<usize>());
            prop_assert_eq!(all.refused, None);
            prop_assert_eq!(encoder.table_size(), decoder.table_size());
        }
    }
}
