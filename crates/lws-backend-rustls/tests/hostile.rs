//! What a hostile or confused peer may send.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
use common::*;

use std::io::Write as _;
use std::sync::Arc;

use lws_backend_rustls::SelfSigned;
use lws_backend_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, crypto::aws_lc_rs,
};
use lws_tls::{Alert, Cause, Error, Phase, Source, Stage, limits, record};

fn handshake(cause: Cause) -> Option<Error> {
    Some(Error::Peer { stage: Stage::Handshake, cause })
}

fn server(own: &SelfSigned) -> Side {
    Side::new(acceptor(own, &[]).accept().unwrap())
}

/// Feeds `bytes` in pieces of `chunk` and returns what the server answered.
fn feed(side: &mut Side, bytes: &[u8], chunk: usize) -> Vec<u8> {
    let mut answer = Vec::new();
    for piece in bytes.chunks(chunk) {
        side.inbox.extend(piece);
        loop {
            let (out, moved) = side.step(usize::MAX, 4_096);
            answer.extend(out);
            if !moved || side.error.is_some() {
                break;
            }
        }
        if side.error.is_some() {
            break;
        }
    }
    answer
}

fn client_config(own: &SelfSigned) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(own.certificate.clone().into()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// A client of rustls's own, which can misbehave in ways that ours cannot.
fn raw_client(config: ClientConfig) -> ClientConnection {
    ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap()
}

fn take(client: &mut ClientConnection) -> Vec<u8> {
    let mut bytes = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut bytes).unwrap();
    }
    bytes
}

fn give(client: &mut ClientConnection, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        client.read_tls(&mut bytes).unwrap();
        client.process_new_packets().unwrap();
    }
}

fn connect(client: &mut ClientConnection, server: &mut Side) {
    for _ in 0..4 {
        let bytes = take(client);
        let answer = feed(server, &bytes, 1 << 16);
        give(client, &answer);
    }
    assert_eq!((server.tls.phase(), &server.error), (Phase::Open, &None));
}

fn hello(own: &SelfSigned) -> Vec<u8> {
    take(&mut raw_client(client_config(own)))
}

/// The same message in records of `size` bytes.
fn refragment(record: &[u8], size: usize) -> Vec<u8> {
    let (header, body) = record.split_at(5);
    assert_eq!(body.len(), usize::from(u16::from_be_bytes([header[3], header[4]])));
    let mut out = Vec::new();
    for piece in body.chunks(size) {
        out.extend_from_slice(&header[..3]);
        out.extend_from_slice(&u16::try_from(piece.len()).unwrap().to_be_bytes());
        out.extend_from_slice(piece);
    }
    out
}

#[test]
fn tls_09_a_hello_in_records_of_any_size() {
    let own = own();
    for size in [1, 2, 3, 7, 100, 10_000] {
        for chunk in [1, 5, 1 << 16] {
            let mut server = server(&own);
            let answer = feed(&mut server, &refragment(&hello(&own), size), chunk);
            assert_eq!(server.error, None, "size {size}");
            assert_eq!(answer[0], 22, "a server hello, size {size}, chunk {chunk}");
        }
    }
}

#[test]
fn tls_09_garbage_within_a_fragmented_hello() {
    let own = own();
    let good = refragment(&hello(&own), 20);
    for tail in
        [&b"GET / HTTP/1.1\r\n\r\n"[..], &[23, 3, 3, 0, 1, 9], &[21, 3, 3, 0, 2, 1, 0], &[22, 3, 3, 255, 255]]
    {
        for records in 1..4 {
            let mut server = server(&own);
            let bytes = [&good[..25 * records], tail].concat();
            feed(&mut server, &bytes, 1 << 16);
            assert!(server.error.is_some(), "{tail:?} after {records}");
            // Further calls answer the same, and nothing panics.
            let error = server.error.clone();
            server.step(usize::MAX, 100);
            assert_eq!(server.error, error);
        }
    }
}

#[test]
fn tls_09_a_huge_hello_is_bounded() {
    let own = own();
    // A message that announces 60 000 bytes, in full records and in tiny ones.
    let mut message = vec![1, 0, 0xea, 0x60, 3, 3];
    message.resize(60_004, 0);
    for size in [16_384, 500, 1] {
        let mut server = server(&own);
        let mut record = vec![22, 3, 1];
        record.extend([0, 0]);
        let mut fed = 0;
        for piece in message.chunks(size) {
            record.truncate(3);
            record.extend(u16::try_from(piece.len()).unwrap().to_be_bytes());
            record.extend(piece);
            fed += record.len();
            feed(&mut server, &record, 1 << 16);
            if server.error.is_some() {
                break;
            }
        }
        assert_eq!(server.error, Some(Error::HandshakeTooLarge), "size {size}");
        assert!(fed <= limits::HANDSHAKE_HELD_MAX + limits::RECORD_MAX, "size {size}: {fed}");
    }
}

