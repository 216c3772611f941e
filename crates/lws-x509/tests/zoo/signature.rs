//! Those with signatures or keys that are no good.

use lws_gencrypto::der::Oid;
use lws_gencrypto::{Hash, RsaSignature};
use lws_x509::{Certificate, SigningKey, Template, oid};

use super::make::{algorithm, der};
use super::{Case, HOST, Make, Pki, ec, server, valid};

pub fn add(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let good = pki.good_leaf();
    // The last byte is the low one of s.
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    cases.push(Case::bad("one bit of the signature", pki, flipped, "Signature"));
    let mut forged = good.clone();
    let name = forged.windows(HOST.len()).rposition(|part| part == HOST.as_bytes()).unwrap();
    forged[name + 1] = b'W';
    cases.push(Case::bad("one bit of what is signed", pki, forged, "Signature"));

    let impostor = ec(pki.provider);
    let certificate = Certificate::parse(&good).unwrap();
    let other = Make::like(&certificate).sign(&impostor);
    cases.push(Case::bad("signed by somebody else", pki, other, "Signature"));
    let by_root = Make::like(&certificate).sign(&pki.root_key);
    cases.push(Case::bad("signed by another authority", pki, by_root, "Signature"));
    let empty = Make::like(&certificate).seal(&pki.middle_key, |_| Vec::new());
    cases.push(Case::bad("no signature", pki, empty, "Signature"));
    let zeros = der(|w| {
        w.sequence(|w| {
            w.uint(0);
            w.uint(0);
        });
    });
    let zeros = Make::like(&certificate).seal(&pki.middle_key, |_| zeros);
    cases.push(Case::bad("r and s are zero", pki, zeros, "Signature"));
    let longer = Make::like(&certificate).seal(&pki.middle_key, |signed| {
        let mut signature = pki.middle_key.sign(signed).unwrap();
        signature.push(0);
        signature
    });
    cases.push(Case::bad("a byte behind the signature", pki, longer, "Signature"));

    // 2.999.2, an example.
    let unheard_of = algorithm(Oid::from_encoded(&[0x88, 0x37, 0x02]), false);
    let unknown = pki.changed(|make| make.algorithm = Some(unheard_of));
    cases.push(Case::bad("an unknown algorithm", pki, unknown, "UnknownAlgorithm"));
    let null = pki.changed(|make| make.algorithm = Some(algorithm(oid::SHA256_WITH_ECDSA, true)));
    let null = Case::bad("ECDSA with parameters", pki, null, "UnknownAlgorithm");
    cases.push(null.openssl_differs("OpenSSL does not look at them"));
    let rsa = pki.changed(|make| make.algorithm = Some(algorithm(oid::SHA256_WITH_RSA, true)));
    cases.push(Case::bad("RSA, says the algorithm, EC, says the key", pki, rsa, "Signature"));
    let sha1 = pki.changed(|make| make.algorithm = Some(algorithm(oid::SHA1_WITH_ECDSA, false)));
    cases.push(Case::bad("ECDSA with SHA-1", pki, sha1, "WeakSignature"));
    let other_hash = pki.changed(|make| make.algorithm = Some(algorithm(oid::SHA384_WITH_ECDSA, false)));
    cases.push(Case::bad("another hash than was signed with", pki, other_hash, "Signature"));
    add_rsa(pki, cases);
}

