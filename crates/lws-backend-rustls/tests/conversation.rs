//! Whole conversations in memory.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
use common::*;

use lws_backend_rustls::provider;
use lws_tls::{
    Alert, Cause, CertificateFault, Error, Misuse, Phase, Provider as _, ServerSettings, Stage, Version,
    limits,
};
use lws_wire::Out;

fn peer(stage: Stage, cause: Cause) -> Option<Error> {
    Some(Error::Peer { stage, cause })
}

/// Sends `plain` from one side, with rooms from `draw`, until all is sealed; then delivers it.
fn transfer(pair: &mut Pair, from_client: bool, plain: &[u8], mut draw: impl FnMut() -> (usize, usize)) {
    let mut sent = 0;
    while sent < plain.len() {
        let (_, room) = draw();
        let (from, to) = if from_client {
            (&mut pair.client, &mut pair.server)
        } else {
            (&mut pair.server, &mut pair.client)
        };
        let (n, bytes) = from.send(&plain[sent..], room);
        sent += n;
        to.inbox.extend(bytes);
        if to.inbox.len() > 200_000 {
            pair.settle_with(&mut draw);
        }
    }
    pair.settle_with(&mut draw);
}

#[test]
fn both_versions_at_random_chunks_and_rooms() {
    let own = own();
    for seed in 1..=60 {
        let version = if seed % 2 == 0 { Version::Tls12 } else { Version::Tls13 };
        let acceptor = acceptor(&own, &["http/1.1"]);
        let connector = only(version).client(&trusting(&own).alpn(["http/1.1"])).unwrap();
        let mut pair = Pair::new(&*connector, &*acceptor);
        let mut rng = Rng(seed);
        // Some conversations get a byte at a time and rooms too small for any record.
        let (offers, rooms) = [(20_000, 20_000), (6_000, 40), (20_000, 3), (8_000, 300)][rng.below(4)];
        let mut sizes = Rng(seed + 1_000);
        let mut draw = || (offers / 2 + sizes.below(offers), 1 + sizes.below(rooms));
        pair.settle_with(&mut draw);
        assert_eq!((&pair.client.error, &pair.server.error), (&None, &None), "seed {seed}");
        assert_eq!(pair.server.tls.phase(), Phase::Open, "seed {seed}");
        let length = if rooms < 100 { 1_500 } else { 70_000 };
        let plain: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        let mut draw = || (20_000 + sizes.below(20_000), 30 + sizes.below(rooms));
        transfer(&mut pair, true, &plain, &mut draw);
        assert_eq!(pair.server.seen, plain, "seed {seed}");
        transfer(&mut pair, false, &plain, &mut draw);
        assert_eq!(pair.client.seen, plain, "seed {seed}");
    }
}

#[test]
fn a_large_transfer_arrives_whole() {
    let own = own();
    let mut pair = Pair::new(&*connector(&own, &[]), &*acceptor(&own, &[])).open();
    let plain: Vec<u8> = (0..5_000_000u32).map(|i| (i * 7 % 253) as u8).collect();
    transfer(&mut pair, false, &plain, || (65_536, 65_536));
    assert!(pair.client.seen == plain);
    assert!(pair.client.inbox.is_empty());
}

#[test]
fn facts_of_both_versions() {
    let own = own();
    for version in [Version::Tls12, Version::Tls13] {
        let connector = only(version).client(&trusting(&own).alpn(["h2", "http/1.1"])).unwrap();
        let pair = Pair::new(&*connector, &*acceptor(&own, &["http/1.1"])).open();
        let (client, server) = (pair.client.tls.facts(), pair.server.tls.facts());
        assert_eq!((client.version, server.version), (Some(version), Some(version)));
        assert_eq!((client.alpn, server.alpn), (Some(&b"http/1.1"[..]), Some(&b"http/1.1"[..])));
        assert_eq!(server.server_name, Some("localhost"));
        assert_eq!(server.peer_certificate, None);
        assert_eq!(client.peer_certificate, Some(&own.certificate[..]));
        assert_eq!(client.cipher_suite, server.cipher_suite);
        let name = server.cipher_suite.unwrap().name().unwrap();
        assert_eq!(name.contains("_WITH_"), version == Version::Tls12, "{name}");
        assert!(!server.resumed);
    }
}

