//! The rows of the threat table that HPACK answers for.

mod common;

use std::ops::ControlFlow;

use common::{Owned, decode, decode_pieces, encode, owned};
use lws_hpack::limits::{BLOCK_BYTES, LIST_BYTES, LIST_FIELDS, OVERRUN};
use lws_hpack::{Decoder, Encoder, Error, Exceeded, Field, Limits, List, Malformed, Refusal};

fn decoder() -> Decoder {
    Decoder::new(Limits::default())
}

/// An integer behind a prefix of `prefix` bits.
fn integer(flags: u8, prefix: u32, value: usize) -> Vec<u8> {
    let mask = (1 << prefix) - 1;
    if value < mask {
        return vec![flags | value as u8];
    }
    let (mut octets, mut rest) = (vec![flags | mask as u8], value - mask);
    while rest > 127 {
        octets.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    octets.push(rest as u8);
    octets
}

/// A literal to be inserted, not Huffman-coded.
fn inserted(name: &str, value: &[u8]) -> Vec<u8> {
    let head = [vec![0x40], integer(0, 7, name.len()), name.into(), integer(0, 7, value.len())].concat();
    [head, value.to_vec()].concat()
}

/// Feeds `pieces` until there is an error, and says after how many pieces it came and how much was kept.
fn flood(pieces: impl IntoIterator<Item = Vec<u8>>) -> (usize, usize, Option<Error>) {
    let (mut decoder, mut scratch) = (decoder(), vec![0; LIST_BYTES]);
    let (mut kept, mut most, mut count) = (Vec::new(), 0, 0);
    for piece in pieces {
        kept.extend(piece);
        count += 1;
        match decoder.decode(&kept, &mut scratch, |_| ControlFlow::Continue(())) {
            Ok(used) => drop(kept.drain(..used)),
            Err(error) => return (count, most, Some(error)),
        }
        most = most.max(kept.len());
    }
    (count, most, None)
}

#[test]
fn h2_03_continuation_flood() {
    // Pieces of one octet: static fields without end.
    let (count, kept, error) = flood((0..100_000).map(|_| vec![0x82]));
    assert_eq!((count, kept, error), (401, 0, Some(Error::Limit(Exceeded::ListFields))));

    // A string that is never finished, of a length that might be allowed.
    let endless = [vec![0x00, 0x01, b'x'], integer(0, 7, 16_000), vec![b'v'; 100_000]].concat();
    let (count, kept, error) = flood(endless[..16_000].iter().map(|&octet| vec![octet]));
    assert_eq!((count, error), (16_000, None));
    assert!(kept <= BLOCK_BYTES);
    // Finished and begun again, it is too long for the block: found out when its length is.
    let again = [&endless[..16_006], &endless[..100_000 - 16_006]].concat();
    let (count, kept, error) = flood(again.iter().map(|&octet| vec![octet]));
    assert_eq!((count, error), (16_006 + 6, Some(Error::Limit(Exceeded::BlockBytes))));
    assert!(kept <= BLOCK_BYTES);

    // A string that says it will be too long is not waited for.
    let (count, kept, error) = flood([vec![0x00], integer(0, 7, BLOCK_BYTES), vec![b'n']]);
    assert_eq!((count, kept, error), (2, 1, Some(Error::Limit(Exceeded::BlockBytes))));

    // One large piece is not decoded at all.
    let (count, _, error) = flood([vec![0x82; BLOCK_BYTES + 1]]);
    assert_eq!((count, error), (1, Some(Error::Limit(Exceeded::BlockBytes))));

    // Pieces of no octet change nothing; to count them is the business of HTTP/2.
    assert_eq!(flood((0..100_000).map(|_| vec![])), (100_000, 0, None));
}

#[test]
fn h2_03_split_inside_a_huffman_code() {
    let fields =
        [owned("x-\u{1}\u{ff}", "Zz~\u{0}\u{7f}\u{80}^|"), owned("cookie", "a rather long one: QXZ{}<>")];
    let mut encoder = Encoder::new(0);
    let block = encode(&mut encoder, &fields);
    for first in 0..=block.len() {
        for second in first..=block.len() {
            let pieces = [&block[..first], &block[first..second], &block[second..]];
            assert_eq!(decode_pieces(&mut decoder(), pieces).unwrap().0, fields, "{first} {second}");
        }
    }
}

#[test]
fn h2_04_hpack_bomb() {
    // An entry of 4 KiB, indexed 10 000 times in one block.
    let mut decoder = decoder();
    let block = [inserted("bomb", &[b'b'; 4096 - 36]), vec![0xbe; 10_000]].concat();
    let (mut told, mut scratch) = (0, vec![0; LIST_BYTES]);
    let error = decoder
        .decode(&block, &mut scratch, |field| {
            told += field.size();
            ControlFlow::Continue(())
        })
        .unwrap_err();
    assert_eq!(error, Error::Limit(Exceeded::ListBytes));
    assert_eq!(error.h2_code(), 0xb);
    assert_eq!(told, LIST_BYTES, "four fit exactly, the others are not told");
    assert!(decoder.table_size() <= 4096);
    // The connection is over.
    assert_eq!(decode(&mut decoder, &[0x82]).unwrap_err(), error);
    assert_eq!(decoder.finish(&[]).unwrap_err(), error);
}

/// `count` small fields: told up to the limit, refused up to the overrun, then the end.
#[test]
fn h2_04_431_at_100_fields_and_goaway_at_four_times_as_many() {
    for count in [99, 100, 101, 250, 400, 401] {
        let mut decoder = decoder();
        let result = decode(&mut decoder, &vec![0x82; count]);
        if count > LIST_FIELDS * OVERRUN {
            assert_eq!(result.unwrap_err(), Error::Limit(Exceeded::ListFields));
            continue;
        }
        let (fields, list) = result.unwrap();
        assert_eq!(fields.len(), count.min(LIST_FIELDS));
        let refused = (count > LIST_FIELDS).then_some(Refusal::TooManyFields);
        assert_eq!(list, List { fields: count, bytes: count * (7 + 3 + 32), refused });
        // The connection goes on, and so does the next message.
        assert_eq!(
            decode(&mut decoder, &[0x82]).unwrap(),
            (vec![owned(":method", "GET")], List { fields: 1, bytes: 42, refused: None })
        );
    }
}

#[test]
fn h2_04_a_refused_block_keeps_the_tables_in_step() {
    let limits = Limits { list_bytes: 500, ..Limits::default() };
    let mut small = Decoder::new(limits);
    let mut large = decoder();
    let mut encoder = Encoder::default();
    let mut refused = 0;
    for round in 0..50 {
        // Huffman-coded and plain, inserted and not; about 1 KiB, so all blocks but some are refused half-way.
        let fields: Vec<Owned> = (0..round % 12)
            .map(|nth| {
                let text = ["x".repeat(60), "\u{1}".repeat(60)][nth % 2].clone();
                (format!("name-{}", (nth + round) % 7).into(), format!("{text}{nth}").into(), nth % 5 == 0)
            })
            .collect();
        let block = encode(&mut encoder, &fields);
        let (told, list) = decode(&mut small, &block).unwrap();
        assert_eq!(decode(&mut large, &block).unwrap().0, fields);
        assert_eq!(told, fields[..told.len()]);
        assert_eq!(list.refused, (list.bytes > 500).then_some(Refusal::TooLarge));
        assert_eq!((told.len() < fields.len(), list.fields), (list.refused.is_some(), fields.len()));
        assert_eq!(small.table_size(), encoder.table_size(), "round {round}");
        refused += usize::from(list.refused.is_some());
    }
    assert!(refused > 20);
}

#[test]
fn h2_04_text_that_does_not_fit_the_scratch_is_counted_not_stored() {
    for (flags, emptied) in [(0x40, true), (0x00, false), (0x10, false)] {
        let mut decoder = decoder();
        decode(&mut decoder, &inserted("old", b"entry")).unwrap();
        // 4104 octets of Huffman code, 6566 of text, a scratch block of 4096.
        let text = [vec![flags, 0x01, b'n'], integer(0x80, 7, 4104), vec![0; 4103], vec![0x07]].concat();
        let block = [text, vec![0x82]].concat();
        let (mut scratch, mut told) = (vec![0; decoder.scratch_bytes()], 0);
        let mut sink = |_: Field<'_>| {
            told += 1;
            ControlFlow::Continue(())
        };
        assert_eq!(decoder.decode(&block, &mut scratch, &mut sink), Ok(block.len()));
        assert_eq!(decoder.refused(), Some(Refusal::TooLarge));
        let list = decoder.finish(&[]).unwrap();
        assert_eq!(list, List { fields: 2, bytes: 1 + 6566 + 32 + 42, refused: Some(Refusal::TooLarge) });
        assert_eq!(told, 0);
        // RFC 7541 §4.4: an entry larger than the table empties it.
        assert_eq!(decoder.table_size() == 0, emptied);
    }
}