/// Signatures of RSA over other hashes than SHA-256.
fn add_rsa(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let rsa = pki.provider.rsa_generate(2048).unwrap();
    let key = SigningKey::Rsa(rsa.clone());
    let root = valid(Template::authority("RSA Root")).self_signed(pki.provider, &key).unwrap();
    let good = pki.below(&server(&[HOST]), &pki.key.public(), &root, &key);
    let certificate = Certificate::parse(&good).unwrap();
    let signed_with = |oid, scheme| {
        let mut make = Make::like(&certificate);
        make.algorithm = Some(algorithm(oid, true));
        // Not every library signs with SHA-1 or MD5; what is refused before it is checked may say anything.
        make.seal(&key, |signed| {
            let mut out = vec![0; 256];
            rsa.sign(scheme, signed, &mut out).unwrap_or(256);
            out
        })
    };
    for (name, oid, hash, fault) in [
        ("RSA with MD5", oid::MD5_WITH_RSA, Hash::Md5, Some("WeakSignature")),
        ("RSA with SHA-1", oid::SHA1_WITH_RSA, Hash::Sha1, Some("WeakSignature")),
        ("RSA with SHA-384", oid::SHA384_WITH_RSA, Hash::Sha384, None),
        ("RSA with SHA-512", oid::SHA512_WITH_RSA, Hash::Sha512, None),
    ] {
        let leaf = signed_with(oid, RsaSignature::Pkcs1(hash));
        let case = match fault {
            Some(fault) => Case::bad(name, pki, leaf, fault),
            None => Case::good(name, pki, leaf),
        };
        cases.push(case.intermediates(&[]).anchors(&[&root]));
    }
    let pss = signed_with(oid::SHA256_WITH_RSA, RsaSignature::Pss(Hash::Sha256));
    cases.push(Case::bad("PSS that says PKCS#1", pki, pss, "Signature").intermediates(&[]).anchors(&[&root]));
    let mut missing = Make::like(&certificate);
    missing.algorithm = Some(algorithm(oid::SHA256_WITH_RSA, false));
    let missing = Case::good("RSA without its NULL", pki, missing.sign(&key));
    cases.push(missing.intermediates(&[]).anchors(&[&root]));
}

/// The algorithm RSASSA-PSS with a hash, the hash of its mask, and the length of its salt; or the defaults.
fn pss(hash: Oid<'_>, mask: Oid<'_>, salt: u64) -> Vec<u8> {
    der(|w| {
        w.sequence(|w| {
            w.oid(oid::RSA_PSS);
            w.sequence(|w| {
                w.explicit(0, |w| w.raw(&algorithm(hash, true)));
                w.explicit(1, |w| {
                    w.sequence(|w| {
                        w.oid(oid::MGF1);
                        w.raw(&algorithm(mask, true));
                    });
                });
                w.explicit(2, |w| w.uint(salt));
            });
        });
    })
}

pub fn add_pss(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let rsa = pki.provider.rsa_generate(2048).unwrap();
    let key = SigningKey::Rsa(rsa.clone());
    let root = valid(Template::authority("RSA Root")).self_signed(pki.provider, &key).unwrap();
    let good = pki.below(&server(&[HOST]), &pki.key.public(), &root, &key);
    let signed_as = |algorithm: Vec<u8>, hash| {
        let mut make = Make::like(&Certificate::parse(&good).unwrap());
        make.algorithm = Some(algorithm);
        make.seal(&key, |signed| {
            let mut out = vec![0; 256];
            rsa.sign(RsaSignature::Pss(hash), signed, &mut out).unwrap();
            out
        })
    };
    for (name, id, hash) in [
        ("PSS with SHA-256", oid::SHA256, Hash::Sha256),
        ("PSS with SHA-384", oid::SHA384, Hash::Sha384),
        ("PSS with SHA-512", oid::SHA512, Hash::Sha512),
    ] {
        let leaf = signed_as(pss(id, id, hash.len() as u64), hash);
        cases.push(Case::good(name, pki, leaf).intermediates(&[]).anchors(&[&root]));
    }
    let defaults = der(|w| {
        w.sequence(|w| {
            w.oid(oid::RSA_PSS);
            w.sequence(|_| {});
        });
    });
    for (name, algorithm, fault) in [
        ("PSS with SHA-1, the default", defaults, "UnknownAlgorithm"),
        ("PSS without parameters", algorithm(oid::RSA_PSS, false), "UnknownAlgorithm"),
        ("PSS with another hash for the mask", pss(oid::SHA256, oid::SHA512, 32), "UnknownAlgorithm"),
        ("PSS with a short salt", pss(oid::SHA256, oid::SHA256, 20), "UnknownAlgorithm"),
        ("PSS with another hash than was signed with", pss(oid::SHA384, oid::SHA384, 48), "Signature"),
    ] {
        let leaf = signed_as(algorithm, Hash::Sha256);
        cases.push(Case::bad(name, pki, leaf, fault).intermediates(&[]).anchors(&[&root]));
    }
}

