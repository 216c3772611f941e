//! Those that are not certificates at all: parsing refuses them.

use lws_gencrypto::der::{Oid, Tag, Writer};
use lws_x509::oid;

use super::make::{algorithm, der};
use super::{Case, Make, Pki};

pub fn add(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let mut changed = changer(pki, cases);
    changed("version 4", "Illegal(Version)", false, &|m| m.version = der(|w| w.explicit(0, |w| w.uint(3))));
    changed("version 1 written out", "Illegal(Version)", false, &|m| {
        (m.version, m.no_extensions) = (der(|w| w.explicit(0, |w| w.uint(0))), true);
    });
    changed("version 1 with extensions", "Malformed { part: \"tbsCertificate\"", false, &|m| {
        m.version.clear()
    });
    changed("negative serial number", "Illegal(Serial)", false, &|m| m.serial = vec![2, 1, 0x80]);
    changed("serial number of 21 bytes", "Limit(\"SERIAL_BYTES\")", false, &|m| {
        m.serial = der(|w| w.unsigned(&[1; 21]));
    });
    changed("serial number with a needless zero", "Malformed { part: \"serialNumber\"", true, &|m| {
        m.serial = vec![2, 2, 0, 1];
    });
    changed("two different algorithms", "Illegal(AlgorithmsDiffer)", true, &|m| {
        m.outer_algorithm = Some(algorithm(oid::SHA384_WITH_ECDSA, false));
    });
    changed("no extensions in the list", "Illegal(Empty)", false, &|m| m.extensions.clear());
    changed("the same extension twice", "Illegal(DuplicateExtension)", true, &|m| {
        let again = m.extensions[0].clone();
        m.extensions.push(again);
    });
    changed("an unknown extension twice", "Illegal(DuplicateExtension)", false, &|m| {
        m.extensions.extend([(); 2].map(|()| (Oid::from_encoded(&[0x88, 0x37, 0x04]), false, vec![5, 0])));
    });
    changed("65 extensions", "Limit(\"EXTENSIONS\")", false, &|m| {
        m.extensions.extend(
            (0..65_u8).map(|n| (Oid::from_encoded(vec![0x88, 0x37, 0x05, n].leak()), false, vec![5, 0])),
        );
    });
}

/// Extensions and times that are not what they should be.
pub fn add_fields(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let mut changed = changer(pki, cases);
    changed("an address of 5 bytes", "Illegal(IpAddress)", false, &|m| {
        m.alt_names(&[(0x82, super::HOST.as_bytes()), (0x87, &[1, 2, 3, 4, 5])]);
    });
    changed(
        "a host name that is not ASCII",
        "Malformed { part: \"subjectAltName\", why: String }",
        false,
        &|m| {
            m.alt_names(&[(0x82, super::HOST.as_bytes()), (0x82, "ä.test".as_bytes())]);
        },
    );
    changed("a name of no kind", "Malformed { part: \"subjectAltName\", why: Tag }", true, &|m| {
        m.alt_names(&[(0x82, super::HOST.as_bytes()), (0x89, b"x")]);
    });
    changed("no purposes in the list", "Illegal(Empty)", true, &|m| {
        m.set(oid::EXTENDED_KEY_USAGE, false, |w| w.sequence(|_| {}));
    });
    changed(
        "something behind the basic constraints",
        "Malformed { part: \"basicConstraints\", why: Trailing }",
        false,
        &|m| {
            m.set(oid::BASIC_CONSTRAINTS, true, |w| {
                w.sequence(|_| {});
                w.null();
            });
        },
    );
    changed("a boolean of 1", "Malformed { part: \"basicConstraints\", why: Boolean }", false, &|m| {
        m.set(oid::BASIC_CONSTRAINTS, true, |w| w.sequence(|w| w.primitive(Tag::BOOLEAN, &[1])));
    });
    changed("a time without seconds", "Malformed { part: \"notBefore\", why: Time }", true, &|m| {
        let write = |w: &mut Writer| {
            w.primitive(Tag::UTC_TIME, b"2601010000Z");
            w.primitive(Tag::UTC_TIME, b"300101000000Z");
        };
        m.validity = der(|w| w.sequence(write));
    });
    changed("a 30th of February", "Malformed { part: \"notAfter\", why: Time }", true, &|m| {
        let write = |w: &mut Writer| {
            w.primitive(Tag::UTC_TIME, b"260101000000Z");
            w.primitive(Tag::UTC_TIME, b"300230000000Z");
        };
        m.validity = der(|w| w.sequence(write));
    });
}

type Change<'c> = &'c dyn Fn(&mut Make);

/// Adds a leaf that is changed before it is signed. The third argument says whether OpenSSL refuses it too.
fn changer(pki: &Pki<'_>, cases: &mut Vec<Case>) -> impl FnMut(&'static str, &'static str, bool, Change<'_>) {
    move |name, fault, agrees, change| {
        let case = Case::bad(name, pki, pki.changed(|make| change(make)), fault);
        cases.push(if agrees { case } else { case.openssl_differs("OpenSSL is not so strict about it") });
    }
}

/// Changes to the bytes of a good one.
pub fn add_bytes(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let good = pki.good_leaf();
    let mut cut = good.clone();
    cut.pop();
    cases.push(Case::bad("cut off", pki, cut, "Malformed { part: \"certificate\", why: Truncated }"));
    let mut longer = good.clone();
    longer.push(0);
    let longer =
        Case::bad("a byte behind it", pki, longer, "Malformed { part: \"certificate\", why: Trailing }");
    cases.push(
        longer.openssl_differs("OpenSSL's command reads PEM, and ignores what is behind the certificate"),
    );
    let mut indefinite = vec![0x30, 0x80];
    indefinite.extend_from_slice(&good[4..]);
    indefinite.extend([0, 0]);
    let indefinite =
        Case::bad("indefinite length", pki, indefinite, "Malformed { part: \"certificate\", why: Length }");
    cases.push(indefinite.openssl_differs("OpenSSL reads BER on the outside"));
    let mut wide = vec![0x30, 0x83, 0];
    wide.extend_from_slice(&good[2..]);
    let wide = Case::bad(
        "a length longer than needed",
        pki,
        wide,
        "Malformed { part: \"certificate\", why: Length }",
    );
    cases.push(wide.openssl_differs("OpenSSL reads BER on the outside"));
    cases.push(Case::bad("nothing", pki, Vec::new(), "Malformed { part: \"certificate\", why: Truncated }"));
    cases.push(Case::bad(
        "text",
        pki,
        b"certificate".to_vec(),
        "Malformed { part: \"certificate\", why: Tag }",
    ));
    let huge = vec![0x30; lws_x509::limits::CERTIFICATE_BYTES + 1];
    cases.push(Case::bad("too long", pki, huge, "Limit(\"CERTIFICATE_BYTES\")"));
}
