//! The rows TLS-01 to TLS-13 of the security table, each on every backend. Those that need many certificates are in
//! `tls_zoo.rs`, those that need bytes no library sends in `tls_hostile.rs`; the ones on HTTP (TLS-02) in `lws-http`.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use backends::tls::{Backend, Pair, Side, backends, each_pair, fault, only, trusting};
use backends::tls_certs::{Issued, authority, client, leaf};
use backends::tls_raw::Wire;
use lws_backend_rustls::rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue,
};
use lws_backend_rustls::rustls::crypto::aws_lc_rs;
use lws_backend_rustls::rustls::pki_types::ServerName;
use lws_backend_rustls::rustls::version::{TLS12, TLS13};
use lws_backend_rustls::rustls::{ClientConfig, ClientConnection, NamedGroup, RootCertStore};
use lws_tls::{
    Acceptor, Alert, ByName, Cause, Certificate, CipherSuite, ClientSettings, ConfigError, Date, Error,
    Phase, ServerSettings, Stage, Version,
};
use openssl::ssl::{Ssl, SslContext, SslMethod, SslMode, SslStream, SslVerifyMode, SslVersion};

fn own() -> Issued {
    leaf(&["localhost", "a.example.com", "b.example.com"]).self_signed()
}

fn handshake(cause: Cause) -> Option<Error> {
    Some(Error::Peer { stage: Stage::Handshake, cause })
}

/// A client of OpenSSL's own, as old and as careless as it is told to be: the alert it got, or `None` if it got in.
fn careless(server: &mut Side, max: SslVersion, ciphers: &str, mode: SslMode) -> Option<u8> {
    let mut builder = SslContext::builder(SslMethod::tls_client()).unwrap();
    builder.set_security_level(0);
    builder.set_verify(SslVerifyMode::NONE);
    builder.set_min_proto_version(Some(SslVersion::TLS1)).unwrap();
    builder.set_max_proto_version(Some(max)).unwrap();
    builder.set_cipher_list(ciphers).unwrap();
    builder.set_mode(mode);
    let mut ssl = Ssl::new(&builder.build()).unwrap();
    ssl.set_connect_state();
    let mut client = SslStream::new(ssl, Wire::default()).unwrap();
    let mut last = Vec::new();
    for _ in 0..4 {
        if client.do_handshake().is_ok() {
            return None;
        }
        let bytes = std::mem::take(&mut client.get_mut().output);
        last = server.feed(&bytes, 1 << 16);
        client.get_mut().input.extend(&last);
        if server.error.is_some() {
            break;
        }
    }
    // It may also be the client that gave up, and told the server.
    if let Some(Error::Peer { cause: Cause::Alert(_), .. }) = server.error {
        return None;
    }
    assert_eq!(last.first(), Some(&21), "an alert and nothing else: {last:?}");
    last.get(6).copied()
}

#[test]
fn tls_01_old_versions_and_weak_ciphers() {
    let rsa = backends::tls_certs::Key::Rsa(2_048);
    let rsa = backends::tls_certs::Recipe { key: rsa, ..leaf(&["localhost"]) }.self_signed();
    let none = SslMode::empty();
    for backend in backends() {
        let side = || Side::new(backend.acceptor(&rsa, &[]).accept().unwrap());
        // The harness works: this one gets in.
        let mut server = side();
        assert_eq!(
            careless(&mut server, SslVersion::TLS1_2, "ECDHE-RSA-AES128-GCM-SHA256", none),
            None,
            "{backend:?}"
        );
        for version in [SslVersion::TLS1, SslVersion::TLS1_1] {
            let mut server = side();
            let alert = careless(&mut server, version, "ALL:@SECLEVEL=0", none);
            if backend.name == "rustls" {
                // It looks for what TLS 1.2 must say first: a listed difference.
                assert_eq!(alert, Some(Alert::HANDSHAKE_FAILURE.0), "{version:?}");
                let parameters =
                    matches!(&server.error, Some(Error::Peer { cause: Cause::Parameters(_), .. }));
                assert!(parameters, "{version:?}: {:?}", server.error);
            } else {
                assert_eq!(alert, Some(Alert::PROTOCOL_VERSION.0), "{backend:?} {version:?}");
                assert_eq!(server.error, handshake(Cause::Version), "{backend:?} {version:?}");
            }
        }
        // Static RSA, CBC, anonymous, no encryption, finite fields.
        for cipher in [
            "AES128-SHA",
            "AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-SHA",
            "ECDHE-RSA-AES256-SHA384",
            "ADH-AES128-SHA256",
            "AECDH-AES128-SHA",
            "NULL-SHA256",
            "DHE-RSA-AES128-GCM-SHA256",
            "CAMELLIA128-SHA",
        ] {
            let mut server = side();
            let alert = careless(&mut server, SslVersion::TLS1_2, cipher, none);
            assert_eq!(alert, Some(Alert::HANDSHAKE_FAILURE.0), "{backend:?} {cipher}");
            let parameters = matches!(&server.error, Some(Error::Peer { cause: Cause::Parameters(_), .. }));
            assert!(parameters, "{backend:?} {cipher}: {:?}", server.error);
        }
    }
}

