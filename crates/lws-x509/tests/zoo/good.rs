//! Those that are trusted: a verifier that refuses everything would pass the rest.

use lws_gencrypto::Curve;
use lws_x509::{BasicConstraints, Certificate, DistinguishedName, Purpose, SigningKey, Template, oid};

use super::{Case, HOST, Make, Pki, server, valid};

pub fn add(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let provider = pki.provider;
    cases.push(Case::good("root, authority, leaf", pki, pki.good_leaf()));
    let direct = pki.below(&server(&[HOST]), &pki.key.public(), &pki.root, &pki.root_key);
    cases.push(Case::good("root, leaf", pki, direct).intermediates(&[]));
    cases.push(Case::good("wildcard", pki, pki.leaf(&server(&["*.example.test"]))));
    cases.push(Case::good("IPv4 address", pki, pki.leaf(&server(&["192.0.2.1"]))).host("192.0.2.1"));
    cases.push(Case::good("IPv6 address", pki, pki.leaf(&server(&["2001:db8::1"]))).host("2001:db8::1"));
    cases.push(Case::good("upper case", pki, pki.leaf(&server(&["WWW.EXAMPLE.TEST"]))));
    cases.push(Case::good("the second name", pki, pki.leaf(&server(&["example.test", HOST]))));
    let mut nameless = server(&[HOST]);
    nameless.subject = DistinguishedName::new();
    cases.push(Case::good("no subject", pki, pki.leaf(&nameless)));

    let stranger = valid(Template::authority("Stranger")).self_signed(provider, &pki.key).unwrap();
    let unordered = Case::good("authorities out of order, with a stranger", pki, pki.good_leaf());
    cases
        .push(unordered.intermediates(&[&stranger, &pki.root, &pki.middle]).anchors(&[&stranger, &pki.root]));
    let mut client = Case::good("client", pki, pki.leaf(&valid(Template::client("client"))));
    client.purpose = Purpose::Client;
    client.leaf = pki.changed(|make| {
        make.set(oid::EXTENDED_KEY_USAGE, false, |w| w.sequence(|w| w.oid(oid::CLIENT_AUTH)))
    });
    cases.push(client);

    let own = server(&[HOST]).self_signed(provider, &pki.key).unwrap();
    cases.push(
        Case::good("a leaf that is trusted itself", pki, own.clone()).intermediates(&[]).anchors(&[&own]),
    );
    let anchor = Case::good("an authority that is trusted and has an issuer", pki, pki.good_leaf());
    cases.push(anchor.intermediates(&[]).anchors(&[&pki.middle]));
    add_variants(pki, cases);
    for (name, key) in other_keys(pki) {
        let root = valid(Template::authority("Other Root")).self_signed(provider, &key).unwrap();
        let leaf = pki.below(&server(&[HOST]), &key.public(), &root, &key);
        cases.push(Case::good(name, pki, leaf).intermediates(&[]).anchors(&[&root]));
    }
}

fn add_variants(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let mut expired = valid(Template::authority("Middle"));
    expired.not_after = lws_gencrypto::der::DateTime::from_unix(super::NOW - 1);
    let expired = pki.below(&expired, &pki.middle_key.public(), &pki.root, &pki.root_key);
    let two = Case::good("two authorities of one name and key, the first expired", pki, pki.good_leaf());
    cases.push(two.intermediates(&[&expired, &pki.middle]));

    let other_key = super::ec(pki.provider);
    let other =
        pki.below(&valid(Template::authority("Middle")), &other_key.public(), &pki.root, &pki.root_key);
    let two = Case::good("two authorities of one name, the first with another key", pki, pki.good_leaf());
    // The leaf tells which key it means; OpenSSL goes by that, this crate tries both.
    cases.push(two.intermediates(&[&other, &pki.middle]));

    let mut zero = valid(Template::authority("Middle"));
    zero.basic_constraints = Some(BasicConstraints { ca: true, path_len: Some(0) });
    let (middle, leaf) = pki.chain(&zero);
    cases.push(Case::good("path length 0 above a leaf", pki, leaf).intermediates(&[&middle]));
    let policies = pki.changed(|make| {
        make.set(oid::CERTIFICATE_POLICIES, true, |w| {
            w.sequence(|w| w.sequence(|w| w.oid(oid::ANY_PURPOSE)))
        });
    });
    cases.push(Case::good("policies, critical", pki, policies));

    // An anchor of version 1: an authority because its owner says so.
    let root = Certificate::parse(&pki.root).unwrap();
    let mut make = Make::like(&root);
    (make.version, make.no_extensions) = (Vec::new(), true);
    let old = make.sign(&pki.root_key);
    cases.push(Case::good("an anchor of version 1", pki, pki.good_leaf()).anchors(&[&old]));
}

fn other_keys(pki: &Pki<'_>) -> Vec<(&'static str, SigningKey)> {
    let provider = pki.provider;
    let ec = |curve| SigningKey::Ec(provider.ec_generate(curve).unwrap());
    let mut keys = vec![
        ("P-384 keys", ec(Curve::P384)),
        ("P-521 keys", ec(Curve::P521)),
        ("RSA keys", SigningKey::Rsa(provider.rsa_generate(2048).unwrap())),
    ];
    // Not every library has these.
    keys.extend(provider.ed25519_generate().map(|key| (super::ED25519, SigningKey::Ed25519(key))));
    keys
}