#[test]
fn h2_05_integers_and_table() {
    let update = |size| integer(0x20, 5, size);
    let cases: &[(&str, Vec<u8>, Malformed)] = &[
        ("a long run of ones", vec![0xff; BLOCK_BYTES], Malformed::Integer),
        ("index 2^28 + 1", integer(0x80, 7, (1 << 28) + 1), Malformed::Integer),
        ("index 2^28", integer(0x80, 7, 1 << 28), Malformed::Index),
        ("leading zeros", vec![0xff, 0x80, 0x80, 0x80, 0x80, 0x00], Malformed::Integer),
        ("string of 2^31", [vec![0x00], integer(0, 7, 1 << 31)].concat(), Malformed::Integer),
        ("size 2^31", update(1 << 31), Malformed::Integer),
        ("negative size", update(u32::MAX as usize), Malformed::Integer),
        ("negative 64-bit index", integer(0x80, 7, usize::MAX), Malformed::Integer),
        ("size above the setting", update(4097), Malformed::UpdateTooLarge),
        ("update behind a field", [vec![0x82], update(0)].concat(), Malformed::UpdateLate),
        ("three updates", [update(0), update(9), update(0)].concat(), Malformed::UpdateRepeated),
        ("index 0", vec![0x80], Malformed::Index),
        ("index beyond an empty table", vec![0xbe], Malformed::Index),
        ("index beyond the table", [inserted("a", b"b"), vec![0xbf]].concat(), Malformed::Index),
        ("name index beyond the table", vec![0x7e, 0x00], Malformed::Index),
        ("name index beyond the table", vec![0x0f, 0x2f, 0x00], Malformed::Index),
        (
            "index of an evicted entry",
            [update(40), inserted("a", b"b"), inserted("c", b"d"), vec![0xbf]].concat(),
            Malformed::Index,
        ),
        ("eight bits of padding", vec![0x00, 0x81, 0xff, 0x00], Malformed::HuffmanPadding),
        ("padding of zeros", vec![0x00, 0x81, 0x18, 0x00], Malformed::HuffmanPadding),
        ("EOS", vec![0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00], Malformed::HuffmanEos),
        ("cut off", vec![0x00, 0x01], Malformed::Truncated),
        ("an integer cut off", vec![0x3f], Malformed::Truncated),
    ];
    for (what, block, expect) in cases {
        let error = decode(&mut decoder(), block).unwrap_err();
        assert_eq!(error, Error::Peer(*expect), "{what}");
        assert_eq!(error.h2_code(), 0x9, "{what}");
        // The same octet by octet.
        assert_eq!(decode_pieces(&mut decoder(), block.chunks(1)).unwrap_err(), error, "{what}");
    }
    let most = integer(0x20, 5, 4096);
    assert!(decode(&mut decoder(), &[update(0), most, vec![0x82]].concat()).is_ok());
}

