use std::vec;
use std::vec::Vec;

use lws_ws::Side;
use lws_ws::handshake::Extensions;

use super::*;
use crate::Options;

fn agree(options: &Options) -> Agreed {
    let grant =
        options.accept(Extensions::parse(b"permessage-deflate; client_max_window_bits")).expect("a list");
    grant.expect("granted").agreed
}

fn deflated(outbound: &mut Outbound, codec: &mut Codec, message: &[u8]) -> Vec<u8> {
    let mut room = vec![0; Deflater::bound(message.len())];
    let mut out = Out::new(&mut room);
    assert_eq!(
        outbound.deflate(codec, message, true, &mut out),
        Deflated { consumed: message.len(), done: true }
    );
    out.written().into()
}

const TEXT: &[u8] =
    b"so much depends upon a red wheel barrow glazed with rain water beside the white chickens";

#[test]
fn ws_08_nothing_is_allocated_before_the_first_message() {
    let agreed = agree(&Options::default());
    let codec = Codec::default();
    let (outbound, inbound) = (agreed.outbound(Side::Server), agreed.inbound(Side::Server, 1000));
    assert!(outbound.own.is_none() && inbound.own.is_none());
    assert!(codec.inflaters.capacity() == 0 && codec.deflaters.capacity() == 0);
    assert!(
        size_of::<Outbound>() + size_of::<Inbound>() <= 64,
        "a connection that is idle owns these and no more"
    );
}

#[test]
fn ws_08_connections_share_contexts_and_keep_none() {
    let agreed = agree(&Options::default().level(2));
    let mut codec = Codec::default();
    let mut connections: Vec<_> =
        (0..100).map(|_| (agreed.outbound(Side::Server), agreed.inbound(Side::Server, 1000))).collect();
    for (outbound, inbound) in &mut connections {
        let payload = deflated(outbound, &mut codec, TEXT);
        let mut room = [0; 200];
        let mut out = Out::new(&mut room);
        let inflated = inbound.inflate(&mut codec, &payload, true, &mut out).expect("our own");
        assert!(inflated.done && out.written() == TEXT);
        assert!(outbound.own.is_none() && inbound.own.is_none());
        assert_eq!((codec.deflaters.len(), codec.inflaters.len()), (1, 1));
    }
}

#[test]
fn a_message_that_waits_keeps_its_context_and_the_others_get_another() {
    let agreed = agree(&Options::default().level(2));
    let mut codec = Codec::default();
    let mut slow = agreed.outbound(Side::Server);
    let mut fast = agreed.outbound(Side::Server);
    let mut wire = Vec::new();
    let mut room = [0; 10];
    let mut out = Out::new(&mut room);
    let started = slow.deflate(&mut codec, TEXT, true, &mut out);
    assert!(!started.done && slow.is_busy());
    wire.extend_from_slice(out.written());
    // Others go on meanwhile, and not into the same context.
    let whole = deflated(&mut fast, &mut codec, TEXT);
    assert!(!fast.is_busy());
    assert_eq!(codec.deflaters.len(), 1);
    let mut rest = [0; 200];
    let mut out = Out::new(&mut rest);
    assert!(slow.deflate(&mut codec, &TEXT[started.consumed..], true, &mut out).done);
    wire.extend_from_slice(out.written());
    assert_eq!(codec.deflaters.len(), 2);

    // The same the other way round.
    let mut slow = agreed.inbound(Side::Server, 1000);
    let mut fast = agreed.inbound(Side::Server, 1000);
    let (first, second) = wire.split_at(20);
    let mut room = [0; 200];
    let mut plain = Out::new(&mut room);
    assert_eq!(slow.inflate(&mut codec, first, false, &mut plain).map(|i| i.consumed), Ok(20));
    assert!(slow.is_busy());
    let mut other = [0; 200];
    let mut other = Out::new(&mut other);
    assert!(fast.inflate(&mut codec, &whole, true, &mut other).expect("our own").done);
    assert!(slow.inflate(&mut codec, second, true, &mut plain).expect("our own").done);
    assert_eq!((plain.written(), other.written()), (TEXT, TEXT));
    assert_eq!(codec.inflaters.len(), 2);
}

#[test]
fn ws_08_spare_contexts_are_bounded() {
    let agreed = agree(&Options::default());
    let mut codec = Codec::default();
    let mut all: Vec<_> = (0..2 * SPARE_CONTEXTS).map(|_| agreed.outbound(Side::Server)).collect();
    for outbound in &mut all {
        assert!(!outbound.deflate(&mut codec, TEXT, true, &mut Out::new(&mut [0; 10])).done);
    }
    for outbound in &mut all {
        let mut room = [0; 200];
        assert!(outbound.deflate(&mut codec, &[], true, &mut Out::new(&mut room)).done);
        assert!(outbound.own.is_none());
    }
    assert_eq!(codec.deflaters.len(), SPARE_CONTEXTS);
}

