//! What is made says what it was told to say.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

#[path = "zoo/mod.rs"]
mod all;

use all::{HOST, NOW, Pki};
use lws_gencrypto::der::DateTime;
use lws_gencrypto::{Curve, Error as CryptoError, Hash, Provider as _};
use lws_x509::{
    AltName, BasicConstraints, Certificate, DistinguishedName, Error, GeneralName, KeyUsage, MoreExtension,
    PublicKey, Request, SigningKey, Template, Version, oid,
};

#[test]
fn a_certificate_says_what_its_template_says() {
    let provider = lws_backend_rustls::crypto();
    let pki = Pki::new(&provider);
    let mut template =
        Template::server(&["example.test", "*.example.test", "192.0.2.1", "2001:db8::1"]).unwrap();
    template.subject = template.subject.with(oid::ORGANIZATION, "Ours").with(oid::COUNTRY, "TW");
    template.alt_names.push(AltName::Email("a@example.test".into()));
    template.alt_names.push(AltName::Uri("https://example.test/".into()));
    template.serial = Some(vec![0x80, 1, 2]);
    template.more.push(MoreExtension {
        oid: oid::AUTHORITY_INFO_ACCESS,
        critical: false,
        value: vec![0x30, 0],
    });
    let der = pki.leaf(&template.valid(DateTime::from_unix(NOW), 90));
    let found = Certificate::parse(&der).unwrap();
    let said = &found.extensions;

    assert_eq!((found.version, found.serial), (Version::V3, &[0x80, 1, 2][..]));
    assert_eq!(found.subject.to_string(), "C=TW,O=Ours,CN=example.test");
    assert_eq!(found.subject.common_name().as_deref(), Some("example.test"));
    assert_eq!(found.issuer.to_string(), "CN=Middle");
    assert_eq!(found.not_before.unix(), NOW);
    assert_eq!(found.not_after.unix(), NOW + 90 * 86_400 - 1, "90 days with both ends");
    assert_eq!(found.key().unwrap(), pki.key.public());
    let names: Vec<_> = said.subject_alt_name.unwrap().iter().map(|name| name.to_string()).collect();
    let expected = [
        "DNS:example.test",
        "DNS:*.example.test",
        "IP:192.0.2.1",
        "IP:2001:db8::1",
        "email:a@example.test",
        "URI:https://example.test/",
    ];
    assert_eq!(names, expected);
    assert_eq!(said.basic_constraints, Some(BasicConstraints { ca: false, path_len: None }));
    assert_eq!(said.key_usage, Some(KeyUsage::DIGITAL_SIGNATURE));
    let purposes = said.extended_key_usage.unwrap();
    assert!(purposes.contains(oid::SERVER_AUTH) && !purposes.contains(oid::CLIENT_AUTH));
    let issuer = Certificate::parse(&pki.middle).unwrap();
    assert_eq!(said.authority_key_id.unwrap().key_id, issuer.extensions.subject_key_id);
    assert!(said.iter().any(|extension| extension.oid == oid::AUTHORITY_INFO_ACCESS && !extension.critical));
    let fingerprint = found.fingerprint(&provider, Hash::Sha256).unwrap();
    assert_eq!((fingerprint.len(), fingerprint.matches(':').count()), (95, 31));
}

#[test]
fn in_words() {
    let provider = lws_backend_rustls::crypto();
    let pki = Pki::new(&provider);
    let mut template = all::server(&[HOST]);
    template.subject = template.subject.with(oid::ORGANIZATION, "two\nlines");
    template.serial = Some(vec![1, 0xab]);
    let der = pki.leaf(&template);
    let text = Certificate::parse(&der).unwrap().to_string();
    let begin = "subject:     O=two\\0Alines,CN=www.example.test\nissuer:      CN=Middle\n\
        valid from:  2026-11-17 11:06:40Z\nvalid to:    2026-12-17 11:06:39Z\nserial:      01:ab\nversion:     3\n\
        key:         EC P-256\nsigned with: ECDSA SHA-256\nname:        DNS:www.example.test\nauthority:   no\n\
        key usage:   digitalSignature\npurpose:     TLS server\nkey id:      ";
    assert!(text.starts_with(begin), "{text}");
    assert_eq!(text.lines().count(), 14);
}

