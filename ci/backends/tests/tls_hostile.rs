//! What a hostile or confused peer may send.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use backends::tls::{Backend, Pair, Side, backends, each_pair};
use backends::tls_certs::{Issued, leaf};
use lws_backend_rustls::rustls::crypto::aws_lc_rs;
use lws_backend_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore};
use lws_tls::{Alert, Cause, Error, Phase, Stage, Version, limits};

fn own() -> Issued {
    leaf(&["localhost"]).self_signed()
}

fn handshake(cause: Cause) -> Option<Error> {
    Some(Error::Peer { stage: Stage::Handshake, cause })
}

fn server(backend: &Backend, own: &Issued) -> Side {
    Side::new(backend.acceptor(own, &[]).accept().unwrap())
}

fn client_config(own: &Issued) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(own.der.clone().into()).unwrap();
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
        let answer = server.feed(&bytes, 1 << 16);
        give(client, &answer);
    }
    assert_eq!((server.tls.phase(), &server.error), (Phase::Open, &None));
}

fn hello(own: &Issued) -> Vec<u8> {
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
    for backend in backends() {
        for size in [1, 2, 3, 7, 100, 10_000] {
            for chunk in [1, 5, 1 << 16] {
                let mut server = server(&backend, &own);
                let answer = server.feed(&refragment(&hello(&own), size), chunk);
                assert_eq!(server.error, None, "{backend:?} size {size}");
                assert_eq!(answer[0], 22, "{backend:?}: a server hello, size {size}, chunk {chunk}");
            }
        }
    }
}

#[test]
fn tls_09_garbage_within_a_fragmented_hello() {
    let own = own();
    let good = refragment(&hello(&own), 20);
    for backend in backends() {
        for tail in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            &[23, 3, 3, 0, 1, 9],
            &[21, 3, 3, 0, 2, 1, 0],
            &[22, 3, 3, 255, 255],
        ] {
            for records in 1..4 {
                let mut server = server(&backend, &own);
                let bytes = [&good[..25 * records], tail].concat();
                server.feed(&bytes, 1 << 16);
                assert!(server.error.is_some(), "{backend:?}: {tail:?} after {records}");
                // Further calls answer the same, and nothing panics.
                let error = server.error.clone();
                server.step(usize::MAX, 100);
                assert_eq!(server.error, error, "{backend:?}");
            }
        }
    }
}

#[test]
fn tls_09_a_huge_hello_is_bounded() {
    let own = own();
    // A message that announces 60 000 bytes, in full records and in tiny ones.
    let mut message = vec![1, 0, 0xea, 0x60, 3, 3];
    message.resize(60_004, 0);
    for backend in backends() {
        for size in [16_384, 500, 1] {
            let mut server = server(&backend, &own);
            let mut record = vec![22, 3, 1];
            record.extend([0, 0]);
            let mut fed = 0;
            for piece in message.chunks(size) {
                record.truncate(3);
                record.extend(u16::try_from(piece.len()).unwrap().to_be_bytes());
                record.extend(piece);
                fed += record.len();
                server.feed(&record, 1 << 16);
                if server.error.is_some() {
                    break;
                }
            }
            assert_eq!(server.error, Some(Error::HandshakeTooLarge), "{backend:?} size {size}");
            assert!(fed <= limits::HANDSHAKE_HELD_MAX + limits::RECORD_MAX, "{backend:?} size {size}: {fed}");
        }
    }
}

