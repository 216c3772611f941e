//! A zoo of certificates, and every client's verdict on each.
//!
//! One table: a good one is let in by every backend, a bad one by none, and for the same reason. Where libraries cannot
//! tell one reason from another, the row lists all that will do.

use std::time::Instant;

use backends::tls::{Backend, Side, backends, fault, only};
use backends::tls_certs::{Issued, Key, Recipe, authority, client, leaf};
use backends::tls_raw::Server;
use lws_tls::{ClientSettings, Error, Phase, ServerSettings, Version};
use openssl::hash::MessageDigest;

/// One animal.
struct Animal {
    name: &'static str,
    /// What the server shows, and its key.
    shown: (Vec<Vec<u8>>, Issued),
    root: Issued,
    asked: &'static str,
    /// `ok`, or the names of faults that will do.
    verdict: &'static [&'static str],
}

/// What became of it.
fn verdict(backend: &Backend, animal: &Animal, settings: &ClientSettings) -> (String, Option<Error>) {
    let mut found = Vec::new();
    for version in backend.versions {
        let connector = backend.connect(&only(*version, settings.clone()));
        let mut client = Side::new(connector.connect(animal.asked).unwrap());
        let mut server = Server::new(&animal.shown.0, &animal.shown.1);
        for _ in 0..8 {
            let (bytes, _) = client.step(usize::MAX, 1 << 16);
            let answer = server.feed(&bytes);
            client.inbox.extend(answer);
            if client.error.is_some() {
                break;
            }
        }
        let open = client.tls.phase() == Phase::Open;
        assert!(open || client.error.is_some(), "{backend:?}: {}: neither in nor out", animal.name);
        found.push((fault(client.error.as_ref()), client.error));
    }
    let first = found.remove(0);
    for other in &found {
        assert_eq!(first.0, other.0, "{backend:?}: {}: the versions disagree", animal.name);
    }
    first
}

/// Where a library's verdict is another one, by the library and the animal.
const LISTED: [(&str, &str, &[&str]); 1] = [
    // Mbed TLS 2.28 has no name constraints, and refuses what has them as critical.
    ("mbedtls", "within its tree", &["other"]),
];

