//! Certificates: where they come from, which one answers, their replacement, and their end.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use backends::tls::{Backend, Pair, backends};
use backends::tls_certs::{Issued, authority, leaf};
use lws_tls::{Acceptor, Certificates, ClientSettings, ConfigError, Error, ServerSettings, Source};

fn own() -> Issued {
    leaf(&["localhost"]).self_signed()
}

/// PEM of anything.
fn pem(label: &str, der: &[u8]) -> String {
    let base64 = openssl::base64::encode_block(der);
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn write_key(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    set_mode(path, 0o600);
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn config_error(backend: &Backend, certificates: Certificates) -> ConfigError {
    match backend.provider.server(ServerSettings::new(certificates)) {
        Err(Error::Config(error)) => error,
        other => panic!("{backend:?}: {other:?}"),
    }
}

/// The certificate that a client trusting `trusted` gets for `name`.
fn served(backend: &Backend, acceptor: &Arc<dyn Acceptor>, trusted: &[&Issued], name: &str) -> Vec<u8> {
    let connector = backend.connect(&ClientSettings::new(trusted.iter().map(|issued| issued.root())));
    let pair = Pair::named(&*connector, &**acceptor, name).open();
    pair.client.tls.facts().peer_certificate.unwrap().to_vec()
}

#[test]
fn pem_and_der_in_memory_and_files() {
    let own = own();
    let (chain, key) = own.pem();
    let sec1 = own.key.ec_key().unwrap().private_key_to_pem().unwrap();
    let rsa = leaf(&["localhost"]);
    let rsa = backends::tls_certs::Recipe { key: backends::tls_certs::Key::Rsa(2_048), ..rsa }.self_signed();
    let pkcs1 = rsa.key.rsa().unwrap().private_key_to_pem().unwrap();
    for backend in backends() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
        fs::write(path("chain.pem"), format!("a comment\n{chain}")).unwrap();
        write_key(Path::new(&path("key.pem")), &key);
        write_key(Path::new(&path("both.pem")), &format!("{key}{chain}"));
        for (certificates, issued) in [
            (own.certificates(), &own),
            (Certificates::pem(chain.clone(), key.clone()), &own),
            (Certificates::pem(chain.clone(), sec1.clone()), &own),
            (Certificates::pem(rsa.pem().0, pkcs1.clone()), &rsa),
            (Certificates::files(path("chain.pem"), path("key.pem")), &own),
            (Certificates::files(path("both.pem"), path("both.pem")), &own),
        ] {
            let acceptor = backend.serve(ServerSettings::new(certificates));
            assert!(served(&backend, &acceptor, &[issued], "localhost") == issued.der, "{backend:?}");
        }
    }
}

#[test]
fn sni_chooses_among_several() {
    let [default, exact, wild] = [&["localhost", "unknown.org"][..], &["a.example.com"], &["*.example.com"]]
        .map(|names| leaf(names).self_signed());
    for backend in backends() {
        let settings = ServerSettings::new(default.certificates())
            .named("a.example.com", exact.certificates())
            .named("*.example.com", wild.certificates());
        let acceptor = backend.serve(settings);
        let all = [&default, &exact, &wild];
        assert!(served(&backend, &acceptor, &all, "a.example.com") == exact.der, "{backend:?}");
        assert!(served(&backend, &acceptor, &all, "b.example.com") == wild.der, "{backend:?}");
        assert!(served(&backend, &acceptor, &all, "unknown.org") == default.der, "{backend:?}");
    }
}

#[test]
fn a_bad_name_is_refused() {
    let own = own();
    for backend in backends() {
        let settings = ServerSettings::new(own.certificates()).named("*", own.certificates());
        let error = backend.provider.server(settings).unwrap_err();
        assert_eq!(error, ConfigError::BadName { name: "*".to_string() }.into(), "{backend:?}");
    }
}

#[test]
fn errors_name_the_file_and_the_reason() {
    let (chain, key) = own().pem();
    let (_, other_key) = own().pem();
    for backend in backends() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
        let with = |chain_text: &str, key_text: &str| {
            fs::write(path("c.pem"), chain_text).unwrap();
            write_key(Path::new(&path("k.pem")), key_text);
            let error = config_error(&backend, Certificates::files(path("c.pem"), path("k.pem")));
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
            "the certificate in DIR/c.pem cannot be used: it is not a well-formed X.509 certificate",
            "{backend:?}"
        );
        let bad = pem("PRIVATE KEY", b"not a key");
        assert!(
            with(&chain, &bad).starts_with("the private key in DIR/k.pem cannot be used: "),
            "{backend:?}"
        );
        let bad = pem("ENCRYPTED PRIVATE KEY", b"whatever");
        assert!(with(&chain, &bad).contains("it is encrypted; try: openssl pkey"), "{backend:?}");
        fs::remove_file(path("k.pem")).unwrap();
        let error = config_error(&backend, Certificates::files(path("c.pem"), path("none")));
        assert_eq!(error.to_string().split(": ").nth(1).unwrap(), "No such file or directory (os error 2)");
        let error = config_error(&backend, Certificates::files(dir.path().to_str().unwrap(), path("none")));
        assert!(matches!(error, ConfigError::Unreadable { .. }), "{backend:?}: {error}");
    }
}

