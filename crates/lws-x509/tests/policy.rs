//! Every leniency forgives its own fault and no other, and says that it did.
#![allow(clippy::unwrap_used, reason = "a failing test is supposed to panic")]

#[path = "zoo/mod.rs"]
mod all;

use all::{Case, HOST, NOW, Pki};
use lws_gencrypto::der::DateTime;
use lws_x509::{Certificate, Fault, HostName, Leniency, Policy, Position, Purpose, Verified, Verify, oid};

/// A leaf with one fault.
fn faulty(pki: &Pki<'_>, fault: Leniency) -> Case {
    let mut expired = all::server(&[HOST]);
    expired.not_after = DateTime::from_unix(NOW - 1);
    let mut authority = all::server(&[HOST]);
    authority.basic_constraints = Some(lws_x509::BasicConstraints { ca: true, path_len: None });
    let leaf = match fault {
        Leniency::SelfSigned => all::server(&[HOST]).self_signed(pki.provider, &pki.key).unwrap(),
        Leniency::UnknownIssuer => return Case::good("unknown", pki, pki.good_leaf()).intermediates(&[]),
        Leniency::Expired => pki.leaf(&expired),
        Leniency::WrongHost => pki.leaf(&all::server(&["other.test"])),
        Leniency::CommonName => pki.changed(|make| make.remove(oid::SUBJECT_ALT_NAME)),
        Leniency::OldVersion => pki.changed(|make| {
            (make.version, make.no_extensions) = (Vec::new(), true);
        }),
        Leniency::AuthorityAsLeaf => pki.leaf(&authority),
        Leniency::Sha1 => pki.changed(|make| {
            make.algorithm = Some(all::make::algorithm(oid::SHA1_WITH_RSA, true));
        }),
        _ => panic!("a leniency that is not tested"),
    };
    Case::good("faulty", pki, leaf)
}

#[test]
fn tls_07_each_leniency_forgives_one_fault() {
    let provider = lws_backend_rustls::crypto();
    let pki = Pki::new(&provider);
    // A version without extensions has no alternative names either; SHA-1 is tried with a real signature in the zoo.
    for fault in Leniency::ALL.into_iter().filter(|fault| *fault != Leniency::Sha1) {
        let case = faulty(&pki, fault);
        let also = if fault == Leniency::OldVersion {
            Policy::strict().with(Leniency::CommonName)
        } else {
            Policy::strict()
        };
        assert!(case.verdict(&provider, Policy::strict()).is_err(), "{fault:?}");
        for leniency in Leniency::ALL {
            let verdict = case.verdict(&provider, also.with(leniency));
            // The host by its common name is also a host that nobody asked about; nobody trusted is also self-signed.
            let forgives =
                leniency == fault || (fault == Leniency::CommonName && leniency == Leniency::WrongHost);
            assert_eq!(verdict.is_ok(), forgives, "{leniency:?} for {fault:?}: {verdict:?}");
        }
    }
}

/// Everything is forgiven, and told.
fn forgiven(case: &Case, policy: Policy) -> Verified {
    let parse = |list: &'static [Vec<u8>]| {
        list.iter().map(|der| Certificate::parse(der).unwrap()).collect::<Vec<_>>()
    };
    let leaf = Certificate::parse(&case.leaf).unwrap();
    let (intermediates, anchors) =
        (parse(case.intermediates.clone().leak()), parse(case.anchors.clone().leak()));
    let asked = Verify {
        leaf: &leaf,
        intermediates: &intermediates,
        anchors: &anchors,
        host: Some(HostName::parse(HOST).unwrap()),
        purpose: Purpose::Server,
        now: DateTime::from_unix(NOW),
    };
    asked.run(&lws_backend_rustls::crypto(), policy).unwrap()
}

#[test]
fn what_was_forgiven_is_told() {
    let provider = lws_backend_rustls::crypto();
    let pki = Pki::new(&provider);
    let everything = Leniency::ALL.into_iter().fold(Policy::strict(), Policy::with);
    let good = forgiven(&Case::good("good", &pki, pki.good_leaf()), everything);
    assert_eq!(good.forgiven, [], "there is nothing to forgive");
    assert_eq!(good.path, [Position::Leaf, Position::Intermediate(0), Position::Anchor(0)]);

    let mut expired = all::server(&["other.test"]);
    expired.not_after = DateTime::from_unix(NOW - 1);
    let expired = expired.self_signed(&provider, &pki.key).unwrap();
    let found = forgiven(&Case::good("bad", &pki, expired), everything);
    let faults: Vec<_> = found.forgiven.iter().map(|rejected| rejected.fault.clone()).collect();
    let end = DateTime::from_unix(NOW - 1);
    assert_eq!(faults, [Fault::Expired(end), Fault::WrongHost, Fault::SelfSigned]);
    assert_eq!(found.path, [Position::Leaf]);
    assert_eq!(
        found.forgiven[0].to_string(),
        "the certificate (CN=other.test) expired on 2026-11-18 11:06:39Z"
    );
}

/// A fault on the way up is told where it is.
#[test]
fn the_certificate_at_fault_is_named() {
    let provider = lws_backend_rustls::crypto();
    let pki = Pki::new(&provider);
    let mut template = all::valid(lws_x509::Template::authority("Middle"));
    template.not_after = DateTime::from_unix(NOW - 1);
    let (middle, leaf) = pki.chain(&template);
    let found = forgiven(
        &Case::good("expired authority", &pki, leaf).intermediates(&[&pki.root, &middle]),
        Policy::strict().with(Leniency::Expired),
    );
    assert_eq!(found.forgiven[0].position, Position::Intermediate(1));
    assert_eq!(found.forgiven[0].subject, "CN=Middle");
    assert_eq!(found.path, [Position::Leaf, Position::Intermediate(1), Position::Anchor(0)]);
}

/// SHA-1 is forgiven only by that, and MD5 by nothing; the signature has to be right all the same.
#[test]
fn sha1_is_forgiven_alone() {
    let provider = lws_backend_rustls::crypto();
    let pki = Pki::new(&provider);
    let case = faulty(&pki, Leniency::Sha1);
    let everything = Leniency::ALL.into_iter().fold(Policy::strict(), Policy::with);
    assert_eq!(case.verdict(&provider, Policy::strict()), Err("WeakSignature".into()));
    assert_eq!(
        case.verdict(&provider, everything),
        Err("Signature".into()),
        "an EC key made no RSA signature"
    );
    let md5 = pki.changed(|make| make.algorithm = Some(all::make::algorithm(oid::MD5_WITH_RSA, true)));
    let md5 = Case::good("MD5", &pki, md5);
    assert_eq!(md5.verdict(&provider, everything), Err("WeakSignature".into()));
}