#[test]
fn an_address_is_no_server_name() {
    let own = own();
    let pair = Pair::named(&*connector(&own, &[]), &*acceptor(&own, &[]), "127.0.0.1").open();
    assert_eq!(pair.server.tls.facts().server_name, None);
}

#[test]
fn sends_exactly_what_plain_room_says() {
    let own = own();
    for version in [Version::Tls12, Version::Tls13] {
        let connector = only(version).client(&trusting(&own)).unwrap();
        let mut pair = Pair::new(&*connector, &*acceptor(&own, &[])).open();
        let plain = vec![7; 70_000];
        for room in (0..64).chain([100, 16_384, 16_406, 16_413, 16_500, 40_000, 65_536]) {
            let expect = pair.server.tls.plain_room(room);
            let (n, bytes) = pair.server.send(&plain, room);
            assert_eq!(n, expect.min(plain.len()), "{version} room {room}");
            assert!(bytes.len() <= room);
            // One record for each 16 KiB, no smaller ones.
            let overhead = bytes.len() - n;
            assert!(overhead <= n.div_ceil(limits::PLAIN_MAX) * 29, "{version} room {room}: {overhead}");
            pair.client.inbox.extend(bytes);
            pair.settle();
        }
    }
}

#[test]
fn tls_05_alpn() {
    let own = own();
    let check = |client: &[&str], server: &[&str]| {
        let pair = Pair::new(&*connector(&own, client), &*acceptor(&own, server)).open();
        pair.server.tls.facts().alpn.map(|name| String::from_utf8(name.to_vec()).unwrap())
    };
    // The server's order decides.
    assert_eq!(check(&["http/1.1", "h2"], &["h2", "http/1.1"]).as_deref(), Some("h2"));
    assert_eq!(check(&["http/1.1"], &["h2", "http/1.1"]).as_deref(), Some("http/1.1"));
    assert_eq!(check(&[], &["http/1.1"]), None);
    assert_eq!(check(&["http/1.1"], &[]), None);
    for offered in [&["ftp"][..], &["h2"], &["http/1.0", "\x00\u{7f}garbage"]] {
        let errors = Pair::new(&*connector(&own, offered), &*acceptor(&own, &["http/1.1"])).errors();
        assert_eq!(errors.1, peer(Stage::Handshake, Cause::NoApplicationProtocol), "{offered:?}");
        let alert = Cause::Alert(Alert::NO_APPLICATION_PROTOCOL);
        assert_eq!(errors.0, peer(Stage::Handshake, alert), "{offered:?}");
    }
}

#[test]
fn offering_shares_everything_but_the_protocols() {
    let own = own();
    let first = acceptor(&own, &["http/1.1"]);
    let second = first.offering(&[b"raw"]).unwrap();
    let pair = Pair::new(&*connector(&own, &["raw"]), &*second).open();
    assert_eq!(pair.server.tls.facts().alpn, Some(&b"raw"[..]));
    let pair = Pair::new(&*connector(&own, &["http/1.1"]), &*first).open();
    assert_eq!(pair.server.tls.facts().alpn, Some(&b"http/1.1"[..]));
    assert!(first.offering(&[b""]).is_err());
    assert!(first.offering(&[&[b'a'; 256]]).is_err());
}

#[test]
fn tls_01_versions_below_the_minimum_are_refused() {
    let own = own();
    let settings = ServerSettings::new(own.certificates.clone()).min_version(Version::Tls13);
    let acceptor = provider().server(settings).unwrap();
    let connector = only(Version::Tls12).client(&trusting(&own)).unwrap();
    let (client, server) = Pair::new(&*connector, &*acceptor).errors();
    assert_eq!(server, peer(Stage::Handshake, Cause::Version));
    assert_eq!(client, peer(Stage::Handshake, Cause::Alert(Alert::PROTOCOL_VERSION)));
}

#[test]
fn sessions_resume_with_tickets_of_the_acceptor() {
    let own = own();
    let acceptor = acceptor(&own, &["a"]);
    for version in [Version::Tls12, Version::Tls13] {
        let connector = only(version).client(&trusting(&own).alpn(["a", "b"])).unwrap();
        assert!(!Pair::new(&*connector, &*acceptor).open().server.tls.facts().resumed);
        let pair = Pair::new(&*connector, &*acceptor).open();
        assert!(pair.server.tls.facts().resumed && pair.client.tls.facts().resumed, "{version}");
        assert_eq!(pair.server.tls.facts().server_name, Some("localhost"));
        let other = acceptor.offering(&[b"b"]).unwrap();
        let pair = Pair::new(&*connector, &*other).open();
        assert_eq!((pair.server.tls.facts().alpn, pair.server.tls.facts().resumed), (Some(&b"b"[..]), true));
    }
}

