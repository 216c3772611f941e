//! Certificates made for tests, good ones and bad ones. Nothing of them is kept, none is a secret.
//!
//! Extensions are written byte by byte: a tool that refuses to make a bad certificate is of no use here.

use std::sync::OnceLock;

use lws_tls::{Certificates, Source};
use openssl::asn1::{Asn1Integer, Asn1Object, Asn1OctetString, Asn1Time};
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use openssl::x509::{X509, X509Extension, X509NameBuilder};

/// A certificate, its key, and those that issued it, the nearest first, without the root.
#[derive(Clone)]
pub struct Issued {
    /// In DER.
    pub der: Vec<u8>,
    /// Its private key.
    pub key: PKey<Private>,
    /// What a server sends behind it.
    pub issuers: Vec<Vec<u8>>,
    /// Its common name.
    pub subject: String,
}

impl Issued {
    /// The chain, its own certificate first, and the key.
    pub fn certificates(&self) -> Certificates {
        Certificates::der(self.chain(), self.key_der())
    }

    /// Its own certificate, and those that issued it.
    pub fn chain(&self) -> Vec<Vec<u8>> {
        [std::slice::from_ref(&self.der), &self.issuers].concat()
    }

    /// The key in PKCS#8.
    pub fn key_der(&self) -> Vec<u8> {
        self.key.private_key_to_pkcs8().expect("a key has an encoding")
    }

    /// As what is trusted.
    pub fn root(&self) -> Source {
        Source::Memory(self.der.clone())
    }

    /// Chain and key in PEM.
    pub fn pem(&self) -> (String, String) {
        let one =
            |der: &Vec<u8>| X509::from_der(der).and_then(|c| c.to_pem()).expect("what was made can be read");
        let chain: Vec<u8> = self.chain().iter().flat_map(one).collect();
        let key = self.key.private_key_to_pem_pkcs8().expect("a key has an encoding");
        (String::from_utf8(chain).expect("PEM is text"), String::from_utf8(key).expect("PEM is text"))
    }
}

/// A kind of key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    P256,
    P521,
    /// Of so many bits; made once per program.
    Rsa(u32),
}

impl Key {
    fn make(self) -> PKey<Private> {
        let curve = |nid| {
            let group = EcGroup::from_curve_name(nid).expect("a curve of OpenSSL");
            PKey::from_ec_key(EcKey::generate(&group).expect("random numbers")).expect("a key")
        };
        static RSA: [OnceLock<PKey<Private>>; 2] = [const { OnceLock::new() }; 2];
        match self {
            Self::P256 => curve(Nid::X9_62_PRIME256V1),
            Self::P521 => curve(Nid::SECP521R1),
            Self::Rsa(bits) => {
                let make = || PKey::from_rsa(Rsa::generate(bits).expect("random numbers")).expect("a key");
                RSA[usize::from(bits < 2_048)].get_or_init(make).clone()
            }
        }
    }
}

/// What is to be made; every field may be set to something wrong.
#[derive(Clone)]
pub struct Recipe {
    pub subject: String,
    pub dns: Vec<Vec<u8>>,
    pub ips: Vec<Vec<u8>>,
    /// `None`: no basic constraints. Else whether it is an issuer's, and how long a path it allows.
    pub ca: Option<(bool, Option<u8>)>,
    /// Of RFC 5280: 1 or 3.
    pub version: i32,
    /// Valid from and until, in seconds from now.
    pub valid: (i64, i64),
    /// Last numbers under 1.3.6.1.5.5.7.3; 255 is any.
    pub usages: Option<Vec<u8>>,
    /// The bits of the key usage, from the left.
    pub key_usage: Option<u8>,
    pub key: Key,
    pub digest: fn() -> MessageDigest,
    /// Permitted and excluded domains.
    pub constraints: Option<(Vec<&'static str>, Vec<&'static str>)>,
    /// Adds a critical extension that nobody knows.
    pub unknown_critical: bool,
    /// Flips a bit of the signature.
    pub bad_signature: bool,
}

const DAY: i64 = 86_400;

/// A server's certificate for these names.
pub fn leaf(names: &[&str]) -> Recipe {
    Recipe {
        subject: format!("leaf {}", names.first().unwrap_or(&"unnamed")),
        dns: names.iter().map(|name| name.as_bytes().to_vec()).collect(),
        ips: Vec::new(),
        ca: Some((false, None)),
        version: 3,
        valid: (-DAY, 30 * DAY),
        usages: Some(vec![1]),
        key_usage: None,
        key: Key::P256,
        digest: MessageDigest::sha256,
        constraints: None,
        unknown_critical: false,
        bad_signature: false,
    }
}

