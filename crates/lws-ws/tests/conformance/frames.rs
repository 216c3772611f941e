//! RFC 6455, frame by frame, at every split and however the payload is taken.

use crate::peer::{self, Got, binary, check, masked, run_whole, text};
use lws_ws::{Error, Excess, Kind, Opcode, Options, Side, Violation};

/// The frames of RFC 6455 §5.7.
#[test]
fn the_vectors_of_the_rfc() {
    let options = Options::default();
    check(Side::Client, options, b"\x81\x05Hello", &[text("Hello")]);
    check(Side::Server, options, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", &[text("Hello")]);
    let fragments = Got::Message { kind: Kind::Text, rsv1: false, frames: 2, bytes: b"Hello".into() };
    check(Side::Client, options, b"\x01\x03Hel\x80\x02lo", &[fragments]);
    check(Side::Client, options, b"\x89\x05Hello", &[Got::Ping(b"Hello".into())]);
    let pong = b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    check(Side::Server, options, pong, &[Got::Pong(b"Hello".into())]);
    let payload: Vec<u8> = (0..256).map(|i| i as u8).collect();
    check(Side::Client, options, &[b"\x82\x7e\x01\x00", &payload[..]].concat(), &[binary(&payload)]);
}

#[test]
fn the_long_vector_of_the_rfc() {
    let payload: Vec<u8> = (0..65_536).map(|i| (i * 7) as u8).collect();
    let wire = [b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", &payload[..]].concat();
    let expected = [binary(&payload)];
    let takes: [&[usize]; 3] = [&[usize::MAX], &[0, 4096], &[30_000, 1, 0]];
    for take in takes {
        for cut in [1, 2, 9, 10, 11, 4096, 65_545, 65_546] {
            let got = peer::run(Side::Client, Options::default(), &wire, &[cut, 5000], take);
            assert!(got == expected, "cut {cut}, taking {take:?}");
        }
    }
    let wire = masked(Opcode::Binary, true, &payload);
    for cut in [1, 13, 14, 15, 17, 65_549] {
        let got = peer::run(Side::Server, Options::default(), &wire, &[cut, 4999], &[0, 777]);
        assert!(got == expected, "masked, cut {cut}");
    }
}

#[test]
fn empty_frames_and_messages_are_events() {
    let wire = [
        masked(Opcode::Text, true, b""),
        masked(Opcode::Binary, false, b""),
        masked(Opcode::Ping, true, b""),
        masked(Opcode::Continuation, false, b""),
        masked(Opcode::Continuation, false, b"x"),
        masked(Opcode::Continuation, true, b""),
        masked(Opcode::Close, true, b""),
    ]
    .concat();
    let message = Got::Message { kind: Kind::Binary, rsv1: false, frames: 4, bytes: b"x".into() };
    let close = Got::Close(None, String::new());
    check(Side::Server, Options::default(), &wire, &[text(""), Got::Ping(vec![]), message, close]);
}

/// RFC 6455 §5.4, §5.5: control frames may be injected in the middle of a fragmented message.
#[test]
fn control_frames_between_fragments() {
    let wire = [
        masked(Opcode::Text, false, "h\u{e9}".as_bytes()),
        masked(Opcode::Ping, true, b"1"),
        // Half a character, and control frames in the other half.
        masked(Opcode::Continuation, false, b"\xe2\x82"),
        masked(Opcode::Pong, true, &[0xff; 125]),
        masked(Opcode::Continuation, true, b"\xac"),
        masked(Opcode::Close, true, b"\x0f\xa0bye"),
    ]
    .concat();
    let message = Got::Message { kind: Kind::Text, rsv1: false, frames: 3, bytes: "h\u{e9}\u{20ac}".into() };
    let expected =
        [Got::Ping(b"1".into()), Got::Pong(vec![0xff; 125]), message, Got::Close(Some(4000), "bye".into())];
    check(Side::Server, Options::default(), &wire, &expected);
}

/// RFC 6455 §1.4: what follows the close frame is discarded.
#[test]
fn ws_12_nothing_follows_a_close_frame() {
    let close = masked(Opcode::Close, true, b"\x03\xe8");
    for behind in [masked(Opcode::Text, true, b"late"), close.clone(), b"garbage".to_vec()] {
        let got = run_whole(Side::Server, Options::default(), &[&close[..], &behind].concat());
        assert_eq!(got, [Got::Close(Some(1000), String::new())]);
    }
}

#[test]
fn ws_12_illegal_close_frames() {
    for (payload, violation) in [
        (&b"\x03"[..], Violation::CloseLength),
        (b"\x03\xec", Violation::CloseCode(1004)),
        (b"\x13\x88", Violation::CloseCode(5000)),
        (b"\x03\xe8\xff", Violation::CloseReason),
    ] {
        let wire = masked(Opcode::Close, true, payload);
        check(Side::Server, Options::default(), &wire, &[Got::Failed(Error::Peer(violation))]);
    }
    assert_eq!(Error::Peer(Violation::CloseLength).close_code().as_u16(), 1002);
    assert_eq!(Error::Peer(Violation::CloseReason).close_code().as_u16(), 1007);
}

#[test]
fn rsv1_belongs_to_first_frames_and_to_an_extension() {
    let rsv1 = |opcode, fin, payload: &[u8]| {
        peer::frame(lws_ws::Header::new(opcode).fin(fin).rsv1(true).mask(Some(peer::KEY)), payload)
    };
    let with = Options::default().allow_rsv1(true);
    let reserved = [Got::Failed(Error::Peer(Violation::ReservedBits))];
    // Compressed text is not UTF-8.
    let message = Got::Message { kind: Kind::Text, rsv1: true, frames: 2, bytes: b"\xff\xfe".into() };
    let wire = [rsv1(Opcode::Text, false, b"\xff"), masked(Opcode::Continuation, true, b"\xfe")].concat();
    check(Side::Server, with, &wire, &[message]);
    check(Side::Server, Options::default(), &wire, &reserved);
    check(Side::Server, with, &rsv1(Opcode::Ping, true, b""), &reserved);
    let wire = [masked(Opcode::Text, false, b"a"), rsv1(Opcode::Continuation, true, b"b")].concat();
    check(Side::Server, with, &wire, &reserved);
    // The next message may do without, and is checked again.
    let wire = [rsv1(Opcode::Text, true, b"\xff"), masked(Opcode::Text, true, b"\xff")].concat();
    let first = Got::Message { kind: Kind::Text, rsv1: true, frames: 1, bytes: b"\xff".into() };
    check(Side::Server, with, &wire, &[first, Got::Failed(Error::Peer(Violation::Text))]);
}

#[test]
fn limits_of_frame_and_message() {
    let options = Options::default().max_frame(4).max_message(6);
    let frames = |sizes: &[usize]| {
        let last = sizes.len() - 1;
        let opcode = |i| if i == 0 { Opcode::Binary } else { Opcode::Continuation };
        let frame = |(i, n): (usize, &usize)| masked(opcode(i), i == last, &vec![b'x'; *n]);
        sizes.iter().enumerate().flat_map(frame).collect::<Vec<u8>>()
    };
    for (sizes, excess) in [
        (&[4][..], None),
        (&[5], Some(Excess::Frame)),
        (&[4, 2], None),
        (&[2, 2, 2, 0], None),
        (&[4, 3], Some(Excess::Message)),
        (&[2, 2, 2, 1], Some(Excess::Message)),
    ] {
        let expected = match excess {
            Some(excess) => Got::Failed(Error::Limit(excess)),
            None => {
                let bytes = vec![b'x'; sizes.iter().sum()];
                Got::Message { kind: Kind::Binary, rsv1: false, frames: sizes.len(), bytes }
            }
        };
        check(Side::Server, options, &frames(sizes), &[expected]);
    }
    // The next message starts from zero.
    let two = [frames(&[4, 2]), frames(&[4, 2])].concat();
    assert_eq!(run_whole(Side::Server, options, &two).len(), 2);
}
