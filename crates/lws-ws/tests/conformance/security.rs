//! The rows of the threat list that a codec can answer for, by their ids.

use crate::peer::{self, Got, KEY, check, frame, masked, run, run_whole, text};
use lws_ws::limits::MAX_FRAGMENTS;
use lws_ws::{Error, Excess, Header, Opcode, Options, Receiver, Side, Violation};

fn fails(side: Side, wire: &[u8], error: Error, code: u16) {
    assert_eq!(error.close_code().as_u16(), code, "{error}");
    check(side, Options::default(), wire, &[Got::Failed(error)]);
}

fn violates(wire: &[u8], violation: Violation) {
    fails(Side::Server, wire, Error::Peer(violation), 1002);
}

#[test]
fn ws_01_masking_direction() {
    for opcode in [Opcode::Text, Opcode::Binary, Opcode::Ping, Opcode::Pong, Opcode::Close] {
        let plain = frame(Header::new(opcode), b"");
        fails(Side::Server, &plain, Error::Peer(Violation::Unmasked), 1002);
        fails(Side::Client, &masked(opcode, true, b""), Error::Peer(Violation::Masked), 1002);
    }
    // A key of zeros is a key.
    let zeros = frame(Header::new(Opcode::Text).mask(Some([0; 4])), b"zeros");
    check(Side::Server, Options::default(), &zeros, &[text("zeros")]);
    check(Side::Client, Options::default(), &frame(Header::new(Opcode::Text), b"plain"), &[text("plain")]);
}

#[test]
fn ws_02_huge_length() {
    let header = |length: u64| [&[0x82, 0xff][..], &length.to_be_bytes(), &KEY].concat();
    for length in [(16 << 20) + 1, 1 << 31, 1 << 32, (1 << 63) - 1] {
        // Not a byte of payload is needed to say no.
        fails(Side::Server, &header(length), Error::Limit(Excess::Message), 1009);
    }
    violates(&header(1 << 63), Violation::LengthTooLarge);
    violates(&header(u64::MAX), Violation::LengthTooLarge);
    violates(&header(65_535), Violation::LengthNotMinimal);
    violates(&header(0), Violation::LengthNotMinimal);
    violates(&[&[0x82, 0xfe, 0, 125][..], &KEY].concat(), Violation::LengthNotMinimal);
    // The limit itself is legal, and nothing happens before there is payload.
    assert_eq!(run_whole(Side::Server, Options::default(), &header(16 << 20)), []);
}

#[test]
fn ws_03_control_opcodes_and_reserved_bits() {
    for opcode in [8_u8, 9, 10] {
        violates(&[opcode, 0x80, 1, 2, 3, 4], Violation::ControlFragmented);
        violates(&[0x80 | opcode, 0xfe, 0, 126, 1, 2, 3, 4], Violation::ControlTooLong);
        violates(&[0x80 | opcode, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4], Violation::ControlTooLong);
    }
    for opcode in (3..8).chain(11..16) {
        violates(&[0x80 | opcode, 0x80, 1, 2, 3, 4], Violation::Opcode(opcode));
        violates(&[opcode, 0x80, 1, 2, 3, 4], Violation::Opcode(opcode));
    }
    for bits in 1..8_u8 {
        violates(&[0x81 | bits << 4, 0x80, 1, 2, 3, 4], Violation::ReservedBits);
    }
}

#[test]
fn ws_03_order_of_fragments() {
    violates(&masked(Opcode::Continuation, true, b"x"), Violation::NothingToContinue);
    violates(&masked(Opcode::Continuation, false, b""), Violation::NothingToContinue);
    for opcode in [Opcode::Text, Opcode::Binary] {
        let wire = [masked(Opcode::Text, false, b"a"), masked(opcode, true, b"b")].concat();
        violates(&wire, Violation::Interleaved(opcode));
    }
    let wire = [masked(Opcode::Text, true, b"a"), masked(Opcode::Continuation, true, b"b")].concat();
    let failed = Got::Failed(Error::Peer(Violation::NothingToContinue));
    check(Side::Server, Options::default(), &wire, &[text("a"), failed]);
}

