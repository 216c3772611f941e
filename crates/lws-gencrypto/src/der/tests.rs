use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::{BitString, DateTime, Error, Oid, Reader, Tag, Value, Writer};
use crate::limits::DER_DEPTH;

/// One of everything, nested.
fn everything() -> Vec<u8> {
    let mut writer = Writer::new();
    writer.sequence(|w| {
        w.boolean(true);
        w.uint(0);
        w.uint(127);
        w.uint(128);
        w.uint(u64::MAX);
        w.unsigned(&[0, 0, 0xff, 0xff, 0xff]);
        w.null();
        w.oid(Oid::RSA_ENCRYPTION);
        w.octet_string(&[7; 130]);
        w.bit_string(b"key");
        w.named_bits(0b101);
        w.utf8_string("Ä");
        w.time(DateTime::from_unix(1_795_179_900));
        w.time(DateTime::from_unix(4_102_444_800));
        w.explicit(3, |w| w.set(|w| w.sequence(|w| w.primitive(Tag::context(2), b"example.com"))));
    });
    writer.into_bytes()
}

/// Reads what [`everything`] wrote.
fn read_everything(input: &[u8]) -> Result<(), Error> {
    let mut outer = Reader::new(input);
    let mut r = outer.sequence()?;
    outer.finish()?;
    assert!(r.boolean()?);
    assert_eq!([r.uint()?, r.uint()?, r.uint()?, r.uint()?], [0, 127, 128, u64::MAX]);
    assert_eq!(r.unsigned()?, [0xff; 3]);
    r.null()?;
    assert_eq!(r.oid()?, Oid::RSA_ENCRYPTION);
    assert_eq!(r.octet_string()?, [7; 130]);
    assert_eq!(r.bit_string()?.octets()?, b"key");
    assert_eq!(r.bit_string()?, BitString { unused: 5, bytes: &[0b1010_0000] });
    assert_eq!(r.value(Tag::UTF8_STRING)?.content, "Ä".as_bytes());
    assert_eq!(r.peek(), Some(Tag::UTC_TIME));
    assert_eq!(r.time()?.unix(), 1_795_179_900);
    assert_eq!(r.peek(), Some(Tag::GENERALIZED_TIME));
    assert_eq!(r.time()?.unix(), 4_102_444_800);
    let mut choice = r.explicit(3)?.ok_or(Error::Tag)?;
    assert_eq!(choice.set()?.sequence()?.value(Tag::context(2))?.content, b"example.com");
    choice.finish()?;
    r.finish()
}

#[test]
fn what_is_written_is_read() {
    assert_eq!(read_everything(&everything()), Ok(()));
}

#[test]
fn cut_off_anywhere_is_an_error() {
    let whole = everything();
    for end in 0..whole.len() {
        assert_eq!(read_everything(&whole[..end]), Err(Error::Truncated), "at {end}");
    }
    let mut longer = whole;
    longer.push(0);
    assert_eq!(read_everything(&longer), Err(Error::Trailing));
}