#[test]
fn plain_http_to_the_tls_port() {
    let own = own();
    for (bytes, http) in [
        (&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], true),
        (b"OPTIONS * HTTP/1.1\r\n", true),
        (b"SSH-2.0-x\r\n", false),
        (&[0x80, 0x2e, 1, 3, 1, 0, 5], false),
    ] {
        for chunk in [1, 5, 100] {
            let mut server = server(&own);
            let answer = feed(&mut server, bytes, chunk);
            assert_eq!(server.error, handshake(Cause::NotTls { http }), "{bytes:?}");
            // A fatal decode_error alert.
            assert_eq!(answer, [21, 3, 3, 0, 2, 2, Alert::DECODE_ERROR.0], "{bytes:?} in {chunk}s");
        }
    }
    let error = handshake(Cause::NotTls { http: true }).unwrap();
    assert_eq!(error.to_string(), "TLS handshake: the peer speaks plain HTTP, not TLS");
}

#[test]
fn a_record_that_is_too_long() {
    let own = own();
    let mut server = server(&own);
    let answer = feed(&mut server, &[22, 3, 1, 0x50, 0, 1, 2, 3], 8);
    assert_eq!(server.error, handshake(Cause::Malformed));
    assert_eq!(&answer[..2], [21, 3]);
}

#[test]
fn tls_01_tls_1_1_only_is_refused() {
    let own = own();
    // A client hello of TLS 1.1 without extensions, one legacy suite (RFC 4346 §7.4.1.2).
    let mut body = vec![3, 2];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    let mut message = vec![1, 0, 0, u8::try_from(body.len()).unwrap()];
    message.extend(body);
    let mut record = vec![22, 3, 1, 0, u8::try_from(message.len()).unwrap()];
    record.extend(message);
    let mut server = server(&own);
    let answer = feed(&mut server, &record, 100);
    // What matters is a fatal alert, before anything was agreed.
    assert_eq!((answer.first(), answer.get(5)), (Some(&21), Some(&2)));
    assert!(matches!(server.error, Some(Error::Peer { stage: Stage::Handshake, .. })), "{:?}", server.error);
}

#[test]
fn tls_01_no_early_data_is_accepted() {
    let own = own();
    let acceptor = acceptor(&own, &[]);
    let mut config = client_config(&own);
    config.enable_early_data = true;
    let config = Arc::new(config);
    for round in 0..2 {
        let name = "localhost".try_into().unwrap();
        let mut client = ClientConnection::new(config.clone(), name).unwrap();
        assert!(client.early_data().is_none(), "round {round}: a ticket allows 0-RTT");
        let mut server = Side::new(acceptor.accept().unwrap());
        connect(&mut client, &mut server);
        assert_eq!(server.tls.facts().resumed, round == 1);
    }
}

#[test]
fn tls_09_close_notify_within_the_handshake() {
    let own = own();
    let mut server = server(&own);
    feed(&mut server, &[21, 3, 3, 0, 2, 1, 0], 7);
    // Before the handshake it is not a closure but a broken handshake; no spin, no success.
    assert_ne!(server.tls.phase(), Phase::Open);
    let mut server = common::Side::new(acceptor(&own, &[]).accept().unwrap());
    feed(&mut server, &hello(&own), 1 << 16);
    feed(&mut server, &[21, 3, 3, 0, 2, 1, 0], 7);
    assert_ne!(server.tls.phase(), Phase::Open);
    assert_ne!(server.tls.phase(), Phase::PeerClosed);
}

#[test]
fn tls_09_key_update_flood_is_bounded() {
    let own = own();
    let (mut client, mut server) = (raw_client(client_config(&own)), server(&own));
    connect(&mut client, &mut server);
    let mut answered = 0;
    for n in 0..10_000 {
        client.refresh_traffic_keys().unwrap();
        let bytes = take(&mut client);
        answered += feed(&mut server, &bytes, 1 << 16).len();
        if let Some(error) = &server.error {
            assert_eq!(error, &Error::Peer { stage: Stage::Data, cause: Cause::Flood });
            assert!((1..100).contains(&n), "{n} key updates");
            assert!(answered < 4_096, "{answered} bytes answered");
            return;
        }
    }
    panic!("10 000 key updates were taken");
}

