//! What this project writes, OpenSSL's command reads, and the other way round: keys, certificates and requests, of every
//! library and every kind of key.

use std::path::Path;
use std::process::Command;

use backends::crypto::providers;
use lws_gencrypto::der::DateTime;
use lws_gencrypto::{Curve, Error, Provider};
use lws_x509::{
    Certificate, DistinguishedName, PrivateKey, PublicKey, Request, SigningKey, Template, oid, pem,
};

/// What OpenSSL writes to its standard output.
fn openssl(dir: &Path, args: &[&str]) -> String {
    let output = Command::new("openssl").args(args).current_dir(dir).output().expect("openssl is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {}: {errors}", args.join(" "));
    // Some commands say on the other stream whether a signature is right.
    String::from_utf8(output.stdout).expect("text") + &errors
}

fn now() -> DateTime {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    DateTime::from_unix(now.as_secs() as i64)
}

/// One key of each kind that the library can make, and what OpenSSL calls its signatures.
fn keys(provider: &dyn Provider) -> Vec<(SigningKey, &'static str)> {
    let ec = |curve| SigningKey::Ec(provider.ec_generate(curve).expect("every library makes EC keys"));
    let mut keys = vec![
        (ec(Curve::P256), "ecdsa-with-SHA256"),
        (ec(Curve::P384), "ecdsa-with-SHA384"),
        (ec(Curve::P521), "ecdsa-with-SHA512"),
        (
            SigningKey::Rsa(provider.rsa_generate(2048).expect("every library makes RSA keys")),
            "sha256WithRSAEncryption",
        ),
    ];
    match provider.ed25519_generate() {
        Ok(key) => keys.push((SigningKey::Ed25519(key), "ED25519")),
        Err(Error::Unsupported { .. }) => {}
        Err(error) => panic!("{error}"),
    }
    keys
}