#[test]
fn h2_15_names_are_lower_case_tokens_and_values_have_no_blank_ends() {
    let good: &[(&str, &str)] = &[
        (":path", "/"),
        ("x-1!#$%&'*+.^_`|~", ""),
        ("a", "inner blank\tand tab"),
        ("a", "\u{80}\u{ff} obs-text \u{fffd}"),
    ];
    let bad: &[(&str, &str)] = &[
        ("", "empty name"),
        (":", "empty name"),
        ("A", "upper case"),
        ("content-Type", ""),
        (":Path", "/"),
        ("::path", ""),
        ("a:b", ""),
        ("a:", ""),
        ("a b", ""),
        (" a", ""),
        ("a ", ""),
        ("a\tb", ""),
        ("a\rb", ""),
        ("a\nb", ""),
        ("a\0", ""),
        ("a\u{7f}", ""),
        ("\u{e9}", ""),
        ("a(b)", ""),
        ("a\"", ""),
        ("a,b", ""),
        ("a/b", ""),
        ("a=b", ""),
        ("a@b", ""),
        ("a[b]", ""),
        ("a{b}", ""),
        ("a\\b", ""),
        ("a;b", ""),
        ("a<b>", ""),
        ("a?b", ""),
        ("a", " x"),
        ("a", "x "),
        ("a", "\tx"),
        ("a", "x\t"),
        ("a", " "),
        ("a", "x\r\ny: z"),
        ("a", "x\ny"),
        ("a", "x\ry"),
        ("a", "x\0"),
        ("a", "\u{1}"),
        ("a", "x\u{7f}"),
        (":path", "/ HTTP/1.1\r\nX:"),
    ];
    for (cases, expect) in [(good, true), (bad, false)] {
        for (name, value) in cases {
            assert_eq!(
                Field::new(name.as_bytes(), value.as_bytes()).is_well_formed(),
                expect,
                "{name:?}: {value:?}"
            );
        }
    }
    for octet in 0..=255_u8 {
        let token =
            octet.is_ascii_lowercase() || octet.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&octet);
        assert_eq!(Field::new(&[b'a', octet], b"").is_well_formed(), token, "{octet} in a name");
        let text = octet >= 0x20 && octet != 0x7f || octet == b'\t';
        assert_eq!(Field::new(b"a", &[b'a', octet, b'a']).is_well_formed(), text, "{octet} in a value");
    }
}

/// The sink can refuse, too: a malformed field costs the stream, not the connection.
#[test]
fn h2_15_a_malformed_field_breaks_off_the_list_only() {
    let mut decoder = decoder();
    let block = [inserted("good", b"1"), inserted("Bad", b"2"), inserted("unseen", b"3")].concat();
    let (mut scratch, mut seen) = (vec![0; 4096], Vec::new());
    let used = decoder
        .decode(&block, &mut scratch, |field| {
            seen.push(field.name.to_vec());
            if field.is_well_formed() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .unwrap();
    assert_eq!(seen, [&b"good"[..], b"Bad"]);
    let list = decoder.finish(&block[used..]).unwrap();
    assert_eq!((list.fields, list.refused), (3, Some(Refusal::Broken)));
    let (fields, _) = decode(&mut decoder, &[0xbe, 0xbf, 0xc0]).unwrap();
    assert_eq!(fields, [owned("unseen", "3"), owned("Bad", "2"), owned("good", "1")]);
}