/// RFC 7507, or what RFC 8446 §4.1.3 has in its place.
#[test]
fn tls_01_downgrade() {
    let rsa = backends::tls_certs::Key::Rsa(2_048);
    let rsa = backends::tls_certs::Recipe { key: rsa, ..leaf(&["localhost"]) }.self_signed();
    for backend in backends().iter().filter(|backend| backend.versions.contains(&Version::Tls13)) {
        let mut server = Side::new(backend.acceptor(&rsa, &[]).accept().unwrap());
        let mode = SslMode::SEND_FALLBACK_SCSV;
        let alert = careless(&mut server, SslVersion::TLS1_2, "ECDHE-RSA-AES128-GCM-SHA256", mode);
        if backend.name == "rustls" {
            // It does not know the signal: a listed difference. Its server marks each handshake of TLS 1.2 in the random
            // that the keys depend on; OpenSSL's client finds the mark, and gives up.
            assert_eq!(alert, None);
            assert_eq!(server.error, handshake(Cause::Alert(Alert::ILLEGAL_PARAMETER)));
        } else {
            assert_eq!(alert, Some(Alert::INAPPROPRIATE_FALLBACK.0), "{backend:?}");
        }
        // A hello that somebody on the way has cut down to TLS 1.2: the answer carries the mark.
        let mut hello =
            Side::new(backend.connector_of(Version::Tls12, &rsa, &[]).connect("localhost").unwrap());
        let (hello, _) = hello.step(0, 1 << 16);
        let answer = Side::new(backend.acceptor(&rsa, &[]).accept().unwrap()).feed(&hello, 1 << 16);
        // Record header 5, message header 4, version 2, random 32.
        assert_eq!(&answer[35..43], b"DOWNGRD\x01", "{backend:?}");
    }
}

#[test]
fn tls_01_versions_and_ciphers_can_be_chosen() {
    let own = own();
    let unknown = ServerSettings::new(own.certificates()).ciphers(&["TLS_AES_128_GCM_SHA256", "RC4-MD5"]);
    let error = unknown.unwrap_err();
    assert_eq!(error, ConfigError::UnknownCipher { name: "RC4-MD5".to_string() });
    let text = error.to_string();
    assert!(
        text.starts_with("there is no cipher suite called \"RC4-MD5\"; there are TLS_AES_128_GCM_SHA256 "),
        "{text}"
    );
    for backend in backends() {
        // The server's order decides.
        let names = ["ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"];
        let acceptor = backend.serve(ServerSettings::new(own.certificates()).ciphers(&names).unwrap());
        for client in backends() {
            let pair = Pair::new(&*client.connector(&own, &[]), &*acceptor).open();
            let facts = pair.server.tls.facts();
            assert_eq!(facts.cipher_suite, Some(CipherSuite(0xc02c)), "{client:?} to {backend:?}");
            assert_eq!(facts.version, Some(Version::Tls12), "{client:?} to {backend:?}");
            let settings = trusting(&own).ciphers(&names[1..]).unwrap();
            let pair = Pair::new(&*client.connect(&settings), &*acceptor).open();
            assert_eq!(
                pair.client.tls.facts().cipher_suite,
                Some(CipherSuite(0xc02b)),
                "{client:?} to {backend:?}"
            );
        }
        let old = ServerSettings::new(own.certificates()).max_version(Version::Tls12);
        let pair = Pair::new(&*backend.connector(&own, &[]), &*backend.serve(old)).open();
        assert_eq!(pair.server.tls.facts().version, Some(Version::Tls12), "{backend:?}");
        let nothing =
            ServerSettings::new(own.certificates()).min_version(Version::Tls13).ciphers(&names).unwrap();
        let error = backend.provider.server(nothing).unwrap_err();
        assert!(matches!(error, Error::Config(ConfigError::Unsupported { .. })), "{backend:?}: {error}");
    }
}

