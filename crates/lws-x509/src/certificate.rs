//! A certificate, taken apart (RFC 5280 §4.1).

use alloc::string::{String, ToString as _};

use lws_gencrypto::der::{DateTime, Reader, Tag};
use lws_gencrypto::{Hash, Provider};

use crate::error::InPart as _;
use crate::limits::{CERTIFICATE_BYTES, SERIAL_BYTES};
use crate::show::Hex;
use crate::{AlgorithmId, Error, Extensions, Illegal, Name, PublicKeyInfo};

/// A certificate. All parts borrow from the bytes that were parsed.
///
/// That one exists says that it is well formed, and nothing about whether to trust it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "lws_x509_cert")]
#[doc(alias = "lws_x509_create")]
#[doc(alias = "lws_x509_info")]
pub struct Certificate<'a> {
    /// All of it, encoded.
    #[doc(alias = "LWS_TLS_CERT_INFO_DER_RAW")]
    pub der: &'a [u8],
    /// The part that is signed, encoded.
    pub signed: &'a [u8],
    /// The version.
    pub version: Version,
    /// What its issuer calls it: a number, big endian, without leading zeros. `1 <= len <= SERIAL_BYTES`.
    pub serial: &'a [u8],
    /// How it is signed.
    pub signature_algorithm: AlgorithmId<'a>,
    /// Who made it.
    #[doc(alias = "LWS_TLS_CERT_INFO_ISSUER_NAME")]
    pub issuer: Name<'a>,
    /// The first second it is valid in.
    #[doc(alias = "LWS_TLS_CERT_INFO_VALIDITY_FROM")]
    pub not_before: DateTime,
    /// The last second it is valid in. May be before `not_before`.
    #[doc(alias = "LWS_TLS_CERT_INFO_VALIDITY_TO")]
    pub not_after: DateTime,
    /// Whom it is about; often empty, with the names in the extensions.
    pub subject: Name<'a>,
    /// The key it is about.
    #[doc(alias = "LWS_TLS_CERT_INFO_OPAQUE_PUBLIC_KEY")]
    pub public_key: PublicKeyInfo<'a>,
    /// What else it says. None before version 3.
    pub extensions: Extensions<'a>,
    /// The signature over `signed`, in the form of its algorithm.
    pub signature: &'a [u8],
}

/// The version of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// Without extensions: it cannot say whether it is an authority.
    V1,
    /// With unique identifiers, which nobody uses.
    V2,
    /// With extensions.
    V3,
}

impl<'a> Certificate<'a> {
    /// Takes a certificate apart.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Illegal`] and [`Error::Limit`].
    #[doc(alias = "lws_x509_parse_from_pem")]
    pub fn parse(der: &'a [u8]) -> Result<Self, Error> {
        const PART: &str = "certificate";
        if der.len() > CERTIFICATE_BYTES {
            return Err(Error::Limit("CERTIFICATE_BYTES"));
        }
        let mut input = Reader::new(der);
        let mut outer = input.sequence().part(PART)?;
        input.finish().part(PART)?;
        let signed = outer.value(Tag::SEQUENCE).part(PART)?;
        let signature_algorithm = AlgorithmId::read(&mut outer).part("signatureAlgorithm")?;
        let signature = outer.bit_string().and_then(|bits| bits.octets()).part("signatureValue")?;
        outer.finish().part(PART)?;

        let mut tbs = Reader::new(signed.content);
        let version = Version::read(&mut tbs)?;
        let serial = serial(&mut tbs)?;
        // RFC 5280 §4.1.1.2: it must be the same identifier.
        if AlgorithmId::read(&mut tbs).part("signature")? != signature_algorithm {
            return Err(Illegal::AlgorithmsDiffer.into());
        }
        let issuer = Name::read(&mut tbs).part("issuer")?;
        let mut validity = tbs.sequence().part("validity")?;
        let not_before = validity.time().part("notBefore")?;
        let not_after = validity.time().part("notAfter")?;
        validity.finish().part("validity")?;
        let subject = Name::read(&mut tbs).part("subject")?;
        let public_key = PublicKeyInfo::read(&mut tbs).part("subjectPublicKeyInfo")?;
        let extensions = trailer(&mut tbs, version)?;
        tbs.finish().part("tbsCertificate")?;
        Ok(Self {
            der,
            signed: signed.whole,
            version,
            serial,
            signature_algorithm,
            issuer,
            not_before,
            not_after,
            subject,
            public_key,
            extensions,
            signature,
        })
    }

    /// The digest of all of it, by which people compare certificates, as in `ab:cd:ef`.
    ///
    /// # Errors
    /// [`Error::Crypto`] if the provider fails.
    pub fn fingerprint(&self, provider: &dyn Provider, hash: Hash) -> Result<String, Error> {
        Ok(Hex(&provider.hash(hash, self.der)?).to_string())
    }

    /// Whether it says that its key may sign certificates.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.extensions.basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    /// Whether issuer and subject are the same, which does not say that it is signed with its own key.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }
}

impl Version {
    fn read(tbs: &mut Reader<'_>) -> Result<Self, Error> {
        let Some(mut number) = tbs.explicit(0).part("version")? else { return Ok(Self::V1) };
        let version = match number.uint().part("version")? {
            1 => Self::V2,
            2 => Self::V3,
            // RFC 5280 §4.1: version 1 is the default, which DER does not write.
            _ => return Err(Illegal::Version.into()),
        };
        number.finish().part("version")?;
        Ok(version)
    }
}

fn serial<'a>(tbs: &mut Reader<'a>) -> Result<&'a [u8], Error> {
    const PART: &str = "serialNumber";
    let mut ahead = *tbs;
    // RFC 5280 §4.1.2.2: not negative. Zero is, and occurs.
    if ahead.integer().part(PART)?.first().is_some_and(|first| first & 0x80 != 0) {
        return Err(Illegal::Serial.into());
    }
    let serial = tbs.unsigned().part(PART)?;
    if serial.len() > SERIAL_BYTES { Err(Error::Limit("SERIAL_BYTES")) } else { Ok(serial) }
}

/// What may follow the key.
fn trailer<'a>(tbs: &mut Reader<'a>, version: Version) -> Result<Extensions<'a>, Error> {
    if version >= Version::V2 {
        // RFC 5280 §4.1.2.8: unique identifiers, which mean nothing to anybody.
        tbs.optional(Tag::context(1)).part("issuerUniqueID")?;
        tbs.optional(Tag::context(2)).part("subjectUniqueID")?;
    }
    // RFC 5280 §4.1.2.9: only version 3 has extensions. Elsewhere they are something that does not belong there.
    if version < Version::V3 {
        return Ok(Extensions::default());
    }
    let Some(mut list) = tbs.explicit(3).part("extensions")? else { return Ok(Extensions::default()) };
    let extensions = Extensions::read(&mut list)?;
    list.finish().part("extensions")?;
    Ok(extensions)
}