#[test]
fn names_as_rfc_4514_writes_them() {
    for (oid, text, expected) in [
        (oid::COMMON_NAME, "James \"Jim\" Smith, III", r#"CN=James \"Jim\" Smith\, III"#),
        (oid::COMMON_NAME, "Before\rAfter", r"CN=Before\0DAfter"),
        (oid::COMMON_NAME, " both ", r"CN=\ both\ "),
        (oid::COMMON_NAME, " ", r"CN=\ "),
        (oid::COMMON_NAME, "#1 <a+b;c\\d>", r"CN=\#1 \<a\+b\;c\\d\>"),
        (oid::COMMON_NAME, "Lučić", "CN=Lučić"),
        (oid::COMMON_NAME, "\u{85}", r"CN=\C2\85"),
        (oid::COMMON_NAME, "", "CN="),
        (oid::DOMAIN_COMPONENT, "net", "DC=net"),
        (oid::EMAIL_ADDRESS, "a@b", "emailAddress=a@b"),
        (oid::MGF1, "x", "1.2.840.113549.1.1.8=#0c0178"),
    ] {
        assert_eq!(DistinguishedName::new().with(oid, text).as_name().to_string(), expected);
    }
    // Two attributes in one set.
    let set = [
        0x30, 0x18, 0x31, 0x16, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x0b, 0x13, 0x02, b'S', b'a', 0x30, 0x09,
        0x06, 0x03, 0x55, 0x04, 0x03, 0x14, 0x02, 0xc4, b'J',
    ];
    assert_eq!(lws_x509::Name::parse(&set).unwrap().to_string(), "OU=Sa+CN=ÄJ");
    let bmp =
        [0x30, 0x0f, 0x31, 0x0d, 0x30, 0x0b, 0x06, 0x03, 0x55, 0x04, 0x03, 0x1e, 0x04, 0x01, 0x0d, 0, b'a'];
    assert_eq!(lws_x509::Name::parse(&bmp).unwrap().common_name().as_deref(), Some("\u{10d}a"));
    let mut cut = bmp;
    (cut[1], cut[3], cut[5], cut[12]) = (0x0e, 0x0c, 0x0a, 3);
    let cut = lws_x509::Name::parse(&cut[..16]).unwrap();
    assert_eq!(
        (cut.common_name(), cut.to_string()),
        (None, "CN=#1e03010d00".to_string()),
        "half a character"
    );
}

#[test]
fn requests_go_round() {
    let provider = lws_backend_rustls::crypto();
    let pki = Pki::new(&provider);
    let keys = [
        all::ec(&provider),
        SigningKey::Ec(provider.ec_generate(Curve::P384).unwrap()),
        SigningKey::Ec(provider.ec_generate(Curve::P521).unwrap()),
        SigningKey::Ed25519(provider.ed25519_generate().unwrap()),
        SigningKey::Rsa(provider.rsa_generate(2048).unwrap()),
    ];
    for key in keys {
        let der = Template::server(&[HOST, "192.0.2.1"]).unwrap().request(&key).unwrap();
        let request = Request::parse(&der).unwrap();
        request.verify(&provider).unwrap();
        assert_eq!(request.subject.common_name().as_deref(), Some(HOST));
        assert_eq!(request.extensions.key_usage, Some(KeyUsage::DIGITAL_SIGNATURE));
        assert_eq!(request.key().unwrap(), key.public());
        // The authority makes a certificate of it.
        let template = all::server(&[]).asked_by(&request).unwrap();
        let leaf = pki.below(&template, &request.key().unwrap(), &pki.middle, &pki.middle_key);
        let leaf = Certificate::parse(&leaf).unwrap();
        let names: Vec<_> = leaf.extensions.subject_alt_name.unwrap().iter().collect();
        assert_eq!(names, [GeneralName::Dns(HOST), GeneralName::Ip([192, 0, 2, 1].into())]);
        leaf.check_key(&key.public()).unwrap();
        // Somebody else's key in the request, or another name.
        for at in [der.len() - 1, der.windows(HOST.len()).position(|part| part == HOST.as_bytes()).unwrap()] {
            let mut forged = der.clone();
            forged[at] ^= 1;
            let verdict = Request::parse(&forged).map(|request| request.verify(&provider));
            assert_eq!(verdict, Ok(Err(Error::Crypto(CryptoError::Verify))));
        }
    }
    let bare = Template::new(DistinguishedName::common_name("bare")).request(&pki.key).unwrap();
    assert_eq!(Request::parse(&bare).unwrap().extensions.iter().count(), 0);
}

#[test]
fn keys_that_do_not_match_are_noticed() {
    let provider = lws_backend_rustls::crypto();
    let pki = Pki::new(&provider);
    let leaf = pki.good_leaf();
    let leaf = Certificate::parse(&leaf).unwrap();
    assert_eq!(leaf.check_key(&pki.key.public()), Ok(()));
    assert_eq!(leaf.check_key(&pki.root_key.public()), Err(Error::KeyMismatch));
    assert_eq!(leaf.check_key(&PublicKey::Ed25519([1; 32])), Err(Error::KeyMismatch));
    let root = Certificate::parse(&pki.root).unwrap();
    let made = all::server(&[HOST]).signed_by(&provider, &pki.key.public(), &root, &pki.middle_key);
    assert_eq!(made, Err(Error::KeyMismatch));
}

#[test]
fn what_cannot_be_written_is_refused() {
    let provider = lws_backend_rustls::crypto();
    let key = all::ec(&provider);
    for bad in ["", "a b", "ä.test", "*", "*.test", "a.*.test", "a..b", "x\0y", "http://a.test"] {
        assert!(matches!(Template::server(&[bad]), Err(Error::Template(_))), "{bad:?}");
    }
    let with = |change: &dyn Fn(&mut Template)| {
        let mut template = all::server(&[HOST]);
        change(&mut template);
        template.self_signed(&provider, &key)
    };
    assert!(matches!(with(&|t| t.alt_names.push(AltName::Email("ä@b".into()))), Err(Error::Template(_))));
    assert!(matches!(with(&|t| t.alt_names.push(AltName::Uri(String::new()))), Err(Error::Template(_))));
    assert!(matches!(with(&|t| t.serial = Some(vec![1; 21])), Err(Error::Template(_))));
    assert!(with(&|t| t.serial = Some(vec![0xff; 20])).is_ok_and(|der| Certificate::parse(&der).is_ok()));
    let long = ["a".repeat(63).as_str(); 3].join(".");
    let der = all::server(&[&long]).self_signed(&provider, &key).unwrap();
    let long = Certificate::parse(&der).unwrap();
    assert!(long.subject.is_empty(), "no common name of more than 64 characters");
    assert!(long.extensions.iter().any(|said| said.oid == oid::SUBJECT_ALT_NAME && said.critical));
}

/// Serial numbers come from the provider's random numbers, and are positive.
#[test]
fn serial_numbers_differ() {
    let provider = lws_backend_rustls::crypto();
    let key = all::ec(&provider);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let der = all::server(&[HOST]).self_signed(&provider, &key).unwrap();
        let serial = Certificate::parse(&der).unwrap().serial.to_vec();
        assert_eq!((serial.len(), serial[0] & 0xc0), (16, 0x40));
        assert!(seen.insert(serial));
    }
}
