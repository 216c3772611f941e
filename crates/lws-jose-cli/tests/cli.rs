//! The program as people and scripts call it: pipes, files, exit codes, messages. All of it with every cryptographic
//! library that this build has.

use std::cell::Cell;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

struct Run {
    code: i32,
    out: String,
    err: String,
}

thread_local! {
    /// What `--backend` is in this test.
    static BACKEND: Cell<&'static str> = const { Cell::new("rustls") };
}

/// Mbed TLS has no Ed25519.
fn has_ed25519() -> bool {
    BACKEND.get() != "mbedtls"
}

macro_rules! with_backend {
    ($backend:ident: $($test:ident)*) => {
        mod $backend {
            $(
                #[test]
                fn $test() {
                    super::BACKEND.set(stringify!($backend));
                    super::$test();
                }
            )*
        }
    };
}

macro_rules! with_each_backend {
    ($($test:ident)*) => {
        with_backend!(rustls: $($test)*);
        #[cfg(feature = "openssl")]
        with_backend!(openssl: $($test)*);
        #[cfg(feature = "mbedtls")]
        with_backend!(mbedtls: $($test)*);
    };
}

with_each_backend! {
    keys_are_made_shown_and_converted
    signatures_go_through_pipes
    encryption_goes_through_pipes
    claims_are_checked_by_the_time_given
    certificates_become_keys
    errors_say_why_and_what_to_do
    help_and_algorithms
}