/// Tries every method at every value and every level: none may panic, and those that fail take nothing.
fn exercise(input: &[u8]) {
    let mut stack = vec![Reader::new(input)];
    while let Some(mut reader) = stack.pop() {
        loop {
            let before = reader.rest();
            let attempts: [&dyn Fn(&mut Reader<'_>) -> bool; 10] = [
                &|r| r.boolean().is_ok(),
                &|r| r.null().is_ok(),
                &|r| r.integer().is_ok(),
                &|r| r.unsigned().is_ok(),
                &|r| r.uint().is_ok(),
                &|r| r.oid().map(|oid| format!("{oid} {oid:?}")).is_ok(),
                &|r| r.octet_string().is_ok(),
                &|r| r.bit_string().map(|bits| (bits.bit(0), bits.bit(9), bits.octets().is_ok())).is_ok(),
                &|r| r.time().map(|time| format!("{time}")).is_ok(),
                &|r| r.explicit(0).is_ok_and(|inner| inner.is_some()),
            ];
            for attempt in attempts {
                let mut copy = reader;
                if !attempt(&mut copy) {
                    assert_eq!(copy.rest(), before);
                }
            }
            if let Some(tag) = reader.peek()
                && tag.0 & 0x20 != 0
                && let Ok(inner) = { reader }.nested(tag)
            {
                stack.push(inner);
            }
            match reader.any() {
                Ok(Value { content, whole, .. }) => {
                    assert!(whole.ends_with(content) && before.starts_with(whole))
                }
                Err(_) => break,
            }
        }
    }
}

#[test]
fn no_changed_byte_panics() {
    let whole = everything();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        // Bytes that mean something: types, lengths, ends of ranges.
        for byte in [
            0, 1, 2, 3, 4, 5, 6, 0x17, 0x18, 0x1f, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x85, 0xa0, 0xff,
        ] {
            changed[at] = byte;
            exercise(&changed);
        }
        exercise(&whole[..at]);
    }
    for first in 0..=255 {
        for second in 0..=255 {
            exercise(&[first, second, 0x80, 0x80, 0xff, 0x7f, 0x01, 0x00]);
        }
    }
}

#[test]
fn lengths_are_minimal_and_definite() {
    let any = |input: &[u8]| Reader::new(input).any().map(|value| value.content.len());
    for (input, expected) in [
        (&[0x04, 0x00][..], Ok(0)),
        (&[0x04, 0x01, 9], Ok(1)),
        (&[0x04, 0x80, 0, 0], Err(Error::Length)),
        (&[0x04, 0x81, 0x01, 9], Err(Error::Length)),
        (&[0x04, 0x81, 0x7f], Err(Error::Length)),
        (&[0x04, 0x81, 0x80], Err(Error::Truncated)),
        (&[0x04, 0x82, 0x00, 0x80], Err(Error::Length)),
        (&[0x04, 0x82, 0x01, 0x00], Err(Error::Truncated)),
        (&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff], Err(Error::Truncated)),
        (&[0x04, 0x85, 0x01, 0, 0, 0, 0], Err(Error::Length)),
        (&[0x04, 0xff], Err(Error::Length)),
        (&[0x04, 0x82, 0x01], Err(Error::Truncated)),
        (&[0x04], Err(Error::Truncated)),
        (&[], Err(Error::Truncated)),
        (&[0x1f, 0x81, 0x01, 0x00], Err(Error::Tag)),
        (&[0xbf, 0x00], Err(Error::Tag)),
    ] {
        assert_eq!(any(input), expected, "{input:02x?}");
    }
}

#[test]
fn lengths_of_every_size_round_trip() {
    for size in [0, 1, 127, 128, 255, 256, 65_535, 65_536, 70_000] {
        let mut writer = Writer::with_capacity(size + 10);
        let place = writer.as_bytes().as_ptr();
        writer.sequence(|w| w.octet_string(&vec![3; size]));
        assert_eq!(writer.as_bytes().as_ptr(), place, "it did not move");
        let bytes = writer.into_bytes();
        let mut reader = Reader::new(&bytes);
        let mut inner = reader.sequence().unwrap();
        assert_eq!(inner.octet_string().unwrap().len(), size);
        assert_eq!((inner.finish(), reader.finish()), (Ok(()), Ok(())));
    }
}

