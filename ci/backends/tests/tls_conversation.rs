//! Whole conversations in memory, each client with each server.

use backends::tls::{Backend, Pair, Rng, backends, each_pair, fault, only, trusting};
use backends::tls_certs::{Issued, leaf};
use lws_tls::{Alert, Cause, Error, Misuse, Phase, ServerSettings, Stage, Version, limits};
use lws_wire::Out;

fn own() -> Issued {
    let mut recipe = leaf(&["localhost", "*.example.com"]);
    recipe.ips.push(vec![127, 0, 0, 1]);
    recipe.self_signed()
}

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
            pair.settle_with(&mut draw, 8);
        }
    }
    pair.settle_with(&mut draw, 64);
}

#[test]
fn at_random_chunks_and_rooms() {
    let own = own();
    each_pair(|client, server, version| {
        let acceptor = server.acceptor(&own, &["http/1.1"]);
        let connector = client.connector_of(version, &own, &["http/1.1"]);
        for seed in 1..=12 {
            let what = format!("{client:?} to {server:?}, {version}, seed {seed}");
            let mut pair = Pair::new(&*connector, &*acceptor);
            let mut rng = Rng(seed);
            // Some conversations get a byte at a time and rooms too small for any record.
            let (offers, rooms) = [(20_000, 20_000), (6_000, 40), (20_000, 3), (8_000, 300)][rng.below(4)];
            let mut sizes = Rng(seed + 1_000);
            let mut draw = || (offers / 2 + sizes.below(offers), 1 + sizes.below(rooms));
            pair.settle_with(&mut draw, 64);
            assert_eq!((&pair.client.error, &pair.server.error), (&None, &None), "{what}");
            assert_eq!(pair.server.tls.phase(), Phase::Open, "{what}");
            let length = if rooms < 100 { 1_500 } else { 70_000 };
            let plain: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let mut draw = || (20_000 + sizes.below(20_000), 30 + sizes.below(rooms));
            transfer(&mut pair, true, &plain, &mut draw);
            assert!(pair.server.seen == plain, "{what}");
            transfer(&mut pair, false, &plain, &mut draw);
            assert!(pair.client.seen == plain, "{what}");
        }
    });
}

#[test]
fn a_large_transfer_arrives_whole() {
    let own = own();
    let plain: Vec<u8> = (0..2_000_000u32).map(|i| (i * 7 % 253) as u8).collect();
    each_pair(|client, server, version| {
        let connector = client.connector_of(version, &own, &[]);
        let mut pair = Pair::new(&*connector, &*server.acceptor(&own, &[])).open();
        transfer(&mut pair, false, &plain, || (65_536, 65_536));
        assert!(pair.client.seen == plain, "{client:?} to {server:?}, {version}");
        assert!(pair.client.inbox.is_empty());
    });
}

#[test]
fn facts() {
    let own = own();
    each_pair(|client, server, version| {
        let what = format!("{client:?} to {server:?}, {version}");
        let connector = client.connector_of(version, &own, &["h2", "http/1.1"]);
        let pair = Pair::new(&*connector, &*server.acceptor(&own, &["http/1.1"])).open();
        let (client, server) = (pair.client.tls.facts(), pair.server.tls.facts());
        assert_eq!((client.version, server.version), (Some(version), Some(version)), "{what}");
        assert_eq!((client.alpn, server.alpn), (Some(&b"http/1.1"[..]), Some(&b"http/1.1"[..])), "{what}");
        assert_eq!(server.server_name, Some("localhost"), "{what}");
        assert_eq!(server.peer_certificate, None, "{what}");
        assert_eq!(client.peer_certificate, Some(&own.der[..]), "{what}");
        assert_eq!(client.cipher_suite, server.cipher_suite, "{what}");
        let name = server.cipher_suite.unwrap().name().unwrap();
        assert_eq!(name.contains("_WITH_"), version == Version::Tls12, "{what}: {name}");
        assert!(!server.resumed, "{what}");
    });
}

#[test]
fn an_address_is_no_server_name() {
    let own = own();
    each_pair(|client, server, version| {
        let connector = client.connector_of(version, &own, &[]);
        let pair = Pair::named(&*connector, &*server.acceptor(&own, &[]), "127.0.0.1").open();
        assert_eq!(pair.server.tls.facts().server_name, None, "{client:?} to {server:?}, {version}");
    });
}