/// SubjectPublicKeyInfo.
fn info(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    der(|w| {
        w.sequence(|w| {
            w.raw(algorithm);
            w.bit_string(key);
        });
    })
}

/// RSAPublicKey with a modulus of so many bits that nobody can sign with.
fn rsa_key(bits: usize, exponent: u64) -> Vec<u8> {
    let mut modulus = vec![0xa5; bits.div_ceil(8)];
    modulus[0] = 0xff >> (bits.next_multiple_of(8) - bits);
    *modulus.last_mut().unwrap() |= 1;
    let key = der(|w| {
        w.sequence(|w| {
            w.unsigned(&modulus);
            w.uint(exponent);
        });
    });
    info(&algorithm(Oid::RSA_ENCRYPTION, true), &key)
}

pub fn add_keys(pki: &Pki<'_>, cases: &mut Vec<Case>) {
    let with_key = |key: Vec<u8>| pki.changed(|make| make.key = key);
    let ec_named = |oid| {
        der(|w| {
            w.sequence(|w| {
                w.oid(Oid::EC_PUBLIC_KEY);
                w.oid(oid);
            });
        })
    };
    let point = {
        let good = pki.good_leaf();
        Certificate::parse(&good).unwrap().public_key.key.to_vec()
    };
    let mut bad = |name, fault, key| cases.push(Case::bad(name, pki, with_key(key), fault));
    bad("RSA key of 1024 bits", "Key(TooSmall)", rsa_key(1024, 65_537));
    let lax = "OpenSSL does not look at the key of a leaf beyond its size";
    let mut lenient =
        |name, fault, key| cases.push(Case::bad(name, pki, with_key(key), fault).openssl_differs(lax));
    lenient("RSA key with exponent 1", "Key(Invalid)", rsa_key(2048, 1));
    lenient("RSA key with an even exponent", "Key(Invalid)", rsa_key(2048, 65_536));
    lenient("RSA key of 16384 bits", "Key(TooLarge)", rsa_key(16_384, 65_537));
    lenient("RSA key of 1 bit less", "Key(TooSmall)", rsa_key(2047, 65_537));
    // secp256k1, 1.3.132.0.10: the point is on another curve there, and OpenSSL notices.
    let koblitz = Oid::from_encoded(&[0x2b, 0x81, 0x04, 0x00, 0x0a]);
    cases.push(Case::bad(
        "a curve that nobody uses",
        pki,
        with_key(info(&ec_named(koblitz), &point)),
        "Key(Encoding)",
    ));
    let short = info(&ec_named(Oid::SECP256R1), &point[..64]);
    cases.push(Case::bad("half a point", pki, with_key(short), "Key(Length)"));
    let mut compressed = point[..33].to_vec();
    compressed[0] = 2 + (point[64] & 1);
    let compressed = with_key(info(&ec_named(Oid::SECP256R1), &compressed));
    let compressed = Case::bad("a compressed point", pki, compressed, "Key(Encoding)");
    cases.push(compressed.openssl_differs("OpenSSL takes compressed points"));
    let unheard_of = info(&algorithm(Oid::from_encoded(&[0x88, 0x37, 0x03]), false), b"key");
    cases.push(Case::bad("a kind of key that is not known", pki, with_key(unheard_of), "Key(Encoding)"));

    // An authority whose key is too small. That its signature is not there, nobody gets to see.
    let mut small = Make::like(&Certificate::parse(&pki.middle).unwrap());
    small.key = rsa_key(1024, 65_537);
    let small = small.sign(&pki.root_key);
    let mut leaf = Make::like(&Certificate::parse(&pki.good_leaf()).unwrap());
    leaf.algorithm = Some(algorithm(oid::SHA256_WITH_RSA, true));
    let leaf = leaf.seal(&pki.middle_key, |_| vec![1; 128]);
    cases.push(
        Case::bad("an authority with a key of 1024 bits", pki, leaf, "Key(TooSmall)")
            .intermediates(&[&small]),
    );
}
