//! TLS-10: certificates of clients that were taken back, each client against each server.

use std::sync::atomic::{AtomicI64, Ordering};

use backends::tls::{Backend, Pair, backends, each_pair, fault, only, trusting};
use backends::tls_certs::{Issued, Recipe, RevocationList, authority, client, leaf};
use lws_tls::{
    Acceptor, Alert, Cause, ClientSettings, Connector, Date, Error, Phase, ServerSettings, Source, Version,
};

fn own() -> Issued {
    leaf(&["localhost"]).self_signed()
}

/// A server that demands certificates of what `root` issued, less what is in `lists`.
fn demanding(own: &Issued, root: &Issued, lists: impl IntoIterator<Item = Source>) -> ServerSettings {
    ServerSettings::new(own.certificates()).client_auth_required([root.root()]).revocation_lists(lists)
}

fn showing(version: Version, own: &Issued, identity: &Issued) -> ClientSettings {
    only(version, trusting(own)).identity(identity.certificates())
}

/// What the server has against the client, and the alert that the client got.
fn verdict(connector: &dyn Connector, acceptor: &dyn Acceptor) -> (String, Option<Alert>) {
    let mut pair = Pair::new(connector, acceptor);
    pair.settle();
    let alert = match &pair.client.error {
        Some(Error::Peer { cause: Cause::Alert(alert), .. }) => Some(*alert),
        _ => None,
    };
    // Both or none: a refused client must not believe that it was let in for good.
    assert_eq!(pair.server.tls.phase() == Phase::Open, alert.is_none(), "{:?}", pair.client.error);
    (fault(pair.server.error.as_ref()), alert)
}

#[test]
fn tls_10_revoked() {
    let own = own();
    let root = authority("clients").self_signed();
    let (alice, bob) = (client("alice").by(&root), client("bob").by(&root));
    each_pair(|from, to, version| {
        let what = format!("{from:?} to {to:?}, {version}");
        let list = RevocationList::of(&root, &[&alice]).source();
        for optional in [false, true] {
            let mut settings = demanding(&own, &root, [list.clone()]);
            if optional {
                settings = settings.client_auth_optional([root.root()]);
            }
            let acceptor = to.serve(settings);
            let check = |who: &Issued| verdict(&*from.connect(&showing(version, &own, who)), &*acceptor);
            let refused = ("revoked".to_string(), Some(Alert::CERTIFICATE_REVOKED));
            assert_eq!(check(&alice), refused, "{what}, optional: {optional}");
            assert_eq!(check(&bob), ("ok".to_string(), None), "{what}, optional: {optional}");
        }
    });
}

#[test]
fn tls_10_without_a_list_in_force_nobody_is_let_in() {
    let own = own();
    let root = authority("clients").self_signed();
    let other = authority("other").self_signed();
    let alice = client("alice").by(&root);
    // It may sign certificates, and no lists.
    let mute = Recipe { key_usage: Some(0b0000_0100), ..authority("mute") }.by(&root);
    let of_mute = client("carol").by_intermediate(&mute);
    let good = RevocationList::of(&root, &[]);
    let cases = [
        ("good", good.clone(), &alice, &root, true),
        ("another issuer's", RevocationList::of(&other, &[]), &alice, &root, false),
        ("over", RevocationList { valid: (-7_200, -3_600), ..good.clone() }, &alice, &root, false),
        ("to come", RevocationList { valid: (3_600, 7_200), ..good.clone() }, &alice, &root, false),
        ("forged", RevocationList { signer: &other, ..good }, &alice, &root, false),
        ("of one that signs no lists", RevocationList::of(&mute, &[]), &of_mute, &root, false),
        // Who is trusted is not asked about.
        ("of a pinned certificate", RevocationList::of(&other, &[]), &alice, &alice, true),
    ];
    each_pair(|from, to, version| {
        for (case, list, who, trusted, fine) in &cases {
            let mut lists = vec![list.source()];
            if who.subject == "carol" {
                lists.push(RevocationList::of(&root, &[]).source());
            }
            let acceptor = to.serve(demanding(&own, trusted, lists));
            let (fault, alert) = verdict(&*from.connect(&showing(version, &own, who)), &*acceptor);
            let expect = if *fine { "ok" } else { "revocation unknown" };
            assert_eq!(fault, expect, "{from:?} to {to:?}, {version}: {case}");
            assert_eq!(alert.is_none(), *fine, "{from:?} to {to:?}, {version}: {case}");
        }
    });
}

#[test]
fn tls_10_all_of_the_chain_is_looked_at() {
    let own = own();
    let root = authority("root").self_signed();
    let middle = authority("middle").by(&root);
    let alice = client("alice").by_intermediate(&middle);
    let of = |issuer, revoked: &[&_]| RevocationList::of(issuer, revoked).source();
    for backend in backends() {
        for version in backend.versions {
            let check = |lists: &[Source]| {
                let acceptor = backend.serve(demanding(&own, &root, lists.to_vec()));
                verdict(&*backend.connect(&showing(*version, &own, &alice)), &*acceptor).0
            };
            let what = format!("{backend:?} {version}");
            assert_eq!(check(&[of(&root, &[]), of(&middle, &[])]), "ok", "{what}");
            assert_eq!(check(&[of(&root, &[]), of(&middle, &[&alice])]), "revoked", "{what}");
            assert_eq!(check(&[of(&root, &[&middle]), of(&middle, &[])]), "revoked", "{what}");
            assert_eq!(check(&[of(&middle, &[])]), "revocation unknown", "{what}");
            assert_eq!(check(&[of(&root, &[])]), "revocation unknown", "{what}");
        }
    }
}

