//! https, and certificates that change.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod support;

use lws_backend_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use lws_backend_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use lws_backend_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use lws_backend_rustls::rustls::{
    self, ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, SupportedCipherSuite,
};
use lws_backend_rustls::{SelfSigned, self_signed};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use support::{Answer, Server, run};

/// Trusts everybody: which certificate is shown is looked at afterwards.
#[derive(Debug)]
struct Anybody(CryptoProvider);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A request over TLS: the answer and the certificate that was shown.
fn get(server: &Server, target: &str) -> (Answer, Vec<u8>) {
    let crypto = aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(Arc::new(crypto.clone()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(crypto)))
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap();
    let mut stream = rustls::StreamOwned::<_, TcpStream>::new(client, server.connect());
    write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    // Fails unless the server says close_notify.
    stream.read_to_end(&mut bytes).unwrap();
    let shown = stream.conn.peer_certificates().unwrap()[0].to_vec();
    (Answer::parse(&bytes), shown)
}

fn sha256_hex(bytes: &[u8]) -> String {
    let SupportedCipherSuite::Tls13(suite) = aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256 else {
        panic!("a suite of TLS 1.3");
    };
    let hash = suite.common.hash_provider.hash(bytes);
    hash.as_ref().iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(":")
}

/// A folder to serve, and a certificate and key in files beside it.
struct Files {
    dir: tempfile::TempDir,
    chain: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (chain, key) = (dir.path().join("cert.der"), dir.path().join("key.der"));
        std::fs::create_dir(dir.path().join("www")).unwrap();
        std::fs::write(dir.path().join("www/index.html"), "hello").unwrap();
        Self { dir, chain, key }
    }

    fn write(&self, own: &SelfSigned) {
        std::fs::write(&self.chain, &own.certificate).unwrap();
        write_key(&self.key, own);
    }

    fn www(&self) -> PathBuf {
        self.dir.path().join("www")
    }

    fn flag(&self) -> String {
        format!("--tls={},{}", self.chain.display(), self.key.display())
    }

    /// Starting must fail like this.
    fn check(&self, wanted: &str) {
        let (exit, stdout, stderr) = run(&["serve", "--port", "0", &self.flag()]);
        assert_eq!((exit, stdout.as_str(), stderr.trim_end()), (Some(1), "", wanted));
    }
}

fn write_key(path: &Path, own: &SelfSigned) {
    let lws::tls::Source::Memory(key) = own.certificates.key() else { panic!("a key in memory") };
    std::fs::write(path, key).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn own() -> SelfSigned {
    self_signed(&["localhost"]).unwrap()
}

/// The TLS libraries that this build has.
fn backends() -> Vec<&'static str> {
    let others = [("openssl", cfg!(feature = "openssl")), ("mbedtls", cfg!(feature = "mbedtls"))];
    ["rustls"].into_iter().chain(others.into_iter().filter(|b| b.1).map(|b| b.0)).collect()
}

#[test]
fn every_library_that_is_built_in() {
    for backend in backends() {
        let (files, own) = (Files::new(), own());
        files.write(&own);
        let server = Server::start(&files.www(), &[&files.flag(), "--tls-backend", backend]);
        for _ in 0..3 {
            let (answer, shown) = get(&server, "/");
            assert_eq!((answer.status, answer.text()), (200, "hello"), "{backend}");
            assert!(shown == own.certificate, "{backend}");
        }
    }
    let (exit, _, stderr) = run(&["serve", "--tls-backend", "schannel"]);
    let wanted =
        "error: there is no TLS library 'schannel'\nhelp: --tls-backend takes rustls, openssl or mbedtls";
    assert_eq!((exit, stderr.trim_end()), (Some(2), wanted));
}

#[test]
fn a_certificate_of_its_own() {
    let files = Files::new();
    let server = Server::start(&files.www(), &["--tls", "self"]);
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let (answer, shown) = get(&server, "/");
    assert_eq!((answer.status, answer.text()), (200, "hello"));
    let printed = format!("SHA-256 {}", sha256_hex(&shown));
    assert!(server.said.iter().any(|l| l.contains(&printed)), "{printed}: {:?}", server.said);
    let (answer, _) = get(&server, "/.lws/status.json");
    assert_eq!(answer.json()["connections"], 1);
    assert_eq!(answer.json()["roles"], serde_json::json!({"tls": 1, "h1": 1}));
}

#[test]
fn curl_takes_it() {
    let files = Files::new();
    let server = Server::start(&files.www(), &["--tls", "self"]);
    let curl = Command::new("curl").args(["-sk", "--max-time", "20", &server.url]).output();
    match curl {
        Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stdout), "hello", "{output:?}"),
        Err(e) => eprintln!("skipped: no curl: {e}"),
    }
}

#[test]
fn tls_11_new_files_are_served_and_bad_ones_are_not() {
    let files = Files::new();
    let (first, second, third) = (own(), own(), own());
    files.write(&first);
    let mut server = Server::start(&files.www(), &[&files.flag()]);
    assert_eq!(get(&server, "/").1, first.certificate);

    // Noticed without being told.
    files.write(&second);
    server.says("now serving the certificate in");
    assert_eq!(get(&server, "/").1, second.certificate);

    // A pair that does not match is not taken, and it is said why.
    std::fs::write(&files.chain, &third.certificate).unwrap();
    let line = server.says("still serving the old certificate");
    assert!(line.contains("do not belong together"), "{line}");
    assert_eq!(get(&server, "/").1, second.certificate);

    // Told by a signal, without waiting.
    write_key(&files.key, &third);
    server.signal("HUP");
    server.says("now serving the certificate in");
    assert_eq!(get(&server, "/").1, third.certificate);

    std::fs::remove_file(&files.key).unwrap();
    server.signal("HUP");
    let line = server.says("still serving the old certificate");
    assert!(line.contains("key.der"), "{line}");
    assert_eq!(get(&server, "/").1, third.certificate);
}

#[test]
fn certificates_that_cannot_be_used() {
    let files = Files::new();
    let (chain, key) = (files.chain.display().to_string(), files.key.display().to_string());
    files.check(&format!(
        "error: cannot read {chain}: no such file or directory\n\
         help: --tls needs two files that this user may read: --tls cert.pem,key.pem"
    ));
    files.write(&own());
    write_key(&files.key, &own());
    files.check(&format!(
        "error: the certificate and the key do not belong together ({chain}, {key})\n\
         help: give the key that the certificate was made for, or try --tls self"
    ));
    std::fs::set_permissions(&files.key, std::fs::Permissions::from_mode(0o644)).unwrap();
    files.check(&format!(
        "error: the private key {key} may be read by every user (mode 0644)\nhelp: chmod 600 {key}"
    ));
    std::fs::write(&files.chain, "").unwrap();
    files.check(&format!(
        "error: there is no certificate in {chain}\n\
         help: the certificate stands first: --tls cert.pem,key.pem"
    ));
}
