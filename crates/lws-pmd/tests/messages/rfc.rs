//! RFC 7692 §7.2.3: the examples, byte by byte.

use lws_pmd::{Deflater, Engine, Inflater, WindowBits};

use crate::drive::{ENGINES, Sizes, deflate_all, inflate, inflate_all};

const HELLO: &[u8] = &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

/// Every cut of the payload, every room.
fn check(payloads: &[&[u8]], resets: bool) {
    for engine in ENGINES {
        for chunk in 1..=12 {
            for room in 1..=6 {
                let mut inflater = Inflater::new(engine, resets);
                for payload in payloads {
                    let message = inflate(&mut inflater, payload, 5, &Sizes::each(chunk), &Sizes::each(room));
                    assert_eq!(
                        message.as_deref(),
                        Ok(&b"Hello"[..]),
                        "{engine:?} {payload:x?} {chunk} {room}"
                    );
                    assert!(!inflater.in_message());
                }
            }
        }
    }
}

#[test]
fn one_compressed_block() {
    // §7.2.3.1
    check(&[HELLO, HELLO], true);
    for level in 1..=9 {
        let mut deflater = Deflater::new(Engine::ZlibRs, WindowBits::MAX, level, true);
        assert_eq!(deflate_all(&mut deflater, b"Hello"), HELLO, "level {level}");
        assert_eq!(deflate_all(&mut deflater, b"Hello"), HELLO, "level {level}, again");
    }
}

#[test]
fn one_compressed_block_in_two_frames() {
    // §7.2.3.1
    for engine in ENGINES {
        let mut inflater = Inflater::new(engine, true);
        let mut room = [0; 16];
        let mut out = lws_wire::Out::new(&mut room);
        let first = inflater.inflate(&HELLO[..3], false, 5, &mut out).expect("legal");
        assert_eq!((first.consumed, first.done), (3, false));
        let second = inflater.inflate(&HELLO[3..], true, 5, &mut out).expect("legal");
        assert_eq!((second.consumed, second.done), (4, true));
        assert_eq!(out.written(), b"Hello");
    }
}

#[test]
fn sharing_the_sliding_window() {
    // §7.2.3.2
    let again = &[0xf2, 0x00, 0x11, 0x00, 0x00];
    check(&[HELLO, again, again], false);
    // Without takeover the second one refers to nothing. One engine says so; the other one has only zeros there.
    let mut inflater = Inflater::new(Engine::ZlibRs, true);
    assert_eq!(inflate_all(&mut inflater, HELLO).as_deref(), Ok(&b"Hello"[..]));
    assert!(inflate_all(&mut inflater, again).is_err());
    let mut inflater = Inflater::new(Engine::MinizOxide, true);
    assert_eq!(inflate_all(&mut inflater, HELLO).as_deref(), Ok(&b"Hello"[..]));
    assert!(inflate_all(&mut inflater, again).is_ok_and(|message| message == b"H\0\0\0\0"));
}

#[test]
fn a_block_without_compression() {
    // §7.2.3.3
    let stored: &[u8] = &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    check(&[stored, HELLO, stored], true);
    check(&[stored, HELLO, stored], false);
}

#[test]
fn a_block_with_bfinal_set() {
    // §7.2.3.4
    let last: &[u8] = &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    check(&[last, HELLO, last, last], true);
    check(&[last, HELLO, last, last], false);
    // Some leave out the last byte, which only introduces an empty block.
    check(&[&last[..7], HELLO, &last[..7]], true);
    check(&[&last[..7], HELLO, &last[..7]], false);
}

#[test]
fn two_blocks_in_one_message() {
    // §7.2.3.5
    let two: &[u8] = &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    check(&[two, two], true);
    check(&[two, HELLO], false);
    // The first one with BFINAL set.
    let last: &[u8] = &[0xf3, 0x48, 0x05, 0x00, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    check(&[last, HELLO], true);
    check(&[last, HELLO], false);
}

#[test]
fn an_empty_message() {
    // §7.2.3.6: one byte. No byte at all is taken for the same, as other implementations do.
    for engine in ENGINES {
        for resets in [true, false] {
            let mut inflater = Inflater::new(engine, resets);
            let mut deflater = Deflater::new(engine, WindowBits::MAX, 6, resets);
            for payload in [&[0][..], HELLO, &[0], &[], HELLO, &[]] {
                let message = inflate_all(&mut inflater, payload).expect("legal");
                assert_eq!(
                    message,
                    if payload == HELLO { &b"Hello"[..] } else { b"" },
                    "{engine:?} {payload:x?}"
                );
                assert_eq!(deflate_all(&mut deflater, b""), [0], "{engine:?}");
                let _ = deflate_all(&mut deflater, b"something in between");
            }
        }
    }
}
