//! Changes of the dynamic table size, and misuse of the decoder.

mod common;

use std::ops::ControlFlow;

use common::{decode, encode, hex, owned};
use lws_hpack::limits::MAX_TABLE_BYTES;
use lws_hpack::{Decoder, Encoder, Error, Limits, Malformed, Misuse};

const MISSING: Error = Error::Peer(Malformed::UpdateMissing);

/// A decoder that had 4096 bytes and one entry, and was then set to `settings`, all acknowledged.
fn after(settings: &[usize]) -> Decoder {
    let mut decoder = Decoder::new(Limits::default());
    decode(&mut decoder, &[0x40, 1, b'a', 1, b'b']).expect("a good block");
    for &setting in settings {
        decoder.set_table_bytes(setting).expect("a size that is allowed");
    }
    decoder
}

/// RFC 9113 §4.3.1: after a reduction, a block has to begin with an update to the lowest size or below.
#[test]
fn rfc_9113_4_3_1_a_reduction_is_followed_by_an_update() {
    let cases: &[(&[usize], &str, Result<usize, Error>)] = &[
        (&[100], "", Err(MISSING)),
        (&[100], "82", Err(MISSING)),
        (&[100], "40 0161 0162", Err(MISSING)),
        (&[100], "3f45 82", Ok(34)),
        (&[100], "20 82", Ok(0)),
        (&[100], "20 3f45 82", Ok(0)),
        (&[100], "3f45 20 82", Ok(0)),
        (&[100], "3f46 82", Err(Error::Peer(Malformed::UpdateTooLarge))),
        // Down and up again: the lowest must be seen first.
        (&[0, 4096], "3fe11f 82", Err(MISSING)),
        (&[0, 4096], "82", Err(MISSING)),
        (&[0, 4096], "20 3fe11f 82", Ok(0)),
        (&[0, 4096], "20 82", Ok(0)),
        // Nothing is owed without a reduction, or for one that was taken back to where the table is.
        (&[4096], "be", Ok(34)),
        (&[9000], "be", Ok(34)),
        (&[9000, 5000], "be", Ok(34)),
    ];
    for (settings, block, expect) in cases {
        let mut decoder = after(settings);
        let result = decode(&mut decoder, &hex(block)).map(|_| decoder.table_size());
        assert_eq!(result, *expect, "{settings:?}, {block}");
    }
}

/// RFC 7541 §4.2: the encoder tells the lowest size since its last block, and the last one.
#[test]
fn rfc_7541_4_2_the_encoder_tells_what_changed() {
    let cases: &[(usize, &[usize], &str)] = &[
        (4096, &[], "82"),
        (4096, &[4096], "82"),
        (4096, &[65_536], "82"),
        (4096, &[100], "3f45 82"),
        (4096, &[0], "20 82"),
        (4096, &[0, 4096], "20 3fe11f 82"),
        (4096, &[100, 0, 30], "20 3e 82"),
        (4096, &[100, 200, 4096, 9000], "3f45 3fe11f 82"),
        (8192, &[8192], "3fe13f 82"),
        (8192, &[9000, 5000], "3fe926 82"),
        (8192, &[9000, 4096], "82"),
        (8192, &[8192, 10, 8192], "2a 3fe13f 82"),
        (100, &[], "3f45 82"),
        (100, &[65_536], "3f45 82"),
        (100, &[50, 65_536], "3f13 3f45 82"),
        (0, &[4096], "20 82"),
        (usize::MAX, &[usize::MAX], "3fe1ff03 82"),
    ];
    for (own, settings, expect) in cases {
        let mut encoder = Encoder::new(*own);
        for &setting in *settings {
            encoder.set_table_bytes(setting);
        }
        let block = encode(&mut encoder, &[owned(":method", "GET")]);
        assert_eq!(block, hex(expect), "own {own}, {settings:?}");
        assert_eq!(encode(&mut encoder, &[owned(":method", "GET")]), hex("82"), "told only once");
    }
}

#[test]
fn a_dip_between_two_blocks_evicts_on_both_sides() {
    let (mut encoder, mut decoder) = (Encoder::default(), Decoder::new(Limits::default()));
    let list = [owned("x-a", "1"), owned("x-b", "2"), owned("x-c", "3")];
    decode(&mut decoder, &encode(&mut encoder, &list)).unwrap();
    for setting in [80, 4096] {
        encoder.set_table_bytes(setting);
        decoder.set_table_bytes(setting).unwrap();
    }
    let block = encode(&mut encoder, &list[2..]);
    assert_eq!(block, hex("3f31 3fe11f be"));
    assert_eq!(decode(&mut decoder, &block).unwrap().0, list[2..]);
    assert_eq!((encoder.table_size(), decoder.table_size()), (72, 72));
}

#[test]
fn a_larger_table_holds_more() {
    let (mut encoder, mut decoder) = (Encoder::new(MAX_TABLE_BYTES), Decoder::new(Limits::default()));
    decoder.set_table_bytes(MAX_TABLE_BYTES).unwrap();
    encoder.set_table_bytes(MAX_TABLE_BYTES);
    let mut scratch = vec![0; decoder.scratch_bytes()];
    assert_eq!(scratch.len(), MAX_TABLE_BYTES);
    for nth in 0..200 {
        let block = encode(&mut encoder, &[owned("x-large", &format!("{nth:1000}"))]);
        let used = decoder.decode(&block, &mut scratch, |_| ControlFlow::Continue(())).unwrap();
        decoder.finish(&block[used..]).unwrap();
        assert_eq!(encoder.table_size(), decoder.table_size());
    }
    assert_eq!(decoder.table_size(), MAX_TABLE_BYTES / 1039 * 1039);
}

#[test]
fn misuse_is_told_and_harms_nothing() {
    let mut decoder = Decoder::new(Limits::default());
    let mut sink = |_: lws_hpack::Field<'_>| ControlFlow::Continue(());
    let small = Err(Error::Misuse(Misuse::ScratchTooSmall));
    assert_eq!(decoder.decode(&[0x82], &mut [0; 4095], &mut sink), small);
    assert_eq!(decoder.set_table_bytes(MAX_TABLE_BYTES + 1), Err(Error::Misuse(Misuse::TableTooLarge)));
    assert_eq!(decoder.decode(&[0x82], &mut [0; 4096], &mut sink), Ok(1));
    assert_eq!(decoder.set_table_bytes(100), Err(Error::Misuse(Misuse::WithinBlock)));
    assert_eq!(decoder.finish(&[]).unwrap().fields, 1);
    assert_eq!(decoder.set_table_bytes(100), Ok(()));
    assert_eq!(decoder.scratch_bytes(), 100);
}
