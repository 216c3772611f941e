//! What only rustls can get wrong. The tests of the contract are in `ci/backends`, for all backends.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
use common::*;

use std::sync::Arc;

use lws_backend_rustls::rustls::{ServerConfig, ServerConnection, crypto::aws_lc_rs};
use lws_tls::{Phase, Source, record};

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
