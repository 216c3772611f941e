//! The certificates that this system trusts, if it has any: each of them is parsed, and written out in words.

use lws_x509::{Certificate, PublicKey, pem};

const FILE: &str = "/etc/ssl/certs/ca-certificates.crt";

#[test]
fn real_roots_are_parsed() {
    let Ok(text) = std::fs::read(FILE) else {
        println!("skipped: there is no {FILE}");
        return;
    };
    let mut count = 0;
    for block in pem::blocks(&text) {
        let block = block.unwrap();
        assert_eq!(block.label, pem::CERTIFICATE);
        let certificate =
            Certificate::parse(&block.der).unwrap_or_else(|error| panic!("line {}: {error}", block.line));
        let key = certificate.key().unwrap_or_else(|error| panic!("{}: {error}", certificate.subject));
        assert_eq!(key.to_der(), certificate.public_key.der, "{}", certificate.subject);
        assert_eq!(PublicKey::from_der(&key.to_der()).unwrap(), key);
        assert_eq!(
            pem::all(pem::encode(pem::CERTIFICATE, &block.der).as_bytes(), pem::CERTIFICATE).unwrap(),
            [block.der]
        );
        count += 1;
    }
    assert!(count > 50, "{count} certificates in {FILE}");
}
