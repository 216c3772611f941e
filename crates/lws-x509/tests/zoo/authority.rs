//! Those with an authority that is none, or with a leaf that is not one.

use lws_gencrypto::der::{DateTime, Oid};
use lws_x509::{BasicConstraints, Certificate, KeyUsage, Template, oid};

use super::make::der;
use super::{Case, HOST, Make, NOW, Pki, ec, server, valid};

/// policyConstraints.
const POLICY_CONSTRAINTS: Oid<'static> = Oid::from_encoded(&[0x55, 0x1d, 0x24]);
/// 2.999.1, an example.
const UNHEARD_OF: Oid<'static> = Oid::from_encoded(&[0x88, 0x37, 0x01]);

pub fn add(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let mut bad = |name, fault, authority: Template| {
        let (middle, leaf) = pki.chain(&authority);
        cases.push(Case::bad(name, pki, leaf, fault).intermediates(&[&middle]));
    };
    let authority = || valid(Template::authority("Middle"));
    let with = |change: &dyn Fn(&mut Template)| {
        let mut template = authority();
        change(&mut template);
        template
    };
    bad(
        "issuer CA:FALSE",
        "NotAuthority",
        with(&|t| t.basic_constraints = Some(BasicConstraints::default())),
    );
    bad("issuer without basic constraints", "NotAuthority", with(&|t| t.basic_constraints = None));
    bad(
        "issuer that may sign anything else",
        "KeyUsage",
        with(&|t| t.key_usage = Some(KeyUsage::DIGITAL_SIGNATURE)),
    );
    bad("issuer for clients only", "Purpose", with(&|t| t.extended_key_usage = vec![oid::CLIENT_AUTH]));
    bad("issuer expired", "Expired", with(&|t| t.not_after = DateTime::from_unix(NOW - 1)));
    bad("issuer not yet valid", "NotYetValid", with(&|t| t.not_before = DateTime::from_unix(NOW + 1)));
    let more = |oid, value| lws_x509::MoreExtension { oid, critical: true, value };
    bad(
        "issuer with an unknown extension",
        "CriticalExtension",
        with(&|t| t.more.push(more(UNHEARD_OF, vec![5, 0]))),
    );
    let demands = der(|w| w.sequence(|w| w.primitive(lws_gencrypto::der::Tag::context(0), &[0])));
    let (middle, leaf) = pki.chain(&with(&|t| t.more.push(more(POLICY_CONSTRAINTS, demands.clone()))));
    let demanding = Case::bad("issuer that demands policies", pki, leaf, "CriticalExtension");
    let demanding = demanding.intermediates(&[&middle]);
    cases.push(demanding.openssl_differs("OpenSSL looks at policies only when it is told to"));

    let middle = Certificate::parse(&pki.middle).unwrap();
    let mut make = Make::like(&middle);
    (make.version, make.no_extensions) = (Vec::new(), true);
    let old = make.sign(&pki.root_key);
    cases.push(Case::bad("issuer of version 1", pki, pki.good_leaf(), "NotAuthority").intermediates(&[&old]));

    let leaf = pki.good_leaf();
    let below = pki.below(&server(&[HOST]), &ec(pki.provider).public(), &leaf, &pki.key);
    let below = Case::bad("issuer is a leaf", pki, below, "NotAuthority");
    cases.push(below.intermediates(&[&leaf, &pki.middle]));
}

pub fn add_paths(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let provider = pki.provider;
    let limited = |name: &str, path_len| {
        let mut template = valid(Template::authority(name));
        template.basic_constraints = Some(BasicConstraints { ca: true, path_len: Some(path_len) });
        template
    };
    let middle = pki.below(&limited("Middle", 0), &pki.middle_key.public(), &pki.root, &pki.root_key);
    let low_key = ec(provider);
    let low = pki.below(&valid(Template::authority("Low")), &low_key.public(), &middle, &pki.middle_key);
    let leaf = pki.below(&server(&[HOST]), &pki.key.public(), &low, &low_key);
    let long = Case::bad("path length 0 above an authority", pki, leaf, "PathTooLong");
    cases.push(long.intermediates(&[&low, &middle]));
    let root = limited("Root", 0).self_signed(provider, &pki.root_key).unwrap();
    cases.push(Case::bad("root with path length 0", pki, pki.good_leaf(), "PathTooLong").anchors(&[&root]));
    let mut expired = valid(Template::authority("Root"));
    expired.not_after = DateTime::from_unix(NOW - 1);
    let expired = expired.self_signed(provider, &pki.root_key).unwrap();
    cases.push(Case::bad("root expired", pki, pki.good_leaf(), "Expired").anchors(&[&expired]));
    let mut none = valid(Template::authority("Root"));
    none.basic_constraints = Some(BasicConstraints::default());
    let none = none.self_signed(provider, &pki.root_key).unwrap();
    cases.push(Case::bad("root CA:FALSE", pki, pki.good_leaf(), "NotAuthority").anchors(&[&none]));

    cases.push(Case::bad("intermediate missing", pki, pki.good_leaf(), "UnknownIssuer").intermediates(&[]));
    let stranger = valid(Template::authority("Stranger")).self_signed(provider, &ec(provider)).unwrap();
    cases.push(Case::bad("root not trusted", pki, pki.good_leaf(), "UnknownIssuer").anchors(&[&stranger]));
    let sent_along = Case::bad("root sent along and not trusted", pki, pki.good_leaf(), "UnknownIssuer");
    cases.push(sent_along.intermediates(&[&pki.middle, &pki.root]).anchors(&[&stranger]));
    cases.push(Case::bad("nothing trusted", pki, pki.good_leaf(), "UnknownIssuer").anchors(&[]));
    let own = server(&[HOST]).self_signed(provider, &pki.key).unwrap();
    cases.push(Case::bad("self-signed", pki, own.clone(), "SelfSigned"));
    cases.push(Case::bad("self-signed, sent twice", pki, own.clone(), "SelfSigned").intermediates(&[&own]));
    add_endless(pki, cases);
}

