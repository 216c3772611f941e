//! What attackers send: the rows WS-06 and WS-07 of the threat list, as far as they concern the machines.

use lws_pmd::limits::MAX_STEP;
use lws_pmd::{Deflater, Engine, Error, Excess, Inflater, Violation, WindowBits};
use lws_wire::Out;

use crate::drive::{ENGINES, Sizes, deflate_all, inflate, inflate_all};
use crate::roundtrip::sample;

/// `size` zeros, compressed: about a thousandth of that.
fn bomb(size: usize) -> Vec<u8> {
    deflate_all(&mut Deflater::new(Engine::ZlibRs, WindowBits::MAX, 9, true), &vec![0; size])
}

#[test]
fn ws_06_the_limit_is_met_while_inflating() {
    let payload = bomb(64 << 20);
    assert!(payload.len() < 100_000);
    for engine in ENGINES {
        for chunk in [1, payload.len() / 1000, usize::MAX] {
            for limit in [0, 1, 1000, MAX_STEP as u64, 1 << 20] {
                let mut inflater = Inflater::new(engine, true);
                // The driver checks that not a byte beyond the limit is written.
                let rooms = Sizes::each(MAX_STEP * 2);
                let error = inflate(&mut inflater, &payload, limit, &Sizes::each(chunk), &rooms);
                assert_eq!(error, Err(Error::Limit(Excess::Message)), "{engine:?} {chunk} {limit}");
            }
        }
    }
    assert_eq!(u16::from(Error::Limit(Excess::Message).close_code()), 1009);
}

#[test]
fn ws_06_a_step_is_bounded_whatever_the_room() {
    let payload = bomb(1 << 20);
    for engine in ENGINES {
        let mut inflater = Inflater::new(engine, true);
        let mut room = vec![0; 1 << 21];
        let (mut at, mut total, mut steps) = (0, 0, 0);
        loop {
            let mut out = Out::new(&mut room);
            let inflated = inflater.inflate(&payload[at..], true, u64::MAX, &mut out).expect("legal");
            assert!(out.len() <= MAX_STEP);
            at += inflated.consumed;
            total += out.len();
            steps += 1;
            if inflated.done {
                break;
            }
        }
        assert_eq!((at, total), (payload.len(), 1 << 20));
        assert!((16..=18).contains(&steps), "{steps} steps");
    }
}

#[test]
fn ws_06_a_message_as_large_as_the_limit_is_let_through() {
    for engine in ENGINES {
        for len in [0, 1, 5, 1000, MAX_STEP, MAX_STEP + 1] {
            for kind in 0..4 {
                let message = sample(len, kind, 3);
                let payload = deflate_all(&mut Deflater::new(engine, WindowBits::MAX, 6, true), &message);
                for room in [1, 100, len.max(1), usize::MAX] {
                    let limits = |limit: usize| {
                        let mut inflater = Inflater::new(engine, true);
                        inflate(&mut inflater, &payload, limit as u64, &Sizes::all(), &Sizes::each(room))
                    };
                    assert_eq!(limits(len).as_ref(), Ok(&message), "{engine:?} {len} {kind} {room}");
                    if len > 0 {
                        assert_eq!(limits(len - 1), Err(Error::Limit(Excess::Message)));
                    }
                }
            }
        }
    }
}

#[test]
fn ws_06_the_limit_is_that_of_each_message() {
    for engine in ENGINES {
        for resets in [true, false] {
            let mut deflater = Deflater::new(engine, WindowBits::MAX, 6, resets);
            let mut inflater = Inflater::new(engine, resets);
            for seed in 0..20 {
                let message = sample(1000, 2, seed);
                let payload = deflate_all(&mut deflater, &message);
                let back = inflate(&mut inflater, &payload, 1000, &Sizes::all(), &Sizes::all());
                assert_eq!(back, Ok(message));
            }
        }
    }
}

#[test]
fn ws_06_blocks_that_stand_for_nothing_end_with_the_input() {
    // 13 000 empty blocks, in a form that says so in 5 bytes, and in one of 10 bits that begins a stream each time.
    let stored: Vec<u8> = [0, 0, 0, 0xff, 0xff].repeat(13_000).into_iter().chain([0]).collect();
    let last: Vec<u8> = [0x03, 0x00].repeat(30_000).into_iter().chain([0]).collect();
    for engine in ENGINES {
        for payload in [&stored, &last] {
            for room in [1, 1000] {
                let mut inflater = Inflater::new(engine, true);
                let back = inflate(&mut inflater, payload, 0, &Sizes::all(), &Sizes::each(room));
                assert_eq!(back.as_deref(), Ok(&b""[..]), "{engine:?}");
            }
        }
    }
}