#[test]
fn openssl_reads_what_is_made() {
    for provider in providers() {
        for (key, signed_with) in keys(&*provider) {
            let dir = tempfile::tempdir().expect("a folder");
            let write =
                |name: &str, text: &[u8]| std::fs::write(dir.path().join(name), text).expect("written");
            let ca = Template::authority("Example CA")
                .valid(now(), 30)
                .self_signed(&*provider, &key)
                .expect("made");
            let mut template =
                Template::server(&["www.example.test", "192.0.2.1", "2001:db8::1"]).expect("hosts");
            let name =
                DistinguishedName::new().with(oid::COUNTRY, "TW").with(oid::ORGANIZATION, "Grüße, \"GmbH\"");
            template.subject = name.with(oid::COMMON_NAME, "www.example.test");
            let issuer = Certificate::parse(&ca).expect("what was made");
            let leaf = template.clone().valid(now(), 10).signed_by(&*provider, &key.public(), &issuer, &key);
            let request = template.request(&key).expect("made");
            write("ca.pem", pem::encode(pem::CERTIFICATE, &ca).as_bytes());
            write("leaf.pem", pem::encode(pem::CERTIFICATE, &leaf.expect("made")).as_bytes());
            write("request.pem", pem::encode(pem::CERTIFICATE_REQUEST, &request).as_bytes());
            write("key.pem", key.export_private().expect("exported").to_pem().expect("complete").expose());

            let text = openssl(
                dir.path(),
                &["x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "RFC2253,-esc_msb"],
            );
            for expected in [
                signed_with,
                "Version: 3 (0x2)",
                "Issuer: CN=Example CA",
                "Subject: CN=www.example.test,O=Grüße\\, \\\"GmbH\\\",C=TW",
                "DNS:www.example.test, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1",
                "CA:FALSE",
                "TLS Web Server Authentication",
                "Digital Signature",
            ] {
                assert!(text.contains(expected), "{}: {expected} is not in {text}", provider.name());
            }
            let verify = [
                "verify",
                "-x509_strict",
                "-verify_hostname",
                "www.example.test",
                "-CAfile",
                "ca.pem",
                "leaf.pem",
            ];
            assert!(openssl(dir.path(), &verify).contains("leaf.pem: OK"));
            let text = openssl(dir.path(), &["req", "-in", "request.pem", "-noout", "-verify", "-text"]);
            assert!(text.contains("verify OK") && text.contains("DNS:www.example.test"), "{text}");
            // The key is whole, and its public half is ours.
            assert!(openssl(dir.path(), &["pkey", "-in", "key.pem", "-noout", "-check"]).contains("valid"));
            let public = openssl(dir.path(), &["pkey", "-in", "key.pem", "-pubout"]);
            assert_eq!(public, key.public().to_pem(), "{}", provider.name());
        }
    }
}

/// Every form that OpenSSL writes a private key in.
#[test]
fn keys_that_openssl_makes_are_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    openssl(dir, &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.pem"]);
    openssl(dir, &["rsa", "-in", "rsa.pem", "-traditional", "-out", "rsa-pkcs1.pem"]);
    let mut files = vec!["rsa.pem".to_owned(), "rsa-pkcs1.pem".to_owned()];
    for curve in ["prime256v1", "secp384r1", "secp521r1"] {
        openssl(dir, &["ecparam", "-name", curve, "-genkey", "-out", &format!("{curve}-sec1.pem")]);
        openssl(
            dir,
            &[
                "pkcs8",
                "-topk8",
                "-nocrypt",
                "-in",
                &format!("{curve}-sec1.pem"),
                "-out",
                &format!("{curve}.pem"),
            ],
        );
        files.extend([format!("{curve}-sec1.pem"), format!("{curve}.pem")]);
    }
    for kind in ["ED25519", "X25519"] {
        openssl(dir, &["genpkey", "-algorithm", kind, "-out", &format!("{kind}.pem")]);
        files.push(format!("{kind}.pem"));
    }
    for file in files {
        let text = std::fs::read(dir.join(&file)).expect("what OpenSSL wrote");
        let key = PrivateKey::from_pem(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let public = openssl(dir, &["pkey", "-in", &file, "-pubout"]);
        for provider in providers() {
            match key.public(&*provider) {
                Ok(found) => assert_eq!(found.to_pem(), public, "{file}, {}", provider.name()),
                Err(lws_x509::Error::Crypto(Error::Unsupported { .. })) => {}
                Err(error) => panic!("{file}, {}: {error}", provider.name()),
            }
        }
        assert_eq!(PublicKey::from_pem(public.as_bytes()).expect("a public key").to_pem(), public);
    }
    openssl(dir, &["pkey", "-in", "rsa.pem", "-aes256", "-passout", "pass:secret", "-out", "encrypted.pem"]);
    let encrypted = std::fs::read(dir.join("encrypted.pem")).expect("what OpenSSL wrote");
    let refused = lws_x509::Error::Pem { line: 1, fault: pem::Fault::Encrypted };
    assert_eq!(PrivateKey::from_pem(&encrypted), Err(refused));
}

#[test]
fn requests_and_certificates_that_openssl_makes_are_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path();
    let common = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem"];
    let names = [
        "-subj",
        "/C=TW/O=Ours/CN=www.example.test",
        "-addext",
        "subjectAltName=DNS:www.example.test,IP:192.0.2.1",
    ];
    openssl(dir, &[&["req", "-new", "-out", "request.pem"][..], &common, &names].concat());
    let der = pem::all(&std::fs::read(dir.join("request.pem")).expect("written"), pem::CERTIFICATE_REQUEST);
    let der = der.expect("PEM").remove(0);
    let request = Request::parse(&der).expect("a request");
    assert_eq!(request.subject.to_string(), "CN=www.example.test,O=Ours,C=TW");
    assert_eq!(request.extensions.subject_alt_name.expect("names").iter().count(), 2);

    openssl(dir, &[&["req", "-x509", "-days", "9", "-out", "own.pem"][..], &common, &names].concat());
    let own = pem::all(&std::fs::read(dir.join("own.pem")).expect("written"), pem::CERTIFICATE)
        .expect("PEM")
        .remove(0);
    let own = Certificate::parse(&own).expect("a certificate");
    assert!(own.is_ca() && own.is_self_issued());
    for provider in providers() {
        request.verify(&*provider).expect("its own signature");
        let key = PrivateKey::from_pem(&std::fs::read(dir.join("key.pem")).expect("written")).expect("a key");
        own.check_key(&key.public(&*provider).expect("a good key")).expect("its own key");
        let printed =
            openssl(dir, &["x509", "-in", "own.pem", "-noout", "-fingerprint", "-sha256"]).to_lowercase();
        let ours = own.fingerprint(&*provider, lws_gencrypto::Hash::Sha256).expect("a digest");
        assert!(printed.trim_end().ends_with(&ours), "{printed}");
    }
}
