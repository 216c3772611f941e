//! A certificate of one's own.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
use common::*;

use lws_tls::{Cause, Certificate, CertificateFault, Error};

#[test]
fn self_signed_is_fresh_and_tells_its_fingerprint() {
    let (one, two) = (own(), own());
    assert_ne!(one.certificate, two.certificate);
    let hex = one.fingerprint_hex();
    assert_eq!((hex.len(), hex.matches(':').count()), (95, 31));
    assert_ne!(hex, two.fingerprint_hex());
    assert!(!format!("{one:?}").contains("PRIVATE"));
    let read = Certificate::parse(&one.certificate).unwrap();
    assert_eq!(read.shown_names(), ["localhost", "*.example.com", "127.0.0.1"]);
    assert_eq!((read.not_after.0 - read.not_before.0) / 86_400, 397);
}

#[test]
fn it_serves_those_who_trust_it() {
    let own = own();
    let mut pair = Pair::new(&*connector(&own, &[]), &*acceptor(&own, &[])).open();
    let (_, bytes) = pair.client.send(b"hello", 100);
    pair.server.inbox.extend(bytes);
    pair.settle();
    assert_eq!(pair.server.seen, b"hello");
    let stranger = common::own();
    let (client, _) = Pair::new(&*connector(&stranger, &[]), &*acceptor(&own, &[])).errors();
    let Some(Error::Peer { cause: Cause::Certificate(fault), .. }) = client else { panic!("{client:?}") };
    assert_eq!(fault, CertificateFault::SelfSigned);
}