#[test]
fn integers_are_minimal() {
    let unsigned = |input: &[u8]| Reader::new(input).unsigned().map(<[u8]>::to_vec);
    for (input, expected) in [
        (&[2, 1, 0][..], Ok(vec![0])),
        (&[2, 1, 0x7f], Ok(vec![0x7f])),
        (&[2, 2, 0, 0x80], Ok(vec![0x80])),
        (&[2, 2, 1, 0], Ok(vec![1, 0])),
        (&[2, 0], Err(Error::Integer)),
        (&[2, 2, 0, 0], Err(Error::Integer)),
        (&[2, 2, 0, 0x7f], Err(Error::Integer)),
        (&[2, 1, 0x80], Err(Error::Integer)),
        (&[2, 2, 0xff, 0xff], Err(Error::Integer)),
        (&[2, 2, 0xff, 0x7f], Err(Error::Integer)),
        (&[3, 1, 0], Err(Error::Tag)),
    ] {
        assert_eq!(unsigned(input), expected, "{input:02x?}");
    }
    assert_eq!(Reader::new(&[2, 2, 0xff, 0x7f]).integer(), Ok(&[0xff, 0x7f][..]), "negative, and legal");
    assert_eq!(Reader::new(&[2, 2, 0xff, 0x80]).integer(), Err(Error::Integer));
    let nine = [2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(Reader::new(&nine).uint(), Err(Error::Integer));
    let most = [2, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255];
    assert_eq!(Reader::new(&most).uint(), Ok(u64::MAX));
    let mut writer = Writer::new();
    writer.unsigned(&[]);
    writer.unsigned(&[0, 0]);
    assert_eq!(writer.as_bytes(), [2, 1, 0, 2, 1, 0]);
}

#[test]
fn booleans_nulls_and_bit_strings_have_one_form() {
    assert_eq!(Reader::new(&[1, 1, 0xff]).boolean(), Ok(true));
    assert_eq!(Reader::new(&[1, 1, 0]).boolean(), Ok(false));
    for bad in [&[1, 1, 1][..], &[1, 0], &[1, 2, 0xff, 0xff]] {
        assert_eq!(Reader::new(bad).boolean(), Err(Error::Boolean), "{bad:?}");
    }
    assert_eq!(Reader::new(&[5, 0]).null(), Ok(()));
    assert_eq!(Reader::new(&[5, 1, 0]).null(), Err(Error::Null));
    let bits = |input: &'static [u8]| Reader::new(input).bit_string();
    assert_eq!(bits(&[3, 1, 0]), Ok(BitString { unused: 0, bytes: &[] }));
    assert_eq!(bits(&[3, 2, 7, 0x80]), Ok(BitString { unused: 7, bytes: &[0x80] }));
    for bad in [&[3, 0][..], &[3, 1, 1], &[3, 2, 8, 0], &[3, 2, 255, 0], &[3, 2, 1, 1]] {
        assert_eq!(bits(bad), Err(Error::BitString), "{bad:?}");
    }
    assert_eq!(bits(&[3, 2, 7, 0x80]).unwrap().octets(), Err(Error::BitString));
}

#[test]
fn named_bits_leave_out_trailing_zeros() {
    for (bits, expected) in [
        (0, &[3, 1, 0][..]),
        (1, &[3, 2, 7, 0x80]),
        (0b110_0000, &[3, 2, 1, 0x06]),
        (0x80, &[3, 2, 0, 0x01]),
        (0x100, &[3, 3, 7, 0x00, 0x80]),
        (0xffff, &[3, 3, 0, 0xff, 0xff]),
    ] {
        let mut writer = Writer::new();
        writer.named_bits(bits);
        assert_eq!(writer.as_bytes(), expected, "{bits:#x}");
        let read = Reader::new(expected).bit_string().unwrap();
        for number in 0..20 {
            assert_eq!(read.bit(number), u32::from(bits) >> number & 1 == 1, "{bits:#x} {number}");
        }
    }
}

#[test]
fn oids_are_minimal_and_shown_with_dots() {
    for (oid, expected) in [
        (Oid::RSA_ENCRYPTION, "1.2.840.113549.1.1.1"),
        (Oid::EC_PUBLIC_KEY, "1.2.840.10045.2.1"),
        (Oid::SECP256R1, "1.2.840.10045.3.1.7"),
        (Oid::SECP384R1, "1.3.132.0.34"),
        (Oid::SECP521R1, "1.3.132.0.35"),
        (Oid::X25519, "1.3.101.110"),
        (Oid::X448, "1.3.101.111"),
        (Oid::ED25519, "1.3.101.112"),
        (Oid::ED448, "1.3.101.113"),
        (Oid::from_encoded(&[0x88, 0x37]), "2.999"),
    ] {
        assert_eq!(format!("{oid}"), expected);
        assert_eq!(Oid::from_content(oid.content()), Ok(oid));
    }
    let mut arc = [0xff; 19];
    arc[18] = 0x7f;
    for bad in [&[][..], &[0x80, 0x01], &[0x2a, 0x80, 0x01], &[0x2a, 0x86], &[0x80], &arc] {
        assert_eq!(Oid::from_content(bad), Err(Error::Oid), "{bad:02x?}");
    }
    arc[0] = 0x83;
    assert!(Oid::from_content(&arc).is_ok(), "128 bits");
}

#[test]
fn times_are_those_of_certificates() {
    let time = |tag: u8, text: &str| {
        let mut writer = Writer::new();
        writer.primitive(Tag(tag), text.as_bytes());
        Reader::new(writer.as_bytes()).time().map(DateTime::unix)
    };
    for (tag, text, expected) in [
        (0x17, "700101000000Z", Ok(0)),
        (0x17, "500101000000Z", Ok(-631_152_000)),
        (0x17, "491231235959Z", Ok(2_524_607_999)),
        (0x17, "000229120000Z", Ok(951_825_600)),
        (0x18, "20500101000000Z", Ok(2_524_608_000)),
        (0x18, "99991231235959Z", Ok(253_402_300_799)),
        (0x18, "00000101000000Z", Ok(-62_167_219_200)),
        (0x18, "20240229000000Z", Ok(1_709_164_800)),
        (0x17, "7001010000Z", Err(Error::Time)),
        (0x17, "700101000000+0000", Err(Error::Time)),
        (0x17, "700101000000", Err(Error::Time)),
        (0x17, "19700101000000Z", Err(Error::Time)),
        (0x18, "700101000000Z", Err(Error::Time)),
        (0x18, "20240101000000.5Z", Err(Error::Time)),
        (0x18, "20230229000000Z", Err(Error::Time)),
        (0x18, "21000229000000Z", Err(Error::Time)),
        (0x18, "20241301000000Z", Err(Error::Time)),
        (0x18, "20240001000000Z", Err(Error::Time)),
        (0x18, "20240100000000Z", Err(Error::Time)),
        (0x18, "20240431000000Z", Err(Error::Time)),
        (0x18, "20240101240000Z", Err(Error::Time)),
        (0x18, "20240101006000Z", Err(Error::Time)),
        (0x18, "20240101000060Z", Err(Error::Time)),
        (0x18, "2024010100000 Z", Err(Error::Time)),
        (0x18, "", Err(Error::Time)),
        (0x17, "", Err(Error::Time)),
        (0x16, "700101000000Z", Err(Error::Tag)),
    ] {
        assert_eq!(time(tag, text), expected, "{text}");
    }
}

#[test]
fn every_day_round_trips() {
    let mut unix = DateTime::from_unix(i64::MIN).unix();
    let mut before = [0; 6];
    while unix <= DateTime::from_unix(i64::MAX).unix() {
        let civil = DateTime::from_unix(unix).civil();
        assert!(civil > before || before == [0; 6]);
        assert_eq!(DateTime::from_civil(civil).map(DateTime::unix), Some(unix), "{civil:?}");
        before = civil;
        // A day and a bit, so that the time of day changes as well.
        unix += 86_400 + 3_661;
    }
    assert_eq!(format!("{}", DateTime::from_unix(1_795_179_900)), "2026-11-20 13:05:00Z");
}

#[test]
fn depth_has_a_bound() {
    let mut writer = Writer::new();
    fn nest(writer: &mut Writer, levels: u8) {
        if levels > 0 {
            writer.sequence(|inner| nest(inner, levels - 1));
        }
    }
    nest(&mut writer, DER_DEPTH + 1);
    let mut reader = Reader::new(writer.as_bytes());
    for _ in 0..DER_DEPTH {
        reader = reader.sequence().unwrap();
    }
    assert_eq!(reader.sequence().map(|inner| inner.rest()), Err(Error::Depth));
    assert!(reader.any().is_ok(), "what is not entered may be as deep as it likes");
}