/// A store that gives any name the tickets of any other.
#[derive(Debug)]
struct Mixed(ClientSessionMemoryCache);

fn one_name() -> ServerName<'static> {
    "one.name".try_into().unwrap()
}

impl ClientSessionStore for Mixed {
    fn set_kx_hint(&self, _: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(one_name(), group);
    }
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.0.kx_hint(&one_name())
    }
    fn set_tls12_session(&self, _: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.0.set_tls12_session(one_name(), value);
    }
    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(&one_name())
    }
    fn remove_tls12_session(&self, _: &ServerName<'static>) {
        self.0.remove_tls12_session(&one_name());
    }
    fn insert_tls13_ticket(&self, _: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(one_name(), value);
    }
    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.take_tls13_ticket(&one_name())
    }
}

/// A client that presents its tickets to whomever it likes.
fn mixing(root: &Issued, version: Version) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(root.der.clone().into()).unwrap();
    let version = if version == Version::Tls12 { &TLS12 } else { &TLS13 };
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.resumption = Resumption::store(Arc::new(Mixed(ClientSessionMemoryCache::new(32))));
    Arc::new(config)
}

/// Connects and says what the server made of it: whether it resumed, or its error.
fn visit(config: &Arc<ClientConfig>, acceptor: &dyn Acceptor, name: &'static str) -> Result<bool, String> {
    let mut client = ClientConnection::new(config.clone(), name.try_into().unwrap()).unwrap();
    let mut server = Side::new(acceptor.accept().unwrap());
    for _ in 0..4 {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        let answer = server.feed(&bytes, 1 << 16);
        let mut wire = &answer[..];
        while !wire.is_empty() {
            client.read_tls(&mut wire).unwrap();
            let _ = client.process_new_packets();
        }
    }
    match &server.error {
        Some(error) => Err(fault(Some(error))),
        None => {
            assert_eq!(server.tls.phase(), Phase::Open);
            assert_eq!(server.tls.facts().server_name, Some(name));
            Ok(server.tls.facts().resumed)
        }
    }
}

#[test]
fn tls_03_a_ticket_of_one_name_is_worth_nothing_to_another() {
    let own = own();
    let clients = authority("clients").self_signed();
    for backend in backends() {
        for version in backend.versions {
            let what = format!("{backend:?} {version}");
            // One policy, several names.
            let settings = ServerSettings::new(own.certificates()).named("b.example.com", own.certificates());
            let acceptor = backend.serve(settings);
            let config = mixing(&own, *version);
            assert_eq!(visit(&config, &*acceptor, "a.example.com"), Ok(false), "{what}");
            assert_eq!(visit(&config, &*acceptor, "a.example.com"), Ok(true), "{what}: the harness resumes");
            assert_eq!(visit(&config, &*acceptor, "b.example.com"), Ok(false), "{what}");
            // Another policy for another name.
            let open = backend.acceptor(&own, &[]);
            let settings = ServerSettings::new(own.certificates()).client_auth_required([clients.root()]);
            let both = ByName::new(open).named("b.example.com", backend.serve(settings)).unwrap();
            let config = mixing(&own, *version);
            assert_eq!(visit(&config, &both, "a.example.com"), Ok(false), "{what}");
            assert_eq!(visit(&config, &both, "a.example.com"), Ok(true), "{what}");
            assert_eq!(visit(&config, &both, "b.example.com"), Err("missing".to_string()), "{what}");
        }
    }
}

static CLOCK: AtomicI64 = AtomicI64::new(0);

fn clock() -> Date {
    Date(lws_tls::files::now().0 + CLOCK.load(Ordering::SeqCst))
}