#[test]
fn a_weak_key_of_ones_own_is_refused() {
    let weak = backends::tls_certs::Key::Rsa(1_024);
    let weak = backends::tls_certs::Recipe { key: weak, ..leaf(&["localhost"]) }.self_signed();
    for backend in backends() {
        let error = config_error(&backend, weak.certificates()).to_string();
        assert_eq!(
            error, "the private key in memory cannot be used: it is an RSA key of 1024 bits",
            "{backend:?}"
        );
    }
}

#[test]
fn tls_12_an_exposed_key_is_refused() {
    let (chain, key) = own().pem();
    for backend in backends() {
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
            let result = backend.provider.server(ServerSettings::new(certificates()));
            assert_eq!(result.is_ok(), fine, "{backend:?} {mode:o}");
            if let Err(error) = result {
                assert!(
                    error.to_string().ends_with(&format!("try: chmod 600 {}", path.display())),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn tls_12_nothing_shows_a_key() {
    let (chain, key) = own().pem();
    for backend in backends() {
        let certificates = Certificates::pem(chain.clone(), key.clone());
        let settings = ServerSettings::new(certificates.clone()).named("a", certificates.clone());
        let acceptor = backend.serve(settings.clone());
        let connector = backend
            .connect(&ClientSettings::new([Source::Memory(chain.clone().into())]).identity(certificates));
        let (accepted, connected) = (acceptor.accept(), connector.connect("localhost"));
        let shown = format!(
            "{settings:#?} {acceptor:#?} {accepted:?} {connector:#?} {connected:?} {:?}",
            backend.provider
        );
        // Neither the text nor the numbers of its bytes.
        assert!(!shown.contains(&key[30..60]), "{shown}");
        assert!(shown.len() < 3_000, "{shown}");
        let broken = key.replace("-----END", "----END");
        let error = config_error(&backend, Certificates::pem(chain.clone(), broken)).to_string();
        assert!(error.len() < 100, "{error}");
        let both = format!("{}\n-----BEGIN X---\n", key.replace("PRIVATE", "X"));
        let error = config_error(&backend, Certificates::pem(chain.clone(), both));
        assert!(!error.to_string().contains(&key[30..60]), "{error}");
    }
}

#[test]
fn tls_11_reload_swaps_whole_and_keeps_the_old_when_bad() {
    let (a, b) = (own(), own());
    let ((chain_a, key_a), (chain_b, key_b)) = (a.pem(), b.pem());
    let named = leaf(&["named.org"]).self_signed();
    for backend in backends() {
        let dir = tempfile::tempdir().unwrap();
        let (chain, key) = (dir.path().join("c.pem"), dir.path().join("k.pem"));
        fs::write(&chain, &chain_a).unwrap();
        write_key(&key, &key_a);
        let files = Certificates::files(chain.to_str().unwrap(), key.to_str().unwrap());
        let settings = ServerSettings::new(files).named("named.org", named.certificates());
        let acceptor = backend.serve(settings);
        let derived = acceptor.offering(&[b"x"]).unwrap();
        let both = [&a, &b];
        assert!(served(&backend, &acceptor, &both, "localhost") == a.der);

        // Half written: the certificate is new, the key is old.
        fs::write(&chain, &chain_b).unwrap();
        let connector = backend.connect(&ClientSettings::new(both.map(Issued::root)));
        let mut in_flight = Pair::new(&*connector, &*acceptor).open();
        let error = acceptor.reload().unwrap_err().to_string();
        assert!(error.contains("do not belong together") && error.contains("k.pem"), "{error}");
        assert!(served(&backend, &acceptor, &both, "localhost") == a.der);
        fs::remove_file(&key).unwrap();
        assert!(acceptor.reload().unwrap_err().to_string().contains("No such file"));
        assert!(served(&backend, &acceptor, &both, "localhost") == a.der);

        write_key(&key, &key_b);
        acceptor.reload().unwrap();
        assert!(served(&backend, &acceptor, &both, "localhost") == b.der, "{backend:?}");
        assert!(
            served(&backend, &derived, &both, "localhost") == b.der,
            "an acceptor derived from it follows"
        );
        assert!(in_flight.talks(b"still here"), "{backend:?}: a connection in flight goes on");
    }
}

#[test]
fn tls_11_reload_under_load() {
    let (a, b) = (own(), own());
    let ((chain_a, key_a), (chain_b, key_b)) = (a.pem(), b.pem());
    for backend in backends() {
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
        let acceptor = backend.serve(ServerSettings::new(Certificates::files(path, path)));
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                for _ in 0..100 {
                    let got = served(&backend, &acceptor, &[&a, &b], "localhost");
                    assert!(got == a.der || got == b.der);
                }
            });
            for round in 0..50 {
                let (chain, key) = if round % 2 == 0 { (&chain_b, &key_b) } else { (&chain_a, &key_a) };
                install(chain, key);
                acceptor.reload().unwrap();
            }
            worker.join().unwrap();
        });
        assert!(served(&backend, &acceptor, &[&a, &b], "localhost") == a.der, "{backend:?}");
    }
}

