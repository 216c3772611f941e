//! What peers may send: cut off at every byte, changed at every byte. Nothing may panic, whatever comes out.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

#[path = "zoo/mod.rs"]
mod all;

use lws_gencrypto::der::DateTime;
use lws_x509::{
    AltName, Certificate, GeneralName, HostName, Name, Policy, PrivateKey, PublicKey, Purpose, Request,
    SignatureScheme, Template, Verify, oid,
};

/// Bytes that mean something to a parser: types, lengths, ends of ranges.
const BYTES: [u8; 28] = [
    0, 1, 2, 3, 4, 5, 6, 0x0c, 0x13, 0x17, 0x18, 0x1e, 0x1f, b'*', 0x30, 0x31, 0x7e, 0x7f, 0x80, 0x81, 0x82,
    0x84, 0x87, 0xa0, 0xa3, 0xa4, 0xfe, 0xff,
];

/// A certificate with something of everything in it.
fn rich(pki: &all::Pki<'_>) -> Vec<u8> {
    let mut template = all::server(&[all::HOST, "*.example.test", "192.0.2.1", "::1"]);
    template.subject =
        template.subject.with(oid::COUNTRY, "TW").with(oid::ORGANIZATION, " Ä, \"B\" + #1\\ \u{7}");
    template.alt_names.push(AltName::Email("a@example.test".into()));
    template.alt_names.push(AltName::Uri("https://example.test/".into()));
    let constraints = [
        0x30, 0x26, 0xa0, 0x14, 0x30, 0x06, 0x82, 0x04, b't', b'e', b's', b't', 0x30, 0x0a, 0x87, 0x08, 10,
        0, 0, 0, 255, 0, 0, 0, 0xa1, 0x0e, 0x30, 0x04, 0x81, 0x02, b'a', b'b', 0x30, 0x06, 0xa4, 0x04, 0x30,
        0x02, 0x31, 0x00,
    ];
    // An empty set in a name is refused; here it makes sure that refusals are met too.
    assert!(Name::parse(&constraints[36..]).is_err());
    let permitted = constraints[2..24].to_vec();
    let mut value = vec![0x30, 22];
    value.extend(permitted);
    template.more.push(lws_x509::MoreExtension { oid: oid::NAME_CONSTRAINTS, critical: true, value });
    let value = vec![0x30, 0];
    template.more.push(lws_x509::MoreExtension { oid: oid::AUTHORITY_INFO_ACCESS, critical: false, value });
    pki.leaf(&template)
}

/// Uses everything that can be used.
fn look_at(der: &[u8]) -> Option<String> {
    let certificate = Certificate::parse(der).ok()?;
    let said = &certificate.extensions;
    let mut text =
        format!("{certificate} {certificate:?} {:?}", certificate.key().map(|key| key.to_string()));
    for name in said.subject_alt_name.iter().flat_map(|names| names.iter()) {
        text += &name.to_string();
        for host in [all::HOST, "192.0.2.1", "::1"] {
            text += if HostName::parse(host).unwrap().is_named_by(&name) { "!" } else { "" };
        }
        if let GeneralName::Directory(name) = name {
            text += &name.to_string();
        }
    }
    for trees in said.name_constraints.iter().flat_map(|both| [both.permitted, both.excluded]) {
        text.extend(trees.iter().map(|tree| format!("{tree:?}")));
    }
    text.extend(said.iter().map(|extension| extension.oid.to_string()));
    text.extend(said.extended_key_usage.iter().flat_map(|list| list.iter()).map(|oid| oid.to_string()));
    text.extend(SignatureScheme::from_id(&certificate.signature_algorithm).map(|scheme| scheme.to_string()));
    Some(text)
}

#[test]
fn certificates_cut_off_anywhere_are_refused() {
    let provider = lws_backend_rustls::crypto();
    let der = rich(&all::Pki::new(&provider));
    assert!(look_at(&der).is_some());
    for end in 0..der.len() {
        assert_eq!(look_at(&der[..end]), None, "at {end}");
    }
}

#[test]
fn certificates_changed_anywhere_do_not_panic_and_are_not_trusted() {
    let provider = lws_backend_rustls::crypto();
    let pki = all::Pki::new(&provider);
    let der = rich(&pki);
    let (middle, root) = (Certificate::parse(&pki.middle).unwrap(), Certificate::parse(&pki.root).unwrap());
    let trusted = |der: &[u8]| {
        let Ok(leaf) = Certificate::parse(der) else { return false };
        let (intermediates, anchors) = ([middle, leaf], [root]);
        let asked = Verify {
            leaf: &leaf,
            intermediates: &intermediates,
            anchors: &anchors,
            host: Some(HostName::parse(all::HOST).unwrap()),
            purpose: Purpose::Server,
            now: DateTime::from_unix(all::NOW),
        };
        asked.run(&provider, Policy::strict()).is_ok()
    };
    assert!(trusted(&der));
    let mut parsed = 0;
    for at in 0..der.len() {
        let mut changed = der.clone();
        for bit in 0..8 {
            changed[at] = der[at] ^ 1 << bit;
            assert!(!trusted(&changed), "byte {at}, bit {bit}");
        }
        for byte in BYTES.into_iter().filter(|byte| *byte != der[at]) {
            changed[at] = byte;
            parsed += usize::from(look_at(&changed).is_some());
        }
    }
    assert!(parsed > 3_000, "only {parsed} got past the parser: they tested nothing else");
}

/// A parser, and what it is tried with.
fn mutate(der: &[u8], parse: impl Fn(&[u8]) -> bool) {
    assert!(parse(der));
    for at in 0..der.len() {
        assert!(!parse(&der[..at]), "cut off at {at}");
        let mut changed = der.to_vec();
        for byte in BYTES {
            changed[at] = byte;
            parse(&changed);
        }
    }
}

#[test]
fn requests_keys_and_names_changed_anywhere_do_not_panic() {
    let provider = lws_backend_rustls::crypto();
    let key = all::ec(&provider);
    let request = all::server(&[all::HOST, "192.0.2.1"]).request(&key).unwrap();
    mutate(&request, |der| {
        let request = Request::parse(der);
        request.is_ok_and(|request| {
            !request.subject.to_string().is_empty() && request.key().is_ok_and(|key| !key.to_der().is_empty())
        })
    });
    mutate(&key.public().to_der(), |der| PublicKey::from_der(der).is_ok());
    let private = key.export_private().unwrap();
    mutate(private.to_der().unwrap().expose(), |der| PrivateKey::from_der(der).is_ok());
    let subject = Template::authority("Name").subject.with(oid::DOMAIN_COMPONENT, "test");
    mutate(subject.der(), |der| {
        Name::parse(der).is_ok_and(|name| name.to_string().contains("CN=") && name.common_name().is_some())
    });
}
