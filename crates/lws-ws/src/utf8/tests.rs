use proptest::prelude::*;
use std::vec::Vec;

use super::*;

/// The verdict, and after how many bytes it was clear that the text is invalid.
fn push_all<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> (bool, usize) {
    let (mut validator, mut at) = (Validator::new(), 0);
    for piece in pieces {
        at += piece.len();
        if validator.push(piece).is_err() {
            return (false, at);
        }
    }
    (validator.is_complete(), at)
}

/// At every split in two, in single bytes and whole, the verdict is the standard library's.
fn check(text: &[u8]) {
    let valid = core::str::from_utf8(text).is_ok();
    assert_eq!(push_all([text]).0, valid, "{text:x?}");
    assert_eq!(push_all(text.chunks(1)).0, valid, "{text:x?} in bytes");
    for cut in 0..=text.len() {
        assert_eq!(push_all([&text[..cut], &text[cut..]]).0, valid, "{text:x?} cut at {cut}");
    }
}

/// The shapes that autobahn's cases 6.2 to 6.23 try: valid ones, and each way to be invalid.
const SHAPES: &[&[u8]] = &[
    b"",
    b"Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",
    // The first and the last of each length.
    b"\x00",
    b"\x7f",
    b"\xc2\x80",
    b"\xdf\xbf",
    b"\xe0\xa0\x80",
    b"\xed\x9f\xbf",
    b"\xee\x80\x80",
    b"\xef\xbf\xbf",
    b"\xf0\x90\x80\x80",
    b"\xf4\x8f\xbf\xbf",
    // Non-characters are characters.
    b"\xef\xb7\x90",
    b"\xef\xbf\xbe",
    b"\xf0\x9f\xbf\xbf",
    // Beyond the last one, and the forms of five and six bytes.
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf7\xbf\xbf\xbf",
    b"\xf8\x88\x80\x80\x80",
    b"\xfb\xbf\xbf\xbf\xbf",
    b"\xfc\x84\x80\x80\x80\x80",
    b"\xfd\xbf\xbf\xbf\xbf\xbf",
    b"\xfe",
    b"\xff",
    // Continuations without a start, starts without continuations.
    b"\x80",
    b"\xbf",
    b"\x80\xbf\x80\xbf",
    b"\xc3 ",
    b"\xe1\xbd ",
    b"\xf0\x9f\x98 ",
    b"\xc3\xc3",
    b"\xf0\x9f\xf0\x9f",
    // Ends too early.
    b"\xce",
    b"\xe1",
    b"\xe1\xbd",
    b"\xf0",
    b"\xf0\x9f",
    b"\xf0\x9f\x98",
    // Longer than needed.
    b"\xc0\xaf",
    b"\xc1\xbf",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xf0\x80\x80\xaf",
    b"\xf0\x8f\xbf\xbf",
    b"\xc0\x80",
    b"\xe0\x80\x80",
    b"\xf0\x80\x80\x80",
    // Surrogates, alone and in pairs.
    b"\xed\xa0\x80",
    b"\xed\xaf\xbf",
    b"\xed\xb0\x80",
    b"\xed\xbf\xbf",
    b"\xed\xa0\x80\xed\xb0\x80",
    b"\xed\xaf\xbf\xed\xbf\xbf",
    // Valid around invalid.
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited",
];

#[test]
fn ws_04_every_shape_at_every_split() {
    for shape in SHAPES {
        check(shape);
        check(&[b"in front ", *shape].concat());
        check(&[*shape, b" behind"].concat());
        check(&["\u{1f600}".as_bytes(), shape, "\u{e9}".as_bytes()].concat());
    }
}

#[test]
fn ws_04_every_character_byte_by_byte() {
    let mut buf = [0; 4];
    for character in '\0'..=char::MAX {
        let text = character.encode_utf8(&mut buf).as_bytes();
        assert_eq!(push_all(text.chunks(1)), (true, text.len()), "{character:?}");
    }
}

#[test]
fn ws_04_fails_at_the_byte_that_makes_it_impossible() {
    // (text, bytes until it is hopeless): autobahn 6.4.
    for (text, hopeless) in [
        (&b"\xce\xba\xf4\x90\x80\x80"[..], 4),
        (b"a\xed\xa0\x80", 3),
        (b"\xe0\x80\x80", 2),
        (b"\xf0\x80\x80\x80", 2),
        (b"\xf5\x80\x80\x80", 1),
        (b"\xc1\xbf", 1),
        (b"\xf0\x9f\x98a", 4),
    ] {
        assert_eq!(push_all(text.chunks(1)), (false, hopeless), "{text:x?}");
    }
}

/// Bytes that are nearly text: where the verdict is close.
fn nearly_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => any::<char>().prop_map(|c| std::string::String::from(c).into_bytes()),
        4 => "[ -~]{0,40}".prop_map(std::string::String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
        1 => proptest::sample::select(SHAPES).prop_map(Vec::from),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn ws_04_agrees_with_the_standard_library(text in nearly_text(), sizes in proptest::collection::vec(0_usize..9, 1..8)) {
        check(&text);
        let (mut rest, mut pieces, mut sizes) = (&text[..], Vec::new(), sizes.iter().cycle());
        while !rest.is_empty() {
            let n = (*sizes.next().expect("endless") + 1).min(rest.len());
            let (piece, behind) = rest.split_at(n);
            pieces.push(piece);
            rest = behind;
        }
        prop_assert_eq!(push_all(pieces).0, core::str::from_utf8(&text).is_ok());
    }
}
