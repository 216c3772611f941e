use core::mem::size_of;
use std::vec::Vec;

use super::*;

/// What is `Copy` owns no memory; and the crate does without `alloc`, so nothing is allocated in between either.
#[test]
fn a_receiver_owns_nothing() {
    const fn is_copy<T: Copy>() {}
    is_copy::<Receiver>();
    assert!(size_of::<Receiver>() <= 104, "{} bytes in each connection", size_of::<Receiver>());
}

/// More than anybody will ever send, so it has to be made up.
#[test]
fn ws_02_sums_do_not_wrap() {
    let mut receiver = Receiver::new(Side::Client, Options::default().max_message(u64::MAX - 1));
    receiver.message = Some(Message { kind: Kind::Binary, rsv1: false, fragments: 2, payload: u64::MAX - 2 });
    assert!(receiver.receive(&mut [0x00, 1, b'x']).is_ok());
    receiver.consume(1);
    let error = receiver.receive(&mut [0x80, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).err();
    assert_eq!(error, Some(Error::Limit(Excess::Message)));
}

/// Options that differ in what makes a message plainly legal.
fn every_option() -> [Options; 4] {
    let all = Options::default();
    [all, all.allow_rsv1(true), all.max_message(20), all.max_frame(130).check_utf8(false)]
}

/// Bytes taken, and the message: what it is made of, whether it is compressed, its payload.
type Taken = (usize, Kind, bool, Vec<u8>);

/// What both ways say about an input.
fn whole(mut receiver: Receiver, mut input: Vec<u8>) -> Option<Result<Taken, Error>> {
    let whole = receiver.whole(&input)?;
    let taken = receiver.take(&whole, &mut input);
    Some(taken.map(|payload| (whole.size(), whole.kind(), whole.rsv1(), payload.to_vec())))
}

fn step_by_step(mut receiver: Receiver, mut input: Vec<u8>) -> Result<Taken, Error> {
    let received = receiver.receive(&mut input)?.expect("what is whole is an event");
    let Event::Data(data) = received.event else { panic!("data, not {:?}", received.event) };
    assert!(data.first && data.fin && data.start_of_frame && data.frame_left == 0);
    Ok((received.header + received.payload, data.kind, data.rsv1, data.bytes.to_vec()))
}

#[test]
fn a_whole_message_is_what_it_would_be_step_by_step() {
    let mut found = 0;
    for (first, second) in (0..=255).flat_map(|first| (0..=255).map(move |second| (first, second))) {
        for tail in [&b"\0\x7e\x01\x02\x03\x04"[..], b"\0\x7d\x01\x02\x03\x04", b"\x01\x02\xc3\x28"] {
            let mut input = alloc_frame(first, second, tail);
            for len in [input.len(), input.len() - 1, tail.len() + 2, 1] {
                input.truncate(len);
                for (side, options) in [Side::Server, Side::Client]
                    .into_iter()
                    .flat_map(|side| every_option().map(|o| (side, o)))
                {
                    let receiver = Receiver::new(side, options);
                    if let Some(result) = whole(receiver, input.clone()) {
                        found += 1;
                        assert_eq!(result, step_by_step(receiver, input.clone()), "{input:x?}");
                    }
                }
            }
        }
    }
    assert!(found > 1000, "{found}");
}

/// Two bytes of a header, what follows, and payload for the longest short form.
fn alloc_frame(first: u8, second: u8, tail: &[u8]) -> Vec<u8> {
    let mut input = std::vec![first, second];
    input.extend_from_slice(tail);
    input.resize(200, b'x');
    input
}

#[test]
fn ordinary_messages_are_whole() {
    let server = Receiver::new(Side::Server, Options::default());
    for payload in [0, 1, 125, 126, 1000, 0xffff] {
        let mut buffer = std::vec![0; payload + 14];
        let mut out = lws_wire::Out::new(&mut buffer);
        let message = std::vec![b'm'; payload];
        assert!(Header::new(Opcode::Text).mask(Some([1, 2, 3, 4])).put(&mut out, &message));
        let mut input = out.written().to_vec();
        let size = input.len();
        assert!(whole(server, input[..size - 1].to_vec()).is_none(), "not yet");
        input.extend(b"what follows");
        assert_eq!(whole(server, input), Some(Ok((size, Kind::Text, false, message))));
    }
}

#[test]
fn nothing_is_whole_in_the_middle_of_a_message_or_after_the_end() {
    let frame = b"\x82\x01x".to_vec();
    let mut client = Receiver::new(Side::Client, Options::default());
    assert!(whole(client, frame.clone()).is_some());
    assert!(client.receive(&mut [0x02, 2, b'a', b'b']).is_ok());
    assert!(whole(client, frame.clone()).is_none(), "of a frame");
    client.consume(2);
    assert!(whole(client, frame.clone()).is_none(), "between two frames");
    let mut client = Receiver::new(Side::Client, Options::default());
    assert!(client.receive(&mut [0x88, 0]).is_ok());
    client.consume(0);
    assert!(client.is_closed() && whole(client, frame.clone()).is_none());
    let mut client = Receiver::new(Side::Client, Options::default());
    let mut bad = [0x81, 1, 0xff];
    let found = client.whole(&bad).expect("it is whole");
    assert_eq!(client.take(&found, &mut bad), Err(Error::Peer(Violation::Text)));
    assert!(whole(client, frame).is_none(), "it failed");
}
