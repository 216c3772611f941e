//! Sessions that clients resume, each client with each server; and whose order of cipher suites decides.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};

use backends::tls::{Pair, Side, backends, each_pair, fault, only, trusting};
use backends::tls_certs::{Issued, Key, Recipe, leaf};
use lws_tls::limits::RESUMABLE_SECONDS;
use lws_tls::{Acceptor, CipherSuite, Connector, Date, ServerSettings, Version};
use openssl::ssl::{Ssl, SslContext, SslMethod, SslStream, SslVerifyMode};

fn own() -> Issued {
    let mut recipe = leaf(&["localhost", "other.example"]);
    recipe.ips.push(vec![127, 0, 0, 1]);
    recipe.self_signed()
}

/// Opens a connection to `name`, talks, and says whether it was resumed.
fn resumes(connector: &dyn Connector, acceptor: &dyn Acceptor, name: &str) -> bool {
    let mut pair = Pair::named(connector, acceptor, name).open();
    assert!(pair.talks(b"hello"), "{name}");
    let (client, server) = (pair.client.tls.facts(), pair.server.tls.facts());
    assert_eq!(client.resumed, server.resumed, "{name}");
    // Resumed or not, the client knows whom it talks to.
    assert!(client.peer_certificate.is_some(), "{name}");
    client.resumed
}

#[test]
fn a_client_resumes_what_it_knows_and_nothing_else() {
    let own = own();
    each_pair(|client, server, version| {
        let what = format!("{client:?} to {server:?}, {version}");
        let acceptor = server.acceptor(&own, &["h2", "http/1.1"]);
        let connector = client.connector_of(version, &own, &["http/1.1", "h2"]);
        assert!(!resumes(&*connector, &*acceptor, "localhost"), "{what}");
        for round in 0..10 {
            assert!(resumes(&*connector, &*acceptor, "localhost"), "{what}, {round}");
        }
        for name in ["other.example", "127.0.0.1"] {
            assert!(!resumes(&*connector, &*acceptor, name), "{what}, {name}");
            assert!(resumes(&*connector, &*acceptor, name), "{what}, {name}");
        }
        // Another server with the same name cannot open the ticket, and is verified anew.
        let twin = server.acceptor(&own, &["http/1.1"]);
        assert!(!resumes(&*connector, &*twin, "localhost"), "{what}");
        let stranger = self::own();
        let pair = Pair::new(&*connector, &*server.acceptor(&stranger, &[])).errors();
        assert_eq!(fault(pair.0.as_ref()), "self-signed", "{what}");
        // Another connector may have other demands: it begins afresh.
        assert!(!resumes(&*client.connector_of(version, &own, &[]), &*acceptor, "localhost"), "{what}");
    });
}

/// RFC 8446 §C.4: a ticket of TLS 1.3 is for one connection.
#[test]
fn connections_at_the_same_time_have_tickets_of_their_own() {
    let own = own();
    each_pair(|client, server, version| {
        let acceptor = server.acceptor(&own, &[]);
        let connector = client.connector_of(version, &own, &[]);
        assert!(!resumes(&*connector, &*acceptor, "localhost"));
        let mut hellos = Vec::new();
        for _ in 0..6 {
            let mut side = Side::new(connector.connect("localhost").unwrap());
            let (hello, _) = side.step(0, 1 << 16);
            hellos.push(hello);
        }
        let tickets: Vec<_> = hellos.iter().filter_map(|hello| ticket(hello)).collect();
        let distinct: HashSet<_> = tickets.iter().collect();
        match version {
            Version::Tls12 => assert_eq!((tickets.len(), distinct.len()), (6, 1), "{client:?} to {server:?}"),
            _ => {
                assert!(!tickets.is_empty(), "{client:?} to {server:?}");
                assert_eq!(tickets.len(), distinct.len(), "{client:?} to {server:?}");
            }
        }
    });
}

/// The ticket that a hello offers.
fn ticket(hello: &[u8]) -> Option<Vec<u8>> {
    let number = |bytes: &[u8]| bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte));
    // Record header 5, message header 4, version 2, random 32; then session id, suites, compression.
    let mut rest = &hello[43..];
    for length in [1, 2, 1] {
        rest = &rest[length + number(&rest[..length])..];
    }
    rest = &rest[2..];
    while rest.len() >= 4 {
        let (kind, len) = (number(&rest[..2]), number(&rest[2..4]));
        let value = &rest[4..4 + len];
        match kind {
            // session_ticket (RFC 5077 §3.2).
            35 if len > 0 => return Some(value.to_vec()),
            // pre_shared_key (RFC 8446 §4.2.11): the first identity.
            41 => return Some(value[4..4 + number(&value[2..4])].to_vec()),
            _ => {}
        }
        rest = &rest[4 + len..];
    }
    None
}

