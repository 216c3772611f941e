//! The same bytes to other people's code: `loona-hpack` and its ancestor `hpack`, which panics on some.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use common::{Owned, Random, decode, encode, mutate, random_list};
use loona_hpack::decoder::DecoderError;
use loona_hpack::huffman::HuffmanDecoder;
use lws_hpack::{Decoder, Encoder, Error, Limits, Malformed};

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// What another decoder said.
#[derive(Debug, PartialEq)]
enum Other {
    Fields(Pairs),
    Error,
    /// `loona-hpack` has blocks end with a field; RFC 7541 does not.
    UpdateAtEnd,
    Panic,
}

fn loona(decoder: &mut loona_hpack::Decoder<'_>, block: &[u8]) -> Other {
    match decoder.decode(block) {
        Ok(fields) => Other::Fields(fields),
        Err(DecoderError::SizeUpdateAtEnd) => Other::UpdateAtEnd,
        Err(_) => Other::Error,
    }
}

fn hpack(decoder: &mut hpack::Decoder<'_>, block: &[u8]) -> Other {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            if !info.location().is_some_and(|location| location.file().contains("hpack-0.3")) {
                loud(info);
            }
        }));
    });
    match catch_unwind(AssertUnwindSafe(|| decoder.decode(block))) {
        Ok(Ok(mut fields)) => {
            // Its static table has a misprint at index 15.
            for (name, _) in fields.iter_mut().filter(|(name, _)| name == b"accept-") {
                *name = b"accept-charset".to_vec();
            }
            Other::Fields(fields)
        }
        Ok(Err(_)) => Other::Error,
        Err(_) => Other::Panic,
    }
}

fn pairs(fields: &[Owned]) -> Pairs {
    fields.iter().map(|(name, value, _)| (name.clone(), value.clone())).collect()
}

/// One block for all three. Answers whether they agree so far, so that their tables are still the same.
fn check(
    ours: &mut Decoder,
    loonas: &mut loona_hpack::Decoder<'_>,
    hpacks: &mut hpack::Decoder<'_>,
    block: &[u8],
) -> bool {
    let result = decode(ours, block);
    let others = [loona(loonas, block), hpack(hpacks, block)];
    for other in others {
        match (&result, other) {
            (Ok((fields, list)), Other::Fields(expect)) if list.refused.is_none() => {
                assert_eq!(pairs(fields), expect, "{block:02x?}");
            }
            // They have no limits.
            (Ok((fields, list)), Other::Fields(expect)) => {
                assert_eq!(pairs(fields), expect[..fields.len()], "{block:02x?}");
                assert_eq!(list.fields, expect.len());
            }
            (Ok((fields, _)), Other::UpdateAtEnd) => assert!(fields.is_empty(), "{block:02x?}"),
            (Ok(_), other) => panic!("we take what others refuse, {other:?}: {block:02x?}"),
            // They take updates anywhere and any number of them, hpack any size.
            (
                Err(Error::Peer(
                    Malformed::UpdateLate | Malformed::UpdateRepeated | Malformed::UpdateTooLarge,
                )),
                _,
            ) => {}
            (Err(Error::Limit(_)), _) => {}
            (Err(error), Other::Fields(fields)) => {
                panic!("{error}, but others take {fields:?}: {block:02x?}")
            }
            // The known panics of hpack (RUSTSEC-2023-0085): a table size update whose integer is cut off or too long.
            (Err(Error::Peer(error)), Other::Panic) => {
                assert!(
                    matches!(error, Malformed::Truncated | Malformed::Integer),
                    "{error:?}: {block:02x?}"
                );
                assert!(block.contains(&0x3f), "hpack panics on something new: {block:02x?}");
            }
            (Err(_), Other::Error | Other::UpdateAtEnd | Other::Panic) => {}
        }
    }
    matches!(result, Ok((_, list)) if list.refused.is_none())
}

fn decoders() -> (Decoder, loona_hpack::Decoder<'static>, hpack::Decoder<'static>) {
    let mut loonas = loona_hpack::Decoder::new();
    loonas.set_max_allowed_table_size(4096);
    (Decoder::new(Limits::default()), loonas, hpack::Decoder::new())
}

#[test]
fn others_read_what_we_write() {
    let mut random = Random::new(6);
    for _ in 0..40 {
        let mut encoder = Encoder::new(*random.pick(&[4096, 300]));
        let (mut ours, mut loonas, mut hpacks) = decoders();
        for _ in 0..5 {
            encoder.set_table_bytes(*random.pick(&[4096, 4096, 100, 0]));
            let list = random_list(&mut random);
            let block = encode(&mut encoder, &list);
            // A block of nothing but updates is the one thing that loona refuses.
            if !list.is_empty() {
                assert_eq!(loona(&mut loonas, &block), Other::Fields(pairs(&list)));
                assert_eq!(hpack(&mut hpacks, &block), Other::Fields(pairs(&list)));
                assert_eq!(pairs(&decode(&mut ours, &block).unwrap().0), pairs(&list));
            } else {
                break;
            }
        }
    }
}

