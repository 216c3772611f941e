//! What only this library's own insides can show; the rest is tested with all libraries together.

use std::sync::Arc;

use lws_backend_rustls::{SelfSigned, self_signed};
use lws_tls::{
    Acceptor, ClientSettings, Connector, Error, Provider, ServerSettings, Session, Source, Stage, Version,
    files,
};

use super::*;
use crate::acceptor::MbedtlsAcceptor;
use crate::connector::MbedtlsConnector;
use crate::limits::{MESSAGE_MAX, TICKET_LIFETIME_S};
use crate::provider;

fn both(own: &SelfSigned) -> (MbedtlsSession, MbedtlsSession) {
    let acceptor = MbedtlsAcceptor::new(ServerSettings::new(own.certificates.clone()), files::now).unwrap();
    let roots = ClientSettings::new([Source::Memory(own.certificate.clone())]);
    let connector = MbedtlsConnector::new(&roots, files::now).unwrap();
    (connector.session("localhost"), MbedtlsSession::new(Start::Server(acceptor), None))
}

/// Hands over `input`; what is answered, and how it ended.
fn give(session: &mut MbedtlsSession, mut input: Vec<u8>) -> (Vec<u8>, Result<(), Error>) {
    let mut room = vec![0; 20_000];
    let mut out = Out::new(&mut room);
    let mut rest = &mut input[..];
    loop {
        match session.receive(rest, &mut out) {
            Ok(Received { consumed: 0, .. }) => return (out.written().to_vec(), Ok(())),
            Ok(received) => rest = &mut rest[received.consumed..],
            Err(error) => return (out.written().to_vec(), Err(error)),
        }
    }
}

/// Both open, and what the server said until then.
fn open(own: &SelfSigned) -> (MbedtlsSession, MbedtlsSession, Vec<u8>) {
    let (mut client, mut server) = both(own);
    let (mut wire, mut said) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        wire = give(&mut client, wire).0;
        wire = give(&mut server, wire).0;
        said.extend_from_slice(&wire);
    }
    assert_eq!((client.phase(), server.phase()), (Phase::Open, Phase::Open));
    (client, server, said)
}

#[test]
fn tls_09_empty_records_are_a_flood() {
    let own = self_signed(&["localhost"]).unwrap();
    let (mut client, mut server, _) = open(&own);
    for n in 0..10 {
        let live = client.live.as_mut().unwrap();
        live.tls.send(&[]).unwrap();
        let record = live.take_output();
        if let Err(error) = give(&mut server, record).1 {
            assert_eq!(error, Error::Peer { stage: Stage::Data, cause: Cause::Flood });
            assert!(n > 0, "one is fine");
            return;
        }
    }
    panic!("ten empty records were taken");
}

#[test]
fn tls_04_tickets_live_for_six_hours() {
    let own = self_signed(&["localhost"]).unwrap();
    let (_, _, said) = open(&own);
    const NEW_SESSION_TICKET: u8 = 4;
    // Each of the server's messages is in a record of its own; this one is sent in the clear (RFC 5077 §3.3).
    let ticket = messages::unpack(&said).find(|(kind, _)| *kind == NEW_SESSION_TICKET);
    let hint = ticket.unwrap().1.first_chunk::<4>().copied().unwrap();
    assert_eq!(u32::from_be_bytes(hint), TICKET_LIFETIME_S);
}

#[test]
fn warnings_are_taken_up_to_a_limit() {
    let own = self_signed(&["localhost"]).unwrap();
    let (_, mut server) = both(&own);
    let (mut client, _) = both(&own);
    let hello = give(&mut client, Vec::new()).0;
    give(&mut server, hello).1.unwrap();
    // user_canceled, which alone says nothing.
    for n in 0..=QUIET_RECORDS_MAX {
        let result = give(&mut server, vec![ALERT, 3, 3, 0, 2, 1, 90]).1;
        let flood = Err(Error::Peer { stage: Stage::Handshake, cause: Cause::Flood });
        assert_eq!(result, if n < QUIET_RECORDS_MAX { Ok(()) } else { flood }, "{n}");
    }
}

#[test]
fn a_server_has_no_context_before_a_whole_hello() {
    let own = self_signed(&["localhost"]).unwrap();
    let (mut client, mut server) = both(&own);
    let hello = give(&mut client, Vec::new()).0;
    let (body, last) = hello[record::HEADER..].split_at(hello.len() - record::HEADER - 1);
    let record = |body: &[u8]| {
        let len = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&[22, 3, 1, len[0], len[1]], body].concat()
    };
    assert_eq!(give(&mut server, record(body)), (Vec::new(), Ok(())));
    assert!(server.live.is_none() && server.handshaking());
    assert_eq!(give(&mut server, record(last)).0.first(), Some(&22));
    assert!(server.live.is_some());
}

#[test]
fn a_message_that_is_too_large_is_refused_and_memory_is_given_back() {
    let own = self_signed(&["localhost"]).unwrap();
    let (mut client, _) = both(&own);
    give(&mut client, Vec::new()).1.unwrap();
    assert!(client.live.is_some());
    let [.., a, b, c] = (MESSAGE_MAX - 3).to_be_bytes();
    let (answer, result) = give(&mut client, vec![22, 3, 3, 0, 4, 11, a, b, c]);
    assert_eq!(result, Err(Error::HandshakeTooLarge));
    assert_eq!(answer, [ALERT, 3, 3, 0, 2, 2, Alert::DECODE_ERROR.0]);
    assert!(client.live.is_none());
}

#[test]
fn tls_1_3_alone_cannot_be_had() {
    let own = self_signed(&["localhost"]).unwrap();
    let server = || ServerSettings::new(own.certificates.clone());
    for settings in
        [server().min_version(Version::Tls13), server().ciphers(&["TLS_AES_128_GCM_SHA256"]).unwrap()]
    {
        let error = provider().server(settings).unwrap_err().to_string();
        assert!(error.contains("Mbed TLS 2.28 has"), "{error}");
    }
    let acceptor: Arc<dyn Acceptor> = provider().server(server()).unwrap();
    let text = acceptor.offering(&[b"\xff"]).unwrap_err().to_string();
    assert!(text.contains("application protocols"), "{text}");
    let client = ClientSettings::new([Source::Memory(own.certificate)]).min_version(Version::Tls13);
    assert!(provider().client(&client).map(|connector: Arc<dyn Connector>| connector).is_err());
}
