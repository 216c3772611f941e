//! The figures of the README: `cargo run --release -p lws-backend-mbedtls --example speed`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use lws_backend_mbedtls::provider;
use lws_backend_rustls::self_signed;
use lws_tls::{Acceptor, ClientSettings, Connector, Phase, Provider as _, ServerSettings, Session, Source};
use lws_wire::Out;

const SECONDS: f64 = 3.0;

/// Seconds of processor time that this thread has had, where the system tells; else how late it is. Others may want the
/// processor too.
fn spent() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let late = START.get_or_init(Instant::now).elapsed().as_secs_f64();
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = stat.and_then(|stat| stat.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or(late, |spent| spent / 1e9)
}

/// Hands over what there is; what is answered, and how long it took.
fn step(session: &mut dyn Session, input: &mut Vec<u8>, took: &mut f64) -> Vec<u8> {
    let mut room = vec![0; 20_000];
    let mut out = Out::new(&mut room);
    let begin = Instant::now();
    loop {
        let received = session.receive(input, &mut out).unwrap();
        if received.consumed == 0 {
            break;
        }
        input.drain(..received.consumed);
    }
    *took += begin.elapsed().as_secs_f64();
    out.written().to_vec()
}

fn open(connector: &dyn Connector, acceptor: &dyn Acceptor, took: &mut [f64; 2]) -> [Box<dyn Session>; 2] {
    let (mut client, mut server) = (connector.connect("localhost").unwrap(), acceptor.accept().unwrap());
    let mut wire = Vec::new();
    for _ in 0..4 {
        wire = step(&mut *client, &mut wire, &mut took[0]);
        wire = step(&mut *server, &mut wire, &mut took[1]);
    }
    assert_eq!((client.phase(), server.phase()), (Phase::Open, Phase::Open));
    [client, server]
}

fn handshakes(what: &str, acceptor: &dyn Acceptor, connector: impl Fn() -> Arc<dyn Connector>) {
    let (mut took, mut count, begin) = ([0.0; 2], 0.0, spent());
    while spent() - begin < SECONDS {
        drop(open(&*connector(), acceptor, &mut took));
        count += 1.0;
    }
    // Processor time is counted too coarsely for one step: it is shared out as the steps were.
    let each = (spent() - begin) / (took[0] + took[1]);
    println!("{what}: server {:.0}/s, client {:.0}/s", count / (took[1] * each), count / (took[0] * each));
}

fn main() {
    let own = self_signed(&["localhost"]).unwrap();
    let acceptor = provider().server(ServerSettings::new(own.certificates.clone())).unwrap();
    let roots = || ClientSettings::new([Source::Memory(own.certificate.clone())]);
    handshakes("full handshakes, P-256", &*acceptor, || provider().client(&roots()).unwrap());
    let kept = provider().client(&roots()).unwrap();
    handshakes("resumed handshakes", &*acceptor, || kept.clone());
    let [mut client, mut server] = open(&*kept, &*acceptor, &mut [0.0; 2]);
    for size in [16_384, 1_024, 125] {
        let plain = vec![7; size];
        let mut buf = vec![0; 20_000];
        let (mut sealing, mut opening, mut bytes, first) = (0.0, 0.0, 0.0, spent());
        while spent() - first < SECONDS {
            let mut out = Out::new(&mut buf);
            let begin = Instant::now();
            assert_eq!(server.send(&plain, &mut out).unwrap(), size);
            sealing += begin.elapsed().as_secs_f64();
            let mut record = out.written().to_vec();
            let begin = Instant::now();
            let received = client.receive(&mut record, &mut Out::new(&mut [])).unwrap();
            opening += begin.elapsed().as_secs_f64();
            assert_eq!(received.plain.len(), size);
            bytes += size as f64;
        }
        let each = (spent() - first) / (sealing + opening) * 1e6;
        let speeds = [bytes / (sealing * each), bytes / (opening * each)];
        println!("records of {size} bytes: seal {:.0} MB/s, open {:.0} MB/s", speeds[0], speeds[1]);
    }
}
