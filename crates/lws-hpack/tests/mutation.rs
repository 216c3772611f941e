//! Damaged blocks, many of them: no panic, no limit passed, and the same answer in pieces.

mod common;

use std::ops::ControlFlow;

use common::{Random, encode, mutate, random_list};
use lws_hpack::limits::OVERRUN;
use lws_hpack::{Decoder, Encoder, Error, Limits, List};

const BLOCKS: usize = 240_000;

/// What one decoder made of a block, with a checksum over the fields instead of copies of them.
type Answer = (Result<List, Error>, usize, u64);

fn decode(decoder: &mut Decoder, block: &[u8], scratch: &mut [u8], limits: &Limits, piece: usize) -> Answer {
    let (mut told, mut sum, mut fields) = (0, 0_u64, 0);
    let (mut at, mut end) = (0, 0);
    let result = loop {
        end = block.len().min(end + piece);
        let used = decoder.decode(&block[at..end], scratch, |field| {
            fields += 1;
            told += field.size();
            for octet in field.name.iter().chain([&b':']).chain(field.value) {
                sum = sum.wrapping_mul(31).wrapping_add(u64::from(*octet) + 1);
            }
            ControlFlow::Continue(())
        });
        match used {
            Ok(used) => at += used,
            Err(error) => break Err(error),
        }
        if end == block.len() {
            break decoder.finish(&block[at..]);
        }
    };
    assert!(
        told <= limits.list_bytes && fields <= limits.list_fields,
        "the closure saw more than the limits"
    );
    (result, told, sum)
}

#[test]
fn damaged_blocks_neither_panic_nor_pass_a_limit() {
    let mut random = Random::new(5);
    let mut scratch = vec![0; 4096];
    let (mut done, mut failed, mut refused) = (0, 0, 0);
    while done < BLOCKS {
        let limits = Limits {
            list_bytes: *random.pick(&[100, 1000, 16 * 1024]),
            list_fields: *random.pick(&[3, 100]),
            block_bytes: *random.pick(&[50, 1000, 16 * 1024]),
        };
        let (mut whole, mut pieces) = (Decoder::new(limits), Decoder::new(limits));
        let mut encoder = Encoder::default();
        // One connection: until a block is bad, or long enough.
        for _ in 0..20 {
            done += 1;
            if random.below(10) == 0 {
                let setting = *random.pick(&[0, 50, 4096]);
                encoder.set_table_bytes(setting);
                whole.set_table_bytes(setting).unwrap();
                pieces.set_table_bytes(setting).unwrap();
            }
            let mut block = match random.below(6) {
                0 => (0..random.below(30)).map(|_| random.next() as u8).collect(),
                _ => encode(&mut encoder, &random_list(&mut random)),
            };
            if random.below(3) > 0 {
                mutate(&mut random, &mut block);
            }
            // `max(1)`: an empty piece would never end.
            let piece = random.below(block.len() + 1).max(1);
            let answer = decode(&mut whole, &block, &mut scratch, &limits, usize::MAX);
            let again = decode(&mut pieces, &block, &mut scratch, &limits, piece);
            assert!(whole.table_size() <= 4096);
            // A block that is too long is found out at once, or with the piece that makes it so.
            let too_long = block.len() > limits.block_bytes;
            if !too_long {
                assert_eq!(
                    (answer, whole.table_size()),
                    (again, pieces.table_size()),
                    "{piece}: {block:02x?}"
                );
            } else {
                assert!(answer.0.is_err() && again.0.is_err());
            }
            match answer.0 {
                Err(_) => {
                    failed += 1;
                    break;
                }
                Ok(list) => {
                    assert!(
                        list.bytes <= limits.list_bytes * OVERRUN
                            && list.fields <= limits.list_fields * OVERRUN
                    );
                    refused += usize::from(list.refused.is_some());
                }
            }
        }
    }
    // The seeds reach what they are meant to reach.
    assert!(failed > BLOCKS / 20 && refused > BLOCKS / 100, "{failed} failed, {refused} refused of {done}");
}