#[test]
fn plain_http_to_the_tls_port() {
    let own = own();
    for backend in backends() {
        for (bytes, http) in [
            (&b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..], true),
            (b"OPTIONS * HTTP/1.1\r\n", true),
            (b"SSH-2.0-x\r\n", false),
            (&[0x80, 0x2e, 1, 3, 1, 0, 5], false),
        ] {
            for chunk in [1, 5, 100] {
                let mut server = server(&backend, &own);
                let answer = server.feed(bytes, chunk);
                assert_eq!(server.error, handshake(Cause::NotTls { http }), "{backend:?}: {bytes:?}");
                // A fatal decode_error alert.
                let alert = [21, 3, 3, 0, 2, 2, Alert::DECODE_ERROR.0];
                assert_eq!(answer, alert, "{backend:?}: {bytes:?} in {chunk}s");
            }
        }
    }
    let error = handshake(Cause::NotTls { http: true }).unwrap();
    assert_eq!(error.to_string(), "TLS handshake: the peer speaks plain HTTP, not TLS");
}

#[test]
fn plain_http_from_the_server() {
    let own = own();
    for backend in backends() {
        let mut client = Side::new(backend.connector(&own, &[]).connect("localhost").unwrap());
        client.step(0, 4_096);
        client.feed(b"HTTP/1.1 400 Bad Request\r\n\r\n", 100);
        assert_eq!(client.error, handshake(Cause::NotTls { http: true }), "{backend:?}");
    }
}

#[test]
fn a_record_that_is_too_long() {
    let own = own();
    for backend in backends() {
        let mut server = server(&backend, &own);
        let answer = server.feed(&[22, 3, 1, 0x50, 0, 1, 2, 3], 8);
        assert_eq!(server.error, handshake(Cause::Malformed), "{backend:?}");
        assert_eq!(&answer[..2], [21, 3], "{backend:?}");
    }
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
    for backend in backends() {
        let mut server = server(&backend, &own);
        let answer = server.feed(&record, 100);
        // What matters is a fatal alert, before anything was agreed.
        assert_eq!((answer.first(), answer.get(5)), (Some(&21), Some(&2)), "{backend:?}");
        assert!(
            matches!(server.error, Some(Error::Peer { stage: Stage::Handshake, .. })),
            "{backend:?}: {:?}",
            server.error
        );
    }
}

#[test]
fn tls_01_no_early_data_is_accepted() {
    let own = own();
    for backend in backends() {
        let acceptor = backend.acceptor(&own, &[]);
        let mut config = client_config(&own);
        config.enable_early_data = true;
        let config = Arc::new(config);
        for round in 0..2 {
            let name = "localhost".try_into().unwrap();
            let mut client = ClientConnection::new(config.clone(), name).unwrap();
            assert!(client.early_data().is_none(), "{backend:?} round {round}: a ticket allows 0-RTT");
            let mut server = Side::new(acceptor.accept().unwrap());
            connect(&mut client, &mut server);
            assert_eq!(server.tls.facts().resumed, round == 1, "{backend:?}");
        }
    }
}

#[test]
fn tls_09_close_notify_within_the_handshake() {
    let own = own();
    for backend in backends() {
        let mut early = server(&backend, &own);
        early.feed(&[21, 3, 3, 0, 2, 1, 0], 7);
        // Before the handshake it is not a closure but a broken handshake; no spin, no success.
        assert_ne!(early.tls.phase(), Phase::Open, "{backend:?}");
        let mut late = server(&backend, &own);
        late.feed(&hello(&own), 1 << 16);
        late.feed(&[21, 3, 3, 0, 2, 1, 0], 7);
        assert_ne!(late.tls.phase(), Phase::Open, "{backend:?}");
        assert_ne!(late.tls.phase(), Phase::PeerClosed, "{backend:?}");
    }
}

#[test]
fn tls_09_key_update_flood_is_bounded() {
    let own = own();
    for backend in backends().iter().filter(|backend| backend.versions.contains(&Version::Tls13)) {
        let (mut client, mut server) = (raw_client(client_config(&own)), server(backend, &own));
        connect(&mut client, &mut server);
        let mut answered = 0;
        for n in 0..10_000 {
            client.refresh_traffic_keys().unwrap();
            let bytes = take(&mut client);
            answered += server.feed(&bytes, 1 << 16).len();
            if let Some(error) = &server.error {
                assert_eq!(error, &Error::Peer { stage: Stage::Data, cause: Cause::Flood }, "{backend:?}");
                assert!((1..100).contains(&n), "{backend:?}: {n} key updates");
                assert!(answered < 4_096, "{backend:?}: {answered} bytes answered");
                break;
            }
        }
        assert!(server.error.is_some(), "{backend:?}: 10 000 key updates were taken");
    }
}