#[test]
fn ws_04_text_must_be_utf8() {
    let error = Error::Peer(Violation::Text);
    for bad in [&b"\xff"[..], b"ok\xed\xa0\x80", b"\xe2\x82", b"\xf4\x90\x80\x80", b"\xc0\x80"] {
        fails(Side::Server, &masked(Opcode::Text, true, bad), error, 1007);
        for cut in 0..bad.len() {
            let first = masked(Opcode::Text, false, &bad[..cut]);
            let wire = [first, masked(Opcode::Continuation, true, &bad[cut..])].concat();
            fails(Side::Server, &wire, error, 1007);
        }
        // Bytes are bytes; and whoever says so gets text unchecked.
        assert_eq!(
            run_whole(Side::Server, Options::default(), &masked(Opcode::Binary, true, bad)),
            [peer::binary(bad)]
        );
        let unchecked = Options::default().check_utf8(false);
        assert_eq!(run_whole(Side::Server, unchecked, &masked(Opcode::Text, true, bad)).len(), 1);
    }
}

/// Autobahn 6.4: as soon as the text cannot become valid, in the middle of a frame of which most is to come.
#[test]
fn ws_04_fails_early() {
    let whole =
        masked(Opcode::Text, true, &[b"\xce\xba\xf4\x90\x80\x80"[..].to_vec(), vec![b'x'; 100]].concat());
    let header = 6;
    let up_to = |n: usize| run(Side::Server, Options::default(), &whole[..header + n], &[1], &[0, 1]);
    assert_eq!(up_to(3), []);
    assert_eq!(up_to(4), [Got::Failed(Error::Peer(Violation::Text))]);
}

/// Nobody sees text that is not valid, and nothing is checked twice, however often it is offered.
#[test]
fn ws_04_refused_text_is_checked_once() {
    let mut receiver = Receiver::new(Side::Server, Options::default());
    let mut wire = masked(Opcode::Text, true, "\u{20ac}uro".as_bytes());
    for round in 0..5 {
        let received = receiver.receive(&mut wire).expect("legal").expect("an event");
        let header = received.header;
        assert_eq!(header, if round == 0 { 6 } else { 0 });
        wire.drain(..header);
    }
    for left in (1..=6).rev() {
        let received = receiver.receive(&mut wire).expect("legal").expect("an event");
        assert_eq!((received.header, received.payload), (0, left));
        receiver.consume(1);
        wire.remove(0);
    }
    assert!(receiver.receive(&mut wire).expect("legal").is_none() && !receiver.in_message());
}

/// A million fragments of one byte, and of none.
#[test]
fn ws_05_endless_fragments() {
    // Each 32 bytes of payload allow one frame more.
    for (payload, most) in [(&b"x"[..], MAX_FRAGMENTS + 528), (b"", MAX_FRAGMENTS)] {
        let mut receiver = Receiver::new(Side::Server, Options::default());
        let mut count = 0;
        let error = loop {
            let opcode = if count == 0 { Opcode::Binary } else { Opcode::Continuation };
            let mut wire = masked(opcode, false, payload);
            match receiver.receive(&mut wire) {
                Ok(received) => receiver.consume(received.expect("an event").payload),
                Err(error) => break error,
            }
            count += 1;
            assert!(count < 1_000_000);
        };
        assert_eq!((count, error), (most, Error::Limit(Excess::Fragments)));
        assert_eq!(error.close_code().as_u16(), 1008);
    }
    // As many as allowed make a message.
    let mut wire = masked(Opcode::Binary, false, b"");
    for _ in 2..MAX_FRAGMENTS {
        wire.extend(masked(Opcode::Continuation, false, b""));
    }
    wire.extend(masked(Opcode::Continuation, true, b""));
    let got = run(Side::Server, Options::default(), &wire, &[1000], &[usize::MAX]);
    assert!(matches!(&got[..], [Got::Message { frames, .. }] if *frames as u64 == MAX_FRAGMENTS));
}

/// Small pieces that carry something are no flood: 4 MiB in frames of 64 bytes (Autobahn 9.3.1).
#[test]
fn ws_05_small_fragments_are_no_flood() {
    let mut receiver = Receiver::new(Side::Server, Options::default());
    for i in 0..65_536 {
        let opcode = if i == 0 { Opcode::Binary } else { Opcode::Continuation };
        let mut wire = masked(opcode, false, &[7; 64]);
        let received = receiver.receive(&mut wire).expect("legal").expect("an event");
        receiver.consume(received.payload);
    }
}

/// Fragments that add up to more than a message may have.
#[test]
fn ws_05_fragments_count_together() {
    let mut receiver = Receiver::new(Side::Server, Options::default());
    let block = vec![0; 1 << 20];
    for i in 0..17 {
        let opcode = if i == 0 { Opcode::Binary } else { Opcode::Continuation };
        let mut wire = masked(opcode, false, &block);
        let result = receiver.receive(&mut wire).map(|received| received.expect("an event").payload);
        assert_eq!(result, if i < 16 { Ok(1 << 20) } else { Err(Error::Limit(Excess::Message)) });
        receiver.consume(1 << 20);
    }
}
