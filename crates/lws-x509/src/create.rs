//! Making certificates and requests for them.
//!
//! A [`Template`] says what shall stand in a certificate; a [`SigningKey`] makes one of it, for itself
//! ([`Template::self_signed`]) or as an authority for somebody else ([`Template::signed_by`]), or a request for one
//! ([`Template::request`]).

mod name;

use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use lws_gencrypto::der::{DateTime, Oid, Tag, Writer};
use lws_gencrypto::{Hash, Provider};

pub use name::{AltName, DistinguishedName};

use crate::limits::SERIAL_BYTES;
use crate::{
    BasicConstraints, Certificate, Error, GeneralName, KeyUsage, PublicKey, Request, SigningKey, oid,
};

/// What shall stand in a certificate.
///
/// ```
/// # fn make(provider: &dyn lws_gencrypto::Provider, now: lws_gencrypto::der::DateTime) -> Result<(), lws_x509::Error> {
/// use lws_gencrypto::Curve;
/// use lws_x509::{SigningKey, Template};
///
/// let ca_key = SigningKey::Ec(provider.ec_generate(Curve::P256)?);
/// let ca = Template::authority("Example CA").valid(now, 3650).self_signed(provider, &ca_key)?;
/// let ca = lws_x509::Certificate::parse(&ca)?;
///
/// let key = SigningKey::Ec(provider.ec_generate(Curve::P256)?);
/// let template = Template::server(&["example.com", "*.example.com", "::1"])?.valid(now, 90);
/// let der = template.signed_by(provider, &key.public(), &ca, &ca_key)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Whom it is about.
    pub subject: DistinguishedName,
    /// The first second it is valid in.
    pub not_before: DateTime,
    /// The last second it is valid in.
    pub not_after: DateTime,
    /// What its issuer calls it: a number, big endian, of at most [`SERIAL_BYTES`]; 16 random bytes if `None`.
    pub serial: Option<Vec<u8>>,
    /// Hosts and others it is about.
    pub alt_names: Vec<AltName>,
    /// Whether the key may sign certificates. `None` leaves that out, which says no.
    pub basic_constraints: Option<BasicConstraints>,
    /// What the key may do. `None` leaves that out, which allows everything.
    pub key_usage: Option<KeyUsage>,
    /// What the key may be used for. None at all allows everything.
    pub extended_key_usage: Vec<Oid<'static>>,
    /// Anything else.
    pub more: Vec<MoreExtension>,
}

/// An extension that [`Template`] has no field for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoreExtension {
    /// Which one.
    pub oid: Oid<'static>,
    /// Whether whoever does not understand it must refuse the certificate.
    pub critical: bool,
    /// Its content, encoded.
    pub value: Vec<u8>,
}

impl Template {
    /// Nothing but a subject, valid at no time.
    #[must_use]
    pub fn new(subject: DistinguishedName) -> Self {
        let epoch = DateTime::from_unix(0);
        Self {
            subject,
            not_before: epoch,
            not_after: epoch,
            serial: None,
            alt_names: Vec::new(),
            basic_constraints: None,
            key_usage: None,
            extended_key_usage: Vec::new(),
            more: Vec::new(),
        }
    }

    /// An authority of this name, which may sign certificates and further authorities.
    #[must_use]
    pub fn authority(common_name: &str) -> Self {
        let mut template = Self::new(DistinguishedName::common_name(common_name));
        template.basic_constraints = Some(BasicConstraints { ca: true, path_len: None });
        template.key_usage = Some(KeyUsage::KEY_CERT_SIGN | KeyUsage::CRL_SIGN);
        template
    }

    /// A TLS server with these host names (perhaps wildcards) and addresses; the first is the common name too.
    ///
    /// # Errors
    /// [`Error::Template`] if one is neither a name nor an address.
    pub fn server(hosts: &[&str]) -> Result<Self, Error> {
        let mut template = Self::new(hosts.first().map_or_else(DistinguishedName::new, |first| {
            // RFC 5280 A.1: ub-common-name is 64.
            if first.len() <= 64 { DistinguishedName::common_name(first) } else { DistinguishedName::new() }
        }));
        let alt_name = |host: &&str| {
            host.parse::<IpAddr>().map_or_else(|_| AltName::dns(host), |address| Ok(AltName::Ip(address)))
        };
        template.alt_names = hosts.iter().map(alt_name).collect::<Result<_, _>>()?;
        template.basic_constraints = Some(BasicConstraints::default());
        template.key_usage = Some(KeyUsage::DIGITAL_SIGNATURE);
        template.extended_key_usage = Vec::from([oid::SERVER_AUTH]);
        Ok(template)
    }

