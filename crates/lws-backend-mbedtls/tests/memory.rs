//! What a connection costs.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]
#![cfg(target_os = "linux")]

use std::fs;

use lws_backend_mbedtls::provider;
use lws_backend_rustls::self_signed;
use lws_tls::{ClientSettings, Phase, Provider as _, ServerSettings, Session, Source};
use lws_wire::Out;

const CONNECTIONS: usize = 300;

/// Bytes of memory that this program has.
fn resident() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4_096
}

/// Hands over what there is, and returns what is answered.
fn step(session: &mut dyn Session, input: &mut Vec<u8>) -> Vec<u8> {
    let mut room = vec![0; 20_000];
    let mut out = Out::new(&mut room);
    loop {
        let received = session.receive(input, &mut out).unwrap();
        if received.consumed == 0 {
            return out.written().to_vec();
        }
        input.drain(..received.consumed);
    }
}

#[test]
fn an_idle_connection_costs_less_than_40_kib_and_a_silent_one_next_to_nothing() {
    let own = self_signed(&["localhost"]).unwrap();
    let acceptor = provider().server(ServerSettings::new(own.certificates.clone())).unwrap();
    let roots = ClientSettings::new([Source::Memory(own.certificate.clone())]);
    let connector = provider().client(&roots).unwrap();
    let open = || {
        let (mut client, mut server) = (connector.connect("localhost").unwrap(), acceptor.accept().unwrap());
        let mut wire = Vec::new();
        for _ in 0..4 {
            wire = step(&mut *client, &mut wire);
            wire = step(&mut *server, &mut wire);
        }
        assert_eq!((client.phase(), server.phase()), (Phase::Open, Phase::Open));
        (client, server)
    };
    let warm = open();
    let before = resident();
    let silent: Vec<_> = (0..CONNECTIONS).map(|_| acceptor.accept().unwrap()).collect();
    let each = resident().saturating_sub(before) / CONNECTIONS;
    println!("silent connection: {each} bytes");
    assert!(each < 2_048, "{each} bytes");
    drop(silent);
    let before = resident();
    let pairs: Vec<_> = (0..CONNECTIONS).map(|_| open()).collect();
    let each = resident().saturating_sub(before) / CONNECTIONS / 2;
    println!("idle connection, mean of client and server: {each} bytes");
    assert!(each < 40 * 1_024, "{each} bytes");
    drop((warm, pairs));
}
