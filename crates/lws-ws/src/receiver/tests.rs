use core::mem::size_of;

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
