//! The role against a TLS client, in memory.

#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
use common::*;

use std::time::Duration;

use lws_role::limits::STASH_BYTES;
use lws_role::{Blueprint, Closed, Facts, Hosted, Peer, World};
use lws_role_tls::{TlsRole, limits, tls};
use lws_tls::{Alert, Cause, Error, Phase, Provider as _, Stage};
use lws_wire::Time;

#[test]
fn echo_in_both_directions() {
    let (mut client, mut server, script) = open();
    script.borrow_mut().echo = true;
    assert_eq!(log(), ["accept ", "start None"]);
    for text in ["hello", "again", &"long ".repeat(30_000)] {
        client.heard.clear();
        let bytes = client.send(text.as_bytes());
        settle(&mut client, &mut server, bytes);
        assert!(client.heard == text.as_bytes());
    }
    let facts = server.facts.tls().unwrap();
    assert_eq!((facts.version, facts.server_name.as_deref()), ("TLS 1.3", Some("localhost")));
    assert!(facts.cipher.starts_with("TLS_"), "{}", facts.cipher);
    // Handshake steps were counted, others not.
    let heavy = server.world.hub.take_heavy();
    assert!((1..10).contains(&heavy), "{heavy}");
}

#[test]
fn any_chunking_and_any_room() {
    let own = own();
    for (chunk, room) in [(1, 65_536), (7, 200), (1_000, 130), (65_536, 100), (3, 1_000)] {
        script().borrow_mut().echo = true;
        let (mut server, _) = Server::with_room(&tls(acceptor(&own)).over(Kind("")), room);
        let (mut client, hello) = Client::new(&own, &[]);
        let pass = |client: &mut Client, server: &mut Server, first: Vec<u8>| {
            let mut bytes = first;
            for _ in 0..10 {
                let mut answer = Vec::new();
                for piece in bytes.chunks(chunk) {
                    answer.extend(server.give(piece));
                }
                bytes = client.give(&answer);
            }
        };
        pass(&mut client, &mut server, hello);
        let text: Vec<u8> = (0..40_000u32).map(|i| (i % 251) as u8).collect();
        let bytes = client.send(&text);
        pass(&mut client, &mut server, bytes);
        assert_eq!((&client.error, &server.closed), (&None, &None), "chunk {chunk}, room {room}");
        assert!(client.heard == text, "chunk {chunk}, room {room}: {}", client.heard.len());
    }
}

#[test]
fn alpn_chooses_the_child() {
    let own = own();
    let stack = tls(acceptor(&own)).over(Kind("h2")).over(Kind("http/1.1"));
    for (offered, chosen) in [
        (&["http/1.1", "h2"][..], "h2"),
        (&["http/1.1"], "http/1.1"),
        (&["x", "http/1.1"], "http/1.1"),
        // Who names nothing gets the last one.
        (&[], "http/1.1"),
    ] {
        script().borrow_mut().log.clear();
        let (mut server, _) = Server::new(&stack);
        let (mut client, hello) = Client::new(&own, offered);
        settle(&mut client, &mut server, hello);
        assert_eq!(log()[0], format!("accept {chosen}"), "{offered:?}");
        let alpn = server.facts.tls().unwrap().alpn.clone();
        assert_eq!(alpn.is_some(), !offered.is_empty());
    }
}

#[test]
fn tls_05_no_common_protocol_is_refused() {
    let own = own();
    let (mut server, _) = Server::new(&tls(acceptor(&own)).over(Kind("http/1.1")));
    let (mut client, hello) = Client::new(&own, &["ftp"]);
    settle(&mut client, &mut server, hello);
    assert_eq!(server.closed, Some(Closed::Protocol));
    let alert = Cause::Alert(Alert::NO_APPLICATION_PROTOCOL);
    assert_eq!(client.error, Some(Error::Peer { stage: Stage::Handshake, cause: alert }));
    assert_eq!(log(), [""; 0]);
}

#[test]
fn a_stack_over_nothing_is_refused() {
    let own = own();
    let error = tls(acceptor(&own)).install(&mut World::new(Time::ZERO)).err().unwrap();
    assert!(error.to_string().contains(".over("), "{error}");
}