#[test]
fn key_updates_between_data_are_fine() {
    let own = own();
    for backend in backends().iter().filter(|backend| backend.versions.contains(&Version::Tls13)) {
        let (mut client, mut server) = (raw_client(client_config(&own)), server(backend, &own));
        connect(&mut client, &mut server);
        for round in 0..100u8 {
            client.refresh_traffic_keys().unwrap();
            client.writer().write_all(&[round]).unwrap();
            let bytes = take(&mut client);
            let answer = server.feed(&bytes, 1 << 16);
            give(&mut client, &answer);
            // The answer to the update travels with the next data, whatever room there is.
            let mut sent = 0;
            for room in 23..200 {
                let (n, bytes) = server.send(&[round, round][sent..], room);
                give(&mut client, &bytes);
                sent += n;
                let (bytes, _) = server.step(0, 200);
                give(&mut client, &bytes);
                if sent == 2 {
                    break;
                }
            }
            assert_eq!(sent, 2, "{backend:?} round {round}");
        }
        assert_eq!(server.seen, (0..100).collect::<Vec<u8>>(), "{backend:?}");
        let mut read = Vec::new();
        let _ = client.reader().read_to_end(&mut read);
        assert_eq!(read.len(), 200, "{backend:?}");
    }
}

#[test]
fn flipped_bits_never_become_plaintext() {
    let own = own();
    each_pair(|client, server, version| {
        let what = format!("{client:?} to {server:?}, {version}");
        let (acceptor, connector) = (server.acceptor(&own, &[]), client.connector_of(version, &own, &[]));
        let len = Pair::new(&*connector, &*acceptor).open().client.send(b"pay 10 to Bob", 100).1.len();
        for index in 0..len {
            let mut pair = Pair::new(&*connector, &*acceptor).open();
            let (_, mut bytes) = pair.client.send(b"pay 10 to Bob", 100);
            bytes[index] ^= 1 << (index % 8);
            pair.server.inbox.extend(bytes);
            pair.settle();
            // Type and version in the header are fixed by RFC 8446 §5.2 and not looked at by every library; a changed
            // length, ciphertext or tag must not authenticate.
            if index < 3 {
                let fine = pair.server.seen == b"pay 10 to Bob";
                assert!(
                    pair.server.error.is_some() || fine || pair.server.seen.is_empty(),
                    "{what}: byte {index}"
                );
            } else {
                assert_eq!(pair.server.seen, b"", "{what}: byte {index}");
                let grew = index == 3 || index == 4;
                assert!(grew || pair.server.error.is_some(), "{what}: byte {index}");
                assert!(
                    pair.server.tls.ended().is_err() || pair.server.error.is_some(),
                    "{what}: byte {index}"
                );
            }
        }
    });
}

#[test]
fn every_cut_of_a_conversation_is_truncation() {
    let own = own();
    for backend in backends() {
        let (mut client, mut server) = (raw_client(client_config(&own)), server(&backend, &own));
        connect(&mut client, &mut server);
        client.writer().write_all(b"data").unwrap();
        let last = take(&mut client);
        server.feed(&last[..last.len() - 1], 1);
        assert_eq!((&server.error, &server.seen[..]), (&None, &b""[..]), "{backend:?}");
        let error = server.tls.ended().unwrap_err();
        assert_eq!(error, Error::Peer { stage: Stage::Data, cause: Cause::Truncated }, "{backend:?}");
        server.feed(&last[last.len() - 1..], 1);
        assert_eq!(server.seen, b"data", "{backend:?}");
    }
}