#[test]
fn key_updates_between_data_are_fine() {
    let own = own();
    let (mut client, mut server) = (raw_client(client_config(&own)), server(&own));
    connect(&mut client, &mut server);
    for round in 0..100u8 {
        client.refresh_traffic_keys().unwrap();
        client.writer().write_all(&[round]).unwrap();
        let bytes = take(&mut client);
        let answer = feed(&mut server, &bytes, 1 << 16);
        give(&mut client, &answer);
        // The answer to the update travels with the next data, whatever room there is.
        let mut sent = 0;
        for room in 23..200 {
            let (n, bytes) = server.send(&[round, round][sent..], room);
            give(&mut client, &bytes);
            sent += n;
            if sent == 2 {
                break;
            }
        }
        assert_eq!(sent, 2, "round {round}");
    }
    assert_eq!(server.seen, (0..100).collect::<Vec<u8>>());
    let mut read = Vec::new();
    let _ = std::io::Read::read_to_end(&mut client.reader(), &mut read);
    assert_eq!(read.len(), 200);
}

#[test]
fn a_message_that_came_in_part_does_not_upset_sending() {
    // rustls keeps offsets into the fragments it was given; a server that cuts its tickets small makes it keep some
    // after the handshake, while we send.
    let own = own();
    let source = |source: &Source| match source {
        Source::Memory(bytes) => bytes.clone(),
        other => panic!("{other}"),
    };
    let key = source(own.certificates.key()).try_into().unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.certificate.clone().into()], key)
        .unwrap();
    config.max_fragment_size = Some(64);
    let mut server = ServerConnection::new(Arc::new(config)).unwrap();
    let mut client = Side::new(connector(&own, &[]).connect("localhost").unwrap());
    let (mut sent, mut records) = (0, 0);
    for _ in 0..10 {
        let (bytes, _) = client.step(usize::MAX, 4_096);
        let mut wire = &bytes[..];
        while !wire.is_empty() {
            server.read_tls(&mut wire).unwrap();
            server.process_new_packets().unwrap();
        }
        let mut answer = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut answer).unwrap();
        }
        // Record by record; a word after each, as soon as that is allowed.
        while let Ok(Some(len)) = record::complete(&answer) {
            client.inbox.extend(answer.drain(..len));
            let (bytes, _) = client.step(usize::MAX, 4_096);
            server.read_tls(&mut &bytes[..]).unwrap();
            server.process_new_packets().unwrap();
            records += 1;
            if client.tls.phase() == Phase::Open {
                let (n, bytes) = client.send(b"word", 200);
                assert_eq!(n, 4);
                server.read_tls(&mut &bytes[..]).unwrap();
                server.process_new_packets().unwrap();
                sent += 4;
            }
        }
    }
    assert!(client.error.is_none() && records > 10 && sent > 8, "{records} records, {sent} sent");
    let mut read = Vec::new();
    let _ = std::io::Read::read_to_end(&mut server.reader(), &mut read);
    assert_eq!(read.len(), sent);
    // Said within a message that is incomplete, a goodbye still goes out.
    assert!(!client.close(100).is_empty());
}

#[test]
fn flipped_bits_never_become_plaintext() {
    let own = own();
    let mut pair = Pair::new(&*connector(&own, &[]), &*acceptor(&own, &[])).open();
    let record = pair.client.send(b"pay 10 to Bob", 100).1;
    for index in 0..record.len() {
        let mut pair = Pair::new(&*connector(&own, &[]), &*acceptor(&own, &[])).open();
        let (_, mut bytes) = pair.client.send(b"pay 10 to Bob", 100);
        bytes[index] ^= 1 << (index % 8);
        pair.server.inbox.extend(bytes);
        pair.settle();
        // Type and version in the header are fixed by RFC 8446 §5.2 and not looked at by every library; a changed
        // length, ciphertext or tag must not authenticate.
        if index < 3 {
            assert!(pair.server.error.is_some() || pair.server.seen == b"pay 10 to Bob", "byte {index}");
        } else {
            assert_eq!(pair.server.seen, b"", "byte {index}");
            let grew = index == 3 || index == 4;
            assert!(grew || pair.server.error.is_some(), "byte {index}");
            assert!(pair.server.tls.ended().is_err() || pair.server.error.is_some(), "byte {index}");
        }
    }
}

#[test]
fn every_cut_of_a_conversation_is_truncation() {
    let own = own();
    let (mut client, mut server) = (raw_client(client_config(&own)), server(&own));
    let first = take(&mut client);
    let answer = feed(&mut server, &first, 1 << 16);
    give(&mut client, &answer);
    let second = take(&mut client);
    client.writer().write_all(b"data").unwrap();
    let third = take(&mut client);
    let all = [second, third].concat();
    feed(&mut server, &all[..all.len() - 1], 1);
    assert_eq!((&server.error, &server.seen[..]), (&None, &b""[..]));
    let error = server.tls.ended().unwrap_err();
    assert_eq!(error, Error::Peer { stage: Stage::Data, cause: Cause::Truncated });
    let last = all[all.len() - 1];
    feed(&mut server, &[last], 1);
    assert_eq!(server.seen, b"data");
}