/// A client's certificate.
pub fn client(name: &str) -> Recipe {
    Recipe { subject: name.to_string(), usages: Some(vec![2]), ..leaf(&[]) }
}

/// An issuer's certificate.
pub fn authority(name: &str) -> Recipe {
    // keyCertSign, cRLSign.
    let key_usage = Some(0b0000_0110);
    Recipe { subject: name.to_string(), ca: Some((true, None)), usages: None, key_usage, ..leaf(&[]) }
}

fn lengthy(tag: u8, contents: &[u8]) -> Vec<u8> {
    let len = contents.len();
    let len = match len {
        0..=0x7f => vec![len as u8],
        0x80..=0xff => vec![0x81, len as u8],
        _ => vec![0x82, (len >> 8) as u8, len as u8],
    };
    [&[tag][..], &len, contents].concat()
}

fn extension(oid: &str, critical: bool, value: &[u8]) -> X509Extension {
    let oid = Asn1Object::from_str(oid).expect("an OID");
    let value = Asn1OctetString::new_from_bytes(value).expect("bytes");
    X509Extension::new_from_der(&oid, critical, &value).expect("any bytes are an extension")
}

/// What an issuer has to say of certificates that it took back; every field may be set to something wrong.
#[derive(Clone)]
pub struct RevocationList<'a> {
    /// Whose list it says it is.
    pub issuer: &'a Issued,
    /// Who signs it.
    pub signer: &'a Issued,
    /// What was taken back.
    pub revoked: Vec<&'a Issued>,
    /// Valid from and until, in seconds from now.
    pub valid: (i64, i64),
}

impl<'a> RevocationList<'a> {
    /// A good one.
    pub fn of(issuer: &'a Issued, revoked: &[&'a Issued]) -> Self {
        Self { issuer, signer: issuer, revoked: revoked.to_vec(), valid: (-DAY, DAY) }
    }

    /// In DER (RFC 5280 §5.1), signed with ECDSA and SHA-256.
    pub fn der(&self) -> Vec<u8> {
        let now = lws_tls::files::now().0;
        // `2026-01-31 12:00:00 UTC` without what is no digit, and with a Z.
        let time = |offset: i64| {
            let text = lws_tls::Date(now + offset).to_string();
            let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).chain([b'Z']).collect();
            lengthy(0x17, &digits[2..])
        };
        let algorithm = lengthy(0x30, &lengthy(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]));
        let issuer = X509::from_der(&self.issuer.der).expect("what was made can be read");
        let issuer = issuer.subject_name().to_der().expect("a name has an encoding");
        let entry = |issued: &&Issued| {
            let issued = X509::from_der(&issued.der).expect("what was made can be read");
            let serial = issued.serial_number().to_bn().expect("a number").to_vec();
            // DER: a number whose first bit is set would be negative.
            let sign = if serial.first().is_none_or(|byte| byte & 0x80 != 0) { &[0][..] } else { &[] };
            lengthy(0x30, &[lengthy(2, &[sign, &serial].concat()), time(-DAY)].concat())
        };
        let revoked: Vec<u8> = self.revoked.iter().flat_map(entry).collect();
        let revoked = if revoked.is_empty() { revoked } else { lengthy(0x30, &revoked) };
        // The number of the list.
        let number = lengthy(0x30, &[lengthy(6, &[0x55, 29, 20]), lengthy(4, &[2, 1, 1])].concat());
        let extensions = lengthy(0xa0, &lengthy(0x30, &number));
        let times = [time(self.valid.0), time(self.valid.1)].concat();
        let tbs = [&[2, 1, 1][..], &algorithm, &issuer, &times, &revoked, &extensions].concat();
        let tbs = lengthy(0x30, &tbs);
        let mut signer = Signer::new(MessageDigest::sha256(), &self.signer.key).expect("a key that signs");
        let signature = signer.sign_oneshot_to_vec(&tbs).expect("a key that signs");
        let signature = lengthy(3, &[&[0][..], &signature].concat());
        lengthy(0x30, &[tbs, algorithm, signature].concat())
    }

    /// As a source.
    pub fn source(&self) -> Source {
        Source::Memory(self.der())
    }

    /// In PEM.
    pub fn pem(&self) -> String {
        lws_tls::pem::encode("X509 CRL", &self.der())
    }
}