#[test]
fn tls_09_the_handshake_has_ten_seconds() {
    let own = own();
    for fed in [0, 1, 100] {
        let (mut server, _) = Server::new(&tls(acceptor(&own)).over(Kind("")));
        let (_, hello) = Client::new(&own, &[]);
        for byte in &hello[..fed] {
            server.give(&[*byte]);
            server.pass(Duration::from_millis(50));
        }
        let left = limits::HANDSHAKE_TIMEOUT - Duration::from_millis(50 * fed as u64 + 100);
        assert_eq!(server.pass(left).0, 0, "fed {fed}");
        assert_eq!(server.pass(Duration::from_millis(200)).0, 1, "fed {fed}");
        assert_eq!(server.closed, Some(Closed::Timeout));
    }
    // Once it is done, that deadline is gone.
    let (_client, mut server, _) = open();
    assert_eq!(server.pass(Duration::from_secs(60)).0, 0);
    assert_eq!(server.closed, None);
}

#[test]
fn tls_09_a_peer_may_begin_so_many_handshakes() {
    let own = own();
    let (_, hello) = Client::new(&own, &[]);
    let mut world = World::new(Time::from_micros(1));
    let stack = tls(acceptor(&own)).over(Kind("")).handshakes_per_peer(2);
    let acceptor = stack.install(&mut world).unwrap();
    let mut begin = |peer: Peer, after: Duration| {
        world.hub.now = world.hub.now + after;
        let facts = Facts::plain(peer);
        let now = world.hub.now;
        let (mut server, _) =
            Server::hosting(World::new(now), facts.clone(), acceptor.accept(&facts), 65_536);
        let answer = server.give(&hello);
        assert_eq!(answer.is_empty(), server.closed.is_some(), "answered, or closed without a word");
        server.closed
    };
    let inet = |text: &str| Peer::Inet(text.parse().unwrap());
    let (peer, none) = (inet("[2001:db8::1]:1"), Duration::ZERO);
    let burst = 2 * limits::HANDSHAKE_BURST;
    for n in 0..burst {
        assert_eq!(begin(peer, none), None, "{n}");
    }
    assert_eq!(begin(peer, none), Some(Closed::Limit));
    assert_eq!(begin(inet("[2001:db8::2]:9"), none), Some(Closed::Limit), "the same /64");
    assert_eq!(begin(inet("[2001:db8:0:1::1]:1"), none), None, "another");
    assert_eq!(begin(inet("192.0.2.1:1"), none), None);
    assert_eq!(begin(peer, Duration::from_millis(500)), None, "half a second pays for one");
    assert_eq!(begin(peer, none), Some(Closed::Limit));
    // Who is on the same machine may speak for many.
    for local in [inet("127.0.0.1:1"), Peer::Unix, Peer::Memory] {
        assert!((0..3 * burst).all(|_| begin(local, none).is_none()), "{local}");
    }
}

#[test]
fn tls_09_who_says_nothing_costs_nothing() {
    let own = own();
    let mut world = World::new(Time::from_micros(1));
    let acceptor = tls(acceptor(&own)).over(Kind("")).handshakes_per_peer(1).install(&mut world).unwrap();
    let facts = Facts::plain(Peer::Inet("192.0.2.1:1".parse().unwrap()));
    let connect = || {
        Server::hosting(World::new(Time::from_micros(1)), facts.clone(), acceptor.accept(&facts), 65_536).0
    };
    for _ in 0..100 {
        assert_eq!(connect().closed, None);
    }
    let (_, hello) = Client::new(&own, &[]);
    assert!(!connect().give(&hello).is_empty());
}

#[test]
fn deadlines_are_the_childs_when_there_is_one() {
    let (mut client, mut server, script) =
        open_with(Script { timer: Some(Duration::from_secs(1)), ..fresh() });
    script.borrow_mut().say = 5;
    let (fired, bytes) = server.pass(Duration::from_secs(2));
    assert_eq!(fired, 1);
    assert_eq!(log().last().unwrap(), "timeout Role");
    client.give(&bytes);
    assert_eq!(client.heard, b".....");
}