static CLOCK: AtomicI64 = AtomicI64::new(0);

fn clock() -> Date {
    Date(lws_tls::files::now().0 + CLOCK.load(Ordering::SeqCst))
}

#[test]
fn an_old_session_is_not_resumed() {
    let own = own();
    let keepers = backends().into_iter().filter(|backend| backend.name != "rustls");
    for backend in keepers {
        for version in backend.versions {
            CLOCK.store(0, Ordering::SeqCst);
            let acceptor = backend.acceptor(&own, &[]);
            let client = (backend.with_clock)(clock).client(&only(*version, trusting(&own))).unwrap();
            assert!(!resumes(&*client, &*acceptor, "localhost"), "{backend:?} {version}");
            CLOCK.store(RESUMABLE_SECONDS - 60, Ordering::SeqCst);
            assert!(resumes(&*client, &*acceptor, "localhost"), "{backend:?} {version}");
            // What was renewed a minute before is not younger for that.
            CLOCK.store(RESUMABLE_SECONDS + 60, Ordering::SeqCst);
            assert!(!resumes(&*client, &*acceptor, "localhost"), "{backend:?} {version}");
        }
    }
}

/// What a server chooses for a client of OpenSSL's own that offers these.
fn chosen(acceptor: &dyn Acceptor, tls12: &str, tls13: &str) -> Option<CipherSuite> {
    let mut builder = SslContext::builder(SslMethod::tls_client()).unwrap();
    builder.set_verify(SslVerifyMode::NONE);
    builder.set_cipher_list(tls12).unwrap();
    builder.set_ciphersuites(tls13).unwrap();
    let mut ssl = Ssl::new(&builder.build()).unwrap();
    ssl.set_connect_state();
    let mut client = SslStream::new(ssl, backends::tls_raw::Wire::default()).unwrap();
    let mut server = Side::new(acceptor.accept().unwrap());
    for _ in 0..4 {
        let done = client.do_handshake().is_ok();
        let bytes = std::mem::take(&mut client.get_mut().output);
        let answer = server.feed(&bytes, 1 << 16);
        client.get_mut().input.extend(answer);
        if done {
            break;
        }
    }
    assert_eq!(server.error, None);
    server.tls.facts().cipher_suite
}

/// The strongest order is the server's business; what a client puts first is often what it had first.
#[test]
fn tls_01_the_servers_order_of_ciphers_decides() {
    let ecdsa = own();
    let rsa = Recipe { key: Key::Rsa(2_048), ..leaf(&["localhost"]) }.self_signed();
    let reversed = |names: &str| names.split(':').rev().collect::<Vec<_>>().join(":");
    let tls13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
    for backend in backends() {
        for (own, kind, first) in [(&ecdsa, "ECDSA", 0xc02b), (&rsa, "RSA", 0xc02f)] {
            let tls12 = ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"]
                .map(|cipher| format!("ECDHE-{kind}-{cipher}"))
                .join(":");
            for version in backend.versions {
                let settings = ServerSettings::new(own.certificates()).max_version(*version);
                let acceptor = backend.serve(settings);
                let expect = if *version == Version::Tls12 { first } else { 0x1301 };
                for (tls12, tls13) in
                    [(tls12.clone(), tls13.to_string()), (reversed(&tls12), reversed(tls13))]
                {
                    let got = chosen(&*acceptor, &tls12, &tls13);
                    assert_eq!(
                        got,
                        Some(CipherSuite(expect)),
                        "{backend:?} {kind} {version}: {tls12} {tls13}"
                    );
                }
                // What the server does not like best is chosen if there is nothing else.
                let got = chosen(
                    &*acceptor,
                    &format!("ECDHE-{kind}-CHACHA20-POLY1305"),
                    "TLS_CHACHA20_POLY1305_SHA256",
                );
                let expect = match (version, kind) {
                    (Version::Tls12, "RSA") => 0xcca8,
                    (Version::Tls12, _) => 0xcca9,
                    _ => 0x1303,
                };
                assert_eq!(got, Some(CipherSuite(expect)), "{backend:?} {kind} {version}");
            }
        }
    }
}