impl Recipe {
    /// Made, and signed by itself.
    pub fn self_signed(&self) -> Issued {
        let key = self.key.make();
        let der = self.sign(&key, &self.subject, &key);
        Issued { der, key, issuers: Vec::new(), subject: self.subject.clone() }
    }

    /// Made, and signed by a root, which nobody sends along.
    pub fn by(&self, root: &Issued) -> Issued {
        let key = self.key.make();
        let der = self.sign(&key, &root.subject, &root.key);
        Issued { der, key, issuers: Vec::new(), subject: self.subject.clone() }
    }

    /// Made, and signed by an issuer whose certificate is sent along.
    pub fn by_intermediate(&self, issuer: &Issued) -> Issued {
        Issued { issuers: issuer.chain(), ..self.by(issuer) }
    }

    fn sign(&self, key: &PKey<Private>, issuer: &str, by: &PKey<Private>) -> Vec<u8> {
        let der = self.build(key, issuer, by).expect("OpenSSL builds what it is told to");
        if !self.bad_signature {
            return der;
        }
        let mut der = der;
        // The last bytes are those of the signature.
        let at = der.len() - 3;
        der[at] ^= 1;
        der
    }

    fn build(
        &self,
        key: &PKey<Private>,
        issuer: &str,
        by: &PKey<Private>,
    ) -> Result<Vec<u8>, openssl::error::ErrorStack> {
        let name = |text: &str| {
            let mut name = X509NameBuilder::new()?;
            name.append_entry_by_text("CN", text)?;
            Ok::<_, openssl::error::ErrorStack>(name.build())
        };
        let now = lws_tls::files::now().0;
        let mut builder = X509::builder()?;
        builder.set_version(self.version - 1)?;
        let mut serial = BigNum::new()?;
        serial.rand(63, openssl::bn::MsbOption::MAYBE_ZERO, false)?;
        builder.set_serial_number(Asn1Integer::from_bn(&serial)?.as_ref())?;
        builder.set_subject_name(name(&self.subject)?.as_ref())?;
        builder.set_issuer_name(name(issuer)?.as_ref())?;
        builder.set_not_before(Asn1Time::from_unix(now + self.valid.0)?.as_ref())?;
        builder.set_not_after(Asn1Time::from_unix(now + self.valid.1)?.as_ref())?;
        builder.set_pubkey(key)?;
        if self.version == 3 {
            for extension in self.extensions() {
                builder.append_extension(extension)?;
            }
        }
        builder.sign(by, (self.digest)())?;
        builder.build().to_der()
    }

    fn extensions(&self) -> Vec<X509Extension> {
        let mut found = Vec::new();
        if let Some((ca, path)) = self.ca {
            let ca = if ca { vec![1, 1, 0xff] } else { Vec::new() };
            let path = path.map(|path| vec![2, 1, path]).unwrap_or_default();
            found.push(extension("2.5.29.19", true, &lengthy(0x30, &[ca, path].concat())));
        }
        if let Some(bits) = self.key_usage {
            found.push(extension("2.5.29.15", true, &[3, 2, 0, bits]));
        }
        if let Some(usages) = &self.usages {
            let one = |usage: &u8| match usage {
                255 => lengthy(6, &[0x55, 29, 37, 0]),
                usage => lengthy(6, &[0x2b, 6, 1, 5, 5, 7, 3, *usage]),
            };
            let usages: Vec<u8> = usages.iter().flat_map(one).collect();
            found.push(extension("2.5.29.37", false, &lengthy(0x30, &usages)));
        }
        let dns = self.dns.iter().map(|name| lengthy(0x82, name));
        let names: Vec<u8> = dns.chain(self.ips.iter().map(|ip| lengthy(0x87, ip))).flatten().collect();
        if !names.is_empty() {
            found.push(extension("2.5.29.17", false, &lengthy(0x30, &names)));
        }
        if let Some((permitted, excluded)) = &self.constraints {
            let trees = |tag, domains: &[&str]| {
                let tree = |domain: &&str| lengthy(0x30, &lengthy(0x82, domain.as_bytes()));
                let trees: Vec<u8> = domains.iter().flat_map(tree).collect();
                if trees.is_empty() { trees } else { lengthy(tag, &trees) }
            };
            let both = [trees(0xa0, permitted), trees(0xa1, excluded)].concat();
            found.push(extension("2.5.29.30", true, &lengthy(0x30, &both)));
        }
        if self.unknown_critical {
            found.push(extension("1.3.6.1.4.1.99999.1", true, &[5, 0]));
        }
        found
    }
}