#[test]
fn sends_exactly_what_plain_room_says() {
    let own = own();
    each_pair(|client, server, version| {
        let connector = client.connector_of(version, &own, &[]);
        let mut pair = Pair::new(&*connector, &*server.acceptor(&own, &[])).open();
        let plain = vec![7; 70_000];
        for room in (0..64).chain([100, 16_384, 16_406, 16_413, 16_500, 40_000, 65_536]) {
            let expect = pair.server.tls.plain_room(room);
            let (n, bytes) = pair.server.send(&plain, room);
            assert_eq!(n, expect.min(plain.len()), "{server:?} {version} room {room}");
            assert!(bytes.len() <= room);
            // One record for each 16 KiB, no smaller ones.
            let overhead = bytes.len() - n;
            assert!(
                overhead <= n.div_ceil(limits::PLAIN_MAX) * 29,
                "{server:?} {version} room {room}: {overhead}"
            );
            pair.client.inbox.extend(bytes);
            pair.settle();
        }
    });
}

#[test]
fn tls_05_alpn() {
    let own = own();
    each_pair(|client, server, version| {
        let what = format!("{client:?} to {server:?}, {version}");
        let check = |offers: &[&str], speaks: &[&str]| {
            let connector = client.connector_of(version, &own, offers);
            let pair = Pair::new(&*connector, &*server.acceptor(&own, speaks)).open();
            pair.server.tls.facts().alpn.map(|name| String::from_utf8(name.to_vec()).unwrap())
        };
        // The server's order decides.
        assert_eq!(check(&["http/1.1", "h2"], &["h2", "http/1.1"]).as_deref(), Some("h2"), "{what}");
        assert_eq!(check(&["http/1.1"], &["h2", "http/1.1"]).as_deref(), Some("http/1.1"), "{what}");
        assert_eq!(check(&[], &["http/1.1"]), None, "{what}");
        assert_eq!(check(&["http/1.1"], &[]), None, "{what}");
        for offered in [&["ftp"][..], &["h2"], &["http/1.0", "\x01\u{7f}garbage"]] {
            let connector = client.connector_of(version, &own, offered);
            let errors = Pair::new(&*connector, &*server.acceptor(&own, &["http/1.1"])).errors();
            assert_eq!(errors.1, peer(Stage::Handshake, Cause::NoApplicationProtocol), "{what} {offered:?}");
            let alert = Cause::Alert(Alert::NO_APPLICATION_PROTOCOL);
            assert_eq!(errors.0, peer(Stage::Handshake, alert), "{what} {offered:?}");
        }
    });
}

#[test]
fn offering_shares_everything_but_the_protocols() {
    let own = own();
    for backend in backends() {
        let first = backend.acceptor(&own, &["http/1.1"]);
        let second = first.offering(&[b"raw"]).unwrap();
        let pair = Pair::new(&*backend.connector(&own, &["raw"]), &*second).open();
        assert_eq!(pair.server.tls.facts().alpn, Some(&b"raw"[..]), "{backend:?}");
        let pair = Pair::new(&*backend.connector(&own, &["http/1.1"]), &*first).open();
        assert_eq!(pair.server.tls.facts().alpn, Some(&b"http/1.1"[..]), "{backend:?}");
        assert!(first.offering(&[b""]).is_err(), "{backend:?}");
        assert!(first.offering(&[&[b'a'; 256]]).is_err(), "{backend:?}");
    }
}

#[test]
fn tls_01_versions_below_the_minimum_are_refused() {
    let own = own();
    let has_both = |backend: &Backend| backend.versions.len() == 2;
    for server in backends().iter().filter(|backend| has_both(backend)) {
        let settings = ServerSettings::new(own.certificates()).min_version(Version::Tls13);
        let acceptor = server.serve(settings);
        for client in backends() {
            let connector = client.connector_of(Version::Tls12, &own, &[]);
            let (told, why) = Pair::new(&*connector, &*acceptor).errors();
            assert_eq!(why, peer(Stage::Handshake, Cause::Version), "{client:?} to {server:?}");
            let alert = Cause::Alert(Alert::PROTOCOL_VERSION);
            assert_eq!(told, peer(Stage::Handshake, alert), "{client:?} to {server:?}");
        }
    }
}

#[test]
fn sessions_resume_with_tickets_of_the_acceptor() {
    let own = own();
    each_pair(|client, server, version| {
        let what = format!("{client:?} to {server:?}, {version}");
        let acceptor = server.acceptor(&own, &["a"]);
        let connector = client.connector_of(version, &own, &["a", "b"]);
        assert!(!Pair::new(&*connector, &*acceptor).open().server.tls.facts().resumed, "{what}");
        let pair = Pair::new(&*connector, &*acceptor).open();
        assert!(pair.server.tls.facts().resumed && pair.client.tls.facts().resumed, "{what}");
        assert_eq!(pair.server.tls.facts().server_name, Some("localhost"), "{what}");
        let other = acceptor.offering(&[b"b"]).unwrap();
        let pair = Pair::new(&*connector, &*other).open();
        let facts = pair.server.tls.facts();
        assert_eq!((facts.alpn, facts.resumed), (Some(&b"b"[..]), true), "{what}");
    });
}

