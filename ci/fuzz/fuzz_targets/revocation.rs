//! What `lws-tls` reads of certificates and revocation lists (RFC 5280) before a TLS library verifies them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lws_tls::{Certificate, CertificateFault, Date, Purpose, RevocationLists};

fuzz_target!(|data: &[u8]| {
    let mut lists = RevocationLists::default();
    if lists.add(data.to_vec()).is_ok() {
        assert!(lists.ders().eq([data]));
        assert!(lists.add(data.to_vec()).is_err(), "a second one of the same issuer");
        assert_eq!(lists.in_force(b"nobody", Date(0)), Err(CertificateFault::RevocationUnknown));
    } else {
        assert!(lists.is_empty());
    }
    if let Ok(certificate) = Certificate::parse(data) {
        assert_eq!(certificate.der, data);
        let _ = (certificate.names().count(), certificate.short_name(), certificate.rsa_bits());
        let _ = (certificate.is_ca(), certificate.may_sign(), certificate.may_sign_lists());
        let _ = (certificate.allows(Purpose::Client), certificate.has_unknown_critical());
        assert!(!certificate.is_for(""));
    }
});