/// Paths that go round, on and on, or everywhere (TLS-08).
fn add_endless(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let (a_key, b_key) = (ec(pki.provider), ec(pki.provider));
    let authority = |name: &str| valid(Template::authority(name));
    let a = authority("A").self_signed(pki.provider, &a_key).unwrap();
    let b_by_a = pki.below(&authority("B"), &b_key.public(), &a, &a_key);
    let a_by_b = pki.below(&authority("A"), &a_key.public(), &b_by_a, &b_key);
    let leaf = pki.below(&server(&[HOST]), &pki.key.public(), &a, &a_key);
    cases.push(
        Case::bad("two that sign each other", pki, leaf, "UnknownIssuer").intermediates(&[&a_by_b, &b_by_a]),
    );

    let mut tower = vec![(pki.root.clone(), pki.root_key.clone())];
    for level in 0..9 {
        let (issuer, issuer_key) = tower.last().unwrap();
        let key = ec(pki.provider);
        let der = pki.below(&authority(&format!("Level {level}")), &key.public(), issuer, issuer_key);
        tower.push((der, key));
    }
    let leaf = |level: usize| {
        let (issuer, key) = &tower[level];
        pki.below(&server(&[HOST]), &pki.key.public(), issuer, key)
    };
    let levels: Vec<&Vec<u8>> = tower[1..].iter().map(|(der, _)| der).collect();
    cases.push(Case::good("as many authorities as there may be", pki, leaf(8)).intermediates(&levels));
    let deeper = Case::bad("one authority more", pki, leaf(9), "Limit(\"PATH_AUTHORITIES\")");
    cases.push(deeper.intermediates(&levels).openssl_differs("OpenSSL goes down to 100"));

    // Thirty-two authorities of one name and of different keys, and one of them trusted.
    let same: Vec<Vec<u8>> = (0..32)
        .map(|_| pki.below(&authority("Middle"), &ec(pki.provider).public(), &pki.middle, &pki.middle_key))
        .collect();
    let everywhere =
        Case::bad("authorities that all look right", pki, pki.good_leaf(), "Limit(\"SIGNATURE_CHECKS\")");
    let anchors = [&same[0], &pki.root];
    cases.push(everywhere.intermediates(&same.iter().collect::<Vec<_>>()).anchors(&anchors));
    let mut many = same;
    many.push(pki.middle.clone());
    let many = Case::bad("one intermediate too many", pki, pki.good_leaf(), "Limit(\"INTERMEDIATES\")")
        .intermediates(&many.iter().collect::<Vec<_>>());
    cases.push(many.openssl_differs("OpenSSL has no such limit"));
}

pub fn add_leaves(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let mut bad = |name, fault, change: &dyn Fn(&mut Template)| {
        let mut template = server(&[HOST]);
        change(&mut template);
        cases.push(Case::bad(name, pki, pki.leaf(&template), fault));
    };
    bad("expired", "Expired", &|t| t.not_after = DateTime::from_unix(NOW - 1));
    bad("not yet valid", "NotYetValid", &|t| t.not_before = DateTime::from_unix(NOW + 1));
    bad("ends before it begins", "NotYetValid", &|t| {
        (t.not_before, t.not_after) = (DateTime::from_unix(NOW + 9), DateTime::from_unix(NOW - 9));
    });
    bad("for clients only", "Purpose", &|t| t.extended_key_usage = vec![oid::CLIENT_AUTH]);
    bad("for any purpose", "Purpose", &|t| t.extended_key_usage = vec![oid::ANY_PURPOSE]);
    bad("key for revocation lists only", "KeyUsage", &|t| t.key_usage = Some(KeyUsage::CRL_SIGN));
    bad("an unknown extension", "CriticalExtension", &|t| {
        t.more.push(lws_x509::MoreExtension { oid: UNHEARD_OF, critical: true, value: vec![5, 0] });
    });
    let leaf = |change: &dyn Fn(&mut Template)| {
        let mut template = server(&[HOST]);
        change(&mut template);
        pki.leaf(&template)
    };
    let authority = leaf(&|t| {
        t.basic_constraints = Some(BasicConstraints { ca: true, path_len: None });
        t.key_usage = Some(KeyUsage::DIGITAL_SIGNATURE | KeyUsage::KEY_CERT_SIGN);
    });
    let authority = Case::bad("an authority as a leaf", pki, authority, "AuthorityAsLeaf").lws_takes_it();
    cases.push(authority.openssl_differs("OpenSSL does not mind"));
    let old = pki.changed(|make| {
        (make.version, make.no_extensions) = (Vec::new(), true);
    });
    let old = Case::bad("version 1", pki, old, "Version").lws_takes_it();
    cases.push(old.openssl_differs("OpenSSL does not mind"));
    let edge = DateTime::from_unix(NOW);
    cases.push(Case::good("its first second", pki, leaf(&|t| t.not_before = edge)));
    let last = Case::good("its last second", pki, leaf(&|t| t.not_after = edge));
    cases.push(last.openssl_differs("OpenSSL ends a second early"));
}
