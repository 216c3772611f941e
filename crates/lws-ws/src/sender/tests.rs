use std::vec;
use std::vec::Vec;

use super::*;

const KEY: Option<[u8; 4]> = Some([0x37, 0xfa, 0x21, 0x3d]);

/// The frame as the RFC has it, byte by byte.
fn reference(header: Header, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![u8::from(header.fin) << 7 | u8::from(header.rsv1) << 6 | header.opcode as u8];
    let bit = u8::from(header.mask.is_some()) << 7;
    match payload.len() {
        n @ 0..126 => frame.push(bit | n as u8),
        n @ 126..65536 => {
            frame.push(bit | 126);
            frame.extend_from_slice(&(n as u16).to_be_bytes());
        }
        n => {
            frame.push(bit | 127);
            frame.extend_from_slice(&(n as u64).to_be_bytes());
        }
    }
    match header.mask {
        None => frame.extend_from_slice(payload),
        Some(key) => {
            frame.extend_from_slice(&key);
            frame.extend(payload.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]));
        }
    }
    frame
}

#[test]
fn put_is_all_or_nothing() {
    for mask in [None, KEY] {
        for n in [0, 1, 125, 126, 127, 128, 65_535, 65_536] {
            let payload: Vec<u8> = (0..n).map(|i| i as u8).collect();
            let header = Header::new(Opcode::Binary).fin(n % 2 == 0).mask(mask);
            let frame = reference(header, &payload);
            assert_eq!(frame.len(), frame_len(n, mask.is_some()));
            for missing in 0..frame.len().min(16) {
                let mut buf = vec![0; frame.len() - missing];
                let mut out = Out::new(&mut buf);
                assert_eq!(header.put(&mut out, &payload), missing == 0);
                assert_eq!(out.written(), if missing == 0 { &frame[..] } else { &[] });
            }
        }
    }
}

#[test]
fn nest_fills_any_room_with_the_smallest_header() {
    for mask in [None, KEY] {
        for room in (0..300).chain(65_520..65_560).chain([70_000, 200_000]) {
            let mut buf = vec![0xee; room];
            let mut out = Out::new(&mut buf);
            let header = Header::new(Opcode::Continuation).mask(mask);
            let mut expected = Vec::new();
            let sent = header.nest(&mut out, usize::MAX, |inner| {
                inner.fill(|space| {
                    space.iter_mut().enumerate().for_each(|(i, byte)| *byte = i as u8);
                    expected = space.to_vec();
                    space.len()
                });
                false
            });
            let least = frame_len(1, mask.is_some());
            if room < least {
                assert_eq!((sent, out.len()), (None, 0), "room {room}");
                continue;
            }
            assert_eq!(sent, Some(expected.len()));
            assert_eq!(out.written(), reference(header.fin(false), &expected), "room {room}");
            // Next to nothing is lost: two bytes where the header grows, and the rest beyond the longest frame.
            let full = expected.len() == MAX_NEST;
            assert!(out.room() <= 2 || full, "room {room}, {} left", out.room());
        }
    }
}

#[test]
fn nest_shrinks_the_header_if_little_was_written() {
    for mask in [None, KEY] {
        for n in 0..=130 {
            let mut buf = [0; 1000];
            let mut out = Out::new(&mut buf);
            assert!(out.put(b"in front"));
            let payload = &[b'x'; 130][..n];
            let header = Header::new(Opcode::Text).rsv1(true).mask(mask);
            let sent = header.nest(&mut out, 500, |inner| inner.put(payload));
            assert_eq!(sent, Some(n));
            assert_eq!(&out.written()[8..], reference(header, payload), "{n} bytes");
        }
    }
}

#[test]
fn nest_lends_no_more_than_the_limit() {
    for limit in [0, 1, 125, 126, 127, 1000, MAX_NEST, MAX_NEST + 1, usize::MAX] {
        let mut buf = vec![0; 100_000];
        let mut out = Out::new(&mut buf);
        let mut lent = 0;
        let sent = Header::new(Opcode::Binary).nest(&mut out, limit, |inner| {
            lent = inner.room();
            true
        });
        assert_eq!((lent, sent), (limit.min(MAX_NEST), Some(0)));
        // The end of a message may be an empty frame.
        assert_eq!(out.written(), [0x82, 0]);
    }
}

#[test]
fn nest_of_nothing_leaves_no_trace() {
    let mut buf = [0; 100];
    let mut out = Out::new(&mut buf);
    assert_eq!(Header::new(Opcode::Binary).nest(&mut out, 50, |_| false), None);
    assert!(out.is_empty());
}

#[test]
fn ws_17_each_frame_has_the_key_it_was_given() {
    let mut buf = [0; 200];
    for key in [[0; 4], [1, 2, 3, 4], [0xff; 4]] {
        let mut out = Out::new(&mut buf);
        assert!(Header::new(Opcode::Ping).mask(Some(key)).put(&mut out, b"hello"));
        assert_eq!(out.written()[2..6], key);
        assert_eq!(out.written(), reference(Header::new(Opcode::Ping).mask(Some(key)), b"hello"));
    }
}

#[test]
#[cfg(debug_assertions)]
#[should_panic(expected = "illegal control frame")]
fn a_long_ping_is_a_bug() {
    let mut buf = [0; 200];
    let _ = Header::new(Opcode::Ping).put(&mut Out::new(&mut buf), &[0; 126]);
}