#[test]
fn tls_04_ticket_keys_change_and_outlive_a_reload() {
    let own = own();
    const HOUR: i64 = 3_600;
    for backend in backends() {
        for version in backend.versions {
            let what = format!("{backend:?} {version}");
            CLOCK.store(0, Ordering::SeqCst);
            let provider = (backend.with_clock)(clock);
            let acceptor = provider.server(ServerSettings::new(own.certificates())).unwrap();
            let config = mixing(&own, *version);
            assert_eq!(visit(&config, &*acceptor, "localhost"), Ok(false), "{what}");
            CLOCK.store(HOUR, Ordering::SeqCst);
            acceptor.reload().unwrap();
            assert_eq!(
                visit(&config, &*acceptor, "localhost"),
                Ok(true),
                "{what}: an hour later, and reloaded"
            );
            // Tickets of the first hour are not opened any more; a fresh client shows that others are.
            CLOCK.store(14 * HOUR, Ordering::SeqCst);
            assert_eq!(visit(&config, &*acceptor, "localhost"), Ok(false), "{what}: thirteen hours later");
            assert_eq!(
                visit(&config, &*acceptor, "localhost"),
                Ok(true),
                "{what}: with a ticket of this hour"
            );
        }
    }
    CLOCK.store(0, Ordering::SeqCst);
}

#[test]
fn tls_05_rows_of_alpn_by_vhost() {
    let own = own();
    for backend in backends() {
        let (old, new) = (backend.acceptor(&own, &["http/1.1"]), backend.acceptor(&own, &["h2", "http/1.1"]));
        let both = ByName::new(old).named("b.example.com", new).unwrap();
        let connector = backend.connector(&own, &["h2"]);
        let pair = Pair::named(&*connector, &both, "b.example.com").open();
        assert_eq!(pair.server.tls.facts().alpn, Some(&b"h2"[..]), "{backend:?}");
        let errors = Pair::named(&*connector, &both, "a.example.com").errors();
        assert_eq!(errors.1, handshake(Cause::NoApplicationProtocol), "{backend:?}");
    }
}

/// Hellos that fill several segments, with each split of them.
#[test]
fn tls_09_post_quantum_hellos() {
    let own = own();
    let mut roots = RootCertStore::empty();
    roots.add(own.der.clone().into()).unwrap();
    // RFC 8422 §5.1.1: in TLS 1.2 a server may not show a P-256 certificate to a client without that curve.
    use aws_lc_rs::kx_group::{SECP256R1, X25519, X25519MLKEM768};
    let mut crypto = aws_lc_rs::default_provider();
    crypto.kx_groups = vec![X25519MLKEM768, X25519, SECP256R1];
    let config = ClientConfig::builder_with_provider(Arc::new(crypto))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    let hello = || {
        let mut client = ClientConnection::new(config.clone(), "localhost".try_into().unwrap()).unwrap();
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        bytes
    };
    assert!(hello().len() > 1_460, "more than a segment: {}", hello().len());
    for backend in backends() {
        let plain = backend.acceptor(&own, &[]);
        let by_name: Arc<dyn Acceptor> =
            Arc::new(ByName::new(plain.clone()).named("b.example.com", backend.acceptor(&own, &[])).unwrap());
        for acceptor in [plain, by_name] {
            for chunk in [1, 5, 1_000, 1_460, 100_000] {
                let mut server = Side::new(acceptor.accept().unwrap());
                let answer = server.feed(&hello(), chunk);
                assert_eq!((server.error, answer.first()), (None, Some(&22)), "{backend:?} in {chunk}s");
            }
        }
    }
}