    /// A TLS client of this name.
    #[must_use]
    pub fn client(common_name: &str) -> Self {
        let mut template = Self::new(DistinguishedName::common_name(common_name));
        template.basic_constraints = Some(BasicConstraints::default());
        template.key_usage = Some(KeyUsage::DIGITAL_SIGNATURE);
        template.extended_key_usage = Vec::from([oid::CLIENT_AUTH]);
        template
    }

    /// What a request asks for, as far as it says it: subject and alternative names. What the key may do is for the
    /// authority to say, and is taken from `self`, as is everything else.
    ///
    /// # Errors
    /// [`Error::Template`] for an alternative name of a kind that cannot be written.
    pub fn asked_by(mut self, request: &Request<'_>) -> Result<Self, Error> {
        self.subject = DistinguishedName::from(request.subject);
        let names = request.extensions.subject_alt_name;
        let names = names.iter().flat_map(|names| names.iter());
        self.alt_names = names.map(|name| AltName::try_from(&name)).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Valid from `now` for so many days.
    #[must_use]
    pub fn valid(mut self, now: DateTime, days: u32) -> Self {
        self.not_before = now;
        self.not_after = DateTime::from_unix(now.unix().saturating_add(i64::from(days) * 86_400 - 1));
        self
    }

    /// A certificate for `key`, signed with itself.
    ///
    /// # Errors
    /// [`Error::Template`]; [`Error::Crypto`] if the provider fails.
    pub fn self_signed(&self, provider: &dyn Provider, key: &SigningKey) -> Result<Vec<u8>, Error> {
        let id = key_id(provider, &key.public())?;
        self.sign(provider, &key.public(), Issuer { name: self.subject.der(), key_id: Some(&id), key })
    }

    /// A certificate for `public`, signed by an authority. Whether it may, is not asked.
    ///
    /// # Errors
    /// [`Error::KeyMismatch`] if `issuer_key` is not that of `issuer`; [`Error::Template`]; [`Error::Crypto`] if the
    /// provider fails.
    pub fn signed_by(
        &self,
        provider: &dyn Provider,
        public: &PublicKey,
        issuer: &Certificate<'_>,
        issuer_key: &SigningKey,
    ) -> Result<Vec<u8>, Error> {
        issuer.check_key(&issuer_key.public())?;
        let key_id = issuer.extensions.subject_key_id;
        self.sign(provider, public, Issuer { name: issuer.subject.der(), key_id, key: issuer_key })
    }

    /// A request for a certificate (PKCS#10, RFC 2986). Dates, serial number and key identifiers are not in it.
    ///
    /// # Errors
    /// [`Error::Template`]; [`Error::Crypto`] if the provider fails.
    #[doc(alias = "lws_tls_acme_sni_csr_create")]
    pub fn request(&self, key: &SigningKey) -> Result<Vec<u8>, Error> {
        let extensions = self.extensions(None, None)?;
        let mut info = Writer::new();
        info.sequence(|info| {
            info.uint(0);
            info.raw(self.subject.der());
            info.raw(&key.public().to_der());
            info.explicit(0, |attributes| {
                if extensions.is_empty() {
                    return;
                }
                attributes.sequence(|attribute| {
                    attribute.oid(oid::EXTENSION_REQUEST);
                    attribute.set(|values| values.sequence(|list| list.raw(&extensions)));
                });
            });
        });
        key.seal(info.as_bytes())
    }

    fn sign(
        &self,
        provider: &dyn Provider,
        public: &PublicKey,
        issuer: Issuer<'_>,
    ) -> Result<Vec<u8>, Error> {
        let serial = self.serial(provider)?;
        let extensions = self.extensions(Some(&key_id(provider, public)?), issuer.key_id)?;
        let mut tbs = Writer::new();
        tbs.sequence(|tbs| {
            tbs.explicit(0, |version| version.uint(2));
            tbs.unsigned(&serial);
            issuer.key.scheme().write(tbs);
            tbs.raw(issuer.name);
            tbs.sequence(|validity| {
                validity.time(self.not_before);
                validity.time(self.not_after);
            });
            tbs.raw(self.subject.der());
            tbs.raw(&public.to_der());
            tbs.explicit(3, |field| field.sequence(|list| list.raw(&extensions)));
        });
        issuer.key.seal(tbs.as_bytes())
    }

    fn serial(&self, provider: &dyn Provider) -> Result<Vec<u8>, Error> {
        match &self.serial {
            Some(serial) if serial.len() <= SERIAL_BYTES => Ok(serial.clone()),
            Some(_) => Err(Error::Template("a serial number beyond SERIAL_BYTES")),
            None => {
                let mut serial = [0; 16];
                provider.random(&mut serial)?;
                // RFC 5280 §4.1.2.2: positive.
                if let Some(first) = serial.first_mut() {
                    *first = *first & 0x3f | 0x40;
                }
                Ok(serial.to_vec())
            }
        }
    }

    /// The extensions, one behind the other.
    fn extensions(&self, key_id: Option<&[u8]>, authority: Option<&[u8]>) -> Result<Vec<u8>, Error> {
        if !self.alt_names.iter().all(AltName::is_legal) {
            return Err(Error::Template("an alternative name that is empty or not ASCII"));
        }
        let mut list = Writer::new();
        if let Some(constraints) = self.basic_constraints {
            // RFC 5280 §4.2.1.9: critical in authorities.
            extension(&mut list, oid::BASIC_CONSTRAINTS, constraints.ca, |value| {
                value.sequence(|fields| {
                    if constraints.ca {
                        fields.boolean(true);
                        constraints.path_len.into_iter().for_each(|length| fields.uint(length.into()));
                    }
                });
            });
        }
        if let Some(usage) = self.key_usage {
            extension(&mut list, oid::KEY_USAGE, true, |value| value.named_bits(usage.bits()));
        }
        if !self.extended_key_usage.is_empty() {
            extension(&mut list, oid::EXTENDED_KEY_USAGE, false, |value| {
                value.sequence(|purposes| {
                    self.extended_key_usage.iter().for_each(|purpose| purposes.oid(*purpose))
                });
            });
        }
        if !self.alt_names.is_empty() {
            // RFC 5280 §4.2.1.6: critical if there is no subject.
            extension(&mut list, oid::SUBJECT_ALT_NAME, self.subject.is_empty(), |value| {
                value.sequence(|names| self.alt_names.iter().for_each(|name| name.write(names)));
            });
        }
        if let Some(id) = key_id {
            extension(&mut list, oid::SUBJECT_KEY_ID, false, |value| value.octet_string(id));
        }
        if let Some(id) = authority {
            extension(&mut list, oid::AUTHORITY_KEY_ID, false, |value| {
                value.sequence(|fields| fields.primitive(Tag::context(0), id));
            });
        }
        for more in &self.more {
            extension(&mut list, more.oid, more.critical, |value| value.raw(&more.value));
        }
        Ok(list.into_bytes())
    }
}

/// Who signs.
#[derive(Clone, Copy)]
struct Issuer<'i> {
    /// The encoded name.
    name: &'i [u8],
    key_id: Option<&'i [u8]>,
    key: &'i SigningKey,
}