#[test]
fn close_notify_both_ways() {
    let own = own();
    each_pair(|client, server, version| {
        let what = format!("{client:?} to {server:?}, {version}");
        let connector = client.connector_of(version, &own, &[]);
        let mut pair = Pair::new(&*connector, &*server.acceptor(&own, &[])).open();
        let bytes = pair.client.close(100);
        assert_eq!(pair.client.close(100), b"", "{what}: said once");
        pair.server.inbox.extend(bytes);
        pair.settle();
        assert_eq!(pair.server.tls.phase(), Phase::PeerClosed, "{what}");
        assert_eq!(pair.server.tls.ended(), Ok(()), "{what}");
        // The other direction is still open.
        let (n, bytes) = pair.server.send(b"rest", 100);
        assert_eq!(n, 4, "{what}");
        pair.client.inbox.extend(bytes);
        pair.settle();
        assert_eq!(pair.client.seen, b"rest", "{what}");
        // A byte of room at a time.
        let mut bytes = pair.server.close(1);
        while pair.server.tls.pending() > 0 {
            bytes.extend(pair.server.step(0, 1).0);
        }
        pair.client.inbox.extend(bytes);
        pair.settle();
        assert_eq!((pair.client.tls.phase(), pair.client.tls.ended()), (Phase::PeerClosed, Ok(())), "{what}");
        // RFC 8446 §6.1: what comes after is ignored.
        pair.server.inbox.extend(b"garbage");
        pair.settle();
        assert_eq!((pair.server.error.as_ref(), pair.server.inbox.len()), (None, 0), "{what}");
        let mut buf = [0; 100];
        let sent = pair.server.tls.send(b"x", &mut Out::new(&mut buf));
        assert_eq!(sent, Err(Error::Misuse(Misuse::SendAfterClose)), "{what}");
    });
}

#[test]
fn tls_06_truncation_is_an_error() {
    let own = own();
    for backend in backends() {
        let mut pair = Pair::new(&*backend.connector(&own, &[]), &*backend.acceptor(&own, &[]));
        let truncated = |stage| Err(Error::Peer { stage, cause: Cause::Truncated });
        assert_eq!(pair.server.tls.ended(), truncated(Stage::Handshake), "{backend:?}");
        pair = pair.open();
        assert_eq!(pair.server.tls.ended(), truncated(Stage::Data), "{backend:?}");
        let (_, bytes) = pair.client.send(b"hello", 100);
        pair.server.inbox.extend(&bytes[..bytes.len() - 1]);
        pair.settle();
        assert_eq!(pair.server.seen, b"", "{backend:?}");
        assert_eq!(pair.server.tls.ended(), truncated(Stage::Data), "{backend:?}");
    }
}

#[test]
fn nothing_is_sealed_before_the_handshake_is_done() {
    let own = own();
    for backend in backends() {
        let mut session = backend.acceptor(&own, &[]).accept().unwrap();
        let mut buf = [0; 100];
        let mut out = Out::new(&mut buf);
        assert_eq!(
            session.send(b"early", &mut out),
            Err(Error::Misuse(Misuse::SendBeforeOpen)),
            "{backend:?}"
        );
        session.close_notify(&mut out);
        assert!(out.is_empty(), "{backend:?}");
    }
}

#[test]
fn a_client_checks_name_and_issuer() {
    let own = own();
    each_pair(|client, server, version| {
        let what = format!("{client:?} to {server:?}, {version}");
        let acceptor = server.acceptor(&own, &[]);
        for name in ["elsewhere.org", "a.b.example.com", "example.com", "127.0.0.2"] {
            let connector = client.connector_of(version, &own, &[]);
            let (why, told) = Pair::named(&*connector, &*acceptor, name).errors();
            assert_eq!(fault(why.as_ref()), "wrong name", "{what}, {name}");
            let text = why.unwrap().to_string();
            let expect = format!(
                "the peer's certificate is for localhost, *.example.com, 127.0.0.1; asked for {name}"
            );
            assert!(text.ends_with(&expect), "{what}: {text}");
            let alert = Cause::Alert(Alert::BAD_CERTIFICATE);
            assert_eq!(told, peer(Stage::Handshake, alert), "{what}, {name}");
        }
        let connector = client.connector_of(version, &own, &[]);
        let _ = Pair::named(&*connector, &*acceptor, "www.example.com").open();
        let stranger = self::own();
        let connector = client.connect(&only(version, trusting(&stranger)));
        let (why, told) = Pair::new(&*connector, &*acceptor).errors();
        assert_eq!(fault(why.as_ref()), "self-signed", "{what}");
        assert_eq!(told, peer(Stage::Handshake, Cause::Alert(Alert::UNKNOWN_CA)), "{what}");
        let text = told.unwrap().to_string();
        assert_eq!(text, "TLS handshake: the peer gave up: it sent alert unknown_ca", "{what}");
        assert!(client.connector(&own, &[]).connect("not a name").is_err(), "{what}");
    });
}
