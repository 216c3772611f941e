//! Certificates, requests and keys (RFC 5280, RFC 2986, RFC 5958): nothing panics, and what is read and written again is
//! the same. Verification runs with a library for which every signature is right: so all paths are walked.
//!
//! The data is read as up to four certificates one behind the other: the leaf, intermediates, and the last as trust anchor.
#![no_main]

#[path = "x509/gullible.rs"]
mod gullible;

use libfuzzer_sys::fuzz_target;
use lws_gencrypto::der::{DateTime, Reader};
use lws_x509::{
    Certificate, Fault, HostName, Leniency, Name, Policy, PrivateKey, PublicKey, Purpose, Request,
    SignatureScheme, Verify,
};

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = Request::parse(data) {
        let _ = (request.subject.to_string(), request.key(), request.extensions.iter().count());
    }
    if let Ok(key) = PublicKey::from_der(data) {
        assert_eq!(PublicKey::from_der(&key.to_der()), Ok(key));
    }
    if let Ok(key) = PrivateKey::from_der(data) {
        let der = key.to_der().expect("what was read is complete");
        assert!(PrivateKey::from_der(der.expose()) == Ok(key));
    }
    if let Ok(name) = Name::parse(data) {
        assert!(!name.to_string().contains(char::is_control));
    }
    certificates(data);
});

fn certificates(data: &[u8]) {
    let mut reader = Reader::new(data);
    let parts: Vec<&[u8]> =
        std::iter::from_fn(|| reader.any().ok()).map(|value| value.whole).take(4).collect();
    let parsed: Vec<Certificate<'_>> = parts.iter().filter_map(|der| Certificate::parse(der).ok()).collect();
    let ([leaf, between @ ..], Some(anchor)) = (&parsed[..], parsed.last()) else { return };
    for certificate in &parsed {
        let text = certificate.to_string();
        assert!(!text.contains(|char: char| char.is_control() && char != '\n'), "{text:?}");
        let _ = (certificate.key(), SignatureScheme::from_id(&certificate.signature_algorithm));
    }
    let everything = Leniency::ALL.into_iter().fold(Policy::strict(), Policy::with);
    for host in ["www.example.test", "192.0.2.1"] {
        let asked = Verify {
            leaf,
            intermediates: between,
            anchors: std::slice::from_ref(anchor),
            host: Some(HostName::parse(host).expect("a host")),
            purpose: Purpose::Server,
            now: DateTime::from_unix(1_795_000_000),
        };
        let strict = asked.run(&gullible::Gullible, Policy::strict());
        let lenient = asked.run(&gullible::Gullible, everything);
        // A leniency never refuses what is good; constraints on a common name count only where that counts.
        if strict.is_ok() {
            assert!(lenient.is_ok(), "{lenient:?}");
        }
        if let Err(rejected) = lenient {
            assert!(!matches!(rejected.fault, Fault::Expired(_) | Fault::WrongHost), "{rejected}");
        }
    }
}