#[test]
fn tls_10_required_means_required() {
    let own = own();
    let root = authority("clients").self_signed();
    let alice = client("alice").by(&root);
    each_pair(|from, to, version| {
        let what = format!("{from:?} to {to:?}, {version}");
        let settings = || ServerSettings::new(own.certificates());
        let required = to.serve(settings().client_auth_required([root.root()]));
        let optional = to.serve(settings().client_auth_optional([root.root()]));
        let nobody = from.connector_of(version, &own, &[]);
        let somebody = only(version, trusting(&own)).identity(alice.certificates());
        let somebody = from.connect(&somebody);

        let (told, why) = Pair::new(&*nobody, &*required).errors();
        assert_eq!(fault(why.as_ref()), "missing", "{what}");
        let Some(Error::Peer { cause: Cause::Alert(alert), .. }) = told else { panic!("{what}: {told:?}") };
        let fitting = [Alert::CERTIFICATE_REQUIRED, Alert::HANDSHAKE_FAILURE, Alert::BAD_CERTIFICATE];
        assert!(fitting.contains(&alert), "{what}: {alert}");

        let pair = Pair::new(&*nobody, &*optional).open();
        assert_eq!(pair.server.tls.facts().peer_certificate, None, "{what}");
        for acceptor in [&optional, &required] {
            for round in 0..2 {
                let mut pair = Pair::new(&*somebody, &**acceptor).open();
                assert!(pair.talks(b"hello"), "{what}");
                let facts = pair.server.tls.facts();
                assert_eq!(facts.resumed, round == 1, "{what}");
                // Resumed or not, who it is is known.
                let shown = Certificate::parse(facts.peer_certificate.expect("a certificate")).unwrap();
                assert_eq!(shown.short_name(), "alice", "{what}");
                assert_eq!(shown.der, alice.der, "{what}");
            }
        }
        // A server that does not ask is not told.
        let pair = Pair::new(&*somebody, &*to.acceptor(&own, &[])).open();
        assert_eq!(pair.server.tls.facts().peer_certificate, None, "{what}");
    });
}

#[test]
fn tls_10_what_one_name_demands_cannot_be_had_by_another() {
    let own = own();
    let root = authority("clients").self_signed();
    for backend in backends() {
        let settings = ServerSettings::new(own.certificates()).client_auth_required([root.root()]);
        let both =
            ByName::new(backend.acceptor(&own, &[])).named("b.example.com", backend.serve(settings)).unwrap();
        let connector = backend.connector(&own, &[]);
        let mut pair = Pair::named(&*connector, &both, "a.example.com").open();
        assert!(pair.talks(b"hello"), "{backend:?}");
        for name in ["b.example.com", "B.Example.COM"] {
            let (_, why) = Pair::named(&*connector, &both, name).errors();
            assert_eq!(fault(why.as_ref()), "missing", "{backend:?} {name}");
        }
    }
}

/// Everything that is logged, at the highest level.
struct Lines;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        LINES.lock().unwrap().push(format!("{} {}", record.level(), record.args()));
    }

    fn flush(&self) {}
}

#[test]
fn tls_12_no_log_holds_a_secret_and_leniencies_are_logged() {
    log::set_logger(&Lines).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let own = own();
    let (chain, key) = own.pem();
    for backend in backends() {
        LINES.lock().unwrap().clear();
        let certificates = lws_tls::Certificates::pem(chain.clone(), key.clone());
        let acceptor = backend.serve(ServerSettings::new(certificates));
        let mut pair = Pair::new(&*backend.connector(&own, &[]), &*acceptor).open();
        assert!(pair.talks(b"Authorization: Basic c2VjcmV0\r\nCookie: s3cret\r\n"));
        let lenient = ClientSettings::new([authority("other").self_signed().root()])
            .allow_self_signed()
            .allow_wrong_name()
            .allow_expired();
        let mut pair = Pair::named(&*backend.connect(&lenient), &*acceptor, "elsewhere.org").open();
        assert!(pair.talks(b"Cookie: s3cret\r\n"));
        let lines = LINES.lock().unwrap().join("\n");
        for secret in [&key[30..60], "PRIVATE", "s3cret", "c2VjcmV0", "Authorization"] {
            assert!(!lines.contains(secret), "{backend:?}: {lines}");
        }
        let excused = |word: &str| lines.contains("let pass by the settings") && lines.contains(word);
        assert!(excused("self-signed"), "{backend:?}: {lines}");
        assert!(excused("asked for elsewhere.org"), "{backend:?}: {lines}");
    }
}

/// One word for each cause; the library's own words do not count.
fn word(error: Option<&Error>) -> String {
    match error {
        Some(Error::Peer { stage, cause: Cause::Parameters(_) }) => format!("{stage:?} parameters"),
        // RFC 5246 §7.4.6 has handshake_failure for a certificate that is missing, RFC 8446 §4.4.2.4 certificate_required:
        // a listed difference in what libraries send in TLS 1.2.
        Some(Error::Peer {
            stage,
            cause: Cause::Alert(Alert::HANDSHAKE_FAILURE | Alert::CERTIFICATE_REQUIRED),
        }) => {
            format!("{stage:?} alert handshake_failure or certificate_required")
        }
        Some(Error::Peer { stage, cause: Cause::Violation(_) }) => format!("{stage:?} violation"),
        Some(Error::Peer { stage, cause: Cause::Certificate(fault) }) => {
            format!("{stage:?} {}", fault.name())
        }
        Some(other) => other.to_string(),
        None => "fine".to_string(),
    }
}