#[test]
fn we_read_what_others_write() {
    let mut random = Random::new(7);
    for _ in 0..1000 {
        let (mut loonas, mut hpacks) = (loona_hpack::Encoder::new(), hpack::Encoder::new());
        let (mut first, mut second) = (Decoder::new(Limits::default()), Decoder::new(Limits::default()));
        for _ in 0..5 {
            let list = pairs(&random_list(&mut random));
            let fields = || list.iter().map(|(name, value)| (&name[..], &value[..]));
            assert_eq!(pairs(&decode(&mut first, &loonas.encode(fields())).unwrap().0), list);
            assert_eq!(pairs(&decode(&mut second, &hpacks.encode(fields())).unwrap().0), list);
        }
    }
}

#[test]
fn damaged_blocks_get_the_same_answers() {
    let mut random = Random::new(8);
    let mut agreed = 0;
    for _ in 0..20_000 {
        let (mut ours, mut loonas, mut hpacks) = decoders();
        // Theirs, for the most part: to decode Huffman code they make a tree per string, which takes long.
        let (mut slow, mut quick) = (Encoder::default(), loona_hpack::Encoder::new());
        for _ in 0..4 {
            let list = random_list(&mut random);
            let mut block = match random.below(40) {
                0 => encode(&mut slow, &list[..list.len().min(2)]),
                _ => quick.encode(list.iter().map(|(name, value, _)| (&name[..], &value[..]))),
            };
            if random.below(4) > 0 {
                mutate(&mut random, &mut block);
            }
            if !check(&mut ours, &mut loonas, &mut hpacks, &block) {
                break;
            }
            agreed += 1;
        }
    }
    assert!(agreed > 1000, "only {agreed} blocks were good");
}

/// The list of known panics: all of them one `unwrap` on the size of a table size update.
#[test]
fn where_hpack_panics_we_answer_with_an_error() {
    let known: [&[u8]; 6] = [
        &[0x3f],
        &[0x3f, 0xff],
        &[0x3f, 0xff, 0xff, 0xff],
        &[0x3f, 0xff, 0xff, 0xff, 0xff, 0x00],
        &[0x82, 0x84, 0x20, 0x3f],
        &[0x20, 0x3f, 0x80],
    ];
    for block in known {
        assert_eq!(hpack(&mut hpack::Decoder::new(), block), Other::Panic, "{block:02x?}");
        assert!(
            matches!(decode(&mut Decoder::new(Limits::default()), block), Err(Error::Peer(_))),
            "{block:02x?}"
        );
    }
}

#[test]
fn huffman_code_means_the_same_to_others() {
    let mut random = Random::new(9);
    let mut other = HuffmanDecoder::new();
    let (mut taken, mut refused) = (0, 0);
    for round in 0..20_000 {
        let coded: Vec<u8> = if round % 2 == 0 {
            (0..random.below(30)).map(|_| random.next() as u8 | [0, 0xf0, 0xff][random.below(3)]).collect()
        } else {
            // Good code, often with a bit flipped or the end cut off.
            let text: Vec<u8> =
                (0..random.below(20)).map(|_| (random.next() as u8) >> random.below(2)).collect();
            let block = encode(&mut Encoder::new(0), &[(b"x".to_vec(), text, false)]);
            let mut coded = if block[4] & 0x80 == 0 { vec![0x1f] } else { block[5..].to_vec() };
            match random.below(4) {
                0 => coded.truncate(random.below(coded.len() + 1)),
                1 if !coded.is_empty() => {
                    let at = random.below(coded.len());
                    coded[at] ^= 1 << random.below(8);
                }
                _ => {}
            }
            coded
        };
        let block = [&[0x00, 0x01, b'x', 0x80 | coded.len() as u8][..], &coded].concat();
        match (decode(&mut Decoder::new(Limits::default()), &block), other.decode(&coded)) {
            (Ok((fields, _)), Ok(text)) => {
                assert_eq!(fields[0].1, text, "{coded:02x?}");
                taken += 1;
            }
            (Err(Error::Peer(Malformed::HuffmanEos | Malformed::HuffmanPadding)), Err(_)) => refused += 1,
            (ours, theirs) => panic!("{ours:?}, but others {theirs:?}: {coded:02x?}"),
        }
    }
    assert!(taken > 2000 && refused > 2000, "{taken} taken, {refused} refused");
}
