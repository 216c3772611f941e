//! Certificates: where they come from, which one answers, and their replacement.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

mod common;
use common::*;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use lws_backend_rustls::{provider, self_signed};
use lws_tls::{
    Acceptor, Certificates, ClientSettings, ConfigError, Error, Provider as _, ServerSettings, Source,
};

/// PEM by hand: what a file on a disk looks like.
fn pem(label: &str, der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in der.chunks(3) {
        let word =
            group.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for i in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= group.len() { char::from(digit) } else { '=' });
        }
    }
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn bytes(source: &Source) -> Vec<u8> {
    match source {
        Source::Memory(bytes) => bytes.clone(),
        other => panic!("{other}"),
    }
}

/// Chain and key in PEM.
fn pem_pair(names: &[&str]) -> (String, String, Vec<u8>) {
    let own = self_signed(names).unwrap();
    let key = pem("PRIVATE KEY", &bytes(own.certificates.key()));
    (pem("CERTIFICATE", &own.certificate), key, own.certificate.clone())
}

fn write_key(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    set_mode(path, 0o600);
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn config_error(certificates: Certificates) -> ConfigError {
    match provider().server(ServerSettings::new(certificates)) {
        Err(Error::Config(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// The certificate that a client trusting `trusted` gets for `name`.
fn served(acceptor: &Arc<dyn Acceptor>, trusted: &[&Vec<u8>], name: &str) -> Vec<u8> {
    let roots = trusted.iter().map(|der| Source::Memory((*der).clone()));
    let connector = provider().client(&ClientSettings::new(roots)).unwrap();
    let pair = Pair::named(&*connector, &**acceptor, name).open();
    pair.client.tls.facts().peer_certificate.unwrap().to_vec()
}

#[test]
fn pem_and_der_in_memory_and_files() {
    let (chain, key, der) = pem_pair(&["localhost"]);
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    fs::write(path("chain.pem"), format!("a comment\n{chain}")).unwrap();
    write_key(Path::new(&path("key.pem")), &key);
    write_key(Path::new(&path("both.pem")), &format!("{key}{chain}"));
    for certificates in [
        Certificates::pem(chain, key),
        Certificates::files(path("chain.pem"), path("key.pem")),
        Certificates::files(path("both.pem"), path("both.pem")),
    ] {
        let acceptor = provider().server(ServerSettings::new(certificates)).unwrap();
        assert_eq!(served(&acceptor, &[&der], "localhost"), der);
    }
}

#[test]
fn sni_chooses_among_several() {
    let certificates: Vec<_> = [["localhost", "unknown.org"], ["a.example.com", "x"], ["*.example.com", "y"]]
        .iter()
        .map(|names| self_signed(names).unwrap())
        .collect();
    let [default, exact, wild] = &certificates[..] else { unreachable!() };
    let settings = ServerSettings::new(default.certificates.clone())
        .named("a.example.com", exact.certificates.clone())
        .named("*.example.com", wild.certificates.clone());
    let acceptor = provider().server(settings).unwrap();
    let all = [&default.certificate, &exact.certificate, &wild.certificate];
    assert!(served(&acceptor, &all, "a.example.com") == exact.certificate);
    assert!(served(&acceptor, &all, "b.example.com") == wild.certificate);
    assert!(served(&acceptor, &all, "unknown.org") == default.certificate);
}

#[test]
fn a_bad_name_is_refused() {
    let own = own();
    let settings = ServerSettings::new(own.certificates.clone()).named("*", own.certificates.clone());
    let error = provider().server(settings).unwrap_err();
    assert_eq!(error, ConfigError::BadName { name: "*".to_string() }.into());
}

#[test]
fn errors_name_the_file_and_the_reason() {
    let (chain, key, _) = pem_pair(&["localhost"]);
    let (_, other_key, _) = pem_pair(&["localhost"]);
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let with = |chain_text: &str, key_text: &str| {
        fs::write(path("c.pem"), chain_text).unwrap();
        write_key(Path::new(&path("k.pem")), key_text);
        let error = config_error(Certificates::files(path("c.pem"), path("k.pem")));
        error.to_string().replace(dir.path().to_str().unwrap(), "DIR")
    };
    assert_eq!(
        with(&chain, &other_key),
        "the certificate and the key do not belong together (DIR/c.pem, DIR/k.pem)"
    );
    assert_eq!(with(&key, &key), "there is no certificate in DIR/c.pem");
    assert_eq!(with("", &key), "there is no certificate in DIR/c.pem");
    assert_eq!(with(&chain, &chain), "there is no private key in DIR/k.pem");
    assert_eq!(with(&chain, ""), "there is no private key in DIR/k.pem");
    let cut = &chain[..chain.len() / 2];
    assert_eq!(with(cut, &key), "DIR/c.pem is not well-formed PEM: a section has no END line");
    let bad = pem("CERTIFICATE", b"not a certificate");
    assert_eq!(
        with(&bad, &key),
        "the certificate in DIR/c.pem cannot be used: it is not a well-formed X.509 certificate"
    );
    let bad = pem("PRIVATE KEY", b"not a key");
    assert!(with(&chain, &bad).starts_with("the private key in DIR/k.pem cannot be used: "));
    fs::remove_file(path("k.pem")).unwrap();
    let error = config_error(Certificates::files(path("c.pem"), path("none")));
    assert_eq!(error.to_string().split(": ").nth(1).unwrap(), "No such file or directory (os error 2)");
    let error = config_error(Certificates::files(dir.path().to_str().unwrap(), path("none")));
    assert!(matches!(error, ConfigError::Unreadable { .. }), "{error}");
}

#[test]
fn tls_12_an_exposed_key_is_refused() {
    let (chain, key, _) = pem_pair(&["localhost"]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key.pem");
    write_key(&path, &key);
    let certificates = || {
        let source = Source::Memory(chain.clone().into_bytes());
        Certificates::new(vec![source], Source::File(path.to_str().unwrap().to_string()))
    };
    for (mode, fine) in
        [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o604, false)]
    {
        set_mode(&path, mode);
        let result = provider().server(ServerSettings::new(certificates()));
        assert_eq!(result.is_ok(), fine, "{mode:o}");
        if let Err(error) = result {
            assert!(error.to_string().ends_with(&format!("try: chmod 600 {}", path.display())), "{error}");
        }
    }
}

#[test]
fn tls_12_nothing_shows_a_key() {
    let (chain, key, _) = pem_pair(&["localhost"]);
    let certificates = Certificates::pem(chain, key.clone());
    let settings = ServerSettings::new(certificates.clone()).named("a", certificates);
    let acceptor = provider().server(settings.clone()).unwrap();
    let shown = format!("{settings:#?} {acceptor:#?} {:?} {:?} {:?}", acceptor.accept(), own(), provider());
    // Neither the text nor the numbers of its bytes.
    assert!(!shown.contains(&key[30..60]), "{shown}");
    assert!(shown.len() < 2_000, "{shown}");
    let broken = key.replace("-----END", "----END");
    let error = config_error(Certificates::pem("", broken)).to_string();
    assert!(error.len() < 100, "{error}");
    let own = own();
    let both = format!("{key}\n-----BEGIN X---\n");
    let error = config_error(Certificates::new(
        own.certificates.chain().to_vec(),
        Source::Memory(both.replace("PRIVATE", "X").into()),
    ));
    assert!(!error.to_string().contains(&key[30..60]), "{error}");
}

#[test]
fn tls_11_reload_swaps_whole_and_keeps_the_old_when_bad() {
    let (chain_a, key_a, der_a) = pem_pair(&["localhost"]);
    let (chain_b, key_b, der_b) = pem_pair(&["localhost"]);
    let dir = tempfile::tempdir().unwrap();
    let (chain, key) = (dir.path().join("c.pem"), dir.path().join("k.pem"));
    fs::write(&chain, &chain_a).unwrap();
    write_key(&key, &key_a);
    let files = Certificates::files(chain.to_str().unwrap(), key.to_str().unwrap());
    let named = self_signed(&["named.org"]).unwrap();
    let settings = ServerSettings::new(files).named("named.org", named.certificates.clone());
    let acceptor = provider().server(settings).unwrap();
    let derived = acceptor.offering(&[b"x"]).unwrap();
    let both = [&der_a, &der_b];
    assert!(served(&acceptor, &both, "localhost") == der_a);

    // Half written: the certificate is new, the key is old.
    fs::write(&chain, &chain_b).unwrap();
    let roots = both.map(|der| Source::Memory(der.clone()));
    let connector = provider().client(&ClientSettings::new(roots)).unwrap();
    let mut in_flight = Pair::new(&*connector, &*acceptor).open();
    let error = acceptor.reload().unwrap_err().to_string();
    assert!(error.contains("do not belong together") && error.contains("k.pem"), "{error}");
    assert!(served(&acceptor, &both, "localhost") == der_a);
    fs::remove_file(&key).unwrap();
    assert!(acceptor.reload().unwrap_err().to_string().contains("No such file"));
    assert!(served(&acceptor, &both, "localhost") == der_a);

    write_key(&key, &key_b);
    acceptor.reload().unwrap();
    assert!(served(&acceptor, &both, "localhost") == der_b);
    assert!(served(&derived, &both, "localhost") == der_b, "an acceptor derived from it follows");
    // A connection in flight goes on.
    let (_, bytes) = in_flight.client.send(b"still here", 100);
    in_flight.server.inbox.extend(bytes);
    in_flight.settle();
    assert_eq!(in_flight.server.seen, b"still here");
}

#[test]
fn tls_11_reload_under_load() {
    let (chain_a, key_a, der_a) = pem_pair(&["localhost"]);
    let (chain_b, key_b, der_b) = pem_pair(&["localhost"]);
    let dir = tempfile::tempdir().unwrap();
    let both_in_one = dir.path().join("both.pem");
    let install = |chain: &str, key: &str| {
        // One file, renamed into place: never half written.
        let new = dir.path().join("new.pem");
        write_key(&new, &format!("{chain}{key}"));
        fs::rename(&new, &both_in_one).unwrap();
    };
    install(&chain_a, &key_a);
    let path = both_in_one.to_str().unwrap();
    let acceptor = provider().server(ServerSettings::new(Certificates::files(path, path))).unwrap();
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            for _ in 0..100 {
                let got = served(&acceptor, &[&der_a, &der_b], "localhost");
                assert!(got == der_a || got == der_b);
            }
        });
        for round in 0..50 {
            let (chain, key) = if round % 2 == 0 { (&chain_b, &key_b) } else { (&chain_a, &key_a) };
            install(chain, key);
            acceptor.reload().unwrap();
        }
        worker.join().unwrap();
    });
    assert!(served(&acceptor, &[&der_a, &der_b], "localhost") == der_a);
}

#[test]
fn self_signed_is_fresh_and_tells_its_fingerprint() {
    let (one, two) = (own(), own());
    assert_ne!(one.certificate, two.certificate);
    let hex = one.fingerprint_hex();
    assert_eq!((hex.len(), hex.matches(':').count()), (95, 31));
    assert_ne!(hex, two.fingerprint_hex());
}

#[test]
fn roots_must_hold_a_certificate() {
    let error = provider().client(&ClientSettings::new([])).unwrap_err();
    assert!(matches!(error, Error::Config(ConfigError::NoRoots { .. })), "{error}");
    let error = provider().client(&ClientSettings::new([Source::Memory(b"junk".to_vec())])).unwrap_err();
    assert_eq!(error.to_string(), "there is no certificate to trust in memory");
    let error = provider().client(&ClientSettings::roots_file("/nonexistent/ca.pem")).unwrap_err();
    assert!(error.to_string().starts_with("cannot read /nonexistent/ca.pem: "), "{error}");
}