/// Connects and says whether the server resumed, or what it had against the client.
fn visit(connector: &dyn Connector, acceptor: &dyn Acceptor) -> Result<bool, String> {
    let mut pair = Pair::new(connector, acceptor);
    pair.settle();
    match &pair.server.error {
        Some(error) => Err(fault(Some(error))),
        None => {
            assert!(pair.talks(b"hello"));
            Ok(pair.server.tls.facts().resumed)
        }
    }
}

#[test]
fn tls_10_a_ticket_does_not_outlive_what_was_taken_back() {
    let own = own();
    let root = authority("clients").self_signed();
    let (alice, bob) = (client("alice").by(&root), client("bob").by(&root));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clients.crl");
    let source = || Source::File(path.to_str().unwrap().to_string());
    each_pair(|from, to, version| {
        let what = format!("{from:?} to {to:?}, {version}");
        std::fs::write(&path, RevocationList::of(&root, &[]).pem()).unwrap();
        let acceptor = to.serve(demanding(&own, &root, [source()]));
        let alices = from.connect(&showing(version, &own, &alice));
        let bobs = from.connect(&showing(version, &own, &bob));
        for connector in [&alices, &bobs] {
            assert_eq!(visit(&**connector, &*acceptor), Ok(false), "{what}");
            assert_eq!(visit(&**connector, &*acceptor), Ok(true), "{what}");
        }
        // A list that cannot be read changes nothing.
        std::fs::write(&path, "-----BEGIN X509 CRL-----\n????\n-----END X509 CRL-----\n").unwrap();
        assert!(matches!(acceptor.reload(), Err(Error::Config(_))), "{what}");
        assert_eq!(visit(&*alices, &*acceptor), Ok(true), "{what}");

        std::fs::write(&path, RevocationList::of(&root, &[&alice]).pem()).unwrap();
        acceptor.reload().unwrap();
        assert_eq!(visit(&*alices, &*acceptor), Err("revoked".to_string()), "{what}");
        assert_eq!(visit(&*alices, &*acceptor), Err("revoked".to_string()), "{what}: again");
        assert_eq!(visit(&*bobs, &*acceptor), Ok(false), "{what}: shows its certificate anew");
        assert_eq!(visit(&*bobs, &*acceptor), Ok(true), "{what}");
        // Given back.
        std::fs::write(&path, RevocationList::of(&root, &[]).pem()).unwrap();
        acceptor.reload().unwrap();
        assert_eq!(visit(&*alices, &*acceptor), Ok(false), "{what}");
    });
}

#[test]
fn tls_10_lists_that_cannot_be_used_are_named() {
    let own = own();
    let root = authority("clients").self_signed();
    let folder = tempfile::tempdir().unwrap();
    let list = RevocationList::of(&root, &[]);
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("none.pem", own.pem().0.into_bytes(), "there is none in it"),
        (
            "twice.pem",
            [list.pem(), list.pem()].concat().into_bytes(),
            "there is another list of the same issuer",
        ),
        ("certificate.der", own.der.clone(), "it is not a"),
        ("cut.der", list.der()[..60].to_vec(), "it is not a well-formed revocation list"),
    ];
    let refused = |backend: &Backend, source| match backend.provider.server(demanding(&own, &root, [source]))
    {
        Err(Error::Config(error)) => error.to_string(),
        other => panic!("{backend:?}: {other:?}"),
    };
    for backend in backends() {
        for (name, bytes, reason) in &cases {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            let path = path.to_str().unwrap();
            let text = refused(&backend, Source::File(path.to_string()));
            let expect = format!("the revocation list in {path} cannot be used: {reason}");
            assert!(text.starts_with(&expect), "{backend:?}: {text}");
        }
        let text = refused(&backend, Source::File("/no/such.crl".to_string()));
        assert!(text.starts_with("cannot read /no/such.crl: "), "{backend:?}: {text}");
    }
}

/// Lists are of clients; without any, a client that is in nobody's list is let in.
#[test]
fn tls_10_no_lists_no_demands() {
    let own = own();
    let root = authority("clients").self_signed();
    let alice = client("alice").by(&root);
    for backend in backends() {
        for version in backend.versions {
            let acceptor = backend.serve(demanding(&own, &root, []));
            let connector = backend.connect(&showing(*version, &own, &alice));
            assert_eq!(visit(&*connector, &*acceptor), Ok(false), "{backend:?} {version}");
            acceptor.reload().unwrap();
            // TLS-04: tickets outlive a reload.
            assert_eq!(visit(&*connector, &*acceptor), Ok(true), "{backend:?} {version}");
        }
    }
}

static CLOCK: AtomicI64 = AtomicI64::new(0);

fn clock() -> Date {
    Date(lws_tls::files::now().0 + CLOCK.load(Ordering::SeqCst))
}

#[test]
fn tls_10_a_ticket_does_not_outlive_the_certificate() {
    let own = own();
    let root = authority("clients").self_signed();
    let alice = Recipe { valid: (-3_600, 3_600), ..client("alice") }.by(&root);
    each_pair(|from, to, version| {
        let what = format!("{from:?} to {to:?}, {version}");
        CLOCK.store(0, Ordering::SeqCst);
        let acceptor = (to.with_clock)(clock).server(demanding(&own, &root, [])).unwrap();
        let connector = from.connect(&showing(version, &own, &alice));
        assert_eq!(visit(&*connector, &*acceptor), Ok(false), "{what}");
        CLOCK.store(1_800, Ordering::SeqCst);
        assert_eq!(visit(&*connector, &*acceptor), Ok(true), "{what}: half an hour later");
        CLOCK.store(3_700, Ordering::SeqCst);
        assert_eq!(visit(&*connector, &*acceptor), Err("expired".to_string()), "{what}: an hour later");
    });
    CLOCK.store(0, Ordering::SeqCst);
}
