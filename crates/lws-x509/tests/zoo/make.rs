//! A certificate field by field, so that any of them can be wrong.

use lws_gencrypto::der::{Oid, Tag, Writer};
use lws_x509::{Certificate, SigningKey};

/// Each field encoded.
pub struct Make {
    pub version: Vec<u8>,
    pub serial: Vec<u8>,
    /// The algorithm inside; `None` is that of the key.
    pub algorithm: Option<Vec<u8>>,
    /// The algorithm outside; `None` is the one inside.
    pub outer_algorithm: Option<Vec<u8>>,
    pub issuer: Vec<u8>,
    pub validity: Vec<u8>,
    pub subject: Vec<u8>,
    pub key: Vec<u8>,
    pub extensions: Vec<(Oid<'static>, bool, Vec<u8>)>,
    /// Leaves the field out that has the extensions in it.
    pub no_extensions: bool,
}

/// What `write` writes.
pub fn der(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer);
    writer.into_bytes()
}

pub fn algorithm(oid: Oid<'_>, null: bool) -> Vec<u8> {
    der(|w| {
        w.sequence(|w| {
            w.oid(oid);
            if null {
                w.null();
            }
        });
    })
}

/// The algorithm that a key signs with.
fn algorithm_of(key: &SigningKey) -> Vec<u8> {
    use lws_x509::{SignatureScheme, oid};
    match key.scheme() {
        SignatureScheme::Rsa(_) => algorithm(oid::SHA256_WITH_RSA, true),
        SignatureScheme::Ecdsa(lws_gencrypto::Hash::Sha256) => algorithm(oid::SHA256_WITH_ECDSA, false),
        other => panic!("{other} is not used here"),
    }
}

impl Make {
    pub fn like(certificate: &Certificate<'_>) -> Self {
        let leak = |oid: Oid<'_>| Oid::from_encoded(oid.content().to_vec().leak());
        Self {
            version: der(|w| w.explicit(0, |w| w.uint(2))),
            serial: der(|w| w.unsigned(certificate.serial)),
            algorithm: None,
            outer_algorithm: None,
            issuer: certificate.issuer.der().to_vec(),
            validity: der(|w| {
                w.sequence(|w| {
                    w.time(certificate.not_before);
                    w.time(certificate.not_after);
                });
            }),
            subject: certificate.subject.der().to_vec(),
            key: certificate.public_key.der.to_vec(),
            extensions: certificate
                .extensions
                .iter()
                .map(|e| (leak(e.oid), e.critical, e.value.to_vec()))
                .collect(),
            no_extensions: false,
        }
    }

    /// Replaces an extension, or adds it.
    pub fn set(&mut self, oid: Oid<'static>, critical: bool, write: impl FnOnce(&mut Writer)) {
        self.extensions.retain(|(other, ..)| *other != oid);
        self.extensions.push((oid, critical, der(write)));
    }

    pub fn remove(&mut self, oid: Oid<'static>) {
        self.extensions.retain(|(other, ..)| *other != oid);
    }

    /// Alternative names, by tag and content.
    pub fn alt_names(&mut self, names: &[(u8, &[u8])]) {
        self.set(lws_x509::oid::SUBJECT_ALT_NAME, false, |w| {
            w.sequence(|w| names.iter().for_each(|(tag, content)| w.primitive(Tag(*tag), content)));
        });
    }

    pub fn sign(&self, key: &SigningKey) -> Vec<u8> {
        self.seal(key, |signed| key.sign(signed).unwrap())
    }

    /// With a signature of its own.
    pub fn seal(&self, key: &SigningKey, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let algorithm = self.algorithm.clone().unwrap_or_else(|| algorithm_of(key));
        let tbs = der(|w| {
            w.sequence(|w| {
                w.raw(&self.version);
                w.raw(&self.serial);
                w.raw(&algorithm);
                w.raw(&self.issuer);
                w.raw(&self.validity);
                w.raw(&self.subject);
                w.raw(&self.key);
                if !self.no_extensions {
                    w.explicit(3, |w| w.sequence(|w| self.write_extensions(w)));
                }
            });
        });
        let signature = sign(&tbs);
        der(|w| {
            w.sequence(|w| {
                w.raw(&tbs);
                w.raw(self.outer_algorithm.as_ref().unwrap_or(&algorithm));
                w.bit_string(&signature);
            });
        })
    }

    fn write_extensions(&self, w: &mut Writer) {
        for (oid, critical, value) in &self.extensions {
            w.sequence(|w| {
                w.oid(*oid);
                if *critical {
                    w.boolean(true);
                }
                w.octet_string(value);
            });
        }
    }
}