fn extension(list: &mut Writer, oid: Oid<'_>, critical: bool, fill: impl FnOnce(&mut Writer)) {
    list.sequence(|fields| {
        fields.oid(oid);
        // FALSE is the default, which DER does not write.
        if critical {
            fields.boolean(true);
        }
        fields.nest(Tag::OCTET_STRING, fill);
    });
}

/// RFC 7093 §2, method 1: the first 160 bits of the SHA-256 of the key.
fn key_id(provider: &dyn Provider, public: &PublicKey) -> Result<Vec<u8>, Error> {
    let der = public.to_der();
    let info = crate::PublicKeyInfo::parse(&der)?;
    let digest = provider.hash(Hash::Sha256, info.key)?;
    Ok(digest.get(..20).unwrap_or_default().to_vec())
}

impl TryFrom<&GeneralName<'_>> for AltName {
    type Error = Error;

    fn try_from(name: &GeneralName<'_>) -> Result<Self, Error> {
        match name {
            GeneralName::Dns(name) => Self::dns(name),
            GeneralName::Ip(address) => Ok(Self::Ip(*address)),
            GeneralName::Email(address) => Ok(Self::Email(String::from(*address))),
            GeneralName::Uri(uri) => Ok(Self::Uri(String::from(*uri))),
            _ => Err(Error::Template("an alternative name that is no host, address, mail address or URI")),
        }
    }
}