#[test]
fn ws_07_what_is_not_deflate() {
    let cases: &[&[u8]] = &[
        b"\x07",                             // a block of no type
        b"\xff\xff\xff",                     // the same
        b"\x00\x05\x00\x00\x00Hello",        // a stored block whose length does not match its complement
        b"\xf2\x00\x11\x00\x00",             // a match before the first byte
        b"\x05\xe0\x81\x08\x00\x00\x00\x00", // Huffman codes that are no code
    ];
    for case in cases {
        for chunk in [1, 2, usize::MAX] {
            let mut inflater = Inflater::new(Engine::ZlibRs, true);
            let error = inflate(&mut inflater, case, 1000, &Sizes::each(chunk), &Sizes::each(10));
            assert_eq!(error, Err(Error::Peer(Violation::Corrupt)), "{case:x?} {chunk}");
        }
    }
    assert_eq!(u16::from(Error::Peer(Violation::Corrupt).close_code()), 1007);
}

#[test]
fn ws_07_a_message_that_is_cut_off() {
    let message = sample(2000, 2, 5);
    for level in [1, 6, 9] {
        let payload = deflate_all(&mut Deflater::new(Engine::ZlibRs, WindowBits::MAX, level, true), &message);
        let mut passed = 0;
        for cut in 1..payload.len() {
            for chunk in [1, usize::MAX] {
                let mut inflater = Inflater::new(Engine::ZlibRs, true);
                let result =
                    inflate(&mut inflater, &payload[..cut], 3000, &Sizes::each(chunk), &Sizes::each(500));
                // Four bytes of anything can look like a block's end, though hardly ever.
                passed += usize::from(result.is_ok());
            }
        }
        assert!(passed <= payload.len() / 100, "level {level}: {passed} of {} cuts passed", payload.len());
    }
}

#[test]
fn ws_07_a_message_that_is_cut_off_is_noticed_whatever_the_room() {
    let stored = |len: u16, rest: &[u8]| {
        let mut payload = vec![0];
        payload.extend(len.to_le_bytes().into_iter().chain((!len).to_le_bytes()));
        payload.extend_from_slice(rest);
        payload
    };
    // The tail would be taken for the block's own bytes: for more than four missing ones, for four, and for less.
    let mut cases: Vec<Vec<u8>> =
        [0xffff, 20, 19, 18, 17, 16, 15].map(|len| stored(len, b"fourteen bytes")).to_vec();
    // And for codes: a literal's, a match's, and its distance's.
    let codes = deflate_all(&mut Deflater::new(Engine::ZlibRs, WindowBits::MAX, 9, true), &sample(300, 2, 7));
    cases.extend((1..codes.len()).map(|cut| codes[..cut].to_vec()));
    for payload in cases {
        let ends = [1, 2, 3, 4, 5, 14, 15, 18, 19, usize::MAX].map(|room| {
            [1, 2, usize::MAX].map(|chunk| {
                let mut inflater = Inflater::new(Engine::ZlibRs, true);
                inflate(&mut inflater, &payload, 1000, &Sizes::each(chunk), &Sizes::each(room))
            })
        });
        assert!(ends.iter().flatten().all(|end| *end == ends[0][0]), "{payload:x?}: {ends:?}");
        if payload.ends_with(b"fourteen bytes") {
            assert_eq!(ends[0][0], Err(Error::Peer(Violation::Truncated)), "{payload:x?}");
        }
    }
    // The same where the limit ends with the payload.
    let mut inflater = Inflater::new(Engine::ZlibRs, true);
    let end = inflate(&mut inflater, &stored(18, b"fourteen bytes"), 14, &Sizes::all(), &Sizes::each(1));
    assert_eq!(end, Err(Error::Peer(Violation::Truncated)));
}

#[test]
fn ws_08_a_context_without_takeover_tells_nothing_of_the_message_before() {
    let secret = b"a secret of somebody else's, a secret of somebody else's";
    let mut deflater = Deflater::new(Engine::ZlibRs, WindowBits::MAX, 6, false);
    let first = deflate_all(&mut deflater, secret);
    let second = deflate_all(&mut deflater, secret);
    for engine in ENGINES {
        let mut inflater = Inflater::new(engine, true);
        assert_eq!(inflate_all(&mut inflater, &first).as_deref(), Ok(&secret[..]));
        let leaked = inflate_all(&mut inflater, &second).unwrap_or_default();
        assert!(!leaked.windows(6).any(|part| part == &secret[..6]), "{engine:?}");
    }
}