fn check(animals: &[Animal]) {
    let mut wrong = Vec::new();
    for animal in animals {
        for backend in backends() {
            let (got, error) = verdict(&backend, animal, &ClientSettings::new([animal.root.root()]));
            let listed = LISTED.iter().find(|listed| (listed.0, listed.1) == (backend.name, animal.name));
            let expect = listed.map_or(animal.verdict, |listed| listed.2);
            if !expect.contains(&got.as_str()) {
                wrong.push(format!("{backend:?}: {}: {got} ({error:?}), not {expect:?}", animal.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Shows all of `issued`.
fn animal(
    name: &'static str,
    issued: &Issued,
    root: &Issued,
    asked: &'static str,
    verdict: &'static [&'static str],
) -> Animal {
    Animal { name, shown: (issued.chain(), issued.clone()), root: root.clone(), asked, verdict }
}

const OK: &[&str] = &["ok"];
const HOUR: i64 = 3_600;

fn local() -> Recipe {
    leaf(&["localhost"])
}

#[test]
fn tls_07_good_ones() {
    let root = authority("root").self_signed();
    let rsa_root = Recipe { key: Key::Rsa(2_048), ..authority("rsa root") }.self_signed();
    let p521_root = Recipe { key: Key::P521, ..authority("p521 root") }.self_signed();
    let old_root = Recipe { valid: (-90 * HOUR, -HOUR), ..authority("old root") }.self_signed();
    let issuer = authority("issuer").by(&root);
    let deep = authority("deep issuer").by_intermediate(&issuer);
    let mut with_ip = local();
    with_ip.ips.extend([vec![127, 0, 0, 1], vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]);
    let with_ip = with_ip.by(&root);
    let own = local().self_signed();
    let own_ca = Recipe { ca: Some((true, None)), ..local() }.self_signed();
    let stranger = local().by(&authority("stranger").self_signed());
    let constrained =
        Recipe { constraints: Some((vec!["localhost", "example.com"], vec![])), ..authority("tree") };
    let constrained = constrained.by(&root);
    let wild = leaf(&["*.example.com"]).by(&root);
    check(&[
        animal("P-256", &local().by(&root), &root, "localhost", OK),
        animal("upper case", &leaf(&["LocalHost"]).by(&root), &root, "localhost", OK),
        animal(
            "RSA-2048",
            &Recipe { key: Key::Rsa(2_048), ..local() }.by(&rsa_root),
            &rsa_root,
            "localhost",
            OK,
        ),
        animal("by P-521", &local().by(&p521_root), &p521_root, "localhost", OK),
        animal(
            "SHA-384",
            &Recipe { digest: MessageDigest::sha384, ..local() }.by(&root),
            &root,
            "localhost",
            OK,
        ),
        animal("by an issuer", &local().by_intermediate(&issuer), &root, "localhost", OK),
        animal("by a deep issuer", &local().by_intermediate(&deep), &root, "localhost", OK),
        animal("wildcard", &wild, &root, "www.example.com", OK),
        animal("IPv4", &with_ip, &root, "127.0.0.1", OK),
        animal("IPv6", &with_ip, &root, "::1", OK),
        animal(
            "no extended key usage",
            &Recipe { usages: None, ..local() }.by(&root),
            &root,
            "localhost",
            OK,
        ),
        animal("no basic constraints", &Recipe { ca: None, ..local() }.by(&root), &root, "localhost", OK),
        animal("within its tree", &local().by_intermediate(&constrained), &root, "localhost", OK),
        animal("a root's own end does not count", &local().by(&old_root), &old_root, "localhost", OK),
        animal("by a trusted issuer that is no root", &local().by(&issuer), &issuer, "localhost", OK),
        animal("trusted itself, not self-signed", &stranger, &stranger, "localhost", OK),
        animal("trusted itself", &own, &own, "localhost", OK),
        animal("trusted itself, an issuer's", &own_ca, &own_ca, "localhost", OK),
    ]);
}

#[test]
fn tls_07_wrong_names() {
    const WRONG: &[&str] = &["wrong name"];
    let root = authority("root").self_signed();
    let named = |names: &[&str]| leaf(names).by(&root);
    let raw = |name: &[u8]| Recipe { dns: vec![name.to_vec()], ..local() }.by(&root);
    let cn_only = Recipe { subject: "localhost".into(), dns: Vec::new(), ..local() }.by(&root);
    let own = leaf(&["elsewhere.org"]).self_signed();
    let root = &root;
    check(&[
        animal("another host", &named(&["elsewhere.org"]), root, "localhost", WRONG),
        animal("trusted itself, another host", &own, &own, "localhost", WRONG),
        animal("a longer name", &named(&["localhost.evil.org"]), root, "localhost", WRONG),
        animal("a shorter name", &named(&["example.com"]), root, "www.example.com", WRONG),
        animal("two labels", &named(&["*.example.com"]), root, "a.b.example.com", WRONG),
        animal("no label", &named(&["*.example.com"]), root, "example.com", WRONG),
        animal("all of com", &named(&["*.com"]), root, "example.com", WRONG),
        animal("two stars", &named(&["*.*.com"]), root, "www.example.com", WRONG),
        animal("a star alone", &named(&["*"]), root, "localhost", WRONG),
        animal("a part of a label", &named(&["w*.example.com"]), root, "www.example.com", WRONG),
        animal("a star inside", &named(&["www.*.com"]), root, "www.example.com", WRONG),
        animal("NUL", &raw(b"localhost\0.evil.org"), root, "localhost", WRONG),
        animal("an empty name", &raw(b""), root, "localhost", WRONG),
        animal("common name only", &cn_only, root, "localhost", WRONG),
        animal("an address as a host name", &raw(b"127.0.0.1"), root, "127.0.0.1", WRONG),
        animal("a host for an address", &named(&["localhost"]), root, "127.0.0.1", WRONG),
    ]);
}

#[test]
fn tls_07_wrong_times() {
    const EXPIRED: &[&str] = &["expired"];
    const EARLY: &[&str] = &["not yet valid"];
    let root = authority("root").self_signed();
    let (over, early) = ((-9 * HOUR, -HOUR), (HOUR, 9 * HOUR));
    let expired_issuer = Recipe { valid: over, ..authority("expired issuer") }.by(&root);
    let early_issuer = Recipe { valid: early, ..authority("early issuer") }.by(&root);
    let expired = |recipe: Recipe| Recipe { valid: over, ..recipe };
    let own = expired(local()).self_signed();
    let root = &root;
    check(&[
        animal("expired", &expired(local()).by(root), root, "localhost", EXPIRED),
        animal("early", &Recipe { valid: early, ..local() }.by(root), root, "localhost", EARLY),
        animal("by an expired issuer", &local().by_intermediate(&expired_issuer), root, "localhost", EXPIRED),
        animal("by an early issuer", &local().by_intermediate(&early_issuer), root, "localhost", EARLY),
        animal("trusted itself, expired", &own, &own, "localhost", EXPIRED),
        animal("self-signed, expired", &own, root, "localhost", &["self-signed", "expired"]),
    ]);
}

#[test]
fn tls_07_wrong_issuers() {
    const ISSUER: &[&str] = &["wrong purpose", "unknown issuer", "other"];
    const SELF: &[&str] = &["self-signed"];
    let root = authority("root").self_signed();
    let no_ca = Recipe { ca: Some((false, None)), ..authority("no issuer") }.by(&root);
    let no_constraints = Recipe { ca: None, ..authority("unmarked issuer") }.by(&root);
    let no_sign = Recipe { key_usage: Some(0b1000_0000), ..authority("may not sign") }.by(&root);
    let short = Recipe { ca: Some((true, Some(0))), ..authority("short path") }.by(&root);
    let too_deep = authority("too deep").by_intermediate(&short);
    let stranger = authority("stranger").self_signed();
    let namesake = authority("root").self_signed();
    let shown = Issued { issuers: vec![stranger.der.clone()], ..local().by(&stranger) };
    let own_ca = Recipe { ca: Some((true, None)), ..local() }.self_signed();
    let root = &root;
    check(&[
        animal("by no issuer", &local().by_intermediate(&no_ca), root, "localhost", ISSUER),
        animal("by an unmarked issuer", &local().by_intermediate(&no_constraints), root, "localhost", ISSUER),
        animal("by one that may not sign", &local().by_intermediate(&no_sign), root, "localhost", ISSUER),
        animal("path too long", &local().by_intermediate(&too_deep), root, "localhost", ISSUER),
        animal("self-signed", &local().self_signed(), root, "localhost", SELF),
        animal("self-signed, an issuer's", &own_ca, root, "localhost", SELF),
        animal("by a stranger", &local().by(&stranger), root, "localhost", &["unknown issuer"]),
        animal("by a stranger, shown", &shown, root, "localhost", SELF),
        animal(
            "by a namesake",
            &local().by(&namesake),
            root,
            "localhost",
            &["bad signature", "unknown issuer"],
        ),
    ]);
}

#[test]
fn tls_07_wrong_uses() {
    const PURPOSE: &[&str] = &["wrong purpose"];
    const OTHER: &[&str] = &["other"];
    let root = authority("root").self_signed();
    let for_clients = Recipe { usages: Some(vec![2]), ..authority("for clients") }.by(&root);
    let tree = Recipe { constraints: Some((vec!["example.com"], vec![])), ..authority("tree") }.by(&root);
    let forbidden =
        Recipe { constraints: Some((vec![], vec!["localhost"])), ..authority("not here") }.by(&root);
    let used = |usage: u8| Recipe { usages: Some(vec![usage]), ..local() }.by(&root);
    let old = Recipe { version: 1, ..local() }.by(&root);
    let unknown = Recipe { unknown_critical: true, ..local() }.by(&root);
    let an_issuers = Recipe { ca: Some((true, None)), ..local() }.by(&root);
    let nameless = client("a client").by(&root);
    let root = &root;
    check(&[
        animal("version 1", &old, root, "localhost", &["other", "malformed", "wrong name"]),
        animal("an issuer's", &an_issuers, root, "localhost", PURPOSE),
        animal("for clients, without a name", &nameless, root, "localhost", &["wrong purpose", "wrong name"]),
        animal("for clients", &used(2), root, "localhost", PURPOSE),
        animal("for anything", &used(255), root, "localhost", PURPOSE),
        animal("for code", &used(3), root, "localhost", PURPOSE),
        animal(
            "by an issuer for clients",
            &local().by_intermediate(&for_clients),
            root,
            "localhost",
            PURPOSE,
        ),
        animal("outside its tree", &local().by_intermediate(&tree), root, "localhost", OTHER),
        animal("in a forbidden tree", &local().by_intermediate(&forbidden), root, "localhost", OTHER),
        animal("a critical extension", &unknown, root, "localhost", OTHER),
    ]);
}

#[test]
fn tls_07_weak_and_broken() {
    const WEAK: &[&str] = &["weak", "bad signature"];
    let root = authority("root").self_signed();
    let sha1 = |recipe: Recipe| Recipe { digest: MessageDigest::sha1, ..recipe };
    let sha1_issuer = sha1(authority("sha-1 issuer")).by(&root);
    let weak_issuer = Recipe { key: Key::Rsa(1_024), ..authority("weak issuer") }.by(&root);
    let rsa_root = Recipe { key: Key::Rsa(2_048), ..authority("rsa root") }.self_signed();
    let md5 = Recipe { digest: MessageDigest::md5, ..local() }.by(&rsa_root);
    let good = local().by(&root);
    let shows = |chain: Vec<Vec<u8>>| (chain, good.clone());
    let broken = |name, der: Vec<u8>| Animal {
        name,
        shown: shows(vec![der]),
        root: root.clone(),
        asked: "localhost",
        verdict: &["malformed"],
    };
    let cut = good.der[..good.der.len() - 20].to_vec();
    let longer = [&good.der[..], b"more"].concat();
    let bad = Recipe { bad_signature: true, ..local() };
    let bad_issuer = Recipe { bad_signature: true, ..authority("forged issuer") }.by(&root);
    check(&[
        animal(
            "RSA-1024",
            &Recipe { key: Key::Rsa(1_024), ..local() }.by(&root),
            &root,
            "localhost",
            &["weak", "bad signature", "unknown issuer"],
        ),
        animal(
            "by RSA-1024",
            &local().by_intermediate(&weak_issuer),
            &root,
            "localhost",
            &["weak", "bad signature", "unknown issuer"],
        ),
        animal("SHA-1", &sha1(local()).by(&root), &root, "localhost", WEAK),
        animal("by a SHA-1 issuer", &local().by_intermediate(&sha1_issuer), &root, "localhost", WEAK),
        animal("MD5", &md5, &rsa_root, "localhost", WEAK),
        animal("forged", &bad.by(&root), &root, "localhost", &["bad signature"]),
        animal(
            "by a forged issuer",
            &local().by_intermediate(&bad_issuer),
            &root,
            "localhost",
            &["bad signature"],
        ),
    ]);
    let animals = [
        broken("cut", cut),
        broken("longer", longer),
        broken("garbage", b"garbage".to_vec()),
        broken("empty", Vec::new()),
    ];
    let mut wrong = Vec::new();
    for animal in &animals {
        for backend in backends() {
            let (got, error) = verdict(&backend, animal, &ClientSettings::new([animal.root.root()]));
            // Not a fault of a certificate for a library that cannot tell there is one.
            let malformed = matches!(&error, Some(Error::Peer { cause: lws_tls::Cause::Malformed, .. }));
            if !animal.verdict.contains(&got.as_str()) && !malformed && got != "missing" {
                wrong.push(format!("{backend:?}: {}: {got} ({error:?})", animal.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tls_08_long_chains_end_soon() {
    let root = authority("root").self_signed();
    let mut issuer = authority("issuer 0").by(&root);
    for n in 1..100 {
        issuer = authority(&format!("issuer {n}")).by_intermediate(&issuer);
    }
    let long = local().by_intermediate(&issuer);
    // Many that might have issued it, none that has: they share a name, not a key.
    let namesakes: Vec<Vec<u8>> = (0..60).map(|_| authority("namesake").by(&root).der).collect();
    let namesake = authority("namesake").by(&root);
    let lost = Issued { issuers: namesakes, ..local().by(&namesake) };
    for backend in backends() {
        for (name, shown) in [("long", &long), ("namesakes", &lost)] {
            let animal = animal(name, shown, &root, "localhost", &[]);
            let begin = Instant::now();
            let (got, _) = verdict(&backend, &animal, &ClientSettings::new([root.root()]));
            let took = begin.elapsed().as_millis() / backend.versions.len() as u128;
            assert_ne!(got, "ok", "{backend:?}: {name}");
            // 50 ms on a quiet machine with an optimised library around it.
            assert!(took < 500, "{backend:?}: {name}: {took} ms");
        }
    }
}

/// Each leniency lets its own fault pass, and no other.
#[test]
fn tls_07_leniencies_one_by_one() {
    let root = authority("root").self_signed();
    let stranger = authority("stranger").self_signed();
    let over = (-9 * HOUR, -HOUR);
    let expired = Recipe { valid: over, ..local() };
    let expired_issuer = Recipe { valid: over, ..authority("expired issuer") }.by(&root);
    let shown = |issued: Issued| Issued { issuers: vec![stranger.der.clone()], ..issued };
    let self_signed_ca = Recipe { ca: Some((true, None)), ..local() };
    // What is wrong with it: s(elf-signed), e(xpired), n(ame); x: what nothing excuses.
    let cases: Vec<(&'static str, Issued, &'static str)> = vec![
        ("", local().by(&root), "localhost"),
        ("s", local().self_signed(), "localhost"),
        ("s", self_signed_ca.self_signed(), "localhost"),
        ("s", shown(local().by(&stranger)), "localhost"),
        ("e", expired.by(&root), "localhost"),
        ("e", Recipe { valid: (HOUR, 9 * HOUR), ..local() }.by(&root), "localhost"),
        ("e", local().by_intermediate(&expired_issuer), "localhost"),
        ("n", local().by(&root), "elsewhere.org"),
        ("n", local().by(&root), "127.0.0.1"),
        ("se", expired.self_signed(), "localhost"),
        ("se", shown(expired.by(&stranger)), "localhost"),
        ("sn", local().self_signed(), "elsewhere.org"),
        ("en", expired.by(&root), "elsewhere.org"),
        ("sen", expired.self_signed(), "elsewhere.org"),
        ("x", local().by(&stranger), "localhost"),
        ("x", Recipe { bad_signature: true, ..local() }.by(&root), "localhost"),
        ("x", shown(Recipe { bad_signature: true, ..local() }.by(&stranger)), "localhost"),
        ("x", Recipe { usages: Some(vec![2]), ..local() }.by(&root), "localhost"),
        ("x", Recipe { usages: Some(vec![2]), ..local() }.self_signed(), "localhost"),
        ("x", Recipe { unknown_critical: true, ..local() }.by(&root), "localhost"),
        ("x", Recipe { ca: Some((true, None)), ..local() }.by(&root), "localhost"),
        ("x", Recipe { key: Key::Rsa(1_024), ..local() }.self_signed(), "localhost"),
    ];
    let mut wrong = Vec::new();
    for backend in backends() {
        for (faults, issued, asked) in &cases {
            for granted in ["", "s", "e", "n", "se", "sn", "en", "sen"] {
                let mut settings = ClientSettings::new([root.root()]);
                settings.leniency.self_signed = granted.contains('s');
                settings.leniency.expired = granted.contains('e');
                settings.leniency.wrong_name = granted.contains('n');
                let expect = faults.chars().all(|fault| granted.contains(fault));
                let animal = animal("", issued, &root, asked, &[]);
                let (got, _) = verdict(&backend, &animal, &settings);
                if (got == "ok") != expect {
                    wrong.push(format!("{backend:?}: {faults} granted {granted}: {got}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same verdicts on what clients show.
#[test]
fn tls_10_clients_of_all_kinds() {
    let root = authority("root").self_signed();
    let server = local().self_signed();
    let stranger = authority("stranger").self_signed();
    let issuer = authority("issuer").by(&root);
    let over = (-9 * HOUR, -HOUR);
    let cases: [(&str, Issued, &[&str]); 8] = [
        ("good", client("alice").by(&root), OK),
        ("by an issuer", client("alice").by_intermediate(&issuer), OK),
        ("no extended key usage", Recipe { usages: None, ..client("alice") }.by(&root), OK),
        ("expired", Recipe { valid: over, ..client("alice") }.by(&root), &["expired"]),
        ("early", Recipe { valid: (HOUR, 9 * HOUR), ..client("alice") }.by(&root), &["not yet valid"]),
        ("a server's", local().by(&root), &["wrong purpose"]),
        ("by a stranger", client("alice").by(&stranger), &["unknown issuer"]),
        ("self-signed", client("alice").self_signed(), &["self-signed"]),
    ];
    let mut wrong = Vec::new();
    backends::tls::each_pair(|from, to, version: Version| {
        for required in [false, true] {
            let settings = ServerSettings::new(server.certificates());
            let acceptor = to.serve(match required {
                true => settings.client_auth_required([root.root()]),
                false => settings.client_auth_optional([root.root()]),
            });
            for (name, identity, expect) in &cases {
                let settings = only(version, backends::tls::trusting(&server));
                let connector = from.connect(&settings.identity(identity.certificates()));
                let mut pair = backends::tls::Pair::new(&*connector, &*acceptor);
                pair.settle();
                let got = fault(pair.server.error.as_ref());
                let shown = pair.server.tls.facts().peer_certificate == Some(&identity.der[..]);
                if !expect.contains(&got.as_str()) || shown != (got == "ok") {
                    wrong.push(format!("{from:?} to {to:?}, {version}: {name}: {got}, shown {shown}"));
                }
            }
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