fn run(words: &[&str], input: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lws-jose"))
        .args(["--backend", BACKEND.get()])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that reads no input may have ended already.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// What it writes when all is well.
fn good(words: &[&str], input: &str) -> String {
    let run = run(words, input);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{words:?}");
    run.out
}

/// Exit code and message.
fn bad(words: &[&str], input: &str, code: i32, message: &str) {
    let run = run(words, input);
    assert_eq!((run.code, run.out.as_str()), (code, ""), "{words:?}: {}", run.err);
    assert!(run.err.starts_with("error: ") && run.err.contains(message), "{words:?}: {}", run.err);
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn file(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a file");
    path
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn keys_are_made_shown_and_converted() {
    let folder = tempfile::tempdir().expect("a folder");
    let private = good(&["jwk", "gen", "--alg", "ES256"], "");
    let key = json(&private);
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&"EC".into(), &"P-256".into(), &"ES256".into()));
    let public = good(&["jwk", "pub"], &private);
    assert!(json(&public)["d"].is_null() && json(&public)["x"] == key["x"]);
    // The name of a new key is its thumbprint.
    assert_eq!(good(&["jwk", "thp"], &public).trim(), key["kid"].as_str().expect("a kid"));
    let pem = good(&["jwk", "to-pem"], &private);
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert_eq!(json(&good(&["jwk", "from-pem", "--alg", "ES256"], &pem)), key);
    let public_pem = good(&["jwk", "to-pem", "--public"], &private);
    assert!(public_pem.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    assert_eq!(json(&good(&["jwk", "from-pem", "--alg=ES256"], &public_pem)), json(&public));
    for (words, member, value) in [
        (&["--kty", "oct", "--bits", "128", "--kid", "x"][..], "kid", "x"),
        (&["--crv", "X25519"], "kty", "OKP"),
        (&["--alg", "ECDH-ES", "--crv", "P-521"], "crv", "P-521"),
        (&["--alg", "dir", "--enc", "A128CBC-HS256"], "alg", "dir"),
        (&["--kty", "EC", "--use", "sig", "--no-kid"], "use", "sig"),
    ] {
        let words = [&["jwk", "gen"], words].concat();
        assert_eq!(json(&good(&words, ""))[member], value, "{words:?}");
    }
    if has_ed25519() {
        assert_eq!(json(&good(&["jwk", "gen", "--kty", "OKP"], ""))["crv"], "Ed25519");
    } else {
        bad(&["jwk", "gen", "--kty", "OKP"], "", 2, "");
    }
    // A file of our own is for us alone.
    let out = folder.path().join("out.jwk");
    good(&["jwk", "gen", "--kty", "oct", "-o", path(&out)], "");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&out).expect("it is there").permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(json(&std::fs::read_to_string(&out).expect("text"))["kty"], "oct");
}

fn signatures_go_through_pipes() {
    let folder = tempfile::tempdir().expect("a folder");
    let alg = if has_ed25519() { "EdDSA" } else { "ES384" };
    let private = good(&["jwk", "gen", "--alg", alg, "--kid", "a"], "");
    let key = file(folder.path(), "key.jwk", &private);
    let public = file(folder.path(), "public.jwk", &good(&["jwk", "pub"], &private));
    let token = good(&["jws", "sign", "-k", path(&key)], "hello\n");
    assert_eq!(good(&["jws", "verify", "-k", path(&public)], &token), "hello\n");
    assert_eq!(
        good(&["jws", "verify", "-k", private.trim(), "--alg", &format!("ES256,{alg}")], &token),
        "hello\n"
    );
    let details = json(&good(&["jws", "verify", "-k", path(&public), "--details"], &token));
    assert_eq!(
        (&details["alg"], &details["key"], &details["payload"]),
        (&alg.into(), &"a".into(), &"aGVsbG8K".into())
    );
    assert_eq!(details["header"]["kid"], "a");
    // JSON, detached, unencoded, with members of our own.
    let payload = file(folder.path(), "payload", "with . a point");
    for options in [
        &["--detach"][..],
        &["--detach", "--unencoded"],
        &["--detach", "--json"],
        &["--detach", "--json", "--unencoded"],
    ] {
        let token = good(&[&["jws", "sign", "-k", path(&key), "-i", path(&payload)], options].concat(), "");
        let words = ["jws", "verify", "-k", path(&public), "--detached", path(&payload)];
        assert_eq!(good(&words, &token), "with . a point", "{options:?}");
        bad(
            &["jws", "verify", "-k", path(&public), "--detached", path(&key)],
            &token,
            1,
            "the signature is wrong",
        );
    }
    let token =
        good(&["jws", "sign", "-k", path(&key), "--json", "--typ", "x", "--header", r#"{"a":[1]}"#], "p");
    let details = json(&good(&["jws", "verify", "-k", path(&public), "--details"], &token));
    assert_eq!((&details["header"]["typ"], &details["header"]["a"][0]), (&"x".into(), &1.into()));
    // Two signers.
    let other = file(folder.path(), "other.jwk", &good(&["jwk", "gen", "--alg", "HS256", "--kid", "b"], ""));
    let token = good(&["jws", "sign", "-k", path(&key), "-k", path(&other)], "both");
    assert_eq!(json(&token)["signatures"].as_array().map(Vec::len), Some(2));
    assert_eq!(good(&["jws", "verify", "-k", path(&other)], &token), "both");
    bad(
        &["jws", "verify", "-k", path(&other), "--all"],
        &token,
        1,
        &format!("{alg} is not among the allowed algorithms"),
    );
    assert_eq!(good(&["jws", "verify", "-k", path(&other), "-k", path(&public), "--all"], &token), "both");
}

fn encryption_goes_through_pipes() {
    let folder = tempfile::tempdir().expect("a folder");
    let private = good(&["jwk", "gen", "--alg", "ECDH-ES+A256KW", "--crv", "X25519"], "");
    let key = file(folder.path(), "key.jwk", &private);
    let public = file(folder.path(), "public.jwk", &good(&["jwk", "pub"], &private));
    let token = good(&["jwe", "encrypt", "-k", path(&public), "--apu", "Alice"], "secret");
    assert_eq!(good(&["jwe", "decrypt", "-k", path(&key)], &token), "secret");
    bad(
        &["jwe", "decrypt", "-k", path(&key), "--enc", "A128GCM"],
        &token,
        1,
        "A256GCM is not among the allowed",
    );
    bad(&["jwe", "decrypt", "-k", path(&public)], &token, 2, "a private key is needed");
    let aad = file(folder.path(), "aad", "seen by all");
    let token = good(&["jwe", "encrypt", "-k", path(&public), "--json", "--aad", path(&aad)], "secret");
    assert_eq!(json(&token)["aad"], "c2VlbiBieSBhbGw");
    let details = json(&good(&["jwe", "decrypt", "-k", path(&key), "--details"], &token));
    assert_eq!((&details["enc"], &details["plaintext"]), (&"A256GCM".into(), &"c2VjcmV0".into()));
    // A password, and several recipients.
    let password = file(folder.path(), "password", "entrapment\n");
    let words = [
        "jwe",
        "encrypt",
        "--password-file",
        path(&password),
        "--alg",
        "PBES2-HS256+A128KW",
        "--p2c",
        "1000",
    ];
    let token = good(&words, "secret");
    let words = ["jwe", "decrypt", "--password-file", path(&password), "--alg", "PBES2-HS256+A128KW"];
    assert_eq!(good(&words, &token), "secret");
    let wrap = file(folder.path(), "wrap.jwk", &good(&["jwk", "gen", "--alg", "A128KW"], ""));
    let token = good(&["jwe", "encrypt", "-k", path(&public), "-k", path(&wrap)], "to both");
    for key in [&key, &wrap] {
        assert_eq!(good(&["jwe", "decrypt", "-k", path(key)], &token), "to both");
    }
}

fn claims_are_checked_by_the_time_given() {
    let key = good(&["jwk", "gen", "--alg", "HS256"], "");
    let key = key.trim();
    let token = good(&["jws", "sign", "-k", key], r#"{"iss":"joe","aud":"us","exp":2000}"#);
    let words = ["jwt", "decode", "-k", key, "--now", "1999", "--iss", "joe", "--aud", "us"];
    let answer = json(&good(&words, &token));
    assert_eq!((&answer["verified"], &answer["claims"]["iss"]), (&true.into(), &"joe".into()));
    for (words, code, message) in [
        (&["-k", key, "--now", "2005", "--aud", "us"][..], 1, "expired 5 s ago"),
        (&["-k", key, "--now", "2005", "--aud", "us", "--leeway", "9", "--iss", "jim"], 1, "issued by `joe`"),
        (&["-k", key, "--now", "1"], 1, "meant for another audience"),
        (&["-k", key], 2, "--now is needed"),
        (&["--now", "1"], 2, "no key"),
        (&["-k", key, "--now", "1", "--alg", "HS512"], 2, "another"),
    ] {
        bad(&[&["jwt", "decode"], words].concat(), &token, code, message);
    }
    let answer = json(&good(&["jwt", "decode", "--unverified"], &token));
    assert_eq!((&answer["verified"], &answer["claims"]["exp"]), (&false.into(), &2000.into()));
    bad(&["jwt", "decode", "--unverified"], "x", 1, "three or five parts");
}

/// An authority and a server that it vouches for, made here: PEM of both, and the server's key as a JWK.
fn certificates() -> (String, String, String) {
    use lws_gencrypto::der::DateTime;
    use lws_jose::jwk::{Curve, Jwk, Template};
    use lws_x509::{SigningKey, pem};
    use std::sync::Arc;
    let provider: Arc<dyn lws_gencrypto::Provider> = Arc::new(lws_backend_rustls::crypto());
    let key = || Template::Curve(Curve::P256).generate(&provider).expect("a key");
    let signing =
        |key: &Jwk| SigningKey::new(&*provider, &key.to_x509_private().expect("a key")).expect("a key");
    let now = DateTime::from_unix(1_700_000_000);
    let (ca_key, server_key) = (key(), key());
    let ca =
        lws_x509::Template::authority("Test CA").valid(now, 10).self_signed(&*provider, &signing(&ca_key));
    let ca = ca.expect("a certificate");
    let issuer = lws_x509::Certificate::parse(&ca).expect("a certificate");
    let public = server_key.to_x509_public().expect("a key");
    let server = lws_x509::Template::server(&["localhost"]).expect("a name").valid(now, 10);
    let server = server.signed_by(&*provider, &public, &issuer, &signing(&ca_key)).expect("a certificate");
    let private = server_key.private_json().expect("a key");
    let private = String::from_utf8(private.expose().to_vec()).expect("text");
    (pem::encode(pem::CERTIFICATE, &ca), pem::encode(pem::CERTIFICATE, &server), private)
}

fn certificates_become_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ca, server, private) = certificates();
    let ca = file(folder.path(), "ca.pem", &ca);
    let server = file(folder.path(), "server.pem", &server);
    let key = file(folder.path(), "key.pem", &good(&["jwk", "to-pem"], &private));
    let with_key = json(&good(&["jwk", "x509", "-i", path(&server), "--key", path(&key)], ""));
    assert_eq!((&with_key["d"], with_key["x5c"].as_array().map(Vec::len)), (&json(&private)["d"], Some(1)));
    let trusted = ["jwk", "x509", "-i", path(&server), "--trust", path(&ca), "--host", "localhost", "--now"];
    let public = json(&good(&[&trusted[..], &["1700000100"]].concat(), ""));
    assert!(public["d"].is_null() && public["x"] == with_key["x"]);
    bad(&[&trusted[..], &["1800000000"]].concat(), "", 1, "the certificate is not trusted");
    bad(&["jwk", "x509", "-i", path(&server), "--trust", path(&ca)], "", 2, "--trust needs --now");
    let other =
        ["jwk", "x509", "-i", path(&server), "--trust", path(&ca), "--host", "other", "--now", "1700000100"];
    bad(&other, "", 1, "the certificate is not trusted");
    let foreign = file(
        folder.path(),
        "foreign.pem",
        &good(&["jwk", "to-pem"], &good(&["jwk", "gen", "--kty", "EC"], "")),
    );
    bad(
        &["jwk", "x509", "-i", path(&server), "--key", path(&foreign)],
        "",
        2,
        "not the private key of this certificate",
    );
    let nothing = file(folder.path(), "nothing.pem", "no certificate here\n");
    bad(&["jwk", "x509", "-i", path(&nothing)], "", 2, "BEGIN CERTIFICATE");
    bad(&["jwk", "from-pem", "-i", path(&nothing)], "", 2, "no key and no certificate");
}

fn errors_say_why_and_what_to_do() {
    let hs = good(&["jwk", "gen", "--alg", "HS256"], "");
    let hs = hs.trim();
    let token = good(&["jws", "sign", "-k", hs], "x");
    let damaged = token.replacen("eyJ", "eyK", 1);
    for (words, input, code, message) in [
        (&["jws"][..], "", 2, "jws is followed by one of: sign, verify"),
        (&[], "", 2, "no command"),
        (&["jwx"], "", 2, "no command `jwx`"),
        (&["jws", "verify"], "", 2, "help: -k FILE"),
        (&["jws", "verify", "-k"], "", 2, "needs a value"),
        (&["jws", "verify", "--enc", "x"], "", 2, "`jws verify` has no option --enc"),
        (&["jws", "verify", "-k", "/nonexistent"], "", 2, "cannot read /nonexistent"),
        (&["jws", "verify", "-k", "{}"], "", 2, "-k: key refused: `kty` is missing"),
        (&["jws", "verify", "-k", hs, "--alg", "HS257"], "", 2, "it is one of HS256, HS384"),
        (&["jws", "verify", "-k", hs, "extra"], "", 2, "unexpected argument `extra`"),
        (&["jws", "verify", "-k", r#"{"kty":"oct","k":"AAAA"}"#], "", 2, "A token must not choose"),
        (&["jws", "verify", "-k", hs], &damaged, 1, "token refused"),
        (&["jws", "verify", "-k", hs], "eyJhbGciOiJub25lIn0.eA.", 1, "anybody could have made it"),
        (&["jws", "verify", "-k", hs], "a.b.c.d.e", 1, "help: a JWE has five parts: jwe decrypt"),
        (&["jws", "sign", "-k", hs, "--alg", "ES256"], "", 2, "needs another key type than oct"),
        (&["jws", "sign", "-k", hs, "--header", "[]"], "", 2, "--header"),
        (&["jws", "sign", "-k", hs, "--header", r#"{"alg":"x"}"#], "", 2, "set by the algorithm"),
        (&["jwk", "gen"], "", 2, "which key?"),
        (&["jwk", "gen", "--alg", "dir"], "", 2, "--enc"),
        (&["jwk", "gen", "--kty", "ec"], "", 2, "case matters"),
        (&["jwk", "gen", "--kty", "RSA", "--bits", "1024"], "", 2, "2048 to 4096"),
        (&["jwk", "gen", "--kty", "EC", "--crv", "Ed25519"], "", 2, "does not fit"),
        (&["jwk", "pub", "-k", hs], "", 2, "a symmetric key has no public half"),
        (&["--backend", "nss", "alg"], "", 2, "there is no library `nss`"),
        (&["jwe", "decrypt", "-k", hs, "--alg", "RSA1_5"], "", 2, "--unsafe-rsa1-5"),
    ] {
        bad(words, input, code, message);
    }
}

fn help_and_algorithms() {
    for words in [
        &["--help"][..],
        &["jwk", "--help"],
        &["jws", "sign", "-h"],
        &["jwe", "--help"],
        &["jwt", "--help"],
        &["alg", "--help"],
    ] {
        let text = good(words, "");
        assert!(text.contains("usage: lws-jose"), "{words:?}");
        assert!(text.lines().all(|line| line.chars().count() <= 122), "{words:?}");
    }
    assert!(good(&["--version"], "").starts_with("lws-jose "));
    let answer = json(&good(&["alg"], ""));
    assert_eq!(answer["backend"], BACKEND.get());
    for (noun, kind, count) in [("jws", "alg", 13), ("jwe", "alg", 17), ("jwe", "enc", 6), ("jwk", "crv", 5)]
    {
        let list = answer[noun][kind].as_object().expect("an object");
        assert_eq!(list.len(), count);
        for (name, can) in list {
            let expected = has_ed25519() || !["EdDSA", "Ed25519"].contains(&name.as_str());
            assert_eq!(can == true, expected, "{noun} {kind} {name}: {can}");
        }
    }
}