#[test]
fn plain_http_gets_an_alert_and_is_closed() {
    let own = own();
    let (mut server, _) = Server::new(&tls(acceptor(&own)).over(Kind("")));
    let answer = server.give(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(answer, [21, 3, 3, 0, 2, 2, 50]);
    assert_eq!(server.closed, Some(Closed::Protocol));
    assert_eq!(log(), [""; 0]);
}

#[test]
fn what_the_child_does_not_take_stays_sealed() {
    let (mut client, mut server, script) = open();
    script.borrow_mut().credit = 1_000;
    let text: Vec<u8> = (0..60_000u32).map(|i| (i % 249) as u8).collect();
    let bytes = client.send(&text);
    server.give(&bytes);
    assert_eq!(script.borrow().heard.len(), 1_000);
    // One record was opened; the others wait with the host, which is told not to read on.
    assert!(server.held);
    assert!(server.stash.len() > 40_000, "{}", server.stash.len());
    let before = server.stash.len();
    server.turn();
    assert_eq!(server.stash.len(), before);
    // A wake offers it again, first what was opened.
    script.borrow_mut().credit = 10_000;
    server.wake();
    assert_eq!(script.borrow().heard.len(), 11_000);
    script.borrow_mut().credit = usize::MAX;
    server.wake();
    assert!(script.borrow().heard == text);
    assert!(server.stash.is_empty() && !server.held);
}

/// The child takes two bytes of six before the end, and the rest after a wake; what it is told then.
fn held_then_ended(goodbye: bool) -> Vec<String> {
    let (mut client, mut server, script) = open();
    script.borrow_mut().credit = 2;
    let bytes = client.send(b"abcdef");
    server.give(&bytes);
    assert!(server.stash.is_empty());
    assert_eq!(script.borrow().heard, b"ab");
    // The end waits behind what was not taken.
    if goodbye {
        let bytes = client.close();
        server.give(&bytes);
    }
    server.ended();
    assert_eq!(log().len(), 2);
    script.borrow_mut().credit = 100;
    server.wake();
    server.ended();
    assert_eq!(script.borrow().heard, b"abcdef");
    log()[2..].to_vec()
}

#[test]
fn the_end_waits_behind_what_was_not_taken() {
    assert_eq!(held_then_ended(true), ["ended truncated=false", "closed Ended"]);
    assert_eq!(held_then_ended(false), ["ended truncated=true", "closed Truncated"]);
}

#[test]
fn a_child_may_need_more_than_one_record() {
    let (mut client, mut server, script) = open();
    script.borrow_mut().unit = 30_000;
    let text = vec![b'x'; 90_000];
    let bytes = client.send(&text);
    for piece in bytes.chunks(1_000) {
        server.give(piece);
    }
    assert_eq!(script.borrow().heard.len(), 90_000);
    assert!(!server.held);
}

#[test]
fn a_child_that_never_takes_anything_is_closed() {
    let (mut client, mut server, script) = open();
    script.borrow_mut().unit = usize::MAX;
    let mut given = 0;
    while server.closed.is_none() {
        let bytes = client.send(&[b'x'; 10_000]);
        server.give(&bytes);
        given += 10_000;
        assert!(given <= STASH_BYTES + 20_000);
    }
    assert_eq!(server.closed, Some(Closed::Limit));
    assert_eq!(log().last().unwrap(), "closed Limit");
}

#[test]
fn output_beyond_one_room_goes_on() {
    let (mut client, mut server, script) = open();
    script.borrow_mut().say = 1_000_000;
    let bytes = server.wake();
    client.give(&bytes);
    assert_eq!((client.heard.len(), script.borrow().say), (1_000_000, 0));
    // Full records, but for one at the end of each room.
    let records = 1_000_000 / 16_384 + 1_000_000 / 65_000 + 1;
    assert!(bytes.len() <= 1_000_000 + records * 29, "{} bytes", bytes.len());
}

#[test]
fn tls_06_an_end_without_close_notify_is_truncation() {
    let (_client, mut server, _) = open();
    server.ended();
    assert_eq!(log()[2..], ["ended truncated=true", "closed Truncated"]);
    assert_eq!(server.closed, Some(Closed::Truncated));
    let own = own();
    let (mut server, _) = Server::new(&tls(acceptor(&own)).over(Kind("")));
    server.ended();
    assert_eq!(server.closed, Some(Closed::Truncated));
}

#[test]
fn close_notify_of_the_peer_ends_the_child() {
    let (mut client, mut server, _) = open();
    let mut bytes = client.send(b"last");
    bytes.extend(client.close());
    let answer = server.give(&bytes);
    assert_eq!(script().borrow().heard, b"last");
    assert_eq!(log()[2..], ["ended truncated=false", "closed Ended"]);
    client.give(&answer);
    assert_eq!(client.tls.phase(), Phase::PeerClosed);
}

#[test]
fn a_child_may_go_on_after_the_peers_end() {
    let (mut client, mut server, script) = open();
    script.borrow_mut().stays = true;
    let bytes = client.close();
    server.give(&bytes);
    server.ended();
    assert_eq!((log().last().unwrap().as_str(), server.closed), ("ended truncated=false", None));
    script.borrow_mut().say = 200_000;
    script.borrow_mut().close = Some(Closed::Done);
    let bytes = server.wake();
    client.give(&bytes);
    assert_eq!((client.heard.len(), client.tls.phase()), (200_000, Phase::PeerClosed));
    assert_eq!(log().iter().filter(|line| line.starts_with("ended")).count(), 1);
}

#[test]
fn the_child_closes_with_a_goodbye_and_aborts_without() {
    for (why, phase) in [(Closed::Done, Phase::PeerClosed), (Closed::Aborted, Phase::Open)] {
        let (mut client, mut server, script) = open();
        *script.borrow_mut() = Script { say: 10, close: Some(why), ..fresh() };
        let bytes = server.wake();
        client.give(&bytes);
        assert_eq!((client.heard.len(), client.tls.phase()), (10, phase), "{why}");
        assert_eq!(client.tls.ended().is_ok(), phase == Phase::PeerClosed);
        assert_eq!(server.closed, Some(why));
        assert_eq!(log(), [format!("closed {why:?}")]);
    }
}

#[test]
fn a_goodbye_that_finds_no_room_waits_for_it() {
    let (mut client, mut server, script) = open();
    script.borrow_mut().close = Some(Closed::Done);
    // As behind output that the kernel refused: no room at all.
    let nothing =
        server.interject_room(0, |hosted, place, out| hosted.timeout(place, lws_role::Timer::App, out));
    assert_eq!((nothing.len(), server.closed), (0, None));
    assert_eq!(log()[2..], ["timeout App", "closed Done"], "the child hears of it at once");
    assert!(server.hosted.as_ref().is_some_and(Hosted::wants_write));
    let bytes = server.turn();
    client.give(&bytes);
    assert_eq!((client.tls.phase(), server.closed), (Phase::PeerClosed, Some(Closed::Done)));

    let (_client, mut server, script) = open();
    script.borrow_mut().close = Some(Closed::Done);
    server.interject_room(0, |hosted, place, out| hosted.timeout(place, lws_role::Timer::App, out));
    server.pass(limits::CLOSE_TIMEOUT + Duration::from_secs(1));
    assert_eq!(server.closed, Some(Closed::Done), "but not for ever");
}

#[test]
fn a_damaged_record_closes_the_child() {
    let (mut client, mut server, _) = open();
    let mut bytes = client.send(b"transfer");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let answer = server.give(&bytes);
    assert_eq!((server.closed, script().borrow().heard.len()), (Some(Closed::Protocol), 0));
    assert_eq!(log().last().unwrap(), "closed Protocol");
    client.give(&answer);
    let alert = Cause::Alert(Alert::BAD_RECORD_MAC);
    assert_eq!(client.error, Some(Error::Peer { stage: Stage::Data, cause: alert }));
}

#[test]
fn drain_reaches_the_child_even_if_it_starts_later() {
    let (_client, mut server, _) = open();
    server.interject(Hosted::drain);
    assert_eq!(log().last().unwrap(), "drain");
    script().borrow_mut().log.clear();

    let own = own();
    let (mut server, _) = Server::new(&tls(acceptor(&own)).over(Kind("")));
    server.world.hub.set_draining();
    server.interject(Hosted::drain);
    let (mut client, hello) = Client::new(&own, &[]);
    settle(&mut client, &mut server, hello);
    assert_eq!(log(), ["accept ", "start None", "drain"]);
}

#[test]
fn both_sides_as_roles() {
    let own = own();
    let connector = {
        let roots = lws_tls::Source::Memory(own.certificate.clone());
        lws_backend_rustls::provider().client(&lws_tls::ClientSettings::new([roots])).unwrap()
    };
    let caller = Shared::default();
    *caller.borrow_mut() = Script { say: 300_000, credit: usize::MAX, ..Script::default() };
    let role = TlsRole::hosting(connector.connect("localhost").unwrap(), Box::new(Child(caller.clone())));
    let world = World::new(Time::ZERO);
    let (mut client, mut bytes) = Server::hosting(world, Facts::plain(Peer::Memory), Box::new(role), 65_536);
    assert!(!bytes.is_empty(), "a client speaks first");
    script().borrow_mut().echo = true;
    let (mut server, _) = Server::new(&tls(acceptor(&own)).over(Kind("")));
    for _ in 0..100 {
        let answer = server.give(&bytes);
        bytes = client.give(&answer);
    }
    assert_eq!(caller.borrow().heard.len(), 300_000);
    caller.borrow_mut().close = Some(Closed::Done);
    let bytes = client.wake();
    server.give(&bytes);
    assert_eq!((client.closed, server.closed), (Some(Closed::Done), Some(Closed::Ended)));
}

#[test]
fn the_reason_of_a_failed_handshake_is_a_fact() {
    let (mut client, mut server, _) = open();
    assert_eq!(server.facts.tls_failure(), None);
    let bytes = client.send(b"x");
    settle(&mut client, &mut server, bytes);
    let (mut server, _) = Server::new(&tls(acceptor(&own())).over(Kind("")));
    server.give(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(server.facts.tls_failure(), Some("TLS handshake: the peer speaks plain HTTP, not TLS"));
    assert!(server.facts.tls().is_none());
}

#[test]
fn tls_10_the_child_knows_who_the_client_is() {
    let (own, alice) = (own(), lws_backend_rustls::self_signed(&["alice", "alice.example"]).unwrap());
    let root = |der: &Vec<u8>| lws_tls::Source::Memory(der.clone());
    let settings = lws_tls::ServerSettings::new(own.certificates.clone());
    let settings = settings.client_auth_required([root(&alice.certificate)]);
    let demanding = lws_backend_rustls::provider().server(settings).unwrap();
    // Behind a choice by name, as a server with several hosts has it; a byte at a time.
    let by_name = lws_tls::ByName::new(acceptor(&own)).named("localhost", demanding).unwrap();
    let by_name: std::sync::Arc<dyn lws_tls::Acceptor> = std::sync::Arc::new(by_name);
    let settings = lws_tls::ClientSettings::new([root(&own.certificate)]);
    for chunk in [1, 100_000] {
        script().borrow_mut().echo = true;
        let (mut server, _) = Server::new(&tls(by_name.clone()).over(Kind("")));
        let (mut client, mut bytes) = Client::with(&settings.clone().identity(alice.certificates.clone()));
        for _ in 0..10 {
            let answer: Vec<u8> = bytes.chunks(chunk).flat_map(|piece| server.give(piece)).collect();
            bytes = client.give(&answer);
        }
        let facts = server.facts.tls().unwrap();
        assert_eq!(facts.peer_name.as_deref(), Some("alice"));
        assert_eq!(facts.peer_certificate.as_deref(), Some(&alice.certificate[..]));
        assert!(!facts.resumed);
        let bytes = client.send(b"hello");
        settle(&mut client, &mut server, bytes);
        assert_eq!(client.heard, b"hello");
    }
    let (mut server, _) = Server::new(&tls(by_name).over(Kind("")));
    let (mut client, hello) = Client::with(&settings);
    settle(&mut client, &mut server, hello);
    assert_eq!(server.closed, Some(Closed::Protocol));
    assert_eq!(server.facts.tls_failure(), Some("TLS handshake: the peer's certificate is missing"));
}