#[test]
fn a_spare_context_fits_who_gets_it() {
    let large = agree(&Options::default().level(2));
    let small = agree(&Options::default().level(2).server_max_window_bits(WindowBits::MIN));
    let hard = agree(&Options::default().level(9));
    let mut codec = Codec::default();
    for (i, agreed) in [&large, &small, &hard, &large, &small, &hard].into_iter().enumerate() {
        let mut outbound = agreed.outbound(Side::Server);
        let _ = deflated(&mut outbound, &mut codec, TEXT);
        assert_eq!(codec.deflaters.len(), 3.min(i + 1));
    }
}

#[test]
fn with_takeover_a_context_stays_with_its_connection() {
    let options = Options::default().server_no_context_takeover(false).client_no_context_takeover(false);
    let agreed = agree(&options);
    let mut codec = Codec::default();
    let (mut outbound, mut inbound) = (agreed.outbound(Side::Server), agreed.inbound(Side::Client, 1000));
    let first = deflated(&mut outbound, &mut codec, TEXT);
    let second = deflated(&mut outbound, &mut codec, TEXT);
    assert!(second.len() < first.len() / 4, "{} after {}", second.len(), first.len());
    for payload in [first, second] {
        let mut room = [0; 200];
        let mut out = Out::new(&mut room);
        assert!(inbound.inflate(&mut codec, &payload, true, &mut out).expect("our own").done);
        assert_eq!(out.written(), TEXT);
    }
    assert!(outbound.own.is_some() && inbound.own.is_some());
    assert!(!outbound.is_busy() && !inbound.is_busy());
    assert!(codec.deflaters.is_empty() && codec.inflaters.is_empty());
}

#[test]
fn ws_06_a_context_that_failed_is_not_handed_on() {
    let agreed = agree(&Options::default());
    let mut codec = Codec::default();
    let mut inbound = agreed.inbound(Side::Server, 10);
    let payload = deflated(&mut agreed.outbound(Side::Server), &mut codec, TEXT);
    let mut room = [0; 200];
    assert!(inbound.inflate(&mut codec, &payload, true, &mut Out::new(&mut room)).is_err());
    assert!(inbound.own.is_none() && codec.inflaters.is_empty());
}

#[test]
fn what_is_worth_compressing() {
    let outbound = agree(&Options::default().min_message(10)).outbound(Side::Server);
    assert_eq!([9, 10, 11].map(|len| outbound.wants(len)), [false, true, true]);
}

#[test]
fn a_small_message_needs_no_context() {
    let agreed = agree(&Options::default());
    let mut codec = Codec::default();
    let mut outbound = agreed.outbound(Side::Server);
    let _ = deflated(&mut outbound, &mut codec, TEXT);
    assert!(outbound.own.is_none() && codec.deflaters.is_empty());
    // One that is longer, or is to be tried harder for, does; and so does one for which there is little room.
    let _ = deflated(&mut outbound, &mut codec, &[b'x'; SMALL_MESSAGE_BYTES + 1]);
    assert_eq!(codec.deflaters.len(), 1);
    let narrow = agree(&Options::default().server_max_window_bits(WindowBits::MIN));
    let _ = deflated(&mut narrow.outbound(Side::Server), &mut codec, &[b'x'; 257]);
    assert_eq!(codec.deflaters.len(), 2, "distances stay within the window");
    assert!(!outbound.deflate(&mut codec, TEXT, true, &mut Out::new(&mut [0; 10])).done);
    assert!(outbound.is_busy());
}

#[test]
fn what_gains_nothing() {
    let mut state = 1_u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let random: Vec<u8> = (0..100_000).map(|_| byte()).collect();
    let base64: Vec<u8> = random.iter().map(|byte| b'0' + byte % 64).collect();
    let outbound = agree(&Options::default()).outbound(Side::Server);
    for len in [LOOK_BYTES, LOOK_BYTES + 1, 10_000, 100_000] {
        assert!(!outbound.gains(&random[..len]), "{len} random bytes");
        assert!(outbound.gains(&base64[..len]), "{len} bytes of six bits each");
    }
    assert!(outbound.gains(&random[..LOOK_BYTES - 1]), "too short to tell");
    let with_a_past = agree(&Options::default().server_no_context_takeover(false)).outbound(Side::Server);
    assert!(with_a_past.gains(&random) && !with_a_past.forgets(), "it may have been there before");
    assert!(!outbound.gains(b"short"));
    assert!(outbound.forgets() && outbound.gains(TEXT));
}