#[test]
fn close_notify_both_ways() {
    let own = own();
    for version in [Version::Tls12, Version::Tls13] {
        let connector = only(version).client(&trusting(&own)).unwrap();
        let mut pair = Pair::new(&*connector, &*acceptor(&own, &[])).open();
        let bytes = pair.client.close(100);
        assert_eq!(pair.client.close(100), b"", "said once");
        pair.server.inbox.extend(bytes);
        pair.settle();
        assert_eq!(pair.server.tls.phase(), Phase::PeerClosed);
        assert_eq!(pair.server.tls.ended(), Ok(()));
        // The other direction is still open.
        let (n, bytes) = pair.server.send(b"rest", 100);
        assert_eq!(n, 4);
        pair.client.inbox.extend(bytes);
        pair.settle();
        assert_eq!(pair.client.seen, b"rest");
        // A byte of room at a time.
        let mut bytes = pair.server.close(1);
        while pair.server.tls.pending() > 0 {
            bytes.extend(pair.server.step(0, 1).0);
        }
        pair.client.inbox.extend(bytes);
        pair.settle();
        assert_eq!((pair.client.tls.phase(), pair.client.tls.ended()), (Phase::PeerClosed, Ok(())));
        // RFC 8446 §6.1: what comes after is ignored.
        pair.server.inbox.extend(b"garbage");
        pair.settle();
        assert_eq!((pair.server.error.as_ref(), pair.server.inbox.len()), (None, 0));
        let mut buf = [0; 100];
        let sent = pair.server.tls.send(b"x", &mut Out::new(&mut buf));
        assert_eq!(sent, Err(Error::Misuse(Misuse::SendAfterClose)));
    }
}

#[test]
fn tls_06_truncation_is_an_error() {
    let own = own();
    let mut pair = Pair::new(&*connector(&own, &[]), &*acceptor(&own, &[]));
    let truncated = |stage| Err(Error::Peer { stage, cause: Cause::Truncated });
    assert_eq!(pair.server.tls.ended(), truncated(Stage::Handshake));
    pair = pair.open();
    assert_eq!(pair.server.tls.ended(), truncated(Stage::Data));
    let (_, bytes) = pair.client.send(b"hello", 100);
    pair.server.inbox.extend(&bytes[..bytes.len() - 1]);
    pair.settle();
    assert_eq!(pair.server.seen, b"");
    assert_eq!(pair.server.tls.ended(), truncated(Stage::Data));
}

#[test]
fn nothing_is_sealed_before_the_handshake_is_done() {
    let own = own();
    let mut session = acceptor(&own, &[]).accept().unwrap();
    let mut buf = [0; 100];
    let mut out = Out::new(&mut buf);
    assert_eq!(session.send(b"early", &mut out), Err(Error::Misuse(Misuse::SendBeforeOpen)));
    session.close_notify(&mut out);
    assert!(out.is_empty());
}

#[test]
fn a_client_checks_name_and_issuer() {
    let own = own();
    let acceptor = acceptor(&own, &[]);
    for name in ["elsewhere.org", "a.b.example.com", "example.com", "127.0.0.2"] {
        let (client, server) = Pair::named(&*connector(&own, &[]), &*acceptor, name).errors();
        let Some(Error::Peer { cause: Cause::Certificate(fault), .. }) = client else { panic!("{client:?}") };
        assert_eq!(fault.name(), "wrong name", "{name}");
        assert_eq!(server, peer(Stage::Handshake, Cause::Alert(Alert::BAD_CERTIFICATE)), "{name}");
    }
    let _ = Pair::named(&*connector(&own, &[]), &*acceptor, "www.example.com").open();
    let stranger = common::own();
    let (client, _) = Pair::new(&*connector(&stranger, &[]), &*acceptor).errors();
    let Some(Error::Peer { cause: Cause::Certificate(fault), .. }) = client else { panic!("{client:?}") };
    assert!(matches!(fault, CertificateFault::UnknownIssuer | CertificateFault::BadSignature), "{fault:?}");
    assert!(connector(&own, &[]).connect("not a name").is_err());
}