#[test]
fn the_end_of_each_chain_is_told() {
    let root = authority("root").self_signed();
    let mut short = authority("short-lived issuer");
    short.valid.1 = 5 * 86_400;
    let short = short.by(&root);
    let own = leaf(&["localhost"]).by_intermediate(&short);
    let other = leaf(&["other.org"]).by(&root);
    for backend in backends() {
        let settings = ServerSettings::new(own.certificates()).named("other.org", other.certificates());
        let acceptor = backend.serve(settings);
        let now = lws_tls::files::now().0;
        let found: Vec<_> =
            acceptor.expires().into_iter().map(|e| (e.name, (e.not_after.0 - now + 60) / 86_400)).collect();
        let expect = [("leaf localhost".to_string(), 5), ("leaf other.org".to_string(), 30)];
        assert_eq!(found, expect, "{backend:?}");
        assert_eq!(acceptor.offering(&[]).unwrap().expires().len(), 2, "{backend:?}");
    }
}

#[test]
fn roots_must_hold_a_certificate() {
    for backend in backends() {
        let error = backend.provider.client(&ClientSettings::new([])).unwrap_err();
        assert!(matches!(error, Error::Config(ConfigError::NoRoots { .. })), "{backend:?}: {error}");
        let junk = ClientSettings::new([Source::Memory(b"junk".to_vec())]);
        let error = backend.provider.client(&junk).unwrap_err();
        assert_eq!(error.to_string(), "there is no certificate to trust in memory", "{backend:?}");
        let error = backend.provider.client(&ClientSettings::roots_file("/nonexistent/ca.pem")).unwrap_err();
        assert!(error.to_string().starts_with("cannot read /nonexistent/ca.pem: "), "{backend:?}: {error}");
    }
}

#[test]
fn the_roots_of_this_system_are_found() {
    if !Path::new("/etc/ssl/certs/ca-certificates.crt").exists() {
        return;
    }
    let own = own();
    for backend in backends() {
        let connector = backend.connect(&ClientSettings::platform());
        let acceptor = backend.acceptor(&own, &[]);
        let (why, _) = Pair::new(&*connector, &*acceptor).errors();
        assert_eq!(backends::tls::fault(why.as_ref()), "self-signed", "{backend:?}");
    }
}
