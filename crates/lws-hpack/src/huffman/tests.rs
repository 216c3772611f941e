use super::*;
use alloc::{vec, vec::Vec};

fn encoded(text: &[u8]) -> Vec<u8> {
    let mut coded = vec![0; encoded_len(text)];
    encode(text, &mut coded);
    coded
}

fn decoded(coded: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut text = vec![0; coded.len() * 2];
    let len = decode(coded, &mut text)?;
    text.truncate(len);
    Ok(text)
}

/// Bits, most significant first, padded with ones to whole octets.
fn packed(bits: impl IntoIterator<Item = (u32, u32)>) -> Vec<u8> {
    let mut flat: Vec<bool> = Vec::new();
    for (code, length) in bits {
        flat.extend((0..length).rev().map(|at| code >> at & 1 == 1));
    }
    flat.chunks(8)
        .map(|eight| (0..8).fold(0, |octet, at| octet << 1 | u8::from(*eight.get(at).unwrap_or(&true))))
        .collect()
}

fn code(symbol: usize) -> (u32, u32) {
    (CODES[symbol].code, u32::from(CODES[symbol].bits))
}

#[test]
fn the_codes_are_those_of_appendix_b() {
    for (symbol, expect) in [
        (0, (0x1ff8, 13)),
        (10, (0x3fff_fffc, 30)),
        (22, (0x3fff_fffe, 30)),
        (usize::from(b' '), (0x14, 6)),
        (usize::from(b'0'), (0x0, 5)),
        (usize::from(b'a'), (0x3, 5)),
        (usize::from(b'Z'), (0xfd, 8)),
        (usize::from(b'z'), (0x7b, 7)),
        (127, (0xfff_fffc, 28)),
        (128, (0xf_ffe6, 20)),
        (199, (0x1ff_ffec, 25)),
        (207, (0x1ff_ffed, 25)),
        (249, (0xfff_fffe, 28)),
        (255, (0x3ff_ffee, 26)),
        (256, (0x3fff_ffff, 30)),
    ] {
        assert_eq!(code(symbol), expect, "symbol {symbol}");
    }
}

#[test]
fn every_pair_of_octets_round_trips_at_every_alignment() {
    for first in 0..=255_u8 {
        for second in 0..=255_u8 {
            let filler = usize::from(first ^ second) % 13;
            let mut text = vec![b'e'; filler];
            text.extend([first, second, first]);
            assert_eq!(decoded(&encoded(&text)), Ok(text));
        }
    }
}

#[test]
fn encoding_is_the_code_and_ones() {
    for len in 0..600 {
        let text: Vec<u8> = (0..len).map(|at| (at * at * 31 + len) as u8).collect();
        let expect = packed(text.iter().map(|&octet| code(usize::from(octet))));
        assert_eq!(encoded(&text), expect, "{len} octets");
        assert_eq!(decoded(&expect), Ok(text));
    }
}

#[test]
fn what_does_not_fit_is_counted() {
    let text = b"no more room than this, \x00\xff and a \xfe long symbol or two \x01\x02 in it";
    let coded = encoded(text);
    for room in 0..text.len() + 10 {
        let mut out = vec![b'#'; room];
        assert_eq!(decode(&coded, &mut out), Ok(text.len()));
        let fits = room.min(text.len());
        assert_eq!(out[..fits], text[..fits], "room {room}");
    }
}

#[test]
fn rfc_7541_5_2_padding_is_at_most_seven_ones() {
    for filler in 0..24 {
        // 'a' has 5 bits, so 8 lengths in a row show every count of padding bits.
        let text = vec![b'a'; filler];
        let coded = encoded(&text);
        assert_eq!(decoded(&coded), Ok(text.clone()));

        let mut longer = coded.clone();
        longer.push(0xff);
        assert_eq!(decoded(&longer), Err(Malformed::HuffmanPadding), "{filler} and eight ones more");

        let used = filler * 5 % 8;
        for zero in used..8 {
            if used == 0 {
                continue;
            }
            let mut wrong = coded.clone();
            *wrong.last_mut().unwrap() &= !(0x80 >> zero);
            // Fewer than five bits cannot be a symbol; more may be one, whose padding is right again.
            let rest = 8 - used;
            if rest < 5 {
                assert_eq!(decoded(&wrong), Err(Malformed::HuffmanPadding), "{filler}, bit {zero} zero");
            } else if let Ok(other) = decoded(&wrong) {
                assert_eq!(other.len(), filler + 1);
            }
        }
    }
}

#[test]
fn rfc_7541_5_2_a_string_with_eos_is_an_error() {
    for filler in 0..24 {
        for behind in [0, 1, 20] {
            let symbols = core::iter::repeat_n(code(97), filler)
                .chain([code(256)])
                .chain(core::iter::repeat_n(code(97), behind));
            assert_eq!(
                decoded(&packed(symbols)),
                Err(Malformed::HuffmanEos),
                "{filler} before, {behind} behind"
            );
        }
    }
}

#[test]
fn ones_without_end_are_eos_or_padding() {
    for len in 0..64 {
        let expect = match len {
            0 => Ok(vec![]),
            1..=3 => Err(Malformed::HuffmanPadding),
            _ => Err(Malformed::HuffmanEos),
        };
        assert_eq!(decoded(&vec![0xff; len]), expect, "{len} octets");
    }
}

#[test]
fn any_three_octets_decode_as_the_code_says() {
    for octets in 0..1_u32 << 24 {
        if octets % 7 != 0 {
            continue;
        }
        let coded = &octets.to_be_bytes()[1..];
        if let Ok(text) = decoded(coded) {
            assert_eq!(encoded(&text), coded);
        }
    }
}
