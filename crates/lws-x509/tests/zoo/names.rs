//! Those that are about somebody else.

use lws_gencrypto::der::{Tag, Writer};
use lws_x509::{DistinguishedName, Template, oid};

use super::{Case, HOST, Pki, server, valid};

pub fn add(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let mut bad = |name, names: &[(u8, &[u8])]| {
        let leaf = pki.changed(|make| make.alt_names(names));
        cases.push(Case::bad(name, pki, leaf, "WrongHost"));
    };
    bad("another host", &[(0x82, b"mail.example.test")]);
    bad("the parent", &[(0x82, b"example.test")]);
    bad("a child", &[(0x82, b"a.www.example.test")]);
    bad("two wildcards", &[(0x82, b"*.*.test")]);
    bad("a wildcard in the middle", &[(0x82, b"www.*.test")]);
    bad("a wildcard for two labels", &[(0x82, b"*.test")]);
    bad("a wildcard for everything", &[(0x82, b"*")]);
    bad("NUL behind the name", &[(0x82, b"www.example.test\0")]);
    bad("NUL in the name", &[(0x82, b"www.example.test\0.evil.test")]);
    bad("a blank before the name", &[(0x82, b" www.example.test")]);

    let no_hosts: [(_, Trees<'_>); 3] = [
        ("the name as a mail address", &[(0x81, b"www.example.test")]),
        ("the name as a URI", &[(0x86, b"https://www.example.test/")]),
        ("no names in the list", &[]),
    ];
    for (name, names) in no_hosts {
        let case = Case::bad(name, pki, pki.changed(|make| make.alt_names(names)), "WrongHost");
        cases.push(case.openssl_differs("OpenSSL falls back to the common name"));
    }
    let partial = pki.changed(|make| make.alt_names(&[(0x82, b"w*.example.test")]));
    let partial = Case::bad("a wildcard within a label", pki, partial, "WrongHost");
    cases.push(partial.openssl_differs("OpenSSL takes a wildcard within a label unless told otherwise"));
    let top = pki.changed(|make| make.alt_names(&[(0x82, b"*.test")]));
    cases.push(Case::bad("a wildcard right below the top", pki, top, "WrongHost").host("example.test"));
    let dns = pki.changed(|make| make.alt_names(&[(0x82, b"192.0.2.1")]));
    cases.push(Case::bad("an address as a host name", pki, dns, "WrongHost").host("192.0.2.1"));
    let other = pki.leaf(&server(&["192.0.2.2"]));
    cases.push(Case::bad("another address", pki, other, "WrongHost").host("192.0.2.1"));
    let mapped = pki.leaf(&server(&["::ffff:192.0.2.1"]));
    cases.push(Case::bad("an address of another family", pki, mapped, "WrongHost").host("192.0.2.1"));

    let common_name = pki.changed(|make| make.remove(oid::SUBJECT_ALT_NAME));
    let common_name = Case::bad("only a common name", pki, common_name, "WrongHost").lws_takes_it();
    cases.push(common_name.openssl_differs("OpenSSL falls back to the common name"));
    let mut other = server(&["mail.example.test"]);
    other.subject = DistinguishedName::common_name(HOST);
    cases.push(Case::bad("a common name beside other names", pki, pki.leaf(&other), "WrongHost"));
    let nobody = pki.changed(|make| {
        make.remove(oid::SUBJECT_ALT_NAME);
        make.subject = DistinguishedName::new().der().to_vec();
    });
    cases.push(Case::bad("no name at all", pki, nobody, "WrongHost"));
}

/// Writes one subtree, by tag and content.
fn subtrees(w: &mut Writer, number: u8, trees: &[(u8, &[u8])]) {
    if trees.is_empty() {
        return;
    }
    w.nest(Tag::explicit(number), |w| {
        for (tag, content) in trees {
            w.sequence(|w| w.primitive(Tag(*tag), content));
        }
    });
}

type Trees<'t> = &'t [(u8, &'t [u8])];
/// What it is called, permitted and excluded subtrees, and the leaf below them.
type Constrained<'t> = (&'static str, Trees<'t>, Trees<'t>, &'t Template);

/// A leaf below an authority with name constraints.
fn constrained(
    pki: &Pki<'_>,
    permitted: Trees<'_>,
    excluded: Trees<'_>,
    leaf: &Template,
) -> (Vec<u8>, Vec<u8>) {
    let mut authority = valid(Template::authority("Middle"));
    let mut value = Writer::new();
    value.sequence(|w| {
        subtrees(w, 0, permitted);
        subtrees(w, 1, excluded);
    });
    let value = value.into_bytes();
    authority.more.push(lws_x509::MoreExtension { oid: oid::NAME_CONSTRAINTS, critical: true, value });
    let middle = pki.below(&authority, &pki.middle_key.public(), &pki.root, &pki.root_key);
    let leaf = pki.below(leaf, &pki.key.public(), &middle, &pki.middle_key);
    (middle, leaf)
}

pub fn add_constraints(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let host = server(&[HOST]);
    let ours = DistinguishedName::new().with(oid::ORGANIZATION, "Ours");
    let address = [192, 0, 2, 0, 255, 255, 255, 0];
    let inside: [Constrained<'_>; 7] = [
        ("permitted parent", &[(0x82, b"example.test")], &[], &host),
        ("permitted itself", &[(0x82, b"www.example.test")], &[], &host),
        ("permitted with a dot", &[(0x82, b".example.test")], &[], &host),
        ("permitted everything", &[(0x82, b"")], &[], &host),
        ("permitted one of two", &[(0x82, b"other.test"), (0x82, b"example.test")], &[], &host),
        ("permitted other kinds only", &[(0x87, &address), (0x81, b"example.test")], &[], &host),
        ("excluded elsewhere", &[], &[(0x82, b"mail.example.test"), (0x82, b"ww.example.test")], &host),
    ];
    for (name, permitted, excluded, leaf) in inside {
        let (middle, leaf) = constrained(pki, permitted, excluded, leaf);
        cases.push(Case::good(name, pki, leaf).intermediates(&[&middle]));
    }
    let wild = server(&["*.example.test"]);
    let with_address = server(&[HOST, "192.0.2.7"]);
    let mut with_mail = host.clone();
    with_mail.alt_names.push(lws_x509::AltName::Email("a@evil.test".into()));
    let mut with_uri = host.clone();
    with_uri.alt_names.push(lws_x509::AltName::Uri("https://evil.test/".into()));
    let outside: [Constrained<'_>; 13] = [
        ("permitted elsewhere", &[(0x82, b"other.test")], &[], &host),
        ("permitted a similar name", &[(0x82, b"ample.test")], &[], &host),
        ("permitted below only", &[(0x82, b".www.example.test")], &[], &host),
        ("excluded parent", &[], &[(0x82, b"example.test")], &host),
        ("excluded itself", &[], &[(0x82, b"WWW.example.TEST")], &host),
        ("excluded everything", &[], &[(0x82, b"")], &host),
        ("excluded within permitted", &[(0x82, b"test")], &[(0x82, b"example.test")], &host),
        ("permitted less than the wildcard", &[(0x82, b"www.example.test")], &[], &wild),
        ("excluded address", &[], &[(0x87, &address)], &with_address),
        ("permitted other addresses", &[(0x87, &[10, 0, 0, 0, 255, 0, 0, 0])], &[], &with_address),
        ("excluded mail", &[], &[(0x81, b"evil.test")], &with_mail),
        ("permitted other mail", &[(0x81, b"b@evil.test")], &[], &with_mail),
        ("excluded URI", &[], &[(0x86, b"evil.test")], &with_uri),
    ];
    for (name, permitted, excluded, leaf) in outside {
        let (middle, leaf) = constrained(pki, permitted, excluded, leaf);
        cases.push(Case::bad(name, pki, leaf, "NameConstraints").intermediates(&[&middle]));
    }
    let (middle, leaf) = constrained(pki, &[], &[(0x82, b"www.example.test")], &wild);
    let covers = Case::bad("a wildcard that stands for what is excluded", pki, leaf, "NameConstraints");
    cases.push(covers.intermediates(&[&middle]).openssl_differs("OpenSSL compares the wildcard as text"));
    let (middle, leaf) = constrained(pki, &[(0xa4, ours.der())], &[], &host);
    cases.push(Case::bad("another directory", pki, leaf, "NameConstraints").intermediates(&[&middle]));
    let mut inside = host.clone();
    inside.subject = ours.clone().with(oid::COMMON_NAME, HOST);
    let (middle, leaf) = constrained(pki, &[(0xa4, ours.der())], &[], &inside);
    cases.push(Case::good("below the directory", pki, leaf).intermediates(&[&middle]));

    // Without alternative names the common name must obey too, where it counts.
    let mut old = host;
    old.alt_names.clear();
    let (middle, leaf) = constrained(pki, &[(0x82, b"other.test")], &[], &old);
    let mut common_name =
        Case::bad("a common name outside", pki, leaf, "WrongHost").intermediates(&[&middle]);
    common_name.lws = Err("NameConstraints");
    cases.push(common_name);
}