/// What happens to both sides in a number of conversations, with `backend` on both.
fn conversations(backend: &Backend) -> Vec<String> {
    let own = own();
    let other = authority("other").self_signed();
    let root = authority("clients").self_signed();
    let tls12 = |settings: ClientSettings| only(Version::Tls12, settings);
    let plain = || tls12(trusting(&own));
    let serve = || ServerSettings::new(own.certificates()).max_version(Version::Tls12);
    let mut told = Vec::new();
    let mut tell = |what: &str, client: ClientSettings, server: ServerSettings, name: &str| {
        let (a, b) = Pair::named(&*backend.connect(&client), &*backend.serve(server), name).errors();
        told.push(format!("{what}: client {}, server {}", word(a.as_ref()), word(b.as_ref())));
    };
    tell("fine", plain(), serve(), "localhost");
    tell("wrong name", plain(), serve(), "elsewhere.org");
    tell("self-signed", tls12(trusting(&other)), serve(), "localhost");
    let by_other = leaf(&["localhost"]).by(&authority("unknown").self_signed());
    let by_other = ServerSettings::new(by_other.certificates()).max_version(Version::Tls12);
    tell("unknown issuer", plain(), by_other, "localhost");
    let mut over = leaf(&["localhost"]);
    over.valid = (-7_200, -3_600);
    let over = over.by(&other);
    let expired = ServerSettings::new(over.certificates()).max_version(Version::Tls12);
    tell("expired", tls12(trusting(&other)), expired, "localhost");
    tell("protocols", plain().alpn(["a"]), serve().alpn(["b"]), "localhost");
    let one = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
    let two = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    tell("ciphers", plain().ciphers(&[one]).unwrap(), serve().ciphers(&[two]).unwrap(), "localhost");
    let demanding = serve().client_auth_required([root.root()]);
    tell("no client certificate", plain(), demanding.clone(), "localhost");
    let wrong = client("eve").by(&other);
    tell("wrong client certificate", plain().identity(wrong.certificates()), demanding, "localhost");
    told.extend(disturbances(backend, &own));
    told
}

/// What is not said in the handshake's own terms.
fn disturbances(backend: &Backend, own: &Issued) -> Vec<String> {
    let mut told = Vec::new();
    let acceptor = backend.acceptor(own, &[]);
    for bytes in
        [&b"GET / HTTP/1.1\r\n"[..], b"SSH-2.0-x\r\n", &[22, 3, 1, 0x50, 0], &[22, 3, 1, 0, 5, 1, 0, 0, 1, 7]]
    {
        let mut server = Side::new(acceptor.accept().unwrap());
        server.feed(bytes, 100);
        told.push(format!("{bytes:?}: {}", word(server.error.as_ref())));
    }
    let connector = backend.connector_of(Version::Tls12, own, &[]);
    let mut pair = Pair::new(&*connector, &*acceptor).open();
    let (_, mut record) = pair.client.send(b"hello", 200);
    let last = record.len() - 1;
    record[last] ^= 1;
    pair.server.inbox.extend(record);
    pair.settle();
    let (client, server) = (pair.client.error.as_ref(), pair.server.error.as_ref());
    told.push(format!("flipped: client {}, server {}", word(client), word(server)));
    let pair = Pair::new(&*connector, &*acceptor).open();
    told.push(format!("cut: {}", word(pair.client.tls.ended().err().as_ref())));
    told
}

#[test]
fn tls_13_all_backends_say_the_same() {
    let backends = backends();
    let (first, rest) = backends.split_first().unwrap();
    let expect = conversations(first);
    assert!(expect.len() > 12 && expect[0] == "fine: client fine, server fine", "{expect:#?}");
    for backend in rest {
        for (got, expect) in conversations(backend).iter().zip(&expect) {
            assert_eq!(got, expect, "{backend:?} against {first:?}");
        }
    }
}
